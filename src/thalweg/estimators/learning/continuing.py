"""Going on from fitted networks: more epochs over a table, or one batch of rows after another."""

import hashlib
import warnings
from copy import copy
from dataclasses import dataclass, replace
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import get_scorer_names

from thalweg.data.names import listed
from thalweg.data.numbers import Numbers
from thalweg.data.rows import canonical_rows, data_hash
from thalweg.data.schema.schema import Schema
from thalweg.errors import DivergenceError, SettingsError, Status, ThalwegWarning, outer_level
from thalweg.estimators.learning.learn import usable_threads
from thalweg.estimators.learning.lesson import (
    Lesson,
    Place,
    member_seed,
    place,
    seen_by,
    starting_point,
    taught_by,
)
from thalweg.estimators.learning.members import Network, continued
from thalweg.estimators.learning.outputs import Classes, Values
from thalweg.estimators.learning.unfinished import report_interrupt
from thalweg.estimators.parameters.parameter_table import PARAMETERS
from thalweg.estimators.parameters.recipe import (
    cut_of,
    dtype_of,
    fit_settings,
    hidden_units,
    settings_of,
)
from thalweg.estimators.tables import Learnable, read_for_fit, read_more
from thalweg.network import engine
from thalweg.network.engine import Data, Objective, Order
from thalweg.network.formulas.losses import smoothed
from thalweg.random import seed_from
from thalweg.training.course import Member
from thalweg.training.descent.optimizer import Optimizer
from thalweg.training.history import epochs
from thalweg.training.many import train_many
from thalweg.training.progress import watch
from thalweg.training.train import Descent
from thalweg.wording import counted, shown


@dataclass(eq=False)
class State:
    """Where the rule of descent of one network stands, between two batches of `partial_fit`."""

    rule: str
    engine: list[engine.State]


def fit_more(estimator: Any, X: Any, y: Any, n_epochs: Any, sample_weight: Any) -> None:
    """What `NetworkEstimator.fit_more` says."""
    if isinstance(n_epochs, bool) or not isinstance(n_epochs, Integral) or n_epochs < 1:
        raise SettingsError(
            f"epochs={shown(n_epochs)} is no number of epochs",
            fix="give a whole number from 1 on, as in epochs=10",
        )
    _require_same_settings(estimator)
    read = read_more(estimator, X, y, sample_weight, extra="refuse")
    _go_on(estimator, read, int(n_epochs))


def warm_fit(estimator: Any, X: Any, y: Any, sample_weight: Any) -> None:
    """A fit that goes on; nothing where the last fit came to its end on these very rows.

    That is, where table, weights and settings are the same, and Ctrl-C did not cut it short.
    """
    _require_same_settings(estimator)
    read = read_more(estimator, X, y, sample_weight, extra="refuse")
    before = _seen(estimator)
    after = copy(estimator)
    keep_what_was_seen(after, read)
    if _seen(after) != before or estimator.status_ is Status.INTERRUPTED:
        _go_on(estimator, read, int(estimator.max_iter))


# What networks that go on have settled: how they look, what their target is to them, and who
# judged when to stop.
_SETTLED = tuple(parameter.name for parameter in PARAMETERS if parameter.settled)


def _require_same_settings(estimator: Any) -> None:
    """Raise where a parameter was changed that what goes on could not heed."""
    before, now = estimator.settings_, fit_settings(estimator.get_params())
    if now["scoring"] is None and before["scoring"] not in get_scorer_names():
        now["scoring"] = before["scoring"]  # a function, which no model file holds
    changed = [
        name for name in _SETTLED if name in now and not _is_same(name, before[name], now[name])
    ]
    if changed:
        one = len(changed) == 1
        told, back = (
            ", ".join(f"{name}={shown(values[name])}" for name in changed)
            for values in (now, before)
        )
        raise SettingsError(
            f"{told} cannot be heeded any more",
            where=f"the networks were fitted with {back}",
            why="warm_start, fit_more and partial_fit go on from these networks, which have "
            f"settled {'it' if one else 'them'}",
            fix=f"set {'it' if one else 'them'} back, as in model.set_params({back}); or begin "
            "anew: fit with warm_start=False",
        )


def _is_same(name: str, one: Any, other: Any) -> bool:
    if name == "hidden_layer_sizes":
        return hidden_units(one) == hidden_units(other)
    return bool(one == other)


def _seen(estimator: Any) -> tuple[Any, ...]:
    return estimator.data_hash_, estimator.settings_, getattr(estimator, "_weights_hash", None)


