"""The sentences about calibration: finding, rows, what is not known."""

from dataclasses import replace

import numpy as np
import pytest

from planted import expit, numbers, several_classes, two_classes
from thalweg.evaluation.answers import Answers
from thalweg.evaluation.calibration.calibration_gate import calibration_gate
from thalweg.evaluation.calibration.calibration_sentences import (
    calibration_sentence,
    gate_sentence,
)
from thalweg.evaluation.calibration.class_calibration import multiclass_calibration
from thalweg.evaluation.calibration.regression_calibration import regression_calibration
from thalweg.evaluation.calibration.two_class_calibration import two_class_calibration


def said(answers):
    if answers.answer.ndim == 2:
        names = [f"class {k}" for k in range(answers.answer.shape[1])]
        return calibration_sentence(multiclass_calibration(answers), names)
    if answers.truth.dtype == bool:
        return calibration_sentence(two_class_calibration(answers))
    return calibration_sentence(regression_calibration(answers))


@pytest.mark.parametrize(
    ("slope", "intercept", "finding"),
    [
        (0.5, 0, "The probabilities are too sure on"),
        (2, 0, "The probabilities are too unsure on"),
        (1, 0.8, "The probabilities are too low on the whole on"),
        (1, -0.8, "The probabilities are too high on the whole on"),
        (0.5, 0.8, "The probabilities are too sure and too low on the whole on"),
        (1, 0, "No miscalibration shown on"),
    ],
)
def test_the_finding_is_named(slope, intercept, finding):
    text = said(two_classes(1000, 1, slope, intercept))
    assert text.startswith(finding)
    assert ("does not show that there is none" in text) == finding.startswith("No")


def test_slope_interval_rows_and_ratio_are_given():
    answers = two_classes(1000, 0, 0.5)
    found = two_class_calibration(answers)
    text = calibration_sentence(found)
    positive = int(answers.truth.sum())
    assert f"on 1,000 test rows ({positive} positive, {1000 - positive} negative)" in text
    slope = found.weak.slope
    value, low, high = (f"{each:.3f}" for each in (slope.value, slope.low, slope.high))
    assert f"logits is {value} [{low}, {high}]" in text
    assert "p < 0.001" in text


def test_an_error_in_shape_is_not_called_none():
    # A truth that is 0.5 in the middle and sure at both ends, symmetric: the line fits.
    random = np.random.default_rng(0)
    z = np.sort(random.uniform(-2, 2, 4000))
    true = expit(np.sign(z) * np.where(abs(z) < 1, 0.0, 1.6))
    slope = 1.0
    for _ in range(20):  # the slope that a logistic regression would give
        p = expit(slope * z)
        slope += np.sum(z * (true - p)) / np.sum(z * z * p * (1 - p))
    text = said(Answers(random.random(4000) < true, expit(slope * z)))
    assert text.startswith("The probabilities are miscalibrated in the shape of the curve on")


@pytest.mark.quick_each(2)
@pytest.mark.parametrize(
    ("how", "kind", "reservation"),
    [
        ("test", "test rows", ""),
        ("cross-validated", "cross-validated rows", ""),
        ("out-of-fold", "out-of-fold rows", "so they do not evaluate it."),
        ("training", "training rows", "so they say nothing about new ones."),
    ],
)
@pytest.mark.parametrize("of", [two_classes, several_classes, numbers])
def test_the_kind_of_rows_and_what_they_cannot_say_are_given(of, how, kind, reservation):
    text = said(of(300, 0, how=how))
    assert f"on 300 {kind}" in text
    assert text.endswith(reservation)
    assert ("so they" in text) == bool(reservation)


def test_weights_are_said_to_be_an_effective_number():
    answers = two_classes(300, 0)
    weights = np.random.default_rng(0).uniform(0.5, 2, 300)
    text = said(Answers(answers.truth, answers.answer, weights))
    assert "on effectively 2" in text


@pytest.mark.parametrize(
    ("n", "part"),
    [(20, "slope and curve need 20 of each"), (120, "Only gross miscalibration can be seen in ")],
)
def test_few_rows_are_a_caution(n, part):
    assert part in said(two_classes(n, 0))


@pytest.mark.parametrize(
    ("truth", "p", "part"),
    [
        (np.arange(60) > 29, np.linspace(0.1, 0.9, 60), "No slope of the logits on 60 test rows"),
        (np.ones(30, bool), np.zeros(30), "no positive row is expected"),
        (
            np.ones(30, bool),
            np.full(30, 0.5),
            "observed by expected positive rows are 2.00 [1.77, 2.00]",
        ),
    ],
)
def test_what_is_undefined_is_said(truth, p, part):
    text = said(Answers(truth, p))
    assert part in text
    assert "nan" not in text
    assert "inf " not in text


