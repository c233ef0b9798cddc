"""The checksum tells books apart by every business value, and by nothing else."""

from datetime import UTC, date, datetime

import pytest
from django.db import connection, models, transaction

from common.checksum import LEFT_OUT, checksum, checksums, said, tenant_models
from ledger.models import JournalEntry, JournalLine
from loans.models import Accrual, Instalment, Loan, Product, RateSegment
from tests.integration.loans.books import accrue, make_loan
from tests.integration.loans.schema import books, tenant

__all__ = ["books", "tenant"]

pytestmark = pytest.mark.usefixtures("books")

NIGHT = date(2024, 1, 5)
DUE_AT = datetime(2024, 1, 5, 2, tzinfo=UTC)


def fill(numbers=("a", "b"), *, run_id=1, due_at=DUE_AT, first_id=1):
    """Write two loans and some nights, in an order and under ids of one's own."""
    with connection.cursor() as cursor:
        for model in tenant_models():
            if isinstance(model._meta.pk, models.AutoField):
                cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [model._meta.db_table, first_id])
    for number in numbers:
        make_loan(number, principal="90.00" if number == "a" else "100.00")
    for night in (date(2024, 1, 3), NIGHT):
        accrue(night, run_id=run_id, due_at=due_at)


def checksum_of(**options):
    with transaction.atomic():
        fill(**options)
        found = checksum()
        transaction.set_rollback(True)
    return found


@pytest.mark.parametrize(
    "options",
    [{"numbers": ("b", "a")}, {"first_id": 70_000}, {"run_id": 2}, {"run_id": None, "due_at": None}],
    ids=["order", "ids", "run", "by hand"],
)
def test_equal_books_are_equal_whoever_wrote_them_and_when(options):
    assert checksum_of(**options) == checksum_of()


def test_every_table_of_a_tenant_is_told():
    assert {"loans.Accrual", "loans.Instalment", "ledger.JournalLine", "ledger.AccountingPeriod"} <= set(checksums())


@pytest.mark.parametrize("model", tenant_models(), ids=lambda model: model._meta.label)
def test_every_column_is_told_or_names_nothing_but_a_row_or_a_run(model):
    told = said(model)
    columns = {
        field.column: f"t0.{field.column}" in told
        for field in model._meta.concrete_fields
        if field.name not in LEFT_OUT and not isinstance(field, models.AutoField)
    }
    assert columns == dict.fromkeys(columns, True)


@pytest.mark.parametrize(
    ("model", "change"),
    [
        (Accrual, {"amount": "0.77"}),
        (Accrual, {"exposure": "0.0000000001"}),
        (JournalEntry, {"kind": "other"}),
        (Loan, {"accrues_from": None}),
        (Product, {"tolerance": "0.01"}),
        (Product, {"bucket_bounds": [1, 31]}),
        (RateSegment, {"rate": "0.07000001"}),
    ],
)
def test_a_changed_value_is_noticed(model, change):
    fill()
    before = checksum()
    model.objects.filter(pk=model.objects.first().pk).update(**change)
    assert checksum() != before


def test_a_row_that_is_missing_or_there_twice_is_noticed():
    fill()
    before = checksum()
    loan = Loan.objects.get(number="a")
    instalment = Instalment.objects.create(
        loan=loan, number=1, period_start=NIGHT, due_date=NIGHT, principal=1, interest=1, due_through=2
    )
    once = checksum()
    instalment.pk, instalment.superseded_on = None, NIGHT
    instalment.save()
    assert len({before, once, checksum()}) == 3


def test_a_row_that_points_elsewhere_is_noticed():
    fill()
    before = checksum()
    first, second = Loan.objects.order_by("number")
    Loan.objects.filter(pk=first.pk).update(borrower=second.borrower)
    assert checksum() != before


def test_the_same_amount_in_another_entrys_lines_is_noticed():
    fill()
    before = checksum()
    nightly = JournalEntry.objects.filter(kind="interest-accrual").order_by("entry_date")
    other = JournalEntry.objects.create(entry_date=NIGHT, kind="other")
    JournalLine.objects.filter(entry=nightly[0]).update(entry=other)
    assert checksum() != before
