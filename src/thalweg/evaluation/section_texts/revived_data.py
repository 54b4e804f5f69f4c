"""Results of an evaluation from their plain data: the reverse of their ``as_dict``.

`revived` reads the fields of a frozen dataclass: None is NaN where a number is needed, the text
"Infinity" is ∞, and a list is a tuple. Sentences are then computed from them as from new results.
"""

import dataclasses
import math
from collections.abc import Mapping
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

import numpy as np

from thalweg.evaluation.judging.intervals import Estimate

Result = TypeVar("Result")


def revived(shape: type[Result], plain: Mapping[str, Any], **known: Any) -> Result:
    """A result from its plain data.

    Parameters
    ----------
    shape : type
        A dataclass; fields that the data lack have their default.
    plain : mapping
        Of valid form.
    **known
        Fields that the data do not have, or not as they are needed.
    """
    assert dataclasses.is_dataclass(shape)
    hints = get_type_hints(shape)
    found = {
        each.name: _value(hints[each.name], plain[each.name], known)
        for each in dataclasses.fields(shape)
        if each.name in plain and each.name not in known
    }
    own = {each.name for each in dataclasses.fields(shape)}
    made: Result = shape(**found, **{key: each for key, each in known.items() if key in own})
    return made


def estimate_of(plain: Mapping[str, Any]) -> Estimate:
    """An estimate from its plain data."""
    return Estimate(*(_number(plain[end]) for end in ("value", "low", "high")))


def _number(value: Any) -> float:
    return math.nan if value is None else float(value)


def _value(hint: Any, value: Any, known: Mapping[str, Any]) -> Any:
    """A field of this type; what is inside it has the same known fields, such as ``how``."""
    kind, inner = get_origin(hint), get_args(hint)
    if kind in (Union, UnionType):
        (rest,) = (each for each in inner if each is not NoneType)
        return None if value is None else _value(rest, value, known)
    if hint is float:
        return _number(value)
    if hint is np.ndarray:
        return np.array(value, dtype=np.float64)
    if hint is Estimate:
        return estimate_of(value)
    if dataclasses.is_dataclass(hint):
        assert isinstance(hint, type)
        return revived(hint, value, **known)
    if kind is tuple:
        return tuple(_value(inner[0], each, known) for each in value)
    if kind is dict:
        return {key: _value(inner[1], each, known) for key, each in value.items()}
    return value
