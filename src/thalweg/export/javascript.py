"""Writes traced formulas as JavaScript: it prints steps, and contains no mathematics of its own.

JavaScript computes in float64. Its exp, expm1, log1p and so on are those of the browser, which may
differ from NumPy's in the last places.
"""

from collections.abc import Mapping

from thalweg.network.formulas.expressions.symbols import (
    ARGUMENT,
    BINARY,
    CONSTANT,
    Formula,
    FormulaStep,
    uses,
)

# How each operation is written, with a place for each operand.
_WRITTEN = {
    **{each: f"({{}} {each} {{}})" for each in BINARY},
    "==": "({} === {})",
    "negative": "(-{})",
    "abs": "Math.abs({})",
    **{each: f"Math.{each}({{}})" for each in (
        "exp", "expm1", "log1p", "sqrt", "sin", "cos", "floor", "sign",
    )},
    "maximum": "Math.max({}, {})",
    "minimum": "Math.min({}, {})",
    "where": "({} ? {} : {})",
}  # fmt: skip


def function_text(name: str, formula: Formula) -> str:
    """A formula as a method ``name(arguments) { … }`` of an object.

    A step that is used once stands where it is used, another one is a constant of its own. Several
    results are an array.
    """
    texts: list[str] = []
    lines = []
    for place, (step, count) in enumerate(zip(formula.steps, uses(formula), strict=True)):
        text = _text(step, formula.arguments, texts)
        # A constant or an argument needs no name.
        if count > 1 and step.operation not in (ARGUMENT, CONSTANT):
            lines.append(f"    const t{place} = {_bare(text)};")
            text = f"t{place}"
        texts.append(text)
    results = [_bare(texts[place]) for place in formula.results]
    answer = results[0] if len(results) == 1 else f"[{', '.join(results)}]"
    body = "\n".join([*lines, f"    return {answer};"])
    return f"  {name}({', '.join(formula.arguments)}) {{\n{body}\n  }},"


def module_text(formulas: Mapping[str, Formula]) -> str:
    """An ES module whose one export, ``FORMULAS``, has a method for each formula."""
    head = "// The formulas of the model, written by thalweg from their bodies in Python."
    methods = [function_text(name, formulas[name]) for name in sorted(formulas)]
    return "\n".join([head, "", "export const FORMULAS = {", *methods, "};", ""])


def _text(step: FormulaStep, arguments: tuple[str, ...], texts: list[str]) -> str:
    if step.operation == ARGUMENT:
        return arguments[step.operands[0]]
    if step.operation == CONSTANT:
        return number_text(step.value)
    return _WRITTEN[step.operation].format(*(texts[each] for each in step.operands))


def number_text(value: float) -> str:
    """A number as JavaScript reads it back, to the last bit."""
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "(-Infinity)"
    text = repr(float(value))
    return f"({text})" if text.startswith("-") else text


def _bare(text: str) -> str:
    """Without the brackets around all of it."""
    if not text.startswith("("):
        return text
    depth = 0
    for place, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if depth == 0:
            return text[1:-1] if place == len(text) - 1 else text
    return text
