"""What the ledger forgets, and what it never does: anything unfinished, and anything still expected."""

from datetime import UTC, datetime, timedelta

import pytest

from schedules.catalog import Catalog
from schedules.exceptions import OperationRefusedError
from schedules.models import Beat, OutboxMessage, QuarantinedItem, Run, Window
from schedules.opening import Opened, missing, open_due
from schedules.retention import Pruned, prune
from tests.nightjobs.catalog import FIRST, schedule
from tests.stage import at

DAYS = timedelta(days=1)


def utc(day, hour):
    return datetime(2024, 7, 1, hour, tzinfo=UTC) + (day - 1) * DAYS


@pytest.fixture
def sixty_days(deployed, make_tenant):
    """Sixty finished nights of one schedule, and the clock on the last one's noon."""
    deployed(Catalog((FIRST,)))
    make_tenant("acme")
    for day in range(1, 61):
        open_due(utc(day, 1))
    Run.objects.update(state="succeeded")
    at(12, day=1)
    from common import clock

    clock.set_to(utc(60, 12))


def days():
    return [(due - utc(1, 1)) // DAYS + 1 for due in Window.objects.order_by("due_at").values_list("due_at", flat=True)]


def test_finished_windows_leave_with_their_runs_after_the_retention(sixty_days):
    run = Run.objects.order_by("window__due_at").first()
    QuarantinedItem.objects.create(run=run, model="m", key="k", reason="r", quarantined_at=utc(1, 1))
    assert prune(days=40) == Pruned(windows=20, runs=20, messages=0)
    assert days() == list(range(21, 61))
    assert Run.objects.count() == 40
    assert QuarantinedItem.objects.count() == 0
    assert prune(days=40) == Pruned()


@pytest.mark.parametrize("state", ["waiting", "ready", "failed"])
def test_a_window_with_an_unfinished_run_stays(sixty_days, state):
    Run.objects.filter(window__due_at=utc(5, 1)).update(state=state, reason="for a reason")
    assert prune(days=40).windows == 19
    assert days() == [5, *range(21, 61)]


def test_a_dry_run_counts_the_same_and_removes_nothing(sixty_days):
    assert prune(days=40, dry_run=True) == Pruned(windows=20, runs=20, messages=0)
    assert days() == list(range(1, 61))


def test_many_windows_leave_in_batches(sixty_days, monkeypatch):
    monkeypatch.setattr("schedules.retention.BATCH", 7)
    assert prune(days=40).windows == 20
    assert days() == list(range(21, 61))


def test_a_retention_within_the_catch_up_age_is_refused(sixty_days):
    with pytest.raises(OperationRefusedError, match="35 days is within the catch-up age of 35 days"):
        prune(days=35)
    assert days() == list(range(1, 61))


@pytest.mark.parametrize("cron", ["0 8 1 * *", "0 8 1 1,4,7,10 *", "0 8 1 1 *"])
def test_what_was_pruned_is_never_expected_again(deployed, make_tenant, cron):
    from common import clock

    deployed(Catalog((schedule("rarely-first", cron),)))
    make_tenant("acme")
    for year in (2024, 2025, 2026):
        for month in range(1, 13):
            moment = datetime(year, month, 1, 9, tzinfo=UTC)
            if moment > utc(1, 0):
                open_due(moment)
    Run.objects.update(state="succeeded")
    clock.set_to(datetime(2026, 12, 20, tzinfo=UTC))
    prune(days=36)
    assert missing() == []
    assert open_due() == Opened(windows=0, published=0)


def test_settled_messages_leave_and_others_stay(sixty_days):
    from tenants.models import Tenant

    def message(key, **settled):
        OutboxMessage.objects.create(
            tenant=Tenant.objects.get(),
            kind="letter",
            key=key,
            payload={},
            not_before=utc(1, 1),
            created_at=utc(1, 1),
            **settled,
        )

    message("accepted", accepted_at=utc(2, 1))
    message("expired", expired_at=utc(2, 1))
    message("pending")
    message("young", accepted_at=utc(30, 1))
    assert prune(days=40).messages == 2
    assert set(OutboxMessage.objects.values_list("key", flat=True)) == {"pending", "young"}


def test_beats_that_died_long_ago_leave_the_list(sixty_days):
    now = datetime.now(UTC)
    for name, age in (("dead", 41), ("killed yesterday", 1)):
        Beat.objects.create(name=name, started_at=now, ticked_at=now - age * DAYS, clock=now)
    prune(days=40)
    assert list(Beat.objects.values_list("name", flat=True)) == ["killed yesterday"]
