"""A task without baselines: only the model is evaluated."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from thalweg.evaluation.answers import Answers
from thalweg.evaluation.comparing.paired_differences import PairedDifference
from thalweg.evaluation.judging.baselines import Baseline
from thalweg.evaluation.model_protocol import JudgedModel
from thalweg.evaluation.task_judging import (
    AnyJudgement,
    Judgements,
    Pictures,
    Rulings,
    Task,
)
from thalweg.evaluation.task_kinds import TaskKind


@dataclass(frozen=True)
class TaskAlone:
    """A task as another one, without its baselines and without a conclusion about them."""

    task: Task

    @property
    def kind(self) -> TaskKind:
        """That of the task."""
        return self.task.kind

    @property
    def measure(self) -> str:
        """That of the task."""
        return self.task.measure

    def of(self, model: JudgedModel) -> Task:
        """The task for a fitted model."""
        return TaskAlone(self.task.of(model))

    def truth(self, y: np.ndarray) -> np.ndarray:
        """As the task."""
        return self.task.truth(y)

    def ask(self, model: JudgedModel, X: pd.DataFrame | np.ndarray) -> np.ndarray:
        """As the task."""
        return self.task.ask(model, X)

    def baselines(self) -> Mapping[str, Baseline]:
        """None."""
        return {}

    def judge(
        self, rows: Answers, model: JudgedModel | None, *, seed: int, constant: bool = False
    ) -> AnyJudgement:
        """As the task."""
        return self.task.judge(rows, model, seed=seed, constant=constant)

    def difference(self, a: Answers, b: Answers, seed: int) -> PairedDifference:
        """As the task."""
        return self.task.difference(a, b, seed)

    def alone(self, rows: Answers) -> float:
        """As the task."""
        return self.task.alone(rows)

    def shown(self, rows: Answers) -> Pictures | None:
        """As the task."""
        return self.task.shown(rows)

    def facts(self) -> dict[str, str | list[str]]:
        """As the task."""
        return self.task.facts()

    def sentence(self, judged: AnyJudgement, baselines: Judgements, against: Rulings) -> str:
        """Nothing: there is nothing to compare with."""
        del judged, baselines, against
        return ""
