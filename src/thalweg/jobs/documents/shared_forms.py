"""Forms that the JSON documents of several verbs share: tables, models, evaluations."""

from thalweg.errors import Status
from thalweg.evaluation.importance.importance_sentences import ImportanceSection
from thalweg.evaluation.section_shapes import EffectsSection, ExplainedSection
from thalweg.evaluation.several.targets_together import MOST_TARGETS
from thalweg.evaluation.task_kinds import TASKS
from thalweg.persistence.decision_forms import CALIBRATION, THRESHOLD
from thalweg.persistence.estimate_forms import DIFFERENCE, ESTIMATE
from thalweg.persistence.header_form import HISTORY
from thalweg.persistence.judgement_form import REPORTS, VERDICTS
from thalweg.persistence.plain_data_checks import (
    LABEL,
    TEXT,
    Each,
    Either,
    Form,
    FormRule,
    Maybe,
    Perhaps,
    Several,
    number,
    one_of,
    whole,
)
from thalweg.persistence.section_forms import form_of_shape, sections_form
from thalweg.persistence.targets.target_forms import HASH, TOGETHER

Fields = dict[str, Form]

COUNT, NUMBER, TRUTH = whole(0), number(), one_of(True, False)
# Where NaN becomes null, and an infinite number a text.
MEASURED = one_of(None, "Infinity", "-Infinity") | NUMBER
# Rows that weights may count as parts.
ROWS = number(0)
ANYTHING = FormRule("anything", lambda value: True)
TEXTS: Form = [TEXT]
FILE: Form = Maybe(TEXT)
CELL = TEXT | MEASURED

_RANGE: Form = Maybe(dict.fromkeys(("low", "median", "high"), NUMBER))
WEIGHTS: Form = Maybe(
    {
        "name": TEXT,
        "sum": NUMBER,
        "are_rows": TRUTH,
        "effective": NUMBER,
        "why_no_rows": Maybe(TEXT),
    }
)
OUT_OF_RANGE: Form = [
    {
        "row": COUNT,
        "column": TEXT,
        **dict.fromkeys(("value", "low", "high"), NUMBER | TEXT),
        "distance": MEASURED,
    }
]
# What a table says of one target.
_OF_TARGET: Fields = {
    "target": TEXT,
    "classes": Maybe(Each(COUNT)),
    "positive": Maybe(TEXT),
    "range": _RANGE,
    "unit": Maybe(TEXT),
}
_OF_ROWS: Fields = {
    "name": TEXT,
    "rows": COUNT,
    "columns": TEXTS,
    "missing": Each(COUNT),
    "equal_rows": COUNT,
    "groups": Maybe({"name": TEXT, "count": COUNT, "largest": COUNT}),
    "weights": WEIGHTS,
    "left_out": [{"column": TEXT, "role": TEXT, "rows": COUNT, "are_words": TRUTH}],
    "notes": TEXTS,
    # Of a saved model on another table.
    "rows_used": Perhaps(COUNT),
    "trained_on": Perhaps(Maybe(COUNT)),
    "out_of_range": Perhaps(OUT_OF_RANGE),
    # Of a model of rates: what its answers are.
    "answer": Perhaps(TEXT),
}
TABLE = Either(({**_OF_ROWS, **_OF_TARGET}, {**_OF_ROWS, "targets": [_OF_TARGET]}))
# A table that a command names, and of which little is said.
NAMED_TABLE: Fields = {
    "name": TEXT,
    "rows": COUNT,
    "columns": Perhaps(TEXTS),
    "target": Perhaps(Maybe(TEXT)),
    "notes": TEXTS,
}
# A table on shards, larger than memory.
LARGER_TABLE: Fields = {
    "name": TEXT,
    "rows": COUNT,
    "columns": TEXTS,
    "target": TEXT,
    "classes": Maybe(Each(COUNT)),
    "range": Maybe({"low": NUMBER, "high": NUMBER}),
    "shards": one_of(True),
    "held_out_loss": {"name": TEXT, "value": NUMBER, "constant": Maybe(NUMBER), "of": TEXT},
    "notes": TEXTS,
}

