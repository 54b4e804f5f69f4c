"""Plain data as tables for a terminal, as readable in a log of 80 columns without colour."""

import math
from collections.abc import Mapping
from typing import Any

from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

# How each metric is written, and in which order.
_METRICS = {
    "accuracy": "accuracy",
    "sensitivity": "sensitivity",
    "specificity": "specificity",
    "auc": "AUC",
    "log_loss": "log-loss",
    "brier": "Brier score",
}
_DISCLAIMER = "Not a medical device."


def print_verdict(console: Console, verdict: Mapping[str, Any]) -> None:
    """Print all that a judgement on a test part has to say.

    Parameters
    ----------
    console : rich.console.Console
    verdict : mapping
        What `Verdict.as_dict` gives.
    """
    console.print(verdict_page(verdict), highlight=False)


def verdict_page(verdict: Mapping[str, Any]) -> RenderableType:
    """The whole verdict: rows, table of metrics, confusion, sentence, disclaimer."""
    network = verdict["network"]
    n_positive, n_test = network["n_positive"], network["n_samples"]
    rows = (
        f"{verdict['how']}: "
        f"{n_positive:,} {verdict['positive']}, {n_test - n_positive:,} {verdict['negative']}."
    )
    return Group(
        Text(rows),
        "",
        verdict_table(verdict),
        "",
        confusion_table(network, verdict["positive"], verdict["negative"]),
        "",
        Text(verdict["sentence"], style="bold"),
        "",
        Text(_DISCLAIMER, style="dim"),
    )


def verdict_table(verdict: Mapping[str, Any]) -> Table:
    """A row for each metric, a column for the network and for each baseline.

    Parameters
    ----------
    verdict : mapping
        What `Verdict.as_dict` gives.
    """
    judged = {"network": verdict["network"], **_strongest_first(verdict["baselines"])}
    table = _table(caption="[95 % interval]; of log-loss and Brier score, less is better")
    table.add_column("")
    for name in judged:
        table.add_column(Text(name), justify="right")
    for metric, name in _METRICS.items():
        table.add_row(name, *(_estimate(each["metrics"][metric]) for each in judged.values()))
    table.add_section()
    for count, other, name in (
        ("false_negative", "true_positive", "missed"),
        ("false_positive", "true_negative", "false alarms"),
    ):
        both = ((each["confusion"][count], each["confusion"][other]) for each in judged.values())
        table.add_row(name, *(f"{_count(a)} of {_count(a + b)}" for a, b in both))
    return table


def confusion_table(judgement: Mapping[str, Any], positive: str, negative: str) -> Table:
    """What became of the rows of each class, in plain words.

    Parameters
    ----------
    judgement : mapping
        What `Judgement.as_dict` gives.
    positive, negative : str
        The names of the classes.
    """
    counts = judgement["confusion"]
    width = max(len(_count(n)) for n in counts.values())

    def cell(count: str, words: str, style: str = "") -> Text:
        n = counts[count]
        return Text.assemble(f"{_count(n):>{width}} ", (words, style if n else ""))

    table = _table(f"network: {positive} above a probability of {judgement['threshold']:g}")
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


def _strongest_first(baselines: Mapping[str, Any]) -> dict[str, Any]:
    """The baselines by rising log-loss: a file does not keep the order they were given in."""

    def log_loss(name: str) -> float:
        value = baselines[name]["metrics"]["log_loss"]["value"]
        return math.inf if value is None else float(value)

    return {name: baselines[name] for name in sorted(baselines, key=log_loss)}


def _count(n: float) -> str:
    """A count, or the mean of several with one decimal."""
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
