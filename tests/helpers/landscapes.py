"""Landscapes for the tests of pictures, page and verb."""

from functools import cache

import numpy as np

from thalweg.landscape.ground.teaching_function import PLAIN
from thalweg.landscape.runs.race import RacePicture, race_on_hills
from thalweg.reporting.landscape.landscape_display import Landscape
from thalweg.reporting.landscape.landscape_sheet import DrawnRun, Sheet


def slope(x, y):
    """A loss that is not the same with its arguments swapped."""
    return 1.0 + x + 10.0 * y


def line(x, y, true, *, name="run", look=0, drawn=None, off=None, best=None, diverged=False):
    x, y, true = (np.asarray(each, float) for each in (x, y, true))
    return DrawnRun(
        name, "sgd:lr=0.1", look, np.arange(len(x)), x, y, true,
        true if drawn is None else np.asarray(drawn, float),
        np.zeros(len(x)) if off is None else np.asarray(off, float),
        int(np.argmin(true)) if best is None else best, diverged, "faithful", 0.01,
        float(true[-1]),
    )  # fmt: skip


def sheet(loss=slope, *, x=(0.0, 4.0), y=(0.0, 2.0), n=(9, 5), lines=(), **other):
    """A sheet of a function of two numbers."""
    xs, ys = np.linspace(*x, n[0]), np.linspace(*y, n[1])
    losses = np.vectorize(loss, otypes=[float])(*np.meshgrid(xs, ys))
    return Sheet(
        "plane", "Plane: made", "A made finding", xs, ys, losses, ("first axis", "second axis"),
        tuple(lines), "fair", ("A sentence on honesty.", "Another one."), "height", **other,
    )  # fmt: skip


def bowl(x, y):
    """A valley along y, deepest at x = 2, and lower the farther along it."""
    return 0.05 + (x - 2.0) ** 2 + 0.2 * (2.0 - y)


@cache
def seven():
    """Seven balls on the teaching hills, with all of their profiles."""
    return Landscape(race_on_hills(picture=RacePicture(grid=41, sharp=False), ground=PLAIN))


@cache
def two():
    """A small one: two balls, few points."""
    picture = RacePicture(grid=21, cuts=11, sharp=False)
    return Landscape(race_on_hills(("sgd", "momentum"), picture, ground=PLAIN, steps=60))
