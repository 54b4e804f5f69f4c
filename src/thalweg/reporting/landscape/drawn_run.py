"""A training run as it is drawn: its points, its name in words, and how far it can be trusted."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from thalweg.landscape.ground.path_divergence import fate
from thalweg.landscape.ground.scale import Floats
from thalweg.landscape.numbers_in_words import percent, written
from thalweg.landscape.planes.distortion import gaps, off_by
from thalweg.landscape.runs.presets import title_of
from thalweg.landscape.runs.runner import Behaviour, RunCut
from thalweg.reporting.html_pieces import clipped

# A headline is never cut: only the single names in it have a limit, in characters.
LONGEST_NAME = 48


@dataclass(frozen=True, eq=False)
class DrawnRun:
    """A run as it is drawn on a sheet.

    Attributes
    ----------
    name, rule : str
    look : int
        The number of its colour, dash and marker (`landscape_looks`), the same on all sheets.
    steps : ndarray of int, shape (n_points,)
    x, y, true, drawn, off : ndarray of shape (n_points,)
        Position on the sheet; the true loss of the run; the loss of the sheet there; the distance
        from the sheet, as a share of the distance from the start.
    best : int
    diverged : bool
    verdict : str
    misfit : float
    end : float
        The loss at the end of the run; for a diverged run it may differ from that of the last
        point.
    title : str
        What readers call it, if its settings alone do not part it from another run.
    cut : RunCut or None
        Where the drawing of a diverged run is cut, and why, if that is known.
    """

    name: str
    rule: str
    look: int
    steps: NDArray[np.intp]
    x: Floats
    y: Floats
    true: Floats
    drawn: Floats
    off: Floats
    best: int
    diverged: bool
    verdict: str
    misfit: float
    end: float
    title: str = ""
    cut: RunCut | None = None

    @property
    def words(self) -> str:
        """What readers call it: "large steps"."""
        return self.title or clipped(title_of(self.name, self.rule), LONGEST_NAME)

    @property
    def worst(self) -> tuple[float, int]:
        """The largest gap between drawn and true loss, and its step."""
        gap = gaps(self.true, self.drawn)
        return float(gap.max()), int(self.steps[np.argmax(gap)])

    @property
    def behaviour(self) -> Behaviour:
        """How its loss went up and down, as far as it is drawn."""
        return Behaviour.along(self.true)

    @property
    def wanders(self) -> bool:
        """Whether it goes up and down to its end, so that its last loss says little."""
        return not self.diverged and self.behaviour.wanders

    @property
    def fate(self) -> str:
        """How it ended, in words."""
        if self.diverged:
            words = f"diverged: {fate(float(self.true[0]), self.end)}"
            return f"{words}; {self.part}" if self.part else words
        s = "" if is_plural(self.words) else "s"
        if self.wanders:
            way = self.behaviour
            late = f"from {written(way.late_low)} to {written(way.late_high)} in the last quarter"
            return f"go{s and 'es'} up and down to the end, {late}"
        return f"end{s} at {written(self.end)}"

    @property
    def late(self) -> str:
        """What stands for the last loss of a run that goes up and down: its range; else ""."""
        if not self.wanders:
            return ""
        way = self.behaviour
        return f"{self._wander}, {written(way.late_low, 2)} to {written(way.late_high, 2)}"

    @property
    def _wander(self) -> str:
        return "wander" if is_plural(self.words) else "wanders"

    def label(self, point: int) -> str:
        """What stands beside its ball: its name and the loss there.

        The last loss of a run that goes up and down to its end says little: there it wanders.
        """
        if self.wanders and point == len(self.x) - 1:
            return f"{self.words} {self._wander}"
        return f"{self.words} {written(float(self.true[point]), 2)}"

    @property
    def part(self) -> str:
        """Up to which step a diverged run is drawn, and why no further, in words."""
        if self.cut is None:
            return ""
        shown = f"drawn up to step {self.steps[-1]:,}"
        return shown if self.cut.at is None else f"{shown}: {self.cut.why}"

    @property
    def marks(self) -> dict[str, int]:
        """The marked points: start, best and end."""
        return {"start": 0, "best": self.best, "end": len(self.x) - 1}


def with_own_titles(lines: Sequence[DrawnRun]) -> tuple[DrawnRun, ...]:
    """Runs of which no two have one name: those that would are called by their text forms."""
    count = Counter(line.words for line in lines)
    return tuple(
        replace(line, title=clipped(line.name, LONGEST_NAME)) if count[line.words] > 1 else line
        for line in lines
    )


def in_words(text: str, lines: Sequence[DrawnRun]) -> str:
    """A sentence about runs, or the name of an axis, with what readers call them for their names.

    A name counts only where a sentence about runs has one: "large" is also a plain word.
    """
    for line in sorted(lines, key=lambda each: -len(each.name)):
        words = line.words.replace("\\", r"\\")
        ends = r"(?=$|[,.;]| and | at step | diverged)"
        text = re.sub(
            rf"((?:for|of|run|and|: )\s?|, ){re.escape(line.name)}{ends}",
            rf"\g<1>{words}",
            text,
        )
    return text


def is_plural(words: str) -> bool:
    """Whether a verb behind the name of a run is a plural: "large steps end"."""
    return words.endswith((" steps", "rows a step"))


def beside(line: DrawnRun) -> str:
    """The text beside the name of a run in a legend."""
    if line.diverged:
        # The reason of a cut says more than the end, and a legend has room for one of them.
        return f"diverged; {line.part}" if line.cut and line.cut.at is not None else line.fate
    if line.verdict == "exact":
        return f"{line.fate}; drawn exactly"
    off, wrong, worst = (
        share.replace("less than 1 %", "< 1 %")
        for share in (percent(float(line.off[-1])), off_by(line.misfit), off_by(line.worst[0]))
    )
    return f"{line.fate}; {off} off the plane; off by {wrong}, at worst {worst}: {line.verdict}"
