"""What stands in the head of an exported file: nothing of a stranger's text acts there."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parity import FACTORS, fitted_for
from thalweg import ThalwegClassifier
from thalweg.export.export_contract import commented, contract_lines, head_lines, printed_lines
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
    printed = printed_lines(carried(model, ""))
    assert printed[0] == "It takes:"
    assert '  "sex": text, one of 2 levels: "f", "m"' in printed
    assert printed[len(model.feature_names_in_) + 1].startswith("It gives: the probabilities of ")
    numbers, _ = fitted_for({**PLAIN, "columns": "numbers", "task": "squared_error"})
    said = " ".join(contract_lines(carried(numbers, "")))
    assert "stripped" not in said
    assert "2e-06 of the size of the answer" in said


@pytest.mark.filterwarnings("ignore::thalweg.errors.ThalwegWarning")
def test_of_a_wide_table_the_first_columns_are_printed_and_how_many_more():
    X = np.random.default_rng(0).normal(size=(60, 40))
    model = ThalwegClassifier((2,), max_iter=1, early_stopping=False, random_state=0)
    made = carried(model.fit(X, X[:, 0] > 0), "")
    printed = printed_lines(made)
    assert printed[:3] == ["It takes:", '  "x0": number', '  "x1": number']
    assert printed[12:14] == [
        '  "x11": number',
        "  and 28 more, which stand in the file and in --json",
    ]
    assert all(f'"x{n}": number' in "\n".join(head_lines(made)) for n in range(40))
