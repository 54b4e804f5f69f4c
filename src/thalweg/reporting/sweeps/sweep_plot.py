"""The map of a sweep as a figure: cells of equal size, each with its mean loss."""

from thalweg.landscape.numbers_in_words import written
from thalweg.landscape.sweeps.swept_map import Sweep
from thalweg.reporting.figures.picture import LEFT, WIDTH, Picture, balanced
from thalweg.reporting.sweeps.sweep_colors import (
    LossScale,
    as_hex,
    color_of,
    ink_on,
)
from thalweg.reporting.sweeps.sweep_page import marks_in_words, short

# In pixels: the height of a cell, the gap between two, and the room for the units and the rates.
_CELL, _GAP, _UNITS, _RATES, _LEGEND = 30, 2, 46, 40, 52
_STEPS = 60


def sweep_figure(sweep: Sweep, *, dark: bool = False) -> Picture:
    """The map.

    Parameters
    ----------
    sweep : Sweep
    dark : bool, default False
    """
    mode, scale = "dark" if dark else "light", LossScale.of(sweep)
    lines = [line for each in sweep.sentences() for line in balanced(each, 104)]
    foot = 32 + 13 * len(lines)
    height = foot + _LEGEND + _CELL * len(sweep.units) + _RATES
    picture = Picture(sweep.finding, sweep.about, height, dark)
    wide = (WIDTH - 2 * LEFT - _UNITS) / len(sweep.rates)
    bottom = foot + _LEGEND
    # The lowest comes last, so that no other cell covers its outline.
    for number in sorted(range(len(sweep.cells)), key=lambda k: sweep.cells[k] is sweep.lowest):
        cell = sweep.cells[number]
        i, j = divmod(number, len(sweep.rates))
        x = LEFT + _UNITS + j * wide
        y = bottom + (len(sweep.units) - 1 - i) * _CELL
        place = (x, y, wide - _GAP, _CELL - _GAP)
        middle = (x + (wide - _GAP) / 2, y + (_CELL - _GAP) / 2)
        if cell.loss is None:
            picture.box(*place, picture.palette.grid)
            _centred(picture, middle, f"✕ {cell.diverged}", picture.palette.soft)
            continue
        color = color_of(scale.share(cell.loss), mode)
        if cell is sweep.lowest:
            picture.box(x - 3, y - 3, wide - _GAP + 6, _CELL - _GAP + 6, picture.palette.orange)
        picture.box(*place, as_hex(color))
        mark = " ▴" if cell.loss >= sweep.constant else ""
        _centred(picture, middle, f"{short(cell.loss)}{mark}", ink_on(color))
    _names(picture, sweep, bottom, wide)
    _legend(picture, sweep, scale, foot + 12, mode)
    for k, line in enumerate(lines):
        picture.write(LEFT, foot - 8 - 13 * k, line, size=7.4, color=picture.palette.soft)
    return picture


def _centred(picture: Picture, at: tuple[float, float], words: str, color: str) -> None:
    picture.write(*at, words, size=8.4, color=color, ha="center", va="center")


def _names(picture: Picture, sweep: Sweep, bottom: float, wide: float) -> None:
    """The rates above the columns, and the units beside the rows."""
    soft, top = picture.palette.soft, bottom + _CELL * len(sweep.units)
    for j, rate in enumerate(sweep.rates):
        x = LEFT + _UNITS + (j + 0.5) * wide
        picture.write(x, top + 4, f"{rate:g}", size=8.4, color=soft, ha="center")
    picture.write(LEFT + _UNITS, top + 20, "learning rate →", size=8.4, color=soft)
    for i, units in enumerate(sweep.units):
        y = bottom + (len(sweep.units) - 0.5 - i) * _CELL
        picture.write(
            LEFT + _UNITS - 8, y, f"{units:,}", size=8.4, color=soft, ha="right", va="center"
        )
    picture.write(LEFT + _UNITS - 8, top + 4, "units", size=8.4, color=soft, ha="right")


def _legend(picture: Picture, sweep: Sweep, scale: LossScale, y: float, mode: str) -> None:
    """The colours from the lowest loss to a constant answer, and the marks."""
    soft, left, long = picture.palette.soft, LEFT + _UNITS + 44, 120
    picture.write(LEFT + _UNITS, y, "; ".join(marks_in_words(sweep)), size=8, color=soft)
    if sweep.lowest is None:
        return
    picture.write(left - 6, y + 16, written(scale.low), size=8, color=soft, ha="right")
    for k in range(_STEPS):
        color = as_hex(color_of((k + 0.5) / _STEPS, mode))
        picture.box(left + k * long / _STEPS, y + 15, long / _STEPS + 0.5, 10, color)
    picture.write(left + long + 6, y + 16, scale.words(sweep), size=8, color=soft)
