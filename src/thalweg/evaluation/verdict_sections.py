"""The sections of an evaluation beside its verdict: from the answers to plain data."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

import numpy as np
import pandas as pd

from thalweg.errors import SettingsError
from thalweg.evaluation.answers import Answers
from thalweg.evaluation.any_estimator.held_by_other_rows import held_by_others
from thalweg.evaluation.computed_sections import Covered, NotCovered, sections_of
from thalweg.evaluation.judged_test_set import Verdict
from thalweg.evaluation.judging.shapes import VerdictData
from thalweg.evaluation.section_shapes import SectionsData
from thalweg.evaluation.task_judging import OneNumber, SeveralClasses, Task, TwoClasses
from thalweg.evaluation.task_kinds import ONE_NUMBER, SEVERAL_QUANTILES

LEVEL = 0.9


@dataclass(frozen=True, eq=False)
class BesideAnswers:
    """What a person asked of the sections.

    Parameters
    ----------
    by : mapping of str to ndarray, shape (n_samples,)
        Columns of the table whose groups are evaluated.
    benefit : (float or None, float or None)
        The range of thresholds of net benefit; None: a default.
    """

    by: Mapping[str, np.ndarray] = field(default_factory=dict)
    benefit: tuple[float | None, float | None] = (None, None)

    def at(self, places: np.ndarray | None) -> "BesideAnswers":
        """The same with the columns of these rows of the table."""
        if places is None or not self.by:
            return self
        return replace(self, by={name: values[places] for name, values in self.by.items()})


_NOTHING = BesideAnswers()


def with_sections(plain: VerdictData, sections: SectionsData) -> VerdictData:
    """A verdict with its sections, as reports and model files have them."""
    return cast(VerdictData, {**plain, "sections": sections})


def sections_of_verdict(
    verdict: Verdict,
    task: Task,
    model: Any,
    frame: pd.DataFrame | None,
    seed: int,
    asked: BesideAnswers = _NOTHING,
    own: np.ndarray | None = None,
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
    asked : BesideAnswers
        Its columns have a value for each row of the table.
    own : ndarray of float, shape (n_samples, 2), optional
        For each row of the table, the scaled interval from the model of its fold.
    """
    places = verdict.places
    rows = None if frame is None or places is None else frame.iloc[places]
    simpler = next(iter(verdict.others.values()), None)
    if own is not None and places is not None:
        own = own[places]
    return sections_of_answers(
        verdict.answers, task, model, rows, seed, simpler, asked.at(places), own
    )


def sections_of_answers(
    answers: Answers,
    task: Task,
    model: Any,
    rows: pd.DataFrame | None,
    seed: int,
    simpler: Answers | None = None,
    asked: BesideAnswers = _NOTHING,
    own: np.ndarray | None = None,
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
    asked : BesideAnswers
        Its columns have a value for each answer.
    own : ndarray of float, shape (n_samples, 2), optional
        For each answer, the scaled interval from its model.
    """
    covered = _covered(answers, task, model, rows, seed)
    if own is not None:
        covered = Covered(own, LEVEL, scaled=True)
    chosen = getattr(model, "_chosen", None)
    found = sections_of(
        answers,
        kind=task.of(model).kind,
        classes=[str(label) for label in labels_of(task)],
        threshold=0.5 if chosen is None else chosen,
        costs=costs_of(task, model),
        other=simpler,
        covered=covered,
        by=asked.by,
        benefit=asked.benefit,
        quantile=quantile_of(task.of(model)),
        own_loss=is_of_own_loss(task.of(model)),
        seed=seed,
    )
    return replace(found, grades=tuple(task.of(model).facts().get("grades", ()))).as_dict()


def _covered(
    answers: Answers, task: Task, model: Any, rows: pd.DataFrame | None, seed: int
) -> Covered | NotCovered | None:
    """Intervals or sets of the rows, or why there are none; None of several quantiles."""
    if task.of(model).kind is SEVERAL_QUANTILES:
        return None
    name = "predict_interval" if task.kind is ONE_NUMBER else "predict_set"
    labels = labels_of(task)
    try:
        if rows is None:
            names = None if task.kind is ONE_NUMBER else [str(label) for label in labels]
            return Covered(held_by_others(answers, LEVEL, names, seed), LEVEL)
        held = np.asarray(getattr(model, name)(rows, confidence_level=LEVEL))
    except SettingsError as error:
        return NotCovered(f"{error.what[:1].lower()}{error.what[1:]}")
    except AttributeError as error:  # some models have none, and say why
        return NotCovered(str(error).partition(": ")[2].partition(". Fix:")[0] or "it has none")
    if labels:
        own = model.classes_.tolist()
        missing = [label for label in labels if label not in own]
        if missing:
            return NotCovered(f"the model does not know the class {missing[0]}")
        held = np.stack([held[:, own.index(label)] for label in labels], axis=1)
    return Covered(held, LEVEL, scaled=has_scaled_intervals(model))


def has_scaled_intervals(model: Any) -> bool:
    """Whether a fitted model gives intervals that are wide where errors are large."""
    return getattr(model, "interval_kind_", None) == "scaled"


def quantile_of(task: Task) -> float | None:
    """The level of the quantile that a regression predicts; None of a mean, and of classes."""
    own = getattr(task, "task", task)  # a task without baselines has another one
    return own.own.quantile if isinstance(own, OneNumber) else None


def is_of_own_loss(task: Task) -> bool:
    """Whether a person wrote the loss of a regression."""
    own = getattr(task, "task", task)
    return isinstance(own, OneNumber) and own.own.key == "own"


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
