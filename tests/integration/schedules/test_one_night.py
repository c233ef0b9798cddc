"""One undisturbed night through the real path: beat, broker, worker, Postgres."""

from datetime import UTC, datetime

from common import clock
from schedules.models import Run
from tests.night import effects, states, wait_for_night


def test_a_beat_and_a_worker_run_the_whole_night_in_order(registered, make_tenant, start):
    make_tenant("acme", enabled_at=datetime(2024, 6, 1, tzinfo=UTC))
    make_tenant("beta", enabled_at=datetime(2024, 6, 1, tzinfo=UTC))
    clock.set_to(datetime(2024, 7, 1, 4, tzinfo=UTC))
    start("worker")
    start("beat")
    wait_for_night(windows=4)
    assert states() == {"succeeded": 14}
    for schema_name in ("acme", "beta"):
        assert [e.schedule for e in effects(schema_name) if e.schedule in {"daily-first", "daily-second"}] == [
            "daily-first",
            "daily-second",
        ]
    parent = Run.objects.get(tenant__schema_name="acme", window__schedule="daily-parent", item="")
    assert parent.counts == {"succeeded": 3, "skipped": 0}
