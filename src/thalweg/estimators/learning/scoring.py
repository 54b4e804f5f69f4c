"""Early stopping by a score instead of the loss: a scorer of scikit-learn, or a function."""

import inspect
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.metrics import (
    d2_pinball_score,
    get_scorer,
    get_scorer_names,
    log_loss,
    make_scorer,
    r2_score,
)

from thalweg.data.typing import Label, TargetLike, WeightsLike
from thalweg.errors import SettingsError, Status
from thalweg.estimators.learning.class_codes import positive_class
from thalweg.estimators.learning.early_stopping_splits import Rows
from thalweg.estimators.learning.encoded_training_data import Lesson, Place
from thalweg.estimators.learning.fitted_networks import Network, outputs_of
from thalweg.estimators.outputs.class_outputs import Classes, Floats
from thalweg.estimators.outputs.level_outputs import Quantiles, in_order
from thalweg.estimators.outputs.several_outputs import SeveralOutputs
from thalweg.estimators.outputs.value_outputs import Values
from thalweg.network.architecture import Architecture
from thalweg.network.formulas.activations import Array
from thalweg.training.callbacks import Moment, Resumable
from thalweg.training.descent.training_settings import Settings
from thalweg.training.history import History
from thalweg.wording import parameter, shown

Score = Callable[[Array], float]


@dataclass(frozen=True, eq=False)
class Jury:
    """Held-out rows and a score for networks on them.

    Attributes
    ----------
    scoring : str or callable
        The name of a scorer, or ``scoring(estimator, X, y)``, which returns a number; higher is
        better. If it has a parameter ``sample_weight``, it gets the weights. X is an array, as the
        schema reads the table.
    X, y, weights : ndarray
        The held-out rows; y as the user gave it.
    positive : label or None
        The positive one of two classes, for scores such as f1.
    """

    scoring: str | Callable[..., float]
    X: NDArray[np.floating]
    y: NDArray[Any]
    weights: Floats
    positive: Label | None = None

    def score(self, network: Network) -> float:
        """The score of a network."""
        seen = _seen(network, self.X)
        seen_classes = isinstance(seen, ClassifierMixin)
        scorer = of_positive(get_scorer(self.scoring), self.positive)
        if self.scoring == "neg_log_loss" and isinstance(seen, _SeenClassifier):
            # A rare class may be missing in these rows, so the scorer gets all labels.
            scorer = make_scorer(
                log_loss, greater_is_better=False, response_method="predict_proba",
                labels=seen.classes_,
            )  # fmt: skip
        if self.scoring == "neg_log_loss" and isinstance(seen, _SeenLabels):
            return -seen.log_loss(self.X, self.y, self.weights)
        told = {"sample_weight": self.weights} if _takes_weights(scorer) else {}
        try:
            given = scorer(seen, self.X, self.y, **told)
        except ValueError as error:
            averaged = f"{self.scoring}_macro"
            if not isinstance(self.scoring, str):
                raise
            if averaged not in get_scorer_names():
                raise SettingsError(
                    f"{parameter('scoring', self.scoring)} failed: {error}",
                    why="Not every score is for every target",
                    fix=f"take another score, such as {_fitting(of_classes=seen_classes)}",
                ) from error
            raise SettingsError(
                f"scoring={shown(self.scoring)} failed: {error}",
                why="It is a score of one positive class",
                fix=f'for several classes set scoring="{averaged}"',
            ) from error
        except (AttributeError, LookupError, TypeError) as error:
            if isinstance(self.scoring, str):
                raise
            raise SettingsError(
                f"scoring={shown(self.scoring)} failed: {type(error).__name__}: {error}",
                why="It is called as scoring(estimator, X, y) with X as an array of numbers, its "
                "columns in the order of the table, a category as the number of its level",
                fix="take columns by their index, as in X[:, 0]; make a scorer from a metric such "
                "as accuracy_score: scoring=make_scorer(accuracy_score)",
            ) from error
        value = _number(given, self.scoring)
        if not np.isfinite(value):
            raise SettingsError(
                f"scoring={shown(self.scoring)} gave {shown(value)}, not a number, for the "
                "held-out rows",
                where=f"{len(self.X):,} held-out rows",
                fix="take a score that these rows can have, such as neg_log_loss or r2",
            )
        return value


