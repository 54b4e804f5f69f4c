import inspect
from fractions import Fraction

import mpmath
import numpy as np
import pytest

from thalweg.errors import SettingsError
from thalweg.network.rules import RULES, padded, rule

NAMES = sorted(RULES)
GRADIENTS = np.random.default_rng(3).normal(size=(10, 4)) * np.array([1.0, 1e-6, 1e6, 0.0])
START = np.array([0.5, -2.0, 3.0, 1.0])


def run(name, constants, rate, gradients, theta=START, dtype=np.float64):
    theta = theta.astype(dtype)
    slots = np.zeros((rule(name).n_slots, theta.size), dtype)
    path = []
    for step, gradient in enumerate(gradients.astype(dtype), 1):
        rule(name).update(theta, gradient, slots, step, rate, *constants)
        path.append(theta.copy())
    return np.array(path)


def test_the_table():
    assert NAMES == ["adam", "sgd"]
    assert dict(rule("sgd").constants) == {"momentum": 0.0}
    # Kingma & Ba 2015, section 2.
    assert dict(rule("adam").constants) == {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-8}
    assert rule("adam").rate == 0.001


@pytest.mark.parametrize("name", NAMES)
def test_every_rule_has_one_form(name):
    # What a compiler relies on: arguments by place, six terms, floats only, θ and three slots.
    formula, constants = rule(name), tuple(rule(name).constants.values())
    assert list(inspect.signature(formula.terms).parameters) == ["step", "rate", "constants"]
    parameters = list(inspect.signature(formula.move).parameters)
    assert parameters[:5] == ["theta", "gradient", "a", "b", "c"]
    assert len(parameters) == 5 + 6
    terms = formula.terms(1, formula.rate, padded(constants))
    assert [type(term) for term in terms] == [float] * 6
    assert len(formula.move(*START[:2], 0.0, 0.0, 0.0, *terms)) == 4
    assert 0 <= formula.n_slots <= 3
    assert len(constants) <= 4
    assert all(0 <= value < 1 for value in constants)


@pytest.mark.parametrize("name", NAMES)
def test_memory_that_is_not_kept_is_neither_read_nor_changed(name):
    formula, constants = rule(name), padded(tuple(rule(name).constants.values()))
    for step in (1, 2):
        terms = formula.terms(step, 0.1, constants)
        kept = [0.25] * formula.n_slots
        blank, foreign = ([*kept, *([x] * (3 - len(kept)))] for x in (0.0, 7.0))
        moved, moved_too = (formula.move(0.5, -2.0, *each, *terms) for each in (blank, foreign))
        assert moved[: 1 + len(kept)] == moved_too[: 1 + len(kept)]
        assert moved_too[1 + len(kept) :] == (7.0,) * (3 - len(kept))


def test_constants_are_filled_up_to_four():
    assert padded((0.5, 0.25)) == (0.5, 0.25, 0.0, 0.0)
    assert padded(()) == (0.0,) * 4


def test_plain_descent_by_hand():
    path = run("sgd", (0.0,), 0.25, np.array([[1.0, 2.0, -4.0, 0.0], [8.0, 0.0, 0.0, 0.0]]))
    assert path.tolist() == [[0.25, -2.5, 4.0, 1.0], [-1.75, -2.5, 4.0, 1.0]]


@pytest.mark.parametrize(("momentum", "rate"), [(0.5, 0.25), (0.75, 0.125)])
def test_momentum_in_exact_fractions(momentum, rate):
    # All numbers are short binary fractions, so that floats are exact too: equal, not close.
    gradients = np.random.default_rng(0).integers(-8, 9, (8, 4)) / 8
    path = run("sgd", (momentum,), rate, gradients)
    for column, start in enumerate(START):
        theta, v = Fraction(start), Fraction(0)
        for step, g in enumerate(gradients[:, column]):
            v = Fraction(momentum) * v + Fraction(g)
            theta -= Fraction(rate) * v
            assert Fraction(path[step, column]) == theta


