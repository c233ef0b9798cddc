"""The nights of a storm: the clock steps through what is due while blows fall, and each night is lived to its end."""

import time
from datetime import timedelta
from random import Random

from django.db import Error, connection

from common import clock
from schedules import broker
from schedules.models import OutboxMessage, Run
from schedules.opening import missing
from tests.faults.storm import people
from tests.faults.storm.plan import DAY, EVERYWHERE_DAY, NOON, at, due_times

OPEN = ("waiting", "ready", "running")
#: The beat whose clock is behind must not take the hour before for the latest.
A_LITTLE = timedelta(minutes=2)
#: A night in which nothing ends for so long has stopped.
STOPPED_S = 120.0


class NightStoppedError(Exception):
    """Nothing went on any more; the message says what was left."""


class Nights:
    """The nights, one after the other.

    Args:
        stage: where.
        chaos: the blows.
    """

    def __init__(self, stage, chaos):
        self._stage, self._plan, self._chaos = stage, stage.plan, chaos
        #: Short suspensions so far.
        self.left_in_the_night = 0

    def live(self, day):
        """Live through the night of a date, and the day after it.

        Raises:
            NightStoppedError: it never ended.
        """
        self._night(day)
        self._noon(day)
        self._stage.step_to(at(day, EVERYWHERE_DAY))
        self.until_done("the outbox to be empty", lambda: not _outbox())

    def end_the_day(self, day):
        """Let those leave who are not there in the next night."""
        for name in self._of(lambda script: self._goes(script, day)):
            self._between()
            people.leave(name)

    def call_everybody_back(self, day):
        """Let those come back who left on an evening before this one, and catch up."""
        for name in self._of(lambda script: self._plan.is_still_away(script, day)):
            self._between()
            people.come_back(name)
        self._settle()
        self.until_done("the outbox to be empty", lambda: not _outbox())

    def until_drained(self):
        """Wait until nothing waits in the broker any more."""
        self.until_done("the broker to be empty", lambda: not broker.contents()[0].total())

    def _night(self, day):
        rng = Random(f"{self._plan.seed} steps {day}")
        away = {}
        for due_at in due_times(day):
            self._stage.step_to(due_at)
            self._pass(rng.uniform(0.1, 1.0))
            for name in self._plan.names:
                if self._plan.leaves_in_the_night(name, day) == due_at.time() and not self._is_away(name, day):
                    people.leave(name)
                    away[name] = due_at
        self._stage.step_to(at(day, NOON) + A_LITTLE)
        for name in away:
            self._between()
            people.come_back(name)
        self.left_in_the_night += len(away)
        self._settle()

    def _noon(self, day):
        for name in self._of(lambda script: self._comes(script, day)):
            self._between()
            people.come_back(name)
        self._settle()
        for script, names in self._plan.played().items():
            for name in names if not self._plan.is_still_away(script, day) else ():
                for payment in self._plan.payments(script, day):
                    self._between()
                    people.patiently(lambda name=name, payment=payment: people.pay(name, payment, day=day))

    def _of(self, condition):
        return [name for script, names in self._plan.played().items() if condition(script) for name in names]

    def _is_away(self, name, day):
        return self._plan.is_away(self._plan.script_of(name), day)

    def _goes(self, script, day):
        return self._plan.is_away(script, day + DAY) and not self._plan.is_away(script, day)

    def _comes(self, script, day):
        return self._plan.is_away(script, day) and not self._plan.is_away(script, day + DAY)

    def _pass(self, seconds):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self._between()
            time.sleep(0.05)

    def _between(self):
        self._chaos.strike_if_due()
        self._stage.crew.relieve()

    def _settle(self):
        self.until_done("every run to end", lambda: not _left() and not missing(clock.now()))

    def until_done(self, what, condition):
        """Wait for a condition under the blows, for as long as anything goes on."""
        ended, since = -1, time.monotonic()
        while True:
            self._between()
            now_ended, done = _ask(lambda: (_ended(), condition()), default=(ended, False))
            if done:
                return
            if now_ended != ended:
                ended, since = now_ended, time.monotonic()
            if time.monotonic() - since > STOPPED_S:
                raise NightStoppedError(
                    f"Waited {STOPPED_S:.0f} s in vain for {what}; left: {_ask(_story, default='?')}"
                )
            time.sleep(0.1)


def _ask(question, *, default):
    """Ask Postgres, which may be away for a moment."""
    try:
        return question()
    except Error:
        connection.close()
        return default


def _left():
    return Run.objects.filter(state__in=OPEN).exists()


def _ended():
    return Run.objects.exclude(state__in=OPEN).count()


def _outbox():
    due = OutboxMessage.objects.filter(accepted_at=None, expired_at=None, not_before__lte=clock.now())
    return due.count()


def _story():
    columns = ("window__schedule", "window__business_date", "tenant__schema_name", "item", "state", "reason")
    rows = Run.objects.exclude(state__in=["succeeded", "skipped"]).order_by("window__due_at", "id")
    return "; ".join(" ".join(map(str, row)) for row in rows.values_list(*columns)[:5]) + f" … {rows.count()} in all"
