"""The report of several classes and of regression: static pictures, and tables."""

from typing import TYPE_CHECKING

import numpy as np

from thalweg.evaluation.judging.shapes import (
    ClassesData,
    ClassesVerdict,
    EstimateData,
    QuantilesVerdict,
    ValuesData,
    ValuesVerdict,
)
from thalweg.evaluation.task_kinds import ONE_NUMBER, RMSE, metric_of
from thalweg.network.architecture import Architecture
from thalweg.reporting import html_pieces as pieces
from thalweg.reporting.html_pieces import (
    PICTURE,
    compact,
    estimate,
    figure,
    label,
    name,
    of_unit,
    plain,
    quoted,
    source,
    table,
)
from thalweg.reporting.network_drawing_data import are_bins, input_groups
from thalweg.reporting.network_svg import MOST_UNITS, network_svg
from thalweg.reporting.page.report_shapes import ClassesReport, QuantilesReport, ValuesReport
from thalweg.reporting.page.rows_in_words import (
    begun_by_rows,
    data_and_rows,
    judged_in_pictures,
    rows_of,
)
from thalweg.reporting.page.sections.section_words import WILSON
from thalweg.reporting.page.still_pictures import bars_svg, cells_svg
from thalweg.reporting.verdict_words import (
    WIDEST_ON_A_PAGE,
    in_order_of_grades,
    interval_of,
    of_weights,
)
from thalweg.wording import amount, count_text, counted, with_article

if TYPE_CHECKING:
    from thalweg.estimators.classifier import ThalwegClassifier
    from thalweg.estimators.regressor import ThalwegRegressor

_MOST_MISTAKES = 20
# So many mistakes that are equally common are named in a title.
_MOST_TIES = 3
# So many classes can be told apart in the picture of the confusion matrix.
_MOST_DRAWN = 40
_PINBALL = "pinball loss at "
# Metrics in the unit of the target.
_IN_UNIT = {metric.key for metric in ONE_NUMBER.metrics if metric.in_unit}


def title(verdict: ClassesVerdict | ValuesVerdict | QuantilesVerdict, target: str) -> str:
    """The subject of the page."""
    if target:
        return target
    return f"{len(verdict['classes'])} classes" if "classes" in verdict else "a numeric target"


def classes_headline(report: ClassesReport) -> str:
    """How many rows were assigned to the right class."""
    judged = report["verdict"]["network"]
    right = sum(row[k] for k, row in enumerate(judged["confusion"]))
    n_classes = len(report["verdict"]["classes"])
    of_all = f"the right one of {n_classes:,} classes"
    if "n_effective" in judged:  # sums of weights are no rows
        share = _of_weight(right, judged)
        return f"{begun_by_rows(report)} assigned {share} to {of_all}."
    return f"{begun_by_rows(report)} assigned {count_text(right)} to {of_all}."


def _of_weight(part: float, judged: ClassesData) -> str:
    """A part of the weight of all rows: their weights are scaled to a sum of the number of rows."""
    return f"{100 * part / judged['n_samples']:.3g}\u00a0% of the weight"


def values_headline(report: ValuesReport) -> str:
    """The error of the network."""
    judged, target = report["verdict"]["network"], report["table"]["target"]
    where = f" in {name(target)}" if target else ""
    for measure in _own_measures(report):  # RMSE and R² do not evaluate a quantile
        value = _compact(judged["metrics"][metric_of(measure)])
        unit = of_unit(report["table"].get("unit")) if metric_of(measure) in _IN_UNIT else ""
        return f"{begun_by_rows(report)} had {with_article(measure)} of {value}{unit}{where}."
    rmse, r2 = judged["metrics"]["rmse"], judged["metrics"]["r2"]
    off = f"{_compact(rmse)}{of_unit(report['table'].get('unit'))}"
    return (
        f"{begun_by_rows(report)} was off by {off} (root mean square){where}.{_beside_the_mean(r2)}"
    )


def _own_measures(report: ValuesReport) -> set[str]:
    """The measure that the loss of the model has, if it is another one than RMSE."""
    compared = {each["measure"] for each in report["verdict"]["differences"].values()}
    return (compared or {rows_of(report).get("measure", RMSE)}) - {RMSE}


