"""The report: one offline page that shows a network, how it learned and how well it judges.

`report_html` takes plain data, ``report``, and nothing else::

    title: str                    of the page
    thalweg: str                  version
    seed: int
    data_hash: str                SHA-256 of the training part, hexadecimal
    table:
      name, target: str
      n_rows, n_train, n_test: int
      positive, negative: str     the classes
      class_counts: {label: int}  rows of each class in the whole table
      notes: [str]                what was done to the table, a sentence each
      columns: [{name, kind, missing, low, median, high, levels, n_levels}]   `column_facts`;
                                  without the last two in files of before
    network:
      sizes: [int]                the inputs first
      activations: [str]          one a layer
      inputs: [str]               names of the encoded columns
      columns: [int | None]       the column that each of them reads; None marks missing cells
      theta: [float]              all weights and biases
      logit_of: str               the class whose log-odds the output is: the one looked for
      turned: bool                whether the last weights and bias are times -1 for that
      members: int                how many networks are averaged; theta is that of the first
      encoding: {center, scale: [float], low, high: [float | None]}   of the first inputs (low and
                                  high of a bin); the others mark missing cells
      loss: str, alpha, dropout: float, optimizer: str, batch_size: int | str, max_iter: int
    training:
      history: [{epoch, steps, train_loss, valid_loss | None, rate, gradient_norm}]
      best_epoch: int
      stopping: "cross-validation" | "folds" | "hold-out" | "validation" | "none"
      status: str                 name of a `thalweg.errors.Status`, in small letters
    verdict: what `Verdict.as_dict` gives
    curves: what `Curves.as_dict` gives, for the network on the test part
    landscape: what `landscape_section` gives; may be absent
    trace: what `trace_data` gives, where rows are to be followed; it may be absent

That is of two classes. Of several, ``table`` has ``classes`` instead of positive and negative,
``network`` has ``outputs`` (their names) instead of logit_of and turned, and ``curves`` is None; a
number has ``target_range: {low, median, high}`` instead of ``class_counts``, and ``curves`` is what
`Residuals.as_dict` gives. Their pictures stand still.

The page makes no request: its policy (CSP) forbids all, and allows its own script and style by
their hashes. It holds no row of the table: counts, weights, and of each column the lowest, the
median and the highest value, the ends of its bins and the names of its levels. It stays below
450 KB for 300 columns and 256 units; of a larger network the first columns are in it, and of each
layer the units that carry most of the paths. Numbers are written as `display` writes them.
"""

from collections.abc import Mapping, Sequence
from importlib.resources import files
from math import ceil, isfinite, isnan
from string import Template
from typing import Any

import numpy as np

from thalweg.errors import DataError
from thalweg.estimators.parameters.parameter import CLASSIFIER, REGRESSOR
from thalweg.estimators.parameters.recipe import dropout_of
from thalweg.estimators.parameters.unlike_default import unlike_default
from thalweg.reporting import beside
from thalweg.reporting.drawing import FIRST_COLUMNS, drawing, facing, is_turned
from thalweg.reporting.inline import joined, json_block, source_hash
from thalweg.reporting.landscape.section import section_html
from thalweg.reporting.network_svg import MOST_UNITS
from thalweg.reporting.page import answers, judgement_section, sections
from thalweg.reporting.pieces import PICTURE, clipped, name, text
from thalweg.reporting.trace.html import STYLE, piece
from thalweg.training.descent.settings import parse_optimizer

_DRAW = files("thalweg.reporting") / "draw"
_MOST_POINTS = 500
# Levels of a column that are counted by name.
_MOST_LEVELS = 5
_NETWORK = "sizes activations inputs columns theta members encoding loss"
_SETTINGS = "alpha dropout optimizer batch_size max_iter unlike_default"
_KEYS = {
    "": "title thalweg seed data_hash table network training verdict curves",
    "table": "name n_rows n_train n_test target notes columns",
    "network": f"{_NETWORK} {_SETTINGS}",
    "training": "history best_epoch stopping status",
    "verdict": "task how network baselines comparisons sentence",
}
# What each kind of question adds.
_MORE = {
    "binary": {
        "table": "positive negative class_counts",
        "network": "logit_of turned",
        "verdict": "positive negative",
        "curves": "n_positive n_negative steps true_positive false_positive roc histogram",
    },
    "multiclass": {"table": "class_counts", "network": "outputs", "verdict": "classes"},
    "regression": {
        "table": "target_range",
        "network": "outputs",
        "curves": "low high counts reach residuals",
    },
}


