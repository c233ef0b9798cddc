"""A process that dispatches from an event loop, and tells how long that kept the loop waiting.

    python -m tests.integration.common.loop_probe TASK TENANT CROWD LIMIT_MS PROCESSES

A machine that is busy with other things keeps a loop waiting too. So every process first measures a loop that has
nothing to do, what counts is the excess over that, and what is told is the least of several processes: what blocks,
blocks in each. All are forked from one that has not dispatched yet, so each does so for the first time.

It prints, as JSON, the excess in milliseconds of this process's `first` dispatch, of the `next` three, of a `crowd`
at once, and of collecting their handles (`dropped`); and `errors`, the names of what the dispatches raised.
"""

import asyncio
import json
import os
import sys
import time

import django

PAUSE_S = 0.001
PARTS = ("first", "next", "crowd", "dropped")


async def longest_wait(call):
    """Return the longest time in ms for which the loop was kept from its work during a call, and the call's result."""
    waits = []

    async def tick():
        while True:
            before = time.perf_counter()
            await asyncio.sleep(PAUSE_S)
            waits.append(time.perf_counter() - before - PAUSE_S)

    ticking = asyncio.create_task(tick())
    await asyncio.sleep(5 * PAUSE_S)
    waits.clear()
    result = await call()
    await asyncio.sleep(5 * PAUSE_S)
    ticking.cancel()
    return 1000 * max(waits), result


async def probe(task, tenant, crowd):
    from common.tasks import async_task_delay

    async def at_once(number):
        return await asyncio.gather(*(async_task_delay(task, tenant) for _ in range(number)), return_exceptions=True)

    async def in_turn():
        return [handle for _ in range(3) for handle in await at_once(1)]

    async def drop():
        handles.clear()

    idle, _ = await longest_wait(lambda: asyncio.sleep(0.3))
    waits, handles = {}, []
    for part, call in (("first", lambda: at_once(1)), ("next", in_turn), ("crowd", lambda: at_once(crowd))):
        waits[part], found = await longest_wait(call)
        handles += found
    del found
    errors = sorted({type(handle).__name__ for handle in handles if isinstance(handle, Exception)})
    waits["dropped"], _ = await longest_wait(drop)
    return {**{part: wait - idle for part, wait in waits.items()}, "errors": errors}


def in_a_fresh_process(task, tenant, crowd):
    reading, writing = os.pipe()
    if os.fork() == 0:
        os.write(writing, json.dumps(asyncio.run(probe(task, tenant, crowd))).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as told:
        found = json.load(told)
    os.wait()
    return found


def main(name, tenant, crowd, limit_ms, processes):
    django.setup()
    from django.utils.module_loading import import_string

    task = import_string(name)
    least = dict.fromkeys(PARTS, float("inf"))
    for _ in range(int(processes)):
        told = in_a_fresh_process(task, tenant, int(crowd))
        least = {part: min(told[part], least[part]) for part in PARTS}
        if max(least.values()) <= float(limit_ms):
            break
    print(json.dumps({**least, "errors": told["errors"]}))


if __name__ == "__main__":
    main(*sys.argv[1:])
