"""What comparisons show in words, and whole verdicts.

Everybody is evaluated on the same rows and called by the same rule, and one function decides.
"""

import json
import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from thalweg.evaluation.answers import Answers
from thalweg.evaluation.comparing.compared_answers import compare_answers
from thalweg.evaluation.comparing.corrected_resampling import Chances
from thalweg.evaluation.comparing.margin_rule import (
    BETTER,
    EQUIVALENT,
    UNDECIDED,
    VERDICTS,
    Margin,
    margin_of,
    rule,
)
from thalweg.evaluation.comparing.paired_differences import PairedDifference
from thalweg.evaluation.comparing.ruling_sentences import beside, beside_trees
from thalweg.evaluation.judged_test_set import judge_on_holdout
from thalweg.evaluation.judging.conclusion_sentences import conclusion, constant_answer
from thalweg.evaluation.judging.intervals import Estimate
from thalweg.evaluation.judging.two_class_metrics import judge
from thalweg.evaluation.task_judging import OneNumber, TwoClasses, task_of
from thalweg.evaluation.task_kinds import LOG_LOSS, MAE, OWN_LOSS, RMSE

INF, NAN = math.inf, math.nan
COMMAND = "(thalweg fit TABLE --estimator logistic)"


def found(low, high, *, inner=None, value=None, measure=LOG_LOSS, other=0.4, sd=NAN, **more):
    """A ruling on these ends; the 90 % interval is that of 95 %, unless it is said."""
    value = (low + high) / 2 if value is None else value
    at_95, at_90 = Estimate(value, low, high), Estimate(value, *(inner or (low, high)))
    return rule(measure, PairedDifference(at_95, at_90, sd), margin_of(measure, other), **more)


def said_of(low, high, n_rows=61, **more):
    return beside("logistic regression", found(low, high, **more), n_rows)


def test_six_verdicts_have_six_sentences():
    assert said_of(-0.08, -0.02) == (
        "The network is better than logistic regression on these 61 test rows: its log-loss is "
        "lower by 0.0500 (95 % interval 0.0200 to 0.0800)."
    )
    assert said_of(-0.009, -0.001) == (
        "The network is better than logistic regression on these 61 test rows: its log-loss is "
        "lower by 0.0050 (95 % interval 0.0010 to 0.0090). That is less than matters: the 90 % "
        "interval, -0.0090 to -0.0010, is within the margin of 0.01 nats. Prefer the simpler model "
        f"{COMMAND}."
    )
    assert said_of(0.02, 0.08) == (
        "CAUTION: logistic regression is better than the network on these 61 test rows: its "
        "log-loss is lower by 0.0500 (95 % interval 0.0200 to 0.0800). Use logistic regression "
        f"{COMMAND}, or find out what went wrong."
    )
    assert said_of(0.001, 0.009).endswith(
        "That is less than matters: the 90 % interval, +0.0010 to +0.0090, is within the margin of "
        f"0.01 nats. Prefer the simpler model {COMMAND}."
    )
    assert said_of(-0.0113, 0.0033, inner=(-0.0095, 0.0015), value=-0.004) == (
        "For practical purposes, the network and logistic regression are equally good on these 61 "
        "test rows: the network's log-loss is 0.0040 lower, and the 90 % interval of that "
        "difference, -0.0095 to +0.0015, is within the margin of 0.01 nats. Prefer the simpler "
        f"model {COMMAND}."
    )
    assert said_of(-0.0374, 0.0784, sd=0.15) == (
        "These 61 test rows do not show whether the network or logistic regression is better: the "
        "network's log-loss is 0.0205 higher (95 % interval of that difference: -0.0374 to "
        "+0.0784). A difference of 0.01 nats or more in either direction is not excluded. If they "
        "are equally good, about 1,927 test rows would show with a probability of 80 % that they "
        f"differ by less than 0.01 nats. If in doubt, take the simpler model {COMMAND}."
    )


@pytest.mark.parametrize(
    ("inner", "words"),
    [
        ((-0.02, 0.005), "A log-loss that is lower by 0.01 nats or more is not excluded."),
        ((-0.005, 0.02), "A log-loss that is higher by 0.01 nats or more is not excluded."),
        ((-0.02, 0.02), "A difference of 0.01 nats or more in either direction is not excluded."),
    ],
)
def test_what_is_undecided_says_what_is_not_excluded(inner, words):
    assert words in said_of(-0.03, 0.03, inner=inner)


@pytest.mark.parametrize(("measure", "words"), [(RMSE, "An RMSE"), (MAE, "An MAE")])
def test_an_error_whose_name_is_spoken_with_a_vowel_has_an(measure, words):
    assert f" {words} that is higher by " in said_of(-3, 3, inner=(-0.003, 2), measure=measure)


