import inspect
import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest

import by_hand
from thalweg.errors import SettingsError
from thalweg.network.formulas.rules import RULES, four, rule

NAMES = sorted(RULES)
GRADIENTS = np.random.default_rng(3).normal(size=(60, 4)) * np.array([1.0, 1e-6, 1e6, 0.0])
START = np.array([0.5, -2.0, 3.0, 1.0])


def run(name, constants, rate, gradients, theta=START, dtype=np.float64):
    theta = theta.astype(dtype)
    slots = np.zeros((rule(name).n_slots, theta.size), dtype)
    path = []
    for step, gradient in enumerate(gradients.astype(dtype), 1):
        rule(name).update(theta, gradient, slots, step, rate, *constants)
        path.append(theta.copy())
    return np.array(path)


ADAMS = {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-8}
# Slots, rate, constants and decay as the papers or PyTorch have them.
TABLE = {
    "sgd": (1, 0.1, {"momentum": 0.0}, 0.0),
    "nesterov": (1, 0.01, {"momentum": 0.9}, 0.0),
    "adagrad": (1, 0.01, {"epsilon": 1e-10}, 0.0),
    "rmsprop": (2, 0.01, {"rho": 0.99, "epsilon": 1e-8, "momentum": 0.0}, 0.0),
    # Kingma & Ba 2015, section 2.
    "adam": (2, 0.001, ADAMS, 0.0),
    "adamw": (2, 0.001, ADAMS, 0.01),
    "nadam": (3, 0.002, ADAMS | {"momentum_decay": 0.004}, 0.0),
    "lion": (1, 0.0001, {"beta_1": 0.9, "beta_2": 0.99}, 0.0),
}


def defaults(name):
    return tuple(rule(name).constants.values())


