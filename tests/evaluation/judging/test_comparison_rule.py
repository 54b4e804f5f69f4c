"""A network compared with simpler models: better, worse, as good, or no difference shown.

Everybody is evaluated on the same rows and called by the same rule, and one function decides.
"""

import json
import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from thalweg.evaluation.judging.comparison_rule import (
    AS_GOOD,
    BETTER,
    LOG_LOSS,
    NOT_SHOWN,
    RMSE,
    WORSE,
    compare,
)

from thalweg.evaluation.answers import Answers
from thalweg.evaluation.judged_test_set import judge_on_holdout
from thalweg.evaluation.judging.conclusion_sentences import beside, conclusion, constant_answer
from thalweg.evaluation.judging.intervals import Estimate
from thalweg.evaluation.judging.two_class_metrics import judge
from thalweg.evaluation.task_judging import OneNumber, TwoClasses, compared, task_of

INF, NAN = math.inf, math.nan


def found(low, high, *, value=None, n_rows=61, measure=LOG_LOSS, rival=0.4):
    value = (low + high) / 2 if value is None else value
    return compare(measure, Estimate(value, low, high), rival, n_rows)


# ---------------------------------------------------------------- the rule


@pytest.mark.parametrize(
    ("low", "high", "result"),
    [
        (-0.08, -0.02, BETTER),
        (-0.004, -0.001, BETTER),  # shown, though little
        (0.02, 0.08, WORSE),
        (0.001, 0.004, WORSE),
        (-0.037, 0.078, NOT_SHOWN),  # the heart table: 61 rows
        (-0.011, 0.002, NOT_SHOWN),
        (-0.002, 0.011, NOT_SHOWN),
        (-0.01, 0.01, AS_GOOD),
        (-0.005, 0.0, AS_GOOD),
        (0.0, 0.005, AS_GOOD),
        (0.0, 0.0, AS_GOOD),  # equal predictions
        (-0.03, 0.0, NOT_SHOWN),  # what touches 0 is no proof
        (0.0, 0.03, NOT_SHOWN),
    ],
)
def test_three_results_and_as_good_only_within_the_margin(low, high, result):
    told = found(low, high)
    assert (told.comparison, told.margin) == (result, 0.01)


@pytest.mark.parametrize(
    ("low", "value", "high", "result"),
    [
        (0.1, INF, INF, WORSE),  # the network was certain and wrong, in every resample but few
        (-0.2, INF, INF, NOT_SHOWN),  # in one row alone
        (-INF, -INF, -0.1, BETTER),
        (-INF, -INF, 0.1, NOT_SHOWN),
        (NAN, NAN, NAN, NOT_SHOWN),  # both
    ],
)
def test_infinite_losses(low, value, high, result):
    told = found(low, high, value=value)
    assert told.comparison == result
    said = beside("logistic regression", told, 61)
    assert "nan" not in said
    assert json.loads(json.dumps(told.as_dict(), allow_nan=False)) == told.as_dict()


@pytest.mark.parametrize("n_rows", [1, 2, 5])
@pytest.mark.parametrize(("low", "high"), [(-0.2, -0.1), (0.1, 0.2), (0.0, 0.0)])
def test_a_handful_of_rows_shows_nothing(n_rows, low, high):
    assert found(low, high, n_rows=n_rows).comparison == NOT_SHOWN
    said = beside("logistic regression", found(low, high, n_rows=n_rows), n_rows)
    assert "fewer than 6 rows cannot show one" in said
    assert found(low, high, n_rows=6).comparison != NOT_SHOWN


@pytest.mark.parametrize("size", [1e-9, 1.0, 2.5e8])
def test_the_margin_of_numbers_is_one_percent_of_the_rivals_rmse(size):
    """In whatever units the target is written."""
    for low, high, result in ((-0.9, 0.9, AS_GOOD), (-0.9, 1.1, NOT_SHOWN), (0.1, 0.2, WORSE)):
        told = found(low * size, high * size, measure=RMSE, rival=100 * size)
        assert told.comparison == result
        assert told.margin == pytest.approx(size)
    # The same predictions without any error.
    assert found(0.0, 0.0, measure=RMSE, rival=0.0).comparison == AS_GOOD


