"""Sparklines: a curve in one line of text, ``█▆▄▃▂▂▁▁▁``, for a terminal or a log."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from thalweg.training.history import History, column
from thalweg.wording import amount

_BLOCKS = "▁▂▃▄▅▆▇█"
# By rising height, then by rising weight: what a terminal without Unicode can show.
_ASCII = "_.-:=+*#"


def sparkline(
    values: Sequence[float] | NDArray[np.floating], width: int = 40, *, ascii: bool = False
) -> str:
    """A row of numbers as blocks, the lowest at the foot of the line and the highest at its top.

    Parameters
    ----------
    values : sequence of float, length n
    width : int, default 40
        Letters at most. More values than that are averaged in even stretches.
    ascii : bool, default False
        Only signs that any terminal has.

    Returns
    -------
    str
        min(n, width) letters. A stretch that holds a number which is not finite is ``×``
        (``x``); numbers that are all equal stay at the foot.
    """
    numbers = np.asarray(values, dtype=np.float64)
    if width < 1 or not numbers.size:
        return ""
    stretches = np.array_split(numbers, min(width, numbers.size))
    means = np.array([part.mean() if np.isfinite(part).all() else np.nan for part in stretches])
    blocks, lost = (_ASCII, "x") if ascii else (_BLOCKS, "×")
    low, high = np.nanmin(means, initial=np.inf), np.nanmax(means, initial=-np.inf)
    # Steps of equal height; the highest number itself belongs to the highest block.
    steps = (means - low) * (len(blocks) / (high - low) if high > low else 0.0)
    return "".join(
        lost if np.isnan(step) else blocks[min(int(step), len(blocks) - 1)] for step in steps
    )


def history_sparklines(
    history: History, best_epoch: int, width: int = 40, *, ascii: bool = False
) -> list[tuple[str, str]]:
    """What a descent did, a line for each curve.

    Parameters
    ----------
    history : list of dict
        As `thalweg.training.history` has it.
    best_epoch : int
        The epoch that was kept, from 1.
    width : int, default 40
        Letters of a sparkline.
    ascii : bool, default False

    Returns
    -------
    list of (str, str)
        A head and the line: ``("training loss", "█▅▃▂▁▁ 0.712 → 0.0962")``. The sparklines are
        of the logarithm, as the figure of the same numbers is. No line for an empty history,
        none for held-out rows that there were not.
    """
    lines = []
    arrow = "->" if ascii else "→"
    for head, key in (("training loss", "train_loss"), ("held-out loss", "valid_loss")):
        losses = column(history, key)
        if not np.isnan(losses).all():
            with np.errstate(divide="ignore", invalid="ignore"):
                curve = sparkline(np.log(losses), width, ascii=ascii)
            kept = f", {amount(losses[best_epoch - 1])} at epoch {best_epoch}, which was kept"
            lines.append((head, f"{curve} {amount(losses[0])} {arrow} {amount(losses[-1])}{kept}"))
    return lines
