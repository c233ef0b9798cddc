"""What the selectors say about the books as a whole."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection, transaction

from common.checksum import checksum
from ledger.models import JournalLine
from loans.models import Accrual, Closure
from loans.selectors import Totals, totals
from tests.integration.loans.books import accrue, make_loan, move, set_rate

pytestmark = pytest.mark.usefixtures("books")

NIGHT = date(2024, 1, 10)


def test_empty_books_have_totals_of_zero():
    zero = Decimal("0.00")
    assert totals() == Totals(loans=0, accruing=0, principal=zero, interest=zero, accruals=0, entries=0)


def test_the_totals_are_those_of_the_sub_ledger():
    make_loan("a", principal="100.00")
    closed = make_loan("b", principal="50.00")
    Closure.objects.create(loan=closed, closed_on=date(2024, 1, 3), reason="fully paid")
    accrue(NIGHT)
    interest = sum(row.amount for row in Accrual.objects.all())
    assert totals() == Totals(
        loans=2, accruing=1, principal=Decimal("150.00"), interest=interest, accruals=9 + 2, entries=3
    )


def test_equal_books_have_equal_checksums_whoever_wrote_them():
    checksums = set()
    for numbers, run_id in ((("a", "b"), 1), (("b", "a"), 2)):
        with transaction.atomic():
            for number in numbers:
                make_loan(number)
            accrue(date(2024, 1, 5), run_id=run_id)
            accrue(NIGHT, run_id=run_id)
            checksums.add(checksum())
            transaction.set_rollback(True)
    assert len(checksums) == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda loan: Accrual.objects.filter(accrual_date=NIGHT).update(amount="0.03"),
        lambda loan: Accrual.objects.filter(accrual_date=NIGHT).delete(),
        lambda loan: set_rate(loan, "0.08", NIGHT),
        lambda loan: move(loan, "0.01", NIGHT),
        lambda loan: Closure.objects.create(loan=loan, closed_on=NIGHT, reason="fully paid"),
        lambda loan: make_loan("b"),
        lambda loan: accrue(date(2024, 1, 11)),
        lambda loan: shift_a_cent(),
    ],
)
def test_the_checksum_notices_every_change(change):
    loan = make_loan("a")
    accrue(NIGHT)
    before = checksum()
    assert checksum() == before
    change(loan)
    assert checksum() != before


def shift_a_cent():
    """Change an entry's figures, balanced, which only its lines tell."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_journalline SET debit = sign(debit) * 9, credit = sign(credit) * 9")
    assert JournalLine.objects.count() == 2
