"""The contract of every job of the night, for all that the catalog declares."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext, suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.db import connection
from django.utils.module_loading import import_string

import common.books
from common import clock
from common.books import books_transaction
from common.exceptions import BooksBusyError, NeedsLedgerError
from common.rehearsal import rehearse
from loans.services.booking import Booking
from payments.services import post_payment
from schedules.catalog import CATALOG, CatchUp
from schedules.models import QuarantinedItem, Run, Window
from schedules.services import rerun
from tests.conformance import nights, world
from tests.conformance.history import ACME, BETA, GAMMA
from tests.conformance.merging import has_items, of_many, poison_of
from tests.conformance.nights import JOBS, finished, interrupted_at, open_night, perform, perform_all, share
from tests.conformance.telling import books, differences, of_all_but, says_the_real_today, tables
from tests.night import work

pytestmark = pytest.mark.usefixtures("stage")

each_job = pytest.mark.parametrize("job", JOBS)
each_job_of_items = pytest.mark.parametrize("job", [job for job in JOBS if has_items(job)])


@pytest.fixture
def scene(history, job):
    """The job in its busiest night of the world, which nothing disturbed."""
    return history.scene(job)


@pytest.fixture
def run(history, scene):
    """The job's run in the moment before it, not begun."""
    return history.set(scene)


@each_job
class TestEachJob:
    def test_its_messages_delivered_again_change_nothing(self, run, scene):
        perform(run)
        for one in share(run):
            work(one)
        assert [one.attempt for one in share(run)] == [2 if scene.children else 1] + [1] * scene.children
        assert share(run)[0].counts == scene.counts
        assert differences(books(ACME), scene.after) == {}

    def test_done_again_by_hand_when_the_night_is_over_it_changes_nothing(self, job, history, scene):
        moment, closing = history.closing[scene.night]
        history.shelves.put_back(moment, ACME)
        with pytest.raises(NeedsLedgerError) if scene.children else nullcontext():
            import_string(CATALOG[job].task)(ACME, business_date=scene.night.isoformat())
        assert differences(books(ACME), closing) == {}

    def test_cut_off_at_any_statement_and_done_again_it_leaves_the_books_of_an_undisturbed_night(self, run, scene):
        cuts = perform_cut_at_every_statement(run)
        assert finished(run) == ("succeeded", 0)
        assert cuts > 1
        assert differences(books(ACME), scene.after) == {}

    def test_caught_up_after_all_other_work_it_does_what_it_does_in_time(self, job, run, history, scene):
        tomorrow = scene.night + timedelta(days=1)
        late = "" if CATALOG[job].books else job  # What only reads the books may come when later nights are written.
        perform_all(but=late)
        open_night(tomorrow)
        perform_all(but=late)
        perform_all()
        assert nights.unfinished() == []
        _moment, closing = history.closing[tomorrow]
        assert differences(of_all_but_superseded(books(ACME)), of_all_but_superseded(closing)) == {}

    def test_it_changes_no_other_tenants_books(self, history, scene):
        acmes = history.set_with_another(scene)
        betas = tables(books(BETA))
        assert differences(betas, tables(scene.before)) == {}
        perform(acmes)
        assert differences(books(ACME), scene.after) == {}
        assert differences(tables(books(BETA)), betas) == {}

    def test_a_payment_that_comes_meanwhile_is_refused_or_does_not_matter(self, job, run, scene, monkeypatch):
        monkeypatch.setattr(common.books, "WAIT_S", 0.1)
        came = []
        with interrupted_at(1, lambda: came.append(in_a_thread(pay_online, scene.night))):
            perform(run)
        assert finished(run) == ("succeeded", 0)
        if CATALOG[job].books:
            assert [type(error) for error in came] == [BooksBusyError]
            assert differences(books(ACME), scene.after) == {}
            pay_online(scene.night)
        else:
            assert came == [None]
            counts = {**share(run)[0].counts, "entries": 0}  # The payment's is among them.
            assert counts == {**scene.counts, "entries": 0}
            found = differences(books(ACME), scene.after)
            assert {label: found[label] for label in found if label in scene.written - of_many()} == {}

    def test_a_rehearsal_counts_the_same_and_keeps_nothing(self, job, run, scene):
        rehearsed = rehearse(import_string(CATALOG[job].task), ACME, business_date=scene.night)
        assert rehearsed == scene.counts
        assert differences(books(ACME), scene.before) == {}

    def test_only_the_business_date_counts_whatever_the_time_is(self, run, scene):
        clock.set_to(datetime(2025, 3, 9, 23, 59, 30, tzinfo=UTC))
        perform(run)
        assert finished(run) == ("succeeded", 0)
        assert differences(books(ACME), scene.after) == {}
        assert says_the_real_today(ACME) == []