def test_the_margin_of_numbers_is_a_hundredth_of_a_nat_of_normal_errors():
    width = 3.7  # of the errors of the simpler model
    margin = found(0.0, 0.0, measure=RMSE, rival=width).margin
    assert math.log(width + margin) - math.log(width) == pytest.approx(0.01, rel=0.01)


@pytest.mark.parametrize("counts", [(599, 1), (5, 595), (300, 0), (900, 3, 2)])
@pytest.mark.parametrize(("low", "high"), [(-0.2, -0.1), (0.1, 0.2), (0.0, 0.0)])
def test_a_handful_of_rows_beside_the_most_common_class_shows_nothing(counts, low, high):
    told = compare(LOG_LOSS, Estimate(low, low, high), 0.4, sum(counts), counts)
    assert told.comparison == NOT_SHOWN
    said = beside("logistic regression", told, sum(counts))
    assert "of another class than the most common, and fewer than 6 such rows cannot show" in said
    assert "Prefer" not in said
    enough = compare(LOG_LOSS, Estimate(low, low, high), 0.4, 600, (594, 6))
    assert enough.comparison != NOT_SHOWN


def test_the_margin_of_a_rare_class_is_a_twentieth_of_what_there_is_to_know():
    """0.01 nats are all that there is to know of 1 row in 667."""
    share = 6 / 4000
    known = -share * math.log(share) - (1 - share) * math.log(1 - share)
    told = compare(LOG_LOSS, Estimate(0.0, -0.005, 0.005), 0.01, 4000, (3994, 6))
    assert told.margin == pytest.approx(known / 20)
    assert (told.margin, told.comparison) < (0.0006, NOT_SHOWN)
    assert "0.00056 nats (5 % of what there is to know)" in beside("ridge", told, 4000)
    assert compare(LOG_LOSS, Estimate(0.0, 0.0, 0.0), 0.2, 1000, (940, 60)).margin == 0.01


def test_rare_outcomes_are_counted_in_a_verdict():
    X, matrix, _ = blobs(1000)
    y = np.where(np.arange(1000) < 10, "ill", "well")
    rng = np.random.default_rng(0)

    def answer(rows):
        p = np.clip(rng.normal(0.01, 0.001, len(rows)), 0.001, 0.5)
        return np.stack([p, 1 - p], axis=1)

    model = Told(answer, ["ill", "well"])
    verdict = judge_on_holdout(model, X, y, positive="ill", seed=0, matrix=matrix)
    assert {each.comparison for each in verdict.comparisons.values()} == {NOT_SHOWN}
    assert "only 2 rows are of another class than the most common" in verdict.sentence
    auc = verdict.network.metrics["auc"]
    assert (auc.low, auc.high) == (0, 1)
    assert 0 < auc.value < 1


# ---------------------------------------------------------------- the words


def said_of(low, high, **more):
    told = found(low, high, **more)
    return beside("logistic regression", told, more.get("n_rows", 61))


