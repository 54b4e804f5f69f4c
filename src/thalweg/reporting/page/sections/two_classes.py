"""The report of two classes: ROC curve, confusion matrix and scores, with a threshold slider."""

from math import isclose
from typing import TYPE_CHECKING, Any, Literal, cast

from thalweg.evaluation.decisions.decision_shapes import SpreadData
from thalweg.evaluation.judging.intervals import proportion
from thalweg.evaluation.judging.shapes import (
    CurvesData,
    EstimateData,
    TwoClassesData,
    TwoClassesVerdict,
)
from thalweg.evaluation.task_kinds import TWO_CLASSES
from thalweg.reporting import html_pieces as pieces
from thalweg.reporting.comparison_words import strongest_first
from thalweg.reporting.html_pieces import PICTURE, clipped, estimate, figure, labels, source
from thalweg.reporting.network_drawing_data import FIRST_COLUMNS, drawing, is_turned
from thalweg.reporting.page.report_shapes import NetworkData, TwoClassesReport
from thalweg.reporting.page.rows_in_words import (
    begun_by_rows,
    data_and_rows,
    judged_in_pictures,
    rows_of,
)
from thalweg.reporting.page.sections import decisions
from thalweg.reporting.page.sections.section_words import LONGEST
from thalweg.reporting.verdict_words import (
    column_of,
    interval_of,
    of_weights,
    pairs_in_order,
    subject,
)
from thalweg.wording import amount, count_text, counted, effective_text

if TYPE_CHECKING:
    from thalweg.estimators.classifier import ThalwegClassifier

Cell = Literal["true_positive", "false_negative", "false_positive", "true_negative"]

_NAMES = {metric.key: metric.name for metric in TWO_CLASSES.metrics}


def _short(threshold: float) -> str:
    """A threshold with at most three decimals and no trailing zeros, as its script writes it."""
    text = f"{threshold:.3f}"
    return text.rstrip("0").rstrip(".")


def title(verdict: TwoClassesVerdict, target: str) -> str:
    """The subject of the page."""
    del target
    return f"{verdict['positive']} or {verdict['negative']}"


def headline(report: TwoClassesReport) -> str:
    """The results of the network on the held-out rows."""
    judged, (positive, negative) = report["verdict"]["network"], _classes(report["verdict"])
    found, alarms = judged["confusion"]["true_positive"], judged["confusion"]["false_positive"]
    n_positive = judged["n_positive"]
    n_negative = judged["n_samples"] - n_positive
    raised = counted(alarms, "false alarm") if alarms else "no false alarm"
    return (
        f"{begun_by_rows(report)} found {count_text(found)} of {count_text(n_positive)} "
        f"{positive} and raised {raised} among {count_text(n_negative)} "
        f"{negative}{' (sums of weights)' if of_weights(judged) else ''}."
    )


def line_of_rows(report: TwoClassesReport, *, pictured: bool = True) -> str:
    """The line below every picture of the evaluation: data, rows, seed."""
    verdict, judged = report["verdict"], report["verdict"]["network"]
    n_positive, weights = judged["n_positive"], of_weights(judged)
    sums = "sums of weights: " if weights else ""
    return (
        f"{data_and_rows(report, pictured=pictured)} "
        f"({sums}{count_text(n_positive)} {_classes(verdict)[0]}, "
        f"{count_text(judged['n_samples'] - n_positive)} {_classes(verdict)[1]})"
        f"{weights}, seed {report['seed']}"
    )


