"""A job too big for one transaction: each chunk is kept, and the run stays this worker's until the last."""

import pytest

from schedules import sql
from schedules.models import Run
from tests.integration.common.calling import a_run, assert_back_on_public, by_hand, ledgered
from tests.nightjobs import orders
from tests.nightjobs.chunks import in_chunks
from tests.nightjobs.models import Effect


def items(schema_name):
    rows = sql.fetch(f'SELECT item FROM "{schema_name}".{Effect._meta.db_table} ORDER BY id')
    return [row.item for row in rows]


def test_every_chunk_is_kept_and_the_last_one_ends_the_run(acme):
    _, run = ledgered(in_chunks, "acme")
    assert (run.state, run.counts, run.attempt, run.token) == ("succeeded", {"rows": 3}, 1, None)
    assert items("acme") == ["a", "b", "c"]
    assert_back_on_public()


def test_a_chunk_that_raises_loses_only_itself_and_the_next_attempt_does_the_rest(acme):
    orders.give("acme", "chunks", "b", "once raise told to")
    _, run = ledgered(in_chunks, "acme")
    assert (run.state, run.failures, items("acme")) == ("waiting", 1, ["a"])
    Run.objects.update(state="ready", not_before=None)
    in_chunks.apply(["acme"], headers={"matins_run": run.pk})
    run.refresh_from_db()
    assert (run.state, run.counts, items("acme")) == ("succeeded", {"rows": 2}, ["a", "b", "c"])


def test_each_chunk_renews_the_claim(acme, monkeypatch):
    claimed_at = []

    def look_then_age(schema_name, job, point):
        claimed_at.append(Run.objects.get().claimed_at)
        sql.execute("UPDATE public.schedules_run SET claimed_at = claimed_at - interval '1 hour'")

    monkeypatch.setattr(orders, "obey", look_then_age)
    ledgered(in_chunks, "acme")
    first, *later = claimed_at
    assert len(later) == 2
    assert all(renewed > first for renewed in later)


def test_a_run_taken_over_between_chunks_is_left_alone(acme, monkeypatch):
    from schedules import claims

    def renew_then_lose(held):
        real(held)
        sql.execute("UPDATE public.schedules_run SET state = 'waiting', token = NULL")

    real = claims.renew
    monkeypatch.setattr(claims, "renew", renew_then_lose)
    run = a_run(in_chunks, "acme")
    in_chunks.apply(["acme"], headers={"matins_run": run.pk})
    run.refresh_from_db()
    assert (run.state, items("acme")) == ("ready", ["a"])


@pytest.mark.parametrize("item", ["a", "b", "c"])
def test_by_hand_it_is_one_transaction(acme, item):
    orders.give("acme", "chunks", item, "once raise told to")
    assert by_hand(in_chunks, "acme").failed()
    assert items("acme") == []
    assert by_hand(in_chunks, "acme").result == {"rows": 3}
    assert items("acme") == ["a", "b", "c"]
