"""Continue training of fitted networks: ``fit_more``, ``warm_start`` and ``partial_fit``."""

import warnings
from collections.abc import Sequence
from dataclasses import replace
from numbers import Integral

import numpy as np
from numpy.typing import NDArray

from thalweg.counter_based_random import seed_from
from thalweg.data.canonical_rows import canonical_rows
from thalweg.data.column_names import listed
from thalweg.data.row_view import Numbers
from thalweg.data.schema.schema import Schema
from thalweg.data.typing import TableLike, TargetLike, WeightsLike
from thalweg.errors import DivergenceError, SettingsError, Status, ThalwegWarning, outer_level
from thalweg.estimators.deciding.costs_of_given_weights import with_costs
from thalweg.estimators.deciding.fitted_calibration import (
    asked_of,
    dropped,
    require_calibration,
)
from thalweg.estimators.drifting.lesson_likeness import after_more_rows, likeness_of_batch
from thalweg.estimators.fitted import Also, BetweenBatches, FitSettings, Fitted
from thalweg.estimators.importance.asked_importance import require_importance
from thalweg.estimators.input_tables import Learnable, labels_of_rows
from thalweg.estimators.learning.encoded_training_data import (
    Lesson,
    Place,
    member_seed,
    place,
    seen_by,
    starting_point,
    taught_by,
)
from thalweg.estimators.learning.fit_plan import GivenRows, hashes, known_rows
from thalweg.estimators.learning.fitted_networks import Network, continued
from thalweg.estimators.learning.interrupted_fit import report_interrupt
from thalweg.estimators.learning.settled_settings import same_settings
from thalweg.estimators.offsets.given_offsets import AskedOffset
from thalweg.estimators.offsets.rows_in_rates import read_more_rows, read_rows
from thalweg.estimators.outputs.class_outputs import Floats
from thalweg.estimators.outputs.several_outputs import column_of
from thalweg.estimators.outputs.target_outputs import Outputs, OutputsOf, TargetOutputs, widened
from thalweg.estimators.parameters.auto_by_width import alpha_of, epochs_of, hidden_units
from thalweg.estimators.parameters.resolved_parameters import (
    HasParameters,
    cut_of,
    dtype_of,
    fit_settings,
    settings_of,
    text_in_batches,
)
from thalweg.estimators.targets.fit_of_targets import with_mean_losses
from thalweg.estimators.targets.settings_of_targets import with_settings_that_ran
from thalweg.network import engine
from thalweg.network.engine import Data, Objective, Order
from thalweg.network.formulas.losses import loss, smoothed
from thalweg.parallel_map import usable_threads
from thalweg.training.descent.network_memory import (
    TrainingMemory,
    names_what_to_shrink,
    require_memory_for,
)
from thalweg.training.descent.optimizer_settings import Lbfgs, Optimizer
from thalweg.training.descent.training_settings import RANGES, Settings
from thalweg.training.descent_inputs import Member
from thalweg.training.history import epochs
from thalweg.training.many import train_many
from thalweg.training.mean_of_networks import report_mean
from thalweg.training.progress import watch
from thalweg.training.train import Descent
from thalweg.wording import counted, shown


def fit_more(
    estimator: HasParameters, fitted: Fitted, X: TableLike, y: TargetLike, n_epochs: object,
    sample_weight: WeightsLike, offset: AskedOffset | None = None,
) -> Fitted:  # fmt: skip
    """The implementation of `NetworkEstimator.fit_more`."""
    span = RANGES["max_epochs"]
    if not isinstance(n_epochs, Integral) or not span.is_of(n_epochs):
        raise SettingsError(
            f"epochs={shown(n_epochs)} is not a number of epochs",
            fix=f"give {span}, as in epochs=10",
        )
    if fitted.several is not None:
        estimator = with_settings_that_ran(estimator, fitted)
    settings = same_settings(estimator, fitted)
    read = _read_more(estimator, fitted, GivenRows(X, y, sample_weight, offset=offset))
    return _gone_on(estimator, replace(fitted, settings=settings), read, int(n_epochs))


