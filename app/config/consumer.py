"""A worker's consumer that outlives its broker connection, however badly it closes, and whatever comes through it."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from celery.worker.consumer import Consumer

from monitoring import heartbeat

logger = logging.getLogger(__name__)

#: What kombu and Celery raise at the sight of something that is no message of theirs.
UNREADABLE = (AttributeError, KeyError, RecursionError, TypeError, ValueError)


class UnreadableMessageError(ConnectionError):
    """Somebody pushed what is no message. It is gone; as an error of the connection it costs a new one, no worker."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(f"{type(error).__name__}: {error!s:.200}. Who else but Matins may write to the broker?")


class LastingConsumer(Consumer):  # type: ignore[misc] # Celery ships no types
    """Celery's consumer; it reconnects also where cleaning up fails, and drops what it cannot read.

    Celery's own ends the worker at the first thing that is no message, and at some that are; and as it gives these
    back first, they would end the next worker too.
    """

    loop: Callable[..., Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.loop = _surviving(self.loop)

    def ensure_connected(self, conn: Any) -> Any:
        """Connect, however long that takes, and say meanwhile that this worker lives: its event loop stands still."""
        keep_trying = conn.ensure_connection

        def keep_trying_alive(*args: Any, callback: Callable[[], None], **options: Any) -> Any:
            def between_tries() -> None:
                heartbeat.touch("worker")
                callback()

            return keep_trying(*args, callback=between_tries, **options)

        conn.ensure_connection = keep_trying_alive
        return super().ensure_connected(conn)

    def create_task_handler(self, *args: Any, **kwargs: Any) -> Callable[[Any], None]:
        """Return what receives messages; one that Celery's own stumbles over is acknowledged, and gone."""
        receive = super().create_task_handler(*args, **kwargs)

        def receive_or_drop(message: Any) -> None:
            try:
                receive(message)
            except UNREADABLE as error:
                logger.error("Dropped a message: %s", UnreadableMessageError(error))  # noqa: TRY400 - no traceback
                message.ack()

        return receive_or_drop

    def on_connection_error_after_connected(self, exc: Exception) -> None:
        """Clean up, and go on to reconnect whatever that raises.

        Celery expects errors of the connection only. Where the first attempt to close timed out, kombu's second one
        finds the transport without its client, raises AttributeError, and the worker ends with its body half-way.
        What is not cleaned up are wake-ups, which the ledger sends again.
        """
        try:
            super().on_connection_error_after_connected(exc)
        except Exception as error:
            self.connection: Any = None
            logger.warning("The lost broker connection did not close cleanly: %r", error)


def _surviving(loop: Callable[..., Any]) -> Callable[..., Any]:
    """Return the event loop, for which what is no message is an error of the connection."""

    @wraps(loop)
    def survive(*args: Any) -> Any:
        try:
            return loop(*args)
        except UNREADABLE as error:
            raise UnreadableMessageError(error) from error

    return survive
