"""Errors about validation rows and arrays of the wrong shape: what they name, and the fix."""

import re

import numpy as np
import pandas as pd
import pytest

from thalweg import DataError, ThalwegClassifier

RNG = np.random.default_rng(0)
X = pd.DataFrame({"a": RNG.normal(size=60), "b": RNG.normal(size=60)})
Y = np.where(X["a"] > 0, "p", "n")
QUICK = {"hidden_layer_sizes": (3,), "max_iter": 2, "random_state": 0, "n_folds": 2}
VALIDATION = {
    "rows": (X[:0], Y[:0], "There is no row to validate on", "X_val", "leave X_val and y_val out"),
    "a label": (X[:1], ["new"], "The label 'new' is not one of", "y_val: row 1", "this label, too"),
    "a missing label": (X[:2], ["p", None], "1 missing value", "y_val: first in row 2", "leave"),
    "a length": (
        X[:2],
        Y[:1],
        "inconsistent numbers",
        "X_val and y_val",
        "give X_val and y_val of",
    ),
    "a column": (X[["a"]], Y, "are not in the table", "X_val: it has", "X_val = X_val.assign("),
    "a cell": (X.assign(b="x"), Y, "Text instead", 'X_val: column "b", row 1', "X_val['b'].mask("),
    "an array": (np.zeros(3), Y, "Expected 2D array", "X_val", "X_val.reshape(-1, 1)"),
}


@pytest.mark.parametrize("name", VALIDATION)
def test_errors_about_validation_rows_name_the_argument(name):
    X_val, y_val, what, where, fix = VALIDATION[name]
    with pytest.raises(DataError) as caught:
        ThalwegClassifier(**QUICK).fit(X, Y, X_val=X_val, y_val=y_val)
    assert what in caught.value.what
    assert caught.value.where.startswith(where)
    assert fix in caught.value.fix


def test_the_fix_for_a_column_that_validation_rows_lack_works():
    with pytest.raises(DataError) as caught:
        ThalwegClassifier(**QUICK).fit(X, Y, X_val=X[["a"]], y_val=Y)
    code = re.search(r"(X_val = .*) in pandas", caught.value.fix)[1]
    names = {"X_val": X[["a"]]}
    exec(code, names)
    ThalwegClassifier(**QUICK).fit(X, Y, X_val=names["X_val"], y_val=Y)


def test_columns_called_x_and_y_keep_their_names_in_a_fix():
    table = X.rename(columns={"a": "X", "b": "y"})
    with pytest.raises(DataError) as caught:
        ThalwegClassifier(**QUICK).fit(table, Y, X_val=table.assign(y="x"), y_val=Y)
    assert "X_val['y'] = X_val['y'].mask(X_val['y'].isin(['x']))" in caught.value.fix


@pytest.mark.parametrize("given", [RNG.random((60, 3, 1)), RNG.random((60, 2, 2)).tolist()])
def test_the_fix_for_three_dimensions_works(given):
    with pytest.raises(DataError, match="Expected 2D array, got 3D array") as caught:
        ThalwegClassifier(**QUICK).fit(given, Y)
    code = re.search(r"Reshape your data: (.*), which makes", caught.value.fix)[1]
    names = {"np": np, "X": given}
    exec(code, names)
    assert names["X"].shape == (60, 3 if isinstance(given, np.ndarray) else 4)
    ThalwegClassifier(**QUICK).fit(names["X"], Y)