def column_facts(
    names: Sequence[str],
    kinds: Sequence[str],
    matrix: np.ndarray,
    levels: Sequence[Sequence[str]] = (),
) -> list[dict[str, Any]]:
    """The columns of a table in short.

    Parameters
    ----------
    names, kinds : sequence of str, length n_features
    matrix : ndarray of float64, shape (n_samples, n_features)
        NaN where a value is missing; of a category the number of its level, from 1.
    levels : sequence of sequence of str, length n_features
        The levels of each column that is a category; empty where there is none.

    Returns
    -------
    list of dict
        ``name kind missing low median high``, the last three None where there are no numbers;
        ``levels``: of a category or a boolean the commonest, each with its ``name`` and its
        ``rows``, and ``n_levels``, how many there are; both None of any other column.
    """
    facts = []
    for place, (column, kind, values) in enumerate(zip(names, kinds, matrix.T, strict=True)):
        present = values[~np.isnan(values)]
        low = median = high = None
        if len(present) and kind in ("number", "boolean"):
            low, median, high = map(float, (present.min(), np.median(present), present.max()))
        counts = None
        if kind == "boolean":
            counts = {"true": int((present == 1).sum()), "false": int((present == 0).sum())}
        elif kind == "category" and levels:
            own = np.bincount(present.astype(np.intp), minlength=len(levels[place]) + 1)[1:]
            counts = dict(zip(levels[place], own.tolist(), strict=True))
        facts.append(
            {
                "name": column,
                "kind": kind,
                "missing": len(values) - len(present),
                "low": low,
                "median": median,
                "high": high,
                **_commonest(counts),
            }
        )
    return facts


def _commonest(counts: Mapping[str, int] | None) -> dict[str, Any]:
    """The commonest levels of a column with their rows, and how many levels there are."""
    if counts is None:
        return {"levels": None, "n_levels": None}
    order = sorted(counts, key=lambda level: -counts[level])[:_MOST_LEVELS]
    return {
        "levels": [{"name": level, "rows": counts[level]} for level in order],
        "n_levels": len(counts),
    }


def report_data(
    model: Any,
    table: Mapping[str, Any],
    verdict: Mapping[str, Any],
    curves: Mapping[str, Any],
    *,
    version: str,
) -> dict[str, Any]:
    """The report of a fitted model, as plain data.

    Parameters
    ----------
    model : ThalwegClassifier or ThalwegRegressor
        Fitted on the training part.
    table : mapping
        ``name target class_counts notes columns``, or ``target_range`` for a number.
    verdict, curves : mapping
        What `Verdict.as_dict`, and `Curves.as_dict` or `Residuals.as_dict`, give.
    version : str
        Of thalweg.

    Returns
    -------
    dict
        As the module's docstring has it.
    """
    task = verdict["task"]
    parts = {"binary": ("positive", "negative"), "multiclass": ("classes",)}.get(task, ())
    ours = {key: verdict[key] for key in ("n_train", "n_test", *parts)}
    title = table["target"]
    if task == "binary":
        title = f"{ours['positive']} or {ours['negative']}"
    return {
        "title": f"{table['name']}: {title}",
        "thalweg": version,
        "seed": model.seed_,
        "data_hash": model.data_hash_,
        "table": {**table, **ours, "n_rows": ours["n_train"] + ours["n_test"]},
        "network": _network(model, task, table["target"]),
        "training": {
            "history": model.history_,
            "best_epoch": model.best_epoch_,
            "stopping": model.stopping_,
            "status": model.status_.name.lower(),
        },
        "verdict": verdict,
        "curves": curves,
    }


def _network(model: Any, task: str, target: str) -> dict[str, Any]:
    """The first network, and how it was trained."""
    settings, schema = model.settings_, model.schema_
    scaling = model.encoder_.output_scaling()
    return {
        "sizes": list(model.architecture_.sizes),
        "activations": list(model.architecture_.activations),
        "inputs": model.encoder_.output_names(schema.names, schema.levels),
        "columns": model.encoder_.output_columns(),
        "theta": _theta(model),
        "members": len(model.members_),
        **_outputs(model, task, target),
        "encoding": {
            key: [None if isnan(each) else each for each in values.tolist()]
            for key, values in scaling._asdict().items()
        },
        "loss": model.members_[0].outputs.loss,
        "dropout": _dropout(model),
        "unlike_default": unlike_default(
            CLASSIFIER if hasattr(model, "classes_") else REGRESSOR, settings
        ),
        **{key: settings[key] for key in ("alpha", "optimizer", "batch_size", "max_iter")},
    }


def _dropout(model: Any) -> float:
    """The share of hidden outputs that rested in each step of the fit."""
    fitted = type(model)(**{**model.get_params(), **model.settings_})
    return dropout_of(fitted, parse_optimizer(fitted.optimizer))


def _theta(model: Any) -> list[float]:
    """The weights, those of the output turned to the class that is looked for."""
    layers = facing(model.architecture_.layers(model.theta_), turn=is_turned(model))
    flat: list[float] = np.concatenate([each.ravel() for pair in layers for each in pair]).tolist()
    return flat


def _outputs(model: Any, task: str, target: str) -> dict[str, Any]:
    """What the outputs of the network are called."""
    if task == "binary":
        return {"logit_of": str(model.positive_), "turned": is_turned(model)}
    names = [str(target)] if task == "regression" else [str(each) for each in model.classes_]
    return {"outputs": names}


