"""The values of a sweep over one setting: ranges, lists, their scales, and what is refused."""

import numpy as np
import pytest

from thalweg.errors import SettingsError
from thalweg.tuning.curves.asked_values import asked_values, beyond, label_of


def test_a_range_grows_by_factors_or_by_steps():
    found = asked_values({"learning_rate_init": (1e-4, 1e-1)}, 7)
    assert found.scale == "log"
    np.testing.assert_allclose(found.values, np.geomspace(1e-4, 1e-1, 7), rtol=5e-3)
    assert (found.values[0], found.values[-1]) == (1e-4, 1e-1)
    found = asked_values({"dropout": (0.0, 0.6)}, 4)
    assert (found.scale, found.values) == ("linear", (0.0, 0.2, 0.4, 0.6))
    assert asked_values({"alpha": (0, 10)}, 3).scale == "linear"  # 0 has no logarithm


def test_whole_numbers_stay_whole_and_each_is_there_once():
    found = asked_values({"hidden_layer_sizes": (1, 8)}, 9)
    assert found.values == (1, 2, 3, 4, 5, 6, 8)
    assert all(isinstance(each, int) for each in found.values)


def test_a_list_keeps_words_and_sorts_numbers():
    assert asked_values({"activation": ["mish", "relu"]}).values == ("mish", "relu")
    found = asked_values({"alpha": [1.0, 0.1, 1.0]})
    assert (found.values, found.scale) == ((0.1, 1.0), "log")
    found = asked_values({"hidden_layer_sizes": [(8,), 4, [8, 8]]})
    assert (found.values, found.scale) == ((8, 4, (8, 8)), "words")
    assert [label_of(each) for each in (8, (8, 4), (), "relu", 1e-4)] == [
        "8", "8×4", "no layer", "relu", "0.0001"
    ]  # fmt: skip


def test_beyond_an_end():
    rate = asked_values({"learning_rate_init": (1e-4, 1e-1)})
    assert beyond(rate, 0.1, upwards=True) == (0.01, 1.0)
    assert beyond(rate, 1e-4, upwards=False) == (1e-5, 1e-3)
    drop = asked_values({"dropout": (0.0, 0.6)})
    assert beyond(drop, 0.0, upwards=False) is None  # there is nothing below 0
    low, high = beyond(drop, 0.6, upwards=True)
    assert low < 0.6 < high < 1
    asked_values({"dropout": (low, high)})  # what is suggested is taken
    wide = asked_values({"hidden_layer_sizes": [8, 16, 32]})
    assert beyond(wide, 32, upwards=True) == (8, 128)
    one = asked_values({"hidden_layer_sizes": [1, 2, 4]})
    assert beyond(one, 1, upwards=False) is None


@pytest.mark.parametrize(
    ("over", "words"),
    [
        ({"mlp__alpha": (1, 2)}, "inside a pipeline.*over={\"alpha\": …}"),
        ({"alpha": (1, 2), "l1": (0, 1)}, "goes over one setting.*tune"),
        ({}, "goes over one setting"),
        ({"n_folds": [3, 5]}, "cannot go over 'n_folds'.*same rows, folds"),
        ({"alpha": 5}, "alpha=5, which is neither"),
        ({"alpha": (2, 1)}, "cannot grow from 2 to 1.*as in 1 and 2"),
        ({"alpha": (-1.0, 1.0)}, "alpha cannot be -1.0.*from 0"),
        ({"activation": (1, 2)}, "activation has no numbers"),
        ({"activation": ["relu", "rulu"]}, "activation cannot be 'rulu'.*relu"),
        ({"dropout": []}, "0 different values of dropout"),
        ({"alpha": range(51)}, "more than 50 different values of alpha.*give 1 to 50"),
        ({"alpha": range(10**9)}, "more than 50 different values of alpha"),  # at once
        ({"batch_size": (1, 10**30)}, "batch_size has too many digits.*below 1e18"),
        ({"batch_size": (1.0, 1e30)}, "batch_size has too many digits"),
        ({"alpha": (0, 10**400)}, "alpha has too many digits"),
        ({"alpha": [10**5000]}, "alpha has too many digits"),
        ({"alpha": (float("nan"), 1.0)}, "alpha cannot be nan.*give a number from 0"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked(over, words):
    with pytest.raises(SettingsError, match=words):
        asked_values(over)


def test_the_number_of_points():
    with pytest.raises(SettingsError, match="points=1 is not a whole number from 2 to 50"):
        asked_values({"alpha": (1, 2)}, 1)
