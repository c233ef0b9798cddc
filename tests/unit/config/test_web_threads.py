"""The web's threads outlive their requests, are as many as said, and the probes need none."""

import asyncio
import threading

from asgiref.sync import sync_to_async

from config.threads import THREADS, Threads


def serve(application, paths):
    """Serve requests that come all at once."""

    async def all_at_once():
        web = Threads(application)
        await asyncio.gather(*(web({"type": "http", "path": path}, None, None) for path in paths))

    asyncio.run(all_at_once())


def test_requests_share_a_fixed_number_of_threads():
    together, names = threading.Barrier(THREADS), []

    def work():
        together.wait(timeout=30)
        names.append(threading.current_thread().name)

    async def application(*_):
        await sync_to_async(work)()

    serve(application, ["/page"] * THREADS * 3)
    assert sorted(names) == sorted(f"web-{number}_0" for number in range(THREADS) for _ in range(3))


def test_a_probe_is_answered_while_every_thread_is_busy():
    probed, waited = threading.Event(), []

    async def application(scope, *_):
        if scope["path"] == "/page":
            waited.append(await sync_to_async(probed.wait)(timeout=5))
        else:
            probed.set()

    serve(application, ["/page"] * THREADS + ["/healthz"])
    assert waited == [True] * THREADS
