"""The lesson on derivatives: its numbers, each computed in float64 as the page computes it."""

import numpy as np

from thalweg.reporting.lessons.derivative_page import formulas_of_curves
from thalweg.reporting.lessons.lesson_texts import lesson_text
from thalweg.reporting.lessons.paper_pictures import empty_log_plot
from thalweg.reporting.lessons.prepared_lesson import PreparedLesson, Variant
from thalweg.tracing.curves_of_lesson import CURVES, best_step, quotient

_SQUARE = CURVES["square"]
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
# The article has x = 3 and x = -2 with h = 0.001; seed 0 has the article's.
_GUESSES = ((-2.0, 0.001), (-3.0, 0.001), (-2.0, 0.01), (4.0, 0.001), (-5.0, 0.01), (-1.0, 0.001))
_BY_HAND = ((3.0, 0.001), (2.0, 0.001), (5.0, 0.01), (4.0, 0.01), (1.0, 0.001), (-3.0, 0.01))
_STAIRS = (3.0, 3.5, 2.5, 2.9)
_BEST = (("sigmoid", 2.0, 1), ("sigmoid", 2.0, 2), ("square", 3.0, 1), ("sigmoid", -1.0, 2),
         ("sigmoid", 1.0, 1))  # fmt: skip
_TINY = 1e-15


def derivative_lesson_tasks() -> PreparedLesson:
    """The lesson, for a page or for paper."""
    return PreparedLesson(
        lesson_text("derivative"),
        {
            "nearer": [Variant(key=_slopes(3.0, (1.0, 0.1, 0.01)))],
            "guess": [_guess(x, h) for x, h in _GUESSES],
            "by-hand": [_by_hand(x, h) for x, h in _BY_HAND],
            "draw": [Variant(paper=empty_log_plot())],
            "stairs": [_stairs(x) for x in _STAIRS],
            "puzzle": [Variant(answer=1)],
            "best": [_best(*each) for each in _BEST],
        },
        subtitle="No table is needed: the function is x², the sigmoid, or relu.",
        script="learn/derivative_lesson.js",
        modules={"formulas.js": formulas_of_curves()},
    )


def decimal(value: float, digits: int = 10) -> str:
    """A number with a true minus sign, and without rounding errors behind so many digits.

    Examples
    --------
    >>> decimal(-3.9989999999994197)
    '−3.999'
    """
    return f"{value:.{digits}g}".replace("-", "−")


def power(value: float) -> str:
    """A small number as digits times a power of ten.

    Examples
    --------
    >>> power(4.47e-8)
    '4.5·10⁻⁸'
    """
    digits, exponent = f"{value:.1e}".split("e")
    return f"{digits}·10{str(int(exponent)).translate(_RAISED)}"


def _slopes(x: float, steps: tuple[float, ...]) -> str:
    """The slopes of the secants of x²: what paper asks for instead of the picture."""
    return "; ".join(f"h = {decimal(h)}: {decimal(2 * x + h)}" for h in steps)


def _guess(x: float, h: float) -> Variant:
    slope, rule = 2 * x + h, 2 * x
    values = {"x": decimal(x), "h": decimal(h), "slope": decimal(slope), "rule": decimal(rule)}
    return Variant(
        values, round(slope, 12), stage={"x": x}, revealed={"x": x, "h": h}, traps={"rule": rule}
    )


def _by_hand(x: float, h: float) -> Variant:
    ahead, here = (x + h) ** 2, x * x
    numbers = [round(each, 12) for each in (ahead, here, ahead - here, 2 * x + h)]
    names = ("ahead", "here", "difference", "slope")
    values = {name: decimal(value) for name, value in zip(names, numbers, strict=True)}
    values |= {"x": decimal(x), "h": decimal(h), "x_h": decimal(x + h)}
    return Variant(values, numbers, stage={"x": x, "h": 1}, revealed={"x": x, "h": h})


def _stairs(x: float) -> Variant:
    slope = quotient(_SQUARE, x, _TINY)
    ticks = round(((x + _TINY) - x) / float(np.spacing(x)))
    values = {
        "x": decimal(x), "rule": decimal(2 * x), "slope": decimal(slope, 4), "ticks": str(ticks)
    }  # fmt: skip
    return Variant(values, slope, stage={"x": x}, revealed={"x": x, "h": _TINY})


def _best(name: str, x: float, sides: int) -> Variant:
    best = best_step(CURVES[name], x, sides)
    formula = "h = ∛(3 ε f / f‴)" if sides == 2 else "h = √(2 ε f / f″)"
    values = {
        "function": "x²" if name == "square" else name, "x": decimal(x),
        "sides": "differences of both sides" if sides == 2 else "differences of one side",
        "best": power(best), "low": power(best / 30), "high": power(best * 30), "formula": formula,
    }  # fmt: skip
    stage = {"fn": name, "x": x, "sides": sides}
    return Variant(values, best, stage=stage, revealed={**stage, "h": float(f"{best:.1e}")})
