"""A fit warns about columns of text that differs in nearly every row, with a fix that works."""

import ast
import json
import pickle
import re
import shlex

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.model_selection import cross_val_score

from thalweg.data.schema.schema import infer_schema
from thalweg.errors import IdentifierWarning
from thalweg.estimators.classifier import ThalwegClassifier
from thalweg.estimators.regressor import ThalwegRegressor

N = 600
QUICK = ("--no-trees", "--epochs", "2", "--hidden", "4", "-q")


def towns(n=N, seed=0):
    """A table whose signal lies in three large towns among some hundreds of small ones."""
    rng = np.random.default_rng(seed)
    large = rng.random(n) < 0.45
    place = np.where(large, rng.integers(0, 3, n), 3 + np.arange(n))
    ill = np.where(large, place == 1, rng.random(n) < 0.5)
    return pd.DataFrame(
        {
            "town": [f"town {each}" for each in place],
            "x": rng.normal(size=n).round(3),
            "ill": np.where(ill, "yes", "no"),
        }
    )


QUICKLY = {"hidden_layer_sizes": (4,), "max_iter": 3, "early_stopping": False, "random_state": 0}


def model(kind=ThalwegClassifier):
    return kind(**QUICKLY)


def said_in_python(text):
    """The parameter that a fix prints for Python."""
    (names,) = re.findall(r"category=(\[[^]]*\]) in Python", text)
    return {"category": ast.literal_eval(names)}


def test_fit_says_which_column_it_ignores_and_how_to_fix_it():
    table = towns()
    X, y = table[["town", "x"]], table["ill"]
    n_texts = X["town"].nunique()
    assert 2 * n_texts > N
    with pytest.warns(IdentifierWarning) as told:
        ignoring = model().fit(X, y)
    assert len(told) == 1
    said = str(told[0].message)
    assert f'"town" ({n_texts} texts in 600 rows)' in said
    assert "only whether a cell is filled counts" in said
    assert told[0].filename == __file__
    assert ignoring.schema_.kinds == ("identifier", "number")
    # The fixes work as they are printed.
    knowing = model().set_params(**said_in_python(said)).fit(X, y)
    assert knowing.schema_.kinds == ("category", "number")
    assert knowing.score(X, y) > ignoring.score(X, y) + 0.1
    scope = {"X": X}
    exec(re.findall(r"X = X\.\w+\([^)]*\)", said)[0], scope)
    assert model().fit(scope["X"], y).schema_.names == ("x",)


def test_the_fix_works_for_an_array_too():
    table = towns()
    X = table[["town", "x"]].to_numpy()
    with pytest.warns(IdentifierWarning) as told:
        model().fit(X, table["ill"])
    said = str(told[0].message)
    knowing = model().set_params(**said_in_python(said)).fit(X, table["ill"])
    assert knowing.schema_.kinds == ("category", "number")
    scope = {"X": X, "np": np}
    exec(re.findall(r"X = np\.\w+\([^)]*\)", said)[0], scope)
    assert model().fit(scope["X"], table["ill"]).schema_.kinds == ("number",)


def test_what_is_declared_a_category_stays_one_in_tables_of_every_kind():
    table = towns()[["town", "x"]]
    declared = table.astype({"town": "category"})
    for each in (declared, pl.from_pandas(declared)):
        schema = infer_schema(each)
        assert schema.kinds == ("category", "number")
        assert len(schema.levels[0]) == table["town"].nunique()
    assert infer_schema(table).kinds == ("identifier", "number")


def test_several_columns_are_reported_in_one_sentence_and_a_table_without_is_not():
    table = towns().assign(**{"the name": [f"n{row}" for row in range(N)]})
    with pytest.warns(IdentifierWarning) as told:
        model(ThalwegRegressor).fit(table[["town", "the name", "x"]], table["x"])
    (warned,) = told
    assert warned.message.about == ("town", "the name")
    assert '"the name" (600 texts in 600 rows)' in str(warned.message)
    assert "--category town --category 'the name' on" in str(warned.message)
    again = pickle.loads(pickle.dumps(warned.message))
    assert (str(again), again.about) == (str(warned.message), warned.message.about)
    model().fit(table[["x"]], table["ill"])  # a warning would be an error here


def test_rows_without_weight_and_empty_cells_do_not_count():
    table = towns()
    X = table[["town", "x"]].assign(town=table["town"].where(np.arange(N) % 3 > 0))
    weights = (np.arange(N) % 2).astype(float)
    counted = X["town"][(weights > 0) & X["town"].notna()]
    with pytest.warns(IdentifierWarning, match=rf"\({counted.nunique()} texts in {len(counted)} r"):
        model().fit(X, table["ill"], sample_weight=weights)


def test_every_fit_of_a_cross_validation_warns_in_python():
    table = towns()
    with pytest.warns(IdentifierWarning) as told:
        cross_val_score(model(), table[["town", "x"]], table["ill"], cv=3)
    assert len(told) == 3


@pytest.mark.parametrize("verb", ["fit", pytest.param("evaluate", marks=pytest.mark.slow)])
def test_the_command_line_says_it_once_and_its_fix_works(cli, verb):
    towns().to_csv("t.csv", index=False)
    line = [verb, "t.csv", "--target", "ill", *QUICK, *(["--repeats", "2"] * (verb != "fit"))]
    code, out, err = cli(*line)
    assert code == 0
    said = " ".join(err.split())
    assert said.count("taken for identifiers") == 1
    assert re.search(r'"town" \(\d+ texts in 480 rows\)', said)
    mend = re.search(r"declare them: (.*?) on the command line", said)[1]
    code, mended, err = cli(*line, *shlex.split(mend))
    assert code == 0
    assert "identifiers" not in err
    assert mended != out
    drop = re.search(r"leave them out: (.*?), or X", said)[1]
    assert cli(*line, *shlex.split(drop))[0] == 0


def test_the_doctor_names_the_same_fix(cli):
    towns().to_csv("t.csv", index=False)
    said = " ".join(cli("check", "t.csv", "--target", "ill")[1].split())
    assert "if they are names of groups, declare it a category:" in said
    assert "--category town" in said
    said = cli("check", "t.csv", "--target", "ill", "--category", "town")[1]
    assert "identifier" not in said
    assert "many levels" in said


def test_it_is_a_warning_of_its_own_in_json(cli):
    towns().to_csv("t.csv", index=False)
    _, out, _ = cli("fit", "t.csv", "--target", "ill", *QUICK, "--json")
    (warned,) = json.loads(out)["warnings"]
    assert warned["code"] == "identifier"
    assert warned["fix"].startswith("if they are names of groups, declare them: --category town on")
