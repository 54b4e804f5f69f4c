import hashlib
import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import OptimizeResult, minimize
from sklearn.linear_model import LogisticRegression

from thalweg import ThalwegClassifier, load_model
from thalweg.counter_based_random import generator
from thalweg.errors import SettingsError, Status
from thalweg.network.architecture import Architecture, initial_theta
from thalweg.network.engine import Data, Objective, choose
from thalweg.training.descent.lbfgs import descend_lbfgs


def descend(start, function, after=None, history=10, max_iterations=200):
    """The status, and (θ, L, ‖dL/dθ‖) of every iteration."""
    path = []

    def look(*place):
        path.append(place)
        return after(*place) if after else None

    status = descend_lbfgs(
        start, function, look, history=history, max_iterations=max_iterations
    )  # fmt: skip
    return status, path


def bowl(theta):
    """½ θᵀ A θ - bᵀ θ with A = diag(1 … n): the lowest point is b / diag."""
    steep = np.arange(1.0, len(theta) + 1)
    return float(steep @ theta**2) / 2 - float(theta.sum()), steep * theta - 1


def banana(theta):
    """Rosenbrock's valley, 0 at (1, 1)."""
    x, y = theta
    slope = np.array([-400 * x * (y - x * x) - 2 * (1 - x), 200 * (y - x * x)])
    return float(100 * (y - x * x) ** 2 + (1 - x) ** 2), slope


def test_the_lowest_point_of_a_bowl():
    status, path = descend(np.full(12, 3.0), bowl)
    assert status is Status.PATIENCE
    np.testing.assert_allclose(path[-1][0], 1 / np.arange(1, 13), rtol=1e-7)


def test_the_end_of_a_bent_valley():
    status, path = descend(np.array([-1.2, 1.0]), banana)
    assert status is Status.PATIENCE
    np.testing.assert_allclose(path[-1][0], [1, 1], rtol=1e-6)
    assert len(path) < 60


@given(st.lists(st.floats(-3, 3), min_size=2, max_size=2))
def test_every_iteration_is_reported_truly_and_leads_down(start):
    _, path = descend(np.array(start), banana, max_iterations=25)
    heights = [banana(np.array(start))[0]]
    for theta, loss, norm in path:
        expected, gradient = banana(theta)
        assert loss == expected
        assert norm == np.linalg.norm(gradient)
        heights.append(loss)
    assert np.all(np.diff(heights) <= 0)


@pytest.mark.parametrize("history", [1, 3, 20])
def test_the_path_is_scipys_with_that_history(history):
    seen = []
    start = np.linspace(-2, 2, 30)
    minimize(
        bowl, start, jac=True, method="L-BFGS-B", callback=lambda x: seen.append(x.copy()),
        options={"maxcor": history, "maxiter": 9, "ftol": 0, "gtol": 0},
    )  # fmt: skip
    status, path = descend(start, bowl, history=history, max_iterations=9)
    assert status is Status.MAX_EPOCHS
    np.testing.assert_array_equal([theta for theta, _, _ in path], seen)
    assert len(path) == 9


def test_logistic_regression_is_scikit_learns():
    random = generator(0, "weights", 1)
    X = random.standard_normal((80, 3))
    y = (X[:, 0] + random.standard_normal(80) > 0).astype(float)
    weights = random.uniform(0.5, 2, 80)
    engine, data = choose(), Data.of(X, y[:, None], weights)
    architecture = Architecture.dense(3, (), 1, "tanh")
    objective = Objective.over("sigmoid_cross_entropy", 0.7, weights)

    def look(theta):
        return engine.loss_and_gradient(architecture, objective, theta, data)

    start = initial_theta(architecture, "glorot", generator(0, "weights"))
    _, path = descend(start, look)
    rival = LogisticRegression(C=1 / 0.7, tol=1e-12, max_iter=10_000).fit(X, y, weights)
    theta = path[-1][0]
    np.testing.assert_allclose(theta[:3], rival.coef_[0], rtol=1e-5)
    np.testing.assert_allclose(theta[3], rival.intercept_[0], rtol=1e-5)


