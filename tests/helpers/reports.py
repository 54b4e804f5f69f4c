"""Reports of real fits, for the tests of the report and of its page in a browser."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from sklearn.datasets import load_breast_cancer, load_digits

from thalweg import ThalwegClassifier, __version__, load_table
from thalweg.data.schema.schema import infer_schema
from thalweg.evaluation.judged_test_set import Verdict, judge_on_holdout
from thalweg.evaluation.judging.threshold_curves import curves
from thalweg.evaluation.splits import holdout_split
from thalweg.reporting.page.report_page import column_facts, report_data


@dataclass(frozen=True)
class Made:
    """A report, and what it was made from."""

    report: dict[str, Any]
    model: ThalwegClassifier
    frame: pd.DataFrame
    matrix: np.ndarray
    verdict: Verdict
    is_positive: np.ndarray  # of the test rows
    probability: np.ndarray
    test: np.ndarray


def make(name, frame, y, *, target, positive, notes=(), **settings) -> Made:
    schema = infer_schema(frame)
    matrix, y = schema.matrix(frame), np.asarray(y, dtype=object)
    model = ThalwegClassifier(random_state=0, positive=positive, **settings)
    verdict = judge_on_holdout(
        model, frame, y, positive=positive, seed=0, matrix=matrix, n_levels=schema.n_levels
    )
    _, test = holdout_split(matrix, y, fraction=0.2, seed=0)
    place = list(model.classes_).index(positive)
    probability = model.predict_proba(frame.iloc[test])[:, place]
    table = {
        "name": name,
        "target": target,
        "class_counts": {str(label): int((y == label).sum()) for label in model.classes_},
        "notes": list(notes),
        "columns": column_facts(schema.names, schema.kinds, matrix, schema.levels),
    }
    counted = curves(y[test] == positive, probability).as_dict()
    report = report_data(model, table, verdict.as_dict(), counted, version=__version__)
    return Made(report, model, frame, matrix, verdict, y[test] == positive, probability, test)


@cache
def wisconsin(**settings) -> Made:
    table = load_table("wisconsin")
    return make(
        table.name,
        table.frame,
        table.target,
        target=table.target_name,
        positive=table.positive,
        notes=table.notes,
        **settings,
    )


@cache
def breast_cancer(**settings) -> Made:
    bunch = load_breast_cancer(as_frame=True)
    y = np.array(["malignant", "benign"])[bunch.target]
    return make(
        "breast_cancer", bunch.data, y, target="diagnosis", positive="malignant", **settings
    )


@cache
def digits(**settings) -> Made:
    """Threes and eights: 64 columns, some of them constant, labels that are numbers."""
    X, y = load_digits(return_X_y=True, as_frame=True)
    chosen = y.isin([3, 8]).to_numpy()
    frame = X[chosen].reset_index(drop=True)
    labels = y[chosen].astype(str)
    return make("digits", frame, labels, target="digit", positive="3", **settings)


# One network, small enough that its page holds all of its weights.
SMALL = {"hidden_layer_sizes": (24,), "early_stopping": "cross-validation", "max_iter": 30}


def inputs_by_hand(network: dict[str, Any], matrix: np.ndarray) -> np.ndarray:
    """What the formulas that the page states make of a table, from the page's numbers alone."""
    encoding, columns = network["encoding"], network["columns"]
    found = []
    for k, (m, s, low, high) in enumerate(
        zip(*(encoding[key] for key in ("center", "scale", "low", "high")), strict=True)
    ):
        v = matrix[:, columns[k]]
        if low is None:
            u = (v - m) * s
            x = u / np.sqrt(1 + (u / 3) ** 2)
        else:
            x = s * (
                np.clip((v - low) / (high - low), 0, 1) - min(max((m - low) / (high - low), 0), 1)
            )
        found.append(np.nan_to_num(x))
    return np.stack(found, axis=1)


def plain_inputs(n_inputs: int, names: list[str], n_scaled: int) -> dict[str, Any]:
    """Inputs of a report's network that are numbers without bins; those behind are indicators."""
    return {
        "inputs": names,
        "columns": [*range(n_scaled), *[None] * (n_inputs - n_scaled)],
        "encoding": {
            "center": [0.123456789] * n_scaled,
            "scale": [9.87654321] * n_scaled,
            "low": [None] * n_scaled,
            "high": [None] * n_scaled,
        },
    }


REPORTS = {"wisconsin": wisconsin, "breast_cancer": breast_cancer, "digits": digits}

# Column names and labels that want to be more than text.
HOSTILE = (
    "<script>window.hacked=1</script>",
    "</script><script>window.hacked=1</script>",
    '"><img src=x onerror=window.hacked=1>',
    "' onmouseover='window.hacked=1",
    "<!--<script>window.hacked=1//-->",
    "<svg onload=window.hacked=1>",
    "&lt;script&gt;window.hacked=1&lt;/script&gt;",
    "&#60;img src=x onerror=window.hacked=1&#62;",
    "javascript:window.hacked=1",
    "${window.hacked=1}",
    "`+(window.hacked=1)+`",
    "\\u003cscript\\u003ewindow.hacked=1\\u003c/script\\u003e",
    "]]><script>window.hacked=1</script>",
    "</title><script>window.hacked=1</script>",
    "</style><script>window.hacked=1</script>",
    "<iframe srcdoc='<script>parent.hacked=1</script>'>",
    "<style>*{background:url(//evil.example/x)}</style>",
    "\u2028window.hacked=1\u2029",
    "\u202e<b>desrever\u202c\x00\x07\ud800",
    "<a href=//evil.example/ ping=//evil.example/>" + "x" * 4000,
)


def hostile() -> dict[str, Any]:
    """A sound report in which every text that a table can bring is a payload."""
    made = breast_cancer().report
    names = [f"{HOSTILE[i % len(HOSTILE)]} {i}" for i in range(len(made["table"]["columns"]))]
    inputs = [f"{HOSTILE[i % len(HOSTILE)]} {i}" for i in range(len(made["network"]["inputs"]))]
    positive, negative = HOSTILE[1], HOSTILE[2]
    columns = [
        each | {"name": name} for each, name in zip(made["table"]["columns"], names, strict=True)
    ]
    return {
        **made,
        "title": HOSTILE[13],
        "data_hash": HOSTILE[0],
        "table": {
            **made["table"],
            "name": HOSTILE[5],
            "target": HOSTILE[15],
            "positive": positive,
            "negative": negative,
            "class_counts": {positive: 1, negative: 2},
            "notes": list(HOSTILE),
            "columns": columns,
        },
        "network": {
            **made["network"],
            "inputs": inputs,
            "logit_of": positive,
            "optimizer": HOSTILE[3],
            "loss": HOSTILE[7],
        },
        "verdict": {
            **made["verdict"],
            "positive": positive,
            "negative": negative,
            "sentence": " ".join(HOSTILE[:8]),
        },
    }
