"""The section of the report with the what-if panel: a made-up row, its answer, and why."""

from typing import Any

from thalweg.evaluation.judging.regression_loss import statistic_of_target
from thalweg.reporting.html_pieces import figure, source, text
from thalweg.reporting.inline import json_block
from thalweg.reporting.model_sections.shown_knowledge import caution_of
from thalweg.reporting.page.report_shapes import Report
from thalweg.reporting.page.sections.section_words import has_panel
from thalweg.wording import amount, counted

# The modules that a page with the panel begins with, and the one that is written for its model.
SCRIPT, PLAIN_SCRIPT, FORMULAS = "report_with_what_if.js", "report_alone.js", "formulas.js"
_LONGEST = 500
_TITLE = "Try a row: what the model answers, and why"
# Bytes of a weight in the page.
_A_WEIGHT = 5.34


def what_if(report: Report) -> str:
    """The panel, or why there is none; nothing if none was asked for."""
    found = report.get("what_if")
    if found is None:
        return ""
    if "why_not" in found:
        return figure(
            "what-if",
            "No what-if panel",
            "A panel in which a made-up row is answered is left out: "
            f"{text(found['why_not'], _LONGEST)}.",
            "",
        )
    panel = found["panel"]
    several = panel["n_networks"] > 1
    sections = report.get("sections")
    judged = report["verdict"] if sections is None else {**report["verdict"], "sections": sections}
    caution = found.get("caution") or caution_of(judged)
    caution = f"<b>{text(caution, _LONGEST)}</b> " if caution else ""
    which = f"{counted(panel['n_networks'], 'network')}, averaged," if several else "The network"
    return figure(
        "what-if",
        _TITLE,
        f"{caution}A made-up row, no row of the table. It begins as the typical row: the median of "
        "each number, the most common level of each category, nothing missing."
        f"{_order(panel)} Below the answer stands whether the row is unlike the training rows, by "
        "its numbers, levels and missing cells together, not by its days.",
        '<div id="what-if-panel"></div>'
        '<p class="said">This is how the model computes, not what causes what. To change a number '
        "here shows what the model answers for another row; it does not say what would happen to "
        "anybody whose number is changed.</p>"
        '<p class="said">For a page or a program of your own, '
        "<code>thalweg export MODEL -o model.mjs</code> writes the same model as a file.</p>",
        source=source(
            report,
            f"{which} computed in this page, {counted(found['n_weights'], 'weight')}: about "
            f"{_size(found['n_weights'])} of this file; contributions by the path rule from the "
            f"typical row{_halves(panel)}; of the table there are the quantiles of numbers, the "
            "lowest and the highest included, names of levels, the typical row, and, for the "
            "outlier p, shares of levels and of missing cells, means and correlations of numbers",
        ),
    )


def _halves(panel: dict[str, Any]) -> str:
    """What lies on the way to a row with other categories."""
    if not any(each["as"] in ("truth", "list") for each in panel["controls"]):
        return ""
    return " (on the straight way to a row of other categories lie half-categories)"


def _order(panel: dict[str, Any]) -> str:
    """Which columns stand first, if not all do."""
    usable = sum(each["as"] != "none" for each in panel["controls"])
    n_first = len(panel["first"])
    if n_first == usable:
        return ""
    return (
        f" The first {n_first} of {usable:,} columns are those that move its answer most, each "
        "alone, from 5 to 95 % of its values or from level to level; the others are below."
    )


def _size(n_weights: int) -> str:
    size = _A_WEIGHT * n_weights
    return f"{amount(size / 1e6, 2)} MB" if size >= 1e6 else f"{max(1, round(size / 1e3))} kB"


def model_block(report: Report) -> str:
    """The model, in a block of its own; nothing if there is no panel."""
    found = report.get("what_if")
    if found is None or not has_panel(report):
        return ""
    target = statistic_of_target(found["panel"].get("statistic", ""), report["table"]["target"])
    told = {"unit": report["table"].get("unit", ""), "target": target}
    data = json_block({**found["panel"], **told})
    return f'<script type="application/json" id="what-if-model">{data}</script>'


def script_of(report: Report) -> tuple[str, dict[str, str]]:
    """The module that the page's script begins with, and those that are written for it."""
    found = report.get("what_if")
    if found is None or not has_panel(report):
        return PLAIN_SCRIPT, {}
    return SCRIPT, {FORMULAS: found["formulas"]}
