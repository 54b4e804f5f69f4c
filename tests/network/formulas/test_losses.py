import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import expit, log_softmax, softmax
from scipy.special import huber as scipys_huber
from sklearn.metrics import (
    log_loss,
    mean_absolute_error,
    mean_gamma_deviance,
    mean_pinball_loss,
    mean_poisson_deviance,
    mean_tweedie_deviance,
)

import by_hand
from thalweg.errors import SettingsError
from thalweg.network.formulas.losses import LOSSES, loss, lowest_losses, smoothed

NAMES = sorted(LOSSES)
logits = arrays(
    np.float64, st.tuples(st.integers(1, 4), st.integers(1, 5)), elements=st.floats(-15, 15)
)


def targets(name, shape, seed=0):
    rng = np.random.default_rng(seed)
    if name in ("squared_error", "absolute_error", "huber", "quantile"):
        return rng.normal(size=shape)
    if name == "poisson":
        return rng.poisson(2.0, shape).astype(float)
    if name in ("gamma", "tweedie"):
        zero = (rng.random(shape) < 0.3) & (name == "tweedie")
        return np.where(zero, 0.0, rng.gamma(2.0, 0.5, shape))
    if name == "sigmoid_cross_entropy":
        return rng.integers(0, 2, shape).astype(float)
    if name == "ordinal":
        grades = rng.integers(0, shape[0] + 1, shape[1])
        return np.array([by_hand.ends_of(grade, shape[0]) for grade in grades]).T
    return np.eye(shape[0])[rng.integers(0, shape[0], shape[1])].T


def test_the_table():
    assert NAMES == [
        "absolute_error", "gamma", "huber", "ordinal", "poisson", "quantile",
        "sigmoid_cross_entropy", "softmax_cross_entropy", "squared_error", "tweedie",
    ]  # fmt: skip
    assert all(loss(name).name == name and loss(name).formula for name in NAMES)


def test_squared_error_by_hand():
    Z, Y = np.array([[1.0, 2.0], [3.0, -1.0]]), np.array([[0.0, 2.0], [1.0, 1.0]])
    assert loss("squared_error").value(Z, Y).tolist() == [2.5, 2.0]
    assert loss("squared_error").slope(Z, Y).tolist() == [[1.0, 0.0], [2.0, -2.0]]


def test_losses_of_a_distance_by_hand():
    Z, Y = np.array([[1.0, 2.0], [3.0, -1.0]]), np.array([[0.0, 2.0], [1.0, 1.0]])
    assert loss("absolute_error").value(Z, Y).tolist() == [3.0, 2.0]
    assert loss("absolute_error").slope(Z, Y).tolist() == [[1.0, 0.0], [1.0, -1.0]]
    # ½ 1² + 1.5 (2 - 0.75), and 1.5 (2 - 0.75).
    assert loss("huber:delta=1.5").value(Z, Y).tolist() == [2.375, 1.875]
    assert loss("huber:delta=1.5").slope(Z, Y).tolist() == [[1.0, 0.0], [1.5, -1.5]]
    # Too much costs a quarter, too little three quarters.
    assert loss("quantile:level=0.75").value(Z, Y).tolist() == [0.75, 1.5]
    assert loss("quantile:level=0.75").slope(Z, Y).tolist() == [[0.25, 0.0], [0.25, -0.75]]


def test_poisson_by_hand():
    Z, Y = np.log([[1.0, 2.0], [4.0, 0.5]]), np.array([[0.0, 2.0], [3.0, 0.0]])
    expected = [1 + 4 - 3 * np.log(4), 2 - 2 * np.log(2) + 0.5]
    np.testing.assert_allclose(loss("poisson").value(Z, Y), expected, rtol=1e-15)
    np.testing.assert_allclose(loss("poisson").slope(Z, Y), [[1, 0], [1, 0.5]], atol=1e-15)
    np.testing.assert_allclose(loss("poisson").predict(Z), [[1, 2], [4, 0.5]], rtol=1e-15)


residuals = arrays(
    np.float64, st.tuples(st.integers(1, 3), st.integers(1, 5)), elements=st.floats(-50, 50)
)


