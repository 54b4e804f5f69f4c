"""Tables of plain data for a terminal of 80 columns, readable without colour."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from thalweg.reporting import beside
from thalweg.reporting.words import less_is_better, metrics_of, task_of
from thalweg.wording import amount, printable_data

_DISCLAIMER = "Not a medical device."
# A confusion matrix of more classes would not fit into 80 columns.
_MOST_CLASSES = 8


def print_verdict(console: Console, verdict: Mapping[str, Any]) -> None:
    """Print the evaluation on a test set.

    Parameters
    ----------
    console : rich.console.Console
    verdict : mapping
        From `Verdict.as_dict`.
    """
    console.print(verdict_page(verdict), highlight=False)


def verdict_page(verdict: Mapping[str, Any]) -> RenderableType:
    """The whole evaluation: rows, metrics, predictions by class, sentence, disclaimer."""
    verdict = printable_data(dict(verdict))
    return Group(
        Text(_rows(verdict)),
        "",
        verdict_table(verdict),
        *([Text(rule, style="dim")] if (rule := beside.rule(verdict)) else []),
        "",
        *_by_class(verdict),
        Text(verdict["sentence"], style="bold"),
        "",
        Text(_DISCLAIMER, style="dim"),
    )


def _rows(verdict: Mapping[str, Any]) -> str:
    network, task = verdict["network"], task_of(verdict)
    if task != "binary":
        return f"{verdict['how']}."
    n_positive, n_test = network["n_positive"], network["n_samples"]
    return (
        f"{verdict['how']}: "
        f"{n_positive:,} {verdict['positive']}, {n_test - n_positive:,} {verdict['negative']}."
    )


def _by_class(verdict: Mapping[str, Any]) -> list[RenderableType]:
    """The predictions for the rows of each class, with an empty line after each table."""
    network, task = verdict["network"], task_of(verdict)
    if task == "binary":
        return [confusion_table(network, verdict["positive"], verdict["negative"]), ""]
    if task == "multiclass":
        return [
            classes_table(network, verdict["classes"]),
            "",
            mistakes_table(network, verdict["classes"]),
            "",
        ]
    return []


def verdict_table(verdict: Mapping[str, Any]) -> Table:
    """One row for each metric, one column for the network and for each baseline.

    Parameters
    ----------
    verdict : mapping
        From `Verdict.as_dict`.
    """
    task = task_of(verdict)
    judged = {"network": verdict["network"], **beside.strongest_first(verdict)}
    table = _table(caption=f"[95 % interval]; {less_is_better(verdict)}")
    table.add_column("")
    for name in judged:
        table.add_column(Text(name), justify="right")
    write = _compact if task == "regression" else _estimate
    for metric, name in metrics_of(verdict).items():
        table.add_row(name, *(write(each["metrics"][metric]) for each in judged.values()))
    if task != "binary":
        return table
    table.add_section()
    for count, other, name in (
        ("false_negative", "true_positive", "missed"),
        ("false_positive", "true_negative", "false alarms"),
    ):
        both = ((each["confusion"][count], each["confusion"][other]) for each in judged.values())
        table.add_row(name, *(f"{_count(a)} of {_count(a + b)}" for a, b in both))
    return table


def classes_table(judgement: Mapping[str, Any], classes: Sequence[str]) -> Table:
    """Recall and precision of each class, with the counts behind them."""
    table = _table("network: recall of its rows, precision of the calls, [95 % interval]")
    table.add_column("class")
    for head in ("rows", "recognised", "recall", "precision"):
        table.add_column(head, justify="right")
    confusion = judgement["confusion"]
    for k, name in enumerate(classes):
        table.add_row(
            Text(name),
            _count(sum(confusion[k])),
            _count(confusion[k][k]),
            _estimate(judgement["recall"][k]),
            _estimate(judgement["precision"][k]),
        )
    return table


def mistakes_table(judgement: Mapping[str, Any], classes: Sequence[str]) -> Table:
    """The confusion matrix; with more than eight classes the most common mistakes."""
    confusion = judgement["confusion"]
    if len(classes) <= _MOST_CLASSES:
        table = _table("network: rows by class in truth (down) and as called (across)")
        table.add_column(Text("in truth"))
        for name in classes:
            table.add_column(Text(name), justify="right")
        for k, name in enumerate(classes):
            cells = [
                Text(_count(n), style="" if j == k or not n else "bold red")
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
    table = _table("network: the most common mistakes")
    table.add_column(Text("in truth"))
    table.add_column(Text("called"))
    table.add_column(Text("rows"), justify="right")
    for n, truth, called in sorted(wrong, key=lambda each: -each[0])[:10]:
        table.add_row(Text(truth), Text(called), _count(n))
    return table


def confusion_table(judgement: Mapping[str, Any], positive: str, negative: str) -> Table:
    """The counts of the confusion matrix of two classes, in plain words.

    Parameters
    ----------
    judgement : mapping
        From `Judgement.as_dict`.
    positive, negative : str
        The names of the classes.
    """
    counts = judgement["confusion"]
    width = max(len(_count(n)) for n in counts.values())

    def cell(count: str, words: str, style: str = "") -> Text:
        n = counts[count]
        return Text.assemble(f"{_count(n):>{width}} ", (words, style if n else ""))

    table = _table(f"network: {positive} above a probability of {judgement['threshold']:.4g}")
    for name in ("in truth", f"called {positive}", f"called {negative}"):
        table.add_column(Text(name))
    table.add_row(
        Text(positive),
        cell("true_positive", "found"),
        cell("false_negative", f"missed {positive}", "bold red"),
    )
    table.add_row(
        Text(negative),
        cell("false_positive", "false alarms", "bold yellow"),
        cell("true_negative", "cleared"),
    )
    return table


def _count(n: float) -> str:
    """A count, or the mean of several counts with one decimal."""
    return f"{round(n):,}" if abs(n - round(n)) < 1e-9 else f"{n:,.1f}"


def _table(caption: str) -> Table:
    return Table(
        box=box.SIMPLE_HEAD,
        show_edge=False,
        padding=(0, 0, 0, 1),
        pad_edge=False,
        caption=Text(caption),
        caption_justify="left",
    )


def _estimate(estimate: Mapping[str, Any]) -> Text:
    """A value and its interval, ``0.979 [0.891, 0.996]``; infinite ends are ``inf``."""
    if estimate["value"] is None:
        return Text("undefined", style="dim")
    value, low, high = (f"{float(estimate[end]):.3f}" for end in ("value", "low", "high"))
    return Text.assemble((value, "bold"), (f" [{low}, {high}]", "dim"))


def _compact(estimate: Mapping[str, Any]) -> Text:
    """The same for numbers of any size."""
    if estimate["value"] is None:
        return Text("undefined", style="dim")
    value, low, high = (
        amount(float(estimate[end]), in_column=True) for end in ("value", "low", "high")
    )
    return Text.assemble((value, "bold"), (f" [{low}, {high}]", "dim"))
