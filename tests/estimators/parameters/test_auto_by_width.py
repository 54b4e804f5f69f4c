"""What "auto" means by the width of a network, and that fits, files and summaries agree on it."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge

from thalweg import ThalwegClassifier, ThalwegRegressor, load_model
from thalweg.errors import SettingsError
from thalweg.estimators.parameters.auto_by_width import (
    alpha_of,
    dropout_of,
    epochs_of,
    hidden_units,
    is_lbfgs,
    optimizer_text,
    patience_of,
)
from thalweg.estimators.parameters.optimizer_of_fit import fitted_optimizer_text
from thalweg.estimators.parameters.parameter_table import OPTIMIZER
from thalweg.persistence.model_file import save_model
from thalweg.persistence.rebuilt import rebuilt
from thalweg.sealed_container import read_sealed


@pytest.fixture(scope="module")
def table():
    random = np.random.default_rng(5)
    X = random.normal(size=(200, 3))
    return X, (X @ [1.0, -2.0, 0.5] + random.normal(size=200) > 0).astype(int)


def adam(rate):
    return OPTIMIZER.replace("0.004", rate)


@pytest.mark.parametrize(
    ("hidden", "epochs", "patience", "dropout", "alpha", "optimizer"),
    [
        ((128, 128), 48, (6, 20), 0.2, 1.0, OPTIMIZER),
        (1000, 48, (6, 20), 0.2, 1.0, OPTIMIZER),
        ((512, 64), 96, (12, 40), 0.1, 1.0, adam("0.0057")),
        ((100,), 62, (8, 26), 0.16, 1.0, adam("0.0045")),
        ([32], 192, (24, 80), 0.0, 1.0, adam("0.008")),
        (2, 192, (24, 80), 0.0, 1.0, adam("0.032")),
        ((7, 5, 3), 192, (24, 80), 0.0, 1.0, adam("0.012")),
        ((), 768, (6, 20), 0.0, 0.1, "lbfgs"),
    ],
)
def test_the_narrowest_hidden_layer_decides(hidden, epochs, patience, dropout, alpha, optimizer):
    for kind, share in ((ThalwegClassifier, dropout), (ThalwegRegressor, 0.0)):
        given = kind(hidden_layer_sizes=hidden).get_params()
        assert epochs_of(given) == epochs
        assert tuple(patience_of(given, together=each) for each in (True, False)) == patience
        assert dropout_of(given, kind._kind) == share
        assert alpha_of(given) == alpha
        assert optimizer_text(given) == optimizer


def test_what_is_given_stays():
    given = ThalwegClassifier(
        (), max_iter=3, dropout=0.5, alpha=0.0, optimizer="sgd:lr=0.1"
    ).get_params()
    assert (epochs_of(given), dropout_of(given, "classifier"), alpha_of(given)) == (3, 0.5, 0.0)
    assert optimizer_text(given) == "sgd:lr=0.1"
    assert (
        dropout_of(ThalwegClassifier(optimizer=" lbfgs :history=3").get_params(), "classifier") == 0
    )
    assert is_lbfgs("lbfgs:history=3")
    assert not is_lbfgs("sgd:lr=0.1")


@pytest.mark.parametrize(
    "how",
    [{"learning_rate_init": 0.01}, {"weight_decay": 0.0}, {"batch_size": 32}, {"dropout": 0.1}],
)
def test_a_setting_that_lbfgs_lacks_means_adam(how, table):
    model = ThalwegClassifier((), random_state=0, max_iter=2, **how)
    assert optimizer_text(model.get_params()) == OPTIMIZER
    assert model.fit(*table).history_[0]["rate"] > 0
    assert optimizer_text(ThalwegClassifier((), dropout=0.0).get_params()) == "lbfgs"


@pytest.mark.parametrize("alpha", [0.1, 2.0])
@pytest.mark.parametrize("n_rare", [0, 40])
def test_no_hidden_layer_is_logistic_regression(table, n_rare, alpha):
    X, y = table
    # Columns of rare marks need more iterations than patience would wait for.
    X = np.hstack([X, np.random.default_rng(1).random((200, n_rare)) < 0.03])
    how = {"alpha": alpha, "n_bins": 0, "early_stopping": False, "random_state": 0}
    model = ThalwegClassifier((), **how).fit(X, y)
    assert model.theta_.dtype == np.float64
    encoded = model.encoder_.encode(X)
    theirs = LogisticRegression(C=1 / alpha, tol=1e-10, max_iter=10_000).fit(encoded, y)
    gap = model.predict_proba(X) - theirs.predict_proba(encoded)
    assert np.abs(gap).max() < 1e-4
    np.testing.assert_allclose(model.coefs_[0].T, theirs.coef_, atol=1e-4)


def test_no_hidden_layer_is_ridge_regression(table):
    X, y = table[0], table[0] @ [3.0, 0.0, -1.0] + table[1]
    model = ThalwegRegressor(
        hidden_layer_sizes=(), alpha=2.0, n_bins=0, early_stopping=False, random_state=0
    ).fit(X, y)
    encoded = model.encoder_.encode(X)
    theirs = Ridge(2.0).fit(encoded, y)
    np.testing.assert_allclose(model.predict(X), theirs.predict(encoded), atol=1e-4)


def test_the_schedule_of_a_narrow_network_is_longer(table):
    def rates(**how):
        model = ThalwegClassifier(random_state=0, early_stopping=False, **how).fit(*table)
        return [epoch["rate"] for epoch in model.history_]

    narrow = rates(hidden_layer_sizes=(15,))
    assert narrow[:5] == rates(hidden_layer_sizes=(15,), max_iter=192, dropout=0.0)[:5]
    assert len(narrow) > 48
    assert narrow[0] == pytest.approx(0.012, rel=1e-3)
    assert narrow[3] > rates(hidden_layer_sizes=(15,), max_iter=48)[3]
    assert rates(hidden_layer_sizes=(15,), learning_rate_init=0.1, max_iter=2)[0] > 0.05


@pytest.mark.quick_each(2)
@pytest.mark.parametrize(
    ("how", "patience"), [({}, 24), ({"early_stopping": True, "tol": 0.05}, 80)]
)
def test_a_narrow_network_has_more_patience(table, how, patience):
    def fitted(**more):
        return ThalwegRegressor(hidden_layer_sizes=(4,), random_state=0, **how, **more).fit(*table)

    model = fitted()
    assert len(model.history_) < 192
    assert model.theta_.tobytes() == fitted(n_iter_no_change=patience).theta_.tobytes()
    assert len(fitted(n_iter_no_change=patience // 4).history_) < len(model.history_)


def test_batches_are_learned_by_adam_and_the_model_says_so(table, tmp_path):
    X, y = table
    model = ThalwegClassifier((), random_state=0).partial_fit(X, y, classes=[0, 1])
    assert model.settings_["optimizer"] == OPTIMIZER
    assert fitted_optimizer_text(model.settings_) == OPTIMIZER
    save_model(model, tmp_path / "m")
    again = load_model(tmp_path / "m").partial_fit(X, y)
    np.testing.assert_array_equal(again.predict(X).shape, y.shape)
    # After a fit, by the same parameters.
    model = ThalwegClassifier((), random_state=0).fit(X, y)
    assert model.settings_["optimizer"] == "auto"
    assert model.history_[0]["rate"] is None
    before = model.theta_.copy()
    model.partial_fit(X, y)
    assert np.any(model.theta_ != before)
    assert model.settings_["optimizer"] == OPTIMIZER


def test_training_goes_on_by_lbfgs(table):
    X, y = table
    model = ThalwegClassifier((), random_state=0, warm_start=True).fit(X, y)
    ran = len(model.history_)
    model.fit_more(X, y, epochs=3)
    assert len(model.history_) - model.best_epoch_ <= ran + 3
    model.set_params(alpha=5.0)
    norm = np.linalg.norm(model.coefs_[0])
    assert np.linalg.norm(model.fit(X, y).coefs_[0]) < norm


def test_an_older_file_keeps_the_dropout_that_ran(table, tmp_path):
    X, y = table
    for sizes, share in (((15,), 0.2), ((128,), "auto"), ((), "auto")):
        model = ThalwegClassifier(sizes, random_state=0, max_iter=2).fit(X, y)
        save_model(model, tmp_path / "m", overwrite=True)
        assert load_model(tmp_path / "m").settings_["dropout"] == "auto"
        header, arrays = read_sealed(tmp_path / "m")
        assert header["training"].pop("dropout") == dropout_of(model.settings_, "classifier")
        older = rebuilt(header, arrays)
        assert older.settings_["dropout"] == older.dropout == share
        np.testing.assert_array_equal(older.predict_proba(X), model.predict_proba(X))


@pytest.mark.parametrize("kind", [ThalwegClassifier, ThalwegRegressor])
def test_a_learning_rate_is_searched_for_adam(kind, table):
    def found(**how):
        return kind(hidden_layer_sizes=(), random_state=0, **how).lr_find(*table, n_steps=30)

    assert found().suggestion == found(optimizer=OPTIMIZER).suggestion > 0


@pytest.mark.parametrize("sizes", [True, (True,), [8, True]])
def test_true_is_no_number_of_units(sizes):
    with pytest.raises(SettingsError, match=r"hidden_layer_sizes=.*True.* has no meaning"):
        hidden_units(sizes)
