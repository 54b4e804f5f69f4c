"""How counts, numbers, values and a stranger's text are written where a person reads them.

One owner for each: a message, a table on a terminal and a page say the same thing alike.
"""

import math
import re
import reprlib
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

# What could move the cursor, colour the terminal, end the line or turn the reading direction, is
# invisible, or is no character: controls (C0 and C1), marks and embeddings of direction, separators
# of lines and paragraphs, the byte order mark, halves of surrogate pairs.
_UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
# From here on, and below, a power of ten is easier to read than so many digits.
_LARGE, _SMALL = 1e15, 1e-6


def counted(n: float, one: str, many: str = "") -> str:
    """A count with its noun: ``1 row``, ``2,000 rows``; ``many`` where an s behind is not enough.

    A verb may come along: ``counted(n, "row is", "rows are")``.
    """
    return f"{n:,} {one if n == 1 else many or f'{one}s'}"


def amount(value: float, digits: int = 4, *, signed: bool = False, in_column: bool = False) -> str:
    """A number of any size: so many significant digits, whole places in full.

    ``0.04321``, ``19,294``, ``1.2e-9``; with ``signed`` a plus stands before what is above zero.
    ``in_column`` keeps zeros at the end, ``22.00`` beside ``13.12``: both are known as well.
    """
    sign = "+" if signed else ""
    size = abs(value)
    if not math.isfinite(value) or size == 0:
        return f"{value + 0.0:{sign}g}"
    if not _SMALL <= size < _LARGE:
        mantissa, _, power = f"{value:{sign}.{digits - 1}e}".partition("e")
        shown = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
        return f"{shown}e{int(power)}"
    # Rounded first: 9.9996 has one place more once it is 10.
    rounded = float(f"{value:.{digits - 1}e}")
    decimals = digits - 1 - math.floor(math.log10(abs(rounded)))
    if decimals <= 0:
        return f"{value:{sign},.0f}"
    text = f"{value:{sign},.{decimals}f}"
    return text if in_column else text.rstrip("0").rstrip(".")


def shown(value: Any) -> str:
    """A value of any type as Python writes it, in few letters: ``'no'``, never ``np.str_('no')``.

    The values in a list, a dict or an array, too.
    """
    return printable(_SHORT.repr(value))


# How a face spells a parameter, given its name and a value as Python writes it, or no value.
Spelling: TypeAlias = Callable[[str, str], str]

# Signs that no alphabet has stand around a parameter in a message until it is read.
_PARAMETER = re.compile("\ue000([a-z0-9_]+)(?:\ue001([^\ue000-\ue002]*))?\ue002")


def parameter(name: str, value: Any = ...) -> str:
    """A parameter, and perhaps a value of it, in a message: each face spells it in its own way.

    In Python ``class_weight="balanced"``, on the command line ``--class-weight balanced``.
    """
    if value is ...:
        return f"\ue000{name}\ue002"
    said = f'"{shown(value)[1:-1]}"' if isinstance(value, str) else shown(value)
    return f"\ue000{name}\ue001{said}\ue002"


def in_python(name: str, value: str) -> str:
    """How Python spells a parameter."""
    return f"{name}={value}" if value else name


def spelled(text: str, spelling: Spelling = in_python) -> str:
    """The text with each `parameter` in it spelled."""
    return _PARAMETER.sub(lambda found: spelling(found[1], found[2] or ""), text)


def printable(text: str) -> str:
    r"""The text with all that a terminal or a reader could stumble over written out: ``\x1b``."""
    return _UNPRINTABLE.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def printable_data(value: Any) -> Any:
    """Plain data whose texts are `printable`."""
    if isinstance(value, dict):
        return {printable_data(key): printable_data(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [printable_data(each) for each in value]
    return printable(value) if isinstance(value, str) else value


class _Short(reprlib.Repr):
    """Python's own short repr, in which NumPy's numbers and texts are Python's."""

    def repr1(self, x: Any, level: int) -> str:
        if isinstance(x, np.ndarray):
            x = x.tolist()
        elif isinstance(x, np.generic):
            plain = x.item()
            if isinstance(plain, np.generic):  # a long double has no counterpart
                return str(x)
            x = plain
        return super().repr1(x, level)


_SHORT = _Short()
_SHORT.maxstring = _SHORT.maxother = 60