def test_momentum_coasts_to_the_sum_of_the_geometric_series():
    # One push of 1, then nothing: θ ends at -η / (1 - μ).
    gradients = np.zeros((400, 1))
    gradients[0] = 1
    path = run("sgd", (0.9,), 0.1, gradients, np.zeros(1))
    assert path[-1, 0] == pytest.approx(-0.1 / (1 - 0.9), rel=1e-14)


@pytest.mark.parametrize("constants", [(0.9, 0.999, 1e-8), (0.0, 0.5, 0.125), (0.5, 0.0, 1e-3)])
def test_adam_in_fifty_digits(constants):
    path = run("adam", constants, 0.01, GRADIENTS)
    with mpmath.workdps(50):
        beta_1, beta_2, epsilon = map(mpmath.mpf, constants)
        for column, start in enumerate(START):
            theta, m, v = mpmath.mpf(start), mpmath.mpf(0), mpmath.mpf(0)
            for t, g in enumerate(map(mpmath.mpf, GRADIENTS[:, column]), 1):
                m = beta_1 * m + (1 - beta_1) * g
                v = beta_2 * v + (1 - beta_2) * g * g
                m_hat, v_hat = m / (1 - beta_1**t), v / (1 - beta_2**t)
                theta -= mpmath.mpf(0.01) * m_hat / (mpmath.sqrt(v_hat) + epsilon)
                assert path[t - 1, column] == pytest.approx(float(theta), rel=1e-13)


def test_the_first_step_of_adam_is_the_rate_whatever_the_gradient():
    path = run("adam", (0.9, 0.999, 0.0), 0.01, np.array([[1e-8, -1e-3, 1.0, 1e8]]))
    np.testing.assert_allclose(START - path[0], [0.01, -0.01, 0.01, 0.01], rtol=1e-12)


class Narrow(np.ndarray):
    """Float32 that refuses to take part in wider arithmetic."""

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **settings):
        plain = [each.view(np.ndarray) if isinstance(each, Narrow) else each for each in inputs]
        if out is not None:
            settings["out"] = tuple(each.view(np.ndarray) for each in out)
        # Without the narrow target one sees what the arithmetic itself gives.
        assert np.asarray(getattr(ufunc, method)(*plain)).dtype == np.float32, ufunc
        return np.asarray(getattr(ufunc, method)(*plain, **settings)).view(Narrow)


@pytest.mark.parametrize("name", NAMES)
def test_float32_is_never_widened(name):
    theta, gradient = START.astype(np.float32).view(Narrow), GRADIENTS[0].astype(np.float32)
    slots = np.zeros((rule(name).n_slots, 4), np.float32).view(Narrow)
    constants = rule(name).constants.values()
    rule(name).update(theta, gradient.view(Narrow), slots, 1, 0.1, *constants)
    assert theta.dtype == slots.dtype == np.float32


@pytest.mark.parametrize("name", NAMES)
def test_theta_and_slots_change_in_place_and_the_gradient_not_at_all(name):
    constants = tuple(rule(name).constants.values())
    theta, slots = START.copy(), np.zeros((rule(name).n_slots, 4))
    view, row = theta[:2], slots[-1]
    gradient = GRADIENTS[0].copy()
    gradient.setflags(write=False)
    rule(name).update(theta, gradient, slots, 1, 0.1, *constants)
    assert np.all(view != START[:2])
    assert np.all(row[:3] != 0)
    np.testing.assert_array_equal(theta, run(name, constants, 0.1, GRADIENTS[:1])[0])


@pytest.mark.parametrize("name", NAMES)
def test_no_gradient_no_move(name):
    path = run(name, tuple(rule(name).constants.values()), 0.1, np.zeros((5, 4)))
    np.testing.assert_array_equal(path, np.tile(START, (5, 1)))


def test_an_unknown_name_is_refused_with_the_names_there_are():
    with pytest.raises(SettingsError, match="no rule of descent 'adamw'") as caught:
        rule("adamw")
    assert all(name in caught.value.fix for name in NAMES)
