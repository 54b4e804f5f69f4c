import math
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thalweg.data.cells import MISSING, missing_cells
from thalweg.data.column_names import likely
from thalweg.data.notation.number_notation import NumberNotation
from thalweg.data.notation.said_columns import SaidColumns
from thalweg.data.schema import column_floats, kinds
from thalweg.data.schema.column_floats import Column
from thalweg.data.schema.schema import Schema, infer_schema
from thalweg.errors import DataError

NAN = math.nan


def objects(*cells):
    return pd.DataFrame({"x": pd.Series(list(cells), dtype=object)})


def read(frame):
    """One column, as (kind, values)."""
    schema = infer_schema(frame)
    return schema.columns[0].kind, schema.matrix(frame)[:, 0].tolist()


def refusal(frame):
    with pytest.raises(DataError) as caught:
        infer_schema(frame)
    return caught.value


def close(found, expected):
    return np.array_equal(found, expected, equal_nan=True)


@pytest.mark.parametrize(
    ("series", "expected"),
    [
        (pd.Series([1, 2, 3]), [1, 2, 3]),
        (pd.Series([1, 2, 250], dtype="uint8"), [1, 2, 250]),
        (pd.Series([0.5, NAN, -0.0]), [0.5, NAN, 0.0]),
        (pd.Series([0.5, NAN, 2.0], dtype="float32"), [0.5, NAN, 2.0]),
        (pd.Series([1, None, 3], dtype="Int64"), [1, NAN, 3]),
        (pd.Series([1.5, None, 3], dtype="Float64"), [1.5, NAN, 3]),
        (pd.Series(["1", None, " 2.50 "], dtype="string"), [1, NAN, 2.5]),
        (pd.Series(["1", None, "+3e-2"], dtype="str"), [1, NAN, 0.03]),
        (pd.Series(pd.arrays.SparseArray([1.0, 0.0, NAN])), [1, 0, NAN]),
        (pd.Series([1, 2.5, "3"], dtype=object), [1, 2.5, 3]),
        (pd.Series([Decimal("0.1"), Fraction(1, 4), np.float32(2)], dtype=object), [0.1, 0.25, 2]),
        (pd.Series(["1", pd.NaT, Decimal("NaN")], dtype=object), [1, NAN, NAN]),
        (pd.Series(["1e300", "-1e300", "007"]), [1e300, -1e300, 7]),
        (pd.Series([10**300, -(2**70), 0], dtype=object), [1e300, -(2.0**70), 0]),
    ],
    ids=lambda each: str(each.dtype) if isinstance(each, pd.Series) else "",
)
def test_numbers_of_every_type(series, expected):
    kind, values = read(series.to_frame("x"))
    assert kind == "number"
    assert close(values, expected)


@pytest.mark.parametrize("cell", sorted(MISSING))
@pytest.mark.parametrize("dress", [str, str.upper, str.title, lambda text: f"  {text}\t"])
def test_words_for_missing(cell, dress):
    kind, values = read(objects("1.5", dress(cell), ""))
    assert kind == "number"
    assert close(values, [1.5, NAN, NAN])
    assert missing_cells(pd.Series(["1", dress(cell)], dtype=object)).tolist() == [False, True]


def test_the_words_for_missing_are_these():
    assert {"", "na", "n/a", "nan", "null", "?"} == MISSING
    cells = pd.Series([None, NAN, pd.NA, pd.NaT, "NaN", "0", 0, "none", False], dtype=object)
    assert missing_cells(cells).tolist() == [True] * 5 + [False] * 4
    assert missing_cells(pd.Series([1, None, 3], dtype="Int64")).tolist() == [False, True, False]


@pytest.mark.parametrize(
    ("series", "expected"),
    [
        (pd.Series([True, False, True]), [1, 0, 1]),
        (pd.Series([True, None, False], dtype="boolean"), [1, NAN, 0]),
        (pd.Series(["true", "FALSE", " True "]), [1, 0, 1]),
        (pd.Series(["?", "False", ""]), [NAN, 0, NAN]),
        (pd.Series([True, "false", None], dtype=object), [1, 0, NAN]),
        (pd.Series([np.True_, None, np.False_], dtype=object), [1, NAN, 0]),
        (pd.Series(pd.arrays.SparseArray([True, False, True])), [1, 0, 1]),
    ],
)
def test_booleans_of_every_type(series, expected):
    kind, values = read(series.to_frame("x"))
    assert kind == "boolean"
    assert close(values, expected)


