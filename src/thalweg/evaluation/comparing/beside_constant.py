"""Whether a model is shown to know more than a constant answer: one decision for all who ask.

A model knows more if it is called better than the constant by the one rule (`margin_rule`), also if
by less than the margin. So what a verdict says of a constant answer, and what is said of columns,
curves and single rows, cannot contradict each other:

==========================  ========================================================================
rows                        the comparison
==========================  ========================================================================
those of a verdict          that of the verdict: on its rows, or over its folds
other rows                  the same, `compare_answers`, on these rows
rows that networks held     the difference of the mean losses, with an interval √2 as wide, because
out, each alone             rows depend on each other through these networks (`loss_rise`)
==========================  ========================================================================

*The constant* is the best one of the training rows, as in a verdict: the shares of the classes, the
mean, or the quantile of the model. Where the training rows are not known, it is the best one of the
rows themselves, which is never easier to beat.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from thalweg.errors import DataError
from thalweg.evaluation.answers import Answers
from thalweg.evaluation.comparing.compared_answers import ruling_of
from thalweg.evaluation.comparing.margin_rule import BETTER, BETTER_LITTLE, Margin, Ruling
from thalweg.evaluation.comparing.paired_differences import paired_difference
from thalweg.evaluation.comparing.ruling_sentences import signed, too_few
from thalweg.evaluation.judging.intervals import Estimate
from thalweg.evaluation.task_kinds import LOGISTIC, RIDGE, TREES
from thalweg.wording import counted

# How the error begins where an order of columns would be one of noise.
KNOWS_NOTHING = "The model is not shown to know more than a constant answer"
# How it ends.
NO_ORDER = "An order of its columns would be one of noise"
_MODELS = (LOGISTIC, RIDGE, TREES)


class Judged(Protocol):
    """What a verdict says of a constant answer."""

    @property
    def differences(self) -> Mapping[str, Ruling]:
        """The model compared with each baseline."""

    @property
    def others(self) -> Mapping[str, Answers]:
        """The answers of each baseline."""

    @property
    def places(self) -> np.ndarray | None:
        """The row of the table that each answer is for."""


@dataclass(frozen=True, eq=False)
class BesideConstant:
    """A model compared with a constant answer.

    Parameters
    ----------
    name : str
        Of the constant answer.
    ruling : Ruling
        The model compared with it.
    n_rows : int
        The rows of the comparison.
    places, answer : ndarray
        The rows of the table, and what the constant answers for each: in folds, that of the fold.
    """

    name: str
    ruling: Ruling
    n_rows: int
    places: np.ndarray
    answer: np.ndarray

    @classmethod
    def of_verdict(cls, verdict: Judged) -> "BesideConstant | None":
        """What a verdict found; None if it has no constant answer beside the model."""
        names = [*constants_of(verdict.differences)]
        if not names or names[0] not in verdict.others or verdict.places is None:
            return None
        answers = verdict.others[names[0]]
        return cls(
            names[0], verdict.differences[names[0]], len(answers), verdict.places, answers.answer
        )

    def at(self, places: np.ndarray) -> np.ndarray:
        """What the constant answers for these rows of the table."""
        order = np.argsort(self.places, kind="stable")
        found = np.searchsorted(self.places[order], places)
        return np.asarray(self.answer[order[found]])


def constants_of(differences: Mapping[str, object]) -> list[str]:
    """The names of the constant answers among baselines."""
    return [name for name in differences if name not in _MODELS]


def shows_more(verdict: str) -> bool:
    """Whether one of `margin_rule.VERDICTS` about a constant answer says that it is beaten."""
    return verdict in (BETTER, BETTER_LITTLE)


def require_knowledge(name: str, ruling: Ruling, n_rows: int) -> None:
    """Raise a DataError unless a model is called better than a constant answer.

    Parameters
    ----------
    name, ruling, n_rows
        As in `BesideConstant`.
    """
    if shows_more(ruling.verdict):
        return
    raise DataError(
        f"{KNOWS_NOTHING}, so there is nothing that its columns could be important for",
        where=_where(name, ruling, n_rows),
        why=NO_ORDER,
        fix="fit a model that is better than the constant answer, or give more rows that it was "
        "not trained on",
    )


def _where(name: str, ruling: Ruling, n_rows: int) -> str:
    """The difference from the constant answer, and that rows are too few for any."""
    at, measure = ruling.difference.at_95, ruling.measure
    rows = counted(n_rows, "row")
    size = "not defined"
    if all(map(math.isfinite, (at.value, at.low, at.high))):
        value, low, high = signed(measure, (at.value, at.low, at.high))
        size = f"{value}, 95 % interval {low} to {high}"
    few = f"; {too_few(ruling, n_rows)}" if ruling.is_of_few else ""
    return f'{measure} minus that of "{name}": {size}, {rows}{few}'


def ruling_on_losses(
    measure: str, rows: Answers, own: np.ndarray, of_constant: np.ndarray, seed: int
) -> Ruling:
    """The ruling where each row was held out by a network of its own, or by several.

    Parameters
    ----------
    measure : str
    rows : Answers
        Targets, weights and groups.
    own, of_constant : ndarray of float64, shape (n_rows,)
        The loss of each row.
    seed : int
        Of the interval.
    """
    found = paired_difference(own, of_constant, seed, rows.in_rows(), rows.groups)
    wide = replace(found, at_95=widened(found.at_95), at_90=widened(found.at_90))
    return ruling_of(measure, rows, wide, Margin(0.0))


def widened(found: Estimate) -> Estimate:
    """The interval of a mean in whose variance each pair of rows counts twice."""
    value, root = found.value, np.sqrt(2.0)
    low, high = (float(value + root * (end - value)) for end in (found.low, found.high))
    return Estimate(value, low, high)
