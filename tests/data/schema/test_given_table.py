"""One table in every type: pandas, polars, Arrow, NumPy, SciPy sparse, lists."""

import datetime
import math

import narwhals
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import scipy.sparse
from hypothesis import given
from hypothesis import strategies as st

from thalweg.data.cells import is_nothing
from thalweg.data.schema.given_table import FEW, table_of
from thalweg.data.schema.schema import infer_schema
from thalweg.errors import DataError
from thalweg.estimators.classifier import ThalwegClassifier
from thalweg.estimators.regressor import ThalwegRegressor

# Some tables here have a column of names; test_identifiers is about what is said of it.
pytestmark = pytest.mark.filterwarnings("ignore::thalweg.errors.IdentifierWarning")

NAN = math.nan


def mixed(n_rows):
    """Columns of every kind, as plain lists with None for a hole."""
    rng = np.random.default_rng(1)
    columns = {
        "age": rng.integers(18, 90, n_rows).tolist(),
        "dose": rng.normal(size=n_rows).tolist(),
        "smoker": (rng.random(n_rows) < 0.3).tolist(),
        "town": rng.choice(["Bern", "Zürich", "Genève", "?!"], n_rows).tolist(),
        "code": [f"{place:x}" for place in rng.integers(0, 40, n_rows)],
        "note": [f"a text of its own, {place}" for place in range(n_rows)],
    }
    for place, cells in enumerate(columns.values()):
        for hole in rng.integers(0, n_rows, 3 * place):
            cells[int(hole)] = None
    return columns


def nullable(columns):
    return pd.DataFrame(columns).convert_dtypes()


def dictionaries(columns):
    table = pa.table(columns)
    texts = ("town", "code", "note")
    return pa.table(
        {
            name: table[name].dictionary_encode() if name in texts else table[name]
            for name in columns
        }
    )


DRESSES = {
    "pandas": pd.DataFrame,
    "pandas, nullable": nullable,
    "pandas, objects": lambda columns: pd.DataFrame(columns, dtype=object),
    "pandas, Arrow": lambda columns: pa.table(columns).to_pandas(types_mapper=pd.ArrowDtype),
    "pandas, categories": lambda columns: pd.DataFrame(columns).astype({"town": "category"}),
    "polars": pl.DataFrame,
    "polars, categories": lambda columns: pl.DataFrame(columns).with_columns(
        pl.col("town").cast(pl.Categorical)
    ),
    "polars, Enum": lambda columns: pl.DataFrame(columns).with_columns(
        pl.col("town").cast(pl.Enum(["Zürich", "?!", "Bern", "Genève"]))
    ),
    "Arrow": pa.table,
    "Arrow, two chunks": lambda columns: pa.concat_tables(
        [pa.table(columns).slice(0, 7), pa.table(columns).slice(7)]
    ),
    "narwhals": lambda columns: narwhals.from_native(pl.DataFrame(columns)),
    "text, as from a CSV": lambda columns: pd.DataFrame(
        {
            name: ["" if cell is None else str(cell) for cell in cells]
            for name, cells in columns.items()
        }
    ),
}
UNNAMED = {
    "array of objects": lambda columns: np.array(list(columns.values()), dtype=object).T,
    "list of rows": lambda columns: list(map(list, zip(*columns.values(), strict=True))),
    "list of tuples": lambda columns: list(zip(*columns.values(), strict=True)),
}


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("n_rows", [1, FEW, FEW + 1, 150])
@pytest.mark.parametrize("dress", DRESSES)
def test_a_table_is_the_same_in_every_dress(dress, n_rows):
    fitted = mixed(150)
    plain = infer_schema(pd.DataFrame(fitted))
    assert plain.kinds == ("number", "number", "boolean", "category", "category", "identifier")
    schema = infer_schema(DRESSES[dress](fitted))
    assert schema == plain
    columns = {name: cells[:n_rows] for name, cells in fitted.items()}
    matrix = plain.matrix(DRESSES[dress](columns))
    assert matrix.tobytes() == plain.matrix(pd.DataFrame(fitted))[:n_rows].tobytes()


@pytest.mark.parametrize("dress", UNNAMED)
def test_rows_without_names_are_the_same_table(dress):
    columns = mixed(150)
    named = infer_schema(pd.DataFrame(columns))
    unnamed = infer_schema(UNNAMED[dress](columns))
    assert not unnamed.named
    assert unnamed.names == tuple(f"x{place}" for place in range(6))
    assert (unnamed.kinds, unnamed.n_levels) == (named.kinds, named.n_levels)
    expected = named.matrix(pd.DataFrame(columns))
    for rows in (slice(0, 3), slice(0, 150)):
        X = UNNAMED[dress]({name: cells[rows] for name, cells in columns.items()})
        assert unnamed.matrix(X).tobytes() == expected[rows].tobytes()
        assert named.matrix(X).tobytes() == expected[rows].tobytes()


