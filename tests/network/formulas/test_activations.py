import math

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thalweg.errors import SettingsError
from thalweg.network.formulas.activations import ACTIVATIONS, activation

NAMES = sorted(ACTIVATIONS)
finite = st.floats(-20, 20)
# The texts as people and mpmath read them: an independent way to every value and slope. Some
# lose as many digits as their tails have zeros.
READ = {name: getattr(mpmath, name) for name in ("exp", "log", "tanh", "sqrt", "pi")}
READ |= {"max": max, "min": min}
DIGITS = 300
# Whatever moves z by one place moves an exponent of 600 by hundreds of them.
LOOSE = {"gelu": 1e-12}


def from_text(name, z):
    return mpmath.mpf(eval(ACTIVATIONS[name].formula, READ, {"z": mpmath.mpf(z)}))


def test_the_table():
    assert NAMES == [
        "elu", "gelu", "identity", "leaky_relu", "mish", "relu", "selu", "sigmoid", "silu",
        "softplus", "tanh",
    ]  # fmt: skip
    assert all(activation(name).name == name for name in NAMES)


def test_selu_keeps_mean_0_and_variance_1():
    # Klambauer et al. 2017, section 2: what λ and α are chosen for.
    def moment(power):
        def spread(z):
            return from_text("selu", z) ** power * mpmath.npdf(z)

        return float(mpmath.quad(spread, [-12, -3, 0, 3, 12]))

    assert moment(1) == pytest.approx(0, abs=1e-15)
    assert moment(2) == pytest.approx(1, rel=1e-15)


@pytest.mark.parametrize("name", NAMES)
@settings(deadline=None)
@given(z=finite)
def test_the_value_is_what_the_text_says(name, z):
    with mpmath.workdps(DIGITS):
        expected = float(from_text(name, z))
    got = activation(name).value(np.array([z]))[0]
    assert got == pytest.approx(expected, rel=LOOSE.get(name, 2e-15), abs=1e-300)


@pytest.mark.parametrize("name", NAMES)
@settings(deadline=None)
@given(z=finite)
def test_the_slope_is_the_derivative_of_the_text(name, z):
    if any(abs(z - kink) < 1e-9 for kink in activation(name).kinks):
        z = 0.5
    with mpmath.workdps(DIGITS):
        expected = float(mpmath.diff(lambda x: from_text(name, x), z, h=mpmath.mpf("1e-15")))
    got = activation(name).slope(np.array([z]))[0]
    # Some slopes pass through 0, where only the absolute error can be small.
    assert got == pytest.approx(expected, rel=LOOSE.get(name, 1e-14), abs=1e-15)


@pytest.mark.parametrize("name", NAMES)
def test_slope_and_curvature_jump_at_the_kinks_and_nowhere_else(name):
    formula = activation(name)
    z = np.linspace(-2, 2, 4001)
    curvature = np.diff(formula.slope(z)) / np.diff(z)
    jumps = np.abs(np.diff(curvature)) > 0.1
    assert {round(float(at), 2) for at in z[1:-1][jumps]} == set(formula.kinks)


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


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", NAMES)
def test_not_a_number_is_not_hidden(name, dtype):
    for compute in (activation(name).value, activation(name).slope):
        assert math.isnan(compute(np.array([np.nan], dtype))[0])


SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772
# f(-∞), f(∞), f'(-∞), f'(∞).
LIMITS = {
    "identity": (-math.inf, math.inf, 1.0, 1.0),
    "relu": (0.0, math.inf, 0.0, 1.0),
    "leaky_relu": (-math.inf, math.inf, 0.01, 1.0),
    "elu": (-1.0, math.inf, 0.0, 1.0),
    "selu": (-SELU_SCALE * SELU_ALPHA, math.inf, 0.0, SELU_SCALE),
    "sigmoid": (0.0, 1.0, 0.0, 0.0),
    "softplus": (0.0, math.inf, 0.0, 1.0),
    "tanh": (-1.0, 1.0, 0.0, 0.0),
    "silu": (0.0, math.inf, 0.0, 1.0),
    "gelu": (0.0, math.inf, 0.0, 1.0),
    "mish": (0.0, math.inf, 0.0, 1.0),
}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", NAMES)
def test_infinity_gives_the_limit_and_no_warning(name, dtype):
    ends = np.array([-np.inf, np.inf], dtype)
    with np.errstate(all="raise", under="ignore"):
        got = [*activation(name).value(ends), *activation(name).slope(ends)]
    np.testing.assert_allclose(got, LIMITS[name], rtol=2 * np.finfo(dtype).eps)


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


@settings(deadline=None)
@given(z=finite)
def test_curves_of_one_family(z):
    z = np.array([z])
    value = {name: activation(name).value(z)[0] for name in NAMES}
    slope = {name: activation(name).slope(z)[0] for name in NAMES}
    assert value["silu"] == pytest.approx(z[0] * value["sigmoid"], rel=1e-15)
    assert slope["softplus"] == value["sigmoid"]
    assert value["mish"] == pytest.approx(z[0] * np.tanh(value["softplus"]), rel=1e-14)
    assert value["selu"] == pytest.approx(
        SELU_SCALE * value["elu"] * (SELU_ALPHA if z[0] < 0 else 1), rel=1e-15
    )
    assert value["relu"] == pytest.approx((value["leaky_relu"] - 0.01 * z[0]) / 0.99, abs=1e-14)
