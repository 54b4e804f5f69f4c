"""Which part of a training run can be drawn, and which runs have diverged."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from thalweg.errors import SettingsError
from thalweg.landscape.ground.terrain import Heights, Terrain, heights_at
from thalweg.landscape.numbers_in_words import times, written
from thalweg.landscape.runs.path import DescentPath

# A run that ends above this multiple of the start's loss has diverged, even if finite; in a picture
# it ends before the first point whose loss is above the larger multiple.
ENDS_HIGH, TOO_HIGH = 2.0, 10.0


class Sound(NamedTuple):
    """A path that can be drawn, its true losses, and a note on what was left out.

    If the loss of a path explodes, its last point is the one where it does, for figures and JSON; a
    picture ends before it, because the straight line to it may cross low ground that the run never
    came to.
    ``end`` is the loss at the end of the whole run.
    """

    path: DescentPath
    true: Heights
    note: str
    end: float
    leaps: bool = False

    @property
    def notes(self) -> tuple[str, ...]:
        """The note, if there is one."""
        return (self.note,) if self.note else ()

    @property
    def before_the_leap(self) -> "Sound":
        """The same without the point where the loss explodes."""
        if not self.leaps:
            return self
        path = replace(self.path, thetas=self.path.thetas[:-1], steps=self.path.steps[:-1])
        return self._replace(path=path, true=self.true[:-1], leaps=False)


def sound(terrain: Terrain, path: DescentPath, threads: int | None = None) -> Sound:
    """The true losses along a path, which ends where they explode.

    A run has diverged if it became NaN or infinite, or ended above twice the loss of its start.
    A point without a finite loss ends the path. In a diverged run, so does the first loss above
    ten times the start's, because later points show nothing useful.
    """
    true = heights_at(terrain, path.thetas, threads)
    if not np.isfinite(true[0]):
        raise SettingsError(
            f"The start of {path.name} has no finite loss",
            why="Nothing can be compared with it",
            fix="start from smaller weights, or look for numbers that are too large in the data",
        )
    end = float(true[-1]) if np.isfinite(true[-1]) else np.inf
    lost = path.diverged or not np.isfinite(true).all() or end > ENDS_HIGH * true[0] > 0
    if not lost:
        return Sound(path, true, "", end)
    calm = before_the_explosion(true)
    leaps = calm < len(true) and bool(np.isfinite(true[calm]))
    whole = calm + leaps
    kept = replace(
        path, thetas=path.thetas[:whole], steps=path.steps[:whole], diverged=True,
        last_point=_last_point(path, leaps=leaps, cut=whole < len(true)),
    )  # fmt: skip
    note = f"the run {path.name} diverged: it {fate(float(true[0]), end)}"
    if calm < len(true):
        note += f", and is drawn {_until(path, true, calm)}"
    return Sound(kept, true[:whole], note, end, leaps)


def _last_point(path: DescentPath, *, leaps: bool, cut: bool) -> str:
    """What the last point of a diverged run is, in words for planes that pass through it."""
    if leaps:
        return "explosion"
    return "last finite point" if cut or path.diverged else "end"


def before_the_explosion(true: Heights) -> int:
    """How many points of a diverged run come before its loss explodes, or is not finite."""
    limit = TOO_HIGH * true[0] if true[0] > 0 else np.inf
    fine = np.isfinite(true) & (true <= limit)
    return len(true) if fine.all() else int(np.argmin(fine))


def _until(path: DescentPath, true: Heights, calm: int) -> str:
    """Up to which point a run is drawn, and its loss at the next one, in words."""
    last, after = int(path.steps[calm - 1]), int(path.steps[calm])
    loss = written(float(true[calm])) if np.isfinite(true[calm]) else "NaN or infinite"
    shown = "only at its start" if calm == 1 else f"up to step {last:,} or to the edge"
    return f"{shown}: at step {after:,} its loss is {loss}"


def fate(start: float, end: float) -> str:
    """How a run diverged, in words."""
    if not np.isfinite(end) or not end > ENDS_HIGH * start > 0:
        return "became NaN or infinite"
    return f"ends at {times(end / start)} the start's loss"


def staying(paths: Sequence[Sound]) -> list[Sound]:
    """The paths for planes, windows and figures: those that did not diverge.

    If all diverged, all paths.
    """
    return [each for each in paths if not each.path.diverged] or list(paths)
