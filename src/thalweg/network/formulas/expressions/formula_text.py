"""Reads a formula that a person wrote, such as ``where(z > y, z - y, 3 * (y - z))``, into steps.

The text is never run: a reader of its own (top-down operator precedence, Pratt 1973, "Top down
operator precedence", POPL) knows numbers, two names, a few operators and functions, and nothing
else. Length, depth and the number of steps are bounded before anything is built from them.

================  ====================================================================
names             ``z`` (the prediction) and ``y`` (the target)
numbers           such as ``3``, ``0.5`` and ``1e-3``
operators         ``+ - * /``, ``**`` with a whole number from 1 to 9, ``< > <= >= ==``
functions         those of `thalweg.elementary_functions`, ``abs``, and ``max`` and ``min``
================  ====================================================================

A comparison stands only as the first part of ``where(condition, then, otherwise)``.
"""

import math
import re
from typing import NamedTuple, NoReturn

import numpy as np

from thalweg.errors import SettingsError
from thalweg.network.formulas.expressions.symbols import (
    ARGUMENT,
    FUNCTIONS,
    LARGEST_POWER,
    Formula,
    FormulaStep,
    Notes,
    Operand,
)

ARGUMENTS = ("z", "y")
LONGEST = 1000
DEEPEST = 40
MOST_STEPS = 200
COMPARISONS = ("<", ">", "<=", ">=", "==")
# Other names of the same functions.
_ALSO = {"max": "maximum", "min": "minimum"}
WORDS = ("abs", *FUNCTIONS)
_SHORT = {long: short for short, long in _ALSO.items()}
_SHOWN_WORDS = ", ".join(_SHORT.get(word, word) for word in WORDS)
_N_OPERANDS = {"maximum": 2, "minimum": 2, "where": 3}
# Binding powers; a comparison has no operand that is a comparison.
_COMPARED, _SUM, _PRODUCT, _SIGN, _POWER = 1, 2, 3, 4, 5
_BINARY = {
    **dict.fromkeys(COMPARISONS, _COMPARED), "+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT,
    "**": _POWER,
}  # fmt: skip
_TOKEN = re.compile(
    r"(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)(?![A-Za-z0-9_.])"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<sign>\*\*|<=|>=|==|[-+*/<>(),])",
    re.ASCII,
)
# How much of the text an error shows on either side of the place.
_AROUND = 30
_EXAMPLE = "where(z > y, z - y, 3 * (y - z))"


class _Token(NamedTuple):
    """A number, a name, a sign or the end, and where it begins."""

    kind: str
    text: str
    place: int


def formula_of(text: str) -> Formula:
    """The steps of a formula in ``z`` and ``y``.

    Parameters
    ----------
    text : str
        At most `LONGEST` characters.

    Returns
    -------
    Formula
        With the arguments ``z`` and ``y``, and one result.

    Raises
    ------
    SettingsError
        With the place in the text, and what to write instead.

    Examples
    --------
    >>> [step.operation for step in formula_of("abs(z - y)").steps]
    ['argument', 'argument', '-', 'abs']
    """
    if len(text) > LONGEST:
        raise SettingsError(
            f"The formula of the loss has {len(text):,} characters",
            fix=f"write one of at most {LONGEST:,}",
        )
    reader = _Reader(text)
    return checked_steps(reader.notes.formula(ARGUMENTS, reader.whole()))


def checked_steps(formula: Formula) -> Formula:
    """The formula, if it is short enough, and conditions stand only where they may.

    Raises
    ------
    SettingsError
        If not; also if it does not depend on ``z``.
    """
    if len(formula.steps) > MOST_STEPS:
        raise SettingsError(
            f"The formula of the loss has {len(formula.steps):,} steps",
            fix=f"write one of at most {MOST_STEPS} operations",
        )
    steps = formula.steps
    if not all(math.isfinite(step.value) for step in steps):
        raise SettingsError(
            "The formula of the loss has a number that is not finite",
            fix="write it with numbers below 1.8e308",
        )
    for step in steps:
        for place, operand in enumerate(step.operands if step.operation != ARGUMENT else ()):
            is_condition = steps[operand].operation in COMPARISONS
            if is_condition != (step.operation == "where" and place == 0):
                raise _misplaced(steps[operand].operation if is_condition else "")
    if steps[formula.results[0]].operation in COMPARISONS:
        raise _misplaced(steps[formula.results[0]].operation)
    if not any(step.operation == ARGUMENT and step.operands == (0,) for step in steps):
        raise SettingsError(
            "The formula of the loss does not have z, the prediction",
            why="It has the same value for every prediction, so that nothing can be learned",
            fix=f"write one with z and y, such as {_EXAMPLE}",
        )
    return formula


