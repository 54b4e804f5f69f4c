"""The rate of messages: never more than a pause has saved and the time has given."""

from hypothesis import given
from hypothesis import strategies as st

from thalweg.studio.wire.message_rate import MessageRate


def test_a_burst_then_the_rate() -> None:
    rate = MessageRate(a_second=10, at_once=5)
    assert [rate.allows(100.0) for _ in range(7)] == [True] * 5 + [False] * 2
    assert [rate.allows(100.125) for _ in range(2)] == [True, False]
    assert [rate.allows(200.0) for _ in range(6)] == [True] * 5 + [False]


@given(st.lists(st.floats(0, 3), min_size=1, max_size=80))
def test_no_window_of_time_has_more(times: list[float]) -> None:
    rate = MessageRate(a_second=4, at_once=6)
    taken = [now for now in sorted(times) if rate.allows(now)]
    for first in range(len(taken)):
        for last in range(first, len(taken)):
            n, seconds = last - first + 1, taken[last] - taken[first]
            assert n <= 6 + 4 * seconds + 1e-9


def test_a_clock_that_goes_back_gives_nothing() -> None:
    rate = MessageRate(a_second=10, at_once=1)
    assert rate.allows(5.0)
    assert not rate.allows(1.0)
    assert not rate.allows(5.05)
    assert rate.allows(5.2)
