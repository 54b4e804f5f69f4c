"""A model of grades is evaluated with the order of its grades; others are not."""

import copy
import json

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import cohen_kappa_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from thalweg import ThalwegClassifier, evaluate
from thalweg.evaluation.conformal.coverage_sentences import coverage_sentence
from thalweg.evaluation.conformal.measured_coverage import SetCoverage
from thalweg.evaluation.judged_test_set import judge_on_holdout
from thalweg.evaluation.judging.intervals import Estimate
from thalweg.evaluation.task_judging import SeveralClasses, task_of, task_of_all
from thalweg.evaluation.task_kinds import SEVERAL_CLASSES
from thalweg.persistence.evaluations.same_numbers import require_same_numbers
from thalweg.persistence.judgement_form import VERDICTS, Asked, require_verdict
from thalweg.persistence.plain_data_checks import require
from thalweg.reporting.comparison_words import rule
from thalweg.reporting.page.section_data import metric_keys
from thalweg.reporting.terminal_verdict import verdict_page

ORDER = ["low", "mid", "high"]


@pytest.fixture(scope="module")
def verdict():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(150, 2))
    y = np.array(ORDER)[np.digitize(X[:, 0] + rng.normal(size=150) / 2, [-0.5, 0.5])]
    model = ThalwegClassifier(
        loss="ordinal", grades=ORDER, hidden_layer_sizes=(4,), max_iter=4, random_state=0
    )
    found = judge_on_holdout(model, pd.DataFrame(X), y, task=task_of(y), seed=0, matrix=X)
    return json.loads(json.dumps(found.as_dict(), allow_nan=False))


def asked(order=ORDER):
    return Asked(SEVERAL_CLASSES, sorted(ORDER), "None", "ordinal", grades=order)


def test_the_verdict_names_the_order_and_has_its_metrics(verdict):
    assert verdict["grades"] == ORDER
    require(verdict, VERDICTS[SEVERAL_CLASSES], "verdict")
    require_verdict(asked(), verdict, None)
    for each in (verdict["network"], *verdict["baselines"].values()):
        assert {"rps", "grade_mae", "kappa"} < set(each["metrics"])
    constant = verdict["baselines"][SEVERAL_CLASSES.constant]["metrics"]["kappa"]
    assert (constant["low"], constant["high"]) == (0.0, 0.0)
    assert "The classes are grades, from the lowest: low, mid, high." in rule(verdict)
    assert verdict_page(verdict) is not None


@pytest.mark.parametrize("key", ["grade_mae", "kappa"])
def test_a_file_whose_metrics_are_not_those_of_its_counts_is_refused(verdict, key):
    forged = copy.deepcopy(verdict)
    metric = forged["network"]["metrics"][key]
    metric["value"] = (metric["value"] + metric["high"]) / 2
    with pytest.raises(ValueError, match=f"the {key} of the network"):
        require_same_numbers(SEVERAL_CLASSES, "ordinal", "None", forged, None)


def test_a_file_with_another_order_is_refused(verdict):
    for order in (None, ["mid", "low", "high"]):
        with pytest.raises(ValueError, match="another order"):
            require_verdict(asked(order), verdict, None)
    without = {key: value for key, value in verdict.items() if key != "grades"}
    with pytest.raises(ValueError, match="metrics are not those"):
        require_verdict(asked(), without, None)


def test_sentences_and_groups_have_the_order_of_the_grades():
    """They were in the order of the alphabet."""
    names = sorted(ORDER)
    shares = tuple(Estimate(k / 10, 0.0, 1.0) for k in range(3))
    found = SetCoverage(0.9, 30, shares, {})
    said = coverage_sentence(found, names, ORDER)
    places = [said.index(f"{name}: {k} %") for name, k in zip(ORDER, (10, 20, 0), strict=True)]
    assert places == sorted(places)
    keys = ["accuracy", *(f"recall {name}" for name in names), "brier"]
    recalls = [f"recall {name}" for name in ORDER]
    assert metric_keys(keys, {"grades": ORDER}) == ["accuracy", *recalls, "brier"]
    assert metric_keys(keys, {}) == keys


class _Graded:
    def __init__(self, order):
        self._classes = self
        self.order = np.array(order)


def test_a_task_takes_the_order_of_a_model_that_knows_all_labels():
    task = task_of(np.array([*ORDER, *ORDER]))
    assert isinstance(task, SeveralClasses)
    assert task.of(object()) is task
    assert task.of(_Graded(["low", "mid"])) is task
    graded = task.of(_Graded(ORDER))
    assert graded.ranks.tolist() == [2, 0, 1]
    assert graded.facts() == {"classes": sorted(ORDER), "grades": ORDER}
    assert task_of_all([graded, task]) is graded
    assert task_of_all([task]) is task


@pytest.mark.parametrize("how", ["holdout", "cross-validation", "given"])
def test_an_evaluation_in_python_has_the_metrics_of_grades(how, tmp_path):
    """Text, plain data and report; also of a model behind a scaler."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(120, 2))
    y = np.array(ORDER)[np.digitize(X[:, 0] + rng.normal(size=120) / 2, [-0.5, 0.5])]
    graded = ThalwegClassifier((), loss="ordinal", grades=ORDER, max_iter=4, random_state=0)
    model = make_pipeline(StandardScaler(), graded)
    if how == "given":
        model.fit(X[:60], y[:60])
        X, y = X[60:], y[60:]
    found = evaluate(model, X, y, how=how, baselines=None)
    metrics = found.as_dict()["judgement"]["network"]["metrics"]
    assert {"rps", "grade_mae", "kappa"} < set(metrics)
    assert all(name in found.text() for name in ("RPS", "MAE in grades", "quadratic kappa"))
    if how == "given":
        places = [
            np.array([ORDER.index(each) for each in texts]) for texts in (y, model.predict(X))
        ]
        assert metrics["grade_mae"]["value"] == pytest.approx(np.abs(places[0] - places[1]).mean())
        kappa = cohen_kappa_score(*places, weights="quadratic")
        assert metrics["kappa"]["value"] == pytest.approx(kappa)
        found.report(tmp_path / "grades.html")
        assert "quadratic kappa" in (tmp_path / "grades.html").read_text(encoding="utf-8")
