"""A place in a training run: all that the next step needs, copied."""

from dataclasses import dataclass
from typing import Any

from thalweg.training.checkpoint import Arrays, place_of, standing_of, table_of
from thalweg.training.descent_inputs import Course
from thalweg.training.descent_state import Standing
from thalweg.training.history import History

HISTORY = "history"


@dataclass(frozen=True, eq=False)
class PlaceInRun:
    """A place to which a run can go back.

    Attributes
    ----------
    counts : dict
        As a checkpoint has them.
    arrays : dict of ndarray
        As a checkpoint has them, without the history; nothing changes them.
    history : list of dict
        That of the run, which may be longer: its first epochs are those of this place.
    """

    counts: dict[str, Any]
    arrays: Arrays
    history: History

    @classmethod
    def of(cls, standing: Standing) -> "PlaceInRun":
        """Where a run stands now."""
        counts, arrays = place_of(standing, with_history=False)
        return cls(counts, {name: each.copy() for name, each in arrays.items()}, standing.history)

    @property
    def nbytes(self) -> int:
        """Its memory, without the history."""
        return sum(each.nbytes for each in self.arrays.values())

    def standing(self, course: Course) -> Standing:
        """The standing of a run that goes on from here.

        Raises
        ------
        ValueError
            The parts do not fit together, or are not those of this course.
        """
        arrays = {name: each.copy() for name, each in self.arrays.items()}
        arrays[HISTORY] = table_of(self.history[: self.counts["epochs"]])
        return standing_of(course, self.counts, arrays)
