"""What a person says of a column holds whatever its type is, as it does of the same CSV."""

import io

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from thalweg import DataError, ThalwegClassifier
from thalweg.data.notation.said_columns import SaidColumns
from thalweg.data.schema.schema import infer_schema

N = 40
RNG = np.random.default_rng(0)
TRUTH = RNG.random(N) < 0.4
DOSE = RNG.normal(size=N).round(3)
DAYS = pd.Timestamp("2022-04-07") + pd.to_timedelta(np.arange(N), unit="D")
ILL = np.where(TRUTH ^ (DOSE > 0.5), "yes", "no")
QUICK = {"hidden_layer_sizes": (3,), "max_iter": 3, "random_state": 0, "n_ensemble": 1}


def column_of(table, **said):
    return infer_schema(table, said=SaidColumns.of(**said)).columns[0]


def frame(cells, dtype=None):
    return pd.DataFrame({"x": pd.Series(cells, dtype=dtype), "dose": DOSE})


BOOLEANS = {
    "bool": frame(TRUTH),
    "boolean": frame(TRUTH, "boolean"),
    "arrow in pandas": frame(TRUTH, pd.ArrowDtype(pa.bool_())),
    "objects": frame(TRUTH.tolist(), object),
    "pandas category": frame(TRUTH, "category"),
    "polars": pl.DataFrame({"x": TRUTH, "dose": DOSE}),
    "arrow": pa.table({"x": TRUTH, "dose": DOSE}),
    "arrow dictionary": pa.table({"x": pa.array(TRUTH.tolist()).dictionary_encode(), "dose": DOSE}),
}
DATES = {
    "datetime64": frame(DAYS),
    "with a zone": frame(DAYS.tz_localize("Europe/Berlin")),
    "pandas category": frame(DAYS, "category"),
    "date": frame(list(DAYS.date), object),
    "period": frame(DAYS.to_period("D")),
    "polars": pl.DataFrame({"x": list(DAYS.date), "dose": DOSE}),
    "arrow": pa.table({"x": pa.array(list(DAYS.date)), "dose": DOSE}),
    "text": frame(DAYS.strftime("%Y-%m-%d")),
}


def of_csv(text):
    return pd.read_csv(io.StringIO(text), dtype={"x": str})


CSVS = {
    "of pandas": of_csv(BOOLEANS["bool"].to_csv(index=False)),
    "of polars": of_csv(BOOLEANS["polars"].write_csv()),
}


@pytest.mark.parametrize("kind", BOOLEANS)
def test_true_and_false_declared_a_category_are_one(kind):
    column = column_of(BOOLEANS[kind], category=["x"])
    assert (column.kind, column.levels) == ("category", ("False", "True"))
    # Of what the table says alone, only its own category is one.
    assert column_of(BOOLEANS[kind]).kind == (
        "category" if kind in ("pandas category", "arrow dictionary") else "boolean"
    )


def test_missing_cells_among_true_and_false_stay_missing():
    holes = frame(TRUTH, "boolean").assign(x=pd.array([*TRUTH[:-1].tolist(), None], "boolean"))
    schema = infer_schema(holes, said=SaidColumns.of(category=["x"]))
    assert schema.levels[0] == ("False", "True")
    assert np.flatnonzero(np.isnan(schema.matrix(holes)[:, 0])).tolist() == [N - 1]


def test_models_of_a_type_and_of_its_csv_predict_the_same():
    """Also across: pandas writes True into the file, polars true."""
    tables = {**CSVS, "bool": BOOLEANS["bool"], "polars": BOOLEANS["polars"]}
    expected = None
    for taught in tables.values():
        model = ThalwegClassifier(category=["x"], **QUICK).fit(taught, ILL)
        for asked in tables.values():
            found = model.predict_proba(asked)
            expected = found if expected is None else expected
            np.testing.assert_array_equal(found, expected)
            row = asked[:1] if isinstance(asked, pl.DataFrame) else asked.iloc[:1]
            np.testing.assert_array_equal(model.predict_proba(row), expected[:1])


