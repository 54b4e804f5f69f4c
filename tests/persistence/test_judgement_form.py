"""The judgement in a model file must agree with itself and with its model."""

import copy
import dataclasses
import math

import numpy as np
import pytest

from reports import wisconsin
from thalweg.estimators.outputs.class_outputs import LOGIT
from thalweg.evaluation.answers import Answers
from thalweg.evaluation.task_judging import TwoClasses
from thalweg.evaluation.task_kinds import SEVERAL_CLASSES, TASKS, TWO_CLASSES
from thalweg.persistence.estimate_forms import (
    COMPARISON,
    DIFFERENCE,
    ESTIMATE,
    RESULTS_OF_BEFORE,
    estimate_of,
)
from thalweg.persistence.judgement_form import REPORTS, VERDICTS, Asked, require_verdict
from thalweg.persistence.plain_data_checks import require

WHOLE = "the curves do not count from no row to all rows"
ASKED = Asked(TWO_CLASSES, ["benign", "malignant"], "malignant", LOGIT)


def binary():
    made = wisconsin()
    return copy.deepcopy(made.verdict.as_dict()), copy.deepcopy(made.report)


def refused(verdict, report=None):
    with pytest.raises(ValueError, match="the ") as error:
        require_verdict(ASKED, verdict, report)
    return str(error.value)


def test_a_judgement_as_it_is_made_is_taken():
    require_verdict(ASKED, *binary())
    require_verdict(ASKED, binary()[0], None)


@pytest.mark.parametrize("how", ["10,000,000 rows, evaluated on 140 held out", "10 million rows"])
def test_the_training_rows_are_those_that_are_said(how):
    verdict, _ = binary()
    assert verdict["how"].startswith(f"Trained on {verdict['n_train']:,} rows")
    verdict["how"] = f"Trained on {how}"
    assert "another number of training rows" in refused(verdict)


@pytest.mark.parametrize("kind", ["true_positive", "false_positive"])
@pytest.mark.parametrize("of", ["grid", "roc"])
def test_a_curve_counts_no_more_rows_than_there_are(kind, of):
    verdict, report = binary()
    curves = report["curves"]
    # The most that is counted is all rows of the class; the class has one row less then.
    place = curves if of == "grid" else curves["roc"]
    end = 0 if of == "grid" else -1
    most = curves["n_positive" if kind == "true_positive" else "n_negative"]
    assert place[kind][end] == most
    place[kind][end] += 1
    assert refused(verdict, report) == WHOLE


@pytest.mark.parametrize("kind", ["true_positive", "false_positive"])
def test_a_curve_runs_in_one_direction(kind):
    for turn in (
        lambda curves: curves[kind].reverse(),
        lambda curves: curves["roc"][kind].reverse(),
        lambda curves: curves[kind].pop(),
        lambda curves: curves[kind].append(0),
    ):
        verdict, report = binary()
        turn(report["curves"])
        assert refused(verdict, report) == "the curves are not monotone"


def test_both_counts_of_the_roc_curve_are_as_many():
    verdict, report = binary()
    report["curves"]["roc"]["false_positive"].pop()
    assert refused(verdict, report) == WHOLE


@pytest.mark.parametrize("side", ["n_positive", "n_negative"])
def test_the_curves_are_about_the_rows_of_the_judgement(side):
    verdict, report = binary()
    report["curves"][side] += 1
    assert refused(verdict, report) == "the curves are about other rows than the judgement"


@pytest.mark.parametrize(
    "count", ["true_positive", "false_negative", "false_positive", "true_negative"]
)
def test_the_counts_of_every_judgement_add_up(count):
    for name in ("network", "logistic regression"):
        verdict, _ = binary()
        each = verdict["network"] if name == "network" else verdict["baselines"][name]
        each["confusion"][count] += 1
        assert refused(verdict) == "the judgement's rows do not add up"


@pytest.mark.parametrize("end", ["value", "low", "high"])
@pytest.mark.parametrize(
    ("metric", "impossible"),
    [("accuracy", 10**18), ("specificity", -0.11), ("auc", 1.905), ("brier", 1.142),
     ("log_loss", -0.69)],
)  # fmt: skip
def test_a_metric_that_no_prediction_has_is_refused(metric, impossible, end):
    for name in ("network", "logistic regression"):
        verdict, _ = binary()
        require(verdict, VERDICTS[TWO_CLASSES], "header.judgement")
        each = verdict["network"] if name == "network" else verdict["baselines"][name]
        each["metrics"][metric][end] = impossible
        with pytest.raises(ValueError, match=rf"judgement.*\.metrics\.{metric} is "):
            require(verdict, VERDICTS[TWO_CLASSES], "header.judgement")


@pytest.mark.parametrize("task", TASKS.values(), ids=lambda task: task.name)
def test_the_range_of_a_metric_has_both_of_its_ends(task):
    shares = {"accuracy", "balanced_accuracy", "sensitivity", "specificity", "auc"}
    own = {"r2": (-math.inf, 1), "poisson": (-math.inf, math.inf)}
    own |= {"rps": (0, 1), "kappa": (-1, 1)}
    own["brier"] = (0, 2 if task is SEVERAL_CLASSES else 1)
    for metric in task.metrics:
        low, high = own.get(metric.key, (0, 1 if metric.key in shares else math.inf))
        least, most = max(low, -1e300), min(high, 1e300)
        form = estimate_of(metric)
        assert form.holds({"value": most, "low": least, "high": most})
        assert form.holds({"value": most, "low": least - 1e-3, "high": most}) == (low < -1)
        assert form.holds({"value": most, "low": least, "high": most + 1e-3}) == (high > 2)


