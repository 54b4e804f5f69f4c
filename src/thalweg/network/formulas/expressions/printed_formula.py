"""Prints the steps of an expression as the text that is read into the same steps.

``formula_of(text_of(formula))`` has the same steps, in an order of its own, with each number as
Python writes it (``3`` for 3.0).
"""

from thalweg.network.formulas.expressions.symbols import (
    ARGUMENT,
    BINARY,
    CONSTANT,
    Formula,
    FormulaStep,
)

# As in `formula_text`: what binds more tightly needs no brackets.
_COMPARED, _SUM, _PRODUCT, _SIGN, _POWER, _ALONE = 1, 2, 3, 4, 5, 6
_BINDS = {**dict.fromkeys(BINARY, _COMPARED), "+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT}
# A text and how tightly it binds; None if it is too long.
_Printed = tuple[str, int] | None


def text_of(formula: Formula, longest: int = 1000) -> str | None:
    """The result of a formula as text; None if it has more than ``longest`` characters.

    A step that is used twice is printed twice, so that a text may be far longer than its steps.
    """
    printed: list[_Printed] = []
    for step in formula.steps:
        found = _step(formula, step, printed)
        printed.append(None if found is None or len(found[0]) > longest else found)
    result = printed[formula.results[0]]
    return None if result is None else result[0]


def _step(formula: Formula, step: FormulaStep, printed: list[_Printed]) -> _Printed:
    if step.operation == ARGUMENT:
        return formula.arguments[step.operands[0]], _ALONE
    if step.operation == CONSTANT:
        text = number_text(step.value)
        return text, _SIGN if text.startswith("-") else _ALONE
    operands = [printed[each] for each in step.operands]
    if any(each is None for each in operands):
        return None
    texts = [each for each in operands if each is not None]
    if step.operation == "negative":
        return f"-{_within(texts[0], _SIGN)}", _SIGN
    if step.operation not in BINARY:
        return f"{step.operation}({', '.join(text for text, _ in texts)})", _ALONE
    if step.operation == "*" and step.operands[0] == step.operands[1]:
        return f"{_within(texts[0], _ALONE)} ** 2", _POWER
    binds = _BINDS[step.operation]
    left = _within(texts[0], binds + (binds == _COMPARED))
    return f"{left} {step.operation} {_within(texts[1], binds + 1)}", binds


def _within(text: tuple[str, int], floor: int) -> str:
    """The text, in brackets if it binds less tightly than the floor."""
    return text[0] if text[1] >= floor else f"({text[0]})"


def number_text(value: float) -> str:
    """A number as a person writes it, of which all digits are kept."""
    return repr(value).removesuffix(".0")
