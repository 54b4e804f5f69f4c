"""Compiled formulas against their NumPy bodies, fifty digits and plain floats, by address."""

import ctypes
import re
from types import FunctionType

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba import njit

import by_hand
import thalweg.elementary_functions as elementary_functions
from fifty_digits import errors_of_activation
from slow_cases import slow_but
from thalweg.network.compiled import jit_cache
from thalweg.network.compiled.formula_loops import Maker, maker, scalar
from thalweg.network.formulas.activations import ACTIVATIONS
from thalweg.network.formulas.dropout_mask import dropout_threshold, kept, layer_key
from thalweg.network.formulas.loss_bodies import joined, normaliser
from thalweg.network.formulas.losses import LOSSES, loss
from thalweg.network.formulas.rules import RULES, four

DTYPES = [np.float32, np.float64]
LOSS_TEXTS = sorted({*LOSSES, "huber:delta=0.4", "quantile:level=0.8"} - {"ordinal"})
TINY = {dtype: float(np.finfo(dtype).smallest_subnormal) for dtype in DTYPES}


class Loops:
    """The loops of one dtype as functions of arrays. Nothing beyond the n-th element may move."""

    def __init__(self, dtype):
        self.dtype, self.maker = dtype, maker(np.dtype(dtype))
        self.number = ctypes.c_float if dtype == np.float32 else ctypes.c_double

    def call(self, address, *arguments, result=None):
        """Call an address with arrays, numbers of the dtype, and integers, in its own order."""
        kinds, values, guarded = [], [], []
        for each in arguments:
            if isinstance(each, np.ndarray):
                room = np.full(each.size + 8, 77, each.dtype)
                room[: each.size] = each
                guarded.append((each, room))
                kinds.append(ctypes.c_void_p)
                values.append(room.ctypes.data)
            else:
                kind = {int: ctypes.c_ssize_t, float: ctypes.c_double}.get(type(each), self.number)
                kinds.append(kind)
                values.append(each)
        found = ctypes.CFUNCTYPE(result, *kinds)(address)(*values)
        for array, room in guarded:
            assert np.all(room[array.size :] == 77)
            array[:] = room[: array.size]
        return found

    def value(self, name, z, *, in_place=False, bias=None):
        """Activation a, and what stands where z stood."""
        bias = self.dtype(-0.0) if bias is None else bias
        z, a = z.copy(), z.copy()
        self.call(self.maker.activation(name, in_place)[0], z, a, bias, len(z))
        return a, z

    def slope(self, name, z, d):
        """d f'(z), and its sum."""
        z, d = z.copy(), d.copy()
        total = self.call(self.maker.activation(name, False)[1], z, d, len(z), result=self.number)
        return d, total

    def losses(self, text, z, y, constant, share):
        """Σ share ℓ from both loops, and d."""
        height, descent = self.maker.loss(text)
        d, real = np.empty_like(z), ctypes.c_double
        if loss(text).rising:
            raise ValueError("outputs that rise are added up first: see rising()")
        one = self.call(height, z, y, constant, share, len(z), result=real)
        two = self.call(descent, z, y, constant, share, d, len(z), result=real)
        return one, two, d

    def rising(self, text, Z, Y, share):
        """As ``losses``, of all outputs that rise, from Z."""
        height, descent = self.maker.loss(text)
        below, above, D = Z[0].copy(), np.zeros_like(Z[0]), np.ascontiguousarray(Z.copy())
        for z, d in zip(Z[1:], D[1:], strict=True):
            self.call(self.maker.risen(), below, z, d, len(z))
        total = 0.0
        for k in reversed(range(len(Z))):
            gap = Z[k] if k else np.full_like(Z[0], np.inf)
            total += self.call(height, gap, Y[k], D[k], share, len(gap), result=ctypes.c_double)
            self.call(descent, gap, Y[k], D[k], share, above, len(gap))
        return total, D


@pytest.fixture(scope="module", params=DTYPES, ids=["float32", "float64"])
def loops(request):
    return Loops(request.param)