def _beside_the_mean(r2: EstimateData) -> str:
    """R² of the test rows, with its interval and its meaning; empty if all targets are equal.

    It is a measurement on these rows, can be below 0, and says little without its interval.
    """
    ends = interval_of(r2)
    if ends is None:
        return ""
    value, low, high = map(plain, ends)
    meaning = "1 is no error, 0 as much as always predicting their mean"
    if ends[0] < 0:
        meaning += ", and below 0 is worse than that"
    return f" On these rows R² is {value} (95\u00a0% interval {low} to {high}): {meaning}."


def drawn(report: ClassesReport | ValuesReport | QuantilesReport) -> tuple[str, int]:
    """The static drawing of the network, and the largest number of inputs in it."""
    facts = report["network"]
    architecture = Architecture(tuple(facts["sizes"]), tuple(facts["activations"]))
    layers = architecture.layers(np.asarray(facts["theta"], dtype=np.float64))
    groups = input_groups(facts["columns"], are_bins(facts))
    picture = network_svg(layers, facts["activations"], facts["inputs"], facts["outputs"], groups)
    picture = picture.replace(' style="max-width:100%;height:auto"', ' class="still"')
    return f'<div class="scroll">{picture}</div>', MOST_UNITS


def class_outputs(model: "ThalwegClassifier", target: str) -> dict[str, list[str]]:
    """The names of the network's outputs: the classes."""
    del target
    return {"outputs": [str(each) for each in model.classes_]}


def value_output(model: "ThalwegRegressor", target: str) -> dict[str, list[str]]:
    """The name of the network's output: the target."""
    del model
    return {"outputs": [str(target)]}


def class_pictures(report: ClassesReport) -> str:
    """The predictions for each class."""
    return _classes(report) + _mistakes(report)


def classes_data(report: ClassesReport) -> dict[str, ClassesVerdict]:
    """The data for pictures and programs, with class names as long as on the page."""
    verdict = in_order_of_grades(report["verdict"])
    classes = [pieces.clipped(each) for each in verdict["classes"]]
    return {"verdict": {**verdict, "classes": classes}}


def values_data(report: ValuesReport) -> dict[str, ValuesVerdict]:
    """The data for programs."""
    return {"verdict": report["verdict"]}


def line_of_rows(
    report: ClassesReport | ValuesReport | QuantilesReport, *, pictured: bool = True
) -> str:
    """The line below every picture of the evaluation: data, rows, seed."""
    weights = of_weights(report["verdict"]["network"])
    return f"{data_and_rows(report, pictured=pictured)}{weights}, seed {report['seed']}"


def _classes(report: ClassesReport) -> str:
    verdict = in_order_of_grades(report["verdict"])
    network, classes = verdict["network"], verdict["classes"]
    confusion = network["confusion"]
    rows = [
        (
            name(each),
            count_text(sum(confusion[k])),
            count_text(confusion[k][k]),
            estimate(network["recall"][k]),
            estimate(network["precision"][k]),
        )
        for k, each in enumerate(classes)
    ]
    found = [
        (float(each["value"]), -sum(confusion[k]), k)
        for k, each in enumerate(network["recall"])
        if each["value"] is not None
    ]
    lowest, _, worst = min(found)
    title = "Every row is recognised"
    if lowest < 1:
        n_rows, n_found = sum(confusion[worst]), confusion[worst][worst]
        # Of 1 row, a share alone would look like one of many.
        share = (
            f"{plain(lowest)} of its rows by weight"
            if "n_effective" in network
            else f"{count_text(n_found)} of {counted(n_rows, 'row')}"
        )
        title = f"{quoted(classes[worst])} has the lowest recall: {share}"
    return figure(
        "classes",
        title,
        "Recall: the share of the rows of a class that are assigned to it. Precision: the share "
        f"of the rows assigned to a class that belong to it. {line_of_rows(report)}",
        table(("class", "rows", "recognised", "recall", "precision"), rows, "Classes"),
        source=source(report, WILSON),
    )


