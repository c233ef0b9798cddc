"""Who may start a run: one process, in its tenant's line, and only while it holds the token of its claim."""

from datetime import UTC, datetime, timedelta

import pytest

from common import clock
from schedules import claims
from schedules.catalog import Catalog
from schedules.exceptions import LeaseLostError, UnknownRunError
from schedules.models import Registration, Run
from schedules.opening import open_due
from schedules.reconcile import recover_orphans
from tenants.models import Tenant
from tests.integration.schedules.threads import at_once
from tests.night import effects, work
from tests.nightjobs.catalog import FIRST, NIGHTLY, schedule
from tests.stage import utc

FIRST_TASK = "tests.nightjobs.tasks.first"
SECOND_TASK = "tests.nightjobs.tasks.second"
HOUR = timedelta(hours=1)


@pytest.fixture
def first(deployed, make_tenant):
    """The ready run of a night of one schedule."""
    deployed(Catalog((FIRST,)))
    make_tenant("acme")
    open_due(utc(1, 1))
    return Run.objects.get()


@pytest.fixture
def second(deployed, make_tenant):
    """A run that waits for the one before it in its line."""
    deployed(NIGHTLY)
    make_tenant("acme")
    open_due(utc(1, 4))
    return Run.objects.get(window__schedule="daily-second")


def claim(run, *, task=FIRST_TASK, schema_name="acme"):
    return claims.claim(run_id=run.pk, schema_name=schema_name, task=task)


def row(run):
    run.refresh_from_db()
    return run


def test_a_claim_takes_the_run_and_says_what_its_body_may_know(first):
    held = claim(first)
    assert (held.run_id, held.schema_name, held.schedule, held.item) == (first.pk, "acme", "daily-first", "")
    assert (held.due_at, held.business_date.isoformat()) == (utc(1, 1), "2024-07-01")
    assert (held.books, held.is_join, held.is_rerun) == (True, False, False)
    run = row(first)
    assert (run.state, run.token, run.attempt, run.failures, run.published_at) == ("running", held.token, 1, 0, None)


def test_of_many_claims_at_once_one_succeeds(first):
    got = at_once(*[lambda: claim(first)] * 6)
    assert len([held for held in got if held]) == 1
    assert row(first).attempt == 1


@pytest.mark.parametrize("state", ["running", "succeeded", "failed", "skipped"])
def test_a_run_that_is_taken_or_done_is_left_alone(first, state):
    token = "00000000-0000-4000-8000-000000000000" if state == "running" else None
    Run.objects.update(state=state, token=token, reason="for a reason")
    before = Run.objects.values().get()
    assert claim(first) is None
    assert Run.objects.values().get() == before


@pytest.mark.parametrize(
    "forged",
    [
        {"schema_name": "other"},
        {"schema_name": "ghost"},
        {"schema_name": "public"},
        {"task": SECOND_TASK},
        {"run": Run(pk=987654)},
    ],
)
def test_a_message_that_does_not_fit_its_run_is_refused_by_name(first, make_tenant, forged):
    make_tenant("other")
    with pytest.raises(UnknownRunError, match="forged, or the tenant or task was renamed"):
        claim(forged.pop("run", first), **forged)
    assert row(first).state == "ready"


def waits(run):
    run = row(run)
    return (run.state, run.published_at, run.attempt) == ("waiting", None, 0)


def test_a_run_whose_line_is_unfinished_goes_back_to_waiting(second):
    Run.objects.filter(pk=second.pk).update(state="ready", published_at=datetime.now(UTC))
    assert claim(second, task=SECOND_TASK) is None
    assert waits(second)


@pytest.mark.parametrize("state", ["waiting", "ready", "running", "failed"])
def test_every_unfinished_state_of_a_predecessor_holds_a_run_back(second, state):
    token = "00000000-0000-4000-8000-000000000000" if state == "running" else None
    Run.objects.filter(window__schedule="daily-first").update(state=state, token=token, reason="for a reason")
    assert claim(second, task=SECOND_TASK) is None


@pytest.mark.parametrize("state", ["succeeded", "skipped"])
def test_a_finished_predecessor_lets_a_run_start(second, state):
    Run.objects.filter(window__schedule="daily-first").update(state=state, reason="for a reason")
    assert claim(second, task=SECOND_TASK) is not None


def test_a_run_whose_predecessor_nobody_has_opened_goes_back_to_waiting(second):
    Run.objects.filter(window__schedule="daily-first").delete()
    Registration.objects.filter(name="daily-first").update(opened_through=utc(1, 0))
    assert claim(second, task=SECOND_TASK) is None
    assert waits(second)


def test_a_failed_ad_hoc_run_holds_nobody_back(second):
    first = Run.objects.get(window__schedule="daily-first")
    Run.objects.filter(pk=first.pk).update(state="failed", reason="for a reason")
    type(first.window).objects.filter(pk=first.window_id).update(origin="ad_hoc")
    assert claim(second, task=SECOND_TASK) is not None