@pytest.mark.parametrize("n_rows", [3, 60])
@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "int64", "uint8", "bool"])
def test_numbers_are_the_same_in_every_dress(dtype, n_rows):
    X = np.random.default_rng(0).integers(0, 2, (n_rows, 4)).astype(dtype)
    frame = pd.DataFrame(X, columns=list("abcd"))
    expected = X.astype(np.float64)
    dresses = [
        X,
        np.asfortranarray(X),
        X.tolist(),
        frame,
        scipy.sparse.csr_array(X.astype("f4" if dtype == "float16" else dtype)),
        scipy.sparse.csc_matrix(X.astype("f4" if dtype == "float16" else dtype)),
        scipy.sparse.coo_array(X.astype("f4" if dtype == "float16" else dtype)),
        np.ma.masked_array(X, mask=False),
        pa.table({name: frame[name].to_numpy() for name in frame}),
        pl.DataFrame({name: frame[name].to_numpy() for name in frame}),
        pd.DataFrame({name: pd.arrays.SparseArray(frame[name].to_numpy()) for name in frame})
        if dtype not in ("float16",)
        else frame,
    ]
    for dressed in dresses:
        schema = infer_schema(dressed)
        assert set(schema.kinds) == {"boolean" if dtype == "bool" else "number"}
        assert np.array_equal(schema.matrix(dressed), expected)
        assert np.array_equal(schema.take(dressed).matrix, expected)


def test_what_is_masked_is_missing():
    masked = np.ma.masked_array([[1, 2], [3, 4]], mask=[[0, 1], [0, 0]])
    assert np.array_equal(infer_schema(masked).matrix(masked), [[1, NAN], [3, 4]], equal_nan=True)
    masked = np.ma.masked_array([[1.5, 2.0], [3.0, 4.0]], mask=[[0, 1], [0, 0]])
    assert np.array_equal(infer_schema(masked).matrix(masked), [[1.5, NAN], [3, 4]], equal_nan=True)


CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**60), 2**60),
    st.floats(-1e300, 1e300),
    st.text(max_size=4),
    st.sampled_from(["NA", "a", "b", "true", "1", "1.0", "?", " a "]),
)


@given(st.lists(CELLS, min_size=1, max_size=12), st.integers(1, 5))
def test_a_row_is_read_the_same_alone_and_among_many(cells, times):
    frame = pd.DataFrame({"x": pd.Series(cells, dtype=object)})
    try:
        schema = infer_schema(frame)
    except DataError:
        return
    long = pd.DataFrame({"x": pd.Series(cells * (FEW * times), dtype=object)})
    by_column = schema.take(long)
    for row in range(len(cells)):
        by_row = schema.take(frame[row : row + 1])
        assert by_row.matrix.tobytes() == by_column.matrix[row : row + 1].tobytes()
    assert by_column.unseen == ()


@given(st.permutations(range(40)))
def test_the_order_of_rows_does_not_count(order):
    frame = pd.DataFrame(mixed(40))
    assert infer_schema(frame.iloc[list(order)]) == infer_schema(frame)


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (np.zeros(3), "Expected 2D array, got 1D array"),
        (pd.Series([1, 2]), "Expected 2D array, got 1D array"),
        (np.zeros((2, 2, 2)), "got 3D array"),
        (7, "got 0D array"),
        (None, "got 0D array"),
        ({"a": [1]}, "got 0D array"),
        ([[1, 2], [3]], "row 2 has 1 cell, the row before 2"),
        ([[1, 2], 3], "row 2 has 1 cell"),
        (np.array([[1j]]), "Complex data"),
        (scipy.sparse.csr_array(np.array([[1j]])), "Complex data"),
        (pl.LazyFrame({"a": [1]}), "X.collect()"),
        (pl.Series([1]), "DataFrame"),
        (pa.array([1]), "Arrow Table"),
        (pa.table([pa.array([1]), pa.array([2])], ["a", "a"]), 'Duplicate column names: "a"'),
        ([], "1D array"),
        ([[], []], "no feature columns"),
        (pd.DataFrame(), "no feature columns"),
        (pl.DataFrame(), "no feature columns"),
    ],
    ids=lambda each: str(each)[:24] if isinstance(each, str) else type(each).__name__,
)
def test_what_is_no_table_is_refused(table, says):
    with pytest.raises(DataError) as caught:
        infer_schema(table)
    assert says in str(caught.value)
    assert caught.value.fix


