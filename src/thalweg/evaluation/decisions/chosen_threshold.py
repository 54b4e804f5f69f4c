"""A threshold, with the rule that chose it, and how far it would move on other rows."""

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np

from thalweg.evaluation.answers import How
from thalweg.evaluation.decisions.decision_shapes import SpreadData, ThresholdData

Rule: TypeAlias = Literal[
    "given", "costs", "sensitivity", "specificity", "precision", "f", "tuned costs"
]
RULES: tuple[Rule, ...] = get_args(Rule)


@dataclass(frozen=True)
class Spread:
    """How far a threshold moves.

    Parameters
    ----------
    low, high : float
        The 95 % bootstrap interval of the threshold of all rows.
    folds : tuple of float
        What the rows of each fold choose alone; NaN if a fold cannot. Empty without folds.
    """

    low: float
    high: float
    folds: tuple[float, ...] = ()

    def as_dict(self) -> SpreadData:
        """The numbers as plain data for JSON; NaN is None."""
        return {
            "low": _plain(self.low),
            "high": _plain(self.high),
            "folds": [_plain(each) for each in self.folds],
        }


@dataclass(frozen=True)
class Threshold:
    """A threshold and where it comes from.

    Parameters
    ----------
    value : float or None
        A row is predicted positive if its probability is strictly above it. None if it is refused.
    by : str
        The rule.
    missed, alarm : float or None
        The costs of the two mistakes.
    floor : float or None
        The least sensitivity, specificity or precision.
    beta : float or None
        Of F: how many times as important sensitivity is as precision.
    confidence : float or None
        With what confidence new rows reach the floor. None if that is not claimed.
    how : str or None
        What kind of rows chose it, as in `Answers`. None: no row did.
    n_samples : int
        The rows that chose it.
    n_class : float
        Those that the floor is about: the positive, the negative, or the called ones; with
        fractional weights their effective number.
    not_met : float
        Those of them on the wrong side of the threshold.
    spread : Spread or None
    refused : str or None
        Why there is no threshold, and what to do about it.
    """

    value: float | None
    by: Rule
    missed: float | None = None
    alarm: float | None = None
    floor: float | None = None
    beta: float | None = None
    confidence: float | None = None
    how: How | None = None
    n_samples: int = 0
    n_class: float = 0
    not_met: float = 0
    spread: Spread | None = None
    refused: str | None = None

    def as_dict(self) -> ThresholdData:
        """The threshold as plain data for JSON."""
        return {
            "value": self.value,
            "by": self.by,
            "missed": self.missed,
            "alarm": self.alarm,
            "floor": self.floor,
            "beta": self.beta,
            "confidence": self.confidence,
            "how": self.how,
            "n_samples": self.n_samples,
            "n_class": self.n_class,
            "not_met": self.not_met,
            "spread": None if self.spread is None else self.spread.as_dict(),
            "refused": self.refused,
        }


def _plain(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