def test_equality_is_claimed_only_where_it_is_shown():
    for low, high in ((-0.08, -0.02), (-0.0374, 0.0784), (-0.011, 0.0)):
        assert "equally good on" not in said_of(low, high)
        assert "Prefer" not in said_of(low, high)
    assert f"Prefer the simpler model {COMMAND}." in said_of(-0.01, 0.01)
    assert "the network's log-loss is the same" in said_of(0.0, 0.0)


def test_folds_are_named_with_their_interval_and_the_probabilities():
    folds = {"n_folds": 15, "chances": Chances(0.004, 0.25, 0.746)}
    words = (
        "The probability that the network is better by more than 0.01 nats is 0.75, worse by more "
        "than that below 0.01, practically equal 0.25."
    )
    by = ", corrected resampled t over 15 folds)"
    assert said_of(-0.08, -0.02, **folds).endswith(f"(95 % interval 0.0200 to 0.0800{by}. {words}")
    assert f"-0.0374 to +0.0784{by}" in said_of(-0.0374, 0.0784, **folds)
    assert "0.01 nats, corrected resampled t over 15 folds." in said_of(-0.001, 0.001, **folds)
    sure = {"n_folds": 5, "chances": Chances(0.0, 0.001, 0.999)}
    assert "is above 0.99, worse by more than that 0.00" in said_of(-3, -2, **sure)
    # The folds all differ by the same number, or by an infinite one: their spread is unknown.
    said = said_of(NAN, NAN, value=0.1, n_folds=5)
    assert "higher, but the differences of the folds are all the same or infinite" in said
    assert "better, " not in said


@pytest.mark.parametrize(
    ("low", "value", "high", "verdict"),
    [
        (0.1, INF, INF, "worse"),  # the network was certain and wrong, in every resample but few
        (-0.2, INF, INF, UNDECIDED),  # in one row alone
        (-INF, -INF, -0.1, BETTER),
        (-INF, -INF, 0.1, UNDECIDED),
        (NAN, NAN, NAN, UNDECIDED),  # both
    ],
)
def test_infinite_losses(low, value, high, verdict):
    told = found(low, high, value=value)
    assert told.verdict == verdict
    for said in (beside("logistic regression", told, 61), beside_trees(told, 61)):
        assert "nan" not in said
    assert json.loads(json.dumps(told.as_dict(), allow_nan=False)) == told.as_dict()


@pytest.mark.parametrize("n_rows", [1, 2, 5])
@pytest.mark.parametrize(("low", "high"), [(-0.2, -0.1), (0.1, 0.2), (0.0, 0.0)])
def test_a_handful_of_rows_shows_nothing(n_rows, low, high):
    said = said_of(low, high, n_rows, n_telling=n_rows)
    assert "fewer than 6 rows cannot show it" in said
    assert said.startswith("This one test row does" if n_rows == 1 else f"These {n_rows} test rows")
    assert "If in doubt, take the simpler model" in said


def test_a_handful_of_rows_beside_the_most_common_class_shows_nothing():
    said = said_of(-0.2, -0.1, 600, n_telling=1, n_effective=600)
    assert "only 1 row is of another class than the most common, and fewer than 6 such rows" in said
    assert "no row is of another class" in said_of(0.0, 0.0, 300, n_telling=0)
    assert "fewer than 6 different rows cannot show it" in said_of(0.1, 0.2, n_different=5)
    assert "they count as 3.8 rows of equal weight" in said_of(0.1, 0.2, n_effective=3.8)


def test_a_model_that_is_no_network_is_called_what_it_is():
    without = replace(found(-0.006, 0.002), subject="the model without hidden layers")
    said = beside("logistic regression", without, 61)
    assert said.startswith("For practical purposes, the model without hidden layers and logistic")
    assert "the log-loss of the model without hidden layers is 0.0020 lower" in said
    for low, high in ((-0.08, -0.02), (0.02, 0.08), (-0.006, 0.002), (-0.0374, 0.0784)):
        itself = replace(found(low, high), subject="logistic regression")
        said = beside("logistic regression", itself, 61)
        assert said.startswith("This model is logistic regression itself, and no network: on these")
        assert not {"better", "good", "Prefer", "Use"} & {*said.split()}
    ridge = replace(found(-4.2, 5.0, measure=RMSE, other=600.0), subject="ridge regression")
    assert "whose penalty is chosen by leave-one-out" in beside("ridge regression", ridge, 500)


