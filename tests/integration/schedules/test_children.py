"""A run that fans out: its children once each, its join once they are done, whatever became of them."""

from datetime import UTC, date, datetime

import pytest

from schedules import services
from schedules.catalog import Catalog
from schedules.models import Run
from schedules.opening import open_due
from tests.night import broker_client, effects, work, work_through
from tests.nightjobs import orders
from tests.nightjobs.catalog import schedule

DAY = date(2024, 7, 1)


@pytest.fixture
def parent(deployed, make_tenant):
    deployed(Catalog((schedule("daily-parent", "0 3 * * *"),)))
    make_tenant("acme")
    open_due(datetime(2024, 7, 1, 3, tzinfo=UTC))
    return Run.objects.get()


def child(item):
    return Run.objects.get(item=item)


def row(run):
    run.refresh_from_db()
    return run


def test_a_parent_waits_for_its_children_and_then_joins_them(parent):
    work(parent)
    assert (row(parent).state, parent.fanned_out_at is None) == ("waiting", False)
    assert list(Run.objects.exclude(item="").order_by("id").values_list("item", "rank", "args", "task")) == [
        (item, rank, [item], "tests.nightjobs.tasks.child") for rank, item in enumerate("abc", start=1)
    ]
    work_through()
    assert [row.item for row in effects("acme")] == ["a", "b", "c", "join"]
    assert (row(parent).state, parent.counts) == ("succeeded", {"succeeded": 3, "skipped": 0})


def test_the_children_are_published_by_their_parents_own_worker(parent):
    with broker_client() as broker:
        broker.flushdb()
        work(parent)
        assert broker.llen("money") == 3
    assert Run.objects.filter(state="ready", published_at__isnull=False).count() == 3


def test_a_parent_without_children_joins_at_once(deployed, make_tenant):
    deployed(Catalog((schedule("daily-childless", "0 3 * * *"),)))
    make_tenant("acme")
    open_due(datetime(2024, 7, 1, 3, tzinfo=UTC))
    run = Run.objects.get()
    assert work_through() == [run, run]
    assert (row(run).state, run.counts, run.attempt) == ("succeeded", {"joined": 1}, 2)


def test_a_failed_child_holds_up_the_join_until_it_is_run_again(parent):
    orders.give("acme", "child-b", "end", "raise no")
    work(parent)
    Run.objects.filter(item="b").update(failures=3)
    work_through()
    assert (child("b").state, row(parent).state) == ("failed", "waiting")
    orders.forget()
    services.rerun(schedule="daily-parent", business_date=DAY)
    work_through()
    assert [row.item for row in effects("acme")] == ["a", "c", "b", "join"]
    assert row(parent).counts == {"succeeded": 3, "skipped": 0}


def test_a_skipped_child_is_counted_by_the_join(parent):
    work(parent)
    Run.objects.filter(item="b").update(state="failed", failures=4, reason="broken")
    work_through()
    Run.objects.filter(item="b").update(state="skipped", reason="given up")
    work_through()
    assert row(parent).counts == {"succeeded": 2, "skipped": 1}
    assert [row.item for row in effects("acme")] == ["a", "c", "join"]


def test_a_parent_that_fails_before_its_commit_has_no_children(parent, monkeypatch):
    from schedules import children

    def broken(*_, **__):
        raise RuntimeError("no")

    monkeypatch.setattr(children, "must_touch", broken)
    work(parent)
    assert (row(parent).state, parent.failures, parent.fanned_out_at) == ("waiting", 1, None)
    assert Run.objects.count() == 1


def test_a_join_that_fails_is_tried_again_and_does_not_fan_out_again(parent):
    orders.give("acme", "parent-join", "end", "once raise no")
    work_through()
    assert (row(parent).state, parent.failures) == ("waiting", 1)
    Run.objects.filter(pk=parent.pk).update(not_before=None)
    work_through()
    assert [row.item for row in effects("acme")] == ["a", "b", "c", "join"]
    assert Run.objects.count() == 4


def test_the_next_window_waits_for_the_join(parent):
    open_due(datetime(2024, 7, 2, 3, tzinfo=UTC))
    done = [(run.window.business_date.day, run.item) for run in work_through()]
    assert done == [(day, item) for day in (1, 2) for item in ("", "a", "b", "c", "")]
