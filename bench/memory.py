"""The peak memory of the workers and of Postgres while something runs."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread

import psutil

EVERY_S = 0.25
MB = 2**20


@contextmanager
def watched() -> Iterator[dict[str, float]]:
    """Fill a dict with the peaks, in MB, of what all processes of the worker and of Postgres hold for themselves.

    Pages they share are not counted: Postgres's buffers are as big as its configuration says.
    """
    peak, over = {"worker_mb": 0.0, "postgres_mb": 0.0}, Event()
    sampler = Thread(target=_sample, args=(peak, over), daemon=True)
    sampler.start()
    try:
        yield peak
    finally:
        over.set()
        sampler.join()


def _sample(peak: dict[str, float], over: Event) -> None:
    while not over.wait(EVERY_S):
        held = dict.fromkeys(peak, 0.0)
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                if name := _part(process):
                    held[name] += process.memory_full_info().uss / MB
        for name, megabytes in held.items():
            peak[name] = max(peak[name], megabytes)


def _part(process: psutil.Process) -> str | None:
    """Return what a process is part of, if we watch that."""
    if "postgres" in process.name():
        return "postgres_mb"
    return "worker_mb" if {"celery", "worker"} <= set(process.cmdline()) else None
