"""What a search may change: each dimension of a space once, and what it means for an estimator.

The ready-made spaces leave rows, folds, target and outputs as they are, so that every trial answers
the same rows in the same folds.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import numpy as np

from thalweg.errors import SettingsError
from thalweg.estimators.parameters.auto_by_width import (
    adam_text,
    alpha_of,
    dropout_of,
    epochs_of,
    hidden_units,
)
from thalweg.estimators.parameters.optimizer_of_fit import fitted_optimizer
from thalweg.estimators.parameters.parameter import CLASSIFIER, Setting, Settings
from thalweg.network.formulas.activations import ACTIVATIONS
from thalweg.training.descent.optimizer_settings import Lbfgs, Optimizer
from thalweg.training.descent.training_settings import parse_optimizer
from thalweg.wording import shown

# The parameters that a space may change. All others decide which rows are read, which are held out,
# or what the outputs mean, and would make trials incomparable.
TUNABLE = (
    "activation", "alpha", "batch_size", "dropout", "dtype", "hidden_layer_sizes", "l1",
    "label_smoothing", "learning_rate_init", "max_iter", "n_bins", "n_iter_no_change", "optimizer",
    "tol", "weight_decay",
)  # fmt: skip
# The values of a trial by the names of the dimensions, as a study stores them.
Values: TypeAlias = dict[str, float | int | str | bool | None]


@dataclass(frozen=True)
class OneOf:
    """One of some values; the study stores a value that is no number or text as a text."""

    values: tuple[Setting, ...]

    @property
    def stored(self) -> dict[Any, Setting]:
        """Each value by what the study stores for it."""
        plain = (bool, int, float, str, type(None))
        return {each if isinstance(each, plain) else repr(each): each for each in self.values}

    def has(self, stored: Any) -> bool:
        """Whether it is what the study stores for one of the values."""
        return stored in self.stored

    def text(self) -> str:
        """How it is described."""
        return "one of " + ", ".join(map(str, self.stored))


@dataclass(frozen=True)
class Span:
    """A number from ``low`` to ``high``; ``log`` is even in the logarithm."""

    low: float
    high: float
    log: bool = False
    step: float | None = None

    @property
    def whole(self) -> bool:
        """Whether it is a whole number."""
        return isinstance(self.low, int) and isinstance(self.high, int)

    def nearest(self, value: float) -> float:
        """A value of this span that is nearest to another one."""
        value = min(max(value, self.low), self.high)
        if self.step is not None:
            value = self.low + round((value - self.low) / self.step) * self.step
        return round(value) if self.whole else float(value)

    def has(self, stored: Any) -> bool:
        """Whether it is a number between the ends."""
        return _is_number(stored) and self.low <= stored <= self.high

    def text(self) -> str:
        """How it is described."""
        scale = ", even in the logarithm" if self.log else ""
        return f"{self.low:g} to {self.high:g}{scale}"


Dimension: TypeAlias = OneOf | Span


@dataclass(frozen=True)
class Space:
    """A search space.

    Attributes
    ----------
    name : str
    dimensions : dict of OneOf or Span
    fixed : dict
        Parameters that every trial but the first has.
    """

    name: str
    dimensions: dict[str, Dimension]
    fixed: dict[str, Setting] = field(default_factory=dict)

    def changes(self, settings: Settings, values: Values) -> dict[str, Setting]:
        """The parameters of the estimator that a trial sets.

        Parameters
        ----------
        settings : mapping
            The parameters of the estimator that is tuned.
        values : dict
            Of this trial.
        """
        meant: dict[str, Any] = {
            name: self.dimensions[name].stored[value]  # type: ignore[union-attr]
            if isinstance(self.dimensions[name], OneOf)
            else value
            for name, value in values.items()
        }
        found: dict[str, Setting] = dict(self.fixed)
        if "width" in meant:
            found["hidden_layer_sizes"] = (meant.pop("width"),) * meant.pop("layers")
        if "beta_2" in meant:
            found["optimizer"] = _with_beta_2({**settings, **found}, meant.pop("beta_2"))
        return {**found, **meant}

    def values_of_default(self, kind: str, settings: Settings, n_bins: int) -> Values:
        """The values nearest to the estimator as it is, for a search to learn from.

        A parameter that has no value here is the first of its choices.
        """
        own = self._own_of_default(kind, settings, n_bins)
        return {name: nearest(each, own.get(name)) for name, each in self.dimensions.items()}

    def shown_default(self, kind: str, settings: Settings, n_bins: int) -> Values:
        """The values of the estimator as it is, which the space need not have."""
        plain = (bool, int, float, str, type(None))
        return {
            name: each if isinstance(each, plain) else repr(each)
            for name, each in self._own_of_default(kind, settings, n_bins).items()
        }

    def has_default(self, kind: str, settings: Settings, n_bins: int) -> bool:
        """Whether the estimator as it is, is one of this space."""
        if self.fixed:
            return False
        hidden = hidden_units(settings["hidden_layer_sizes"])
        if "width" in self.dimensions and len(set(hidden)) != 1:
            return False
        own = self._own_of_default(kind, settings, n_bins)
        return all(_is_of(each, own.get(name)) for name, each in self.dimensions.items())

    def _own_of_default(self, kind: str, settings: Settings, n_bins: int) -> dict[str, Any]:
        """The parameters as they are where a choice is just that, else what "auto" stands for."""
        known = resolved_settings(kind, settings, n_bins)
        return {
            name: settings[name]
            if name in settings and isinstance(each, OneOf) and settings[name] in each.values
            else known.get(name)
            for name, each in self.dimensions.items()
        }

    def as_text(self) -> dict[str, str]:
        """What a study keeps of it, to recognise it."""
        texts = {name: each.text() for name, each in self.dimensions.items()}
        return {**texts, **{name: f"always {value}" for name, value in self.fixed.items()}}


def resolved_settings(kind: str, settings: Settings, n_bins: int) -> dict[str, Any]:
    """What the parameters of an estimator are, with their "auto" resolved."""
    hidden = hidden_units(settings["hidden_layer_sizes"])
    optimizer = fitted_optimizer(settings)
    known = {name: settings[name] for name in TUNABLE if name in settings}
    known |= {
        "layers": len(hidden), "width": max(hidden, default=1), "alpha": alpha_of(settings),
        "dropout": dropout_of(settings, kind), "max_iter": epochs_of(settings), "n_bins": n_bins,
        "hidden_layer_sizes": hidden,
    }  # fmt: skip
    if isinstance(optimizer, Optimizer):
        known["learning_rate_init"] = optimizer.rate
        constants = zip(optimizer.formula.constants, optimizer.constants, strict=True)
        known |= {name: value for name, value in constants if name == "beta_2"}
    return known


def _is_of(dimension: Dimension, value: Any) -> bool:
    if isinstance(dimension, OneOf):
        return value in dimension.values
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and dimension.nearest(value) == value


def nearest(dimension: Dimension, value: Any) -> Any:
    """What a study stores for the value of a dimension that is nearest to another one."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if isinstance(dimension, Span):
        return dimension.nearest(value if is_number else dimension.low)
    for stored, meant in dimension.stored.items():
        if value in (meant, stored):
            return stored
    numbers = [each for each in dimension.stored if isinstance(each, int | float)]
    if is_number and numbers:
        return min(numbers, key=lambda each: abs(math.log1p(each) - math.log1p(value)))
    return next(iter(dimension.stored))


