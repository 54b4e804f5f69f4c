"""Ordered streams: order, errors in their place, a bound on what is held, ends."""

import threading
import time
from collections.abc import Iterator

import pytest

from thalweg.data.streams.ordered_stream import in_order
from thalweg.parallel_map import usable_cores


def _weigh(item: int) -> int:
    return 1


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_results_come_in_the_order_of_the_items(threads: int) -> None:
    def slow(item: int) -> int:
        time.sleep(0.002 * (item % 3))
        return item * item

    found = list(in_order(slow, range(60), threads, weigh=_weigh, most=7))
    assert found == [item * item for item in range(60)]


def test_no_more_is_read_than_the_budget_allows() -> None:
    used, ahead = 0, []

    def items() -> Iterator[int]:
        for item in range(50):
            ahead.append(item - used)
            yield item

    for _ in in_order(lambda item: item, items(), 2, weigh=lambda item: 10, most=30):
        used += 1
        time.sleep(0.001)
    # Three are held, one is being used, and one is read and waits for room.
    assert max(ahead) <= 5


def test_one_item_larger_than_the_budget_goes_through() -> None:
    assert list(in_order(str, [1, 2, 3], 2, weigh=lambda item: 100, most=1)) == ["1", "2", "3"]


def test_an_error_is_raised_in_its_place() -> None:
    def fails(item: int) -> int:
        if item == 3:
            raise ValueError("three")
        return item

    found = in_order(fails, range(10), 4, weigh=_weigh, most=100)
    assert [next(found) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ValueError, match="three"):
        next(found)


def test_what_the_items_raise_comes_after_the_results_before_it() -> None:
    def items() -> Iterator[int]:
        yield 1
        yield 2
        raise OSError("torn")

    found = in_order(lambda item: item, items(), 2, weigh=_weigh, most=100)
    assert [next(found), next(found)] == [1, 2]
    with pytest.raises(OSError, match="torn"):
        next(found)


def test_a_stream_that_nobody_finishes_ends_its_threads() -> None:
    read = []

    def items() -> Iterator[int]:
        for item in range(1000):
            read.append(item)
            yield item

    found = in_order(lambda item: item, items(), 2, weigh=_weigh, most=4)
    assert next(found) == 0
    found.close()
    n = len(read)
    time.sleep(0.05)
    assert len(read) == n < 20


def test_each_call_works_alone() -> None:
    seen = list(in_order(lambda _: usable_cores(), range(4), 2, weigh=_weigh, most=9))
    assert seen == [1] * 4
    assert threading.current_thread() is threading.main_thread()
