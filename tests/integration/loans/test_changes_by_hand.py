"""`promo` and `disburse` as operators type them."""

from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django_tenants.utils import schema_context

from common import clock
from ledger.models import AccountingPeriod
from loans.models import Promo, Transaction
from tests.integration.loans.plans import day, make_planned


@pytest.fixture
def acme(make_tenant):
    clock.set_to(datetime(2024, 1, 16, 12, tzinfo=UTC))
    schema_name = make_tenant("acme", enabled_at=datetime(2023, 1, 1, tzinfo=UTC)).schema_name
    with schema_context(schema_name):
        make_planned()
    return schema_name


def typed(command, *arguments):
    out = StringIO()
    call_command(command, "--tenant", "acme", *arguments, stdout=out)
    return out.getvalue()


def promos(schema_name):
    with schema_context(schema_name):
        return list(Promo.objects.values_list("kind", "rate", "starts_on", "ends_on", "ended_on"))


def paid_out(schema_name):
    with schema_context(schema_name):
        movements = Transaction.objects.filter(kind="disbursement")
        return list(movements.values_list("principal", "effective_date", "entry__entry_date", "reference"))


def test_a_promotion_is_granted_and_ended(acme):
    granted = typed("promo", "grant", "L1", "2024-01-10", "--through", "2024-02-29", "--rate", "1.5")
    assert granted == "L1: 0.015 from 2024-01-10 to 2024-02-29, granted.\n"
    assert "ended on 2024-01-16" in typed("promo", "end", "L1", "2024-01-10")
    assert promos(acme) == [("rate", Decimal("0.015"), day(1, 10), day(2, 29), day(1, 16))]


def test_interest_can_be_deferred_only(acme):
    typed("promo", "grant", "L1", "2024-01-10", "--through", "2024-02-29", "--rate", "0", "--deferred")
    assert promos(acme) == [("deferred interest", 0, day(1, 10), day(2, 29), None)]


def test_a_payout_is_booked_today_as_of_its_own_day(acme):
    done = typed("disburse", "L1", "100.00", "--on", "2024-01-10", "--reference", "P1")
    assert done == "L1: 100.00 paid out, the next instalments are of 33.99.\n"
    assert paid_out(acme) == [(Decimal("100.00"), day(1, 10), day(1, 16), "P1")]


@pytest.mark.parametrize(
    "arguments",
    [
        ("promo", "grant", "L1", "2024-01-10", "--through", "2024-02-29", "--rate", "0", "--dry-run"),
        ("disburse", "L1", "100.00", "--dry-run"),
    ],
)
def test_a_rehearsal_keeps_nothing(acme, arguments):
    assert typed(*arguments).startswith("Rehearsed only, nothing is kept: L1: ")
    assert (promos(acme), paid_out(acme)) == ([], [])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("promo", "grant", "L1", "2024-01-10"), "give --through and --rate"),
        (("promo", "grant", "L1", "2024-01-10", "--through", "2024-02-29", "--rate", "8"), "is not below the agreed"),
        (("promo", "grant", "L1", "2024-01-10", "--through", "2024-02-29", "--rate", "low"), "'low' is not a perc"),
        (("promo", "end", "L1", "2024-01-10"), "no promotion from 2024-01-10 on is running"),
        (("disburse", "ghost", "100.00"), "There is no loan ghost"),
        (("disburse", "L1", "-1"), "-1 is not an amount in dollars and cents above 0"),
        (("disburse", "L1", "much"), "'much' is not an amount such as"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(acme, arguments, message):
    with pytest.raises(CommandError, match=message):
        typed(*arguments)
    assert (promos(acme), paid_out(acme)) == ([], [])


def test_nothing_is_paid_out_in_a_closed_month(acme):
    with schema_context(acme):
        AccountingPeriod.objects.create(starts_on=day(1, 1), status="closed", closed_on=day(1, 15))
    with pytest.raises(CommandError, match="closed through the month of"):
        typed("disburse", "L1", "100.00")