@given(st.lists(st.floats(-1e300, 1e300), min_size=1, max_size=20), st.integers(0, 3))
def test_text_gives_back_the_very_number(numbers, holes):
    # Correctly rounded, on the fast way (numerals only) and cell by cell (other words too).
    cells = [repr(number) for number in numbers]
    expected = numbers + [NAN] * holes
    for word in ("", "NA"):
        kind, values = read(objects(*cells, *[word] * holes))
        assert kind == "number"
        assert close(values, expected)


@pytest.mark.parametrize(
    ("cells", "row", "shown", "why"),
    [
        ([*map(str, range(9)), "x", "y"], 10, "'x'", "9 cells are numbers, and 2 are other text"),
        ([*range(9), "1_000"], 10, "'1_000'", "numbers"),
        ([*range(9), "0x10"], 10, "'0x10'", "numbers"),
        ([*range(9), "z" * 5000], 10, "'zzz", "numbers"),
        (["03/01/2024 10:15", None, "04/02/2024 11:20"], 1, "'03/01/2024 10:15'", "allows both"),
        ([*(f"2024-01-{i:02}" for i in range(1, 12)), "2024-01-33"], 12, "'2024-01-33'", "exist"),
        ([*map(str, range(9)), "1.5", "1,5"], 10, "'1.5', row 11 '1,5'", "Two ways"),
        ([f"{i} %" for i in range(9)] + ["5"], 1, "'0 %', row 10 '5'", "without"),
        ([f"{i} kg" for i in range(9)] + ["5 g"], 1, "'0 kg', row 10 '5 g'", "Two units"),
        ([f"{i},500" for i in range(1, 9)], 1, "1,500", "1500 or 1.5"),
        ([1, b"2"], 2, "b'2'", "type bytes"),
        ([1, [2]], 2, "[2]", "type list"),
        ([1, {"a": 2}], 2, "'a'", "type dict"),
        ([1, np.array([2.0, 3.0])], 2, "array", "type ndarray"),
        ([1, 2 + 1j], 2, "(2+1j)", "type complex"),
        ([1, date(2020, 1, 2)], 2, "date", "type date"),
        ([1, datetime(2020, 1, 2)], 2, "datetime", "type datetime"),
        ([1, pd.Timestamp(2020, 1, 2)], 2, "Timestamp", "type Timestamp"),
        ([1, np.datetime64("2020-01-02")], 2, "2020", "type datetime64"),
        ([1, pd.Interval(0, 1)], 2, "Interval", "type Interval"),
        ([1, object], 2, "object", "type type"),
        ([1, Decimal("sNaN")], 2, "sNaN", "type Decimal"),
        ([1, math.inf], 2, "inf", "finite"),
        (["1", "-inf"], 2, "'-inf'", "finite"),
        (["1", "Infinity"], 2, "'Infinity'", "finite"),
        (["1", "1e400"], 2, "'1e400'", "finite"),
        ([1, 2, 1.1e300], 3, "1.1e+300", "finite"),
        ([1, 10**400], 2, "inf", "finite"),
        ([1, -(10**400)], 2, "inf", "finite"),
        ([True, 1], 2, "1", "Numbers and true"),
        ([1, True], 2, "True", "Numbers and true"),
        (["", "3", "true"], 3, "'true'", "Numbers and true"),
    ],
    ids=lambda each: str(each)[:20],
)
def test_what_is_no_number_is_refused_with_its_place(cells, row, shown, why):
    error = refusal(objects(*cells))
    assert error.code in ("data", "cell_type")
    assert error.where.startswith(f'column "x", row {row}')
    assert shown in error.what + error.why + error.where
    assert why in error.what + error.why
    assert error.fix
    assert len(str(error)) < 700


@pytest.mark.parametrize(
    "series",
    [
        pd.Series(pd.to_timedelta([1, 2], unit="s")),
        pd.Series(pd.interval_range(0, 2)),
        pd.Series([1j, 2j]),
        pd.Series([1.0, np.inf]),
        pd.Series([1.0, -np.inf], dtype="float32"),
        pd.Series([np.inf, None], dtype="Float64"),
        pd.Series(np.array([1.0, "1e400"], dtype=np.longdouble)),
    ],
    ids=lambda series: str(series.dtype),
)
def test_columns_of_other_types_are_refused(series):
    error = refusal(series.to_frame("when"))
    assert error.where.startswith('column "when", row ')


