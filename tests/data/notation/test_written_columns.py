"""Thirty-three styles, ten columns each: read right, or both readings are really possible."""

import re
import unicodedata

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thalweg import ThalwegRegressor, load_model
from thalweg.data.notation.missing_words import MissingWords
from thalweg.data.notation.number_notation import PLAIN, NumberNotation, notation_of
from thalweg.data.notation.read_number import NumberReader
from thalweg.data.notation.said_columns import SaidColumns
from thalweg.data.notation.written_number import written
from thalweg.data.schema.schema import Schema, infer_schema
from thalweg.data.target_kind import numbers_of
from thalweg.errors import DataError
from written_styles import SHAPES, STYLES, style, written_column

CASES = [(name, k) for name in STYLES for k in range(len(SHAPES))]


def both_are_possible(texts):
    """Whether every text can be read with either mark before decimals, by a rule of its own."""
    plain = (unicodedata.normalize("NFKC", text) for text in texts)  # marks of full width
    texts = [text for text in plain if "," in text or "." in text]
    marks = [[c for c in text if c in ".,"] for text in texts]
    if any(len(each) > 1 for each in marks):
        return False
    kinds = {each[0] for each in marks if each}
    if len(kinds) != 1:
        return False
    for text in texts:
        digits = re.search(r"[\d.,]+", text)[0]
        whole, mark, rest = digits.partition(kinds.copy().pop())
        if mark and (len(rest) != 3 or not 1 <= len(whole) <= 3 or whole.startswith("0")):
            return False
    return True


def read(texts):
    frame = pd.DataFrame({"x": pd.Series(texts, dtype=object)})
    schema = infer_schema(frame)
    assert Schema.from_header(schema.to_header()) == schema
    assert schema.kinds == ("number",)
    by_column = schema.matrix(frame)[:, 0]
    # A table of few rows is read by rows, and gives the same.
    by_row = np.concatenate([schema.matrix(frame[i : i + 7])[:, 0] for i in range(0, 60, 7)])
    assert np.array_equal(by_column, by_row)
    return by_column


def read_or_error(texts):
    try:
        return read(texts)
    except DataError as error:
        return error


def test_three_hundred_and_thirty_columns_are_read_right_or_asked_about():
    asked = []
    for name, k in CASES:
        texts, truth = written_column(name, SHAPES[k], seed=k)
        found = read_or_error(texts)
        if isinstance(found, DataError):
            assert both_are_possible(texts), (name, k, found)
            assert "may be" in found.what
            asked.append((name, k))
        else:
            assert np.array_equal(found, truth), (name, k)
    assert len(CASES) == 330
    assert len(asked) <= 33, asked


@pytest.mark.quick_each(3)
@pytest.mark.parametrize("name", STYLES)
def test_a_column_of_which_nothing_proves_the_marks_is_asked_about_or_read_right(name):
    # Three decimals everywhere, and thousands without a million: the hardest there are.
    for k, shape in enumerate([(1.0, 900.0, 3, True), (1_000.0, 900_000.0, 0, True)]):
        texts, truth = written_column(name, shape, seed=100 + k)
        found = read_or_error(texts)
        if not isinstance(found, DataError):
            assert np.array_equal(found, truth), name
            continue
        assert both_are_possible(texts), (name, texts[:3])
        values = found.what.split(" may be ")[1].split(" or ")
        row = int(found.where.rpartition(" ")[2]) - 1
        # Each printed example is read as it says.
        frame = pd.DataFrame({"x": texts})
        for number, example in zip(values, examples_of(found), strict=True):
            schema = infer_schema(frame, said=SaidColumns.of({"x": example}))
            assert schema.matrix(frame)[row, 0] == float(number)


def examples_of(error):
    return [part.split("'")[0] for part in error.fix.split("number={'x': '")[1:]]


# Styles whose unit is none: a model that learned numbers without a unit reads them, too.
BARE = [name for name in STYLES if written(STYLES[name](1234.5, 1)).unit == ""]


@pytest.mark.quick_each(3)
@pytest.mark.parametrize("part", range(3))
def test_a_model_file_predicts_the_same_from_each_style(tmp_path, part):
    rng = np.random.default_rng(0)
    values = rng.uniform(-30_000, 80_000, 200).round(2)
    y = np.sin(values / 2e4)
    settings = {"hidden_layer_sizes": (4,), "max_iter": 2, "early_stopping": False}
    plain = ThalwegRegressor(**settings, random_state=0).fit(pd.DataFrame({"x": values}), y)
    expected = plain.predict(pd.DataFrame({"x": values}))
    tables = {
        name: pd.DataFrame({"x": pd.Series([write(v, 2) for v in values], dtype=object)})
        for name, write in STYLES.items()
    }
    for name, table in [*tables.items()][part::3]:
        model = ThalwegRegressor(**settings, random_state=0).fit(table, y)
        model.save(tmp_path / "m", overwrite=True)
        loaded = load_model(tmp_path / "m")
        assert loaded.schema_ == model.schema_
        assert np.array_equal(loaded.predict(table), expected), name
        assert np.array_equal(loaded.predict(table[:1]), expected[:1]), name
        # The same numbers without unit, as numbers or in any other way, are the same numbers.
        for other in (pd.DataFrame({"x": values}), *(tables[bare] for bare in BARE)):
            assert np.array_equal(loaded.predict(other), expected), name
        # A unit that the model does not know is refused.
        unit = "%" if "%" not in STYLES[name](1.0, 0) else "kg"
        with pytest.raises(DataError, match="another unit"):
            loaded.predict(pd.DataFrame({"x": [f"5 {unit}"]}))


