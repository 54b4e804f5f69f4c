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
from thalweg.evaluation.importance.importance_sentences import ImportanceSection
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


class MissingEffectData(TypedDict):
    """The effect of a missing value."""

    mean: float
    low: float
    high: float
    members: list[float]
    rows: float
    supported: bool


class EffectData(TypedDict):
    """An effect curve (`thalweg.evaluation.effects.effect.Effect`), without bands.

    ``texts`` are those of levels and dates; empty for numbers. ``x`` are then 0, 1, …, or the days
    since 1970-01-01.
    """

    column: str
    kind: str
    values: str
    output: str
    x: list[float]
    texts: list[str]
    mean: list[float]
    members: list[list[float]]
    low: list[float]
    high: list[float]
    rows_in_bin: list[float]
    supported: list[bool]
    missing: MissingEffectData | None
    density: list[float]
    size: float
    base: float
    sentence: str
    notes: list[str]


class ColumnLeftOut(TypedDict):
    """A column without a curve, and why."""

    column: str
    why: str


class EffectsSection(TypedDict):
    """How the answers change with the columns, the most important first.

    ``answer`` says what an answer is, ``mean_probability`` is that of the positive one of two
    classes over the rows, and ``n_columns`` counts the columns of the model.
    """

    title: str
    answer: str
    scale: str
    # Of a predicted number; a page has it, and a file does not.
    unit: NotRequired[str]
    rows: str
    mean_probability: float | None
    curves: list[EffectData]
    n_columns: int
    without: list[ColumnLeftOut]
    notes: list[str]


class BarData(TypedDict):
    """A bar of a waterfall: what one column adds, or several others together.

    ``low`` and ``high`` are the least and the greatest contribution to the answer of one network.
    ``cell`` is None of several others.
    """

    column: str
    n_columns: int
    value: float
    low: float
    high: float
    cell: str | None


class ShownRowData(TypedDict):
    """The answer for one row, from the answer for the typical row on.

    ``label`` is the class whose probability it is. ``decimals`` are those of percentages or
    numbers, with which the bars add up; None if powers of ten are needed.
    """

    label: str | None
    decimals: int | None
    base: float
    answer: float
    bars: list[BarData]
    sentence: str
    notes: list[str]


class ExplainedRowData(ShownRowData):
    """The same for a row of the evaluation; ``row`` is its number in the file."""

    head: str
    row: int
    truth: str


class ExplainedSection(TypedDict):
    """Why some rows have their answers, if a person asked; ``n_networks`` are averaged."""

    title: str
    base: str
    n_networks: int
    rows: list[ExplainedRowData]
    notes: list[str]


class AboutModel(TypedDict):
    """What a model leans on, how its answers change with columns, and why rows have theirs.

    ``left_out`` says why one of them is not there.
    """

    importance: ImportanceSection | None
    effects: EffectsSection | None
    explained: ExplainedSection | None
    left_out: dict[str, str]


class SectionsData(TypedDict):
    """The sections; None where a task has none, or where a person asked for none.

    ``how`` and ``n_samples`` are those of the rows that all sections are computed from.
    ``left_out`` says why a section that the task has is not there; model files of before do not.
    Evaluations that no fitted model is known of, and these files, lack what is about a model.
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
    importance: NotRequired[ImportanceSection | None]
    effects: NotRequired[EffectsSection | None]
    explained: NotRequired[ExplainedSection | None]


def with_model(sections: SectionsData, about: AboutModel | None) -> SectionsData:
    """The sections with those about the model, if they are known."""
    if about is None:
        return sections
    left_out = {**sections.get("left_out", {}), **about["left_out"]}
    return {
        **sections, "importance": about["importance"], "effects": about["effects"],
        "explained": about["explained"], "left_out": left_out,
    }  # fmt: skip
