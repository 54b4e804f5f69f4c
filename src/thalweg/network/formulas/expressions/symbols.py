"""Traces the body of a formula into the steps that compute it: an expression as plain data.

A body (of an activation, a link, a part of the encoder) uses arithmetic and the functions of
``elementary_functions``. Here it is called with symbols in the place of arrays, and each of these
functions is exchanged for one that notes what it is asked. What is computed twice is one step. So
no formula is written a second time: writers of other languages print the steps, and a loss that a
user wrote is differentiated and compiled from them (``own_loss``).
"""

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from numbers import Real
from types import FunctionType
from typing import Any, NoReturn, TypeAlias

import thalweg.elementary_functions as vocabulary

# What stands in a step for a number, and for an argument of the formula.
CONSTANT, ARGUMENT = "constant", "argument"
FUNCTIONS = (
    "exp", "expm1", "log1p", "sqrt", "sin", "cos", "floor", "sign", "maximum", "minimum", "where",
)  # fmt: skip
# Operations with one operand, and with two; the functions stand beside them by their names.
UNARY, BINARY = ("negative", "abs"), ("+", "-", "*", "/", "<", ">", "<=", ">=", "==")

# The largest whole power of a symbol.
LARGEST_POWER = 9
NOT_NUMPY = "NumPy cannot compute with the symbols of a formula"

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


class Symbol:
    """The result of a step while a body is traced; arithmetic with it makes further steps."""

    __slots__ = ("_notes", "place")
    __hash__ = None  # type: ignore[assignment]
    # A number of NumPy at the left leaves the operation to the symbol; ``np.exp`` is refused.
    __array_ufunc__ = None

    def __init__(self, notes: "Notes", place: int) -> None:
        self._notes, self.place = notes, place

    def __bool__(self) -> bool:
        raise TypeError("A formula that is traced has no single truth value: use where")

    def __neg__(self) -> "Symbol":
        return self._notes.step("negative", self)

    def __abs__(self) -> "Symbol":
        return self._notes.step("abs", self)

    def __add__(self, other: "Operand") -> "Symbol":
        return self._notes.step("+", self, other)

    def __radd__(self, other: float) -> "Symbol":
        return self._notes.step("+", other, self)

    def __sub__(self, other: "Operand") -> "Symbol":
        return self._notes.step("-", self, other)

    def __rsub__(self, other: float) -> "Symbol":
        return self._notes.step("-", other, self)

    def __mul__(self, other: "Operand") -> "Symbol":
        return self._notes.step("*", self, other)

    def __rmul__(self, other: float) -> "Symbol":
        return self._notes.step("*", other, self)

    def __truediv__(self, other: "Operand") -> "Symbol":
        return self._notes.step("/", self, other)

    def __rtruediv__(self, other: float) -> "Symbol":
        return self._notes.step("/", other, self)

    def __pow__(self, exponent: float) -> "Symbol":
        """A whole power by repeated squares."""
        given: Any = exponent  # also a number of NumPy
        power = int(float(exponent)) if isinstance(given, Real) and exponent < 10 else 0
        if power != exponent or not 1 <= power <= LARGEST_POWER:
            raise TypeError(f"A power is a whole number from 1 to {LARGEST_POWER}: use sqrt, or /")
        found, square = None, self
        while True:
            if power % 2:
                found = square if found is None else square * found
            power //= 2
            if not power:
                assert found is not None
                return found
            square = square * square

    def __array_function__(self, *operands: object, **more: object) -> NoReturn:
        """NumPy was called by itself; its ``exp`` is a word only as one of the vocabulary."""
        raise TypeError(NOT_NUMPY)

    def __lt__(self, other: "Operand") -> "Symbol":
        return self._notes.step("<", self, other)

    def __gt__(self, other: "Operand") -> "Symbol":
        return self._notes.step(">", self, other)

    def __le__(self, other: "Operand") -> "Symbol":
        return self._notes.step("<=", self, other)

    def __ge__(self, other: "Operand") -> "Symbol":
        return self._notes.step(">=", self, other)

    def __eq__(self, other: "Operand") -> "Symbol":  # type: ignore[override]
        return self._notes.step("==", self, other)


