"""Every formula at the edges of the numbers, against fifty digits of mpmath."""

import itertools

import mpmath
import numpy as np
import pytest
from mpmath import mpf

from fifty_digits import FEW, SCALE, SIGMOID, SOME, errors_of_activation, exp, ulps
from slow_cases import slow_but
from thalweg.network.architecture import Architecture
from thalweg.network.engine import Data, Objective
from thalweg.network.formulas.activations import ACTIVATIONS
from thalweg.network.formulas.losses import LOSSES, loss
from thalweg.network.reference_engine import ReferenceEngine

DTYPES = [np.float32, np.float64]
MAGNITUDES = [1e-30, 1e-8, 1.0, 30.0, 37.0, 40.0, 700.0, 1e4]
POINTS = [0.0, *MAGNITUDES, *(-m for m in MAGNITUDES)]
LARGEST = {np.float32: 3e38, np.float64: 1e308}
WORDS = {np.float32: np.uint32, np.float64: np.uint64}


@pytest.fixture(autouse=True)
def _strict_arithmetic():
    # An underflow to 0 is the right answer in the tails; everything else is a defect.
    with np.errstate(all="raise", under="ignore"), mpmath.workdps(50):
        yield


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_activations_in_both_tails(name, dtype):
    tiny, large = np.finfo(dtype).smallest_subnormal, LARGEST[dtype]
    z = np.array([*POINTS, tiny, -tiny, large, -large], dtype)
    value, slope = ACTIVATIONS[name].value(z), ACTIVATIONS[name].slope(z)
    assert value.dtype == slope.dtype == dtype
    errors = errors_of_activation(name, z, value, slope)
    assert max(errors) <= 1, z[int(np.argmax(errors))]


