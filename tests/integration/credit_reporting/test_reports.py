"""A month is reported once, completed when held-back loans are mended, and corrected by further versions."""

from datetime import date
from hashlib import sha256
from importlib import import_module

import pytest
from django.core.files.storage import default_storage
from django.db import connection, transaction
from msgspec.structs import replace

from common.context import rehearsing
from compliance.models import Dispute
from credit_reporting.exceptions import BadReporterError, NoBureauError, NoReporterError, NotReportedError
from credit_reporting.models import AccountKind, Bureau, Finding, Metro2File, Report, ReportedRecord
from credit_reporting.months import Month
from credit_reporting.selectors import newest_file
from credit_reporting.services import correct
from delinquency.services import flag, pause, unflag
from loans.identity import NOBODY
from loans.models import Borrower, Loan
from loans.services import grant_forbearance
from tests.integration.credit_reporting.told import (
    D,
    accounts,
    borrow,
    content,
    files,
    findings,
    identify,
    live,
    report,
    report_to,
    somebody,
    stored,
    versions,
)
from tests.integration.loans.schema import SCHEMA
from tests.integration.payments.money import assess_fee, on, pay, take_back

pytestmark = pytest.mark.usefixtures("reporter")

START = date(2023, 12, 15)
JANUARY, FEBRUARY = date(2024, 1, 1), date(2024, 2, 1)
MARCH = date(2024, 3, 1)


def the_night_of(day, *, since=START, deeds=None):
    live(since, day, deeds=deeds)
    return report(day)


# --- Once -------------------------------------------------------------------------------------------------------------


def test_a_month_is_reported_once():
    borrow("L1")
    outcome = the_night_of(FEBRUARY)
    assert outcome.counts == {"reported": 1, "held_back": 0, "warnings": 0}
    (file,) = files()
    assert file.stored_in == f"{SCHEMA}/metro2/2024-01/equifax-v1.txt"
    assert report(FEBRUARY).counts == outcome.counts
    assert (len(files()), ReportedRecord.objects.count()) == (1, 1)
    assert newest_file() == file


def test_a_month_is_the_same_in_one_batch_and_in_many(monkeypatch):
    for number in ("L1", "L2", "L3", "L4", "L5"):
        borrow(number)
    identify(Loan.objects.get(number="L3"), NOBODY)
    outcome = the_night_of(FEBRUARY)
    monkeypatch.setattr(import_module("credit_reporting.selectors.accounts"), "BATCH", 2)
    correct(Month(JANUARY))
    in_one, in_three = files()
    assert content(in_three) == content(in_one)
    assert list(accounts(in_one)) == ["L1", "L2", "L4", "L5"]
    assert [item.key for item in outcome.quarantined] == ["L3"]


def test_the_row_of_a_file_tells_what_is_stored():
    borrow("L1")
    the_night_of(FEBRUARY)
    (file,) = files()
    with default_storage.open(file.stored_in) as opened:
        data = opened.read()
    assert (file.size, file.sha256) == (len(data), sha256(data).hexdigest())
    header, record, trailer = content(file)
    assert [len(line) for line in (header, record, trailer)] == [426] * 3
    assert (header[47:55], header[55:63], record[5:19]) == ("01312024", "02012024", "01312024235959")
    told = Report.objects.get()
    assert (told.reported, told.balance, told.totals["base_records"], trailer[11:20]) == (1, 2421, 1, "000000001")


def test_every_bureau_gets_a_file_with_its_own_id_and_the_same_records():
    borrow("L1")
    report_to(Bureau.EXPERIAN, Bureau.TRANSUNION)
    the_night_of(FEBRUARY)
    experian, transunion = files()
    assert (experian.bureau, transunion.bureau) == ("experian", "transunion")
    assert content(experian)[0][32:47] == "ID001          "
    assert content(transunion)[0][32:47] == "     ID001     "
    assert content(experian)[1:] == content(transunion)[1:]


def test_what_an_attempt_left_that_was_rolled_back_gives_way():
    borrow("L1")
    live(START, FEBRUARY)
    with transaction.atomic():
        report(FEBRUARY)
        transaction.set_rollback(True)
    assert files() == []
    report(FEBRUARY)
    assert findings(files()[0]) == []


def test_a_rehearsal_stores_no_file():
    borrow("L1")
    live(START, FEBRUARY)
    with rehearsing(dry_run=True):
        report(FEBRUARY)
    assert not default_storage.exists(files()[0].stored_in)


def test_a_tenant_without_loans_gets_no_file():
    assert report(FEBRUARY).counts == {"reported": 0, "held_back": 0, "warnings": 0}
    assert files() == []


# --- Held back --------------------------------------------------------------------------------------------------------