def warm_fit(estimator: HasParameters, fitted: Fitted, given: GivenRows) -> Fitted:
    """A fit that continues the last one; unchanged if the last fit completed on the same rows.

    That is, if table, weights and settings are the same, and Ctrl-C did not end it.
    """
    if any(each is not None for each in given._replace(offset=None)[3:]):
        raise SettingsError(
            "A warm start does not take X_val, y_val, groups or time_column",
            why="It continues training, and holds no row out",
            fix="leave them out, or set warm_start=False",
        )
    if fitted.several is not None:
        estimator = with_settings_that_ran(estimator, fitted)
    settings = same_settings(estimator, fitted)
    read = _read_more(estimator, fitted, given)
    after = replace(fitted, settings=settings)
    # No weight depends on the threshold.
    alike = settings | {"threshold": None} == fitted.settings | {"threshold": None}
    alike = alike and hashes(read) == (fitted.data_hash, fitted.weights_hash)
    if alike and fitted.status is not Status.INTERRUPTED:
        return after
    return _gone_on(estimator, after, read, epochs_of(settings))


def _read_more(estimator: HasParameters, fitted: Fitted, given: GivenRows) -> Learnable:
    """A further table for a fitted model, with its offsets if it has some."""
    return read_more_rows(
        estimator, fitted.offset, fitted.first.outputs, fitted.schema, *given[:3], given.offset
    )


def _gone_on(estimator: HasParameters, fitted: Fitted, read: Learnable, n_epochs: int) -> Fitted:
    """The result of so many more epochs over these rows."""
    fitted = with_costs(estimator, fitted, read)
    numbers = fitted.first.outputs.numbers(read.y)
    rows = canonical_rows(read.matrix, numbers, read.weights)
    settings = settings_of(estimator, len(rows.X), fitted.seed)
    # A seed of their own, so that batches and noise differ from those of the epochs before.
    done = len(fitted.first.history)
    settings = replace(
        settings, max_epochs=n_epochs, stop_after=n_epochs, patience=None,
        time_limit=estimator.time_limit,
    )  # fmt: skip
    alpha = alpha_of(fitted.settings)
    members, networks, taught = [], [], []
    for number, network in enumerate(fitted.networks):
        network = replace(network, outputs=widened(network.outputs, rows.y))
        lesson = Lesson(rows.X, rows.y, rows.weights, network.outputs, read.schema.n_levels)
        # The fit may have computed the codes of levels from these rows.
        taught_rows = np.arange(len(rows.X))
        dtype = network.theta.dtype
        data = seen_by(network.encoder, network.outputs, lesson, dtype, taught_rows)
        own = replace(settings, seed=member_seed(member_seed(fitted.seed, number), done))
        members.append(
            Member(
                network.architecture, network.theta, data, network.outputs.loss,
                alpha, own,
            )
        )  # fmt: skip
        networks.append(network)
        taught.append(taught_by(lesson, data))
    total, told = n_epochs * len(members), tuple(estimator.callbacks or ())
    needed = _memory_of(networks, settings.optimizer)
    # Their weights are in memory already.
    require_memory_for(replace(needed, n_thetas=0))
    penalty = alpha > 0 or estimator.l1 > 0
    verbose = int(estimator.verbose)
    n_bytes = members[0].data.X.nbytes
    with (
        watch("Training", total, verbose, len(members), penalty=penalty) as progress,
        names_what_to_shrink(needed, n_bytes, fitted=True),
    ):
        descents = train_many(
            members, usable_threads(estimator.n_jobs), progress,
            callbacks=[told] * len(members), one_by_one=bool(told),
        )  # fmt: skip
        report_mean(progress, members, descents)
    for descent in descents:
        if descent.trouble:
            raise DivergenceError(
                descent.trouble.what,
                where="in the epochs after the fit",
                why="The model is as it was before",
                fix=descent.trouble.fix,
            )
    report_interrupt(descents)
    after = tuple(continued(*each) for each in zip(networks, descents, taught, strict=True))
    if fitted.several is not None:
        n_targets = fitted.several.n_outputs
        after = tuple(with_mean_losses(each, n_targets, done) for each in after)
    return _seen_more(replace(fitted, networks=after, stopping="none"), read, "epochs", None)


def _memory_of(networks: Sequence[Network], optimizer: Optimizer | Lbfgs) -> TrainingMemory:
    """What training takes that continues these networks."""
    first = networks[0]
    return TrainingMemory(
        sizes=first.architecture.sizes, dtype=first.theta.dtype, optimizer=optimizer,
        n_networks=len(networks),
    )  # fmt: skip


