"""The contract of every job of the night, for all that the catalog declares."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.utils.module_loading import import_string
from django_tenants.utils import schema_context

import common.books
from common import clock
from common.books import books_transaction
from common.checksum import LEFT_OUT, said, tenant_models
from common.exceptions import BooksBusyError
from common.rehearsal import rehearse
from loans.services.booking import Booking
from payments.services import post_payment
from schedules.catalog import CATALOG
from schedules.models import OutboxMessage, QuarantinedItem, Run
from schedules.services import rerun
from tests.conformance import nights, world
from tests.conformance.nights import JOBS, begin, books, finished, open_night, work_all, work_before
from tests.conformance.poisons import POISONS
from tests.night import work

pytestmark = pytest.mark.usefixtures("stage")

each_job = pytest.mark.parametrize("job", JOBS)


def stage_of(job, history, *tenants):
    """Bring tenants to the moment before a job, in the first night in which it has work; return its runs and night."""
    night = history.night_of(job)
    begin(night, *tenants)
    open_night(night)
    return work_before(job, night), night


@each_job
class TestEachJob:
    def test_done_again_it_changes_nothing(self, job, history):
        runs, night = stage_of(job, history, "acme")
        work_all()
        done = Run.objects.get(pk=runs[0].pk)
        assert done.counts == history.done[job, night].counts
        work(runs[0])  # The message delivered again.
        import_string(CATALOG[job].task)("acme", business_date=night.isoformat())
        assert Run.objects.get(pk=done.pk).counts == done.counts
        assert books("acme") == history.closing[night]

    def test_cut_off_at_any_statement_and_done_again_it_leaves_the_books_of_an_undisturbed_night(self, job, history):
        runs, night = stage_of(job, history, "acme")
        cuts = 0
        while finished(runs[0])[0] != "succeeded":
            nights.next_run()
            with cut_off_at(cuts), suppress(KeyboardInterrupt):
                work(runs[0])
            cuts += 1
            assert cuts < 200
        assert cuts > 1
        assert books("acme") == history.done[job, night].after

    def test_nights_missed_from_it_on_and_caught_up_equal_nights_on_time(self, job, history):
        stage_of(job, history, "acme")
        open_night(world.LAST)
        work_all()
        assert nights.unfinished() == []
        assert books("acme") == history.closing[world.LAST]

    def test_it_changes_no_other_tenants_books(self, job, history):
        (acmes, _betas), night = stage_of(job, history, "acme", "beta")
        before = books("beta")
        work(acmes)
        assert books("beta") == before == history.done[job, night].before
        assert books("acme") == history.done[job, night].after

    def test_a_payment_that_comes_meanwhile_waits_and_is_told_to_try_again(self, job, history, monkeypatch):
        monkeypatch.setattr(common.books, "WAIT_S", 0.1)
        (run,), night = stage_of(job, history, "acme")
        came = []
        with interrupted_by(lambda: came.append(in_a_thread(pay_online, night))):
            work(run)
        assert finished(run) == ("succeeded", 0)
        if CATALOG[job].books:
            assert [type(error) for error in came] == [BooksBusyError]
            assert books("acme") == history.done[job, night].after
            pay_online(night)
        else:
            assert came == [None]
            assert run.counts["breaks"] == 0

    def test_one_bad_item_is_left_out_and_recorded_and_the_rest_is_done(self, job, history):
        poison = poison_of(job)
        (run,), night = stage_of(job, history, "acme")
        with nights.inside("acme"):
            poison.spoil(night)
        work(run)
        assert finished(run) == ("succeeded", 1)
        item = QuarantinedItem.objects.get(resolved_at=None)
        assert (item.key, bool(item.reason)) == (poison.key, True)
        assert rows("acme", but=poison.loan) == rows(undisturbed(job, night), but=poison.loan)

    def test_a_mended_item_is_done_alone_by_a_rerun(self, job, history):
        poison = poison_of(job)
        (run,), night = stage_of(job, history, "acme")
        with nights.inside("acme"):
            poison.spoil(night)
        work(run)
        others = rows("acme", but=poison.loan)
        with nights.inside("acme"):
            poison.mend(night)
        rerun(schedule=job, business_date=night)
        nights.next_run()
        work(run)
        assert finished(run) == ("succeeded", 0)
        assert QuarantinedItem.objects.exclude(resolved_at=None).get().key == poison.key
        assert rows("acme", but=poison.loan) == others
        assert rows("acme") == rows(undisturbed(job, night))

    def test_a_rehearsal_counts_the_same_and_keeps_nothing(self, job, history):
        _runs, night = stage_of(job, history, "acme")
        sent = OutboxMessage.objects.count()
        rehearsed = rehearse(import_string(CATALOG[job].task), "acme", business_date=night)
        assert rehearsed == history.done[job, night].counts
        assert (books("acme"), OutboxMessage.objects.count()) == (history.done[job, night].before, sent)

    def test_only_the_business_date_counts_whatever_the_time_is(self, job, history):
        runs, night = stage_of(job, history, "acme")
        clock.set_to(datetime(2025, 3, 9, 23, 59, 30, tzinfo=UTC))
        work(runs[0])
        assert finished(runs[0]) == ("succeeded", 0)
        assert books("acme") == history.done[job, night].after
        assert rows_of_the_real_today("acme") == []

    def test_without_anything_to_do_it_succeeds_with_zero_counts(self, job, history):
        night = history.night_of(job)
        begin(night)
        nights.make_tenant("empty", like=None, enabled_at=clock.now())
        open_night(night)
        (run,) = work_before(job, night)
        work(run)
        assert finished(run) == ("succeeded", 0)
        assert set(run.counts.values()) <= {0}


class TestWholeNights:
    def test_any_number_of_workers_leaves_the_books_of_one(self, history):
        first, second = world.NIGHTS[:2]
        tenants = ["acme", "beta", "gamma"]
        begin(first, *tenants)
        open_night(first)
        open_night(second)
        threads = [threading.Thread(target=a_worker) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert nights.unfinished() == []
        assert {books(tenant) for tenant in tenants} == {history.closing[second]}

    def test_the_reconciliation_comes_after_every_daily_schedule_of_the_books_line(self):
        daily_books = {schedule.name for schedule in CATALOG if schedule.books and schedule.is_dated}
        assert set(CATALOG["daily-gl-reconciliation"].after) == daily_books

    @pytest.mark.parametrize("night", world.NIGHTS, ids=str)
    def test_the_ledgers_agree_after_every_undisturbed_night(self, history, night):
        assert history.done["daily-gl-reconciliation", night].counts["breaks"] == 0


def a_worker():
    """Do what may start until nothing is left, as one of several."""
    try:
        while nights.unfinished():
            if run := nights.next_run():
                work(run)
    finally:
        connection.close()


@contextmanager
def cut_off_at(number):
    """Let the body's statement of that number, counted from 0, be its last: the worker is stopped there."""
    seen = iter(range(1000))

    def cut(execute, sql, params, many, context):
        if next(seen) == number:
            raise KeyboardInterrupt
        return execute(sql, params, many, context)

    with connection.execute_wrapper(cut):
        yield