def _number(given: object, scoring: str | Callable[..., float]) -> float:
    """What a scorer returned, as a number."""
    try:
        if not isinstance(given, str):
            return float(given)  # type: ignore[arg-type]  # anything else is refused below
    except (TypeError, ValueError):
        pass
    raise SettingsError(
        f"scoring={shown(scoring)} gave {shown(given)}, not a number",
        why="It is called as scoring(estimator, X, y), and the higher its number, the better",
        fix="return one number from the function, such as float(np.mean(estimator.predict(X) == "
        "y))",
    )


# Squares of targets beyond these powers of 2 come near the ends of float64.
_ORDINARY_POWERS = 250
_FARTHEST = 1e300


def r2_at_any_scale(y: TargetLike, predicted: Floats, weights: WeightsLike = None) -> float:
    """scikit-learn's R², also of targets whose squares overflow or round to 0.

    R² does not depend on the unit of y. Such targets get another one: a power of 2, so that
    nothing is rounded.
    """
    try:
        largest = float(np.max(np.abs(np.asarray(y, np.float64)), initial=0.0))
    except (TypeError, ValueError):
        largest = 0.0  # scikit-learn says what is wrong
    power = int(np.frexp(largest)[1]) if np.isfinite(largest) else 0
    if abs(power) > _ORDINARY_POWERS:
        y = np.ldexp(np.asarray(y, np.float64), -power)
        with np.errstate(over="ignore"):
            scaled = np.ldexp(predicted, -power)
        predicted = np.clip(scaled, -_FARTHEST, _FARTHEST)
    with np.errstate(over="ignore"):  # of predictions that are far off: R² is minus infinity
        return float(r2_score(y, predicted, sample_weight=weights))


def d2_of_levels(
    y: TargetLike, predicted: Floats, levels: Sequence[float], weights: WeightsLike = None
) -> float:
    """The mean over the levels of scikit-learn's ``d2_pinball_score``.

    Of a level it is 1 - (pinball loss of the predictions) / (that of the quantile of these y).

    Parameters
    ----------
    y : array of shape (n_samples,)
    predicted : ndarray of shape (n_samples, n_levels)
    levels : sequence of float
    weights : array of shape (n_samples,), optional
    """
    scores = [
        d2_pinball_score(y, each, sample_weight=weights, alpha=level)
        for each, level in zip(predicted.T, levels, strict=True)
    ]
    return float(np.mean(scores))


def require_score_for(scoring: object, *, of_classes: bool) -> None:
    """Refuse the name of a score for another task: R² of labels means nothing.

    A scorer that the user made is their decision, such as a mean error of grades from 1 to 5.

    Raises
    ------
    SettingsError
    """
    if not isinstance(scoring, str):
        return
    module = get_scorer(scoring)._score_func.__module__
    is_other = module.endswith(_FOR_NUMBERS if of_classes else _FOR_CLASSES)
    if is_other:
        task, other = ("classes", "numbers") if of_classes else ("numbers", "classes")
        raise SettingsError(
            f"{parameter('scoring', scoring)} is a score for {other}, and the target has {task}",
            fix=f"take a score for {task}, such as {_fitting(of_classes=of_classes)}",
        )


def _fitting(*, of_classes: bool) -> str:
    if of_classes:
        return '"neg_log_loss", "balanced_accuracy", or "roc_auc" ("roc_auc_ovr" for several)'
    return '"r2", "neg_root_mean_squared_error" or "neg_mean_absolute_error"'


