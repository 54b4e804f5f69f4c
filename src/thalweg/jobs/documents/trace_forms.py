"""The documents of traces and lessons."""

from thalweg.evaluation.calibration.recalibration_map import TASKS
from thalweg.jobs.documents.forms_of_classes import ARRAY
from thalweg.jobs.documents.shared_forms import (
    CELL,
    COUNT,
    FILE,
    MEASURED,
    NUMBER,
    TEXTS,
    TRUTH,
    Fields,
)
from thalweg.persistence.plain_data_checks import TEXT, Each, Either, Form, Maybe, Perhaps, one_of

_NUMBERS: Form = [MEASURED]
_ROW: Form = {
    "row": COUNT,
    "target": TEXT,
    "supposed": TRUTH,
    "class": Maybe(COUNT),
    **dict.fromkeys(("value", "unclipped", "answer"), MEASURED),
    "y": _NUMBERS,
    "prediction": _NUMBERS,
    "probabilities": Maybe(_NUMBERS),
    **dict.fromkeys(("loss", "share", "part"), MEASURED),
}
_TARGET: Form = {
    "task": Maybe(TEXT),
    "classes": TEXTS,
    "positive": Maybe(TEXT),
    "scale": Maybe(
        {**dict.fromkeys(("center", "scale", "low", "high"), NUMBER), "of_logarithm": TRUTH}
    ),
    **dict.fromkeys(("loss", "formula", "slope", "link"), TEXT),
    "constant": Maybe({"name": TEXT, "value": MEASURED}),
}
_COLUMN: Form = {
    "column": COUNT,
    "name": TEXT,
    "own_cell": TRUTH,
    "raw": Maybe([CELL]),
    "encoded": _NUMBERS,
    "scaling": Maybe(
        {**dict.fromkeys(("x", "m", "s", "least", "most"), MEASURED), "is_bin": TRUTH}
    ),
    "kind": TEXT,
}
_LAYER: Form = {
    **dict.fromkeys(("layer", "inputs", "units"), COUNT),
    **dict.fromkeys(("activation", "from", "W", "b", "Z"), TEXT),
    "A": Maybe(TEXT),
    "penalty_W": Maybe(ARRAY),
}
_NETWORK: Form = {
    "networks": COUNT,
    "taught": MEASURED,
    "taught_weight": MEASURED,
    "weighted": TRUTH,
    "objective_known": TRUTH,
    "dropout": NUMBER,
    "label_smoothing": NUMBER,
    "coded": TEXTS,
    "sizes": [COUNT],
    "activations": TEXTS,
    "loss": TEXT,
    **dict.fromkeys(("penalty", "l1", "data_height", "penalty_height", "height"), MEASURED),
}
_NODE: Form = {
    **dict.fromkeys(("name", "formula", "derivative", "back"), TEXT),
    "value": ARRAY,
    "gradient": Maybe(ARRAY),
}
_SOFTMAX: Form = {
    "unit": COUNT,
    **dict.fromkeys(("slopes", "column", "products", "at_once"), _NUMBERS),
    "jacobian": Maybe(ARRAY),
}
_GRADES: Form = {
    "unit": COUNT,
    "grade": COUNT,
    "score": MEASURED,
    **dict.fromkeys(
        ("thresholds", "C", "P", "slopes", "link", "column", "products", "at_once"), _NUMBERS
    ),
}
_PASS: Form = {
    "row": COUNT,
    "X": _NUMBERS,
    "layers": [
        {**dict.fromkeys(("Z", "A", "slope", "dA", "dZ"), _NUMBERS), "kept": Maybe(_NUMBERS)}
    ],
    "Yh": _NUMBERS,
    "dYh": Maybe(_NUMBERS),
    "to": TEXT,
    **dict.fromkeys(("loss", "share", "part"), MEASURED),
    "softmax": Maybe(_SOFTMAX),
    "grades": Maybe(_GRADES),
}
_SUM: Form = {
    "name": TEXT,
    "row": COUNT,
    "terms": [
        {
            "name": TEXT,
            "text": TEXT,
            "weight": Perhaps(MEASURED),
            "input": Perhaps(MEASURED),
            "value": MEASURED,
        }
    ],
    "total": MEASURED,
}
_FACTORS: Form = [{"name": TEXT, "text": TEXT, "value": MEASURED}]
CHAIN: Form = {
    **dict.fromkeys(("name", "derivative", "column"), TEXT),
    "weight": MEASURED,
    "rows": [
        {
            "row": COUNT,
            "derivative": TEXT,
            "to": TEXT,
            "paths": [{"units": [COUNT], "factors": _FACTORS, "value": MEASURED}],
            "n_more": COUNT,
            "local": _FACTORS,
            **dict.fromkeys(("rest", "outer", "value"), MEASURED),
        }
    ],
    "penalties": _FACTORS,
    **dict.fromkeys(("value", "engine", "apart"), MEASURED),
    "difference": {
        **dict.fromkeys(("value", "step", "apart"), MEASURED),
        "crossings": COUNT,
        "heights": _NUMBERS,
    },
}
_FORMULAS: Form = [{"name": TEXT, "formula": TEXT, "value": MEASURED}]
# By their names, which are those of the update rule.
_MEMORY = Each(MEASURED)
_STEP: Form = {
    "step": COUNT,
    **dict.fromkeys(
        ("loss", "gradient", "clipped", "decayed", "theta", "moved", "engine"), MEASURED
    ),
    "terms": _MEMORY,
    "before": _MEMORY,
    "after": _MEMORY,
    "scaled": Maybe(
        {
            **dict.fromkeys(
                ("scale", "slope", "next_scale", "weight", "gradient", "moved"), MEASURED
            ),
            "before": _MEMORY,
            "after": _MEMORY,
            "held": TRUTH,
        }
    ),
    "in_full": _FORMULAS,
    "to_weight": _FORMULAS,
}
UPDATE = Either(
    (
        {
            **dict.fromkeys(("optimizer", "formula", "rule", "why_not"), TEXT),
            "has_penalty": TRUTH,
            "has_schedule": TRUTH,
            "constants": _MEMORY,
            **dict.fromkeys(("factor", "rate", "scales"), MEASURED),
            "memory": TEXTS,
            "asked": COUNT,
            "steps": [_STEP],
        },
        # L-BFGS has no update rule for one weight.
        {"optimizer": TEXT, "asked": COUNT, "steps": [_STEP], "why_not": TEXT},
    )
)
TRACE: Form = {
    **dict.fromkeys(("subject", "output", "other"), TEXT),
    "target": _TARGET,
    "picked": Maybe({"row": COUNT, "loss": MEASURED, "n_rows": COUNT, "lowest": MEASURED}),
    "rows": [_ROW],
    "columns": [_COLUMN],
    "own_columns": [{"name": TEXT, "kind": TEXT, "raw": [CELL], "inputs": [COUNT]}],
    "layers": [_LAYER],
    "network": _NETWORK,
    "nodes": [_NODE],
    "passes": [_PASS],
    "chosen": TRUTH,
    "sums": [_SUM],
    "chain": CHAIN,
    "update": UPDATE,
    "calibration": Maybe(
        {
            "of": Maybe(TEXT),
            "task": one_of(*TASKS),
            "kind": TEXT,
            "intercept": NUMBER,
            "slope": NUMBER,
            "rows": [
                {"row": COUNT, **dict.fromkeys(("mean", "z", "moved", "answer"), MEASURED | ARRAY)}
            ],
        }
    ),
}
CHECK: Form = {
    **dict.fromkeys(("passes", "compares", "drawn", "objective_known"), TRUTH),
    "worst": MEASURED,
    "tolerance": NUMBER,
    **dict.fromkeys(("batch", "n_parameters", "n_rows"), COUNT),
    "fault": Maybe(TEXT),
    "fault_text": TEXT,
    "parts": [
        {
            "part": TEXT,
            "errors": _MEMORY,
            "apart": _MEMORY,
            "worst": MEASURED,
            **dict.fromkeys(("compared", "shortened", "redrawn", "left_out"), COUNT),
            "unseen": TEXTS,
            "absent": TEXTS,
        }
    ],
}
DERIVATIVE: Form = {
    "name": TEXT,
    "steps": _NUMBERS,
    "turns": {"forward": MEASURED, "central": MEASURED},
    "points": [
        {
            "at": NUMBER,
            "slope": NUMBER,
            **dict.fromkeys(("forward", "forward_error", "central", "central_error"), _NUMBERS),
        }
    ],
}
TRACES: tuple[Fields, ...] = tuple(
    {"kind": one_of(kind), "file": FILE, kind: form}
    for kind, form in (("trace", TRACE), ("check", CHECK), ("lesson", DERIVATIVE))
)
LESSONS: tuple[Fields, ...] = (
    {"lessons": [{"name": TEXT, "about": TEXT}]},
    {
        "name": TEXT,
        "title": TEXT,
        "steps": [{**dict.fromkeys(("key", "name", "aim", "ask"), TEXT), "answer": Maybe(TEXT)}],
        "file": FILE,
        "files": TEXTS,
    },
)
