"""The shapes of judgements and verdicts as plain data: what JSON, model files and pages hold.

They stand here once. The types check what writes and reads them, a model file is held against
forms that are made from them (`thalweg.persistence.judgement_form`), and a page looks for their
keys.
"""

from typing import Annotated, TypeAlias, TypedDict, final

# A whole number from 0 on; in a cross-validation that is repeated the mean of several.
Count = Annotated[float, "count"]
Share = Annotated[float, "from 0 to 1"]
Size = Annotated[float, "from 0 on"]
# The number of steps of the grid of thresholds.
Steps = Annotated[int, "steps"]


class EstimateData(TypedDict):
    """A number with its interval: None where it is undefined, "Infinity" where it is infinite."""

    value: float | str | None
    low: float | str | None
    high: float | str | None


class ComparisonData(EstimateData):
    """A difference, the margin, and what they show of the network."""

    comparison: str
    measure: str
    margin: float


class ConfusionData(TypedDict):
    """Rows of two classes by what they are and what they were called."""

    true_positive: Count
    false_negative: Count
    false_positive: Count
    true_negative: Count


class JudgementData(TypedDict):
    """What every judgement of a model has."""

    n_samples: Count
    metrics: dict[str, EstimateData]


class TwoClassesData(JudgementData):
    """A judgement of two classes."""

    n_positive: Count
    threshold: Share
    confusion: ConfusionData


class ClassesData(JudgementData):
    """A judgement of several classes; ``confusion[i][j]``: rows of class i that were called j."""

    costs: list[Size]
    confusion: list[list[Count]]
    recall: list[EstimateData]
    precision: list[EstimateData]


class ValuesData(JudgementData):
    """A judgement of numbers."""


class VerdictHead(TypedDict):
    """What the verdicts of all tasks have."""

    task: str
    how: str
    n_train: Count
    n_test: Count
    comparisons: dict[str, ComparisonData]
    sentence: str


@final
class TwoClassesVerdict(VerdictHead):
    """A verdict on two classes."""

    positive: str
    negative: str
    network: TwoClassesData
    baselines: dict[str, TwoClassesData]


@final
class ClassesVerdict(VerdictHead):
    """A verdict on several classes."""

    classes: list[str]
    network: ClassesData
    baselines: dict[str, ClassesData]


@final
class ValuesVerdict(VerdictHead):
    """A verdict on numbers."""

    network: ValuesData
    baselines: dict[str, ValuesData]


VerdictData: TypeAlias = TwoClassesVerdict | ClassesVerdict | ValuesVerdict


class RocData(TypedDict):
    """The vertices of a ROC curve, in rows."""

    true_positive: list[Count]
    false_positive: list[Count]


class HistogramData(TypedDict):
    """Rows of each class by probability."""

    positive: list[Count]
    negative: list[Count]


class CurvesData(TypedDict):
    """Counts at every threshold, for the pictures of two classes."""

    n_positive: Count
    n_negative: Count
    steps: Steps
    true_positive: list[Count]
    false_positive: list[Count]
    roc: RocData
    histogram: HistogramData


class ResidualsData(TypedDict):
    """Counts by true and predicted value, for the pictures of numbers."""

    low: float
    high: float
    counts: list[list[Count]]
    reach: Size
    residuals: list[Count]
