"""Malformed calls: each one gets a named error with a fix, and leaves the model as it was."""

import datetime
import pickle
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import scipy.sparse
from sklearn.exceptions import NotFittedError

from thalweg.errors import DataError, SettingsError, ThalwegError, ThalwegWarning
from thalweg.estimators.classifier import ThalwegClassifier
from thalweg.estimators.regressor import ThalwegRegressor

N = 40
NAN, INF = np.nan, np.inf
DAY = datetime.date(2024, 1, 31)
ROWS = np.arange(N)
Y = np.where(ROWS % 3, "no", "yes")
QUICK = {"hidden_layer_sizes": (2,), "max_iter": 2, "random_state": 0, "early_stopping": False}


def frame(**changed):
    columns = {
        "age": np.linspace(20, 80, N),
        "town": np.where(ROWS % 4, "Bern", "Rome"),
        "sick": ROWS % 5 == 0,
    }
    return pd.DataFrame(columns | changed)


def cell(column, value, row=7):
    """The table with one cell changed."""
    cells = frame()[column].astype(object).tolist()
    cells[row] = value
    return frame(**{column: pd.Series(cells, dtype=object)})


def array(value=0.5, row=7, dtype=float):
    X = np.zeros((N, 3), dtype=dtype)
    X[row, 1] = value
    return X


