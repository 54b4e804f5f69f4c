"""The documents of what is asked about a table, a model or its answers."""

from typing import get_type_hints

from thalweg.data.doctor.findings import SEVERITIES
from thalweg.evaluation.decisions.decision_shapes import OperatingPointData, ThresholdData
from thalweg.evaluation.importance.importance_sentences import ImportanceSection
from thalweg.jobs.documents.forms_of_classes import ARRAY
from thalweg.jobs.documents.shared_forms import (
    CELL,
    COUNT,
    FILE,
    JUDGEMENT,
    MEASURED,
    MODEL_OF_CARD,
    NUMBER,
    OUT_OF_RANGE,
    REPORTED_TABLE,
    ROWS,
    TEXTS,
    TRUTH,
    Fields,
)
from thalweg.persistence.estimate_forms import ESTIMATE
from thalweg.persistence.plain_data_checks import (
    LABEL,
    TEXT,
    Each,
    Form,
    Maybe,
    Perhaps,
    number,
    one_of,
)
from thalweg.persistence.section_forms import form_of_shape
from thalweg.reporting.card.card_shapes import CardData

_SHARE = number(0, 1)
_CELLS = Each(TEXT)

# `check`
FINDINGS: Fields = {
    "rows": COUNT,
    "columns": COUNT,
    "checks": TEXTS,
    "counts": dict.fromkeys(SEVERITIES, COUNT),
    "findings": [
        {
            "severity": one_of(*SEVERITIES),
            **dict.fromkeys(("check", "what", "where", "why", "fix"), TEXT),
            "columns": TEXTS,
            "rows": [COUNT],
        }
    ],
    "notes": TEXTS,
}

# `decide`
DECISION: Fields = {
    "model": TEXT,
    "file": FILE,
    "positive": TEXT,
    "before": form_of_shape(ThresholdData),
    "threshold": form_of_shape(ThresholdData),
    "point": Maybe(form_of_shape(OperatingPointData)),
    "chose_itself": TRUTH,
    "calibration": Maybe({"p_value": Maybe(_SHARE), "rejected": Maybe(TRUTH), "sentence": TEXT}),
    "sentence": TEXT,
}

# `predict`
_SURE: Fields = {
    "threshold": Maybe(_SHARE),
    "interval": Maybe(
        {
            "kind": one_of("plain", "scaled"),
            "confidence_level": _SHARE,
            "n_held_out": ROWS,
            "floor": Maybe(_SHARE),
        }
    ),
    "sets": Maybe({"confidence_level": _SHARE, "n_held_out": Each(ROWS), "words": Each(COUNT)}),
    "abstain": Maybe({"price": NUMBER, "n_without_answer": COUNT}),
}
_PREDICTED: Fields = {
    "rows": COUNT,
    "file": FILE,
    "unlike": Perhaps({"rows": COUNT, "p": _SHARE}),
    # Unless they were written to a file.
    "predictions": Perhaps([Each(LABEL | CELL)]),
    # Of a folder.
    "parts": Perhaps(COUNT),
    "skipped": Perhaps(COUNT),
}
PREDICTIONS: tuple[Fields, ...] = (
    {**_PREDICTED, **_SURE},
    {**_PREDICTED, "targets": [{"target": TEXT, **_SURE}]},
)

# `drift`
_OF_COLUMN: Form = {
    **dict.fromkeys(("column", "kind", "then", "now", "how_much"), TEXT),
    **dict.fromkeys(
        (
            "psi", "psi_expected", "psi_limit", "missing_then", "missing_now", "p_value",
            "p_missing", "p_adjusted",
        ),
        MEASURED,
    ),
    "drifted": TRUTH,
}  # fmt: skip
DRIFT: Fields = {
    "model": TEXT,
    "file": FILE,
    "passed": TRUTH,
    "rows": COUNT,
    "given_rows": COUNT,
    "which_rows": TEXT,
    "tested": TRUTH,
    "training_rows": ROWS,
    "level": _SHARE,
    "least": NUMBER,
    "drifted": TEXTS,
    "columns": [_OF_COLUMN],
    "unlike": Maybe(
        {"rows": COUNT, "share": MEASURED, "p_value": MEASURED, "p_adjusted": MEASURED}
    ),
    "predictions": [
        {
            "what": TEXT,
            "now": ESTIMATE,
            "then": MEASURED,
            "observed_by_expected": Maybe(ESTIMATE),
            "level": Perhaps(_SHARE),
            "at_or_below": Perhaps(Maybe(ESTIMATE)),
        }
    ],
    "expected_accuracy": MEASURED,
    "accuracy": Maybe(ESTIMATE),
    "loss": Maybe(
        {
            "name": Perhaps(TEXT),
            "unit": Perhaps(TEXT),
            "scale": Perhaps(MEASURED),
            "now": ESTIMATE,
            "then": MEASURED,
            "change": ESTIMATE,
            "p_value": MEASURED,
            "p_adjusted": MEASURED,
            "then_is_too_low": TRUTH,
        }
    ),
    **dict.fromkeys(("ignored", "dates", "fixes", "sentences"), TEXTS),
    **dict.fromkeys(("grouped", "weighted"), TRUTH),
    "loss_rows": TEXT,
    "no_loss": TEXT,
    "shift_found": MEASURED,
}

