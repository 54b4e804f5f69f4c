"""Outputs of a target: encoding and decoding, against closed forms."""

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, log_expit, log_softmax, logit, logsumexp, softmax

from thalweg.errors import DataError
from thalweg.estimators.outputs.class_outputs import Classes, average
from thalweg.estimators.outputs.value_outputs import Values
from thalweg.network.formulas.losses import loss

rng = np.random.default_rng(0)


def classes(n, costs=None):
    return Classes(np.arange(n), np.ones(n) if costs is None else np.asarray(costs, float))


# ---- classes


@pytest.mark.parametrize("n", [3, 5, 11])
def test_several_classes_are_softmax(n):
    Z = rng.normal(size=(50, n)) * 5
    np.testing.assert_allclose(classes(n).probabilities(Z[None]), softmax(Z, axis=1), rtol=1e-13)
    np.testing.assert_allclose(
        classes(n).decision(Z[None]), log_softmax(Z, axis=1), rtol=1e-9, atol=1e-15
    )


def test_two_classes_are_one_logit():
    Z = rng.normal(size=(50, 1)) * 9
    found = classes(2).probabilities(Z[None])
    np.testing.assert_allclose(found, np.column_stack((expit(-Z), expit(Z))), rtol=1e-14)
    assert classes(2).decision(Z[None]).tobytes() == Z[:, 0].tobytes()


def test_networks_are_averaged_by_their_probabilities():
    many = rng.normal(size=(3, 20, 4)) * 3
    mean = np.mean([softmax(Z, axis=1) for Z in many], axis=0)
    np.testing.assert_allclose(classes(4).probabilities(many), mean, rtol=1e-13)
    np.testing.assert_allclose(classes(4).decision(many), np.log(mean), rtol=1e-12)
    logits = many[..., :1]
    p = np.mean([expit(Z[:, 0]) for Z in logits], axis=0)
    np.testing.assert_allclose(classes(2).probabilities(logits)[:, 1], p, rtol=1e-13)
    np.testing.assert_allclose(classes(2).decision(logits), logit(p), rtol=1e-11, atol=1e-13)


def test_decisions_keep_what_probabilities_round_away():
    logits = np.array([[[800.0], [-60.0]], [[790.0], [-70.0]]])
    with mpmath.workdps(60):
        odds = []
        for pair in zip(*(Z[:, 0] for Z in logits), strict=True):
            p = sum(1 / (1 + mpmath.exp(-mpmath.mpf(z))) for z in pair) / 2
            q = sum(1 / (1 + mpmath.exp(mpmath.mpf(z))) for z in pair) / 2
            odds.append(float(mpmath.log(p) - mpmath.log(q)))
    np.testing.assert_allclose(classes(2).decision(logits), odds, rtol=1e-14)
    three = np.array([[[0.0, 900.0, -900.0]]] * 2)
    np.testing.assert_allclose(classes(3).decision(three), [[-900.0, 0.0, -1800.0]], rtol=1e-14)


def exact_log_probabilities(outputs):
    """The logarithm of the mean softmax of some networks, in 1,000 digits."""
    with mpmath.workdps(1000):
        rows = []
        for row in range(outputs.shape[1]):
            shares = []
            for Z in outputs:
                z = [mpmath.mpf(float(each)) for each in Z[row]]
                z = [mpmath.mpf(0), *z] if len(z) == 1 else z
                total = sum(mpmath.exp(each) for each in z)
                shares.append([mpmath.exp(each) / total for each in z])
            means = [sum(each) / len(outputs) for each in zip(*shares, strict=True)]
            rows.append([float(mpmath.log(each)) for each in means])
    return np.array(rows)


