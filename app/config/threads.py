"""The web process's threads: a few that stay, each with its connection, where Django would take a new one a request.

Django's ASGI handler gives every request a thread of its own, and so a new connection to Postgres, whose first
statements cost ten times the later ones; and as many of them as there are requests at once.
"""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from asgiref.sync import ThreadSensitiveContext

Application = Callable[[Any, Any, Any], Awaitable[None]]

#: Requests served at once, and connections held; the next one waits.
THREADS = 4
#: Answered without Postgres, however busy the threads are.
PROBES = frozenset({"/healthz", "/readyz"})


class Threads:
    """Serves an application's requests in threads that outlive them, the one used last first.

    Args:
        application: Django's.
    """

    def __init__(self, application: Application) -> None:
        self._application = application
        self._idle: asyncio.LifoQueue[ThreadPoolExecutor] = asyncio.LifoQueue()
        for number in range(THREADS):
            self._idle.put_nowait(ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"web-{number}"))

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one request."""
        if scope.get("path") in PROBES:
            await self._application(scope, receive, send)
            return
        executor = await self._idle.get()
        try:
            async with ThreadSensitiveContext(executor=executor):
                await self._application(scope, receive, send)
        finally:
            self._idle.put_nowait(executor)
