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
      columns: [{name, kind, missing, low, median, high}]   `column_facts`
    network:
      sizes: [int]                the inputs first
      activations: [str]          one a layer
      inputs: [str]               names of the encoded columns
      columns: [int | None]       the column that each of them reads; None marks missing cells
      theta: [float]              all weights and biases
      logit_of: str               the class whose log-odds the output is
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
``network`` has ``outputs`` (their names) instead of logit_of, and ``curves`` is None; a number has
``target_range: {low, median, high}`` instead of ``class_counts``, and ``curves`` is what
`Residuals.as_dict` gives. Their pictures stand still.

The page makes no request: its policy (CSP) forbids all, and allows its own script and style by
their hashes. It holds no row of the table: counts, weights, and of each column the lowest, the
median and the highest value and the ends of its bins. It stays below 450 KB for 300 columns and 256
units; of a larger network the strongest units are in it. Numbers are written as `display` writes
them.
"""

from collections.abc import Mapping, Sequence
from importlib.resources import files
from math import ceil, isfinite, isnan
from string import Template
from typing import Any

import numpy as np

from thalweg.errors import DataError
from thalweg.estimators.parameters import dropout_of
from thalweg.reporting import answers, judged, sections
from thalweg.reporting.drawing import drawing
from thalweg.reporting.inline import joined, json_block, source_hash
from thalweg.reporting.landscape_section import section_html
from thalweg.reporting.pieces import clipped, name, text
from thalweg.reporting.trace_html import STYLE, piece
from thalweg.training.settings import parse_optimizer

_DRAW = files("thalweg.reporting") / "draw"
_MOST_POINTS = 500
_NETWORK = "sizes activations inputs columns theta members encoding loss"
_SETTINGS = "alpha dropout optimizer batch_size max_iter"
_KEYS = {
    "": "title thalweg seed data_hash table network training verdict curves",
    "table": "name n_rows n_train n_test target notes columns",
    "network": f"{_NETWORK} {_SETTINGS}",
    "training": "history best_epoch stopping status",
    "verdict": "task how network baselines difference sentence",
}
# What each kind of question adds.
_MORE = {
    "binary": {
        "table": "positive negative class_counts",
        "network": "logit_of",
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
    names: Sequence[str], kinds: Sequence[str], matrix: np.ndarray
) -> list[dict[str, Any]]:
    """The columns of a table in short.

    Parameters
    ----------
    names, kinds : sequence of str, length n_features
    matrix : ndarray of float64, shape (n_samples, n_features)
        NaN where a value is missing.

    Returns
    -------
    list of dict
        ``name kind missing low median high``, the last three None where there are no numbers.
    """
    facts = []
    for column, kind, values in zip(names, kinds, matrix.T, strict=True):
        present = values[~np.isnan(values)]
        low = median = high = None
        if len(present) and kind in ("number", "boolean"):
            low, median, high = map(float, (present.min(), np.median(present), present.max()))
        facts.append(
            {
                "name": column,
                "kind": kind,
                "missing": len(values) - len(present),
                "low": low,
                "median": median,
                "high": high,
            }
        )
    return facts


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
        "theta": model.theta_.tolist(),
        "members": len(model.members_),
        **_outputs(model, task, target),
        "encoding": {
            key: [None if isnan(each) else each for each in values.tolist()]
            for key, values in scaling._asdict().items()
        },
        "loss": model.members_[0].outputs.loss,
        "dropout": _dropout(model),
        **{key: settings[key] for key in ("alpha", "optimizer", "batch_size", "max_iter")},
    }


def _dropout(model: Any) -> float:
    """The share of hidden outputs that rested in each step of the fit."""
    fitted = type(model)(**{**model.get_params(), **model.settings_})
    return dropout_of(fitted, parse_optimizer(fitted.optimizer))


def _outputs(model: Any, task: str, target: str) -> dict[str, Any]:
    """What the outputs of the network are called."""
    if task == "binary":
        return {"logit_of": str(model.classes_[1])}
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
        sections.columns(report),
        sections.network(report, drawn) if drawn is not None else answers.network(report),
        sections.training(report),
        judged.decide(report) + judged.metrics(report) if binary else answers.judged(report),
        section_html(report),
        *_traced(report),
        sections.made(report),
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
        footer=f"<b>Not a medical device.</b> Made by thalweg {text(report['thalweg'])}; this "
        f"page is one file, asks the network for nothing and holds {holds}.",
        data=json_block(_page_data(report, drawn)),
        script=script,
    )


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
                fix="give what the docstring of thalweg.reporting.report lists",
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
    del network["strongest"]
    return {
        **facts,
        "network": network,
        "training": descent,
        "verdict": {
            **verdict,
            "positive": clipped(verdict["positive"]),
            "negative": clipped(verdict["negative"]),
            "baselines": judged.strongest_first(verdict["baselines"]),
        },
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
