"""The report of several quantiles: coverage by level, and predictions of groups of rows."""

from functools import partial
from typing import TYPE_CHECKING

from thalweg.evaluation.judging.shapes import QuantilesData, QuantilesVerdict
from thalweg.evaluation.quantiles.levels_of_loss import central_pairs
from thalweg.reporting.html_pieces import compact, estimate, figure, folded, name, source, table
from thalweg.reporting.page.quantiles.level_pictures import coverage_svg, fan_svg
from thalweg.reporting.page.report_shapes import QuantilesReport
from thalweg.reporting.page.rows_in_words import begun_by_rows
from thalweg.reporting.page.sections.classes_and_numbers import line_of_rows
from thalweg.reporting.page.sections.section_words import percent
from thalweg.wording import counted, even

if TYPE_CHECKING:
    from thalweg.estimators.regressor import ThalwegRegressor

_INTERVALS = (
    "below: exact 95 % intervals (Clopper and Pearson), equal values count half; between: "
    "Wilson's; pinball loss: Hall's"
)


def headline(report: QuantilesReport) -> str:
    """The pinball loss, and the share between the outermost pair of levels."""
    judged, target = report["verdict"]["network"], report["table"]["target"]
    where = f" in {name(target)}" if target else ""
    value = judged["metrics"]["pinball"]["value"]
    loss = "undefined" if value is None else compact(float(value))
    levels, pairs = judged["levels"], central_pairs(judged["levels"])
    said = (
        f"{begun_by_rows(report)} had a pinball loss of {loss}{where}, the mean over "
        f"{counted(len(levels), 'level')}."
    )
    if not pairs:
        return said
    low, high = pairs[0]
    share = float(judged["between"][0]["value"] or 0.0)
    return (
        f"{said} Between its {levels[low]:.10g} and {levels[high]:.10g} quantiles were "
        f"{percent(share)} of these rows; {percent(levels[high] - levels[low])} is nominal."
    )


def outputs(model: "ThalwegRegressor", target: str) -> dict[str, list[str]]:
    """The names of the network's outputs: the levels."""
    del target
    return {"outputs": [f"{level:.10g} quantile" for level in model.levels_.tolist()]}


def page_data(report: QuantilesReport) -> dict[str, QuantilesVerdict]:
    """The data for programs."""
    return {"verdict": report["verdict"]}


def pictures(report: QuantilesReport) -> str:
    """Coverage by level, and the fan of predictions."""
    shown = report.get("pictured") or report["verdict"]["network"]
    judged: QuantilesData = shown  # type: ignore[assignment]  # its keys are those of the verdict
    return _coverage(report, judged) + _fan(report)


def _coverage(report: QuantilesReport, judged: QuantilesData) -> str:
    levels = judged["levels"]
    rows = [
        (f"{level:.10g}", estimate(below), estimate(pinball, partial(even, digits=5)))
        for level, below, pinball in zip(levels, judged["below"], judged["pinball"], strict=True)
    ]
    body = coverage_svg(judged) + table(
        ("level", "share of rows below", "pinball loss"), rows, "Coverage by level"
    )
    pairs = [
        (f"{levels[low]:.10g} to {levels[high]:.10g}", percent(levels[high] - levels[low]),
         estimate(found))
        for (low, high), found in zip(central_pairs(levels), judged["between"], strict=True)
    ]  # fmt: skip
    if pairs:
        body += table(("between the levels", "nominal", "share of rows"), pairs, "Central shares")
    return figure(
        "levels",
        _title(judged),
        f"The share of rows below the predicted quantile of a level should be the level. "
        f"{line_of_rows(report)}",
        body,
        source=source(report, _INTERVALS),
    )


def _title(judged: QuantilesData) -> str:
    levels = judged["levels"]
    off = [
        f"{level:.10g}"
        for level, found in zip(levels, judged["below"], strict=True)
        if not float(found["low"] or 0.0) <= level <= float(found["high"] or 0.0)
    ]
    if not off:
        return "At each level, the interval of the share of rows below includes the level"
    some = f"{len(off):,} of {len(levels):,} levels"
    return f"At {some}, the interval of the share of rows below excludes the level"


def _fan(report: QuantilesReport) -> str:
    fan = report["curves"]
    levels = report["verdict"]["network"]["levels"]
    middle = f"{levels[len(levels) // 2]:.10g} quantile"
    true = "median" if levels[len(levels) // 2] == 0.5 else middle
    heads = ("group", "rows", f"true {true}", *(f"{level:.10g} quantile" for level in levels))
    rows = [
        (
            f"{k + 1}",
            compact(fan["rows"][k]),
            compact(fan["truth"][k]),
            *(compact(line[k]) for line in fan["predicted"]),
        )
        for k in range(len(fan["truth"]))
    ]
    return figure(
        "fan",
        f"The predicted quantiles of {counted(len(rows), 'group')} of rows",
        f"Lines: of each level, named at its end, the median of the predictions for the rows of a "
        f"group; points: the "
        f"{true} of their true values, which should be near the line of the {middle}. "
        f"{line_of_rows(report)}",
        fan_svg(fan, levels, report["table"]["target"]),
        behind=folded("Table: groups", table(heads, rows, "Predicted quantiles")),
        source=source(
            report,
            "groups of nearly equal size, of at least 10 rows; rows of one prediction are in one "
            "group",
        ),
    )
