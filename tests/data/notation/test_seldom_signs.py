"""Signs that nobody sees, capitals of other languages, and numbers of levels in other tables."""

import numpy as np
import pandas as pd
import pytest

from thalweg.data.cells import INVISIBLE, level_of, number_of
from thalweg.data.dates.date_grammar import _MANY, what_is_said
from thalweg.data.notation.said_columns import SaidColumns
from thalweg.data.notation.yes_no import LANGUAGES, are_yes_no, folded, levels_of, yes_of
from thalweg.data.schema.schema import infer_schema
from thalweg.errors import DataError


@pytest.mark.parametrize("mark", [*INVISIBLE, "\u00a0", "\u2007", "\u3000"])
def test_a_mark_that_nobody_sees_changes_no_cell(mark):
    for text in (f"{mark}12.5", f"12.5{mark}", f"{mark}12.5 {mark}"):
        assert number_of(text) == 12.5
    assert level_of(f"{mark}Bern{mark}") == "Bern"
    assert level_of(f" {mark}") == ""
    marked = pd.DataFrame(
        {"x": [f"{mark}1", "2.5", f"3{mark}"], "d": ["2024-01-02", f"2024-01-03{mark}", mark]}
    )
    plain = pd.DataFrame({"x": ["1", "2.5", "3"], "d": ["2024-01-02", "2024-01-03", ""]})
    schema = infer_schema(plain)
    assert infer_schema(marked).kinds == schema.kinds == ("number", "date")
    np.testing.assert_array_equal(schema.matrix(marked), schema.matrix(plain))
    if mark in INVISIBLE:
        inside = pd.DataFrame({"x": [f"1{mark}2", "-" + mark + "3", f"1,5{mark} kg"[:3]]})
        assert infer_schema(inside).matrix(inside)[:2, 0].tolist() == [12, -3]


def test_a_mark_inside_a_word_is_shown():
    cells = [*map(str, range(40)), "1\u200bx2\u200bz"]
    with pytest.raises(DataError) as caught:
        infer_schema(pd.DataFrame({"x": cells}))
    assert "\\u200b" in str(caught.value)


@pytest.mark.parametrize("language", LANGUAGES)
def test_capitals_of_every_language_are_yes_and_no(language):
    for each in LANGUAGES[language]:
        for word in each:
            for other in (word.upper(), word.title(), word.replace("i", "\u0130").upper()):
                assert folded(other) == word, other


def test_turkish_and_spanish_capitals_are_one_level():
    for words in (["HAYIR", "Evet", "hayır", "EVET"], ["SÍ", "no", "sí", "NO"]):
        assert are_yes_no(words)
    assert sorted(set(levels_of(["HAYIR", "hayır", "Evet", "EVET"]).values())) == ["evet", "hayır"]
    assert are_yes_no(["SI\u0301", "sí", "no"])  # the accent as a sign of its own
    assert yes_of(["EVET", "HAYIR"]) == "EVET"
    frame = pd.DataFrame({"s": ["HAYIR", "hayır", "EVET", "evet"]})
    assert infer_schema(frame).matrix(frame)[:, 0].tolist() == [2, 2, 1, 1]


KINDS = {
    "int": [1, 2, 3],
    "float": [1.0, 2.0, 3.0],
    "texts": ["1", "2", "3"],
    "texts of floats": ["1.0", "2.0", "3.00"],
}


@pytest.mark.parametrize("later", KINDS)
@pytest.mark.parametrize("fitted", KINDS)
def test_a_level_is_its_number_however_a_table_writes_it(fitted, later):
    schema = infer_schema(pd.DataFrame({"c": KINDS[fitted] * 9}), said=SaidColumns.of(category="c"))
    for times in (1, 20):
        taken = schema.take(pd.DataFrame({"c": KINDS[later] * times}))
        assert taken.matrix[:3, 0].tolist() == [1, 2, 3]
        assert not taken.unseen


def test_codes_and_versions_stay_different_levels():
    said = SaidColumns.of(category="c")
    schema = infer_schema(pd.DataFrame({"c": ["01", "1.10", "1", "1.0"] * 9}), said=said)
    assert schema.levels == (("01", "1", "1.0", "1.10"),)
    taken = schema.take(pd.DataFrame({"c": ["1.0", "1", "1.1", "001", "1.00"]}))
    assert taken.matrix[:, 0].tolist() == [3, 2, 0, 0, 2]


@pytest.mark.parametrize("times", [2, 40])
@pytest.mark.parametrize("proof", ["1.234.567", "1.234,5"])
def test_thousands_that_a_later_column_proves_are_refused(proof, times):
    schema = infer_schema(pd.DataFrame({"x": [*map(str, range(100, 190))]}))
    with pytest.raises(DataError) as caught:
        schema.matrix(pd.DataFrame({"x": ["1.234", proof] * times}))
    told = caught.value
    assert told.what == "1.234 may be 1234 or 1.234"
    assert proof in told.why
    assert "Also" not in told.why
    assert "--number x=1.234,56" in told.fix
    # What no cell proves is a decimal point, as when the model was fitted.
    assert schema.matrix(pd.DataFrame({"x": ["1.234", "1.500"] * times}))[0, 0] == 1.234


def test_messages_show_an_invented_number_in_the_notation_of_the_column():
    cells = ["27,4 kg/m2", "1.027,42 kg/m2", "31 kg/m2"]
    for order in (cells, cells[::-1]):
        schema = infer_schema(pd.DataFrame({"bmi": order * 9}))
        assert "numbers such as 1.234,56 kg/m2," in str(schema)
    with pytest.raises(DataError, match=r"fitted on numbers such as 1.234,56 kg/m2, and '2.5'"):
        schema.matrix(pd.DataFrame({"bmi": ["2.5", "1.234"]}))


def test_many_dates_are_read_as_each_alone():
    rng = np.random.default_rng(0)
    days = pd.Timestamp("1990-01-01") + pd.to_timedelta(rng.integers(0, 10**9, 300), unit="s")
    forms = ["%Y-%m-%d", "%d.%m.%Y", "%d %B %Y", "%Y-%m-%dT%H:%M:%SZ", " %d/%m/%y", "%I:%M %p"]
    texts = [day.strftime(forms[k % len(forms)]) for k, day in enumerate(days)]
    texts += ["1. MÄRZ 2024", "", "nothing", "x" * 80, "12:30\0", "\u0664-01-2024", "29-FEB-2023"]
    assert len(texts) > _MANY
    many = what_is_said(texts)
    for place, text in enumerate(texts):
        alone = what_is_said([text])
        for name, values in vars(alone).items():
            assert getattr(many, name)[place] == values[0], (text, name)
