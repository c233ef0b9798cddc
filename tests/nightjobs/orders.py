"""Orders to a process of the night: at this point, misbehave like this, once or every time.

An order is a file `<who>.<job>.<point>` in the directory `MATINS_TEST_ORDERS`; its text is what to do. `who` is a
tenant's schema, or `beat`, or `dispatcher`. The points inside a job's body are named by the jobs, those around it by
`tests.nightjobs.points`.
"""

import os
import signal
import threading
import time
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from django.db import connection

# A process that waits for a word gives up after this long, so that no failed test leaves one waiting.
PATIENCE_S = 120


def directory() -> Path:
    return Path(os.environ["MATINS_TEST_ORDERS"])


def give(who: str, job: str, point: str, order: str) -> None:
    """Order something for the next time, or with `once …` for the next time only, that `who` comes to a point.

    kill        SIGKILL this process (a worker's child: its parent lives)
    kill all    SIGKILL this process and its whole session (a worker or beat as one)
    kill in sql as `kill`, in the middle of a statement that would take five minutes
    freeze      SIGSTOP this process
    raise TEXT  an exception
    sleep S     of the process
    sql S       a statement that takes S seconds
    path NAME   set the session's search path
    wait WORD   until the test calls `say(WORD)`
    meet N      until N have come to points with such an order, and then all at once
    """
    directory().mkdir(parents=True, exist_ok=True)
    _file(who, job, point).write_text(order)


def say(word: str) -> None:
    """Let those who `wait` for this word go on."""
    directory().mkdir(parents=True, exist_ok=True)
    (directory() / f"{word}.said").touch()


def forget() -> None:
    """Take all orders back."""
    for path in directory().glob("*"):
        path.unlink(missing_ok=True)


def reached(who: str, job: str, point: str) -> bool:
    """Whether somebody came to the point and found its order."""
    return _file(who, job, f"{point}.reached").exists()


def obey(who: str, job: str, point: str) -> None:
    """Do what was ordered for this point, if anything was."""
    if "MATINS_TEST_ORDERS" not in os.environ:
        return
    order = _take(_file(who, job, point), _file(who, job, f"{point}.reached"))
    if order is not None:
        _do(order)


def _file(who: str, job: str, point: str) -> Path:
    return directory() / f"{who}.{job}.{point}"


def _take(path: Path, reached: Path) -> str | None:
    """Return the order; one that is to be obeyed once is obeyed by one process only, and known at once to be taken."""
    with suppress(FileNotFoundError):
        order = path.read_text()
        if not order.startswith("once "):
            reached.touch()
            return order
        path.rename(reached)
        return order.removeprefix("once ")
    return None


def _do(order: str) -> None:
    verb, _, argument = order.partition(" ")
    VERBS[verb](argument)


def _kill(argument: str) -> None:
    if argument == "in sql":
        threading.Timer(0.5, _kill, [""]).start()
        _sql("300")
    elif argument == "all":
        os.killpg(os.getpgrp(), signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)


def _freeze(_: str) -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


def _raise(text: str) -> None:
    raise RuntimeError(text or "ordered to fail")


def _sql(seconds: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(%s)", [float(seconds)])


def _path(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET search_path = {name}")


def _wait(word: str) -> None:
    _await((directory() / f"{word}.said").exists)


def _meet(number: str) -> None:
    (directory() / f"{uuid4()}.met").touch()
    _await(lambda: len(list(directory().glob("*.met"))) >= int(number))


def _await(condition) -> None:
    give_up = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > give_up:
            raise RuntimeError("The word never came.")
        time.sleep(0.005)


VERBS = {
    "kill": _kill,
    "freeze": _freeze,
    "raise": _raise,
    "sleep": lambda seconds: time.sleep(float(seconds)),
    "sql": _sql,
    "path": _path,
    "wait": _wait,
    "meet": _meet,
}
