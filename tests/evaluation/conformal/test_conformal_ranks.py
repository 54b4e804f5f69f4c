"""Ranks, fewest rows, guarantees: the numbers of the literature, and levels that are no binary."""

import math

import numpy as np
import pytest

from thalweg.errors import SettingsError
from thalweg.evaluation.conformal.conformal_ranks import (
    coverage_floor,
    fewest_rows,
    highest_level,
    rank_from_the_top,
    require_level,
    split_coverage,
)


@pytest.mark.parametrize(("level", "rows"), [(0.9, 9), (0.95, 19), (0.99, 99), (0.5, 1)])
def test_the_fewest_rows_for_a_finite_answer(level, rows):
    # ⌈(n+1)(1-α)⌉ ≤ n: Vovk, Gammerman & Shafer 2005, "Algorithmic Learning in a Random World".
    assert fewest_rows(level) == rows
    assert rank_from_the_top(rows, level) == 1
    assert rank_from_the_top(rows - 1, level) == 0


@pytest.mark.parametrize("tenths", [5, 6, 7, 8, 9])
@pytest.mark.parametrize("n", [1, 4, 9, 10, 99, 100, 1_234])
def test_ranks_are_those_of_whole_numbers(n, tenths):
    # ⌊α(n+1)⌋ with α in tenths, where floats would be off by one.
    assert rank_from_the_top(n, tenths / 10) == (10 - tenths) * (n + 1) // 10


def test_a_rank_of_values_that_stand_for_several_rows_passes_over_no_more_rows():
    for n in (9, 20, 100, 999):
        rank = rank_from_the_top(n, 0.9)
        assert rank_from_the_top(n, 0.9, 0.5) == math.floor(2 * ((n + 1) / 10 - 1)) + 1
        assert (rank_from_the_top(n, 0.9, 3.0) - 1) * 3 <= rank - 1
    assert rank_from_the_top(9, 0.9, 1 / 3) == 1
    assert rank_from_the_top(8.9, 0.9, 1 / 3) == 0
    assert rank_from_the_top(9 - 1e-13, 0.9) == 1  # an effective number of rows, rounded


@pytest.mark.parametrize(("n", "floor"), [(500, 0.784), (100, 0.724)])
def test_the_floor_of_cv_plus_with_five_folds(n, floor):
    # Barber, Candès, Ramdas & Tibshirani 2021, theorem 4, at α = 0.1.
    assert coverage_floor(n, 5, 0.9) == pytest.approx(floor, abs=5e-4)


def test_the_floor_takes_the_smaller_term_and_with_repeats_the_first():
    # n = K is the jackknife+: 1 - 2α.
    assert coverage_floor(50, 50, 0.9) == pytest.approx(0.8)
    assert coverage_floor(50, 50, 0.9, 2) == 0
    assert coverage_floor(100, 5, 0.9, 3) == coverage_floor(100, 5, 0.9)
    assert coverage_floor(100, 1, 0.9) == pytest.approx(0.9)


@pytest.mark.parametrize(("n", "low", "high"), [(100, 0.848, 0.945), (1_000, 0.884, 0.915)])
def test_the_coverage_of_one_split_has_a_beta_distribution(n, low, high):
    # Beta(91, 10) and Beta(901, 100); Vovk 2012, section 2.
    assert split_coverage(n, 0.9) == pytest.approx((low, high), abs=5e-4)
    assert split_coverage(8, 0.9) == (1, 1)


@pytest.mark.parametrize("level", [0.49, 1, 1.5, math.nan, -1, "high", None, "0.9x"])
def test_a_level_that_is_none_is_refused_with_one_that_works(level):
    with pytest.raises(SettingsError) as caught:
        require_level(level)
    assert "confidence_level=0.9" in str(caught.value)


def test_a_level_may_be_a_number_of_numpy():
    assert fewest_rows(np.float64(0.9)) == 9
    assert fewest_rows(np.float32(0.5)) == 1


@pytest.mark.parametrize(("n", "level"), [(11, 0.916), (9, 0.9), (1, 0.5), (0, 0), (0.5, 0)])
def test_the_highest_level_needs_no_more_rows_than_there_are(n, level):
    assert highest_level(n) == level
    if level:
        assert fewest_rows(level) <= n
