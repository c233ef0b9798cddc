"""The blows: what is done to the platform, in an order and at intervals that a seed decides and nothing else."""

import json
import random
import time
from collections import Counter
from contextlib import suppress
from datetime import timedelta

import redis
from celery import current_app
from django.conf import settings
from django.db import connection

from common import clock
from tests.night import broker_client

#: A deck of blows is shuffled, dealt to its end, and shuffled again: so many of each. The first has one of each.
DECK = {
    "kill a worker": 6,
    "kill a beat": 3,
    "flush the broker": 2,
    "deliver twice": 3,
    "drop connections": 2,
    "stall connections": 2,
    "call for nobody": 2,
    "restart the broker": 1,
    "restart Postgres": 1,
    "fill the results": 1,
    "skew a clock": 1,
}
DROPPED, STALLED, STALLED_S = 0.3, 0.5, 2.0
SKEW_S = 90.0
#: Left of the result backend's memory while it is full.
FULL_BYTES = 1_000_000
#: A task of tenants that is no books task, called for somebody who is no tenant.
CALLED = "casework.tasks.unsnooze_cases"
NOBODY = ("ghost", "public", "pg_catalog", "matins_template")


class Chaos:
    """The blows of one storm.

    Args:
        stage: where.
        say: is told of every blow.
    """

    def __init__(self, stage, say):
        self._stage, self._say = stage, say
        self._rng = random.Random(f"{stage.plan.seed} blows")
        self._deck, self._log = self._shuffled(DECK), stage.plan.folder / "blows.log"
        self._began = time.monotonic()
        self._next = self._began
        self.dealt = Counter()
        self.is_over = False

    def strike_if_due(self):
        """Deal the next blow, if it is time."""
        if self.is_over or time.monotonic() < self._next:
            return
        blow, luck = self._draw()
        self._tell(blow, luck)
        _BLOWS[blow](self._stage, luck)
        self.dealt[blow] += 1
        # Two numbers for each blow, whatever it does with the first: so a seed is always the same storm.
        self._next = time.monotonic() + self._stage.plan.gap_s * self._rng.uniform(0.4, 1.6)

    def calm_down(self):
        """End it, and take back what would last."""
        self.is_over = True
        _empty_the_results(self._stage)
        self._stage.skew(0.0)

    def _draw(self):
        if not self._deck:
            self._deck = self._shuffled(blow for blow, times in DECK.items() for _ in range(times))
        return self._deck.pop(), self._rng.random()

    def _shuffled(self, blows):
        deck = list(blows)
        self._rng.shuffle(deck)
        return deck

    def _tell(self, blow, luck):
        line = f"{time.monotonic() - self._began:7.1f} s  {clock.now():%m-%d %H:%M}  {blow} ({luck:.3f})"
        with self._log.open("a") as log:
            log.write(f"{line}\n")
        self._say(blow)


def _one_of(some, luck):
    return some[int(luck * len(some))]


def _kill_a_worker(stage, luck):
    stage.crew.kill(_one_of(stage.crew.workers, luck))


def _kill_a_beat(stage, luck):
    stage.crew.kill(_one_of(stage.crew.beats, luck))


def _flush_the_broker(stage, luck):
    stage.sandbox.flush_broker()


def _restart_the_broker(stage, luck):
    stage.sandbox.restart_broker()


def _restart_postgres(stage, luck):
    stage.sandbox.restart_postgres(_one_of(["fast", "immediate"], luck))
    connection.close()


def _drop_connections(stage, luck):
    stage.proxies[_one_of(["postgres", "broker"], luck)].tell("drop", DROPPED, luck)


def _stall_connections(stage, luck):
    stage.proxies[_one_of(["postgres", "broker"], luck)].tell("stall", STALLED, luck, STALLED_S * (0.5 + luck))


def _deliver_twice(stage, luck):
    """Copy messages, those that wait and those that somebody has in hand."""
    with suppress(redis.ConnectionError), broker_client() as broker:
        for queue in settings.MATINS_QUEUES:
            if messages := broker.lrange(queue, 0, 20):
                broker.lpush(queue, *messages)
        for unacked, _index in settings.MATINS_UNACKED_SETS:
            for taken in broker.hvals(unacked):
                message, _exchange, queue = json.loads(taken)
                broker.lpush(queue, json.dumps(message))


def _call_for_nobody(stage, luck):
    """Send a task for somebody who is no tenant, as a program that knows the broker could."""
    with broker_client() as broker, suppress(redis.ConnectionError):
        broker.ping()
        current_app.send_task(CALLED, [_one_of(NOBODY, luck)], queue="casework", ignore_result=True, retry=False)


def _fill_the_results(stage, luck):
    """Leave the result backend no room for anything, until it is filled the next time but one."""
    with suppress(redis.ConnectionError), redis.Redis.from_url(stage.results.url(2)) as results:
        if results.exists("storm"):
            _empty_the_results(stage)
            return
        results.set("storm", b"x" * FULL_BYTES)
        results.config_set("maxmemory", FULL_BYTES)


def _empty_the_results(stage):
    with redis.Redis.from_url(stage.results.url(2)) as results:
        results.config_set("maxmemory", 0)
        results.flushdb()


def _skew_a_clock(stage, luck):
    stage.skew(timedelta(seconds=SKEW_S * (2 * luck - 1)).total_seconds())


_BLOWS = {
    "kill a worker": _kill_a_worker,
    "kill a beat": _kill_a_beat,
    "flush the broker": _flush_the_broker,
    "deliver twice": _deliver_twice,
    "drop connections": _drop_connections,
    "stall connections": _stall_connections,
    "call for nobody": _call_for_nobody,
    "restart the broker": _restart_the_broker,
    "restart Postgres": _restart_postgres,
    "fill the results": _fill_the_results,
    "skew a clock": _skew_a_clock,
}
