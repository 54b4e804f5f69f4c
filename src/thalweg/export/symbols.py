"""Traces the body of a formula into the steps that compute it, for writers of other languages.

A body (of an activation, a link, a part of the encoder) uses arithmetic and the functions of
``elementary_functions``. Here it is called with symbols in the place of arrays, and each of these
functions is exchanged for one that notes what it is asked. What is computed twice is one step. So
no formula is written a second time.
"""

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from types import FunctionType
from typing import Any, TypeAlias

import thalweg.elementary_functions as vocabulary

# What stands in a step for a number, and for an argument of the formula.
CONSTANT, ARGUMENT = "constant", "argument"
FUNCTIONS = (
    "exp", "expm1", "log1p", "sqrt", "sin", "cos", "floor", "sign", "maximum", "minimum", "where",
)  # fmt: skip
# Operations with one operand, and with two; the functions stand beside them by their names.
UNARY, BINARY = ("negative", "abs"), ("+", "-", "*", "/", "<", ">", "<=", ">=", "==")

Body: TypeAlias = Callable[..., Any]


@dataclass(frozen=True)
class FormulaStep:
    """One operation on the results of earlier steps.

    Attributes
    ----------
    operation : str
        One of `FUNCTIONS`, `UNARY` or `BINARY`, or `CONSTANT` or `ARGUMENT`.
    operands : tuple of int
        Earlier steps; of an argument its place among the arguments.
    value : float
        Of a constant.
    """

    operation: str
    operands: tuple[int, ...] = ()
    value: float = 0.0


@dataclass(frozen=True)
class Formula:
    """A formula as steps, each after those that it needs, none twice and none unused.

    Attributes
    ----------
    arguments : tuple of str
        Their names.
    steps : tuple of FormulaStep
    results : tuple of int
        The steps whose values are the result; one, or several of a body that returns a tuple.
    """

    arguments: tuple[str, ...]
    steps: tuple[FormulaStep, ...]
    results: tuple[int, ...]


class _Symbol:
    """The result of a step while a body is traced; arithmetic with it makes further steps."""

    __slots__ = ("_notes", "place")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, notes: "_Notes", place: int) -> None:
        self._notes, self.place = notes, place

    def __bool__(self) -> bool:
        raise TypeError("A formula that is traced has no single truth value: use where")

    def __neg__(self) -> "_Symbol":
        return self._notes.step("negative", self)

    def __abs__(self) -> "_Symbol":
        return self._notes.step("abs", self)

    def __add__(self, other: "_Operand") -> "_Symbol":
        return self._notes.step("+", self, other)

    def __radd__(self, other: float) -> "_Symbol":
        return self._notes.step("+", other, self)

    def __sub__(self, other: "_Operand") -> "_Symbol":
        return self._notes.step("-", self, other)

    def __rsub__(self, other: float) -> "_Symbol":
        return self._notes.step("-", other, self)

    def __mul__(self, other: "_Operand") -> "_Symbol":
        return self._notes.step("*", self, other)

    def __rmul__(self, other: float) -> "_Symbol":
        return self._notes.step("*", other, self)

    def __truediv__(self, other: "_Operand") -> "_Symbol":
        return self._notes.step("/", self, other)

    def __rtruediv__(self, other: float) -> "_Symbol":
        return self._notes.step("/", other, self)

    def __lt__(self, other: "_Operand") -> "_Symbol":
        return self._notes.step("<", self, other)

    def __gt__(self, other: "_Operand") -> "_Symbol":
        return self._notes.step(">", self, other)

    def __le__(self, other: "_Operand") -> "_Symbol":
        return self._notes.step("<=", self, other)

    def __ge__(self, other: "_Operand") -> "_Symbol":
        return self._notes.step(">=", self, other)

    def __eq__(self, other: "_Operand") -> "_Symbol":  # type: ignore[override]
        return self._notes.step("==", self, other)


_Operand: TypeAlias = _Symbol | float


