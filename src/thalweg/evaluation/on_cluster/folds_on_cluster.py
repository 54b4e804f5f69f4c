"""The fits of a cross-validation on a cluster: a model and the baselines of each fold.

The models come back fitted, and are asked here, as if they had been fitted here. So what several
models share while they are asked stays in this process.
"""

import pickle
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from thalweg.cluster.cluster_watch import require_usable
from thalweg.cluster.spread_on_cluster import spread_on
from thalweg.errors import SettingsError
from thalweg.evaluation.any_estimator.wrapped_estimator import WrappedEstimator
from thalweg.evaluation.judged_table import JudgedTable
from thalweg.evaluation.model_protocol import JudgedModel
from thalweg.evaluation.splits import Splits
from thalweg.evaluation.task_judging import Task


class FoldFit(NamedTuple):
    """What a worker made of a fold.

    Attributes
    ----------
    estimator : object
        Fitted.
    baselines : dict of ndarray
        The predictions of each baseline for the test rows.
    """

    estimator: Any
    baselines: dict[str, np.ndarray]

    def put_into(self, model: JudgedModel) -> JudgedModel:
        """The fitted model of a model that is not fitted."""
        if isinstance(model, WrappedEstimator):
            model.estimator = self.estimator
            return model
        fitted: JudgedModel = self.estimator
        return fitted


def require_folds(client: Any, how: Any, *, several: bool) -> None:
    """Raise a SettingsError for a client where there are no folds for it."""
    if client is None:
        return
    require_usable(client)
    if several:
        raise SettingsError(
            "client= evaluates one target",
            why="The fits of several targets are those of all of them together",
            fix="evaluate each target by itself, or leave out client=",
        )
    if isinstance(how, str) and how in ("holdout", "given"):
        raise SettingsError(
            f"client= has nothing to spread with how={how!r}",
            why="There is one fit, or none",
            fix='give how="cross-validation", or leave out client=',
        )


def fits_of_folds(
    client: Any,
    table: JudgedTable,
    task: Task,
    truth: np.ndarray,
    models: Sequence[Callable[[], JudgedModel]],
    splits: Sequence[Splits],
) -> list[list[FoldFit]]:
    """The fits of all folds of each repetition; empty without a client.

    Parameters
    ----------
    client : distributed.Client or None
    table, task, truth
        As in `judge_by_folds`.
    models : sequence of callable
        For each repetition, what makes a model that is not fitted.
    splits : sequence of Splits
        The training and test rows of each repetition.
    """
    if client is None:
        return [[] for _ in splits]
    made = [_AsBytes.of(each()) for each in models]
    work = _Folds(table, task, truth, made, list(splits))
    items = [(k, j) for k, each in enumerate(splits) for j in range(len(each))]
    found = iter(spread_on(client, _fit_of_fold, items, work))
    return [[next(found) for _ in each] for each in splits]


class _AsBytes(NamedTuple):
    """A model that is not fitted: as bytes, so that each fold has one of its own."""

    estimator: bytes
    wrap: Callable[..., WrappedEstimator] | None
    table: Any
    threshold: float | None

    @classmethod
    def of(cls, model: JudgedModel) -> "_AsBytes":
        import cloudpickle

        if not isinstance(model, WrappedEstimator):
            return cls(cloudpickle.dumps(model), None, None, None)
        # Without what it shares with other models: their decisions, and what they have not seen.
        return cls(cloudpickle.dumps(model.estimator), type(model), model.table, model.threshold_)

    def made(self) -> JudgedModel:
        estimator = pickle.loads(self.estimator)
        if self.wrap is None:
            model: JudgedModel = estimator
            return model
        return self.wrap(estimator, self.table, self.threshold)


@dataclass(frozen=True, eq=False)
class _Folds:
    """What all folds share."""

    table: JudgedTable
    task: Task
    truth: np.ndarray
    models: list[_AsBytes]
    splits: list[Splits]


def _fit_of_fold(work: _Folds, item: tuple[int, int]) -> FoldFit:
    """The fit of a fold of a repetition."""
    repetition, fold = item
    train, test = work.splits[repetition][fold]
    model = work.models[repetition].made()
    work.table.fit(model, train)
    baselines = work.table.baselines(work.task.of(model), work.truth, train, test)
    return FoldFit(getattr(model, "estimator", model), baselines)
