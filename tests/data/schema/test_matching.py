"""A later table read by the columns of an earlier one."""

import math
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thalweg.data.schema.column_floats import Unseen
from thalweg.data.schema.given_table import FEW
from thalweg.data.schema.matching import report_unseen
from thalweg.data.schema.schema import infer_schema
from thalweg.errors import DataError, SettingsError, UnseenLevelWarning
from thalweg.estimators.classifier import ThalwegClassifier

NAN = math.nan


def fitted():
    return pd.DataFrame(
        {
            "age": [1.5, 2.0, NAN, 4.0],
            "town": ["Bern", "Rome", "Bern", None],
            "sick": [True, False, None, True],
            "grade": pd.Categorical(["3", "1", "2", "1"]),
        }
    )


@pytest.fixture(params=[1, FEW], ids=["by row", "by column"])
def times(request):
    """How often a table is repeated, to go either way."""
    return request.param


def test_levels_are_matched_by_their_text(times):
    schema = infer_schema(fitted())
    later = pd.DataFrame(
        {
            "grade": [1, 2.0, "3", NAN],
            "sick": ["FALSE", 1, 0.0, ""],
            "town": [" Rome", "Bern ", "NA", "rome"],
            "age": ["7", None, "?", 1],
        },
        dtype=object,
    )
    taken = schema.take(pd.concat([later] * times))
    expected = [[7, 2, 0, 1], [NAN, 1, 1, 2], [NAN, NAN, 0, 3], [1, 0, NAN, NAN]]
    assert np.array_equal(taken.matrix, expected * times, equal_nan=True)
    assert taken.unseen == (Unseen("town", times, ("rome",), 4),)


def test_all_differences_stand_in_one_error(times):
    schema = infer_schema(fitted())
    later = pd.DataFrame(
        {"Age": [1.0, 2.0], "town": [["x"], "y"], "sick": [2, 1], "grade": ["1", "2"], "z": [0, 0]},
    )
    with pytest.raises(DataError) as caught:
        schema.take(pd.concat([later] * times * 17), extra="refuse")
    said = str(caught.value)
    assert 'not in the table: "age"' in said
    assert '"Age" may be meant for "age"' in said
    assert 'not fitted on: "Age", "z"' in said
    assert 'column "town", row 1' in said
    assert "2 instead of true or false" in said
    assert "grade" not in caught.value.why.split("Also")[1]


def test_more_problems_than_one_wants_to_read_are_counted():
    schema = infer_schema(pd.DataFrame({f"x{j}": [1.0, 2.0] for j in range(30)}))
    with pytest.raises(DataError, match="and 23 more"):
        schema.take(pd.DataFrame({f"x{j}": ["many", "words"] for j in range(30)}))


@pytest.mark.parametrize("n_rows", [2, 99])
def test_numbers_far_too_large_are_refused_in_a_plain_array(n_rows):
    schema = infer_schema(np.zeros((3, 2)))
    for dtype in (np.float64, np.float32):
        for order in "CF":
            X = np.zeros((n_rows, 2), dtype, order=order)
            X[0, 0] = NAN
            assert np.isnan(schema.take(X).matrix[0, 0])
            X[1, 1] = -np.inf
            with pytest.raises(DataError) as caught:
                schema.take(X)
            assert caught.value.where == 'column "x1", row 2'


def test_columns_without_names_are_counted():
    schema = infer_schema(fitted())
    with pytest.raises(DataError, match=r"X has 3 features, but thalweg is expecting 4 features"):
        schema.take(np.zeros((2, 3)))


# --- levels that were not seen ----------------------------------------------------------------


def test_the_policies():
    unseen = (Unseen("town", 2, ("Oslo", "Riga"), 5), Unseen("job", 1, ("cook",), 7))
    for policy in ("warn", "error", "ignore"):
        report_unseen((), policy)
    report_unseen(unseen, "ignore")
    with pytest.warns(UnseenLevelWarning) as caught:
        report_unseen(unseen, "warn")
    said = str(caught[0].message)
    assert 'column "town": 2 rows ("Oslo", "Riga", first in row 5)' in said
    assert 'column "job": 1 row ("cook", first in row 7)' in said
    assert caught[0].filename == __file__
    with pytest.raises(DataError, match=r'column "job": 1 row .*unknown="warn"'):
        report_unseen(unseen, "error")
    with pytest.raises(SettingsError, match="loud"):
        report_unseen(unseen, "loud")


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"age": rng.normal(size=80), "town": rng.choice(["a", "b", "c"], 80)})
    return frame, (frame["town"] == "a").astype(int)


