"""The night's job as Celery calls it."""

from datetime import UTC, date, datetime

import pytest
from django_tenants.utils import schema_context

from common import clock
from ledger.models import JournalEntry
from loans.models import Accrual
from loans.tasks import accrue_daily_interest
from tests.integration.loans.books import make_loan

QUARANTINED = [
    {"model": "loans.Loan", "key": "bad", "reason": "no rate is in force on 2024-01-01: add the rate segment"}
]


@pytest.fixture
def acme(make_tenant):
    schema_name = make_tenant("acme", enabled_at=datetime(2023, 1, 1, tzinfo=UTC)).schema_name
    with schema_context(schema_name):
        make_loan("good")
        make_loan("bad", rate=None)
    return schema_name


def written(schema_name):
    with schema_context(schema_name):
        return Accrual.objects.count(), list(
            JournalEntry.objects.filter(kind="interest-accrual").values_list("entry_date", "run_id", "due_at")
        )


def test_by_hand_it_accrues_up_to_the_date_it_is_given(acme):
    clock.set_to(datetime(2024, 1, 20, tzinfo=UTC))
    result = accrue_daily_interest(acme, business_date="2024-01-10")
    assert result == {"loans": 1, "rows": 9, "quarantined": QUARANTINED}
    assert written(acme) == (9, [(date(2024, 1, 10), None, None)])


def test_by_hand_it_accrues_up_to_today_without_a_date(acme):
    clock.set_to(datetime(2024, 1, 4, 23, 59, tzinfo=UTC))
    assert accrue_daily_interest(acme) == {"loans": 1, "rows": 3, "quarantined": QUARANTINED}


def test_it_can_be_restricted_to_some_loans(acme):
    clock.set_to(datetime(2024, 1, 20, tzinfo=UTC))
    result = accrue_daily_interest(acme, business_date="2024-01-10", only=["bad"])
    assert result == {"loans": 0, "rows": 0, "quarantined": QUARANTINED}
    assert written(acme) == (0, [])


def test_the_scheduler_finds_it_by_its_name():
    assert accrue_daily_interest.name == "loans.tasks.accrue_daily_interest"
