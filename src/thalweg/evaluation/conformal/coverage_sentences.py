"""The measured coverage of intervals or sets in words, beside the nominal one."""

import math
from collections.abc import Sequence

from thalweg.evaluation.conformal.measured_coverage import IntervalCoverage, SetCoverage
from thalweg.evaluation.judging.intervals import Estimate
from thalweg.wording import amount, counted, even

FEWER = ", fewer than asked for"


def coverage_sentence(
    found: IntervalCoverage | SetCoverage,
    classes: Sequence[str] = (),
    grades: Sequence[str] = (),
) -> str:
    """How many rows the intervals or sets hold, beside how many they should.

    Parameters
    ----------
    found : IntervalCoverage or SetCoverage
    classes : sequence of str, optional
        The names of the classes of sets, in the order of the columns.
    grades : sequence of str, optional
        The same names in the order in which they are written.
    """
    if found.refused is not None:
        return found.refused
    asked = f"{amount(100 * found.nominal, 3)} %"
    if isinstance(found, IntervalCoverage):
        width = amount(found.mean_width, 3) if math.isfinite(found.mean_width) else "infinite"
        kind = "Scaled intervals" if found.scaled else "Intervals"
        return (
            f"{kind} at {asked} hold {_share(found.coverage)} of the true numbers"
            f"{_beside(found.coverage, found.nominal)}; their mean width is {width}."
        )
    names = [str(name) for name in classes] or [str(k + 1) for k in range(len(found.coverage))]
    fewer = found.fewer or [each.high < found.nominal for each in found.coverage]
    held = {
        name: f"{name}: {_share(each)}{FEWER if few else ''}"
        for name, each, few in zip(names, found.coverage, fewer, strict=True)
    }
    said = "; ".join(held[name] for name in grades or names)
    one = sum(share for word, share in found.words.items() if word in names)
    return (
        f"Sets of classes at {asked} hold the true class of these shares of the rows ({said}). "
        f"{amount(100 * one, 3)} % of the rows have a set of one class.{repeated(found.n_repeated)}"
    )


def repeated(n: int) -> str:
    """That some rows are answered as others are: equal rows are no independent ones."""
    if not n:
        return ""
    return (
        f" {counted(n, 'row is', 'rows are')} answered exactly as an earlier row of the same "
        "class; where such rows are equal, they count as one, and the intervals are too narrow."
    )


def _share(found: Estimate) -> str:
    if math.isnan(found.value):
        return "an unknown share (no row)"
    share, low, high = even([100 * each for each in (found.value, found.low, found.high)], 3)
    return f"{share} % [{low}, {high}]"


def _beside(found: Estimate, nominal: float) -> str:
    """That a level is not kept, where the interval shows it."""
    return FEWER if found.high < nominal else ""
