"""Sections of an evaluation for the tests of pages and files, from answers made with a seed."""

import json

import numpy as np

from thalweg.evaluation.answers import Answers, answers_of
from thalweg.evaluation.calibration.calibration_sentences import calibration_sentence
from thalweg.evaluation.calibration.class_calibration import multiclass_calibration
from thalweg.evaluation.calibration.regression_calibration import regression_calibration
from thalweg.evaluation.calibration.two_class_calibration import two_class_calibration
from thalweg.evaluation.conformal.coverage_sentences import coverage_sentence
from thalweg.evaluation.conformal.measured_coverage import interval_coverage, set_coverage
from thalweg.evaluation.decisions.abstention import abstain, risk_coverage
from thalweg.evaluation.decisions.chosen_threshold import Threshold
from thalweg.evaluation.decisions.decision_curve import decision_curve
from thalweg.evaluation.decisions.decision_sentences import (
    abstention_sentence,
    benefit_sentence,
    threshold_sentence,
)
from thalweg.evaluation.decisions.operating_point import at_threshold
from thalweg.evaluation.decisions.threshold_spread import tuned_by_costs
from thalweg.evaluation.subgroups.group_judging import judge_groups


def two_class_sections(
    truth, probability, *, other=None, by=None, threshold=0.5, names=("no", "yes")
):
    answers = answers_of(np.asarray(truth, dtype=bool), probability)
    calibration = two_class_calibration(answers, classes=names)
    point = at_threshold(answers, threshold)
    folds = np.arange(len(answers)) % 5
    tuned = tuned_by_costs(
        Answers(answers.truth, answers.answer, folds=folds, how="out-of-fold"), 1, 1
    )
    chosen = Threshold(value=threshold, by="given", spread=tuned.spread)
    rival = None if other is None else answers_of(answers.truth, other)
    curve = decision_curve(answers, other=rival, classes=names)
    found = abstain(answers, 0.1)
    either = np.stack([1 - answers.answer, answers.answer], axis=1) > 0.1
    sets = set_coverage(answers, either, names)
    return plain({
        "how": "test",
        "n_samples": len(answers),
        "calibration": {
            "found": calibration.as_dict(), "sentence": calibration_sentence(calibration, names),
        },
        "threshold": {
            "chosen": chosen.as_dict(), "point": point.as_dict(),
            "sentence": threshold_sentence(chosen, point, names),
        },
        "benefit": {
            "curve": curve.as_dict(), "sentence": benefit_sentence(curve, threshold, names),
        },
        "abstention": {
            "at_price": found.as_dict(), "line": risk_coverage(answers).as_dict(),
            "sentence": abstention_sentence(found, default=True),
        },
        "coverage": {
            "found": sets.as_dict(), "sentence": coverage_sentence(sets, names),
        },
        "subgroups": None
        if by is None
        else judge_groups(answers, by, threshold=threshold, classes=names).as_dict(),
    })  # fmt: skip


def multiclass_sections(truth, probability, names, *, by=None):
    answers = answers_of(np.asarray(truth), probability)
    calibration = multiclass_calibration(answers)
    found = abstain(answers, 0.1)
    sets = set_coverage(answers, answers.answer > 0.1, names)
    return plain({
        "how": "test",
        "n_samples": len(answers),
        "calibration": {
            "found": calibration.as_dict(), "sentence": calibration_sentence(calibration, names),
        },
        "threshold": None,
        "benefit": None,
        "abstention": {
            "at_price": found.as_dict(), "line": risk_coverage(answers).as_dict(),
            "sentence": abstention_sentence(found, default=True),
        },
        "coverage": {
            "found": sets.as_dict(), "sentence": coverage_sentence(sets, names),
        },
        "subgroups": None if by is None else judge_groups(answers, by, classes=names).as_dict(),
    })  # fmt: skip


def regression_sections(truth, predicted, intervals, *, by=None):
    answers = answers_of(np.asarray(truth, dtype=float), predicted)
    calibration = regression_calibration(answers)
    held = interval_coverage(answers, intervals)
    return plain({
        "how": "test",
        "n_samples": len(answers),
        "calibration": {
            "found": calibration.as_dict(), "sentence": calibration_sentence(calibration),
        },
        "threshold": None,
        "benefit": None,
        "abstention": None,
        "coverage": {
            "found": held.as_dict(), "sentence": coverage_sentence(held),
        },
        "subgroups": None if by is None else judge_groups(answers, by).as_dict(),
    })  # fmt: skip


def plain(sections):
    """As it comes out of a file."""
    return json.loads(json.dumps(sections, allow_nan=False))


def invented(n_rows, *, events=0.3, seed=0):
    """Two classes: truths, and probabilities that are a little too sure."""
    rng = np.random.default_rng(seed)
    z = rng.normal(np.log(events / (1 - events)), 1.5, n_rows)
    return rng.random(n_rows) < 1 / (1 + np.exp(-z)), 1 / (1 + np.exp(-1.4 * z))