def _with_beta_2(settings: Settings, beta_2: float) -> str:
    text = settings["optimizer"]
    optimizer = parse_optimizer(adam_text(settings) if text == "auto" else text)
    if isinstance(optimizer, Lbfgs) or "beta_2" not in optimizer.formula.constants:
        raise SettingsError(
            f"The space 'wide' changes beta_2, which {optimizer} does not have",
            fix='leave optimizer at its default, or take space="small"',
        )
    constants = tuple(
        beta_2 if name == "beta_2" else value
        for name, value in zip(optimizer.formula.constants, optimizer.constants, strict=True)
    )
    return str(replace(optimizer, constants=constants))


_SMALL: dict[str, Dimension] = {
    "layers": Span(1, 3),
    "width": OneOf((32, 64, 128, 256, 512)),
    "dropout": Span(0.0, 0.5, step=0.05),
    "learning_rate_init": Span(5e-4, 2e-2, log=True),
    "alpha": Span(0.05, 20.0, log=True),
    "max_iter": OneOf((24, 48, 96, 192)),
    "activation": OneOf(("relu", "mish")),
    "n_bins": OneOf((0, 8, 16, 32, 64)),
}
_WIDE: dict[str, Dimension] = {
    **_SMALL,
    "beta_2": OneOf((0.9, 0.95, 0.98, 0.99, 0.995)),
    "batch_size": OneOf((32, 64, 128, 256, 512)),
}
# The network of the article: plain gradient descent on all rows, without what came later.
_ARTICLE: dict[str, Dimension] = {
    "layers": Span(1, 3),
    "width": Span(2, 64, log=True),
    "learning_rate_init": Span(1e-2, 10.0, log=True),
}
_OF_ARTICLE: dict[str, Setting] = {
    "optimizer": "sgd", "batch_size": 1_000_000_000, "activation": "relu", "alpha": 0.0,
    "dropout": 0.0, "n_bins": 0, "max_iter": 500, "n_iter_no_change": 50,
}  # fmt: skip
NAMES = ("small", "wide", "article")

