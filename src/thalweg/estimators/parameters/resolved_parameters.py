"""From the parameters of an estimator to the training settings for a table: resolves "auto"."""

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Protocol

import numpy as np

from thalweg.data.encoding.calendar_parts import LATE_FROM
from thalweg.data.encoding.piecewise_linear import Cut
from thalweg.data.formats.budget import of_bytes, usable_memory
from thalweg.data.notation.said_columns import DateColumns, NamedColumns, NumberColumns, SaidColumns
from thalweg.errors import SettingsError
from thalweg.estimators.learning.early_stopping_splits import FOLDS, SMALL_BELOW
from thalweg.estimators.learning.train_networks import Recipe, usable_threads
from thalweg.estimators.parameters.auto_by_width import (
    adam_text,
    alpha_of,
    dropout_of,
    epochs_of,
    hidden_units,
    is_lbfgs,
)
from thalweg.estimators.parameters.optimizer_of_fit import fitted_optimizer
from thalweg.estimators.parameters.parameter import (
    KeptAs,
    Scorer,
    Seed,
    Setting,
    Settings,
    Sizes,
)
from thalweg.estimators.parameters.parameter_table import PARAMETERS
from thalweg.training.callbacks import Callback
from thalweg.training.descent.optimizer_settings import Lbfgs, Optimizer
from thalweg.training.descent.training_settings import Settings as Descent
from thalweg.wording import counted, parameter

# The number of bins of a column grows with the square root of the rows, between these.
FEWEST_BINS, MOST_BINS = 8, 32
# From so many rows on, the bins are encoded with their full scale.
FULL_SIZE_FROM, SMALLEST_SCALE = 8_000, 0.25
# The most outputs of all bins together, and the most cells of all rows.
MOST_OF_BINS, MOST_CELLS = 256, 30_000_000

# What Python needs for one network beside its parameters, in bytes: a low estimate.
_NETWORK = 4096
_COLUMNS = {each.name for each in PARAMETERS if each.kept is KeptAs.COLUMNS}
_LEFT_OUT = {each.name for each in PARAMETERS if each.kept is KeptAs.NOT}


class HasParameters(Protocol):
    """The parameters of an estimator that training depends on; both estimators have more."""

    hidden_layer_sizes: Sizes
    activation: str
    alpha: float | str
    batch_size: int | str
    learning_rate_init: float | None
    max_iter: int | str
    early_stopping: bool | str
    validation_fraction: float
    n_iter_no_change: int
    tol: float
    random_state: Seed
    optimizer: str
    weight_decay: float | None
    l1: float
    dropout: float | str
    n_ensemble: int
    scoring: Scorer
    callbacks: Sequence[Callback] | None
    time_limit: float | None
    n_jobs: int | None
    dtype: str
    n_bins: int | str
    date: DateColumns
    unknown: str
    number: NumberColumns
    category: NamedColumns
    text: NamedColumns
    verbose: int
    _kind: str

    def get_params(self, deep: bool = True) -> dict[str, Setting]:
        """All parameters by name."""


def fit_settings(parameters: Settings) -> dict[str, Setting]:
    """The parameters that the result depends on, except the seed; functions by their names."""
    return {
        name: named(value)
        if callable(value)
        else _plain_columns(value)
        if name in _COLUMNS
        else value
        for name, value in parameters.items()
        if name not in _LEFT_OUT and not (name in _COLUMNS and value is None)
    }


def _plain_columns(value: Setting) -> Setting:
    """Names of columns as texts, in a list, or as the keys of a dict."""
    if isinstance(value, Mapping):
        return {str(name): None if each is None else str(each) for name, each in value.items()}
    return [str(name) for name in value]


def said_columns(estimator: HasParameters) -> SaidColumns:
    """What the parameters of an estimator say of single columns."""
    return SaidColumns.of(estimator.number, estimator.category, estimator.text, estimator.date)


def named(function: Callable[..., object]) -> str:
    """How a function is stored: as a text that is not the name of a scorer."""
    name = getattr(function, "__name__", type(function).__name__)
    return f"{name} (a function)"


def optimizer_of(estimator: HasParameters) -> Optimizer | Lbfgs:
    """The optimizer of the estimator, with its rate and its decay."""
    return fitted_optimizer(estimator.get_params(deep=False))


def descends_at_once(estimator: HasParameters) -> str | None:
    """Why there is no ``partial_fit``; None if there is."""
    at_once = is_lbfgs(text_in_batches(estimator))
    return "L-BFGS needs all rows at once; take another rule, such as adam" if at_once else None


def text_in_batches(estimator: HasParameters) -> str:
    """The text of the optimizer of ``partial_fit``, which has no "auto" for L-BFGS."""
    if estimator.optimizer != "auto":
        return estimator.optimizer
    return adam_text(estimator.get_params(deep=False))


