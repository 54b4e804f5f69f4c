"""Splits in time order."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thalweg.data.dates.date_reading import DateReading
from thalweg.data.dates.time_windows import TimeOrder, latest, require_times, windows
from thalweg.errors import DataError

TIMES = st.lists(st.integers(0, 30), min_size=1, max_size=200).map(np.array)


@given(TIMES, st.floats(0.05, 0.95))
def test_the_latest_rows_are_later_than_all_others(times, fraction):
    late = latest(times, fraction)
    if late is None:
        assert len(np.unique(times)) == 1
        return
    assert 0 < late.sum() < len(times)
    assert times[~late].max() < times[late].min()
    shares = [(times >= start).mean() for start in np.unique(times)[1:]]
    assert abs(late.mean() - fraction) == pytest.approx(min(abs(s - fraction) for s in shares))


@given(TIMES, st.integers(1, 8), st.sampled_from([None, 0.5]))
def test_windows_are_later_than_what_teaches_and_grow(times, n_windows, first):
    splits = windows(times, n_windows, first)
    assert len(splits) <= n_windows
    assert bool(splits) == (len(np.unique(times)) > 1)
    before = None
    for train, test in splits:
        assert len(test)
        assert times[train].max() < times[test].min()
        # All rows up to the last of the window are in one of the two, ties on one side.
        reached = np.flatnonzero(times <= times[test].max())
        assert np.array_equal(np.sort(np.r_[train, test]), reached)
        if before is not None:
            assert np.array_equal(before, train)
        before = np.sort(np.r_[train, test])
    if splits:
        assert len(before) == len(times)


def test_windows_are_of_one_size_where_no_times_are_equal():
    sizes = [(len(train), len(test)) for train, test in windows(np.arange(600), 5)]
    assert sizes == [(100, 100), (200, 100), (300, 100), (400, 100), (500, 100)]
    sizes = [(len(train), len(test)) for train, test in windows(np.arange(600), 5, 0.5)]
    assert sizes == [(300, 60), (360, 60), (420, 60), (480, 60), (540, 60)]


def test_times_in_words():
    assert TimeOrder("d", np.zeros(1), DateReading()).text(19_723.0) == "2024-01-01"
    assert TimeOrder("d", np.zeros(1), DateReading("", "month")).text(19_723.0) == "2024-01"
    assert TimeOrder("n", np.zeros(1)).text(1234.5) == "1,234.5"
    assert TimeOrder("n", np.zeros(1)).text(1234.56) == "1,234.56"
    assert TimeOrder("n", np.zeros(1)).text(1234.567) == "1,234.57"


def test_what_cannot_order_rows_is_refused():
    require_times("d", "date", np.arange(3.0))
    with pytest.raises(DataError, match="It is of the kind category"):
        require_times("d", "category", np.arange(3.0))
    with pytest.raises(DataError, match=r'missing in 1 of 3 rows.*column "d", first in row 2'):
        require_times("d", "number", np.array([1, np.nan, 3]))
    with pytest.raises(DataError) as caught:
        require_times("d", "date", np.array([*range(1500), np.nan, np.nan]))
    assert caught.value.what == "The time is missing in 2 of 1,502 rows"
    assert caught.value.where == 'column "d", first in row 1,501'
    assert caught.value.why == "Such a row has no place in time order"
    assert caught.value.fix == "fill it in, or leave these rows out"