_CALIBRATED: Form = Maybe({**CALIBRATION, "sentence": TEXT})
_OF_CLASSES: Fields = {
    "classes": [LABEL],
    "positive": Maybe(LABEL),
    "threshold": Maybe(number(0, 1)),
    "threshold_from": Maybe(THRESHOLD),
    "costs": [number(0)],
}
_OF_NUMBER: Fields = {"loss": TEXT, "range": {"low": NUMBER, "high": NUMBER}}
_EPOCH: Form = dict.fromkeys(HISTORY, MEASURED)
_COLUMN: Form = {
    "name": TEXT,
    "kind": TEXT,
    "levels": Perhaps(TEXTS),
    "notation": Perhaps(Each(ANYTHING)),
    "of": Perhaps(TEXT),
}
_TRAINING: Fields = {
    "settings": Each(ANYTHING),
    "unlike_default": TEXTS,
    "seed": Maybe(COUNT),
    "best_epoch": COUNT,
    "epochs": COUNT,
    "stopping": TEXT,
    "status": one_of(*(each.name.lower() for each in Status)),
    "in_batches": TRUTH,
    "continued": TRUTH,
}


def _models(training: Fields) -> Either:
    """A model of one target, a classifier or a regressor, or of several."""
    shared: Fields = {
        "subject": TEXT,
        "columns": [_COLUMN],
        "coded": TEXTS,
        "networks": whole(1),
        "network": {"sizes": [COUNT], "activations": TEXTS, "parameters": COUNT, "dtype": TEXT},
        "training": training,
        "tuned": Perhaps({"trials": whole(1), "networks": [COUNT], "order": Perhaps([COUNT])}),
        "data_hash": HASH,
    }
    kinds = [
        {"kind": one_of(kind), **own, "calibration": _CALIBRATED}
        for kind, own in (("classifier", _OF_CLASSES), ("regressor", _OF_NUMBER))
    ]
    each = Either(tuple({"name": TEXT, **own, "data_hash": HASH} for own in kinds))
    several: Fields = {
        "kind": one_of("classifier", "regressor"),
        **shared,
        "targets": Several(each, MOST_TARGETS),
    }
    return Either((*({**own, **shared} for own in kinds), several))


MODEL = _models({**_TRAINING, "history": [_EPOCH]})
MODEL_OF_CARD = _models(_TRAINING)

# Of a saved model on another table, the number of training rows is not known. What is computed
# from the numbers may be absent from a model file, and never from a document.
_VERDICTS = tuple(
    {**form, "n_train": Perhaps(COUNT), "sections": Perhaps(sections_form(task, whole=True))}
    for task, form in VERDICTS.items()
)
JUDGEMENT = Either(_VERDICTS)
JUDGEMENTS: Form = [Either(tuple({"target": TEXT, **form} for form in _VERDICTS))]
TOGETHER_OR_NOT: Form = Maybe(TOGETHER)
# The summary of the table of a fit that its report has.
REPORTED_TABLE = Either(
    tuple(form["table"] for form in REPORTS.values() if isinstance(form["table"], dict))
)

# What is written once in a schema, under its name; what contains others stands behind them.
NAMES: Fields = {
    "text": TEXT,
    "measured": MEASURED,
    "estimate": ESTIMATE,
    "difference": DIFFERENCE,
    "threshold": THRESHOLD,
    "importance": form_of_shape(ImportanceSection, whole=True),
    "effects": form_of_shape(EffectsSection, whole=True),
    "explained_rows": form_of_shape(ExplainedSection, whole=True),
}
for _task, _form in zip(TASKS.values(), _VERDICTS, strict=True):
    NAMES[f"evaluation_{_task.name}"] = _form["network"]
    NAMES[f"sections_{_task.name}"] = _form["sections"]
    NAMES[f"judgement_{_task.name}"] = _form
NAMES |= {
    "judgement": JUDGEMENT,
    "judgements": JUDGEMENTS,
    "table": TABLE,
    "model": MODEL,
}