# Tables that neither a fit nor a prediction can work with, and a part of what is said.
TABLES = {
    "None": (None, "2D"),
    "a number": (3.5, "2D"),
    "a dict": ({"age": [1]}, "2D"),
    "a set": ({1, 2}, "2D"),
    "a function": (len, "2D"),
    "a list of numbers": ([1.0, 2.0], "2D"),
    "a vector": (np.zeros(N), "1D array"),
    "a Series": (pd.Series(np.zeros(N)), "1D array"),
    "three dimensions": (np.zeros((N, 2, 2)), "3D array"),
    "no dimension": (np.float64(3), "2D"),
    "a polars Series": (pl.Series([1.0] * N), "is not a table"),
    "an Arrow array": (pa.array([1.0] * N), "is not a table"),
    "a lazy frame": (pl.LazyFrame({"age": [1.0] * N}), "collect"),
    "ragged lists": ([[1.0, 2.0]] * (N - 1) + [[1.0]], f"row {N}"),
    "ragged, one number": ([[1.0, 2.0]] * (N - 1) + [3.0], f"row {N}"),
    "complex": (np.zeros((N, 3), complex), "Complex"),
    "complex, sparse": (scipy.sparse.csr_array(np.zeros((N, 3), complex)), "Complex"),
    "names twice": (pd.DataFrame(np.zeros((N, 3)), columns=list("aab")), "Duplicate"),
    "names of two levels": (
        pd.DataFrame(np.zeros((N, 2)), columns=pd.MultiIndex.from_tuples([("a", 1), ("a", 2)])),
        "levels",
    ),
    "Arrow names twice": (pa.Table.from_arrays([pa.array([1.0] * N)] * 2, ["a", "a"]), "Duplicate"),
    "no rows": (frame()[:0], "0 sample"),
    "no rows, array": (np.zeros((0, 3)), "0 sample"),
    "no rows, polars": (pl.DataFrame(frame()[:0].to_dict("list")), "0 sample"),
    "infinite": (cell("age", INF), 'column "age", row 8'),
    "minus infinite": (cell("age", -INF), 'column "age", row 8'),
    "infinite as text": (cell("age", "inf"), 'column "age", row 8'),
    "far too large": (cell("age", 1e301), 'column "age", row 8'),
    "far too large an integer": (cell("age", 10**400), 'column "age", row 8'),
    "a list in a cell": (cell("age", [1, 2]), 'column "age", row 8'),
    "a dict in a cell": (cell("age", {"a": 1}), 'column "age", row 8'),
    "an array in a cell": (cell("age", np.zeros(2)), 'column "age", row 8'),
    "bytes in a cell": (cell("age", b"12"), 'column "age", row 8'),
    "complex in a cell": (cell("age", 1j), 'column "age", row 8'),
    "a date in a cell": (cell("age", DAY), 'column "age", row 8'),
    "a Timestamp": (cell("age", pd.Timestamp(DAY)), 'column "age", row 8'),
    "a Timedelta": (cell("age", pd.Timedelta(1, "D")), 'column "age", row 8'),
    "a Period": (cell("age", pd.Period("2024")), 'column "age", row 8'),
    "a type": (cell("age", int), 'column "age", row 8'),
    "a signalling decimal": (cell("age", Decimal("sNaN")), 'column "age", row 8'),
    "a word among numbers": (cell("age", "thirty"), 'column "age", row 8'),
    "a decimal comma": (cell("age", "1,500"), 'column "age", row 8'),
    "an underscore": (cell("age", "1_000"), 'column "age", row 8'),
    "a percentage": (cell("age", "12 %"), 'column "age", row '),
    "a list among words": (cell("town", ["Bern"]), 'column "town", row 8'),
    "an array among words": (cell("town", np.zeros(2)), 'column "town", row 8'),
    "two among booleans": (cell("sick", 2), 'column "sick", row 8'),
    "durations": (frame(age=pd.to_timedelta(ROWS, unit="D")), 'column "age", row 1'),
    "complex column": (frame(age=ROWS * 1j), 'column "age", row 1'),
    "lists": (frame(age=[[1]] * N), 'column "age", row 1'),
    "structures": (pl.DataFrame(frame().assign(age=[{"a": 1}] * N).to_dict("list")), '"age"'),
}
UNNAMED = {
    "infinite array": (array(INF), 'column "x1", row 8'),
    "infinite, 32 bits": (array(-INF, dtype=np.float32), 'column "x1", row 8'),
    "infinite, half": (array(INF, dtype=np.float16), 'column "x1", row 8'),
    "infinite, sparse": (scipy.sparse.csr_array(array(INF)), 'column "x1", row 8'),
    "infinite, long double": (array(np.longdouble("1e400"), dtype=np.longdouble), '"x1", row 8'),
    "far too large": (array(1e301), 'column "x1", row 8'),
    "an object": (array(object, dtype=object), 'column "x1", row 8'),
    "a date": (array(DAY, dtype=object), 'column "x1", row 8'),
    "a structured array": (np.zeros((N, 3), [("a", float)]), 'column "x0", row 1'),
    "bytes": (np.full((N, 3), b"a"), 'column "x0", row 1'),
}
# Tables that make no sense for a model of other columns.
LATER = {
    "a column is absent": (frame().drop(columns="age"), '"age"'),
    "all columns are absent": (pd.DataFrame({"z": ROWS}), '"age", "town", "sick"'),
    "a column is renamed": (frame().rename(columns={"age": "Age"}), '"Age" may be meant'),
    "polars, a column is absent": (pl.DataFrame({"age": ROWS}), '"town"'),
    "no columns": (pd.DataFrame(index=ROWS), "0 features"),
    "too few columns, array": (np.zeros((N, 2)), "2 features"),
    "too many columns, array": (np.zeros((N, 4)), "4 features"),
    "no columns, array": (np.zeros((N, 0)), "0 features"),
    "a word among booleans": (cell("sick", "maybe"), 'column "sick", row 8'),
    "a half among booleans": (cell("sick", 0.5), "0.5 instead of true or false"),
    "words among numbers": (frame(age=["many"] * N), 'column "age", row 1'),
    "dates": (frame(age=pd.date_range("2024", periods=N)), 'column "age", row 1'),
    "dates with a zone": (frame(age=pd.date_range("2024", periods=N, tz="UTC")), 'column "age"'),
    "polars dates": (pl.DataFrame({**frame().to_dict("list"), "age": [DAY] * N}), '"age", row 1'),
    "Arrow dates": (pa.table({**frame().to_dict("list"), "age": [DAY] * N}), '"age", row 1'),
}
TARGETS = {
    "None": (None, "requires y"),
    "a missing value": (np.where(ROWS == 3, None, Y.astype(object)), "row 4"),
    "a missing value, polars": (pl.Series([None, *Y[1:].tolist()]), "row 1"),
    "a missing value, Arrow": (pa.array([None, *Y[1:].tolist()]), "row 1"),
    "NaN": (np.where(ROWS == 3, NAN, ROWS % 2), "contains NaN (first in row 4)"),
    "infinite": (np.where(ROWS == 3, INF, ROWS % 2), "contains infinity (first in row 4)"),
    "NaN in a column": (np.c_[np.where(ROWS == 3, NAN, 1)], "contains NaN (first in row 4)"),
    "pd.NA": (pd.Series(Y).where(ROWS != 3, pd.NA), "row 4"),
    "a nullable missing value": (pd.Series(ROWS % 2, dtype="Int64").where(ROWS != 3), "row 4"),
    "too short": (Y[:-1], "inconsistent"),
    "too long": ([*Y, "no"], "inconsistent"),
    "empty": ([], "inconsistent"),
    "two columns": (np.zeros((N, 2)), "one class"),
    "one class": (np.zeros(N), "one class"),
    "three dimensions": (np.zeros((N, 3, 2)), "1d array"),
    "continuous": (np.linspace(0, 1, N), "continuous"),
    "complex": (ROWS % 2 * 1j, "omplex"),
    "a text": ("age", ""),
    "a number": (1, ""),
}
WEIGHTS = {
    "negative": (np.where(ROWS == 3, -1.0, 1.0), "is -1.0, not a number from 0 on (row 4)"),
    "NaN": (np.where(ROWS == 3, NAN, 1.0), "is nan, not a number from 0 on (row 4)"),
    "infinite": (np.where(ROWS == 3, INF, 1.0), "inf"),
    "all zero": (np.zeros(N), "non-zero"),
    "too short": (np.ones(N - 1), "shape"),
    "two columns": (np.ones((N, 2)), "1D"),
    "words": (["heavy"] * N, ""),
    "far too large": (np.where(ROWS == 3, 1e200, 1.0), "row 4"),
    "far too small": (np.where(ROWS == 3, 1e-200, 1.0), "row 4"),
    "one class left": ((Y == "no").astype(float), "weight 0"),
}
SETTINGS = {
    "unknown": "loud", "activation": "swish", "alpha": -1.0, "batch_size": 0, "max_iter": 0,
    "learning_rate_init": 0.0, "early_stopping": "often", "validation_fraction": 1.0,
    "n_iter_no_change": 0, "tol": -1.0, "random_state": "x", "optimizer": "best", "dtype": "int8",
    "hidden_layer_sizes": (3, 0), "positive": "perhaps",
}  # fmt: skip


