"""Results as plain data for JSON: non-finite numbers become null."""

import math
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np


def plain(value: Any) -> Any:
    """Any result as dicts, lists, texts, numbers and None.

    NaN and infinities become None, because JSON cannot write them. A dataclass with a method
    ``as_dict`` is converted by that method.
    """
    if hasattr(value, "as_dict"):
        return value.as_dict()
    if is_dataclass(value) and not isinstance(value, type):
        return fields_of(value)
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, dict):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def finite_or_none(number: float) -> float | None:
    """The number; None for infinity, which JSON cannot write."""
    return number if math.isfinite(number) else None


def fields_of(value: Any, *without: str) -> dict[str, Any]:
    """The fields of a dataclass as plain data, except those named."""
    return {
        each.name: plain(getattr(value, each.name))
        for each in fields(value)
        if each.name not in without
    }


def rounded(value: Any, digits: int) -> Any:
    """Plain data with every fractional number rounded to significant digits."""
    if isinstance(value, dict):
        return {key: rounded(each, digits) for key, each in value.items()}
    if isinstance(value, list):
        return [rounded(each, digits) for each in value]
    if isinstance(value, float):
        return float(f"{value:.{digits}g}")
    return value