def test_levels_that_differ_by_their_capitals_alone_stay_apart():
    schema = infer_schema(frame(["true", "TRUE"] * 20), said=SaidColumns.of(category=["x"]))
    later = frame(["TRUE", "true", "True", "x"] * 10)
    assert schema.take(later).matrix[:4, 0].tolist() == [1, 2, 0, 0]


@pytest.mark.parametrize("kind", DATES)
@pytest.mark.parametrize("number", [["x"], {"x": "1,234.56"}])
def test_dates_that_are_said_to_be_numbers_are_refused(kind, number):
    with pytest.raises(DataError) as caught:
        column_of(DATES[kind], number=number)
    said = str(caught.value)
    assert "A date instead of a number: '2022-04-07" in said
    assert '(column "x", row 1)' in said
    assert "number says that the column holds numbers, and it holds none" in said
    flag = "x" if isinstance(number, list) else "x=1,234.56"
    assert f"leave out --number {flag} on the command line, number={number!r} in Python" in said
    without = "category" if kind == "pandas category" else "date"
    assert column_of(DATES[kind]).kind == without  # the fix works


@pytest.mark.parametrize("kind", [*BOOLEANS, *CSVS])
def test_true_and_false_said_to_be_numbers_are_1_and_0(kind):
    table = (BOOLEANS | CSVS)[kind]
    schema = infer_schema(table, said=SaidColumns.of(number=["x"]))
    assert schema.kinds == ("number", "number")
    assert schema.matrix(table)[:, 0].tolist() == TRUTH.tolist()
    assert schema.matrix(CSVS["of polars"])[:, 0].tolist() == TRUTH.tolist()
    with pytest.raises(DataError, match="True and false instead of written numbers") as caught:
        column_of(table, number={"x": "1,234.56"})
    assert "name the column without an example, --number x on the command line" in str(caught.value)


@pytest.mark.parametrize("cells", [np.arange(N) % 5, (np.arange(N) % 5).astype(str)])
def test_a_person_goes_before_the_type_of_a_table(cells):
    table = frame(cells, "category")
    assert column_of(table).kind == "category"
    assert column_of(table, number=["x"]).kind == "number"
    words = frame(np.array(["a", "b"])[np.arange(N) % 2], "category")
    with pytest.raises(DataError, match="Text instead of a number: 'a'") as caught:
        column_of(words, number=["x"])
    assert "category=['x'] in Python, in place of --number x" in str(caught.value)


@pytest.mark.parametrize("dtype", ["int64", "float32", "float64", "Int64", object])
def test_an_example_of_the_notation_holds_for_later_tables(dtype):
    taught = frame(np.arange(N), dtype)
    schema = infer_schema(taught, said=SaidColumns.of(number={"x": "1.234,56"}))
    later = taught.assign(x=["1.234"] * N)
    assert schema.matrix(later)[:, 0].tolist() == [1234.0] * N
    assert schema.matrix(taught)[:, 0].tolist() == list(range(N))
    assert infer_schema(taught).matrix(later)[0, 0] == 1.234


@pytest.mark.parametrize("kind", DATES)
def test_no_count_is_read_from_dates(kind):
    with pytest.raises(DataError, match="This is none of Unix seconds: '2022-04-07") as caught:
        column_of(DATES[kind], date={"x": "unix"})
    if kind != "text":
        assert "leave out --date x=unix on the command line" in str(caught.value)


@pytest.mark.parametrize("kind", ["datetime64", "with a zone", "date", "text"])
def test_the_order_of_day_and_month_holds_for_later_tables(kind):
    schema = infer_schema(DATES[kind], said=SaidColumns.of(date={"x": "dmy"}))
    zone = " +02:00" if kind == "with a zone" else ""
    later = frame(DAYS.strftime(f"%d/%m/%Y 00:00{zone}")[:12].repeat(4)[:N])
    same = schema.matrix(DATES[kind])[:, 0]
    assert schema.matrix(later)[:, 0].tolist() == same[:12].repeat(4)[:N].tolist()
    rows = [schema.matrix(DATES[kind].iloc[[row]])[0, 0] for row in range(N)]
    assert rows == same.tolist()
