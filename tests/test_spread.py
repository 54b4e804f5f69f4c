import threading

import pytest

from thalweg.spread import spread


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_results_come_in_the_order_of_the_items(threads):
    assert spread(lambda n: n * n, range(20), threads) == [n * n for n in range(20)]


def test_items_run_side_by_side():
    meet = threading.Barrier(2, timeout=10)
    assert spread(lambda n: (meet.wait(), n)[1], [1, 2], threads=2) == [1, 2]


def test_the_first_failure_is_raised():
    def fail(n):
        if n in (2, 5):
            raise ValueError(n)
        return n

    with pytest.raises(ValueError, match="2"):
        spread(fail, range(8), threads=3)


def test_no_items_no_calls():
    assert spread(lambda n: 1 / 0, [], threads=4) == []
