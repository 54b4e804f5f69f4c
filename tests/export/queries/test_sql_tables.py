"""A query on tables that lack a column of the model, or have further ones, and its own names."""

import sqlite3
from contextlib import closing

import duckdb
import numpy as np
import pandas as pd
import pytest

from thalweg import ThalwegClassifier
from thalweg.export.queries.sql_text import sql_text
from thalweg.jobs.exports.written_export import carried

DATABASES = {"SQLite": lambda: sqlite3.connect(":memory:"), "DuckDB": duckdb.connect}
NO_COLUMN = {"SQLite": "no such column", "DuckDB": "column"}
each_database = pytest.mark.parametrize("database", DATABASES)


def fitted(X, labels=("no", "yes")):
    model = ThalwegClassifier((2,), max_iter=1, early_stopping=False, random_state=0)
    first = X.iloc[:, 0].to_numpy(float, na_value=0.0)
    return model.fit(X, np.where(first > 0, labels[1], labels[0]))


@pytest.fixture(scope="module")
def model():
    a = np.linspace(-1, 1, 40)
    a[::9] = np.nan
    return fitted(pd.DataFrame({"a": a, "b": ["u", "v"] * 20}))


def asked(database, model, columns, rows):
    """Names and rows of the result on a table."""
    with closing(DATABASES[database]()) as opened:
        opened.execute(f"CREATE TABLE thalweg_rows ({columns})")
        places = ", ".join("?" for _ in rows[0])
        opened.executemany(f"INSERT INTO thalweg_rows VALUES ({places})", rows)
        found = opened.execute(sql_text(carried(model, "")))
        return [each[0] for each in found.description], found.fetchall()


@each_database
@pytest.mark.parametrize(
    ("columns", "row"), [("id INTEGER, b VARCHAR", (1, "u")), ("id INTEGER, a DOUBLE", (1, 0.5))]
)
def test_a_column_that_the_table_lacks_is_an_error(model, database, columns, row):
    # SQLite took "a" for a text, and gave the answer for 0.
    with pytest.raises((sqlite3.Error, duckdb.Error), match=NO_COLUMN[database]):
        asked(database, model, columns, [row])


@each_database
def test_a_table_with_row_numbers_of_its_own_is_refused(model, database):
    # Two rows of one number were joined with the answers of each other.
    rows = [(7, 0.5, "u"), (7, -0.5, "v")]
    with pytest.raises((sqlite3.Error, duckdb.Error), match=r"(?i)ambiguous.*thalweg_row"):
        asked(database, model, "thalweg_row INTEGER, a DOUBLE, b VARCHAR", rows)
    assert "-- It has no column thalweg_row, which" in sql_text(carried(model, ""))


@each_database
def test_further_columns_of_any_name_change_no_answer(model, database):
    columns = "v0 DOUBLE, t3 DOUBLE, signs VARCHAR, one INTEGER, prediction VARCHAR"
    more, row = (9.0, 9.0, "u", 9, "no"), (0.5, " u ")
    _, plain = asked(database, model, "a DOUBLE, b VARCHAR", [row])
    names, found = asked(database, model, f"{columns}, a DOUBLE, b VARCHAR", [(*more, *row)])
    assert names[:7] == ["v0", "t3", "signs", "one", "prediction", "a", "b"]
    assert found[0][7:] == plain[0][2:]
    expected = model.predict_proba(pd.DataFrame({"a": [0.5], "b": ["u"]}))[0]
    np.testing.assert_allclose(found[0][-2:], expected, atol=2e-6)


def test_a_number_that_is_nan_is_missing_where_a_database_has_it(model):
    rows = [(np.nan, "u"), (None, "u"), (-np.nan, "u"), (np.inf, "u"), (-np.inf, "u")]
    _, found = asked("DuckDB", model, "a DOUBLE, b VARCHAR", rows)
    missing, *others = [row[-3:] for row in sorted(found, key=lambda row: row[2])]
    assert others == [missing, missing, (None, None, None), (None, None, None)]
    expected = model.predict_proba(pd.DataFrame({"a": [np.nan], "b": ["u"]}))[0]
    np.testing.assert_allclose(missing[-2:], expected, atol=2e-6)


@each_database
def test_names_of_a_result_differ_not_in_capitals_alone(database):
    X = pd.DataFrame({"p_x": np.linspace(-1, 1, 40)})
    for labels, added in (
        (("A", "a"), ["p_A", "p_a_"]), (("x", "x_"), ["p_x_", "p_x__"]),
    ):  # fmt: skip
        names, _ = asked(database, fitted(X, labels), "p_x DOUBLE", [(0.5,)])
        assert names == ["p_x", "thalweg_row", "prediction", *added]
