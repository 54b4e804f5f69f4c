"""Forms: what plain data from outside must look like, written down as plain data.

A form is a `Rule`; or a list of one form, for a list of any length; or a dict of forms, for a
dict with exactly these keys, save what is `Perhaps` there; or `Each`, for a dict with any keys; or
`Maybe`, for what may be null.
"""

import math
import re
import reprlib
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias


@dataclass(frozen=True)
class Rule:
    """A test, and the words for what passes it; ``a | b`` is passed by what passes either."""

    words: str
    holds: Callable[[Any], bool]

    def __or__(self, other: "Rule") -> "Rule":
        return Rule(
            f"{self.words} or {other.words}", lambda value: self.holds(value) or other.holds(value)
        )


@dataclass(frozen=True)
class Each:
    """A dict with any keys, whose values all have one form."""

    form: "Form"


@dataclass(frozen=True)
class Maybe:
    """Null, or something of a form."""

    form: "Form"


@dataclass(frozen=True)
class Perhaps:
    """As a value in a dict of forms: the key may be absent."""

    form: "Form"


Form: TypeAlias = "Rule | Each | Maybe | Perhaps | dict[str, Form] | list[Form]"

# A type is compared, never asked for by isinstance: True is an int there, and passes for 1.
TEXT = Rule(
    "text without lone surrogates",  # which no table in UTF-8 can hold
    lambda value: type(value) is str and not re.search("[\ud800-\udfff]", value),
)


def whole(low: int, high: int = 2**53) -> Rule:
    """A whole number from ``low`` to ``high``, both included."""
    return Rule(
        f"a whole number from {low} to {high}",
        lambda value: type(value) is int and low <= value <= high,
    )


def number(low: float = -sys.float_info.max, high: float = sys.float_info.max) -> Rule:
    """A number from ``low`` to ``high``, both included."""
    return Rule(
        f"a number from {low:g} to {high:g}",
        lambda value: type(value) in (int, float) and low <= value <= high,
    )


def one_of(*allowed: Any) -> Rule:
    """One of these values, of the same type."""
    return Rule(
        " or ".join(map(repr, allowed)),
        lambda value: any(type(value) is type(each) and value == each for each in allowed),
    )


def matching(words: str, pattern: str) -> Rule:
    """Text that a regular expression matches whole."""
    return Rule(words, lambda value: type(value) is str and bool(re.fullmatch(pattern, value)))


def list_of(rule: Rule) -> Rule:
    """A list of what passes a rule."""
    return Rule(
        f"a list, each {rule.words}",
        lambda value: type(value) is list and all(map(rule.holds, value)),
    )


# What a class can be called. NumPy's integers have 64 bits.
_FRACTION = Rule("a float", lambda value: type(value) is float and math.isfinite(value))
LABEL = TEXT | one_of(True, False) | whole(-(2**63), 2**64 - 1) | _FRACTION


def require(value: Any, form: Form, place: str) -> None:
    """Hold a value against a form.

    Parameters
    ----------
    value : plain data
    form : Form
    place : str
        What the value is called in an error.

    Raises
    ------
    ValueError
        Says which part does not fit, and what would.
    """
    if isinstance(form, Maybe):
        if value is not None:
            require(value, form.form, place)
    elif isinstance(form, Perhaps):
        require(value, form.form, place)
    elif isinstance(form, Rule):
        if not form.holds(value):
            raise ValueError(f"{place} is {reprlib.repr(value)}, not {form.words}")
    elif isinstance(form, list):
        _require_type(value, list, place)
        for i, each in enumerate(value):
            require(each, form[0], f"{place}[{i}]")
    else:
        _require_type(value, dict, place)
        forms = dict.fromkeys(value, form.form) if isinstance(form, Each) else form
        needed = {key for key, inner in forms.items() if not isinstance(inner, Perhaps)}
        if odd := sorted((value.keys() - forms.keys()) | (needed - value.keys())):
            raise ValueError(f"{place} lacks, or should not have, {reprlib.repr(odd)}")
        for key, inner in value.items():
            require(inner, forms[key], f"{place}.{key}")


def _require_type(value: Any, kind: type, place: str) -> None:
    if type(value) is not kind:
        raise ValueError(f"{place} is {reprlib.repr(value)}, not a {kind.__name__}")
