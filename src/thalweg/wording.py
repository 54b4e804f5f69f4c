"""How counts, numbers, values and untrusted text are written in messages.

Messages, tables on a terminal and pages all use these functions, so they agree.
"""

import math
import re
import reprlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

# Characters that could move the cursor, colour the terminal, end the line or change the reading
# direction, are invisible, or are no characters: controls (C0 and C1), the soft hyphen, zero-width
# spaces, marks of direction and of annotations, separators of lines and paragraphs, the byte order
# mark, halves of surrogate pairs. The two joiners belong between letters of some scripts and emoji.
_UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\ud800-\udfff]"
    "|(?<![^\x00-\x7f])[\u200c\u200d]|[\u200c\u200d](?![^\x00-\x7f])"
)
# Beyond these sizes, a power of ten is easier to read than that many digits.
_LARGE, _SMALL = 1e15, 1e-6
_ALL_DIGITS = 17  # as many tell every number from every other
_LONGEST_COPIED = 200
# Of a word and of a part of a message, in characters; the longest sensible path is shorter.
_LONGEST_WORD, _LONGEST_TEXT = 400, 8000
_WORD = re.compile(r"\S+")
# What `printable` writes for a character that a shell can hardly name.
_ESCAPE = re.compile(r"\\(?:[nrt]|x[0-9a-f]{2}|u[0-9a-f]{4})")


# Writes numbers of one kind, so that they can have the same number of decimals.
Writer: TypeAlias = Callable[[Sequence[float]], list[str]]


def counted(n: float, one: str, many: str = "") -> str:
    """A count with its noun: ``1 row``, ``2,000 rows``; ``many`` is the plural if not with an s.

    A verb can be included: ``counted(n, "row is", "rows are")``.
    """
    return f"{count_text(n)} {one if n == 1 else many or f'{one}s'}"


def with_article(noun: str) -> str:
    """A noun behind "a" or "an", as it is spoken: ``an RMSE``, ``a log-loss``."""
    first = noun.split()[0]
    vowels = "AEFHILMNORSX" if first.isupper() else "AEIOUaeiou"
    return f"{'an' if noun[0] in vowels else 'a'} {noun}"


def count_text(n: float) -> str:
    """A count; a mean of counts, or a sum of weights, has one decimal: ``12``, ``1,234.5``."""
    return f"{round(n):,}" if abs(n - round(n)) < 1e-9 else f"{n:,.1f}"


def counted_rows(n: float, one: str = "row", many: str = "") -> str:
    """As `counted`; a number of rows that is no whole one is an effective number, of weights."""
    if abs(n - round(n)) < 1e-9:
        return counted(n, one, many)
    said = effective_text(n)
    return f"{said} effective {one if said == '1' else many or f'{one}s'}"


def effective_text(n: float) -> str:
    """An effective number of rows: ``167``, rounded down as by `whole_rows`; below 10, ``3.8``."""
    return amount(n, 2) if n < 10 else f"{whole_rows(n):,}"


def plain_count(n: float) -> float:
    """A count for JSON: an int, unless it is an effective number of rows that is no whole one."""
    return round(n) if abs(n - round(n)) < 1e-9 else float(n)


def _apart(label: str) -> str:
    """A label that is a number is told apart from the count before it."""
    return in_quotes(label) if label[:1].isdecimal() else label


def is_plain_word(label: str) -> bool:
    """Whether a class name can stand in a sentence without quotes."""
    return label.isalpha() and len(label) > 2


def words_of_two(classes: Sequence[str]) -> tuple[str, str]:
    """The words for the negative and for the positive class inside a sentence.

    Parameters
    ----------
    classes : sequence of str
        Their names, the negative one first. Empty where nobody knows them: the words are then
        ``negative`` and ``positive``. If one needs quotes, both have them.
    """
    if len(classes) != 2:
        return "negative", "positive"
    negative, positive = class_words(classes)
    return negative, positive


def in_quotes(name: str) -> str:
    """A name in quotes that are not its own: ``"ja"``, ``'"d" gut'``, or “it's "d"” for both."""
    if '"' not in name:
        return f'"{name}"'
    return f"'{name}'" if "'" not in name else f"\u201c{name}\u201d"


def class_words(labels: Sequence[str]) -> list[str]:
    """Classes in one sentence, in quotes unless all are plain words: ``"ja"``, ``"nein"``.

    Pages write them in their own quotes (`thalweg.reporting.html_pieces.label`).
    """
    plain = all(is_plain_word(label) for label in labels)
    return [label if plain else in_quotes(label) for label in labels]


def counted_classes(
    counts: Mapping[str, int], most: int = 8, write: Callable[[str], str] = _apart
) -> str:
    """The rows of each class; of more than ``most`` classes only the most common ones."""
    order = list(counts)
    if len(order) > most:
        order = sorted(order, key=lambda label: -counts[label])[:most]
    said = ", ".join(f"{counts[label]:,} {write(label)}" for label in order)
    more = len(counts) - len(order)
    return f"{said} and {counted(more, 'more class', 'more classes')}" if more else said