# The modules of scikit-learn that have the scores of a task.
_FOR_NUMBERS = ("metrics._regression",)
_FOR_CLASSES = ("metrics._classification", "metrics._ranking")


def of_positive(scorer: Callable[..., float], positive: Label | None) -> Callable[..., float]:
    """A scorer of scikit-learn for this positive class, if it scores one and does not name it."""
    function, said = getattr(scorer, "_score_func", None), getattr(scorer, "_kwargs", {})
    if positive is None or function is None or "pos_label" in said:
        return scorer
    one_class = said.get("average", "binary") == "binary"
    if not one_class or "pos_label" not in inspect.signature(function).parameters:
        return scorer
    changed = copy(scorer)
    changed._kwargs = {**said, "pos_label": positive}  # type: ignore[attr-defined]
    return changed


class BestByScore(Resumable):
    """Keeps the θ of the epoch with the highest score, and ends training when patience runs out.

    Parameters
    ----------
    score : callable
        Computes the score of a θ.
    patience : int or None
        End after so many epochs in a row that were not better than the best by more than ``tol``.
    tol : float
    """

    def __init__(self, score: Score, patience: int | None, tol: float) -> None:
        self.score, self.patience, self.tol = score, patience, tol
        self.scores: list[float] = []
        self.losses: list[float] = []  # minus the scores: the lower, the better
        self.theta: Array | None = None
        self.best_epoch, self.best = 0, -np.inf
        self._lowest, self._waited = -np.inf, 0

    def epoch_end(self, moment: Moment) -> bool:
        """Score the epoch; True when patience has run out."""
        value = self.score(moment.theta)
        self.scores.append(value)
        self.losses.append(-value)
        if value > self.best:
            self.best, self.best_epoch, self.theta = value, moment.epoch, moment.theta.copy()
        return self._is_over(value)

    def _is_over(self, value: float) -> bool:
        """Whether patience has run out with this score."""
        self._waited += 1
        if value > self._lowest + self.tol:
            self._lowest, self._waited = value, 0
        return self.patience is not None and self._waited >= self.patience

    def packed(self) -> dict[str, NDArray[Any]]:
        """The scores, and θ with the best of them."""
        found = {"scores": np.array(self.scores)}
        return found if self.theta is None else {**found, "theta": self.theta}

    def resume(
        self, arrays: dict[str, NDArray[Any]], history: History, theta: Array, *, ended: bool
    ) -> None:
        """Take these scores; which of them is the best follows from them."""
        del ended
        scores, best = arrays.pop("scores", np.empty(0)), arrays.pop("theta", None)
        if arrays or scores.dtype != np.float64 or scores.shape != (len(history),):
            raise ValueError("Its scores are not those of its epochs")
        for epoch, value in enumerate(scores.tolist(), 1):
            self.scores.append(value)
            self.losses.append(-value)
            if value > self.best:
                self.best, self.best_epoch = value, epoch
            self._is_over(value)
        if (best is not None) != (self.best_epoch > 0):
            raise ValueError("Its best score has no weights")
        if best is not None:
            if best.shape != theta.shape or best.dtype != theta.dtype:
                raise ValueError("Its best weights are not those of its network")
            self.theta = best.copy()


def _takes_weights(scorer: Callable[..., float]) -> bool:
    function = getattr(scorer, "_score_func", scorer)
    return "sample_weight" in inspect.signature(function).parameters


class _Seen(BaseEstimator):
    """A network as an estimator for scorers."""

    def __init__(self, network: Network, X: NDArray[np.floating]) -> None:
        self.network, self.X = network, X
        self.fitted_ = True

    def _outputs(self, X: NDArray[np.floating]) -> Floats:
        return outputs_of([self.network], X)


