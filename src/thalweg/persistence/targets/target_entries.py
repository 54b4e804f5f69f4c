"""Several targets in a model file: an entry of the header for each, and arrays with its number.

The networks are stored once, with one output for each target. What belongs to a target alone is in
its entry (``targets`` of the header) and in arrays whose names begin with ``targets/NUMBER/``.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.estimators.deciding.decision_rule import cost_threshold
from thalweg.estimators.fitted import Fitted, OutOfFold
from thalweg.estimators.outputs.class_outputs import Classes
from thalweg.estimators.outputs.grade_outputs import Grades
from thalweg.estimators.outputs.several_outputs import OneTarget, SeveralOutputs
from thalweg.evaluation.answers import OUT_OF_FOLD
from thalweg.persistence.decision_forms import threshold_entry
from thalweg.persistence.estimate_forms import importance_entry
from thalweg.persistence.rebuilt_parts import CONFORMAL, dtype_of
from thalweg.persistence.stored_settings import plain

Arrays = dict[str, NDArray[Any]]
Header = dict[str, Any]
# The names of the arrays of one target begin with this and its number.
TARGETS = "targets/"
# The scale and the range of each target, a row each, of one network.
SCALES = "values"
ENDS = ("center", "scale", "low", "high")
# The shares of the classes, or the mean and deviation of the numbers, of the rows of the fit.
OF_ROWS = "likeness"


def entry_of_target(part: Fitted, outputs: OneTarget) -> Header:
    """What the header says of one target, or of the only one."""
    return {
        "classes": _classes_entry(outputs) if isinstance(outputs, Classes) else None,
        "positive": plain(part.positive),
        "threshold": part.threshold and part.threshold.value,
        **threshold_entry(part.threshold, cost_threshold(outputs, part.positive)),
        "calibration": part.calibration and part.calibration.as_dict(),
        **importance_entry(part.importance),
    }


NO_TARGET: Header = {"classes": None, "positive": None, "threshold": None, "calibration": None}


def entries_of(fitted: Fitted, several: SeveralOutputs) -> list[Header]:
    """The entries of several targets."""
    entries = []
    for part, outputs, name in zip(fitted.parts, several.parts, several.names, strict=True):
        digests = part.row_digests
        entries.append(
            {
                "name": name,
                **entry_of_target(part, outputs),
                "out_of_fold": out_of_fold_entry(part.out_of_fold),
                "also": part.also,
                "data_hash": part.data_hash,
                **({} if digests is None else {"checksum": digests.checksum}),
            }
        )
    return entries


def out_of_fold_entry(found: OutOfFold | None) -> Header:
    """The loss and the score; with a count if the held-out rows chose no epoch."""
    clean = found is not None and found.how == OUT_OF_FOLD
    return {
        "loss": found and found.loss,
        "score": found and found.score,
        **({"ended_earlier": found.n_ended_earlier} if clean and found is not None else {}),
    }


def arrays_of_targets(fitted: Fitted) -> Arrays:
    """The arrays of each target alone."""
    arrays: Arrays = {}
    for t, part in enumerate(fitted.parts):
        own = f"{TARGETS}{t}/"
        if part.conformal is not None:
            for name, array in part.conformal.as_arrays().items():
                arrays[f"{own}{CONFORMAL}{name}"] = array
        if part.likeness is not None:
            arrays[f"{own}{OF_ROWS}"] = part.likeness.target
    return arrays


def values_array(outputs: SeveralOutputs) -> NDArray[np.float64]:
    """The center, scale, low and high of each target of one network, a row each."""
    return np.array([[getattr(each, end) for end in ENDS] for each in outputs.parts])


def _classes_entry(outputs: Classes) -> Header:
    return {
        "dtype": dtype_of(outputs.labels),
        "labels": plain(outputs.labels),
        "costs": plain(outputs.costs),
        **({"grades": plain(outputs.order)} if isinstance(outputs, Grades) else {}),
    }