def report_html(report: Mapping[str, Any]) -> str:
    """The page.

    Parameters
    ----------
    report : mapping
        As the module's docstring has it.

    Returns
    -------
    str
        HTML, for a UTF-8 file.

    Raises
    ------
    DataError
        If a key is absent.
    """
    _require(report)
    binary = report["verdict"]["task"] == "binary"
    drawn = drawing(report["network"]) if binary else None
    style = (_DRAW / "report.css").read_text(encoding="utf-8")
    script = joined(_DRAW, "report.js")
    shown = [
        judgement_section.metrics(report) + judgement_section.decide(report)
        if binary
        else answers.metrics(report) + answers.answered(report),
        sections.training(report),
        sections.columns(report),
        sections.network(report, *_drawn(report, binary)),
        section_html(report),
        *_traced(report),
    ]
    styles = [source_hash(style), *([source_hash(STYLE)] if "trace" in report else [])]
    holds = "no row of the table" + (", but for those that are traced" if "trace" in report else "")
    return Template((_DRAW / "report.html").read_text(encoding="utf-8")).substitute(
        policy="default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; "
        f"script-src {source_hash(script)}; style-src {' '.join(styles)}",
        version=text(report["thalweg"]),
        title=text(report["title"]),
        style=style,
        kicker=f"thalweg report · {name(report['table']['name'])}",
        headline=sections.headline(report) if binary else answers.headline(report),
        sentence=sections.opinion(report),
        sections="".join(shown),
        made=sections.made(report),
        footer=f"<b>Not a medical device.</b> Made by thalweg {text(report['thalweg'])}; this "
        f"page is one file, asks the network for nothing and holds {holds}.",
        data=json_block(_page_data(report, drawn)),
        script=script,
    )


def _drawn(report: Mapping[str, Any], binary: bool) -> tuple[str, str]:
    """The drawing of the network, and which of its units it shows."""
    most = FIRST_COLUMNS if binary else MOST_UNITS
    chosen = (
        f"of more than {most} columns the first in the order of the table are drawn, and of a "
        f"layer of more than {MOST_UNITS} units those that carry most of the paths"
    )
    if not binary:
        return answers.drawn(report), chosen
    box = PICTURE.format("network-picture")
    readout = '<div class="readout" id="network-readout" aria-live="polite"></div>'
    return f'<div class="beside">{box}{readout}</div>', chosen


def _traced(report: Mapping[str, Any]) -> list[str]:
    """Rows that were asked for, there and back."""
    if "trace" not in report:
        return []
    return [f'<section id="trace">\n{piece("trace", report["trace"])}\n</section>\n']


def _require(report: Mapping[str, Any]) -> None:
    task = report.get("verdict", {}).get("task")
    more = _MORE.get(task, {})
    for place in {**_KEYS, **more}:
        part = report[place] if place else report
        keys = f"{_KEYS.get(place, '')} {more.get(place, '')}"
        absent = [key for key in keys.split() if key not in part]
        if absent:
            raise DataError(
                f"A report needs {', '.join(absent)}",
                where=f'"{place}"' if place else "the report",
                fix="give what the docstring of thalweg.reporting.page.report_page lists",
            )


def _page_data(report: Mapping[str, Any], drawn: Mapping[str, Any] | None) -> dict[str, Any]:
    """What the page's script draws, and a program may read."""
    verdict = report["verdict"]
    facts = {key: report[key] for key in ("thalweg", "seed", "data_hash")}
    unit = None if verdict["task"] == "regression" else "nats"
    descent = {**report["training"], "history": _thinned(report["training"]), "unit": unit}
    if drawn is None:
        return {**facts, "training": descent, "verdict": _clipped(verdict)}
    network = {
        **drawn,
        "inputs": [clipped(each) for each in drawn["inputs"]],
        "columns": {
            **drawn["columns"],
            "names": [clipped(each) for each in drawn["columns"]["names"]],
        },
        "logit_of": clipped(drawn["logit_of"]),
    }
    return {
        **facts,
        "network": network,
        "training": descent,
        "verdict": {
            **verdict,
            "positive": clipped(verdict["positive"]),
            "negative": clipped(verdict["negative"]),
        },
        # JSON sorts keys: the order of the models stands apart.
        "order": ["network", *beside.strongest_first(verdict)],
        "curves": report["curves"],
    }


def _clipped(verdict: Mapping[str, Any]) -> dict[str, Any]:
    """A verdict whose names of classes are no longer than a page has them."""
    if "classes" not in verdict:
        return dict(verdict)
    return {**verdict, "classes": [clipped(each) for each in verdict["classes"]]}


def _thinned(training: Mapping[str, Any]) -> dict[str, list[Any]]:
    """The history by columns: at most some 500 epochs, the first, the best and the last in them."""
    history = training["history"]
    every = ceil(len(history) / _MOST_POINTS)
    kept = [
        epoch
        for epoch in history
        if (epoch["epoch"] - 1) % every == 0
        or epoch["epoch"] in (training["best_epoch"], len(history))
    ]
    return {
        key: [value if value is None or isfinite(value) else None for value in column]
        for key, column in (
            (key, [epoch[key] for epoch in kept]) for key in ("epoch", "train_loss", "valid_loss")
        )
    }
