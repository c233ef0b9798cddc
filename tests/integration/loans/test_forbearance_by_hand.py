"""`forbearance` as operators type it, and the nights' jobs as Celery calls them."""

from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django_tenants.utils import schema_context

from common import clock
from loans.models import Forbearance
from loans.tasks import check_forbearance_expiry, check_promo_expirations
from tests.integration.loans.plans import day, make_planned


@pytest.fixture
def acme(make_tenant):
    clock.set_to(datetime(2024, 2, 16, 12, tzinfo=UTC))
    schema_name = make_tenant("acme", enabled_at=datetime(2023, 1, 1, tzinfo=UTC)).schema_name
    with schema_context(schema_name):
        make_planned()
    return schema_name


def typed(*arguments):
    out = StringIO()
    call_command("forbearance", "--tenant", "acme", *arguments, stdout=out)
    return out.getvalue()


def granted(schema_name):
    with schema_context(schema_name):
        columns = ("starts_on", "ends_on", "accrues", "arrears", "ended_on")
        return list(Forbearance.objects.values_list(*columns))


def test_it_is_granted_from_today_and_extended(acme):
    assert typed("grant", "L1", "2024-04-14") == "L1 is in forbearance from 2024-02-16 to 2024-04-14.\n"
    assert typed("extend", "L1", "2024-05-31") == "L1 is in forbearance from 2024-02-16 to 2024-05-31.\n"
    assert granted(acme) == [(day(2, 16), day(5, 31), True, "lump", None)]


def test_it_is_granted_with_other_terms(acme):
    typed("grant", "L1", "2024-04-14", "--from", "2024-03-01", "--no-interest", "--arrears", "defer")
    assert granted(acme) == [(day(3, 1), day(4, 14), False, "defer", None)]


def test_a_rehearsal_keeps_nothing(acme):
    rehearsed = "Rehearsed only, nothing is kept: L1 is in forbearance from 2024-02-16 to 2024-04-14.\n"
    assert typed("grant", "L1", "2024-04-14", "--dry-run") == rehearsed
    assert granted(acme) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["grant", "ghost", "2024-04-14"], "There is no loan ghost"),
        (["grant", "L1", "2024-02-15"], "it would end on 2024-02-15, before it starts"),
        (["grant", "L1", "soon"], "'soon' is not a date"),
        (["extend", "L1", "2024-04-14"], "no forbearance runs that could be extended"),
        (["extend", "L1", "2024-04-14", "--no-interest"], "An extension moves the last day only"),
    ],
)
def test_the_command_refuses_in_one_line(acme, arguments, message):
    with pytest.raises(CommandError, match=message):
        typed(*arguments)


def test_the_tasks_hand_the_night_on(acme):
    typed("grant", "L1", "2024-02-20")
    assert check_forbearance_expiry(acme, business_date="2024-02-21") == {
        "ended": 1,
        "capitalised": 0,
        "deferred": 0,
        "told": 0,
    }
    assert granted(acme) == [(day(2, 16), day(2, 20), True, "lump", day(2, 21))]
    assert check_promo_expirations(acme, business_date="2024-02-21") == {"promos": 0}