Operand: TypeAlias = Symbol | float


class Notes:
    """The steps so far; an equal step is found again."""

    def __init__(self) -> None:
        self.steps: list[FormulaStep] = []
        # The sign of a zero distinguishes constants, too.
        self._places: dict[tuple[str, tuple[int, ...], str], int] = {}

    def symbol(self, step: FormulaStep) -> Symbol:
        """The symbol of a step, which is new or has been noted before."""
        key = step.operation, step.operands, float(step.value).hex()
        if key not in self._places:
            self._places[key] = len(self.steps)
            self.steps.append(step)
        return Symbol(self, self._places[key])

    def step(self, operation: str, *operands: Operand) -> Symbol:
        """Note an operation."""
        return self.symbol(FormulaStep(operation, tuple(map(self.place, operands))))

    def place(self, operand: Operand) -> int:
        """The step of a symbol, or of a number."""
        if isinstance(operand, Symbol):
            return operand.place
        return self.symbol(FormulaStep(CONSTANT, value=float(operand))).place

    def formula(self, arguments: tuple[str, ...], results: object) -> Formula:
        """The steps that results need: one symbol or number, or a tuple of them."""
        several = results if isinstance(results, tuple) else (results,)
        return _pruned(arguments, self.steps, [self.place(each) for each in several])

    def function(self, name: str) -> Body:
        """The function of that name for symbols; of numbers alone it is the number."""

        def noted(*operands: Operand) -> Operand:
            if any(isinstance(each, Symbol) for each in operands):
                return self.step(name, *operands)
            return float(getattr(vocabulary, name)(*operands))

        return noted


def traced(body: Body, *arguments: str | float, by_name: bool = False) -> Formula:
    """The steps of a formula.

    Parameters
    ----------
    body : function
        Of elementary functions and arithmetic, and of further such bodies.
    *arguments : str or float
        The name of each argument, or a number in its place.
    by_name : bool, default False
        Whether the body takes its arguments by these names, in any order; not by their places.

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
    notes = Notes()
    names = tuple(each for each in arguments if isinstance(each, str))
    given = [
        notes.symbol(FormulaStep(ARGUMENT, (names.index(each),))) if isinstance(each, str) else each
        for each in arguments
    ]
    words = {getattr(vocabulary, name): notes.function(name) for name in FUNCTIONS}
    rebuilt = _rebuilt(body, words)
    if not by_name:
        return notes.formula(names, rebuilt(*given))
    code, symbols = rebuilt.__code__, dict(zip(names, given, strict=True))
    first = code.co_varnames[: min(len(names), code.co_argcount)]
    if set(first) == set(names):  # they may be positional alone
        return notes.formula(names, rebuilt(*map(symbols.get, first)))
    return notes.formula(names, rebuilt(**symbols))


def _rebuilt(body: Body, words: dict[Any, Body]) -> FunctionType:
    """The same function with other meanings of the elementary functions, in what it calls, too."""
    if not isinstance(body, FunctionType):
        raise TypeError(f"It is no function that def or lambda makes, but a {type(body).__name__}")
    meanings = dict(body.__globals__)
    for name in body.__code__.co_names:
        meaning = meanings.get(name)
        if isinstance(meaning, Hashable) and meaning in words:
            meanings[name] = words[meaning]
        elif isinstance(meaning, FunctionType):
            meanings[name] = _rebuilt(meaning, words)
    rebuilt = FunctionType(
        body.__code__, meanings, argdefs=body.__defaults__, closure=body.__closure__
    )
    rebuilt.__kwdefaults__ = body.__kwdefaults__
    return rebuilt


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


def parts(formula: Formula) -> list[Formula]:
    """A formula of several results as one formula for each of them."""
    steps = list(formula.steps)
    return [_pruned(formula.arguments, steps, [place]) for place in formula.results]


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
