"""What both engines refuse, before they would misread it."""

import numpy as np
import pytest

from thalweg.errors import SettingsError
from thalweg.network.architecture import Architecture
from thalweg.network.engine import Data, Method, Objective, Order, State, choose

SMALL = Architecture((3, 4, 2), ("tanh", "identity"))


@pytest.fixture(params=["compiled", "reference"])
def engine(request):
    return choose(request.param)


def problem(n_samples=4):
    rng = np.random.default_rng(3)
    X, Y = rng.normal(size=(n_samples, 3)), rng.normal(size=(n_samples, 2))
    return rng.normal(size=SMALL.n_parameters), Data.of(X, Y, rng.uniform(1, 2, n_samples))


def calls(engine, theta, data, rows=None):
    """Each of the four, as functions of nothing."""
    objective, method = Objective("squared_error"), Method.of("sgd")
    order = Order(np.arange(len(data.X)) if rows is None else rows, 2)
    state = State(theta.copy(), np.zeros((1, theta.size), theta.dtype))
    return {
        "predict": lambda: engine.predict(SMALL, theta, data, rows),
        "losses": lambda: engine.losses(SMALL, objective, theta[None], data, rows),
        "gradient": lambda: engine.loss_and_gradient(SMALL, objective, theta, data, rows),
        "steps": lambda: engine.steps(
            SMALL, objective, method, state, data, order, np.full(2, 0.1), 0
        ),
    }


CALLS = ["predict", "losses", "gradient", "steps"]


@pytest.mark.parametrize("call", CALLS)
def test_arrays_of_two_dtypes_are_refused(call, engine):
    theta, data = problem()
    narrow = Data.of(data.X.astype(np.float32), data.Y, data.weights)
    mixed = Data(data.X, data.Y, data.weights.astype(np.float32))
    for mine, ours in ((theta, narrow), (theta.astype(np.float32), data), (theta, mixed)):
        with pytest.raises(SettingsError, match="float32") as caught:
            calls(engine, mine, ours)[call]()
        assert "one dtype" in str(caught.value)
        assert "Data.of" in str(caught.value)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("dtype", [np.float16, np.int64, np.longdouble, np.complex128])
def test_other_dtypes_are_refused(dtype, call, engine):
    theta, data = np.ones(SMALL.n_parameters, dtype), Data.of(np.ones((2, 3), dtype))
    data = Data(data.X, np.ones((2, 2), dtype), np.ones(2))
    with pytest.raises(SettingsError, match=np.dtype(dtype).name) as caught:
        calls(engine, theta, data)[call]()
    assert "float64 or float32" in str(caught.value)


@pytest.mark.parametrize("call", CALLS)
def test_what_does_not_fit_the_network_is_refused(call, engine):
    theta, data = problem()
    wrong = [
        (theta[:-1], data),
        (np.append(theta, 1.0), data),
        (theta, Data.of(data.X[:, :2], data.Y)),
        (theta, Data.of(np.ones((4, 9)), data.Y)),
    ]
    if call != "predict":  # which needs no targets
        wrong += [(theta, Data.of(data.X, np.ones((4, 3)))), (theta, Data.of(data.X))]
    for mine, ours in wrong:
        with pytest.raises(SettingsError, match="fit"):
            calls(engine, mine, ours)[call]()


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("row", [4, -1, 2**62, -(2**63)])
def test_rows_that_are_none_are_refused(row, call, engine):
    theta, data = problem()
    with pytest.raises(SettingsError, match=f"Row {row} is not one of 4"):
        calls(engine, theta, data, np.array([0, row, 1]))[call]()


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    "rows", [np.array([True, False, True, False]), np.array([0.0, 1.0]), np.array([[0, 1]])]
)
def test_rows_that_are_no_numbers_are_refused(rows, call, engine):
    theta, data = problem()
    with pytest.raises(SettingsError, match=r"not by .*np.flatnonzero") as caught:
        calls(engine, theta, data, rows)[call]()
    assert str(rows.dtype) in str(caught.value)


