"""The sections of an evaluation beside its verdict: from the answers to plain data."""

from typing import Any, cast

import numpy as np
import pandas as pd

from thalweg.errors import SettingsError
from thalweg.evaluation.answers import Answers
from thalweg.evaluation.any_estimator.held_by_other_rows import held_by_others
from thalweg.evaluation.computed_sections import Covered, sections_of
from thalweg.evaluation.judged_test_set import Verdict
from thalweg.evaluation.judging.shapes import VerdictData
from thalweg.evaluation.section_shapes import SectionsData
from thalweg.evaluation.task_judging import SeveralClasses, Task, TwoClasses
from thalweg.evaluation.task_kinds import ONE_NUMBER

LEVEL = 0.9


def with_sections(plain: VerdictData, sections: SectionsData) -> VerdictData:
    """A verdict with its sections, as reports and model files have them."""
    return cast(VerdictData, {**plain, "sections": sections})


def sections_of_verdict(
    verdict: Verdict, task: Task, model: Any, frame: pd.DataFrame | None, seed: int
) -> SectionsData:
    """The sections of a verdict; of repeated cross-validation, those of the first repetition.

    Parameters
    ----------
    verdict : Verdict
    task : Task
    model : ThalwegClassifier or ThalwegRegressor
        Fitted; of cross-validation, one of the models.
    frame : DataFrame or None
        The table, if ``model`` alone answered: intervals and sets are then its own. Otherwise those
        of each fold are made from the errors of the other folds.
    seed : int
    """
    places = verdict.places
    rows = None if frame is None or places is None else frame.iloc[places]
    simpler = next(iter(verdict.others.values()), None)
    return sections_of_answers(verdict.answers, task, model, rows, seed, simpler)


def sections_of_answers(
    answers: Answers,
    task: Task,
    model: Any,
    rows: pd.DataFrame | None,
    seed: int,
    simpler: Answers | None = None,
) -> SectionsData:
    """The sections of some answers.

    Parameters
    ----------
    answers, task, model, seed
        As in `sections_of_verdict`.
    rows : DataFrame or None
        The rows that the answers are for, if ``model`` alone answered.
    simpler : Answers, optional
        Of the simpler model.
    """
    chosen = getattr(model, "_chosen", None)
    return sections_of(
        answers,
        kind=task.kind,
        classes=[str(label) for label in labels_of(task)],
        threshold=0.5 if chosen is None else chosen,
        costs=costs_of(task, model),
        other=simpler,
        covered=_covered(answers, task, model, rows, seed),
        seed=seed,
    ).as_dict()


def _covered(
    answers: Answers, task: Task, model: Any, rows: pd.DataFrame | None, seed: int
) -> Covered | None:
    """Intervals or sets of the rows; None where there are too few rows for them."""
    name = "predict_interval" if task.kind is ONE_NUMBER else "predict_set"
    labels = labels_of(task)
    try:
        if rows is None:
            names = None if task.kind is ONE_NUMBER else [str(label) for label in labels]
            return Covered(held_by_others(answers, LEVEL, names, seed), LEVEL)
        if not hasattr(model, name):
            return None
        held = np.asarray(getattr(model, name)(rows, confidence_level=LEVEL))
    except SettingsError:
        return None
    if labels:
        own = model.classes_.tolist()
        missing = [label for label in labels if label not in own]
        if missing:
            return None
        held = np.stack([held[:, own.index(label)] for label in labels], axis=1)
    return Covered(held, LEVEL)


def labels_of(task: Task) -> list[Any]:
    """The classes in the order of probabilities; of two, the negative one first."""
    if isinstance(task, TwoClasses):
        return [task.negative, task.positive]
    return task.labels.tolist() if isinstance(task, SeveralClasses) else []


def costs_of(task: Task, model: Any) -> np.ndarray | None:
    """What a mistake on each of several classes costs a thalweg classifier."""
    own = getattr(getattr(model, "_classes", None), "costs", None)
    if own is None or not isinstance(task, SeveralClasses):
        return None
    costs = np.ones(len(task.labels))
    costs[np.searchsorted(task.labels, model.classes_)] = own
    return costs
