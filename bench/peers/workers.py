"""A worker killed in the middle of a body, and a message for a tenant that is not there."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from celery import Celery

from bench.peers import diary
from bench.peers.processes import Process, broker, wait_until
from schedules import ad_hoc

#: So long a killed body is waited for; Celery's own timeouts are of an hour.
PATIENCE_S = 60


def killed(url: str, logs: Path) -> dict[str, Any]:
    """Return after how many seconds a killed body began again: None is not within a minute."""
    sides = {
        "celery": ("celery", "early", _database(url, 5), {}),
        "celery, acks_late": ("celery", "late", _database(url, 6), {"PEER_ACKS_LATE": "1"}),
        "matins": ("matins", "matins slow", url, {}),
    }
    with ThreadPoolExecutor(len(sides)) as pool:
        taken = {
            side: pool.submit(_killed, who, diarist, broker_url, logs / diarist, **env)
            for side, (who, diarist, broker_url, env) in sides.items()
        }
    return {side: future.result() for side, future in taken.items()}


def _killed(side: str, diarist: str, url: str, logs: Path, **env: str) -> float | None:
    logs.mkdir(exist_ok=True)
    env |= {"PEER_DIARIST": diarist, "REDIS_URL": url}
    words = ("worker", "-c", "1", *([] if side == "matins" else ["-Q", side]))
    with ExitStack() as started:
        if side == "matins":  # A run comes back by a beat's hand, and by no message.
            _start(started, side, "beat", logs=logs, **env)
        first = _start(started, side, *words, logs=logs, **env)
        _send_slow(side, url)
        wait_until(lambda: diary.read(diarist), what=f"the body of {diarist} to begin", timeout_s=180)
        relief = _start(started, side, *words, logs=logs, **env)
        wait_until(lambda: relief.log.read_text().count(" ready.") > 1, what="another worker", timeout_s=180)
        first.kill()
        return _seconds_until_again(diarist, time.time())


def _start(started: ExitStack, *words: str, **options: Any) -> Process:
    process = Process(*words, **options)
    started.callback(process.kill)
    return process


def _seconds_until_again(diarist: str, died: float) -> float | None:
    try:
        wait_until(lambda: len(diary.read(diarist)) > 1, what="it to begin again", timeout_s=PATIENCE_S)
    except TimeoutError:
        return None
    return float(round(diary.read(diarist)[1]["at"] - died, 1))


def _send_slow(side: str, url: str) -> None:
    if side == "matins":
        ad_hoc.dispatch(task="bench.peers.tasks.slow", key="slow", queue="control", books=False, args=[], kwargs={})
    else:
        _send(side, url, "bench.peers.app.slow")


def missing_tenant(url: str, logs: Path) -> dict[str, Any]:
    """Return the schema in which a body for the tenant `ghost` ran; None where it did not."""
    from bench.peers.tasks import where

    side, database = "tenant_schemas_celery", _database(url, 7)
    theirs = Process(side, "worker", "-c", "1", "-Q", side, logs=logs, REDIS_URL=database)
    ours = Process("matins", "worker", "-c", "1", logs=logs, REDIS_URL=url)
    try:
        _send(side, database, "bench.peers.app.where", headers={"_schema_name": "ghost"})
        where.delay("ghost")
        (said,) = wait_until(lambda: diary.read(side), what="the peer's body")
        wait_until(lambda: "UnknownTenantError" in ours.log.read_text(), what="Matins to refuse")
    finally:
        theirs.kill()
        ours.kill()
    return {side: said["schema"], "matins": diary.read("matins") or None}


def _send(side: str, url: str, task: str, **options: Any) -> None:
    with Celery(side, set_as_current=False, broker=url) as app:
        app.send_task(task, queue=side, ignore_result=True, **options)


def _database(url: str, number: int) -> str:
    """Return another database of the same broker, for what is unacknowledged lies in keys that all queues share."""
    emptied = url.rpartition("/")[0] + f"/{number}"
    with broker(emptied) as client:
        client.flushdb()
    return emptied
