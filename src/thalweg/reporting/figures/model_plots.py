"""The figures of a fitted model: gets the numbers from the model, and `plots` draws them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import is_classifier
from sklearn.utils.validation import check_is_fitted, column_or_1d

from thalweg.data.arrays.masked_cells import unmasked
from thalweg.data.typing import TableLike, TargetLike
from thalweg.errors import DataError
from thalweg.estimators.learning.class_codes import as_classes
from thalweg.estimators.outputs.target_outputs import one_answer
from thalweg.estimators.parameters.auto_by_width import optimizer_text
from thalweg.evaluation.judging.regression_metrics import checked_values, judge_values
from thalweg.evaluation.judging.threshold_curves import curves
from thalweg.evaluation.judging.two_class_metrics import judge
from thalweg.reporting.figures.picture import Picture
from thalweg.reporting.figures.plots import confusion_figure, history_figure, roc_figure
from thalweg.reporting.figures.prediction_plot import predictions_figure
from thalweg.reporting.figures.rate_plot import rate_figure
from thalweg.training.lr_find import RateSearch
from thalweg.wording import counted

if TYPE_CHECKING:
    from thalweg.estimators.classifier import ThalwegClassifier

_HELD_OUT = {
    "cross-validation": "held out, mean over the folds",
    "hold-out": "held out",
    "validation": "given validation rows",
    "folds": "held out, its fold",
    "none": "held out",
}


def plot_history(model: Any, *, dark: bool = False) -> Picture:
    """Draw the loss of every epoch, and mark the epoch that was kept.

    Parameters
    ----------
    model : ThalwegClassifier
        Fitted. With cross-validated epochs, the curve ends where their number was chosen; of
        several networks, the first one is drawn.
    dark : bool, default False
        Light text on a dark page.

    Returns
    -------
    matplotlib.figure.Figure
    """
    check_is_fitted(model)
    ways = {
        "cross-validation": "epochs by cross-validation",
        "folds": "epochs by its fold",
        "validation": "epochs by the given validation rows",
        "hold-out": "epochs by a hold-out",
    }
    way = ways.get(model.stopping_, "no row held out")
    sizes = " → ".join(f"{size:,}" for size in model.architecture_.sizes)
    several = len(model.members_)
    which = f"Network 1 of {several:,}, {sizes}" if several > 1 else f"Network {sizes}"
    return history_figure(
        model.history_,
        model.best_epoch_,
        held_out=_HELD_OUT[model.stopping_],
        quantity="mean loss of a row, nats" if hasattr(model, "classes_") else "mean loss of a row",
        subtitle=f"{which}; {way}; seed {model.seed_}",
        dark=dark,
    )


def plot_lr_find(model: Any, search: RateSearch, *, dark: bool = False) -> Picture:
    """Draw the loss after each step of a learning rate search, and mark the suggested rate.

    Parameters
    ----------
    model : ThalwegClassifier or ThalwegRegressor
        Fitted or not; the figure names its update rule and its batch size.
    search : RateSearch
        The result of its `lr_find`.
    dark
        As in `plot_history`.

    Returns
    -------
    matplotlib.figure.Figure
        The loss against the learning rate of each step.

    Raises
    ------
    DataError
        If no step had a finite loss.
    """
    unit, rule = (
        "mean loss of a row, penalties included",
        optimizer_text(model.get_params()).split(":")[0],
    )
    return rate_figure(
        search,
        quantity=f"{unit}, nats" if is_classifier(model) else unit,
        subtitle=rule if model.batch_size == "auto" else f"{rule}, batches of {model.batch_size}",
        dark=dark,
    )


def plot_confusion_matrix(
    model: Any,
    X: TableLike,
    y: TargetLike,
    *,
    threshold: float | Sequence[float] | None = None,
    dark: bool = False,
) -> Picture:
    """Draw the confusion matrix of two classes.

    Parameters
    ----------
    model : ThalwegClassifier
        Fitted.
    X : DataFrame or array of shape (n_samples, n_features)
        Rows to predict; to evaluate the model, take rows that it was not trained on.
    y : array of shape (n_samples,)
        The true labels.
    threshold : float or up to three of them, optional
        A row is called positive if its probability is above the threshold; default: the model's.
    dark
        As in `plot_history`.

    Returns
    -------
    matplotlib.figure.Figure
        Four cells for each threshold.

    Raises
    ------
    DataError
        If a label is not one of the model's, or X and y have different lengths.
    """
    truth, probability = _judged(model, X, y)
    thresholds = np.atleast_1d(model.threshold_ if threshold is None else threshold).tolist()
    return confusion_figure(
        {each: judge(truth, probability, threshold=each).confusion for each in thresholds},
        *_classes(model),
        subtitle=_rows(model, truth),
        dark=dark,
    )


def plot_roc(model: Any, X: TableLike, y: TargetLike, *, dark: bool = False) -> Picture:
    """Draw the ROC curve, with its area (AUC) and the model's own threshold.

    Parameters
    ----------
    model, X, y, dark
        As in `plot_confusion_matrix`; with rows of both classes.

    Returns
    -------
    matplotlib.figure.Figure
        The curve and its area.

    Raises
    ------
    DataError
        If a label is not one of the model's, X and y have different lengths, or a class has no
        row.
    """
    truth, probability = _judged(model, X, y)
    judgement, curve = (
        judge(truth, probability, threshold=model.threshold_),
        curves(truth, probability),
    )
    auc, counts = judgement.metrics["auc"], judgement.confusion
    positive, negative = _classes(model)
    return roc_figure(
        curve.roc_false_positive,
        curve.roc_true_positive,
        (auc.value, auc.low, auc.high),
        positive=positive,
        negative=negative,
        at=(judgement.threshold, counts["false_positive"], counts["true_positive"]),
        subtitle=_rows(model, truth),
        dark=dark,
    )


def plot_predictions(model: Any, X: TableLike, y: TargetLike, *, dark: bool = False) -> Picture:
    """Draw predicted against true values, and the residuals.

    Parameters
    ----------
    model : ThalwegRegressor
        Fitted.
    X, y, dark
        As in `plot_confusion_matrix`.

    Returns
    -------
    matplotlib.figure.Figure
        Predicted against true values, and the histogram of the residuals.

    Raises
    ------
    DataError
        If X and y have different lengths, or a value is not a number.
    """
    check_is_fitted(model)
    one_answer(model.members_[0].outputs, "The picture of predictions")
    predicted = model.predict(X)
    truth, predicted = checked_values(column_or_1d(np.asarray(unmasked(y))), predicted)
    judgement = judge_values(truth, predicted)
    return predictions_figure(
        truth,
        predicted,
        {name: each.value for name, each in judgement.metrics.items()},
        subtitle=f"{counted(len(truth), 'row')}; seed {model.seed_}",
        dark=dark,
    )


def _judged(
    model: "ThalwegClassifier", X: TableLike, y: TargetLike
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Whether each row is positive, and the model's probability of that."""
    check_is_fitted(model)
    if len(model.classes_) != 2:
        raise DataError(
            f"This figure is for two classes, and the model has {len(model.classes_)}",
            fix="see thalweg.evaluation.judging.multiclass_metrics.judge_classes for the recall "
            "and the confusion matrix of several classes",
        )
    probability = model._probabilities(X)[:, int(model.classes_[1] == model.positive_)]
    labels = as_classes(column_or_1d(np.asarray(unmasked(y))), model.classes_)
    known = np.isin(labels, model.classes_)
    if not known.all():
        row = int(np.argmin(known))
        raise DataError(
            f'The label "{labels[row]}" is not a class of the model',
            where=f"row {row}",
            fix='give labels that are "{}" or "{}"'.format(*model.classes_),
        )
    return np.asarray(labels == model.positive_), probability


def _classes(model: "ThalwegClassifier") -> tuple[str, str]:
    """The names of the positive and the negative class."""
    place = int(model.classes_[1] == model.positive_)
    return str(model.classes_[place]), str(model.classes_[1 - place])


def _rows(model: "ThalwegClassifier", truth: NDArray[np.bool_]) -> str:
    positive, negative = _classes(model)
    n = int(truth.sum())
    return (
        f"{counted(len(truth), 'row')}: {n:,} {positive}, {len(truth) - n:,} {negative}; "
        f"seed {model.seed_}"
    )
