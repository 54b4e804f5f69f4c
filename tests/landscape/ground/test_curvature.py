"""Products with the Hessian, Lanczos, sharpness and the jiggle, against dense and closed forms."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from grounds import Formula, dense_hessian, network, own_gradient, parabola
from slow_cases import slow_but
from thalweg.errors import SettingsError
from thalweg.landscape.ground.curvature import STEPS, Hessian, lanczos, spectrum
from thalweg.landscape.ground.jiggle import jiggle
from thalweg.landscape.ground.sharpness_and_stability import sharpness, stable_curvature
from thalweg.landscape.ground.teaching_function import GROUNDS, places
from thalweg.training.descent.training_settings import parse_optimizer

NETS = [
    ((3, 6, 1), "tanh"),
    ((4, 8, 6, 1), "tanh"),
    ((10, 16, 16, 1), "tanh"),
    ((4, 9, 1), "relu"),
    ((10, 40, 1), "relu"),
]


@pytest.mark.parametrize(("sizes", "activation"), NETS)
def test_products_are_those_of_the_dense_hessian(sizes, activation):
    terrain, theta = network(sizes, activation, penalty=0.01)
    np.testing.assert_allclose(
        own_gradient(terrain, theta), terrain.loss_and_gradient(theta)[1], rtol=1e-10, atol=1e-13
    )
    H, hessian = dense_hessian(terrain, theta), Hessian(terrain, theta)
    rng = np.random.default_rng(1)
    for _ in range(5):
        v = rng.standard_normal(len(theta)) * 10.0 ** rng.uniform(-3, 3)
        wrong = np.linalg.norm(hessian(v) - H @ v) / np.linalg.norm(H @ v)
        assert wrong < 1e-9
    assert hessian.products == 5
    assert hessian.kinks == 0
    assert not hessian(np.zeros(len(theta))).any()


@pytest.mark.parametrize(("sizes", "activation"), slow_but([NETS[0], NETS[1], NETS[3]], NETS))
def test_lanczos_meets_the_dense_hessian(sizes, activation):
    terrain, theta = network(sizes, activation, penalty=0.01)
    dense = dense_hessian(terrain, theta)
    values = np.linalg.eigvalsh(dense)
    found = spectrum(terrain, theta)
    np.testing.assert_allclose(found.top, values[::-1][:3], rtol=1e-6)
    assert found.bottom == pytest.approx(values[0], rel=1e-6)
    for value, vector in zip(found.top, found.vectors, strict=True):
        assert np.linalg.norm(dense @ vector - value * vector) < 1e-4 * values[-1]


def test_the_step_is_neither_the_longest_nor_the_shortest():
    terrain, theta = network((3, 6, 1), "tanh", penalty=0.01)
    v, hessian = np.ones(len(theta)), Hessian(terrain, theta)
    exact = dense_hessian(terrain, theta) @ v
    wrong = {}
    for step in (hessian.step, *(STEPS[[0, -1]] * np.linalg.norm(theta))):
        hessian.step = step
        wrong[step] = np.linalg.norm(hessian(v) - exact)
    best, long, short = wrong.values()
    assert 20 * best < min(long, short)


def test_a_step_across_a_kink_is_shortened():
    # |x| bends nowhere but at 0; x² / 2 beside it bends by 1.
    def slope(theta):
        return np.array([(1.0 if theta[0] > 1e-7 else -1.0) + theta[0], 3 * theta[1]])

    ground = Formula(2, lambda t: abs(t[0] - 1e-7) + t[0] ** 2 / 2 + 1.5 * t[1] ** 2, slope)
    hessian = Hessian(ground, np.array([0.0, 1.0]))
    hessian.step, hessian.noise = 1e-5, 1e-15
    np.testing.assert_allclose(hessian(np.array([1.0, 0.0])), [1.0, 0.0], atol=1e-6)
    assert hessian.kinks == 0
    # At the kink itself no step is short enough, and that is counted.
    there = Hessian(ground, np.array([1e-7, 1.0]))
    there.step, there.noise = 1e-5, 1e-15
    there(np.array([1.0, 0.0]))
    assert there.kinks == 1


@given(st.integers(1, 12), st.integers(0, 10_000))
def test_lanczos_on_any_symmetric_matrix(n, seed):
    rng = np.random.default_rng(seed)
    Q = np.linalg.qr(rng.standard_normal((n, n)))[0]
    # Eigenvalues well apart: one that occurs twice is found once.
    values = np.sort(rng.permutation(np.arange(-n, n))[:n] + 0.0)
    M = (Q * values) @ Q.T
    found = lanczos(lambda v: M @ v, rng.standard_normal(n), most=n)
    size = max(np.max(np.abs(values)), 1)
    np.testing.assert_allclose(found.top, values[::-1][:3], atol=1e-8 * size)
    assert abs(found.bottom - values[0]) < 1e-8 * size
    np.testing.assert_allclose(
        found.vectors @ found.vectors.T, np.eye(len(found.vectors)), atol=1e-8
    )


def test_lanczos_stays_orthogonal_where_little_is_left():
    # Made orthogonal only once, the basis decays here, and eigenvalues that are none appear.
    values = np.r_[1e6, 1e3, 1, 1e-3, 1e-6, np.linspace(0, 1e-7, 20)]
    Q = np.linalg.qr(np.random.default_rng(0).standard_normal((25, 25)))[0]
    M = (Q * values) @ Q.T
    found = lanczos(lambda v: M @ v, np.ones(25), tolerance=1e-14, most=25)
    np.testing.assert_allclose(found.top, [1e6, 1e3, 1], rtol=1e-8)
    assert abs(found.bottom) < 1e-6
    np.testing.assert_allclose(found.vectors @ found.vectors.T, np.eye(3), atol=1e-12)


def test_lanczos_of_nothing_and_where_nothing_is_finite():
    assert lanczos(lambda v: 0 * v, np.ones(4)).top[0] == 0
    broken = Formula(2, lambda t: np.inf, lambda t: t)
    with pytest.raises(SettingsError, match="no curvature"):
        Hessian(broken, np.ones(2))


def settles(rule, bend, rate):
    """Whether the rule itself, step by step, comes down on ½ λ θ²."""
    optimizer = parse_optimizer(rule)
    theta, slots = np.ones(1), np.zeros((optimizer.formula.n_slots, 1))
    for step in range(4000):
        optimizer.formula.update(theta, bend * theta, slots, step + 1, rate, *optimizer.constants)
        if abs(theta[0]) > 1e6:
            return False
    return abs(theta[0]) < 1e-3


@pytest.mark.parametrize("rule", ["sgd", "sgd:momentum=0.9", "sgd:momentum=0.5", "nesterov"])
@pytest.mark.parametrize("rate", [0.03, 1.0])
def test_the_bound_of_stability_is_where_descents_begin_to_explode(rule, rate):
    bound = stable_curvature(parse_optimizer(rule), rate)
    assert settles(rule, 0.98 * bound, rate)
    assert not settles(rule, 1.02 * bound, rate)


def test_rules_without_such_a_bound():
    for rule in ("adam", "rmsprop", "lbfgs"):
        assert stable_curvature(parse_optimizer(rule), 0.1) is None
    assert stable_curvature(parse_optimizer("sgd"), 0.0) is None


@pytest.mark.parametrize("extra", ["scales=300", "biases=100", "first=60", "W2=0.5"])
def test_steps_that_are_not_one_rate_times_the_gradient_have_no_bound(extra):
    for rule in ("sgd:lr=0.1", "nesterov:lr=0.1"):
        assert stable_curvature(parse_optimizer(rule), 0.1) is not None
        optimizer = parse_optimizer(f"{rule},{extra}")
        assert stable_curvature(optimizer, 0.1) is None
        found = sharpness(parabola(np.diag([5.0, 2.0])), np.ones(2), optimizer, 0.1, weights=False)
        assert "stable" not in " ".join(found.sentences())


def test_sharpness_of_a_parabola_and_its_words():
    ground = parabola(np.diag([5.0, 2.0, -1.0]))
    found = sharpness(ground, np.array([0.3, 0.2, 0.1]), parse_optimizer("sgd"), 0.5, weights=False)
    assert found.largest == pytest.approx(5, rel=1e-8)
    assert found.smallest == pytest.approx(-1, rel=1e-7)
    assert (found.stable, found.jiggle) == (4.0, None)
    said = " ".join(found.sentences())
    assert "largest curvature of the loss here is 5," in said
    assert "curves downwards by 1" in said
    assert "cannot stay here" in said
    assert found.as_dict()["sentences"] == found.sentences()


def test_only_a_point_of_rest_is_said_to_be_one():
    """That the largest curvature throws no ball out does not keep a ball on a slope."""
    rule, bowl, saddle = parse_optimizer("sgd"), np.diag([5.0, 2.0]), np.diag([5.0, -1.0])

    def at(matrix, theta):
        return sharpness(parabola(matrix), np.array(theta), rule, 0.1, weights=False)

    slope, saddle_slope = at(bowl, [0.3, 0.2]), at(saddle, [0.3, 0.2])
    for found in (slope, saddle_slope):
        assert found.gradient == pytest.approx(np.hypot(1.5, 0.2 * found.smallest), rel=1e-6)
        assert not found.flat
        said = " ".join(found.sentences())
        assert "up to a curvature of 20: the curvature here does not throw it out." in said
        assert "no point of rest, there is a way down" in said
        assert "can stay" not in said
    # In a bowl nothing is lower than a parabola of the least curvature allows.
    loss = 0.5 * (5 * 0.3**2 + 2 * 0.2**2)
    most = float(slope.of_rest().split("at most ")[1].split(" lower")[0])
    assert loss <= most
    assert most == pytest.approx((1.5**2 + 0.4**2) / 4, rel=1e-2)
    assert "at most" not in saddle_slope.of_rest()
    still, hilltop = at(bowl, [0.0, 0.0]), at(saddle, [0.0, 0.0])
    assert (still.flat, still.downwards) == (True, False)
    assert still.of_rest().endswith("and the loss curves downwards nowhere: a point of rest.")
    assert (hilltop.flat, hilltop.downwards) == (True, True)
    assert hilltop.of_rest().endswith(
        "but the loss curves downwards in some direction: no minimum."
    )
    plain = hilltop.as_dict()
    assert (plain["gradient"], plain["flat"], plain["downwards"]) == (0.0, True, True)
    # Rounding of an eigenvalue of 0 is no way down.
    rounded = replace(still, extremes=replace(still.extremes, smallest=-1e-9))
    assert not rounded.downwards
    assert "curves downwards nowhere" in rounded.sentences()[0]


def test_a_jiggle_of_a_parabola_has_a_closed_form():
    # L = 1 + ½ Σ λᵢ θᵢ²: the mean of Σ λᵢ θᵢ² ((1 + s n)² - 1) / 2 L is s² Σ λᵢ θᵢ² / 2 L.
    theta, bends = np.array([1.0, -2.0, 0.5]), np.array([3.0, 1.0, 8.0])
    ground = parabola(np.diag(bends))
    energy = np.sum(bends * theta**2)
    found = jiggle(ground, theta, share=0.05, count=4000, seed=1)
    expected = 0.05**2 * energy / 2 / (1 + energy / 2)
    assert abs(found.rise - expected) < 4 * found.error
    assert found.error < expected
    assert "Jiggle every weight by 5 %: the loss rises by" in found.sentence()
    assert replace(found, rise=0.004, error=0.012).sentence().endswith("changes by 0 % ± 1 %.")
    assert replace(found, rise=-0.006, error=0.012).sentence().endswith("falls by 1 % ± 1 %.")
    assert replace(found, rise=0.01, error=0.0).sentence().endswith("rises by 1.0 % ± 0.0 %.")


@pytest.mark.parametrize("rise", [0.0, 5e-17, -3e-16])
def test_a_rise_that_rounding_explains_is_none(rise):
    found = jiggle(parabola(np.eye(2)), np.ones(2), count=4)
    said = replace(found, rise=rise, error=2e-17).sentence()
    assert said == "Jiggle every weight by 5 %: the loss rises by 0 % (no rise beyond rounding)."
    assert "±" in replace(found, rise=1e-9, error=2e-10).sentence()


def test_a_jiggle_does_not_notice_units_that_are_rescaled():
    terrain, theta = network((3, 6, 1), "relu")
    other = theta.copy()
    (W1, b1), (W2, _) = terrain.architecture.layers(other)
    scale = 2.0 ** np.arange(-3, 3)  # powers of 2: no rounding at all
    W1 *= scale[:, None]
    b1 *= scale[:, None]
    W2 /= scale
    one, two = jiggle(terrain, theta, seed=3), jiggle(terrain, other, seed=3)
    assert two.rise == pytest.approx(one.rise, rel=1e-9)
    # The largest eigenvalue does notice: the trap of flat minima.
    flat = [spectrum(terrain, each, top=1).top[0] for each in (theta, other)]
    assert flat[1] != pytest.approx(flat[0], rel=0.5)


def test_a_jiggle_says_what_it_cannot_and_refuses_nonsense():
    explosive = Formula(1, lambda t: 1.0 if t[0] == 1 else np.inf)
    found = jiggle(explosive, np.ones(1))
    assert found.rise == np.inf
    assert "becomes NaN or infinite" in found.sentence()
    assert found.as_dict()["rise"] is None
    for wrong in ({"share": 0.0}, {"count": 1}, {"share": float("nan")}):
        with pytest.raises(SettingsError, match="says nothing"):
            jiggle(explosive, np.ones(1), **wrong)


def test_a_smooth_function_has_no_kink_however_small_its_gradient():
    for ground in GROUNDS.values():
        terrain, seen = ground.hills, ground.seen
        rest = [np.array([each.a, each.b]) for each in places(terrain, seen)]
        rng = np.random.default_rng(0)
        near = [point + rng.normal(0, 10.0**-k, 2) for point in rest for k in range(3, 17, 2)]
        far = rng.uniform(-3, 3, (50, 2))
        for point in (*rest, *near, *far):
            assert not Hessian(terrain, point).on_kink, point
    # A network at a minimum.
    terrain, theta = network((3, 4, 1), "tanh", penalty=0.01)
    theta = minimize(
        terrain.loss_and_gradient, theta, jac=True, options={"gtol": 1e-11, "maxiter": 2000}
    ).x
    assert np.linalg.norm(terrain.loss_and_gradient(theta)[1]) < 1e-7
    assert not Hessian(terrain, theta).on_kink


@pytest.mark.parametrize("jump", [1.0, 1e-3, 1e-6])
def test_a_real_kink_is_found_also_where_the_gradient_is_0(jump):
    # The gradient of jump · max(x, 0) + x² / 2 + 3 y² / 2 is 0 at the origin and jumps there.
    def slope(theta):
        return np.array([(jump if theta[0] > at else 0.0) + theta[0] - at, 3 * theta[1] - 3])

    for at in (0.0, 0.25):
        ground = Formula(2, lambda t, at=at: jump * max(t[0] - at, 0) + 0 * t[1], slope)
        assert Hessian(ground, np.array([at, 1.0])).on_kink
        assert not Hessian(ground, np.array([at + 1e-2, 1.0])).on_kink
