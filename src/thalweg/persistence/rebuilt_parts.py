"""Rebuild and check parts of a model from a file: labels, scores, histories, weights."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.data.canonical_rows import MOST_BY_CHANCE, MOST_DIGESTS, PLACES, RowDigests
from thalweg.data.cells import LARGEST
from thalweg.data.likeness.stored_likeness import likeness_from
from thalweg.data.likeness.table_likeness import Likeness
from thalweg.data.schema.schema import Schema
from thalweg.data.typing import Label
from thalweg.errors import Status
from thalweg.estimators.conformal.error_scales import SCALED, ErrorScales
from thalweg.estimators.fitted import OutOfFold
from thalweg.estimators.learning.fitted_networks import Network
from thalweg.estimators.outputs.class_outputs import Classes
from thalweg.estimators.outputs.grade_outputs import Grades
from thalweg.estimators.outputs.level_outputs import Quantiles
from thalweg.estimators.outputs.several_outputs import SeveralOutputs
from thalweg.estimators.outputs.value_outputs import Values
from thalweg.estimators.parameters.rows.loss_parameters import LOSSES
from thalweg.evaluation.answers import OUT_OF_FOLD, STOPPED
from thalweg.evaluation.conformal.class_scores import ClassScores
from thalweg.evaluation.conformal.residual_store import HeldOutResiduals
from thalweg.evaluation.judging.regression_loss import is_of_mean
from thalweg.network.architecture import Architecture
from thalweg.network.formulas.expressions.scaled_formula import Units
from thalweg.network.formulas.losses import loss, standard_text
from thalweg.persistence.header_form import HISTORY, Header
from thalweg.training.history import History

Floats = NDArray[np.float64]
# The names of the arrays for intervals and sets begin with this; earlier files have none.
CONFORMAL = "conformal/"
# The names of the arrays of the scale of the errors.
SCALE = "scale/"
# exp of these is a normal number, or nearly one: the errors of a fit are in this range.
_LARGEST_LOGARITHM = 709.0
# Of targets, and of their mean, which is rounded.
_LARGEST_VALUE = LARGEST * (1 + 1e-9)
# How far shares of classes may be from a sum of 1.
_ROUNDED = 1e-6
# The names of the arrays of the likeness of its rows; earlier files have none.
LIKENESS = "likeness/"
# The ways of a fit in which each row trains some network.
ALL_TRAINED = ("cross-validation", "folds", "none")
# What else a fit may depend on whose folds held rows out, and whose rows all trained some network.
FOLDS_KNOWN = (None, "groups", "targets")
# The array of the hashes of its rows; earlier files have none.
ROWS = "rows"


def classes_of(entry: Header) -> Classes:
    """The classes, with their labels as the array that was saved.

    Text gets the width of its longest label, because the file could say U999999.
    """
    labels, dtype = entry["labels"], entry["dtype"]
    if dtype.startswith("U"):
        longest = max((len(label) for label in labels if type(label) is str), default=0)
        if not all(type(label) is str for label in labels) or longest > int(dtype[1:]):
            raise ValueError("its classes are not labels of one type in sorted order")
        dtype = f"U{max(longest, 1)}"
    try:
        sound = len(labels) >= 2 and all(a < b for a, b in pairwise(labels))
        array = np.array(labels if sound else [], dtype=dtype)
    except (TypeError, OverflowError) as bad:
        raise ValueError(f"its classes are not valid labels: {bad}") from bad
    # Also by type, because 1, 1.0 and True are equal.
    if not sound or array.tolist() != labels or _types(array.tolist()) != _types(labels):
        raise ValueError("its classes are not labels of one type in sorted order")
    if len(entry["costs"]) != len(labels):
        raise ValueError("the numbers of its labels and costs differ")
    costs = np.array(entry["costs"], dtype=np.float64)
    if "grades" not in entry:
        return Classes(array, costs)
    order = entry["grades"]
    places = {label: place for place, label in enumerate(order)}
    complete = len(order) == len(labels) == len(places) and set(places) == set(labels)
    if len(labels) < 3 or not complete or _types(order) != _types(labels):
        raise ValueError("the order of its grades is not one of its labels")
    return Grades(array, costs, np.array([places[label] for label in labels], np.intp))


def _types(labels: list[Any]) -> list[type]:
    return list(map(type, labels))


def positive_of(labels: NDArray[Any], positive: Label | None) -> Label | None:
    """The positive label, with the type that it has in the array."""
    if positive is None:
        return None
    for place, label in enumerate(labels.tolist()):
        if type(label) is type(positive) and label == positive:
            found: Label = labels[place]
            return found
    raise ValueError("its positive class is not one of its classes")


def values_of(header: Header, values: Header | None) -> Values | Quantiles:
    """The loss, scale and range of a regressor's output, or of its outputs for several levels."""
    if values is None or not values["low"] <= values["high"]:
        raise ValueError("a regressor has no valid range of its values")
    # Sums over the networks must not overflow. A scale is at most the width of a range.
    if not (
        max(map(abs, (values["center"], values["low"], values["high"]))) <= _LARGEST_VALUE
        and values["scale"] <= 2 * _LARGEST_VALUE
    ):
        raise ValueError(f"a number of the range of its values is above {LARGEST:g} in size")
    text = header["objective"]["loss"]
    if standard_text(text) != text:
        raise ValueError("the loss of the objective is not in its standard form")
    formula = loss(text)
    if formula.written is None and formula.name not in LOSSES:
        raise ValueError("the loss of the objective is for classes")
    numbers = {name: float(value) for name, value in values.items()}
    units = {name: numbers.pop(name) for name in ("size", "grain") if name in numbers}
    if formula.units != Units() or bool(units) is not (formula.written is not None):
        raise ValueError("only a formula as the loss has units, and each network its own")
    found = Values(text, **numbers)
    if formula.constants:
        return Quantiles(found)
    return found.with_units(Units(found.center, found.scale, **units)) if units else found


