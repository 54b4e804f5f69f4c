"""What ``thalweg fit`` gives: an evaluated model."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from thalweg.evaluation.judging.shapes import VerdictData
from thalweg.jobs.running.outcome import Outcome

if TYPE_CHECKING:
    from thalweg.persistence.rebuilt import Model


@dataclass(frozen=True, kw_only=True, eq=False)
class FitOutcome(Outcome):
    """An evaluated model.

    Attributes
    ----------
    model : ThalwegClassifier or ThalwegRegressor
        Fitted.
    evaluated : mapping of str to verdict
        The evaluation of each of several targets; empty for one.
    together : tuple of str
        How several targets go together, in sentences.
    """

    model: "Model"
    evaluated: Mapping[str, VerdictData] = field(default_factory=dict)
    together: tuple[str, ...] = ()