def test_a_model_is_fitted_saved_and_read_again(tmp_path):
    random = generator(0, "weights", 1)
    X = random.standard_normal((90, 2))
    y = np.where(X[:, 0] + random.standard_normal(90) > 0, "b", "a")
    model = ThalwegClassifier(
        (), optimizer="lbfgs:history=5", alpha=1.0, max_iter=100, early_stopping=False,
        n_iter_no_change=20,
    ).fit(X, y)  # fmt: skip
    rival = LogisticRegression(tol=1e-12, max_iter=10_000)
    encoded = model.encoder_.encode(X)
    expected = rival.fit(encoded, y).predict_proba(encoded)
    np.testing.assert_allclose(model.predict_proba(X), expected, rtol=1e-5)
    assert {epoch["rate"] for epoch in model.history_} == {None}
    model.save(tmp_path / "m.thalweg")
    again = load_model(tmp_path / "m.thalweg")
    assert again.history_ == model.history_
    assert again.optimizer == "lbfgs:history=5"


def test_a_model_refuses_batches_and_a_rate():
    X, y = np.array([[0.0], [1.0], [2.0], [3.0]]), [0, 1, 0, 1]
    with pytest.raises(SettingsError, match="batches of 2 rows"):
        ThalwegClassifier(optimizer="lbfgs", batch_size=2).fit(X, y)
    with pytest.raises(SettingsError, match="no setting of lbfgs 'lr'"):
        ThalwegClassifier(optimizer="lbfgs", learning_rate_init=0.1).fit(X, y)


# How it ends


def test_whoever_looks_on_can_end_it():
    status, path = descend(
        np.full(5, 3.0), bowl, lambda *_: Status.TIME_LIMIT if len(_) == 3 else None
    )
    assert status is Status.TIME_LIMIT
    assert len(path) == 1


def test_a_status_in_the_last_iteration_counts():
    said = iter([None, None, Status.STOPPED])
    status, path = descend(np.full(5, 3.0), bowl, lambda *_: next(said), max_iterations=3)
    assert status is Status.STOPPED
    assert len(path) == 3


def test_at_the_bottom_there_is_nothing_to_do():
    status, path = descend(1 / np.arange(1.0, 4.0), lambda theta: (0.5, np.zeros(3)))
    assert status is Status.PATIENCE
    assert path == []


@pytest.mark.parametrize(
    ("loss", "slope"), [(np.nan, 1.0), (np.inf, 1.0), (1.0, np.nan), (1.0, np.inf)]
)
def test_a_start_that_is_not_finite_ends_at_once(loss, slope):
    status, path = descend(np.ones(2), lambda theta: (loss, np.full(2, slope)))
    assert status is Status.DIVERGED
    assert path == []


