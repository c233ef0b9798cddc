"""The next item is looked for while the last one is worked on; results keep their order, and errors arrive."""

import threading

import pytest

from common.beside import beside


def test_results_come_in_the_order_of_their_items():
    assert list(beside(lambda item: item * 2, range(5))) == [0, 2, 4, 6, 8]
    assert list(beside(lambda item: item, ())) == []


def test_the_next_item_is_looked_for_while_the_last_is_worked_on():
    looked_for = threading.Event()

    def items():
        yield "first"
        looked_for.set()
        yield "second"

    # Waits for what only happens once the second item is asked for.
    assert list(beside(lambda item: (item, looked_for.wait(10)), items())) == [("first", True), ("second", True)]


def test_items_and_results_stay_in_the_callers_thread():
    here, seen = threading.get_ident(), []

    def items():
        for _ in range(3):
            seen.append(threading.get_ident())
            yield None

    assert here not in set(beside(lambda _: threading.get_ident(), items()))
    assert set(seen) == {here}


def test_what_the_work_raises_is_raised_here():
    results = beside(lambda item: 1 / item, [1, 0, 1])
    assert next(results) == 1
    with pytest.raises(ZeroDivisionError):
        next(results)