@given(
    value=st.floats(-1e9, 1e9).map(lambda v: round(v, 4)),
    places=st.integers(0, 4),
    name=st.sampled_from(sorted(STYLES)),
)
def test_what_a_style_writes_is_among_the_readings(value, places, name):
    if name == "minus behind":  # 5- is the beginning of a range, and no number
        places = max(places, 1)
    value = round(value, places) + 0.0
    said = written(STYLES[name](value, places))
    assert said is not None
    assert value in [reading.value for reading in said.readings]
    assert len(said.readings) <= 2
    # The notation of the style reads it.
    example = notation_of(STYLES[name](-1234567.89, 2))
    assert NumberReader(example)(STYLES[name](value, places)) == value


@given(
    decimal=st.sampled_from([".", ","]),
    thousands=st.sampled_from(["", ",", ".", " ", "'"]),
    unit=st.sampled_from([("", False), ("€", True), ("kg/m2", False), ("EUR", True), ("%", False)]),
    bounded=st.booleans(),
)
def test_a_notation_is_its_example_and_its_plain_data(decimal, thousands, unit, bounded):
    if decimal == thousands:
        return
    notation = NumberNotation(decimal, thousands, *unit, bounded)
    assert NumberNotation.from_data(notation.as_data()) == notation
    assert notation_of(notation.example) == notation
    value = NumberReader(notation)(notation.example)
    assert value == 1234.56


@given(st.text(alphabet="0123456789.,' -+eE%$€kgx/()<>≤\u2212\u00a0", max_size=14))
def test_no_text_breaks_the_grammar_and_python_agrees_where_it_reads_one(text):
    said = written(text)
    if said is None:
        return
    values = [reading.value for reading in said.readings]
    assert all(np.isfinite(values))
    try:
        plain = float(text)
    except ValueError:
        return
    assert plain in values
    assert not said.unit
    assert not said.bound


@given(st.floats(-1e12, 1e12), st.sampled_from(["{!r}", "{:.3f}", "{:.0f}", "{:e}"]))
def test_plain_numbers_are_what_python_reads(value, form):
    text = form.format(value)
    assert NumberReader(PLAIN)(text) == float(text)


def test_styles_are_thirty_three_and_differ():
    assert len({write(-1234567.5, 1) for write in STYLES.values()}) == len(STYLES) == 33
    assert style(",", ".", behind=" €")(-1234.5, 2) == "-1.234,50 €"


@pytest.mark.parametrize("unit", ["Punkte", "dni", "gün", "km"])
def test_a_word_for_missing_among_numbers_with_any_unit_is_an_error(unit):
    cells = [f"{60 + row / 10:.1f} {unit}".replace(".", ",") for row in range(40)]
    cells[7] = cells[21] = "b.d."
    frame = pd.DataFrame({"miara": cells})
    with pytest.raises(DataError, match=r"Text instead of a number: 'b\.d\.'") as caught:
        infer_schema(frame)
    assert "--missing miara=b.d." in str(caught.value)
    assert "38 cells are numbers, and 2 are other text" in str(caught.value)
    said = SaidColumns(missing=MissingWords.of({"miara": ["b.d."]}))
    assert infer_schema(frame, said=said).kinds == ("number",)
    with pytest.raises(DataError, match=r"number: 'b\.d\.', in the target"):
        numbers_of(cells, "miara")
    cells[7] = "1 other"  # a number with another word is no word for a missing value
    with pytest.raises(DataError) as caught:
        infer_schema(pd.DataFrame({"miara": cells}))
    assert "--missing" not in str(caught.value)


def test_names_with_numbers_in_front_are_no_numbers():
    towns = [f"{row} {word} street" for row, word in enumerate(["Oak", "Elm", "Main", "Mill"] * 10)]
    assert infer_schema(pd.DataFrame({"x": [*towns, "none", "none"]})).kinds == ("identifier",)
    few = [f"{row % 8} rooms" for row in range(40)]
    assert infer_schema(pd.DataFrame({"x": [*few, "none"]})).kinds == ("category",)
