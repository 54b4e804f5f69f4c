"""Validation of estimator parameters: the parameter table as scikit-learn constraints."""

from collections.abc import Callable
from numbers import Integral, Real
from typing import Any, TypeAlias, TypeVar, cast

from sklearn.base import _fit_context
from sklearn.metrics import get_scorer_names
from sklearn.utils._param_validation import Interval, StrOptions

from thalweg.estimators.parameters.parameter import Kind, Parameter, Special, Words
from thalweg.estimators.parameters.parameter_table import parameters_of
from thalweg.training.descent.schedules import Range

# Anything that scikit-learn accepts as a constraint.
Constraint: TypeAlias = object
Constraints: TypeAlias = dict[str, list[Constraint] | str]

Method = TypeVar("Method", bound=Callable[..., Any])

_CLOSED = {"[]": "both", "[)": "left", "(]": "right", "()": "neither"}


def with_checked_parameters(method: Method) -> Method:
    """Decorate a method of fitting so that scikit-learn checks all parameters before it runs.

    The method keeps its types: scikit-learn's own decorator has none, and to a type checker it
    would return anything.
    """
    checked = _fit_context(prefer_skip_nested_validation=True)(method)
    # Python's error for an unknown argument names the method, and not a class that nobody knows.
    method.__qualname__ = method.__name__
    return cast(Method, checked)


def constraints_of(kind: str) -> Constraints:
    """The ``_parameter_constraints`` of a kind of estimator."""
    return {parameter.name: _constraints(parameter) for parameter in parameters_of(kind)}


def _constraints(parameter: Parameter) -> list[Constraint] | str:
    if Special.LABEL in parameter.allowed:
        return "no_validation"  # the labels are only known from the target
    return [each for kind in parameter.allowed for each in _of_kind(kind)]


def _of_kind(kind: Kind) -> list[Constraint]:
    if isinstance(kind, Words):
        return [StrOptions(set(kind.words))]
    if isinstance(kind, Range):
        # None is an end at infinity.
        low, high = (None if abs(end) == float("inf") else end for end in (kind.low, kind.high))
        number = Integral if kind.whole else Real
        return [Interval(number, low, high, closed=_CLOSED[kind.ends])]
    specials: dict[Special, list[Constraint]] = {
        Special.SIZES: ["array-like"],
        Special.ACTIVATIONS: [list, tuple],
        Special.SWITCH: ["boolean"],
        Special.NONE: [None],
        Special.OPTIMIZER: [str],
        Special.LOSS: [str, callable],
        Special.SEED: ["random_state"],
        Special.VERBOSE: ["verbose"],
        Special.SCORER: [StrOptions(set(get_scorer_names())), callable],
        Special.CALLBACKS: [list, tuple],
        Special.COSTS: [dict],
        Special.LABELS: ["array-like"],
        Special.COLUMNS: [str, list, tuple],
        Special.NOTATIONS: [dict],
    }
    return specials[kind]