def decide(report: TwoClassesReport) -> str:
    """The slider of the threshold, and the three pictures that follow it."""
    verdict, threshold = report["verdict"], pictured(report)["threshold"]
    steps = report["curves"]["steps"]
    slider = (
        '<div class="slider" id="slider"><label for="threshold">Call a row '
        f'{_classes(verdict)[0]} above a probability of <output id="threshold-shown" '
        f'for="threshold">{_short(threshold)}</output></label>'
        f'<input type="range" id="threshold" min="0" max="{steps}" step="1" '
        f'value="{round(threshold * steps)}" aria-describedby="threshold-hint">'
        f'<span><button type="button" id="threshold-own">as evaluated, {threshold:.4g}</button>'
        f"{_now(report)}</span></div>"
    )
    hint = (
        '<p class="hint" id="threshold-hint">Arrow keys move it by 0.01, with Shift by 0.001. '
        "Choose the threshold on other rows: chosen on these, it looks better than it is."
        f"{_rug_meant(report)}</p>"
    )
    pair = f'<div class="pair">{roc(report)}{confusion(report)}</div>'
    if (sections := report.get("sections")) is None:
        counts = _counts_of_weights(report)
        return f'<div id="decide">{slider}{hint}{counts}{pair}{scores(report)}</div>'
    chosen = sections["threshold"]
    where_from = "" if chosen is None else _as_evaluated(chosen["sentence"])
    rug = PICTURE.format("rug") if _spread(report) else ""
    worth = decisions.benefit(report, line_of_rows(report))
    return (
        f'<div id="decide">{slider.removesuffix("</div>")}{rug}</div>{_costs(report)}'
        f"{hint}{where_from}{_counts_of_weights(report)}{pair}{worth}{scores(report)}</div>"
    )


def _now(report: TwoClassesReport) -> str:
    """A button for the threshold that the model has now, if it was evaluated at another one."""
    now = report.get("threshold_now")
    if now is None or now == pictured(report)["threshold"]:
        return ""
    return (
        f' <button type="button" id="threshold-now" data-threshold="{now}">as the model decides '
        f"now, {now:.4g}</button>"
    )


def _as_evaluated(sentence: str) -> str:
    """The sentence of the evaluated threshold, marked as such: it does not follow the slider."""
    return (
        '<p class="said" id="evaluated-said"><b>As evaluated, wherever the slider is.</b> '
        f"{pieces.text(sentence, LONGEST)}</p>"
    )


def _counts_of_weights(report: TwoClassesReport) -> str:
    """What each count of positive rows on the page means, if rows have weights."""
    effective, sections = report["curves"].get("effective"), report.get("sections")
    if effective is None:
        return ""
    benefit = sections["benefit"] if sections else None
    of_table = "" if benefit is None \
        else f"{counted(benefit['curve']['n_positive'], 'row')} of the table, "  # fmt: skip
    return (
        f'<p class="said">Rows have weights. {_classes(report["verdict"])[0]}: {of_table}'
        f"{count_text(pictured(report)['n_positive'])} as the sum of their weights (the counts of "
        f"the pictures and of the matrix), and effectively {effective_text(effective['positive'])} "
        "rows of equal weight (for intervals and least numbers of rows).</p>"
    )


def _costs(report: TwoClassesReport) -> str:
    """The field for what a missed row costs."""
    return (
        '<div class="costs"><label for="ratio">One missed '
        f"{_classes(report['verdict'])[0]} row counts as much as</label> "
        '<input type="number" id="ratio" min="0" step="any" inputmode="decimal" '
        'aria-describedby="ratio-said"> <span>false alarms</span> '
        '<output id="ratio-said" for="ratio"></output></div>'
    )


def _spread(report: TwoClassesReport) -> SpreadData | None:
    """How far the threshold moves; None if that is not known."""
    sections = report.get("sections")
    chosen = sections["threshold"] if sections else None
    return chosen["chosen"]["spread"] if chosen else None


def _rug_meant(report: TwoClassesReport) -> str:
    """What the marks below the slider are; empty if there are none."""
    spread = _spread(report)
    if spread is None:
        return ""
    n_folds = sum(each is not None for each in spread["folds"])
    folds = f"Marks below the slider: what {counted(n_folds, 'fold')} alone would choose; " \
        if n_folds else "Below the slider: "  # fmt: skip
    return f" {folds}grey bar: 95 % of resamples." if spread["low"] is not None else ""


def roc(report: TwoClassesReport) -> str:
    """The ROC curve."""
    auc, curve = pictured(report)["metrics"]["auc"], report["curves"]["roc"]
    of_folds = rows_of(report)["in_folds"]
    title = (
        "There is no ROC curve: the test rows are all of one class"
        if auc["value"] is None
        else pairs_in_order(
            float(auc["value"]), curve["true_positive"], curve["false_positive"],
            *_classes(report["verdict"]),
            pairs="all pairs within a fold" if of_folds else "all pairs",
        )
    )  # fmt: skip
    return figure(
        "roc",
        title,
        f"AUC {estimate(auc)}, 95 % interval; {line_of_rows(report)}",
        PICTURE.format("roc-picture"),
        source=source(
            report,
            "ROC curve after Fawcett (2006); ties count one half"
            + ("; the curve compares rows of all folds, and the AUC rows of one" * of_folds),
        ),
    )


