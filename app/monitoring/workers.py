"""What runs cost and how they end, by schedule: a worker's children say so, its parent counts and serves it.

A child writes one short line per run into a pipe that it has inherited; the parent adds it up in its own memory. So
nothing is left of a recycled or killed child that would have to be read for ever, as with files of the children's own,
and lines that are shorter than the pipe's atomic unit never mix. No tenant is named: a worker could never take the
series of a tenant who has left off its list.
"""

import json
import os
import time
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.conf import settings
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from common import clock
from schedules.registry import catalog
from schedules.signals import run_ended

OUTCOMES = ("on_time", "late", "failed", "given_back")
MINUTE, HOUR = 60, 3600
DURATIONS_S = (1, 5, 15, 30, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 20 * MINUTE, 40 * MINUTE, HOUR, 4 * HOUR)
DELAYS_S = (1, 5, 15, 30, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE, 45 * MINUTE, HOUR)
# Of work by hand, which no schedule gives a deadline.
AD_HOC_DEADLINE = timedelta(minutes=60)
# All that a pipe holds.
PIPE_BYTES = 65_536


class RunMetrics:
    """The runs of one worker.

    Args:
        schedules: names of the schedules whose runs it does; they are shown from the start, with zeros.
    """

    def __init__(self, schedules: Iterable[str]) -> None:
        registry = self.registry = CollectorRegistry()
        self._runs = Counter(
            "matins_runs", "Attempts of runs that ended, by how.", ("schedule", "outcome"), registry=registry
        )
        self._durations = Histogram(
            "matins_run_duration_seconds",
            "How long runs that succeeded took.",
            ("schedule",),
            registry=registry,
            buckets=DURATIONS_S,
        )
        self._delays = Histogram(
            "matins_run_delay_seconds",
            "From when a run of a window opened in time was due to its first start.",
            ("schedule",),
            registry=registry,
            buckets=DELAYS_S,
        )
        build = Gauge("matins_build_info", "What is deployed.", ("version", "component"), registry=registry)
        build.labels(settings.MATINS_VERSION, "worker").set(1)
        for schedule in schedules:
            self._show(schedule)

    def _show(self, schedule: str) -> None:
        for outcome in OUTCOMES:
            self._runs.labels(schedule, outcome)
        self._durations.labels(schedule)
        self._delays.labels(schedule)

    def count(self, *, schedule: str, outcome: str, duration_s: float, delay_s: float | None) -> None:
        """Add one attempt of a run.

        Args:
            schedule: its schedule's name.
            outcome: one of `OUTCOMES`.
            duration_s: seconds it took.
            delay_s: seconds from due to its first start, where that is known.
        """
        self._runs.labels(schedule, outcome).inc()
        if outcome in {"on_time", "late"}:
            self._durations.labels(schedule).observe(duration_s)
        if delay_s is not None:
            self._delays.labels(schedule).observe(delay_s)


class Pipe:
    """The way from a worker's children to their parent; made before they are forked.

    Args:
        metrics: where the parent counts.
    """

    def __init__(self, metrics: RunMetrics) -> None:
        self.metrics = metrics
        self.reader, self._writer = os.pipe()
        os.set_blocking(self.reader, False)
        os.set_blocking(self._writer, False)
        self._rest = b""

    def open(self) -> None:
        """Write down every run that ends in this process or in one it forks."""
        run_ended.connect(self._on_run_ended)

    def close(self) -> None:
        """Write nothing down any more."""
        run_ended.disconnect(self._on_run_ended)
        os.close(self.reader)
        os.close(self._writer)

    def _on_run_ended(self, *, held: Any, outcome: str, **_: Any) -> None:
        line = {
            "schedule": held.schedule,
            "outcome": _judged(held) if outcome == "succeeded" else outcome,
            "duration_s": time.monotonic() - held.claimed,
            "delay_s": held.delay_s,
        }
        # A parent that has not read for hundreds of runs misses some: no run waits to be counted.
        with suppress(BlockingIOError):
            os.write(self._writer, json.dumps(line).encode() + b"\n")

    def drain(self) -> None:
        """Count what the children have written since."""
        *lines, self._rest = (self._rest + os.read(self.reader, PIPE_BYTES)).split(b"\n")
        for line in lines:
            self.metrics.count(**json.loads(line))


def _judged(held: Any) -> str:
    """Return whether a run that has just succeeded did so by its window's own deadline, whenever it was opened."""
    schedule = catalog().get(held.schedule)
    deadline = schedule.deadline if schedule else AD_HOC_DEADLINE
    return "on_time" if clock.now() <= held.due_at + deadline else "late"
