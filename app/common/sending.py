"""Sending from async code: in threads of its own, so that no broker, body or import ever stops the event loop.

A thread alone is not enough. While one computes, the loop waits for the interpreter: so few threads send, and the
process is prepared for it (`_prepare`). And a result must not be subscribed to where it is sent: the loop would
unsubscribe, which may block, where the handle is collected.
"""

import asyncio
import gc
import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from celery import Task, current_app
from celery.result import AsyncResult
from django.db import connections
from kombu.exceptions import OperationalError
from kombu.utils import json

from common.exceptions import NotSentError

NEEDED_TO_SEND = (
    "celery.app.amqp",
    "celery.app.events",
    "celery.app.routes",
    "celery.backends.redis",
    "celery.contrib.django.task",
    "celery.events",
    "celery.utils.saferepr",
    "encodings.idna",
    "kombu.transport.redis",
    "packaging.version",
)
for _module in NEEDED_TO_SEND:
    import_module(_module)

SENDERS = 2


@dataclass
class _Outage:
    """The last failure to reach the broker."""

    found_at: float = float("-inf")
    reason: str = ""


_outage = _Outage()


async def send(task: Task, args: Any, kwargs: Any) -> AsyncResult:
    """Send a task, or under `task_always_eager` run it, without blocking the event loop.

    Raises:
        NotSentError: the broker is away.
    """
    if current_app.conf.task_always_eager:
        _prepare()
        return await _in_a_thread_of_its_own(_run_eagerly, task, args, kwargs)
    return await _in(_senders(), _send, task, args, kwargs, time.monotonic())


def _send(task: Task, args: Any, kwargs: Any, asked_at: float) -> AsyncResult:
    if _outage.found_at > asked_at:
        # It queued behind one that has just waited in vain: a crowd must not do so one after another.
        raise NotSentError(task.name, _outage.reason)
    try:
        return _publish(task, args, kwargs)
    except OperationalError as error:
        _outage.found_at, _outage.reason = time.monotonic(), str(error)
        raise NotSentError(task.name, str(error)) from error


def _publish(task: Task, args: Any, kwargs: Any) -> AsyncResult:
    """Send as `delay` does, but subscribe to no result; the header tells the worker whether to store one."""
    headers = {"ignore_result": task.ignore_result}
    result = task.apply_async(args, kwargs, ignore_result=True, headers=headers)
    result.ignored = task.ignore_result
    return result


def _run_eagerly(task: Task, args: Any, kwargs: Any) -> AsyncResult:
    """Run the body, with its arguments as a message would bring them.

    Not by `apply_async`, which says for the whole process that nobody may wait for a result, and when two bodies
    overlap never takes it back.
    """
    try:
        return task.apply(*json.loads(json.dumps((args, kwargs))))
    finally:
        connections.close_all()  # They are this thread's, which ends.


@cache
def _senders() -> Executor:
    """Return the threads that send: not the loop's default ones, which a dead broker would take from everybody."""
    _prepare()
    return ThreadPoolExecutor(SENDERS, thread_name_prefix="matins-send")


@cache
def _prepare() -> None:
    """Let no thread keep this process's event loop waiting, by what Python does on its own in any of them."""
    # A computing thread hands over after 5 ms by default, which is all that the loop may ever wait.
    sys.setswitchinterval(min(sys.getswitchinterval(), 0.001))
    # A full collection walks through all that Django and Celery are made of, 100 ms for 90,000 objects. They stay
    # as long as the process does, so it need not.
    gc.freeze()


os.register_at_fork(after_in_child=_senders.cache_clear)  # Threads do not survive a fork.


async def _in_a_thread_of_its_own(call: Callable[..., Any], *args: Any) -> Any:
    """Run a body: it may wait for another in turn, which in a bounded pool could wait for ever."""
    thread = ThreadPoolExecutor(1, thread_name_prefix="matins-eager")
    try:
        return await _in(thread, call, *args)
    finally:
        thread.shutdown(wait=False)


async def _in(threads: Executor, call: Callable[..., Any], *args: Any) -> Any:
    return await asyncio.get_running_loop().run_in_executor(threads, copy_context().run, call, *args)
