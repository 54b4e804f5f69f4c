import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import expit, log_softmax, softmax
from sklearn.metrics import log_loss

from thalweg.errors import SettingsError
from thalweg.network.losses import LOSSES, loss

NAMES = sorted(LOSSES)
logits = arrays(
    np.float64, st.tuples(st.integers(1, 4), st.integers(1, 5)), elements=st.floats(-15, 15)
)


def targets(name, shape, seed=0):
    rng = np.random.default_rng(seed)
    if name == "squared_error":
        return rng.normal(size=shape)
    if name == "sigmoid_cross_entropy":
        return rng.integers(0, 2, shape).astype(float)
    return np.eye(shape[0])[rng.integers(0, shape[0], shape[1])].T


def test_the_table():
    assert NAMES == ["sigmoid_cross_entropy", "softmax_cross_entropy", "squared_error"]
    assert all(loss(name).name == name and loss(name).formula for name in NAMES)


def test_squared_error_by_hand():
    Z, Y = np.array([[1.0, 2.0], [3.0, -1.0]]), np.array([[0.0, 2.0], [1.0, 1.0]])
    assert loss("squared_error").value(Z, Y).tolist() == [2.5, 2.0]
    assert loss("squared_error").slope(Z, Y).tolist() == [[1.0, 0.0], [2.0, -2.0]]


@settings(deadline=None, max_examples=25)
@given(Z=logits)
def test_sigmoid_cross_entropy_is_scikit_learns_log_loss(Z):
    Y = targets("sigmoid_cross_entropy", Z.shape)
    value = loss("sigmoid_cross_entropy").value(Z, Y)
    for got, z, y in zip(value, Z.T, Y.T, strict=True):
        theirs = sum(
            log_loss([t], [[1 - p, p]], labels=[0, 1]) for t, p in zip(y, expit(z), strict=True)
        )
        assert got == pytest.approx(theirs, rel=1e-9, abs=1e-15)
    np.testing.assert_allclose(loss("sigmoid_cross_entropy").slope(Z, Y), expit(Z) - Y, atol=1e-15)


@settings(deadline=None)
@given(Z=logits)
def test_softmax_cross_entropy_is_scipys(Z):
    Y = targets("softmax_cross_entropy", Z.shape)
    expected = -np.sum(Y * log_softmax(Z, axis=0), axis=0)
    np.testing.assert_allclose(
        loss("softmax_cross_entropy").value(Z, Y), expected, rtol=1e-13, atol=1e-15
    )
    np.testing.assert_allclose(
        loss("softmax_cross_entropy").slope(Z, Y), softmax(Z, axis=0) - Y, atol=1e-15
    )


@settings(deadline=None)
@given(
    z=arrays(np.float64, 4, elements=st.floats(-1e4, 1e4)),
    y=arrays(np.float64, 4, elements=st.sampled_from([0.0, 0.25, 1.0])),
)
def test_two_logits_of_which_one_is_0_are_a_sigmoid(z, y):
    one, two = loss("sigmoid_cross_entropy"), loss("softmax_cross_entropy")
    Z, Y = np.stack([np.zeros(4), z]), np.stack([1 - y, y])
    np.testing.assert_allclose(one.value(z[None], y[None]), two.value(Z, Y), rtol=1e-14)
    np.testing.assert_allclose(one.slope(z[None], y[None])[0], two.slope(Z, Y)[1], atol=1e-15)
    np.testing.assert_allclose(one.predict(z[None])[0], two.predict(Z)[1], rtol=1e-14)


@settings(deadline=None)
@given(Z=logits, shift=st.integers(-1000, 1000))
def test_softmax_sums_to_1_and_does_not_feel_a_shift(Z, shift):
    formula = loss("softmax_cross_entropy")
    np.testing.assert_allclose(np.sum(formula.predict(Z), axis=0), 1, rtol=1e-15)
    np.testing.assert_allclose(formula.predict(Z + shift), formula.predict(Z), rtol=1e-11)


@pytest.mark.parametrize("name", NAMES)
@settings(deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_slope_is_the_derivative_of_the_value(name, seed):
    formula, h = loss(name), 1e-3
    rng = np.random.default_rng(seed)
    Z = rng.normal(size=(3, 4)) * 3
    # Soft targets too: they are allowed; those of classes that exclude each other sum to 1.
    soft = rng.dirichlet(np.ones(3), 4).T if formula.coupled else rng.random(Z.shape)
    Y = targets(name, Z.shape, seed) if rng.random() < 0.5 else soft
    for k in range(3):
        e = np.zeros((3, 1))
        e[k] = h
        near = formula.value(Z + e, Y) - formula.value(Z - e, Y)
        far = formula.value(Z + 2 * e, Y) - formula.value(Z - 2 * e, Y)
        np.testing.assert_allclose(
            formula.slope(Z, Y)[k], (8 * near - far) / (12 * h), rtol=1e-9, atol=1e-10
        )


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", NAMES)
def test_shapes_and_dtype_stay_and_the_inputs_are_left_alone(name, dtype):
    formula = loss(name)
    Z = np.random.default_rng(1).normal(size=(3, 5)).astype(dtype)
    Y = targets(name, Z.shape).astype(dtype)
    before = Z.copy(), Y.copy()
    Z.setflags(write=False)
    Y.setflags(write=False)
    value, slope, predicted = formula.value(Z, Y), formula.slope(Z, Y), formula.predict(Z)
    assert (value.shape, slope.shape, predicted.shape) == ((5,), Z.shape, Z.shape)
    assert {value.dtype, slope.dtype, predicted.dtype} == {np.dtype(dtype)}
    np.testing.assert_array_equal((Z, Y), before)


def test_what_the_user_is_given():
    Z = np.array([[0.0, 3.0], [-1.0, 2.0]])
    np.testing.assert_array_equal(loss("squared_error").predict(Z), Z)
    np.testing.assert_allclose(loss("sigmoid_cross_entropy").predict(Z), expit(Z), rtol=1e-15)
    np.testing.assert_allclose(
        loss("softmax_cross_entropy").predict(Z), softmax(Z, axis=0), rtol=1e-15
    )


@pytest.mark.parametrize("name", NAMES)
def test_not_a_number_is_not_hidden(name):
    Z, Y = np.array([[np.nan, 1.0], [1.0, 1.0]]), np.array([[0.0, 0.0], [1.0, 1.0]])
    assert np.isnan(loss(name).value(Z, Y)).tolist() == [True, False]


def test_an_unknown_name_is_refused_with_the_names_there_are():
    with pytest.raises(SettingsError, match="no loss 'hinge'") as caught:
        loss("hinge")
    assert all(name in caught.value.fix for name in NAMES)
