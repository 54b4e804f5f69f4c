"""The learning rate search: the loss of plain gradient descent, and an unchanged model."""

import numpy as np
import pytest
from matplotlib.figure import Figure
from sklearn.exceptions import NotFittedError

from figures import words_of
from mixed import mixed
from plain import PLAIN
from thalweg import SettingsError, ThalwegClassifier, ThalwegRegressor
from thalweg.data.encoding.encoder import fit_encoder

# Some tables here have a column of names; test_identifiers is about what is said of it.
pytestmark = pytest.mark.filterwarnings("ignore::thalweg.errors.IdentifierWarning")

KINDS = [ThalwegClassifier, ThalwegRegressor]


def numbers(n_rows=80, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n_rows, 3))
    return X, 5 + 2 * X[:, 0] - X[:, 1] + 0.3 * rng.normal(size=n_rows)


def plain_descent(Z, t, weights, theta, alpha, rates, sigmoid=False):
    """The losses of gradient descent over all rows, written out: linear, or logistic."""
    W, b, losses = theta[0].copy(), float(theta[1]), []
    share = weights / weights.sum()
    decay = alpha / weights.sum()
    for rate in rates:
        f = Z @ W + b
        error = share * ((1 / (1 + np.exp(-f)) if sigmoid else f) - t)
        W, b = W - rate * (Z.T @ error + decay * W), b - rate * error.sum()
        f = Z @ W + b
        row = np.logaddexp(0, f) - t * f if sigmoid else 0.5 * (f - t) ** 2
        losses.append(share @ row + 0.5 * decay * W @ W)
    return np.array(losses)


def start(model, X, y, weights):
    """θ₀, as one epoch at a rate of nearly nothing leaves it."""
    still = type(model)(**{**model.get_params(), "learning_rate_init": 1e-300, "max_iter": 1})
    still.fit(X, y, sample_weight=weights)
    return still.coefs_[0][:, 0], still.intercepts_[0][0]


@pytest.mark.parametrize("kind", KINDS)
def test_the_losses_are_those_of_plain_gradient_descent(kind):
    X, y = numbers()
    if kind is ThalwegClassifier:
        y = (y > 5).astype(float)
    weights = np.arange(80) % 3 + 0.5
    model = kind(
        hidden_layer_sizes=(), alpha=3.0, optimizer="sgd:lr=7,schedule=cosine", batch_size=1000,
        early_stopping=False, random_state=4, dtype="float64", **PLAIN,
    )  # fmt: skip
    found = model.lr_find(X, y, weights, low=1e-3, high=1.0, n_steps=25)
    Z, t = fit_encoder(X, weights).encode(X), y
    if kind is ThalwegRegressor:
        mean = np.average(y, weights=weights)
        t = (y - mean) / np.sqrt(np.average((y - mean) ** 2, weights=weights))
    rates = np.geomspace(1e-3, 1.0, 25)
    losses = plain_descent(
        Z, t, weights, start(model, X, y, weights), 3.0, rates, kind is ThalwegClassifier
    )
    np.testing.assert_allclose(found.rates, rates)
    np.testing.assert_allclose(found.losses, losses, rtol=1e-9)
    assert found.suggestion == pytest.approx(rates[np.argmin(found.smoothed)] / 3)


@pytest.mark.parametrize("kind", KINDS)
def test_the_model_stays_as_it_is(kind):
    X, y = numbers()
    y = y > 5
    model = kind(random_state=0, max_iter=4, hidden_layer_sizes=(5,), callbacks=[])
    before = dict(vars(model))
    first = model.lr_find(X, y.astype(float))
    assert vars(model) == before
    with pytest.raises(NotFittedError):
        model.predict(X)
    model.fit(X, y.astype(float))
    fitted, theta = dict(vars(model)), model.theta_.tobytes()
    again = model.lr_find(X[:, :2], y.astype(float))
    assert {name: id(value) for name, value in vars(model).items()} == {
        name: id(value) for name, value in fitted.items()
    }
    assert model.theta_.tobytes() == theta
    assert again.losses.tobytes() != first.losses.tobytes()
    assert model.lr_find(X, y.astype(float)).losses.tobytes() == first.losses.tobytes()


