"""Unrolls a program for languages without loops: every index becomes a number."""

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from thalweg.export.programs.program import (
    Assign,
    Call,
    ConstantArray,
    Declare,
    Expression,
    Give,
    Index,
    Literal,
    Loop,
    Operation,
    Statement,
    Variable,
    When,
)

_ON_INDICES = {"+": int.__add__, "-": int.__sub__, "*": int.__mul__}


class Unrolling:
    """Unrolls statements.

    Parameters
    ----------
    constants : iterable of ConstantArray
        Their elements become numbers.
    """

    def __init__(self, constants: Iterable[ConstantArray]) -> None:
        self._constants: Mapping[str, NDArray[np.number]] = {
            each.name: each.values for each in constants
        }

    def unrolled(
        self, statements: Iterable[Statement], indices: Mapping[str, int] | None = None
    ) -> Iterator[Statement]:
        """The statements without loops; those that encode and the layers are as they were."""
        known = dict(indices or {})
        for each in statements:
            if isinstance(each, Loop):
                for index in range(each.start, each.stop):
                    yield from self.unrolled(each.body, {**known, each.index: index})
            elif isinstance(each, When):
                body = tuple(self.unrolled(each.body, known))
                yield When(self._resolved(each.condition, known), body)
            elif isinstance(each, Declare):
                yield Declare(each.name, self._resolved(each.value, known))
            elif isinstance(each, Assign):
                target = self._resolved(each.target, known)
                assert isinstance(target, Variable)
                yield Assign(target, self._resolved(each.value, known))
            elif isinstance(each, Give):
                yield Give(self._resolved(each.value, known))
            else:
                yield each

    def _resolved(self, expression: Expression, known: Mapping[str, int]) -> Expression:
        if isinstance(expression, Index):
            return Literal(float(expression.value))
        if isinstance(expression, Variable):
            if expression.name in known:
                return Literal(float(known[expression.name]))
            if expression.at is None:
                return expression
            place = self._place(expression.at, known)
            if place is None:  # an element that the value of a cell chooses
                return Variable(expression.name, self._resolved(expression.at, known))
            if expression.name in self._constants:
                return Literal(float(self._constants[expression.name][place]))
            return Variable(expression.name, Index(place))
        if isinstance(expression, Operation):
            return Operation(
                expression.name, tuple(self._resolved(each, known) for each in expression.operands)
            )
        if isinstance(expression, Call):
            return Call(
                expression.function,
                tuple(self._resolved(each, known) for each in expression.operands),
            )
        return expression

    def _place(self, at: Expression, known: Mapping[str, int]) -> int | None:
        """An index as a number; None if it depends on the row."""
        if isinstance(at, Index):
            return at.value
        if isinstance(at, Variable):
            if at.at is None:
                return known[at.name]
            place = self._place(at.at, known)
            return None if place is None else int(self._constants[at.name][place])
        if not isinstance(at, Operation) or at.name == "whole":
            return None
        left, right = (self._place(each, known) for each in at.operands)
        return None if left is None or right is None else _ON_INDICES[at.name](left, right)


def named(variable: Variable) -> str:
    """How a variable, or an element of an array, is known when all is unrolled."""
    if variable.at is None:
        return variable.name
    assert isinstance(variable.at, Index)
    return f"{variable.name}[{variable.at.value}]"


def choices(
    label: Iterable[Statement],
) -> tuple[list[Statement], list[tuple[Expression, Expression]], Expression]:
    """The routine of a label as a choice.

    Returns
    -------
    statements : list of Statement
        To be done before.
    cases : list of (Expression, Expression)
        A condition, and the place of the label where it is the first one to hold.
    otherwise : Expression
        The place of the label where none holds.
    """
    statements: list[Statement] = []
    cases: list[tuple[Expression, Expression]] = []
    for each in label:
        if isinstance(each, When) and isinstance(each.body[0], Give):
            cases.append((each.condition, each.body[0].value))
        elif isinstance(each, Give):
            return statements, cases, each.value
        else:
            statements.append(each)
    raise AssertionError("A label is given at the end")
