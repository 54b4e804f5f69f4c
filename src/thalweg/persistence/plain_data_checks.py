"""Validate plain data (JSON) from untrusted files against a schema, here called a form.

A form is a `FormRule`; or a list with one form, for a list of any length; or `Several`, for one
with a largest length; or a dict of forms, for a dict with exactly these keys, except those that are
`Perhaps` there; or `Each`, for a dict with any keys; or `Maybe`, for a value that may be null; or
`Either`, for a dict of one of several forms.
"""

import math
import re
import reprlib
import sys
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from heapq import nsmallest
from typing import Any, NamedTuple, TypeAlias

# JSON values: null, booleans, numbers, texts, lists of them, and dicts of them with text as keys.
# Before validation, any of these can be anywhere in a file.
Plain: TypeAlias = Any


@dataclass(frozen=True)
class FormRule:
    """A test for a value, and words for what passes it; ``a | b`` accepts what either accepts.

    ``whole`` tests a whole list at once, for speed: a file may have 10⁵ labels. ``keys`` are the
    keys that a dict must have, so that an error can name keys that are wrong. ``schema`` is what
    JSON Schema can say of the rule, and ``like`` a form that says it: every value that passes has
    it, and some others may.
    """

    words: str
    holds: Callable[[Plain], bool]
    whole: Callable[[list[Plain]], bool] | None = None
    keys: frozenset[str] = frozenset()
    schema: Mapping[str, Any] = field(default_factory=dict, compare=False)
    like: "Form | None" = field(default=None, compare=False)

    def hold_all(self, values: list[Plain]) -> bool:
        """Whether all values pass."""
        return self.whole(values) if self.whole else all(map(self.holds, values))

    def __or__(self, other: "FormRule") -> "FormRule":
        return FormRule(
            f"{self.words} or {other.words}",
            lambda value: self.holds(value) or other.holds(value),
            like=AnyOf((self, other)),
        )


@dataclass(frozen=True)
class Each:
    """A dict with any keys, at most ``most``, whose values all have one form."""

    form: "Form"
    most: int = sys.maxsize


@dataclass(frozen=True)
class Several:
    """A list of at most ``most`` values that all have one form."""

    form: "Form"
    most: int


@dataclass(frozen=True)
class Maybe:
    """Null, or a value of this form."""

    form: "Form"


@dataclass(frozen=True)
class Perhaps:
    """In a dict of forms: the key may be absent."""

    form: "Form"


@dataclass(frozen=True)
class Either:
    """A value of one of these forms; a fault is that of the form whose keys are most like it."""

    forms: "tuple[dict[str, Form], ...]"


@dataclass(frozen=True)
class AnyOf:
    """What is like one of several forms: it says what a rule is like, and tests nothing."""

    forms: "tuple[Form | AnyOf, ...]"


Form: TypeAlias = (
    "FormRule | AnyOf | Either | Each | Several | Maybe | Perhaps | dict[str, Form] | list[Form]"
)

# Types are compared, without isinstance, for which True is an int.
_SURROGATES = re.compile("[\ud800-\udfff]")
TEXT = FormRule(
    "text without lone surrogates",  # a table in UTF-8 cannot have them
    lambda value: type(value) is str and not _SURROGATES.search(value),
    lambda values: set(map(type, values)) <= {str} and not _SURROGATES.search("".join(values)),
    schema={"type": "string"},
)


def text_of(longest: int) -> FormRule:
    """Text of at most so many letters."""
    return FormRule(
        f"{TEXT.words}, of at most {longest:,} letters",
        lambda value: TEXT.holds(value) and len(value) <= longest,
        schema={"type": "string", "maxLength": longest},
    )


def whole(low: int, high: int = 2**53) -> FormRule:
    """A whole number from ``low`` to ``high``, both included."""
    return _between(f"a whole number from {low} to {high}", {int}, low, high)


def number(low: float = -sys.float_info.max, high: float = sys.float_info.max) -> FormRule:
    """A number from ``low`` to ``high``, both included."""
    return _between(f"a number from {low:g} to {high:g}", {int, float}, low, high)


def _between(words: str, types: set[type], low: float, high: float) -> FormRule:
    ends = {"minimum": low, "maximum": high}
    told = {key: end for key, end in ends.items() if abs(end) < sys.float_info.max}
    return FormRule(
        words,
        lambda value: type(value) in types and low <= value <= high,
        lambda values: (
            not values
            or (set(map(type, values)) <= types and low <= min(values) and max(values) <= high)
        ),
        schema={"type": "number" if float in types else "integer", **told},
    )


def one_of(*allowed: Plain) -> FormRule:
    """One of these values, of the same type."""
    return FormRule(
        " or ".join(map(repr, allowed)),
        lambda value: any(type(value) is type(each) and value == each for each in allowed),
        schema={"enum": list(allowed)},
    )


def matching(words: str, pattern: str) -> FormRule:
    """Text that a regular expression matches completely."""
    return FormRule(
        words,
        lambda value: type(value) is str and bool(re.fullmatch(pattern, value)),
        schema={"type": "string", "pattern": f"^(?:{pattern})$"},
    )


