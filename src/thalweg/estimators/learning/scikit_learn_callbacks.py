"""Support for scikit-learn's own callbacks (``set_callbacks``, from version 1.9 on).

A fit is a task, each kept network is a subtask of it, and each epoch a subtask of that::

    fit ── network 0 ── epoch 0, epoch 1, …
        └─ network 1 ── …

Folds that only find the number of epochs are no tasks; thalweg's own callbacks are not called for
them either. The end of a network or an epoch passes a model of that network alone, so that a score
is that of the network whose task it is. A fit that fails ends no task, as in scikit-learn, which
then calls ``teardown``. A fit that is interrupted and keeps its result ends every task that it
began. Callbacks change no number, but
networks are then trained one after another.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.errors import Status
from thalweg.estimators.available_methods import Heard
from thalweg.estimators.fitted import Fitted, ShowsFitted
from thalweg.estimators.learning.early_stopping_splits import Rows
from thalweg.estimators.learning.encoded_training_data import Place, place, starting_point
from thalweg.estimators.learning.fit_plan import FitPlan
from thalweg.estimators.learning.fitted_networks import Network
from thalweg.estimators.learning.train_networks import Recipe
from thalweg.training.callbacks import Callback, Moment
from thalweg.training.history import History


@contextmanager
def told_of_fit(estimator: ShowsFitted, plan: FitPlan) -> Iterator[Recipe]:
    """The recipe of a fit, with a callback that calls scikit-learn's callbacks if some are set.

    Parameters
    ----------
    estimator : NetworkEstimator
    plan : FitPlan
        The plan of the fit; scikit-learn's callbacks get the rows as given.
    """
    recipe, given = plan.recipe, plan.given
    if not getattr(estimator, "_skl_callbacks", ()):
        yield recipe
        return
    metadata = None if given.sample_weight is None else {"sample_weight": given.sample_weight}
    shown = {"estimator": estimator, "X": given.X, "y": given.y, "metadata": metadata}
    # The training rows of each kept network, in the order of training.
    splits, way = plan.stopping.splits, plan.stopping.way
    parts: Sequence[Rows] = [rows for rows, _ in splits]
    if way != "folds":
        one = parts[0] if way in ("hold-out", "validation") else np.arange(plan.lesson.n_lessons)
        parts = [one] * recipe.n_networks
    assert isinstance(estimator, Heard)
    context = estimator._init_callback_context(max_subtasks=len(parts))
    context.call_on_fit_task_begin(**shown)
    yield replace(recipe, callbacks=(*recipe.callbacks, _Ears(context, shown, plan, parts)))
    context.call_on_fit_task_end(**shown, reconstruction_attributes={})


class _Ears(Callback):
    """Passes the begin and end of networks and epochs on to scikit-learn's callbacks."""

    def __init__(
        self, context: Any, shown: dict[str, Any], plan: FitPlan, parts: Sequence[Rows]
    ) -> None:
        self.context, self.shown, self.plan, self.parts = context, shown, plan, parts
        self.number = -1  # of the network that is trained
        self.history: History = []
        self.epoch: Any = None  # the epoch that has begun and not ended

    def train_begin(self, moment: Moment) -> None:
        """A network begins."""
        n_epochs = moment.settings.stop_after or moment.settings.max_epochs
        self.network = self.context.subcontext(task_name="network", max_subtasks=n_epochs)
        self.network.call_on_fit_task_begin(**self.shown)
        self.number, self.history = self.number + 1, []

    def epoch_begin(self, moment: Moment) -> None:
        """An epoch begins."""
        del moment
        self.epoch = self.network.subcontext(task_name="epoch")
        self.epoch.call_on_fit_task_begin(**self.shown)

    def epoch_end(self, moment: Moment) -> bool:
        """An epoch has ended; True if a callback asks to end training of this network."""
        assert moment.record is not None
        self.history = [*self.history, dict(moment.record)]
        now = moment.theta, moment.epoch, self.history
        asked: bool = self.epoch.call_on_fit_task_end(
            **self.shown, reconstruction_attributes=lambda: self._fitted_to(*now)
        )
        self.epoch = None
        return asked

    def train_end(self, moment: Moment) -> None:
        """Training of a network has ended, with the best epoch."""
        best = moment.theta, moment.best_epoch, self.history
        if self.epoch:  # Ctrl-C, a time limit or a divergence ended it within an epoch
            self.epoch.call_on_fit_task_end(
                **self.shown, reconstruction_attributes=lambda: self._fitted_to(*best)
            )
            self.epoch = None
        self.network.call_on_fit_task_end(
            **self.shown, reconstruction_attributes=lambda: self._fitted_to(*best)
        )

    def _fitted_to(
        self, theta: NDArray[np.floating], epoch: int, history: History
    ) -> dict[str, Any]:
        """The attribute that makes the estimator fitted, with the network that is trained."""
        here, recipe = self._places[id(self.parts[self.number])], self.plan.recipe
        architecture, _ = starting_point(here, recipe.hidden, recipe.activation, 0)
        network = Network(
            here.encoder, architecture, theta.copy(), here.outputs, history, epoch, Status.RUNNING,
            taught=here.taught,
        )  # fmt: skip
        return {"_fitted": replace(self._begun, networks=(network,))}

    @cached_property
    def _begun(self) -> Fitted:
        """Everything that does not change from epoch to epoch."""
        return self.plan.fitted((), self.plan.stopping.way)

    @cached_property
    def _places(self) -> dict[int, Place]:
        """The encoders and outputs, fitted on the training rows of each network."""
        different = {id(rows): rows for rows in self.parts}
        lesson, dtype, cut = self.plan.lesson, self.plan.recipe.dtype, self.plan.recipe.cut
        return {key: place(lesson, rows, dtype, cut) for key, rows in different.items()}
