"""Whether the runs of a race do what their names say: each as a number, computed from the run."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from thalweg.landscape.numbers_in_words import written
from thalweg.landscape.plain_data import fields_of
from thalweg.landscape.planes.distortion import Trail
from thalweg.landscape.runs.runner import Runner


@dataclass(frozen=True)
class NameCheck:
    """What the name of a run claims, and whether the run does it.

    Attributes
    ----------
    run : str
        The name of the run.
    claim : str
        What its name says.
    holds : bool
    sentence : str
        The numbers.
    """

    run: str
    claim: str
    holds: bool
    sentence: str

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain data."""
        return fields_of(self)


def name_checks(runners: Sequence[Runner], trails: Sequence[Trail]) -> tuple[NameCheck, ...]:
    """The checks of all runs that are presets; those that compare two runs need both."""
    runs = {each.name: each for each in runners}
    losses = {each.name: each for each in trails}
    return tuple(_checks(runs, losses))


def _checks(runs: Mapping[str, Runner], trails: Mapping[str, Trail]) -> Iterator[NameCheck]:
    small, large, shrinking = (runs.get(name) for name in ("sgd", "large", "anneal"))
    if small:
        yield _small(small)
    if large and shrinking:
        yield _shrinking(shrinking, large, trails)
    if large:
        yield _large(large)
    if small and "momentum" in runs:
        yield _momentum(runs["momentum"], small, trails["momentum"])
    three = [runs[name] for name in ("one-row", "32-rows", "all-rows") if name in runs]
    if len(three) == 3:
        yield _batches(three)


def _small(run: Runner) -> NameCheck:
    way = run.behaviour
    return NameCheck(
        run.name, "the loss falls in every step", way.rises == 0 and not run.diverged,
        f"Small steps: the loss rises in {way.rises:,} of {way.of:,} steps, and goes from "
        f"{written(run.start_loss)} to {written(run.end_loss)}.",
    )  # fmt: skip


def _shrinking(run: Runner, large: Runner, trails: Mapping[str, Trail]) -> NameCheck:
    one, other = trails[run.name], trails[large.name]
    same = len(one.true) > 1 < len(other.true) and bool(
        np.isclose(one.true[1], other.true[1], rtol=1e-6)
    )
    late = large.behaviour.late_mean
    below = not run.diverged and (large.diverged or run.end_loss < late)
    began = "begin with the same step as the large ones" if same else "begin otherwise"
    other_end = (
        "the large steps diverge"
        if large.diverged
        else f"the large steps are at {written(late)}, the mean of their last quarter"
    )
    own_end = "diverge" if run.diverged else f"end at {written(run.end_loss)}"
    if run.diverged and large.diverged:
        own_end, other_end = "diverge", "the large steps diverge, too"
    return NameCheck(
        run.name, "begins as the large steps, and ends below them", same and below,
        f"Shrinking steps {began}, and {own_end}; {other_end}.",
    )  # fmt: skip


def _large(run: Runner) -> NameCheck:
    way = run.behaviour
    words = (
        f"Large steps: the loss rises in {way.rises:,} of {way.of:,} steps, by "
        f"{written(way.climbed)} in all, which is {written(way.climbed / run.start_loss)} times "
        "the loss of the start."
    )
    if run.cut:
        words = f"The run with large steps diverges: {run.cut.why}."
    elif run.diverged:
        words = "The run with large steps diverges."
    return NameCheck(
        run.name, "rises and falls, or leaves", run.diverged or way.climbed > run.start_loss, words
    )


def _momentum(run: Runner, small: Runner, trail: Trail) -> NameCheck:
    there = trail.true <= small.end_loss
    reached = bool(there.any()) and not small.diverged
    step = int(trail.steps[int(np.argmax(there))]) if reached else small.steps
    when = f"after {step:,} steps" if reached else "never"
    return NameCheck(
        run.name, "is at the last loss of the small steps after fewer steps",
        reached and step < small.steps,
        f"Momentum is at {written(small.end_loss)} {when}; small steps take {small.steps:,}.",
    )  # fmt: skip


def _batches(three: Sequence[Runner]) -> NameCheck:
    climbed = [np.inf if each.diverged else each.behaviour.climbed for each in three]
    told = ", ".join(
        f"{'it diverges' if each.diverged else written(rise)} with {each.title.split(' a ')[0]}"
        for each, rise in zip(three, climbed, strict=True)
    )
    return NameCheck(
        three[0].name, "the fewer rows a step, the more the loss rises on its way",
        climbed[0] > climbed[1] > climbed[2],
        f"The rises of the loss, in all, at one rate and the same number of steps: {told}.",
    )  # fmt: skip
