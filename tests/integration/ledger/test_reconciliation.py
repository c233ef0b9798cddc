"""The reconciliation finds a cent wherever it is put, names the loan, and mends nothing."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.db.models import F

from common.checksum import checksums
from common.outcomes import BadItem
from ledger.models import JournalEntry, JournalLine
from ledger.selectors import trial_balance
from ledger.services import open_entry
from loans.models import Accrual, Break, Reconciliation, TapeRow, Transaction
from loans.services import reprice
from loans.services.booking import Booking, book
from loans.services.reconciliation import reconcile
from tests.integration.ledger.portfolio import START, accrue, breaks, make_loan, pay

pytestmark = pytest.mark.usefixtures("books")

D, CENT = Decimal, Decimal("0.01")
FIRST, SECOND, THIRD, FOURTH = (date(2024, 1, day) for day in (2, 3, 4, 5))


@pytest.fixture
def loans():
    """Three loans with three nights of interest, a payment, a fee and a waived one; all of it ties."""
    loans = {number: make_loan(number) for number in ("L1", "L2", "L3")}
    accrue(FIRST, SECOND)
    pay(loans["L2"], day=SECOND, principal=D("-100.00"), interest=D("-6.66"), fees=D("0.00"), overpaid=D("1.00"))
    pay(loans["L3"], day=SECOND, kind="fee", fees=D("15.00"))
    pay(loans["L3"], day=SECOND, kind="waiver", fees=D("-5.00"))
    accrue(THIRD)
    return loans


def row(number, day=SECOND):
    return Accrual.objects.filter(loan__number=number, accrual_date=day)


def shift(*accounts, entry):
    """Add a cent to two lines of an entry, one on each side: it balances as before."""
    debits, credits_ = (JournalLine.objects.filter(entry=entry, **{f"{side}__gt": 0}) for side in ("debit", "credit"))
    assert (debits | credits_).filter(account__in=accounts).count() == 2
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE ledger_journalline SET
                   debit = debit + CASE WHEN debit > 0 AND account_id = ANY(%(accounts)s) THEN 0.01 ELSE 0 END,
                   credit = credit + CASE WHEN credit > 0 AND account_id = ANY(%(accounts)s) THEN 0.01 ELSE 0 END
               WHERE entry_id = %(entry)s""",
            {"accounts": list(accounts), "entry": entry.pk},
        )


