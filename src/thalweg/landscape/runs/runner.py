"""One training run of a race in numbers: how it went, how it ended, where it was cut."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from thalweg.landscape.ground.curvature_at_ends import EndCurvature
from thalweg.landscape.ground.path_divergence import TOO_HIGH
from thalweg.landscape.ground.sharpness_and_stability import Sharpness
from thalweg.landscape.ground.terrain import Heights
from thalweg.landscape.numbers_in_words import written
from thalweg.landscape.plain_data import fields_of, finite_or_none
from thalweg.landscape.planes.distortion import Trail
from thalweg.landscape.runs.path import DescentPath
from thalweg.landscape.runs.presets import Preset, title_of

# Smaller rises, as a share of the loss, may be rounding alone.
ROUNDING = 1e-12
# The last share of a run, which says whether it settles; and how much it may rise there, in all, as
# a share of its whole fall.
LATE, SETTLED = 0.25, 0.1


@dataclass(frozen=True)
class Behaviour:
    """How the loss of a run went up and down, over its recorded points.

    Attributes
    ----------
    rises, of : int
        Between how many neighbouring points it rose, and how many such pairs there are.
    climbed : float
        The sum of all its rises, Σ max(0, L_(t+1) - L_t).
    fall : float
        From the start to its lowest loss.
    late_mean, late_low, late_high : float
        In the last quarter of the points.
    late_climbed : float
        The sum of the rises there.
    """

    rises: int
    of: int
    climbed: float
    fall: float
    late_mean: float
    late_low: float
    late_high: float
    late_climbed: float

    @classmethod
    def along(cls, true: Heights) -> "Behaviour":
        """That of a run with these losses, shape (n_points,), all finite."""
        late = true[-max(1, round(LATE * len(true))) :]
        ups, late_ups = _ups(true), _ups(late)
        return cls(
            int(np.count_nonzero(ups)), len(true) - 1, float(ups.sum()),
            float(true[0] - true.min()), float(late.mean()), float(late.min()),
            float(late.max()), float(late_ups.sum()),
        )  # fmt: skip

    @property
    def wanders(self) -> bool:
        """Whether it still goes up and down at its end, so that its last loss says little."""
        return self.late_climbed > SETTLED * self.fall and self.of > 0

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain data."""
        return {**fields_of(self), "wanders": self.wanders}


def _ups(true: Heights) -> Heights:
    change = np.diff(true)
    return np.where(change > ROUNDING * np.abs(true[:-1]), change, 0.0)


@dataclass(frozen=True)
class RunCut:
    """Where a diverged run is cut in pictures, and why.

    Attributes
    ----------
    after : int
        The last step that is drawn.
    at : int or None
        The step at which its loss is too high; ``None`` if it became NaN or infinite before it was
        recorded again, or if nothing was cut off.
    loss : float
        Its loss there; infinite without such a step.
    why : str
    """

    after: int
    at: int | None
    loss: float
    why: str

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain data."""
        return {**fields_of(self, "loss"), "loss": finite_or_none(self.loss)}


def cut_of(trail: Trail) -> RunCut | None:
    """Where a trail is cut; ``None`` for a run that did not diverge."""
    if not trail.diverged:
        return None
    shown = trail.drawn_part
    after = int(shown.steps[-1])
    if len(shown.steps) < len(trail.steps):
        at, loss = int(trail.steps[len(shown.steps)]), float(trail.true[len(shown.steps)])
        why = (
            f"at step {at:,} its loss is {written(loss)}, more than {TOO_HIGH:g} times that of the "
            "start"
        )
        return RunCut(after, at, loss, why)
    if np.isfinite(trail.end):
        return RunCut(after, None, trail.end, "it ends above twice the loss of the start")
    return RunCut(after, None, np.inf, f"after step {after:,} its loss is NaN or infinite")


@dataclass(frozen=True, eq=False)
class Runner:
    """One training run of a race, in numbers.

    Attributes
    ----------
    name : str
        As in ``Surface.trails`` and ``Race.profiles``.
    title : str
        What readers call it, such as "large steps".
    rule, words : str
        The text form of its optimizer, and what it shows ("" without a preset).
    rows_a_step : int
        The rows of a step; 0 for a function without rows.
    ending : str
    diverged : bool
        Whether it became NaN or infinite, or ended above twice the loss of its start.
    cut : RunCut or None
        Where pictures cut it, if it diverged.
    steps : int
    start_loss, end_loss, best_loss : float
        On the terrain, at the stored points; the loss at the end is infinite if the run became
        NaN or infinite.
    best_step : int
    travel, distance : float
        The length of its path, and the straight distance from the start to the end.
    behaviour : Behaviour
        Up to where it is drawn.
    sharpness : Sharpness or None
        At the end point; ``None`` if it was not requested, and for a diverged run.
    curvatures : tuple of EndCurvature
        At the start and at the end; of a diverged run, at the start alone. Empty if sharpness was
        not requested.
    """

    name: str
    title: str
    rule: str
    words: str
    rows_a_step: int
    ending: str
    diverged: bool
    cut: RunCut | None
    steps: int
    start_loss: float
    end_loss: float
    best_loss: float
    best_step: int
    travel: float
    distance: float
    behaviour: Behaviour
    sharpness: Sharpness | None
    curvatures: tuple[EndCurvature, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain data."""
        return fields_of(self)


def runner_of(
    entry: Preset, path: DescentPath, trail: Trail, rows_a_step: int, sharp: Sharpness | None,
    curvatures: tuple[EndCurvature, ...] = (),
) -> Runner:  # fmt: skip
    """The run of an entry, whose path is drawn as a trail."""
    return Runner(
        entry.name, title_of(entry.name, path.rule), path.rule, entry.words, rows_a_step,
        path.ending, trail.diverged, cut_of(trail), int(path.steps[-1]), float(trail.true[0]),
        trail.end, float(trail.true[trail.best]), int(trail.steps[trail.best]), path.travel,
        path.distance, Behaviour.along(trail.drawn_part.true), sharp, curvatures,
    )  # fmt: skip
