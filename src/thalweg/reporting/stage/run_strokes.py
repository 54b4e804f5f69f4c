"""The runs on a picture: tubes, curtains, footprints, balls; hidden parts are thin.

The twin of the page's ``draw/stage/strokes.js``. Lines are Matplotlib's, in axes whose units are
the pixels of the painted ground; the ground's depth says where they are hidden.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from numpy.typing import NDArray

from thalweg.landscape.ground.scale import Floats
from thalweg.reporting.stage.run_course import RunCourse
from thalweg.reporting.stage.stage_looks import stage_looks

# Points of a line in a pixel of a page: figures have 100 pixels an inch.
POINT = 0.72
# On a scribble of so many points a ridge would only be stripes.
_SCRIBBLE = 200
Hidden = Callable[[Floats], NDArray[np.bool_]]


class TubeLook(NamedTuple):
    """How a run is drawn: its colour, the page's, its dashes; whether another one is in focus."""

    color: str
    page: str
    dash: tuple[float, ...]
    context: bool
    below: bool


class SeenStretch(NamedTuple):
    """A part of a line that is hidden, or seen, of shape (n, 4)."""

    hidden: bool
    points: Floats


def stretches_of(points: Floats, hidden: Hidden) -> list[SeenStretch]:
    """A line in parts that are hidden or not; rows of NaN part two of them.

    Where it goes behind the ground between two points, it is cut at the pixel: depth is linear
    along lines in the picture.

    Parameters
    ----------
    points : ndarray of shape (n, 4)
        Pixels, depth, time.
    hidden : callable
        Of such points, whether they are hidden.
    """
    found: list[SeenStretch] = []
    breaks = np.flatnonzero(~np.isfinite(points[:, 0]))
    for start, end in pairwise([-1, *breaks.tolist(), len(points)]):
        piece = points[start + 1 : end]
        if not len(piece):
            continue
        flags = hidden(piece)
        turns = np.flatnonzero(flags[1:] != flags[:-1])
        edges = _edges(piece[turns], piece[turns + 1], flags[turns], hidden)
        bounds = [0, *(turns + 1).tolist(), len(piece)]
        for k, (first, last) in enumerate(pairwise(bounds)):
            before = edges[k - 1 : k] if k else piece[:0]
            after = edges[k : k + 1] if k < len(edges) else piece[:0]
            part = np.concatenate([before, piece[first:last], after])
            found.append(SeenStretch(bool(flags[first]), part))
    return found


def _edges(start: Floats, end: Floats, was: NDArray[np.bool_], hidden: Hidden) -> Floats:
    low, high = np.zeros(len(start)), np.ones(len(start))
    for _ in range(6):
        middle = (low + high) / 2
        same = hidden(start + middle[:, None] * (end - start)) == was
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    return np.asarray(start + low[:, None] * (end - start))


def line_of(course: RunCourse, project: Callable[..., Floats], *, laid: bool = False) -> Floats:
    """A course in pixels, of shape (n, 4), without leaps that are over."""
    lift = stage_looks()["course"]["lift"]
    points = project(course.x, course.y, (course.g if laid else course.h) + lift)
    line = np.column_stack([*points, course.time])
    over = course.over
    # Before a piece that is drawn after one that is not, the line begins anew.
    starts = np.append(over[:-1] & ~over[1:], False) if len(over) else over
    rows = []
    for k in range(len(line)):
        if not over[k]:
            rows.append(line[k])
        elif starts[k]:
            rows += [np.full(4, np.nan), line[k]]
        elif rows and np.isfinite(rows[-1][0]):
            rows.append(np.full(4, np.nan))
    return np.array(rows).reshape(-1, 4)


def put_line(axes: Axes, x: Any, y: Any, **style: Any) -> None:
    """A line or a mark; `Axes.plot` would spend most of a film's time on limits that are known."""
    axes.add_artist(Line2D(x, y, transform=axes.transData, **style))


