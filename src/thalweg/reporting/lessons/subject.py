"""What a lesson is about: a fitted model of two classes, and rows of a table."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.estimators.classifier import ThalwegClassifier
from thalweg.evaluation.answers import Answers


@dataclass(frozen=True)
class Subject:
    """A fitted model and rows that it may be asked about.

    Attributes
    ----------
    model : ThalwegClassifier
        Of two classes.
    rows : Any
        The rows as the model takes them: a DataFrame, or rows that were read with their table.
    labels : ndarray of str, shape (n_rows,)
        The true labels.
    name : str
        Of the table.
    row : int
        The row that the reader chose, from 0.
    choosing, test : Answers, optional
        Answers for rows that the model was not trained on: those that choose a threshold, and those
        that are looked at once.
    kept : ndarray, optional
        The rows of the file, from 0, if some of them are left out.
    costs : pair of float, optional
        What a missed positive row and a false alarm cost; None for those of the lesson.
    """

    model: ThalwegClassifier
    rows: Any
    labels: NDArray[np.str_]
    name: str
    row: int = 0
    choosing: Answers | None = None
    test: Answers | None = None
    kept: NDArray[np.intp] | None = None
    costs: tuple[float, float] | None = None

    @property
    def number(self) -> int:
        """The number of the row in its file, from 1."""
        return 1 + (self.row if self.kept is None else int(self.kept[self.row]))
