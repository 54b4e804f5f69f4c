"""Nothing of rows that only judge gets into what is learned, and noise stays noise."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from thalweg import ThalwegClassifier, ThalwegRegressor
from thalweg.data.canonical_rows import Rows
from thalweg.data.row_view import Numbers
from thalweg.estimators.learning import fit_plan
from thalweg.estimators.learning import train_networks as learn_module

N = 200
QUICK = {"random_state": 0, "unknown": "ignore", "max_iter": 3, "hidden_layer_sizes": (4,)}
WAYS = ["cross-validation", "folds", "hold-out"]


def table(seed=0):
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(rng.normal(size=(N, 2)), columns=["a", "b"])
    X["town"] = rng.choice([f"town {i}" for i in range(20)], N)
    X["kind"] = rng.choice(["x", "y", "z"], N)
    X.loc[::9, "a"] = np.nan
    return X, rng.integers(0, 2, N)


def poisoned(X, rows):
    """Every cell of these rows far from what it was, but nothing that would be refused."""
    X = X.copy()
    for name in ("a", "b"):
        X.loc[rows, name] = np.where(rows % 2, 1e300, -1e300)
    X.loc[rows[::3], "b"] = np.nan
    X.loc[rows, "town"], X.loc[rows, "kind"] = "town 7", "x"
    return X


@pytest.fixture
def in_the_tables_order(monkeypatch):
    """Rows as they stand, so that the same numbers are held out whatever the rows say."""
    monkeypatch.setattr(
        fit_plan,
        "canonical_rows",
        lambda X, y, weights: Rows(Numbers.of(X), np.array(y), np.array(weights)),
    )


def statistics(monkeypatch, estimator, way, X, y, weights):
    """What each descent of a fit took from its training rows, in bytes, and these rows."""
    found, honest = [], learn_module.place

    def spy(lesson, training, *how):
        here = honest(lesson, training, *how)
        assert here.encoder.bins.n_outputs
        arrays = here.encoder.arrays()
        bits = {name: array.tobytes() for name, array in arrays.items()}
        found.append((training, {**bits, "outputs": repr(here.outputs)}))
        return here

    with monkeypatch.context() as patch:
        patch.setattr(learn_module, "place", spy)
        estimator(**QUICK, early_stopping=way).fit(X, y, sample_weight=weights)
    return found


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("estimator", [ThalwegClassifier, ThalwegRegressor])
def test_poison_in_held_out_rows_changes_no_statistic(
    estimator, way, monkeypatch, in_the_tables_order
):
    X, y = table()
    weights = np.random.default_rng(1).uniform(0.5, 2, N)
    sound = statistics(monkeypatch, estimator, way, X, y, weights)
    assert len(sound) == {"cross-validation": 6, "folds": 5, "hold-out": 1}[way]
    for number, (training, expected) in enumerate(sound):
        judging = np.setdiff1d(np.arange(N), training)
        if not len(judging):  # the network on all rows, behind a cross-validation
            continue
        heavy, target = weights.copy(), y.copy()
        heavy[judging] = 1e50
        if estimator is ThalwegRegressor:  # of classes the shares decide who is held out
            target[judging] = 30
        after = statistics(monkeypatch, estimator, way, poisoned(X, judging), target, heavy)
        np.testing.assert_array_equal(after[number][0], training)
        assert after[number][1] == expected
        # And the same poison is seen where it is learned from.
        others = [each[1] != sound[i][1] for i, each in enumerate(after) if i != number]
        assert all(others)
        assert others or way == "hold-out"


@pytest.mark.parametrize("estimator", [ThalwegClassifier, ThalwegRegressor])
def test_poison_in_given_rows_changes_no_statistic(estimator):
    X, y = table()
    models = []
    for X_val in (X[:50], poisoned(X, np.arange(50))[:50]):
        model = estimator(**QUICK).fit(X[50:], y[50:], X_val=X_val, y_val=y[:50])
        assert model.stopping_ == "validation"
        models.append(model)
    one, other = (each.encoder_.arrays() for each in models)
    assert all(one[name].tobytes() == other[name].tobytes() for name in one)
    assert models[0].schema_ == models[1].schema_
    # Where no epoch is chosen by them, nor is a weight.
    thetas = [
        estimator(**QUICK, n_iter_no_change=99).fit(X[50:], y[50:], X_val=each, y_val=y[:50])
        for each in (X[:50], X[:50])
    ]
    assert thetas[0].theta_.tobytes() == thetas[1].theta_.tobytes()


@pytest.mark.slow
def test_of_shuffled_labels_nothing_is_learned():
    """Mean AUC over 50 seeds: 0.5 ± 0.02 by cross-validation around each way of stopping.

    The folds' own numbers come near to it, because the other folds choose the epoch of each.
    """
    found = {way: [] for way in (*WAYS, "oof")}
    for seed in range(50):
        X, _ = table(seed)
        y = np.random.default_rng([9, seed]).permutation(np.arange(N) % 2)
        splits = StratifiedKFold(5, shuffle=True, random_state=seed)
        for way in WAYS:
            model = ThalwegClassifier(random_state=seed, early_stopping=way, unknown="ignore")
            p = cross_val_predict(model, X, y, cv=splits, method="predict_proba")
            found[way].append(roc_auc_score(y, p[:, 1]))
        model.set_params(early_stopping="folds").fit(X, y)
        found["oof"].append(roc_auc_score(y, model.oof_decision_function_[:, 1]))
    means = {name: float(np.mean(values)) for name, values in found.items()}
    assert {way: means[way] for way in WAYS} == {way: pytest.approx(0.5, abs=0.02) for way in WAYS}
    assert means["oof"] == pytest.approx(0.5, abs=0.03)