def partial_fit(
    estimator: HasParameters,
    fitted: Fitted | None,
    given: GivenRows,
    outputs_of: OutputsOf,
) -> Fitted:
    """One pass over the rows in the given order; see the estimators."""
    offset, target = None, None
    if fitted is None:
        read, target, offset, _ = read_rows(estimator, *given[:3], given.offset, outputs_of)
        settings, seed = fit_settings(estimator.get_params()), seed_from(estimator.random_state)
    else:
        settings, seed = same_settings(estimator, fitted), fitted.seed
        read = _read_more(estimator, fitted, given)
        fitted = with_costs(estimator, fitted, read)
    taught = read.weights > 0
    # What runs, so that summaries and files say it; "auto" may mean L-BFGS, which has no batches.
    settings = {**settings, "optimizer": text_in_batches(estimator)}
    descent = settings_of(estimator, int(taught.sum()), seed, in_batches=True)
    optimizer = descent.optimizer
    assert isinstance(optimizer, Optimizer)  # L-BFGS has no partial_fit
    if fitted is None:
        assert target is not None
        require_calibration(asked_of(settings), target.outputs, "none")
        require_importance(settings, "batches", in_time=False)
        fitted = _begun(estimator, read, taught, target, settings, descent)
        fitted = replace(fitted, offset=offset)
    else:
        networks = [
            replace(each, outputs=widened(each.outputs, each.outputs.numbers(read.y)))
            for each in fitted.networks
        ]
        # Copies of the state and the weights of each network.
        needed = _memory_of(networks, replace(optimizer, average=0.0))
        # The gradient is there already, unless another thread has it.
        require_memory_for(replace(needed, n_states=1, threads=0))
        fitted = replace(fitted, networks=tuple(networks), settings=settings)
    between = fitted.between
    if between is None or not _suits(between, optimizer):
        between = _at_start(fitted, optimizer)
    else:  # copies, so that an error leaves the states unchanged
        between = replace(between, states=tuple(each.copy() for each in between.states))
    alpha = alpha_of(settings)
    needed = _memory_of(fitted.networks, replace(optimizer, average=0.0))
    n_bytes = len(read.y) * needed.sizes[0] * fitted.first.theta.itemsize
    with names_what_to_shrink(needed, n_bytes, fitted=True):
        passed = tuple(
            _passed(network, state, read, taught, alpha, descent, optimizer)
            for network, state in zip(fitted.networks, between.states, strict=True)
        )
    return _seen_more(replace(fitted, networks=passed), read, "batches", between)


def _seen_more(
    fitted: Fitted, read: Learnable, also: Also, between: BetweenBatches | None
) -> Fitted:
    """With the hashes of the last rows, and of each row so far.

    Results of held-out rows are removed, because they are those of the previous networks.
    """
    own, seen = known_rows(read, digests=False), fitted.row_digests
    own["row_digests"] = seen and seen.and_of(read.matrix, labels_of_rows(read.y))
    own["likeness"] = after_more_rows(fitted, read, own)
    own["calibration"] = dropped(fitted.calibration, fitted.settings)
    own |= dict.fromkeys(("out_of_fold", "conformal", "importance"))
    parts = tuple(
        _seen_more(part, replace(read, y=column_of(read.y, t), names=()), also, None)
        for t, part in enumerate(fitted.parts)
    )
    return replace(fitted, **own, also=also, between=between, parts=parts)


def _suits(between: BetweenBatches, optimizer: Optimizer) -> bool:
    """Whether the memory of the last batch is that of this optimizer."""
    has_scales = between.states[0].scales is not None
    return between.rule == optimizer.rule and has_scales == (optimizer.scales > 0)


def _at_start(fitted: Fitted, optimizer: Optimizer) -> BetweenBatches:
    states = []
    for number, network in enumerate(fitted.networks):
        architecture, seed = network.architecture, member_seed(fitted.seed, number)
        method = optimizer.method(architecture)
        states.append(engine.State.begin(architecture, method, network.theta, seed))
    return BetweenBatches(optimizer.rule, tuple(states))


