"""The form of one target in a model file, and of its classes."""

import math
from collections.abc import Collection
from typing import Any, get_args

import numpy as np

from thalweg.data.notation.number_notation import DECIMALS, THOUSANDS, NumberNotation
from thalweg.estimators.fitted import Also
from thalweg.evaluation.several.targets_together import MOST_TARGETS
from thalweg.persistence.decision_forms import CALIBRATION, THRESHOLD
from thalweg.persistence.estimate_forms import IMPORTANCE
from thalweg.persistence.plain_data_checks import (
    LABEL,
    TEXT,
    Form,
    FormRule,
    Maybe,
    Perhaps,
    Several,
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
# How the numbers of the target, or of the weights of rows, were written.
WRITTEN: Form = {
    "of": one_of(NumberNotation.name),
    "decimal": Perhaps(one_of(*DECIMALS)),
    "thousands": Perhaps(one_of(*THOUSANDS)),
    "unit": Perhaps(TEXT),
    "before": Perhaps(one_of(True)),
    "bounded": Perhaps(one_of(True)),
    "cell": Perhaps(TEXT),
}
SOME = FormRule(
    "there or null",
    lambda value: value is None or type(value) is dict,
    schema={"type": ["object", "null"]},
)
# One of several targets. Its evaluation is there if the fit made one.
ONE_OF_SEVERAL: dict[str, Form] = {
    **TARGET,
    "name": TEXT,
    "out_of_fold": OUT_OF_FOLD,
    "also": one_of(*get_args(Also)),
    "data_hash": HASH,
    "checksum": Perhaps(Maybe(HASH)),
    "judgement": Perhaps(SOME),
    "report": Perhaps(SOME),
    "target_notation": Perhaps(WRITTEN),
}
_CORRELATIONS = Several(Several(Maybe(number(-1, 1)), MOST_TARGETS), MOST_TARGETS)
# How they go together on the test rows.
TOGETHER: dict[str, Form] = {
    "names": Several(TEXT, MOST_TARGETS),
    "targets": _CORRELATIONS,
    "errors": _CORRELATIONS,
    "rows": number(0),
    "labels": one_of(True, False),
}
_TWO = 2
# The most characters of the name of a target.
LONGEST_NAME = 1024


def headers_of_targets(header: dict[str, Any]) -> list[dict[str, Any]]:
    """The header of a model of each target by itself; of one target, the header."""
    if "targets" not in header:
        return [header]
    shared = {name: value for name, value in header.items() if name not in (*TARGET, "targets")}
    none = dict.fromkeys(("judgement", "report"))
    return [{**shared, **none, **entry, "target": entry["name"]} for entry in header["targets"]]


def require_sizes_of_targets(entries: Any, most: int, columns: int) -> None:
    """Raise a ValueError if a header lists more targets, or more of one, than there can be."""
    if type(entries) is not list:
        return
    if len(entries) > most:
        raise ValueError(f"header.targets has {len(entries):,} entries, more than its networks")
    names = [each.get("name") for each in entries if type(each) is dict]
    texts = [each for each in names if type(each) is str]
    if len(set(texts)) < len(texts) or len(entries) < _TWO:
        raise ValueError("its targets are not two or more with a name each")
    for entry in entries:
        classes = entry.get("classes") if type(entry) is dict else None
        labels = classes.get("labels") if type(classes) is dict else None
        costs = classes.get("costs") if type(classes) is dict else None
        if type(classes) is dict and "grades" in classes:
            raise ValueError("a label of several has no grades")
        if any(type(each) is list and len(each) != 2 for each in (labels, costs)):
            raise ValueError("a label of several does not have two classes")
        listed: Any = entry
        for key in ("report", "table", "columns"):
            listed = listed.get(key) if type(listed) is dict else None
        if type(listed) is list and len(listed) > columns:
            raise ValueError("the report of a target has more columns than its arrays can have")
        name = entry.get("name") if type(entry) is dict else None
        if type(name) is str and len(name) > LONGEST_NAME:
            raise ValueError(f"the name of a target is longer than {LONGEST_NAME:,} characters")


def require_outputs_of_targets(header: dict[str, Any], arrays: Collection[str]) -> None:
    """Raise a ValueError unless networks have an output, and arrays a number, of each target.

    Before the form of a header is known: to read the entries of 1,000 targets costs more.
    """
    entries, architecture = header.get("targets"), header.get("architecture")
    if type(entries) is not list:
        return
    sizes = architecture.get("sizes") if type(architecture) is dict else None
    if type(sizes) is list and sizes and sizes[-1] != len(entries):
        raise ValueError("the outputs of the network do not fit its target")
    numbers = set(map(str, range(len(entries))))
    of_targets = (name.split("/", 2) for name in arrays if name.startswith("targets/"))
    if any(len(parts) < len(("targets", "N", "name")) or parts[1] not in numbers
           for parts in of_targets):  # fmt: skip
        raise ValueError("it has arrays of a target that it does not have")


def require_together(header: dict[str, Any]) -> None:
    """Raise a ValueError if correlations are not those of the targets of a header."""
    found, names = header.get("together"), [each["name"] for each in header["targets"]]
    if found is None:
        return
    sizes = [len(each) for key in ("targets", "errors") for each in (found[key], *found[key])]
    if found["names"] != names or set(sizes) != {len(names)}:
        raise ValueError("its correlations are not those of its targets")
    if found["labels"] != (header["kind"] == "classifier"):
        raise ValueError("its correlations are of another kind than its targets")


# Rounding of a correlation, and of an effective number of rows.
_ROUNDED = 1e-9


def require_evaluated_targets(header: dict[str, Any]) -> None:
    """Raise a ValueError unless all targets were evaluated, or none, and on the rows of all.

    The evaluations and correlations have their form already.
    """
    entries, together = header["targets"], header.get("together")
    for key, words in (("judgement", "an evaluation"), ("report", "the data of a report")):
        without = sum(each.get(key) is None for each in entries)
        if 0 < without < len(entries):
            raise ValueError(f"{without:,} of its {len(entries):,} targets do not have {words}")
    if together is None:
        return
    if entries[0].get("judgement") is None:
        raise ValueError("it has correlations of targets that were not evaluated")
    if {each["judgement"]["n_test"] for each in entries} != {entries[0]["judgement"]["n_test"]}:
        raise ValueError("its correlations are of targets with other test rows")
    for key in ("targets", "errors"):
        _require_correlations(together[key])
    for entry in entries:
        _require_rows(together["rows"], entry["judgement"], "group" in header.get("roles", {}))


def _require_rows(rows: float, verdict: dict[str, Any], of_groups: bool) -> None:
    """Raise a ValueError unless correlations are of as many rows, or groups, as a verdict."""
    n_test: float = verdict["n_test"]
    if of_groups:  # their number is not in a verdict
        if rows != int(rows) or not 1 <= rows <= n_test:
            raise ValueError("its correlations are not of a whole number of groups of test rows")
        return
    if not math.isclose(rows, verdict["network"].get("n_effective", n_test), rel_tol=_ROUNDED):
        raise ValueError("its correlations are of another number of rows than its evaluations")


def _require_correlations(plain: list[list[float | None]]) -> None:
    """Raise a ValueError unless this is a matrix that correlations of columns can be."""
    matrix = np.array(plain, np.float64)  # None is NaN
    varies = np.isfinite(np.diag(matrix))
    known = matrix[np.ix_(varies, varies)]
    if not np.array_equal(np.isfinite(matrix), np.outer(varies, varies)):
        raise ValueError("its correlations lack numbers of targets that vary")
    if not (np.abs(np.diag(known) - 1.0) <= _ROUNDED).all():
        raise ValueError("a target does not have a correlation of 1 with itself")
    if not (np.abs(known - known.T) <= _ROUNDED).all():
        raise ValueError("its correlations are not symmetric")
    if known.size and not np.linalg.eigvalsh(known)[0] >= -_ROUNDED * len(known):
        raise ValueError("its correlations contradict each other")


def require_none_of_one(header: dict[str, Any]) -> None:
    """Raise a ValueError if a header of several targets has what only one target has."""
    alone = ("classes", "positive", "threshold", "calibration", "judgement", "report")
    named = ("threshold_from", "importance", "scale", "target_notation", "offset")
    if header["training"].get("also") == "targets":
        raise ValueError("all of several targets do not depend on others")
    if any(header[key] is not None for key in alone) or any(key in header for key in named):
        raise ValueError("it has several targets, and results that only one target has")
