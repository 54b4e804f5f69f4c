"""Settings that mattered, where it is known which."""

import numpy as np
import pytest

from simulated_search import drawn
from thalweg.tuning.search_spaces import OneOf, Space, Span
from thalweg.tuning.shares.setting_shares import ends_of, place_of, setting_shares

SPACE = Space(
    "own",
    {"learning_rate_init": Span(1e-4, 1e-1, log=True), "alpha": Span(0.0, 1.0),
     "activation": OneOf(("relu", "tanh", "mish")), "tol": Span(0.0, 1.0)},
)  # fmt: skip


def shares(loss, n, seed=0):
    values = drawn(SPACE, n, seed)
    return setting_shares(SPACE.dimensions, values, np.array([loss(each) for each in values]), seed)


def known(values):
    """Additive: variances 9/12 (of the logarithm), 4/12 and 2/9."""
    rate = np.log(values["learning_rate_init"] / 1e-4) / np.log(1e3)
    return 3 * rate + 2 * values["alpha"] + (values["activation"] == "mish")


@pytest.fixture(scope="module")
def found():
    return shares(known, 80)


def test_shares_of_an_additive_loss_are_known_also_of_a_logarithm_and_of_choices(found):
    variances = {"learning_rate_init": 9 / 12, "alpha": 4 / 12, "activation": 2 / 9, "tol": 0}
    total = sum(variances.values())
    for each in found.settings:
        assert each.share == pytest.approx(variances[each.name] / total, abs=0.12), each
        assert each.low - 0.05 <= each.share <= each.high + 0.05
        # The share beside shadows decides, and the shadows take a part of it.
        assert each.matters == (each.beside_shuffled > found.by_chance)
        assert each.beside_shuffled <= each.share + 0.05
    assert [each.name for each in found.settings] == list(variances)
    assert found.shown == ["learning_rate_init", "alpha", "activation"]
    assert found.together == pytest.approx(1 - sum(each.share for each in found.settings))
    assert found.explained > 0.8


@pytest.mark.slow
def test_noise_names_a_setting_as_seldom_as_it_says():
    random = np.random.default_rng(0)
    named = sum(bool(shares(lambda _: random.normal(), 40, seed).shown) for seed in range(40))
    assert named <= 5  # 5 % of 40 are 2; six or more have a probability of 0.014


def test_with_few_trials_or_equal_losses_nothing_is_said():
    assert shares(known, 19) is None
    assert shares(lambda _: 0.5, 20) is None


def test_places_and_ends():
    assert ends_of(Span(1, 3)) == (0.5, 3.5)
    assert ends_of(OneOf(("a", "b"))) == (-0.5, 1.5)
    assert ends_of(Span(0.1, 10.0, log=True)) == pytest.approx((np.log(0.1), np.log(10)))
    assert place_of(OneOf((32, 64)), 64) == 1
    assert place_of(Span(1, 8, log=True), 4) == pytest.approx(np.log(4))