def test_of_numbers_the_margin_is_named_in_their_units():
    told = found(-4.2, 5.0, measure=RMSE, other=600.0)
    assert "is within the margin of 6 (1 % of the RMSE of ridge regression)" in (
        beside("ridge regression", told, 500)
    )
    asked = replace(told, margin=Margin(15.0, "asked", 0.025))
    assert "15 (2.5 % of the RMSE of ridge regression)" in beside("ridge regression", asked, 500)


def test_a_narrow_margin_says_why():
    narrow = replace(found(0.0, 0.0), margin=margin_of(LOG_LOSS, 0.01, (3994, 6)))
    assert "0.00056 nats (5 % of what there is to know)" in beside("ridge", narrow, 4000)


def test_boosted_trees_are_never_called_a_simpler_model():
    for low, high in ((-0.08, -0.02), (0.02, 0.08), (-0.006, 0.002), (-0.0374, 0.0784)):
        said = beside_trees(found(low, high, sd=0.1), 61)
        assert not {"simpler", "Prefer", "CAUTION:"} & {*said.split()}
    assert beside_trees(found(0.02, 0.08), 61) == (
        "Boosted trees are better than the network on these 61 test rows: their log-loss is lower "
        "by 0.0500 (95 % interval 0.0200 to 0.0800). Consider them: scikit-learn has them "
        "(HistGradientBoosting)."
    )
    assert "whether the network or boosted trees are better" in beside_trees(found(-0.1, 0.1), 61)


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (-0.3, -0.1, 'The network is better than always answering "well".'),
        (-0.004, -0.001, 'better than always answering "well", but by less than the margin of'),
        (0.1, 0.3, 'CAUTION: always answering "well" is better than the network'),
        (
            -0.004,
            0.002,
            'practical purposes, always answering "well" is as good as the network',
        ),
        (-0.3, 0.01, 'CAUTION: no difference from always answering "well" is shown ('),
        (NAN, NAN, 'CAUTION: no difference from always answering "well" is shown.'),
    ],
)
def test_beside_a_constant_answer_the_rule_is_the_same(low, high, words):
    network = judge([1, 0, 1] * 20, [0.9, 0.2, 0.7] * 20)
    better = found(-0.3, -0.1)
    constant = ('always answering "well"', found(low, high))
    assert words in conclusion(network, ("logistic regression", better), constant)


def test_the_owner_of_another_programs_model_gets_no_command_of_this_one():
    mine = found(-0.01, 0.01)
    assert COMMAND in beside("logistic regression", mine, 61)
    theirs = replace(mine, subject="LogisticRegression")
    assert "Prefer the simpler model." in beside("logistic regression", theirs, 61)


def test_an_interval_that_excludes_0_is_not_rounded_to_it():
    assert "(95 % interval 0.00002 to 0.01760)" in said_of(0.000021, 0.0176, value=0.0087)
    assert "(95 % interval 0.00002 to 0.01760)" in said_of(-0.0176, -0.000021, value=-0.0087)


def test_no_model_is_advised_where_a_constant_answer_did_better():
    network = judge([1, 0, 1] * 20, [0.9, 0.2, 0.7] * 20)
    worse, answer = found(0.001, 0.0176), 'always answering "ja"'
    said = conclusion(network, ("logistic regression", worse), (answer, found(-0.02, 0.08)))
    assert f"But the log-loss of {answer} is lower than those of both" in said
    assert "Use logistic regression" not in said
    said = conclusion(network, ("logistic regression", worse), (answer, found(-0.2, 0.08)))
    assert "Use logistic regression" in said


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


def test_rare_outcomes_are_counted_in_a_verdict():
    X, matrix, _ = blobs(1000)
    y = np.where(np.arange(1000) < 10, "ill", "well")
    rng = np.random.default_rng(0)

    def answer(rows):
        p = np.clip(rng.normal(0.01, 0.001, len(rows)), 0.001, 0.5)
        return np.stack([p, 1 - p], axis=1)

    model = Told(answer, ["ill", "well"])
    verdict = judge_on_holdout(model, X, y, positive="ill", seed=0, matrix=matrix)
    assert {each.verdict for each in verdict.differences.values()} == {UNDECIDED}
    assert "only 2 rows are of another class than the most common" in verdict.sentence
    auc = verdict.network.metrics["auc"]
    assert (auc.low, auc.high) == (0, 1)
    assert 0 < auc.value < 1


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
        assert f'a constant probability (each row is called "{named}")' in verdict.sentence


