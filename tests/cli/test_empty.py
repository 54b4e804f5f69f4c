"""A new table that lacks a column of the model: an error, unless ``--empty`` names it."""

import json
import re
import shlex

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from thalweg.errors import DataError
from thalweg.estimators.classifier import ThalwegClassifier

N = 80


def people(seed=0):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "age": rng.integers(18, 90, N),
            "the town": rng.choice(["Bern", "Rome", "Oslo"], N),
            "smoker": rng.random(N) < 0.4,
        }
    )
    return frame, np.where(frame["age"] + rng.normal(0, 9, N) > 50, "ill", "well")


LACKING = ["age", "the town", "smoker"]


@pytest.fixture
def model():
    X, y = people()
    return ThalwegClassifier((4,), max_iter=3, early_stopping=False, random_state=0).fit(X, y)


@pytest.mark.parametrize("absent", [["age"], ["the town"], ["smoker"], LACKING[:2]])
def test_the_printed_fix_works_in_python(model, absent):
    X, _ = people(seed=1)
    without = X.drop(columns=absent)
    with pytest.raises(DataError, match="Columns that the model was fitted on are not") as told:
        model.predict(without)
    scope = {"X": without}
    exec(re.search(r"X = X\.assign\(.*\)", told.value.fix)[0], scope)
    emptied = X.assign(**dict.fromkeys(absent))
    np.testing.assert_array_equal(model.predict_proba(scope["X"]), model.predict_proba(emptied))
    # Also a single row, which is read in another way; and polars.
    np.testing.assert_array_equal(
        model.predict_proba(scope["X"].iloc[:1]), model.predict_proba(scope["X"])[:1]
    )
    nothing = pl.from_pandas(without).with_columns(pl.lit(None).alias(name) for name in absent)
    np.testing.assert_array_equal(model.predict_proba(nothing), model.predict_proba(emptied))


def test_it_goes_into_a_pipeline():
    X, y = people()
    lacking = FunctionTransformer(lambda table: table.assign(age=None))
    learner = ThalwegClassifier((4,), max_iter=3, early_stopping=False, random_state=0)
    fitted = make_pipeline(FunctionTransformer(), learner).fit(X, y)
    later = make_pipeline(lacking, fitted[-1])
    expected = fitted.predict_proba(X.assign(age=np.nan))
    np.testing.assert_array_equal(later.predict_proba(X.drop(columns="age")), expected)


def test_a_misspelt_column_is_still_an_error_that_names_the_likely_one(model):
    X, _ = people(seed=1)
    with pytest.raises(DataError, match='"Age" may be meant for "age"'):
        model.predict(X.rename(columns={"age": "Age"}))


@pytest.fixture
def files(cli, model):
    X, y = people(seed=1)
    model.save("m")
    X.assign(label=y).to_csv("whole.csv", index=False)
    X.assign(label=y, age="").to_csv("emptied.csv", index=False)
    X.assign(label=y).drop(columns="age").to_csv("lacking.csv", index=False)
    return cli


VERBS = {
    "predict": ("predict", "m", "TABLE"),
    "evaluate": ("evaluate", "m", "TABLE", "--target", "label"),
    "trace": ("trace", "m", "TABLE", "--row", "3"),
}


@pytest.mark.parametrize("verb", VERBS)
def test_the_printed_fix_works_on_the_command_line(files, verb):
    lacking = ["lacking.csv" if word == "TABLE" else word for word in VERBS[verb]]
    code, out, err = files(*lacking)
    assert code == 1
    assert 'not in the table: "age"' in err
    mend = re.search(r"add them as missing: (.*?) on the command line", " ".join(err.split()))[1]
    code, out, err = files(*lacking, *shlex.split(mend))
    assert code == 0
    assert 'Counted as missing, because the table lacks them: "age".' in err
    emptied = ["emptied.csv" if word == "TABLE" else word for word in VERBS[verb]]
    same = files(*emptied)[1]
    assert out.replace("lacking.csv", "emptied.csv") == same
    told = json.loads(files(*lacking, *shlex.split(mend), "--json")[1])
    assert 'Counted as missing, because the table lacks them: "age".' in told["data"]["notes"]


def test_report_takes_a_row_of_a_table_that_lacks_a_column(cli):
    X, y = people()
    X.assign(label=y).to_csv("t.csv", index=False)
    assert cli("fit", "t.csv", "--target", "label", "--epochs", "2", "-q", "-o", "judged")[0] == 0
    X.drop(columns="age").to_csv("lacking.csv", index=False)
    line = ("report", "judged", "--table", "lacking.csv", "--trace", "3", "-o", "page.html")
    assert 'not in the table: "age"' in cli(*line)[2]
    assert cli(*line, "--empty", "age")[0] == 0


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("predict m whole.csv --empty age", 'names "age", which is a column of the table'),
        ("predict m lacking.csv --empty aeg", 'names "aeg", which is not a column of the model'),
        ("evaluate whole.csv --target label --empty age", "no table is read for a saved model"),
        ("trace whole.csv --target label --empty age", "no table is read for a saved model"),
        ("trace m --check --empty age", "no table is read for a saved model"),
        ("report m --empty age", "no table is read for a saved model"),
    ],
)
def test_what_cannot_be_meant_is_refused(files, line, says):
    code, out, err = files(*line.split())
    assert (code, out) == (2, "")
    assert says in " ".join(err.split())
