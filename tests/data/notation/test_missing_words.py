"""Further words for a missing value: in which cells and columns they count, and where they stay."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

from thalweg import ThalwegClassifier, check_table, load_model, load_table
from thalweg.data.notation.missing_words import MissingWords, perhaps_missing
from thalweg.data.notation.said_columns import SaidColumns
from thalweg.data.schema.schema import Schema, infer_schema
from thalweg.errors import DataError, SettingsError

NAN = float("nan")
MESSY = pd.DataFrame(
    {
        "age": ["31", "44.5", "k.A.", "-"] * 12,
        "smoker": ["ja", "Nein", "K.A.", " - "] * 12,
        "score": [1, 2, -999, 4] * 12,
        "seen": ["2024-01-02", "-", "2024-02-03", "2024-03-03"] * 12,
        "town": ["Bern", "Rome", "k.a.", "-"] * 12,
    }
)
WORDS = {"*": ["k.A.", "-"], "score": ["-999"]}


def test_words_are_missing_in_every_kind_of_column_of_every_table():
    schema = infer_schema(MESSY, said=SaidColumns.of(missing=WORDS))
    assert schema.kinds == ("number", "category", "number", "date", "category")
    assert schema.levels[1] == ("Nein", "ja")
    assert schema.levels[4] == ("Bern", "Rome")
    wanted = [[31, 2, 1, 19724, 1], [44.5, 1, 2, NAN, 2], [NAN, NAN, NAN, 19756, NAN]]
    for table in (MESSY, MESSY[:3], pl.DataFrame(MESSY), pl.DataFrame(MESSY[:3])):
        np.testing.assert_array_equal(schema.matrix(table)[:3], wanted)
    assert schema.notes[-1] == (
        'Also read as missing: "-", "k.A." in every column; "-999" in "score".'
    )


def test_a_word_of_one_column_counts_in_no_other():
    schema = infer_schema(MESSY[["smoker", "town"]], said=SaidColumns.of(missing={"smoker": "-"}))
    assert schema.levels == (("K.A.", "Nein", "ja"), ("-", "Bern", "Rome", "k.a."))


@pytest.mark.parametrize("dtype", ["int64", "float32", "object", "Int64"])
def test_a_number_is_a_word_for_numbers_of_any_type(dtype):
    table = pd.DataFrame({"x": pd.Series([-9, 1, 2, 3], dtype=dtype)})
    schema = infer_schema(table, said=SaidColumns.of(missing=["-9"]))
    for later in (table, pd.DataFrame({"x": ["-9.0", "1", "2", "3"]})):
        np.testing.assert_array_equal(schema.matrix(later)[:, 0], [NAN, 1, 2, 3])
    big = pd.DataFrame({"x": np.array([-9, 2**53 + 1, 2**53], dtype=np.int64)})
    assert infer_schema(big, said=SaidColumns.of(missing=[-9], category=["x"])).levels == (
        (str(2**53), str(2**53 + 1)),
    )


def test_a_number_column_of_an_array_has_its_words_by_place():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 2)).round(2)
    X[::5, 1] = 99
    schema = infer_schema(X, said=SaidColumns.of(missing={"x1": "99"}))
    assert np.isnan(schema.matrix(X)[::5, 1]).all()
    _, high = schema.numbers(X).ends()
    assert high[1] < 99


def test_the_words_stay_in_the_schema_and_in_the_model_file(tmp_path):
    for words in (["k.A.", "-"], WORDS):
        schema = infer_schema(MESSY, said=SaidColumns.of(missing=words, category=["score"]))
        again = Schema.from_header(schema.to_header())
        assert again == schema
        np.testing.assert_array_equal(again.matrix(MESSY), schema.matrix(MESSY))
    y = np.array(["a", "b"] * 24)
    model = ThalwegClassifier((4,), max_iter=2, random_state=0, early_stopping=False, missing=WORDS)
    model.fit(MESSY, y).save(tmp_path / "m.safetensors")
    again = load_model(tmp_path / "m.safetensors")
    emptied = MESSY.assign(town=["Bern", "Rome", None, ""] * 12)
    given = model.predict_proba(MESSY)
    np.testing.assert_array_equal(again.predict_proba(MESSY), given)
    np.testing.assert_array_equal(again.predict_proba(emptied), given)
    assert again.missing == {"*": ["k.A.", "-"], "score": ["-999"]}


@pytest.mark.parametrize("header", [1, "-", [""], ["x" * 65], {"a": "-"}, {"a": [3]}])
def test_a_schema_with_other_words_is_refused(header):
    with pytest.raises(DataError, match="words for a missing value"):
        Schema.from_header({"columns": [{"name": "a", "kind": "number"}], "missing": header})


def test_what_is_no_word_and_no_column_is_refused():
    with pytest.raises(SettingsError, match="An empty cell is missing anyway"):
        MissingWords.of([" "])
    with pytest.raises(SettingsError, match="more than 64"):
        MissingWords.of({"age": "x" * 65})
    with pytest.raises(DataError, match=r'no feature "agee".*word for a missing.*"age"'):
        infer_schema(MESSY, said=SaidColumns.of(missing={"agee": "-"}))


def test_usual_words_beside_yes_and_no_numbers_or_dates_are_noted():
    assert perhaps_missing(["yes", "no", "-", "Unknown"]) == ["-", "Unknown"]
    assert perhaps_missing(["1", "2.5", "k.A."]) == ["k.A."]
    assert perhaps_missing(["2024-01-02", "n/k"]) == ["n/k"]
    assert not perhaps_missing(["Bern", "Rome", "unknown"])
    assert not perhaps_missing(["yes", "no", "maybe"])
    assert not perhaps_missing(["-", "unknown"])
    [note] = infer_schema(MESSY[["smoker"]]).notes
    assert "--missing smoker=- --missing smoker=K.A. on the command line" in note


def test_a_target_leaves_out_the_rows_of_its_words_and_says_so():
    frame = pd.DataFrame({"x": range(8), "ill": ["yes", "no", "k.A.", "no"] * 2})
    table = load_table(frame, target="ill")
    assert "'ill': ['k.A.']" in table.notes[-1]
    table = load_table(frame, target="ill", missing={"ill": ["k.A."]})
    assert table.target.tolist() == ["yes", "no", "no"] * 2
    assert table.frame["x"].tolist() == [0, 1, 3, 4, 5, 7]
    assert table.notes[-1].startswith('Left out 2 rows whose target "ill"')
    with pytest.raises(DataError, match="Every cell of the target"):
        load_table(frame.assign(ill="k.A."), target="ill", missing=["k.a."])
    with pytest.raises(DataError, match="group is missing in 2"):
        load_table(frame.assign(g=["-", "a", "b", "c"] * 2), target="ill", group="g", missing="-")


def test_the_doctor_names_words_of_features_and_target_and_its_fix_works():
    frame = pd.DataFrame({"x": np.arange(60) % 7, "ill": ["yes", "no", "k.A."] * 20})
    frame["smoker"] = ["ja", "nein", "-", "ja", "nein"] * 12
    [found] = [each for each in check_table(frame, "ill").findings if "missing" in each.check]
    assert found.columns == ("smoker", "ill")
    said = "missing={'smoker': ['-'], 'ill': ['k.A.']}"
    assert said in found.fix
    told = check_table(frame, "ill", missing={"smoker": ["-"], "ill": ["k.A."]})
    assert "word for missing" not in {each.check for each in told.findings}
    assert told.n_rows == 40
    assert any("Left out 20 rows" in note for note in told.notes)
