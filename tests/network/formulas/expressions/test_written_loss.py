"""Losses that a person wrote: functions, both engines, extremes, and what cannot be one."""

import pickle
from functools import partial

import numpy as np
import pytest

import thalweg.elementary_functions as ef
from own_losses import FORMULAS, in_fifty_digits
from thalweg.elementary_functions import exp, maximum, where
from thalweg.errors import SettingsError
from thalweg.network.architecture import Architecture
from thalweg.network.compiled.compiled_engine import CompiledEngine
from thalweg.network.engine import Data, Objective
from thalweg.network.formulas.expressions.scaled_formula import Units
from thalweg.network.formulas.expressions.written_loss import (
    read_units,
    units_text,
    written_by,
    written_loss,
)
from thalweg.network.formulas.losses import loss, own_text, standard_text
from thalweg.network.gradcheck import compare
from thalweg.network.reference_engine import ReferenceEngine

# Center and scale of a target far from 0, and a size.
UNITS = Units(1000.25, 3.5, 2.0, 2.0**-11)
NEAR = Units(1.5, 2.0, 3.0, 2.0**-30)
# In these units values are moderate.
IN_ENGINES = [text for text in FORMULAS if "**9" not in text and "z**" not in text]
SIZES = (3, 4, 1)


def pinball(z, y):
    return where(z > y, z - y, 3 * (y - z))


def steep(z, y, power=2):
    off = z - y
    return exp(maximum(off, -1.0)) + off**power


def test_a_function_and_its_text_are_the_same_loss():
    assert written_by(pinball) == written_loss("where(z > y, z - y, 3 * (y - z))")
    assert written_by(steep).text == "exp(maximum(z - y, -1)) + (z - y) ** 2"
    assert written_by(lambda z, y: ef.sqrt(1 + (z - y) ** 2) if False else abs(z - y)).text


@pytest.mark.parametrize(
    ("function", "says"),
    [
        (lambda z, y: np.exp(z - y), "instead of np.where, np.exp"),
        (lambda z, y: np.where(z > y, z, y), "instead of np.where, np.exp"),
        (lambda z, y: z if z > y else y, "write where(condition, then, otherwise) instead of if"),
        (lambda z, y: abs(z - y) ** 0.5, "use sqrt"),
        (lambda z, y: abs(z - y) ** y, "cannot be traced"),
        (lambda z: z, "its arguments are not named z and y"),
        (lambda z, y: "z", "cannot be traced"),
        (lambda z, y: (z, y), "it returns 2 numbers"),
        (lambda z, y: y * y, "does not have z"),
        (lambda z, y: z > y, "A comparison (>)"),
        (lambda z, y: float("inf") * z, "not finite"),
        (print, "it is no function that def or lambda makes"),
        (np.exp, "it is no function that def or lambda makes"),
    ],
)
def test_a_function_that_cannot_be_traced_says_why(function, says):
    with pytest.raises(SettingsError) as error:
        written_by(function)
    assert says in str(error.value)
    assert "Fix: " in str(error.value)


def test_functions_without_end_are_refused():
    def again(z, y):
        return again(z, y)

    def grown(z, y):
        for _ in range(40):
            z = z * z + y
        return z

    for function in (again, grown):
        with pytest.raises(SettingsError):
            written_by(function)


@pytest.mark.parametrize("text", FORMULAS)
def test_values_at_extremes_in_fifty_digits(text):
    written = written_loss(text)
    for z in (0.0, 1e-300, 1e-9, 0.3, 40.0, 700.0, 1e4, -1e-9, -0.3, -40.0, -700.0, -1e4):
        for y in (0.0, 0.3, -2.0, 1e4):
            expected = float(in_fifty_digits(written.formula, z, y))
            found = float(written.value(np.array(z), np.array(y)))
            if abs(expected) < 1e308:
                # What cancels before the result is lost in any order of float64.
                near = 1e-12 if "sqrt" in text or "sin" in text or "expm1" in text else 1e-14
                assert found == pytest.approx(expected, rel=1e-12, abs=near * max(1, abs(z), y * y))


