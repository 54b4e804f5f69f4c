"""The rows that choose a threshold: those of a table without training rows, or held-out ones."""

import numpy as np

from thalweg.errors import DataError
from thalweg.estimators.classifier import ThalwegClassifier
from thalweg.estimators.deciding.calibrated_predictions import map_of
from thalweg.evaluation.answers import Answers, answers_of
from thalweg.evaluation.any_estimator.row_origin import Origin
from thalweg.evaluation.conformal.class_scores import ClassScores


def all_trained(model: ThalwegClassifier, name: str, origin: Origin) -> DataError:
    """The error for a table without a row that could choose or show something."""
    what = (
        "The model was trained on all of these rows"
        if origin.exact
        else "The model file takes each of these rows for one that the model was trained on"
    )
    instead = "" if _held_out(model) is None else ", or leave out TABLE"
    return DataError(
        what,
        where=name,
        why="On them it is better than on new rows, so they can choose and show nothing",
        fix=f"give rows that it was not trained on{instead}",
    )


def _held_out(model: ThalwegClassifier) -> list[np.ndarray] | None:
    """The answers of the held-out rows of the fit by class, if the model file has all of them."""
    scores = model._known.conformal
    alone = isinstance(scores, ClassScores) and model._known.also in (None, "targets")
    return scores.of_all_rows() if alone and isinstance(scores, ClassScores) else None


def _why_not_held_out(model: ThalwegClassifier) -> str:
    """Why a model file has no answers of all held-out rows."""
    if model._known.also == "groups":
        return "with groups of rows, one random row of each is kept"
    if model._known.also == "times":
        return "in time order, not every row is held out"
    if model._known.also in ("epochs", "batches"):
        return "after further training they are those of other networks"
    if model._known.weights_hash:
        return "with weights of rows they do not stand for single rows"
    return "this fit held out no rows, or not each of them once"


def out_of_fold(model: ThalwegClassifier) -> Answers:
    """The answers of the held-out rows of the fit, if the model file has all of them."""
    own = _held_out(model)
    if own is None:
        raise DataError(
            "The model file does not have the answers of all held-out rows of its fit",
            why=f"They choose the threshold if no table is named; {_why_not_held_out(model)}",
            fix="name a TABLE of rows that the model was not trained on",
        )
    place = int(model.classes_[1] == model.positive_)
    answer = np.concatenate((own[place], 1 - own[1 - place]))
    if (calibration := map_of(model._known)) is not None:
        answer = calibration.apply(answer)  # the threshold is for corrected probabilities
    truth = np.repeat([True, False], [len(own[place]), len(own[1 - place])])
    return answers_of(truth, answer, how="out-of-fold")