def _mistakes(report: ClassesReport) -> str:
    verdict = in_order_of_grades(report["verdict"])
    judged, classes = verdict["network"], verdict["classes"]
    confusion = judged["confusion"]
    wrong = sorted(
        ((n, i, j) for i, row in enumerate(confusion) for j, n in enumerate(row) if i != j and n),
        key=lambda each: -each[0],
    )
    n_wrong = sum(n for n, _, _ in wrong)
    weighted = "n_effective" in judged
    counts = "sums of weights, scaled to the number of rows" if weighted else "counts"
    title = "No row is assigned to a wrong class"
    if wrong:
        most = wrong[0][0]
        ties = [(i, j) for n, i, j in wrong if n == most]
        told = [f"{label(classes[i])} is called {label(classes[j])}" for i, j in ties[:_MOST_TIES]]
        if len(ties) > _MOST_TIES:
            told.append(f"{len(ties) - _MOST_TIES:,} more")
        said = f"{', '.join(told[:-1])} and {told[-1]}" if len(told) > 1 else told[0]
        each = " each" if len(ties) > 1 else ""
        title = (
            f"{counted(n_wrong, 'row is', 'rows are')} assigned to a wrong class; most often, "
            f"{counted(most, 'time')}{each}, {said}"
        )
        if weighted:
            title = (
                f"{_of_weight(n_wrong, judged)} is assigned to a wrong class; most often, with "
                f"{_of_weight(most, judged)}{each}, {said}"
            )
    if len(classes) <= WIDEST_ON_A_PAGE:
        heads = ("in truth", *(f"called {name(each)}" for each in classes))
        rows = [
            (
                name(each),
                *(
                    f"<b>{count_text(n)}</b>"
                    if i == j
                    else count_text(n)
                    if n
                    else '<span class="soft">0</span>'
                    for j, n in enumerate(confusion[i])
                ),
            )
            for i, each in enumerate(classes)
        ]
        body = table(heads, rows, "Confusion matrix")
    else:
        rows = [(name(classes[i]), name(classes[j]), count_text(n)) for n, i, j in wrong]
        named = ("in truth", "called", "weight" if weighted else "rows")
        body = table(named, rows[:_MOST_MISTAKES], "Most common mistakes")
    if report.get("sections") is not None and len(classes) <= _MOST_DRAWN:
        body = PICTURE.format("classes-picture") + pieces.folded("Table: counts", body)
    return figure("confusion", title, line_of_rows(report), body, source=source(report, counts))


def residuals(report: ValuesReport) -> str:
    """True against predicted values, and the residuals."""
    shown, judgement = report["curves"], judged_in_pictures(report)
    target = report["table"]["target"]
    of_target = f"{name(target)}: true" if target else "True"
    unit = of_unit(report["table"].get("unit"))
    n_bins = len(shown["residuals"])
    width = 2 * shown["reach"] / n_bins
    rows = [
        (
            f"{compact(k * width - shown['reach'])} to {compact((k + 1) * width - shown['reach'])}",
            count_text(count),
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
        _distances(report, judgement, unit),
        f"{of_target} against predicted, and the residuals; {line_of_rows(report)}",
        pictures,
        behind=pieces.folded(
            "Table: residuals", table(("true minus predicted", "rows"), rows, "Residuals")
        ),
        source=source(report, f"{n_bins} bins of equal width; on the dashed line both are equal"),
    )


def _distances(report: ValuesReport, judgement: ValuesData, unit: str) -> str:
    """How far truths and predictions are apart; that is no error of a predicted quantile."""
    n, mae = judgement["n_samples"], f"{_short(judgement['metrics']['mae']['value'])}{unit}"
    worst = f"{_short(report['curves']['reach'])}{unit}"
    for measure in _own_measures(report):
        if measure.startswith(_PINBALL):
            quantile = f"{measure.removeprefix(_PINBALL)} quantile"
            return (
                f"True values are {mae} above or below the predicted {quantile} on average, the "
                f"farthest of {n:,} {worst}; that is no error of a quantile"
            )
    return f"Predictions are off by {mae} on average, the worst of {n:,} by {worst}"


def _short(value: float | str | None) -> str:
    """A number of a title, in as many digits as the one beside it."""
    return "undefined" if value is None else amount(float(value), 3, in_column=True)


def _compact(measured: EstimateData) -> str:
    return "undefined" if measured["value"] is None else compact(float(measured["value"]))