def test_moments_are_the_same_in_tables_of_every_library():
    zone = datetime.timezone(datetime.timedelta(hours=2))
    moment = datetime.datetime(2024, 1, 2, 6, 0)
    aware = moment.replace(tzinfo=zone)
    expected = {moment.date(): 19_724, moment: 19_724.25, moment.time(): 0.25}
    for cell, days in expected.items():
        for made in (pd.DataFrame, pl.DataFrame, pa.table):
            table = made({"a": [1.0, 2.0], "born": [cell, None]})
            schema = infer_schema(table)
            assert schema.kinds == ("number", "date"), made
            assert schema.matrix(table)[0, 1] == days
            assert np.isnan(schema.matrix(table)[1, 1])
    found = infer_schema(pd.DataFrame({"born": [aware, aware]}))
    for made in (pd.DataFrame, pa.table, pl.DataFrame):
        table = made({"born": [aware, aware]})
        assert infer_schema(table).kinds == ("date",)
        assert found.matrix(table)[:, 0].tolist() == [19_724.25] * 2, made


@pytest.mark.parametrize("kind", ["date32[pyarrow]", "date64[pyarrow]"])
@pytest.mark.parametrize("n_rows", [3, 60])
def test_arrow_dates_in_pandas_are_dates(kind, n_rows):
    days = [datetime.date(2024, 1, 2), None, datetime.date(2024, 1, 4)] * (n_rows // 3)
    table = pd.DataFrame({"born": pd.Series(days, dtype=object).astype(kind)})
    schema = infer_schema(table)
    assert schema.kinds == ("date",)
    expected = [19_724.0, np.nan, 19_726.0] * (n_rows // 3)
    assert np.array_equal(schema.matrix(table)[:, 0], expected, equal_nan=True)


def test_durations_are_refused():
    hour = datetime.timedelta(hours=1)
    for made in (pd.DataFrame, pl.DataFrame, pa.table):
        with pytest.raises(DataError) as caught:
            infer_schema(made({"a": [1.0, 2.0], "stay": [hour, hour]}))
        assert caught.value.where == 'column "stay", row 1', made
        assert "--drop stay" in caught.value.fix
        assert "total_seconds" in caught.value.fix


def test_a_model_predicts_the_same_from_every_dress():
    columns = mixed(150)
    y = np.array(["no", "yes"])[np.random.default_rng(0).integers(0, 2, 150)]
    settings = {"hidden_layer_sizes": (4,), "max_iter": 3, "random_state": 0, "unknown": "error"}
    model = ThalwegClassifier(**settings).fit(pd.DataFrame(columns), y)
    expected = model.predict_proba(pd.DataFrame(columns))
    assert len(np.unique(expected)) > 100
    for dress, made in DRESSES.items():
        again = ThalwegClassifier(**settings).fit(made(columns), y)
        assert again.theta_.tobytes() == model.theta_.tobytes(), dress
        assert again.data_hash_ == model.data_hash_, dress
        assert again.feature_names_in_.tolist() == list(columns)
        assert model.predict_proba(made(columns)).tobytes() == expected.tobytes(), dress
        alone = [
            model.predict_proba(made({name: [cells[row]] for name, cells in columns.items()}))
            for row in (0, 77)
        ]
        assert np.concatenate(alone).tobytes() == expected[[0, 77]].tobytes(), dress


def test_targets_come_in_every_dress_too():
    X = np.random.default_rng(0).normal(size=(40, 2))
    y = np.where(X[:, 0] > 0, "yes", "no")
    settings = {"hidden_layer_sizes": (3,), "max_iter": 2, "random_state": 0}
    plain = ThalwegClassifier(**settings).fit(X, y)
    for dress in (
        list, pd.Series, pl.Series, pa.array, lambda y: pa.chunked_array([y]),
        lambda y: pd.Series(y, dtype="category"), lambda y: pd.Series(y, dtype="string"),
        lambda y: np.array(y, dtype=object),
    ):  # fmt: skip
        model = ThalwegClassifier(**settings).fit(X, dress(y))
        assert model.classes_.tolist() == ["no", "yes"]
        assert model.theta_.tobytes() == plain.theta_.tobytes()


def test_a_model_of_sparse_numbers_is_that_of_dense_ones():
    X = np.random.default_rng(0).integers(0, 3, (80, 3)).astype(float)
    y = (X[:, 0] > 0).astype(int)
    settings = {"hidden_layer_sizes": (4,), "max_iter": 3, "random_state": 0}
    dense = ThalwegClassifier(**settings).fit(X, y)
    sparse = ThalwegClassifier(**settings).fit(scipy.sparse.csr_array(X), y)
    assert sparse.theta_.tobytes() == dense.theta_.tobytes()
    p = dense.predict_proba(X)
    assert sparse.predict_proba(scipy.sparse.csc_array(X)).tobytes() == p.tobytes()


def test_a_table_keeps_its_cells():
    table = table_of(pd.DataFrame({"a": [1.5, 2.5], "b": ["x", None]}))
    assert (table.names, table.n_rows, table.n_columns) == (["a", "b"], 2, 2)
    assert table.column(0).values.tolist() == [1.5, 2.5]
    assert table.take(np.array([1])).objects()[0, 0] == 2.5
    assert table.block() is None
    assert table_of(table) is table


# --- tables of libraries that are not known -----------------------------------------------------


class Foreign:
    """A table of some library: columns, and a way to its cells."""

    def __init__(self, frame):
        self._frame = frame
        self.columns = list(frame.columns)


class ByArray(Foreign):
    def __array__(self, dtype=None, copy=None):
        return np.asarray(self._frame, dtype)


class ByPandas(Foreign):
    def to_pandas(self):
        return self._frame


class Lazy(ByArray):
    """As dask's are: the cells are elsewhere."""

    def compute(self):
        return self._frame


class Nothing(Foreign):
    pass


MIXED = pd.DataFrame({"age": [40.0, np.nan, 61.0], "smoker": ["yes", "no", "yes"]})


@pytest.mark.parametrize("kind", [ByArray, ByPandas])
def test_a_table_of_another_library_keeps_its_names(kind):
    table = table_of(kind(MIXED))
    assert table.names == ["age", "smoker"]
    assert list(table.column(1).values) == ["yes", "no", "yes"]
    model = ThalwegRegressor(hidden_layer_sizes=(2,), max_iter=1, early_stopping=False)
    X = pd.concat([MIXED] * 20, ignore_index=True)
    model.fit(kind(X), np.arange(60.0))
    assert model.feature_names_in_.tolist() == ["age", "smoker"]
    assert model.schema_.kinds == ("number", "category")
    # Matched by name, whoever brings the columns.
    swapped = X[["smoker", "age"]]
    np.testing.assert_array_equal(model.predict(kind(swapped)), model.predict(X))


def test_a_table_that_is_not_in_memory_is_refused_with_a_fix_that_works():
    lazy = Lazy(MIXED)
    with pytest.raises(DataError, match=r"type Lazy is not a table.*as in frame\.compute\(\)"):
        table_of(lazy)
    assert table_of(lazy.compute()).names == ["age", "smoker"]


def test_a_table_without_a_way_to_its_cells_is_refused():
    with pytest.raises(DataError, match=r"type Nothing is not a table.*Fix: make it a DataFrame"):
        table_of(Nothing(MIXED))


IDS = (10**17 + 1 + np.arange(60) % 9).tolist()


def of_codes(ids):
    levels = sorted({*ids} - {None})
    codes = [-1 if each is None else levels.index(each) for each in ids]
    return pd.Categorical.from_codes(codes, levels)


NULLABLE = {
    "pandas Int64": lambda ids: pd.DataFrame({"id": pd.array(ids, dtype="Int64")}),
    "pandas UInt64": lambda ids: pd.DataFrame({"id": pd.array(ids, dtype="UInt64")}),
    "pandas Arrow": lambda ids: pd.DataFrame({"id": pd.array(ids, dtype="int64[pyarrow]")}),
    "pandas category": lambda ids: pd.DataFrame(
        {"id": pd.Categorical(pd.array(ids, dtype="Int64"))}
    ),
    "pandas category of int64": lambda ids: pd.DataFrame({"id": of_codes(ids)}),
    "polars": lambda ids: pl.DataFrame({"id": ids}),
    "arrow": lambda ids: pa.table({"id": ids}),
}


@pytest.mark.parametrize("rows", [60, 1])
@pytest.mark.parametrize("hole", [False, True])
@pytest.mark.parametrize("kind", NULLABLE)
def test_large_integers_stay_apart_in_whatever_table(kind, hole, rows):
    ids = [None, *IDS[1:]] if hole else IDS
    table = table_of(NULLABLE[kind](ids)).take(np.arange(60 - rows, 60))
    values = table.column(0).values
    assert [None if is_nothing(cell) else int(cell) for cell in values] == ids[60 - rows :]
    read = table.objects()[:, 0]
    assert [None if is_nothing(cell) else int(cell) for cell in read] == ids[60 - rows :]


def test_one_row_of_large_integers_beside_floats():
    row = pd.DataFrame({"id": pd.array([IDS[0]], dtype="Int64"), "a": [1.5], "b": [np.nan]})
    row["c"] = pd.array([None], dtype="Int64")
    assert table_of(row).objects()[0, 0] == IDS[0]


@pytest.mark.parametrize("kind", NULLABLE)
def test_small_integers_are_read_as_numbers(kind):
    cells = table_of(NULLABLE[kind]([None, 1, 2**53 - 1])).column(0)
    assert cells.declared or cells.values.dtype == np.float64
