"""How options read numbers: a whole number is digits alone, and an error names what was written.

Typer's own reading depends on its version: ``10.0`` and ``1_000`` are whole numbers for some.
"""

import re
from collections.abc import Callable
from copy import copy
from typing import Annotated, Any, get_args, get_origin

import typer

from thalweg.errors import SettingsError

_WHOLE = re.compile(r"[+-]?[0-9]{1,18}", re.ASCII)


def with_own_numbers(annotation: Any) -> Any:
    """The annotation of an option; a number is read by the functions of this module."""
    if get_origin(annotation) is not Annotated:
        return annotation
    kind, info, *rest = get_args(annotation)
    bare = {each for each in get_args(kind) or (kind,) if each is not type(None)}
    reader = {int: whole_number, float: any_number}.get(next(iter(bare)))
    if len(bare) > 1 or reader is None or info.parser is not None:
        return annotation
    # In an annotation, typer has the first name of an option in the place of its default.
    names = (info.default, *(info.param_decls or ()))
    flag = next(each for each in names if isinstance(each, str))
    own = copy(info)
    own.parser = _parser(flag, reader, info.min, info.max)
    own.min = own.max = None
    own.help = f"{info.help}{_range_text(info.min, info.max)}"
    return Annotated[kind, own, *rest]


def whole_number(text: str, low: float | None = None, high: float | None = None) -> int:
    """A whole number, written as digits alone.

    Raises
    ------
    SettingsError
        For another text, and a number below ``low`` or above ``high``.
    """
    if _WHOLE.fullmatch(text.strip()):
        return int(_within(int(text), text, low, high, "whole number"))
    fix = f"give {_wanted('whole number', low, high)}"
    found = _float(text)
    if found is not None and found.is_integer() and abs(found) < 1e15:
        fix = f"write it as {int(found)}"
    raise SettingsError(f'"{text}" is not a whole number', fix=fix)


def any_number(text: str, low: float | None = None, high: float | None = None) -> float:
    """A number as Python writes it.

    Raises
    ------
    SettingsError
        For another text, and a number below ``low`` or above ``high``.
    """
    found = _float(text)
    if found is None:
        raise SettingsError(f'"{text}" is not a number', fix=f"give {_wanted('number', low, high)}")
    return _within(found, text, low, high, "number")


def _float(text: str) -> float | None:
    try:
        return None if "_" in text else float(text)
    except ValueError:
        return None


def _within(found: float, text: str, low: float | None, high: float | None, kind: str) -> float:
    if (low is not None and not found >= low) or (high is not None and not found <= high):
        wanted = _wanted(kind, low, high)
        raise SettingsError(f'"{text}" is not {wanted}', fix="give one, or leave it out")
    return found


def _wanted(kind: str, low: float | None, high: float | None) -> str:
    if low is None and high is None:
        return f"a {kind}"
    if high is None:
        return f"a {kind} from {low:,} on"
    return f"a {kind} up to {high:,}" if low is None else f"a {kind} from {low:,} to {high:,}"


def _range_text(low: float | None, high: float | None) -> str:
    """What the help says of a range."""
    said = _wanted("", low, high).removeprefix("a  ")
    return "" if low is None and high is None else f"  [{said}]"


def _parser(
    flag: str, reader: Callable[..., float], low: float | None, high: float | None
) -> Callable[[Any], float]:
    def parser(text: Any) -> float:
        if not isinstance(text, str):  # a default
            return text  # type: ignore[no-any-return]
        try:
            return reader(text, low, high)
        except SettingsError as error:
            refused = SettingsError(error.what, where=flag, why=error.why, fix=error.fix)
            raise typer.BadParameter(str(refused)) from refused

    return parser
