"""A loss that a person wrote, as a text or as a function: its formula, slope, and functions.

Only the text is stored, in one form: what is read from it again has the same steps.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import sha256
from types import FunctionType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.errors import SettingsError
from thalweg.network.formulas.expressions.built_function import built
from thalweg.network.formulas.expressions.derivative import slope_of
from thalweg.network.formulas.expressions.formula_text import (
    ARGUMENTS,
    LONGEST,
    WORDS,
    checked_steps,
    formula_of,
)
from thalweg.network.formulas.expressions.printed_formula import number_text, text_of
from thalweg.network.formulas.expressions.scaled_formula import (
    OF_TARGET,
    Units,
    scaled_slope,
    scaled_value,
    sides_of,
)
from thalweg.network.formulas.expressions.symbols import NOT_NUMPY, Formula, traced

Floats = NDArray[Any]
# The text form of such a loss is this, and the formula. Between a formula and the units of a
# network stands this mark, which no formula has.
PREFIX, MARK = "formula:", " @ "
_EXAMPLE = "def cost(z, y): return where(z > y, z - y, 3 * (y - z))"


@dataclass(frozen=True)
class WrittenLoss:
    """A loss in z and y, in units of the target.

    Attributes
    ----------
    text : str
        Its formula in standard form.
    formula, slope : Formula
        Of z and y.
    """

    text: str
    formula: Formula
    slope: Formula

    @cached_property
    def slope_text(self) -> str:
        """Its slope in z as text; of a very long one only what it is."""
        return text_of(self.slope, LONGEST) or "the slope of the formula in z"

    @cached_property
    def element(self) -> Callable[..., Any]:
        """(z, y, center, scale, size, grain) -> the loss of a network's output, in float64."""
        return built(scaled_value(self.formula), self._name("value"))

    @cached_property
    def element_slope(self) -> Callable[..., Any]:
        """The same arguments -> its slope in the output."""
        return built(scaled_slope(self.formula), self._name("slope"))

    @cached_property
    def _value(self) -> Callable[..., Any]:
        return built(self.formula, self._name("own_value"))

    @cached_property
    def _slope(self) -> Callable[..., Any]:
        return built(self.slope, self._name("own_slope"))

    @cached_property
    def _sides(self) -> Callable[..., Any] | None:
        formula = sides_of(self.formula)
        return None if formula is None else built(formula, self._name("sides"))

    def value(self, z: Floats, y: Floats) -> Floats:
        """ℓ(z, y) in units of the target; NaN or infinite where it has no value."""
        return _evaluated(self._value, z, y)

    def slope_at(self, z: Floats, y: Floats) -> Floats:
        """dℓ/dz in units of the target."""
        return _evaluated(self._slope, z, y)

    def sides(self, z: Floats, y: Floats) -> tuple[Floats, ...]:
        """Numbers that change where z or y cross a kink."""
        if self._sides is None:
            return ()
        with np.errstate(all="ignore"):
            found = self._sides(z, y)
        several = found if isinstance(found, tuple) else (found,)
        return tuple(np.broadcast_to(each, np.broadcast(z, y).shape) for each in several)

    def __reduce__(self) -> tuple[object, ...]:
        # The functions are built again: they cannot be pickled.
        return written_loss, (self.text,)

    def _name(self, what: str) -> str:
        # Compiled code is kept by this name, so that it has to tell formulas apart.
        return f"formula_{sha256(self.text.encode()).hexdigest()}_{what}"


def _evaluated(function: Callable[..., Any], z: Floats, y: Floats) -> Floats:
    """A function of two arrays, in the shape of both, in float64."""
    z, y = np.asarray(z, np.float64), np.asarray(y, np.float64)
    with np.errstate(all="ignore"):
        found = function(z, y)
    return np.broadcast_to(np.asarray(found, np.float64), np.broadcast(z, y).shape)


