"""The ground of a sheet, and from where it is seen."""

from functools import lru_cache
from typing import Any

import numpy as np

from thalweg.landscape.ground.scale import Floats
from thalweg.reporting.landscape.landscape_sheet import Sheet
from thalweg.reporting.relief.relief_camera import azimuth_of, make_camera
from thalweg.reporting.relief.relief_ground import ReliefGround, make_ground
from thalweg.reporting.relief.relief_raster import paint_ground

# A view that hides no more than this of the runs and of their ends is good enough.
_LITTLE = 0.03
# Turns from the first choice that are tried, and the size of the trial pictures.
_TURNS = (0, 20, -20, 48, -48, 75, -75, 110, -110, 150, -150)
_TRIAL = 240, 160


def ground_of(sheet: Sheet, *, logarithmic: bool = False, fine: bool = True) -> ReliefGround:
    """The ground of a sheet, as its page makes it.

    Raises
    ------
    SettingsError
        If no loss is finite.
    """
    options: dict[str, Any] = {"fine": True, **sheet.relief}
    options["fine"] &= fine
    return make_ground(sheet.losses, x=sheet.x, y=sheet.y, logarithmic=logarithmic, **options)


@lru_cache(maxsize=64)
def best_azimuth(sheet: Sheet) -> float:
    """From where a sheet is seen: the start is at the back, the ends are in front.

    If the ground hides much of the runs there, the block is turned until it does not, or does
    least.

    Returns
    -------
    float
        Whole degrees.
    """
    lines = [each for each in sheet.lines if not each.diverged] or sheet.lines
    ground = ground_of(sheet, fine=False)
    if not lines:
        return 30.0
    ways = [np.column_stack(ground.place(each.x, each.y)) for each in lines]
    first = azimuth_of(ways[0][0], np.array([each[-1] for each in ways]))
    # Points of the ground alone: a run below it is hidden from everywhere.
    dense = np.concatenate([_dense(each) for each in ways])
    ends = np.array([each[-1] for each in ways])
    best, least = first, np.inf
    for turn in _TURNS:
        angle = first + turn
        hidden = _hidden(ground, angle, dense) + _hidden(ground, angle, ends)
        if hidden < least - 1e-9:
            best, least = angle, hidden
        if least <= _LITTLE:
            break
    return float((best + 180) % 360 - 180)


def _dense(way: Floats) -> Floats:
    """Points along a way, about a hundredth of a side apart."""
    along = np.append(0, np.cumsum(np.hypot(*np.diff(way, axis=0).T)))
    far = np.linspace(0, along[-1], 1 + min(400, int(along[-1] / 0.01)))
    return np.column_stack([np.interp(far, along, each) for each in way.T])


def _hidden(ground: ReliefGround, azimuth: float, places: Floats) -> float:
    """The share of places on the ground that it hides from there."""
    camera = make_camera(ground, *_TRIAL, azimuth=azimuth)
    painted = paint_ground(ground, camera, *_TRIAL)
    x, y = places.T
    top = ground.height_at(x, y)
    seen = np.isfinite(top)
    if not seen.any():
        return 0.0
    # A pixel of so small a picture is coarse: what lies on a slope must not hide itself.
    points = camera.project(x[seen], y[seen], top[seen] + 0.02)
    return float(np.mean(painted.is_hidden(points)))