def test_of_several_classes_the_constant_answer_is_named_by_the_costs():
    X, matrix, y = blobs(300, 3)
    for costs, label in ([1.0, 2.0, 1.0], "so-so"), ([1.0, 1.0, 4.0], "well"):
        named = f'constant probabilities (each row is called "{label}")'
        model = Told(
            lambda rows: np.tile([0.4, 0.35, 0.25], (len(rows), 1)), ["ill", "so-so", "well"], costs
        )
        verdict = judge_on_holdout(model, X, y, task=task_of(y), seed=0, matrix=matrix)
        assert named in verdict.sentence


def test_a_constant_answer_that_is_another_in_each_fold_has_no_name():
    judged = judge([True, False] * 10, [0.4] * 10 + [0.6] * 10)
    assert (
        constant_answer("constant", {"constant": judged}, ["ill", "well"])
        == "a constant probability"
    )


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
def test_equal_predictions_are_equivalent(one_class):
    """The interval is from 0 to 0."""
    task = TwoClasses("ill", "well")
    truth = np.arange(60) % (1 if one_class else 2) == 0
    p = np.linspace(0.1, 0.9, 60)
    told = compare_answers(
        task, [(Answers(truth, p), Answers(truth, p.copy()))], margin=None, seed=0
    )
    assert told.difference.at_95 == Estimate(0.0, 0.0, 0.0)
    # Rows of one class alone show nothing of how classes are told apart.
    assert told.verdict == (UNDECIDED if one_class else EQUIVALENT)


def test_the_verdict_compares_with_all_baselines_in_json():
    X, matrix, y = blobs(400)
    y = np.where(y == "ill", "ill", "well")

    def answer(rows):
        p = 1 / (1 + np.exp(3 - 4 * rows["a"].to_numpy()))
        return np.stack([p, 1 - p], axis=1)

    model = Told(answer, ["ill", "well"])
    verdict = judge_on_holdout(model, X, y, positive="ill", seed=0, matrix=matrix)
    plain = verdict.as_dict()
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain
    assert set(plain["differences"]) == set(plain["baselines"])
    for each in plain["differences"].values():
        assert each["verdict"] in VERDICTS
        assert each["low"] <= each["low90"] <= each["value"] <= each["high90"] <= each["high"]
        assert (each["measure"], each["margin"], each["margin_from"]) == (
            "log-loss", 0.01, "default"
        )  # fmt: skip
        assert (each["n_folds"], each["chances"]) == (None, None)
    asked = judge_on_holdout(
        model, X, y, positive="ill", seed=0, matrix=matrix, margin=5.0, trees=False
    )
    assert [*asked.differences] == ["logistic regression", "always the commoner class"]
    assert asked.differences["logistic regression"].margin == Margin(5.0, "asked")
    assert "boosted" not in asked.sentence


def test_numbers_are_compared_by_rmse_with_a_margin_in_their_units():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 2))
    y = 100 * X[:, 0] + rng.normal(0, 50, 400)
    model = Told(lambda rows: 100 * rows[0].to_numpy(), [])
    verdict = judge_on_holdout(model, pd.DataFrame(X), y, task=OneNumber(), seed=0, matrix=X)
    ridge = verdict.differences["ridge regression"]
    rmse = verdict.baselines["ridge regression"].metrics["rmse"].value
    assert ridge.margin.value == pytest.approx(0.01 * rmse)
    assert verdict.differences["always the mean"].verdict == BETTER
    # As wide as the bootstrap: half of it is 1.96 standard errors.
    half = (ridge.difference.at_95.high - ridge.difference.at_95.low) / 2
    assert half == pytest.approx(1.99 * ridge.difference.sd / math.sqrt(80), rel=0.15)


@pytest.mark.parametrize(
    ("measure", "command"),
    [
        (RMSE, "--estimator ridge, whose"), (MAE, "--estimator ridge without --loss, whose"),
        (OWN_LOSS, "--estimator ridge without --loss-formula, whose"),
        ("Poisson deviance", "--estimator ridge without --loss, whose"),
        ("gamma deviance", "--estimator ridge without --loss, whose"),
        ("Tweedie deviance with power 1.5", "; with --exposure or --offset no command makes it)"),
        ("pinball loss over all levels", ""),
    ],
)  # fmt: skip
def test_the_advised_command_makes_what_was_compared(measure, command):
    said = beside("ridge regression", found(-1, 1.2, measure=measure, other=4.0), 61)
    assert "take the simpler model (" in said
    assert command in said
    assert ("thalweg fit" in said) == bool(command)


def test_the_advice_beside_grades_leaves_their_options_out():
    said = beside("logistic regression", found(-0.02, 0.03), 61, of_grades=True)
    assert "--estimator logistic without --loss and --grades)" in said