class _Notes:
    """The steps so far; an equal step is found again."""

    def __init__(self) -> None:
        self.steps: list[FormulaStep] = []
        # The sign of a zero distinguishes constants, too.
        self._places: dict[tuple[str, tuple[int, ...], str], int] = {}

    def symbol(self, step: FormulaStep) -> _Symbol:
        """The symbol of a step, which is new or has been noted before."""
        key = step.operation, step.operands, float(step.value).hex()
        if key not in self._places:
            self._places[key] = len(self.steps)
            self.steps.append(step)
        return _Symbol(self, self._places[key])

    def step(self, operation: str, *operands: _Operand) -> _Symbol:
        """Note an operation."""
        return self.symbol(FormulaStep(operation, tuple(map(self.place, operands))))

    def place(self, operand: _Operand) -> int:
        """The step of a symbol, or of a number."""
        if isinstance(operand, _Symbol):
            return operand.place
        return self.symbol(FormulaStep(CONSTANT, value=float(operand))).place

    def function(self, name: str) -> Body:
        """The function of that name for symbols; of numbers alone it is the number."""

        def noted(*operands: _Operand) -> _Operand:
            if any(isinstance(each, _Symbol) for each in operands):
                return self.step(name, *operands)
            return float(getattr(vocabulary, name)(*operands))

        return noted


def traced(body: Body, *arguments: str | float) -> Formula:
    """The steps of a formula.

    Parameters
    ----------
    body : function
        Of elementary functions and arithmetic, and of further such bodies.
    *arguments : str or float
        The name of each argument, or a number in its place.

    Returns
    -------
    Formula

    Raises
    ------
    TypeError
        If the body asks whether a symbol is true (``if``, ``and``), or has other operations.

    Examples
    --------
    >>> from thalweg.network.formulas.activations import relu
    >>> [(step.operation, step.operands) for step in traced(relu, "z").steps]
    [('argument', (0,)), ('constant', ()), ('maximum', (0, 1))]
    """
    notes = _Notes()
    names = tuple(each for each in arguments if isinstance(each, str))
    given = [
        notes.symbol(FormulaStep(ARGUMENT, (names.index(each),))) if isinstance(each, str) else each
        for each in arguments
    ]
    words = {getattr(vocabulary, name): notes.function(name) for name in FUNCTIONS}
    found = _rebuilt(body, words)(*given)
    several = found if isinstance(found, tuple) else (found,)
    return _pruned(names, notes.steps, [notes.place(each) for each in several])


def _rebuilt(body: Body, words: dict[Any, Body]) -> Body:
    """The same function with other meanings of the elementary functions, in what it calls, too."""
    assert isinstance(body, FunctionType)
    meanings = dict(body.__globals__)
    for name in body.__code__.co_names:
        meaning = meanings.get(name)
        if isinstance(meaning, Hashable) and meaning in words:
            meanings[name] = words[meaning]
        elif isinstance(meaning, FunctionType):
            meanings[name] = _rebuilt(meaning, words)
    return FunctionType(body.__code__, meanings, closure=body.__closure__)


def _pruned(arguments: tuple[str, ...], steps: list[FormulaStep], results: list[int]) -> Formula:
    """Only the steps that the results need, renumbered."""
    needed = set(results)
    for place in reversed(range(len(steps))):
        if place in needed and steps[place].operation != ARGUMENT:
            needed.update(steps[place].operands)
    kept = sorted(needed)
    new = {place: number for number, place in enumerate(kept)}
    return Formula(
        arguments,
        tuple(_renumbered(steps[place], new) for place in kept),
        tuple(new[place] for place in results),
    )


def _renumbered(step: FormulaStep, new: dict[int, int]) -> FormulaStep:
    if step.operation == ARGUMENT:
        return step
    return FormulaStep(step.operation, tuple(new[each] for each in step.operands), step.value)


def uses(formula: Formula) -> Iterator[int]:
    """How often each step is an operand or a result."""
    counts = [0] * len(formula.steps)
    for step in formula.steps:
        if step.operation != ARGUMENT:
            for operand in step.operands:
                counts[operand] += 1
    for place in formula.results:
        counts[place] += 1
    return iter(counts)