def confusion(report: TwoClassesReport) -> str:
    """The confusion matrix, which follows the slider."""
    verdict, judged = report["verdict"], pictured(report)
    positive, negative = _classes(verdict)
    counts = judged["confusion"]

    def cell(key: Cell, words: str) -> str:
        right = key.startswith("true")
        return (
            f'<td class="cell {"right" if right else "wrong"}"><div class="share" '
            f'data-share="{key}"></div><b data-count="{key}">{count_text(counts[key])}</b> '
            f"<span>{words}</span></td>"
        )

    matrix = (
        '<table class="matrix"><caption>Confusion matrix at the chosen threshold</caption>'
        f'<thead><tr><td></td><th scope="col">called {positive}</th>'
        f'<th scope="col">called {negative}</th></tr></thead><tbody>'
        f'<tr><th scope="row">in truth {positive}</th>'
        f"{cell('true_positive', 'found')}{cell('false_negative', 'missed')}</tr>"
        f'<tr><th scope="row">in truth {negative}</th>'
        f"{cell('false_positive', 'false alarms')}{cell('true_negative', 'cleared')}</tr>"
        "</tbody></table>"
    )
    rates = "".join(
        f"<div><dt>{_NAMES[key]}</dt>"
        f'<dd data-rate="{key}">{estimate(judged["metrics"][key])}</dd></div>'
        for key in ("sensitivity", "specificity", "accuracy")
    )
    return figure(
        "confusion",
        f'<span id="confusion-finding">At {_short(judged["threshold"])}, '
        f"found: {count_text(counts['true_positive'])} of {count_text(judged['n_positive'])} "
        f"{positive}; false alarms: {count_text(counts['false_positive'])} of "
        f"{count_text(judged['n_samples'] - judged['n_positive'])} {negative}"
        f"{' (sums of weights)' if of_weights(judged) else ''}</span>",
        line_of_rows(report),
        f'{matrix}<p class="said" id="confusion-said" aria-live="polite"></p>'
        f'<dl class="rates">{rates}</dl>',
        source=source(report, _intervals(report)),
    )


def _intervals(report: TwoClassesReport) -> str:
    """What the intervals of the matrix are, here and at other thresholds."""
    counts, found = pictured(report)["confusion"], pictured(report)["metrics"]
    right, wrong = counts["true_positive"], counts["false_negative"]
    cleared, raised = counts["true_negative"], counts["false_positive"]
    shares = (("sensitivity", right, wrong), ("specificity", cleared, raised))
    alone = True
    for key, k, rest in shares:
        if (given := interval_of(found[key])) is not None:
            own = proportion(k, k + rest)
            alone &= isclose(given[1], own.low, abs_tol=1e-6)
            alone &= isclose(given[2], own.high, abs_tol=1e-6)
    if alone:
        return "Wilson's 95 % intervals"
    return (
        "Wilson's 95 % intervals, for as many independent rows as the weights and the groups of "
        "these rows leave: at the evaluated threshold they are those of the evaluation, and "
        "elsewhere they take its design effects"
    )


def _ppv(report: TwoClassesReport) -> EstimateData | None:
    """The share of positive rows among those called so; None if that of these rows is not known."""
    sections, counts = report.get("sections"), pictured(report)["confusion"]
    if sections is None or sections["threshold"] is None:
        return None
    point = sections["threshold"]["point"]
    keys: tuple[Cell, ...] = ("true_positive", "false_negative", "false_positive", "true_negative")
    same = all(isclose(point[key], counts[key], rel_tol=1e-9, abs_tol=1e-9) for key in keys)
    return point["ppv"] if same else None


