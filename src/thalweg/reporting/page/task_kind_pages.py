"""What the report shows for each task, as one table; and the check of a report's keys."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, get_type_hints

from thalweg.errors import DataError
from thalweg.evaluation.judging.shapes import EstimateData, VerdictData, VerdictHead
from thalweg.evaluation.task_kinds import (
    ONE_NUMBER,
    SEVERAL_CLASSES,
    SEVERAL_QUANTILES,
    TWO_CLASSES,
    TaskKind,
)
from thalweg.network.formulas.losses import is_formula
from thalweg.reporting import comparison_words
from thalweg.reporting.html_pieces import PICTURE, estimate, figure, source, table, text
from thalweg.reporting.page.quantiles import level_sections
from thalweg.reporting.page.report_shapes import (
    NetworkData,
    Report,
    ReportHead,
    ReportTable,
    TrainingData,
)
from thalweg.reporting.page.sections import (
    about_the_model,
    calibration,
    classes_and_numbers,
    decisions,
    groups,
    two_classes,
)
from thalweg.reporting.terminal_verdict import TERMINAL
from thalweg.reporting.verdict_words import (
    column_of,
    kind_of,
    less_is_better,
    metrics_of,
    row_name,
    subject,
)
from thalweg.wording import count_text, even

_LONGEST_FORMULA = 2_000


@dataclass(frozen=True)
class TaskPage:
    """What a page shows for a task; a callable takes a report unless its text says otherwise.

    Parameters
    ----------
    title : callable
        From a verdict and the name of the target to the subject of the page.
    headline : callable
        The results of the network on the held-out rows.
    tested_on : callable
        The line below every picture of the evaluation.
    metrics_picture : str
        The place where the page's script draws the metrics.
    intervals : str
        How the intervals were computed.
    estimate : callable
        From an estimate to its cell in the table of metrics.
    pictures : callable
        The predictions, in pictures and tables.
    drawn : callable
        The drawing of the network, or its place, and the largest number of columns in it.
    outputs : callable
        From a model and the name of the target to the names of the network's outputs.
    output_keys : tuple of str
        The keys of these names.
    data : callable
        The data for the page's script and for other programs.
    """

    title: Callable[..., str]
    headline: Callable[..., str]
    tested_on: Callable[..., str]
    metrics_picture: str
    intervals: str
    estimate: Callable[[EstimateData], str]
    pictures: Callable[..., str]
    drawn: Callable[..., tuple[str, int]]
    outputs: Callable[..., dict[str, Any]]
    output_keys: tuple[str, ...]
    data: Callable[..., dict[str, Any]]


_OF_CLASSES = "by Wilson (shares), DeLong (AUC) and Hall (losses)"
_OF_A_NUMBER = "by Hall; of R² by bootstrap, 2,000 resamples"

PAGES: dict[TaskKind, TaskPage] = {
    TWO_CLASSES: TaskPage(
        title=two_classes.title,
        headline=two_classes.headline,
        tested_on=two_classes.line_of_rows,
        metrics_picture=PICTURE.format("metrics-picture"),
        intervals=_OF_CLASSES,
        estimate=estimate,
        pictures=two_classes.decide,
        drawn=two_classes.drawn,
        outputs=two_classes.outputs,
        output_keys=("logit_of", "turned"),
        data=two_classes.page_data,
    ),
    SEVERAL_CLASSES: TaskPage(
        title=classes_and_numbers.title,
        headline=classes_and_numbers.classes_headline,
        tested_on=classes_and_numbers.line_of_rows,
        metrics_picture="",
        intervals=_OF_CLASSES,
        estimate=estimate,
        pictures=classes_and_numbers.class_pictures,
        drawn=classes_and_numbers.drawn,
        outputs=classes_and_numbers.class_outputs,
        output_keys=("outputs",),
        data=classes_and_numbers.classes_data,
    ),
    ONE_NUMBER: TaskPage(
        title=classes_and_numbers.title,
        headline=classes_and_numbers.values_headline,
        tested_on=classes_and_numbers.line_of_rows,
        metrics_picture="",
        intervals=_OF_A_NUMBER,
        estimate=partial(estimate, write=partial(even, in_column=True)),
        pictures=classes_and_numbers.residuals,
        drawn=classes_and_numbers.drawn,
        outputs=classes_and_numbers.value_output,
        output_keys=("outputs",),
        data=classes_and_numbers.values_data,
    ),
    SEVERAL_QUANTILES: TaskPage(
        title=classes_and_numbers.title,
        headline=level_sections.headline,
        tested_on=classes_and_numbers.line_of_rows,
        metrics_picture="",
        intervals="by Hall",
        estimate=partial(estimate, write=partial(even, in_column=True)),
        pictures=level_sections.pictures,
        drawn=classes_and_numbers.drawn,
        outputs=level_sections.outputs,
        output_keys=("outputs",),
        data=level_sections.page_data,
    ),
}


def page_of(report: Report) -> TaskPage:
    """The row of the table for the task of a report."""
    return PAGES[kind_of(report["verdict"])]


def evaluation(report: Report) -> str:
    """What the evaluation shows, in the order in which a person decides.

    With sections: what to do at which threshold, whether the predictions can be believed, what the
    model cannot tell, for whom it holds, beside simpler models, and what the model leans on.
    Without them, the metrics come first.
    """
    page = page_of(report)
    if report.get("sections") is None:
        return metrics(report) + page.pictures(report)
    tested = page.tested_on(report)
    return "".join(
        (
            page.pictures(report),
            calibration.calibration(report, tested),
            decisions.coverage(report, tested),
            decisions.abstention(report, tested),
            groups.subgroups(report, tested),
            metrics(report),
            *about_model(report),
        )
    )


def about_model(report: Report) -> tuple[str, ...]:
    """What the model leans on, how its answers change, and why rows have theirs.

    This comes after the comparison with simpler models: how a model computes matters to a person
    who is going to use it. Which columns comes first, because it says which curves to look at, and
    curves say what a single row's bars mean. A panel for a row that a person makes up belongs
    behind the rows.
    """
    tested = f"{page_of(report).tested_on(report)}."
    return (
        about_the_model.importance(report, tested),
        about_the_model.effects(report, tested),
        about_the_model.explained(report, tested),
    )


def metrics(report: Report) -> str:
    """The network compared with its baselines."""
    verdict, page = report["verdict"], page_of(report)
    own = column_of(verdict)
    order = comparison_words.strongest_first(verdict)
    judged = [verdict["network"], *(verdict["baselines"][name] for name in order)]
    given = str(report["table"].get("unit") or "")
    unit = given and f"<bdi>{text(given)}</bdi>"
    rows: list[tuple[str, ...]] = [
        (row_name(each, unit), *(cell(model["metrics"][each.key]) for model in judged))
        for each in metrics_of(verdict)
        # A share of the variance: digits behind the third decimal say nothing.
        for cell in (estimate if each.key == "r2" else page.estimate,)
    ]
    for words, counts in TERMINAL[kind_of(verdict)].mistakes(judged).items():
        rows.append((words, *(f"{count_text(n)} of {count_text(of)}" for n, of in counts)))
    heads = ("", own, *map(text, order))
    return figure(
        "metrics",
        _metrics_title(report),
        f"{page.tested_on(report, pictured=False)}. {_differences(verdict)}"
        f"{text(comparison_words.rule(verdict), 1_000)}{_own_loss(report)}",
        page.metrics_picture
        + table(heads, rows, f"Metrics with 95 % intervals, {own}{' and baselines' * bool(order)}"),
        source=source(report, f"intervals {page.intervals}; {less_is_better(verdict)}"),
    )


def _metrics_title(report: Report) -> str:
    """The comparison with the strongest baseline; without one, what the table has."""
    verdict = report["verdict"]
    if verdict["differences"]:
        return comparison_words.title(verdict)
    beside = "".join(f" and of {text(each)}" for each in verdict["baselines"])
    return f"The metrics of {text(subject(verdict))}{beside}"


def _own_loss(report: Report) -> str:
    """The formula of a loss that a person wrote, by which all models are compared; else ""."""
    network: Mapping[str, Any] = report.get("network", {})
    written = str(network.get("loss", ""))
    if not is_formula(written):
        return ""
    formula = text(written.partition(":")[2], _LONGEST_FORMULA)
    return (
        f"Own loss: the mean over the rows of {formula}, with prediction z and target y. It is "
        "in the unit that this formula has."
    )


def _differences(verdict: VerdictData) -> str:
    return f"{comparison_words.differences(verdict)} " if verdict["differences"] else ""


def require_report(report: Report) -> None:
    """Raise a DataError if a report lacks a key that its page needs."""
    _require("", report, (*_needed(ReportHead), "verdict", "curves"))
    # Of a saved model that is evaluated on new rows, the training rows may be unknown.
    untold = {"n_train"} if "rows" in report else set[str]()
    _require("verdict", report["verdict"], [k for k in _needed(VerdictHead) if k not in untold])
    task = kind_of(report["verdict"])
    named = [key for key in task.facts if key in _needed(task.verdict)]
    _require("verdict", report["verdict"], [k for k in _needed(task.verdict) if k not in untold])
    _require("table", report["table"], (*_needed(ReportTable), *named, task.told_of_target))
    if "rows" not in report:
        _require("", report, ("data_hash", "network", "training"))
        _require("table", report["table"], ("columns", "n_train", "n_test"))
    if "network" in report:
        keys = (*_needed(NetworkData), *PAGES[task].output_keys)
        _require("network", report["network"], keys)
        _require("", report, ("data_hash", "training"))
        _require("training", report["training"], _needed(TrainingData))
    if task.pictures is not None:
        _require("curves", report["curves"] or {}, _needed(task.pictures))


def _require(place: str, part: Mapping[str, object], keys: Sequence[str]) -> None:
    absent = [key for key in keys if key not in part]
    if absent:
        raise DataError(
            f"A report needs {', '.join(absent)}",
            where=f'"{place}"' if place else "the report",
            fix="give what thalweg.reporting.page.report_shapes lists",
        )


def _needed(shape: type) -> tuple[str, ...]:
    """The required keys of a shape."""
    required: frozenset[str] = getattr(shape, "__required_keys__", frozenset())
    return tuple(key for key in get_type_hints(shape) if key in required)
