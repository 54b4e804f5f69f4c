"""What stands in the head of an exported file: nothing of a stranger's text acts there."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parity import FACTORS, fitted_for
from thalweg.export.export_contract import (
    commented,
    contract_lines,
    head_lines,
    named,
    printed_lines,
)
from thalweg.jobs.exports.written_export import carried

PLAIN = {name: values[0] for name, values in FACTORS.items()}


@given(st.text())
def test_untrusted_text_ends_no_comment_in_any_language(text):
    shown = commented(text)
    assert re.fullmatch(r'"(?:[A-Za-z0-9 _.,:;()<>=+-]|\\u[0-9a-f]{4})*"', shown)
    assert not any(each in shown for each in ("*/", "??", "<!", "\n", "'", "`"))


def test_plain_names_stay_and_long_ones_are_cut():
    assert commented("cell size (mm)") == '"cell size (mm)"'
    assert commented("caf\u00e9*/") == '"caf\\u00e9\\u002a\\u002f"'
    assert commented("\U0001f600") == '"\\ud83d\\ude00"'
    assert commented("x" * 10_000) == f'"{"x" * 60}..."'


@pytest.mark.filterwarnings("ignore::thalweg.errors.ThalwegWarning")
def test_the_contract_says_what_holds_for_these_inputs():
    model, _ = fitted_for({**PLAIN, "missing": "words", "columns": "mixed", "dtype": "float64"})
    said = " ".join(contract_lines(carried(model, "")))
    for each in (
        "days since 1970-01-01",
        "must be stripped",
        "A boolean is 1 or 0",
        '"k.A."',
        "1e-12",
    ):
        assert each in said
    head = "\n".join(head_lines(carried(model, "5ea1")))
    assert "the model with the seal 5ea1" in head
    assert "it is yours" in head
    assert '  "sex": text, one of 2 levels: "f", "m"' in head
    numbers, _ = fitted_for({**PLAIN, "columns": "numbers", "task": "squared_error"})
    said = " ".join(contract_lines(carried(numbers, "")))
    assert "stripped" not in said
    assert "2e-06 of the size of the answer" in said


@pytest.mark.filterwarnings("ignore::thalweg.errors.ThalwegWarning")
def test_what_is_printed_has_the_columns_and_the_answers_as_they_are_written():
    model, _ = fitted_for({**PLAIN, "missing": "words", "columns": "mixed"})
    made = carried(model, "")
    umlaut = replace(made.inputs[0], name="G\u00fcte (mg/l)?")
    said = printed_lines(replace(made, inputs=(umlaut, *made.inputs[1:])))
    assert said[:2] == ["It takes:", '  "G\u00fcte (mg/l)?": number']
    assert len(said[1 : said.index("")]) == len(made.inputs)
    assert said[said.index("It gives:") + 1].startswith('  the probabilities of "no", "yes"')
    assert named("x" * 100) == f'"{"x" * 60}..."'


def test_what_is_printed_of_many_columns_ends_and_keeps_the_exposure():
    model, _ = fitted_for({**PLAIN, "columns": "numbers", "task": "poisson", "offset": "exposure"})
    made = carried(model, "")
    first, exposure = made.inputs[0], made.inputs[-1]
    many = tuple(replace(first, name=f"x{k}") for k in range(500))
    said = printed_lines(replace(made, inputs=(*many, exposure)))
    shown = said[1 : said.index("")]
    assert len(shown) == 41
    assert shown[-2] == "  and 461 more, which stand in the file"
    assert "the exposure of the row: the answers are multiplied by it" in shown[-1]
    head = head_lines(replace(made, inputs=(*many, exposure)))
    assert sum(each.startswith('  "x') for each in head) == 500


@pytest.mark.parametrize(
    ("task", "kind", "effect"),
    [
        ("poisson", "exposure", "the exposure of the row: the answers are multiplied by it"),
        ("poisson", "offset", "the offset of the row: the answers are multiplied by its exp"),
        ("squared_error", "offset", "the offset of the row: it is added to the answers"),
    ],
)
def test_the_contract_says_what_an_offset_or_exposure_does(task, kind, effect):
    model, _ = fitted_for({**PLAIN, "columns": "numbers", "task": task, "offset": kind})
    made = carried(model, "")
    head = "\n".join(head_lines(made))
    assert effect in head
    assert f"The answers need the {kind}, a number from" in head
    assert "The answers need" not in " ".join(
        contract_lines(carried(fitted_for({**PLAIN, "columns": "numbers"})[0], ""))
    )


@pytest.mark.filterwarnings("ignore::thalweg.errors.ThalwegWarning")
def test_words_for_a_missing_value_of_every_column_are_said_once_and_not_of_bounds():
    model, _ = fitted_for({**PLAIN, "missing": "words", "columns": "mixed"})
    made = carried(model, "")
    plain = [replace(each, missing=()) for each in made.inputs]
    told = [replace(each, missing=("k.A.",)) for each in plain]
    bound = replace(plain[0], name="lod: bound", kind="bound", missing=("k.A.",))
    [line] = [
        each for each in printed_lines(replace(made, inputs=(*told, bound))) if "k.A." in each
    ]
    assert line.endswith('give NaN or an empty text for "k.A." in every column.')
    some = (*told[:2], *plain[2:], bound)
    [line] = [each for each in printed_lines(replace(made, inputs=some)) if "k.A." in each]
    names = [named(each.name) for each in told[:2]]
    assert line.endswith(f'for "k.A." in {names[0]}; "k.A." in {names[1]}.')