# Trials after the default: what helped some tables most in docs/defaults.md.
_VARIANTS: tuple[Values, ...] = (
    {"dropout": 0.0}, {"max_iter": 96}, {"alpha": 0.5}, {"n_bins": 32}, {"layers": 1, "width": 256},
)  # fmt: skip


def variants(space: Space, default: Values) -> list[Values]:
    """The first trials after the default, which change one thing of it."""
    if space.name not in ("small", "wide"):
        return []
    found = [{**default, **each} for each in _VARIANTS]
    return [each for each in found if each != default]


def space_of(space: str | Mapping[str, Any], kind: str) -> Space:
    """A space by its name, or one that a person gives.

    Parameters
    ----------
    space : {"small", "wide", "article"} or mapping
        A mapping has for each parameter a list of values, ``(low, high)``, ``(low, high, "log")``,
        or a distribution of Optuna.
    kind : {"classifier", "regressor"}

    Raises
    ------
    SettingsError
    """
    if isinstance(space, Mapping):
        if not space:
            raise SettingsError("The space is empty", fix='name a parameter, or take space="small"')
        return Space("own", {str(name): _read(str(name), each) for name, each in space.items()})
    if not isinstance(space, str):
        raise SettingsError(
            f"The space is {shown(space)}",
            fix='give a dict of parameters, such as {"alpha": (0.1, 10.0, "log")}, or take '
            'space="small"',
        )
    known = {
        "small": Space("small", _SMALL),
        "wide": Space("wide", _WIDE | _smoothing(kind)),
        "article": Space("article", _ARTICLE, _OF_ARTICLE),
    }
    if space not in known:
        raise SettingsError(
            f"There is no space {shown(space)}",
            fix=f"take one of {', '.join(NAMES)}, or give a dict of parameters",
        )
    return known[space]


def _smoothing(kind: str) -> dict[str, Dimension]:
    return {"label_smoothing": Span(0.0, 0.2, step=0.02)} if kind == CLASSIFIER else {}


def _read(name: str, given: Any) -> Dimension:
    """One dimension of a person's own space."""
    if name not in TUNABLE:
        raise SettingsError(
            f"A space cannot change {name}",
            why="Trials are compared on the same rows, folds and outputs",
            fix=f"take some of {', '.join(TUNABLE)}",
        )
    if type(given).__module__.startswith("optuna.distributions"):
        return _of_optuna(given)
    given = _plain(given)
    if isinstance(given, tuple) and len(given) in (2, 3) and all(map(_is_number, given[:2])):
        low, high = given[:2]
        log = len(given) == 3
        if low < high and (not log or (given[2] == "log" and low > 0)):
            return Span(low, high, log)
    elif isinstance(given, Sequence) and not isinstance(given, str | tuple) and len(given):
        values = tuple(tuple(each) if isinstance(each, list) else each for each in given)
        if name == "activation" and not all(
            each in ACTIVATIONS for each in values if isinstance(each, str)
        ):
            raise SettingsError(
                f"The space has an unknown activation: {shown(given)}",
                fix=f"take some of {', '.join(ACTIVATIONS)}",
            )
        return OneOf(values)
    raise SettingsError(
        f"The space says {shown(given)} of {name}",
        fix='give a list of values, (low, high) or (low, high, "log") with low < high',
    )


def _plain(given: Any) -> Any:
    """An array of NumPy as a list, and its numbers as Python's own, which a study can write."""
    if isinstance(given, np.ndarray | np.generic):
        return given.tolist()
    return type(given)(map(_plain, given)) if type(given) in (list, tuple) else given


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _of_optuna(given: Any) -> Dimension:
    if hasattr(given, "choices"):
        return OneOf(tuple(given.choices))
    step = None if given.log or given.step in (None, 1) else given.step
    return Span(given.low, given.high, bool(given.log), step)