def amount(value: float, digits: int = 4, *, signed: bool = False, in_column: bool = False) -> str:
    """A number of any size with so many significant digits, and all digits of its integer part.

    ``0.04321``, ``19,294``, ``1.2e-9``; with ``signed``, numbers above zero get a plus.
    ``in_column`` keeps trailing zeros, ``22.00`` beside ``13.12``, to show equal precision.
    """
    sign = "+" if signed else ""
    size = abs(value)
    if not math.isfinite(value) or size == 0:
        return f"{value + 0.0:{sign}g}"
    if not _SMALL <= size < _LARGE:
        mantissa, _, power = f"{value:{sign}.{digits - 1}e}".partition("e")
        shown = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
        return f"{shown}e{int(power)}"
    # Round first: 9.9996 becomes 10, with one digit more before the point.
    rounded = float(f"{value:.{digits - 1}e}")
    decimals = digits - 1 - math.floor(math.log10(abs(rounded)))
    if decimals <= 0:
        return f"{value:{sign},.0f}"
    text = f"{value:{sign},.{decimals}f}"
    return text if in_column else text.rstrip("0").rstrip(".")


def cost(value: float) -> str:
    """A cost as somebody wrote it, with all of its digits: ``9.99``, ``10``, ``1,000,000``.

    Examples
    --------
    >>> [cost(each) for each in (9.99, 10.0, 12345.67, 0.5)]
    ['9.99', '10', '12,345.67', '0.5']
    """
    return amount(value, 15)


def even(
    values: Sequence[float], digits: int = 4, *, signed: bool = False, in_column: bool = False
) -> list[str]:
    """Numbers of one kind with the same number of decimals, such as an estimate and its interval.

    The largest has so many significant digits. There are up to three decimals more where a number
    that is not zero would be written as zero. A last decimal that is zero in all of them is left
    out, but not ``in_column``.

    Examples
    --------
    >>> even((0.00055, -0.003, 0.00434), 3, signed=True)
    ['+0.00055', '-0.00300', '+0.00434']
    """
    sign = "+" if signed else ""
    sizes = [abs(value) for value in values if math.isfinite(value) and value]
    if sizes and not _SMALL <= max(sizes) < _LARGE:
        form = f"{sign}.{digits - 1}e"
        return [_powered(f"{value:{form}}") if value else "0" for value in values]
    top = math.floor(math.log10(float(f"{max(sizes, default=1):.{digits - 1}e}")))
    decimals = fewest = max(0, digits - 1 - top)
    while decimals < fewest + 3 and round(min(sizes, default=1), decimals) == 0:
        decimals += 1
    rounded = [round(value, decimals) + 0.0 if math.isfinite(value) else value for value in values]
    while (
        decimals and not in_column and all(f"{each:.{decimals}f}"[-1] in "0fn" for each in rounded)
    ):
        decimals -= 1
    return [
        f"{each:{sign if each else ''},.{decimals}f}" if math.isfinite(each) else f"{each:{sign}g}"
        for each in rounded
    ]


def fixed(values: Sequence[float], decimals: int = 3) -> list[str]:
    """Numbers with so many decimals, such as shares: ``0.979``."""
    return [f"{value:.{decimals}f}" for value in values]


def _powered(text: str) -> str:
    """The power of ten as it is written here: ``1.20e-9``."""
    mantissa, e, power = text.partition("e")
    return f"{mantissa}e{int(power)}" if e and power else text


def with_ends(
    value: float, low: float, high: float, digits: int = 4, *, signed: bool = False
) -> str:
    """An estimate with its interval, as `even` writes them: ``0.050 [0.012, 0.123]``."""
    said, *ends = even((value, low, high), digits, signed=signed)
    return f"{said} [{', '.join(ends)}]"


def apart(
    values: Sequence[float], write: Callable[[float, int], str] = amount, digits: int = 4
) -> list[str]:
    """Numbers as text, such as those of an axis, with more digits if two would look alike.

    Parameters
    ----------
    values : sequence of float
    write : callable
        Writes a number with so many significant digits.
    digits : int, default 4
        The smallest number of digits.
    """
    for n in range(digits, _ALL_DIGITS + 1):
        texts = [write(value, n) for value in values]
        if len({*texts}) == len({*values}):
            break
    return texts


def shown(value: Any) -> str:
    """A short text of any value as Python writes it: ``'no'``, never ``np.str_('no')``.

    The same holds for the values in a list, a dict or an array.
    """
    return printable(_SHORT.repr(value))


def as_code(value: Any) -> str:
    """A value as Python reads it again: NumPy's numbers, texts and arrays as Python's own.

    Examples
    --------
    >>> import numpy as np
    >>> as_code({"hidden": np.array([8]), "alpha": np.float64(0.1)})
    "{'hidden': [8], 'alpha': 0.1}"
    """
    return repr(_plain(value))


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    if isinstance(value, dict):
        return {_plain(key): _plain(each) for key, each in value.items()}
    if type(value) in (list, tuple, set, frozenset):
        return type(value)(map(_plain, value))
    return value


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
    if isinstance(value, str):
        # Not shortened as others, since readers copy it; double quotes unless the text has some.
        said = repr(str(value)) if len(value) <= _LONGEST_COPIED else shown(value)
        said = said if '"' in said else f'"{said[1:-1]}"'
    elif isinstance(value, list) and all(isinstance(each, str) for each in value):
        said = repr(value)  # readers copy it, too; who makes the list keeps it short
    elif isinstance(value, dict) and all(isinstance(e, str) for e in (*value, *value.values())):
        said = repr(value)
    else:
        said = shown(value)
    return f"\ue000{name}\ue001{said}\ue002"


