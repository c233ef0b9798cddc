"""What operators type about variable rates, and the night's job as Celery calls it."""

from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django_tenants.utils import schema_context

from common import clock
from loans.models import IndexValue, RateIndex, VariableTerms
from loans.tasks import adjust_variable_rates
from tests.integration.loans.plans import day, make_planned


@pytest.fixture
def acme(make_tenant):
    clock.set_to(datetime(2024, 2, 16, 12, tzinfo=UTC))
    return make_tenant("acme", enabled_at=datetime(2023, 1, 1, tzinfo=UTC)).schema_name


def typed(*arguments):
    out = StringIO()
    call_command("set_index_value", "--tenant", "acme", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_takes_percent_and_can_be_rehearsed(acme):
    rehearsed = typed("SOFR", "2024-02-15", "4.375", "--new", "--dry-run")
    assert rehearsed == "Rehearsed only, nothing is kept: SOFR of 2024-02-15: 4.375 %, entered.\n"
    assert typed("SOFR", "2024-02-15", "4.375", "--new") == "SOFR of 2024-02-15: 4.375 %, entered.\n"
    assert "unchanged" in typed("SOFR", "2024-02-15", "4.375")
    with schema_context(acme):
        assert IndexValue.objects.get().value == Decimal("0.04375")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["SOFR", "2024-02-15", "4.375"], "there is no such index"),
        (["SOFR", "2024-02-15", "much"], "'much' is not a percentage"),
        (["SOFR", "2024-02-15", "NaN"], "'NaN' is not a percentage"),
        (["SOFR", "someday", "4"], "'someday' is not a date"),
    ],
)
def test_the_command_refuses_in_one_line(acme, arguments, message):
    with pytest.raises(CommandError, match=message):
        typed(*arguments)


def test_the_task_hands_the_night_on(acme):
    with schema_context(acme):
        index = RateIndex.objects.create(code="SOFR")
        VariableTerms.objects.create(loan=make_planned(), index=index, margin="0.01", first_reset=day(4, 1))
    assert adjust_variable_rates(acme, business_date="2024-02-16") == {
        "rates": 0,
        "quarantined": [
            {"model": "loans.Loan", "key": "L1", "reason": "index SOFR has no value for 2024-02-16: set it"}
        ],
    }