@pytest.mark.quick_each(3)
@pytest.mark.parametrize("n", slow_but((150,), (150, 600)))
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_activations_at_random_bits(name, dtype, n):
    rng, word = np.random.default_rng(7), WORDS[dtype]
    bits = rng.integers(0, np.iinfo(word).max, n, dtype=word, endpoint=True).view(dtype)
    with np.errstate(invalid="ignore"):  # a comparison with a signalling NaN
        bits = bits[np.abs(bits) <= LARGEST[dtype]]
    z = np.concatenate([bits, *(rng.uniform(-r, r, n // 3) for r in (4, 40, 800))]).astype(dtype)
    assert len(z) > 5 * n / 3
    errors = errors_of_activation(name, z, ACTIVATIONS[name].value(z), ACTIVATIONS[name].slope(z))
    assert max(errors) <= 1, z[int(np.argmax(errors))]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("y", [0.0, 1.0, 0.25, -3.0])
def test_squared_error(y, dtype):
    for z in np.array(POINTS, dtype):
        Z, Y, exact = z.reshape(1, 1), np.full((1, 1), y, dtype), mpf(float(z)) - mpf(y)
        assert ulps(LOSSES["squared_error"].value(Z, Y)[0], exact**2 / 2) <= FEW
        assert ulps(LOSSES["squared_error"].slope(Z, Y)[0, 0], exact) <= 1


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("y", [0.0, 1.0, 0.25, -3.0])
def test_losses_of_a_distance(y, dtype):
    delta, level = mpf(0.5), mpf(0.75)  # exact in both dtypes
    curves = {
        "absolute_error": (abs, mpmath.sign),
        "huber:delta=0.5": (
            lambda r: r**2 / 2 if abs(r) <= delta else delta * (abs(r) - delta / 2),
            lambda r: max(-delta, min(r, delta)),
        ),
        "quantile:level=0.75": (
            lambda r: max((1 - level) * r, -level * r),
            lambda r: (r > 0) - level if r else mpf(0),
        ),
    }
    large = LARGEST[dtype]
    for name, (value, slope) in curves.items():
        for z in np.array([*POINTS, large, -large], dtype):
            Z, Y, r = z.reshape(1, 1), np.full((1, 1), y, dtype), mpf(float(z)) - mpf(y)
            assert ulps(loss(name).value(Z, Y)[0], value(r)) <= FEW, (name, z)
            assert ulps(loss(name).slope(Z, Y)[0, 0], slope(r)) <= 1, (name, z)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("y", [0.0, 1.0, 7.0])
def test_poisson(y, dtype):
    formula, top = loss("poisson"), float(np.log(np.finfo(dtype).max))
    for z in np.array([*(z for z in POINTS if z < top), top * (1 - 1e-6)], dtype):
        Z, Y, x = z.reshape(1, 1), np.full((1, 1), y, dtype), mpf(float(z))
        mean = exp(x)
        value, slope, predicted = formula.value(Z, Y), formula.slope(Z, Y), formula.predict(Z)
        assert value.dtype == slope.dtype == predicted.dtype == dtype
        # A difference: exact to the last place of the larger term.
        assert ulps(value[0], mean - y * x, at=max(mean, abs(y * x))) <= FEW, z
        assert ulps(slope[0, 0], mean - y, at=max(mean, mpf(y))) <= FEW, z
        assert ulps(predicted[0, 0], mean) <= FEW, z


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("y", [1.0, 0.25, 7.0])
def test_gamma(y, dtype):
    formula, top = loss("gamma"), float(np.log(np.finfo(dtype).max)) - 3
    for z in np.array([*(z for z in POINTS if abs(z) < top), top, -top], dtype):
        Z, Y, x = z.reshape(1, 1), np.full((1, 1), y, dtype), mpf(float(z))
        ratio = y * exp(-x)
        value, slope = formula.value(Z, Y), formula.slope(Z, Y)
        assert value.dtype == slope.dtype == dtype
        # Exact to the last place of the larger term.
        assert ulps(value[0], x + ratio, at=max(abs(x), ratio)) <= FEW, z
        assert ulps(slope[0, 0], 1 - ratio, at=max(mpf(1), ratio)) <= FEW, z
        assert ulps(formula.predict(Z)[0, 0], exp(x)) <= FEW, z


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("power", [1.25, 1.5, 1.75])
@pytest.mark.parametrize("y", [0.0, 1.0, 0.25, 7.0])
def test_tweedie(y, power, dtype):
    formula, top = loss(f"tweedie:power={power}"), float(np.log(np.finfo(dtype).max)) - 5
    p = mpf(power)  # exact in both dtypes
    ends = top / (2 - power), -top / (power - 1)
    for z in np.array([*(z for z in POINTS if ends[1] < z < ends[0]), *ends], dtype):
        Z, Y, x = z.reshape(1, 1), np.full((1, 1), y, dtype), mpf(float(z))
        parts = mpmath.exp((2 - p) * x), y * mpmath.exp((1 - p) * x)
        value, slope = formula.value(Z, Y), formula.slope(Z, Y)
        assert value.dtype == slope.dtype == dtype
        # The product in the exponent is rounded, and exp makes as many units of it as it is large.
        units = SOME + abs(float(z))
        assert ulps(value[0], parts[0] / (2 - p) + parts[1] / (p - 1)) <= units, z
        assert ulps(slope[0, 0], parts[0] - parts[1], at=max(parts)) <= units, z


@pytest.mark.parametrize("dtype", DTYPES)
def test_an_amount_of_0_costs_nothing_where_the_mean_is_next_to_0(dtype):
    Z, Y = np.array([[-1e4]], dtype), np.zeros((1, 1), dtype)
    for text in ("tweedie:power=1.5", "tweedie:power=1.25"):
        assert loss(text).value(Z, Y).tolist() == [0.0]
        assert loss(text).slope(Z, Y).tolist() == [[0.0]]


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_mean_beyond_the_floats_is_infinite(dtype):
    # What is told is that the descent diverged, once, by whoever runs it.
    Z, Y = np.array([[1e4]], dtype), np.array([[3.0]], dtype)
    with np.errstate(over="ignore"):
        assert loss("poisson").value(Z, Y).tolist() == [np.inf]
        assert loss("poisson").slope(Z, Y).tolist() == [[np.inf]]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("y", [0.0, 1.0, 0.25])
def test_sigmoid_cross_entropy(y, dtype):
    formula = LOSSES["sigmoid_cross_entropy"]
    for z in np.array(POINTS, dtype):
        Z, Y, x = z.reshape(1, 1), np.full((1, 1), y, dtype), mpf(float(z))
        p = SIGMOID[0](x)
        # -log p and -log(1 - p): fifty digits would not do for p itself, 1 - 1e-305.
        exact = y * mpmath.log1p(mpmath.exp(-x)) + (1 - y) * mpmath.log1p(mpmath.exp(x))
        value, slope, predicted = formula.value(Z, Y), formula.slope(Z, Y), formula.predict(Z)
        assert value.dtype == slope.dtype == predicted.dtype == dtype
        assert ulps(value[0], exact) <= FEW, z
        # Probability minus target cancels: it is exact to the last place of the larger of both.
        assert ulps(slope[0, 0], p - y, at=max(p, y)) <= FEW, z
        assert ulps(predicted[0, 0], p) <= FEW, z


# Without 1e-8: 700 - 1e-8 rounds, and what a logit loses there its exp loses 700 times over.
LOGITS = [z for z in POINTS if abs(z) != 1e-8]
TRIPLES = [*itertools.product(LOGITS, repeat=2), *itertools.product(LOGITS[::3], repeat=3)]


@pytest.mark.parametrize("dtype", DTYPES)
def test_softmax_cross_entropy(dtype):
    formula = LOSSES["softmax_cross_entropy"]
    for logits in TRIPLES:
        Z = np.array(logits, dtype)[:, None]
        e = [mpmath.exp(mpf(float(z))) for z in Z[:, 0]]
        shares = [each / sum(e) for each in e]
        predicted = formula.predict(Z)
        assert max(map(ulps, predicted[:, 0], shares)) <= SOME, logits
        assert abs(float(np.sum(predicted)) - 1) <= 2 * np.finfo(dtype).eps
        for hot in range(len(logits)):
            Y = np.zeros_like(Z)
            Y[hot] = 1
            value, slope = formula.value(Z, Y), formula.slope(Z, Y)
            assert value.dtype == slope.dtype == predicted.dtype == dtype
            others = sum(each for i, each in enumerate(e) if i != hot)
            assert ulps(value[0], mpmath.log1p(others / e[hot])) <= SOME, (logits, hot)
            for got, p, y in zip(slope[:, 0], shares, Y[:, 0].tolist(), strict=True):
                assert ulps(got, p - y, at=max(p, y)) <= SOME, (logits, hot)


@pytest.mark.parametrize("dtype", DTYPES)
def test_sigmoid_cross_entropy_is_softmax_cross_entropy_with_logits_0_and_z(dtype):
    z = np.array([POINTS], dtype)
    Z = np.concatenate([np.zeros_like(z), z])
    one, two = LOSSES["sigmoid_cross_entropy"], LOSSES["softmax_cross_entropy"]
    for y in (np.zeros_like(z), np.ones_like(z)):
        Y = np.concatenate([1 - y, y])
        np.testing.assert_array_max_ulp(one.value(z, y), two.value(Z, Y), SOME)
        eps = np.finfo(dtype).eps
        np.testing.assert_allclose(one.slope(z, y)[0], two.slope(Z, Y)[1], rtol=0, atol=2 * eps)
    np.testing.assert_array_max_ulp(one.predict(z)[0], two.predict(Z)[1], SOME)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", sorted(set(LOSSES) - {"poisson", "gamma", "tweedie"}))
@pytest.mark.parametrize("hidden", sorted(ACTIVATIONS))
def test_a_network_with_logits_of_ten_thousand(hidden, name, dtype):
    architecture = Architecture.dense(2, (2,), 2, hidden)
    X = np.array([[1e4, -1e4], [-1e4, 1e4], [0.0, 0.0], [1e4, 1e4]], dtype)
    theta = np.array([1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0], dtype)
    # What these squeeze into [-1, 1] or stretch is brought back.
    theta[6:10] *= {"sigmoid": 1e4, "tanh": 1e4, "selu": 1 / float(SCALE)}.get(hidden, 1.0)
    for Y in (np.eye(2)[[0, 1, 0, 1]], np.eye(2)[[1, 0, 1, 0]]):
        data, engine = Data.of(X, Y), ReferenceEngine()
        largest = np.max(np.abs(engine.predict(architecture, theta, data)))
        assert largest == pytest.approx(1e4, rel=1e-6)
        height, gradient = engine.loss_and_gradient(architecture, Objective(name), theta, data)
        assert np.isfinite(height)
        assert np.all(np.isfinite(gradient))
        assert gradient.dtype == dtype
        predicted = loss(name).predict(engine.predict(architecture, theta, data).T)
        assert np.all(np.isfinite(predicted))
