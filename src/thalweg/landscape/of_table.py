"""From a table to a descent that can race on it: encode the rows, place the start."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thalweg.data.encoding.encoder import fit_encoder
from thalweg.data.read import Table
from thalweg.data.rows import canonical_rows
from thalweg.data.schema.schema import infer_schema
from thalweg.errors import DataError
from thalweg.landscape.ground.terrain import HEIGHTS_FLOAT32_FROM
from thalweg.landscape.runs.presets import PRESETS
from thalweg.landscape.runs.race import Race, RacePicture, StageWatch, race
from thalweg.network.architecture import Architecture, initial_theta
from thalweg.network.engine import Data
from thalweg.network.formulas.activations import activation as formula_of
from thalweg.random import generator
from thalweg.training.course import Member
from thalweg.training.descent.settings import Settings, parse_optimizer

# More different numbers than this in a target are taken for a quantity, fewer for classes.
MOST_CLASSES = 20
# The article's network.
HIDDEN = (15,)
STEPS, FEWEST_ROWS_A_STEP = 400, 32


class Target(NamedTuple):
    """What a network has to give: numbers for each row, the loss, and what that is in words."""

    Y: NDArray[np.float64]
    loss: str
    words: str


def race_on_table(
    table: Table,
    rules: Sequence[str] = tuple(PRESETS),
    picture: RacePicture | None = None,
    *,
    hidden: tuple[int, ...] = HIDDEN,
    activation: str = "relu",
    alpha: float = 0.0,
    steps: int = STEPS,
    batch_size: int | None = None,
    seed: int = 0,
    watch: StageWatch | None = None,
) -> Race:
    """A race on the loss of a network over a table.

    Parameters
    ----------
    table : Table
        As ``load_table`` gives it, with its target.
    rules, picture, watch
        As `thalweg.landscape.runs.race.race` takes them.
    hidden, activation, alpha, steps, batch_size, seed
        As ``member_of``.

    Returns
    -------
    Race
    """
    member, about = member_of(
        table, hidden=hidden, activation=activation, alpha=alpha, steps=steps,
        batch_size=batch_size, seed=seed,
    )  # fmt: skip
    picture = picture or RacePicture(seed=seed)
    return race(member, rules, picture, name=table.name, about=about, watch=watch)


def member_of(
    table: Table,
    *,
    hidden: tuple[int, ...] = HIDDEN,
    activation: str = "relu",
    alpha: float = 0.0,
    steps: int = STEPS,
    batch_size: int | None = None,
    seed: int = 0,
) -> tuple[Member, tuple[str, ...]]:
    """A descent over all rows of a table, and what it is in words.

    Equal rows are merged, columns are scaled by median and interquartile range, categories become
    an output a level, and gaps 0 with an indicator beside (`thalweg.data`): as in fitting, but
    over all rows, since nothing is judged here.

    Parameters
    ----------
    table : Table
    hidden : tuple of int, default (15,)
        Units of each hidden layer; the article's network, if nothing is said.
    activation : str, default "relu"
    alpha : float, default 0
        Weight of the penalty.
    steps : int, default 400
        So many at least: as many epochs as that takes.
    batch_size : int, optional
        Rows a step; if not given 32, or more for tables so large that the steps would not come
        through them once.
    seed : int, default 0
        Of the start and of the order of the rows.

    Returns
    -------
    member : Member
    about : tuple of str

    Raises
    ------
    DataError
        For a table without target, or with one value of it alone.
    """
    target = target_of(table)
    schema = infer_schema(table.frame)
    merged = canonical_rows(schema.matrix(table.frame), target.Y, np.ones(len(target.Y)))
    encoder = fit_encoder(merged.X, merged.weights, schema.n_levels)
    n_rows, n_outputs = merged.y.shape
    architecture = Architecture.dense(encoder.n_outputs, hidden, n_outputs, activation)
    dtype: type[np.floating] = np.float64 if n_rows < HEIGHTS_FLOAT32_FROM else np.float32
    initialiser = formula_of(activation).initialiser
    theta = initial_theta(architecture, initialiser, generator(seed, "weights")).astype(dtype)
    data = Data.of(encoder.encode(merged.X).astype(dtype), merged.y, merged.weights)
    batch_size, epochs = batches(n_rows, steps, batch_size)
    settings = Settings(parse_optimizer("sgd"), batch_size, epochs, seed=seed)
    member = Member(architecture, theta, data, target.loss, alpha, settings)
    rows = f"{len(target.Y):,} rows, {n_rows:,} of them different"
    return member, (f"{table.name}: {rows}; {target.words}.", _in_words(member))


def batches(n_rows: int, steps: int, batch_size: int | None) -> tuple[int | None, int]:
    """Rows a step, ``None`` for all of them, and as many whole epochs as these steps take.

    As many rows as there are, or more, is all of them: L-BFGS takes nothing else.
    """
    batch_size = min(n_rows, batch_size or max(FEWEST_ROWS_A_STEP, n_rows // steps))
    epochs = -(-steps // -(-n_rows // batch_size))
    return (batch_size if batch_size < n_rows else None), epochs


def _in_words(member: Member) -> str:
    """The network and how long it descends."""
    architecture, settings = member.architecture, member.settings
    layers = "-".join(str(size) for size in architecture.sizes)
    batch = min(settings.batch_size or len(member.data.X), len(member.data.X))
    return (
        f"Network {layers} ({architecture.activations[0]}), {architecture.n_parameters:,} "
        f"weights; {settings.max_epochs} epochs in batches of {batch} rows; seed {settings.seed}."
    )


def target_of(table: Table) -> Target:
    """The target as numbers: one column for two classes or a quantity, one a class for more.

    A quantity is brought to mean 0 and deviation 1.
    """
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
    numbers = pd.to_numeric(labels, errors="coerce").to_numpy(np.float64)
    if len(classes) > MOST_CLASSES and np.isfinite(numbers).all():
        scaled = (numbers - numbers.mean()) / numbers.std()
        words = f"{table.target_name} in its standard deviations"
        return Target(scaled[:, None], "squared_error", words)
    if len(classes) == 2:
        positive = table.positive if table.positive in classes else classes[1]
        told = np.asarray(labels == positive, np.float64)[:, None]
        return Target(told, "sigmoid_cross_entropy", f"{positive} or not")
    codes = np.searchsorted(np.array(classes), labels.to_numpy(str))
    return Target(np.eye(len(classes))[codes], "softmax_cross_entropy", f"{len(classes)} classes")
