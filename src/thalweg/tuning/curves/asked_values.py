"""The values of a setting that a sweep goes through: a range, or a list."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from thalweg.errors import SettingsError
from thalweg.estimators.parameters.parameter import Parameter, Setting, Special
from thalweg.estimators.parameters.parameter_table import BY_NAME
from thalweg.evaluation.curves.setting_curve import Scale
from thalweg.training.descent.schedules import Range
from thalweg.tuning.search_spaces import TUNABLE
from thalweg.wording import as_code, parameter, shown

POINTS, FEWEST, MOST = 9, 2, 50
# Settings of which equal factors matter; of all others, equal steps do, unless a range is wide.
_BY_FACTORS = (
    "alpha", "batch_size", "hidden_layer_sizes", "l1", "learning_rate_init", "max_iter",
    "n_iter_no_change", "tol", "weight_decay",
)  # fmt: skip
_BY_STEPS = ("dropout", "label_smoothing", "n_bins")
_WIDE = 10
# Whole numbers of more bits are objects to NumPy, of which it makes no range.
_LARGEST = 10**18


@dataclass(frozen=True)
class AskedValues:
    """What a sweep goes through.

    Attributes
    ----------
    name : str
        The parameter.
    values : tuple
        Increasing if they are numbers.
    scale : {"log", "linear", "words"}
    """

    name: str
    values: tuple[Setting, ...]
    scale: Scale


def asked_values(over: Mapping[str, Any], points: int = POINTS) -> AskedValues:
    """Read ``{"alpha": (0.01, 10)}`` or ``{"alpha": [0.1, 1]}``.

    Parameters
    ----------
    over : mapping
        One parameter with a pair ``(low, high)`` of numbers, or a list of values.
    points : int
        How many values a range has.

    Raises
    ------
    SettingsError
    """
    name, given = _one(over)
    row = BY_NAME[name]
    is_pair = isinstance(given, tuple) and len(given) == 2 and all(map(_is_number, given))
    if is_pair:
        values = _of_range(row, given[0], given[1], points)
    elif isinstance(given, list | np.ndarray | range):
        values = _of_list(row, given)
    else:
        raise SettingsError(
            f"The sweep has {name}={shown(given)}, which is neither a range nor a list",
            fix=_fix_of(row, given),
        )
    if all(_is_number(each) for each in values):
        numbers = sorted(values)
        return AskedValues(name, tuple(numbers), _scale(name, numbers[0], numbers[-1]))
    return AskedValues(name, values, "words")


def beyond(asked: AskedValues, end: float, *, upwards: bool) -> tuple[float, float] | None:
    """A range that goes on beyond an end of the values; None where the setting has none there."""
    spans = [each for each in BY_NAME[asked.name].allowed if isinstance(each, Range)]
    low, high = asked.values[0], asked.values[-1]
    factor = 4 if spans and spans[0].whole else 10
    if asked.scale == "log":
        inner, outer = (end / factor, end * factor) if upwards else (end * factor, end / factor)
    else:
        step = (high - low) / 2
        inner, outer = (end - step, end + step) if upwards else (end + step, end - step)
    if spans and spans[0].whole:
        inner, outer = round(inner), max(round(outer), 1) if upwards or outer > 0 else 0
    if spans and not any(each.has(outer) for each in spans):
        bounds = [each.high if upwards else each.low for each in spans]
        nearest = max(bounds) if upwards else min(bounds)
        if math.isclose(nearest, end) or not math.isfinite(nearest):
            return None
        outer = nearest if any(each.has(nearest) for each in spans) else (nearest + end) / 2
    if outer == end:
        return None
    found = sorted((_rounded(inner), _rounded(outer)))
    return found[0], found[1]


def label_of(value: Setting) -> str:
    """A value in a picture: ``0.01``, ``64×32``, ``relu``."""
    if isinstance(value, tuple):
        return "×".join(map(str, value)) if value else "no layer"
    if _is_number(value):
        return f"{value:g}"
    return str(value)


def _one(over: Mapping[str, Any]) -> tuple[str, Any]:
    """The one parameter, which is known."""
    if not isinstance(over, Mapping) or len(over) != 1:
        raise SettingsError(
            f"A sweep goes over one setting, and over={shown(over)}",
            why="A picture of one setting has all others as they are",
            fix='give one, as in over={"learning_rate_init": (1e-4, 1e-1)}; for several, '
            "thalweg.tune searches them together",
        )
    ((name, given),) = over.items()
    if "__" in str(name):
        own = str(name).rpartition("__")[2]
        raise SettingsError(
            f"The setting {shown(name)} is one inside a pipeline",
            why="A sweep fits the estimator itself, which takes the raw table",
            fix=f'give the estimator of that step, and over={{"{own}": …}}',
        )
    if name not in TUNABLE:
        raise SettingsError(
            f"A sweep cannot go over {shown(name)}",
            why="Values are compared on the same rows, folds and outputs",
            fix=f"take one of {', '.join(TUNABLE)}",
        )
    return str(name), given


def _fix_of(row: Parameter, given: object) -> str:
    """How to write a list; a range, too, where the parameter has numbers."""
    some = list(given) if isinstance(given, tuple) and given else list(row.words[:2])
    if row.name == "hidden_layer_sizes":
        some = [8, 16]
    like = f", as in over={as_code({row.name: some})}" if some else ""
    if not any(isinstance(each, Range) for each in row.allowed):
        return f"give a list of values{like}"
    return f'give a range as in over={{"{row.name}": (low, high)}}, or a list of values'


def _of_range(row: Parameter, low: float, high: float, points: int) -> tuple[Setting, ...]:
    """So many values from ``low`` to ``high``, both included."""
    spans = [each for each in row.allowed if isinstance(each, Range)]
    if not isinstance(points, int | np.integer) or not FEWEST <= points <= MOST:
        raise SettingsError(
            f"points={shown(points)} is not a whole number from {FEWEST} to {MOST}",
            fix=f"give {parameter('points', POINTS)}",
        )
    if not spans:
        raise SettingsError(f"{row.name} has no numbers, so no range", fix="give a list of values")
    for end in (low, high):
        _require(row, end if not spans[0].whole or end % 1 else int(end))
    if not low < high:
        raise SettingsError(
            f"{row.name} cannot grow from {low:g} to {high:g}",
            fix=f"give the smaller number first, as in {high:g} and {low:g}"
            if high < low
            else "give two different numbers",
        )
    if _scale(row.name, low, high) == "log":
        numbers = np.geomspace(low, high, points)
    else:
        numbers = np.linspace(low, high, points)
    if spans[0].whole:
        return tuple(dict.fromkeys(round(each) for each in numbers.tolist()))
    inner = [float(f"{each:.3g}") for each in numbers[1:-1].tolist()]
    inner = [each for each in inner if low < each < high]
    return tuple(dict.fromkeys((float(low), *inner, float(high))))


def _of_list(row: Parameter, values: Iterable[Setting]) -> tuple[Setting, ...]:
    """The values of a list, each once."""
    found: list[Setting] = []
    for each in values:
        if len(found) > MOST:
            break  # each is compared with all before it, which takes minutes for very many
        value = each.item() if isinstance(each, np.generic) else each
        value = tuple(value) if isinstance(value, list) else value
        if row.name == "hidden_layer_sizes" and isinstance(value, tuple) and len(value) == 1:
            value = value[0]  # one layer of 8 units is 8
        _require(row, value)
        if value not in found:
            found.append(value)
    if not 1 <= len(found) <= MOST:
        n = f"more than {MOST} different values" if found else "0 different values"
        raise SettingsError(
            f"The sweep has {n} of {row.name}",
            fix=f"give 1 to {MOST}, beside which the default is fitted"
            + (", or a range (low, high)" if any(isinstance(each, Range) for each in row.allowed)
               else ""),
        )  # fmt: skip
    return tuple(found)


def _require(row: Parameter, value: Setting) -> None:
    """Raise a SettingsError for a value that the parameter cannot have."""
    spans = [each for each in row.allowed if isinstance(each, Range)]
    if spans and isinstance(value, int) and abs(value) > _LARGEST:
        raise SettingsError(f"{row.name} has too many digits", fix=f"give {row.range}, below 1e18")
    if _is_number(value):
        valid = any(each.is_of(value) for each in spans)
    elif isinstance(value, str) and Special.OPTIMIZER not in row.allowed:
        valid = value in row.words
    else:
        return  # the estimator itself says what is wrong
    if not valid:
        said = ", or ".join(
            filter(None, (row.range, ", ".join(row.words) and f"one of {', '.join(row.words)}"))
        )
        raise SettingsError(f"{row.name} cannot be {shown(value)}", fix=f"give {said}")


def _scale(name: str, low: float, high: float) -> Scale:
    if low <= 0 or name in _BY_STEPS:
        return "linear"
    return "log" if name in _BY_FACTORS or high >= _WIDE * low else "linear"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)


def _rounded(number: float) -> float:
    return number if isinstance(number, int) else float(f"{number:.3g}")
