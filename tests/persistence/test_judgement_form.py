"""The judgement in a model file must agree with itself and with its model."""

import copy

import pytest

from reports import wisconsin
from thalweg.estimators.learning.target_outputs import LOGIT
from thalweg.evaluation.task_kinds import TWO_CLASSES
from thalweg.persistence.judgement_form import Asked, require_verdict

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