def check(error, says):
    """A ValueError or TypeError of ours or of scikit-learn's, in words."""
    assert isinstance(error, ValueError | TypeError)
    assert not isinstance(error, UnicodeError)
    assert says in str(error)
    if isinstance(error, ThalwegError):
        assert error.what
        assert error.fix
    assert len(str(error)) < 1500


@pytest.mark.parametrize("name", [*TABLES, *UNNAMED])
def test_a_table_that_cannot_be_learned_from(name):
    X, says = (TABLES | UNNAMED)[name]
    with pytest.raises((ValueError, TypeError)) as caught:
        ThalwegClassifier(**QUICK).fit(X, Y)
    assert isinstance(caught.value, DataError)
    check(caught.value, says)


@pytest.mark.parametrize("name", [*TABLES, *LATER])
@pytest.mark.filterwarnings("ignore:X does not have valid feature names")
def test_a_table_that_cannot_be_predicted(name):
    X, says = (TABLES | LATER)[name]
    model = ThalwegClassifier(**QUICK).fit(frame(), Y)
    before = pickle.dumps(model.get_params()), model.theta_.tobytes()
    # Few rows are read by row, many by column.
    for table in (X, X.iloc[:12]) if isinstance(X, pd.DataFrame) else (X,):
        with pytest.raises((ValueError, TypeError)) as caught:
            model.predict(table)
        assert isinstance(caught.value, DataError)
        check(caught.value, says)
    assert before == (pickle.dumps(model.get_params()), model.theta_.tobytes())
    assert len(model.predict(frame())) == N


def test_a_text_is_the_path_of_a_file():
    with pytest.raises(SettingsError, match="path of a file and y exclude each other") as caught:
        ThalwegClassifier(**QUICK).fit("my.csv", Y)
    check(caught.value, "my.csv")
    model = ThalwegClassifier(**QUICK).fit(frame(), Y)
    for call in (
        lambda: model.predict("my.csv"),
        lambda: ThalwegClassifier(**QUICK).fit("my.csv", target="ill"),
    ):
        with pytest.raises(DataError, match="There is no such file") as caught:
            call()
        check(caught.value, "'my.csv'")


def test_an_array_of_moments_is_none_of_numbers():
    X = np.random.default_rng(0).normal(size=(N, 3))
    model = ThalwegClassifier(**QUICK).fit(X, Y)
    for n_rows in (2, N):
        with pytest.raises(DataError, match='column "x0", row 1'):
            model.predict(np.zeros((n_rows, 3), "M8[s]"))


@pytest.mark.parametrize("name", UNNAMED)
def test_an_array_that_cannot_be_predicted(name):
    X, _ = UNNAMED[name]
    model = ThalwegClassifier(**QUICK).fit(np.random.default_rng(0).normal(size=(N, 3)), Y)
    with pytest.raises(DataError) as caught:
        model.predict_proba(X)
    check(caught.value, 'column "x')


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_that_cannot_be_learned(name):
    y, says = TARGETS[name]
    with pytest.raises((ValueError, TypeError)) as caught:
        ThalwegClassifier(**QUICK).fit(frame(), y)
    check(caught.value, says)


@pytest.mark.parametrize("name", WEIGHTS)
def test_weights_that_make_no_sense(name):
    weights, says = WEIGHTS[name]
    with pytest.raises((ValueError, TypeError)) as caught:
        ThalwegClassifier(**QUICK).fit(frame(), Y, sample_weight=weights)
    check(caught.value, says)


