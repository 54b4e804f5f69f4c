"""From the parameters of an estimator to the training settings for a table: resolves "auto"."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from thalweg.data.column_names import names_given
from thalweg.data.encoding.calendar_parts import LATE_FROM
from thalweg.data.encoding.piecewise_linear import Cut
from thalweg.data.notation.missing_words import MissingColumns
from thalweg.data.notation.said_columns import DateColumns, NamedColumns, NumberColumns, SaidColumns
from thalweg.errors import SettingsError
from thalweg.estimators.learning.early_stopping_splits import SMALL_BELOW
from thalweg.estimators.parameters.auto_by_width import (
    adam_text,
    alpha_of,
    dropout_of,
    epochs_of,
    hidden_units,
    is_lbfgs,
    patience_of,
)
from thalweg.estimators.parameters.optimizer_of_fit import fitted_optimizer
from thalweg.estimators.parameters.parameter import (
    Activations,
    Auto,
    Calibrating,
    DType,
    EarlyStopping,
    KeptAs,
    NumberScaling,
    Preset,
    Scorer,
    Seed,
    Setting,
    Settings,
    Sizes,
    Unknown,
)
from thalweg.estimators.parameters.parameter_presets import folds_of
from thalweg.estimators.parameters.parameter_table import PARAMETERS
from thalweg.network.architecture import hidden_activations
from thalweg.network.formulas.losses import standard_text
from thalweg.parallel_map import usable_threads
from thalweg.training.callbacks import Callback
from thalweg.training.descent.network_memory import require_memory_for
from thalweg.training.descent.optimizer_settings import Lbfgs, Optimizer
from thalweg.training.descent.training_settings import Settings as Descent
from thalweg.wording import parameter

if TYPE_CHECKING:
    from thalweg.estimators.learning.train_networks import Recipe

# The number of bins of a column grows with the square root of the rows, between these.
FEWEST_BINS, MOST_BINS = 8, 32
# From so many rows on, the bins are encoded with their full scale.
FULL_SIZE_FROM, SMALLEST_SCALE = 8_000, 0.25
# The most outputs of all bins together, in small tables and in large ones; and the most numbers of
# a table in bins.
MOST_OF_BINS, MOST_OF_LARGE, MOST_NUMBERS = 256, 512, 35_000_000
# What the scales of all bins together add up to at most, in a large table. Adam moves each weight
# by the same step, so that the first steps move a unit by as much as its inputs add up to: with 512
# bins of full scale, they switched off all units of some narrow networks.
SCALES_OF_LARGE = 128
# Rows of a batch in tables of fewer rows than this, and in all others.
_BATCHES, _LARGEST_BATCH = ((4_096, 32), (8_192, 64), (20_000, 128)), 256

COLUMNS = {each.name for each in PARAMETERS if each.kept is KeptAs.COLUMNS}
_IF_CHANGED = {
    each.name: each.default for each in PARAMETERS if each.kept in (KeptAs.CHANGED, KeptAs.LABELS)
}
# What is kept only if it is not this, and means this where it is absent.
IF_ABSENT = {**_IF_CHANGED, **dict.fromkeys(COLUMNS)}
_LABELS = {each.name for each in PARAMETERS if each.kept is KeptAs.LABELS}
_LEFT_OUT = {each.name for each in PARAMETERS if each.kept is KeptAs.NOT}


class HasParameters(Protocol):
    """The parameters of an estimator that training depends on; both estimators have more."""

    hidden_layer_sizes: Sizes
    activation: Activations
    preset: Preset
    alpha: float | Auto
    batch_size: int | Auto
    learning_rate_init: float | None
    max_iter: int | Auto
    early_stopping: bool | EarlyStopping
    n_folds: int | Auto
    validation_fraction: float
    n_iter_no_change: int | Auto
    tol: float
    random_state: Seed
    optimizer: str
    weight_decay: float | None
    l1: float
    dropout: float | Auto
    n_ensemble: int
    scoring: Scorer
    callbacks: Sequence[Callback] | None
    time_limit: float | None
    n_jobs: int | None
    calibration: Calibrating
    importance: bool
    dtype: DType
    n_bins: int | Auto
    scaling: NumberScaling
    date: DateColumns
    unknown: Unknown
    number: NumberColumns
    category: NamedColumns
    text: NamedColumns
    missing: MissingColumns
    verbose: int
    _kind: str

    def get_params(self, deep: bool = True) -> dict[str, Setting]:
        """All parameters by name."""


def _is_same(value: Setting, default: Setting) -> bool:
    """Whether a value is the default; an array of labels has no single answer to ==."""
    return value is None if default is None else bool(value == default)


def fit_settings(parameters: Settings) -> dict[str, Setting]:
    """The parameters that the result depends on, except the seed; functions by their names.

    A function as the loss is there as its formula.
    """
    return {
        name: (standard_text if name == "loss" else named)(value)
        if callable(value)
        else _plain_columns(value)
        if name in COLUMNS
        else list(value)
        if name in _LABELS and value is not None
        else value
        for name, value in parameters.items()
        if name not in _LEFT_OUT
        and not (name in COLUMNS and (value is None or len(value) == 0))
        and not (name in _IF_CHANGED and _is_same(value, _IF_CHANGED[name]))
    }


def _plain_columns(value: Setting) -> Setting:
    """Names of columns as texts, in a list, or as the keys of a dict."""
    if isinstance(value, Mapping):
        return {str(name): _plain_words(each) for name, each in value.items()}
    return names_given("columns", value)


def _plain_words(value: Setting) -> Setting:
    if value is None or isinstance(value, str | int | float):
        return None if value is None else str(value)
    return [str(each) for each in value]


def said_columns(estimator: HasParameters) -> SaidColumns:
    """What the parameters of an estimator say of single columns."""
    return SaidColumns.of(
        estimator.number, estimator.category, estimator.text, estimator.date, estimator.missing
    )


def named(function: Callable[..., object]) -> str:
    """How a function is stored: as a text that is not the name of a scorer."""
    name = getattr(function, "__name__", type(function).__name__)
    return f"{name} (a function)"


def optimizer_of(estimator: HasParameters) -> Optimizer | Lbfgs:
    """The optimizer of the estimator, with its rate and its decay."""
    return fitted_optimizer(estimator.get_params(deep=False))


def descends_at_once(estimator: HasParameters) -> str | None:
    """Why there is no ``partial_fit``; None if there is."""
    # "auto" is Adam in `partial_fit`, whatever the layers are.
    at_once = estimator.optimizer != "auto" and is_lbfgs(estimator.optimizer)
    return "L-BFGS needs all rows at once; take another rule, such as adam" if at_once else None


def text_in_batches(estimator: HasParameters) -> str:
    """The text of the optimizer where "auto" cannot be L-BFGS: in ``partial_fit`` or a search."""
    if estimator.optimizer != "auto":
        return estimator.optimizer
    return adam_text(estimator.get_params(deep=False))


def _rows_of_a_batch(n_rows: int) -> int:
    """Rows of a batch by those of the table; how it was chosen stands in docs/defaults.md."""
    return next((size for below, size in _BATCHES if n_rows < below), _LARGEST_BATCH)


def settings_of(
    estimator: HasParameters, n_rows: int, seed: int, *, in_batches: bool = False
) -> Descent:
    """The training settings for so many rows, of networks that stop alone.

    With ``in_batches``, those of ``partial_fit``.
    """
    given = estimator.get_params(deep=False)
    if in_batches:
        given = {**given, "optimizer": text_in_batches(estimator)}
    optimizer = fitted_optimizer(given)
    if estimator.batch_size != "auto":
        batch_size: int | None = int(estimator.batch_size)
    elif isinstance(optimizer, Lbfgs):
        batch_size = None
    else:
        batch_size = _rows_of_a_batch(n_rows)
    return Descent(
        optimizer,
        batch_size,
        epochs_of(given, None if in_batches else n_rows),
        patience=patience_of(given, together=False),
        tol=estimator.tol,
        seed=seed,
        l1=float(estimator.l1),
        dropout=dropout_of(given, estimator._kind),
        label_smoothing=float(getattr(estimator, "label_smoothing", 0.0)),
    )


def stopping_together(estimator: HasParameters, recipe: "Recipe") -> "Recipe":
    """The recipe of networks that stop together. Networks of L-BFGS stop alone."""
    if isinstance(recipe.settings.optimizer, Lbfgs):
        return recipe
    patience = patience_of(estimator.get_params(deep=False), together=True)
    return replace(recipe, settings=replace(recipe.settings, patience=patience))


def dtype_of(dtype: str, optimizer: Optimizer | Lbfgs) -> str:
    """The dtype of θ; "auto" is float64 for L-BFGS, whose line search compares close losses."""
    if dtype != "auto":
        return dtype
    return "float64" if isinstance(optimizer, Lbfgs) else "float32"


def cut_of(n_bins: int | str, n_rows: int, n_columns: int, scaling: str = "robust") -> Cut:
    """The bins of numbers, for so many training rows and columns (without categories).

    With few rows a column has few bins, with less than their full scale, because each bin is only
    trained on the rows in it. Numbers that are not scaled have none. In a large table, the scale is
    smaller the more bins there are.
    """
    as_they_are = scaling == "none"
    if as_they_are and n_bins not in ("auto", 0):
        raise SettingsError(
            f"{parameter('n_bins', n_bins)} and {parameter('scaling', scaling)} exclude each other",
            why="Bins are scaled around the median of a column",
            fix="leave n_bins out, or leave scaling out",
        )
    scale = max(SMALLEST_SCALE, min(1.0, math.sqrt(n_rows / FULL_SIZE_FROM)))
    late_days = n_rows > LATE_FROM
    if n_bins != "auto" or as_they_are:
        return Cut(0 if as_they_are else int(n_bins), scale, late_days, as_they_are)
    wanted = max(FEWEST_BINS, min(MOST_BINS, round(math.sqrt(n_rows) / 4)))
    # Limits for the bins of all columns: the size of the first layer, and memory.
    most = MOST_OF_BINS if n_rows < SMALL_BELOW else MOST_OF_LARGE
    few = min(wanted, most // max(1, n_columns)) if n_rows * n_columns <= MOST_NUMBERS else 0
    if n_rows >= SMALL_BELOW:
        scale = min(scale, SCALES_OF_LARGE / max(1, few * n_columns))
    return Cut(few if few > 1 else 0, scale, late_days)


def folds_at_once(early_stopping: bool | str, n_rows: int, n_folds: int) -> int:
    """How many folds a fit of so many rows has networks of, at the same time."""
    in_folds = early_stopping == "folds" or (early_stopping == "auto" and n_rows < SMALL_BELOW)
    return n_folds if in_folds else 1


def recipe_of(estimator: HasParameters, n_rows: int, n_numbers: int, seed: int) -> "Recipe":
    """The recipe for so many rows and columns of numbers, of networks that stop alone."""
    from thalweg.estimators.learning.train_networks import Recipe

    settings = settings_of(estimator, n_rows, seed)
    hidden = hidden_units(estimator.hidden_layer_sizes)
    hidden_activations(estimator.activation, len(hidden))  # before any work
    recipe = Recipe(
        hidden,
        estimator.activation,
        dtype_of(estimator.dtype, settings.optimizer),
        alpha_of(estimator.get_params(deep=False)),
        settings,
        cut=cut_of(estimator.n_bins, n_rows, n_numbers, estimator.scaling),
        n_networks=int(estimator.n_ensemble),
        n_folds=folds_of(estimator.get_params(deep=False)),
        scoring=estimator.scoring,
        positive=getattr(estimator, "positive", None),
        threads=usable_threads(estimator.n_jobs),
        time_limit=estimator.time_limit,
        callbacks=tuple(estimator.callbacks or ()),
        verbose=int(estimator.verbose),
    )
    # One input for each column of numbers: a lower bound, before anything is encoded.
    n_folds = folds_at_once(estimator.early_stopping, n_rows, recipe.n_folds)
    require_memory_for(recipe.memory(max(n_numbers, 1), 1, recipe.n_networks, n_folds))
    return recipe