def offered(name: str, values: Sequence[str], most: int = 8) -> str:
    """The values that a parameter may have, each as it can be copied: ``--to ill or --to well``."""
    said = [parameter(name, value) for value in values[:most]]
    last = f"{len(values) - most:,} more" if len(values) > most else said.pop()
    return f"{', '.join(said)}{' or ' if said else ''}{last}"


def in_python(name: str, value: str) -> str:
    """How Python spells a parameter; what gives one of several answers is a method."""
    if name == "for_target":
        return f"model.for_target({value})"
    return f"{name}={value}" if value else name


def spelled(text: str, spelling: Spelling = in_python) -> str:
    """The text with each `parameter` in it spelled."""
    return _PARAMETER.sub(lambda found: spelling(found[1], found[2] or ""), text)


# The rows of the file that a table in hand consists of, from 0, where some rows are left out.
_ROWS_OF_FILE: ContextVar[NDArray[np.intp] | None] = ContextVar("rows_of_file", default=None)


@contextmanager
def rows_counted_as_in_file(kept: NDArray[np.intp] | None) -> Iterator[None]:
    """Inside the block, messages number the rows of a table as its file does.

    ``kept`` are the positions, from 0, of the rows that are not left out; None: all of them.
    """
    before = _ROWS_OF_FILE.set(kept)
    try:
        yield
    finally:
        _ROWS_OF_FILE.reset(before)


def row_number(row: int) -> int:
    """The number of a row in messages, from 1: that of the file, if rows of it are left out."""
    kept = _ROWS_OF_FILE.get()
    return row if kept is None else int(kept[row - 1]) + 1


def row_numbers(rows: NDArray[Any]) -> tuple[int, ...]:
    """`row_number` of each of many rows: of positions from 0, or of those where a mask is true."""
    places = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows
    kept = _ROWS_OF_FILE.get()
    return tuple(((places if kept is None else kept[places]) + 1).tolist())


def listed_rows(rows: Sequence[int] | NDArray[np.intp], most: int = 5) -> str:
    """Positions of rows, from 0, as numbers from 1: ``row 3``, ``rows 3, 11 and 20 more``."""
    said = [f"{int(row) + 1:,}" for row in rows[:most]]
    last = f"{len(rows) - most:,} more" if len(rows) > most else said.pop()
    several = "s" if len(rows) > 1 else ""
    return f"row{several} {', '.join(said)}{' and ' if said else ''}{last}"


def brief(text: str, most: int = _LONGEST_TEXT) -> str:
    """The text without the middle of very long words, and of all of it if it has more than so many.

    A message quotes options and cells, which may have any length.
    """
    short = _WORD.sub(lambda word: _ends(word[0], _LONGEST_WORD), text)
    return _ends(short, most)


def _ends(text: str, most: int) -> str:
    """The text, or its beginning and its end."""
    if len(text) <= most:
        return text
    return f"{text[: most // 4]}…{text[-most // 8 :]}"


def printable(text: str) -> str:
    r"""The text with all unprintable or misleading characters escaped, as in ``\x1b``."""
    return _UNPRINTABLE.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def unescaped(text: str) -> str:
    """The text with the characters that its escapes stand for: what `printable` was given."""
    return _ESCAPE.sub(lambda found: found[0].encode().decode("unicode_escape"), text)


def as_printed(text: str, known: Sequence[str]) -> str:
    """A name as a person copies it from a message: as it is, or what its escapes stand for."""
    other = unescaped(text)
    return other if text not in known and other in known else text


def printable_data(value: Any) -> Any:
    """Plain data with `printable` applied to its texts."""
    if isinstance(value, dict):
        return {printable_data(key): printable_data(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [printable_data(each) for each in value]
    return printable(value) if isinstance(value, str) else value


class _Short(reprlib.Repr):
    """Python's own short repr, with NumPy's numbers and texts shown as Python's."""

    def repr1(self, x: Any, level: int) -> str:
        if isinstance(x, np.ndarray):
            x = x.tolist()
        elif isinstance(x, np.generic):
            plain = x.item()
            if isinstance(plain, np.generic):  # a long double has no Python type
                return str(x)
            x = plain
        return super().repr1(x, level)

    def repr_int(self, x: int, level: int) -> str:
        try:
            return super().repr_int(x, level)
        except ValueError:  # Python writes no more than some thousand digits
            return f"a whole number of {x.bit_length() * math.log10(2):.0f} digits"


_SHORT = _Short()
_SHORT.maxstring = _SHORT.maxother = 60


def whole_rows(n_effective: float) -> int:
    """An effective number of rows in words: rounded down, so that no limit seems to be reached."""
    return math.floor(n_effective + 1e-9)
