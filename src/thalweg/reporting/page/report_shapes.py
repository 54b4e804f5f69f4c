"""The keys of the plain data from which the HTML report is made, for each task.

A page checks these keys before anything is drawn (`thalweg.reporting.page.task_kind_pages`).
"""

from typing import Any, NotRequired, TypeAlias, TypedDict

from thalweg.evaluation.judging.shapes import (
    ClassesData,
    ClassesVerdict,
    CurvesData,
    FanData,
    QuantilesData,
    QuantilesVerdict,
    ResidualsData,
    TwoClassesData,
    TwoClassesVerdict,
    ValuesData,
    ValuesVerdict,
)
from thalweg.evaluation.section_shapes import SectionsData
from thalweg.training.history import History


class LevelData(TypedDict):
    """A level of a column, and the number of its rows."""

    name: str
    rows: int


class ColumnData(TypedDict):
    """The summary of a column; without numbers there are no ends. Old files lack the levels."""

    name: str
    kind: str
    missing: int
    low: float | None
    median: float | None
    high: float | None
    levels: NotRequired[list[LevelData] | None]
    n_levels: NotRequired[int | None]


class RangeData(TypedDict):
    """The range of a numeric target."""

    low: float
    median: float
    high: float


class AboutTable(TypedDict):
    """The summary of a table; with the rows of each class, or the range of the target.

    Of predictions alone, no columns are known; ``name`` and ``target`` are "" if they are not
    known. ``unit`` is that of a numeric target; a target without one, and a model file, lack it.
    """

    name: str
    target: str
    notes: list[str]
    columns: NotRequired[list[ColumnData]]
    class_counts: NotRequired[dict[str, int]]
    target_range: NotRequired[RangeData]
    unit: NotRequired[str]


class ReportTable(AboutTable):
    """The same, with the numbers of training and test rows and the classes from the verdict."""

    n_rows: int
    n_train: NotRequired[int]
    n_test: NotRequired[int]
    positive: NotRequired[str]
    negative: NotRequired[str]
    classes: NotRequired[list[str]]


class EncodingData(TypedDict):
    """How the first inputs are encoded; the others are parts of dates and mark missing cells.

    Only bins have ends.
    """

    center: list[float]
    scale: list[float]
    low: list[float | None]
    high: list[float | None]


class NetworkData(TypedDict):
    """The first network.

    ``sizes`` begins with the inputs; ``inputs`` are the names of the encoded columns, and
    ``columns`` the column of each of them; ``theta`` contains all weights and biases, or is None
    for a page that may have no weight; ``members`` is the number of averaged networks;
    ``optimizer`` is the text of the one that ran; ``calibration`` says whether predictions are
    corrected, if that was asked for. For two classes, the output is the log-odds of the class
    ``logit_of``, and ``turned`` says whether the last weights and bias were multiplied by -1 for
    that; for other tasks, ``outputs`` are the names of the outputs. ``taught_by`` says which rows
    trained it, as a part of a sentence, where they are not the training rows of the table; ``seed``
    is that of the fit.
    """

    sizes: list[int]
    activations: list[str]
    inputs: list[str]
    columns: list[int | None]
    theta: list[float] | None
    members: int
    encoding: EncodingData
    loss: str
    alpha: float
    dropout: float
    optimizer: str
    batch_size: int | str
    max_iter: int
    unlike_default: list[str]
    calibration: NotRequired[str | None]
    logit_of: NotRequired[str]
    turned: NotRequired[bool]
    outputs: NotRequired[list[str]]
    taught_by: NotRequired[str]
    seed: NotRequired[int]


class TrainingData(TypedDict):
    """How a network was trained; ``status`` is the name of a `thalweg.errors.Status`.

    Of a training that went on after a fit, or in batches, ``ended`` and ``title`` say how.
    """

    history: History
    best_epoch: int
    stopping: str
    status: str
    scoring: NotRequired[str | None]
    ended: NotRequired[str]
    title: NotRequired[str]


class LandscapeData(TypedDict):
    """The result of `thalweg.reporting.landscape.landscape_section.landscape_section`."""

    finding: str
    subtitle: str
    sentences: list[str]
    light: str
    dark: str


class RowsData(TypedDict):
    """Which rows an evaluation is from, unless a fit held them out.

    ``how`` is that of `thalweg.evaluation.answers.Answers`; ``known`` one of the kinds in
    `thalweg.reporting.page.rows_in_words`; ``n_rounds`` the repetitions of a cross-validation;
    ``in_folds`` says whether each fold was answered by a model of its own; ``measure`` is the loss
    in words.
    """

    how: str
    known: str
    n_rounds: int
    in_folds: bool
    measure: NotRequired[str]


class WhatIfData(TypedDict):
    """The what-if panel, from `thalweg.reporting.page.what_if_data.what_if_data`.

    Either ``why_not``, a reason in words, or the ``panel`` for the page's script, and the text of
    its ``formulas``. ``caution`` is of the file, where the rows of the report trained the model.
    """

    n_weights: int
    caution: NotRequired[str]
    why_not: NotRequired[str]
    panel: NotRequired[dict[str, Any]]
    formulas: NotRequired[str]


class ReportHead(TypedDict):
    """The keys of the reports of all tasks; ``data_hash`` is the SHA-256 of the training part.

    Only a fitted network has a hash, and ``network`` and ``training``; ``model`` is the text of
    another estimator.
    """

    title: str
    thalweg: str
    seed: int
    table: ReportTable
    data_hash: NotRequired[str]
    network: NotRequired[NetworkData]
    training: NotRequired[TrainingData]
    rows: NotRequired[RowsData]
    model: NotRequired[str]
    # What the pictures show, if it is not the evaluation itself, but that of the first repetition.
    pictured: NotRequired[TwoClassesData | ClassesData | ValuesData | QuantilesData]
    landscape: NotRequired[LandscapeData | None]
    # Without them the page shows the evaluation alone.
    sections: NotRequired[SectionsData | None]
    # Without it the page has no what-if panel, and does not say why.
    what_if: NotRequired[WhatIfData]
    # ``command`` and ``python`` that make the page again, to be copied from it.
    recipes: NotRequired[dict[str, str]]
    # From `thalweg.reporting.trace.trace_data.trace_data`.
    trace: NotRequired[dict[str, object]]


class TwoClassesReport(ReportHead):
    """A report for two classes.

    ``threshold_now`` is that of the model, if it has been decided since the evaluation.
    """

    verdict: TwoClassesVerdict
    curves: CurvesData
    threshold_now: NotRequired[float]


class ClassesReport(ReportHead):
    """A report for several classes; its picture is the confusion matrix in the verdict."""

    verdict: ClassesVerdict
    curves: None


class ValuesReport(ReportHead):
    """A report of a regression."""

    verdict: ValuesVerdict
    curves: ResidualsData


class QuantilesReport(ReportHead):
    """A report of several quantiles."""

    verdict: QuantilesVerdict
    curves: FanData


Report: TypeAlias = TwoClassesReport | ClassesReport | ValuesReport | QuantilesReport
PicturesData: TypeAlias = CurvesData | ResidualsData | FanData
