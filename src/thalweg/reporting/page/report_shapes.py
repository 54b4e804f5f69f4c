"""The shape of a report: the plain data that a page is made of, for each task.

A page looks for these keys before anything is drawn (`thalweg.reporting.page.task_pages`).
"""

from typing import NotRequired, TypeAlias, TypedDict

from thalweg.evaluation.judging.shapes import (
    ClassesVerdict,
    CurvesData,
    ResidualsData,
    TwoClassesVerdict,
    ValuesVerdict,
)
from thalweg.training.history import History


class LevelData(TypedDict):
    """A level of a column, and its rows."""

    name: str
    rows: int


class ColumnData(TypedDict):
    """A column in short; no numbers, no ends. Files of before lack the levels."""

    name: str
    kind: str
    missing: int
    low: float | None
    median: float | None
    high: float | None
    levels: NotRequired[list[LevelData] | None]
    n_levels: NotRequired[int | None]


class RangeData(TypedDict):
    """The range of a number."""

    low: float
    median: float
    high: float


class AboutTable(TypedDict):
    """A table in short, as it stands beside a verdict; the rows of each class, or the range."""

    name: str
    target: str
    notes: list[str]
    columns: list[ColumnData]
    class_counts: NotRequired[dict[str, int]]
    target_range: NotRequired[RangeData]


class ReportTable(AboutTable):
    """The same, with the rows on both sides and the names of the classes from the verdict."""

    n_rows: int
    n_train: int
    n_test: int
    positive: NotRequired[str]
    negative: NotRequired[str]
    classes: NotRequired[list[str]]


class EncodingData(TypedDict):
    """How the first inputs are encoded, the others mark missing cells; ends only of a bin."""

    center: list[float]
    scale: list[float]
    low: list[float | None]
    high: list[float | None]


class NetworkData(TypedDict):
    """The first network.

    ``sizes`` begins with the inputs, ``inputs`` are the names of the encoded columns and
    ``columns`` the column that each of them reads; ``theta`` holds all weights and biases,
    ``members`` says how many networks are averaged. Of two classes ``logit_of`` is the class whose
    log-odds the output is, and ``turned`` says whether the last weights and bias are times -1 for
    that; of other tasks ``outputs`` are the names of the outputs.
    """

    sizes: list[int]
    activations: list[str]
    inputs: list[str]
    columns: list[int | None]
    theta: list[float]
    members: int
    encoding: EncodingData
    loss: str
    alpha: float
    dropout: float
    optimizer: str
    batch_size: int | str
    max_iter: int
    unlike_default: list[str]
    logit_of: NotRequired[str]
    turned: NotRequired[bool]
    outputs: NotRequired[list[str]]


class TrainingData(TypedDict):
    """How a network was trained; ``status`` is the name of a `thalweg.errors.Status`."""

    history: History
    best_epoch: int
    stopping: str
    status: str


class LandscapeData(TypedDict):
    """What `thalweg.reporting.landscape.landscape_section.landscape_section` gives."""

    finding: str
    subtitle: str
    sentences: list[str]
    light: str
    dark: str


class ReportHead(TypedDict):
    """What the reports of all tasks have; ``data_hash`` is the SHA-256 of the training part."""

    title: str
    thalweg: str
    seed: int
    data_hash: str
    table: ReportTable
    network: NetworkData
    training: TrainingData
    landscape: NotRequired[LandscapeData | None]
    # What `thalweg.reporting.trace.trace_data.trace_data` gives.
    trace: NotRequired[dict[str, object]]


class TwoClassesReport(ReportHead):
    """A report on two classes."""

    verdict: TwoClassesVerdict
    curves: CurvesData


class ClassesReport(ReportHead):
    """A report on several classes; the confusion matrix in the verdict is its picture."""

    verdict: ClassesVerdict
    curves: None


class ValuesReport(ReportHead):
    """A report on numbers."""

    verdict: ValuesVerdict
    curves: ResidualsData


Report: TypeAlias = TwoClassesReport | ClassesReport | ValuesReport
PicturesData: TypeAlias = CurvesData | ResidualsData