def poison_of(job):
    assert job in POISONS, f"Say in tests/conformance/poisons.py what a bad item of {job} is."
    return POISONS[job]


#: These tell of many loans at once, so that one that comes later gets another: entries, and drafts sent together.
OF_MANY = {"JournalEntry", "JournalLine", "Reconciliation", "Break", "Submission"}


def rows(schema_name, *, but=None):
    """Return all that a tenant's tables say, but of one loan; without those that tell of many loans at once."""
    told = {}
    with schema_context(schema_name), connection.cursor() as cursor:
        for model in tenant_models():
            if model.__name__ not in OF_MANY:
                cursor.execute(f"SELECT said FROM ({said(model)}) AS row (said)")
                found = [row for (row,) in cursor.fetchall() if but is None or not re.search(rf"\b{but}\b", row)]
                told[model._meta.label] = sorted(re.sub(r"(autopay-\S{10})-\d", r"\1", row) for row in found)
    return told


def undisturbed(job, night):
    """Return a tenant in which all jobs of a night up to this one have run undisturbed."""
    nights.make_tenant("undisturbed", like=nights.shelf(night), enabled_at=datetime(2030, 1, 1, tzinfo=UTC))
    for earlier in [*JOBS[: JOBS.index(job)], job]:
        import_string(CATALOG[earlier].task)("undisturbed", business_date=night.isoformat())
    return "undisturbed"


def pay_online(night):
    """Post a payment as a portal does."""
    with books_transaction("acme"):
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


@contextmanager
def interrupted_by(deed):
    """Do something else before the body's second statement, while its transaction is open."""
    seen = iter(range(1000))

    def interrupt(execute, sql, params, many, context):
        if next(seen) == 1:
            deed()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(interrupt):
        yield


def rows_of_the_real_today(schema_name):
    """Return the columns of dates and times in which something says today's real date."""
    today = datetime.now(UTC).date()
    found = []
    with schema_context(schema_name), connection.cursor() as cursor:
        for model in tenant_models():
            for one in model._meta.concrete_fields:
                if one.name in LEFT_OUT or one.get_internal_type() not in {"DateField", "DateTimeField"}:
                    continue
                cursor.execute(
                    f"SELECT count(*) FROM {model._meta.db_table} WHERE {one.column}::date BETWEEN %s AND %s",
                    [today - timedelta(days=1), today + timedelta(days=1)],
                )
                if cursor.fetchone()[0]:
                    found.append(f"{model._meta.label}.{one.name}")
    return found


def test_the_world_ends_before_the_real_today():
    assert date(2024, 1, 5) == world.LAST < datetime.now(UTC).date() - timedelta(days=700)
