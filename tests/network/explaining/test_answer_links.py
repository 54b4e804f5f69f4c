"""Mean slopes of links against mpmath, also of pieces that are almost points, and in the tails."""

import mpmath
import numpy as np
import pytest

from thalweg.network.explaining.answer_links import LinkAnswer, share_of_end
from thalweg.network.formulas.losses import loss

ENDS = [(-1.0, 2.0), (2.0, -1.0), (0.3, 0.3 + 1e-13), (-40.0, -39.0), (39.0, 41.0), (-700.0, -5.0),
        (5.0, 5.0), (-0.5, 700.0)]  # fmt: skip


def true_mean(name, left, right):
    mpmath.mp.dps = 60
    left, right = mpmath.mpf(left), mpmath.mpf(right)

    def link(z):
        return 1 / (1 + mpmath.exp(-z)) if name == "sigmoid_cross_entropy" else mpmath.exp(z)

    if left == right:
        return mpmath.diff(link, left)
    return (link(right) - link(left)) / (right - left)


@pytest.mark.parametrize("name", ["sigmoid_cross_entropy", "poisson", "gamma"])
@pytest.mark.parametrize(("left", "right"), ENDS)
def test_mean_slopes_have_all_digits(name, left, right):
    answer = LinkAnswer(loss(name), 3.0)
    found = answer.mean_slopes(np.array([[left]]), np.array([[right]]))[0, 0, 0]
    true = 3 * true_mean(name, left, right)
    assert abs(found - float(true)) <= 1e-14 * float(abs(true))


@pytest.mark.parametrize("name", ["squared_error", "absolute_error", "huber", "quantile"])
def test_numbers_have_a_slope_of_their_scale(name):
    answer = LinkAnswer(loss(name), 7.0)
    ends = np.array([[1.0], [2.0]]), np.array([[1.0], [5.0]])
    assert (answer.mean_slopes(*ends) == 7).all()
    assert (answer.slopes(ends[0][None]) == 7).all()


def test_softmax_has_no_closed_form():
    ends = np.zeros((1, 3))
    assert LinkAnswer(loss("softmax_cross_entropy")).mean_slopes(ends, ends) is None


@pytest.mark.parametrize(
    "name", ["softmax_cross_entropy", "sigmoid_cross_entropy", "poisson", "tweedie"]
)
def test_slopes_are_those_of_the_value(name):
    answer, rng, h = LinkAnswer(loss(name), 2.0), np.random.default_rng(0), 1e-6
    n = 3 if name == "softmax_cross_entropy" else 1
    Z = rng.standard_normal((1, 5, n))
    for j in range(n):
        step = np.zeros(n)
        step[j] = h
        slope = (answer.value(Z + step) - answer.value(Z - step)) / (2 * h)
        np.testing.assert_allclose(answer.slopes(Z)[0, :, :, j], slope, atol=1e-8)


def test_share_of_end_at_zero_is_one():
    assert share_of_end(np.array([0.0, 1e-300])).tolist() == [1.0, 1.0]