def test_four_results_have_four_sentences():
    assert said_of(-0.08, -0.02) == (
        "The network is better than logistic regression on these 61 test rows: its log-loss is "
        "lower by 0.0500 (95 % interval 0.0200 to 0.0800)."
    )
    assert said_of(0.02, 0.08) == (
        "CAUTION: logistic regression is better than the network on these 61 test rows: its "
        "log-loss is lower by 0.0500 (95 % interval 0.0200 to 0.0800). Use logistic regression "
        "(thalweg fit TABLE --estimator logistic), or find out what went wrong."
    )
    assert said_of(-0.006, 0.002) == (
        "Logistic regression is as good as the network on these 61 test rows: the network's "
        "log-loss is 0.0020 lower, and the 95 % interval of that difference, -0.0060 to +0.0020, "
        "lies within the margin of 0.01 nats. Prefer the simpler model "
        "(thalweg fit TABLE --estimator logistic)."
    )
    assert said_of(-0.0374, 0.0784) == (
        "No difference shown by these 61 test rows between the network and logistic regression: "
        "the network's log-loss is 0.0205 higher, and the 95 % interval of that difference, "
        "-0.0374 to +0.0784, holds 0 and reaches beyond the margin of 0.01 nats."
    )


def test_the_simpler_model_is_preferred_only_where_it_is_as_good():
    for low, high in ((-0.08, -0.02), (-0.0374, 0.0784), (-0.011, 0.0)):
        assert "Prefer" not in said_of(low, high)
        assert "as good as" not in said_of(low, high)
    assert "Prefer the simpler model (thalweg fit TABLE --estimator logistic)." in said_of(
        -0.01, 0.01
    )
    assert "the network's log-loss is the same" in said_of(0.0, 0.0)


def test_a_model_that_is_no_network_is_called_what_it_is():
    without = replace(found(-0.006, 0.002), subject="the model without hidden layers")
    said = beside("logistic regression", without, 61)
    assert said.startswith("Logistic regression is as good as the model without hidden layers on")
    assert "the log-loss of the model without hidden layers is 0.0020 lower" in said
    for low, high in ((-0.08, -0.02), (0.02, 0.08), (-0.006, 0.002), (-0.0374, 0.0784)):
        itself = replace(found(low, high), subject="logistic regression")
        said = beside("logistic regression", itself, 61)
        assert said.startswith("This model is logistic regression itself, and no network: on these")
        assert not {"better", "good", "Prefer", "Use"} & {*said.split()}
    ridge = replace(found(-4.2, 5.0, measure=RMSE, rival=600.0), subject="ridge regression")
    assert "whose penalty is chosen by leave-one-out" in beside("ridge regression", ridge, 500)


@pytest.mark.parametrize(("low", "high"), [(-0.004, -0.001), (0.001, 0.004)])
def test_a_difference_that_is_shown_and_little_is_called_little(low, high):
    assert "That is little: the interval lies within the margin of 0.01 nats." in (
        said_of(low, high)
    )


def test_of_numbers_the_margin_is_named_in_their_units():
    told = found(-4.2, 5.0, measure=RMSE, rival=600.0)
    assert "lies within the margin of 6 (1 % of the simpler model's RMSE)" in (
        beside("ridge regression", told, 500)
    )


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (-0.3, -0.1, 'The network is better than always answering "well".'),
        (0.1, 0.3, 'CAUTION: always answering "well" is better than the network'),
        (-0.004, 0.002, 'CAUTION: always answering "well" is as good as the network'),
        (-0.3, 0.01, 'CAUTION: no difference from always answering "well" is shown'),
        (NAN, NAN, 'CAUTION: no difference from always answering "well" is shown.'),
    ],
)
def test_beside_a_constant_answer_the_rule_is_the_same(low, high, words):
    network = judge([1, 0, 1] * 20, [0.9, 0.2, 0.7] * 20)
    better = found(-0.3, -0.1)
    constant = ('always answering "well"', found(low, high))
    assert words in conclusion(network, ("logistic regression", better), constant)


def test_a_certain_mistake_is_reported():
    network = judge([1, 0, 1] * 20, [0.0, 0.2, 0.7] * 20)
    told = found(-0.2, INF, value=INF)
    said = conclusion(network, ("logistic regression", told), ("always answering 0", told))
    assert "the network's log-loss is infinitely higher" in said
    assert "gave a wrong answer with certainty" in said
    assert "its log-loss is infinite" in said
    network = judge([1, 0, 1] * 20, [0.1, 0.2, 0.7] * 20)
    said = conclusion(network, ("logistic regression", told), ("always answering 0", told))
    assert "with certainty" not in said


