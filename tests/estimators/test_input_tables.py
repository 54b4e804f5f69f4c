"""What is read from a table and its target before a fit."""

import numpy as np
import pandas as pd
import pytest

from thalweg import DataError, ThalwegClassifier
from thalweg.estimators.input_tables import read_for_fit

TINY = np.finfo(np.float64).tiny  # the smallest number whose inverse is finite
Y = np.arange(40) % 2


def read(low, high):
    return read_for_fit(ThalwegClassifier(), np.where(Y, low, high)[:, None], Y, None)


@pytest.mark.parametrize(("low", "high"), [(-1e-309, 1e-309), (0.0, TINY / 2), (-TINY / 2, 0.0)])
def test_a_spread_without_a_finite_inverse_is_refused(low, high):
    with pytest.raises(DataError, match=r"too close to each other.*column \"x0\""):
        read(low, high)


@pytest.mark.parametrize(("low", "high"), [(0.0, TINY), (-TINY, 0.0), (-TINY, TINY), (3.0, 3.0)])
def test_a_spread_with_a_finite_inverse_or_none_is_read(low, high):
    assert read(low, high).matrix[:].min() == low


def test_missing_values_of_a_series_are_counted():
    y = pd.Series(np.where(np.arange(40) % 20 == 3, np.nan, Y))
    with pytest.raises(DataError, match="The target has 2 missing values") as caught:
        read_for_fit(ThalwegClassifier(), np.arange(40.0)[:, None], y, None)
    assert caught.value.where == "first in row 4"


def test_a_series_is_no_table_and_both_ways_to_make_one_are_named():
    rows = pd.Series(np.arange(40.0), name="a")
    with pytest.raises(DataError, match="A Series is not a table") as caught:
        read_for_fit(ThalwegClassifier(), rows, Y, None)
    one_row, one_column = "X.to_frame().T if it is one row", "X.to_frame() if it is one column"
    assert f"make it a DataFrame: {one_row}, {one_column}" in str(caught.value)
