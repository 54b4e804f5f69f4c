"""Several outputs of one network: each as by itself, and their loss as the sum."""

import numpy as np
import pytest

from thalweg.errors import DataError, SettingsError
from thalweg.estimators.outputs.class_outputs import Classes
from thalweg.estimators.outputs.several_outputs import SeveralOutputs, column_of, one_output
from thalweg.estimators.outputs.target_outputs import widened
from thalweg.estimators.outputs.value_outputs import Values
from thalweg.network import engine
from thalweg.network.architecture import Architecture
from thalweg.network.engine import Data, Objective
from thalweg.network.formulas.losses import smoothed

NAMES = ("a", "b", "c")


def three_labels():
    return SeveralOutputs(tuple(Classes.equal(np.array([0, 1])) for _ in NAMES), NAMES)


def test_numbers_are_centred_and_scaled_one_by_one():
    rng = np.random.default_rng(0)
    y = rng.normal(size=(50, 3)) * [1, 100, 1e-6] + [5, -3, 0]
    weights = rng.uniform(1, 2, 50)
    several = SeveralOutputs((Values("squared_error"),) * 3, NAMES).fitted(y, weights)
    mean = np.average(y, axis=0, weights=weights)
    deviation = np.sqrt(np.average((y - mean) ** 2, axis=0, weights=weights))
    np.testing.assert_allclose(several.targets(y), (y - mean) / deviation, rtol=1e-9, atol=1e-9)
    back = several.values((y - mean) / deviation)
    np.testing.assert_allclose(back, y, rtol=1e-9, atol=1e-12)
    wider = widened(several, y + 10)
    assert [part.high for part in wider.parts] == pytest.approx((y + 10).max(axis=0))


@pytest.mark.parametrize("name", ["sigmoid_cross_entropy", "squared_error", "poisson", "huber"])
def test_the_loss_is_the_sum_of_the_losses_and_its_gradient_that_of_differences(name):
    rng = np.random.default_rng(1)
    architecture = Architecture.dense(4, (5,), 3, "tanh")
    theta = rng.normal(size=architecture.n_parameters) * 0.5
    X, Y = rng.normal(size=(20, 4)), rng.integers(0, 2, (20, 3)).astype(float)
    weights = rng.uniform(0.5, 2, 20)
    data, objective = Data.of(X, Y, weights), Objective.over(name, 0.0, weights)
    run = engine.choose()
    whole, slope = run.loss_and_gradient(architecture, objective, theta, data)
    Z = run.predict(architecture, theta, data)
    of_one = {
        "sigmoid_cross_entropy": lambda z, y: np.logaddexp(0, z) - y * z,
        "squared_error": lambda z, y: 0.5 * (z - y) ** 2,
        "poisson": lambda z, y: np.exp(z) - y * z,
        "huber": lambda z, y: np.where(
            abs(z - y) <= 1.35, 0.5 * (z - y) ** 2, 1.35 * abs(z - y) - 0.5 * 1.35**2
        ),
    }[name]
    total = sum(np.average(of_one(Z[:, t], Y[:, t]), weights=weights) for t in range(3))
    parts = [
        run.loss_and_gradient(
            Architecture.dense(4, (5,), 1, "tanh"), objective, _row(architecture, theta, t),
            Data.of(X, Y[:, [t]], weights),
        )[0]
        for t in range(3)
    ]  # fmt: skip
    assert whole == pytest.approx(sum(parts), rel=1e-12)
    if name not in ("huber", "poisson"):  # these have a constant of their own
        assert whole == pytest.approx(total, rel=1e-12)
    step = 1e-6
    moved = np.eye(len(theta)) * step
    ahead, back = (
        run.losses(architecture, objective, theta + sign * moved, data) for sign in (1, -1)
    )
    np.testing.assert_allclose((ahead - back) / (2 * step), slope, rtol=1e-6, atol=1e-8)


def _row(architecture, theta, t):
    """θ with one output, by slices of the flat vector."""
    trunk = 4 * 5 + 5
    W, b = theta[trunk : trunk + 15].reshape(3, 5), theta[trunk + 15 :]
    assert len(b) == 3 == architecture.sizes[-1]
    return np.concatenate((theta[:trunk], W[t], b[t : t + 1]))


def test_smoothed_labels_of_outputs_that_do_not_exclude_each_other():
    Y = np.array([[1.0, 0.0, 1.0]])
    np.testing.assert_allclose(smoothed(Y, 0.2, coupled=False), [[0.9, 0.1, 0.9]])
    np.testing.assert_allclose(smoothed(Y[:, :1], 0.2, coupled=False), smoothed(Y[:, :1], 0.2))


def test_errors_name_the_target():
    y = np.array([[0, 1, 2], [1, 0, 1]])
    with pytest.raises(DataError, match=r'target "c", row 1'):
        three_labels().numbers(y)
    with pytest.raises(DataError, match="2 columns, and the model 3 targets"):
        three_labels().numbers(y[:, :2])
    with pytest.raises(DataError, match='"b"'):
        three_labels().require_taught(np.array([[0.0, 1, 1], [1.0, 1, 0]]))
    with pytest.raises(SettingsError, match=r"model\.for_target\('a'\)"):
        one_output(three_labels())


def test_a_column_of_objects_gets_its_own_type():
    y = np.array([[True, "x", 1], [False, "y", 2]], dtype=object)
    assert [column_of(y, t).dtype.kind for t in range(3)] == ["b", "U", "i"]
    mixed = np.array([[1, "x"], ["a", "y"]], dtype=object)
    assert column_of(mixed, 0).dtype.kind == "O"


def test_classes_are_those_that_scikit_learn_understands():
    from sklearn.utils.multiclass import type_of_target

    two = SeveralOutputs(three_labels().parts[:2], NAMES[:2])
    assert three_labels().classes.tolist() == [0, 1, 2]
    assert two.classes.tolist() == [[0, 1], [0, 1]]
    assert type_of_target(two.classes) == "multilabel-indicator"
    words = Classes.equal(np.array(["no", "yes"]))
    mixed = SeveralOutputs((words, two.parts[0]), ("a", "b"))
    assert [each.tolist() for each in mixed.classes] == [["no", "yes"], [0, 1]]
    assert mixed.labels(np.array([[1, 0]])).tolist() == [["yes", 0]]