def test_a_class_without_a_test_is_named():
    answers = several_classes(600, 1)
    few = answers.rows(np.flatnonzero((answers.truth != 2) | (np.arange(600) < 30)))
    text = calibration_sentence(multiclass_calibration(few, 0), ["a", "b", "rare", "d"])
    assert "1 class has no test (rare)." in text


def test_several_classes_have_a_temperature_and_the_classes_that_are_wrong():
    text = said(several_classes(600, 0, 0.5))
    assert text.startswith("The probabilities are too sure on 600 test rows: the slope")
    assert "(temperature 2" in text or "(temperature 1.9" in text
    assert "miscalibrated class 0, class 1, class 2, class 3." in text
    text = said(several_classes(600, 1))
    assert text.startswith("No miscalibration shown on")
    assert text.endswith("(Holm): no miscalibration shown. This does not show that there is none.")
    text = said(several_classes(60, 1))
    assert "class" in text
    few = said(several_classes(40, 1))
    assert few.endswith(
        "No class has enough rows for a test of its own. This does not show that there is none."
    )


def test_numbers_have_a_line():
    assert said(numbers(1000, 0, 0.5)).startswith("The predictions are too far apart")
    assert said(numbers(1000, 0, 2)).startswith("The predictions are too near to each other")
    text = said(numbers(1000, 0, 1, 2))
    assert text.startswith("The predictions are too low on the whole on 1,000 test rows")
    assert said(numbers(1000, 0)).startswith("No miscalibration shown on 1,000 test rows")
    assert said(numbers(5, 0)).startswith("No slope on 5 test rows, because a line needs 10 rows")


@pytest.mark.parametrize("of", [two_classes, several_classes, numbers])
def test_the_gate_says_what_it_does(of):
    text = gate_sentence(calibration_gate(of(1000, 2, slope=0.5)))
    assert text.startswith("Predictions are corrected by the slope 0.")
    assert ("intercept" in text) == (of is not several_classes)
    assert ("of the logits" in text) == (of is not numbers)
    text = gate_sentence(calibration_gate(of(1000, 4)))
    assert text.startswith("Predictions are not corrected: no miscalibration shown")


def test_no_sentence_calls_predictions_well_calibrated():
    for of in (two_classes, several_classes, numbers):
        for n in (10, 60, 150):
            assert "well calibrated" not in said(of(n, 0))


def test_the_headline_counts_every_class_and_not_the_temperature_alone():
    # Two classes take from each other: the slope of all logits stays near 1.
    random = np.random.default_rng(0)
    true = random.dirichlet([2, 2, 2], 1500)
    truth = (true.cumsum(axis=1) < random.random((1500, 1))).sum(axis=1)
    stated = true * [1.5, 1.0, 0.67]
    stated /= stated.sum(axis=1, keepdims=True)
    stated **= 1 / 1.35
    stated /= stated.sum(axis=1, keepdims=True)
    found = multiclass_calibration(Answers(truth, stated))
    assert found.temperature.p_value > 0.05
    text = calibration_sentence(found, ["a", "b", "c"])
    assert text.startswith("The probabilities are miscalibrated on 1,500 test rows")
    assert "miscalibrated a, b, c." in text
    assert "does not show" not in text


def test_a_finding_in_few_rows_is_not_called_gross():
    text = said(two_classes(120, 1, 0.3))
    assert text.startswith("The probabilities are too sure on")
    assert "Only gross" not in text
    assert text.endswith("how large the miscalibration is remains uncertain.")


def test_the_joint_test_is_named_as_the_one_that_decides():
    random = np.random.default_rng(0)
    for _ in range(400):
        x, noise = random.normal(size=(2, 60))
        found = regression_calibration(Answers(x + noise + 0.24, x))
        if found.p_value >= 0.05 and found.bias.low > 0:
            break
    text = calibration_sentence(found)
    assert text.startswith("No miscalibration shown on 60 test rows")
    assert "The joint test at 5 % decides" in text


def test_effective_numbers_are_named_as_such():
    answers = two_classes(300, 0)
    weights = np.random.default_rng(0).uniform(0.5, 2, 300)
    found = two_class_calibration(Answers(answers.truth, answers.answer, weights))
    text = calibration_sentence(found)
    counts = found.n_positive, found.n_negative
    assert (
        "(effectively {:.0f} positive, effectively {:.0f} negative)".format(*map(np.floor, counts))
        in text
    )


def test_an_end_below_1_is_not_printed_as_1():
    found = two_class_calibration(two_classes(1000, 0, 0.5))
    near = replace(found.weak.slope, value=0.9, low=0.8, high=0.9996)
    text = calibration_sentence(replace(found, weak=replace(found.weak, slope=near)))
    assert text.startswith("The probabilities are too sure")
    assert "logits is 0.9000 [0.8000, 0.9996], 1 if calibrated" in text
