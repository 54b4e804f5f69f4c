"""Small models as a query, in SQLite and in DuckDB."""

import sqlite3

import duckdb
import numpy as np
import pandas as pd
import pytest

from parity import FACTORS, fitted_for, hostile_model, odd_rows, parity, run_duckdb
from thalweg import ThalwegClassifier
from thalweg.errors import SettingsError
from thalweg.export.queries.sql_columns import Term, made, sql_number, total
from thalweg.export.queries.sql_text import literal, quoted, sql_text
from thalweg.export.running.export_runtimes import ExportRuntime
from thalweg.jobs.exports.written_export import carried

PLAIN = {name: values[0] for name, values in FACTORS.items()}
DUCKDB = ExportRuntime("DuckDB", str, run_duckdb)
pytestmark = pytest.mark.filterwarnings("ignore::thalweg.errors.ThalwegWarning")


@pytest.fixture(scope="module")
def mixed():
    setting = {**PLAIN, "layers": 1, "activation": "mish", "missing": "learned", "dtype": "float64"}
    model, frame = fitted_for(setting)
    return model, odd_rows(model, setting, frame, 60)


def test_both_databases_give_the_answers_of_the_model(mixed):
    model, rows = mixed
    for runtime in (None, DUCKDB):
        found = parity(model, ".sql", rows, runtime)
        assert (found.passed, found.labels) == (True, 0)
        assert found.largest < 1e-14


def test_the_query_keeps_the_columns_of_the_table_and_adds_its_own(mixed):
    X = pd.DataFrame({"a": np.linspace(-1, 1, 40), "b": ["u", "v"] * 20})
    model = ThalwegClassifier((2,), max_iter=1, early_stopping=False, random_state=0)
    model.fit(X, np.where(X["a"] > 0, "yes", "it's no"))
    with sqlite3.connect(":memory:") as database:
        database.execute("CREATE TABLE thalweg_rows (id, a REAL, b TEXT)")
        rows = [(1, 0.5, "u"), (2, None, "N/A"), (3, 1.5e300, "u"), (4, -1.0, None)]
        database.executemany("INSERT INTO thalweg_rows VALUES (?, ?, ?)", rows)
        cursor = database.execute(sql_text(carried(model, "")))
        names = [each[0] for each in cursor.description]
        found = cursor.fetchall()
    assert names == ["id", "a", "b", "thalweg_row", "prediction", "p_it's no", "p_yes"]
    assert [row[0] for row in found] == [1, 2, 3, 4]
    assert found[2][-3:] == (None, None, None)
    read = pd.DataFrame([(a, b or np.nan) for _, a, b in rows[:2]], columns=["a", "b"])
    np.testing.assert_allclose(
        [row[-2:] for row in found[:2]], model.predict_proba(read), atol=2e-6
    )
    assert [row[-3] for row in found[:2]] == model.predict(read).tolist()


def test_a_large_model_is_refused_with_the_reason():
    X = np.linspace(-1, 1, 60)[:, None]
    model = ThalwegClassifier((60, 60), max_iter=1, early_stopping=False, random_state=0)
    model.fit(X, X[:, 0] > 0)
    with pytest.raises(SettingsError, match=r"weights, and SQL is written for at most 2,000"):
        sql_text(carried(model, ""))
    same = pd.DataFrame({"a": X[:, 0], "A": X[:, 0]})
    model = ThalwegClassifier((2,), max_iter=1, early_stopping=False, random_state=0)
    with pytest.raises(SettingsError, match="A database cannot have a column 'a'"):
        sql_text(carried(model.fit(same, X[:, 0] > 0), ""))


def test_names_of_strangers_are_data():
    model, frame = hostile_model()
    assert parity(model, ".sql", frame).passed
    assert parity(model, ".sql", frame, DUCKDB).passed


def test_numbers_are_doubles_and_sums_are_shallow():
    for value in (0.1, -1.0, 1e300, 5e-324, 3.0):
        text = sql_number(value)
        assert sqlite3.connect(":memory:").execute(f"SELECT {text}").fetchone() == (value,)
        assert duckdb.execute(f"SELECT {text}, typeof({text})").fetchone() == (value, "DOUBLE")
    many = total([Term(sql_number(float(k)), is_leaf=True) for k in range(2000)])
    assert sqlite3.connect(":memory:").execute(f"SELECT {many.text}").fetchone() == (1999000.0,)
    assert made("{} + {}", [Term("a", 3), Term("b", 5)]).level == 5


def test_quotes_are_doubled():
    assert quoted('a"b') == '"a""b"'
    assert literal("it's") == "'it''s'"


def test_a_result_has_no_name_of_a_column_of_the_table():
    X = pd.DataFrame({"Prediction": np.linspace(-1, 1, 40), "p_yes": ["u", "v"] * 20})
    model = ThalwegClassifier((2,), max_iter=1, early_stopping=False, random_state=0)
    model.fit(X, np.where(X["Prediction"] > 0, "yes", "no"))
    assert parity(model, ".sql", X).passed
    with sqlite3.connect(":memory:") as database:
        database.execute("CREATE TABLE thalweg_rows (Prediction REAL, p_yes TEXT)")
        found = database.execute(sql_text(carried(model, "")))
        names = [each[0] for each in found.description]
    database.close()
    assert names == ["Prediction", "p_yes", "thalweg_row", "prediction_", "p_no", "p_yes_"]


def test_a_class_with_a_nul_is_refused_because_a_query_would_end_there_or_lose_it():
    X = pd.DataFrame({"a": np.linspace(-1, 1, 40)})
    model = ThalwegClassifier((2,), max_iter=1, early_stopping=False, random_state=0)
    model.fit(X, np.where(X["a"] > 0, "a\0b", "ab"))
    with pytest.raises(SettingsError, match=r"A query cannot have the class 'a\\x00b'.*as .onnx"):
        sql_text(carried(model, ""))


def test_a_column_without_a_name_is_sent_to_no_format_that_refuses_it():
    X = pd.DataFrame({"": np.linspace(-1, 1, 40)})
    model = ThalwegClassifier((2,), max_iter=1, early_stopping=False, random_state=0)
    model.fit(X, np.where(X[""] > 0, "yes", "no"))
    with pytest.raises(SettingsError, match=r"cannot have a column ''.*as \.c, \.mjs or \.py"):
        sql_text(carried(model, ""))