@lru_cache(maxsize=64)
def written_loss(text: str) -> WrittenLoss:
    """The loss of a formula, such as ``where(z > y, z - y, 3 * (y - z))``.

    Raises
    ------
    SettingsError
        If the text is no formula, or has too much of anything.
    """
    standard = _standard(formula_of(text))
    formula = formula_of(standard)
    return WrittenLoss(standard, formula, slope_of(formula))


def _standard(formula: Formula) -> str:
    """The text of a formula that has at most as many characters as may be read."""
    text = text_of(formula, LONGEST)
    if text is None:
        raise SettingsError(
            f"The formula of the loss has more than {LONGEST:,} characters when it is written out",
            why="What is used twice is written twice, and a model file holds the text",
            fix="use fewer powers and fewer results of earlier lines",
        )
    return text


def written_by(function: Callable[..., Any]) -> WrittenLoss:
    """The loss of a Python function of z and y, which is called once, with symbols.

    The arguments are taken by their names, in any order.

    Raises
    ------
    SettingsError
        If the function has no arguments z and y, or does anything else than arithmetic and
        functions of the vocabulary.
    """
    name = getattr(function, "__name__", type(function).__name__)
    _require_names(function, name)
    try:
        formula = traced(function, *ARGUMENTS, by_name=True)
    except RecursionError as bad:
        raise _untraced(name, "it calls itself without end", bad) from bad
    except Exception as bad:  # whatever a function of a user raises
        said = f"TypeError: {NOT_NUMPY}" if "ufunc" in str(bad) else f"{type(bad).__name__}: {bad}"
        raise _untraced(name, said, bad) from bad
    if len(formula.results) != 1:
        raise _untraced(name, f"it returns {len(formula.results)} numbers", None)
    return written_loss(_standard(checked_steps(formula)))


def _require_names(function: Callable[..., Any], name: str) -> None:
    """Refuse arguments of other names: the first of two may be the prediction or the target."""
    if not isinstance(function, FunctionType):
        raise SettingsError(
            f"{name!r} cannot be the loss: it is no function that def or lambda makes",
            where=f"it has the type {type(function).__name__}",
            fix=f"write a function with its formula. Example: {_EXAMPLE}",
        )
    code = function.__code__
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    if not set(ARGUMENTS) <= set(names):
        raise SettingsError(
            f"The function {name!r} cannot be the loss: its arguments are not named z and y",
            where=f"it has the arguments {', '.join(names) or 'of any name'}",
            why="z is the prediction and y the target; places do not say which is which",
            fix=f"name them z and y, in any order. Example: {_EXAMPLE}",
        )


def _untraced(name: str, why: str, bad: Exception | None) -> SettingsError:
    fix = (
        "write it with arithmetic, comparisons and functions from thalweg.elementary_functions: "
        f"{', '.join(WORDS)}. Example: {_EXAMPLE}"
    )
    said = str(bad)
    if "truth value" in said:
        fix = "write where(condition, then, otherwise) instead of if, and, or, not; " + fix
    elif "NumPy" in said or "numpy" in said or "ufunc" in said:
        fix = "write where, exp … instead of np.where, np.exp …; " + fix
    return SettingsError(
        f"The function {name!r} cannot be the loss: its formula cannot be traced",
        why=f"It is called once, with symbols for z and y: {why}",
        fix=fix,
    )


def read_units(text: str) -> tuple[str, Units]:
    """The formula and the units of a text such as ``abs(z - y) @ 2.0 0.5 1.0 1e-09``."""
    formula, mark, rest = text.partition(MARK)
    if not mark:
        return formula, OF_TARGET
    try:
        center, scale, size, grain = map(float, rest.split())
        units = Units(center, scale, size, grain)
    except ValueError:
        units = Units(scale=0.0)
    if not (all(map(math.isfinite, units)) and min(units[1:]) > 0):
        raise SettingsError(
            "The units of a loss formula are not four numbers", fix="write the formula alone"
        )
    return formula, units


def units_text(units: Units) -> str:
    """What `read_units` reads after a formula; empty for the units of the target themselves."""
    return "" if units == OF_TARGET else MARK + " ".join(map(number_text, units))
