"""Losses that a user might write, and the value of a formula in fifty digits."""

import mpmath

from thalweg.network.formulas.expressions.symbols import ARGUMENT, CONSTANT

MEANINGS = {
    "+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b,
    "/": lambda a, b: a / b, "<": lambda a, b: a < b, ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b, ">=": lambda a, b: a >= b, "==": lambda a, b: a == b,
    "negative": lambda a: -a, "abs": abs, "exp": mpmath.exp, "expm1": mpmath.expm1,
    "log1p": mpmath.log1p, "sqrt": mpmath.sqrt, "sin": mpmath.sin, "cos": mpmath.cos,
    "floor": mpmath.floor, "sign": mpmath.sign, "maximum": max, "minimum": min,
    "where": lambda condition, a, b: a if condition else b,
}  # fmt: skip
FORMULAS = [
    "where(z > y, z - y, 3 * (y - z))",
    "0.5 * (z - y)**2",
    "max(0.9 * (y - z), -0.1 * (y - z))",
    "abs(z - y) + log1p(exp(-2 * abs(z - y)))",
    "sqrt(1 + (z - y)**2) - 1",
    "abs(z - y) / (abs(y) + abs(z) + 1)",
    "(log1p(max(z, 0)) - log1p(max(y, 0)))**2",
    "exp(0.3 * (z - y)) - 0.3 * (z - y) - 1",
    "min((z - y)**2, 4) + 0.01 * z**4",
    "sin(z) * cos(y * z) + floor(z) * sign(z - 0.3) * z",
    "1 / (1 + expm1(z / 3)**2) * (y - 2 * z / (3 + z * z))",
    "-(z - y)**9 / 1000 - -z**3",
]


def in_fifty_digits(formula, *arguments):
    """The value of a formula with 50 digits."""
    found = []
    with mpmath.workdps(50):
        for step in formula.steps:
            if step.operation == ARGUMENT:
                found.append(mpmath.mpf(arguments[step.operands[0]]))
            elif step.operation == CONSTANT:
                found.append(mpmath.mpf(step.value))
            else:
                found.append(MEANINGS[step.operation](*(found[each] for each in step.operands)))
        return found[formula.results[0]]
