"""Five minutes of a job that is due every minute: two beats, a beat killed, and the broker away when it is due.

What a peer sent is counted in the broker, where nobody takes it; of Matins the rows are counted that its worker wrote.
"""

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.peers.door import Door
from bench.peers.processes import PEERS, Process, broker, wait_until
from schedules import sql

SIDES = (*PEERS, "matins")
#: Where the minute must not be over before everybody has been counted.
COUNTED_AT_S = 50


@dataclass
class Stage:
    """The beats of every side, and the door between them and the broker."""

    door: Door
    url: str
    logs: Path
    beats: dict[str, Process] = field(default_factory=dict)
    others: list[Process] = field(default_factory=list)

    def beat(self, side: str, place: str = "first") -> Process:
        """Start a beat of a side, with a schedule file of its own."""
        files = [] if side in {"matins", "redbeat", "django_celery_beat"} else ["-s", f"{self.logs}/{side}-{place}"]
        return Process(side, "beat", *files, logs=self.logs, REDIS_URL=self.door.url)

    def counts(self) -> dict[str, int]:
        """Return how many messages, and of Matins how many rows, there are."""
        with broker(self.url) as client:
            counts = {peer: int(client.llen(peer)) for peer in PEERS}
        return {**counts, "matins": sql.fetch("SELECT count(*) AS rows FROM acme.bench_note")[0].rows}

    def clear(self) -> None:
        """Kill everybody."""
        for process in [*self.beats.values(), *self.others]:
            process.kill()


def measure(door: Door, url: str, logs: Path) -> dict[str, dict[str, Any]]:
    """Return, for each situation, what every side did; 1 is right everywhere."""
    stage = Stage(door, url, logs)
    stage.others.append(Process("matins", "worker", "-c", "1", logs=logs, REDIS_URL=door.url))
    try:
        return _play(stage)
    finally:
        stage.clear()


def _play(stage: Stage) -> dict[str, dict[str, Any]]:
    _sleep_until(5, after_next=True)
    stage.beats = {side: stage.beat(side) for side in SIDES}
    time.sleep(10)  # The first ones have their locks.
    second = [stage.beat(side, "second") for side in SIDES]
    stage.others += second
    _sleep_until(COUNTED_AT_S, after_next=True)  # On a busy machine they need a minute to start.
    results = {"two beats": _windows(stage)}
    for process in second:
        process.kill()
    results["beat killed, restarted"] = _windows(stage, at_once=lambda: _restart(stage))
    results["the next window after that"] = _windows(stage)
    results["seconds until a dead beat's lock ends"] = _lock(stage)
    results["broker away when due"] = _windows(stage, before=lambda: _away(stage))
    return results


def _windows(stage: Stage, *, at_once: Any = None, before: Any = None) -> dict[str, Any]:
    """Return how often the next minute's window came; do something just after it is due, or around that."""
    counted = stage.counts()
    if before:
        before()
    _sleep_until(4, after_next=not before)
    if at_once:
        at_once()
    _sleep_until(COUNTED_AT_S)
    return {side: count - counted[side] for side, count in stage.counts().items()}


def _restart(stage: Stage) -> None:
    for side, process in stage.beats.items():
        process.kill()
        stage.beats[side] = stage.beat(side)


def _lock(stage: Stage) -> dict[str, Any]:
    """Return how long the killed beat holds the others up; then free them, so that the next situation can be seen."""
    with broker(stage.url) as client:
        left = int(client.ttl("redbeat::lock"))
        client.delete("redbeat::lock")
    stage.beats["redbeat"].kill()
    stage.beats["redbeat"] = stage.beat("redbeat")
    _sleep_until(COUNTED_AT_S, after_next=True)
    return {side: left if side == "redbeat" else 0 for side in SIDES}


def _away(stage: Stage) -> None:
    """Shut the door from a moment before the minute to a moment after."""
    _sleep_until(57)
    stage.door.shut()
    _sleep_until(6, after_next=True)
    stage.door.open()


def _sleep_until(second: float, *, after_next: bool = False) -> None:
    """Sleep until this second of the minute, or of the next one."""
    now = time.time()
    wanted = now - now % 60 + second + (60 if after_next else 0)
    time.sleep(max(wanted - now, 0))


def ready(logs: Path, side: str) -> None:
    """Wait until a side's worker takes tasks."""
    log = logs / f"{side}-worker.log"
    wait_until(lambda: log.exists() and " ready." in log.read_text(), what=f"the worker of {side}")
