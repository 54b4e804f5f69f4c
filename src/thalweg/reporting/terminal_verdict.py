"""Tables of plain data for a terminal of 80 columns, readable without colour."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, NamedTuple

from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from thalweg.evaluation.judging.informative_rows import FEWEST_ROWS
from thalweg.evaluation.judging.shapes import (
    ClassesData,
    ClassesVerdict,
    EstimateData,
    JudgementData,
    QuantilesData,
    QuantilesVerdict,
    TwoClassesData,
    TwoClassesVerdict,
    ValuesVerdict,
    VerdictData,
)
from thalweg.evaluation.task_kinds import (
    ONE_NUMBER,
    SEVERAL_CLASSES,
    SEVERAL_QUANTILES,
    TWO_CLASSES,
    TaskKind,
)
from thalweg.reporting import comparison_words
from thalweg.reporting.section_lines import of_which_rows, section_lines
from thalweg.reporting.verdict_words import (
    WIDEST_IN_A_TERMINAL,
    column_of,
    in_order_of_grades,
    kind_of,
    less_is_better,
    metrics_of,
    row_name,
    with_interval,
)
from thalweg.wording import Writer, count_text, even, fixed, printable, printable_data

# Of a metric, with its unit.
_WIDEST_NAME = 16
# Beside four models, intervals need the room.
_WIDEST_BESIDE_FOUR = 13
# So many models have their intervals beside their values on 80 columns.
_MOST_BESIDE = 3
_DISCLAIMER = "Not a medical device."


def print_verdict(console: Console, verdict: VerdictData) -> None:
    """Print the evaluation on a test set.

    Parameters
    ----------
    console : rich.console.Console
    verdict : mapping
        From `Verdict.as_dict`.
    """
    console.print(verdict_page(verdict), highlight=False)


def verdict_page(verdict: VerdictData, unit: str | None = None) -> RenderableType:
    """The whole evaluation: rows, metrics, predictions by class, sentence, disclaimer.

    Parameters
    ----------
    verdict : mapping
        From `Verdict.as_dict`.
    unit : str, optional
        The unit of a numeric target.
    """
    verdict = printable_data(dict(verdict))
    task = TERMINAL[kind_of(verdict)]
    return Group(
        Text(task.rows(verdict)),
        "",
        verdict_table(verdict, unit and printable(unit)),
        *([Text(rule, style="dim")] if (rule := comparison_words.rule(verdict)) else []),
        "",
        *task.by_class(verdict),
        Text(verdict["sentence"], style="bold"),
        "",
        *_sections(verdict),
        Text(_DISCLAIMER, style="dim"),
    )


def _sections(verdict: VerdictData) -> list[RenderableType]:
    """What the sections say, with an empty line; nothing for files of before."""
    facts: dict[str, Any] = dict(verdict)
    sections = facts.get("sections")
    if sections is None:
        return []
    two = [facts["negative"], facts["positive"]] if "positive" in facts else []
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column()
    for head, words in section_lines(sections, facts.get("classes", two)):
        grid.add_row(Text(head), Text(words))
    return [Text(of_which_rows(sections, verdict["how"])), grid, ""]


def verdict_table(verdict: VerdictData, unit: str | None = None) -> Table:
    """One row for each metric, one column for the network and for each baseline.

    Parameters
    ----------
    verdict, unit
        As in `verdict_page`.
    """
    task, order = TERMINAL[kind_of(verdict)], comparison_words.strongest_first(verdict)
    judged = [verdict["network"], *(verdict["baselines"][name] for name in order)]
    table = _table(caption=f"[95 % interval]; {less_is_better(verdict)}{_unknown_auc(judged)}")
    is_narrow = len(judged) <= _MOST_BESIDE
    write = task.write if is_narrow else task.stack
    of_share = _estimate if is_narrow else _stacked_estimate
    table.add_column("", max_width=_WIDEST_NAME if is_narrow else _WIDEST_BESIDE_FOUR)
    for name in (column_of(verdict), *order):
        table.add_column(Text(name), justify="right")
    for metric in metrics_of(verdict):
        # R² is a share of the variance: digits behind the third decimal say nothing.
        said = of_share if metric.key == "r2" else write
        cells = [said(each["metrics"][metric.key]) for each in judged]
        # A unit is on a line of its own: a wider column would break the intervals.
        table.add_row(Text(row_name(metric, unit).replace(" in ", "\nin ", 1)), *cells)
    for k, (name, counts) in enumerate(task.mistakes(judged).items()):
        if not k:
            table.add_section()
        table.add_row(name, *(f"{count_text(n)} of {count_text(of)}" for n, of in counts))
    return table


def _unknown_auc(judged: Sequence[JudgementData]) -> str:
    """Why an AUC may be anything from 0 to 1, behind other words; "" if none may be.

    Its interval is that, exactly, only where `closed_form_intervals.auc_estimate` knows nothing.
    """
    metrics: list[dict[str, Any]] = [dict(each["metrics"]) for each in judged]
    ends = [(each["auc"]["low"], each["auc"]["high"]) for each in metrics if "auc" in each]
    if (0, 1) not in ends:
        return ""
    return (
        f"; an AUC may be anything from 0 to 1 where a class has fewer than {FEWEST_ROWS} rows, or "
        "rows that count as fewer groups"
    )


def mistakes_of(judged: Sequence[TwoClassesData]) -> dict[str, list[tuple[float, float]]]:
    """Of each model, how many rows of each of two classes are called wrongly, and of how many."""
    counts = [each["confusion"] for each in judged]
    return {
        "missed": [(n["false_negative"], n["false_negative"] + n["true_positive"]) for n in counts],
        "false alarms": [
            (n["false_positive"], n["false_positive"] + n["true_negative"]) for n in counts
        ],
    }


def classes_table(judgement: ClassesData, classes: Sequence[str], model: str = "network") -> Table:
    """Recall and precision of each class, with the counts behind them."""
    mean = _if_parts(judgement, (n for row in judgement["confusion"] for n in row))
    table = _table(f"{model}: recall of its rows, precision of the calls, [95 % interval]{mean}")
    table.add_column("class")
    for head in ("rows", "recognised", "recall", "precision"):
        table.add_column(head, justify="right")
    confusion = judgement["confusion"]
    for k, name in enumerate(classes):
        table.add_row(
            Text(name),
            count_text(sum(confusion[k])),
            count_text(confusion[k][k]),
            _estimate(judgement["recall"][k]),
            _estimate(judgement["precision"][k]),
        )
    return table


def mistakes_table(judgement: ClassesData, classes: Sequence[str], model: str = "network") -> Table:
    """The confusion matrix; with more than eight classes the most common mistakes."""
    confusion = judgement["confusion"]
    if len(classes) <= WIDEST_IN_A_TERMINAL:
        mean = _if_parts(judgement, (n for row in confusion for n in row))
        table = _table(f"{model}: rows by class in truth (down) and as called (across){mean}")
        table.add_column(Text("in truth"))
        for name in classes:
            table.add_column(Text(name), justify="right")
        for k, name in enumerate(classes):
            cells = [
                Text(count_text(n), style="" if j == k or not n else "bold red")
                for j, n in enumerate(confusion[k])
            ]
            table.add_row(Text(name), *cells)
        return table
    wrong = [
        (n, classes[i], classes[j])
        for i, row in enumerate(confusion)
        for j, n in enumerate(row)
        if i != j and n
    ]
    table = _table(f"{model}: the most common mistakes")
    table.add_column(Text("in truth"))
    table.add_column(Text("called"))
    table.add_column(Text("rows"), justify="right")
    for n, truth, called in sorted(wrong, key=lambda each: -each[0])[:10]:
        table.add_row(Text(truth), Text(called), count_text(n))
    return table


def confusion_table(
    judgement: TwoClassesData, positive: str, negative: str, model: str = "network"
) -> Table:
    """The counts of the confusion matrix of two classes, in plain words.

    Parameters
    ----------
    judgement : mapping
        From `Judgement.as_dict`.
    positive, negative : str
        The names of the classes.
    model : str
        Its name in the caption.
    """
    counts = judgement["confusion"]
    written = [count_text(n) for n in (
        counts["true_positive"], counts["false_negative"],
        counts["false_positive"], counts["true_negative"],
    )]  # fmt: skip
    width = max(map(len, written))

    def cell(count: str, words: str, style: str = "") -> Text:
        return Text.assemble(f"{count:>{width}} ", (words, style if count != "0" else ""))

    mean = _if_parts(judgement, [counts["true_positive"], counts["false_positive"]])
    table = _table(f"{model}: {positive} above a probability of {judgement['threshold']:.4g}{mean}")
    for name in ("in truth", f"called {positive}", f"called {negative}"):
        table.add_column(Text(name))
    table.add_row(
        Text(positive),
        cell(written[0], "found"),
        cell(written[1], f"missed {positive}", "bold red"),
    )
    table.add_row(
        Text(negative),
        cell(written[2], "false alarms", "bold yellow"),
        cell(written[3], "cleared"),
    )
    return table


def _if_parts(judgement: JudgementData, counts: Iterable[float]) -> str:
    """That counts are means or sums of weights, where some are no whole numbers."""
    if "n_effective" in judgement:
        return "; counts are sums of weights"
    whole = all(abs(n - round(n)) < 1e-9 for n in counts)
    return "" if whole else "; counts are means over the repetitions"


def _table(caption: str) -> Table:
    return Table(
        box=box.SIMPLE_HEAD,
        show_edge=False,
        padding=(0, 0, 0, 1),
        pad_edge=False,
        caption=Text(caption),
        caption_justify="left",
    )


def _estimate(measured: EstimateData) -> Text:
    """A value and its interval, ``0.979 [0.891, 0.996]``; infinite ends are ``inf``."""
    return _with_ends(measured)


def _compact(measured: EstimateData) -> Text:
    """The same for numbers of any size."""
    return _with_ends(measured, partial(even, in_column=True))


def _stacked_estimate(measured: EstimateData) -> Text:
    """The value with its interval on a line below."""
    return _with_ends(measured, between="\n")


def _stacked_compact(measured: EstimateData) -> Text:
    """The same for numbers of any size."""
    return _with_ends(measured, partial(even, in_column=True), "\n")


def _with_ends(
    measured: EstimateData,
    write: Writer = fixed,
    between: str = " ",
) -> Text:
    value, ends = with_interval(measured, write)
    if not ends:
        return Text(value, style="dim")
    return Text.assemble((value, "bold"), (f"{between}{ends}", "dim"))


def _rows_of_two(verdict: TwoClassesVerdict) -> str:
    n_positive, n_test = verdict["network"]["n_positive"], verdict["network"]["n_samples"]
    return (
        f"{verdict['how']}: "
        f"{count_text(n_positive)} {verdict['positive']}, "
        f"{count_text(n_test - n_positive)} {verdict['negative']}."
    )


def _rows(verdict: VerdictData) -> str:
    return f"{verdict['how']}."


def _two_classes(verdict: TwoClassesVerdict) -> list[RenderableType]:
    names = verdict["positive"], verdict["negative"]
    return [confusion_table(verdict["network"], *names, column_of(verdict)), ""]


def _several_classes(verdict: ClassesVerdict) -> list[RenderableType]:
    model, shown = column_of(verdict), in_order_of_grades(verdict)
    network, classes = shown["network"], shown["classes"]
    return [
        classes_table(network, classes, model), "", mistakes_table(network, classes, model), ""
    ]  # fmt: skip


def _no_class(verdict: ValuesVerdict) -> list[RenderableType]:
    del verdict
    return []


def _several_levels(verdict: QuantilesVerdict) -> list[RenderableType]:
    return [levels_table(verdict["network"], column_of(verdict)), ""]


def levels_table(judgement: QuantilesData, model: str = "network") -> Table:
    """The coverage and the pinball loss of each level."""
    table = _table(f"{model}: share of rows below each predicted quantile, [95 % interval]")
    for name in ("level", "rows below", "pinball loss"):
        table.add_column(name, justify="right")
    for level, below, pinball in zip(
        judgement["levels"], judgement["below"], judgement["pinball"], strict=True
    ):
        table.add_row(f"{level:.10g}", _estimate(below), _compact(pinball))
    return table


class TaskLines(NamedTuple):
    """What a terminal shows of a verdict, as far as that depends on the task.

    Parameters
    ----------
    rows : callable
        From a verdict to the sentence about the test rows.
    by_class : callable
        From a verdict to the tables of the classes, each followed by an empty line.
    mistakes : callable
        From judgements to the counts below the metrics, by their names.
    write, stack : callable
        From an estimate to its cell, in one line or in two.
    """

    rows: Callable[..., str]
    by_class: Callable[..., list[RenderableType]]
    mistakes: Callable[..., dict[str, list[tuple[float, float]]]]
    write: Callable[[EstimateData], Text]
    stack: Callable[[EstimateData], Text]


def _no_mistakes(judged: Sequence[object]) -> dict[str, list[tuple[float, float]]]:
    del judged
    return {}


TERMINAL: dict[TaskKind, TaskLines] = {
    TWO_CLASSES: TaskLines(_rows_of_two, _two_classes, mistakes_of, _estimate, _stacked_estimate),
    SEVERAL_CLASSES: TaskLines(_rows, _several_classes, _no_mistakes, _estimate, _stacked_estimate),
    ONE_NUMBER: TaskLines(_rows, _no_class, _no_mistakes, _compact, _stacked_compact),
    SEVERAL_QUANTILES: TaskLines(_rows, _several_levels, _no_mistakes, _compact, _stacked_compact),
}
