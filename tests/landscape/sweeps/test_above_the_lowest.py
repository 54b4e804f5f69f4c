"""Means over seeds and rows with their errors, by hand and by simulation."""

import numpy as np
import pytest
from scipy.stats import t as student

from thalweg.landscape.sweeps.above_the_lowest import (
    SeedRowMean,
    beside_constant,
    shown_higher,
)


def test_a_mean_by_hand():
    losses, weights = np.array([[1.0, 2.0, 6.0], [3.0, 2.0, 4.0]]), np.array([1.0, 2.0, 1.0])
    found = SeedRowMean.of(losses, weights)
    # Over the rows: 2, 2, 5 with the shares 1/4, 1/2, 1/4; over the seeds: 11/4, 11/4.
    assert found.mean == 2.75
    assert found.of_seeds == 0
    rows = (0.75**2 / 16 + 0.75**2 / 4 + 2.25**2 / 16) * 3 / 2
    assert found.of_rows == pytest.approx(np.sqrt(rows))
    assert found.df == pytest.approx(2)
    half = student.ppf(0.975, 2) * np.sqrt(rows)
    assert found.interval() == pytest.approx((2.75 - half, 2.75 + half))
    shifted = SeedRowMean.of(losses + np.array([[0.0], [1.0]]), weights)
    assert shifted.of_seeds == pytest.approx(0.5)  # √(1/2 · ½)
    assert shifted.error == pytest.approx(np.hypot(shifted.of_rows, 0.5))


def test_equal_weights_are_the_textbook_error_of_a_mean():
    rows = np.random.default_rng(0).normal(size=40)
    found = SeedRowMean.of(np.array([rows, rows]), np.full(40, 3.0))
    assert found.of_rows == pytest.approx(rows.std(ddof=1) / np.sqrt(40))


def test_one_sided_limits_are_shared():
    found = SeedRowMean(2.0, 1.0, 0.0, 30.0)
    assert found.is_above_0(1)
    assert not found.is_above_0(10)
    assert not SeedRowMean(0.0, 0.0, 0.0, 4.0).is_above_0(3)


def drawn(rng, means, n_rows, seeds=5, of_rows=1.0, of_seeds=0.1, both=0.5):
    """Cells that share the difficulty of their rows, with noise of seeds and of single answers."""
    common = rng.normal(0, 1, n_rows)
    return [
        mean
        + common
        + rng.normal(0, of_rows, n_rows)
        + rng.normal(0, of_seeds, (seeds, 1))
        + rng.normal(0, both, (seeds, n_rows))
        for mean in means
    ]


def test_intervals_hold_the_mean_loss_in_95_of_100():
    rng, held = np.random.default_rng(1), 0
    for _ in range(600):
        (losses,) = drawn(rng, [3.0], 60)
        low, high = SeedRowMean.of(losses, np.ones(60)).interval()
        held += low <= 3.0 <= high
    assert 0.93 < held / 600 <= 1.0


@pytest.mark.parametrize("means", [[0.0] * 12, [0.0, *np.linspace(0.05, 2, 11)]])
def test_the_truly_lowest_is_hardly_ever_called_higher(means):
    # Also where all are equal, and the lowest one is so by luck alone.
    rng, wrong, found = np.random.default_rng(2), 0, 0
    for _ in range(400):
        called = shown_higher(drawn(rng, means, 60, of_rows=0.5), np.ones(60))
        wrong += called[0]
        found += sum(called)
    assert wrong / 400 < 0.06
    assert (found > 400) == (means[-1] > 0)  # and it finds cells that are higher


def test_a_paired_difference_is_seen_through_the_difficulty_of_rows():
    rng = np.random.default_rng(3)
    one, two = drawn(rng, [0.0, 0.2], 200, of_rows=0.1, of_seeds=0.01, both=0.1)
    assert shown_higher([two, one], np.ones(200)) == [True, False]
    alone = [SeedRowMean.of(each, np.ones(200)) for each in (one, two)]
    assert alone[0].interval()[1] > alone[1].interval()[0]  # the two intervals overlap


def test_a_constant_answer_is_compared_on_the_same_rows():
    # The intervals of both overlap by far: the difficulty of a row hides the difference.
    rng = np.random.default_rng(5)
    common = rng.normal(3, 1, 200)
    losses = common - 0.1 + rng.normal(0, 0.1, (5, 200))
    found = beside_constant([losses, losses + 1], common, np.ones(200))
    assert SeedRowMean.of(losses, np.ones(200)).interval()[1] > common.mean()
    assert found.shown
    rows = (losses - common).mean(axis=0)
    error = np.hypot(
        rows.std(ddof=1) / np.sqrt(200),
        (losses - common).mean(axis=1).std(ddof=1) / np.sqrt(5),
    )
    df = SeedRowMean.of(losses - common, np.ones(200)).df
    assert found.difference == pytest.approx(rows.mean())
    limits = rows.mean() + np.array([-1, 1]) * student.ppf(1 - 0.05 / 2, df) * error
    assert (found.low, found.high) == pytest.approx(tuple(limits))
    assert found.n_cells == 2
    assert not beside_constant([losses + 0.3], common, np.ones(200)).shown
    assert beside_constant([], common, np.ones(200)) is None


def test_the_lowest_of_many_cells_is_hardly_ever_below_a_constant_by_luck():
    rng, wrong = np.random.default_rng(6), 0
    for _ in range(400):
        constant = rng.normal(3, 1, 60)
        losses = [constant + each for each in drawn(rng, [0.0] * 12, 60, of_rows=0.5)]
        wrong += beside_constant(losses, constant, np.ones(60)).shown
    assert wrong / 400 <= 0.05
