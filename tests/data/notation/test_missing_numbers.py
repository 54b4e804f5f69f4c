"""A numeric word for a missing value is that number however the cells of a column write it."""

import numpy as np
import pandas as pd
import pytest

from thalweg import ThalwegClassifier, check_table, load_model, load_table
from thalweg.data.notation.missing_words import MissingWords, WordsOfColumn
from thalweg.data.notation.number_notation import notation_of
from thalweg.data.notation.said_columns import SaidColumns
from thalweg.data.schema.schema import Schema, infer_schema
from thalweg.errors import SettingsError

COMMA = ["51,2", "48,75", "60,5", "1,5", "72,0"]
DOLLAR = ["$1,250.50", "$12.00", "$300", "$1,000.25", "$7"]
KILO = ["51 kg", "60 kg", "72 kg", "48 kg", "55 kg"]
SHARE = ["5,5 %", "7,25 %", "9,0 %", "12 %", "0,5 %"]
GERMAN = ["1.234,5", "2.000,75", "300,5", "1.000", "7,5"]
PLAIN = ["51.5", "60", "72.25", "48", "55"]
# The cells of a column, a cell that is such a number, and words for it.
CASES = [
    *((COMMA, cell, word) for cell in ("-999", "-999,0", "-999,00", "\u2212999", "(999)")
      for word in ("-999", "-999,0", "-999.0", "\u2212999")),
    *((DOLLAR, cell, word) for cell in ("$9,999", "$9,999.00", "9999", "$9999.0")
      for word in ("9999", "9,999", "$9999", "9999.0", "9,999.00")
      if (cell, word) != ("9999", "$9999")),
    *((KILO, cell, word) for cell in ("-999 kg", "\u2212999 kg") for word in ("-999", "-999 kg")),
    *((SHARE, cell, "-999") for cell in ("-999 %", "-999,0 %")),
    *((GERMAN, cell, word) for cell in ("9.999", "9.999,0", "9999") for word in ("9999", "9.999")),
    *((PLAIN, cell, word) for cell in ("-999", "(999)", "-999.0")
      for word in ("-999", "-999,0", "-999.0")),
]  # fmt: skip
# Words that are another number than the cell.
OTHERS = [
    (COMMA, "9,999", "9999"),
    (PLAIN, "9.999", "9999"),
    (GERMAN, "9,999", "9999"),
    (DOLLAR, "$9.999", "9999"),
    (KILO, "999 kg", "-999"),
    (KILO, "999 kg", "999 g"),
]


def _column(cells, odd):
    return pd.DataFrame({"x": [*cells * 8, odd, odd], "z": range(8 * len(cells) + 2)})


@pytest.mark.quick_each(3)
@pytest.mark.parametrize(("cells", "odd", "word"), CASES)
def test_a_numeric_word_empties_its_cells_however_they_are_written(cells, odd, word):
    table = _column(cells, odd)
    schema = infer_schema(table, said=SaidColumns.of(missing={"x": word}))
    assert schema.kinds == ("number", "number")
    wanted = infer_schema(table[:-2]).matrix(table[:-2])[:, 0]
    for later in (schema, Schema.from_header(schema.to_header())):
        for rows in (table, table[-8:]):  # column by column, and row by row
            read = later.matrix(rows)[:, 0]
            np.testing.assert_array_equal(read[:-2], wanted[len(wanted) + 2 - len(rows) :])
            assert np.isnan(read[-2:]).all()


@pytest.mark.parametrize(("cells", "odd", "word"), OTHERS)
def test_a_cell_that_is_another_number_stays(cells, odd, word):
    table = _column(cells, odd)
    schema = infer_schema(table, said=SaidColumns.of(missing={"x": word}))
    assert schema.kinds == ("number", "number")
    np.testing.assert_array_equal(schema.matrix(table), infer_schema(table).matrix(table))


@pytest.mark.parametrize("dtype", ["int64", "float64", "object"])
def test_a_word_with_a_decimal_comma_is_its_number_in_plain_columns(dtype):
    table = pd.DataFrame({"x": pd.Series([-999, 1, 2, 3] * 12, dtype=dtype)})
    schema = infer_schema(table, said=SaidColumns.of(missing=["-999,0"]))
    assert np.isnan(schema.matrix(table)[::4, 0]).all()
    assert not np.isnan(schema.matrix(table)[1::4, 0]).any()


def test_a_number_with_a_unit_stays_a_level_where_the_column_is_no_number():
    table = pd.DataFrame({"x": ["9 mm", "thick", "thin", "9"] * 9})
    schema = infer_schema(table, said=SaidColumns.of(missing=["9"]))
    assert schema.levels == (("9 mm", "thick", "thin"),)
    assert np.isnan(schema.matrix(table)[3, 0])