def test_all_columns_that_cannot_be_read_are_reported_at_once():
    frame = pd.DataFrame(
        {"born": ["1/2/2003", "3/4/2003"], "age": [1, 2], "l": [[], [1]], "w": [1, np.inf]}
    )
    error = refusal(frame)
    assert error.where == 'column "born", row 1'
    assert "type list" in error.why
    assert 'column "l", row 1' in error.why
    assert "inf" in error.why
    assert 'column "w", row 2' in error.why
    assert '"age"' not in str(error)
    assert "date={'born': 'dmy'}" in error.fix


def test_a_name_with_spaces_is_quoted_for_the_shell():
    assert "--drop 'blood group' " in refusal(pd.DataFrame({"blood group": [*range(9), "A"]})).fix


def test_columns_are_found_by_name_in_any_order():
    fitted = pd.DataFrame({"a": [1.0, 2.0], "b": [True, False], "c": ["3", ""]})
    schema = infer_schema(fitted)
    assert schema.names == ("a", "b", "c")
    later = pd.DataFrame({"c": [7], "id": ["p-1"], "b": ["FALSE"], "a": [None]}, index=["r"])
    matrix = schema.matrix(later)
    assert close(matrix, [[NAN, 0.0, 7.0]])
    assert matrix.dtype == np.float64
    assert schema.matrix(fitted).flags.c_contiguous
    assert close(schema.matrix(fitted), [[1, 1, 3], [2, 0, NAN]])
    assert schema.matrix(fitted[:0]).shape == (0, 3)


def test_extra_columns_can_be_refused():
    schema = infer_schema(pd.DataFrame({"a": [1.0]}))
    later = pd.DataFrame({"a": [1.0], "b": [2.0], "c": [2.0]})
    assert schema.matrix(later).shape == (1, 1)
    with pytest.raises(DataError, match='not fitted on: "b", "c"'):
        schema.matrix(later, extra="refuse")


def test_absent_columns_are_named_all_in_one_error():
    schema = infer_schema(pd.DataFrame({"age": [1], "weight": [2], "dose": [3], "sex": [0]}))
    with pytest.raises(DataError) as caught:
        schema.matrix(pd.DataFrame({"Age ": [1], "wieght": [2], "sex": [1]}))
    error = caught.value
    assert '"age", "weight", "dose"' in error.what
    assert '"Age ", "wieght", "sex"' in error.where
    assert '"Age " may be meant for "age", "wieght" may be meant for "weight"' in error.why
    assert "dose" not in error.why


def test_a_later_cell_is_read_as_strictly_as_the_first():
    schema = infer_schema(pd.DataFrame({"a": [1.0], "b": [True]}))
    for later, row in (
        ({"a": [1, "x"], "b": [1, 0]}, 'column "a", row 2'),
        ({"a": [1, 2], "b": [1, 2]}, 'column "b", row 2'),
        ({"a": [1, 2], "b": [0.5, 1]}, 'column "b", row 1'),
        ({"a": [1, np.inf], "b": [0, 1]}, 'column "a", row 2'),
    ):
        with pytest.raises(DataError) as caught:
            schema.matrix(pd.DataFrame(later))
        assert caught.value.where == row


def test_truth_values_may_come_as_one_and_zero_and_the_other_way_round():
    boolean = Schema((Column("x", "boolean"),))
    number = Schema((Column("x", "number"),))
    for frame in (objects("1", "0", ""), objects(True, False, None), objects(1.0, 0, NAN)):
        assert close(boolean.matrix(frame)[:, 0], [1, 0, NAN])
        assert close(number.matrix(frame)[:, 0], [1, 0, NAN])


def test_empty_and_constant_columns_are_allowed():
    frame = pd.DataFrame({"a": [None, None], "b": [5, 5], "c": ["", "NA"], "d": ["x", "x"]})
    schema = infer_schema(frame)
    assert schema.kinds == ("empty", "number", "empty", "category")
    assert close(schema.matrix(frame), [[NAN, 5, NAN, 1]] * 2)
    # A column that was empty is not looked at.
    assert close(schema.matrix(frame.assign(a=["red", 7])), [[NAN, 5, NAN, 1]] * 2)
    for nothing in ([None, pd.NA, NAN], [pd.NaT] * 3, [NAN] * 3):
        assert infer_schema(pd.DataFrame({"x": nothing})).kinds == ("empty",)


def test_names_need_not_be_text():
    frame = pd.DataFrame(np.eye(2), columns=pd.Index([0, 1.5], dtype=object))
    assert infer_schema(frame).names == ("0", "1.5")


