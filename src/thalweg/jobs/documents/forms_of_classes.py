"""Forms of dataclasses that write their fields as plain data: read from the types of the fields."""

from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import numpy as np

from thalweg.jobs.documents.shared_forms import ANYTHING, COUNT, MEASURED, TRUTH, Fields
from thalweg.persistence.plain_data_checks import TEXT, AnyOf, Form, FormRule, Maybe, whole


def _are_numbers(value: object) -> bool:
    return all(map(_are_numbers, value)) if type(value) is list else MEASURED.holds(value)


_LIST: Form = [MEASURED]
_MATRIX: Form = [[MEASURED]]
_CUBE: Form = [[[MEASURED]]]
# An array of any shape; what is not finite is null.
ARRAY = FormRule(
    "a list of numbers, or of such lists",
    lambda value: type(value) is list and _are_numbers(value),
    like=AnyOf((_LIST, _MATRIX, _CUBE)),
)
# A whole number may be below 0, and float fields may hold whole numbers.
_OF_TYPES: dict[object, Form] = {
    str: TEXT,
    bool: TRUTH,
    int: COUNT | whole(-(2**53)),
    float: MEASURED,
    Any: ANYTHING,
    object: ANYTHING,
}


class ClassForms:
    """The forms of classes, each made from its fields and from what ``as_dict`` adds.

    Parameters
    ----------
    localns : mapping, optional
        Names of types that modules import for type checkers alone.
    """

    def __init__(self, localns: dict[str, Any] | None = None) -> None:
        self._found: dict[object, Form] = {}
        self._names = localns or {}

    def add(self, shape: type, more: Fields, without: Sequence[str] = ()) -> Fields:
        """The form of a class whose ``as_dict`` has its fields but some, and more keys."""
        self._found[shape] = form = self._fields(shape, without) | more
        return form

    def take(self, shape: type, form: Form) -> None:
        """The form of a class that does not write its fields."""
        self._found[shape] = form

    def _fields(self, shape: type, without: Sequence[str]) -> Fields:
        hints = get_type_hints(shape, localns=self._names)
        return {
            each.name: self.of(hints[each.name])
            for each in fields(shape)
            if each.name not in without
        }

    def of(self, hint: Any) -> Form:
        """The form of what a type hint names."""
        if hint in self._found:
            return self._found[hint]
        if hint in _OF_TYPES:
            return _OF_TYPES[hint]
        origin, parts = get_origin(hint), get_args(hint)
        if origin is np.ndarray:
            return ARRAY
        if origin in (UnionType, Union):
            return self._union(parts)
        if origin in (list, tuple):
            return self._listed([part for part in parts if part is not Ellipsis])
        if hasattr(hint, "_fields"):  # a named tuple is a list in JSON
            return self._listed(list(get_type_hints(hint).values()))
        assert is_dataclass(hint), f"no form says how {hint} is written"
        return self._fields(hint if isinstance(hint, type) else type(hint), ())

    def _union(self, parts: Sequence[Any]) -> Form:
        (rest,) = [self.of(part) for part in parts if part is not NoneType]
        return Maybe(rest) if NoneType in parts else rest

    def _listed(self, parts: Sequence[Any]) -> Form:
        """A list; a tuple of several types has each of them somewhere."""
        forms = [self.of(part) for part in dict.fromkeys(parts)]
        if len(forms) == 1:
            return [forms[0]]
        rules = [form for form in forms if isinstance(form, FormRule)]
        if len(rules) == len(forms):
            return [_any_of(rules)]
        lists: Callable[[object], bool] = lambda value: type(value) is list  # noqa: E731
        return FormRule("a list", lists, schema={"type": "array"})


def _any_of(rules: Sequence[FormRule]) -> FormRule:
    first, *others = rules
    for rule in others:
        first = first | rule
    return first