def values_entry(values: Values | Quantiles) -> Header:
    """What a file has of the output of one network, from which `values_of` makes it again."""
    entry = {name: getattr(values, name) for name in ("center", "scale", "low", "high")}
    if (formula := loss(values.loss)).written is not None:
        entry |= {"size": formula.units.size, "grain": formula.units.grain}
    return entry


def dtype_of(labels: NDArray[Any]) -> str:
    """The type of labels as a file names it; text has the width of the longest label."""
    if labels.dtype.kind == "U":
        return f"U{max(1, *map(len, labels.tolist()))}"
    return labels.dtype.str[1:]


def scores_of(array: NDArray[Any], n_epochs: int) -> tuple[float, ...]:
    """A score for each epoch, or none."""
    if array.dtype != np.float64 or array.ndim != 1 or not np.isfinite(array).all():
        raise ValueError("its scores are not a vector of finite numbers")
    if len(array) not in (0, n_epochs):
        raise ValueError("the numbers of its scores and epochs differ")
    return tuple(array.tolist())


def require_parameters(theta: NDArray[Any], sizes: tuple[int, ...]) -> None:
    """Raise a ValueError if θ does not fit a network of these sizes, before one is built."""
    if theta.dtype not in (np.float64, np.float32) or not np.isfinite(theta).all():
        raise ValueError("θ has values that are not finite floats")
    n_parameters = sum((n_in + 1) * n_out for n_in, n_out in pairwise(sizes))
    if theta.shape != (n_parameters,):
        raise ValueError("θ does not have the number of parameters of the network")


# Far below the largest float of each type; for float64 squares are finite, too.
_LARGEST = {np.dtype(np.float32): 1e37, np.dtype(np.float64): 1e150}


def require_bounded(architecture: Architecture, theta: NDArray[Any], inputs: Floats) -> None:
    """Raise a ValueError if a row could lead to a number that is not finite.

    If |a| ≤ c for the inputs of a layer, |W| c + |b| bounds all numbers that it computes, in any
    order of the sums. No activation exceeds 1.76 + 1.06 |z|.

    Parameters
    ----------
    architecture : Architecture
    theta : ndarray of float64 or float32, shape (n_parameters,)
        Finite.
    inputs : ndarray of float64, shape (n_inputs,)
        The largest size of each input.
    """
    bound = inputs
    for W, b in architecture.layers(theta):
        bound = np.abs(W, dtype=np.float64) @ bound + np.abs(b[:, 0], dtype=np.float64)
        if not bound.max() <= _LARGEST[theta.dtype]:
            raise ValueError("its weights are so large that outputs may not be finite")
        bound = 1.76 + 1.06 * bound


def require_finite_penalties(networks: Sequence[Network], alpha: float, l1: float) -> None:
    """Raise a ValueError if the penalties' gradient, (α |W| + l1) / Σ w, may not be finite.

    The limit is that of float64, in which a trace computes, whatever the dtype of the weights.
    """
    for each in networks:
        weight = min(1.0, each.taught.weight) if each.taught else 1.0
        largest = float(np.abs(each.theta).max(initial=0.0))
        if not (alpha * largest + l1) / weight <= _LARGEST[np.dtype(np.float64)]:
            raise ValueError("its penalties are so large that a gradient may not be finite")


