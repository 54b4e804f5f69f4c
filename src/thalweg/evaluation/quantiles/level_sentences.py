"""What the coverage of several quantiles says, in sentences."""

from collections.abc import Sequence

from thalweg.evaluation.judging.intervals import Estimate
from thalweg.evaluation.quantiles.levels_of_loss import central_pairs
from thalweg.wording import amount, even

# So many levels are listed one by one.
_MOST_LISTED = 5


def coverage_of_levels(
    levels: Sequence[float], below: Sequence[Estimate], between: Sequence[Estimate]
) -> str:
    """How many rows are below the predicted quantiles, and for which levels that is shown wrong.

    Parameters
    ----------
    levels : sequence of float
    below : sequence of Estimate
        As in `QuantilesJudgement`.
    between : sequence of Estimate
    """
    said = []
    if len(levels) <= _MOST_LISTED:
        parts = [
            f"{_percent(each.value)} (level {level:.10g})"
            for level, each in zip(levels, below, strict=True)
        ]
        said.append(f"Below the predicted quantiles are {', '.join(parts)} of these rows.")
    off = [
        f"{level:.10g}"
        for level, each in zip(levels, below, strict=True)
        if not each.low <= level <= each.high
    ]
    if off:
        what = "the level" if len(off) == 1 else "the levels"
        said.append(f"The 95 % interval of this share excludes {what} {', '.join(off)}.")
    else:
        said.append("Each 95 % interval of these shares includes its level.")
    pairs = central_pairs(levels)
    if pairs:
        (low, high), found = pairs[0], between[0]
        ends = (found.value, found.low, found.high)
        share, least, most = even([100 * each for each in ends], 3)
        said.append(
            f"Between the {levels[low]:.10g} and the {levels[high]:.10g} quantile are "
            f"{share} % of the rows (95 % interval {least} % to {most} %); "
            f"{_percent(levels[high] - levels[low])} is nominal."
        )
    return " ".join(said)


def ridge_of_levels(simpler: str) -> str:
    """What the quantiles of the linear model are."""
    return f"The quantiles of {simpler} are its mean plus those of its errors on the training rows."


def _percent(share: float) -> str:
    return f"{amount(100 * share, 3)} %"
