"""Sparklines: a curve in one line of text, ``█▆▄▃▂▂▁▁▁``, for a terminal or a log."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from thalweg.training.history import History, column, pass_name
from thalweg.wording import amount

_BLOCKS = "▁▂▃▄▅▆▇█"
# Characters by height for a terminal without Unicode.
_ASCII = "_.-:=+*#"


def sparkline(
    values: Sequence[float] | NDArray[np.floating], width: int = 40, *, ascii: bool = False
) -> str:
    """Numbers as a row of block characters, the lowest at the bottom of the line.

    Parameters
    ----------
    values : sequence of float, length n
    width : int, default 40
        The largest number of characters. More values are averaged over equal stretches.
    ascii : bool, default False
        Whether to use ASCII characters only.

    Returns
    -------
    str
        min(n, width) characters. A stretch with a number that is not finite is ``×`` (``x``);
        numbers that are all equal are drawn at the bottom.
    """
    numbers = np.asarray(values, dtype=np.float64)
    if width < 1 or not numbers.size:
        return ""
    stretches = np.array_split(numbers, min(width, numbers.size))
    means = np.array([part.mean() if np.isfinite(part).all() else np.nan for part in stretches])
    blocks, lost = (_ASCII, "x") if ascii else (_BLOCKS, "×")
    low, high = np.nanmin(means, initial=np.inf), np.nanmax(means, initial=-np.inf)
    # Steps of equal height; the largest number belongs to the highest block.
    steps = (means - low) * (len(blocks) / (high - low) if high > low else 0.0)
    return "".join(
        lost if np.isnan(step) else blocks[min(int(step), len(blocks) - 1)] for step in steps
    )


def history_sparklines(
    history: History, best_epoch: int, width: int = 40, *, ascii: bool = False
) -> list[tuple[str, str]]:
    """The losses of a training run, one line for each curve.

    Parameters
    ----------
    history : list of dict
        As in `thalweg.training.history`.
    best_epoch : int
        The best epoch, counted from 1.
    width : int, default 40
        Characters of a sparkline.
    ascii : bool, default False

    Returns
    -------
    list of (str, str)
        A head and the line: ``("training loss", "█▅▃▂▁▁ 0.712 → 0.0962")``. The sparklines show
        the logarithm, as the figure of the same numbers does. There is no line for an empty
        history, and none for held-out rows if there were none.
    """
    lines = []
    arrow = "->" if ascii else "→"
    for head, key in (("training loss", "train_loss"), ("held-out loss", "valid_loss")):
        losses = column(history, key)
        if not np.isnan(losses).all():
            with np.errstate(divide="ignore", invalid="ignore"):
                curve = sparkline(np.log(losses), width, ascii=ascii)
            # A training loss is the mean over the steps of its epoch.
            at = f"{'in' if key == 'train_loss' else 'after'} {pass_name(history)} {best_epoch}"
            kept = f", {amount(losses[best_epoch - 1])} {at}, which was kept"
            lines.append((head, f"{curve} {amount(losses[0])} {arrow} {amount(losses[-1])}{kept}"))
    return lines