def _misplaced(comparison: str) -> SettingsError:
    fix = "write where(a > b, then, otherwise), such as where(z > y, 1, 3) for a factor"
    if comparison:
        return SettingsError(
            f"A comparison ({comparison}) stands where a number has to stand in the loss", fix=fix
        )
    return SettingsError("The first part of where is no comparison in the loss", fix=fix)


class _Reader:
    """Reads one text from left to right."""

    def __init__(self, text: str) -> None:
        self.notes = Notes()
        self._text, self._next, self._depth = text, 0, 0
        self._tokens = self._split()

    def whole(self) -> Operand:
        """What the whole text means."""
        found = self._expression(0)
        if (token := self._tokens[self._next]).kind != "end":
            fix = "write an operator, such as *, before it"
            if token.text in ("if", "else"):
                fix = "write where(CONDITION, VALUE, OTHER VALUE), such as where(z > y, z - y, 0)"
            self._refuse(token, self._unexpected(token), fix)
        return found

    def _split(self) -> list[_Token]:
        """The tokens, and the end."""
        tokens, place = [], 0
        while place < len(self._text):
            if self._text[place] in " \t\r\n":
                place += 1
                continue
            found = _TOKEN.match(self._text, place)
            if found is None:
                self._unreadable(place)
            assert found.lastgroup is not None
            tokens.append(_Token(found.lastgroup, found[0], place))
            place = found.end()
        return [*tokens, _Token("end", "", len(self._text))]

    def _unreadable(self, place: int) -> NoReturn:
        """The text has a character, or a number, that formulas do not have."""
        one = self._text[place]
        known = {
            "^": f"write ** for a power, with a whole number from 1 to {LARGEST_POWER}",
            "=": "write == to compare; a formula sets no names",
            "!": "write where(a == b, then, otherwise) with the two parts in the other order",
            ".": "write the function alone, such as exp(z), without what is before the dot",
            "|": "write abs(z - y)",
        }
        fix = known.get(one, f"write numbers, z, y, + - * / ** and {_SHOWN_WORDS} alone")
        token = _Token("sign", one, place)
        if one.isascii() and one.isdigit():
            self._refuse(token, "This is no number", "write a number such as 0.5 or 1e-3")
        self._refuse(token, f"A formula does not have the character {one!a}", fix)

    def _refuse(self, token: _Token, what: str, fix: str) -> NoReturn:
        """Raise an error with a mark at the place."""
        place, text = token.place, self._text
        start, end = max(0, place - _AROUND), place + _AROUND
        before = ("…" if start else "") + text[start:place]
        after = text[place:end] + ("…" if end < len(text) else "")
        raise SettingsError(
            f"The formula of the loss cannot be read: {what[0].lower()}{what[1:]}",
            where=f"character {place + 1}, at the mark ‸ in {before}‸{after}",
            fix=fix,
        )

    def _unexpected(self, token: _Token) -> str:
        if token.kind == "end":
            return "It ends too early"
        return f"Nothing says what {token.text[:_AROUND]!r} does here"

    def _take(self, sign: str, fix: str) -> None:
        token = self._tokens[self._next]
        if token.text != sign or token.kind != "sign":
            self._refuse(token, self._unexpected(token), fix)
        self._next += 1

    def _expression(self, floor: int) -> Operand:
        """The longest expression whose operators bind more tightly than ``floor``."""
        self._depth += 1
        if self._depth > DEEPEST:
            token = self._tokens[self._next]
            self._refuse(token, "It is nested too deeply", f"nest at most {DEEPEST} parts")
        found = self._first()
        while (power := _BINARY.get(self._tokens[self._next].text, 0)) > floor:
            token = self._tokens[self._next]
            self._next += 1
            found = self._joined(token, power, found)
            if power == _COMPARED and _BINARY.get(self._tokens[self._next].text) == _COMPARED:
                self._refuse(
                    self._tokens[self._next], "Two comparisons stand in a row",
                    "write where(a < b, where(b < c, then, otherwise), otherwise)",
                )  # fmt: skip
        self._depth -= 1
        return found

    def _joined(self, token: _Token, power: int, left: Operand) -> Operand:
        """The operator with its left operand, and the right one that is read now."""
        if token.text == "**":
            return self._power(left)
        right = self._expression(power)
        if isinstance(left, float) and isinstance(right, float) and power != _COMPARED:
            if token.text == "/" and right == 0:
                self._refuse(token, "It divides by 0", "divide by a number that is not 0")
            return self._finite(token, _computed(token.text, left, right))
        return self.notes.step(token.text, left, right)

    def _power(self, left: Operand) -> Operand:
        token = self._tokens[self._next]
        number = float(token.text) if token.kind == "number" else 0.0
        if not (number.is_integer() and 1 <= number <= LARGEST_POWER):
            large = number > LARGEST_POWER and number.is_integer()
            self._refuse(
                token,
                f"The largest power is {LARGEST_POWER}" if large
                else "A power is a plain whole number",
                f"write one from 1 to {LARGEST_POWER}, or "
                + ("a power of a power in brackets, such as (z**5)**2" if large
                   else "sqrt(…), or 1 / …"),
            )  # fmt: skip
        self._next += 1
        if self._tokens[self._next].text == "**":
            self._refuse(
                self._tokens[self._next], "A power stands on a power", "write one power, or ( )"
            )
        if isinstance(left, float):
            try:
                return self._finite(token, left ** int(number))
            except OverflowError:
                return self._finite(token, math.inf)
        return left ** int(number)

    def _first(self) -> Operand:
        """A number, a name, a function with its operands, brackets, or a sign."""
        token = self._tokens[self._next]
        self._next += token.kind != "end"
        if token.kind == "number":
            return self._finite(token, float(token.text))
        if token.kind == "name":
            return self._named(token)
        if token.text == "(" and token.kind == "sign":
            found = self._expression(0)
            self._take(")", "write ) here")
            return found
        if token.text in ("-", "+") and token.kind == "sign":
            operand = self._expression(_SIGN)
            return operand if token.text == "+" else -operand
        fix = "write z, y, a number or a function here"
        return self._refuse(token, self._unexpected(token), fix)

    def _named(self, token: _Token) -> Operand:
        name = _ALSO.get(token.text, token.text)
        if name in ARGUMENTS:
            return self.notes.symbol(FormulaStep(ARGUMENT, (ARGUMENTS.index(name),)))
        if name not in WORDS:
            self._unknown(token)
        n_operands = _N_OPERANDS.get(name, 1)
        form = f"{token.text}({', '.join(('a', 'b', 'c')[:n_operands])})"
        self._take("(", f"write {form}")
        operands = [self._expression(0)]
        for _ in range(n_operands - 1):
            self._take(",", f"write {form}")
            operands.append(self._expression(0))
        self._take(")", f"write {form}")
        numbers = [each for each in operands if isinstance(each, float)]
        if name == "where" and isinstance(operands[0], float):
            self._refuse(token, "The first part of where is no comparison", f"write {_EXAMPLE}")
        if len(numbers) == n_operands:
            return self._finite(token, _of_numbers(name, numbers))
        return self.notes.step(name, *operands)

    def _unknown(self, token: _Token) -> NoReturn:
        fix = {
            "log": "write log1p(x - 1) for the logarithm of x",
            "ln": "write log1p(x - 1) for the logarithm of x",
            "tanh": "write 1 - 2 / (exp(2 * x) + 1) for tanh(x)",
            "if": "write where(condition, then, otherwise)",
        }.get(token.text, f"write z for the prediction, y for the target, or {_SHOWN_WORDS}")
        self._refuse(token, f"There is no {token.text[:_AROUND]!r} in formulas", fix)

    def _finite(self, token: _Token, number: float) -> float:
        if not math.isfinite(number) and token.kind == "number":
            self._refuse(token, "This is no finite number", "write a number below 1.8e308")
        if not math.isfinite(number):
            fix = "write numbers for which its value is below 1.8e308"
            self._refuse(token, "This has no finite value", fix)
        return number


def _computed(operator: str, left: float, right: float) -> float:
    if operator == "/":
        return left / right if right else math.nan
    return {"+": left + right, "-": left - right, "*": left * right}[operator]


def _of_numbers(name: str, operands: list[float]) -> float:
    """A function of numbers alone; NaN where it has no value."""
    notes = Notes()
    if name == "abs":
        return abs(operands[0])
    try:
        with np.errstate(all="ignore"):
            return float(notes.function(name)(*operands))
    except (TypeError, ValueError):
        return math.nan