def test_ctrl_c_comes_through():
    def interrupt(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        descend(np.full(5, 3.0), bowl, interrupt)


# Where numbers end


def cliff(theta):
    """e^(e^40x) - 1000 x: the second step overflows. Its lowest point by bisection, below."""
    inner = np.exp(40 * theta)
    height = np.exp(inner) - 1000 * theta
    return float(height[0]), 40 * inner * np.exp(inner) - 1000


def hole(theta):
    """X - ln x, and no number at all from 0 down: 1 is lowest."""
    return float(theta[0] - np.log(theta[0])), 1 - 1 / theta


def test_a_step_into_the_infinite_is_taken_back():
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        with np.errstate(over="ignore"):
            low, high = (middle, high) if cliff(np.array([middle]))[1] < 0 else (low, middle)
    _, path = descend(np.array([-1.0]), cliff)
    assert path[-1][0][0] == pytest.approx(low, rel=1e-9)
    assert all(np.isfinite(place[1]) and np.isfinite(place[2]) for place in path)


def test_a_step_into_the_infinite_is_halved():
    # What has no height counts as high as the start and as steep, but upwards: a bowl between.
    looked_at = []

    def look(theta):
        looked_at.append(float(theta[0]))
        return (float(theta[0]) if theta[0] > -0.6 else np.inf), np.ones(1)

    descend(np.zeros(1), look, max_iterations=1)
    beyond = looked_at.index(-1.0)
    assert looked_at[beyond + 1] == pytest.approx(-0.5, abs=0.001)


@pytest.mark.parametrize("start", [5.0, 40.0, 1000.0, 0.01])
def test_a_step_into_a_hole_is_taken_back(start):
    holes = []

    def watch(theta):
        holes.append(theta[0] <= 0)
        with np.errstate(divide="ignore"):
            return hole(theta)

    _, path = descend(np.array([start]), watch)
    assert path[-1][0][0] == pytest.approx(1, rel=1e-6)
    assert all(np.isfinite(place[1]) for place in path)
    if start == 5:
        assert any(holes), "nothing was taken back, so this test shows nothing"


@pytest.mark.parametrize("seed", [458, 949, 1092, 2509, 2600])
def test_at_the_edge_of_the_infinite_it_ends_with_what_is_finite(seed):
    # Bowls whose lowest point lies where there are no numbers, with heights that rounding makes
    # flat: there SciPy's line search may end on the far side.
    random = np.random.default_rng(seed)
    n, scale = 1 + seed % 4, 10.0 ** (seed % 13 - 6)
    edge, root = random.normal(size=n), random.normal(size=(n, n))
    steep, middle = root @ root.T + 0.1 * np.eye(n), edge + 3 * random.normal(size=n)

    def look(theta):
        if np.any(theta > edge):
            return np.nan, np.full(n, np.nan)
        away = theta - middle
        return scale * float(away @ steep @ away) + 1e6 * scale, 2 * scale * steep @ away

    start = edge - np.abs(random.normal(size=n)) * 10.0 ** (seed // 4 % 9 - 6)
    status, path = descend(start, look)
    assert status is Status.PATIENCE
    for theta, loss, norm in path:
        assert np.all(theta <= edge)
        assert np.all(np.isfinite([loss, norm]))


def test_a_search_that_ends_on_the_far_side_ends_the_descent(monkeypatch):
    def far(function, start, callback, **_):
        function(start / 2)
        callback(OptimizeResult(x=start / 2))
        function(-start)
        callback(OptimizeResult(x=-start))
        raise AssertionError("nobody ended it")

    monkeypatch.setattr("scipy.optimize.minimize", lambda *a, **k: stopped(far, *a, **k))
    with np.errstate(divide="ignore"):
        status, path = descend(np.array([4.0]), hole)
    assert status is Status.PATIENCE
    assert path == [(np.array([2.0]), 2 - np.log(2), 0.5)]


def stopped(search, *arguments, **more):
    """As SciPy takes it that its callback has enough."""
    with pytest.raises(StopIteration):
        search(*arguments, **more)


# Numbers


def test_the_functions_see_the_type_of_the_start_and_the_start_is_left_alone():
    start = np.full(4, 3.0, np.float32)
    kinds = set()

    def watch(theta):
        kinds.add(theta.dtype)
        loss, gradient = bowl(theta)
        return loss, gradient.astype(np.float32)

    _, path = descend(start, watch)
    assert kinds == {np.dtype(np.float32)}
    assert {theta.dtype for theta, _, _ in path} == kinds
    assert start.tolist() == [3.0] * 4
    np.testing.assert_allclose(path[-1][0], 1 / np.arange(1, 5), rtol=1e-3)


def test_what_was_reported_does_not_move_afterwards():
    copies = []
    _, path = descend(np.full(4, 3.0), bowl, lambda theta, *_: copies.append(theta.copy()))
    np.testing.assert_array_equal([theta for theta, _, _ in path], copies)
    assert len({theta.tobytes() for theta in copies}) == len(copies) > 3


THREADS = """
import hashlib
import numpy as np
from thalweg.network.blas import one_blas_thread
with one_blas_thread():
    pass  # before SciPy is there
from thalweg.training.descent.lbfgs import descend_lbfgs
random = np.random.default_rng(0)
steep, middle = random.uniform(0.1, 10, 40_000), random.standard_normal(40_000)
def look(theta):
    return float(np.sum(steep * (theta - middle) ** 2)), 2 * steep * (theta - middle)
seen = hashlib.sha256()
descend_lbfgs(
    np.zeros(40_000), look, lambda theta, *_: seen.update(theta), history=10, max_iterations=40
)
print(seen.hexdigest())
"""


def test_the_number_of_threads_changes_no_bit():
    said = [
        subprocess.run(
            [sys.executable, "-c", THREADS],
            env={**os.environ, "OPENBLAS_NUM_THREADS": threads},
            capture_output=True, text=True, check=True,
        ).stdout
        for threads in ("1", "2")
    ]  # fmt: skip
    assert len(said[0].strip()) == hashlib.sha256().digest_size * 2
    assert said[0] == said[1]
