"""The form of one target in a model file, and of its classes."""

from typing import Any, get_args

from thalweg.estimators.fitted import Also
from thalweg.persistence.decision_forms import CALIBRATION, THRESHOLD
from thalweg.persistence.estimate_forms import IMPORTANCE
from thalweg.persistence.plain_data_checks import (
    LABEL,
    TEXT,
    Form,
    Maybe,
    Perhaps,
    list_of,
    matching,
    number,
    one_of,
    whole,
)

HASH = matching("64 hexadecimal digits", r"[0-9a-f]{64}")
OUT_OF_FOLD: dict[str, Form] = {
    "loss": Maybe(number()),
    "score": Maybe(number()),
    # Where the count is lacking, as in earlier files, the held-out rows chose the epochs.
    "ended_earlier": Perhaps(whole(0)),
}
# What a target has, whether it is the only one or not.
TARGET: dict[str, Form] = {
    "classes": Maybe(
        {
            "dtype": matching("a type of labels", r"O|b1|[iu][1248]|f[248]|U[1-9][0-9]{0,5}"),
            "labels": [LABEL],
            "costs": list_of(number(1e-300, 1e300)),
            # The labels in the order of the grades; of classes in an order alone.
            "grades": Perhaps([LABEL]),
        }
    ),
    "positive": Maybe(LABEL),
    "threshold": Maybe(number(0, 1)),
    # The rule and the rows that chose it. Earlier files of this format do not have it.
    "threshold_from": Perhaps(Maybe(THRESHOLD)),
    # The map that corrects predictions, or why there is none. Earlier files have null.
    "calibration": Maybe(CALIBRATION),
    # Which columns the networks lean on, if the fit was asked for it.
    "importance": Perhaps(IMPORTANCE),
}
# One of several targets.
ONE_OF_SEVERAL: dict[str, Form] = {
    **TARGET,
    "name": TEXT,
    "out_of_fold": OUT_OF_FOLD,
    "also": one_of(*get_args(Also)),
    "data_hash": HASH,
    "checksum": Perhaps(Maybe(HASH)),
}
# The most characters of the name of a target.
LONGEST_NAME = 1024


def require_sizes_of_targets(entries: Any, most: int) -> None:
    """Raise a ValueError if a header lists more targets, or more of one, than there can be."""
    if type(entries) is not list:
        return
    if len(entries) > most:
        raise ValueError(f"header.targets has {len(entries):,} entries, more than its networks")
    for entry in entries:
        classes = entry.get("classes") if type(entry) is dict else None
        labels = classes.get("labels") if type(classes) is dict else None
        costs = classes.get("costs") if type(classes) is dict else None
        if type(classes) is dict and "grades" in classes:
            raise ValueError("a label of several has no grades")
        if any(type(each) is list and len(each) != 2 for each in (labels, costs)):
            raise ValueError("a label of several does not have two classes")
        name = entry.get("name") if type(entry) is dict else None
        if type(name) is str and len(name) > LONGEST_NAME:
            raise ValueError(f"the name of a target is longer than {LONGEST_NAME:,} characters")


def require_none_of_one(header: dict[str, Any]) -> None:
    """Raise a ValueError if a header of several targets has what only one target has."""
    alone = ("classes", "positive", "threshold", "calibration", "judgement", "report")
    named = ("threshold_from", "importance", "scale", "target_notation", "offset")
    if header["training"].get("also") == "targets":
        raise ValueError("all of several targets do not depend on others")
    if any(header[key] is not None for key in alone) or any(key in header for key in named):
        raise ValueError("it has several targets, and results that only one target has")