# ---------------------------------------------------------------- whole verdicts


class Told:
    """A model that answers what it is told, and has costs as a fitted classifier has."""

    def __init__(self, answer, classes, costs=None, threshold=None):
        self.answer, self.classes_ = answer, np.asarray(classes)
        if threshold is not None:
            self.threshold_ = threshold
        if costs is not None:
            self._classes = type("Classes", (), {"costs": np.asarray(costs, float)})

    def fit(self, X, y):
        return self

    def predict_proba(self, X):
        return self.answer(X)

    def predict(self, X):
        return self.answer(X)


def blobs(n_rows=200, n_classes=2, seed=0):
    rng = np.random.default_rng(seed)
    codes = np.arange(n_rows) % n_classes
    X = rng.normal(size=(n_rows, 2)) + np.eye(n_classes)[codes][:, :2] * 1.5
    return pd.DataFrame(X, columns=["a", "b"]), X, np.array(["ill", "so-so", "well"])[codes]


def test_every_model_is_called_at_the_threshold_of_the_network():
    X, matrix, y = blobs()
    y = np.where(y == "ill", "ill", "well")

    def answer(rows):
        p = 1 / (1 + np.exp(-rows["a"].to_numpy()))
        return np.stack([p, 1 - p], axis=1)

    model = Told(answer, ["ill", "well"], threshold=1 / 6)
    verdict = judge_on_holdout(model, X, y, positive="ill", seed=0, matrix=matrix)
    assert verdict.network.threshold == 1 / 6
    for name, judged in verdict.baselines.items():
        assert judged.threshold == 1 / 6, name
    # The constant answer, 0.5 for every row here, is then always called ill.
    confusion = verdict.baselines["always the commoner class"].confusion
    assert confusion["false_negative"] == confusion["true_negative"] == 0


def test_the_constant_answer_is_named_by_what_it_answers_under_the_rule():
    """With costs it calls every row by the rarer class; then that is what it always answers."""
    X, matrix, y = blobs(300, 3)
    y = np.where(y == "ill", "ill", "well")  # a third is ill

    def answer(rows):
        p = 1 / (1 + np.exp(-rows["a"].to_numpy()))
        return np.stack([p, 1 - p], axis=1)

    for threshold, named in ((None, "well"), (1 / 6, "ill")):
        model = Told(answer, ["ill", "well"], threshold=threshold)
        verdict = judge_on_holdout(model, X, y, positive="ill", seed=0, matrix=matrix)
        assert f'always answering "{named}"' in verdict.sentence


def test_of_several_classes_the_constant_answer_is_named_by_the_costs():
    X, matrix, y = blobs(300, 3)
    for costs, named in ([1.0, 2.0, 1.0], "so-so"), ([1.0, 1.0, 4.0], "well"):
        model = Told(
            lambda rows: np.tile([0.4, 0.35, 0.25], (len(rows), 1)), ["ill", "so-so", "well"], costs
        )
        verdict = judge_on_holdout(model, X, y, task=task_of(y), seed=0, matrix=matrix)
        assert f'always answering "{named}"' in verdict.sentence


def test_a_constant_answer_that_is_another_in_each_fold_has_no_name():
    judged = judge([True, False] * 10, [0.4] * 10 + [0.6] * 10)
    assert constant_answer("constant", {"constant": judged}, ["ill", "well"]) == "a constant answer"


