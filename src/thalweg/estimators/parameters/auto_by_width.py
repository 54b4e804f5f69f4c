"""What "auto" means by the width of a network: optimizer, epochs, patience, dropout, penalty.

The narrowest hidden layer counts. All but the epochs of a large table follows from the parameters
alone, so that a model file, a summary and a repeated training run find the same values as the fit.
"""

import math
from collections.abc import Sequence
from numbers import Integral

import numpy as np

from thalweg.errors import SettingsError
from thalweg.estimators.learning.early_stopping_splits import SMALL_BELOW
from thalweg.estimators.parameters.parameter import CLASSIFIER, REGRESSOR, Settings, Sizes
from thalweg.estimators.parameters.parameter_presets import PRESETS, auto_of
from thalweg.estimators.parameters.parameter_table import OPTIMIZER
from thalweg.training.descent.optimizer_settings import Lbfgs, Optimizer
from thalweg.training.descent.training_settings import parse_optimizer
from thalweg.wording import parameter

# The default width. From there on, a network that stops alone has a patience of 20 epochs by the
# default preset; those that stop together, whose mean has less noise, have that of the preset.
DEFAULT_WIDTH, PATIENCE_ALONE = 128, 20
# All are more for a narrower network, up to so many times. A step moves a weight by about the
# learning rate, and in a narrow network fewer weights share a way.
MOST_TIMES = 4
# How many times larger the rate is at most with several hidden layers: with more, some networks of
# narrow layers come to predict a constant.
MOST_TIMES_DEEP = 3.0
# In a large table, epochs fall with the square root of the rows, so steps grow with it. With
# `ALL_EPOCHS_AT` rows, this rule would give all epochs of the preset.
ALL_EPOCHS_AT, FEWEST_EPOCHS = 10_000, 6
# The iterations of L-BFGS without hidden layers.
ITERATIONS_OF_LINEAR = 768
# The share of dropout from the default width on; a layer of 32 units or fewer drops none.
DROPOUT = {CLASSIFIER: 0.2, REGRESSOR: 0.0}
WIDTH_WITHOUT_DROPOUT = 32
# The strength of the penalty, and that without hidden layers.
ALPHA, ALPHA_OF_LINEAR = 1.0, 0.1


def hidden_units(sizes: Sizes) -> tuple[int, ...]:
    """Hidden layer sizes as a tuple of whole numbers above zero."""
    sizes = sizes if isinstance(sizes, Sequence | np.ndarray) else (sizes,)
    counts = (isinstance(size, Integral) and not isinstance(size, bool) for size in sizes)
    if not (all(counts) and all(int(size) > 0 for size in sizes)):
        raise SettingsError(
            f"{parameter('hidden_layer_sizes', sizes)} has no meaning",
            why="Each hidden layer has a whole number of units above 0",
            fix="write for example (64,) or (64, 32)",
        )
    return tuple(int(size) for size in sizes)


def adam_text(settings: Settings) -> str:
    """The text of the default Adam, with a larger learning rate for a narrower network."""
    hidden = hidden_units(settings["hidden_layer_sizes"])
    times = math.sqrt(DEFAULT_WIDTH / min(hidden, default=DEFAULT_WIDTH))
    if times <= 1:
        return OPTIMIZER
    if len(hidden) > 1:
        times = min(times, MOST_TIMES_DEEP)
    optimizer = parse_optimizer(OPTIMIZER)
    assert isinstance(optimizer, Optimizer)
    return str(optimizer.at_rate(float(f"{optimizer.rate * times:.2g}")))


def optimizer_text(settings: Settings) -> str:
    """The text of the optimizer.

    "auto" is L-BFGS without hidden layers, where it converges to the only minimum; but Adam where a
    setting is given that L-BFGS does not have.
    """
    if settings["optimizer"] != "auto":
        return str(settings["optimizer"])
    of_steps = any(
        settings[name] not in unset
        for name, unset in (
            ("learning_rate_init", (None,)),
            ("weight_decay", (None,)),
            ("batch_size", ("auto",)),
            ("dropout", ("auto", 0)),
        )
    )
    if of_steps or hidden_units(settings["hidden_layer_sizes"]):
        return adam_text(settings)
    return str(Lbfgs())


def is_lbfgs(text: str) -> bool:
    """Whether the text of an optimizer is that of L-BFGS."""
    return text.partition(":")[0].strip() == "lbfgs"


def epochs_of(settings: Settings, n_rows: int | None = None) -> int:
    """The largest number of epochs; "auto" is more for a narrower network, fewer for many rows."""
    if settings["max_iter"] != "auto":
        return int(settings["max_iter"])
    hidden = hidden_units(settings["hidden_layer_sizes"])
    if not hidden and is_lbfgs(optimizer_text(settings)):
        return ITERATIONS_OF_LINEAR
    epochs = auto_of(settings, "max_iter") * _times_longer(settings)
    if n_rows is not None and n_rows >= SMALL_BELOW:
        epochs = max(FEWEST_EPOCHS, epochs * math.sqrt(ALL_EPOCHS_AT / n_rows))
    return math.ceil(epochs)


def patience_of(settings: Settings, *, together: bool) -> int | None:
    """The epochs of patience of networks that stop together, or of one; "auto" follows the width.

    With L-BFGS, "auto" is that of the default width and preset. None, for no patience, if there are
    neither hidden layers nor held-out rows: L-BFGS ends at the minimum.
    """
    if settings["n_iter_no_change"] != "auto":
        return int(settings["n_iter_no_change"])
    usual = PRESETS["default"]["n_iter_no_change"]
    if not is_lbfgs(optimizer_text(settings)):
        ours = auto_of(settings, "n_iter_no_change")
        if not together:
            ours = round(PATIENCE_ALONE * ours / usual)
        return math.ceil(ours * _times_longer(settings))
    usual = usual if together else PATIENCE_ALONE
    held_out = isinstance(settings["early_stopping"], str) or settings["early_stopping"]
    return usual if held_out or hidden_units(settings["hidden_layer_sizes"]) else None


def _times_longer(settings: Settings) -> float:
    """How many times more epochs, and patience, than at the default width: from 1 to 4."""
    narrowest = min(hidden_units(settings["hidden_layer_sizes"]), default=1)
    return max(1.0, min(MOST_TIMES, DEFAULT_WIDTH / narrowest))


def alpha_of(settings: Settings) -> float:
    """The strength of the L2 penalty."""
    if settings["alpha"] != "auto":
        return float(settings["alpha"])
    return ALPHA if hidden_units(settings["hidden_layer_sizes"]) else ALPHA_OF_LINEAR


def dropout_of(settings: Settings, kind: str) -> float:
    """The share of hidden outputs that a step sets to 0.

    "auto" is `DROPOUT` from 128 units on, half of it at 64, and 0 up to 32 units; 0 with L-BFGS,
    too.
    """
    if settings["dropout"] != "auto":
        return float(settings["dropout"])
    hidden = hidden_units(settings["hidden_layer_sizes"])
    if not hidden or is_lbfgs(optimizer_text(settings)):
        return 0.0
    whole = math.log2(DEFAULT_WIDTH / WIDTH_WITHOUT_DROPOUT)
    part = math.log2(min(hidden) / WIDTH_WITHOUT_DROPOUT) / whole
    return round(DROPOUT[kind] * min(1.0, max(0.0, part)), 2)
