"""What follows from the trials of a search."""

from itertools import pairwise

import numpy as np
import pandas as pd

from simulated_search import simulated
from thalweg.reporting.tuning.shown_search import SettingShare
from thalweg.tuning.shares.setting_shares import SettingShares


def of(n=40, **more):
    random = np.random.default_rng(1)
    found = simulated(lambda _: random.normal(), n, **more)
    vars(found)["shares"] = None
    return found


def test_the_best_so_far_is_the_cumulative_minimum_of_trials_within_the_limits():
    found = of(lost=(3, 9), max_size=4500)
    counted = found.trials.loss.where(found.trials.bytes <= 4500)
    expected = counted.cummin().ffill()
    best = pd.Series(found.shown().best_so_far(), dtype=float)
    pd.testing.assert_series_equal(best, expected, check_names=False)
    assert found.shown().best().number == counted.idxmin()
    plain = of()
    assert plain.shown().best_so_far() == np.minimum.accumulate(plain.trials.loss).tolist()


def test_fifths_are_quantiles_of_the_losses():
    shown = of().shown()
    fifths = shown.fifths()
    assert sorted(fifths.values()) == sorted([0, 1, 2, 3, 4] * 8)
    by_fifth = [
        [each.loss for each in shown.trials if fifths[each.number] == k] for k in range(5)
    ]  # fmt: skip
    assert all(max(a) <= min(b) for a, b in pairwise(by_fifth))


def test_equal_losses_are_of_one_fifth():
    found = of(10)
    found.trials["loss"] = 0.5
    assert set(found.shown().fifths().values()) == {2}
    found.trials["loss"] = [0.1, 0.1, 0.3, 0.3, 0.3, 0.6, 0.7, 0.8, 0.9, 0.9]
    assert list(found.shown().fifths().values()) == [0, 0, 1, 1, 1, 2, 3, 3, 4, 4]


def test_the_pair_is_the_largest_shares_or_the_first_of_the_space():
    assert [each.name for each in of().shown().pair()] == ["layers", "width"]
    found = of()
    shares = [
        SettingShare(name, 0.5, 0.4, 0.6, 0.5, True) for name in ("dropout", "activation", "width")
    ]
    vars(found)["shares"] = SettingShares(tuple(shares), 0.0, 0.1, 0.9, 39)
    assert [each.name for each in found.shown().pair()] == ["dropout", "activation"]
