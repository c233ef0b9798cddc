"""What becomes of a run whose body raises: it rests and is tried again, then stops its line until somebody decides."""

from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest

from schedules import services
from schedules.catalog import Catalog
from schedules.exceptions import OperationRefusedError
from schedules.models import QuarantinedItem, Run
from schedules.opening import open_due
from tests.night import effects, work, work_through
from tests.nightjobs import orders
from tests.nightjobs.catalog import NIGHTLY, schedule
from tests.stage import utc

DAY = date(2024, 7, 1)


@pytest.fixture
def night_of_acme(deployed, make_tenant):
    deployed(NIGHTLY)
    make_tenant("acme")
    open_due(utc(1, 4))
    return Run.objects.get(window__schedule="daily-first")


def attempt(run):
    """Let a resting run be tried now, and return its row with how long it rests from then on."""
    Run.objects.filter(pk=run.pk).update(not_before=None)
    before = datetime.now(UTC)
    work(run)
    after = datetime.now(UTC)
    run.refresh_from_db()
    rest = None if run.not_before is None else (run.not_before - after, run.not_before - before)
    return run, rest


def test_a_failing_body_rests_5_s_then_30_s_then_5_min_and_then_has_failed(night_of_acme):
    orders.give("acme", "first", "end", "raise the till is short")
    for failures, seconds in enumerate((5, 30, 300), start=1):
        run, (least, most) = attempt(night_of_acme)
        assert (run.state, run.failures, run.attempt) == ("waiting", failures, failures)
        assert least <= timedelta(seconds=seconds) <= most
    run, rest = attempt(night_of_acme)
    assert (run.state, run.failures, run.attempt, rest) == ("failed", 4, 4, None)
    assert run.reason == "RuntimeError: the till is short"
    assert run.traceback.startswith("Traceback (most recent call last):")
    assert effects("acme") == []


def test_a_body_that_recovers_leaves_no_trace_of_its_failures_but_their_number(night_of_acme):
    orders.give("acme", "first", "end", "once raise a moment")
    attempt(night_of_acme)
    run, _ = attempt(night_of_acme)
    assert (run.state, run.failures, run.reason, run.traceback, run.not_before) == ("succeeded", 1, "", "", None)
    assert len(effects("acme")) == 1


def fail(run):
    Run.objects.filter(pk=run.pk).update(state="failed", failures=4, reason="broken", traceback="…")


def test_a_failed_run_stops_its_line_and_nothing_else(night_of_acme):
    fail(night_of_acme)
    assert {run.window.schedule for run in work_through()} == {"daily-parent"}
    assert set(Run.objects.filter(state="waiting").values_list("window__schedule", flat=True)) == {
        "daily-second",
        "daily-third",
    }


def test_a_rerun_continues_the_line_with_all_its_attempts_again(night_of_acme):
    fail(night_of_acme)
    work_through()
    effect = services.rerun(schedule="daily-first", business_date=DAY)
    assert (list(effect.lines), effect.runs) == (["acme: failed (broken)"], 1)
    night_of_acme.refresh_from_db()
    assert (night_of_acme.failures, night_of_acme.reason, night_of_acme.traceback) == (0, "", "")
    assert [run.window.schedule for run in work_through()] == ["daily-first", "daily-second", "daily-third"]


def test_a_skip_with_a_reason_continues_the_line_without_the_run(night_of_acme):
    fail(night_of_acme)
    work_through()
    services.skip(schedule="daily-first", business_date=DAY, reason="the tape was wrong")
    assert [run.window.schedule for run in work_through()] == ["daily-second", "daily-third"]
    night_of_acme.refresh_from_db()
    assert (night_of_acme.state, night_of_acme.reason) == ("skipped", "the tape was wrong")


def test_a_skip_without_a_reason_is_refused(night_of_acme):
    with pytest.raises(OperationRefusedError, match="needs a reason"):
        services.skip(schedule="daily-first", business_date=DAY, reason="  ")
    assert not Run.objects.filter(state="skipped").exists()