def _go_on(estimator: Any, read: Learnable, n_epochs: int) -> None:
    outputs = estimator.members_[0].outputs
    numbers = estimator._numbers(outputs, read.y)
    rows = canonical_rows(read.matrix, numbers, read.weights)
    settings = settings_of(estimator, len(rows.X), estimator.seed_)
    # Batches of their own, and noise: those of the epochs before were others.
    done = len(estimator.history_)
    settings = replace(
        settings, max_epochs=n_epochs, stop_after=n_epochs, patience=None,
        time_limit=estimator.time_limit,
    )  # fmt: skip
    members, networks, taught = [], [], []
    for number, network in enumerate(estimator.members_):
        network = replace(network, outputs=widened(network.outputs, rows.y))
        lesson = Lesson(rows.X, rows.y, rows.weights, network.outputs, read.schema.n_levels)
        data = seen_by(network.encoder, network.outputs, lesson, network.theta.dtype)
        own = replace(settings, seed=member_seed(member_seed(estimator.seed_, number), done))
        members.append(
            Member(
                network.architecture, network.theta, data, network.outputs.loss,
                float(estimator.alpha), own,
            )
        )  # fmt: skip
        networks.append(network)
        taught.append(taught_by(lesson, data))
    total, told = n_epochs * len(members), tuple(estimator.callbacks or ())
    penalty = estimator.alpha > 0 or estimator.l1 > 0
    verbose = int(estimator.verbose)
    with watch("Training", total, verbose, len(members), penalty=penalty) as progress:
        descents = train_many(
            members, usable_threads(estimator.n_jobs), progress,
            callbacks=[told] * len(members), one_by_one=bool(told),
        )  # fmt: skip
    for descent in descents:
        if descent.trouble:
            raise DivergenceError(
                descent.trouble.what,
                where="after the epochs of the fit",
                why="The model is as it was before",
                fix=descent.trouble.fix,
            )
    report_interrupt(descents)
    estimator.members_ = [continued(*each) for each in zip(networks, descents, taught, strict=True)]
    estimator.stopping_, estimator._state, estimator._also = "none", None, "epochs"
    keep_what_was_seen(estimator, read)


def partial_fit(estimator: Any, X: Any, y: Any, sample_weight: Any) -> None:
    """One pass over the rows as they stand; see the estimators."""
    begins = not hasattr(estimator, "members_")
    if begins:
        read = read_for_fit(estimator, X, y, sample_weight)
        estimator.schema_, estimator.seed_ = read.schema, seed_from(estimator.random_state)
    else:
        _require_same_settings(estimator)
        read = read_more(estimator, X, y, sample_weight, extra="refuse")
    counted = read.weights > 0
    settings = settings_of(estimator, int(counted.sum()), estimator.seed_)
    assert isinstance(settings.optimizer, Optimizer)  # or there is no partial_fit
    if begins:
        networks = _begun(estimator, read, counted, settings.optimizer)
        estimator._keep_outputs(networks[0].outputs)
        estimator.stopping_ = "none"
    else:
        networks = [
            replace(each, outputs=widened(each.outputs, estimator._numbers(each.outputs, read.y)))
            for each in estimator.members_
        ]
    states = getattr(estimator, "_state", None)
    if states is None or states.rule != settings.optimizer.rule:
        states = _at_start(estimator, networks, settings.optimizer)
    else:  # what goes wrong on the way must not have moved them
        states = replace(states, engine=[each.copy() for each in states.engine])
    estimator.members_ = [
        _passed(estimator, network, state, read, counted, settings)
        for network, state in zip(networks, states.engine, strict=True)
    ]
    estimator._state, estimator._also = states, "batches"
    keep_what_was_seen(estimator, read)


def _at_start(estimator: Any, networks: list[Network], optimizer: Optimizer) -> State:
    states = State(optimizer.rule, [])
    for number, network in enumerate(networks):
        n_slots = optimizer.method(network.architecture).rule.n_slots
        slots = np.zeros((n_slots, network.theta.size), network.theta.dtype)
        seed = member_seed(estimator.seed_, number)
        states.engine.append(engine.State(network.theta.copy(), slots, 0, seed))
    return states


def widened(outputs: Classes | Values, y: NDArray[np.float64]) -> Classes | Values:
    """Values whose range holds more targets; classes as they are."""
    if isinstance(outputs, Classes):
        return outputs
    low, high = min(outputs.low, float(y.min())), max(outputs.high, float(y.max()))
    return replace(outputs, low=low, high=high)


