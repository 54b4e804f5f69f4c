"""The way of a run over a ground: short pieces, arcs for leaps, footprints.

The twin of the page's ``draw/stage/course.js``: each formula is there again, and tests compare
them.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thalweg.landscape.ground.scale import Floats
from thalweg.reporting.landscape.drawn_run import DrawnRun
from thalweg.reporting.relief.relief_ground import ReliefGround
from thalweg.reporting.stage.stage_looks import stage_looks


@dataclass(frozen=True, eq=False)
class RunCourse:
    """Samples along a run; each is joined with the one before it.

    Attributes
    ----------
    time : ndarray of shape (n,)
        The point of the run, with fractions between two.
    x, y, h, g : ndarray of shape (n,)
        In the block: the place, its height, and the ground below it.
    leap : ndarray of int, shape (n,)
        The number of the leap that leads to a sample, from 1; 0 if none does.
    feet : ndarray of int, shape (n_leaps,)
        The samples in which leaps end.
    """

    time: Floats
    x: Floats
    y: Floats
    h: Floats
    g: Floats
    leap: NDArray[np.intp]
    feet: NDArray[np.intp]

    def until(self, time: float) -> "RunCourse":
        """The part that is drawn at a time, with a sample at that time itself."""
        count = int(np.searchsorted(self.time, time + 1e-9, side="right"))
        if count == len(self.time) or self.time[count - 1] >= time - 1e-9:
            kept = [each[:count] for each in (self.time, self.x, self.y, self.h, self.g)]
        else:
            share = (time - self.time[count - 1]) / (self.time[count] - self.time[count - 1])
            kept = [
                np.append(each[:count], each[count - 1] + share * (each[count] - each[count - 1]))
                for each in (self.time, self.x, self.y, self.h, self.g)
            ]
        time_, x, y, h, g = kept
        return RunCourse(time_, x, y, h, g, self.leap[: len(x)], self.feet[self.feet < count])

    @property
    def flying(self) -> Floats:
        """The samples above the ground, of shape (n, 3): a picture has to hold them, too."""
        above = self.h > self.g + stage_looks()["course"]["flying"]
        return np.asarray(np.column_stack([self.x, self.y, self.h])[above])

    @property
    def over(self) -> NDArray[np.bool_]:
        """Which samples end pieces of leaps that are not drawn any more."""
        last = int(self.leap.max(initial=0)) - stage_looks()["course"]["in_the_air"]
        return np.asarray((self.leap > 0) & (self.leap <= last))


def course_of(ground: ReliefGround, run: DrawnRun, *, laid: bool, leaps: bool) -> RunCourse:
    """The course of a run.

    A step that is longer than ``leap`` sides of the block is an arc; it rises above its chord by
    ``rise`` of its length. All others are straight at the true loss, or lie on the ground.

    Parameters
    ----------
    ground : ReliefGround
    run : DrawnRun
    laid : bool
        On the ground, instead of at the true loss.
    leaps : bool
        Whether long steps are arcs.
    """
    looks = stage_looks()["course"]
    u, v = ground.place(run.x, run.y)
    lengths = np.append(0.0, np.hypot(np.diff(u), np.diff(v)))
    is_leap = leaps & (lengths > looks["leap"])
    pieces = np.clip(np.ceil(lengths / looks["piece"]), 1, looks["most_pieces"]).astype(np.intp)
    # The start is a sample of its own; then each step has as many as it has pieces.
    step = np.repeat(np.arange(len(u)), pieces)
    share = (np.arange(len(step)) - np.repeat(np.cumsum(pieces) - pieces, pieces) + 1.0) / (
        pieces[step]
    )
    before = np.maximum(0, step - 1)

    def between(values: Floats) -> Floats:
        inner = values[before] + share * (values[step] - values[before])
        return np.where(share < 1, inner, values[step])

    x, y = between(u), between(v)
    g = np.nan_to_num(ground.height_at(x, y))
    ends = np.nan_to_num(ground.height_at(u, v)) if laid else ground.height_of(run.true)
    h = between(ends)
    arc = h + 4 * looks["rise"] * lengths[step] * share * (1 - share)
    flying = np.maximum(g if laid else h, arc)
    h = np.where(is_leap[step], flying, g if laid else h)
    leap = np.where(is_leap, np.cumsum(is_leap), 0)[step]
    time = np.where(step > 0, step - 1 + share, 0.0)
    feet = np.flatnonzero(is_leap[step] & (share == 1))
    return RunCourse(time, x, y, h, g, leap, feet)
