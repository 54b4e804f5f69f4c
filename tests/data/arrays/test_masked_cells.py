"""Masked cells are missing cells, in every container, and never the number behind the mask."""

import numpy as np
import pytest
from numpy import ma
from sklearn.linear_model import LinearRegression

from thalweg import (
    DataError,
    Evaluation,
    ThalwegClassifier,
    ThalwegRegressor,
    evaluate,
)
from thalweg.data.arrays.masked_cells import unmasked
from thalweg.data.schema.given_table import table_of

N = 40
_rng = np.random.default_rng(0)
X = _rng.normal(size=(N, 3))
Y = X[:, 0] * 2 + 1
HIDDEN = np.zeros((N, 3), bool)
HIDDEN[3, 1] = True
ROW = np.arange(N) == 4


def regressor(**more):
    return ThalwegRegressor(
        hidden_layer_sizes=(4,), max_iter=2, early_stopping=False, random_state=0, **more
    )


def masked_table():
    return ma.masked_array(X.copy(), mask=HIDDEN.copy(), fill_value=777.0)


CONTAINERS = {
    "array": masked_table,
    "list of masked rows": lambda: list(masked_table()),
    "tuple of masked rows": lambda: tuple(masked_table()),
    "lists of cells": lambda: [[row[j] for j in range(3)] for row in masked_table()],
    "array of objects": lambda: np.array(
        [[row[j] for j in range(3)] for row in masked_table()], dtype=object
    ),
}


@pytest.mark.parametrize("name", CONTAINERS)
def test_a_masked_cell_of_a_table_is_a_missing_one(name):
    expected = X.copy()
    expected[HIDDEN] = np.nan
    read = table_of(CONTAINERS[name]())
    found = np.column_stack([read.column(j).values for j in range(3)]).astype(float)
    np.testing.assert_array_equal(found, expected)
    model = regressor().fit(CONTAINERS[name](), Y)
    np.testing.assert_array_equal(model.theta_, regressor().fit(expected, Y).theta_)
    np.testing.assert_array_equal(model.predict(CONTAINERS[name]()), model.predict(expected))


@pytest.mark.parametrize("kind", [int, bool, str, "datetime64[D]", object, np.float32])
def test_what_is_masked_is_missing_in_an_array_of_any_type(kind):
    given = np.array(["1", "0", "1"]) if kind is str else np.array([1, 0, 1]).astype(kind)
    for found in (
        unmasked(ma.masked_array(given, mask=[0, 1, 0])),
        np.array(unmasked(list(ma.masked_array(given, mask=[0, 1, 0]))), dtype=object),
    ):
        missing = [each is None or each != each for each in found.tolist()]
        assert missing == [False, True, False]
        assert found[0] == given[0]
        assert found[2] == given[2]


def test_what_has_no_mask_is_returned_as_it_is():
    for given in ([1, 2], X, ((1.0, "a"), [None]), "a", None, np.array(["a", None], object)):
        assert unmasked(given) is given
    whole = ma.masked_array(X)
    assert type(unmasked(whole)) is np.ndarray
    assert np.shares_memory(unmasked(whole), X)


def hidden(values):
    return ma.masked_array(values, mask=ROW)


@pytest.mark.parametrize("wrap", [lambda each: each, list], ids=["array", "list"])
@pytest.mark.parametrize(
    "ask",
    [
        lambda wrap: regressor().fit(X, wrap(hidden(Y))),
        lambda wrap: regressor().partial_fit(X, wrap(hidden(Y))),
        lambda wrap: regressor().fit(X, Y).fit_more(X, wrap(hidden(Y))),
        lambda wrap: regressor().fit(X, Y, X_val=X, y_val=wrap(hidden(Y))),
        lambda wrap: regressor().fit(X, Y, wrap(hidden(np.ones(N)))),
        lambda wrap: regressor(loss="poisson").fit(X, Y**2, exposure=wrap(hidden(np.ones(N)))),
        lambda wrap: regressor(loss="poisson").fit(X, Y**2, offset=wrap(hidden(np.ones(N)))),
        lambda wrap: ThalwegRegressor(max_iter=2).fit(X, Y, groups=wrap(hidden(np.arange(N) // 4))),
        lambda wrap: ThalwegRegressor(max_iter=2).fit(X, Y, time_column=wrap(hidden(np.arange(N)))),
        lambda wrap: ThalwegClassifier(max_iter=2).fit(X, wrap(hidden(np.where(Y > 1, "a", "b")))),
        lambda wrap: ThalwegClassifier(max_iter=2).fit(X, wrap(hidden((Y > 1).astype(int)))),
        lambda wrap: ThalwegClassifier(max_iter=2).fit(X, wrap(hidden(Y > 1))),
        lambda wrap: regressor().fit(X, Y).score(X, wrap(hidden(Y))),
        lambda wrap: regressor().fit(X, Y).score(X, Y, wrap(hidden(np.ones(N)))),
        lambda wrap: evaluate(LinearRegression(), X, wrap(hidden(Y))),
        lambda wrap: evaluate(LinearRegression(), X, Y, sample_weight=wrap(hidden(np.ones(N)))),
        lambda wrap: evaluate(LinearRegression(), X, Y, groups=wrap(hidden(np.arange(N) // 4))),
        lambda wrap: evaluate(
            regressor(loss="poisson"), X, Y**2, exposure=wrap(hidden(np.ones(N)))
        ),
        lambda wrap: Evaluation.from_predictions(wrap(hidden(Y > 1)), np.full(N, 0.5)),
        lambda wrap: Evaluation.from_predictions(Y, wrap(hidden(Y)), task="regression"),
    ],
)
def test_a_masked_target_weight_exposure_or_mark_is_missing(ask, wrap):
    with pytest.raises((DataError, ValueError), match=r"(?i)missing|nan|exposures are not"):
        ask(wrap)


def test_other_estimators_do_not_see_behind_the_mask():
    with pytest.raises(ValueError, match="NaN"):  # what scikit-learn says of missing cells
        evaluate(LinearRegression(), masked_table(), Y, baselines=None)
