"""The task of several quantiles: how a model of them is asked, evaluated and compared."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from thalweg.evaluation.answers import Answers
from thalweg.evaluation.comparing.margin_rule import Ruling
from thalweg.evaluation.comparing.paired_differences import PairedDifference, paired_difference
from thalweg.evaluation.judging.baselines import Baseline
from thalweg.evaluation.judging.conclusion_sentences import conclusion
from thalweg.evaluation.judging.intervals import sorted_with
from thalweg.evaluation.model_protocol import JudgedModel
from thalweg.evaluation.quantiles.level_baselines import (
    boosted_quantiles,
    constant_quantiles,
    ridge_quantiles,
)
from thalweg.evaluation.quantiles.level_metrics import (
    Fan,
    QuantilesJudgement,
    fan_of,
    judge_quantiles,
    losses_of_rows,
)
from thalweg.evaluation.quantiles.level_sentences import coverage_of_levels, ridge_of_levels
from thalweg.evaluation.quantiles.levels_of_loss import levels_of_model
from thalweg.evaluation.task_kinds import SEVERAL_QUANTILES, TREES, TaskKind


@dataclass(frozen=True)
class SeveralQuantiles:
    """Several quantiles of a number.

    Parameters
    ----------
    levels : tuple of float
        Ascending.
    """

    levels: tuple[float, ...]
    kind: TaskKind = SEVERAL_QUANTILES
    measure: str = SEVERAL_QUANTILES.measure

    def of(self, model: JudgedModel) -> "SeveralQuantiles":
        """With the levels of the model, if it has some."""
        levels = levels_of_model(model)
        return SeveralQuantiles(levels) if levels else self

    def truth(self, y: np.ndarray) -> np.ndarray:
        """The numbers."""
        return np.asarray(y, dtype=np.float64)

    def ask(self, model: JudgedModel, X: pd.DataFrame | np.ndarray) -> np.ndarray:
        """The predictions of the model, shape (n_samples, n_levels)."""
        return np.asarray(model.predict(X), dtype=np.float64)

    def baselines(self) -> Mapping[str, Baseline]:
        """Ridge regression with its errors, boosted trees of each level, and constants."""
        return {
            self.kind.rival: partial(ridge_quantiles, levels=self.levels),
            TREES: partial(boosted_quantiles, levels=self.levels),
            self.kind.constant: partial(constant_quantiles, levels=self.levels),
        }

    def judge(
        self, rows: Answers, model: JudgedModel | None, *, seed: int, constant: bool = False
    ) -> QuantilesJudgement:
        """The pinball loss, and the coverage of each level."""
        del model, constant
        return judge_quantiles(rows, self.levels, seed)

    def difference(self, a: Answers, b: Answers, seed: int) -> PairedDifference:
        """Of the pinball loss over all levels."""
        of_a, of_b = (losses_of_rows(each, self.levels) for each in (a, b))
        return paired_difference(of_a, of_b, seed, a.in_rows(), a.groups)

    def alone(self, rows: Answers) -> float:
        """The pinball loss over all levels."""
        losses, weights, _ = sorted_with(losses_of_rows(rows, self.levels), rows.in_rows())
        return float(np.average(losses, weights=weights))

    def shown(self, rows: Answers) -> Fan:
        """Predicted quantiles of groups of rows."""
        return fan_of(rows, self.levels)

    def facts(self) -> dict[str, str | list[str]]:
        """Nothing: the levels are in each evaluation."""
        return {}

    def sentence(
        self, judged: object, baselines: Mapping[str, object], against: Mapping[str, Ruling]
    ) -> str:
        """What the comparisons mean, and how many rows are below each quantile."""
        del baselines
        assert isinstance(judged, QuantilesJudgement)
        always, rival = self.kind.constant, self.kind.rival
        constant = always.replace("always", "always answering"), against[always]
        said = conclusion(judged, (rival, against[rival]), constant, against.get(TREES))
        covered = coverage_of_levels(judged.levels, judged.below, judged.between)
        return f"{said} {ridge_of_levels(rival)} {covered}"
