"""The published tape: all 5,000 loans board, once, with their quirks reported, and accrue from the first night."""

import csv
from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.db.models import Count, Max, Min, Sum

from ledger.selectors import trial_balance
from loans.boarding import board_loans
from loans.grid import months_between
from loans.models import Accrual, Closure, Instalment, Loan, TapeRow, Transaction
from loans.schedule import amortise
from loans.selectors import totals
from loans.services import accrue_interest
from tests.integration.loans.schema import SCHEMA

TAPE = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "loan_tape.csv"

pytestmark = pytest.mark.skipif(not TAPE.exists(), reason="the published tape is not beside the checkout")


@pytest.fixture(scope="module")
def report(tenant):
    """What boarding the tape reported."""
    return board_loans(schema_name=SCHEMA, path=TAPE)


@pytest.fixture
def boarded(report, books):
    """The books with the tape in them."""


@pytest.fixture(scope="module")
def tape():
    with TAPE.open() as lines:
        return list(csv.DictReader(lines))


def test_all_lines_load_and_none_is_refused(report):
    assert (report.loaded, report.unchanged, report.refused) == (5000, 0, [])


def test_every_quirk_the_tapes_readme_names_is_a_warning(report):
    quirks = Counter(finding.reason.split()[0] for finding in report.warnings)
    # Besides these: LC004166 is Current with a balance of 0, and four are Late with nothing ever paid.
    assert quirks == {
        "paid_total": 217,
        "paid_late_fees": 1,
        "balance": 4,
        "Current": 1,
        "Late": 4,
        "annual_income": 12,
        "installment": 2,
    }
    found = {(finding.line, finding.loan_number, finding.reason) for finding in report.warnings}
    lines = TAPE.read_text().splitlines()
    assert all(lines[line - 1].startswith(f"{number},") for line, number, _ in found)
    odd = {number: reason for _, number, reason in found if reason.startswith(("installment", "Current"))}
    assert odd == {
        "LC001548": "installment 243.35 is not the annuity payment rounded up, 243.38",
        "LC001968": "installment 830.93 is not the annuity payment rounded up, 851.82",
        "LC004166": "Current with a balance of 0",
    }


def test_every_loan_has_its_own_terms(boarded, tape):
    loans = Loan.objects.values_list(
        "number", "original_principal", "payment", "term_months", "product__day_count", "borrower__state"
    )
    assert {number: terms for number, *terms in loans} == {
        row["loan_number"]: [
            Decimal(row["loan_amount"]),
            Decimal(row["installment"]),
            int(row["term"]),
            "30/360 US",
            row["state"],
        ]
        for row in tape
    }
    issues = Loan.objects.values_list("originated_on", "first_due").annotate(Count("id")).order_by("originated_on")
    assert list(issues) == [
        (date(2018, 1, 1), date(2018, 2, 1), 1729),
        (date(2018, 2, 1), date(2018, 3, 1), 1509),
        (date(2018, 3, 1), date(2018, 4, 1), 1762),
    ]


def test_interest_accrues_from_the_due_date_before_the_oldest_unpaid_one(boarded, tape):
    status = {row["loan_number"]: row["loan_status"] for row in tape}
    dates = defaultdict(set)
    for number, since in Loan.objects.values_list("number", "accrues_from"):
        dates[status[number]].add(since)
    assert dates == {
        "Current": {date(2018, 6, 1)},
        "In Grace Period": {date(2018, 5, 1)},
        "Late (16-30 days)": {date(2018, 5, 1)},
        "Late (31-120 days)": {date(2018, 4, 1)},
        "Fully Paid": {None},
        "Charged Off": {None},
    }


def test_closed_loans_are_closed_as_of_the_transfer(boarded):
    closures = Closure.objects.values_list("reason", "closed_on").annotate(Count("id")).order_by("reason")
    assert list(closures) == [("charged off", date(2018, 6, 30), 4), ("fully paid", date(2018, 6, 30), 223)]