def test_a_skipped_books_run_with_later_books_cannot_be_run_again(night_of_acme):
    services.skip(schedule="daily-first", business_date=DAY, reason="the tape was wrong")
    work_through()
    with pytest.raises(OperationRefusedError, match=r"rewrite the books of acme: daily-second of 2024-07-01"):
        services.rerun(schedule="daily-first", business_date=DAY)
    night_of_acme.refresh_from_db()
    assert night_of_acme.state == "skipped"


def test_a_skipped_books_run_of_no_catalog_with_later_books_cannot_be_run_again_either(night_of_acme, deployed):
    from schedules import registry
    from tests.nightjobs import catalog

    services.skip(schedule="daily-first", business_date=DAY, reason="the tape was wrong")
    work_through()
    catalog.DEPLOYED = Catalog(tuple(one for one in NIGHTLY if one.name == "daily-parent"))
    registry.catalog.cache_clear()
    with pytest.raises(OperationRefusedError, match=r"rewrite the books of acme"):
        services.rerun(schedule="daily-first", business_date=DAY)


def test_a_succeeded_run_is_not_run_again(night_of_acme):
    work_through()
    with pytest.raises(OperationRefusedError, match="Nothing of daily-first of 2024-07-01 failed, was skipped"):
        services.rerun(schedule="daily-first", business_date=DAY)


def test_a_deadlock_is_not_charged_to_the_body(night_of_acme, monkeypatch):
    def deadlocked(*_):
        raise psycopg.errors.DeadlockDetected("deadlock detected")

    monkeypatch.setattr("tests.nightjobs.tasks.orders.obey", deadlocked)
    run, _ = attempt(night_of_acme)
    assert (run.state, run.failures, run.attempt) == ("waiting", 0, 1)
    assert "deadlock detected" in run.reason


# --- quarantine -----------------------------------------------------------------------------------------------------


@pytest.fixture
def picky(deployed, make_tenant):
    """A run that left one bad item out."""
    deployed(
        Catalog((schedule("daily-picky", "0 1 * * *", books=True), schedule("daily-second", "0 2 * * *", books=True)))
    )
    make_tenant("acme")
    open_due(utc(1, 3))
    work_through()
    return Run.objects.get(window__schedule="daily-picky")


def test_a_run_with_a_bad_item_does_the_rest_and_succeeds_with_an_exception(picky):
    assert (picky.state, picky.exceptions, picky.counts) == ("succeeded", 1, {"rows": 1})
    item = QuarantinedItem.objects.get()
    assert (item.run, item.model, item.key, item.reason) == (picky, "nightjobs.Effect", "bad", "told to be bad")
    assert item.resolved_at is None
    assert [(row.schedule, row.item) for row in effects("acme")] == [("daily-picky", "good"), ("daily-second", "")]


def test_running_a_succeeded_run_again_does_its_quarantined_items_only(picky):
    effect = services.rerun(schedule="daily-picky", business_date=DAY)
    assert effect.runs == 1
    assert work_through() == [picky]
    assert [row.item for row in effects("acme")] == ["good", "", "bad"]
    picky.refresh_from_db()
    assert (picky.state, picky.exceptions) == ("succeeded", 0)
    assert QuarantinedItem.objects.get().resolved_at is not None
    with pytest.raises(OperationRefusedError):
        services.rerun(schedule="daily-picky", business_date=DAY)


def test_a_quarantined_item_survives_an_attempt_that_fails(picky):
    services.rerun(schedule="daily-picky", business_date=DAY)
    orders.give("acme", "picky", "end", "once raise a moment")
    work_through()
    assert QuarantinedItem.objects.get().resolved_at is None
    Run.objects.update(not_before=None)
    work_through()
    assert QuarantinedItem.objects.get().resolved_at is not None
    assert [row.item for row in effects("acme")] == ["good", "", "bad"]
