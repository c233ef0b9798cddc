"""Publishing: ready runs become ordinary Celery messages, built once per window and pushed by the thousand.

A message is only a wake-up. Losing one costs seconds, doubling one costs nothing: the row decides.
"""

import json
import logging
import os
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import groupby, islice
from typing import Any
from uuid import uuid4

from celery import current_app

from schedules import broker
from schedules.exceptions import BrokerAwayError

logger = logging.getLogger(__name__)

RUN_HEADER = "matins_run"
PUSH_SIZE = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class Wakeup:
    """One message to send: the run it wakes, and what an ordinary call of its task would carry."""

    run_id: int
    schema_name: str
    task: str
    queue: str
    args: Sequence[Any] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)


def publish(wakeups: Sequence[Wakeup]) -> None:
    """Send the messages, in order, and once more where the connection died under them: the broker may be back.

    Raises:
        BrokerAwayError: the runs stay published in the ledger, and the reconciler sends them again.
    """
    if not wakeups:
        return
    try:
        _send(wakeups)
    except BrokerAwayError:
        _send(wakeups)


def _send(wakeups: Sequence[Wakeup]) -> None:
    with broker.producer() as producer:
        template = cache(partial(_Template, producer))
        for (task, queue), group in groupby(wakeups, key=lambda wakeup: (wakeup.task, wakeup.queue)):
            if broker.is_redis(producer):
                _push(producer, template(task, queue), queue, group)
            else:
                _publish_one_by_one(producer, queue, group)


def publish_or_leave(wakeups: Sequence[Wakeup]) -> None:
    """Send the messages, or where the broker is away leave them to the reconciler: the ledger has the runs."""
    try:
        publish(wakeups)
    except BrokerAwayError as error:
        logger.warning("%s", error)


def _push(producer: Any, template: "_Template", queue: str, wakeups: Iterator[Wakeup]) -> None:
    """Push ready-made envelopes: 0.08 s for 10,000 messages, against 0.38 s through `Producer.publish`."""
    client = producer.channel.client
    while chunk := list(islice(wakeups, PUSH_SIZE)):
        client.lpush(queue, *template.envelopes(chunk))


def _publish_one_by_one(producer: Any, queue: str, wakeups: Iterator[Wakeup]) -> None:
    with producer.batch(PUSH_SIZE):
        for wakeup in wakeups:
            message = _message(str(uuid4()), wakeup)
            current_app.amqp.send_task_message(producer, wakeup.task, message, queue=queue, retry=False)


def _message(task_id: str, wakeup: Wakeup) -> Any:
    message = current_app.amqp.as_task_v2(
        task_id,
        wakeup.task,
        args=[wakeup.schema_name, *wakeup.args],
        kwargs=dict(wakeup.kwargs),
        ignore_result=True,
        argsrepr="",
        kwargsrepr="",
    )
    message.headers[RUN_HEADER] = wakeup.run_id
    return message


class _Template:
    """One message as kombu's Redis transport stores it, cut open where id, body and run stand.

    The delivery tag only has to be unique, so it is the task's id.
    """

    _ID, _BODY, _RUN = "matins-task-id", "matins-body", 1234567890123456789

    def __init__(self, producer: Any, task: str, queue: str) -> None:
        wakeup = Wakeup(run_id=self._RUN, schema_name="", task=task, queue=queue)
        text = json.dumps(self._envelope_of(producer, wakeup)).replace("%", "%%")
        for mark, place in ((self._ID, "%(id)s"), (self._BODY, "%(body)s"), (str(self._RUN), "%(run)d")):
            text = text.replace(mark, place)
        self._format = text
        self._shared: tuple[Sequence[Any], Mapping[str, Any]] | None = None
        self._tail = ""

    def _envelope_of(self, producer: Any, wakeup: Wakeup) -> dict[str, Any]:
        message = _message(self._ID, wakeup)
        envelope: dict[str, Any] = producer.channel.prepare_message(
            self._BODY,
            priority=0,
            content_type="application/json",
            content_encoding="utf-8",
            headers=message.headers,
            properties={**message.properties, "delivery_mode": producer.exchange.delivery_mode or 2},
        )
        envelope["properties"].update(
            body_encoding="base64",
            delivery_tag=self._ID,
            delivery_info={"exchange": "", "routing_key": wakeup.queue},
        )
        return envelope

    def envelopes(self, wakeups: Sequence[Wakeup]) -> Iterator[str]:
        """Yield the runs' messages as the broker keeps them."""
        for task_id, wakeup in zip(_ids(len(wakeups)), wakeups, strict=True):
            body = f"[[{json.dumps(wakeup.schema_name)}{self._after_name(wakeup)}".encode()
            yield self._format % {"id": task_id, "run": wakeup.run_id, "body": b64encode(body).decode()}

    def _after_name(self, wakeup: Wakeup) -> str:
        """Return the body's JSON after the schema name; a window's runs share it, so it is made once for them."""
        if self._shared is None or self._shared[0] is not wakeup.args or self._shared[1] is not wakeup.kwargs:
            embed = {"callbacks": None, "errbacks": None, "chain": None, "chord": None}
            args = "".join(f", {json.dumps(argument)}" for argument in wakeup.args)
            self._tail = f"{args}], {json.dumps(dict(wakeup.kwargs))}, {json.dumps(embed)}]"
            self._shared = (wakeup.args, wakeup.kwargs)
        return self._tail


def _ids(number: int) -> Iterator[str]:
    """Yield random UUIDs as text, from one read of the system's randomness: ten times faster than `uuid4`."""
    digits = os.urandom(16 * number).hex()
    for start in range(0, 32 * number, 32):
        d = digits[start : start + 32]
        yield f"{d[:8]}-{d[8:12]}-4{d[13:16]}-8{d[17:20]}-{d[20:]}"
