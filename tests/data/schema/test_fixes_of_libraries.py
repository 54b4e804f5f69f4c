"""Fixes in Python are in the words of the library whose table was given, and work as printed."""

import re

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from thalweg.data.schema.schema import infer_schema
from thalweg.errors import DataError, IdentifierWarning
from thalweg.estimators.classifier import ThalwegClassifier

NAMES = [f"name {k}" for k in range(60)]
Y = np.arange(60) % 2
HERE = {"np": np, "pd": pd}
TABLES = {"pandas": pd.DataFrame, "polars": pl.DataFrame, "arrow": pa.table}


def quick():
    return ThalwegClassifier((2,), max_iter=1, early_stopping=False, n_bins=0, random_state=0)


def fixed(fix, X):
    """The table after the fix that a message prints."""
    code = re.findall(r"X = .*?\)(?=[.;,]| in |$)", fix)[-1]
    scope = {**HERE, "X": X}
    exec(code, scope)
    return scope["X"], code


@pytest.mark.parametrize("library", [*TABLES, "array"])
def test_columns_that_no_model_can_use_are_left_out_as_printed(library):
    lists = [[1, 2]] * 60
    if library == "array":
        X = np.empty((60, 3), dtype=object)
        X[:, 0], X[:, 1], X[:, 2] = lists[0][0], NAMES, 1
        for row in range(60):
            X[row, 1] = X[row, 2] = lists[row]
        X[:, 0] = np.arange(60)
    else:
        X = TABLES[library]({"a": np.arange(60.0), "b": lists, "it's": lists})
    with pytest.raises(DataError) as told:
        infer_schema(X)
    left, code = fixed(told.value.fix, X)
    assert infer_schema(left).names in (("a",), ("x0",))
    assert ("columns=" in code) == (library == "pandas")


@pytest.mark.parametrize("library", [*TABLES, "array"])
def test_identifiers_are_left_out_as_printed(library):
    X = (
        np.array([NAMES, ["1", "2"] * 30], dtype=object).T
        if library == "array"
        else TABLES[library]({"a": NAMES, "b": [1, 2] * 30})
    )
    with pytest.warns(IdentifierWarning) as told:
        quick().fit(X, Y)
    said = str(told[0].message)
    left, code = fixed(said, X)
    assert ("columns=" in code) == (library == "pandas")
    quick().fit(left, Y)
    declared = re.findall(r"X = .*?\}\)", said)[0]
    scope = {**HERE, "X": X}
    exec(declared, scope)
    quick().fit(scope["X"], Y)


def test_an_array_of_bytes_is_refused_with_a_fix_that_works():
    X = np.random.default_rng(0).normal(size=(60, 2)).astype(str).astype("S")
    with pytest.raises(DataError, match="array of bytes") as told:
        quick().fit(X, Y)
    scope = {**HERE, "X": X}
    exec(told.value.fix.split("; ")[0].removeprefix("give text: "), scope)
    model = quick().fit(scope["X"], Y)
    with pytest.raises(DataError, match="array of bytes"):
        model.predict(X)
    exec(told.value.fix.split("ASCII, ")[1], scope := {**HERE, "X": X})
    assert len(model.predict(scope["X"])) == 60


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (10**400, r"large: 1000.*\.\.\..*0 \("),
        (-(10**6000), "large: a whole number of 6000 digits"),
        (1e301, r"large: 1e\+301"),
        ("1e400", "large: '1e400'"),
    ],
    ids=["hundreds of digits", "thousands of digits", "float", "text"],
)
def test_a_number_that_is_too_large_is_quoted(cell, said):
    for n_rows in (2, 50):
        X = pd.DataFrame({"b": pd.Series([5, cell] * n_rows, dtype=object)})
        with pytest.raises(DataError, match=said) as told:
            infer_schema(X)
        assert len(str(told.value)) < 300
        model = quick().fit(pd.DataFrame({"b": np.arange(60.0)}), Y)
        with pytest.raises(DataError, match=said):
            model.predict(X)