# `explain`
_UNUSUAL: Fields = {"out_of_range": OUT_OF_RANGE, "unknown_levels": _CELLS}
_ANSWERS = MEASURED | ARRAY
_NUMBERS: Form = [MEASURED]
_EXPLAINED: Form = {
    "method": TEXT,
    "base": TEXT,
    "base_cells": Maybe(_CELLS),
    "classes": Maybe(TEXTS),
    "columns": TEXTS,
    "sum_error": MEASURED,
    "rows": [
        {
            "row": COUNT,
            "label": Maybe(TEXT),
            "cells": _CELLS,
            **dict.fromkeys(("base_value", "answer", "predicted"), _ANSWERS),
            "outlier_p": MEASURED,
            **_UNUSUAL,
            "contributions": ARRAY,
            "members": ARRAY,
            "notes": TEXTS,
        }
    ],
}
_WHAT_IF: Fields = {
    "changes": _CELLS,
    "classes": Maybe(TEXTS),
    "target_range": Maybe([NUMBER]),
    "rows": [
        {
            "row": COUNT,
            "cells": _CELLS,
            **dict.fromkeys(("before", "after", "members_before", "members_after"), ARRAY),
            "labels": Maybe(TEXTS),
            "outlier_p": Maybe([MEASURED]),
            **_UNUSUAL,
            "clipped": Maybe([COUNT]),
        }
    ],
}
_COUNTERFACTUALS: Form = [
    {
        "row": COUNT,
        "goal": TEXT,
        "columns": TEXTS,
        "tried": COUNT,
        "unlike": COUNT,
        "is_there": TRUTH,
        "found": [{**_WHAT_IF, "distance": MEASURED, "networks": COUNT}],
    }
]
_EFFECT: Form = {
    **dict.fromkeys(("column", "kind", "values", "output", "sentence"), TEXT),
    "x": [CELL],
    **dict.fromkeys(("mean", "low", "high", "density"), _NUMBERS),
    "members": ARRAY,
    "rows_in_bin": [ROWS],
    "supported": [TRUTH],
    "missing": Maybe(
        {
            **dict.fromkeys(("mean", "low", "high"), MEASURED),
            "members": [MEASURED],
            "rows": ROWS,
            "supported": TRUTH,
        }
    ),
    "bands": Maybe(ARRAY),
    "size": MEASURED,
    "base": MEASURED,
    "notes": TEXTS,
}
_EFFECTS: Form = {
    "scale": TEXT,
    "unit": TEXT,
    "rows": ROWS,
    "mean_probability": MEASURED,
    "centered": TRUTH,
    "effects": [_EFFECT],
    "left_out": [{"column": TEXT, "why": TEXT}],
    "notes": TEXTS,
}
# Such a file has the same without its own name.
EXPLANATION_FILES: tuple[Fields, ...] = (
    {
        "explanation": _EXPLAINED,
        "what_if": Maybe(_WHAT_IF),
        "caution": TEXT,
        "counterfactuals": _COUNTERFACTUALS,
    },
    {"effects": _EFFECTS, "caution": TEXT},
    {"importance": form_of_shape(ImportanceSection, whole=True)},
)
EXPLANATIONS: tuple[Fields, ...] = tuple({**form, "file": FILE} for form in EXPLANATION_FILES)

# `export`
EXPORT: Fields = {
    "model": TEXT,
    "file": TEXT,
    "bytes": COUNT,
    "inputs": [{"name": TEXT, "kind": TEXT}],
    "answers": TEXTS,
    "contract": TEXTS,
    "check": Maybe(
        {
            "runtime": TEXT,
            **dict.fromkeys(("rows", "rows_of_table"), COUNT),
            **dict.fromkeys(("labels", "excused"), Maybe(COUNT)),  # of numbers there are none
            "largest": MEASURED,
            "tolerance": NUMBER,
            "passed": TRUTH,
        }
    ),
}

# `card`
CARD: Fields = {
    **{
        key: form_of_shape(shape)
        for key, shape in get_type_hints(CardData, include_extras=True).items()
        if key != "numbers"
    },
    "numbers": {
        "model": MODEL_OF_CARD,
        "judgement": Maybe(JUDGEMENT),
        "table": Maybe(REPORTED_TABLE),
        "evaluation": Maybe(
            {"name": TEXT, "rows": COUNT, "trained_on": Maybe(COUNT), "judgement": JUDGEMENT}
        ),
    },
}
CARDS: tuple[Fields, ...] = (
    {"model": TEXT, "file": FILE, "card": Maybe(CARD)},
    {"model": TEXT, "card": TEXT, "belongs": TRUTH, "sentence": TEXT},
)

# `warm`
COMPILED: Fields = {
    "seconds": NUMBER,
    "compiled": COUNT,
    "kept": COUNT,
    "bytes": COUNT,
    "directory": TEXT,
}
