"""Rebuild the results of each of several targets from a model file, and check all of them."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.data.canonical_rows import RowDigests
from thalweg.data.likeness.table_likeness import Likeness
from thalweg.data.typing import Label
from thalweg.estimators.deciding.decision_rule import cost_threshold
from thalweg.estimators.fitted import Fitted
from thalweg.estimators.outputs.class_outputs import Classes
from thalweg.estimators.outputs.several_outputs import OneTarget, SeveralOutputs
from thalweg.estimators.outputs.value_outputs import Values
from thalweg.estimators.targets.target_views import decoders_of
from thalweg.persistence.decision_forms import (
    calibration_of,
    require_calibration_of,
    require_threshold,
    threshold_of,
)
from thalweg.persistence.estimate_forms import importance_of
from thalweg.persistence.rebuilt_parts import (
    ALL_TRAINED,
    FOLDS_KNOWN,
    classes_of,
    conformal_of,
    out_of_fold_of,
    positive_of,
    require_target_of,
    values_of,
)
from thalweg.persistence.targets.target_entries import ENDS, OF_ROWS

Arrays = dict[str, NDArray[Any]]
Header = dict[str, Any]


def outputs_of_targets(header: Header, values: NDArray[Any] | None) -> SeveralOutputs:
    """What the outputs of one network mean, for all targets of a header of valid form.

    Parameters
    ----------
    header : dict
    values : ndarray or None
        The scales and ranges of numbers, as `values_array` gives them.
    """
    entries = header["targets"]
    names = tuple(each["name"] for each in entries)
    if header["kind"] == "classifier":
        if values is not None:
            raise ValueError("a classifier must not have values")
        if any(each["classes"] is None for each in entries):
            raise ValueError("a label of several has no classes")
        labels = [classes_of(each["classes"]) for each in entries]
        if any(each.n_outputs != 1 or not (each.costs == 1).all() for each in labels):
            raise ValueError("a label of several does not have two classes of equal costs")
        return SeveralOutputs(tuple(labels), names)
    shape = len(entries), len(ENDS)
    if values is None or values.dtype != np.float64 or values.shape != shape:
        raise ValueError("it has no scale and range for each of its targets")
    if not (np.isfinite(values).all() and (values[:, 1] >= 1e-320).all()):
        raise ValueError("the scale of a target is not a number above 0")
    rows = [dict(zip(ENDS, row, strict=True)) for row in values.tolist()]
    numbers = [values_of(header, row) for row in rows]
    plain = [each for each in numbers if isinstance(each, Values)]
    if len(plain) < len(numbers):
        raise ValueError("the loss of several targets has several levels")
    return SeveralOutputs(tuple(plain), names)


def with_targets(joint: Fitted, header: Header, arrays: Arrays) -> Fitted:
    """The result of a fit, with those of each target.

    Parameters
    ----------
    joint : Fitted
        Of the networks of all targets.
    header : dict
        Of valid form.
    arrays : dict of str to ndarray
        Those of the targets, without the prefix of all of them.
    """
    entries = header["targets"]
    own = _by_target(arrays, len(entries))
    bare = [
        replace(joint, networks=(), out_of_fold=None, data_hash=each["data_hash"])
        for each in entries
    ]
    seen = decoders_of(replace(joint, parts=tuple(bare)))
    parts = [
        _part(each, header, entry, arrays_of_one)
        for each, entry, arrays_of_one in zip(seen, entries, own, strict=True)
    ]
    return replace(joint, parts=tuple(parts))


def _by_target(arrays: Arrays, count: int) -> list[Arrays]:
    """The arrays of each target, without its number in their names."""
    found: list[Arrays] = [{} for _ in range(count)]
    numbers = {str(t): t for t in range(count)}
    for name, array in arrays.items():
        number, _, rest = name.partition("/")
        if number not in numbers:
            raise ValueError("it has arrays of a target that it does not have")
        found[numbers[number]][rest] = array
    return found


def _part(seen: Fitted, header: Header, entry: Header, own: Arrays) -> Fitted:
    """The results of one target; ``seen`` has the networks, with the outputs of this target."""
    outputs, training = seen.outputs, header["training"]
    require_threshold(entry["threshold"], entry.get("threshold_from"))
    positive = _positive_of(outputs, entry)
    also = training.get("also")
    if entry["also"] != ("targets" if also is None else also):
        raise ValueError("a target was trained in another way than all of them")
    conformal = conformal_of(own, seen.networks, training)
    likeness = _likeness(seen, own.pop(OF_ROWS, None), training)
    if own:
        raise ValueError("a target has superfluous arrays")
    found = replace(
        seen,
        positive=positive,
        threshold=threshold_of(
            entry["threshold"], entry.get("threshold_from"), cost_threshold(outputs, positive)
        ),
        also=entry["also"],
        out_of_fold=out_of_fold_of(
            {**training, "out_of_fold": entry["out_of_fold"]},
            len(seen.networks),
            isinstance(outputs, Classes),
        ),
        conformal=conformal,
        calibration=calibration_of(entry["calibration"]),
        row_digests=_digests(seen.row_digests, entry, more=also in ("epochs", "batches")),
        importance=importance_of(entry.get("importance"), seen.schema.given_names),
        likeness=likeness,
    )
    require_calibration_of(found)
    if found.importance is not None and not found.settings.get("importance"):
        raise ValueError("it has an importance of columns that its fit was not asked for")
    return replace(found, networks=())


def _positive_of(outputs: OneTarget, entry: Header) -> Label | None:
    """The positive class of a label, and None of a number."""
    two = isinstance(outputs, Classes)
    if any((entry[key] is not None) != two for key in ("positive", "threshold", "classes")):
        raise ValueError("a label must have classes, a positive one and a threshold; no number has")
    return positive_of(outputs.labels, entry["positive"]) if isinstance(outputs, Classes) else None


def _likeness(seen: Fitted, target: NDArray[Any] | None, training: Header) -> Likeness | None:
    """The summaries of the rows, with those of this target."""
    if (target is None) != (seen.likeness is None):
        raise ValueError("the likeness of its rows is not that of each target")
    if target is None or seen.likeness is None:
        return None
    if target.dtype != np.float64 or target.ndim != 1 or not np.isfinite(target).all():
        raise ValueError("the likeness of its rows has another target")
    all_trained = training["stopping"] in ALL_TRAINED and training.get("also") in FOLDS_KNOWN
    require_target_of(target, seen.networks, all_trained=all_trained)
    return replace(seen.likeness, target=target)


def _digests(shared: RowDigests | None, entry: Header, *, more: bool) -> RowDigests | None:
    """The hashes of the rows, with the checksum of this target."""
    if (shared is None) != ("checksum" not in entry):
        raise ValueError("the checksums of its rows are not those of each target")
    if shared is None:
        return None
    if entry["checksum"] is None and not more:
        raise ValueError("the hashes of its rows have no checksum")
    return replace(shared, checksum=entry["checksum"])