UNKNOWN = {
    "low90": None, "high90": None, "margin_from": "default", "rows_needed": None, "n_folds": None,
    "chances": None,
}  # fmt: skip


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("verdict", "better"), ("verdict", "equivalent"), ("verdict", "as good"),
        ("verdict", "worse, by less than matters"), ("low90", 0.49), ("high90", 0.91),
        ("low90", None), ("low90", 0.89), ("margin", -0.1), ("margin", None),
        ("margin_from", "somebody"), ("rows_needed", 0), ("rows_needed", 10**16), ("n_folds", 2.0),
        ("chances", {}), ("chances", {"worse": 0.5, "equal": 0.2, "better": 0.2}),
        ("chances", {"worse": 2.0, "equal": -1.0, "better": 0.0}), ("measure", 5), ("more", 1),
    ],
)  # fmt: skip
def test_a_difference_that_contradicts_itself_is_refused(key, value):
    inside = {"value": 0.7, "low": 0.5, "high": 0.9, **UNKNOWN, "low90": 0.6, "high90": 0.8}
    inside |= {"measure": "log-loss", "margin": 0.1, "verdict": "worse", "rows_needed": 900}
    inside |= {"chances": {"worse": 0.5, "equal": 0.25, "better": 0.25}, "n_folds": 15}
    assert DIFFERENCE.holds(inside)
    assert DIFFERENCE.holds(inside | {"verdict": "undecided"})  # as with few rows
    assert not DIFFERENCE.holds(inside | {key: value})


@pytest.mark.parametrize("value", [2**64, 0.4999, 0.9001, "Infinity", "-Infinity"])
def test_a_value_outside_of_its_own_interval_is_refused(value):
    for form in (ESTIMATE, COMPARISON, DIFFERENCE):
        inside = {"value": 0.5, "low": 0.5, "high": 0.9}
        if form is COMPARISON:
            inside |= {"measure": "auc", "margin": 0.1, "comparison": RESULTS_OF_BEFORE[0]}
        if form is DIFFERENCE:
            inside |= UNKNOWN | {"measure": "log-loss", "margin": 0.1, "verdict": "worse"}
        assert form.holds(inside)
        assert not form.holds(inside | {"value": value})


@pytest.mark.parametrize(
    "ends",
    [(1 + 1e-12, 0.9, 1.0), ("Infinity", 1.0, "Infinity"), ("Infinity",) * 3, (7e9, 7e9, 7e9)],
)
def test_an_interval_that_ends_at_its_value_is_taken(ends):
    assert ESTIMATE.holds(dict(zip(("value", "low", "high"), ends, strict=True)))


def test_a_column_of_the_report_has_a_kind_that_there_is():
    numbers = dict.fromkeys(("low", "median", "high"))
    form = REPORTS[TWO_CLASSES]["table"]["columns"][0]
    assert form.holds({"name": "a", "kind": "number", "missing": 0, **numbers})
    for kind in ("no kind", "", None):
        assert not form.holds({"name": "a", "kind": kind, "missing": 0, **numbers})


def weighted():
    """A judgement of weighted rows, whose counts are sums of weights."""
    rng = np.random.default_rng(0)
    truth, p, weights = rng.random(60) < 0.4, rng.random(60), rng.lognormal(size=60)
    task, rows = TwoClasses("malignant", "benign"), Answers(truth, p, weights)
    judged, curves = task.judge(rows, None, seed=0).as_dict(), task.shown(rows).as_dict()
    verdict, report = binary()
    for name in verdict["baselines"]:
        verdict["baselines"][name] = copy.deepcopy(judged)
        verdict["differences"][name].update(
            value=0.0, low=-0.002, high=0.002, low90=-0.001, high90=0.001, verdict="equivalent"
        )
    return {**verdict, "n_test": 60, "network": judged}, {**report, "curves": curves}


def test_counts_of_weighted_rows_are_sums_of_weights():
    verdict, report = weighted()
    require(verdict, VERDICTS[TWO_CLASSES], "header.judgement")
    require(report["curves"], REPORTS[TWO_CLASSES]["curves"], "curves")
    require_verdict(dataclasses.replace(ASKED, weighted=True), verdict, report)
    verdict["network"]["confusion"]["true_positive"] += 0.5
    assert refused(verdict, report) == "the judgement's rows do not add up"


def test_rows_without_weights_are_not_counted_in_parts():
    verdict, report = weighted()
    for each in (verdict["network"], *verdict["baselines"].values()):
        del each["n_effective"]
    said = "the judgement counts parts of rows, and the rows have no weights"
    assert refused(verdict, report) == said
    verdict, report = binary()
    report["curves"]["histogram"]["positive"][0] += 0.5
    assert refused(verdict, report) == said


def test_effective_numbers_of_rows_agree_and_are_not_above_the_rows():
    verdict, report = weighted()
    verdict["network"]["n_effective"] += 1
    assert refused(verdict, report) == "the judgement's models have rows of different weights"
    for each in (verdict["network"], *verdict["baselines"].values()):
        each["n_effective"] = 61.0
    assert "above that of the rows" in refused(verdict, report)
