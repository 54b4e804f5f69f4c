"""What a page may ask of models: the arguments of its operations, each with a form.

They are the options of the verbs fit, decide, explain and predict. A page can say nothing that the
command line could not say; settings are the texts that it would have there.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from thalweg.persistence.plain_data_checks import (
    Each,
    Form,
    Maybe,
    Perhaps,
    Several,
    matching,
    number,
    one_of,
    text_of,
    whole,
)
from thalweg.studio.wire.table_choices import CHOICES, OF_READING
from thalweg.studio.wire.table_ids import TABLE_ID

_NAME = text_of(2000)
MODEL_ID = matching("the id of a model", r"[0-9a-f]{64}")
FIT_ID = matching("the id of a fit", r"[0-9a-f]{64}")
_SEED = whole(0, 2**32 - 1)
_SHARE = number(0, 1)
_ROW = whole(1, 2**53)
# Of a table that a model sees later: how it is read, and what the model cannot know.
LATER: dict[str, Form] = {
    **{key: Perhaps(form) for key, form in OF_READING.items()},
    "number": Perhaps(Each(Maybe(text_of(200)), 2000)),
    "missing": Perhaps(Each(Several(text_of(200), 100), 2000)),
    "drop_row": Perhaps(Several(text_of(200), 2000)),
    "empty": Perhaps(Several(_NAME, 2000)),
}
OF_FIT: dict[str, Form] = {
    "table": TABLE_ID,
    "choices": CHOICES,
    "settings": Perhaps(Each(text_of(2000), 60)),
    "estimator": Perhaps(one_of("network", "logistic", "ridge")),
    "seed": Perhaps(_SEED),
    "refit": Perhaps(one_of(True, False)),
    "no_trees": Perhaps(one_of(True, False)),
}
# The most minutes and trials of a search; a longer one is made with thalweg tune.
MOST_MINUTES, MOST_TRIALS = 60, 1000
OF_TUNE: dict[str, Form] = {
    "table": TABLE_ID,
    "choices": CHOICES,
    "minutes": Perhaps(Maybe(whole(1, MOST_MINUTES))),
    "trials": Perhaps(Maybe(whole(1, MOST_TRIALS))),
    "space": Perhaps(one_of("small", "wide")),
    "settings": Perhaps(Each(text_of(2000), 60)),
    "seed": Perhaps(_SEED),
    "no_trees": Perhaps(one_of(True, False)),
}
OF_BESIDE: dict[str, Form] = {"table": TABLE_ID, "choices": CHOICES}
_LATER_TABLE: dict[str, Form] = {"model": MODEL_ID, "table": TABLE_ID, "choices": Perhaps(LATER)}
# Of a model of several targets, which one; of any other model nothing is said.
_TARGET: dict[str, Form] = {"target": Perhaps(Maybe(_NAME))}
OF_MODEL: dict[str, Form] = {"model": MODEL_ID, **_TARGET}
_COST = Perhaps(Maybe(number(0, 1e300)))
OF_DECISION: dict[str, Form] = {
    **OF_MODEL,
    "table": Perhaps(Maybe(TABLE_ID)),
    "choices": Perhaps(LATER),
    "missed": _COST,
    "alarm": _COST,
    "sensitivity": Perhaps(Maybe(_SHARE)),
    "specificity": Perhaps(Maybe(_SHARE)),
    "f1": Perhaps(one_of(True, False)),
    "confidence": Perhaps(Maybe(_SHARE)),
    "seed": Perhaps(_SEED),
}
_OF_ROW: dict[str, Form] = {
    **_LATER_TABLE,
    **_TARGET,
    "row": _ROW,
    "against": Perhaps(Maybe(_ROW)),
    "method": Perhaps(one_of("path", "shapley")),
}
OF_EXPLANATION: dict[str, Form] = {
    **_OF_ROW,
    "change": Perhaps(Several(_NAME, 100)),
    "to": Perhaps(Maybe(_NAME)),
    "below": Perhaps(Maybe(number())),
    "above": Perhaps(Maybe(number())),
}
OF_WHAT_IF: dict[str, Form] = {**_OF_ROW, "set": Each(_NAME, 200)}
OF_PREDICTIONS: dict[str, Form] = {
    **_LATER_TABLE,
    "ids": Perhaps(Several(_NAME, 2000)),
    "unknown": Perhaps(Maybe(one_of("warn", "error", "ignore"))),
    "threshold": Perhaps(Maybe(_SHARE)),
    "label": Perhaps(Each(text_of(200), 1000)),
    "digits": Perhaps(Maybe(whole(0, 17))),
    **dict.fromkeys(("interval", "sets", "abstain"), Perhaps(Maybe(number(0, 1e300)))),
    **dict.fromkeys(("outside", "unlike"), Perhaps(one_of(True, False))),
}
OF_REPORT: dict[str, Form] = {
    **OF_MODEL,
    "table": Perhaps(Maybe(TABLE_ID)),
    "choices": Perhaps(LATER),
    "trace": Perhaps(Maybe(text_of(200))),
    **dict.fromkeys(("landscape", "no_what_if"), Perhaps(one_of(True, False))),
}


def all_of_fit(args: Mapping[str, Any]) -> dict[str, Any]:
    """Everything that a page may say of a fit."""
    usual: dict[str, Any] = {
        "settings": {}, "estimator": "network", "seed": 0, "refit": False, "no_trees": False
    }  # fmt: skip
    return {**usual, **args}


def all_of_tune(args: Mapping[str, Any]) -> dict[str, Any]:
    """Everything that a page may say of a search."""
    usual: dict[str, Any] = {
        "minutes": None, "trials": None, "space": "small", "settings": {}, "seed": 0,
        "no_trees": False,
    }  # fmt: skip
    return {**usual, **args}


def asked_id(asked: Mapping[str, Any]) -> str:
    """The id of what is asked of a fit or a search: the same request has the same one."""
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def usual_later() -> dict[str, list[str] | dict[str, str] | None]:
    """What is said of a later table if nothing is said."""
    return {**dict.fromkeys(OF_READING), "number": {}, "missing": {}, "drop_row": [], "empty": []}