def test_a_run_that_rests_goes_back_to_waiting(first):
    Run.objects.update(not_before=datetime.now(UTC) + HOUR)
    assert claim(first) is None
    assert waits(first)
    Run.objects.update(not_before=datetime.now(UTC) - HOUR)
    assert claim(first) is not None


def test_a_staggered_run_goes_back_to_waiting_until_its_turn(first):
    Run.objects.update(starts_at=clock.now() + HOUR)
    assert claim(first) is None
    assert waits(first)


@pytest.mark.parametrize("status", ["suspended", "closed"])
def test_a_run_of_a_tenant_that_left_is_skipped(first, status):
    Tenant.objects.update(status=status)
    assert claim(first) is None
    assert (row(first).state, row(first).reason) == ("skipped", f"tenant {status}")


def test_a_parent_with_open_children_goes_back_to_waiting(deployed, make_tenant):
    deployed(Catalog((schedule("daily-parent", "0 3 * * *"),)))
    make_tenant("acme")
    open_due(utc(1, 3))
    parent = Run.objects.get()
    work(parent)
    Run.objects.filter(pk=parent.pk).update(state="ready")
    assert claim(parent, task="tests.nightjobs.tasks.parent") is None
    assert row(parent).state == "waiting"


# --- the token ------------------------------------------------------------------------------------------------------


@pytest.fixture
def taken_over(first, settings_without_grace):
    """A claim whose run another attempt has taken over since."""
    lost = claim(first)
    assert recover_orphans() == 1
    Run.objects.update(not_before=None)
    return lost, claim(first)


@pytest.fixture
def settings_without_grace():
    from django.test import override_settings

    with override_settings(MATINS_LEASE_GRACE_S=0.0):
        yield


def test_two_claims_of_a_run_hold_different_tokens(taken_over):
    lost, held = taken_over
    assert lost.token != held.token


@pytest.mark.parametrize(
    "write",
    [
        lambda lost: claims.fail(lost, RuntimeError("late")),
        lambda lost: claims.give_back(lost, "late"),
        lambda lost: claims.skip(lost, "late"),
    ],
)
def test_an_attempt_that_lost_its_run_can_write_nothing(first, taken_over, write):
    before = Run.objects.values().get()
    write(taken_over[0])
    assert Run.objects.values().get() == before


@pytest.mark.parametrize(
    "step",
    [
        claims.hold,
        lambda lost: claims.succeed(lost, counts={}, quarantined=[]),
    ],
)
def test_an_attempt_that_lost_its_run_cannot_hold_or_finish_it(first, taken_over, step):
    before = Run.objects.values().get()
    with pytest.raises(LeaseLostError):
        step(taken_over[0])
    assert Run.objects.values().get() == before


def test_the_attempt_that_took_over_finishes(first, taken_over):
    claims.succeed(taken_over[1], counts={"rows": 1}, quarantined=[])
    assert (row(first).state, row(first).counts, row(first).attempt) == ("succeeded", {"rows": 1}, 2)


@pytest.mark.parametrize(("state", "waits"), [("waiting", True), ("ready", False), ("failed", False)])
def test_who_finishes_says_whether_other_runs_of_the_tenant_wait(second, state, waits):
    first = Run.objects.get(window__schedule="daily-first")
    held = claim(first)
    Run.objects.exclude(pk=first.pk).update(state=state, reason="why")
    assert claims.succeed(held, counts={}, quarantined=[]) is waits


# --- the lease ------------------------------------------------------------------------------------------------------


def test_a_run_whose_body_runs_is_no_orphan(first, settings_without_grace, monkeypatch):
    found = []

    def look(*_):
        found.append(at_once(recover_orphans))

    monkeypatch.setattr("tests.nightjobs.tasks.orders.obey", look)
    work(first)
    assert found == [[0], [0]]
    assert (row(first).state, len(effects("acme"))) == ("succeeded", 1)


def test_a_run_claimed_a_moment_ago_is_no_orphan(first):
    claim(first)
    assert recover_orphans() == 0
    Run.objects.update(claimed_at=datetime.now(UTC) - timedelta(seconds=11))
    assert recover_orphans() == 1
    run = row(first)
    assert (run.state, run.failures, run.token) == ("waiting", 1, None)
    assert run.not_before <= datetime.now(UTC)


def test_a_run_claimed_before_postgres_started_is_given_back_uncounted(first):
    claim(first)
    Run.objects.update(claimed_at=datetime.now(UTC) - timedelta(days=1))
    recover_orphans()
    run = row(first)
    assert (run.state, run.failures, run.reason) == ("waiting", 0, "Postgres restarted under it")


def test_earlier_work_asked_for_after_the_claim_sends_the_run_back(second):
    first = Run.objects.get(window__schedule="daily-first")
    Run.objects.filter(pk=first.pk).update(state="skipped", reason="not tonight")
    held = claim(second, task=SECOND_TASK)
    Run.objects.filter(pk=first.pk).update(state="waiting", reason="")
    from schedules.exceptions import LineNotFinishedError

    with pytest.raises(LineNotFinishedError, match="Earlier work of acme"):
        claims.hold(held)
