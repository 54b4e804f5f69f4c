"""The task of several quantiles: what it compares, and what it says."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression

from thalweg.evaluation.answers import Answers
from thalweg.evaluation.judged_test_set import judge_on_holdout
from thalweg.evaluation.judging.intervals import Estimate
from thalweg.evaluation.quantiles.level_sentences import coverage_of_levels
from thalweg.evaluation.quantiles.level_task import SeveralQuantiles
from thalweg.evaluation.task_judging import OneNumber
from thalweg.evaluation.task_kinds import SEVERAL_QUANTILES

LEVELS = (0.1, 0.9)


class Spread(LinearRegression):
    """Knows that the spread grows with the first column."""

    def predict(self, X):
        X = np.asarray(X)
        return super().predict(X)[:, None] + X[:, :1] * [-1.2816, 1.2816]


def test_a_model_that_knows_the_spread_is_better_than_parallel_lines():
    rng = np.random.default_rng(0)
    X = rng.uniform(0.1, 3, (900, 2))
    y = X[:, 0] + X[:, 0] * rng.normal(size=900)
    verdict = judge_on_holdout(
        Spread(), pd.DataFrame(X), y, task=SeveralQuantiles(LEVELS), seed=0, matrix=X
    )
    assert {name: each.verdict for name, each in verdict.differences.items()} == {
        "ridge regression": "better",
        "boosted trees": "better",
        "always the same quantiles": "better",
    }
    assert "its pinball loss over all levels is lower by" in verdict.sentence
    assert "The quantiles of ridge regression are its mean plus those of its errors" in (
        verdict.sentence
    )
    assert "Each 95 % interval of these shares includes its level." in verdict.sentence
    assert "80 % is nominal." in verdict.sentence
    assert verdict.task == "quantiles"


def test_the_difference_is_that_of_the_mean_losses():
    rng = np.random.default_rng(1)
    y, a, b = rng.normal(size=50), rng.normal(size=(50, 2)), rng.normal(size=(50, 2))
    task = SeveralQuantiles(LEVELS)
    mine, other = Answers(y, a), Answers(y, b)
    found = task.difference(mine, other, 0)
    assert found.value == pytest.approx(task.alone(mine) - task.alone(other), rel=1e-9)


def test_other_models_leave_the_task_as_it_is():
    assert SeveralQuantiles(LEVELS).of(LinearRegression()) == SeveralQuantiles(LEVELS)
    assert OneNumber().of(LinearRegression()).kind is not SEVERAL_QUANTILES


def test_levels_that_are_off_are_named():
    said = coverage_of_levels(
        (0.1, 0.9),
        (Estimate(0.2, 0.15, 0.26), Estimate(0.9, 0.85, 0.94)),
        (Estimate(0.7, 0.65, 0.75),),
    )
    assert "Below the predicted quantiles are 20 % (level 0.1), 90 % (level 0.9)" in said
    assert "The 95 % interval of this share excludes the level 0.1." in said
    assert "70 % of the rows (95 % interval 65 % to 75 %); 80 % is nominal." in said