def settings_of(
    estimator: HasParameters, n_rows: int, seed: int, *, in_batches: bool = False
) -> Descent:
    """The training settings for so many rows, or for the batches of ``partial_fit``."""
    given = estimator.get_params(deep=False)
    if in_batches:
        given = {**given, "optimizer": text_in_batches(estimator)}
    optimizer = fitted_optimizer(given)
    if estimator.batch_size != "auto":
        batch_size: int | None = int(estimator.batch_size)
    elif isinstance(optimizer, Lbfgs):
        batch_size = None
    else:
        batch_size = 32 if n_rows < 5_000 else 128 if n_rows < 50_000 else 256
    return Descent(
        optimizer,
        batch_size,
        epochs_of(given),
        patience=estimator.n_iter_no_change,
        tol=estimator.tol,
        seed=seed,
        l1=float(estimator.l1),
        dropout=dropout_of(given, estimator._kind),
        label_smoothing=float(getattr(estimator, "label_smoothing", 0.0)),
    )


def dtype_of(dtype: str, optimizer: Optimizer | Lbfgs) -> str:
    """The dtype of θ; "auto" is float64 for L-BFGS, whose line search compares close losses."""
    if dtype != "auto":
        return dtype
    return "float64" if isinstance(optimizer, Lbfgs) else "float32"


def cut_of(n_bins: int | str, n_rows: int, n_columns: int) -> Cut:
    """The bins of numbers, for so many training rows and columns (without categories).

    With few rows a column has few bins, with less than their full scale, because each bin is only
    trained on the rows in it.
    """
    scale = max(SMALLEST_SCALE, min(1.0, math.sqrt(n_rows / FULL_SIZE_FROM)))
    late_days = n_rows > LATE_FROM
    if n_bins != "auto":
        return Cut(int(n_bins), scale, late_days)
    wanted = max(FEWEST_BINS, min(MOST_BINS, round(math.sqrt(n_rows) / 4)))
    # Limits for the bins of all columns: the size of the first layer, and memory.
    fit = min(MOST_OF_BINS // max(1, n_columns), MOST_CELLS // max(1, n_rows * n_columns))
    few = min(wanted, fit)
    return Cut(few if few > 1 else 0, scale, late_days)


def require_memory_for(recipe: Recipe, early_stopping: bool | str, n_rows: int, n_in: int) -> None:
    """Refuse networks whose parameters cannot fit into memory, before any is made.

    It is a lower bound: θ and two arrays of the optimizer for each network, with one input for
    each column of numbers. All networks of a fit are in memory at the same time.
    """
    in_folds = early_stopping == "folds" or (early_stopping == "auto" and n_rows < SMALL_BELOW)
    n_folds = FOLDS if in_folds else 1
    sizes = (max(n_in, 1), *recipe.hidden, 1)
    n_theta = sum((n_from + 1) * n_to for n_from, n_to in pairwise(sizes))
    one = _NETWORK + 3 * n_theta * np.dtype(recipe.dtype).itemsize
    needed, (memory, whose) = n_folds * recipe.n_networks * one, usable_memory()
    if needed <= memory:
        return
    folds = f" on each of {n_folds} folds" if n_folds > 1 else ""
    if n_folds * one > memory:
        given = parameter("hidden_layer_sizes", recipe.hidden)
        fix = f"give fewer units in {parameter('hidden_layer_sizes')}"
    else:
        given = parameter("n_ensemble", recipe.n_networks)
        fix = f"give a smaller {parameter('n_ensemble')}"
    raise SettingsError(
        f"The networks would take {of_bytes(needed)} of memory or more, but there are only "
        f"{of_bytes(memory)} {whose}",
        where=f"{given}: {counted(recipe.n_networks, 'network')}{folds}, each with {n_theta:,} "
        "parameters or more",
        fix=fix,
    )


def recipe_of(estimator: HasParameters, n_rows: int, n_numbers: int, seed: int) -> Recipe:
    """The recipe for so many rows and columns of numbers."""
    settings = settings_of(estimator, n_rows, seed)
    recipe = Recipe(
        hidden_units(estimator.hidden_layer_sizes),
        estimator.activation,
        dtype_of(estimator.dtype, settings.optimizer),
        alpha_of(estimator.get_params(deep=False)),
        settings,
        cut=cut_of(estimator.n_bins, n_rows, n_numbers),
        n_networks=int(estimator.n_ensemble),
        scoring=estimator.scoring,
        threads=usable_threads(estimator.n_jobs),
        time_limit=estimator.time_limit,
        callbacks=tuple(estimator.callbacks or ()),
        verbose=int(estimator.verbose),
    )
    require_memory_for(recipe, estimator.early_stopping, n_rows, n_numbers)
    return recipe
