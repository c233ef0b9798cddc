"""A books task called by hand: not before its day, not beside the night, not before what is due earlier."""

from contextlib import ExitStack
from datetime import UTC, datetime

import pytest

from common import tenancy
from common.tasks import dispatch_to_all_tenants
from common.tenancy import lock_books, tenant_transaction
from schedules.exceptions import LineNotFinishedError, OperationRefusedError
from schedules.models import Run
from schedules.opening import open_due
from schedules.publishing import RUN_HEADER
from tenants.locks import BODIES
from tests.integration.common.calling import elsewhere, in_a_thread, somebody_else, written
from tests.night import effects
from tests.nightjobs.tasks import first, picky, second, third
from tests.processes import wait_until
from tests.stage import at

TODAY = "2024-07-01"


def settle(schema_name, schedule, state, reason="test"):
    """Put one tenant's run of a schedule into a state."""
    runs = Run.objects.filter(tenant__schema_name=schema_name, window__schedule=schedule)
    assert runs.update(state=state, reason=reason, token=None) == 1


@pytest.fixture
def night_is_open(acme, beta):
    """Four o'clock in the night of 1 July, all its windows open, nothing run."""
    at(4)
    open_due()


class TestDates:
    def test_today_is_the_default(self, acme):
        at(0, 30)
        assert first("acme") == {"rows": 1}
        assert [(e.schedule, str(e.business_date)) for e in effects("acme")] == [("by hand: first", TODAY)]

    @pytest.mark.parametrize("business_date", ["2024-07-02", "2025-01-01"])
    def test_the_future_is_refused(self, acme, business_date):
        at(0, 30)
        with pytest.raises(OperationRefusedError, match=f"{business_date} is in the future"):
            first("acme", business_date)
        assert written("acme") == []

    def test_the_past_is_allowed_where_nothing_stands_in_the_way(self, acme):
        at(0, 30)
        first("acme", business_date="2024-06-15")
        assert [str(e.business_date) for e in effects("acme")] == ["2024-06-15"]

    def test_only_books_are_guarded(self, night_is_open):
        third("acme", business_date="2031-12-31")
        assert [str(e.business_date) for e in effects("acme")] == ["2031-12-31"]


class TestLine:
    def test_earlier_unfinished_runs_are_named(self, night_is_open):
        with pytest.raises(
            LineNotFinishedError,
            match=r"daily-first of 2024-07-01 \(ready\), daily-second of 2024-07-01 \(waiting\)\. ",
        ):
            second("acme")
        assert written("acme") == []

    def test_a_failed_run_stands_in_the_way_too(self, night_is_open):
        settle("acme", "daily-first", "failed")
        settle("acme", "daily-second", "succeeded")
        with pytest.raises(LineNotFinishedError, match=r"first: daily-first of 2024-07-01 \(failed\)\. "):
            second("acme")

    @pytest.mark.parametrize("final", ["succeeded", "skipped"])
    def test_finished_runs_do_not(self, night_is_open, final):
        settle("acme", "daily-first", final)
        settle("acme", "daily-second", final)
        second("acme")
        assert written("acme") == ["by hand: second"]

    def test_another_tenants_runs_do_not(self, night_is_open):
        settle("beta", "daily-first", "succeeded")
        settle("beta", "daily-second", "succeeded")
        second("beta")
        assert written("beta") == ["by hand: second"]

    def test_runs_of_later_dates_do_not_unless_they_are_running(self, night_is_open):
        first("acme", "2024-06-30")
        Run.objects.filter(tenant__schema_name="acme", window__schedule="daily-first").update(
            state="running", token="00000000-0000-4000-8000-000000000000"
        )
        with pytest.raises(LineNotFinishedError, match=r"first: daily-first of 2024-07-01 \(running\)\. "):
            first("acme", "2024-06-30")
        assert written("acme") == ["by hand: first"]

    def test_what_no_beat_has_opened_comes_first_too(self, acme):
        at(4, day=3)
        with pytest.raises(
            LineNotFinishedError, match=r"first: daily-first of 2024-07-01 \(not opened\), daily-second"
        ):
            first("acme")
        assert written("acme") == []

    def test_a_tenant_need_not_wait_for_nights_it_has_no_part_in(self, acme, make_tenant):
        at(4, day=3)
        make_tenant("young", enabled_at=datetime(2024, 7, 3, tzinfo=UTC))
        first("young")
        assert written("young") == ["by hand: first"]

    def test_a_failed_ad_hoc_run_stops_nothing(self, acme):
        at(0, 30)
        dispatch_to_all_tenants(first.name)
        settle("acme", f"adhoc:{first.name}", "failed")
        second("acme")
        assert written("acme") == ["by hand: second"]

    def test_an_ad_hoc_run_of_the_books_that_is_not_done_does(self, acme):
        at(0, 30)
        dispatch_to_all_tenants(first.name)
        with pytest.raises(LineNotFinishedError, match=r"adhoc:tests\.nightjobs\.tasks\.first of 2024-07-01 \(ready\)"):
            second("acme")

    def test_other_ad_hoc_runs_do_not(self, acme):
        at(0, 30)
        dispatch_to_all_tenants(picky.name)
        second("acme")
        assert written("acme") == ["by hand: second"]


