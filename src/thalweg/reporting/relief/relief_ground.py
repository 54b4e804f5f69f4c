"""A grid of losses as a ground to look at: heights in a block, slopes, contour levels.

The block has its middle at (0, 0) and a longer side of 1; heights start at 0, the lowest loss. The
twin of the page's ``draw/ground/grid.js``: each formula is there again, and tests compare them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thalweg.errors import SettingsError
from thalweg.landscape.ground.scale import Floats
from thalweg.reporting.relief.open_sky import open_sky
from thalweg.reporting.relief.relief_looks import ground_looks


@dataclass(frozen=True)
class ContourLines:
    """Which levels have contours: where the level, a + b h or c log(a + b h), is whole.

    Attributes
    ----------
    step, ratio : float
        A contour is ``step`` above the one before it, or ``ratio`` times as high; the other is NaN.
    log : bool
    a, b, c : float
    """

    step: float
    ratio: float
    log: bool
    a: float
    b: float
    c: float

    def level(self, heights: Floats) -> Floats:
        """The contour coordinate of heights; below the lowest loss it is that of the lowest."""
        sums = self.a + self.b * np.maximum(0.0, heights)
        return np.asarray(self.c * np.log(sums) if self.log else sums)

    def per_height(self, heights: Floats) -> Floats:
        """The derivative of the level by the height."""
        if not self.log:
            return np.full(np.shape(heights), self.b)
        return np.asarray(self.c * self.b / (self.a + self.b * np.maximum(0.0, heights)))


@dataclass(frozen=True)
class HeightRange:
    """From losses to heights 0 … 1 and back.

    Attributes
    ----------
    low, high : float
        The losses at heights 0 and 1; above, heights are cut.
    logarithmic : bool
        Heights are log(loss - base) instead of the loss.
    base : float
    n_cut, n_blank : int
        How many computed losses are higher than ``high``, and how many are not finite.
    """

    low: float
    high: float
    logarithmic: bool
    base: float
    n_cut: int
    n_blank: int

    def share(self, losses: Floats) -> Floats:
        """Heights, 1 at ``high`` and above; NaN where a loss is not finite."""
        low, high = self._raised(np.array([self.low, self.high]))
        bottom = self.low if self.logarithmic else -np.inf
        inside = np.where(np.isfinite(losses), np.clip(losses, bottom, self.high), np.nan)
        return np.asarray((self._raised(inside) - low) / (high - low if high > low else 1.0))

    def loss(self, shares: Floats) -> Floats:
        """The losses at heights."""
        low, high = self._raised(np.array([self.low, self.high]))
        found = low + (high - low if high > low else 1.0) * shares
        return np.asarray(self.base + np.exp(found) if self.logarithmic else found)

    def _raised(self, losses: Floats) -> Floats:
        return np.log(losses - self.base) if self.logarithmic else losses


@dataclass(frozen=True, eq=False)
class ReliefGround:
    """A ground that is ready to be painted.

    Attributes
    ----------
    x, y : ndarray
        The coordinates of the mesh along the axes.
    X, Y : ndarray of shape (n_columns,), (n_rows,)
        The same in the block.
    h : ndarray of shape (n_rows, n_columns)
        Heights, 0 to ``tall``; NaN where there is no finite loss.
    slope_x, slope_y, sky, level : ndarray of shape (n_rows, n_columns)
        Slopes, the share of the sky that a point sees, and the contour coordinate.
    cut : ndarray of bool, shape (n_rows, n_columns)
        Where the loss is higher than the block.
    tall : float
    heights : HeightRange
    lines : ContourLines
    """

    x: Floats
    y: Floats
    X: Floats
    Y: Floats
    h: Floats
    slope_x: Floats
    slope_y: Floats
    sky: Floats
    level: Floats
    cut: NDArray[np.bool_]
    tall: float
    heights: HeightRange
    lines: ContourLines

    @property
    def sides(self) -> tuple[float, float]:
        """Of the block; the longer one is 1."""
        return float(self.X[-1] - self.X[0]), float(self.Y[-1] - self.Y[0])

    def place(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """From the axes into the block."""
        wide, deep = self.sides
        return (
            (x - self.x[0]) * (wide / np.ptp(self.x)) - wide / 2,
            (y - self.y[0]) * (deep / np.ptp(self.y)) - deep / 2,
        )

    def height_of(self, losses: Floats) -> Floats:
        """Heights in the block of losses, at most ``tall``."""
        return self.tall * _within(self.heights.share(losses))

    def loss_of(self, heights: Floats) -> Floats:
        """The losses at heights in the block."""
        return self.heights.loss(heights / self.tall)

    def height_at(self, u: Floats, v: Floats) -> Floats:
        """The ground at places in the block, exactly as its triangles are drawn; NaN off it."""
        u, v = np.asarray(u, np.float64), np.asarray(v, np.float64)
        i = np.clip(np.searchsorted(self.X, u, side="right") - 1, 0, len(self.X) - 2)
        j = np.clip(np.searchsorted(self.Y, v, side="right") - 1, 0, len(self.Y) - 2)
        s = (u - self.X[i]) / (self.X[i + 1] - self.X[i])
        t = (v - self.Y[j]) / (self.Y[j + 1] - self.Y[j])
        a, b = self.h[j, i], self.h[j, i + 1]
        c, d = self.h[j + 1, i], self.h[j + 1, i + 1]
        first = np.where(s > t, a + s * (b - a) + t * (d - b), a + t * (c - a) + s * (d - c))
        second = np.where(
            s + t < 1, a + s * (b - a) + t * (c - a), d + (1 - s) * (c - d) + (1 - t) * (b - d)
        )
        found = np.where(np.abs(a - d) < np.abs(b - c), first, second)
        off = (u < self.X[0]) | (u > self.X[-1]) | (v < self.Y[0]) | (v > self.Y[-1])
        return np.where(off, np.nan, found)

    @property
    def cells(self) -> NDArray[np.bool_]:
        """Which cells have four heights: (n_rows - 1, n_columns - 1)."""
        h = self.h
        return np.isfinite(h[:-1, :-1] + h[1:, :-1] + h[:-1, 1:] + h[1:, 1:])

    @property
    def hull(self) -> Floats:
        """Points whose frame in a picture is that of the block, of shape (n_points, 3)."""
        base = ground_looks()["heights"]["base"]
        ways = np.arange(17) / 16
        i = np.floor(ways * (len(self.X) - 1) + 0.5).astype(np.intp)
        j = np.floor(ways * (len(self.Y) - 1) + 0.5).astype(np.intp)
        tops = np.nan_to_num(self.h[np.ix_(j, i)])
        across, along = np.meshgrid(self.X[i], self.Y[j])
        corners = [[x, y, base] for x in self.X[[0, -1]] for y in self.Y[[0, -1]]]
        return np.concatenate([corners, np.stack([across, along, tops], axis=-1).reshape(-1, 3)])


def make_ground(
    losses: Floats,
    *,
    x: Floats | None = None,
    y: Floats | None = None,
    sides: tuple[float, float] | None = None,
    whole: bool = False,
    highest: float | None = None,
    lowest: float | None = None,
    logarithmic: bool = False,
    base: float = 0.0,
    fine: bool = True,
) -> ReliefGround:
    """A ground from a grid of losses.

    A coarse mesh gets one more point between two computed ones, by a cubic through the points
    around them (Catmull and Rom's, for steps that may be uneven). No computed point moves.

    Parameters
    ----------
    losses : ndarray of shape (n_rows, n_columns)
        Rows along y. Where they are not finite the ground is left empty.
    x, y : ndarray, optional
        Increasing coordinates; by default 0, 1, 2 …
    sides : (float, float), optional
        Of the block, the longer one 1, where the two axes have no common unit. By default lengths
        along both axes are true.
    whole : bool, default False
        For a function of two parameters: its whole range is shown. Otherwise heights are cut at
        the 97th percentile, or above the highest point of a run.
    highest, lowest : float, optional
        Of the losses of runs.
    logarithmic : bool, default False
        Heights are log(loss - base) instead of the loss.
    base : float, default 0
        0, or a number below all losses.
    fine : bool, default True
        False keeps the computed points alone.

    Raises
    ------
    SettingsError
        Without a finite loss, or if the logarithm of one does not exist.
    """
    losses = np.asarray(losses, np.float64)
    x, y = _axis(x, losses.shape[1]), _axis(y, losses.shape[0])
    heights = height_range(losses, whole, highest, lowest, logarithmic, base)
    wide, deep = sides or _true_sides(x, y)
    shares = heights.share(losses)
    tall = _tall(shares, _in_block(x, wide), _in_block(y, deep))
    if fine and max(losses.shape) < ground_looks()["mesh"]["fine_from"]:
        # What is cut stays level, also between two rows that are.
        shares = refined(np.minimum(1.0, refined(shares, x, 1)), y, 0)
        x, y = _halved(x), _halved(y)
    X, Y = _in_block(x, wide), _in_block(y, deep)
    h, lines = tall * _within(shares), _levels(heights, whole, tall)
    cut = (shares >= 1) & (heights.n_cut > 0)
    slopes, sky = _level_slopes(h, X, Y), open_sky(h, X, Y)
    return ReliefGround(x, y, X, Y, h, *slopes, sky, lines.level(h), cut, tall, heights, lines)


def _axis(given: Floats | None, count: int) -> Floats:
    return np.arange(count, dtype=np.float64) if given is None else np.asarray(given, np.float64)


def _true_sides(x: Floats, y: Floats) -> tuple[float, float]:
    lengths = float(np.ptp(x)), float(np.ptp(y))
    return lengths[0] / max(lengths), lengths[1] / max(lengths)


def _level_slopes(h: Floats, X: Floats, Y: Floats) -> tuple[Floats, Floats]:
    """The slopes along both axes; 0 where a point has no neighbour with a height."""
    return np.nan_to_num(parabolic_slopes(h, X, 1)), np.nan_to_num(parabolic_slopes(h, Y, 0))


def _within(shares: Floats) -> Floats:
    return np.asarray(np.clip(shares, ground_looks()["heights"]["below"], 1.0))


def _in_block(axis: Floats, side: float) -> Floats:
    return np.asarray(((axis - axis[0]) / (axis[-1] - axis[0]) - 0.5) * side)


def _halved(axis: Floats) -> Floats:
    found = np.empty(2 * len(axis) - 1)
    found[::2], found[1::2] = axis, (axis[:-1] + axis[1:]) / 2
    return found


def height_range(
    losses: Floats,
    whole: bool,
    highest: float | None,
    lowest: float | None,
    logarithmic: bool,
    base: float,
) -> HeightRange:
    """The range of heights of a ground; the arguments are those of `make_ground`."""
    looks = ground_looks()["heights"]
    finite = np.sort(losses[np.isfinite(losses)])
    if not len(finite):
        raise SettingsError(
            "There is no finite loss to draw",
            fix="look at a smaller part of the plane, or take another one",
        )
    most = float(finite[-1])
    low = float(finite[0]) if lowest is None else min(float(finite[0]), lowest)
    if whole:
        high = most if highest is None else max(most, highest)
    else:
        runs = low + looks["headroom"] * ((low if highest is None else highest) - low)
        ranked = finite[min(len(finite) - 1, int(looks["cut_share"] * len(finite)))]
        high = max(float(ranked), min(most, runs))
    if logarithmic and low <= base:
        raise SettingsError(
            f"The loss {low:g} has no logarithm above {base:g}",
            fix="take a base below all losses, or heights that are not logarithmic",
        )
    n_cut = int(np.sum(finite > high))
    return HeightRange(low, high, logarithmic, base, n_cut, losses.size - len(finite))


def parabolic_slopes(values: Floats, at: Floats, axis: int) -> Floats:
    """The slopes of parabolas through three neighbours; at an end through the last three.

    Where a neighbour is NaN, the slope of the step that is left. An end of only one step has that
    step's slope.

    Parameters
    ----------
    values : ndarray of shape (n_rows, n_columns)
    at : ndarray
        The coordinates along the axis.
    axis : int
        1 for slopes along rows, 0 for slopes along columns.
    """
    v = np.moveaxis(values, axis, -1)
    steps = np.diff(at)
    rises = np.diff(v, axis=-1) / steps
    found = np.empty_like(v)
    back, ahead, p, q = rises[..., :-1], rises[..., 1:], steps[:-1], steps[1:]
    both = (q * back + p * ahead) / (p + q)
    found[..., 1:-1] = np.where(np.isnan(back), ahead, np.where(np.isnan(ahead), back, both))
    for end, one, two in ((0, 0, 1), (-1, -1, -2)):
        near = rises[..., one]
        if len(steps) < 2:
            found[..., end] = near
            continue
        bent = near + (near - rises[..., two]) * steps[one] / (steps[one] + steps[two])
        found[..., end] = np.where(np.isnan(rises[..., two]), near, bent)
    return np.moveaxis(found, -1, axis)


def refined(values: Floats, at: Floats, axis: int) -> Floats:
    """One more point in the middle of each step: a cubic with the slopes at both of its ends."""
    slopes = np.moveaxis(parabolic_slopes(values, at, axis), axis, -1)
    v = np.moveaxis(values, axis, -1)
    found = np.empty((*v.shape[:-1], 2 * v.shape[-1] - 1))
    found[..., ::2] = v
    bends = (slopes[..., :-1] - slopes[..., 1:]) * np.diff(at) / 8
    found[..., 1::2] = (v[..., :-1] + v[..., 1:]) / 2 + bends
    return np.moveaxis(found, -1, axis)


def _tall(shares: Floats, X: Floats, Y: Floats) -> float:
    """How tall the block is, so that 85 of 100 computed points are less steep than 44°."""
    looks = ground_looks()["heights"]
    steep = np.sort(np.hypot(*_level_slopes(shares, X, Y))[np.isfinite(shares)])
    ranked = float(steep[min(len(steep) - 1, int(looks["steep_share"] * len(steep)))])
    tall = looks["steep_rise"] / ranked if ranked > 0 else np.inf
    return float(np.clip(tall, looks["least_tall"], looks["most_tall"]))


def _levels(heights: HeightRange, whole: bool, tall: float) -> ContourLines:
    """Even steps of a function, equal ratios of the losses of a slice."""
    looks = ground_looks()["lines"]
    low, high, base = heights.low, heights.high, heights.base
    if low <= base or (whole and not heights.logarithmic):
        step = _round_step((high - low) / looks["even_count"] if high > low else 1.0)
        return ContourLines(step, np.nan, False, low / step, (high - low) / (tall * step), 1.0)
    span = float(np.log((high - base) / (low - base)))
    ratios: Sequence[float] = looks["ratios"]
    fitting = (each for each in ratios if span / np.log(each) <= looks["most"])
    ratio = next(fitting, ratios[-1])
    c = float(1 / np.log(ratio))
    if not heights.logarithmic:
        return ContourLines(np.nan, ratio, True, low - base, (high - low) / tall, c)
    a = c * float(np.log(low - base))
    return ContourLines(np.nan, ratio, False, a, c * span / tall, c)


def _round_step(step: float) -> float:
    power = 10.0 ** np.floor(np.log10(step))
    head = step / power
    return float(power * (1 if head < 1.5 else 2 if head < 3.5 else 5 if head < 7.5 else 10))
