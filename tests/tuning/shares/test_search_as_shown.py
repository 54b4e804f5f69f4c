"""What the page of a search is given."""

import math

import pytest

from simulated_search import simulated
from thalweg.tuning.search_spaces import space_of
from thalweg.tuning.shares import setting_shares


def loss(values):
    return 0.1 + 0.02 * abs(math.log(values["learning_rate_init"] / 0.004)) + values["dropout"] / 9


@pytest.fixture(scope="module")
def few():
    return simulated(loss, 12, max_size=5500, lost=(4,))


def test_trials_are_those_of_the_table(few):
    shown, trials = few.shown(), few.trials
    assert [each.number for each in shown.trials] == list(range(12))
    for each, row in zip(shown.trials, trials.to_dict("records"), strict=True):
        assert (each.loss is None) == (each.number == 4)
        assert each.loss is None or each.loss == row["loss"]
        assert each.within == (row["bytes"] <= 5500)
        assert each.places["learning_rate_init"] == math.log(row["learning_rate_init"])
        widths = list(space_of("small", "classifier").dimensions["width"].stored)
        assert widths[int(each.places["width"])] == row["width"] == int(each.values["width"])
    assert sum(not each.within for each in shown.trials) > 0
    assert "10 trials beside the default have a loss" in shown.about_shares[0]
    assert "nothing is said" in shown.about_shares[0]
    assert shown.shares == ()


def test_shares_are_found_once_and_without_the_default(monkeypatch):
    monkeypatch.setattr(setting_shares, "DRAWS", 3)
    monkeypatch.setattr(setting_shares, "SHUFFLES", 3)
    found = simulated(loss, 31)
    # The default is far outside of what the settings say, and changes nothing.
    other = simulated(loss, 31)
    other.trials.loc[0, "loss"] = 100.0
    assert found.shares == other.shares
    assert found.shares is found.shares
    assert found.shares.n_trials == 30
    assert found.shown().shares == found.shares.settings
    assert "not about the world" in found.shown().about_shares[1]