@each_job_of_items
class TestABadItem:
    def test_it_is_left_out_and_recorded_and_the_rest_is_done(self, job, run, scene):
        poison = poison_of(job)
        with nights.inside(ACME):
            poison.spoil(scene.night)
        perform(run)
        assert finished(run) == ("succeeded", 1)
        item = QuarantinedItem.objects.get(resolved_at=None)
        assert (item.key, bool(item.reason)) == (poison.key, True)
        assert differences(without(poison, books(ACME)), without(poison, scene.after)) == {}

    def test_mended_it_is_done_alone_by_a_rerun(self, job, run, scene):
        poison = poison_of(job)
        with nights.inside(ACME):
            poison.spoil(scene.night)
        perform(run)
        others = without(poison, books(ACME))
        with nights.inside(ACME):
            poison.mend(scene.night)
        rerun(schedule=job, business_date=scene.night)
        perform(run)
        assert finished(run) == ("succeeded", 0)
        assert QuarantinedItem.objects.exclude(resolved_at=None).get().key == poison.key
        assert differences(without(poison, books(ACME)), others) == {}
        assert differences(without(None, books(ACME)), without(None, scene.after)) == {}


class TestWholeNights:
    def test_all_nights_missed_and_caught_up_equal_nights_on_time(self, history):
        history.set_eve(ACME)
        open_night(world.LAST)
        perform_all()
        assert nights.unfinished() == []
        _moment, closing = history.closing[world.LAST]
        assert differences(of_all_but_superseded(books(ACME)), of_all_but_superseded(closing)) == {}

    def test_any_number_of_workers_leaves_the_books_of_one(self, history):
        history.set_eve(ACME, BETA, GAMMA)
        open_night(world.NIGHTS[0])
        threads = [threading.Thread(target=a_worker) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert nights.unfinished() == []
        _moment, closing = history.closing[world.NIGHTS[0]]
        for tenant in (ACME, BETA, GAMMA):
            assert differences(tables(books(tenant)), tables(closing)) == {}

    def test_without_anything_to_do_every_job_succeeds_with_zero_counts(self, history):
        history.shelves.put_back(history.emptiness, ACME)
        open_night(world.NIGHTS[0])
        perform_all()
        runs = Run.objects.filter(item="")
        counted = {run.window.schedule: (run.state, set(run.counts.values()) - {0}) for run in runs}
        assert counted == {job: ("succeeded", set()) for job in JOBS}

    def test_the_reconciliation_comes_after_every_daily_schedule_of_the_books_line(self):
        daily_books = {schedule.name for schedule in CATALOG if schedule.books and schedule.is_dated}
        assert set(CATALOG["daily-gl-reconciliation"].after) == daily_books

    def test_the_ledgers_agree_after_every_undisturbed_night(self, history):
        assert history.breaks == dict.fromkeys(world.NIGHTS, 0)

    def test_the_world_ends_before_the_real_today(self):
        assert date(2024, 1, 5) == world.LAST < datetime.now(UTC).date() - timedelta(days=700)


def a_worker():
    """Do what may start until nothing is left, as one of several."""
    try:
        while nights.unfinished():
            if run := nights.next_run():
                work(run)
    finally:
        connection.close()


def perform_cut_at_every_statement(run):
    """Perform a tenant's share of a window, each body stopped at its first statement, then at its second, …; count."""
    cuts = statement = 0
    while one := nights.next_run(window=run.window, tenant=run.tenant):
        reached = []
        with interrupted_at(statement, partial(stop, reached)), suppress(KeyboardInterrupt):
            work(one)
        statement = statement + 1 if reached else 0
        cuts += len(reached)
        assert cuts < 400
    return cuts


def stop(reached):
    """Do as Celery does to a body whose worker must end now."""
    reached.append(True)
    raise KeyboardInterrupt


def without(poison, told):
    """Return what is told of all items but a bad one, if there is one; and nothing that tells of many items at once."""
    return of_all_but(told, poison.loan if poison else None, of_many=of_many())


def of_all_but_superseded(told):
    """Return what is told, but for the apps in which a newer window stood in for an older one that came too late."""
    latest = [schedule.name for schedule in CATALOG if schedule.catch_up is CatchUp.LATEST]
    skipped = Run.objects.filter(state="skipped").values_list("window__schedule", flat=True)
    superseded = {*skipped, *Window.objects.exclude(skipped="").values_list("schedule", flat=True)}.intersection(latest)
    apps = {CATALOG[name].task.partition(".")[0] for name in superseded}
    return {label: rows for label, rows in told.items() if not apps or label.partition(".")[0] not in {*apps, "outbox"}}


def pay_online(night):
    """Post a payment as a portal does."""
    with books_transaction(ACME):
        post_payment(
            loan_number="LN-08", amount=Decimal("12.34"), reference="meanwhile", booking=Booking(entry_date=night)
        )


def in_a_thread(call, *args):
    """Call something on a connection of its own; return the error it ends with, if it does."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(on_its_own, call, *args).exception()


def on_its_own(call, *args):
    try:
        call(*args)
    finally:
        connection.close()
