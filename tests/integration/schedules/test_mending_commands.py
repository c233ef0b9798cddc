"""`rerun` and `skip`, and what all of the night's commands leave when they only rehearse: nothing."""

from datetime import UTC, datetime

import pytest

from common import clock
from schedules.models import Beat, Run
from schedules.opening import open_due
from tests.integration.schedules.commands import fail, ledger, refused, run
from tests.night import effects, work_through
from tests.stage import at, utc


def test_rerun_runs_what_failed_and_leaves_the_rest_alone(nightly):
    at(4)
    open_due()
    fail("daily-third")
    work_through()
    said = run("rerun", "daily-third", "2024-07-01", "--no-wait")
    assert said.splitlines() == ["  acme: failed (RuntimeError: the till is short)", "1 runs go again."]
    assert [one.tenant.schema_name for one in work_through()] == ["acme"]


def test_rerun_of_one_tenant_leaves_the_others(nightly):
    at(4)
    open_due()
    for schema_name in ("acme", "beta"):
        fail("daily-third", schema_name)
    run("rerun", "daily-third", "2024-07-01", "--tenant", "beta", "--no-wait")
    assert set(Run.objects.filter(state="failed").values_list("tenant__schema_name", flat=True)) == {"acme"}


def test_skip_gives_up_what_is_not_done_and_keeps_the_reason(nightly):
    at(4)
    open_due()
    fail("daily-first")
    said = run("skip", "daily-first", "2024-07-01", "--tenant", "acme", "--reason", "no tape came")
    assert said.splitlines() == ["  acme: failed", "1 runs skipped."]
    (skipped,) = Run.objects.filter(state="skipped")
    assert (skipped.reason, skipped.tenant.schema_name) == ("no tape came", "acme")
    work_through()
    assert "daily-second" in {row.schedule for row in effects("acme")}


def test_rerun_and_skip_refuse_where_there_is_nothing_to_do(nightly):
    at(4)
    open_due()
    work_through()
    nothing = "Nothing of daily-first of 2024-07-01"
    assert refused("rerun", "daily-first", "2024-07-01") == f"{nothing} failed, was skipped or is in quarantine."
    assert refused("skip", "daily-first", "2024-07-01", "--reason", "x") == f"{nothing} is waiting, ready or failed."


@pytest.mark.parametrize(
    "words",
    [
        ["catch_up"],
        ["run_window", "daily-first", "2024-07-02"],
        ["backfill", "--schedule", "daily-first", "--from", "2024-06-28", "--to", "2024-07-02"],
        ["rerun", "daily-second", "2024-07-01"],
        ["rerun", "daily-first", "2024-07-01"],
        ["skip", "daily-third", "2024-07-01", "--reason", "not tonight"],
        ["prune"],
    ],
    ids=lambda words: " ".join(words[:2]),
)
def test_a_dry_run_says_what_would_happen_and_writes_nothing(nightly, words):
    at(4)
    open_due()
    Run.objects.filter(window__schedule="daily-first").update(state="skipped", reason="not tonight")
    Run.objects.filter(window__schedule="daily-second").update(state="ready", published_at=clock.now())
    fail("daily-second", "beta")
    Beat.objects.create(name="dead", started_at=utc(1, 1), ticked_at=datetime(2020, 1, 1, tzinfo=UTC), clock=utc(1, 1))
    at(4, day=2)
    before = ledger()
    assert len(run(*words, "--dry-run")) > 0
    assert ledger() == before
    assert Beat.objects.count() == 1
