"""Cost curve and Brier curve: the expected cost of a model at every share of the two costs.

Let a false alarm cost c and a missed positive row 1 - c, and the threshold be c, as the formula of
`cost_thresholds` says. A row then costs

cost(c) = (1 - c) FN(c) / n + c FP(c) / n,

which is (1 - c) π - (1 - c) NB(c): the decision curve turned over. Calling all rows positive costs
c (1 - π), and calling none (1 - c) π. Drummond & Holte 2006, "Cost curves", Machine Learning 65:95.

*The area* under 2 cost(c) is the Brier score, exactly: a positive row of probability p costs
∫ₚ¹ 2 (1 - c) dc = (1 - p)², a negative one p². Hernández-Orallo, Flach & Ferri 2012, "A unified
view of performance metrics", JMLR 13:2813.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thalweg.evaluation.answers import Answers
from thalweg.evaluation.decisions.cutoffs import Cutoffs, above, cutoffs
from thalweg.evaluation.decisions.decision_shapes import CostCurveData

# The steps of the curve that is drawn.
STEPS = 100

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class CostCurve:
    """Expected costs of a row; the tuples have one entry for each share.

    Parameters
    ----------
    shares : tuple of float
        What a false alarm costs, if it and a missed positive row together cost 1.
    model, all, none : tuple of float
        The costs of the model at its best threshold, of calling all rows positive, and none.
    area : float
        Twice the area under the curve of the model: the Brier score.
    """

    shares: tuple[float, ...]
    model: tuple[float, ...]
    all: tuple[float, ...]
    none: tuple[float, ...]
    area: float

    def as_dict(self) -> CostCurveData:
        """The curve as plain data for JSON."""
        return {
            "shares": [*self.shares],
            "model": [*self.model],
            "all": [*self.all],
            "none": [*self.none],
            "area": self.area,
        }


def cost_curve(answers: Answers) -> CostCurve:
    """The expected cost at the shares 0, 0.01, …, 1.

    Parameters
    ----------
    answers : Answers
        Those of two classes.

    Returns
    -------
    CostCurve
        It does not depend on the order of the rows.
    """
    cut = cutoffs(answers)
    shares = np.arange(STEPS + 1) / STEPS
    prevalence = float(cut.positive.sum() / (cut.positive.sum() + cut.negative.sum()))
    missed, alarms = _mistakes(cut)
    # The cut-off of a threshold: that of the highest probability that is not above it.
    place = np.searchsorted(cut.scores, shares, side="right")
    model = (1 - shares) * missed[place] + shares * alarms[place]
    return CostCurve(
        tuple(shares.tolist()),
        tuple(model.tolist()),
        tuple((shares * (1 - prevalence)).tolist()),
        tuple(((1 - shares) * prevalence).tolist()),
        _area(cut, missed, alarms),
    )


def _mistakes(cut: Cutoffs) -> tuple[Floats, Floats]:
    """The shares of all rows that are missed, and that are false alarms, at each cut-off."""
    found, alarms = above(cut.positive), above(cut.negative)
    n = found[0] + alarms[0]
    return (found[0] - found) / n, alarms / n


def _area(cut: Cutoffs, missed: Floats, alarms: Floats) -> float:
    """∫ 2 cost(c) dc: the cost is linear within a cut-off, so its middle gives it exactly."""
    middle, width = (cut.starts + cut.ends) / 2, cut.ends - cut.starts
    return float(np.sum(2 * width * ((1 - middle) * missed + middle * alarms)))
