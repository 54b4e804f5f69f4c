"""The types of thresholds, decision curves and abstention as plain data for JSON."""

from typing import TypedDict, final

from thalweg.evaluation.judging.shapes import Count, EstimateData, Share, Size


class SpreadData(TypedDict):
    """How far a threshold moves: its bootstrap interval, and the optimum of each fold."""

    low: float | None
    high: float | None
    folds: list[float | None]


@final
class ThresholdData(TypedDict):
    """A threshold, the rule that chose it, and the rows that it was chosen on."""

    value: Share | None
    by: str
    missed: Size | None
    alarm: Size | None
    floor: Share | None
    beta: Size | None
    confidence: Share | None
    how: str | None
    n_samples: Count
    n_class: Count
    not_met: Count
    spread: SpreadData | None
    refused: str | None


@final
class OperatingPointData(TypedDict):
    """What a threshold does on some rows."""

    threshold: Share | None
    how: str
    n_samples: Count
    true_positive: Count
    false_negative: Count
    false_positive: Count
    true_negative: Count
    sensitivity: EstimateData
    specificity: EstimateData
    ppv: EstimateData
    npv: EstimateData
    accuracy: EstimateData
    missed: Size | None
    alarm: Size | None
    cost: EstimateData | None


@final
class DecisionCurveData(TypedDict):
    """Net benefit at each threshold; the lists have one entry for each threshold."""

    how: str
    n_samples: Count
    n_positive: Count
    named: bool
    thresholds: list[Share]
    model: list[EstimateData]
    all: list[float]
    none: list[float]
    gain: list[EstimateData]
    avoided: list[float]
    few: list[bool]
    other: list[float] | None
    gain_over_other: list[EstimateData] | None
    refused: str | None


@final
class CostCurveData(TypedDict):
    """Expected cost by the share of a false alarm in the costs."""

    shares: list[Share]
    model: list[Size]
    all: list[Size]
    none: list[Size]
    area: Size


@final
class AbstentionData(TypedDict):
    """What is answered and what is not, at the price of no answer."""

    price: Share
    how: str
    n_samples: Count
    n_answered: Count
    n_wrong: Count
    answered: EstimateData
    wrong: EstimateData
    cost: Size


@final
class RiskCoverageData(TypedDict):
    """The share of errors among the surest rows."""

    how: str
    n_samples: Count
    coverage: list[Share]
    risk: list[EstimateData]
    aurc: Share