def test_the_table():
    assert {
        name: (each.n_slots, each.rate, dict(each.constants), each.decay)
        for name, each in RULES.items()
    } == TABLE
    assert all(rule(name).name == name and rule(name).formula for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_rule_has_one_form(name):
    # What a compiler relies on: arguments by place, six terms, floats only, θ and three slots.
    formula, constants = rule(name), tuple(rule(name).constants.values())
    assert list(inspect.signature(formula.terms).parameters) == ["step", "rate", "constants"]
    parameters = list(inspect.signature(formula.move).parameters)
    assert parameters[:5] == ["theta", "gradient", "a", "b", "c"]
    assert len(parameters) == 5 + 6
    terms = formula.terms(1, formula.rate, four(constants))
    assert [type(term) for term in terms] == [float] * 6
    assert len(formula.move(*START[:2], 0.0, 0.0, 0.0, *terms)) == 4
    assert 0 <= formula.n_slots <= 3
    assert len(constants) <= 4
    assert all(0 <= value < 1 for value in constants)


@pytest.mark.parametrize("name", NAMES)
def test_memory_that_is_not_kept_is_neither_read_nor_changed(name):
    formula, constants = rule(name), four(tuple(rule(name).constants.values()))
    for step in (1, 2):
        terms = formula.terms(step, 0.1, constants)
        kept = [0.25] * formula.n_slots
        blank, foreign = ([*kept, *([x] * (3 - len(kept)))] for x in (0.0, 7.0))
        moved, moved_too = (formula.move(0.5, -2.0, *each, *terms) for each in (blank, foreign))
        assert moved[: 1 + len(kept)] == moved_too[: 1 + len(kept)]
        assert moved_too[1 + len(kept) :] == (7.0,) * (3 - len(kept))


def test_constants_are_filled_up_to_four():
    assert four((0.5, 0.25)) == (0.5, 0.25, 0.0, 0.0)
    assert four(()) == (0.0,) * 4


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


# --- the papers' arithmetic -----------------------------------------------------------------

CONSTANTS = {
    "sgd": [(0.0,), (0.9,)],
    "nesterov": [(0.9,), (0.0,)],
    "adagrad": [(1e-10,), (0.5,)],
    "rmsprop": [(0.99, 1e-8, 0.0), (0.5, 1e-3, 0.9), (0.0, 0.25, 0.5)],
    "adam": [(0.9, 0.999, 1e-8), (0.0, 0.5, 0.125), (0.5, 0.0, 1e-3)],
    "adamw": [(0.9, 0.999, 1e-8)],
    "nadam": [(0.9, 0.999, 1e-8, 0.004), (0.5, 0.5, 0.125, 0.9), (0.0, 0.9, 1e-3, 0.0)],
    "lion": [(0.9, 0.99), (0.0, 0.5), (0.99, 0.25)],
}


@pytest.mark.parametrize(
    ("name", "constants"), [(name, each) for name in NAMES for each in CONSTANTS[name]]
)
def test_sixty_steps_in_fifty_digits(name, constants):
    path = run(name, constants, 0.01, GRADIENTS)
    with mpmath.workdps(50):
        exact = [mpmath.mpf(each) for each in constants]
        for column, start in enumerate(START):
            theta, memory, largest = mpmath.mpf(start), {}, abs(start)
            for t, g in enumerate(map(mpmath.mpf, GRADIENTS[:, column]), 1):
                theta = by_hand.RULES[name](theta, g, memory, t, mpmath.mpf(0.01), *exact)
                # A θ that comes back from afar is as exact as it was there.
                largest = max(largest, abs(float(theta)))
                assert abs(path[t - 1, column] - float(theta)) <= 1e-13 * largest, t


# g = 2, then -1, from θ = 1 at a rate of 1/4: worked out on paper.
TWO_STEPS = {
    # v = 2; v = ½ 2 - 1 = 0.
    "sgd": ((0.5,), [1 - 2 / 4, 0.5]),
    # v = 2, g + ½ v = 3; v = 0, g + ½ v = -1.
    "nesterov": ((0.5,), [1 - 3 / 4, 0.25 + 1 / 4]),
    # √4; √5.
    "adagrad": ((0.0,), [1 - 1 / 4, 0.75 + 1 / (4 * math.sqrt(5))]),
    # s = ¾ 4 = 3, v = 2 / √3; s = ¼ 3 + ¾ 1 = 3/2, v = 1/√3 - 1/√1.5.
    "rmsprop": (
        (0.25, 0.0, 0.5),
        [1 - 0.5 / math.sqrt(3), 1 - 0.75 / math.sqrt(3) + 0.25 / math.sqrt(1.5)],
    ),
    # m̂ = 2, v̂ = 4; m = ½ 1 - ½ = 0.
    "adam": ((0.5, 0.5, 0.0), [0.75, 0.75]),
    "adamw": ((0.5, 0.5, 0.0), [0.75, 0.75]),
    # ψ = 0, so all μ = ¼. m = 1, v = 2, v̂ = 4: ¼ 1 / (1 - 1/16) + ¾ 2 / (1 - ¼) = 34/15, over 2.
    # m = 0, v = 3/2, v̂ = 2: ¾ (-1) / (1 - 1/16) = -4/5, over √2.
    "nadam": (
        (0.5, 0.5, 0.0, 0.0),
        [1 - 17 / 60, 1 - 17 / 60 + 1 / (5 * math.sqrt(2))],
    ),
    # ½ 0 + ½ 2 > 0, m = ¼ 2 = ½; ½ ½ - ½ < 0.
    "lion": ((0.5, 0.75), [0.75, 1.0]),
}


@pytest.mark.parametrize("name", NAMES)
def test_two_steps_on_paper(name):
    constants, expected = TWO_STEPS[name]
    path = run(name, constants, 0.25, np.array([[2.0], [-1.0]]), np.ones(1))
    np.testing.assert_allclose(path[:, 0], expected, rtol=1e-15)


@pytest.mark.parametrize(("momentum", "rate"), [(0.5, 0.25), (0.75, 0.125)])
def test_nesterov_is_sutskevers_look_ahead(momentum, rate):
    # Their form, on a valley whose slope is 3 θ - 1: the gradient at θ + μ v. Ours keeps the
    # place where the gradient is taken. In fractions, so that they are equal, not close.
    mu, eta = Fraction(momentum), Fraction(rate)
    theta, v = Fraction(2), Fraction(0)
    ours, memory = np.array([2.0]), np.zeros((1, 1))
    for step in range(1, 11):
        v = mu * v - eta * (3 * (theta + mu * v) - 1)
        theta += v
        rule("nesterov").update(ours, 3 * ours - 1, memory, step, rate, momentum)
        assert Fraction(ours[0]) == theta + mu * v


def test_nesterov_without_momentum_is_plain_descent():
    plain = run("sgd", (0.0,), 0.1, GRADIENTS)
    np.testing.assert_array_equal(run("nesterov", (0.0,), 0.1, GRADIENTS), plain)


def test_adamw_moves_as_adam_does():
    # Its decay stands around it.
    np.testing.assert_array_equal(
        run("adamw", defaults("adamw"), 0.1, GRADIENTS),
        run("adam", defaults("adam"), 0.1, GRADIENTS),
    )


def test_lion_moves_every_element_by_the_rate_or_not_at_all():
    path = run("lion", (0.5, 0.5), 0.125, np.sign(GRADIENTS))
    moves = np.abs(np.diff(np.vstack([START, path]), axis=0))
    assert set(moves[:, :3].ravel()) == {0.125}
    np.testing.assert_array_equal(moves[:, 3], 0)


def test_adagrad_slows_down_as_one_over_root_t():
    # The same gradient again and again: Δθ = η / √t.
    path = run("adagrad", (0.0,), 0.1, np.full((50, 1), 7.0), np.zeros(1))
    moves = -np.diff(path[:, 0], prepend=0.0)
    np.testing.assert_allclose(moves, 0.1 / np.sqrt(np.arange(1, 51)), rtol=1e-12)


# --- first steps, and late ones -------------------------------------------------------------


def test_the_first_step_of_adam_is_the_rate_whatever_the_gradient():
    path = run("adam", (0.9, 0.999, 0.0), 0.01, np.array([[1e-8, -1e-3, 1.0, 1e8]]))
    np.testing.assert_allclose(START - path[0], [0.01, -0.01, 0.01, 0.01], rtol=1e-12)


@pytest.mark.parametrize(
    ("name", "constants", "expected"),
    [
        ("adagrad", (0.0,), 1.0),
        ("rmsprop", (0.75, 0.0, 0.5), 2.0),  # s is not corrected: 1 / √(1 - ρ)
        ("adamw", (0.9, 0.999, 0.0), 1.0),
        ("nadam", (0.5, 0.5, 0.0, 0.0), 17 / 15),  # as in TWO_STEPS
        ("lion", (0.9, 0.99), 1.0),
    ],
)
def test_the_size_of_a_first_step_does_not_depend_on_the_gradients(name, constants, expected):
    path = run(name, constants, 0.01, np.array([[1e-8, -1e-3, 1.0, 1e8]]))
    signs = np.array([1, -1, 1, 1])
    np.testing.assert_allclose(START - path[0], 0.01 * expected * signs, rtol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", NAMES)
def test_late_steps_stay_finite_and_go_downhill(name, dtype):
    # By then all corrections of bias are 1, and the running product of nadam is 0.
    theta, slots = np.ones(2, dtype), np.zeros((rule(name).n_slots, 2), dtype)
    gradient = np.array([1.0, -1.0], dtype)
    for step in (1, 2, 10**4, 10**6, 10**9):
        for _ in range(60):
            rule(name).update(theta, gradient, slots, step, 1e-3, *defaults(name))
    assert np.all(np.isfinite(theta))
    assert theta[0] < 1 < theta[1]
    assert theta[0] + theta[1] == pytest.approx(2, rel=1e-4)


def test_nadam_keeps_what_its_product_leaves():
    slots, beta_1, psi = np.zeros((3, 1)), 0.9, 0.004
    product = mpmath.mpf(1)
    for step in range(1, 200):
        rule("nadam").update(np.ones(1), np.ones(1), slots, step, 0.1, *defaults("nadam"))
        product *= beta_1 * (1 - mpmath.mpf("0.96") ** (step * psi) / 2)
        assert slots[2, 0] == pytest.approx(float(1 - product), rel=1e-13)


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
    rule(name).update(theta, gradient.view(Narrow), slots, 1, 0.1, *defaults(name))
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
    for dtype in (np.float32, np.float64):
        path = run(name, defaults(name), 0.1, np.zeros((5, 4)), dtype=dtype)
        np.testing.assert_array_equal(path, np.tile(START, (5, 1)))


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("name", NAMES)
def test_a_gradient_that_ends_leaves_a_move_that_ends(name):
    gradients = np.zeros((4000, 4))
    gradients[0] = [1.0, -2.0, 1e-3, 1e3]
    path = run(name, defaults(name), 1e-3, gradients)
    if name == "lion":  # the sign of the smallest memory is a whole step
        np.testing.assert_allclose(np.diff(path[:, 0]), -1e-3, rtol=1e-9)
    else:
        assert np.max(np.abs(np.diff(path[-10:], axis=0))) < 1e-10
    assert np.all(np.isfinite(path))


@pytest.mark.parametrize("name", NAMES)
def test_not_a_number_is_not_hidden(name):
    path = run(name, defaults(name), 0.1, np.array([[np.nan, 1.0, 1.0, 1.0]]))
    assert np.isnan(path[0]).tolist() == [True, False, False, False]


def test_an_unknown_name_is_refused_with_the_names_there_are():
    with pytest.raises(SettingsError, match="no optimizer 'adams'") as caught:
        rule("adams")
    assert all(name in caught.value.fix for name in NAMES)
