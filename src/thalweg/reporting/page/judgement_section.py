"""The report on the judgement: metrics beside baselines, ROC curve, confusion matrix, scores."""

from collections.abc import Mapping
from typing import Any

from thalweg.reporting import beside
from thalweg.reporting.pieces import (
    PICTURE,
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
from thalweg.reporting.words import METRICS as WORDS
from thalweg.reporting.words import less_is_better
from thalweg.wording import counted

Facts = Mapping[str, Any]

METRICS = WORDS["binary"]


def tested_on(report: Facts) -> str:
    """The line under every picture of the judgement: data, rows, seed."""
    verdict, judged = report["verdict"], report["verdict"]["network"]
    n_positive = judged["n_positive"]
    return (
        f"{name(report['table']['name'])}, {counted(judged['n_samples'], 'test row')} "
        f"({n_positive:,} {label(verdict['positive'])}, "
        f"{judged['n_samples'] - n_positive:,} {label(verdict['negative'])}), "
        f"seed {report['seed']}"
    )


def decide(report: Facts) -> str:
    """The three pictures that one threshold moves, under the slider that moves it."""
    verdict, threshold = report["verdict"], report["verdict"]["network"]["threshold"]
    steps = report["curves"]["steps"]
    slider = (
        '<div class="slider" id="slider"><label for="threshold">Call a row '
        f'{label(verdict["positive"])} above a probability of <output id="threshold-shown" '
        f'for="threshold">{threshold:.3f}</output></label>'
        f'<input type="range" id="threshold" min="0" max="{steps}" step="1" '
        f'value="{round(threshold * steps)}" aria-describedby="threshold-hint">'
        f'<button type="button" id="threshold-own">model’s own, {threshold:.4g}</button></div>'
    )
    hint = (
        '<p class="hint" id="threshold-hint">Arrow keys move it by 0.01, with Shift by 0.001. '
        "Choose a threshold on other rows than these: picked here, it looks better than it is.</p>"
    )
    pair = f'<div class="pair">{roc(report)}{confusion(report)}</div>'
    return f'<div id="decide">{slider}{hint}{pair}{scores(report)}</div>'


def roc(report: Facts) -> str:
    """The ROC curve."""
    auc = report["verdict"]["network"]["metrics"]["auc"]
    positive, negative = (label(report["verdict"][side]) for side in ("positive", "negative"))
    title = (
        "There is no ROC curve: the test rows are all of one class"
        if auc["value"] is None
        else f"In {_percent(auc['value'])} of all pairs, the {positive} row scores higher than "
        f"the {negative} one"
    )
    return figure(
        "roc",
        title,
        f"AUC {estimate(auc)}, 95 % interval by bootstrap; {tested_on(report)}",
        PICTURE.format("roc-picture"),
        source=source(report, "ROC curve after Fawcett (2006); ties count one half"),
    )


def confusion(report: Facts) -> str:
    """The confusion matrix, which the slider moves."""
    verdict, judged = report["verdict"], report["verdict"]["network"]
    positive, negative = label(verdict["positive"]), label(verdict["negative"])
    counts = judged["confusion"]

    def cell(key: str, words: str) -> str:
        right = key.startswith("true")
        return (
            f'<td class="cell {"right" if right else "wrong"}"><div class="share" '
            f'data-share="{key}"></div><b data-count="{key}">{counts[key]:,}</b> '
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
        f"<div><dt>{METRICS[key]}</dt>"
        f'<dd data-rate="{key}">{estimate(judged["metrics"][key])}</dd></div>'
        for key in ("sensitivity", "specificity", "accuracy")
    )
    return figure(
        "confusion",
        f'<span id="confusion-finding">At {judged["threshold"]:.3f}, '
        f"{counts['true_positive']:,} of {judged['n_positive']:,} {positive} are found and "
        f"{counts['false_positive']:,} of {judged['n_samples'] - judged['n_positive']:,} "
        f"{negative} raise a false alarm</span>",
        tested_on(report),
        f'{matrix}<p class="said" id="confusion-said" aria-live="polite"></p>'
        f'<dl class="rates">{rates}</dl>',
        source=source(report, "Wilson’s 95 % intervals"),
    )


def scores(report: Facts) -> str:
    """The histogram of scores, and the table of thresholds behind all three pictures."""
    curves, judged = report["curves"], report["verdict"]["network"]
    positive, negative = (label(report["verdict"][side]) for side in ("positive", "negative"))
    bars = curves["histogram"]
    ends = sum(bars[side][place] for side in bars for place in (0, -1))
    bins = len(bars["positive"])
    rows = [
        (
            f"{k / bins:.2f} to {(k + 1) / bins:.2f}",
            f"{bars['positive'][k]:,}",
            f"{bars['negative'][k]:,}",
        )
        for k in range(bins)
    ]
    return figure(
        "scores",
        f"{ends:,} of {judged['n_samples']:,} scores lie within {1 / bins:g} of 0 or 1",
        f"Score: the probability of {positive} that the network gives; {tested_on(report)}",
        PICTURE.format("scores-picture"),
        # Here the page's whole width is free; beside the ROC curve the last columns were cut.
        behind=folded(
            "Table: scores by class",
            table(("score", positive, negative), rows, "Scores by class"),
        )
        + folded("Table: counts at 21 thresholds", _thresholds(curves)),
        source=source(report, f"{bins} bins (a, b]"),
    )


def metrics(report: Facts) -> str:
    """The network beside its baselines."""
    verdict = report["verdict"]
    judged = {"network": verdict["network"], **beside.strongest_first(verdict)}
    rows = [
        (METRICS[key], *(estimate(each["metrics"][key]) for each in judged.values()))
        for key in METRICS
    ]
    for wrong, right, words in (
        ("false_negative", "true_positive", "missed"),
        ("false_positive", "true_negative", "false alarms"),
    ):
        both = [(each["confusion"][wrong], each["confusion"][right]) for each in judged.values()]
        rows.append((words, *(f"{a:,} of {a + b:,}" for a, b in both)))
    return figure(
        "metrics",
        beside.title(verdict),
        f"{tested_on(report)}. {beside.differences(verdict)} {text(beside.rule(verdict), 500)}",
        PICTURE.format("metrics-picture")
        + table(("", *map(text, judged)), rows, "Metrics with 95 % intervals, baselines beside"),
        source=source(
            report,
            "intervals by Wilson (shares) and bootstrap, 2,000 resamples; "
            f"{less_is_better(verdict)}",
        ),
    )


def _percent(share: float) -> str:
    """A share in words that never round to all or nothing."""
    shown = f"{100 * share:.1f}"
    if shown == "100.0" and share < 1:
        shown = "more than 99.9"
    if shown == "0.0" and share > 0:
        shown = "less than 0.1"
    return f"{shown.removesuffix('.0')}\u00a0%"


def _thresholds(curves: Facts) -> str:
    n_positive, n_negative, steps = (curves[key] for key in ("n_positive", "n_negative", "steps"))
    rows = []
    for k in range(0, steps + 1, steps // 20):
        found, alarms = curves["true_positive"][k], curves["false_positive"][k]
        counts = (found, n_positive - found, alarms, n_negative - alarms)
        shares = (
            plain(part / whole if whole else None)
            for part, whole in ((found, n_positive), (n_negative - alarms, n_negative))
        )
        rows.append((f"{k / steps:.2f}", *(f"{n:,}" for n in counts), *shares))
    heads = "threshold, found, missed, false alarms, cleared, sensitivity, specificity"
    return table(heads.split(", "), rows, "Counts at 21 thresholds")