def _begun(
    estimator: HasParameters,
    read: Learnable,
    taught: NDArray[np.bool_],
    target: TargetOutputs,
    settings: FitSettings,
    descent: Settings,
) -> Fitted:
    """Networks before their first step, with scaling from the first batch."""
    lesson = _taught_rows(read, taught, target.outputs)
    _warn_of_one_value(read.schema, lesson.X)
    cut = cut_of(estimator.n_bins, len(lesson.X), lesson.n_numbers, estimator.scaling)
    dtype = dtype_of(estimator.dtype, descent.optimizer)
    # Later batches may have rows of the first one again, whose targets its codes would contain.
    here: Place = place(lesson, np.arange(len(lesson.X)), dtype, cut, coded=False)
    hidden, seed = hidden_units(estimator.hidden_layer_sizes), descent.seed
    n_networks, optimizer = int(estimator.n_ensemble), descent.optimizer
    assert isinstance(optimizer, Optimizer)  # L-BFGS has no partial_fit
    # One state and the weights of each, and the new weights; no average of the weights.
    needed = TrainingMemory(
        sizes=(here.encoder.n_outputs, *hidden, here.outputs.n_outputs), dtype=dtype,
        optimizer=replace(optimizer, average=0.0), n_networks=n_networks, n_states=1,
        n_thetas=2,
    )  # fmt: skip
    require_memory_for(needed)
    networks = []
    for number in range(int(estimator.n_ensemble)):
        architecture, theta = starting_point(here, hidden, estimator.activation, seed, number)
        networks.append(
            Network(here.encoder, architecture, theta, here.outputs, [], 0, Status.MAX_EPOCHS)
        )
    return Fitted(
        tuple(networks), read.schema, seed, settings, "none", **known_rows(read),
        positive=target.positive, threshold=target.threshold,
        likeness=likeness_of_batch(read, target.outputs, networks),
    )  # fmt: skip


def _taught_rows(read: Learnable, taught: NDArray[np.bool_], outputs: Outputs) -> Lesson:
    """The rows of a batch with a weight above 0, in the given order."""
    return Lesson(
        read.matrix.pick(np.flatnonzero(taught)),
        outputs.numbers(read.y)[taught],
        read.weights[taught],
        outputs,
        read.schema.n_levels,
    )


def _warn_of_one_value(schema: Schema, X: Numbers | Floats) -> None:
    """Warn of columns with one value in the first batch, which fixes the scaling of columns."""
    same = [
        column.name
        for column, low, high in zip(schema.columns, *Numbers.of(X).ends(), strict=True)
        if column.kind in ("number", "boolean", "date", "empty") and not low < high
    ]
    if same:
        warnings.warn(
            f"In the first batch of partial_fit {counted(len(same), 'column has', 'columns have')} "
            f"only one value: {listed(same)}. The first batch fixes the scaling of the columns, so "
            "nothing can be learned from these. Fix: start with a batch of more rows, some "
            "hundreds if possible.",
            ThalwegWarning,
            stacklevel=outer_level(),
        )


def _passed(
    network: Network,
    state: engine.State,
    read: Learnable,
    taught: NDArray[np.bool_],
    alpha: float,
    settings: Settings,
    optimizer: Optimizer,
) -> Network:
    """A network after one pass over the rows in the given order; changes ``state``.

    Penalties are divided by the weight of all rows so far, each time that they were given.
    """
    lesson = _taught_rows(read, taught, network.outputs)
    data: Data = seen_by(network.encoder, network.outputs, lesson, network.theta.dtype, None)
    n_rows = len(lesson.X)
    size = min(settings.batch_size or n_rows, n_rows)
    n_batches = -(-n_rows // size)
    own = taught_by(lesson, data)
    so_far = own.after(network.taught)
    objective = Objective.per(
        so_far.weight, network.outputs.loss, alpha, own.weight / n_rows, settings.l1,
        settings.dropout,
    )  # fmt: skip
    if settings.label_smoothing:
        coupled = loss(network.outputs.loss).coupled
        data = replace(data, Y=smoothed(data.Y, settings.label_smoothing, coupled=coupled))
    rates = np.full(n_batches, optimizer.rate)
    ran = engine.choose().steps(
        network.architecture, objective, optimizer.method(network.architecture),
        state, data, Order(np.arange(n_rows), size), rates, 0,
    )  # fmt: skip
    if ran.status is Status.DIVERGED or not np.all(np.isfinite(state.theta)):
        raise DivergenceError(
            "The loss became NaN or infinite in this batch",
            why="The model has the weights that it had before",
            fix="set a smaller learning rate: learning_rate_init, or lr in optimizer",
        )
    starts = np.arange(n_batches) * size
    shares = np.minimum(size, n_rows - starts) / n_rows
    history = epochs(ran.losses, ran.gradient_norms, rates, shares, 0)
    descent = Descent(state.theta.copy(), 1, Status.MAX_EPOCHS, history)
    return continued(network, descent, so_far)