def test_a_raw_table_and_costs_of_classes():
    frame, ill = mixed()
    frame = frame.drop(columns="name")
    model = ThalwegClassifier(random_state=0, class_weight={"ill": 5, "well": 1})
    found = model.lr_find(frame, ill)
    assert 1e-4 < found.suggestion < 10
    plain = ThalwegClassifier(random_state=0).lr_find(frame, ill)
    assert plain.start != found.start
    weights = np.arange(len(ill)) % 3
    rows = np.repeat(np.arange(len(ill)), weights)
    twice = model.lr_find(frame.iloc[rows], ill[rows])
    assert model.lr_find(frame, ill, weights).losses.tobytes() == twice.losses.tobytes()


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("dark", [False, True])
def test_the_picture_shows_the_search(dark):
    X, y = numbers()
    model = ThalwegRegressor(random_state=0, batch_size=20)
    found = model.lr_find(X, y)
    figure = model.plot_lr_find(found, dark=dark)
    assert isinstance(figure, Figure)
    words = " ".join(text for text, _ in words_of(figure))
    assert f"suggested: {found.suggestion:.2g}" in words
    assert "adam, batches of 20" in words
    assert "nats" not in words
    curves = {line.get_label(): line.get_ydata() for line in figure.axes[0].get_lines()}
    assert list(curves["after each step"]) == found.losses.tolist()
    classes = ThalwegClassifier(random_state=0).plot_lr_find(found, dark=dark)
    assert "penalties included, nats" in " ".join(text for text, _ in words_of(classes))


@pytest.mark.parametrize(
    ("given", "asked", "error", "says"),
    [
        ({"optimizer": "lbfgs"}, {}, SettingsError, "no learning rate that could be found"),
        ({}, {"low": 1.0, "high": 0.1}, SettingsError, "cannot grow from 1.0 to 0.1"),
        ({}, {"n_steps": 2}, SettingsError, "3 steps or more"),
        ({"alpha": -1}, {}, ValueError, "alpha"),
        ({"hidden_layer_sizes": (0,)}, {}, SettingsError, "whole number of units"),
        ({}, {"sample_weight": np.zeros(80)}, ValueError, "at least one non-zero"),
    ],
)
def test_what_cannot_be_searched_is_reported(given, asked, error, says):
    X, y = numbers()
    with pytest.raises(error, match=says):
        ThalwegRegressor(**given).lr_find(X, y, **asked)


def test_rates_are_sought_for_what_a_fit_with_exposures_learns():
    X, _ = numbers()
    rng = np.random.default_rng(1)
    sizes = rng.uniform(0.5, 3, 80)
    counts = rng.poisson(sizes * np.exp(X[:, 0] / 2)).astype(float)
    model = ThalwegRegressor("poisson", (), alpha=0.0, random_state=0)
    given = model.lr_find(X, counts, exposure=sizes)
    # A rate that counts by its exposure is what the fit learns.
    rates = model.lr_find(X, counts / sizes, sizes)
    assert given.losses[0] == pytest.approx(rates.losses[0], rel=1e-6)
    # Then but for the unit of the rates, in which a fit with exposures starts.
    np.testing.assert_allclose(given.losses[:50], rates.losses[:50], rtol=1e-3)
    of_offset = model.lr_find(X, counts, offset=np.log(sizes))
    np.testing.assert_allclose(of_offset.losses, given.losses, rtol=1e-6)
    assert model.lr_find(X, counts).losses[0] != pytest.approx(given.losses[0], rel=3e-3)
    with pytest.raises(
        SettingsError, match="exposure is for the losses poisson, gamma and tweedie"
    ):
        ThalwegRegressor().lr_find(X, counts, exposure=sizes)
