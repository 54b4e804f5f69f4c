"""`sections_of`: all that stands between predictions and a decision, computed from one set of rows.

Each section refuses for itself where its rows are too few, and says why. What a task does not have
(a threshold in regression) is None.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

import numpy as np

from thalweg.errors import SettingsError
from thalweg.evaluation.answers import Answers, How
from thalweg.evaluation.any_estimator.decided_labels import certain, most_probable
from thalweg.evaluation.calibration.calibration_sentences import calibration_sentence
from thalweg.evaluation.calibration.class_calibration import (
    MulticlassCalibration,
    multiclass_calibration,
)
from thalweg.evaluation.calibration.regression_calibration import (
    QuantileCalibration,
    RegressionCalibration,
    quantile_calibration,
    regression_calibration,
)
from thalweg.evaluation.calibration.two_class_calibration import (
    TwoClassCalibration,
    two_class_calibration,
)
from thalweg.evaluation.conformal.coverage_sentences import coverage_sentence
from thalweg.evaluation.conformal.measured_coverage import (
    IntervalCoverage,
    SetCoverage,
    interval_coverage,
    set_coverage,
)
from thalweg.evaluation.decisions.abstention import (
    Abstention,
    RiskCoverage,
    abstain,
    risk_coverage,
)
from thalweg.evaluation.decisions.chosen_threshold import Threshold
from thalweg.evaluation.decisions.cost_thresholds import cheapest_class
from thalweg.evaluation.decisions.decision_curve import DecisionCurve, decision_curve
from thalweg.evaluation.decisions.decision_sentences import (
    abstention_sentence,
    benefit_sentence,
    threshold_sentence,
)
from thalweg.evaluation.decisions.operating_point import OperatingPoint, at_threshold
from thalweg.evaluation.section_shapes import SectionsData
from thalweg.evaluation.section_texts.reasons_left_out import ALIKE, OF_OWN_LOSS
from thalweg.evaluation.subgroups.group_judging import judge_groups
from thalweg.evaluation.subgroups.group_tables import Subgroups
from thalweg.evaluation.task_kinds import (
    ONE_NUMBER,
    SEVERAL_QUANTILES,
    TWO_CLASSES,
    TaskKind,
)
from thalweg.wording import parameter

AnyCalibration = (
    TwoClassCalibration | MulticlassCalibration | RegressionCalibration | QuantileCalibration
)
# An error costs as much as ten rows without an answer, where nobody says another price.
PRICE = 0.1
_HALF = 0.5


@dataclass(frozen=True, eq=False)
class Covered:
    """Intervals of numbers or sets of classes of the evaluated rows.

    Parameters
    ----------
    held : ndarray
        Intervals, shape (n_samples, 2), or sets of bool, shape (n_samples, n_classes).
    level : float
        The nominal level.
    scaled : bool, default False
        Whether intervals are scaled, that is wide where errors are large.
    """

    held: np.ndarray
    level: float = 0.9
    scaled: bool = False


@dataclass(frozen=True)
class NotCovered:
    """Why there are no intervals or sets, as the end of a sentence."""

    why: str


@dataclass(frozen=True)
class Sections:
    """The sections of an evaluation; None where a task has none, or nobody asked for one.

    Parameters
    ----------
    how : str
        What kind of rows all sections are computed from, as in `Answers`.
    n_samples : int
    classes : tuple of str
        The names of the classes; of two, the negative one is first.
    calibration : AnyCalibration or None
        `QuantileCalibration` of a model of a quantile, or of the median.
    threshold, point : Threshold and OperatingPoint, or None
        Of two classes: the threshold, and what it does on these rows.
    benefit : DecisionCurve or None
        Of two classes.
    abstention, line : Abstention and RiskCoverage, or None
        None in regression, and at a threshold that is not 0.5: they count both mistakes alike.
    coverage : IntervalCoverage, SetCoverage or None
    subgroups : Subgroups or None
    left_out : mapping of str to str
        Why a section that the task has is not there, a sentence each.
    grades : tuple of str
        The names of classes in an order, in that order; sentences have it.
    """

    how: How
    n_samples: int
    classes: tuple[str, ...]
    calibration: AnyCalibration | None = None
    threshold: Threshold | None = None
    point: OperatingPoint | None = None
    benefit: DecisionCurve | None = None
    abstention: Abstention | None = None
    line: RiskCoverage | None = None
    coverage: IntervalCoverage | SetCoverage | None = None
    subgroups: Subgroups | None = None
    left_out: Mapping[str, str] = field(default_factory=dict)
    grades: tuple[str, ...] = ()

    def sentences(self) -> dict[str, str]:
        """What each section says, by its key in `as_dict`."""
        said, names = {}, (self.classes, self.grades)
        if self.calibration is not None:
            said["calibration"] = calibration_sentence(self.calibration, *names)
        if self.threshold is not None:
            said["threshold"] = threshold_sentence(self.threshold, self.point, self.classes)
        if self.benefit is not None and self.threshold is not None:
            at = _HALF if self.threshold.value is None else self.threshold.value
            said["benefit"] = benefit_sentence(
                self.benefit, at, self.classes, costs_named=_names_costs(self.threshold)
            )
        if self.abstention is not None:
            default = self.abstention.price == PRICE
            said["abstention"] = abstention_sentence(self.abstention, default=default)
        if self.coverage is not None:
            said["coverage"] = coverage_sentence(self.coverage, *names)
        if self.subgroups is not None:
            said["subgroups"] = self.subgroups.refused or self.subgroups.sentence
        return {**said, **self.left_out}

    def as_dict(self) -> SectionsData:
        """The sections as plain data for JSON, with their sentences."""
        said = self.sentences()
        parts: dict[str, dict[str, object]] = {}
        if self.calibration is not None:
            parts["calibration"] = {"found": self.calibration.as_dict()}
        if self.threshold is not None and self.point is not None:
            parts["threshold"] = {
                "chosen": self.threshold.as_dict(), "point": self.point.as_dict()
            }  # fmt: skip
        if self.benefit is not None:
            parts["benefit"] = {"curve": self.benefit.as_dict()}
        if self.abstention is not None and self.line is not None:
            parts["abstention"] = {
                "at_price": self.abstention.as_dict(), "line": self.line.as_dict()
            }  # fmt: skip
        if self.coverage is not None:
            parts["coverage"] = {"found": self.coverage.as_dict()}
        plain = {
            "how": self.how,
            "n_samples": self.n_samples,
            **{
                key: {**parts[key], "sentence": said[key]} if key in parts else None
                for key in ("calibration", "threshold", "benefit", "abstention", "coverage")
            },
            "subgroups": None if self.subgroups is None else self.subgroups.as_dict(),
            "left_out": dict(self.left_out),
        }
        # A test checks the shape for every task.
        return cast(SectionsData, plain)


def sections_of(
    answers: Answers,
    *,
    kind: TaskKind,
    classes: Sequence[str] = (),
    threshold: Threshold | float = _HALF,
    costs: np.ndarray | None = None,
    other: Answers | None = None,
    covered: Covered | NotCovered | None = None,
    by: Mapping[str, np.ndarray] | None = None,
    benefit: tuple[float | None, float | None] = (None, None),
    price: float = PRICE,
    quantile: float | None = None,
    own_loss: bool = False,
    seed: int = 0,
) -> Sections:
    """The sections of an evaluation: the same for every order of the rows.

    Parameters
    ----------
    answers, kind : Answers and TaskKind
    classes : sequence of str
        Their names, in the order of the columns; of two, the negative one first.
    threshold : Threshold or float, default 0.5
        Of two classes, with its rule and costs if they are known; of one that is refused, 0.5.
    costs : ndarray of float, shape (n_classes,), optional
        Of several classes: what a mistake on each class costs the model.
    other : Answers, optional
        Of a simpler model for the same rows in the same order, for net benefit.
    covered, by : Covered or NotCovered, and mapping of str to ndarray, shape (n_samples,), optional
        Intervals or sets, whose coverage is measured; columns whose groups are evaluated.
    benefit, price : (float or None, float or None), and float, default 0.1
        The ends of the decision curve, None for a default; what no answer costs, if an error is 1.
    quantile : float, optional
        In regression: the level of the quantile that the model predicts, 0.5 of the median.
    own_loss, seed : bool, default False, and int, default 0
        Whether a person wrote the loss, so that nothing says what calibrated would be.
    """
    chosen = threshold if isinstance(threshold, Threshold) else Threshold(float(threshold), "given")
    at = _HALF if chosen.value is None else chosen.value
    point = curve = abstained = line = None
    if kind is TWO_CLASSES:
        point = _point(answers, chosen)
        curve = decision_curve(answers, *benefit, at=at, other=other, seed=seed, classes=classes)
    if _calls_the_most_probable(answers, kind, at, costs):
        abstained, line = abstain(answers, price), risk_coverage(answers)
    return Sections(
        how=answers.how,
        n_samples=len(answers),
        classes=tuple(map(str, classes)),
        calibration=None if own_loss else calibration_of(answers, kind, quantile, seed, classes),
        threshold=chosen if kind is TWO_CLASSES else None,
        point=point,
        benefit=curve,
        abstention=abstained,
        line=line,
        coverage=_measured(answers, covered, kind, classes),
        subgroups=None if not by else groups_of(answers, by, kind, classes, at, costs, quantile),
        left_out=_left_out(kind, abstained, covered, own_loss=own_loss),
    )


def _calls_the_most_probable(
    answers: Answers, kind: TaskKind, at: float, costs: np.ndarray | None
) -> bool:
    """Whether the most probable class is called: both mistakes count alike."""
    alike = at == _HALF and (costs is None or len(np.unique(costs)) == 1)
    return kind.of_classes and alike and most_probable(answers)


def _measured(
    answers: Answers,
    covered: Covered | NotCovered | None,
    kind: TaskKind,
    classes: Sequence[str],
) -> IntervalCoverage | SetCoverage | None:
    if not isinstance(covered, Covered):
        return None
    return coverage_of(answers, covered, kind, classes)


def _left_out(
    kind: TaskKind,
    abstained: Abstention | None,
    covered: Covered | NotCovered | None,
    *,
    own_loss: bool,
) -> dict[str, str]:
    """Why a section that the task has is not there."""
    left_out = {"calibration": OF_OWN_LOSS} if own_loss else {}
    if kind.of_classes and abstained is None:
        left_out["abstention"] = ALIKE
    if isinstance(covered, NotCovered):
        what = "Intervals" if kind is ONE_NUMBER else "Sets"
        left_out["coverage"] = f"{what} are not given: {covered.why}."
    if own_loss:
        left_out["calibration"] = OF_OWN_LOSS
    return left_out


def _point(answers: Answers, chosen: Threshold) -> OperatingPoint:
    """What the threshold does; where none explains the labels of `predict`, what these do."""
    if chosen.value is not None or answers.predicted is None:
        at = _HALF if chosen.value is None else chosen.value
        return at_threshold(answers, at, missed=chosen.missed, alarm=chosen.alarm)
    return replace(at_threshold(replace(answers, answer=certain(answers)), _HALF), threshold=None)


def _names_costs(chosen: Threshold) -> bool:
    """Whether a person said what the two mistakes cost: equal costs are the default."""
    return chosen.by == "costs" and chosen.missed != chosen.alarm


def calibration_of(
    answers: Answers,
    kind: TaskKind,
    quantile: float | None,
    seed: int,
    classes: Sequence[str] = (),
) -> AnyCalibration | None:
    """The calibration of probabilities, of means, or of quantiles of this level.

    Of several quantiles there is none: each evaluation has the coverage of its levels.
    """
    if kind is SEVERAL_QUANTILES:
        return None
    if kind is ONE_NUMBER and quantile is not None:
        return quantile_calibration(answers, quantile)
    if kind is ONE_NUMBER:
        return regression_calibration(answers)
    if kind is TWO_CLASSES:
        return two_class_calibration(answers, seed, classes)
    return multiclass_calibration(answers, seed)


def coverage_of(
    answers: Answers, covered: Covered, kind: TaskKind, classes: Sequence[str]
) -> IntervalCoverage | SetCoverage:
    """The measured coverage of intervals or sets."""
    if kind is ONE_NUMBER:
        return interval_coverage(answers, covered.held, covered.level, scaled=covered.scaled)
    return set_coverage(answers, covered.held, [*classes], covered.level)


def groups_of(
    answers: Answers,
    by: Mapping[str, np.ndarray],
    kind: TaskKind,
    classes: Sequence[str],
    threshold: float,
    costs: np.ndarray | None,
    quantile: float | None,
) -> Subgroups:
    """The groups of some columns, by the decision rule of the model."""
    if kind is SEVERAL_QUANTILES:
        raise SettingsError(
            "Groups of rows are evaluated for one answer, and these are several quantiles",
            fix=f"evaluate one level, as in {parameter('for_target', 0.9)}; or leave the groups "
            "out",
        )
    several = kind.of_classes and kind is not TWO_CLASSES
    predicted = cheapest_class(answers.answer, costs) if several and costs is not None else None
    at: float | np.ndarray = threshold
    if several and answers.predicted is not None:
        predicted = answers.predicted
    elif answers.predicted is not None and np.any((answers.answer > at) != answers.predicted):
        at = np.where(answers.predicted, -1.0, 2.0)  # no threshold explains them
    return judge_groups(
        answers,
        by,
        threshold=at,
        predicted=predicted,
        classes=[*classes] if kind.of_classes else (),
        quantile=quantile,
    )
