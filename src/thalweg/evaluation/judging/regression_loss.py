"""The loss by which a regression and its baselines are compared: the training loss of the model.

A model of the 0.9 quantile has to predict above the mean, so its RMSE is worse than that of a model
of the mean: only its own loss evaluates it fairly. The baselines are evaluated on the same rows by
the same loss.

================  ==========================  ===============================  =================
loss              measure                     of a row                         best constant
================  ==========================  ===============================  =================
squared_error     RMSE, the root of the mean  (y - p)²                         mean
absolute_error    MAE                         abs(y - p)                       median
quantile:level=τ  pinball loss at τ           max(τ (y - p), (1 - τ) (p - y))  τ-quantile
huber:delta=δ     Huber loss with delta δ     that of y and p in units of σ    found by bisection
poisson           Poisson deviance            2 (y ln(y / p) - y + p)          mean
gamma             gamma deviance              2 (y / p - 1 - ln(y / p))        mean
tweedie:power=π   Tweedie deviance            below                            mean
formula:ℓ(z, y)   own loss                    ℓ(p, y), in units of the target  found numerically
================  ==========================  ===============================  =================

σ is the standard deviation of the training targets (1 if all are equal). Each network has training
rows of its own, so σ is the mean, over the networks, of that of its rows: a model file holds no
other. If each fold has a model of its own, it is the mean over the models. The model and its
baselines are evaluated with the same σ.

A deviance is twice the loss, plus a term of y alone: unlike the loss it is never below 0, so a
percentage of it has a meaning. That of Tweedie with the power π is

    2 (y^(2-π) / ((1-π) (2-π)) - y p^(1-π) / (1-π) + p^(2-π) / (2-π)).

They are undefined for a mean of 0 or less, which ridge regression may
predict. A prediction below a thousandth of the mean training target (also averaged over the
networks) counts as that thousandth, for the network and for its baselines.

A formula that a person wrote is evaluated by the model, which alone can read it. It may have values
below 0: then its interval is the bootstrap's, and a margin is a share of its absolute mean.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

import numpy as np

from thalweg.errors import SettingsError
from thalweg.evaluation.comparing.paired_differences import PairedDifference, paired_difference
from thalweg.evaluation.dependent_rows import group_codes
from thalweg.evaluation.judging.baselines import (
    Baseline,
    Find,
    TrainingPart,
    constant_number,
    mean_of,
)
from thalweg.evaluation.judging.closed_form_intervals import mean_loss, mean_of_any
from thalweg.evaluation.judging.intervals import Estimate, sorted_with
from thalweg.evaluation.judging.regression_metrics import checked_values, rmse, rmse_difference
from thalweg.evaluation.model_protocol import JudgedModel
from thalweg.evaluation.rates.last_step import last_step
from thalweg.evaluation.task_kinds import MAE, ONE_NUMBER, OWN_LOSS, RMSE

_KEYS = {
    "squared_error": "rmse",
    "absolute_error": "mae",
    "quantile": "pinball",
    "huber": "huber",
    "poisson": "poisson",
    "gamma": "gamma",
    "tweedie": "tweedie",
    "formula": "own",
}
# The measures of losses that learn the logarithm of a mean.
_DEVIANCES = ("poisson", "gamma", "tweedie")

# Those that a person may name, whatever the model.
_NAMED = ", ".join(repr(each) for each in _KEYS if each != "formula")


class _Constant(NamedTuple):
    """The constant of a loss."""

    name: str
    default: float
    below: float
    above: float = 0.0


_CONSTANTS = {
    "quantile": _Constant("level", 0.5, 1.0), "huber": _Constant("delta", 1.0, math.inf),
    "tweedie": _Constant("power", 1.5, 2.0, 1.0),
}  # fmt: skip
_LEAST_MEAN = 1e-3
# After so many halvings, no float lies between the two ends.
_HALVINGS = 1100
# A formula is minimised on grids of so many cells, each in two cells of the one before.
_CELLS, _ZOOMS = 32, 14


@dataclass(frozen=True)
class Measure:
    """The loss of a regression, as the measure of a comparison.

    Parameters
    ----------
    key : {"rmse", "mae", "pinball", "huber", "poisson", "gamma", "tweedie", "own"}, default "rmse"
        Its name among the metrics.
    constant : float, default 0.0
        τ of a quantile, δ of the Huber loss, the power of Tweedie.
    unit : float, default 1.0
        The unit of the loss, if it has one: σ of the target for Huber, its mean for deviances.
    named : bool, default False
        Whether a person named the loss: it is then the same for every model.
    formula : callable, optional
        Of "own": (predictions, targets) -> the loss of each row. Without it, nothing can be
        evaluated.
    """

    key: str = "rmse"
    constant: float = 0.0
    unit: float = 1.0
    named: bool = False
    formula: Callable[[np.ndarray, np.ndarray], np.ndarray] | None = None

    @property
    def name(self) -> str:
        """Its name in words, such as ``pinball loss at 0.9``."""
        return {
            "rmse": RMSE,
            "mae": MAE,
            "pinball": f"pinball loss at {self.constant:.10g}",
            "huber": f"Huber loss with delta {self.constant:.10g}",
            "poisson": "Poisson deviance",
            "gamma": "gamma deviance",
            "tweedie": f"Tweedie deviance with power {self.constant:.10g}",
            "own": OWN_LOSS,
        }[self.key]

    @property
    def of_logarithm(self) -> bool:
        """Whether it is the deviance of a loss that learns the logarithm of a mean."""
        return self.key in _DEVIANCES

    @property
    def quantile(self) -> float | None:
        """The level of the quantile that has the lowest loss: 0.5 of MAE; None of other losses."""
        return {"mae": 0.5, "pinball": self.constant}.get(self.key)

    @property
    def statistic(self) -> str:
        """What of the target has the lowest loss: "0.9 quantile" or "median"; else ""."""
        if self.quantile is None:
            return ""
        return "median" if self.quantile == 0.5 else f"{self.quantile:.10g} quantile"

    def value(
        self,
        y: np.ndarray,
        predicted: np.ndarray,
        seed: int,
        weights: np.ndarray | None = None,
        groups: np.ndarray | None = None,
    ) -> Estimate:
        """The mean loss, with its interval; not for RMSE, which `judge_values` computes."""
        losses = self._of_rows(*checked_values(y, predicted))
        losses, weights, codes = sorted_with(losses, weights, group_codes(groups))
        if self.key == "own" and losses.min(initial=0.0) < 0:
            return mean_of_any(losses, seed, weights, codes)
        return mean_loss(losses, seed, weights, codes)

    def difference(
        self,
        y: np.ndarray,
        a: np.ndarray,
        b: np.ndarray,
        seed: int,
        weights: np.ndarray | None = None,
        groups: np.ndarray | None = None,
    ) -> PairedDifference:
        """By how much the measure of predictions a exceeds that of b, paired by row."""
        if self.key == "rmse":
            return rmse_difference(y, a, b, seed, weights, groups)
        of_a, of_b = (self._of_rows(*checked_values(y, each)) for each in (a, b))
        return paired_difference(of_a, of_b, seed, weights, groups)

    def alone(
        self, y: np.ndarray, predicted: np.ndarray, weights: np.ndarray | None = None
    ) -> float:
        """The measure without an interval."""
        if self.key == "rmse":
            return rmse(y, predicted, weights)
        losses, weights, _ = sorted_with(self._of_rows(*checked_values(y, predicted)), weights)
        return float(np.average(losses, weights=weights))

    def best_constant(self) -> tuple[str, Baseline]:
        """The best constant prediction: its name, such as ``always the mean``, and the baseline."""
        level = self.constant
        every: dict[str, tuple[str, Find]] = {
            "rmse": (ONE_NUMBER.constant, mean_of),
            "mae": ("always the median", partial(_quantile, 0.5)),
            "pinball": (f"always the {level:.10g} quantile", partial(_quantile, level)),
            "huber": ("always the best constant", self._lowest),
            **dict.fromkeys(_DEVIANCES, (ONE_NUMBER.constant, mean_of)),
            "own": ("always the best constant", self._best),
        }
        name, find = every[self.key]
        return name, partial(constant_number, find=find)

    def constant_for(self, y: np.ndarray, weights: np.ndarray) -> float:
        """The best constant prediction of these targets."""
        nowhere = np.zeros((len(y), 1))
        fit = self.best_constant()[1]
        return float(fit(TrainingPart(nowhere, y, weights))(nowhere[:1])[0])

    def losses(self, y: np.ndarray, predicted: np.ndarray) -> np.ndarray:
        """The loss of each row, whose mean is the measure; of RMSE, its square is the mean."""
        losses = self._of_rows(y, predicted)
        with np.errstate(over="ignore"):
            return losses**2 if self.key == "rmse" else losses

    def _of_rows(self, y: np.ndarray, predicted: np.ndarray) -> np.ndarray:
        if self.key == "own":
            assert self.formula is not None, "nobody gave the formula of the loss"
            return self.formula(predicted, y)
        lacking = y - predicted
        losses: np.ndarray = np.abs(lacking)
        if self.of_logarithm:
            return self._deviance(y, np.maximum(predicted, _LEAST_MEAN * self.unit))
        if self.key == "pinball":
            losses = np.maximum(self.constant * lacking, (self.constant - 1) * lacking)
        elif self.key == "huber":
            distance = losses / self.unit
            near = np.minimum(distance, self.constant)
            losses = near * (distance - near / 2)
        return losses

    def _deviance(self, y: np.ndarray, mean: np.ndarray) -> np.ndarray:
        """Twice the loss, from that of a prediction that is right; NaN for y below 0."""
        if self.key == "tweedie":
            return _tweedie(y, mean, self.constant)
        with np.errstate(divide="ignore", invalid="ignore"):
            logarithm = np.log(y) - np.log(mean)
            if self.key == "gamma":
                deviance: np.ndarray = 2 * (y / mean - 1 - logarithm)
            else:
                deviance = 2 * (np.where(y == 0, 0.0, y * logarithm) - y + mean)
        return deviance

    def _lowest(self, y: np.ndarray, weights: np.ndarray) -> float:
        """The constant with the lowest Huber loss: where its increasing slope crosses 0."""
        low, high, reach = float(y.min()), float(y.max()), self.constant * self.unit
        for _ in range(_HALVINGS):
            middle = low + (high - low) / 2
            if not low < middle < high:
                break
            slope = np.sum(weights * np.clip(middle - y, -reach, reach))
            low, high = (middle, high) if slope < 0 else (low, middle)
        return high

    def _best(self, y: np.ndarray, weights: np.ndarray) -> float:
        """The constant with the lowest own loss: the best of a grid, whose cells are searched on.

        Between the lowest and the highest target; a loss with several valleys may have a lower one
        between two points of the first grid.
        """
        y, places = np.unique(y, return_inverse=True)
        weights = np.bincount(places, weights, len(y))
        low, high = float(y[0]), float(y[-1])
        best = low
        for _ in range(_ZOOMS):
            grid = np.linspace(low, high, _CELLS + 1)
            heights = [
                float(np.sum(weights * self._of_rows(y, np.full(len(y), each)))) for each in grid
            ]
            place = int(np.nanargmin(heights)) if np.isfinite(heights).any() else 0
            best = float(grid[place])
            low, high = float(grid[max(place - 1, 0)]), float(grid[min(place + 1, _CELLS)])
            if not low < best < high and high - low <= 0:
                break
        return best


def is_of_mean(name: str) -> bool:
    """Whether the mean is the best constant for a loss, by its name or the key of its measure."""
    return name.partition(":")[0] in ("squared_error", "rmse", *_DEVIANCES)


def measure_of_loss(loss: str, unit: float = 1.0) -> Measure:
    """The measure of a loss, such as ``quantile:level=0.9``: its name, a colon, its constant.

    ``unit`` is that of `Measure`.
    """
    name, _, constant = loss.partition(":")
    if _KEYS[name] == "own":
        return Measure("own", unit=unit)
    return Measure(_KEYS[name], float(constant.partition("=")[2] or 0), unit)


def measure_of_named(loss: str, y: np.ndarray) -> Measure:
    """The measure of a loss that a person named, in the words of ``ThalwegRegressor(loss=…)``.

    The unit of a Huber loss is the standard deviation of the targets, and that of a deviance
    their mean: the training targets of another program's model are not known.

    Parameters
    ----------
    loss : str
    y : ndarray of float, shape (n_samples,)
        All targets.

    Raises
    ------
    SettingsError
        If there is no such loss for numbers.
    """
    name, constant = _read(loss)
    if name in _DEVIANCES and len(y):
        _require_amounts(name, loss, float(y.min()))
    unit = float(np.std(y)) if name == "huber" else float(np.mean(y))
    return Measure(_KEYS[name], constant, unit if unit > 0 else 1.0, named=True)


def _read(loss: str) -> tuple[str, float]:
    """The name and the constant of a loss, ``NAME`` or ``NAME:constant=value``."""
    name, colon, rest = (part.strip() for part in loss.partition(":"))
    if name == "formula":
        raise SettingsError(
            "A formula cannot be named as the loss of an evaluation",
            where=f"loss={loss[:80]!r}",
            why="Only a thalweg model that was trained with a formula is evaluated by it",
            fix=f"give one of {_NAMED}",
        )
    key, equals, value = (part.strip() for part in rest.partition("="))
    constant = _CONSTANTS.get(name)
    if name in _KEYS and not colon:
        return name, 0.0 if constant is None else constant.default
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    known = constant is not None and (key, equals) == (constant.name, "=")
    if constant is None or not known or not constant.above < number < constant.below:
        raise SettingsError(
            f"There is no loss {loss!r} for numbers",
            where=f"loss={loss!r}",
            fix=f"give one of {_NAMED}; with a constant, "
            "'quantile:level=0.9' (between 0 and 1), 'huber:delta=1.5' (above 0) or "
            "'tweedie:power=1.5' (between 1 and 2)",
        )
    return name, number


def measure_of(model: JudgedModel) -> Measure:
    """The measure of a fitted regression: the loss of a network, RMSE for other models."""
    members = getattr(model, "members_", None)
    if not members:
        return Measure()
    first = members[0].outputs
    found = measure_of_loss(first.loss, _mean([member.outputs.scale for member in members]))
    return replace(found, formula=first.formula) if found.key == "own" else found


def statistic_of(model: object) -> str:
    """What of the target a model predicts: "0.9 quantile" or "median"; "" for a mean or classes."""
    members = getattr(last_step(model), "members_", None)
    text = members[0].outputs.loss if members else ""
    if text.partition(":")[0] not in _KEYS or "/" in text:  # several quantiles are no one statistic
        return ""
    return measure_of_loss(text).statistic


def statistic_of_target(statistic: str, target: str) -> str:
    """What a model predicts, such as "0.9 quantile of price"; one of both where one is known."""
    return f"{statistic} of {target}" if statistic and target else statistic or target


def predicted_quantity(statistic: str, target: str) -> str:
    """What a predicted number is called, such as "predicted price"; "" if nothing is known."""
    named = statistic_of_target(statistic, target)
    return f"predicted {named}" if named else ""


def measure_of_all(measures: Sequence[Measure]) -> Measure:
    """One measure for what several models of one loss predicted: in the mean of their units."""
    return replace(measures[-1], unit=_mean([each.unit for each in measures]))


def _mean(units: Sequence[float]) -> float:
    """The mean of some units; of equal ones this very number."""
    first = units[0]
    return first + math.fsum(unit - first for unit in units) / len(units)


def _quantile(level: float, y: np.ndarray, weights: np.ndarray) -> float:
    return float(np.quantile(y, level, weights=weights, method="inverted_cdf"))


def _require_amounts(name: str, loss: str, lowest: float) -> None:
    """Raise a SettingsError if the lowest target is none of a deviance."""
    if lowest < 0 or (name == "gamma" and lowest == 0):
        of = {"poisson": "Poisson", "gamma": "gamma", "tweedie": "Tweedie"}[name]
        what = {"poisson": "counts", "gamma": "amounts above 0"}.get(name, "amounts from 0 on")
        raise SettingsError(
            f"The {of} loss is for {what}, and the target has a value "
            f"{'below' if lowest < 0 else 'of'} 0",
            where=f"loss={loss!r}, {lowest:g} in the target",
            fix="give another loss, such as 'squared_error'",
        )


def _tweedie(y: np.ndarray, mean: np.ndarray, power: float) -> np.ndarray:
    """The deviance of Tweedie's distribution; NaN for y below 0.

    With t = ln(y / p) it is 2 p^(2-π) times the difference of two terms that are near each other
    where y is near p: (e^(t (2-π)) - 1) / ((1-π) (2-π)) - (e^t - 1) / (1-π), by expm1.
    """
    a, b = 1 - power, 2 - power
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.log(y) - np.log(mean)
        return np.asarray(2 * mean**b * (np.expm1(b * t) / (a * b) - np.expm1(t) / a))
