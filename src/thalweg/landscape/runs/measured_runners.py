"""The runs of a race in numbers: sharpness where they end, curvature at both ends."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from thalweg.landscape.ground.curvature_at_ends import END, START, EndCurvature
from thalweg.landscape.ground.sharpness_and_stability import Extremes, extremes, sharpness
from thalweg.landscape.ground.terrain import NetworkTerrain, Terrain
from thalweg.landscape.planes.distortion import Trail
from thalweg.landscape.runs.own_batches import rows_a_step, steps_of
from thalweg.landscape.runs.path import DescentPath
from thalweg.landscape.runs.presets import Preset
from thalweg.landscape.runs.runner import Runner, runner_of
from thalweg.landscape.runs.stage_watch import HeardStages
from thalweg.training.descent.optimizer_settings import Lbfgs, Optimizer
from thalweg.training.descent.training_settings import parse_optimizer
from thalweg.training.descent_inputs import Member


class RunSteps(NamedTuple):
    """The steps of a run: the learning rates of the first and the last one, and their rows."""

    first: float
    last: float
    rows: int

    @classmethod
    def of(cls, run: Member, last_step: int | None) -> "RunSteps":
        """Those of a training run; the rates are 0 for an optimizer without one."""
        optimizer, rows = run.settings.optimizer, rows_a_step(run)
        if isinstance(optimizer, Lbfgs):
            return cls(0.0, 0.0, rows)
        total = steps_of(replace(run, settings=replace(run.settings, stop_after=None)))
        return cls.along(optimizer, last_step or total, total, rows)

    @classmethod
    def along(cls, optimizer: Optimizer, steps: int, total: int, rows: int = 0) -> "RunSteps":
        """Those of an update rule that makes so many steps of a schedule over ``total``."""
        first, last = (float(optimizer.rates(at, 1, total)[0]) for at in (0, steps - 1))
        return cls(first, last, rows)


@dataclass
class RunMeasures:
    """Measures the runs of one race; they share their start, which is measured once.

    Attributes
    ----------
    terrain : Terrain
    sharp : bool
        Whether to measure sharpness and curvature at all.
    seed : int
    heard : HeardStages
    """

    terrain: Terrain
    sharp: bool
    seed: int
    heard: HeardStages

    def runners(
        self, entered: Sequence[Preset], paths: Sequence[DescentPath], trails: Sequence[Trail],
        steps: Sequence[RunSteps],
    ) -> tuple[Runner, ...]:  # fmt: skip
        """All runs, in the order of their trails; none is measured after the race was ended."""
        at_start: Extremes | None = None
        found: list[Runner] = []
        for each in zip(entered, paths, trails, steps, strict=True):
            if self.sharp and at_start is None and not self.heard.stopped:
                at_start = extremes(self.terrain, paths[0].start, self.seed)
            found.append(self._runner(*each, at_start))
            if found[-1].sharpness:
                self.heard.of("sharpness")(len(found), len(paths))
        return tuple(found)

    def _runner(
        self, entry: Preset, path: DescentPath, trail: Trail, steps: RunSteps,
        at_start: Extremes | None,
    ) -> Runner:  # fmt: skip
        if at_start is None or self.heard.stopped:
            return runner_of(entry, path, trail, steps.rows, None)
        optimizer = parse_optimizer(entry.rule)
        some = 0 < steps.rows < self.terrain.facts.of_rows
        curved = [EndCurvature.of(START, 0, at_start, optimizer, steps.first, some_rows=some)]
        if trail.diverged:
            return runner_of(entry, path, trail, steps.rows, None, tuple(curved))
        step = int(trail.steps[-1])
        sharp = sharpness(
            self.terrain, path.thetas[np.searchsorted(path.steps, step)], optimizer, steps.last,
            weights=isinstance(self.terrain, NetworkTerrain), seed=self.seed,
        )  # fmt: skip
        end = EndCurvature.of(END, step, sharp.extremes, optimizer, steps.last, some_rows=some)
        return runner_of(entry, path, trail, steps.rows, sharp, (*curved, end))