def _begun(
    estimator: Any, read: Learnable, counted: NDArray[np.bool_], optimizer: Optimizer
) -> list[Network]:
    """Networks before their first step, scaled by the first batch."""
    outputs = estimator._outputs(read.y, read.weights)
    numbers = estimator._numbers(outputs, read.y)
    lesson = Lesson(
        read.matrix.pick(np.flatnonzero(counted)),
        numbers[counted],
        read.weights[counted],
        outputs,
        read.schema.n_levels,
    )
    _warn_of_one_value(read.schema, lesson.X)
    cut = cut_of(estimator.n_bins, len(lesson.X), lesson.n_numbers)
    dtype = dtype_of(estimator.dtype, optimizer)
    here: Place = place(lesson, np.arange(len(lesson.X)), dtype, cut)
    hidden = hidden_units(estimator.hidden_layer_sizes)
    networks = []
    for number in range(int(estimator.n_ensemble)):
        architecture, theta = starting_point(
            here, hidden, estimator.activation, estimator.seed_, number
        )
        networks.append(
            Network(here.encoder, architecture, theta, here.outputs, [], 0, Status.MAX_EPOCHS)
        )
    return networks


def _warn_of_one_value(schema: Schema, X: Any) -> None:
    """The first batch scales the columns for good: what has one value there tells nothing."""
    same = [
        column.name
        for column, low, high in zip(schema.columns, *Numbers.of(X).ends(), strict=True)
        if column.kind in ("number", "boolean", "empty") and not low < high
    ]
    if same:
        warnings.warn(
            f"In the first batch of partial_fit {counted(len(same), 'column has', 'columns have')} "
            f"no two values: {listed(same)}. The first batch scales the columns for good, so "
            "nothing will be learned from these. Mend: begin with a batch of more rows, some "
            "hundred if there are.",
            ThalwegWarning,
            stacklevel=outer_level(),
        )


def _passed(
    estimator: Any,
    network: Network,
    state: engine.State,
    read: Learnable,
    counted: NDArray[np.bool_],
    settings: Any,
) -> Network:
    """A network after one pass over the rows, in their order; its state is moved along."""
    numbers = estimator._numbers(network.outputs, read.y)
    lesson = Lesson(
        read.matrix.pick(np.flatnonzero(counted)),
        numbers[counted],
        read.weights[counted],
        network.outputs,
        read.schema.n_levels,
    )
    data: Data = seen_by(network.encoder, network.outputs, lesson, network.theta.dtype)
    n_rows = len(lesson.X)
    size = min(settings.batch_size or n_rows, n_rows)
    n_batches = -(-n_rows // size)
    objective = Objective.over(
        network.outputs.loss, float(estimator.alpha), data.weights, settings.l1, settings.dropout
    )
    if settings.label_smoothing:
        data = replace(data, Y=smoothed(data.Y, settings.label_smoothing))
    rates = np.full(n_batches, settings.optimizer.rate)
    order = Order(np.arange(n_rows), size)
    ran = engine.choose().steps(
        network.architecture, objective, settings.optimizer.method(network.architecture),
        state, data, order, rates, 0,
    )  # fmt: skip
    if ran.status is Status.DIVERGED or not np.all(np.isfinite(state.theta)):
        raise DivergenceError(
            "The loss left the finite numbers in this batch",
            why="The model has the weights that it had before",
            fix="set a smaller learning rate: learning_rate_init, or lr in optimizer",
        )
    starts = np.arange(n_batches) * size
    shares = np.minimum(size, n_rows - starts) / n_rows
    history = epochs(ran.losses, ran.gradient_norms, rates, shares, 0)
    descent = Descent(state.theta.copy(), 1, Status.MAX_EPOCHS, history)
    return continued(network, descent, taught_by(lesson, data))


def keep_what_was_seen(estimator: Any, read: Learnable) -> None:
    """The settings, and the hashes of the rows that were seen last; out-of-fold results go.

    They told of the networks that were, and no others stand in their place by themselves.
    """
    for name in [name for name in vars(estimator) if name.startswith("oof_")]:
        delattr(estimator, name)
    schema = read.schema
    estimator.data_hash_ = data_hash(schema.names, schema.codings, read.matrix, read.y)
    estimator.settings_ = fit_settings(estimator.get_params())
    estimator._weights_hash = hashlib.sha256(read.weights.tobytes()).hexdigest()