@settings(deadline=None, max_examples=50)
@given(Z=residuals, level=st.floats(0.01, 0.99), delta=st.floats(0.01, 20))
def test_losses_of_a_distance_are_scikit_learns_and_scipys(Z, level, delta):
    Y = targets("squared_error", Z.shape)
    absolute, pinball, hubers = (
        loss(text).value(Z, Y)
        for text in ("absolute_error", f"quantile:level={level!r}", f"huber:delta={delta!r}")
    )
    for i, (z, y) in enumerate(zip(Z.T, Y.T, strict=True)):
        assert absolute[i] == pytest.approx(len(z) * mean_absolute_error(y, z), rel=1e-14)
        theirs = len(z) * mean_pinball_loss(y, z, alpha=level)
        assert pinball[i] == pytest.approx(theirs, rel=1e-13)
    np.testing.assert_allclose(hubers, np.sum(scipys_huber(delta, Z - Y), axis=0), rtol=1e-13)
    # Between its two limits: the parabola, and the straight line.
    np.testing.assert_allclose(
        loss("huber:delta=1e6").value(Z, Y), loss("squared_error").value(Z, Y), rtol=1e-13
    )
    np.testing.assert_allclose(loss("huber:delta=1e-9").value(Z, Y) / 1e-9, absolute, atol=1e-8)
    np.testing.assert_allclose(loss("quantile").value(Z, Y), absolute / 2, rtol=1e-14)


@settings(deadline=None, max_examples=25)
@given(Z=logits)
def test_poisson_is_half_scikit_learns_deviance(Z):
    # D = 2 Σ (y log(y / μ) - y + μ): half of it, but for what does not depend on μ.
    Y = targets("poisson", Z.shape)
    value, at_zero = loss("poisson").value(Z, Y), loss("poisson").value(np.zeros_like(Z), Y)
    for got, base, z, y in zip(value, at_zero, Z.T, Y.T, strict=True):
        theirs = len(z) / 2 * (mean_poisson_deviance(y, np.exp(z)) - mean_poisson_deviance(y, z**0))
        assert got - base == pytest.approx(theirs, rel=1e-9, abs=1e-9)


@settings(deadline=None, max_examples=25)
@given(Z=logits, power=st.floats(1.01, 1.99))
def test_gamma_and_tweedie_are_half_scikit_learns_deviances(Z, power):
    # But for what does not depend on the mean: the difference from a mean of 1 has none of it.
    losses = {
        "gamma": mean_gamma_deviance,
        f"tweedie:power={power!r}": lambda y, m: mean_tweedie_deviance(y, m, power=power),
    }
    for text, deviance in losses.items():
        Y = targets(text.partition(":")[0], Z.shape)
        value, at_zero = loss(text).value(Z, Y), loss(text).value(np.zeros_like(Z), Y)
        for got, base, z, y in zip(value, at_zero, Z.T, Y.T, strict=True):
            theirs = len(z) / 2 * (deviance(y, np.exp(z)) - deviance(y, z**0))
            scale = np.sum(1 + np.exp(np.abs(z))) / min(power - 1, 2 - power)
            assert got - base == pytest.approx(theirs, rel=1e-9, abs=1e-9 * scale)


def test_gamma_and_tweedie_by_hand():
    Z, Y = np.log([[1.0, 4.0]]), np.array([[2.0, 0.0]])
    np.testing.assert_allclose(loss("gamma").value(Z, Y), [2.0, np.log(4.0)], rtol=1e-15)
    np.testing.assert_allclose(loss("gamma").slope(Z, Y), [[-1.0, 1.0]], rtol=1e-15)
    # √4 / ½, and 1 / ½ + 2 / ½.
    np.testing.assert_allclose(loss("tweedie").value(Z, Y), [6.0, 4.0], rtol=1e-15)
    np.testing.assert_allclose(loss("tweedie").slope(Z, Y), [[-1.0, 2.0]], rtol=1e-15)
    np.testing.assert_allclose(loss("tweedie").predict(Z), [[1.0, 4.0]], rtol=1e-15)


@pytest.mark.parametrize("power", ["1", "2", "0.5", "nan", "2.5"])
def test_a_tweedie_power_is_between_poissons_and_gammas(power):
    with pytest.raises(SettingsError, match="above 1 and below 2"):
        loss(f"tweedie:power={power}")


