"""What a type checker tells users of the estimators: wrong words are refused, types are kept."""

import inspect
import os
import re
import subprocess
import sys
import typing

import numpy as np
import pytest

from places import ROOT
from thalweg import ThalwegClassifier, ThalwegRegressor, evaluate
from thalweg.data.schema.matching import POLICIES
from thalweg.estimators.parameters.parameter import Activation, Unknown
from thalweg.estimators.parameters.parameter_table import BY_NAME
from thalweg.evaluation.any_estimator.inputs.evaluation_options import EvaluationOptions
from thalweg.network.formulas.activations import ACTIVATIONS

ESTIMATORS = [ThalwegClassifier, ThalwegRegressor]


def literals(hint):
    """All texts in a type, however deep in a union they are; each once, if also in a sequence."""
    if typing.get_origin(hint) is typing.Literal:
        return list(typing.get_args(hint))
    return list(dict.fromkeys(w for part in typing.get_args(hint) for w in literals(part)))


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_the_words_of_the_table_are_those_of_the_types(estimator):
    hints = typing.get_type_hints(estimator.__init__, localns={"np": np})
    parameters = [BY_NAME[name] for name in hints if name in BY_NAME]
    assert len(parameters) > 30
    for parameter in parameters:
        assert tuple(literals(hints[parameter.name])) == parameter.words, parameter.name
    assert sum(bool(parameter.words) for parameter in parameters) > 8


def test_words_that_other_rooms_know_are_the_same():
    assert typing.get_args(Activation) == tuple(ACTIVATIONS)
    assert typing.get_args(Unknown) == POLICIES


PROGRAM = """
from typing import Any, assert_type
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from thalweg import Evaluation, ThalwegClassifier, ThalwegRegressor, evaluate
from thalweg.evaluation.several.evaluations import Evaluations

class Own(ThalwegClassifier):
    pass

X, y = [[1.0], [2.0]], [0, 1]
assert_type(ThalwegClassifier().fit(X, y), ThalwegClassifier)
assert_type(ThalwegRegressor().fit(X, y).fit_more(X, y), ThalwegRegressor)
assert_type(ThalwegRegressor().partial_fit(X, y), ThalwegRegressor)
assert_type(Own().fit(X, y).partial_fit(X, y), Own)
assert_type(Own().set_output(transform="pandas"), Own)
assert_type(ThalwegClassifier().fit(X, y), ThalwegRegressor)  # wrong
ThalwegClassifier().fit()  # wrong
ThalwegClassifier().set_output(transform="spark")  # wrong

model, names = ThalwegRegressor(), pd.DataFrame({"a": [1.0], "b": [2.0]})
assert_type(evaluate(model, X, y, seed=1), Evaluation)
assert_type(evaluate(model, X, pd.Series([1.0])), Evaluation)
assert_type(evaluate(model, X, np.zeros(2)), Evaluation)
assert_type(evaluate(model, X, names, how="given"), Evaluations)
assert_type(evaluate(model, X, np.zeros((2, 2))), Evaluations)
assert_type(evaluate(model, X, names)["a"], Evaluation)
evaluate(model, X, names).frame()
evaluate(model, X, names).verdict  # wrong
evaluate(model, X, y).together  # wrong
evaluate(model, X, y, fold=3)  # wrong
def of_any(some: NDArray[Any]) -> None:
    assert_type(evaluate(model, X, some), Any)
"""


def test_the_types_of_evaluate_have_its_keywords():
    own = inspect.signature(evaluate).parameters.values()
    keywords = {each.name for each in own if each.kind is each.KEYWORD_ONLY}
    assert set(EvaluationOptions.__annotations__) == keywords


# A right value and a wrong one for each parameter with words.
VALUES = {
    "preset": ('"quick"', '"fast"'),
    "n_folds": ("3", '"five"'),
    "activation": ('"gelu"', '"rellu"'),
    "alpha": ("0.5", '"automatic"'),
    "batch_size": ("32", '"all"'),
    "max_iter": ('"auto"', '"long"'),
    "early_stopping": ('"hold-out"', '"holdout"'),
    "n_iter_no_change": ("3", '"none"'),
    "interval_kind": ('"scaled"', '"wide"'),
    "calibration": ('"affine"', '"isotonic"'),
    "dropout": ("0.1", '"off"'),
    "dtype": ('"float64"', '"float16"'),
    "n_bins": ("8", '"many"'),
    "scaling": ('"none"', '"standard"'),
    "unknown": ('"error"', '"raise"'),
    "class_weight": ('"balanced"', '"equal"'),
}


@pytest.mark.slow
def test_mypy_refuses_wrong_words_and_knows_what_fit_returns(tmp_path):
    words = {name for name, parameter in BY_NAME.items() if parameter.words}
    assert set(VALUES) == words
    calls = [
        f"{'ThalwegRegressor' if name == 'interval_kind' else 'ThalwegClassifier'}"
        f"({name}={value}){mark}"
        for name, pair in VALUES.items()
        for value, mark in zip(pair, ("", "  # wrong"), strict=True)
    ]
    lines = [*PROGRAM.splitlines(), *calls]
    path = tmp_path / "program.py"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    ended = subprocess.run(
        [sys.executable, "-m", "mypy", "--no-pretty", path],
        cwd=ROOT, env={**os.environ, "MYPYPATH": str(ROOT / "src")},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    found = {int(each) for each in re.findall(r"program\.py:(\d+): error", ended.stdout)}
    wrong = {number for number, line in enumerate(lines, 1) if line.endswith("# wrong")}
    assert found == wrong, ended.stdout + ended.stderr