WRONG = {
    "nobody": NOBODY,
    "no SSN and no birth date": somebody("BAD", ssn="", birth_date=None),
    "born after the loan was opened": somebody("BAD", birth_date=date(2023, 12, 15)),
    "no address": somebody("BAD", address_1=""),
}
REASONS = {
    "nobody": "the borrower has no surname and first name: enter them",
    "no SSN and no birth date": "the borrower has neither an SSN nor a birth date: enter one",
    "born after the loan was opened": "the borrower was born after the loan was opened: correct the birth date",
    "no address": "Account BAD: address_line_1 (base segment, positions 330-361) is missing: it takes words in "
    "printable ASCII. Enter it; until then the record is left out.",
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_record_that_is_wrong_is_held_back_and_listed_and_the_others_are_reported(wrong):
    borrow("GOOD")
    borrow("BAD", who=WRONG[wrong])
    outcome = the_night_of(FEBRUARY)
    assert outcome.counts == {"reported": 1, "held_back": 1, "warnings": 0}
    ((item),) = outcome.quarantined
    assert (item.model, item.key, item.reason) == ("loans.Loan", "BAD", REASONS[wrong])
    listed = Finding.objects.get()
    assert (listed.loan.number, listed.severity, listed.reason) == ("BAD", "error", REASONS[wrong])
    assert list(accounts(files()[0])) == ["GOOD"]
    # What is missing, the comparison with the sub-ledger tells too.
    assert findings(files()[0]) == [
        "line 0: FILE 0 consumer_account_number: must be reported: BAD owes 2421 by the sub-ledger"
    ]


def test_numbers_that_only_their_signs_tell_apart_are_held_back():
    borrow("A-1")
    borrow("A1")
    borrow("B-1")
    outcome = the_night_of(FEBRUARY)
    assert [item.key for item in outcome.quarantined] == ["A-1", "A1"]
    assert list(accounts(files()[0])) == ["B1"]


def test_a_number_that_is_the_ssn_is_held_back():
    borrow("X900000001", who=somebody("X", ssn="900000001"))
    assert "holds the borrower's SSN" in the_night_of(FEBRUARY).quarantined[0].reason


def test_less_than_a_dollar_that_is_late_is_held_back():
    loan = borrow("L1")
    nearly = loan.payment - D("0.40")
    (item,) = the_night_of(MARCH, deeds={date(2024, 1, 15): [lambda day: pay(nearly, day)]}).quarantined
    assert (item.key, item.reason.partition(":")[0]) == ("L1", "less than a dollar is 30 days late")


def test_a_mended_loan_is_added_in_a_further_version_and_nothing_else_changes():
    borrow("GOOD")
    bad = borrow("BAD", who=NOBODY)
    the_night_of(FEBRUARY)
    kept = stored("GOOD", JANUARY)
    assert report(FEBRUARY, only=["BAD"]).counts == {"reported": 0, "held_back": 1, "warnings": 0}
    connection.check_constraints()  # As a commit does: nothing is left of a version that was not written.
    assert versions(JANUARY) == [1]
    identify(bad, somebody("BAD"))
    live(date(2024, 2, 2), date(2024, 2, 20), deeds={date(2024, 2, 5): [lambda day: pay("200", day, loan="GOOD")]})
    outcome = report(FEBRUARY, only=["BAD", "NONE"])
    assert [item.key for item in outcome.quarantined] == ["NONE"]
    assert outcome.counts == {"reported": 2, "held_back": 0, "warnings": 0}
    first, second = files()
    assert second.stored_in.endswith("equifax-v2.txt")
    assert accounts(second)["GOOD"] == accounts(first)["GOOD"]
    assert findings(second) == []
    assert stored("GOOD", JANUARY) == kept
    assert report(FEBRUARY, only=["BAD"]).counts["reported"] == 0
    assert versions(JANUARY) == [1, 2]


def test_the_month_after_a_gap_says_so_and_warns():
    borrow("GOOD")
    loan = borrow("BAD")
    the_night_of(JANUARY)
    identify(loan, NOBODY)
    the_night_of(FEBRUARY, since=date(2024, 1, 2))
    identify(loan, somebody("BAD"))
    outcome = the_night_of(MARCH, since=date(2024, 2, 2))
    assert outcome.counts["warnings"] == 1
    assert "not reported for 1 month" in Finding.objects.get(report__activity_month=FEBRUARY).reason
    assert accounts(files(FEBRUARY)[0])["BAD"]["history"] == "D0" + "B" * 22


def test_made_up_borrowers_are_warned_of_once():
    borrow("L1", who=somebody("L1", synthetic=True))
    borrow("L2", who=somebody("L2", synthetic=True, ssn=""))
    assert the_night_of(FEBRUARY).counts["warnings"] == 2
    assert set(Finding.objects.values_list("loan__number", "reason")) == {
        ("L2", "the borrower has no SSN: bureaus match by birth date and address alone"),
        (None, "2 borrowers are made up, not real: send this file to nobody"),
    }


# --- Corrected --------------------------------------------------------------------------------------------------------


def test_a_corrected_month_is_a_further_version_and_the_months_after_it_follow():
    loan = borrow("L1")
    live(START, MARCH)
    for night in (JANUARY, FEBRUARY, MARCH):
        report(night)
    before = content(files(FEBRUARY)[0])
    assert accounts(files(FEBRUARY)[0])["L1"]["status"] == "71"
    # The payment of 15 January was in the mail.
    pay(loan.payment, date(2024, 1, 15), posted=date(2024, 3, 5))
    identify(loan, somebody("RENAMED"))
    reports = correct(Month(JANUARY))
    assert [str(one) for one in reports] == ["2024-01 v2", "2024-02 v2"]
    (_, corrected) = files(FEBRUARY)
    told = accounts(corrected)["L1"]
    assert (told["status"], told["surname"], told["first_delinquency"]) == ("11", "RENAMED", "00000000")
    assert content(files(FEBRUARY)[0]) == before
    assert ReportedRecord.objects.filter(superseded_in=None, activity_month=FEBRUARY).count() == 1
    assert ReportedRecord.objects.filter(activity_month=FEBRUARY).count() == 2
    assert findings(corrected, previous=files(JANUARY)[1]) == []
    assert versions(date(2023, 12, 1)) == [1]


def test_what_was_not_reported_cannot_be_corrected():
    with pytest.raises(NotReportedError, match="2024-01 was not reported"):
        correct(Month(JANUARY))


def test_a_reporter_is_needed_to_correct(reporter):
    reporter.delete()
    with pytest.raises(NoReporterError):
        correct(Month(JANUARY))
    assert report(FEBRUARY).counts == {"reported": 0, "held_back": 0, "warnings": 0}


# --- What applies -----------------------------------------------------------------------------------------------------


def told_of(number="L1", month=JANUARY):
    return accounts(files(month)[-1])[number]


def test_a_changed_identification_number_is_announced_by_one_file():
    borrow("L1")
    the_night_of(FEBRUARY)
    report_to(Bureau.EQUIFAX, number="MATINS02")
    the_night_of(MARCH, since=date(2024, 2, 2))
    the_night_of(date(2024, 4, 1), since=date(2024, 3, 2))
    _, february, march = files()
    line = content(february)[1]
    assert (line[:4], line[20:40].rstrip(), line[426:]) == ("0480", "MATINS01", f"L12{'':30}{'MATINS02':20} ")
    assert accounts(march)["L1"]["identification_number"] == "MATINS02"
    assert findings(march, previous=february) == []


def test_forbearance_and_disaster_are_told_while_they_last():
    borrow("L1")
    borrow("L2")
    live(START, date(2024, 1, 10))
    grant_forbearance(
        loan_number="L1", starts_on=date(2024, 1, 10), ends_on=date(2024, 1, 31), booking=on(date(2024, 1, 10))
    )
    pause(
        loan_number="L2",
        starts_on=date(2024, 1, 10),
        resumes_on=date(2024, 2, 1),
        reason="a Disaster: the flood",
        booking=on(date(2024, 1, 10)),
    )
    the_night_of(FEBRUARY, since=date(2024, 1, 11))
    the_night_of(MARCH, since=date(2024, 2, 2))
    assert (told_of()["comment"], told_of("L2")["comment"]) == ("CP", "AW")
    assert (told_of(month=FEBRUARY)["comment"], told_of("L2", FEBRUARY)["comment"]) == ("", "")


def test_bankruptcy_has_the_petitions_date_and_is_taken_back_once():
    borrow("L1")
    live(START, date(2024, 1, 10))
    flag(loan_number="L1", kind="bankruptcy", starts_on=date(2024, 1, 10))
    the_night_of(FEBRUARY, since=date(2024, 1, 11))
    unflag(loan_number="L1", kind="bankruptcy", ends_on=date(2024, 2, 10))
    told = told_of()
    assert (told["indicator"], told["status"], told["first_delinquency"]) == ("Z", "11", "01102024")
    live(date(2024, 2, 2), date(2024, 4, 1), after=lambda day: report(day) if day.day == 1 else None)
    assert [told_of(month=month)["indicator"] for month in (FEBRUARY, MARCH)] == ["Q", ""]
    assert findings(files(FEBRUARY)[0], previous=files(JANUARY)[0]) == []


def test_the_dead_are_told_of():
    borrow("L1")
    live(START, date(2024, 1, 10))
    flag(loan_number="L1", kind="deceased", starts_on=date(2024, 1, 10))
    the_night_of(FEBRUARY, since=date(2024, 1, 11))
    assert told_of()["ecoa"] == "X"


def test_a_dispute_is_told_of_until_it_is_resolved():
    loan = borrow("L1")
    Dispute.objects.create(
        reference="D1",
        loan=loan,
        received_on=date(2024, 1, 20),
        due_on=date(2024, 2, 19),
        answered_on=date(2024, 2, 10),
    )
    live(START, date(2024, 5, 1), after=lambda day: report(day) if day.day == 1 else None)
    months = [date(2023, 12, 1), JANUARY, FEBRUARY, MARCH, date(2024, 4, 1)]
    assert [told_of(month=month)["condition"] for month in months] == ["", "XB", "XH", "XR", ""]


def test_a_product_may_be_another_kind_of_account():
    loan = borrow("L1", term=30)
    AccountKind.objects.create(product=loan.product, portfolio_type="M", account_type="26")
    the_night_of(FEBRUARY)
    told = told_of()
    assert (told["portfolio_type"], told["account_type"], told["terms"]) == ("M", "26", "003")
    assert findings(files()[0]) == []


def test_deferred_arrears_are_told_of_as_a_balloon():
    borrow("L1", term=4)
    live(START, date(2024, 1, 10))
    grant_forbearance(
        loan_number="L1",
        starts_on=date(2024, 1, 10),
        ends_on=date(2024, 2, 20),
        booking=on(date(2024, 1, 10)),
        arrears="defer",
    )
    the_night_of(MARCH, since=date(2024, 1, 11))
    record = content(files()[0])[1]
    loan = Borrower.objects.get(reference="L1").loan_set.get()
    last = loan.instalment_set.filter(superseded_on=None).latest("number")
    assert record[:4] == "0456"
    assert record[426:] == f"K40100000000{last.due_date:%m%d%Y}{int(last.principal + last.interest):09} "
    assert findings(files()[0]) == []


def test_fees_are_part_of_the_balance_and_past_due_once_something_is_late():
    loan = borrow("L1")
    live(START, date(2024, 1, 20))
    assess_fee(loan, "25.00", date(2024, 1, 20))
    the_night_of(FEBRUARY, since=date(2024, 1, 21))
    the_night_of(MARCH, since=date(2024, 2, 2))
    january, february = told_of(), told_of(month=FEBRUARY)
    assert (january["status"], january["balance"], january["past_due"]) == ("11", "000002446", "000000000")
    assert (february["status"], int(february["past_due"])) == ("71", int(loan.payment + 25))


def test_a_payment_that_was_taken_back_is_not_the_last_one():
    loan = borrow("L1")
    payments = []
    live(START, date(2024, 1, 15), deeds={date(2024, 1, 15): [lambda day: payments.append(pay(loan.payment, day))]})
    live(
        date(2024, 1, 16),
        FEBRUARY,
        deeds={
            date(2024, 1, 18): [lambda day: payments.append(pay("50.00", day))],
            date(2024, 1, 20): [lambda day: take_back(payments[1], day)],
        },
    )
    report(FEBRUARY)
    told = told_of()
    assert (told["last_payment"], int(told["actual"])) == ("01152024", int(loan.payment))


def test_names_generations_and_numbers_are_told_as_the_format_wants_them():
    borrow("L1", who=somebody("Brüggemann", generation="Jr.", zip="19901-0042", phone="3025550123"))
    the_night_of(FEBRUARY)
    told = told_of()
    assert (told["surname"], told["generation"], told["zip"], told["phone"]) == (
        "BRUGGEMANN",
        "J",
        "199010042",
        "3025550123",
    )


def test_nothing_that_tells_who_somebody_is_is_stored_outside_the_file():
    who = somebody("Zwirner", first_name="Quirina")
    borrow("L1", who=who)
    identify(borrow("L2"), replace(who, ssn="", birth_date=None))
    the_night_of(FEBRUARY)
    said = [str(row.__dict__) for model in (ReportedRecord, Finding, Report, Metro2File) for row in model.objects.all()]
    assert not [text for text in said if who.ssn in text or "zwirner" in text.lower() or "quirina" in text.lower()]


# --- Reporters --------------------------------------------------------------------------------------------------------


def test_a_reporter_needs_a_bureau():
    with pytest.raises(NoBureauError):
        report_to()


def test_a_reporter_with_a_bad_number_is_refused():
    with pytest.raises(BadReporterError, match="identification_number: 5 to 20 capital letters and digits"):
        report_to(Bureau.EQUIFAX, number="M-1")


def test_there_is_one_reporter_however_often_it_is_set(reporter):
    assert report_to(Bureau.INNOVIS).pk == reporter.pk
