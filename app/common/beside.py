"""Two things at a time: Postgres looks for what comes next while Python works on what it found."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def beside(work: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """Yield the result of each item, in their order, each worked out in a thread while the next item is looked for.

    Items are asked for and results handled in the caller's thread, whose connection they may use; the work must need
    none. Two items are in memory at a time.
    """
    with ThreadPoolExecutor(max_workers=1) as thread:
        under_way = list[Future[Result]]()
        for item in items:
            done = [one.result() for one in under_way]
            under_way = [thread.submit(work, item)]
            yield from done
        yield from (one.result() for one in under_way)