@pytest.mark.parametrize(
    ("cells", "word", "value"),
    [("-999,0", "w=-999", -999), ("$99,999.00", "w=99999", 99999)],
)
@pytest.mark.parametrize("role", ["feature", "target"])
def test_the_fix_of_the_doctor_for_a_sentinel_works(cells, word, value, role):
    rng = np.random.default_rng(3)
    texts = [f"{v:.1f}".replace(".", ",") for v in rng.uniform(20, 90, 120)]
    if "$" in cells:
        texts = [f"${v:,.2f}" for v in rng.uniform(900, 9000, 120)]
    table = pd.DataFrame({"z": rng.normal(size=123), "w": [*texts, *[cells] * 3]})
    target = "w" if role == "target" else None
    [found] = [each for each in check_table(table, target).findings if each.check == "sentinel"]
    assert f"--missing {word} on" in found.fix
    again = check_table(table, target, missing={"w": word.partition("=")[2]})
    assert "sentinel" not in {each.check for each in again.findings}
    assert again.n_rows == (120 if role == "target" else 123)
    if role == "target":
        assert load_table(table, target="w", missing={"w": str(value)}).frame.shape == (120, 1)


def test_a_saved_model_reads_later_tables_by_its_words(tmp_path):
    table = _column(COMMA, "-999,0")
    y = np.array(["a", "b"] * (len(table) // 2))
    model = ThalwegClassifier(
        (4,), max_iter=2, random_state=0, early_stopping=False, missing={"x": ["-999"]}
    )
    model.fit(table, y).save(tmp_path / "m.safetensors")
    again = load_model(tmp_path / "m.safetensors")
    later = [table.assign(x=cell) for cell in ("-999,00", "\u2212999", "(999)", -999.0, None)]
    for each in later:
        np.testing.assert_array_equal(again.predict_proba(each), model.predict_proba(later[-1]))


def test_a_word_that_no_cell_holds_is_noted():
    table = _column(COMMA, "-999,0")
    notes = check_table(table, missing={"*": ["kA"], "x": ["-999", "77"]}).notes
    assert [note for note in notes if note.startswith("No cell")] == [
        'No cell of any column holds "kA", which is said to be missing.',
        'No cell of "x" holds "77", which is said to be missing.',
    ]


def test_the_notation_chooses_what_a_word_with_two_readings_is():
    words = WordsOfColumn.of(["9,999"])
    assert words.by(notation_of("1,234.5"))("9999")
    assert not words.by(notation_of("1,234.5"))("9.999")
    assert words.by(notation_of("1.234,5"))("9.999,0") is False
    assert words.by(notation_of("0,5"))("9,9990")
    assert not MissingWords.of(["-999"]).words("x").perhaps("<-999")


def _fixes(table, target=None):
    return {each.check: each.fix for each in check_table(table, target).findings}


@pytest.mark.parametrize(("role", "check"), [(None, "mixed types"), ("w", "target")])
def test_the_fix_of_a_column_with_two_problems_names_both_options(role, check):
    cells = [f"{value:,}" for value in range(1234, 7234, 100)]
    table = pd.DataFrame({"z": np.arange(62) % 5, "w": [*cells, "k.A.", "k.A."]})
    fix = _fixes(table, role)[check]
    assert "--missing w=k.A. --number w=1,234.56 on the command line" in fix
    assert "missing={'w': ['k.A.']}, number={'w': '1,234.56'} in Python" in fix
    told = check_table(table, role, missing={"w": ["k.A."]}, number={"w": "1,234.56"})
    assert check not in {each.check for each in told.findings}


@pytest.mark.parametrize("role", [None, "smoker"])
def test_the_cure_for_spellings_of_yes_and_no_is_the_word_that_keeps_them_apart(role):
    table = pd.DataFrame({"z": np.arange(60) % 7, "smoker": ["Ja", "ja", "nein", "k.A."] * 15})
    fix = _fixes(table, role)["spelling"]
    assert fix.startswith('if "k.A." means "not known", say so: --missing smoker=k.A. on')
    told = check_table(table, role, missing={"smoker": ["k.A."]})
    assert "spelling" not in {each.check for each in told.findings}


def test_other_spellings_have_no_such_cure():
    table = pd.DataFrame({"town": ["Bern", "bern", "Rome", "k.A."] * 15})
    assert _fixes(table)["spelling"].startswith("use one spelling")


def test_one_word_among_classes_is_a_class_of_its_own():
    table = pd.DataFrame({"z": range(60), "ill": ["yes", "no", "k.A."] * 20})
    assert (
        'has "k.A." as a class of its own. If it means' in load_table(table, target="ill").notes[-1]
    )
    table["ill"] = ["yes", "no", "k.A.", "-"] * 15
    assert "as classes of their own. If they mean" in load_table(table, target="ill").notes[-1]


def test_the_empty_text_is_named_as_no_word():
    with pytest.raises(SettingsError, match="The empty text is no word for a missing value"):
        MissingWords.of({"x": ""})


def test_rows_whose_target_is_the_number_are_left_out_in_every_notation():
    table = pd.DataFrame({"z": range(42), "w": [*COMMA * 8, "-999,00", "\u2212999"]})
    for words in (["-999"], {"w": ["-999,0"]}):
        assert len(load_table(table, target="w", missing=words).frame) == 40
    kept = load_table(table.assign(w=[*COMMA * 8, "9,999", "9,999"]), target="w", missing=["9999"])
    assert len(kept.frame) == 42
    notes = load_table(table, target="w", missing={"w": ["77"]}).notes
    assert 'No cell of "w" holds "77", which is said to be missing.' in notes


def test_many_levels_say_what_the_rarer_ones_share():
    table = pd.DataFrame({"town": [f"town {k}" for k in range(40)] * 3})
    [found] = [each for each in check_table(table).findings if each.check == "many levels"]
    assert "a target code tells them apart" in found.why
