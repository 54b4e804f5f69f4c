"""The loss of each row, as importance measures it, and that of a constant answer.

===========  ===============================  ====================================
task         loss of a row                    constant
===========  ===============================  ====================================
classes      -log p of its class, in nats     the shares of the classes
a number     the training loss of the model   the constant with the lowest such loss:
             (``regression_loss``): squared   of squared errors the mean
             error, if none is known
===========  ===============================  ====================================

The mean of squared errors, and not its root, because rises of it are means over rows: they have the
interval of a mean, and those of unrelated columns add up. The measure is that by which ``evaluate``
compares models; RMSE is its root. A model of a quantile is measured by its own loss, because the
squared error would rank what moves the mean.

A probability of 0 for the class of a row would make the mean infinite, whatever the other rows say:
it counts as 2⁻⁵², 36 nats, as in the intervals of log-loss.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thalweg.errors import DataError
from thalweg.evaluation.comparing.beside_constant import BesideConstant
from thalweg.evaluation.judging.baselines import TrainingPart
from thalweg.evaluation.judging.closed_form_intervals import MOST_LOSS
from thalweg.evaluation.judging.multiclass_metrics import checked_classes, log_losses
from thalweg.evaluation.judging.regression_metrics import checked_values
from thalweg.evaluation.judging.two_class_metrics import checked_rows, log_losses_of_two
from thalweg.evaluation.task_judging import OneNumber, SeveralClasses, Task
from thalweg.wording import amount, counted

Floats = NDArray[np.float64]

SQUARED_ERROR = "squared error"


@dataclass(frozen=True, eq=False)
class RowLosses:
    """The losses of rows.

    Parameters
    ----------
    task : Task
        Of the fitted model: in regression it knows its loss.
    truth : ndarray, shape (n_rows,)
        As the task compares it with predictions.
    constant : ndarray of float64, optional
        What the best constant of the training rows predicts, for each row or in one row for all;
        None if it is not known.
    beside : BesideConstant, optional
        The comparison with the constant that a verdict on these rows has.
    """

    task: Task
    truth: np.ndarray
    constant: np.ndarray | None = None
    beside: BesideConstant | None = None

    @property
    def measure(self) -> str:
        """What is measured, in words: ``log-loss``, ``squared error``, ``pinball loss at 0.9``.

        A Huber loss is not in the target's unit, so it names its own.
        """
        if not isinstance(self.task, OneNumber):
            return self.task.measure
        own = self.task.own
        if own.key == "huber":
            return (
                f"{own.name} (of errors in standard deviations of the target: {amount(own.unit)})"
            )
        return SQUARED_ERROR if own.key == "rmse" else own.name

    @property
    def unit(self) -> str:
        """``nats`` of a log-loss; "" of a number."""
        return self.task.kind.unit or ""

    def of(self, answer: np.ndarray, rows: np.ndarray | None = None) -> Floats:
        """The loss of each row for these predictions.

        Parameters
        ----------
        answer : ndarray, shape (n_rows,) or (n_rows, n_classes)
        rows : ndarray of int, optional
            Which rows they are of; default: all.
        """
        truth = self.truth if rows is None else self.truth[rows]
        if isinstance(self.task, OneNumber):
            return self.task.own.losses(*checked_values(truth, answer))
        if isinstance(self.task, SeveralClasses):
            losses = log_losses(*checked_classes(truth, answer))
        else:
            losses = log_losses_of_two(*checked_rows(truth, answer))
        return np.asarray(np.minimum(losses, MOST_LOSS), dtype=np.float64)

    def constant_answer(self, weights: np.ndarray | None = None) -> tuple[str, Floats]:
        """A constant answer: its name, and what it predicts for each row.

        It is the one that is known from the training rows, else the best one for these very rows.
        """
        name = self.task.kind.constant
        if isinstance(self.task, OneNumber):
            name = self.task.own.best_constant()[0]
        n_rows = len(self.truth)
        if self.constant is not None:
            one = np.asarray(self.constant, np.float64)
            shape = (n_rows, *one.shape[1:])
            return name, np.ascontiguousarray(np.broadcast_to(one, shape))
        w = np.ones(n_rows) if weights is None else weights
        places = np.zeros((n_rows, 1))
        return name, self.task.baselines()[name](TrainingPart(places, self.truth, w))(places)

    def require_lower(self, own: float, of_constant: float, name: str, n_rows: int) -> None:
        """Raise a DataError if a mean loss is no lower than that of the constant answer.

        A verdict over folds, or on more rows than these, can call such a model better.
        """
        if own < of_constant:
            return
        unit = f" {self.unit}" if self.unit else ""
        raise DataError(
            "Importance has no scale on these rows",
            where=f"{self.measure} {amount(own)}{unit} in {counted(n_rows, 'row')}; "
            f'"{name}" has {amount(of_constant)}',
            why="It is a share of the way from the constant answer to the model, and a few rows "
            "with large losses leave no such way",
            fix="give more rows that the model was not trained on",
        )

    def require_finite(self, losses: Floats) -> None:
        """Raise a DataError if the losses of the model have no mean."""
        if not np.isfinite(losses).all() or not np.isfinite(losses.sum()):
            raise DataError(
                f"The {self.measure} of a row is not a finite number",
                where=f"row {int(np.argmin(np.isfinite(losses))) + 1} of those used",
                why="Its mean over the rows does not exist",
                fix="give the target in a larger unit, or leave such rows out",
            )