@pytest.mark.parametrize("dress", [pd.DataFrame, pl.DataFrame])
def test_a_model_has_a_policy(table, dress):
    X, y = table
    new = {"age": [0.0, 1.0, 2.0], "town": ["a", "z", "y"]}
    model = ThalwegClassifier((3,), max_iter=3, random_state=0).fit(X, y)
    with pytest.warns(
        UnseenLevelWarning, match=r'"town": 2 rows \("z", "y", first in row 2\)'
    ) as w:
        warned = model.predict_proba(dress(new))
    assert w[0].filename == __file__
    with pytest.warns(UnseenLevelWarning) as w:
        model.predict(dress(new))
    assert len(w) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        silent = model.set_params(unknown="ignore").predict_proba(dress(new))
        model.predict_proba(X)
    assert np.array_equal(silent, warned)
    with pytest.raises(DataError, match="town"):
        model.set_params(unknown="error").predict_proba(dress(new))
    with pytest.raises(ValueError, match="unknown"):
        ThalwegClassifier(unknown="loud").fit(X, y)


def test_a_level_of_rows_of_weight_0_was_not_seen(table):
    X, y = table
    weights = (X["town"] != "c").astype(float)
    settings = {"hidden_layer_sizes": (3,), "max_iter": 3, "random_state": 0}
    model = ThalwegClassifier(**settings).fit(X, y, sample_weight=weights)
    assert model.schema_.columns[1].levels == ("a", "b")
    without = ThalwegClassifier(**settings).fit(X[weights > 0], y[weights > 0])
    assert model.theta_.tobytes() == without.theta_.tobytes()


def test_names_come_and_go_as_scikit_learn_has_it(table):
    X, y = table
    model = ThalwegClassifier((3,), max_iter=2, random_state=0).fit(X, y)
    assert model.feature_names_in_.tolist() == ["age", "town"]
    with pytest.warns(UserWarning, match="X does not have valid feature names"):
        nameless = model.predict_proba(X.to_numpy())
    assert np.array_equal(nameless, model.predict_proba(X[["town", "age"]]))
    model.fit(X.to_numpy(), y)
    assert not hasattr(model, "feature_names_in_")
    with pytest.warns(UserWarning, match="fitted without feature names"):
        assert np.array_equal(model.predict_proba(X), nameless)


LEVELS = st.lists(st.sampled_from(["a", "b", "c", "d", "1", "2", "10", "é", "A"]), min_size=2)


@given(LEVELS, LEVELS, st.randoms(use_true_random=False), st.booleans())
def test_a_level_keeps_its_code_and_no_other_gets_it(fitted, later, random, declared):
    known = sorted(set(fitted))
    schema = infer_schema(pd.DataFrame({"x": pd.Categorical(fitted), "y": 1.0}))
    assert schema.columns[0].levels == tuple(known)
    order = sorted(set(later), key=lambda _: random.random())  # a category dtype in any order
    cells = pd.Categorical(later, categories=order) if declared else pd.Series(later, dtype=object)
    frame = pd.DataFrame({"z": 0, "y": 2.0, "x": cells})[random.sample(["x", "y", "z"], 3)]
    expected = [float(known.index(each) + 1) if each in known else 0.0 for each in later]
    for times in (1, FEW):  # by row, and by column
        taken = schema.take(pd.concat([frame] * times, ignore_index=True))
        assert taken.matrix[:, 0].tolist() == expected * times
        (*told,) = taken.unseen
        assert sum(each.count for each in told) == expected.count(0.0) * times


@pytest.mark.parametrize("n_rows", [3, 300])
def test_an_error_about_several_columns_has_the_fix_of_each(n_rows):
    plain = pd.DataFrame({name: [0.5, 1.5, 2.5] * 10 for name in ("CRP", "kg of it", "age")})
    schema = infer_schema(plain)

    def fix_of(**cells):
        later = plain[:3].astype(object).assign(**cells)
        later = pd.concat([later] * (n_rows // 3), ignore_index=True)
        with pytest.raises(DataError) as caught:
            schema.matrix(later)
        return caught.value.fix

    two = {"CRP": ["1,584"] * 3, "kg of it": ["6,895"] * 3}
    assert fix_of(**two) == (
        "say how these columns are written: for 1584, 6895 --number CRP=1,234.56 "
        "--number 'kg of it=1,234.56' on the command line, for 1.584, 6.895 "
        "--number CRP=1.234,56 --number 'kg of it=1.234,56' on the command line"
    )
    units = fix_of(**{"CRP": ["5 mg"] * 3, "kg of it": ["6 kg"] * 3})
    flags = "--number 'CRP=1,234.56 mg' --number 'kg of it=1,234.56 kg' on the command line"
    assert units.endswith(f"say how these columns are written: {flags}")
    mixed = fix_of(CRP=["1,584"] * 3, age=["old"] * 3)
    assert mixed.startswith('for "CRP": say how this column is written: for 1584 --number CRP=')
    assert mixed.endswith(
        '; for "age": correct the cell, or leave it empty if the value is not known; or, if the '
        "text means that, say so: --missing age=old on the command line, "
        "X['age'] = X['age'].mask(X['age'].isin(['old'])) in Python"
    )
    same = fix_of(CRP=["x"] * 3, age=["old"] * 3)
    assert same == (
        "correct the cell, or leave it empty if the value is not known; or, if the text means "
        "that, say so: --missing CRP=x --missing age=old on the command line, "
        "X['CRP'] = X['CRP'].mask(X['CRP'].isin(['x'])); "
        "X['age'] = X['age'].mask(X['age'].isin(['old'])) in Python"
    )
