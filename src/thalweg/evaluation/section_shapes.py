"""The sections of an evaluation as plain data: what a person needs from a number to a decision."""

from typing import NotRequired, TypedDict

from thalweg.evaluation.calibration.calibration_shapes import (
    MulticlassCalibrationData,
    QuantileCalibrationData,
    RegressionCalibrationData,
    TwoClassCalibrationData,
)
from thalweg.evaluation.conformal.conformal_shapes import IntervalCoverageData, SetCoverageData
from thalweg.evaluation.decisions.decision_shapes import (
    AbstentionData,
    DecisionCurveData,
    OperatingPointData,
    RiskCoverageData,
    ThresholdData,
)
from thalweg.evaluation.subgroups.group_shapes import SubgroupsData


class CalibrationSection(TypedDict):
    """How far the predictions can be believed."""

    found: (
        TwoClassCalibrationData
        | MulticlassCalibrationData
        | RegressionCalibrationData
        | QuantileCalibrationData
    )
    sentence: str


class ThresholdSection(TypedDict):
    """The threshold of the model, where it comes from, and what it does on these rows."""

    chosen: ThresholdData
    point: OperatingPointData
    sentence: str


class BenefitSection(TypedDict):
    """Net benefit over a range of thresholds, with that of a simpler model as ``other``."""

    curve: DecisionCurveData
    sentence: str


class AbstentionSection(TypedDict):
    """What is left without an answer at a price, and the share of errors among the surest rows."""

    at_price: AbstentionData
    line: RiskCoverageData
    sentence: str


class CoverageSection(TypedDict):
    """Intervals of numbers, or sets of classes, and the share of rows whose truth they hold."""

    found: IntervalCoverageData | SetCoverageData
    sentence: str


class SectionsData(TypedDict):
    """The sections; None where a task has none, or where a person asked for none.

    ``how`` and ``n_samples`` are those of the rows that all sections are computed from.
    ``left_out`` says why a section that the task has is not there; model files of before do not.
    """

    how: str
    n_samples: int
    calibration: CalibrationSection | None
    threshold: ThresholdSection | None
    benefit: BenefitSection | None
    abstention: AbstentionSection | None
    coverage: CoverageSection | None
    subgroups: SubgroupsData | None
    left_out: NotRequired[dict[str, str]]
