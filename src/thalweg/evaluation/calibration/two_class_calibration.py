"""The calibration of two classes, all parts of it, and which of them so many rows allow."""

from dataclasses import dataclass

from thalweg.evaluation.answers import Answers, How
from thalweg.evaluation.calibration.calibration_shapes import TwoClassCalibrationData
from thalweg.evaluation.calibration.probability_rows import ProbabilityRows, probability_rows
from thalweg.evaluation.calibration.reliability_curve import (
    Decomposition,
    ReliabilityCurve,
    reliability,
)
from thalweg.evaluation.calibration.smooth_calibration import (
    SmoothCalibration,
    smooth_calibration,
)
from thalweg.evaluation.calibration.weak_calibration import (
    WeakCalibration,
    large_scale,
    weak_calibration,
)
from thalweg.evaluation.judging.intervals import Estimate
from thalweg.wording import amount

# Rows of each class: fewer allow O/E alone; up to the second number, a caution is given.
# Van Calster et al. 2016, J Clin Epidemiol 74:167-176, ask for 200 for a flexible curve.
FEWEST, ENOUGH = 20, 100
_OF_GROUPS = (
    "The band of the curve, and what calibrated probabilities would show, take rows as "
    "independent; rows of one group are not, so they may show more."
)


@dataclass(frozen=True, eq=False)
class TwoClassCalibration:
    """How far probabilities of two classes agree with the truth.

    Parameters
    ----------
    how : str
        How the predictions came about, as in `Answers`.
    n_rows, n_positive, n_negative : float
        The (effective) numbers of rows.
    observed_by_expected : Estimate
        O/E, the number of positive rows by the sum of the probabilities.
    weak : WeakCalibration, optional
    curve : ReliabilityCurve, optional
    brier, log_loss : Decomposition, optional
    smooth : SmoothCalibration, optional
        None if the logits have no logistic regression, such as one with separated classes.
    refused : str, optional
        Why the parts above are None, and what to do.
    caution : str, optional
        What so few rows cannot show, and what rows that depend on each other do not show.
    """

    how: How
    n_rows: float
    n_positive: float
    n_negative: float
    observed_by_expected: Estimate
    weak: WeakCalibration | None = None
    curve: ReliabilityCurve | None = None
    brier: Decomposition | None = None
    log_loss: Decomposition | None = None
    smooth: SmoothCalibration | None = None
    refused: str | None = None
    caution: str | None = None

    def as_dict(self) -> TwoClassCalibrationData:
        """Plain data for JSON."""
        weak, curve, brier, log_loss, smooth = (
            self.weak, self.curve, self.brier, self.log_loss, self.smooth
        )  # fmt: skip
        return {
            "n_rows": self.n_rows,
            "n_positive": self.n_positive,
            "n_negative": self.n_negative,
            "observed_by_expected": self.observed_by_expected.as_dict(),
            "weak": None if weak is None else weak.as_dict(),
            "curve": None if curve is None else curve.as_dict(),
            "brier": None if brier is None else brier.as_dict(),
            "log_loss": None if log_loss is None else log_loss.as_dict(),
            "smooth": None if smooth is None else smooth.as_dict(),
            "refused": self.refused,
            "caution": self.caution,
        }


def two_class_calibration(answers: Answers, seed: int = 0) -> TwoClassCalibration:
    """The calibration of probabilities of the positive class.

    Parameters
    ----------
    answers : Answers
        For two classes.
    seed : int, default 0
        Of the draws of calibrated predictions.

    Returns
    -------
    TwoClassCalibration
        The same for every order of the rows.
    """
    return of_rows(probability_rows(answers), answers.how, seed)


def of_rows(rows: ProbabilityRows, how: How, seed: int) -> TwoClassCalibration:
    """The calibration of rows in order."""
    positive, negative = rows.n_positive, rows.n_negative
    ratio = large_scale(rows)[1]
    if min(positive, negative) < FEWEST:
        return TwoClassCalibration(
            how, rows.n, positive, negative, ratio, refused=_refusal(positive, negative)
        )
    curve, brier, log_loss = reliability(rows, seed)
    few = [_caution(positive, negative)] if min(positive, negative) < ENOUGH else []
    dependent = [_OF_GROUPS] if rows.groups is not None else []
    return TwoClassCalibration(
        how, rows.n, positive, negative, ratio, weak_calibration(rows), curve, brier, log_loss,
        smooth_calibration(rows, seed), caution=" ".join(few + dependent) or None,
    )  # fmt: skip


def _refusal(positive: float, negative: float) -> str:
    return (
        f"Of {_rows(positive)} positive and {_rows(negative)} negative rows only the ratio of "
        f"observed to expected is given: slope and curve need {FEWEST} of each. "
        "Fix: evaluate on more rows, such as all of the table by cross-validation."
    )


def _caution(positive: float, negative: float) -> str:
    return (
        f"Only gross miscalibration can be seen in {_rows(positive)} positive and "
        f"{_rows(negative)} negative rows: {ENOUGH} of each are the least for more, "
        f"and {2 * ENOUGH} are usual."
    )


def _rows(n: float) -> str:
    """A number of rows; an effective one is rounded, and downwards."""
    return amount(float(int(n)), 12)