def draw_line(axes: Axes, points: Floats, color: str, width: float, **style: Any) -> None:
    """A stroke whose width is in pixels of a page; rows of NaN part its pieces."""
    dash = style.pop("dash", ())
    put_line(
        axes, points[:, 0], points[:, 1], color=color, linewidth=width * POINT,
        linestyle=(0, tuple(dash)) if len(dash) else "-",
        solid_capstyle="round", solid_joinstyle="round", dash_joinstyle="round", **style,
    )  # fmt: skip


def _joined(parts: Sequence[Floats]) -> Floats:
    """Pieces as one line, separated by NaN."""
    gap = np.full((1, 4), np.nan)
    return np.concatenate([each for part in parts for each in (part, gap)] or [gap])


def draw_tube(axes: Axes, stretches: Sequence[SeenStretch], look: TubeLook, zorder: float) -> None:
    """A tube: outlined where it is seen, thin and dashed where the ground hides it."""
    tube, opacity = stage_looks()["tube_px"], stage_looks()["opacity"]
    wide, clear = (tube["context"], opacity["context"]) if look.context else (1.0, 1.0)
    faint = clear * opacity["hidden_below" if look.below else "hidden"]
    beat = tube["dash"] / (tube["hidden"] * wide)
    seen = [each.points for each in stretches if not each.hidden]
    unseen = [each.points for each in stretches if each.hidden]
    if unseen:
        draw_line(
            axes, _joined(unseen), look.color, tube["hidden"] * wide, alpha=faint,
            dash=(beat, beat), zorder=zorder,
        )  # fmt: skip
    if not seen:
        return
    whole = _joined(seen)
    draw_line(axes, whole, look.page, tube["outline"] * wide, alpha=clear, zorder=zorder)
    draw_line(
        axes, whole, look.color, tube["core"] * wide, alpha=clear, dash=look.dash,
        zorder=zorder + 0.001,
    )  # fmt: skip
    smooth = [each for each in seen if len(each) < _SCRIBBLE]
    if smooth and not look.context:
        draw_line(
            axes, _joined(smooth) - 0.7 * axes_unit(axes), "#ffffff", tube["ridge"],
            alpha=opacity["ridge"], zorder=zorder + 0.002,
        )  # fmt: skip


def axes_unit(axes: Axes) -> float:
    """Pixels of the painted ground in a pixel of a page."""
    figure: Any = axes.figure
    inches = axes.get_position().width * figure.get_size_inches()[0]
    low, high = axes.get_xlim()
    return float((high - low) / (100 * inches))


def draw_trace(axes: Axes, stretches: Sequence[SeenStretch]) -> None:
    """A soft dark trace on the ground."""
    tube, opacity = stage_looks()["tube_px"], stage_looks()["opacity"]
    seen = [each.points for each in stretches if not each.hidden]
    if seen:
        whole = _joined(seen)
        draw_line(axes, whole, "#000000", tube["trace"], alpha=opacity["trace"], zorder=4)


def draw_curtain(
    axes: Axes, course: RunCourse, project: Callable[..., Floats], hidden: Hidden, look: TubeLook
) -> None:
    """From a run down to the slice, or up to it, where the two differ."""
    opacity, lift = stage_looks()["opacity"], stage_looks()["course"]["lift"]
    top, foot = (project(course.x, course.y, each + lift).T for each in (course.h, course.g))
    apart = np.abs(course.h - course.g) > stage_looks()["curtain"]["least"]
    unseen = hidden(top) & hidden(foot)
    wanted = (course.leap[1:] == 0) & (apart[1:] | apart[:-1]) & ~unseen[1:]
    k = np.flatnonzero(wanted) + 1
    if len(k):
        corners = np.stack([top[k - 1], top[k], foot[k], foot[k - 1]], axis=1)[..., :2]
        # All the same way round, so that where two overlap nothing is cut out.
        one, other = corners[:, 2] - corners[:, 0], corners[:, 3] - corners[:, 1]
        turned = one[:, 0] * other[:, 1] < one[:, 1] * other[:, 0]
        corners[turned] = corners[turned, ::-1]
        whole = np.concatenate([corners, corners[:, :1]], axis=1).reshape(-1, 2)
        codes = np.tile([Path.MOVETO, *[Path.LINETO] * 3, Path.CLOSEPOLY], len(corners))
        clear = opacity["context"] if look.context else 1.0
        axes.add_artist(
            PathPatch(
                Path(whole, codes), facecolor=look.color, edgecolor="none", linewidth=0,
                alpha=opacity["curtain"] * clear, zorder=5,
                transform=axes.transData,
            )
        )  # fmt: skip
    for k in course.feet:
        if apart[k] and not course.over[k] and not unseen[k]:
            stem = np.array([[*top[k], 0.0], [*foot[k], 0.0]])
            draw_line(axes, stem, look.color, 1.4, alpha=0.45, zorder=5)


