"""The article's program gives the article's digits, and changes nothing silently."""

import copy

import numpy as np
import pytest

from thalweg import DivergenceError, SettingsError, dlnet, load_table
from thalweg.data.schema.schema import infer_schema
from thalweg.estimators.article_network import Relu, Sigmoid, dRelu, dSigmoid

PRINTED = ["0.673967", "0.122093", "0.108469", "0.103673", "0.100911", "0.099047"]


def article_table():
    """The article's preparation: incomplete rows dropped, columns min-max scaled over all rows."""
    table = load_table("wisconsin")
    X = infer_schema(table.frame).matrix(table.frame)
    whole = ~np.isnan(X).any(axis=1)
    X, y = X[whole], (table.target.to_numpy() == "malignant")[whole].astype(float)
    X = (X - X.min(axis=0)) / (X.max(axis=0) - X.min(axis=0))
    assert X.shape == (683, 9)
    return (X[:500].T, y[None, :500]), (X[501:].T, y[None, 501:])


def own_descent(x, y, lr, iterations):
    """The article's derivation once more in plain NumPy, sharing no code with thalweg."""
    random, n = np.random.RandomState(1), x.shape[1]
    W1, b1 = random.randn(15, 9) / np.sqrt(9), np.zeros((15, 1))
    W2, b2 = random.randn(1, 15) / np.sqrt(15), np.zeros((1, 1))
    for _ in range(iterations):
        Z1 = W1 @ x + b1
        A1 = np.where(Z1 > 0, Z1, 0)
        Yh = 1 / (1 + np.exp(-(W2 @ A1 + b2)))
        dZ2 = (Yh - y) / n
        dZ1 = (W2.T @ dZ2) * (Z1 > 0)
        W2, b2 = W2 - lr * dZ2 @ A1.T, b2 - lr * dZ2.sum(axis=1, keepdims=True)
        W1, b1 = W1 - lr * dZ1 @ x.T, b1 - lr * dZ1.sum(axis=1, keepdims=True)
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}


def test_the_articles_digits(capsys):
    (x, y), (x_valid, y_valid) = article_table()
    nn = dlnet(x, y)
    nn.lr, nn.dims = 0.07, [9, 15, 1]
    nn.gd(x, y, iter=67000)
    lines = capsys.readouterr().out.splitlines()
    assert lines[:6] == [f"Cost after iteration {500 * i}: {c}" for i, c in enumerate(PRINTED)]
    assert len(lines) == len(nn.loss) == 134
    assert [f"{each:f}" for each in nn.loss[:6]] == PRINTED
    for threshold, right in ((0.5, 500), (0.7, 498), (0.9, 492)):
        nn.threshold = threshold
        predicted, valid = nn.pred(x, y), nn.pred(x_valid, y_valid)
        assert np.sum(predicted == y) == right
        assert np.sum(valid == y_valid) == 181
        assert capsys.readouterr().out == f"Acc: {right / 500}\nAcc: {181 / 182}\n"


def test_the_descent_is_the_derivation():
    (x, y), _ = article_table()
    nn = dlnet(x, y)
    nn.lr = 0.07
    nn.gd(x, y, iter=700)
    for name, value in own_descent(x, y, 0.07, 700).items():
        np.testing.assert_allclose(nn.param[name], value, rtol=1e-9, atol=1e-12)


def test_the_last_iteration_may_be_one_whose_loss_is_printed(capsys):
    (x, y), _ = article_table()
    nn = dlnet(x, y)
    nn.lr = 0.07
    nn.gd(x, y, iter=501)
    lines = capsys.readouterr().out.splitlines()
    assert lines == [f"Cost after iteration {500 * i}: {PRINTED[i]}" for i in (0, 1)]
    np.testing.assert_allclose(nn.param["W1"], own_descent(x, y, 0.07, 501)["W1"], rtol=1e-9)


def test_the_defaults_are_the_articles_and_run(capsys):
    (x, y), _ = article_table()
    nn = dlnet(x, y)
    assert (nn.lr, nn.dims, nn.L, nn.threshold, nn.sam) == (0.003, [9, 15, 1], 2, 0.5, 500)
    assert nn.Yh.shape == (1, 500)
    assert not nn.Yh.any(), "nothing is predicted yet"
    nn.gd(x, y)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Cost after iteration 0: 0.673967"
    assert lines[-1].startswith("Cost after iteration 14500: 0.1")
    assert len(nn.loss) == 30


