"""A process that dispatches from an event loop, and tells how long that kept the loop waiting.

    python -m tests.integration.common.loop_probe TASK TENANT CROWD WORK_MS WAIT_MS PROCESSES

What keeps a loop is work in its own thread, measured as that thread's CPU, which is the same on a busy machine (1.9 ms
of a first dispatch, idle or with eight processes beside it); or a call that waits, seen only in the time that passes. A
busy machine lets time pass too (5 ms, then 54), so the limit of the one is not the other's: what waits for a broker
that is away waits for its timeout. Every process first measures a loop that has nothing to do, what counts is the
excess over that, and what is told is the least of several processes: what keeps the loop keeps it in each. All are
forked from one that has not dispatched yet, so each does so for the first time.

It prints, as JSON, by `work` and `wait`, the excess in milliseconds of this process's `first` dispatch, of the `next`
three, of a `crowd` at once, and of collecting their handles (`dropped`); and `errors`, the names of what the dispatches
raised.
"""

import asyncio
import json
import os
import sys
import time

import django

PAUSE_S = 0.001
CLOCKS = {"work": time.thread_time, "wait": time.perf_counter}
PARTS = ("first", "next", "crowd", "dropped")


async def longest_wait(call):
    """Return for how long in ms the loop was kept at the most, by each of CLOCKS, and what the call returns."""
    waits = []

    async def tick():
        while True:
            before = read_clocks()
            await asyncio.sleep(PAUSE_S)
            waits.append([after - start for start, after in zip(before, read_clocks(), strict=True)])

    ticking = asyncio.create_task(tick())
    await asyncio.sleep(5 * PAUSE_S)
    waits.clear()
    result = await call()
    await asyncio.sleep(5 * PAUSE_S)
    ticking.cancel()
    return [1000 * max(each) for each in zip(*waits, strict=True)], result


def read_clocks():
    return [clock() for clock in CLOCKS.values()]


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
    excess = {part: [kept - at_rest for kept, at_rest in zip(wait, idle, strict=True)] for part, wait in waits.items()}
    return {clock: {part: excess[part][which] for part in PARTS} for which, clock in enumerate(CLOCKS)}, errors


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


def main(name, tenant, *numbers):
    django.setup()
    from django.utils.module_loading import import_string

    task = import_string(name)
    crowd, work_ms, wait_ms, processes = map(float, numbers)
    limits = {"work": work_ms, "wait": wait_ms}
    least = {clock: dict.fromkeys(PARTS, float("inf")) for clock in CLOCKS}
    for _ in range(int(processes)):
        told, errors = in_a_fresh_process(task, tenant, int(crowd))
        least = {clock: {part: min(told[clock][part], least[clock][part]) for part in PARTS} for clock in CLOCKS}
        if all(max(least[clock].values()) <= limit for clock, limit in limits.items()):
            break
    print(json.dumps({**least, "errors": errors}))


if __name__ == "__main__":
    main(*sys.argv[1:])