@pytest.mark.parametrize(
    ("text", "best"),
    [
        ("squared_error", np.mean),
        ("absolute_error", np.median),
        ("quantile:level=0.25", lambda y: np.quantile(y, 0.25, method="inverted_cdf")),
        ("quantile:level=0.9", lambda y: np.quantile(y, 0.9, method="inverted_cdf")),
        ("poisson", lambda y: np.log(np.mean(y))),
        ("gamma", lambda y: np.log(np.mean(y))),
        ("tweedie:power=1.2", lambda y: np.log(np.mean(y))),
    ],
)
def test_one_number_for_all_rows_is_best_where_it_should_be(text, best):
    y = np.random.default_rng(5).gamma(2.0, 1.5, 101)
    lowest = float(best(y))
    grid = lowest + np.linspace(-0.5, 0.5, 1001)
    heights = [np.sum(loss(text).value(np.full((1, 101), z), y[None])) for z in grid]
    assert grid[int(np.argmin(heights))] == pytest.approx(lowest, abs=1e-9)


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
    Y = targets(name, Z.shape, seed) if formula.rising or rng.random() < 0.5 else soft
    for kink in formula.kinks(formula.constant):
        Y = np.where(abs(Z - Y - kink) < 3 * h, Y + 0.1, Y)
    for k in range(3):
        e = np.zeros((3, 1))
        e[k] = h
        near = formula.value(Z + e, Y) - formula.value(Z - e, Y)
        far = formula.value(Z + 2 * e, Y) - formula.value(Z - 2 * e, Y)
        # The quotient is as exact as its four losses, over h.
        rounding = 1e-12 * (100 + np.max(formula.value(Z, Y)))
        np.testing.assert_allclose(
            formula.slope(Z, Y)[k], (8 * near - far) / (12 * h), rtol=1e-9, atol=rounding
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


KINKS = {
    "absolute_error": {0.0},
    "huber:delta=0.5": {-0.5, 0.5},
    "huber": {-1.0, 1.0},
    "quantile:level=0.2": {0.0},
    "squared_error": set(),
    "sigmoid_cross_entropy": set(),
    "poisson": set(),
}


@pytest.mark.parametrize("text", sorted(KINKS))
def test_slope_and_curvature_jump_at_the_kinks_and_nowhere_else(text):
    formula, y = loss(text), 0.25
    residual = np.linspace(-2, 2, 4001)
    slope = formula.slope(residual[None] + y, np.full((1, 4001), y))[0]
    jumps = np.abs(np.diff(np.diff(slope) / np.diff(residual))) > 0.1
    found = {round(float(at), 2) for at in residual[1:-1][jumps]}
    assert found == KINKS[text] == set(formula.kinks(formula.constant))


@pytest.mark.parametrize("name", NAMES)
def test_not_a_number_is_not_hidden(name):
    Z, Y = np.array([[np.nan, 1.0], [1.0, 1.0]]), np.array([[0.0, 0.0], [1.0, 1.0]])
    assert np.isnan(loss(name).value(Z, Y)).tolist() == [True, False]
    assert np.isnan(loss(name).slope(Z, Y)[0]).tolist() == [True, False]


def test_an_unknown_name_is_refused_with_the_names_there_are():
    with pytest.raises(SettingsError, match="no loss 'hinge'") as caught:
        loss("hinge")
    assert all(name in caught.value.fix for name in NAMES)


# --- the text form --------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_a_loss_is_printed_as_it_is_read(name):
    assert loss(str(loss(name))) == loss(name)


def test_defaults_and_constants():
    # δ is PyTorch's, Keras' and XGBoost's; the quantile is the median.
    assert str(loss("huber")) == "huber:delta=1.0"
    assert str(loss("quantile")) == "quantile:level=0.5"
    assert str(loss("squared_error")) == "squared_error"
    assert str(loss(" huber : delta = 2 ")) == "huber:delta=2.0"
    assert loss("huber:delta=1") == loss("huber")
    assert loss("quantile:level=0.1").constant == 0.1


@pytest.mark.parametrize(
    ("text", "what", "fix"),
    [
        ("huber:delta=0", "delta=0 has no meaning for the loss huber", "number above 0"),
        ("huber:delta=-1", "delta=-1 has no meaning", "number above 0"),
        ("huber:delta=inf", "delta=inf has no meaning", "number above 0"),
        ("huber:delta=nan", "delta=nan has no meaning", "as in 'huber:delta=1.0'"),
        ("huber:delta=wide", "delta=wide has no meaning", "number above 0"),
        ("huber:delta=1,delta=2", "delta=1,delta=2 has no meaning", "number above 0"),
        ("quantile:level=0", "level=0 has no meaning", "above 0 and below 1"),
        ("quantile:level=1", "level=1 has no meaning", "as in 'quantile:level=0.5'"),
        ("quantile:level=50", "level=50 has no meaning", "above 0 and below 1"),
        ("huber:epsilon=1.35", "no constant 'epsilon'", "write 'huber:delta=1.0'"),
        ("huber:1.35", "no constant '1.35'", "write 'huber:delta=1.0'"),
        (
            "quantile:0.1,0.5,0.9",
            "no constant '0.1,0.5,0.9'",
            "write 'quantile:level=0.5', or 'quantile:levels=0.1/0.5/0.9'",
        ),
        ("huber:", "no constant ''", "write 'huber:delta=1.0'"),
        ("squared_error:delta=1", "no constant 'delta'", "write 'squared_error'"),
        ("absolute_error:", "no constant ''", "write 'absolute_error'"),
        ("", "no loss ''", "take one of"),
    ],
)
def test_a_text_without_meaning_is_refused(text, what, fix):
    with pytest.raises(SettingsError, match=what) as caught:
        loss(text)
    assert fix in caught.value.fix


# --- label smoothing ------------------------------------------------------------------------


def test_smoothing_by_hand():
    # Szegedy et al. 2016, § 7: (1 - ε) y + ε / K.
    several = smoothed(np.array([[1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]]), 0.5)
    assert several.tolist() == [[0.625, 0.125, 0.125, 0.125], [0.125, 0.125, 0.625, 0.125]]
    # One logit stands for two classes.
    assert smoothed(np.array([[1.0], [0.0]]), 0.25).tolist() == [[0.875], [0.125]]


@settings(deadline=None, max_examples=25)
@given(amount=st.floats(0, 0.999), n_classes=st.integers(2, 6), seed=st.integers(0, 99))
def test_smoothing_mixes_with_the_same_for_all(amount, n_classes, seed):
    Y = targets("softmax_cross_entropy", (n_classes, 8), seed).T
    soft = smoothed(Y, amount)
    np.testing.assert_allclose(np.sum(soft, axis=1), 1, rtol=1e-15)
    np.testing.assert_array_equal(np.argmax(soft, axis=1), np.argmax(Y, axis=1))
    # The loss is (1 - s) that of the labels, and s the mean of those of all classes.
    formula = loss("softmax_cross_entropy")
    Z = np.random.default_rng(seed).normal(size=(n_classes, 8))
    each = [formula.value(Z, np.eye(n_classes)[[k] * 8].T) for k in range(n_classes)]
    expected = (1 - amount) * formula.value(Z, Y.T) + amount * np.mean(each, axis=0)
    np.testing.assert_allclose(formula.value(Z, soft.T), expected, rtol=1e-12)


def test_two_outputs_and_one_are_smoothed_alike():
    y = np.array([[1.0], [0.0], [1.0]])
    two = smoothed(np.hstack([1 - y, y]), 0.1)
    np.testing.assert_allclose(two[:, 1:], smoothed(y, 0.1), rtol=1e-15)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_smoothing_keeps_the_dtype_and_the_targets(dtype):
    Y = np.eye(3, dtype=dtype)
    Y.setflags(write=False)
    assert smoothed(Y, 0.1).dtype == dtype
    np.testing.assert_array_equal(smoothed(Y, 0.0), Y)


@pytest.mark.parametrize("amount", [-0.1, 1.0, 1.5, np.nan])
def test_a_smoothing_that_leaves_no_label_is_refused(amount):
    with pytest.raises(SettingsError, match="cannot be smoothed by"):
        smoothed(np.eye(2), amount)


# ---- a constant for each output

LEVELS = (0.1, 0.5, 0.9)
SEVERAL = "quantile:levels=0.1/0.5/0.9"


@settings(deadline=None, max_examples=25)
@given(Z=arrays(np.float64, (3, 4), elements=st.floats(-50, 50)))
def test_each_output_has_the_pinball_loss_of_its_level(Z):
    Y = targets("quantile", Z.shape)
    each = [loss(f"quantile:level={level}") for level in LEVELS]
    value = sum(one.value(z[None], y[None]) for one, z, y in zip(each, Z, Y, strict=True))
    np.testing.assert_allclose(loss(SEVERAL).value(Z, Y), value, rtol=1e-13)
    slope = [one.slope(z[None], y[None])[0] for one, z, y in zip(each, Z, Y, strict=True)]
    np.testing.assert_array_equal(loss(SEVERAL).slope(Z, Y), slope)
    theirs = sum(
        mean_pinball_loss(y, z, alpha=level) for y, z, level in zip(Y, Z, LEVELS, strict=True)
    )
    assert loss(SEVERAL).value(Z, Y).mean() == pytest.approx(theirs, rel=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_several_levels_keep_the_dtype(dtype):
    Z, Y = np.ones((3, 5), dtype), np.zeros((3, 5), dtype)
    formula = loss(SEVERAL)
    found = formula.value(Z, Y), formula.slope(Z, Y), formula.predict(Z)
    assert {each.dtype for each in found} == {np.dtype(dtype)}


@pytest.mark.parametrize(
    "text", [SEVERAL, "quantile:levels=0.05/0.95", " quantile : levels = .1 / 5e-1/0.9 "]
)
def test_levels_come_back_from_their_text(text):
    found = loss(text)
    assert found.constants == tuple(sorted(found.constants))
    assert loss(str(found)) == found
    assert str(loss(str(found))) == str(found)
    assert loss("quantile:level=0.9").constants == ()


@pytest.mark.parametrize(
    ("text", "what", "fix"),
    [
        ("levels=0.5", "takes 2 to 50 levels", "for one, write quantile:level=0.5"),
        ("levels=" + "/".join(f"{k / 60:.4f}" for k in range(1, 52)), "takes 2 to 50", "so many"),
        ("levels=0.9/0.1", "do not ascend", "write quantile:levels=0.1/0.9"),
        ("levels=0.1/0.1", "do not ascend", "write quantile:levels=0.1/0.5/0.9"),
        ("levels=0.1/1", "has no meaning", "above 0 and below 1 with / between them"),
        ("levels=0/0.5", "has no meaning", "quantile:levels=0.1/0.5/0.9"),
        ("levels=0.1/nan", "has no meaning", "above 0 and below 1"),
        ("levels=0.1,0.9", "has no meaning", "with / between them"),
        ("levels=", "has no meaning", "above 0 and below 1"),
    ],
)
def test_levels_that_are_none_are_refused(text, what, fix):
    with pytest.raises(SettingsError) as refused:
        loss(f"quantile:{text}")
    assert what in refused.value.what
    assert fix in refused.value.fix
    if "write " in fix:
        loss(refused.value.fix.rpartition("write ")[2])


def test_other_losses_have_no_levels():
    with pytest.raises(SettingsError, match="huber has no constant 'levels'"):
        loss("huber:levels=0.1/0.2")


@pytest.mark.parametrize(
    "text", ["poisson", "gamma", "tweedie:power=1.3", "squared_error", "huber"]
)
def test_the_lowest_losses_are_those_of_a_fine_grid(text):
    Y = np.array([[0.4], [2.0], [7.0], [0.0]][: 3 if text == "gamma" else 4])
    grid = np.linspace(-9, 9, 90_001)
    heights = [loss(text).value(grid[None], np.full((1, len(grid)), y)).min() for y in Y[:, 0]]
    found = lowest_losses(text, Y)
    np.testing.assert_allclose(found, heights, atol=1e-2 if text.startswith("tweedie") else 2e-4)
    np.testing.assert_allclose(found[:3], heights[:3], atol=1e-6)