def inputs(dtype, n=1500, seed=0):
    """Numbers of all sizes, and of the size that layers have."""
    rng, tiny = np.random.default_rng([15, seed]), TINY[dtype]
    edges = [0.0, -0.0, tiny, -tiny, 1e-30, 88.0, -88.0, 709.0, -745.0, 1e4, -1e4, 3e38, -3e38]
    sizes = [rng.uniform(-r, r, n // 3) for r in (3, 40, 800)]
    return np.concatenate([edges, *sizes]).astype(dtype)


def off(found, expected, dtype, floor=0.0):
    """The largest distance in units of the last place, or of a number that is not exceeded."""
    place = np.spacing(np.maximum(np.abs(expected), dtype(floor)).astype(dtype))
    return float(np.max(np.abs(found - expected.astype(dtype)).astype(np.float64) / place))


# --- activations ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_activations_are_their_numpy_bodies(name, loops):
    z, formula = inputs(loops.dtype), ACTIVATIONS[name]
    if name == "gelu":  # whose left tail makes a large error of a small one; see below
        z = z[z > -0.5]
    value, slope = loops.value(name, z)[0], loops.slope(name, z, np.ones_like(z))[0]
    assert value.dtype == slope.dtype == loops.dtype
    assert off(value, formula.value(z), loops.dtype, TINY[loops.dtype]) <= 8
    # These slopes are differences: exact to the places of what is subtracted.
    floor = 0.5 if name in ("silu", "gelu", "mish") else TINY[loops.dtype]
    assert off(slope, formula.slope(z), loops.dtype, floor) <= 8


@pytest.mark.parametrize("n", slow_but((300,), (300, 900)))
@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_activations_against_fifty_digits(name, n, loops):
    z = inputs(loops.dtype, n, seed=1)
    value, slope = loops.value(name, z)[0], loops.slope(name, z, np.ones_like(z))[0]
    with mpmath.workdps(50):
        errors = errors_of_activation(name, z, value, slope)
    assert max(errors) <= 1, z[int(np.argmax(errors))]


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_nan_stays_and_infinity_is_no_trap(name, loops):
    z = np.array([np.nan, np.inf, -np.inf, 1.0], loops.dtype)
    value, slope = loops.value(name, z)[0], loops.slope(name, z, np.ones_like(z))[0]
    assert np.isnan(value[0])
    assert np.isnan(slope[0])
    assert not np.any(np.isnan(value[1:]))
    assert not np.any(np.isnan(slope[1:]))


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_every_length_gives_every_element_the_same_bits(name, loops):
    # Vectors, what is left over after them, and single elements go through different code.
    z = inputs(loops.dtype, 600, seed=2)[13:]
    whole, slopes = loops.value(name, z)[0], loops.slope(name, z, np.ones_like(z))[0]
    for n in (0, 1, 2, 3, 5, 7, 8, 15, 16, 17, 31, 33, 63, 64, 65, 127, 130):
        for start in (0, 1, 16, 64):
            part = z[start : start + n]
            np.testing.assert_array_equal(loops.value(name, part)[0], whole[start : start + n])
            ones = np.ones_like(part)
            found = loops.slope(name, part, ones)[0]
            np.testing.assert_array_equal(found, slopes[start : start + n])


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_the_bias_goes_in_and_stays_in_z(name, loops):
    z, bias = inputs(loops.dtype, seed=3)[13:], loops.dtype(0.7)
    moved = z + bias
    a, kept_z = loops.value(name, z, bias=bias)
    np.testing.assert_array_equal(kept_z, moved)
    np.testing.assert_array_equal(a, loops.value(name, moved)[0])


@pytest.mark.parametrize("name", [name for name in ACTIVATIONS if ACTIVATIONS[name].in_place])
def test_in_place_the_slope_can_be_distinguished_from_the_value(name, loops):
    z = inputs(loops.dtype, seed=4)
    a, untouched = loops.value(name, z, in_place=True)
    np.testing.assert_array_equal(a, loops.value(name, z)[0])
    np.testing.assert_array_equal(untouched, z)
    ones = np.ones_like(z)
    np.testing.assert_array_equal(loops.slope(name, a, ones)[0], loops.slope(name, z, ones)[0])


def test_some_are_made_in_place_and_the_curved_ones_are_not():
    in_place = {name for name in ACTIVATIONS if ACTIVATIONS[name].in_place}
    assert in_place == {"identity", "relu", "leaky_relu"}


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_slope_multiplies_and_sums(name, loops):
    rng = np.random.default_rng(16)
    z, d = (rng.normal(size=500).astype(loops.dtype) for _ in range(2))
    moved, total = loops.slope(name, z, d)
    slope, _ = loops.slope(name, z, np.ones_like(z))
    np.testing.assert_array_max_ulp(moved, d * slope, 1)
    tolerance = 500 * float(np.finfo(loops.dtype).eps)
    assert total == pytest.approx(float(np.sum(moved, dtype=float)), abs=tolerance)


# --- losses -----------------------------------------------------------------------------------


def loss_inputs(text, dtype, n=700):
    rng = np.random.default_rng(17)
    Y = by_hand.targets(text, n, 3 if text.startswith("softmax") else 1, rng).T
    Z = rng.normal(size=Y.shape) * np.array([0.1, 3.0, 30.0])[rng.integers(0, 3, n)]
    share = rng.uniform(0, 2, n) * (rng.random(n) > 0.2)
    Z = np.maximum(Z, -80) if text == "gamma" else Z  # exp(-z) is finite in float32
    return tuple(np.ascontiguousarray(each, dtype) for each in (Z, Y, share))


def test_outputs_that_rise_are_their_numpy_bodies_and_plain_floats(loops):
    rng, dtype = np.random.default_rng(17), loops.dtype
    Y = by_hand.targets("ordinal", 700, 4, rng).T
    Z = rng.normal(size=Y.shape) * np.array([0.1, 3.0, 6.0])[rng.integers(0, 3, 700)]
    share = rng.uniform(0, 2, 700) * (rng.random(700) > 0.2)
    Z, Y, share = (np.ascontiguousarray(each, dtype) for each in (Z, Y, share))
    total, D = loops.rising("ordinal", Z, Y, share)
    heights, slopes = loss("ordinal").value(Z, Y), loss("ordinal").slope(Z, Y)
    exact = float(np.dot(heights.astype(float), share.astype(float)))
    assert total == pytest.approx(exact, rel=40 * float(np.finfo(dtype).eps))
    np.testing.assert_allclose(D, share * slopes, atol=20 * np.finfo(dtype).eps)
    # By hand it is a difference of two probabilities, which is exact only where they are not near.
    near = np.max(np.abs(Z), axis=0) < 3
    hand = [by_hand.of_grades(z, y) for z, y in zip(Z.T.tolist(), Y.T.tolist(), strict=True)]
    expected = (share * np.array([each[1] for each in hand]).T)[:, near]
    np.testing.assert_allclose(D[:, near], expected, atol=40 * np.finfo(dtype).eps, rtol=1e-12)


@pytest.mark.parametrize("text", LOSS_TEXTS)
def test_losses_are_their_numpy_bodies(text, loops):
    formula, dtype = loss(text), loops.dtype
    Z, Y, share = loss_inputs(text, dtype)
    heights, slopes, total = formula.value(Z, Y), formula.slope(Z, Y), [0.0, 0.0]
    top, others = normaliser(Z) if formula.coupled else (dtype(0), np.full(len(share), 0, dtype))
    constant = others if formula.coupled else np.full(len(share), formula.constant, dtype)
    for k in range(len(Z)):
        one, two, d = loops.losses(text, Z[k] - top, Y[k], constant, share)
        total = [total[0] + one, total[1] + two]
        assert off(d, share * slopes[k], dtype, 1.0) <= 8
        np.testing.assert_array_equal(d[share == 0], 0)
    exact = float(np.dot(heights.astype(float), share.astype(float)))
    bound = 20 * float(np.finfo(dtype).eps * np.sum(np.abs(heights) * share))
    # A coupled loss is a sum over outputs whose terms cancel.
    assert total[0] == pytest.approx(exact, abs=5 * bound)
    assert total[1] == pytest.approx(exact, abs=5 * bound)


@pytest.mark.parametrize("text", LOSS_TEXTS)
def test_losses_against_plain_floats(text):
    loops, formula = Loops(np.float64), loss(text)
    Z, Y, share = loss_inputs(text, np.float64, 60)
    expected = [
        by_hand.of_loss(text, z, y) for z, y in zip(Z.T.tolist(), Y.T.tolist(), strict=True)
    ]
    top, others = normaliser(Z) if formula.coupled else (0.0, np.full(60, formula.constant))
    found = [loops.losses(text, Z[k] - top, Y[k], others, share) for k in range(len(Z))]
    exact = sum(s * e for s, (e, _) in zip(share, expected, strict=True))
    assert sum(each[0] for each in found) == pytest.approx(exact, rel=1e-13)
    slopes = share * np.array([each[1] for each in expected]).T
    np.testing.assert_allclose([each[2] for each in found], slopes, rtol=1e-12, atol=1e-14)


def test_the_normaliser_is_made_an_output_at_a_time(loops):
    rng = np.random.default_rng(18)
    Z = (rng.normal(size=(6, 333)) * 10.0 ** rng.uniform(-3, 3, 333)).astype(loops.dtype)
    top, others = Z[0].copy(), np.zeros(333, loops.dtype)
    for z in Z[1:]:
        loops.call(loops.maker.joined(), top, others, z.copy(), 333)
    expected = normaliser(Z)
    np.testing.assert_array_equal(top, expected[0])
    assert off(others, expected[1], loops.dtype, TINY[loops.dtype]) <= 8


# --- dropout ------------------------------------------------------------------------------------

words = st.integers(0, 2**64 - 1)


@given(
    seed=words, step=st.integers(0, 2**40), layer=st.integers(0, 300), place=st.integers(0, 2**40),
    dropout=st.floats(0, 0.99), n=st.integers(1, 70),
)  # fmt: skip
def test_the_mask_is_that_of_whole_numbers(seed, step, layer, place, dropout, n):
    loops = Loops(np.float64)
    (key,) = layer_key(*(np.array([each], np.uint64) for each in (seed, step, layer)))
    threshold = dropout_threshold(dropout)
    a = np.linspace(1, 2, n)
    found, stays = a.copy(), float(1 / (1 - dropout))
    unsigned = ctypes.CFUNCTYPE(
        None, ctypes.c_void_p, ctypes.c_ssize_t, ctypes.c_uint64, ctypes.c_uint64,
        ctypes.c_double, ctypes.c_ssize_t,
    )(loops.maker.mask())  # fmt: skip
    unsigned(found.ctypes.data, place, int(key), int(threshold), stays, n)
    hand = [by_hand.kept_by_hand(seed, step, layer, place + i, dropout) for i in range(n)]
    np.testing.assert_array_equal(found, np.where(hand, a * stays, 0.0))
    places = np.arange(place, place + n, dtype=np.uint64)
    np.testing.assert_array_equal(found > 0, kept(places, key, threshold))


# --- rules --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(RULES))
def test_rules_are_their_numpy_bodies(name, loops):
    formula, dtype = RULES[name], loops.dtype
    rng = np.random.default_rng(19)
    theta = rng.normal(size=333).astype(dtype)
    plain, slots = theta.copy(), np.zeros((3, 333), dtype)
    memory = np.zeros((formula.n_slots, 333), dtype)
    constants = np.array(four(tuple(formula.constants.values())))
    if name == "sgd":
        constants[0] = 0.9
    addresses = loops.maker.rule(name)
    for step in range(1, 61):
        gradient = (rng.normal(size=333) * 10.0 ** rng.uniform(-6, 2)).astype(dtype)
        before, terms, rate = gradient.copy(), np.zeros(6), 0.01 / step
        loops.call(addresses[0], step, rate, constants, terms)
        np.testing.assert_allclose(terms, formula.terms(step, rate, tuple(constants)), rtol=1e-13)
        moved = slots[: formula.n_slots]
        rest = [slots[i] for i in range(3)]
        loops.call(addresses[1], theta, gradient, *rest, terms, 333)
        np.testing.assert_array_equal(gradient, before)
        formula.update(plain, gradient, memory, step, rate, *constants.tolist())
        eps = np.finfo(dtype).eps
        np.testing.assert_allclose(theta, plain, rtol=0, atol=8 * step * eps)
        for now, then in zip(moved, memory, strict=True):
            scale = np.max(np.abs(then))
            np.testing.assert_allclose(now, then, rtol=0, atol=8 * step * eps * scale)
        # Memory that the rule does not keep is not touched.
        assert not np.any(slots[formula.n_slots :])


def test_where_a_rule_keeps_less_its_gradient_may_stand_for_the_rest(loops):
    theta, gradient, velocity = (np.full(40, each, loops.dtype) for each in (1, 2, 0))
    terms = np.array([0.25, 0.0, 0.0, 0.0, 0.0, 0.0])
    kinds = [ctypes.c_void_p] * 6 + [ctypes.c_ssize_t]
    move = ctypes.CFUNCTYPE(None, *kinds)(loops.maker.rule("sgd")[1])
    at = [each.ctypes.data for each in (theta, gradient, velocity, gradient, gradient, terms)]
    move(*at, 40)
    np.testing.assert_array_equal(theta, 0.5)
    np.testing.assert_array_equal(gradient, 2)
    np.testing.assert_array_equal(velocity, 2)


# --- a formula made scalar ------------------------------------------------------------------------


def curve(z):
    return inner(z) * 0.1 + maximum(z, 0.5)


def inner(z):
    return exp(z) + 2.0


exp, maximum = elementary_functions.exp, elementary_functions.maximum


@pytest.mark.parametrize("dtype", DTYPES)
def test_numbers_become_those_of_the_dtype_and_words_and_functions_their_own(dtype):
    made = scalar(curve, dtype).py_func
    own = [each for each in made.__code__.co_consts if each is not None]
    assert {type(each) for each in own} == {dtype}
    assert made.__globals__["maximum"] is not elementary_functions.maximum
    assert made.__globals__["inner"].py_func.__globals__["exp"] is not elementary_functions.exp
    # Nothing happens to the original.
    assert {type(each) for each in curve.__code__.co_consts} <= {float, type(None)}
    assert curve.__globals__["maximum"] is np.maximum
    assert curve.__globals__["inner"] is inner


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_scalar_formula_gives_what_the_formula_gives(dtype):
    made = scalar(curve, dtype)

    @njit
    def run(z, out):
        for i in range(z.size):
            out[i] = made(z[i])

    z = np.linspace(-3, 3, 50).astype(dtype)
    out = np.empty_like(z)
    run(z, out)
    np.testing.assert_array_max_ulp(out, curve(z), 4)


# --- the compiled text -------------------------------------------------------------------------

MADE = {
    **{f"activation {name}": ("activation", name, False) for name in ACTIVATIONS},
    **{f"loss {name}": ("loss", name) for name in LOSSES},
    **{f"rule {name}": ("rule", name) for name in RULES},
    "joined": ("joined",),
    "mask": ("mask",),
}
QUICK = ["activation tanh", "loss huber", "rule sgd", "mask", "joined"]


@pytest.fixture
def _nothing_kept(monkeypatch):
    # Numba does not show what it has from a cache.
    monkeypatch.setattr(jit_cache, "directory", lambda: None)


@pytest.mark.usefixtures("_nothing_kept")
@pytest.mark.parametrize(
    "which", [pytest.param(each, marks=[] if each in QUICK else pytest.mark.slow) for each in MADE]
)
def test_loops_run_on_vectors_without_calls_and_float32_stays_float32(which):
    for dtype, kind in ((np.float32, "float"), (np.float64, "double")):
        made = Maker(dtype)
        call, *arguments = MADE[which]
        getattr(made, call)(*arguments)
        for name, loop in made._loops.items():
            if "_terms_terms" in name:
                continue
            text = loop.inspect_llvm()
            assert re.search(rf"<\d+ x {kind}>", text), f"{name} takes one element at a time"
            called = set(re.findall(r"\bcall [^@\n]*@([^\s(]+)\(", text))
            # The square root of a scalar checks for a negative number, and may then call libm.
            own = {each for each in called if "thalweg" in each or each.startswith("llvm.")}
            assert called - own <= {"sqrtf", "sqrt"}, (name, called - own)
            if dtype == np.float32 and which != "mask":
                wide = re.findall(r"\bf(?:add|sub|mul|div|cmp)\b[^\n]*\bdouble\b", text)
                assert not wide, (name, wide[:3])
            if dtype == np.float32:
                assert not re.search(r"<\d+ x double>", text), name


# --- the maker ------------------------------------------------------------------------------------


def test_a_loop_is_made_once_and_lives_as_long_as_its_maker():
    made = maker(np.dtype(np.float64))
    assert maker(np.dtype(np.float64)) is made
    for which in MADE.values():
        first = getattr(made, which[0])(*which[1:])
        assert getattr(made, which[0])(*which[1:]) == first
    alive = {each.address for each in made._loops.values()}
    for name in ACTIVATIONS:
        assert set(made.activation(name, False)) <= alive
    assert set(made.loss("huber:delta=0.4")) == set(made.loss("huber:delta=2"))


def formulas():
    """Every function that a loop is made of."""
    for each in ACTIVATIONS.values():
        yield from (each.value, each.slope)
    for each in LOSSES.values():
        yield from (each.element, each.element_slope)
    for each in RULES.values():
        yield from (each.terms, each.move)
    yield from (joined, kept)


def test_no_two_formulas_share_a_name():
    # What is kept is told apart by names alone.
    bodies = {}
    for each in formulas():
        assert isinstance(each, FunctionType)
        assert bodies.setdefault(each.__name__, each) is each
    assert len(bodies) > 40


def test_formulas_hold_no_whole_numbers():
    # One would widen float32. A step or a place is a whole number, and so is its 1.
    for each in formulas():
        constants = each.__code__.co_consts
        whole = [c for c in constants if type(c) is int]
        assert not whole or each in {rule.terms for rule in RULES.values()} | {kept}, each.__name__