def draw_feet(
    axes: Axes, course: RunCourse, project: Callable[..., Floats], hidden: Hidden, look: TubeLook,
    zorder: float,
) -> None:  # fmt: skip
    """Dots where leaps end."""
    foot, opacity = stage_looks()["foot_px"], stage_looks()["opacity"]
    k = course.feet
    if not len(k):
        return
    lift = stage_looks()["course"]["lift"]
    points = project(course.x[k], course.y[k], course.h[k] + lift).T
    points = points[~hidden(points)]
    wide, clear = (0.8, opacity["context"]) if look.context else (1.0, 1.0)
    for size, color, alpha in (
        (foot["outline"], look.page, clear), (foot["core"], look.color, clear * opacity["foot"])
    ):  # fmt: skip
        put_line(
            axes, points[:, 0], points[:, 1], linestyle="", marker="o", color=color, alpha=alpha,
            markersize=2 * size * wide * POINT, markeredgewidth=0, zorder=zorder,
        )  # fmt: skip


def draw_ball(
    axes: Axes, spot: tuple[float, float], look: TubeLook, *, lost: bool, faint: bool, zorder: float
) -> None:
    """A ball with rim and highlight; of a run that is lost, a cross."""
    looks = stage_looks()["ball_px"]
    size, alpha = 2 * looks["radius"] * POINT, 0.5 if faint else 1.0
    marker: dict[str, Any] = {"linestyle": "", "clip_on": False, "zorder": zorder}
    x, y = [spot[0]], [spot[1]]
    if lost:
        for color, width in ((look.page, 8), (look.color, 4.4)):
            put_line(
                axes, x, y, marker="x", markersize=0.62 * size, color=color,
                markeredgewidth=width * POINT, **marker,
            )  # fmt: skip
        return
    inner = size - 2 * looks["rim"] * POINT
    unit = axes_unit(axes)
    discs = (
        (size, look.page, alpha, 0.0), (inner, look.color, alpha, 0.0),
        (0.62 * inner, "#ffffff", 0.10 * alpha, 0.12), (0.42 * inner, "#ffffff", 0.22 * alpha, 0.2),
        (0.2 * inner, "#ffffff", 0.5 * alpha, 0.26),
    )  # fmt: skip
    for wide, color, clear, up in discs:
        by = up * looks["radius"] * unit
        put_line(
            axes, [spot[0] - by], [spot[1] - 1.1 * by], marker="o", markersize=wide, color=color,
            alpha=clear, markeredgewidth=0, **marker,
        )  # fmt: skip


def side_by_side(spots: Sequence[Floats], unit: float) -> list[Floats]:
    """Spots that share a place, moved so that they stand side by side."""
    gap = stage_looks()["ball_px"]["apart"] * unit
    found = []
    for k, spot in enumerate(spots):
        mates = [j for j, other in enumerate(spots) if np.abs(spot - other)[:2].sum() < 0.7 * gap]
        by = gap * (mates.index(k) - (len(mates) - 1) / 2)
        found.append(spot + np.array([by, *np.zeros(len(spot) - 1)]))
    return found