def rows(text, dtype, units=UNITS):
    rng = np.random.default_rng(3)
    architecture = Architecture(SIZES, ("tanh", "identity"))
    theta = rng.normal(size=architecture.n_parameters).astype(dtype)
    X, Y = (rng.normal(size=(37, n)).astype(dtype) for n in (3, 1))
    written = written_loss(text)
    objective = Objective(f"formula:{written.text}{units_text(units)}")
    return architecture, objective, theta, Data(X, Y, rng.uniform(0.5, 2, 37))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("text", [FORMULAS[0], FORMULAS[3], "where(y > 1000, z * z, floor(z) + z)"])
def test_both_engines_agree(text, dtype):
    given = rows(text, dtype)
    (one, slope), (other, other_slope) = (
        engine.loss_and_gradient(*given) for engine in (ReferenceEngine(), CompiledEngine())
    )
    eps = float(np.finfo(dtype).eps)
    assert one == pytest.approx(other, rel=64 * eps)
    assert slope.dtype == other_slope.dtype == dtype
    np.testing.assert_allclose(slope, other_slope, rtol=0, atol=40 * eps * np.abs(slope).max())


@pytest.mark.parametrize("text", IN_ENGINES)
def test_the_gradient_is_that_of_differences(text):
    architecture, objective, theta, data = rows(text, np.float64, NEAR)
    compared = compare(architecture, objective, theta, data, engine=ReferenceEngine())
    assert np.any(compared.steps)
    excess = np.abs(compared.differences - compared.gradient) - compared.doubt / np.where(
        compared.steps > 0, compared.steps, np.inf
    )
    assert np.max(excess[compared.steps > 0]) <= 1e-6 * np.abs(compared.gradient).max()


def test_a_target_far_from_zero_keeps_its_digits_in_float32():
    near = loss("formula:0.5 * (z - y)**2 @ 1e9 2 4 1")
    z, y = np.array([[0.5, -1.25]], np.float32), np.array([[0.25, 1.0]], np.float32)
    np.testing.assert_allclose(near.slope(z, y), z - y, rtol=1e-6)


def test_units_are_read_as_they_are_written_and_no_others():
    text = f"formula:abs(z - y){units_text(UNITS)}"
    assert loss(text).units == UNITS
    assert str(loss(text)) == text
    assert own_text(text) == "formula:abs(z - y)"
    assert own_text("huber:delta=2.0") == "huber:delta=2.0"
    for bad in ("1 2 3", "1 0 1 1", "1 2 nan 1", "1 2 3 inf", "1 2 3 4 5", "a b c d", "1 2 -3 4"):
        with pytest.raises(SettingsError):
            read_units(f"abs(z - y) @ {bad}")
    with pytest.raises(SettingsError, match="has the character '@'"):
        standard_text(text)


def test_a_written_loss_can_be_pickled():
    again = pickle.loads(pickle.dumps(written_loss("abs(z - y)").value))
    np.testing.assert_array_equal(again(np.array([1.0, 5.0]), np.array([2.0, 2.0])), [1.0, 3.0])


def test_arguments_are_taken_by_their_names_and_others_are_refused():
    # Who writes the target first, as scikit-learn has it, trains the same cost.
    texts = {
        written_by(lambda z, y: 3 * abs(z - y) + z).text,
        written_by(lambda y, z: 3 * abs(z - y) + z).text,
        written_by(lambda k=3, *, y, z: k * abs(z - y) + z).text,
    }
    assert texts == {"3 * abs(z - y) + z"}
    for odd in (lambda y_true, y_pred: y_true - y_pred, lambda *both: both[0], lambda z: z):
        with pytest.raises(SettingsError, match="name them z and y, in any order"):
            written_by(odd)
    for odd in (partial(lambda k, z, y: z - y, 1), type("Cost", (), {"__call__": max})()):
        with pytest.raises(SettingsError, match="write a function with its formula"):
            written_by(odd)


def test_numbers_of_numpy_stand_at_either_side():
    three = np.float64(3)
    for left in (three, np.float32(3), np.int64(3), np.array(3.0)):
        assert written_by(lambda z, y, k=left: k * (z - y) ** np.int64(2)).text == (
            written_by(lambda z, y: 3 * (z - y) ** 2).text
        )
    assert written_by(lambda z, y: where(three > y, three - z, z + three)).text == (
        written_by(lambda z, y: where(y < 3, 3 - z, z + 3)).text
    )
    for odd in (lambda z, y: np.exp(z - y), lambda z, y: np.where(z > y, z, y)):
        with pytest.raises(SettingsError, match=r"NumPy cannot compute.*Fix: write where, exp"):
            written_by(odd)
