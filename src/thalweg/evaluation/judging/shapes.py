"""The types of evaluation results as plain data, in JSON, model files and pages.

They are defined once, here. Type checks cover the code that writes and reads them, a model file is
checked against forms that are made from them (`thalweg.persistence.judgement_form`), and a page
reads their keys.
"""

from typing import Annotated, NotRequired, TypeAlias, TypedDict, final

# A whole number from 0; in repeated cross-validation the mean of several; of weighted rows the sum
# of weights whose mean is 1.
Count = Annotated[float, "count"]
# A whole number from 0, of rows that are there.
Rows = Annotated[float, "rows"]
Share = Annotated[float, "from 0 to 1"]
Size = Annotated[float, "from 0 on"]
# The number of steps of the grid of thresholds.
Steps = Annotated[int, "steps"]


class EstimateData(TypedDict):
    """A number with its interval: None if it is undefined, "Infinity" if it is infinite."""

    value: float | str | None
    low: float | str | None
    high: float | str | None


class ChancesData(TypedDict):
    """The probabilities that a model is worse, practically equal and better."""

    worse: Share
    equal: Share
    better: Share


class DifferenceData(EstimateData):
    """A difference with its 95 % and 90 % intervals, the margin, and what follows for the network.

    ``rows_needed`` is None if it is unknown, and ``n_folds`` and ``chances`` are None without
    cross-validation. The 90 % interval is None in files that were written before it was known.
    """

    low90: float | str | None
    high90: float | str | None
    measure: str
    margin: float
    margin_from: str
    verdict: str
    rows_needed: int | None
    n_folds: int | None
    chances: ChancesData | None


class ConfusionData(TypedDict):
    """Rows of two classes by true and predicted class."""

    true_positive: Count
    false_negative: Count
    false_positive: Count
    true_negative: Count


class JudgementData(TypedDict):
    """What every evaluation of a model has; ``n_effective`` only where rows have weights."""

    n_samples: Rows
    n_effective: NotRequired[Size]
    metrics: dict[str, EstimateData]


class TwoClassesData(JudgementData):
    """The evaluation of two classes."""

    n_positive: Count
    threshold: Share
    confusion: ConfusionData


class ClassesData(JudgementData):
    """The evaluation of several classes; ``confusion[i][j]``: rows of class i predicted as j."""

    costs: list[Size]
    confusion: list[list[Count]]
    recall: list[EstimateData]
    precision: list[EstimateData]


class ValuesData(JudgementData):
    """The evaluation of a regression."""


class QuantilesData(JudgementData):
    """The evaluation of several quantiles; lists have an element for each level.

    ``below`` are the shares of rows below the predictions, and ``between`` those between the levels
    τ and 1 - τ, the widest pair first.
    """

    levels: list[Share]
    pinball: list[EstimateData]
    below: list[EstimateData]
    between: list[EstimateData]


class RefitData(TypedDict):
    """That the saved model was trained again, after another one had been evaluated."""

    n_rows: Count


class VerdictHead(TypedDict):
    """What the verdicts of all tasks have.

    ``subject``: what the model is called, if it is no network. ``refit``: after the evaluation, the
    saved model was trained on more rows.
    """

    task: str
    how: str
    n_train: Rows
    n_test: Rows
    differences: dict[str, DifferenceData]
    sentence: str
    subject: NotRequired[str]
    refit: NotRequired[RefitData]


@final
class TwoClassesVerdict(VerdictHead):
    """The verdict for two classes."""

    positive: str
    negative: str
    network: TwoClassesData
    baselines: dict[str, TwoClassesData]


@final
class ClassesVerdict(VerdictHead):
    """The verdict for several classes."""

    classes: list[str]
    # The classes from the lowest grade to the highest, if they have an order.
    grades: NotRequired[list[str]]
    network: ClassesData
    baselines: dict[str, ClassesData]


@final
class ValuesVerdict(VerdictHead):
    """The verdict for regression."""

    network: ValuesData
    baselines: dict[str, ValuesData]


@final
class QuantilesVerdict(VerdictHead):
    """The verdict for several quantiles."""

    network: QuantilesData
    baselines: dict[str, QuantilesData]


VerdictData: TypeAlias = TwoClassesVerdict | ClassesVerdict | ValuesVerdict | QuantilesVerdict


class RocData(TypedDict):
    """The vertices of a ROC curve, in rows."""

    true_positive: list[Count]
    false_positive: list[Count]


class HistogramData(TypedDict):
    """Rows of each class by probability."""

    positive: list[Count]
    negative: list[Count]


class EffectiveData(TypedDict):
    """Kish's effective number of the rows of each class, and of all rows."""

    positive: Size
    negative: Size
    all: Size


class CurvesData(TypedDict):
    """Counts at every threshold, for the pictures of two classes.

    ``effective`` is there only where rows have weights.
    """

    n_positive: Count
    n_negative: Count
    steps: Steps
    true_positive: list[Count]
    false_positive: list[Count]
    roc: RocData
    histogram: HistogramData
    effective: NotRequired[EffectiveData]


class ResidualsData(TypedDict):
    """Counts by true and predicted value, for the pictures of a regression."""

    low: float
    high: float
    counts: list[list[Count]]
    reach: Size
    residuals: list[Count]


class FanData(TypedDict):
    """Predicted quantiles and the true values of groups of rows, for the picture of quantiles.

    ``predicted`` has a list for each level, of the medians of groups; ``truth`` the quantile of
    the true values of each group, of the middle level.
    """

    rows: list[Count]
    predicted: list[list[float]]
    truth: list[float]
