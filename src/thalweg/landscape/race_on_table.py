"""From a table to training runs for a landscape: encode the rows, choose the starting point."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from thalweg.counter_based_random import generator
from thalweg.data.canonical_rows import Rows as MergedRows
from thalweg.data.canonical_rows import canonical_rows
from thalweg.data.encoding.encoder import Encoder, fit_encoder
from thalweg.data.formats.budget import of_bytes, usable_memory
from thalweg.data.label_types import default_positive
from thalweg.data.read import Table
from thalweg.data.schema.schema import Schema, infer_schema
from thalweg.data.target_kind import CLASSIFICATION, REGRESSION, number_target
from thalweg.errors import DataError, SettingsError
from thalweg.evaluation.splits import holdout_split
from thalweg.landscape.given_values import require_steps
from thalweg.landscape.ground.terrain import HEIGHTS_FLOAT32_FROM
from thalweg.landscape.runs.own_batches import MOST_STEPS, batches, rows_a_step, rows_of, steps_of
from thalweg.landscape.runs.path import memory_of_paths
from thalweg.landscape.runs.presets import NETWORK, OPTIMIZERS, entries, optimizers_of
from thalweg.landscape.runs.race import Race, RacePicture, race
from thalweg.landscape.runs.stage_watch import StageWatch
from thalweg.network.architecture import Architecture, initial_theta, initialisers_of
from thalweg.network.engine import Data, Rows
from thalweg.parallel_map import usable_cores
from thalweg.training.descent.network_memory import require_memory_for
from thalweg.training.descent.training_settings import Settings, parse_optimizer
from thalweg.training.descent_inputs import Member
from thalweg.wording import counted

# The article's network.
HIDDEN = (15,)
STEPS = 400
TASKS = ("auto", CLASSIFICATION, REGRESSION)
# Copies of the outputs of all rows, and the share of the memory that they may take: a studio has
# several processes with such rows.
COPIES, SHARE = 4, 1 / 8
# The loss of a target of numbers.
NUMBERS = "squared_error"


class EncodedTable(NamedTuple):
    """A table as a network takes it, and how it became so.

    ``rows`` and ``spared`` are those of ``merged`` that train and those that are held out; None
    stands for all and for none.
    """

    target: "NetworkTarget"
    schema: Schema
    merged: MergedRows
    rows: Rows | None
    spared: Rows | None
    encoder: Encoder


class NetworkTarget(NamedTuple):
    """What a network has to give: numbers for each row, the loss, and what that is in words.

    ``classes`` are in the order of the outputs (of two, the second one's probability is the
    output); a number is ``center + scale · Y``.
    """

    Y: NDArray[np.float64]
    loss: str
    words: str
    classes: tuple[str, ...] = ()
    center: float = 0.0
    scale: float = 1.0


def race_on_table(
    table: Table, rules: Sequence[str] = OPTIMIZERS, picture: RacePicture | None = None, *,
    hidden: tuple[int, ...] = HIDDEN, activation: str | Sequence[str] = "relu",
    alpha: float = 0.0, steps: int = STEPS, batch_size: int | None = None, task: str = "auto",
    seed: int = 0, watch: StageWatch | None = None,
) -> Race:  # fmt: skip
    """A race on the loss of a network over a table.

    Parameters
    ----------
    table : Table
        From ``load_table``, with its target.
    rules, picture, watch
        As in `thalweg.landscape.runs.race.race`.
    hidden, activation, alpha, steps, batch_size, task, seed
        As in ``member_of``.

    Returns
    -------
    Race
    """
    picture, steps = picture or RacePicture(seed=seed), require_steps(steps)
    member, about = member_of(
        table, hidden=hidden, activation=activation, alpha=alpha, steps=steps,
        batch_size=batch_size, task=task, seed=seed,
    )  # fmt: skip
    entered = optimizers_of(rules)
    about = (*about[:-1], _in_words(member, rules))
    threads = picture.threads or usable_cores()
    sizes, dtype = member.architecture.sizes, member.theta.dtype
    require_memory_for(memory_of_paths(sizes, dtype, entered, steps, threads), named="hidden")
    return race(member, rules, picture, name=table.name, about=about, watch=watch)


def member_of(
    table: Table, *, hidden: tuple[int, ...] = HIDDEN, activation: str | Sequence[str] = "relu",
    alpha: float = 0.0, steps: int = STEPS, batch_size: int | None = None, task: str = "auto",
    seed: int = 0, held_out: float = 0.0,
) -> tuple[Member, tuple[str, ...]]:  # fmt: skip
    """A training run over all rows of a table, and its description.

    Equal rows are merged, columns are scaled by median and interquartile range, each level of a
    category becomes an output, and missing values become 0 with an indicator (`thalweg.data`). This
    is as in fitting, but over all rows, unless some are held out.

    Parameters
    ----------
    table : Table
    hidden : tuple of int, default (15,)
        Units of each hidden layer; the default is the article's network.
    activation : str, or one for each hidden layer, default "relu"
    alpha : float, default 0
        The factor of the penalty.
    steps : int, default 400
        At least so many steps, in whole epochs.
    batch_size : int, optional
        Rows in a batch; default: 32, or more in tables so large that the steps would not reach
        every row once.
    task : {"auto", "classification", "regression"}, default "auto"
        Whether the target is classes or a number.
    seed : int, default 0
        The random seed of the start, of the order of the rows, and of those that are held out.
    held_out : float, default 0
        The share of rows that train nothing, and are not looked at for scaling.

    Returns
    -------
    member : Member
    about : tuple of str

    Raises
    ------
    DataError
        For a table without a target, or with only one value in it.
    """
    target, _, merged, rows, spared, encoder = encoded_table(table, task, held_out, seed)
    n_rows, n_outputs = merged.y.shape
    architecture = Architecture.dense(encoder.n_outputs, hidden, n_outputs, activation)
    dtype: type[np.floating] = np.float64 if n_rows < HEIGHTS_FLOAT32_FROM else np.float32
    needed = memory_of_paths(architecture.sizes, dtype, ["sgd"], steps, 1)
    require_memory_for(needed, named="hidden")
    initialisers = initialisers_of(activation, len(hidden))
    theta = initial_theta(architecture, initialisers, generator(seed, "weights")).astype(dtype)
    data = Data.of(encoder.encode(merged.X).astype(dtype), merged.y, merged.weights)
    batch_size, epochs = batches(n_rows if rows is None else len(rows), steps, batch_size)
    settings = Settings(parse_optimizer("sgd"), batch_size, epochs, seed=seed)
    member = Member(architecture, theta, data, target.loss, alpha, settings, rows, spared)
    told = _rows_in_words(member, len(target.Y))
    return member, (f"{table.name}: {told}; {target.words}.", _in_words(member))


def encoded_table(
    table: Table, task: str = "auto", held_out: float = 0.0, seed: int = 0
) -> EncodedTable:
    """The rows, the target and the encoder of a member; the arguments are those of `member_of`."""
    target = network_target(table, task)
    schema = infer_schema(table.frame, said=table.said)
    merged = canonical_rows(schema.matrix(table.frame), target.Y, np.ones(len(target.Y)))
    rows, spared = _apart(merged.X, merged.y, target.loss, held_out, seed)
    lesson = slice(None) if rows is None else rows
    encoder = fit_encoder(merged.X[lesson], merged.weights[lesson], schema.n_levels)
    return EncodedTable(target, schema, merged, rows, spared, encoder)


def _apart(
    X: Any, y: NDArray[np.float64], loss: str, share: float, seed: int
) -> tuple[Rows | None, Rows | None]:
    """The training rows and the others, each class in proportion; all rows as ``None``."""
    if not share:
        return None, None
    codes = np.zeros(len(y)) if loss == NUMBERS else y @ np.arange(1, y.shape[1] + 1)
    rows, spared = holdout_split(X, codes, fraction=share, seed=seed)
    return rows.astype(np.intp), spared.astype(np.intp)


def _rows_in_words(member: Member, n_rows: int) -> str:
    told = f"{counted(n_rows, 'row')}, {len(member.data.X):,} of them different"
    if member.held_out is not None:
        told += f", {len(member.held_out):,} of these held out"
    return told


def _in_words(member: Member, rules: Sequence[str] = ()) -> str:
    """The network and the length of its training, in words; with the rows of a step of each run."""
    settings = member.settings
    n_rows, own = rows_of(member), rows_a_step(member)
    runs = entries(rules, NETWORK) if rules else []
    counts = {min(n_rows, each.rows_a_step or own) for each in runs} or {own}
    length = f"{counted(settings.max_epochs, 'epoch')} in batches of {counted(own, 'row')}"
    if counts != {own}:
        each = [f"all {n:,}" if n == n_rows else f"{n:,}" for n in sorted(counts)]
        some = " or ".join((", ".join(each[:-1]), each[-1]) if each[1:] else each)
        length = f"{steps_in_words(member)}, a step of {some} rows"
    return f"{network_in_words(member.architecture)}; {length}; seed {settings.seed}."


def steps_in_words(member: Member) -> str:
    """The length of runs that may take other numbers of rows in a step."""
    steps = steps_of(member)
    return f"{'up to ' if steps > MOST_STEPS else ''}{counted(steps, 'step')} of each run"


def network_in_words(architecture: Architecture) -> str:
    """Layers, activation and number of weights."""
    layers = "-".join(str(size) for size in architecture.sizes)
    return f"Network {layers} ({_of_hidden(architecture)}), {architecture.n_parameters:,} weights"


def _of_hidden(architecture: Architecture) -> str:
    """The activations of the hidden layers: one name if all are alike."""
    names = architecture.activations[:-1] or architecture.activations
    return names[0] if len(set(names)) == 1 else ", ".join(names)


def network_target(table: Table, task: str = "auto") -> NetworkTarget:
    """The target as numbers: one column for two classes or a quantity, one a class for more.

    A numeric target is scaled to mean 0 and standard deviation 1. ``task`` is as in fitting.
    """
    if task not in TASKS:
        raise SettingsError(f"There is no task {task!r}", fix=f"take one of {', '.join(TASKS)}")
    if table.target is None:
        raise DataError(
            "There is no target, and so no loss", where=table.name, fix="name the target's column"
        )
    labels = table.target.astype(str)
    classes = sorted(labels.unique())
    if len(classes) < 2:
        raise DataError(
            f"Every row of the target is {classes[0] if classes else 'empty'}",
            where=table.name,
            why="There is nothing to learn",
            fix="give rows of another kind too",
        )
    cells = labels if table.target_cells is None else table.target_cells
    of_numbers = number_target(
        cells, str(table.target_name), task=task, positive=table.positive, features=table.frame
    )
    if of_numbers is not None:
        numbers = of_numbers.values
        center, scale = numbers.mean(), numbers.std()
        words = f"{table.target_name} in its standard deviations"
        scaled = ((numbers - center) / scale)[:, None]
        return NetworkTarget(scaled, NUMBERS, words, (), float(center), float(scale))
    if len(classes) == 2:
        named = table.positive in classes
        positive = table.positive if named else default_positive(classes)[0]
        told = np.asarray(labels == positive, np.float64)[:, None]
        order = (*(each for each in classes if each != positive), positive)
        return NetworkTarget(told, "sigmoid_cross_entropy", f"{positive} or not", order)
    _require_room(len(labels), len(classes), str(table.target_name))
    codes = np.searchsorted(np.array(classes), labels.to_numpy(str))
    Y = np.zeros((len(labels), len(classes)))
    Y[np.arange(len(labels)), codes] = 1
    return NetworkTarget(Y, "softmax_cross_entropy", f"{len(classes)} classes", tuple(classes))


def _require_room(n_rows: int, n_classes: int, target: str) -> None:
    """Refuse so many classes that their outputs would take a large part of the memory."""
    needed, (memory, _) = 8 * COPIES * n_rows * n_classes, usable_memory()
    if needed > SHARE * memory:
        raise DataError(
            f"{n_classes:,} classes of {n_rows:,} rows would take {of_bytes(needed)}",
            where=target,
            why=f"The loss has a number for each row and class, {COPIES} times, and may take "
            f"{of_bytes(SHARE * memory)} of this machine",
            fix="name a target with fewer classes, or a number as the target",
        )