@pytest.mark.parametrize(
    ("frame", "says"),
    [
        (pd.DataFrame(np.eye(2), columns=["a", "a"]), 'Duplicate column names: "a"'),
        (pd.DataFrame(np.eye(2), columns=[1, "1"]), 'Duplicate column names: "1"'),
        (
            pd.DataFrame(np.eye(2), columns=pd.MultiIndex.from_tuples([("a", 1), ("a", 2)])),
            "levels",
        ),
        (pd.DataFrame(index=range(3)), "no feature columns"),
    ],
)
def test_tables_without_proper_names_are_refused(frame, says):
    assert says in str(refusal(frame))


def test_a_repeated_name_is_refused_at_prediction_too():
    schema = infer_schema(pd.DataFrame({"a": [1.0]}))
    with pytest.raises(DataError, match="Duplicate"):
        schema.matrix(pd.DataFrame(np.eye(2), columns=["a", "a"]))


def test_a_table_is_left_alone():
    frame = pd.DataFrame({"a": ["1", ""], "b": [True, False], "c": [-0.0, 1.0]})
    copy = frame.copy(deep=True)
    infer_schema(frame).matrix(frame)[:] = 9.0
    pd.testing.assert_frame_equal(frame, copy)


def test_header_there_and_back():
    schema = Schema((Column("a", "number"), Column('größe, "x"', "boolean")))
    assert Schema.from_header(schema.to_header()) == schema
    assert schema.to_header()["columns"][0] == {"name": "a", "kind": "number"}


GOOD = {"name": "a", "kind": "number"}


@pytest.mark.parametrize(
    "header",
    [
        None,
        [],
        {},
        "columns",
        {"columns": []},
        {"columns": GOOD},
        {"columns": [GOOD], "more": 1},
        {"columns": [GOOD, GOOD]},
        {"columns": ["a"]},
        {"columns": [None]},
        {"columns": [{"name": "a"}]},
        {"columns": [{"name": 1, "kind": "number"}]},
        {"columns": [{"name": "a", "kind": "text"}]},
        {"columns": [{"name": "a", "kind": ["number"]}]},
        {"columns": [GOOD | {"unit": "mm"}]},
    ],
    ids=str,
)
def test_a_header_without_meaning_is_refused(header):
    with pytest.raises(DataError, match="schema"):
        Schema.from_header(header)


def test_likely_names():
    known = ["Diagnosis", "clump_thickness", "cell size"]
    assert likely("diagnosis", known) == "Diagnosis"
    assert likely("clump-thickness", known) == "clump_thickness"
    assert likely("price", known) == ""


def test_a_plain_float_frame_is_read_without_touching_its_cells(monkeypatch):
    def never(*_):
        raise AssertionError("read cell by cell")

    monkeypatch.setattr("thalweg.data.schema.column_floats.number_of", never)
    monkeypatch.setattr("thalweg.data.schema.kinds.number_of", never)
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(100, 3)), columns=list("abc"))
    schema = infer_schema(frame)
    assert np.array_equal(schema.matrix(frame), frame.to_numpy())
    assert np.shares_memory(schema.take(frame).matrix, frame.to_numpy())  # and without a copy
    assert not schema.take(frame).matrix.flags.writeable


@pytest.mark.parametrize("n", [1, 40])
@pytest.mark.parametrize(
    ("kind", "cell"),
    [
        ("category", 10**5000),
        ("category", np.datetime64(2**62, "s")),
        ("category", np.timedelta64(1)),
        ("number", "\0"),
        ("number", "1,5\0"),
    ],
    ids=["huge", "far", "generic", "nul", "nul behind"],
)
def test_a_cell_that_no_library_expects_is_unknown_or_has_an_error_of_its_column(kind, cell, n):
    notation = NumberNotation(decimal=",") if kind == "number" else None
    schema = Schema((Column("x", kind, ("a", "b") if kind == "category" else (), notation),))
    if kind == "category" and isinstance(cell, np.generic):
        assert (schema.take(objects(*[cell] * n)).matrix == 0).all()
        return
    with pytest.raises(DataError, match=r'column "x", row 1'):
        schema.take(objects(*[cell] * n))