@pytest.mark.parametrize("call", CALLS)
def test_rows_of_other_whole_numbers_are_rows(call, engine):
    theta, data = problem()
    for dtype in (np.int8, np.uint16, np.int32):
        ours = calls(engine, theta, data, np.array([0, 3], dtype))[call]()
        theirs = calls(engine, theta, data, np.array([0, 3]))[call]()
        assert repr(ours) == repr(theirs)


@pytest.mark.parametrize("call", ["losses", "gradient", "steps"])
def test_no_rows_have_no_mean(call, engine):
    theta, data = problem()
    with pytest.raises(SettingsError, match="no row"):
        calls(engine, theta, data, np.arange(0))[call]()
    with pytest.raises(SettingsError, match="no row"):
        calls(engine, *problem(0))[call]()


def test_no_rows_have_no_predictions(engine):
    theta, data = problem()
    assert engine.predict(SMALL, theta, data, np.arange(0)).shape == (0, 2)
    assert engine.predict(SMALL, *problem(0)).shape == (0, 2)


@pytest.mark.parametrize("call", ["losses", "gradient", "steps"])
def test_as_many_targets_and_weights_as_rows(call, engine):
    theta, data = problem()
    for wrong in (
        Data(data.X, data.Y[:3], data.weights),
        Data(data.X, data.Y, data.weights[:3]),
        Data(data.X[:3], data.Y, data.weights),
    ):
        with pytest.raises(SettingsError, match="as many of each"):
            calls(engine, theta, wrong)[call]()


@pytest.mark.parametrize(
    ("shape", "dtype"), [((1, SMALL.n_parameters), float), ((2, 5), float), ((2, 26), np.float32)]
)
def test_memory_of_another_rule_is_refused(shape, dtype, engine):
    theta, data = problem()
    state = State(theta.copy(), np.zeros(shape, dtype))
    with pytest.raises(SettingsError, match="adam keeps"):
        engine.steps(
            SMALL, Objective("squared_error"), Method.of("adam"), state, data,
            Order(np.arange(4), 2), np.full(2, 0.1), 0,
        )  # fmt: skip
    assert np.array_equal(state.theta, theta)


@pytest.mark.parametrize(("batch_size", "length"), [(0, 4), (-1, 4), (2, 3), (2, 8), (2, -4)])
def test_orders_that_are_no_passages_are_refused(batch_size, length, engine):
    theta, data = problem()
    state = State.at(theta, Method.of("sgd").rule)
    with pytest.raises(SettingsError, match="whole passages"):
        engine.steps(
            SMALL, Objective("squared_error"), Method.of("sgd"), state, data,
            Order(np.arange(4), batch_size, length), np.full(2, 0.1), 0,
        )  # fmt: skip


@pytest.mark.parametrize("scale", [1e-100, 1e-60, 1e60, 1e100])
def test_weights_beyond_float32_weigh_in_float32(scale, engine):
    theta, data = problem()
    theta, narrow = theta.astype(np.float32), Data.of(data.X.astype(np.float32), data.Y)
    heavy = Data.of(narrow.X, narrow.Y, data.weights * scale)
    expected, gradient = engine.loss_and_gradient(
        SMALL, Objective.over("squared_error", 0.0, data.weights), theta,
        Data.of(narrow.X, narrow.Y, data.weights),
    )  # fmt: skip
    objective = Objective.over("squared_error", 0.0, heavy.weights)
    height, ours = engine.loss_and_gradient(SMALL, objective, theta, heavy)
    assert height == pytest.approx(expected, rel=1e-6)
    np.testing.assert_allclose(ours, gradient, rtol=1e-5)


def test_weights_of_zero_have_no_mean():
    for weights in (np.zeros(3), np.empty(0)):
        with pytest.raises(SettingsError, match="weight above 0"):
            Objective.over("squared_error", 1.0, weights)


def test_the_norm_of_a_long_gradient_is_a_number_in_float32(engine):
    theta, data = problem()
    steep = Data.of(data.X.astype(np.float32), data.Y * 1e25)
    state = State.at(theta.astype(np.float32), Method.of("sgd").rule)
    found = engine.steps(
        SMALL, Objective("absolute_error", mean_weight=1e-25), Method.of("sgd"), state, steep,
        Order(np.arange(4), 4), np.full(1, 1e-30), 0,
    )  # fmt: skip
    assert 1e20 < found.gradient_norms[0] < 1e30
