"""The table of tasks: each row is complete, and every table with a key per task has each row."""

import json
from typing import get_type_hints

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression

from thalweg.errors import DataError, SettingsError
from thalweg.estimators.outputs.class_outputs import Classes
from thalweg.estimators.outputs.grade_outputs import Grades
from thalweg.estimators.outputs.value_outputs import Values
from thalweg.estimators.parameters.rows.loss_parameters import LOSSES as OF_NUMBERS
from thalweg.evaluation import task_judging
from thalweg.evaluation.answers import Answers
from thalweg.evaluation.judged_test_set import judge_on_holdout
from thalweg.evaluation.judging.multiclass_metrics import judge_classes
from thalweg.evaluation.judging.regression_loss import measure_of_loss
from thalweg.evaluation.judging.regression_metrics import judge_values
from thalweg.evaluation.judging.shapes import VerdictHead
from thalweg.evaluation.judging.two_class_metrics import judge
from thalweg.evaluation.quantiles.level_metrics import judge_quantiles
from thalweg.evaluation.quantiles.level_task import SeveralQuantiles
from thalweg.evaluation.repeated_cross_validation import judge_by_folds
from thalweg.evaluation.task_judging import OneNumber, task_of, two_classes
from thalweg.evaluation.task_kinds import (
    ONE_NUMBER,
    SEVERAL_CLASSES,
    SEVERAL_QUANTILES,
    TASKS,
    TREES,
    TWO_CLASSES,
    kind_of_labels,
)
from thalweg.network.formulas.losses import LOSSES
from thalweg.persistence.judgement_form import AGREE, REPORTS, VERDICTS
from thalweg.persistence.plain_data_checks import require
from thalweg.reporting.comparison_words import CALLED
from thalweg.reporting.page.task_kind_pages import PAGES
from thalweg.reporting.terminal_verdict import TERMINAL

KINDS = list(TASKS.values())
LEVELS = (0.1, 0.5, 0.9)


class ParallelLines(LinearRegression):
    """The line of the mean, and lines beside it."""

    def predict(self, X):
        return super().predict(X)[:, np.newaxis] + np.array([-0.6, 0.0, 0.6])


def quantiles_judged(y, predicted):
    return judge_quantiles(Answers(y, predicted), LEVELS, 0)


