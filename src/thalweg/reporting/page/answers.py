"""The report on models of several classes, and of numbers: still pictures, and tables."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from thalweg.evaluation.judging.comparison import MAE, RMSE, metric_of
from thalweg.network.architecture import Architecture
from thalweg.reporting import beside
from thalweg.reporting.drawing import are_bins, input_groups
from thalweg.reporting.network_svg import network_svg
from thalweg.reporting.page.still import bars_svg, cells_svg
from thalweg.reporting.pieces import (
    compact,
    estimate,
    figure,
    folded,
    label,
    name,
    plain,
    source,
    table,
    text,
)
from thalweg.reporting.words import less_is_better, metrics_of
from thalweg.wording import amount, counted

Facts = Mapping[str, Any]

# Of more classes a matrix is no picture; the commonest mistakes are listed.
_MOST_CLASSES = 12
_MOST_MISTAKES = 20


def headline(report: Facts) -> str:
    """What the network did on the rows it had never seen."""
    judged = report["verdict"]["network"]
    rows = f"On {counted(judged['n_samples'], 'row')} it had never seen, the network"
    if report["verdict"]["task"] == "multiclass":
        right = sum(row[k] for k, row in enumerate(judged["confusion"]))
        n_classes = len(report["verdict"]["classes"])
        return f"{rows} called {right:,} by the right one of {n_classes:,} classes."
    own = {each["measure"] for each in report["verdict"]["comparisons"].values()} - {RMSE}
    for measure in own:  # of a quantile RMSE and R² are no praise and no blame
        value = _compact(judged["metrics"][metric_of(measure)])
        return f"{rows} had {_a(measure)} of {value} in {name(report['table']['target'])}."
    rmse, r2 = (judged["metrics"][key] for key in ("rmse", "r2"))
    off = _compact(rmse)
    return (
        f"{rows} was off by {off} (root mean square) in {name(report['table']['target'])}."
        f"{_beside_the_mean(r2)}"
    )


def _beside_the_mean(r2: Facts) -> str:
    """R² of the rows judged, with its interval and with what it means; where all are alike, none.

    It is a measurement on these rows, can be below 0, and says nothing without its interval.
    """
    if r2["value"] is None:
        return ""
    value, low, high = (plain(r2[end]) for end in ("value", "low", "high"))
    meaning = "1 is no error, 0 as much as always answering their mean"
    if float(r2["value"]) < 0:
        meaning += ", and below 0 is worse than that"
    return f" On these rows R² is {value} (95\u00a0% interval {low} to {high}): {meaning}."


def drawn(report: Facts) -> str:
    """The network, drawn once and for all."""
    facts = report["network"]
    architecture = Architecture(tuple(facts["sizes"]), tuple(facts["activations"]))
    layers = architecture.layers(np.asarray(facts["theta"], dtype=np.float64))
    groups = input_groups(facts["columns"], are_bins(facts))
    picture = network_svg(layers, facts["activations"], facts["inputs"], facts["outputs"], groups)
    picture = picture.replace(' style="max-width:100%;height:auto"', ' class="still"')
    return f'<div class="scroll">{picture}</div>'


def answered(report: Facts) -> str:
    """What was answered, in pictures and tables."""
    if report["verdict"]["task"] == "multiclass":
        return _classes(report) + _mistakes(report)
    return _residuals(report)


def tested_on(report: Facts) -> str:
    """The line under every picture of the judgement: data, rows, seed."""
    return (
        f"{name(report['table']['name'])}, "
        f"{counted(report['verdict']['network']['n_samples'], 'test row')}, seed {report['seed']}"
    )


def metrics(report: Facts) -> str:
    """The network beside its baselines."""
    verdict, names = report["verdict"], metrics_of(report["verdict"])
    both = {"network": verdict["network"], **beside.strongest_first(verdict)}
    by = "by bootstrap, 2,000 resamples"
    if verdict["task"] == "multiclass":
        by = "by Wilson (shares) and bootstrap, 2,000 resamples"
    write = _of_any_size if verdict["task"] == "regression" else estimate
    rows = [(names[key], *(write(each["metrics"][key]) for each in both.values())) for key in names]
    return figure(
        "metrics",
        beside.title(verdict),
        f"{tested_on(report)}. {beside.differences(verdict)} {text(beside.rule(verdict), 1_000)}",
        table(("", *map(text, both)), rows, "Metrics with 95 % intervals, baselines beside"),
        source=source(report, f"intervals {by}; {less_is_better(verdict)}"),
    )


def _classes(report: Facts) -> str:
    verdict = report["verdict"]
    network, classes = verdict["network"], verdict["classes"]
    confusion = network["confusion"]
    rows = [
        (
            name(each),
            f"{sum(confusion[k]):,}",
            f"{confusion[k][k]:,}",
            estimate(network["recall"][k]),
            estimate(network["precision"][k]),
        )
        for k, each in enumerate(classes)
    ]
    found = [
        (each["value"], -sum(confusion[k]), k)
        for k, each in enumerate(network["recall"])
        if each["value"] is not None
    ]
    lowest, _, worst = min(found)
    title = "Every row is recognised"
    if lowest < 1:
        title = f"{label(classes[worst])} is recognised least: {plain(lowest)} of its rows"
    return figure(
        "classes",
        title,
        f"Recall: the share of a class's rows that are called so. Precision: the share of calls "
        f"that are right. {tested_on(report)}",
        table(("class", "rows", "recognised", "recall", "precision"), rows, "Classes"),
        source=source(report, "Wilson’s 95 % intervals"),
    )


def _mistakes(report: Facts) -> str:
    verdict = report["verdict"]
    classes, confusion = verdict["classes"], verdict["network"]["confusion"]
    wrong = sorted(
        ((n, i, j) for i, row in enumerate(confusion) for j, n in enumerate(row) if i != j and n),
        key=lambda each: -each[0],
    )
    n_wrong = sum(n for n, _, _ in wrong)
    title = "No row is called by a wrong class"
    if wrong:
        n, i, j = wrong[0]
        title = (
            f"{counted(n_wrong, 'row is', 'rows are')} called by a wrong class; most often, "
            f"{counted(n, 'time')}, {label(classes[i])} is called {label(classes[j])}"
        )
    if len(classes) <= _MOST_CLASSES:
        heads = ("in truth", *(f"called {name(each)}" for each in classes))
        rows = [
            (
                name(each),
                *(
                    f"<b>{n:,}</b>" if i == j else f"{n:,}" if n else '<span class="soft">0</span>'
                    for j, n in enumerate(confusion[i])
                ),
            )
            for i, each in enumerate(classes)
        ]
        body = table(heads, rows, "Confusion matrix")
    else:
        rows = [(name(classes[i]), name(classes[j]), f"{n:,}") for n, i, j in wrong]
        body = table(("in truth", "called", "rows"), rows[:_MOST_MISTAKES], "Commonest mistakes")
    return figure("confusion", title, tested_on(report), body, source=source(report, "counts"))


def _residuals(report: Facts) -> str:
    shown, judgement = report["curves"], report["verdict"]["network"]
    target = str(report["table"]["target"])
    n, n_bins = judgement["n_samples"], len(shown["residuals"])
    width = 2 * shown["reach"] / n_bins
    rows = [
        (
            f"{compact(k * width - shown['reach'])} to {compact((k + 1) * width - shown['reach'])}",
            f"{count:,}",
        )
        for k, count in enumerate(shown["residuals"])
    ]
    pictures = (
        '<div class="pair">'
        + cells_svg(shown["counts"], shown["low"], shown["high"], "predicted", "true")
        + bars_svg(shown["residuals"], -shown["reach"], shown["reach"], "true minus predicted")
        + "</div>"
    )
    return figure(
        "residuals",
        f"Predictions are off by {_compact(judgement['metrics']['mae'])} on average, the worst of "
        f"{n:,} by {compact(shown['reach'])}",
        f"{name(target)}: true against predicted, and what is left; {tested_on(report)}",
        pictures,
        behind=folded(
            "Table: residuals", table(("true minus predicted", "rows"), rows, "Residuals")
        ),
        source=source(report, f"{n_bins} bins of equal width; on the dashed line both are equal"),
    )


def _a(measure: str) -> str:
    return f"{'an' if measure == MAE else 'a'} {measure}"


def _compact(measured: Facts) -> str:
    return "undefined" if measured["value"] is None else compact(float(measured["value"]))


def _of_any_size(measured: Facts) -> str:
    if measured["value"] is None:
        return '<span class="soft">undefined</span>'
    value, low, high = (
        amount(float(measured[end]), in_column=True) for end in ("value", "low", "high")
    )
    return f'<b>{value}</b> <span class="soft">[{low}, {high}]</span>'
