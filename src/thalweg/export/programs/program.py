"""A small language of loops and numbers, in which the stages of a model are one program.

C, JavaScript and Python print it (`c_text`, `javascript_text`, `python_text`). All numbers are
float64. Two routines have a fixed form: one takes the values of a row and sets the answers, the
other takes the answers and gives the place of the label.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from thalweg.network.formulas.expressions.symbols import (
    ARGUMENT,
    CONSTANT,
    Formula,
    uses,
)


@dataclass(frozen=True)
class Literal:
    """A number."""

    value: float


@dataclass(frozen=True)
class Index:
    """A whole number that is an index."""

    value: int


@dataclass(frozen=True)
class Variable:
    """A variable, or an element of an array.

    Attributes
    ----------
    name : str
    at : Expression, optional
        The index.
    """

    name: str
    at: "Expression | None" = None


@dataclass(frozen=True)
class Operation:
    """An operation of a formula (`thalweg.network.formulas.expressions.symbols`), or "whole".

    "whole" makes an index of a number that is whole.
    """

    name: str
    operands: tuple["Expression", ...]


@dataclass(frozen=True)
class Call:
    """The result of a function of the program."""

    function: str
    operands: tuple["Expression", ...]


Expression: TypeAlias = Literal | Index | Variable | Operation | Call


@dataclass(frozen=True)
class Declare:
    """A new variable, a number."""

    name: str
    value: Expression


@dataclass(frozen=True)
class Assign:
    """Another value for a variable, or for an element of an array."""

    target: Variable
    value: Expression


@dataclass(frozen=True)
class Loop:
    """The statements for each index from ``start`` up to, not with, ``stop``."""

    index: str
    stop: int
    body: tuple["Statement", ...]
    start: int = 0


@dataclass(frozen=True)
class When:
    """The statements if a condition holds."""

    condition: Expression
    body: tuple["Statement", ...]


@dataclass(frozen=True)
class Room:
    """A new array of numbers."""

    name: str
    size: int


@dataclass(frozen=True)
class Dense:
    """Sets ``target`` to f(W ``source`` + b).

    Attributes
    ----------
    W, b : str
        Constants; W has shape (n_in, n_out), transposed.
    n_in, n_out : int
    source, target : str
        Arrays.
    function : str
        The name of f among the functions; "" is the identity.
    """

    W: str
    b: str
    n_in: int
    n_out: int
    source: str
    target: str
    function: str


@dataclass(frozen=True)
class Encode:
    """Sets the array ``a`` to the inputs of a network, from the values ``v``.

    Attributes
    ----------
    network : int
    body : tuple of Statement
        One way to do it; a writer of whole columns takes the forms of the encoder themselves.
    """

    network: int
    body: tuple["Statement", ...]


@dataclass(frozen=True)
class Give:
    """End the routine with an index."""

    value: Expression


Statement: TypeAlias = Declare | Assign | Loop | When | Room | Dense | Encode | Give


@dataclass(frozen=True, eq=False)
class ConstantArray:
    """An array of constants, one-dimensional: float32, float64 or int32."""

    name: str
    values: NDArray[np.number]


@dataclass(frozen=True)
class Function:
    """A formula as a function: variables for what is used several times, and a result."""

    name: str
    arguments: tuple[str, ...]
    body: tuple[Declare, ...]
    result: Expression


@dataclass(frozen=True, eq=False)
class Program:
    """A model as a program.

    Attributes
    ----------
    functions : tuple of Function
        None calls another.
    constants : tuple of ConstantArray
    answers : tuple of Statement
        Reads the array ``v`` and sets the array ``p``.
    label : tuple of Statement
        Reads ``p`` and gives the place of the label; -1 if there is none. Empty for numbers.
    n_values, n_answers : int
        The lengths of ``v`` and ``p``.
    """

    functions: tuple[Function, ...]
    constants: tuple[ConstantArray, ...]
    answers: tuple[Statement, ...]
    label: tuple[Statement, ...]
    n_values: int
    n_answers: int

    @property
    def words(self) -> set[str]:
        """The operations that occur in the functions and routines."""
        return {
            each.name
            for part in (*self.functions, *self.answers, *self.label)
            for each in parts_of(part)
            if isinstance(each, Operation)
        }


Part: TypeAlias = Expression | Statement | Function


def parts_of(part: Part) -> Iterator[Part]:
    """A part of a program, and all parts in it."""
    yield part
    for value in vars(part).values():
        inner = value if isinstance(value, tuple) else (value,)
        for each in inner:
            if isinstance(each, Part):
                yield from parts_of(each)


def called(statements: Iterable[Statement]) -> set[str]:
    """The functions that statements call."""
    found = set()
    for statement in statements:
        for each in parts_of(statement):
            if isinstance(each, Call | Dense):
                found.add(each.function)
    return found


def function_of(name: str, formula: Formula) -> Function:
    """A formula of one result; a step that is used once stands where it is used.

    Arguments without a use are left out.
    """
    found: list[Expression] = []
    body = []
    for place, (step, count) in enumerate(zip(formula.steps, uses(formula), strict=True)):
        made: Expression
        if step.operation == ARGUMENT:
            made = Variable(formula.arguments[step.operands[0]])
        elif step.operation == CONSTANT:
            made = Literal(step.value)
        else:
            made = Operation(step.operation, tuple(found[each] for each in step.operands))
            if count > 1:
                body.append(Declare(f"t{place}", made))
                made = Variable(f"t{place}")
        found.append(made)
    (result,) = formula.results
    used = {step.operands[0] for step in formula.steps if step.operation == ARGUMENT}
    arguments = tuple(each for place, each in enumerate(formula.arguments) if place in used)
    return Function(name, arguments, tuple(body), found[result])


def op(name: str, *operands: Expression) -> Operation:
    """An operation."""
    return Operation(name, operands)


def item(name: str, at: str | int | Expression) -> Variable:
    """An element of an array."""
    if isinstance(at, str):
        return Variable(name, Variable(at))
    return Variable(name, Index(at) if isinstance(at, int) else at)