def judged(kind):
    """A verdict on rows of a task, by a baseline."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(120, 2))
    number = X[:, 0] + rng.normal(size=120) / 2
    y = {
        TWO_CLASSES: np.where(number > 0, "ill", "well"),
        SEVERAL_CLASSES: np.array(["a", "b", "c"])[np.digitize(number, [-0.5, 0.5])],
        ONE_NUMBER: number,
        SEVERAL_QUANTILES: number,
    }[kind]
    if kind is SEVERAL_QUANTILES:
        return ParallelLines(), pd.DataFrame(X), y, SeveralQuantiles(LEVELS), X
    model = LogisticRegression() if kind.of_classes else LinearRegression()
    task = task_of(y, regression=not kind.of_classes)
    assert task.kind is kind
    return model, pd.DataFrame(X), y, task, X


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("kind", KINDS, ids=TASKS)
def test_a_verdict_has_the_shape_and_the_form_of_its_task(kind):
    model, frame, y, task, X = judged(kind)
    verdict = judge_on_holdout(model, frame, y, task=task, seed=0, matrix=X)
    plain = json.loads(json.dumps(verdict.as_dict(), allow_nan=False))
    assert TASKS[plain["task"]] is kind
    assert plain.keys() == kind.verdict.__required_keys__
    # Only grades, which are classes in an order, have one more.
    assert plain.keys() - get_type_hints(VerdictHead).keys() - {"network", "baselines"} == {
        key for key in kind.facts if key != "grades"
    }
    require(plain, VERDICTS[kind], "verdict")
    for each in (plain["network"], *plain["baselines"].values()):
        assert each.keys() == kind.judgement.__required_keys__
        assert set(each["metrics"]) == {metric.key for metric in kind.metrics if metric.always}
    assert list(plain["baselines"]) == [kind.rival, TREES, kind.constant]
    assert {each["measure"] for each in plain["differences"].values()} == {kind.measure}
    shown = verdict.shown.as_dict() if verdict.shown else None
    require(shown, REPORTS[kind]["curves"], "curves")
    assert (shown is None) == (kind.pictures is None)
    by_folds = judge_by_folds(
        lambda seed: model, frame, y, task=task, seed=0, matrix=X, n_folds=2, n_repeats=2
    )
    assert by_folds.as_dict().keys() == plain.keys()


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("kind", KINDS, ids=TASKS)
@pytest.mark.parametrize("fault", ["absent", "more", "other task", "metric", "interval"])
def test_a_verdict_of_another_form_is_refused(kind, fault):
    model, frame, y, task, X = judged(kind)
    plain = judge_on_holdout(model, frame, y, task=task, seed=0, matrix=X).as_dict()
    if fault == "absent":
        del plain["network"][next(key for key in plain["network"] if key != "metrics")]
    elif fault == "more":
        plain["network"]["more"] = 1
    elif fault == "other task":
        plain["task"] = next(name for name in TASKS if name != kind.name)
    elif fault == "metric":
        del plain["network"]["metrics"][kind.metrics[0].key]
    else:
        plain["network"]["metrics"][kind.metrics[0].key]["low"] = 1e9
    with pytest.raises(ValueError, match="verdict"):
        require(plain, VERDICTS[kind], "verdict")


@pytest.mark.parametrize("kind", KINDS, ids=TASKS)
def test_the_metrics_of_a_task_are_those_that_its_evaluation_gives(kind):
    codes = np.arange(12) % (2 if kind is TWO_CLASSES else 3)
    found = {
        TWO_CLASSES: lambda: judge(codes == 1, np.full(12, 0.5)),
        SEVERAL_CLASSES: lambda: judge_classes(codes, np.full((12, 3), 1 / 3)),
        ONE_NUMBER: lambda: judge_values(codes * 1.0, np.ones(12)),
        SEVERAL_QUANTILES: lambda: quantiles_judged(codes * 1.0, np.ones((12, 3))),
    }[kind]()
    assert [metric.key for metric in kind.metrics if metric.always] == list(found.metrics)


def test_every_table_that_is_keyed_by_tasks_has_each_of_them():
    for table in (VERDICTS, REPORTS, AGREE, CALLED, TERMINAL, PAGES):
        assert set(table) == set(KINDS)


def test_the_losses_of_a_task_are_those_that_a_network_descends_on():
    assert Classes.equal(np.arange(2)).loss in TWO_CLASSES.losses
    assert Classes.equal(np.arange(3)).loss in SEVERAL_CLASSES.losses
    assert Grades(np.arange(3), np.ones(3), np.arange(3)).loss in SEVERAL_CLASSES.losses
    assert ONE_NUMBER.losses == (*OF_NUMBERS, "formula")
    assert OF_NUMBERS == (
        "squared_error", "absolute_error", "huber", "quantile", "poisson", "gamma", "tweedie",
    )  # fmt: skip
    # A loss that a person wrote has no row in the table of losses.
    assert {loss for kind in KINDS for loss in kind.losses} == {*LOSSES, "formula"}
    for loss in OF_NUMBERS:
        assert Values(loss).n_outputs == 1
    assert Values("formula: abs(z - y)").n_outputs == 1


def test_the_task_of_a_model_goes_by_its_labels():
    assert kind_of_labels(None) is ONE_NUMBER
    assert kind_of_labels([0, 1]) is TWO_CLASSES
    assert kind_of_labels(["a", "b", "c"]) is SEVERAL_CLASSES


def test_splits_keep_classes_in_proportion_and_of_numbers_nothing():
    y = np.array([1.0, 2.0, 3.0])
    assert TWO_CLASSES.strata(y) is y
    assert ONE_NUMBER.strata(y).tolist() == ["any"] * 3


def test_a_model_without_probabilities_is_no_judge_of_classes():
    _, frame, y, task, X = judged(TWO_CLASSES)
    with pytest.raises(SettingsError, match="A LinearRegression gives no class probabilities"):
        task.ask(LinearRegression().fit(X, y == "ill"), frame)
    assert isinstance(OneNumber().ask(LinearRegression().fit(X, y == "ill"), X), np.ndarray)


def test_too_many_classes_are_reported_with_their_names():
    y = np.repeat(list("abcdefgh"), 2)
    with pytest.raises(DataError, match="8 classes, and the evaluation needs two") as told:
        two_classes(y, None)
    assert told.value.where == '"a", "b", "c", "d", "e", "f" and 2 more'
    with pytest.raises(DataError, match=r"A positive class is named, but .* 8 different values"):
        two_classes(y, "a")


@pytest.mark.parametrize("kind", KINDS, ids=TASKS)
def test_more_of_a_metric_is_better_where_the_better_predictions_have_more(kind):
    codes = np.arange(12) % (2 if kind is TWO_CLASSES else 3)
    good, bad = {
        TWO_CLASSES: lambda: [judge(codes == 1, p) for p in (codes * 0.8 + 0.1, 0.9 - codes * 0.8)],
        SEVERAL_CLASSES: lambda: [
            judge_classes(codes, 0.1 + 0.7 * np.eye(3)[each]) for each in (codes, (codes + 1) % 3)
        ],
        ONE_NUMBER: lambda: [judge_values(codes * 1.0, codes + off) for off in (0.1, 2.0)],
        SEVERAL_QUANTILES: lambda: [
            quantiles_judged(codes * 1.0, np.repeat(codes[:, None] + off, 3, axis=1))
            for off in (0.1, 2.0)
        ],
    }[kind]()
    for metric in kind.metrics:
        if metric.always:
            more = good.metrics[metric.key].value > bad.metrics[metric.key].value
            assert more == metric.more_is_better, metric.key


def test_the_first_label_that_is_no_class_is_named():
    task = task_of(np.array(["a", "b", "c"]))
    assert task.truth(np.array(["c", "a", "b"])).tolist() == [2, 0, 1]
    with pytest.raises(DataError, match='"d" is not one of the classes') as told:
        task.truth(np.array(["a", "b", "d", "e"]))
    assert (told.value.where, told.value.fix) == ("row 3", "use one of a, b, c")


@pytest.mark.parametrize(
    ("loss", "ends"),
    [
        ("quantile:level=0.9", " Ridge regression predicts the mean, and not the 0.9 quantile."),
        ("absolute_error", " Ridge regression predicts the mean, and not the median."),
        ("squared_error", ""),
    ],
)
def test_a_quantile_beside_ridge_regression_is_another_statistic(monkeypatch, loss, ends):
    task = OneNumber(measure_of_loss(loss))
    monkeypatch.setattr(task_judging, "conclusion", lambda *_: "Said.")
    against = dict.fromkeys((task.kind.rival, task.own.best_constant()[0]))
    assert task.sentence(None, {}, against) == f"Said.{ends}"
