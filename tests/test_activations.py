import math

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thalweg.errors import SettingsError
from thalweg.network.activations import ACTIVATIONS, activation

NAMES = sorted(ACTIVATIONS)
finite = st.floats(-20, 20)
# The texts as people and mpmath read them: an independent way to every value and slope.
READ = {"max": max, "exp": mpmath.exp}


def from_text(name, z):
    return mpmath.mpf(eval(ACTIVATIONS[name].formula, READ, {"z": mpmath.mpf(z)}))


def test_the_table():
    assert NAMES == ["identity", "relu", "sigmoid", "tanh"]
    assert all(activation(name).name == name for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
@settings(deadline=None)
@given(z=finite)
def test_the_value_is_what_the_text_says(name, z):
    with mpmath.workdps(50):
        expected = float(from_text(name, z))
    assert activation(name).value(np.array([z]))[0] == pytest.approx(expected, rel=2e-15)


@pytest.mark.parametrize("name", NAMES)
@settings(deadline=None)
@given(z=finite)
def test_the_slope_is_the_derivative_of_the_text(name, z):
    if any(abs(z - kink) < 1e-9 for kink in activation(name).kinks):
        z = 0.5
    with mpmath.workdps(50):
        expected = float(mpmath.diff(lambda x: from_text(name, x), z, h=mpmath.mpf("1e-15")))
    assert activation(name).slope(np.array([z]))[0] == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("name", NAMES)
def test_the_slope_jumps_at_the_kinks_and_nowhere_else(name):
    formula = activation(name)
    z = np.linspace(-2, 2, 4001)
    jumps = np.abs(np.diff(formula.slope(z))) > 0.01
    found = {round(float(at), 2) for at in (z[:-1] + z[1:])[jumps] / 2}
    assert found == set(formula.kinks)


def test_relu_is_flat_at_its_kink():
    # The article's choice and scikit-learn's; a dead unit must not be moved.
    assert activation("relu").slope(np.array([0.0, -0.0])).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", NAMES)
def test_shape_and_dtype_stay_and_the_input_is_left_alone(name, dtype):
    z = np.random.default_rng(0).normal(size=(3, 5)).astype(dtype)
    before = z.copy()
    z.setflags(write=False)
    for compute in (activation(name).value, activation(name).slope):
        result = compute(z)
        assert (result.shape, result.dtype) == (z.shape, z.dtype)
    np.testing.assert_array_equal(z, before)


@pytest.mark.parametrize("name", NAMES)
def test_not_a_number_is_not_hidden(name):
    assert math.isnan(activation(name).value(np.array([np.nan]))[0])


@settings(deadline=None)
@given(z=finite)
def test_sigmoid_and_tanh_are_one_curve(z):
    z = np.array([z])
    sigmoid, tanh = activation("sigmoid").value, activation("tanh").value
    np.testing.assert_allclose(sigmoid(-z), 1 - sigmoid(z), atol=2e-16)
    np.testing.assert_allclose(tanh(z), 2 * sigmoid(2 * z) - 1, atol=4e-16)


def test_an_unknown_name_is_refused_with_the_names_there_are():
    with pytest.raises(SettingsError, match="no activation 'swisch'") as caught:
        activation("swisch")
    assert all(name in caught.value.fix for name in NAMES)
