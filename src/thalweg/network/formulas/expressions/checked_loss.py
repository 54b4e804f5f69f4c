"""What is checked of a loss that a person wrote before any step, and the size it is divided by.

Checked on a grid, which says nothing of what lies between its points: up to 64 targets of the
training rows (the lowest, the highest and quantiles), and for each of them predictions from the
range of the targets and one range, or one standard deviation, beyond either end:

- value and slope are finite;
- the slope is the central difference of the value, wherever no kink is near;
- some slope is not 0;
- for no target is the value at a far prediction (up to 10⁶ ranges away) below all values within:
  a loss that falls without end has no lowest point to go to.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from thalweg.errors import SettingsError
from thalweg.network.formulas.expressions.scaled_formula import Units
from thalweg.network.formulas.expressions.written_loss import PREFIX, WrittenLoss
from thalweg.wording import parameter

Floats = NDArray[np.float64]
# Targets and predictions of the grid.
_TARGETS, _PREDICTIONS = 64, 129
# How far beyond the predictions a loss is looked at, in doublings of their range.
_DOUBLINGS = 20
# The step of a difference, in units of the target's spread, and what may differ.
_STEP, _TOLERANCE = 1e-3, 1e-6
# A quotient that changes by more with the step is no derivative: the values are noise.
_LARGEST_DOUBT = 1e-3
_POINTS, _SHARES = np.array([-2.0, -1.0, 1.0, 2.0]), np.array([1.0, -8.0, 8.0, -1.0]) / 12
# Rounding of a value, in units of its last place: a formula is many operations.
_ROUNDING = 256 * np.finfo(np.float64).eps
_EQUAL = 1e-9
# Scaling rounds a target by 2⁻²³ of the largest one, at most.
_GRAIN_BITS = 21


class _Grid(NamedTuple):
    """Targets and predictions, in a column and a row, and the spread of the targets."""

    y: Floats
    z: Floats
    spread: float


def require_trainable(written: WrittenLoss, y: Floats) -> None:
    """Raise a SettingsError unless networks can learn these targets by this loss.

    Parameters
    ----------
    written : WrittenLoss
    y : ndarray of shape (n_samples,)
        Finite.
    """
    grid = _grid_of(y)
    _require_finite(written, grid)
    _require_slopes(written, grid)
    _require_lowest(written, grid)


def _grid_of(y: Floats) -> _Grid:
    found = np.unique(np.quantile(y, np.linspace(0, 1, _TARGETS), method="nearest"))
    low, high = float(found[0]), float(found[-1])
    spread = float(np.std(y)) or 1.0
    reach = max(high - low, spread)
    between = np.linspace(low - reach, high + reach, _PREDICTIONS)
    return _Grid(found[:, None], np.union1d(between, found)[None, :], spread)


def _require_finite(written: WrittenLoss, grid: _Grid) -> None:
    for what, of in (("", written.value), ("slope ", written.slope_at)):
        found = of(grid.z, grid.y)
        odd = np.argwhere(~np.isfinite(found))
        if len(odd):
            row, column = odd[0]
            raise _unfit(
                written,
                f"Its {what or 'value '}is not finite at z={grid.z[0, column]:.6g}, "
                f"y={grid.y[row, 0]:.6g}",
                "Training can see any prediction from "
                f"{grid.z[0, 0]:.6g} to {grid.z[0, -1]:.6g}, one range beyond the targets",
                "limit what a function is given, as in log1p(max(z, 0)), sqrt(max(z, 1e-9)) or "
                "… / max(abs(y), 1e-9)",
            )


def _require_slopes(written: WrittenLoss, grid: _Grid) -> None:
    """The slope is the difference quotient away from kinks, and is not 0 everywhere."""
    z, y = np.broadcast_arrays(grid.z, grid.y)
    slope = written.slope_at(z, y)
    largest = np.abs(slope).max(axis=1, keepdims=True)
    if not largest.max() > 0:
        raise _unfit(
            written,
            f"Its slope is 0 at all {slope.size:,} checked predictions and targets",
            "Nothing says in which direction a prediction has to move",
            "write one that changes with z, such as abs(z - y)",
        )
    h = _STEP * grid.spread
    around = [z + point * h for point in _POINTS]
    values = [written.value(each, y) for each in around]
    smooth = np.ones(z.shape, np.bool_)
    for each in around:
        for here, there in zip(written.sides(z, y), written.sides(each, y), strict=True):
            smooth &= here == there
    with np.errstate(all="ignore"):
        quotient = sum(share * each for share, each in zip(_SHARES, values, strict=True)) / h
        # A second, shorter step says how far the first one is from the limit.
        size = np.maximum(largest, np.abs(quotient))
        doubt = np.minimum(_truncation(written, z, y, h), _LARGEST_DOUBT * size)
        doubt += _ROUNDING * np.max(np.abs(values), axis=0) / h
        off = np.abs(quotient - slope) - doubt > _TOLERANCE * size
    odd = np.argwhere(smooth & np.isfinite(quotient) & off)
    if len(odd):
        place = tuple(odd[0])
        raise _unfit(
            written,
            f"Its slope at z={z[place]:.6g}, y={y[place]:.6g} is {slope[place]:.6g}, but the "
            f"difference quotient of its values is {quotient[place]:.6g}",
            "It loses its digits there, so that steps would not go down",
            "write it without differences of large numbers",
        )


def _truncation(written: WrittenLoss, z: Floats, y: Floats, h: float) -> Floats:
    """How far a quotient of this step may be from the slope: by the change at half the step."""
    found: list[Floats] = []
    for step in (h, h / 2):
        values = [written.value(z + point * step, y) for point in _POINTS]
        found.append(sum(s * v for s, v in zip(_SHARES, values, strict=True)) / step)
    return 2 * np.abs(found[0] - found[1])


def _require_lowest(written: WrittenLoss, grid: _Grid) -> None:
    low, high = float(grid.z[0, 0]), float(grid.z[0, -1])
    ways = (high - low) * 2.0 ** np.arange(_DOUBLINGS)
    inside = written.value(grid.z, grid.y)
    least = inside.min(axis=1)
    for far in (low - ways, high + ways):
        values = written.value(far[None, :], grid.y)
        known = np.where(np.isnan(values), np.inf, values)
        # Only where it is lower than within, and lowest at the very end, it falls without end.
        falls = known[:, -1] <= known[:, :-1].min(axis=1)
        falls &= known[:, -1] < least - _EQUAL * np.abs(least)
        falls |= np.isneginf(known).any(axis=1)
        if falls.any():
            row = int(np.argmax(falls))
            raise _unfit(
                written,
                f"For y={grid.y[row, 0]:.6g} it falls without end: it is {least[row]:.6g} at its "
                f"lowest for z from {low:.6g} to {high:.6g}, and {known[row, -1]:.6g} at "
                f"z={far[-1]:.6g}",
                "Training would move predictions away without end",
                "write one that is lowest at a prediction, such as (z - y)**2 or abs(z - y); "
                "if it should be large, write - before it",
            )


def _unfit(written: WrittenLoss, what: str, why: str, fix: str) -> SettingsError:
    return SettingsError(
        f"No network can be trained with this loss. {what}",
        where=parameter("loss", f"{PREFIX}{written.text}"),
        why=why,
        fix=fix,
    )


def units_of(written: WrittenLoss, y: Floats, share: Floats, center: float, scale: float) -> Units:
    """The units of a network that learns (y - center) / scale by a written loss.

    ``size`` makes the loss alike in size to the built-in losses, whatever it is multiplied by. If
    its slopes are constant on both sides of a target, they then add up to 1, as those of a
    quantile; otherwise half their difference at one standard deviation above and below is 1, as it
    is for half the squared error. Where neither has a meaning, the largest slope between the lowest
    and the highest target is 1.

    Parameters
    ----------
    written : WrittenLoss
    y : ndarray of shape (n_samples,)
    share : ndarray of shape (n_samples,)
        The share of each row; they sum to 1.
    center, scale : float
    """
    largest = max(float(np.abs(y).max()), scale)
    grain = 2.0 ** (math.ceil(math.log2(largest)) - _GRAIN_BITS)
    return Units(center, scale, _size(written, y, share, scale), grain)


def _size(written: WrittenLoss, y: Floats, share: Floats, scale: float) -> float:
    near, far = (_bend(written, y, share, reach * scale) for reach in (1.0, 2.0))
    if math.isfinite(near) and near > 0:
        is_straight = math.isclose(near, far, rel_tol=_EQUAL)
        size = scale * (near if is_straight else near / 2)
    else:
        grid = _grid_of(y)
        slopes = np.abs(written.slope_at(grid.z, grid.y))
        size = scale * float(np.max(slopes, initial=0.0, where=np.isfinite(slopes)))
    return size if math.isfinite(size) and size > 0 else 1.0


def _bend(written: WrittenLoss, y: Floats, share: Floats, reach: float) -> float:
    """The mean difference of the slopes so far above a target and so far below it."""
    above, below = (written.slope_at(y + sign * reach, y) for sign in (1.0, -1.0))
    with np.errstate(all="ignore"):
        return float(np.sum(share * (above - below)))