def test_of_several_classes_every_model_is_called_by_the_same_costs():
    X, matrix, y = blobs(300, 3)

    def answer(rows):
        return np.tile([0.4, 0.35, 0.25], (len(rows), 1))

    costs = [1.0, 2.0, 1.0]
    model = Told(answer, ["ill", "so-so", "well"], costs)
    verdict = judge_on_holdout(model, X, y, task=task_of(y), seed=0, matrix=matrix)
    plain = verdict.as_dict()
    for judged in (plain["network"], *plain["baselines"].values()):
        assert judged["costs"] == costs
    # The constant answer has every class as often; the cost decides.
    for judged in (verdict.network, verdict.baselines["the commonest class"]):
        assert sum(row[1] for row in judged.confusion) == judged.n_samples


def test_a_class_that_was_not_learned_costs_one_and_has_no_probability():
    task = task_of(np.array(["ill", "so-so", "well"]))
    model = Told(lambda rows: np.tile([0.6, 0.4], (len(rows), 1)), ["ill", "well"], [1.0, 3.0])
    answer = task.ask(model, pd.DataFrame({"a": [1.0, 2.0]}))
    assert answer.tolist() == [[0.6, 0.0, 0.4]] * 2
    judged = task.judge(Answers(np.array([1, 2]), answer), model, seed=0)
    assert judged.costs == (1.0, 1.0, 3.0)
    assert judged.confusion == ((0, 0, 0), (0, 0, 1), (0, 0, 1))


@pytest.mark.parametrize("one_class", [True, False])
def test_equal_predictions_are_as_good(one_class):
    """The interval is from 0 to 0."""
    task = TwoClasses("ill", "well")
    truth = np.arange(60) % (1 if one_class else 2) == 0
    p = np.linspace(0.1, 0.9, 60)
    judged = {"logistic regression": task.judge(Answers(truth, p), None, seed=0)}
    against = {
        "logistic regression": task.difference(Answers(truth, p), Answers(truth, p.copy()), 0)
    }
    told = compared(task, against, judged, Answers(truth, p))["logistic regression"]
    assert told.difference == Estimate(0.0, 0.0, 0.0)
    # Rows of one class alone show nothing of how classes are told apart.
    assert told.comparison == (NOT_SHOWN if one_class else AS_GOOD)


def test_the_verdict_compares_with_both_baselines_in_json():
    X, matrix, y = blobs(400)
    y = np.where(y == "ill", "ill", "well")

    def answer(rows):
        p = 1 / (1 + np.exp(3 - 4 * rows["a"].to_numpy()))
        return np.stack([p, 1 - p], axis=1)

    verdict = judge_on_holdout(
        Told(answer, ["ill", "well"]), X, y, positive="ill", seed=0, matrix=matrix
    )
    plain = verdict.as_dict()
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain
    assert set(plain["comparisons"]) == set(plain["baselines"])
    for each in plain["comparisons"].values():
        assert set(each) == {"comparison", "measure", "value", "low", "high", "margin"}
        assert each["comparison"] in (BETTER, WORSE, AS_GOOD, NOT_SHOWN)
        assert (each["measure"], each["margin"]) == ("log-loss", 0.01)


def test_numbers_are_compared_by_rmse_with_a_margin_in_their_units():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 2))
    y = 100 * X[:, 0] + rng.normal(0, 50, 400)
    model = Told(lambda rows: 100 * rows[0].to_numpy(), [])
    verdict = judge_on_holdout(model, pd.DataFrame(X), y, task=OneNumber(), seed=0, matrix=X)
    ridge = verdict.comparisons["ridge regression"]
    rmse = verdict.baselines["ridge regression"].metrics["rmse"].value
    assert ridge.margin == pytest.approx(0.01 * rmse)
    assert verdict.comparisons["always the mean"].comparison == BETTER


def test_only_a_margin_of_log_loss_can_be_narrow():
    """In regression the margin is 1 % of a loss in units of the target, however small it is."""
    assert not found(0.0, 0.0, measure=RMSE, rival=1e-6).is_narrow
    assert not found(0.0, 0.0).is_narrow
    assert compare(LOG_LOSS, Estimate(0.0, 0.0, 0.0), 0.01, 4000, (3994, 6)).is_narrow