def test_opening_principal_is_the_tapes_balance_and_is_booked_once(boarded, tape):
    owed = dict(Transaction.objects.values_list("loan__number", "principal"))
    open_rows = [row for row in tape if row["loan_status"] not in {"Fully Paid", "Charged Off"}]
    assert owed == {row["loan_number"]: Decimal(row["balance"]) for row in open_rows}
    total = sum(owed.values())
    assert {line.code: line.balance for line in trial_balance()} == {"LR": total, "CL": -total}
    assert (totals().loans, totals().accruing, totals().principal, totals().entries) == (5000, 4773, total, 1)


def test_every_schedule_is_the_tapes_own_payment_with_the_residue_last(boarded):
    planned = defaultdict(list)
    for line in Instalment.objects.order_by("number").values_list("loan__number", "interest", "principal"):
        planned[line[0]].append(line[1:])
    for row in TapeRow.objects.exclude(oldest_due=None):
        left = row.term - months_between(row.issued_on, row.oldest_due) + 1
        factors = [Fraction(row.interest_rate) / 1200] * left
        lines = amortise(principal=row.balance, factors=factors, payment=row.installment)
        assert planned.get(row.loan_number, []) == [(line.interest, line.principal) for line in lines]
    assert len(planned) == 4772  # LC004166 owes nothing.


def test_due_dates_are_the_firsts_from_the_oldest_unpaid_one(boarded):
    first = dict(Instalment.objects.values_list("loan__number").annotate(Min("due_date")))
    assert first == dict(
        TapeRow.objects.exclude(oldest_due=None).exclude(balance=0).values_list("loan_number", "oldest_due")
    )
    assert {due.day for due in Instalment.objects.values_list("due_date", flat=True)} == {1}
    last = Instalment.objects.aggregate(Max("number"))["number__max"]
    assert last == 60


def test_the_memo_of_what_was_paid_is_kept_as_published(boarded, tape):
    paid = dict(TapeRow.objects.values_list("loan_number", "paid_total"))
    assert paid == {row["loan_number"]: Decimal(row["paid_total"]) for row in tape}


def test_the_first_night_writes_all_earlier_rows(boarded):
    outcome = accrue_interest(business_date=date(2018, 7, 1))
    days = {"Current": 30, "In Grace Period": 61, "Late (16-30 days)": 61, "Late (31-120 days)": 91}
    loans = {"Current": 4685, "In Grace Period": 41, "Late (16-30 days)": 17, "Late (31-120 days)": 30}
    assert outcome.quarantined == []
    assert outcome.counts == {"loans": 4773, "rows": sum(days[status] * loans[status] for status in days)}
    accrued = {line.code: line.balance for line in trial_balance()}
    assert accrued["IR"] == -accrued["II"] == totals().interest


def test_the_rows_of_a_closed_period_add_up_to_a_twelfth_of_the_rate(boarded):
    accrue_interest(business_date=date(2018, 7, 1))
    june = Accrual.objects.filter(accrual_date__gt=date(2018, 6, 1)).values_list("loan__number")
    sums = dict(june.annotate(Sum("amount")))
    planned = dict(Instalment.objects.filter(due_date=date(2018, 7, 1)).values_list("loan__number", "interest"))
    current = TapeRow.objects.filter(loan_status="Current").exclude(balance=0).values_list("loan_number", flat=True)
    assert len(current) == 4684
    assert {number: sums[number] for number in current} == {number: planned[number] for number in current}


def test_boarding_it_again_changes_nothing(report, tenant):
    again = board_loans(schema_name=SCHEMA, path=TAPE)
    assert (again.loaded, again.unchanged, again.warnings, again.refused) == (0, 5000, [], [])
    connection.set_schema(SCHEMA)
    with transaction.atomic():
        assert (Loan.objects.count(), totals().entries) == (5000, 1)
    connection.set_schema_to_public()