def test_by_hand_one_step_is_the_same_as_gd():
    (x, y), _ = article_table()
    by_hand, whole = dlnet(x, y), dlnet(x, y)
    by_hand.lr = whole.lr = 0.07
    by_hand.nInit()
    for _ in range(3):
        Yh, cost = by_hand.forward()
        assert cost == pytest.approx(by_hand.nloss(Yh), rel=1e-12)
        by_hand.backward()
    whole.gd(x, y, iter=3)
    assert set(whole.grad) == {"dW1", "db1", "dW2", "db2"}
    for name in ("W1", "b1", "W2", "b2"):
        np.testing.assert_allclose(by_hand.param[name], whole.param[name], rtol=1e-13)
        assert by_hand.grad[f"d{name}"].shape == by_hand.param[name].shape
    assert set(by_hand.ch) == {"Z1", "A1", "Z2", "A2"}


def test_param_are_views_and_setting_one_moves_the_network():
    (x, y), _ = article_table()
    nn = dlnet(x, y)
    nn.nInit()
    nn.param["W2"] = np.zeros((1, 15))
    nn.param["b2"][:] = 2.0
    np.testing.assert_allclose(nn.forward()[0], 1 / (1 + np.exp(-2.0)))
    nn.param.update(b2=[[1.0]])
    np.testing.assert_allclose(nn.forward()[0], 1 / (1 + np.exp(-1.0)))
    nn.param = {"b2": 0.0}
    np.testing.assert_allclose(nn.forward()[0], 0.5)
    twin = copy.deepcopy(nn)
    twin.param["b2"] = 3.0
    np.testing.assert_allclose(nn.forward()[0], 0.5)
    with pytest.raises(TypeError, match="cannot be deleted"):
        del nn.param["W1"]


def test_module_functions_know_their_slopes_and_leave_their_input_alone():
    z = np.array([[-800.0, -1.0, 0.0, 2.0, 800.0]])
    before = z.copy()
    np.testing.assert_allclose(Relu(z), [[0, 0, 0, 2, 800]])
    np.testing.assert_array_equal(dRelu(z), [[0, 0, 0, 1, 1]])
    with np.errstate(over="raise", invalid="raise"):
        np.testing.assert_allclose(Sigmoid(z), [[0, 0.2689414, 0.5, 0.8807971, 1]], atol=1e-7)
    s = Sigmoid(z)
    np.testing.assert_allclose(dSigmoid(z), s * (1 - s), atol=1e-15)
    np.testing.assert_array_equal(z, before)


def test_the_loss_of_probabilities_at_the_edge():
    nn = dlnet(np.zeros((1, 4)), np.array([[0, 1, 0, 1]]))
    assert nn.nloss(np.array([[0.0, 1.0, 0.0, 1.0]])) == 0.0
    assert nn.nloss(np.array([[1.0, 1.0, 0.0, 1.0]])) == np.inf


def test_mistakes_are_said():
    (x, y), _ = article_table()
    with pytest.raises(SettingsError, match="transpose"):
        dlnet(x.T, y)
    with pytest.raises(SettingsError, match="nInit"):
        dlnet(x, y).forward()
    nn = dlnet(x, y)
    nn.nInit()
    with pytest.raises(SettingsError, match="forward"):
        nn.backward()
    for wrong in (y * 2 + 2, y * 2 - 1):
        with pytest.raises(SettingsError, match="0 and 1"):
            dlnet(x, wrong)
    with pytest.raises(SettingsError, match="missing"):
        dlnet(np.where(x == x.max(), np.nan, x), y)
    for dims in ([9, 15, 3], [8, 15, 1], [9, 15, 4, 1]):
        nn = dlnet(x, y)
        nn.dims = dims
        with pytest.raises(SettingsError, match="dims"):
            nn.gd(x, y, iter=1)
    nn = dlnet(x, y)
    nn.lr = -1.0
    with pytest.raises(SettingsError, match=r"lr=-1\.0"):
        nn.gd(x, y, iter=1)
    nn = dlnet(x, y)
    nn.gd(x, y, iter=1)
    with pytest.raises(SettingsError, match="5 features"):
        nn.pred(x[:5], y)
    nn = dlnet(x * 1e6, y)
    nn.lr = 1e300
    with pytest.raises(DivergenceError, match="smaller lr"):
        nn.gd(nn.X, nn.Y, iter=10)
