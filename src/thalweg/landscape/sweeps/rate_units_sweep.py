"""A sweep: the held-out loss over learning rate × units, each cell the mean of several networks.

All networks of one cell differ in their seed only, which draws their start and the order of the
rows. All cells have the same seeds, the same training rows, the same number of steps, and the same
held-out rows. Cells are never interpolated: between 4 and 8 units there are other networks.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from thalweg.counter_based_random import generator
from thalweg.data.read import Table
from thalweg.errors import SettingsError, Status
from thalweg.landscape.given_values import (
    layers_given,
    numbers_given,
    require_steps,
    whole_number,
)
from thalweg.landscape.ground.path_divergence import ENDS_HIGH
from thalweg.landscape.runs.own_batches import batches
from thalweg.landscape.sweeps.above_the_lowest import (
    SeedRowMean,
    beside_constant,
    shown_higher,
)
from thalweg.landscape.sweeps.held_out_table import HeldOutTable, held_out_table
from thalweg.landscape.sweeps.swept_map import Sweep, SweepCell
from thalweg.network.architecture import Architecture, hidden_activations, initial_theta
from thalweg.network.engine import Engine, Objective, choose
from thalweg.network.formulas.activations import activation as formula_of
from thalweg.network.formulas.losses import loss as loss_of
from thalweg.parallel_map import usable_cores
from thalweg.training.descent.network_memory import TrainingMemory, require_memory_for
from thalweg.training.descent.optimizer_settings import Lbfgs, Optimizer
from thalweg.training.descent.training_settings import Settings, parse_optimizer
from thalweg.training.descent_inputs import Member
from thalweg.training.many import train_many
from thalweg.training.train import Descent

# The default rates are these multiples of the default rate of the optimizer.
RATES = (0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
UNITS = (1, 2, 4, 8, 15, 32, 64)
SEEDS, FEWEST_SEEDS, MOST_SEEDS = 5, 2, 50
STEPS = 1_000
# More columns or rows cannot be read on a page.
MOST_VALUES = 16
# Called with (done, all) networks; an answer of True ends the sweep.
Watch = Callable[[int, int], bool | None]


def sweep_on_table(
    table: Table, rates: Sequence[float] = (), units: Sequence[int] = UNITS, *,
    seeds: int = SEEDS, optimizer: str = "sgd", activation: str = "relu", alpha: float = 0.0,
    steps: int = STEPS, batch_size: int | None = None, task: str = "auto", seed: int = 0,
    threads: int | None = None, watch: Watch | None = None,
) -> Sweep | None:  # fmt: skip
    """Train networks for every rate and number of units, and evaluate all on the same rows.

    Parameters
    ----------
    table : Table
    rates, units : sequence, optional
        Learning rates (default: 0.03 to 100 times that of the optimizer), and hidden units.
    seeds : int, default 5
        Networks of each cell, with the seeds ``seed``, ``seed + 1``, …
    optimizer : str, default "sgd"
        The text form of an optimizer, whose rate is replaced.
    activation, alpha, steps, batch_size, task
        As in `thalweg.landscape.race_on_table.member_of`.
    seed : int, default 0
        The random seed of the split, too.
    watch : callable, optional
        ``watch(done, all) -> stop``.

    Returns
    -------
    Sweep or None
        ``None`` if ``watch`` ended it.

    Raises
    ------
    SettingsError, DataError
    """
    rule = _rule(optimizer)
    rates = numbers_given("rates", rates, (0.01, 0.1, 1.0))
    rates = rates or tuple(float(f"{rule.rate * each:.6g}") for each in RATES)
    units, seeds = layers_given(units, "units"), whole_number("seeds", seeds, FEWEST_SEEDS, SEEDS)
    _check(rates, units, seeds)
    steps = require_steps(steps)
    (activation,) = hidden_activations(activation, 1)  # a list of several is refused
    held = held_out_table(table, seed, task)
    _require_memory(held, rule, units[-1], len(rates) * seeds, threads)
    numbers = tuple(range(seed, seed + seeds))
    batch, epochs = batches(len(held.train), steps, batch_size)
    training = _Training(rule, activation, alpha, batch, epochs, numbers, threads)
    if (done := _cells(held, rates, units, training, watch)) is None:
        return None
    known = [each for _, each in done if each is not None]
    return Sweep(
        table.name, held.target, held.loss, units, rates, _with_verdicts(done, held.weights),
        numbers, _without_rate(rule),
        activation, epochs * -(-len(held.train) // (batch or len(held.train))), epochs,
        batch or len(held.train), held.count(held.train), len(held.train),
        held.count(held.held_out), len(held.held_out), held.constant, seed,
        beside_constant(known, held.constant_losses, held.weights),
    )  # fmt: skip


class _Training(NamedTuple):
    """What all networks share."""

    rule: Optimizer
    activation: str
    alpha: float
    batch: int | None
    epochs: int
    seeds: tuple[int, ...]
    threads: int | None


# A cell, and the losses of its networks by held-out row, shape (n_seeds, n_rows).
Measured = tuple[SweepCell, NDArray[np.float64] | None]


def _cells(
    held: HeldOutTable, rates: Sequence[float], units: Sequence[int], training: _Training,
    watch: Watch | None,
) -> list[Measured] | None:  # fmt: skip
    """All cells, units by units; ``None`` if ``watch`` ended it."""
    done: list[Measured] = []
    engine, n_seeds = choose(), len(training.seeds)
    total = len(units) * len(rates) * n_seeds
    for count in units:
        members = [
            _member(held, count, rate, seed, training) for rate in rates for seed in training.seeds
        ]
        descents = train_many(members, training.threads)
        if any(each.status is Status.INTERRUPTED for each in descents):
            raise KeyboardInterrupt
        for k, rate in enumerate(rates):
            part = slice(k * n_seeds, (k + 1) * n_seeds)
            done.append(_cell(held, count, rate, members[part], descents[part], engine))
        n = len(done) * n_seeds
        if watch is not None and watch(n, total) and n < total:
            return None
    return done


def _rule(text: str) -> Optimizer:
    found = parse_optimizer(text)
    if isinstance(found, Lbfgs):
        raise SettingsError(
            "L-BFGS has no learning rate to sweep over",
            why="Its line search finds the length of every step",
            fix="take a rule such as sgd or adam",
        )
    return found


def _without_rate(rule: Optimizer) -> str:
    """The text form at its default rate, which it does not name."""
    return str(rule.at_rate(rule.formula.rate))


def _check(rates: Sequence[float], units: Sequence[int], seeds: int) -> None:
    for name, values in (("rates", rates), ("units", units)):
        if not values or len(values) > MOST_VALUES:
            raise SettingsError(
                f"{len(values)} {name} make no map that can be read",
                fix=f"give 1 to {MOST_VALUES}",
            )
        if sorted(set(values)) != list(values):
            raise SettingsError(
                f"The {name} do not grow from one to the next", fix="give each once, in order"
            )
    if not (units[0] >= 1 and rates[0] > 0 and np.isfinite(rates[-1])):
        raise SettingsError(
            "There is no network with these settings", fix="give rates above 0 and 1 unit or more"
        )
    if not FEWEST_SEEDS <= seeds <= MOST_SEEDS:
        raise SettingsError(
            f"{seeds} seeds give no mean with an error",
            fix=f"take {FEWEST_SEEDS} to {MOST_SEEDS}",
        )


def _require_memory(
    held: HeldOutTable, rule: Optimizer, most_units: int, n_networks: int, threads: int | None
) -> None:
    """Refuse units whose networks, all of one row of the map, cannot fit into memory."""
    sizes = (held.data.X.shape[1], most_units, held.data.Y.shape[1])
    needed = TrainingMemory(
        sizes=sizes, dtype=np.float64, optimizer=rule, n_networks=n_networks,
        threads=threads or usable_cores(),
    )  # fmt: skip
    require_memory_for(needed, named="units")


def _member(held: HeldOutTable, units: int, rate: float, seed: int, training: _Training) -> Member:
    n_inputs, n_outputs = held.data.X.shape[1], held.data.Y.shape[1]
    architecture = Architecture.dense(n_inputs, (units,), n_outputs, training.activation)
    theta = initial_theta(
        architecture, formula_of(training.activation).initialiser, generator(seed, "weights")
    )
    # The last epoch is wanted, not the one with the lowest training loss.
    epochs, rule = training.epochs, training.rule.at_rate(rate)
    settings = Settings(rule, training.batch, epochs, stop_after=epochs, seed=seed)
    return Member(
        architecture, theta, held.data, held.loss, training.alpha, settings, rows=held.train
    )


def _cell(
    held: HeldOutTable, units: int, rate: float, members: Sequence[Member],
    descents: Sequence[Descent], engine: Engine,
) -> Measured:  # fmt: skip
    """A cell, and the losses of its networks by held-out row, shape (n_seeds, n_rows)."""
    formula, Y = loss_of(held.loss), held.data.Y[held.held_out].T
    found = []
    for member, descent in zip(members, descents, strict=True):
        with np.errstate(over="ignore", invalid="ignore"):
            Z = engine.predict(member.architecture, descent.theta, held.data, held.held_out).T
            each = np.asarray(formula.value(Z, Y), np.float64)
        found.append(np.full_like(each, np.nan) if _diverged(member, descent, engine) else each)
    losses = np.array(found)
    by_seed = losses @ (held.weights / held.weights.sum())
    diverged = int(np.sum(~np.isfinite(by_seed)))
    cell = SweepCell(units, rate, tuple(by_seed.tolist()), diverged)
    if diverged:
        return cell, None
    mean = SeedRowMean.of(losses, held.weights)
    low, high = mean.interval()
    cell = replace(
        cell, loss=mean.mean, error=mean.error, of_rows=mean.of_rows, of_seeds=mean.of_seeds,
        low=max(0.0, low), high=high,  # no loss of a map is below 0
    )  # fmt: skip
    return cell, losses


def _diverged(member: Member, descent: Descent, engine: Engine) -> bool:
    """As in a landscape: NaN, infinite, or at the end above twice the loss of the start."""
    if descent.status is Status.DIVERGED:
        return True
    objective = Objective.over(member.loss, member.alpha, member.data.weights[member.rows])
    thetas = np.array([member.theta, descent.theta])
    with np.errstate(over="ignore", invalid="ignore"):
        start, end = engine.losses(
            member.architecture, objective, thetas, member.data, member.rows
        ).tolist()
    return not end <= ENDS_HIGH * start


def _with_verdicts(done: Sequence[Measured], weights: NDArray[np.float64]) -> tuple[SweepCell, ...]:
    known = [losses for _, losses in done if losses is not None]
    verdicts = iter(shown_higher(known, weights) if known else ())
    return tuple(
        cell if losses is None else replace(cell, shown_higher=next(verdicts))
        for cell, losses in done
    )
