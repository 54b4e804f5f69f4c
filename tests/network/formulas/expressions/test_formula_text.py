"""What is read as a formula, and what is refused, with its place and a fix."""

import builtins
import os
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forged_formulas import forged_formulas
from step_by_step import evaluated
from thalweg.errors import SettingsError
from thalweg.network.formulas.expressions.built_function import built
from thalweg.network.formulas.expressions.formula_text import LONGEST, MOST_STEPS, formula_of
from thalweg.network.formulas.expressions.printed_formula import text_of
from thalweg.network.formulas.expressions.written_loss import written_loss

# What Python makes of the same text, with z = 1.5 and y = -0.75.
PYTHON = {
    "1 + 2 * z - y / 4": 1 + 2 * 1.5 + 0.75 / 4,
    "-z ** 2": -2.25,
    "(-z) ** 3": -3.375,
    "2 * -z ** 2 - -y": -4.5 - 0.75,
    "1 - (2 - z) - (y - (z - 1))": 1 - 0.5 + 0.75 + 0.5,
    "z / y / 2 * 3": 1.5 / -0.75 / 2 * 3,
    "z / (y / (2 * 3))": 1.5 / (-0.75 / 6),
    "abs(y) + max(z, y) - min(z, y)": 0.75 + 1.5 + 0.75,
    "where(z > y, where(y >= 0, 10, 20), 30) * z": 30.0,
    "where(z == 1.5, 1, 2) + where(y <= -0.75, 3, 4) + 0 * z": 4.0,
    "expm1(z) - exp(z) + 1": 0.0,
    ".5 * z + 1.e0 * y + 1E-1": 0.75 - 0.75 + 0.1,
    "+z - +y": 2.25,
    "floor(z) + sign(y) + sqrt(z * z) + sin(0 * z) + cos(0 * y)": 1 - 1 + 1.5 + 0 + 1,
    "log1p(z - 1) - log1p(1.5 - 1)": 0.0,
    "z**9": 1.5**9,
}


@pytest.mark.parametrize("text", PYTHON)
def test_a_formula_means_what_python_means(text):
    formula = formula_of(text)
    assert evaluated(formula, 1.5, -0.75) == pytest.approx(PYTHON[text], abs=1e-12)
    assert built(formula, "f")(1.5, -0.75) == pytest.approx(PYTHON[text], abs=1e-12)


@pytest.mark.parametrize("text", PYTHON)
def test_a_printed_formula_is_read_as_the_same_steps(text):
    printed = text_of(formula_of(text))
    assert text_of(formula_of(printed)) == printed
    assert evaluated(formula_of(printed), 1.5, -0.75) == evaluated(formula_of(text), 1.5, -0.75)


_LEAVES = st.sampled_from(["z", "y", "2", "0.1", "1e-3"])
_TEXTS = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda p: f"({p[0]} {p[1]} {p[2]})"),
        st.tuples(inner, st.sampled_from("+-"), inner).map(lambda p: f"{p[0]} {p[1]} {p[2]}"),
        inner.map(lambda a: f"-({a})"),
        inner.map(lambda a: f"({a}) ** 2"),
        st.tuples(inner, inner).map(lambda p: f"max({p[0]}, {p[1]})"),
        st.tuples(inner, inner, inner).map(lambda p: f"where({p[0]} < {p[1]}, {p[2]}, -{p[1]})"),
    ),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(_TEXTS)
def test_printing_keeps_every_value(text):
    try:
        formula = formula_of(text)
    except SettingsError:  # such as 0 / 0, or without z
        return
    again = formula_of(text_of(formula))
    with np.errstate(all="ignore"):
        one, other = (built(each, "f") for each in (formula, again))
        for z, y in ((1.5, -0.75), (-2.0, 0.3)):
            np.testing.assert_array_equal(one(np.float64(z), np.float64(y)),
                                          other(np.float64(z), np.float64(y)))  # fmt: skip


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("z - y 3", "character 7, at the mark ‸ in z - y ‸3"),
        ("log(z)", "write log1p(x - 1)"),
        ("z^2", "write ** for a power"),
        ("abs(z - y)**10", "The largest power is 9"),
        ("z**2 if z else y", "write where(CONDITION, VALUE"),
        ("np.exp(z)", "write the function alone, such as exp(z)"),
        ("where(z > y, z)", "write where(a, b, c)"),
        ("(z > y) * 2", "write where(a > b, then, otherwise)"),
        ("2 * y", "does not have z"),
        ("z - 1e400", "no finite number"),
        ("z ** 2.5", "write one from 1 to 9, or sqrt"),
        ("a < z < y", "There is no 'a'".lower()),
        ("z < y < 3", "where(a < b, where(b < c"),
        ("z" * (LONGEST + 1), "1,001 characters"),
        ("+".join(["z * y"] * 30 + [f"{k} * z" for k in range(200)]), "1,0"),
        ("+".join(f"{k}*z" for k in range(150)), f"at most {MOST_STEPS} operations"),
    ],
)
def test_an_error_names_the_place_and_the_fix(text, says):
    with pytest.raises(SettingsError) as error:
        formula_of(text)
    assert says.lower() in str(error.value).lower()


def test_forged_formulas_are_refused_and_nothing_is_run(monkeypatch):
    def refuse(*arguments, **more):
        raise AssertionError("a text of a user was run")

    for module, name in ((builtins, "eval"), (builtins, "exec"), (os, "system")):
        monkeypatch.setattr(module, name, refuse)
    texts, slowest = forged_formulas(), 0.0
    assert len(texts) >= 200
    for text in texts:
        start = time.perf_counter()
        with pytest.raises(SettingsError):
            written_loss(text)
        slowest = max(slowest, time.perf_counter() - start)
    assert slowest < 0.05