def history_of(array: NDArray[Any], best_epoch: int, status: Status) -> History:
    """The history, from an array with one row for each epoch."""
    if array.dtype != np.float64 or array.ndim != 2 or array.shape[1] != len(HISTORY):
        raise ValueError(f"its history has shape {array.shape} and type {array.dtype}")
    if best_epoch == 0 and not len(array):
        return []
    if not 0 < best_epoch <= len(array):
        raise ValueError("its best epoch is not in its history")
    epochs, steps = array[:, 0], array[:, 1]
    counted = np.array_equal(epochs, np.arange(1, len(array) + 1))
    if not (counted and ((steps >= 1) & (steps <= 2**53) & (steps == np.floor(steps))).all()):
        raise ValueError("its history does not count epochs and steps")
    unknown = np.isnan(array[:, _ALWAYS])
    if unknown[best_epoch - 1].any() or (unknown.any() and status is not Status.DIVERGED):
        raise ValueError("its history has missing losses")
    history = [dict(zip(HISTORY, row, strict=True)) for row in array.tolist()]
    for epoch in history:
        epoch["epoch"], epoch["steps"] = int(epoch["epoch"]), int(epoch["steps"])
        for key in ("valid_loss", "rate"):
            if np.isnan(epoch[key]):
                epoch[key] = None
    return history


# The values that every epoch has, unless it diverged.
_ALWAYS = [HISTORY.index(name) for name in ("train_loss", "gradient_norm")]


def taken(arrays: dict[str, NDArray[Any]], prefix: str) -> dict[str, NDArray[Any]]:
    """Remove the arrays whose names begin with the prefix, and return them without it."""
    names = [name for name in arrays if name.startswith(prefix)]
    return {name.removeprefix(prefix): arrays.pop(name) for name in names}


def out_of_fold_of(entry: Header, n_networks: int, of_classes: bool) -> OutOfFold | None:
    """The out-of-fold results; in files without ``ended_earlier`` the rows stopped the networks.

    An accuracy is from 0 to 1, R² at most 1; no loss of classes is below 0.
    """
    found, stopping = entry["out_of_fold"], entry["stopping"]
    score, n_earlier = found["score"], found.get("ended_earlier")
    if found["loss"] is None:
        if score is not None:
            raise ValueError("it has an out-of-fold score, but no out-of-fold loss")
        if "ended_earlier" in found:
            raise ValueError("it counts folds that ended earlier, but has no out-of-fold loss")
        return None
    if score is not None and (score > 1 or (of_classes and score < 0)):
        raise ValueError("its out-of-fold score is no accuracy and no R²")
    if of_classes and found["loss"] < 0:
        raise ValueError("its out-of-fold loss is below 0")
    if stopping == "folds" and (n_earlier or 0) > n_networks:
        raise ValueError("more folds ended earlier than it has networks")
    return OutOfFold(
        float(found["loss"]),
        None if score is None else float(score),
        how=STOPPED if n_earlier is None else OUT_OF_FOLD,
        n_ended_earlier=n_earlier or 0,
    )


def conformal_of(
    arrays: dict[str, NDArray[Any]],
    networks: Sequence[Network],
    training: Header,
    scale: Sequence[Network] = (),
) -> HeldOutResiduals | ErrorScales | ClassScores | None:
    """The errors of held-out rows, taken from the arrays; a ValueError if no fit gives them.

    ``scale`` are the networks of their scale, for scaled intervals.
    """
    parts = taken(arrays, CONFORMAL)
    if bool(scale) is not (bool(parts) and training["settings"].get("interval_kind") == SCALED):
        raise ValueError("only scaled intervals have networks of the scale of the errors")
    if not parts:
        return None
    way, outputs = training["stopping"], networks[0].outputs
    if way not in ("folds", "hold-out") or training.get("also") not in FOLDS_KNOWN:
        raise ValueError("it has errors of held-out rows, but its fit held none out")
    n_networks = len(networks) if way == "folds" else 1
    if isinstance(outputs, Classes):
        scores = ClassScores.from_arrays(parts)
        if scores.n_classes != len(outputs.labels):
            raise ValueError("the scores of its held-out rows are not those of its classes")
        if scores.n_networks != n_networks:
            raise ValueError("the scores of its held-out rows are not those of its networks")
        return scores
    if isinstance(outputs, Quantiles):
        raise ValueError("a model of several quantiles has no residuals of held-out rows")
    residuals = HeldOutResiduals.from_arrays(parts)
    if scale:
        _require_scales(scale, networks, way)
        n_networks = len(scale)
    if residuals.n_networks != n_networks:
        raise ValueError("the residuals of its held-out rows are not those of its networks")
    return ErrorScales(tuple(scale), residuals) if scale else residuals