def list_of(rule: FormRule) -> FormRule:
    """A list whose elements all pass a rule."""
    return FormRule(
        f"a list, each {rule.words}",
        lambda value: type(value) is list and rule.hold_all(value),
        like=[rule],
    )


# The labels that a class can have. NumPy's integers have 64 bits.
_FRACTION = FormRule(
    "a float",
    lambda value: type(value) is float and math.isfinite(value),
    schema={"type": "number"},
)
_INTEGER = whole(-(2**63), 2**64 - 1)
_ANY_LABEL = TEXT | one_of(True, False) | _INTEGER | _FRACTION
_BY_TYPE = {str: TEXT, int: _INTEGER, float: _FRACTION}
LABEL = FormRule(
    _ANY_LABEL.words,
    _ANY_LABEL.holds,
    lambda values: _BY_TYPE.get(type(values[0]), _ANY_LABEL).hold_all(values) if values else True,
    like=_ANY_LABEL.like,
)


def require(value: Plain, form: Form, place: str) -> None:
    """Raise a ValueError if a value does not have a form.

    Parameters
    ----------
    value : plain data
    form : Form
    place : str
        The name of the value in an error.

    Raises
    ------
    ValueError
        It says which part does not fit, and what would fit.
    """
    fault = _fault(value, form)
    if fault is not None:
        raise ValueError(f"{place}{fault.place} {fault.why}")


class _Fault(NamedTuple):
    """What does not fit, relative to the whole value, and why."""

    place: str
    why: str


def _fault(value: Plain, form: Form) -> _Fault | None:
    """The first part that does not fit. A place is put together only for a fault: it is costly."""
    # By how common they are: a file may have 10⁵ values.
    if isinstance(form, FormRule):
        if form.holds(value):
            return None
        odd = _odd_keys(value, form.keys, form.keys) if form.keys and type(value) is dict else None
        return odd or _Fault("", f"is {reprlib.repr(value)}, not {form.words}")
    if isinstance(form, Maybe):
        return None if value is None else _fault(value, form.form)
    if isinstance(form, Perhaps):
        return _fault(value, form.form)
    if isinstance(form, Either):
        keys = set(value) if type(value) is dict else set()
        first, *others = sorted(form.forms, key=lambda each: len(each.keys() ^ keys))
        fault = _fault(value, first)
        fits = fault is None or any(_fault(value, each) is None for each in others)
        return None if fits else fault
    assert not isinstance(form, AnyOf), "only a rule is like one of several forms"
    if isinstance(form, Several) and type(value) is list and len(value) > form.most:
        return _Fault("", f"has {len(value):,} entries, but at most {form.most:,} are allowed")
    if isinstance(form, list | Several):
        return _fault_of_list(value, form[0] if isinstance(form, list) else form.form)
    if type(value) is not dict:
        return _Fault("", f"is {reprlib.repr(value)}, not a dict")
    return _fault_of_each(value, form) if isinstance(form, Each) else _fault_of_dict(value, form)


def _fault_of_list(value: Plain, form: Form) -> _Fault | None:
    if type(value) is not list:
        return _Fault("", f"is {reprlib.repr(value)}, not a list")
    if isinstance(form, FormRule) and form.hold_all(value):
        return None
    for i, each in enumerate(value):
        if (fault := _fault(each, form)) is not None:
            return _Fault(f"[{i}]{fault.place}", fault.why)
    return None


def _fault_of_each(value: dict[str, Plain], form: Each) -> _Fault | None:
    if len(value) > form.most:
        return _Fault("", f"has {len(value):,} keys, but at most {form.most} are allowed")
    if not TEXT.hold_all(list(value)):
        return _Fault("", f"has a key that is not {TEXT.words}")
    if isinstance(form.form, FormRule) and form.form.hold_all(list(value.values())):
        return None
    return _fault_of_dict(value, dict.fromkeys(value, form.form))


def _fault_of_dict(value: dict[str, Plain], forms: "dict[str, Form]") -> _Fault | None:
    if value.keys() != forms.keys():
        lacks = [
            key for key, form in forms.items() if key not in value and type(form) is not Perhaps
        ]
        if lacks or not value.keys() <= forms.keys():
            return _odd_keys(value, {*value.keys() & forms.keys(), *lacks}, forms.keys())
    for key, inner in value.items():
        form = forms[key]
        if isinstance(form, FormRule) and form.holds(inner):
            continue
        if (fault := _fault(inner, form)) is not None:
            return _Fault(f".{key}{fault.place}", fault.why)
    return None


def _odd_keys(value: dict[str, Plain], needed: Set[str], allowed: Set[str]) -> _Fault | None:
    odd = (value.keys() - allowed) | (needed - value.keys())
    # `reprlib` shows six of them; to sort 10⁵ takes 30 ms.
    shown = reprlib.repr(nsmallest(7, odd))
    return _Fault("", f"lacks, or should not have, the keys {shown}") if odd else None


def numbers_in(plain: Plain) -> Iterator[float]:
    """Every number of plain data, at any depth."""
    if not isinstance(plain, dict | list):
        yield plain
        return
    for each in plain.values() if isinstance(plain, dict) else plain:
        if isinstance(each, dict | list):
            yield from numbers_in(each)
        else:  # with no generator of its own: there are thousands
            yield each
