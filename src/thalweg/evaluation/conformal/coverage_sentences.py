"""The measured coverage of intervals or sets in words, beside the nominal one."""

import math
from collections.abc import Sequence

from thalweg.evaluation.conformal.measured_coverage import IntervalCoverage, SetCoverage
from thalweg.evaluation.judging.intervals import Estimate
from thalweg.wording import amount


def coverage_sentence(found: IntervalCoverage | SetCoverage, classes: Sequence[str] = ()) -> str:
    """How many rows the intervals or sets hold, beside how many they should.

    Parameters
    ----------
    found : IntervalCoverage or SetCoverage
    classes : sequence of str, optional
        The names of the classes of sets, in the order of the columns.
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
    held = "; ".join(
        f"{name}: {_share(each)}{_beside(each, found.nominal)}"
        for name, each in zip(names, found.coverage, strict=True)
    )
    one = sum(share for word, share in found.words.items() if word in names)
    return (
        f"Sets of classes at {asked} hold the true class of these shares of the rows ({held}). "
        f"{amount(100 * one, 3)} % of the rows have a set of one class."
    )


def _share(found: Estimate) -> str:
    if math.isnan(found.value):
        return "an unknown share (no row)"
    ends = f"[{amount(100 * found.low, 3)}, {amount(100 * found.high, 3)}]"
    return f"{amount(100 * found.value, 3)} % {ends}"


def _beside(found: Estimate, nominal: float) -> str:
    """That a level is not kept, where the interval shows it."""
    return ", fewer than asked for" if found.high < nominal else ""
