"""The derivative of an expression in its first argument, by the rules of calculus, simplified.

At a kink a slope has two values, and one of them, or one between them, is taken:

==================================  ==================================================
where                               the slope there
==================================  ==================================================
``abs(u)`` at u = 0                 0, between the two
``maximum(a, b)`` at a = b          that of b
``minimum(a, b)`` at a = b          that of b
``where(condition, a, b)``          that of the part whose value is taken
``sign``, ``floor``, comparisons    0: they are constant between their jumps
==================================  ==================================================
"""

from collections.abc import Callable

from thalweg.network.formulas.expressions.symbols import (
    ARGUMENT,
    CONSTANT,
    Formula,
    FormulaStep,
    Notes,
    Operand,
    Symbol,
)

_Operator = Callable[..., Operand]


def slope_of(formula: Formula) -> Formula:
    """The slope of a formula with one result, in its first argument.

    Parameters
    ----------
    formula : Formula

    Returns
    -------
    Formula
        With the same arguments.

    Examples
    --------
    >>> from thalweg.network.formulas.expressions.formula_text import formula_of
    >>> from thalweg.network.formulas.expressions.printed_formula import text_of
    >>> text_of(slope_of(formula_of("where(z > y, z - y, 3 * (y - z))")))
    'where(z > y, 1, -3)'
    """
    notes = Notes()
    values = replayed(notes, formula)
    slopes: list[Operand] = []
    rules = _Rules(notes)
    for place, step in enumerate(formula.steps):
        if step.operation == ARGUMENT:
            slopes.append(1.0 if step.operands == (0,) else 0.0)
            continue
        of = [slopes[each] for each in step.operands]
        if all(is_number(each, 0.0) for each in of):
            slopes.append(0.0)
            continue
        operands = [values[each] for each in step.operands]
        slopes.append(rules.slope(step.operation, values[place], operands, of))
    return notes.formula(formula.arguments, slopes[formula.results[0]])


def replayed(notes: Notes, formula: Formula) -> list[Operand]:
    """Every step of a formula in new notes."""
    values: list[Operand] = []
    for step in formula.steps:
        if step.operation == CONSTANT:
            values.append(step.value)
        elif step.operation == ARGUMENT:
            values.append(notes.symbol(FormulaStep(ARGUMENT, step.operands)))
        else:
            values.append(notes.step(step.operation, *(values[each] for each in step.operands)))
    return values


def is_number(operand: Operand, number: float) -> bool:
    """Whether an operand is this number."""
    return not isinstance(operand, Symbol) and operand == number


def total(a: Operand, b: Operand) -> Operand:
    """a + b; 0 is left out."""
    if is_number(a, 0.0):
        return b
    return a if is_number(b, 0.0) else a + b


def product(a: Operand, b: Operand) -> Operand:
    """a b; 0 and 1 are left out."""
    for one, other in ((a, b), (b, a)):
        if is_number(one, 0.0):
            return 0.0
        if is_number(one, 1.0):
            return other
        if is_number(one, -1.0):
            return -other
    return a * b


def quotient(a: Operand, b: Operand) -> Operand:
    """a / b; 0 is left out."""
    return 0.0 if is_number(a, 0.0) else a / b


class _Rules:
    """The rule of each operation: from values and slopes of its operands to its slope."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes

    def slope(
        self, operation: str, value: Operand, operands: list[Operand], slopes: list[Operand]
    ) -> Operand:
        """The slope of one step, whose operands do not all have the slope 0."""
        if operation in ("+", "-", "*", "/"):
            return self._arithmetic(operation, value, operands, slopes)
        if operation in ("where", "maximum", "minimum"):
            return self._chosen(operation, operands, slopes)
        outer = self._outer(operation, value, operands[0])
        return product(outer, slopes[0])

    def _arithmetic(
        self, operation: str, value: Operand, operands: list[Operand], slopes: list[Operand]
    ) -> Operand:
        (u, v), (du, dv) = operands, slopes
        if operation == "+":
            return total(du, dv)
        if operation == "-":
            return du if is_number(dv, 0.0) else total(du, product(-1.0, dv))
        if operation == "*":
            if _same(u, v):
                return product(2.0, product(u, du))
            return total(product(du, v), product(u, dv))
        if is_number(dv, 0.0):
            return quotient(du, v)
        return quotient(total(du, product(-1.0, product(value, dv))), v)

    def _chosen(self, operation: str, operands: list[Operand], slopes: list[Operand]) -> Operand:
        if operation == "where":
            condition, (then, otherwise) = operands[0], slopes[1:]
        else:
            then, otherwise = slopes
            larger = ">" if operation == "maximum" else "<"
            condition = self._notes.step(larger, *operands)
        if _same(then, otherwise):
            return then
        return self._notes.step("where", condition, then, otherwise)

    def _outer(self, operation: str, value: Operand, u: Operand) -> Operand:
        """The slope of a function of one operand."""
        step = self._notes.step
        if operation in ("floor", "sign", "<", ">", "<=", ">=", "=="):
            return 0.0
        if operation == "negative":
            return -1.0
        if operation == "abs":
            return step("sign", u)
        if operation == "exp":
            return value
        if operation == "expm1":
            return step("exp", u)
        if operation == "log1p":
            return quotient(1.0, total(1.0, u))
        if operation == "sqrt":
            return quotient(0.5, value)
        if operation == "sin":
            return step("cos", u)
        assert operation == "cos"
        return -step("sin", u)


def _same(a: Operand, b: Operand) -> bool:
    """Whether two operands are one step, or equal numbers."""
    if isinstance(a, Symbol) and isinstance(b, Symbol):
        return a.place == b.place
    return not isinstance(a, Symbol) and not isinstance(b, Symbol) and a == b
