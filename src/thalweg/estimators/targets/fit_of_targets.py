"""The result of a fit of several targets: after one training, everything else target by target."""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from thalweg.errors import outer_level
from thalweg.estimators.fitted import Fitted, OutOfFold
from thalweg.estimators.learning.early_stopping_splits import Rows
from thalweg.estimators.learning.encoded_training_data import Lesson
from thalweg.estimators.learning.fitted_networks import Network, outputs_of
from thalweg.estimators.learning.out_of_fold import (
    held_out_of,
    losses_of_folds,
    networks_by_others,
)
from thalweg.estimators.learning.train_networks import Learned
from thalweg.estimators.outputs.class_outputs import Classes, Floats
from thalweg.estimators.outputs.several_outputs import SeveralOutputs, column_of
from thalweg.estimators.outputs.target_outputs import TargetOutputs
from thalweg.estimators.targets.target_views import network_of_target
from thalweg.network.formulas.losses import loss

if TYPE_CHECKING:
    from thalweg.estimators.learning.fit_plan import FitPlan


def outcome_of_targets(plan: "FitPlan", learned: Learned) -> Fitted:
    """The result of a fit of several targets, with the results of each target.

    Parameters
    ----------
    plan : FitPlan
    learned : Learned
        The networks of all targets.
    """
    n_targets = len(plan.target.parts)
    means = [with_mean_losses(each, n_targets) for each in learned.networks]
    joint = plan.fitted(means, learned.way)
    losses = _losses_of_targets(plan.lesson, learned) if learned.way == "folds" else None
    parts = []
    for t, own in enumerate(_plans(plan, joint)):
        with _warns_of_target(plan.target.names[t]):
            found = own.outcome(_learned_of(learned, t))
        out = found.out_of_fold
        if out is not None and losses is not None:
            out = replace(out, loss=float(losses[t]))
        also = "targets" if found.also is None else found.also
        parts.append(replace(found, networks=(), out_of_fold=out, also=also))
    joint = replace(joint, parts=tuple(parts))
    return replace(joint, out_of_fold=_out_of_fold(plan, learned, joint))


@contextmanager
def _warns_of_target(name: str) -> Iterator[None]:
    """Warnings in the block name the target that they are about."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    for each in caught:
        warnings.warn(f'Target "{name}": {each.message}', each.category, stacklevel=outer_level())


def with_mean_losses(network: Network, n_targets: int, since: int = 0) -> Network:
    """A network whose history has the means over its targets; its training minimised their sum.

    Parameters
    ----------
    network : Network
    n_targets : int
    since : int
        So many epochs have the means already.
    """
    history = [dict(epoch) for epoch in network.history]
    for epoch in history[since:]:
        for key in ("train_loss", "valid_loss"):
            if epoch[key] is not None:
                epoch[key] /= n_targets
    return replace(network, history=history)


def _plans(plan: "FitPlan", joint: Fitted) -> "list[FitPlan]":
    """The plan of each target: its outputs, and the rows of all targets."""
    from thalweg.estimators.learning.fit_plan import SharedRows

    columns = [column_of(plan.read.y, t) for t in range(len(plan.target.parts))]
    assert joint.likeness is not None
    digests: Sequence[object] = [None] * len(columns)
    if joint.row_digests is not None:
        digests = joint.row_digests.of_targets(plan.read.matrix, columns)
    plans = []
    for t, (part, column) in enumerate(zip(plan.target.parts, columns, strict=True)):
        lesson = replace(plan.lesson, y=plan.lesson.y[:, t].copy(), outputs=part.outputs)
        shared = SharedRows(joint.likeness, digests[t], plan.places)  # type: ignore[arg-type]
        read = replace(plan.read, y=column, names=())
        plans.append(replace(plan, read=read, target=part, lesson=lesson, shared=shared))
    return plans


def _learned_of(learned: Learned, t: int) -> Learned:
    """The networks of one target, with the epochs that all targets chose."""
    networks = [network_of_target(each, t) for each in learned.networks]
    if learned.way != "folds" or learned.unseen is None:
        # The loss of one target on the folds of a cross-validation is not known.
        return learned._replace(networks=networks, curve=None, unseen=None)
    thetas = [network_of_target(each, t).theta for each in networks_by_others(learned)]
    return learned._replace(networks=networks, unseen=learned.unseen._replace(thetas=tuple(thetas)))


def _losses_of_targets(lesson: Lesson, learned: Learned) -> Floats:
    """The out-of-fold loss of each target, shape (n_targets,)."""
    splits = held_out_of(learned)
    networks = networks_by_others(learned)
    losses = [
        losses_of_rows(network, lesson, held_out)
        for network, (_, held_out) in zip(networks, splits, strict=True)
    ]
    weights = np.concatenate([lesson.weights[held_out] for _, held_out in splits])
    return np.asarray(np.average(np.concatenate(losses), axis=0, weights=weights))


def losses_of_rows(network: Network, lesson: Lesson, rows: Rows) -> Floats:
    """The loss of each target of some rows of a lesson, shape (n_rows, n_targets)."""
    outputs = network.outputs
    assert isinstance(outputs, SeveralOutputs)
    Z = outputs_of([network], lesson.X[rows])[0]
    formula = loss(outputs.loss)
    return np.asarray(formula.element(Z, outputs.targets(lesson.y[rows]), formula.constant))


def _out_of_fold(plan: "FitPlan", learned: Learned, joint: Fitted) -> OutOfFold | None:
    """The out-of-fold results of all targets: the mean of their losses, and all predictions."""
    n_targets = len(joint.parts)
    found = [part.out_of_fold for part in joint.parts if part.out_of_fold is not None]
    if len(found) < n_targets:
        if learned.curve is None:
            return None
        whole = losses_of_folds(plan.lesson, learned)  # a sum over the targets
        return replace(whole, loss=whole.loss / n_targets)
    own = replace(found[0], loss=float(np.mean([each.loss for each in found])), answers=None)
    if any(each.predictions is None for each in found):
        return replace(own, score=None, predictions=None)
    pairs = zip(found, plan.target.parts, strict=True)
    predictions = np.column_stack([_one_column(each, part) for each, part in pairs])
    return replace(own, predictions=predictions, score=_score(plan, found, predictions))


def _one_column(found: OutOfFold, part: TargetOutputs) -> Floats:
    """The probability of the positive class, or the value."""
    assert found.predictions is not None
    if not isinstance(part.outputs, Classes):
        return found.predictions
    return np.asarray(found.predictions[:, _place_of_positive(part)])


def _place_of_positive(part: TargetOutputs) -> int:
    assert isinstance(part.outputs, Classes)
    return int(part.outputs.labels[1] == part.positive)


def _score(plan: "FitPlan", found: Sequence[OutOfFold], predictions: Floats) -> float | None:
    """The share of rows whose labels are all right, or the mean R², of out-of-fold predictions."""
    outputs = plan.target.outputs
    assert isinstance(outputs, SeveralOutputs)
    if not outputs.of_classes:
        return float(np.mean([each.score for each in found if each.score is not None]))
    codes = outputs.numbers(plan.read.y)
    ones = [_place_of_positive(part) for part in plan.target.parts]
    right = ((predictions > 0.5) == (codes == np.array(ones))).all(axis=1)
    known = np.isfinite(predictions[:, 0]) & (plan.read.weights > 0)
    return float(np.average(right[known], weights=plan.read.weights[known]))