class TestLock:
    """One tenant's books bodies never overlap, however they were called."""

    def test_a_books_body_by_hand_waits_for_the_other_of_its_tenant(self, acme):
        at(0, 30)
        with _books_in_hand(acme.pk) as in_hand:
            waiting = in_a_thread(first, "acme")
            wait_until(lambda: _waits_for_a_lock() == 1, what="the body to wait")
            assert written("acme") == []
            in_hand.close()
            waiting.join()
        assert written("acme") == ["by hand: first"]

    def test_a_books_body_of_the_night_waits_for_the_one_by_hand(self, night_is_open, acme):
        run = Run.objects.get(tenant=acme, window__schedule="daily-first")
        with _books_in_hand(acme.pk) as in_hand:
            waiting = in_a_thread(lambda: first.apply(["acme"], headers={RUN_HEADER: run.pk}).get())
            wait_until(lambda: _waits_for_a_lock() == 1, what="the body to wait")
            assert Run.objects.get(pk=run.pk).state == "running"
            in_hand.close()
            waiting.join()
        assert written("acme") == ["daily-first"]

    def test_another_tenants_books_do_not_wait(self, acme, beta):
        at(0, 30)
        with _books_in_hand(acme.pk):
            first("beta")
        assert written("beta") == ["by hand: first"]

    def test_other_bodies_of_the_tenant_do_not_wait(self, acme):
        with _books_in_hand(acme.pk):
            third("acme")
        assert written("acme") == ["by hand: third"]

    def test_the_lock_ends_with_the_transaction(self, acme):
        with tenant_transaction("acme") as entered:
            lock_books(entered.tenant_id)
            assert set(_advisory_locks()) == {(tenancy.BOOKS, acme.pk), (BODIES, acme.pk)}
        assert _advisory_locks() == []


def _books_in_hand(tenant_id):
    """Hold a tenant's books, as the body of another process does, until the stack is closed."""
    stack = ExitStack()
    other = stack.enter_context(somebody_else())
    stack.enter_context(other.transaction())
    other.execute("SELECT pg_advisory_xact_lock(%s, %s)", [tenancy.BOOKS, tenant_id])
    return stack


def _waits_for_a_lock():
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND wait_event = 'advisory'"
    return elsewhere(waiting)[0][0]


def _advisory_locks():
    return elsewhere(
        """SELECT classid::int, objid::int FROM pg_locks JOIN pg_database d ON d.oid = database
           WHERE locktype = 'advisory' AND datname = current_database()"""
    )
