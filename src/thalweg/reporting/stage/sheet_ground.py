"""The ground of a sheet, and from where it is seen."""

from typing import Any

import numpy as np

from thalweg.reporting.landscape.landscape_sheet import Sheet
from thalweg.reporting.relief.relief_camera import azimuth_of
from thalweg.reporting.relief.relief_ground import ReliefGround, make_ground


def ground_of(sheet: Sheet, *, logarithmic: bool = False) -> ReliefGround:
    """The ground of a sheet, as its page makes it.

    Raises
    ------
    SettingsError
        If no loss is finite.
    """
    options: dict[str, Any] = sheet.relief
    return make_ground(sheet.losses, x=sheet.x, y=sheet.y, logarithmic=logarithmic, **options)


def best_azimuth(sheet: Sheet) -> float:
    """From where the start is at the back and the ends are in front, in whole degrees."""
    lengths = np.array([np.ptp(sheet.x), np.ptp(sheet.y)])
    sides = lengths / sheet.relief.get("sides", lengths)
    lines = [each for each in sheet.lines if not each.diverged] or sheet.lines
    if not lines:
        return 30.0
    start = np.array([lines[0].x[0], lines[0].y[0]]) / sides
    ends = np.array([[each.x[-1], each.y[-1]] for each in lines]) / sides
    angle = azimuth_of(start, ends)
    return float((angle + 180) % 360 - 180)