def scores(report: TwoClassesReport) -> str:
    """The histogram of scores, and the table of thresholds for all three pictures."""
    curves, judged = report["curves"], pictured(report)
    positive, negative = _classes(report["verdict"])
    bars = curves["histogram"]
    ends = sum(side[place] for side in (bars["positive"], bars["negative"]) for place in (0, -1))
    bins = len(bars["positive"])
    rows = [
        (
            f"{k / bins:.2f} to {(k + 1) / bins:.2f}",
            count_text(bars["positive"][k]),
            count_text(bars["negative"][k]),
        )
        for k in range(bins)
    ]
    of_all = f"{count_text(ends)} of {judged['n_samples']:,} scores"
    if of_weights(judged):
        share = ends / sum(sum(bars[side]) for side in ("positive", "negative"))
        of_all = f"{amount(100 * share, 3)}\u00a0% of the scores by weight"
    return figure(
        "scores",
        f"{of_all} {'lies' if ends == 1 else 'lie'} within {1 / bins:g} of 0 or 1",
        f"Score: the probability of {positive} that {subject(report['verdict'])} gives; "
        f"{line_of_rows(report)}",
        PICTURE.format("scores-picture"),
        # The table needs the whole width of the page, which it would not have at the ROC curve.
        behind=pieces.folded(
            "Table: scores by class",
            pieces.table(("score", positive, negative), rows, "Scores by class"),
        )
        + pieces.folded("Table: counts at 21 thresholds", _thresholds(curves)),
        source=source(report, f"{bins} bins (a, b]"),
    )


def drawn(report: TwoClassesReport) -> tuple[str, int]:
    """The place where the page's script draws the network, and its largest number of inputs."""
    del report
    box = PICTURE.format("network-picture")
    readout = '<div class="readout" id="network-readout" aria-live="polite"></div>'
    return f'<div class="beside">{box}{readout}</div>', FIRST_COLUMNS


def outputs(model: "ThalwegClassifier", target: str) -> dict[str, str | bool]:
    """The name of the network's output."""
    del target
    return {"logit_of": str(model.positive_), "turned": is_turned(model)}


def page_data(report: TwoClassesReport) -> dict[str, Any]:
    """The data for the page's script, except that of the training."""
    verdict, sections = report["verdict"], report.get("sections")
    network = report.get("network")
    few = sections is not None and sections.get("effects") is not None
    return {
        **({"network": _drawn(network, few=few)} if network and network["theta"] else {}),
        **({"pictured": report["pictured"]} if "pictured" in report else {}),
        "verdict": {
            **verdict,
            "positive": clipped(verdict["positive"]),
            "negative": clipped(verdict["negative"]),
        },
        # JSON sorts keys, so the order of the models is separate.
        "order": [column_of(verdict), *strongest_first(verdict)],
        "curves": report["curves"],
        **({} if (ppv := _ppv(report)) is None else {"ppv": ppv}),
    }


def _drawn(facts: NetworkData, *, few: bool) -> dict[str, Any]:
    """The network for the page's script, with names as long as on the page."""
    network = drawing(facts, few=few)
    columns = network["columns"]
    return {
        **network,
        "inputs": [clipped(each) for each in network["inputs"]],
        "columns": {**columns, "names": [clipped(each) for each in columns["names"]]},
        "logit_of": clipped(network["logit_of"]),
    }


def pictured(report: TwoClassesReport) -> TwoClassesData:
    """The evaluation that the pictures show."""
    return cast(TwoClassesData, judged_in_pictures(report))


def _classes(verdict: TwoClassesVerdict) -> tuple[str, str]:
    positive, negative = labels(verdict["positive"], verdict["negative"])
    return positive, negative


def _thresholds(curves: CurvesData) -> str:
    n_positive, n_negative, steps = curves["n_positive"], curves["n_negative"], curves["steps"]
    rows = []
    for k in range(0, steps + 1, steps // 20):
        found, alarms = curves["true_positive"][k], curves["false_positive"][k]
        counts = (found, n_positive - found, alarms, n_negative - alarms)
        shares = (
            pieces.plain(part / whole if whole else None)
            for part, whole in ((found, n_positive), (n_negative - alarms, n_negative))
        )
        rows.append((f"{k / steps:.2f}", *map(count_text, counts), *shares))
    heads = "threshold, found, missed, false alarms, cleared, sensitivity, specificity"
    counted_as = "Sums of weights" if "effective" in curves else "Counts"
    return pieces.table(heads.split(", "), rows, f"{counted_as} at 21 thresholds")