SMALL = np.array([0.1, 0.2, 0.3, 2.5, 3.0, 1e20, np.nan] * 10, np.float32)
SMALL_AS = {
    "pandas": lambda x: pd.DataFrame({"a": x}),
    "pandas, mixed": lambda x: pd.DataFrame({"b": ["text"] * len(x), "a": x}),
    "pandas, float16": lambda x: pd.DataFrame({"a": np.where(x < 9, x, np.nan).astype(np.float16)}),
    "pandas, category": lambda x: pd.DataFrame({"a": pd.Categorical(x)}),
    "pandas, Float32": lambda x: pd.DataFrame({"a": pd.array(x, dtype="Float32")}),
    "pandas, Arrow": lambda x: pd.DataFrame({"a": pd.Series(x).astype("float[pyarrow]")}),
    "pandas, sparse": lambda x: pd.DataFrame({"a": pd.arrays.SparseArray(x)}),
    "pandas, objects": lambda x: pd.DataFrame({"a": pd.Series(list(x), dtype=object)}),
    "polars": lambda x: pl.DataFrame({"a": pl.Series(x).fill_nan(None)}),
    "arrow": lambda x: pa.table({"a": pa.array(x, from_pandas=True)}),
    "arrow, float16": lambda x: pa.table(
        {"a": pa.array(np.where(x < 9, x, None)).cast("halffloat")}
    ),
    "CSV": lambda x: pd.DataFrame({"a": x.astype(str)}),
}


@pytest.mark.parametrize("kind", SMALL_AS)
def test_levels_of_small_floats_are_those_of_their_csv(kind):
    said = SaidColumns(category=frozenset(["a"]))
    weights = np.ones(len(SMALL))
    schema = infer_schema(SMALL_AS["CSV"](SMALL), weights, said)
    assert schema.levels == (("0.1", "0.2", "0.3", "1e+20", "2.5", "3.0"),)
    table = SMALL_AS[kind](SMALL)
    own = infer_schema(table, weights, said)
    levels = next(column.levels for column in own.columns if column.name == "a")
    assert {*levels} <= {"0.1", "0.2", "0.3", "2.5", "3", "3.0", "1e+20"}
    expected = schema.matrix(SMALL_AS["CSV"](SMALL))[:, 0]
    if "16" in kind:
        expected[SMALL > 9] = np.nan
    for n_rows in (len(SMALL), 7, 1):
        found = schema.matrix(SMALL_AS[kind](SMALL[:n_rows]), unknown="error")[:, 0]
        assert np.array_equal(found, expected[:n_rows], equal_nan=True)


def test_levels_of_an_array_of_small_floats():
    said = SaidColumns(category=frozenset(["x0"]))
    schema = infer_schema(SMALL[:, np.newaxis], np.ones(len(SMALL)), said)
    assert schema.levels == (("0.1", "0.2", "0.3", "1e+20", "2.5", "3"),)
    for n_rows in (len(SMALL), 7, 1):
        found = schema.matrix(SMALL[:n_rows, np.newaxis])[:, 0]
        assert np.array_equal(found[:6], [1, 2, 3, 5, 6, 4][:n_rows])


@pytest.mark.parametrize("odd", [None, Decimal("NaN"), Decimal("7e-999999")])
def test_the_kind_of_decimals_is_found_without_their_hashes(monkeypatch, odd):
    cells = pd.Series([Decimal("20.5"), odd, Decimal("-2e299"), Decimal(3)] * 9, dtype=object)
    expected = infer_schema(pd.DataFrame({"x": [*map(float, cells.dropna()), NAN]}))
    monkeypatch.setattr(kinds, "distinct", None)
    found = infer_schema(pd.DataFrame({"x": cells}))
    assert [each.kind for each in found.columns] == [each.kind for each in expected.columns]
    with pytest.raises(DataError, match=r"far too large: Decimal\('7E\+999999'\) .*row 2"):
        infer_schema(pd.DataFrame({"x": [Decimal(1), *[Decimal("7e999999")] * 99]}))


def test_many_decimals_are_read_without_their_hashes(monkeypatch):
    """The hash of one takes up to a hundred times as long as its float: 40 s for a million rows."""
    cells = [Decimal("0.1"), None, Decimal("NaN"), Decimal("-2e299"), Decimal("7e-999999")]
    schema = infer_schema(pd.DataFrame({"x": pd.Series([*cells, Decimal(3)], dtype=object)}))
    table = pd.DataFrame({"x": pd.Series((cells[:3] + cells[4:]) * 30, dtype=object)})
    expected = np.array([[0.1], [NAN], [NAN], [0.0]] * 30)

    def no_hashes(values):
        raise AssertionError("the cells of a column of Decimals are hashed")

    monkeypatch.setattr(column_floats, "distinct", no_hashes)
    np.testing.assert_array_equal(schema.matrix(table), expected)
    with pytest.raises(DataError, match=r"far too large: Decimal\('7E\+999999'\) .*row 2"):
        schema.matrix(pd.DataFrame({"x": [Decimal(1), *[Decimal("7e999999")] * 99]}))
