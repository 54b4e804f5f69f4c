"""The parameters that both estimators have: what is allowed, and what they come to."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from numbers import Integral, Real
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import get_scorer_names
from sklearn.utils._param_validation import Interval, StrOptions

from thalweg.data.encoding.bins import Cut
from thalweg.data.schema.matching import POLICIES
from thalweg.errors import SettingsError
from thalweg.estimators.learning.epochs import WAYS
from thalweg.estimators.learning.learn import Recipe, usable_threads
from thalweg.network.formulas.activations import ACTIVATIONS
from thalweg.training.callbacks import Callback
from thalweg.training.descent.optimizer import Lbfgs, Optimizer
from thalweg.training.descent.settings import Settings, parse_optimizer
from thalweg.wording import shown

OPTIMIZER = "adam:lr=0.004,beta_2=0.95,schedule=cosine"

# Bins of a number: their number grows with the root of the rows, between these.
FEWEST_BINS, MOST_BINS = 8, 32
# Of so many rows on, the bins enter with their full size.
FULL_SIZE_FROM, SMALLEST_SCALE = 8_000, 0.25
# Outputs of all bins together, and cells of all rows.
MOST_OF_BINS, MOST_CELLS = 256, 30_000_000

CONSTRAINTS: dict[str, Any] = {
    "hidden_layer_sizes": ["array-like", Interval(Integral, 1, None, closed="left")],
    "activation": [StrOptions(set(ACTIVATIONS))],
    "alpha": [Interval(Real, 0, None, closed="left")],
    "batch_size": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
    "learning_rate_init": [None, Interval(Real, 0, None, closed="neither")],
    "max_iter": [Interval(Integral, 1, None, closed="left")],
    "early_stopping": [StrOptions({"auto", *WAYS}), "boolean"],
    "validation_fraction": [Interval(Real, 0, 1, closed="neither")],
    "n_iter_no_change": [Interval(Integral, 1, None, closed="left")],
    "tol": [Interval(Real, 0, None, closed="left")],
    "random_state": ["random_state"],
    "verbose": ["verbose"],
    "warm_start": ["boolean"],
    "optimizer": [str],
    "weight_decay": [None, Interval(Real, 0, None, closed="left")],
    "l1": [Interval(Real, 0, None, closed="left")],
    "dropout": [StrOptions({"auto"}), Interval(Real, 0, 1, closed="left")],
    "n_ensemble": [Interval(Integral, 1, None, closed="left")],
    "scoring": [StrOptions(set(get_scorer_names())), callable, None],
    "callbacks": [list, tuple, None],
    "time_limit": [None, Interval(Real, 0, None, closed="neither")],
    "n_jobs": [
        Interval(Integral, 1, None, closed="left"),
        Interval(Integral, None, -1, closed="right"),
        None,
    ],
    "dtype": [StrOptions({"auto", "float32", "float64"})],
    "n_bins": [StrOptions({"auto"}), Interval(Integral, 0, None, closed="left")],
    "unknown": [StrOptions(set(POLICIES))],
}

Sizes: TypeAlias = int | Sequence[int] | NDArray[np.integer]


class HasParameters(Protocol):
    """What of an estimator decides how it learns; both have more."""

    hidden_layer_sizes: Sizes
    activation: str
    alpha: float
    batch_size: int | str
    learning_rate_init: float | None
    max_iter: int
    early_stopping: bool | str
    validation_fraction: float
    n_iter_no_change: int
    tol: float
    random_state: int | np.random.RandomState | None
    optimizer: str
    weight_decay: float | None
    l1: float
    dropout: float | str
    n_ensemble: int
    scoring: str | Callable[..., float] | None
    callbacks: Sequence[Callback] | None
    time_limit: float | None
    n_jobs: int | None
    dtype: str
    n_bins: int | str
    unknown: str
    verbose: int
    _usual_dropout: float

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """All of them by their names."""


# What decides nothing of what a fit comes to, or stands elsewhere.
_LEFT_OUT = ("random_state", "verbose", "callbacks", "n_jobs")


def fit_settings(parameters: dict[str, Any]) -> dict[str, Any]:
    """The parameters that decide what a fit comes to, beside its seed; functions by their names."""
    return {
        name: named(value) if callable(value) else value
        for name, value in parameters.items()
        if name not in _LEFT_OUT
    }


def named(function: Callable[..., Any]) -> str:
    """How a function that was given is kept: a text that no scorer has for a name."""
    name = getattr(function, "__name__", type(function).__name__)
    return f"{name} (a function)"


def hidden_units(sizes: Sizes) -> tuple[int, ...]:
    """Hidden layer sizes as a tuple of whole numbers above zero."""
    sizes = sizes if isinstance(sizes, Sequence | np.ndarray) else (sizes,)
    if not all(isinstance(size, Integral) and int(size) > 0 for size in sizes):
        raise SettingsError(
            f"hidden_layer_sizes={shown(sizes)} has no meaning",
            why="Each hidden layer has a whole number of units above 0",
            fix="write for example (64,) or (64, 32)",
        )
    return tuple(int(size) for size in sizes)


def optimizer_of(estimator: HasParameters) -> Optimizer | Lbfgs:
    """The optimizer, its rate and its decay as the estimator has them."""
    optimizer = parse_optimizer(estimator.optimizer)
    if estimator.learning_rate_init is not None:
        optimizer = optimizer.at_rate(float(estimator.learning_rate_init))
    if estimator.weight_decay is not None:
        if isinstance(optimizer, Lbfgs):
            raise SettingsError(
                f"L-BFGS cannot descend with weight_decay={estimator.weight_decay}",
                why="Decoupled decay moves θ off the line that is searched",
                fix="leave it out and set alpha, or take another rule",
            )
        optimizer = replace(optimizer, decay=float(estimator.weight_decay))
    return optimizer


def descends_at_once(estimator: HasParameters) -> str | None:
    """Why one batch of rows cannot teach after another, if that is so."""
    at_once = isinstance(parse_optimizer(estimator.optimizer), Lbfgs)
    return "L-BFGS needs all rows at once; take another rule, such as adam" if at_once else None


def settings_of(estimator: HasParameters, n_rows: int, seed: int) -> Settings:
    """How to descend on so many rows."""
    optimizer = optimizer_of(estimator)
    if estimator.batch_size != "auto":
        batch_size: int | None = int(estimator.batch_size)
    elif isinstance(optimizer, Lbfgs):
        batch_size = None
    else:
        batch_size = 32 if n_rows < 5_000 else 128 if n_rows < 50_000 else 256
    return Settings(
        optimizer,
        batch_size,
        estimator.max_iter,
        patience=estimator.n_iter_no_change,
        tol=estimator.tol,
        seed=seed,
        l1=float(estimator.l1),
        dropout=dropout_of(estimator, optimizer),
        label_smoothing=float(getattr(estimator, "label_smoothing", 0.0)),
    )


def dropout_of(estimator: HasParameters, optimizer: Optimizer | Lbfgs) -> float:
    """The share of hidden outputs that a step sets to 0; "auto" is none with L-BFGS."""
    if estimator.dropout != "auto":
        return float(estimator.dropout)
    return 0.0 if isinstance(optimizer, Lbfgs) else estimator._usual_dropout


def dtype_of(estimator: HasParameters) -> str:
    """The dtype of θ; "auto" is float64 for L-BFGS, whose line search tells close heights apart."""
    if estimator.dtype != "auto":
        return str(estimator.dtype)
    return "float64" if isinstance(parse_optimizer(estimator.optimizer), Lbfgs) else "float32"


def cut_of(n_bins: int | str, n_rows: int, n_columns: int) -> Cut:
    """How finely so many columns, categories aside, are cut where so many rows teach.

    With few rows a column has few bins, and they enter with less than their full size: what a
    piece learns of a curve rests on the rows that lie in it.
    """
    scale = max(SMALLEST_SCALE, min(1.0, math.sqrt(n_rows / FULL_SIZE_FROM)))
    if n_bins != "auto":
        return Cut(int(n_bins), scale)
    wanted = max(FEWEST_BINS, min(MOST_BINS, round(math.sqrt(n_rows) / 4)))
    # What the bins of all columns become must still fit: a network's first layer, and memory.
    fit = min(MOST_OF_BINS // max(1, n_columns), MOST_CELLS // max(1, n_rows * n_columns))
    few = min(wanted, fit)
    return Cut(few if few > 1 else 0, scale)


def recipe_of(estimator: HasParameters, n_rows: int, n_numbers: int, seed: int) -> Recipe:
    """How to learn from so many rows and columns of numbers."""
    return Recipe(
        hidden_units(estimator.hidden_layer_sizes),
        estimator.activation,
        dtype_of(estimator),
        float(estimator.alpha),
        settings_of(estimator, n_rows, seed),
        cut=cut_of(estimator.n_bins, n_rows, n_numbers),
        n_networks=int(estimator.n_ensemble),
        scoring=estimator.scoring,
        threads=usable_threads(estimator.n_jobs),
        time_limit=estimator.time_limit,
        callbacks=tuple(estimator.callbacks or ()),
        verbose=int(estimator.verbose),
    )
