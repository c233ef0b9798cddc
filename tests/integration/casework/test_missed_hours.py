"""The hourly schedule on the ledger: of missed hours only the newest is done, and it wakes all that are due."""

from datetime import UTC, datetime

import pytest
from django_tenants.utils import schema_context

from casework.models import Case, CaseEvent
from casework.services import open_case, snooze
from schedules.catalog import CATALOG, Catalog
from schedules.models import Run
from schedules.opening import open_due
from tests.integration.casework.cases import at, instant
from tests.integration.delinquency.behind import make_loan
from tests.night import work_through
from tests.stage import deployed, registered

__all__ = ["deployed", "registered"]


@pytest.fixture
def sleepers(deployed, make_tenant):
    """Two cases, one to wake at 10:00 and one at 14:00 on 4 March, and nobody ticks from 07:30 on."""
    deployed(Catalog((CATALOG["hourly-case-unsnooze"],)), at=datetime(2024, 3, 3, 7, 30, tzinfo=UTC))
    schema_name = make_tenant("acme", enabled_at=datetime(2024, 3, 2, tzinfo=UTC)).schema_name
    at("03-04", 7, 30)
    open_due()
    work_through()
    with schema_context(schema_name):
        for number, hour in (("L1", 10), ("L2", 14)):
            make_loan(number, dues=["2024-12-01"])
            case = open_case(loan_number=number, kind="dispute", queue_code="general", by="ann")
            snooze(number=case.number, until=instant("03-04", hour), by="ann")
    return schema_name


def test_the_newest_missed_hour_wakes_what_any_of_them_would_have(sleepers):
    at("03-04", 11, 20)
    open_due()
    done = work_through()
    assert [run.window.due_at for run in done] == [instant("03-04", 11)]
    assert set(Run.objects.values_list("state", flat=True)) <= {"succeeded", "skipped"}
    with schema_context(sleepers):
        woken = CaseEvent.objects.filter(kind="woken").values_list("case__number", "at", "until", "due_at")
        assert list(woken) == [("L1/1", instant("03-04", 11), instant("03-04", 10), instant("03-04", 11))]
        assert Case.objects.get(number="L2/1").status == "snoozed"


def test_hour_by_hour_each_case_wakes_once(sleepers):
    for hour in range(8, 17):
        at("03-04", hour)
        open_due()
        work_through()
    with schema_context(sleepers):
        woken = CaseEvent.objects.filter(kind="woken").order_by("at").values_list("case__number", "at")
        assert list(woken) == [("L1/1", instant("03-04", 10)), ("L2/1", instant("03-04", 14))]
