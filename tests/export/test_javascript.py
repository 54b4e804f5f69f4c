"""The text of formulas in JavaScript. That it computes the same is tested in a browser."""

import math
import re

import pytest

from thalweg.elementary_functions import exp, where
from thalweg.export.javascript import function_text, module_text, number_text
from thalweg.network.formulas.activations import ACTIVATIONS
from thalweg.network.formulas.expressions.symbols import (
    BINARY,
    FUNCTIONS,
    UNARY,
    Formula,
    FormulaStep,
    traced,
)
from thalweg.network.formulas.loss_bodies import joined


def curve(z, low):
    e = exp(-abs(z))
    return where(z < low, e, 1.0) / (1.0 + e)


def test_steps_that_are_used_once_stand_where_they_are_used():
    assert (
        function_text("curve", traced(curve, "z", "low"))
        == """\
  curve(z, low) {
    const t4 = Math.exp((-Math.abs(z)));
    return ((z < low) ? t4 : 1.0) / (1.0 + t4);
  },"""
    )


def test_several_results_are_an_array():
    assert "return [t3, " in function_text("joined", traced(joined, "top", "others", "z"))


@pytest.mark.parametrize("operation", [*FUNCTIONS, *UNARY, *BINARY])
def test_every_operation_is_written(operation):
    n = 1 if operation in UNARY or operation not in ("maximum", "minimum", *BINARY) else 2
    n = 3 if operation == "where" else n
    steps = (
        *(FormulaStep("argument", (k,)) for k in range(n)),
        FormulaStep(operation, tuple(range(n))),
    )
    text = function_text("f", Formula(tuple("abc"[:n]), steps, (n,)))
    for argument in "abc"[:n]:
        assert re.search(rf"\b{argument}\b", text.split("{", 1)[1])


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.1, "0.1"), (-2.0, "(-2.0)"), (-0.0, "(-0.0)"), (1e300, "1e+300"), (math.inf, "Infinity"),
     (-math.inf, "(-Infinity)"), (math.nan, "NaN")],
)  # fmt: skip
def test_numbers_are_written_to_the_last_bit(value, text):
    assert number_text(value) == text


def test_a_module_has_one_name_at_its_top():
    text = module_text({name: traced(each.value, "z") for name, each in ACTIVATIONS.items()})
    assert re.findall(r"^(?:export )?(?:const|let|function) (\w+)", text, re.MULTILINE) == [
        "FORMULAS"
    ]
    assert re.findall(r"^  (\w+)\(z\) \{$", text, re.MULTILINE) == sorted(ACTIVATIONS)
    assert len(text) < 2500
