"""Fees as operators define them, and the jobs as Celery calls them."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django_tenants.utils import schema_context

from common import clock
from delinquency.tasks import detect_defaults, run_delinquency_engine
from fees.models import FeeDefinition
from fees.tasks import assess_late_fees, assess_scheduled_fees
from tests.integration.delinquency.behind import make_loan, make_product


@pytest.fixture
def acme(make_tenant):
    clock.set_to(datetime(2024, 1, 20, 12, tzinfo=UTC))
    schema_name = make_tenant("acme", enabled_at=datetime(2023, 1, 1, tzinfo=UTC)).schema_name
    with schema_context(schema_name):
        make_loan(dues=["2024-01-01"], product=make_product("plain", late_fee_flat="5.00"))
    return schema_name


def run(capsys, *arguments):
    call_command(*arguments, "--tenant", "acme")
    return capsys.readouterr().out.strip()


def test_a_fee_is_defined_changed_and_ended(acme, capsys):
    assert run(capsys, "define_fee", "servicing", "10.00", "--product", "plain", "--from", "2024-01-02") == (
        "loans of plain pay 10.00 servicing every 1 months from 2024-01-02."
    )
    change = ["define_fee", "servicing", "12.50", "--product", "plain", "--from", "2024-02-01", "--every", "3"]
    assert run(capsys, *change, "--dry-run").startswith("Rehearsed only")
    run(capsys, *change)
    run(capsys, "end_fee", "servicing", "--product", "plain", "--until", "2024-06-30")
    run(capsys, "define_fee", "annual", "99.00", "--loan", "L1", "--from", "2024-01-02", "--whole-periods")
    with schema_context(acme):
        rows = FeeDefinition.objects.order_by("id").values_list(
            "code", "amount", "every_months", "prorates", "starts_on", "ends_on"
        )
        assert list(rows) == [
            ("servicing", Decimal("10.00"), 1, True, date(2024, 1, 2), date(2024, 1, 31)),
            ("servicing", Decimal("12.50"), 3, False, date(2024, 2, 1), date(2024, 6, 30)),
            ("annual", Decimal("99.00"), 1, False, date(2024, 1, 2), None),
        ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["define_fee", "x", "10.00", "--product", "ghost", "--from", "2024-01-02"], "There is no product ghost"),
        (["define_fee", "x", "10.00", "--loan", "ghost", "--from", "2024-01-02"], "There is no loan ghost"),
        (["define_fee", "x", "10.005", "--loan", "L1", "--from", "2024-01-02"], "not an amount"),
        (["define_fee", "late", "10.00", "--loan", "L1", "--from", "2024-01-02"], "give a code"),
        (["define_fee", "x", "10.00", "--from", "2024-01-02"], "one of the arguments"),
        (["end_fee", "x", "--loan", "L1", "--until", "2024-01-02"], "not charged"),
    ],
)
def test_what_cannot_be_is_refused_in_a_line(acme, capsys, arguments, message):
    with pytest.raises(CommandError, match=message):
        run(capsys, *arguments)


def test_the_tasks_do_the_night_they_are_given(acme):
    assert run_delinquency_engine(acme, business_date="2024-01-17") == {"past_due": 1, "begun": 1, "ended": 0}
    assert detect_defaults(acme, business_date="2024-01-17") == {"defaulted": 1, "cured": 0, "charged_off": 0}
    assert assess_late_fees(acme, business_date="2024-01-17", only=[]) == {"fees": 0}
    assert assess_late_fees(acme, business_date="2024-01-17") == {"fees": 1}
    assert assess_scheduled_fees(acme) == {"fees": 0}
