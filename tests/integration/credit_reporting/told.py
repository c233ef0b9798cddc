"""Living through nights, reporting months, and reading what was told."""

import os
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from django.core.files.storage import default_storage

from credit_reporting.models import Metro2File, Report, ReportedRecord
from credit_reporting.months import Month
from credit_reporting.selectors.sub_ledger import sub_ledger
from credit_reporting.services import generate_metro2, set_reporter
from credit_reporting.validator import Validation
from delinquency.services import detect_defaults, run_engine
from loans.grid import add_months
from loans.identity import Identity
from loans.services import accrue_interest, check_forbearance_expiry
from tests.integration.payments.money import lend

D = Decimal
ONE_DAY = timedelta(days=1)

#: Positions as the reference prints them: first and last, counted from 1.
POSITIONS = {
    "identification_number": (21, 40), "account_number": (43, 72), "portfolio_type": (73, 73), "account_type": (74, 75),
    "opened": (76, 83), "original": (93, 101), "terms": (102, 104), "scheduled": (106, 114), "actual": (115, 123),
    "status": (124, 125), "rating": (126, 126), "history": (127, 150), "comment": (151, 152), "condition": (153, 154),
    "balance": (155, 163), "past_due": (164, 172), "charge_off": (173, 181), "known_on": (182, 189),
    "first_delinquency": (190, 197), "closed": (198, 205), "last_payment": (206, 213), "interest_type": (214, 214),
    "surname": (232, 256), "first_name": (257, 276), "generation": (297, 297), "ssn": (298, 306), "birth": (307, 314),
    "phone": (315, 324), "ecoa": (325, 325), "indicator": (326, 327), "zip": (416, 424),
}  # fmt: skip


def report_to(*bureaus, number="MATINS01"):
    return set_reporter(
        name="First Matins Bank",
        address="1 Main St, Wilmington DE 19801",
        phone="3025550100",
        identification_number=number,
        program_ids=dict.fromkeys(bureaus, "ID001"),
    )


def borrow(number, *, start=date(2023, 12, 15), who=None, **terms):
    """Lend to somebody whose name is the loan's number."""
    loan = lend(number, start=start, **{"principal": "2400.00", "term": 24, **terms})
    identify(loan, who or somebody(number))
    return loan


def somebody(name, **known):
    """Return who somebody is; nobody's SSN begins with 9."""
    return Identity(
        **{
            "surname": name,
            "first_name": "Ann",
            "ssn": f"9{sum(map(ord, name)):08}",
            "birth_date": date(1980, 2, 29),
            "phone": "3025550123",
            "address_1": "12 Elm St",
            "city": "Dover",
            "state": "DE",
            "zip": "19901",
            **known,
        }
    )


def identify(loan, who):
    loan.borrower.identity = who
    loan.borrower.save()


def live(first, last, *, deeds=None, after=None):
    """Live through the nights of these dates: books, what people do on the day, and what comes after."""
    day = first
    while day <= last:
        night(day)
        for deed in (deeds or {}).get(day, ()):
            deed(day)
        if after:
            after(day)
        day += ONE_DAY


def night(day):
    """Do the jobs of a night that move loans which nobody asks anything of."""
    for job in (accrue_interest, run_engine, detect_defaults, check_forbearance_expiry):
        assert job(business_date=day).quarantined == []


def report(day, **options):
    """Report the month before a date's; return the job's outcome."""
    return generate_metro2(business_date=day, **options)


def files(month=None):
    """Return the files of a month (its first day), or of all, in their order."""
    chosen = Metro2File.objects.filter(report__activity_month=month) if month else Metro2File.objects.all()
    return list(chosen.order_by("report__activity_month", "report__version", "bureau"))


def content(file):
    with default_storage.open(file.stored_in) as opened:
        return opened.read().decode("ascii").splitlines()


def accounts(file):
    """Return the records of a file by account number, each as its fields by the reference's positions."""
    return {fields(line)["account_number"]: fields(line) for line in content(file)[1:-1]}


def fields(line):
    return {name: line[first - 1 : last].rstrip() for name, (first, last) in POSITIONS.items()}


def path(file):
    return Path(os.environ["MATINS_FILES"]) / "documents" / file.stored_in


def findings(file, *, previous=None):
    """Return what the independent validator says, the sub-ledger and last month's file at its side."""
    month = Month(file.report.activity_month)
    validation = Validation(
        path(file), today=month.night, previous=path(previous) if previous else None, sub_ledger=sub_ledger(month)
    )
    return [str(finding) for finding in validation.findings()]


def months(first, count):
    """Return the first days of so many months."""
    return [add_months(first, n) for n in range(count)]


def stored(number, month):
    """Return what is kept of a loan's month."""
    return ReportedRecord.objects.get(loan__number=number, activity_month=month, superseded_in=None)


def versions(month):
    return list(Report.objects.filter(activity_month=month).order_by("version").values_list("version", flat=True))