@pytest.mark.parametrize("name", SETTINGS)
def test_a_parameter_without_meaning(name):
    with pytest.raises((ValueError, TypeError)) as caught:
        ThalwegClassifier(**{**QUICK, name: SETTINGS[name]}).fit(frame(), Y)
    check(caught.value, str(SETTINGS[name])[:4])


@pytest.mark.parametrize("call", ["predict", "predict_proba", "decision_function", "out_of_range"])
def test_nothing_can_be_asked_before_a_fit(call):
    with pytest.raises(NotFittedError):
        getattr(ThalwegClassifier(), call)(frame())


def test_the_malformed_calls_are_many():
    fits = len(TABLES) + len(UNNAMED) + len(TARGETS) + len(WEIGHTS) + len(SETTINGS)
    assert fits + len(TABLES) + len(LATER) + len(UNNAMED) >= 120


def test_weights_that_weigh_as_much_as_the_rows_are_not_called_light():
    ThalwegClassifier(**QUICK, alpha=100.0).fit(frame(), Y, sample_weight=np.ones(N))
    with pytest.warns(ThalwegWarning, match="sum to 20"):
        ThalwegClassifier(**QUICK, alpha=100.0).fit(frame(), Y, sample_weight=np.full(N, 0.5))


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA])
def test_a_row_without_a_group_is_named(missing):
    X, y = np.arange(40.0)[:, None], np.arange(40) % 2
    groups = pd.Series([f"p{k % 9}" for k in range(40)], dtype=object)
    groups[[6, 30]] = missing
    with pytest.raises(DataError, match=r"groups has 2 missing values .*first in row 7") as told:
        ThalwegClassifier(max_iter=1).fit(X, y, groups=groups)
    assert "unique name" in told.value.fix


@pytest.mark.parametrize("kind", [ThalwegClassifier, ThalwegRegressor])
@pytest.mark.parametrize("label", [("a", 1), ("a",), {"a"}, {"a": 1}])
@pytest.mark.parametrize("as_given", [list, lambda y: pd.Series(y, dtype=object)])
def test_a_label_of_several_parts_is_refused_with_a_fix_that_works(kind, label, as_given):
    X, y = (
        np.arange(40.0)[:, None],
        as_given([label if k % 3 else type(label)() for k in range(40)]),
    )
    y[0] = label
    with pytest.raises(DataError, match=r"A label is of type .*target, row 1") as told:
        kind(max_iter=1).fit(X, y)
    if kind is ThalwegClassifier:
        fixed = eval(told.value.fix.split(": ")[1].split("; ")[0], {"np": np, "y": y})
        model = kind((2,), max_iter=1, early_stopping=False)
        assert len(model.fit(X, fixed).classes_) == 2


@pytest.mark.parametrize(
    "of_frame",
    [
        lambda X: X.to_dict("list"),
        lambda X: X.to_dict("records"),
        lambda X: X.to_records(index=False),
        lambda X: X.iloc[0],
    ],
)
def test_the_fix_for_rows_that_are_no_table_works(of_frame):
    model = ThalwegClassifier(**QUICK).fit(frame(), Y)
    X = of_frame(frame()[:1])
    with pytest.raises(DataError, match="is not a table") as told:
        model.predict_proba(X)
    fixed = told.value.fix.split(": ")[1].split(" if ")[0]
    assert model.predict_proba(eval(fixed, {"pd": pd, "X": X})).shape == (1, 2)


@pytest.mark.parametrize("as_given", [list, np.array, pd.Series])
def test_bytes_as_labels_are_refused_with_a_fix_that_works(as_given):
    y = as_given([label.encode() for label in Y])
    with pytest.raises(DataError, match="The target contains bytes") as told:
        ThalwegClassifier(**QUICK).fit(frame(), y)
    fixed = eval(told.value.fix.split("y = ")[1].split(";")[0], {"y": y})
    assert ThalwegClassifier(**QUICK).fit(frame(), fixed).classes_.tolist() == ["no", "yes"]


def test_a_missing_time_names_the_parameter_and_no_column():
    times = np.where(ROWS == 3, NAN, ROWS)
    with pytest.raises(DataError, match="The time is missing in 1 of 40") as told:
        ThalwegClassifier(**QUICK).fit(frame(), Y, time_column=times)
    assert "the array time_column, first in row 4" in str(told.value)
    assert 'column "' not in str(told.value)


def test_another_unit_has_a_fix_for_python_that_works():
    model = ThalwegClassifier(**QUICK).fit(frame(p=[f"{k + 0.5} €" for k in ROWS]), Y)
    with pytest.raises(DataError, match=r"another unit.*in Python give the column as floats"):
        model.predict(frame(p=[f"{k + 0.5} CHF" for k in ROWS]))
    assert len(model.predict(frame(p=ROWS + 0.5))) == N
