"""Values beside the lowest: Student's t by hand, and the promise in a simulation."""

import numpy as np
import pytest
from scipy import stats

from thalweg.evaluation.curves.beside_the_lowest import above_lowest

TEST, TRAIN = np.full(5, 20.0), np.full(5, 80.0)
LOW = np.array([1.0, 1.2, 0.9, 1.1, 1.05])


def test_the_limit_is_that_of_the_corrected_t_of_the_logarithms():
    high = LOW * np.array([1.3, 1.4, 1.35, 1.5, 1.45])
    other = LOW * np.array([0.9, 1.2, 1.1, 1.3, 0.8])
    found = above_lowest([high, LOW, other], 1, TEST, TRAIN)
    assert found[1] is None
    for each, losses in ((found[0], high), (found[2], other)):
        logs = np.log(losses / LOW)
        scale = np.sqrt((1 / 5 + 20 / 80) * logs.var(ddof=1))
        limit = np.exp(logs.mean() - stats.t.ppf(1 - 0.05 / 2, 4) * scale)
        assert each.by_ratio
        assert each.mean == pytest.approx(stats.gmean(losses / LOW), rel=1e-12)
        assert each.at_least == pytest.approx(limit, rel=1e-12)
        assert each.is_shown == (limit > 1)
    assert (found[0].is_shown, found[2].is_shown) == (True, False)


def test_losses_of_0_and_below_are_compared_by_their_differences():
    negative = LOW - 2
    (found, _) = above_lowest(
        [negative + np.array([1, 2, 1.5, 1.2, 1.8]), negative], 1, TEST, TRAIN
    )
    assert not found.by_ratio
    assert found.mean == pytest.approx(1.5)
    assert found.is_shown


def test_equal_losses_and_one_fold_show_nothing():
    (found, _) = above_lowest([LOW.copy(), LOW], 1, TEST, TRAIN)
    assert (found.mean, found.is_shown) == (1, False)
    (found, _) = above_lowest([np.array([9.0]), np.array([1.0])], 1, TEST[:1], TRAIN[:1])
    assert not found.is_shown


def test_a_truly_lowest_value_is_rarely_called_worse():
    """All values are equally good, with folds that share their difficulty."""
    random, wrong, n = np.random.default_rng(0), 0, 400
    for _ in range(n):
        fold = random.normal(size=5)
        losses = [np.exp(0.3 * fold + 0.2 * random.normal(size=5)) for _ in range(6)]
        lowest = int(np.argmin([each.mean() for each in losses]))
        # The first one stands for the truly lowest.
        first = above_lowest(losses, lowest, TEST, TRAIN)[0]
        wrong += first is not None and first.is_shown
    assert wrong / n <= 0.05
