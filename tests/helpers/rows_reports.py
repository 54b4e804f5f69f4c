"""Evaluations beside a fit, for the tests of their reports: predictions, estimators, new rows."""

from functools import cache

import numpy as np
import pandas as pd
from sklearn.linear_model import LinearRegression, LogisticRegression

import thalweg
from thalweg import Evaluation, ThalwegClassifier, ThalwegRegressor
from thalweg.reporting.page.rows_report import evaluation_report

NAMES = np.array(["very low", "low", "middle", "high", "very high"], object)


@cache
def table(n_rows=400, seed=0):
    """Features, and a numeric target that depends on two of them."""
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(rng.normal(size=(n_rows, 2)).round(4), columns=["age", "dose"])
    return X, pd.Series((X["age"] + rng.normal(size=n_rows)).round(4), name="size")


def ill(n_rows=400, seed=0):
    return pd.Series(np.where(table(n_rows, seed)[1] > 0.4, "ill", "well"), name="state")


def levels(n_rows=400, seed=0):
    return NAMES[np.digitize(table(n_rows, seed)[1], [-1.5, -0.5, 0.5, 1.5])]


def probability(n_rows=400, seed=0):
    return (1 / (1 + np.exp(0.4 - table(n_rows, seed)[0]["age"]))).to_numpy()


@cache
def predictions(n_rows=400, how="test", **more):
    y, p = ill(n_rows), probability(n_rows)
    sites = {"site": np.where(np.arange(n_rows) % 3 > 0, "north", "south")}
    return Evaluation.from_predictions(y, p, positive="ill", how=how, by=sites, **more)


@cache
def predicted_classes():
    rng = np.random.default_rng(1)
    names = sorted(set(levels()))
    p = 0.05 + 0.6 * np.eye(5)[np.searchsorted(names, levels())] + 0.1 * rng.random((400, 5))
    return Evaluation.from_predictions(levels(), p / p.sum(axis=1, keepdims=True), classes=names)


@cache
def predicted_numbers():
    X, y = table()
    return Evaluation.from_predictions(y, X["age"])


@cache
def cross_validated():
    X, _ = table()
    return thalweg.evaluate(
        LogisticRegression(), X, ill(), positive="ill", how="cross-validation", folds=3, repeats=2
    )


@cache
def held_out_numbers():
    X, y = table()
    return thalweg.evaluate(LinearRegression(), X, y)


QUICK = {"max_iter": 4, "hidden_layer_sizes": (4,), "random_state": 0}


@cache
def fitted(kind="two"):
    """A model of the first 250 rows, with folds."""
    X, y = table()
    if kind == "numbers":
        return ThalwegRegressor(**QUICK).fit(X[:250], y[:250])
    target = ill() if kind == "two" else levels()
    positive = {"positive": "ill"} if kind == "two" else {}
    return ThalwegClassifier(**QUICK, **positive).fit(X[:250], target[:250])


ROWS_REPORTS = {
    "predictions": lambda: evaluation_report(predictions()),
    "few predictions": lambda: evaluation_report(predictions(61)),
    "classes": lambda: evaluation_report(predicted_classes(), "trial", "grade"),
    "numbers": lambda: evaluation_report(predicted_numbers(), unit="mm"),
    "cross-validated": lambda: evaluation_report(cross_validated()),
    "held out": lambda: evaluation_report(held_out_numbers()),
}