def likeness_of(
    arrays: dict[str, NDArray[Any]],
    schema: Schema,
    networks: Sequence[Network],
    *,
    weighted: bool,
    all_trained: bool,
) -> Likeness | None:
    """The summaries of the rows of the fit; None in files of before, a ValueError if not valid.

    Parameters
    ----------
    arrays : dict of ndarray
    schema : Schema
    networks : sequence of Network
    weighted : bool
        Whether the rows have weights.
    all_trained : bool
        Whether each row trained some network, so that its target is in the range of one.
    """
    if not arrays:
        return None
    found = likeness_from(arrays, schema.kinds, schema.n_levels, weighted=weighted)
    if isinstance(networks[0].outputs, SeveralOutputs):  # each of them has its own
        if found.target.size:
            raise ValueError("the likeness of its rows has another target")
    else:
        require_target_of(found.target, networks, all_trained=all_trained)
    return found


def require_target_of(target: Floats, networks: Sequence[Network], *, all_trained: bool) -> None:
    """Raise a ValueError unless the summary of a target is that of the outputs of networks."""
    outputs = networks[0].outputs
    if isinstance(outputs, Classes):
        sound = target.shape == outputs.labels.shape and bool((target >= 0).all())
        sound = sound and abs(float(target.sum()) - 1.0) <= _ROUNDED
    else:
        ranges = [(each.outputs.low, each.outputs.high) for each in networks
                  if isinstance(each.outputs, Values | Quantiles)]  # fmt: skip
        low, high = min(each[0] for each in ranges), max(each[1] for each in ranges)
        # Files of before have no constant; one beside the mean is of another loss than its own.
        of_one = isinstance(outputs, Values) and not is_of_mean(outputs.loss)
        has_own = of_one and target.shape == (3,)
        sound = (has_own or target.shape == (2,)) and bool(target[1] >= 0)
        slack = _ROUNDED * max(abs(low), abs(high))
        if sound and all_trained:
            sound = bool(low - slack <= target[0] <= high + slack)
            sound = sound and bool(target[1] <= high - low + slack)
            sound = sound and bool((target[2:] >= low).all() and (target[2:] <= high).all())
    if not sound:
        raise ValueError("the likeness of its rows has another target")


def _require_scales(scale: Sequence[Network], networks: Sequence[Network], way: str) -> None:
    """Raise a ValueError if no fit of these networks gives these networks of the scale."""
    if way == "folds" and len(scale) != len(networks):
        raise ValueError("the networks of the scale of its errors are not those of its folds")
    ours = {each.kind for each in networks}
    for each in scale:
        if each.kind not in ours:
            raise ValueError("the networks of the scale of its errors are of another kind")
        outputs = each.outputs
        assert isinstance(outputs, Values)  # they were built as such
        if not max(abs(outputs.low), abs(outputs.high)) <= _LARGEST_LOGARITHM:
            raise ValueError("the scale of its errors may be 0 or infinite")


def row_digests_of(
    packed: NDArray[Any] | None, entry: Mapping[str, Any] | None, salt: str | None, more: bool
) -> RowDigests | None:
    """What a file keeps of the rows of its fit; a ValueError if no fit gives it.

    Parameters
    ----------
    packed : ndarray, or None
        The array of the file.
    entry, salt : mapping or None, str or None
        What the header has with it: ``entry``, or ``salt`` in files of before, whose hashes of
        whole rows are not used.
    more : bool
        Whether the model was trained further, on rows that may be others.
    """
    if (packed is None) != (entry is None and salt is None) or (entry and salt):
        raise ValueError("the hashes of its rows and their salt do not belong together")
    if packed is None:
        return None
    if entry is None:
        if packed.dtype != np.int64 or packed.ndim != 1 or not 0 < len(packed) <= MOST_DIGESTS:
            raise ValueError(f"the hashes of its rows are not a list of 1 to {MOST_DIGESTS:,}")
        return None
    modulus = entry["modulus"]
    if packed.dtype != np.uint8 or packed.shape != ((modulus + 7) // 8,) or modulus % PLACES:
        raise ValueError("the hashes of its rows do not have the length of their modulus")
    bits = np.unpackbits(packed, bitorder="little")
    seen, most = bits[:modulus].astype(np.bool_), modulus // PLACES
    if bits[modulus:].any() or not 0 < seen.sum() <= (MOST_BY_CHANCE * modulus if more else most):
        raise ValueError("the hashes of its rows are not those of so many rows")
    if entry["checksum"] is None and not more:
        raise ValueError("the hashes of its rows have no checksum")
    return RowDigests(entry["salt"], seen, entry["checksum"])