@pytest.mark.parametrize("n_networks", [1, 2, 5])
@pytest.mark.parametrize("n", [2, 3, 7])
def test_logarithms_of_probabilities_are_those_of_scipy(n, n_networks):
    Z = rng.normal(size=(n_networks, 40, 1 if n == 2 else n)) * 9
    each = log_softmax(Z, axis=2)
    if n == 2:
        each = np.concatenate((log_expit(-Z), log_expit(Z)), axis=2)
    mean = logsumexp(each, axis=0, b=1 / n_networks)
    found = classes(n).log_probabilities(Z)
    np.testing.assert_allclose(found, mean, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(np.exp(found), classes(n).probabilities(Z), rtol=1e-12)


@pytest.mark.parametrize("n_networks", [1, 2, 3])
@pytest.mark.parametrize("n", [2, 3])
def test_logarithms_keep_what_probabilities_round_away(n, n_networks):
    # A probability of 1e-391 is 0 in float64, and one of 1 - 1e-30 is 1.
    ends = np.array([[900.0], [-900.0], [70.0], [-70.0], [0.3]])
    Z = np.stack([ends - 3 * k for k in range(n_networks)])
    if n == 3:
        Z = np.concatenate((np.zeros_like(Z), Z, -2 * Z), axis=2)
    found, exact = classes(n).log_probabilities(Z), exact_log_probabilities(Z)
    assert np.isfinite(found).all()
    assert (exact > -1e-20).any()
    assert (exact < -890).any()
    np.testing.assert_allclose(found, exact, rtol=2e-13)
    if n == 3:
        np.testing.assert_array_equal(classes(n).decision(Z), found)
    with np.errstate(divide="ignore"):
        rounded = np.log(classes(n).probabilities(Z))
    assert np.isinf(rounded).any()
    assert (rounded == 0).any()


@pytest.mark.parametrize("n", [2, 4])
def test_costs_are_taken_out_again(n):
    # A network that has learned p' ∝ c p exactly gives p back.
    costs, p = rng.uniform(0.2, 8, n), rng.dirichlet(np.ones(n), 30)
    shifted = p * costs / (p @ costs)[:, None]
    Z = np.log(shifted)
    if n == 2:
        Z = (Z[:, 1] - Z[:, 0])[:, None]
    found = classes(n, costs)
    np.testing.assert_allclose(found.probabilities(Z[None]), p, rtol=1e-12)
    np.testing.assert_allclose(found.log_probabilities(Z[None]), np.log(p), rtol=1e-11)
    np.testing.assert_array_equal(found.call(p), np.argmax(shifted, axis=1))
    if n == 2:
        called = p[:, 1] > found.threshold_of(1).value
        np.testing.assert_array_equal(called, np.argmax(shifted, axis=1) == 1)


def test_targets_of_classes():
    np.testing.assert_array_equal(classes(2).targets(np.array([0.0, 1.0])), [[0.0], [1.0]])
    np.testing.assert_array_equal(classes(3).targets(np.array([2.0, 0.0])), [[0, 0, 1], [1, 0, 0]])
    np.testing.assert_array_equal(
        classes(3, [1, 5, 7]).costs_of(np.array([2.0, 0.0, 1.0])), [7, 1, 5]
    )


@given(st.integers(1, 12), st.integers(1, 20), st.integers(2, 5))
def test_a_row_depends_on_that_row_alone(n_networks, n_rows, n_classes):
    draws = np.random.default_rng(n_rows)
    width = 1 if n_classes == 2 else n_classes
    many = draws.normal(size=(n_networks, 20, width))
    whole = classes(n_classes).probabilities(many)
    some = classes(n_classes).probabilities(many[:, :n_rows])
    assert some.tobytes() == whole[:n_rows].tobytes()
    np.testing.assert_allclose(whole.sum(axis=1), 1, rtol=1e-14)


def test_an_average_of_one_is_itself():
    values = rng.normal(size=7)
    assert average([values]).tobytes() == values.tobytes()


# ---- values


def test_values_are_standardised_by_weight():
    y, weights = rng.normal(5, 3, 40), rng.integers(1, 4, 40).astype(float)
    found = Values("squared_error").fitted(y, weights)
    repeated = np.repeat(y, weights.astype(int))
    assert found.center == pytest.approx(repeated.mean(), rel=1e-13)
    assert found.scale == pytest.approx(repeated.std(), rel=1e-13)
    assert (found.low, found.high) == (y.min(), y.max())
    there = found.targets(y)
    np.testing.assert_allclose(found.values(there), y, rtol=1e-13)


@pytest.mark.parametrize("factor", [1e-290, 1e-30, 1.0, 1e12, 1e290])
@pytest.mark.parametrize("text", ["squared_error", "poisson", "gamma"])
def test_targets_of_any_size_are_the_same_to_a_network(factor, text):
    y = rng.uniform(1, 9, 30)
    plain = Values(text).fitted(y, np.ones(30))
    scaled = Values(text).fitted(y * factor, np.ones(30))
    np.testing.assert_allclose(scaled.targets(y * factor), plain.targets(y), rtol=1e-10, atol=1e-10)
    Z = np.zeros((4, 1))
    np.testing.assert_allclose(scaled.values(Z), plain.values(Z) * factor, rtol=1e-12)


@pytest.mark.parametrize("value", [0.0, 7.0, -1e300, 1e-310])
def test_equal_targets_come_back(value):
    found = Values("squared_error").fitted(np.full(5, value), np.ones(5))
    np.testing.assert_array_equal(found.values(np.array([[0.0], [9.0], [-9.0]])), [value] * 3)


def test_predictions_stay_in_the_range_of_the_targets():
    found = Values("squared_error").fitted(np.array([1.0, 2.0, 6.0]), np.ones(3))
    np.testing.assert_array_equal(found.values(np.array([[99.0], [-99.0]])), [6.0, 1.0])
    counts = Values("poisson").fitted(np.array([0.0, 2.0, 4.0]), np.ones(3))
    np.testing.assert_array_equal(counts.values(np.array([[5e3], [-5e3]])), [4.0, 0.0])


def test_counts_are_the_logarithm_of_their_mean():
    counts = Values("poisson").fitted(np.array([0.0, 2.0, 4.0]), np.array([1.0, 1.0, 2.0]))
    assert (counts.center, counts.scale) == (0.0, 2.5)
    assert counts.values(np.log([[1.2]]))[0] == pytest.approx(3.0)
    # The deviance's gradient is blind to the unit.
    z, y = 0.3, 3.0
    slope = loss("poisson").element_slope(z, y / 2.5, 0.0)
    assert slope == pytest.approx((2.5 * np.exp(z) - y) / 2.5)


def test_amounts_are_the_logarithm_of_their_mean():
    for text, y in (("gamma", [1.0, 2.0, 4.0]), ("tweedie:power=1.3", [0.0, 2.0, 4.0])):
        values, weights = np.array(y), np.array([1.0, 1.0, 2.0])
        found = Values(text).fitted(values, weights)
        assert (found.center, found.scale) == (0.0, np.average(values, weights=weights))
        assert found.values(np.log([[1.2]]))[0] == pytest.approx(1.2 * found.scale)
        assert found.of_logarithm


@pytest.mark.parametrize(
    ("text", "value", "says"),
    [
        ("gamma", 0.0, "A target is 0, and .*gamma.* is for amounts above 0.*row 2.*tweedie"),
        ("gamma", -1.0, "A target is -1"),
        ("tweedie", -0.5, "is for amounts from 0 on.*row 2"),
        ("poisson", -3.0, "is for counts.*row 2"),
    ],
)
def test_what_is_no_amount_is_refused_with_its_row(text, value, says):
    with pytest.raises(DataError, match=f"(?s){says}"):
        Values(text).numbers(np.array([1.0, value, 2.0]))
    assert Values("tweedie").numbers(np.array([0.0, 2.0])).tolist() == [0.0, 2.0]


def test_a_spread_of_nearly_nothing_gives_way_to_the_range():
    # All but 1e-30 of the weight lies on one value.
    y, weights = np.array([0.0, 0.0, 5.0]), np.array([1.0, 1.0, 1e-30])
    found = Values("squared_error").fitted(y, weights)
    assert (found.scale, found.low, found.high) == (5.0, 0.0, 5.0)


def test_the_range_of_the_others_is_the_scale_of_a_spread_of_nearly_nothing():
    found = Values("squared_error").fitted(np.array([1.0, 3.0]), np.array([1.0, 1e-40]))
    assert (found.scale, found.low, found.high) == (2.0, 1.0, 3.0)


def test_before_a_fit_a_target_is_as_it_is():
    y = np.array([-1.0, 0.0, 3.5])
    assert Values("squared_error").targets(y).tolist() == [[-1.0], [0.0], [3.5]]
    assert Values("squared_error").values(y[:, None]).tolist() == y.tolist()


@pytest.mark.parametrize("value", [1.1e300, -1.1e300, np.inf, -np.inf, np.nan])
def test_a_target_too_far_from_0_on_either_side_is_refused(value):
    with pytest.raises(DataError, match=r"above 1e\+300 \(row 2\)"):
        Values("squared_error").numbers(np.array([1.0, value, 2.0]))
    largest = np.array([1e300, -1e300])
    assert Values("squared_error").numbers(largest).tolist() == largest.tolist()