def without_triggers(table):
    """Let the owner get around what the database checks of a table."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE {table} DISABLE TRIGGER USER")


class TestEqualBooks:
    def test_nothing_is_written_but_that_they_were_compared(self, loans):
        due_at = datetime(2024, 1, 4, 7, tzinfo=UTC)
        outcome = reconcile(business_date=THIRD, run_id=7, due_at=due_at)
        assert (outcome.counts, outcome.quarantined) == ({"entries": 9, "breaks": 0}, [])
        kept = Reconciliation.objects.values_list("business_date", "imbalance", "run_id", "due_at")
        assert list(kept) == [(THIRD, D("0.00"), 7, due_at)]
        assert Break.objects.count() == 0

    def test_done_again_it_writes_nothing(self, loans):
        first = reconcile(business_date=THIRD)
        before = checksums()
        assert reconcile(business_date=THIRD) == first
        assert checksums() == before

    def test_books_without_an_entry_are_reconciled(self):
        assert reconcile(business_date=THIRD).counts == {"entries": 0, "breaks": 0}
        assert Reconciliation.objects.count() == 1

    def test_it_writes_its_own_tables_only(self, loans):
        row("L1").update(amount=F("amount") + CENT)
        before = checksums()
        reconcile(business_date=THIRD)
        changed = {label for label, digest in checksums().items() if digest != before[label]}
        assert changed == {"loans.Reconciliation", "loans.Break"}

    def test_every_kind_of_movement_ties(self, loans):
        amounts = {"principal": D("-3.00"), "interest": D("-2.00"), "fees": D("-1.00")}
        for kind in Transaction.Kind.values:
            pay(loans["L1"], day=THIRD, kind=kind, overpaid=D("0.50"), recovered=D("0.25"), **amounts)
        assert [one for one in breaks(FOURTH) if one[0] == "entry"] == []

    def test_days_written_anew_tie_before_and_after(self, loans):
        pay(loans["L1"], day=FOURTH, effective_date=FIRST, principal=D("-5000.00"))
        reprice(loan_ids=[loans["L1"].id], after=FIRST, booking=Booking(entry_date=FOURTH))
        assert Accrual.objects.exclude(reversal=None).count() == 2
        assert breaks(THIRD) == []
        assert breaks(FOURTH) == []


class TestInjectedCent:
    @pytest.mark.parametrize("column", ["principal", "interest", "overpaid"])
    def test_in_a_payment(self, loans, column):
        Transaction.objects.filter(kind="payment").update(**{column: F(column) + CENT})
        account = {"principal": "LR", "interest": "IR", "overpaid": "OVP"}[column]
        sign = 1 if column == "overpaid" else -1
        found = [one for one in breaks(THIRD) if one[0] == "entry"]
        assert sorted(found) == [("entry", "CL", "L2", -sign), ("entry", account, "L2", sign)]

    @pytest.mark.parametrize(("kind", "other"), [("fee", "FI"), ("waiver", "COF")])
    def test_in_a_fee_or_its_waiver(self, loans, kind, other):
        Transaction.objects.filter(kind=kind).update(fees=F("fees") + CENT)
        assert sorted(breaks(THIRD)) == [("entry", other, "L3", 1), ("entry", "FR", "L3", -1)]

    def test_in_a_payments_principal_also_the_interest_after_it_does_not_follow(self, loans):
        Transaction.objects.filter(kind="payment").update(principal=F("principal") + CENT)
        assert ("principal", "LR", "L2", -1) in breaks(THIRD)

    def test_in_a_days_interest(self, loans):
        row("L1").update(amount=F("amount") + CENT)
        assert breaks(THIRD) == [
            ("entry", "II", "L1", 1),
            ("entry", "IR", "L1", -1),
            ("accrued", "IR", "L1", -1),
            ("amount", "IR", "L1", 1),
        ]

    def test_in_a_days_interest_and_in_all_that_tells_it(self, loans):
        values = {name: F(name) + CENT for name in ("amount", "cumulative", "accrued")}
        row("L1", THIRD).update(**values)
        assert breaks(THIRD) == [
            ("entry", "II", "L1", 1),
            ("entry", "IR", "L1", -1),
            ("cumulative", "IR", "L1", 1),
        ]

    def test_in_the_interest_of_two_loans_each_is_named(self, loans):
        row("L1").update(amount=F("amount") + CENT)
        row("L3").update(amount=F("amount") - CENT)
        found = breaks(THIRD)
        assert {one[2] for one in found} == {"L1", "L3"}
        assert [one for one in found if one[0] == "entry"] == []

    @pytest.mark.parametrize("column", ["principal", "cumulative", "accrued"])
    def test_in_a_row_where_no_entry_tells_it(self, loans, column):
        row("L1").update(**{column: F(column) + CENT})
        found = breaks(THIRD)
        assert {one[2] for one in found} == {"L1"}
        assert column in {one[0] for one in found}

    def test_in_two_lines_of_a_payments_entry(self, loans):
        shift("CL", "IR", entry=Transaction.objects.get(kind="payment").entry)
        assert breaks(THIRD) == [("entry", "CL", "L2", 1), ("entry", "IR", "L2", -1)]

    def test_in_two_lines_of_an_entry_that_sums_up_many_loans_the_entry_is_named(self, loans):
        entry = row("L1").get().entry
        shift("IR", "II", entry=entry)
        assert breaks(THIRD) == [("entry", "II", "", -1), ("entry", "IR", "", 1)]
        assert set(Break.objects.values_list("entry_id", flat=True)) == {entry.pk}

    def test_in_an_entry_that_sums_up_nothing(self, loans):
        entry = open_entry(entry_date=THIRD, kind="by night and fog")
        JournalLine.objects.bulk_create(
            [
                JournalLine(entry=entry, account_id="CL", debit=CENT, credit=D(0)),
                JournalLine(entry=entry, account_id="II", debit=D(0), credit=CENT),
            ]
        )
        assert breaks(THIRD) == [("entry", "CL", "", 1), ("entry", "II", "", -1)]

    def test_in_one_line_alone_where_the_databases_check_was_got_around(self, loans):
        entry = Transaction.objects.get(kind="payment").entry
        without_triggers("ledger_journalline")
        JournalLine.objects.filter(entry=entry, account="LR").update(credit=F("credit") + CENT)
        assert breaks(THIRD) == [("entry", "LR", "L2", -1)]
        assert Reconciliation.objects.get().imbalance == -CENT

    def test_in_a_row_that_was_reversed_since(self, loans):
        reprice(loan_ids=[loans["L1"].id], after=FIRST, booking=Booking(entry_date=FOURTH))
        Accrual.objects.filter(accrual_date=THIRD).exclude(reversal=None).update(amount=F("amount") + CENT)
        assert {one[:3] for one in breaks(FOURTH)} == {
            ("entry", "IR", ""),
            ("entry", "II", ""),
            ("entry", "IR", "L1"),
            ("entry", "II", "L1"),
        }

    def test_in_a_boarded_balance(self):
        entry = board(["B1", "B2"])
        Transaction.objects.filter(loan__number="B2").update(principal=F("principal") + CENT)
        assert breaks(START) == [
            ("entry", "CL", "B2", 1),
            ("entry", "LR", "B2", -1),
            ("boarded", "LR", "B2", 1),
        ]
        assert set(Break.objects.values_list("entry_id", flat=True)) == {entry.pk}

    def test_a_row_whose_entry_is_gone(self, loans):
        with connection.cursor() as cursor:
            cursor.execute("UPDATE loans_accrual SET entry_id = 999999 WHERE accrual_date = %s", [THIRD])
        assert ("entry", "IR", "", -966) in breaks(THIRD)


def board(numbers):
    """Board loans by one entry, as a tape does."""
    entry = open_entry(entry_date=START, kind="boarding")
    for number in numbers:
        loan = make_loan(number)
        Transaction.objects.filter(loan=loan).update(kind="boarding", entry=entry)
        TapeRow.objects.create(
            loan_number=number, line=1, as_of=START, fingerprint="0" * 32, state="CA", annual_income=0, term=12,
            loan_amount=10000, interest_rate=12, installment=888, issued_on=START, balance=10000, paid_total=0,
            paid_principal=0, paid_interest=0, paid_late_fees=0,
        )  # fmt: skip
    JournalLine.objects.exclude(entry=entry).delete()
    JournalEntry.objects.exclude(pk=entry.pk).delete()
    total = 10000 * len(numbers)
    JournalLine.objects.bulk_create(
        [
            JournalLine(entry=entry, account_id="LR", debit=D(total), credit=D(0)),
            JournalLine(entry=entry, account_id="CL", debit=D(0), credit=D(total)),
        ]
    )
    return entry


class TestNights:
    def test_a_break_is_as_old_as_the_first_night_that_found_it(self, loans):
        assert breaks(FIRST) == []
        row("L1").update(amount=F("amount") + CENT)
        for night in (SECOND, THIRD, FOURTH):
            assert ("amount", "IR", "L1", 1) in breaks(night)
        assert set(Break.objects.values_list("since", flat=True)) == {SECOND}

    def test_it_is_closed_when_a_night_does_not_find_it_and_a_new_one_afterwards(self, loans):
        row("L1").update(amount=F("amount") + CENT)
        breaks(SECOND)
        row("L1").update(amount=F("amount") - CENT)
        assert breaks(THIRD) == []
        row("L1").update(amount=F("amount") + CENT)
        breaks(FOURTH)
        assert set(Break.objects.values_list("since", flat=True)) == {SECOND, FOURTH}

    def test_a_night_does_not_see_what_is_dated_later(self, loans):
        row("L1", THIRD).update(amount=F("amount") + CENT)
        assert breaks(SECOND) == []

    def test_a_late_night_finds_what_it_would_have_found_in_time(self, loans):
        row("L1").update(amount=F("amount") + CENT)
        in_time = breaks(SECOND)
        Break.objects.all().delete()
        Reconciliation.objects.all().delete()
        pay(loans["L1"], day=FOURTH, effective_date=FIRST, principal=D("-5000.00"))
        reprice(loan_ids=[loans["L1"].id], after=FIRST, booking=Booking(entry_date=FOURTH))
        assert breaks(SECOND) == in_time

    def test_loans_with_breaks_are_exceptions_of_the_run(self, loans):
        row("L1", THIRD).update(amount=F("amount") + CENT)
        entry = row("L1", THIRD).get().entry_id
        outcome = reconcile(business_date=THIRD)
        assert outcome.counts == {"entries": 9, "breaks": 4}
        lines = "what the entry's rows come to, and its lines on the account"
        reason = (
            f"II of entry {entry} should be -9.67 and is -9.66 ({lines}); "
            f"IR of entry {entry} should be 9.67 and is 9.66 ({lines}); "
            f"IR of entry {entry} should be 9.69 and is 9.68 (the sum of the days' amounts, and the running total); "
            f"IR of entry {entry} should be 3.23 and is 3.24 (what the period's interest grew by, and the day's "
            "amount): book what explains it as an entry of its own"
        )
        assert outcome.quarantined == [BadItem(model="loans.Loan", key="L1", reason=reason)]

    def test_an_entry_without_a_loan_is_an_exception_too(self, loans):
        entry = row("L1").get().entry
        shift("IR", "II", entry=entry)
        items = reconcile(business_date=THIRD).quarantined
        assert [(item.model, item.key) for item in items] == [("ledger.JournalEntry", str(entry.pk))]

    def test_a_rerun_looks_at_the_exceptions_only_and_writes_nothing(self, loans):
        for number in ("L1", "L3"):
            row(number).update(amount=F("amount") + CENT)
        reconcile(business_date=THIRD)
        written = Break.objects.count()
        row("L3").update(amount=F("amount") - CENT)
        assert [item.key for item in reconcile(business_date=THIRD, only=["L1"]).quarantined] == ["L1"]
        assert reconcile(business_date=THIRD, only=["L3"]).quarantined == []
        assert Break.objects.count() == written


def test_a_batch_of_payments_ties_too(loans):
    book(
        """SELECT id AS loan_id, %(day)s::date AS effective_date, -1.23 AS principal, -4.56 AS interest, 0 AS fees,
                  0 AS overpaid, 7.89 AS recovered, '' AS reference FROM loans_loan""",
        {"day": THIRD},
        kind="payment",
        booking=Booking(entry_date=THIRD),
    )
    assert breaks(THIRD) == []
    assert sum(one.balance for one in trial_balance()) == 0