class _SeenClassifier(ClassifierMixin, _Seen):
    @property
    def classes_(self) -> NDArray[Any]:
        """The labels, sorted."""
        return self._classes.labels

    @property
    def _classes(self) -> Classes:
        assert isinstance(self.network.outputs, Classes)
        return self.network.outputs

    def predict_proba(self, X: NDArray[np.floating]) -> Floats:
        """Probability of each class."""
        return self._classes.probabilities(self._outputs(X))

    def decision_function(self, X: NDArray[np.floating]) -> Floats:
        """The logit for two classes, or the logarithms of the probabilities."""
        return self._classes.decision(self._outputs(X))

    def predict(self, X: NDArray[np.floating]) -> NDArray[Any]:
        """The label of each row."""
        return self.classes_[self._classes.call(self.predict_proba(X))]


class _SeenLabels(ClassifierMixin, _Seen):
    """Several labels, of which the second class is the positive one."""

    @property
    def classes_(self) -> Any:
        """As the estimator has it."""
        return self._several.classes

    @property
    def _several(self) -> SeveralOutputs:
        assert isinstance(self.network.outputs, SeveralOutputs)
        return self.network.outputs

    def predict_proba(self, X: NDArray[np.floating]) -> Floats:
        """The probability of the second class of each label."""
        several = self._several
        return several.probabilities(self._outputs(X), [1] * several.n_outputs)

    def decision_function(self, X: NDArray[np.floating]) -> Floats:
        """The logit of each label."""
        logits: Floats = self._outputs(X)[0]
        return logits

    def log_loss(self, X: NDArray[np.floating], y: NDArray[Any], weights: Floats) -> float:
        """The mean over the labels; scikit-learn's takes them for classes of one target."""
        of_labels = zip(self.predict_proba(X).T, self._several.numbers(y).T, strict=True)
        losses = [
            log_loss(codes, p, sample_weight=weights, labels=[0, 1]) for p, codes in of_labels
        ]
        return float(np.mean(losses))

    def predict(self, X: NDArray[np.floating]) -> NDArray[Any]:
        """The label of each target."""
        return self._several.labels((self.predict_proba(X) > 0.5).astype(np.intp))


class _SeenRegressor(RegressorMixin, _Seen):
    def predict(self, X: NDArray[np.floating]) -> Floats:
        """The value of each row."""
        outputs = self.network.outputs
        assert isinstance(outputs, Values | Quantiles | SeveralOutputs)
        values = outputs.values(self._outputs(X)[0])
        return in_order([values]) if isinstance(outputs, Quantiles) else values


def _seen(network: Network, X: NDArray[np.floating]) -> BaseEstimator:
    """The network as an estimator of its task."""
    outputs = network.outputs
    if isinstance(outputs, SeveralOutputs):
        return _SeenLabels(network, X) if outputs.of_classes else _SeenRegressor(network, X)
    return (
        _SeenClassifier(network, X) if isinstance(outputs, Classes) else _SeenRegressor(network, X)
    )


def jury_of(
    lesson: Lesson,
    here: Place,
    architecture: Architecture,
    held_out: Rows,
    scoring: str | Callable[..., float],
    positive: Label | None,
    settings: Settings,
) -> BestByScore:
    """What scores a network on its held-out rows, epoch by epoch."""
    y: NDArray[Any] = lesson.y[held_out]
    of_two = None
    if isinstance(lesson.outputs, Classes):
        y = lesson.outputs.labels[y.astype(np.intp)]
        of_two = positive_class(positive, lesson.outputs.labels)
    elif isinstance(lesson.outputs, SeveralOutputs) and lesson.outputs.of_classes:
        y = lesson.outputs.labels(y.astype(np.intp))
    jury = Jury(scoring, lesson.X[held_out], y, lesson.weights[held_out], of_two)

    def score(theta: NDArray[np.floating]) -> float:
        return jury.score(
            Network(here.encoder, architecture, theta, here.outputs, [], 0, Status.RUNNING)
        )

    return BestByScore(score, settings.patience, settings.tol)
