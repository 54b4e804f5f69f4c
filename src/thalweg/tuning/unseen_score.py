"""What a search is worth on rows that nothing of it has seen: tuned and default, with an interval.

The rows choose nothing: neither a trial, nor its weight, nor whether the model is the tuned one.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from thalweg.data.typing import GroupsLike, TableLike, TargetLike, WeightsLike
from thalweg.errors import DataError
from thalweg.estimators.parameters.parameter import CLASSIFIER
from thalweg.evaluation.any_estimator.inputs.asked_rows import checked_groups, checked_target
from thalweg.evaluation.any_estimator.wrapped_estimator import places_table
from thalweg.evaluation.comparing.compared_answers import compare_answers
from thalweg.evaluation.comparing.margin_rule import BETTER, WORSE, Ruling
from thalweg.evaluation.comparing.rounded_limits import on_its_side
from thalweg.evaluation.comparing.ruling_sentences import too_few
from thalweg.evaluation.judged_table import JudgedTable
from thalweg.evaluation.task_judging import OneNumber, Task, task_of
from thalweg.tuning.trial_fits import Model
from thalweg.wording import amount, counted, even, shown


class UnseenRows(NamedTuple):
    """Rows that a search does not get, as a person gives them."""

    X: TableLike
    y: TargetLike
    sample_weight: WeightsLike = None
    groups: GroupsLike = None


@dataclass(frozen=True)
class UnseenScore:
    """The loss of the tuned model and of the default on rows that nothing has seen.

    Attributes
    ----------
    tuned, default : float
    ruling : Ruling
        Tuned compared with default by the one rule of the project: the difference with its
        intervals, and the verdict.
    n_rows : int
    is_of_search : bool
        Whether each of the rows equals one that the search had.
    """

    tuned: float
    default: float
    ruling: Ruling
    n_rows: int
    is_of_search: bool = False

    @property
    def _on_rows(self) -> str:
        rows = f"On {counted(self.n_rows, 'row')}"
        if self.is_of_search:
            return f"{rows} that the search had, so that the losses are too good"
        return f"{rows} that nothing has seen"

    def sentence(self) -> str:
        """What was found, in a sentence."""
        found, measure = self.ruling, self.ruling.measure
        rows = self._on_rows
        d = found.difference.at_95
        if d.low == d.high == 0:
            return f"{rows}, both are the same: {measure} {amount(self.default)}."
        said = "is not shown to be better than the default"
        if found.verdict.startswith(BETTER):
            said = "is better than the default"
        elif found.verdict.startswith(WORSE):
            said = "is worse than the default"
        if found.is_of_few:
            said += f", as {too_few(found, self.n_rows)}"
        said += (
            found.verdict.removeprefix(BETTER).removeprefix(WORSE) if "," in found.verdict else ""
        )
        mine, default = even((self.tuned, self.default))
        by, low, high = on_its_side((d.value, d.low, d.high), 0, 3, signed=True)
        return (
            f"{rows}, the tuned model {said}: {measure} {mine} instead of {default}, "
            f"difference {by} [{low}, {high}]."
        )

    def of_default(self) -> str:
        """What the default has, where there is no tuned model."""
        measure = self.ruling.measure
        of = f"{'an' if measure[:1] in 'ARaeio' else 'a'} {measure} of {amount(self.default)}"
        return f"{self._on_rows}, the default has {of}."

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "loss_name": self.ruling.measure, "tuned": self.tuned, "default": self.default,
            "difference": {**self.ruling.as_dict()}, "n_rows": self.n_rows,
            "sentence": self.sentence(),
        }  # fmt: skip


def unseen_score(tuned: Model, default: Model, rows: UnseenRows, seed: int) -> UnseenScore:
    """Evaluate both models on rows that the search did not get.

    Parameters
    ----------
    tuned, default : ThalwegClassifier or ThalwegRegressor
        Fitted.
    rows : UnseenRows
    seed : int
        Of the intervals.

    Raises
    ------
    DataError
        If the rows have labels that the models do not know, or do not fit the table.
    """
    y = np.asarray(rows.y)
    regression = default._kind != CLASSIFIER
    y = checked_target(y, len(y), regression=regression)
    if not regression:
        _require_known(y, default.classes_)
    weights = None if rows.sample_weight is None else np.asarray(rows.sample_weight, np.float64)
    table = JudgedTable.of(
        places_table(len(y)), y, np.arange(len(y))[:, np.newaxis], (),
        checked_groups(rows.groups, len(y)), None, weights,
    )  # fmt: skip
    task = _task(default, regression)
    every = np.arange(len(table.y))
    asked = {
        name: table.given_rows(task.ask(model, rows.X))  # type: ignore[arg-type]
        for name, model in (("tuned", tuned), ("default", default))
    }
    answers = table.answers(task.truth(table.y), asked, every)
    ruling = compare_answers(task, [(answers["tuned"], answers["default"])], margin=None, seed=seed)
    return UnseenScore(
        float(task.alone(answers["tuned"])),
        float(task.alone(answers["default"])),
        ruling,
        len(answers["default"]),
        default._origin_of(rows.X, y).how == "training",
    )


def _require_known(y: np.ndarray, classes: np.ndarray) -> None:
    """Refuse labels that no row of the search had: of two classes they would count as the other."""
    strange = np.flatnonzero(~np.isin(y, classes))
    if len(strange):
        raise DataError(
            f"The label {shown(y[strange[0]])} of the test rows is in no row of the search",
            where=f"y_test, row {strange[0] + 1}",
            why=f"No model can predict it; y_test has {counted(len(strange), 'row')} of such a "
            "label",
            fix="leave these rows out, or give the search some of them",
        )


def _task(model: Model, regression: bool) -> Task:
    if regression:
        return OneNumber().of(model)
    return task_of(model.classes_, model.positive_).of(model)
