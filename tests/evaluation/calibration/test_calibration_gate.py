"""The gate: it finds and corrects a planted slope, and leaves calibrated predictions alone."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import minimize

from planted import expit, numbers, rows, several_classes, two_classes
from thalweg.errors import DataError, SettingsError
from thalweg.evaluation.answers import Answers
from thalweg.evaluation.calibration.calibration_gate import (
    calibration_gate,
    fit_calibration,
    named_calibration,
)
from thalweg.evaluation.calibration.probability_rows import logit, probability_rows
from thalweg.evaluation.calibration.recalibration_map import Calibration
from thalweg.evaluation.calibration.reliability_curve import reliability
from thalweg.evaluation.calibration.weak_calibration import weak_calibration


def brier_of(answers, p):
    return reliability(rows(answers.truth, p), 0)[1]


@pytest.mark.parametrize("seed", range(3))
def test_a_planted_slope_is_found_and_corrected(seed):
    # Design study, section 1: a default elsewhere returned its input unchanged.
    fitted, fresh = (two_classes(n, 10 * seed + n, slope=0.6) for n in (6000, 2000))
    gate = calibration_gate(fitted)
    assert gate.calibration.slope == pytest.approx(0.6, abs=0.05)
    assert gate.calibration.intercept == pytest.approx(0, abs=0.1)
    before = brier_of(fresh, fresh.answer)
    after = brier_of(fresh, gate.calibration.apply(fresh.answer))
    # From its value to within noise.
    assert before.mcb > 2 * before.mcb_if_calibrated_at_most
    assert after.mcb < 1.2 * after.mcb_if_calibrated_at_most
    assert after.score < before.score


def test_a_planted_temperature_is_found_and_corrected():
    fitted, fresh = (several_classes(1000, k, slope=0.6) for k in (0, 1))
    done = fit_calibration(fitted)
    assert done.kind == "temperature"
    assert done.slope == pytest.approx(0.6, abs=0.06)
    at = np.arange(1000), fresh.truth
    before, after = (-np.log(p[at]).mean() for p in (fresh.answer, done.apply(fresh.answer)))
    assert after < before


def test_a_planted_line_of_numbers_is_found_and_corrected():
    fitted, fresh = (numbers(2000, k, slope=0.6, intercept=1) for k in (0, 1))
    done = fit_calibration(fitted)
    assert (done.task, done.kind) == ("regression", "affine")
    assert done.slope == pytest.approx(0.6, abs=0.1)
    predicted = fresh.answer, done.apply(fresh.answer)
    before, after = (np.mean((fresh.truth - each) ** 2) for each in predicted)
    assert after < before


@pytest.mark.quick_each(3, 1)
@pytest.mark.parametrize("of", [two_classes, several_classes, numbers])
def test_calibrated_predictions_stay(of):
    stay = [fit_calibration(of(300, seed)) is None for seed in range(100)]
    assert np.mean(stay) >= 0.89  # 95 expected


@pytest.mark.slow
@pytest.mark.parametrize("n", [200, 300, 1000])
@pytest.mark.parametrize("of", [two_classes, several_classes, numbers])
def test_calibrated_predictions_stay_in_93_of_100_tables(of, n):
    # The bar of issue 15.
    stay = np.mean([fit_calibration(of(n, seed)) is None for seed in range(1500)])
    assert stay >= 0.93, stay


def excess(kind, n, slope, tables):
    """How much a map of n rows loses beside the best one, on average; z ~ N(0, 2²)."""
    z = np.linspace(-9, 9, 2001)
    density = np.exp(-(z**2) / 8)
    density /= density.sum()
    true, lost = expit(slope * z), []

    def of(p):
        return -np.sum(density * (true * np.log(p) + (1 - true) * np.log1p(-p)))

    for seed in range(tables):
        done = fit_calibration(two_classes(n, seed, slope=slope), kind)
        lost.append(of(done.apply(expit(z))) - of(true))
    return np.mean(lost), of(expit(z)) - of(true)


@pytest.mark.quick_each(2)
@pytest.mark.parametrize(
    ("kind", "n", "figure"),
    [
        ("temperature", 300, 0.002), ("temperature", 1000, 0.0005),
        ("affine", 300, 0.004), ("affine", 1000, 0.001),
    ],
)  # fmt: skip
def test_a_map_where_nothing_is_wrong_costs_what_the_study_found(kind, n, figure):
    # Design study, section 1 (V12); its figures have one digit.
    cost, nothing = excess(kind, n, 1.0, 150)
    assert cost == pytest.approx(figure, rel=0.35)
    assert nothing == pytest.approx(0, abs=1e-12)


def test_doing_nothing_about_a_slope_of_0_6_costs_more_than_a_map():
    # 0.031 nats (design study, section 1); both maps pay from 50 rows on.
    for kind in ("temperature", "affine"):
        cost, nothing = excess(kind, 60, 0.6, 60)
        assert nothing == pytest.approx(0.031, abs=0.002)
        assert cost < nothing


def test_the_temperature_of_two_classes_is_the_likeliest():
    answers = two_classes(200, 1, slope=0.7)
    z, sign = logit(answers.answer), np.where(answers.truth, 1, -1)
    best = minimize(lambda b: np.sum(np.logaddexp(0, -sign * z * b[0])), [1.0], tol=1e-10)
    done = fit_calibration(answers, "temperature")
    assert done.slope == pytest.approx(best.x[0], rel=1e-5)
    assert done.intercept == 0


@pytest.mark.parametrize(
    ("n", "positive", "applied", "why"),
    [
        (199, 99, False, "from 200 rows on, and there are 199"),
        (200, 100, True, "p = "),
        (400, 49, False, "from 50 rows on that are not of the most common class, and there are 49"),
        (400, 50, True, "p = "),
        (400, 351, False, "there are 49"),
    ],
)
def test_the_gate_opens_from_200_rows_and_50_of_each_class_on(n, positive, applied, why):
    answers = two_classes(5000, 0, slope=0.3)
    places = np.concatenate(
        [np.flatnonzero(answers.truth)[:positive], np.flatnonzero(~answers.truth)[: n - positive]]
    )
    gate = calibration_gate(answers.rows(places))
    assert gate.p_value < 0.05
    assert (gate.calibration is not None) is applied
    assert why in gate.reason


def test_weights_count_as_their_effective_number():
    answers = two_classes(300, 0, slope=0.3)
    weights = np.where(np.arange(300) < 40, 50.5, 0.5)
    assert fit_calibration(answers) is not None
    gate = calibration_gate(replace(answers, weights=weights))
    assert "from 200 rows on" in gate.reason


@pytest.mark.parametrize("of", [two_classes, several_classes, numbers])
def test_copies_in_groups_are_no_evidence_and_one_test_has_one_p_value(of):
    one = of(300, 3, slope=0.8)
    copies = one.rows(np.repeat(np.arange(300), 8))
    grouped = replace(copies, groups=np.repeat(np.arange(300), 8))
    alone, found = calibration_gate(one), calibration_gate(grouped)
    # G / (G - 1), Bartlett's factor and a leverage differ a little.
    assert found.p_value == pytest.approx(alone.p_value, rel=0.2)
    assert calibration_gate(copies).p_value < alone.p_value / 10
    kind = "temperature" if of is several_classes else "affine"
    named = named_calibration(grouped, kind)
    assert named.p_value == found.p_value
    assert named.calibration == named_calibration(copies, kind).calibration
    assert named.calibration == fit_calibration(grouped, kind)


def test_the_gate_and_the_evaluation_say_the_same_of_groups():
    answers = two_classes(400, 0, slope=0.8, groups=np.arange(400) // 10)
    test = weak_calibration(probability_rows(answers))
    assert calibration_gate(answers).p_value == test.p_value


def test_rows_of_training_correct_nothing():
    answers = two_classes(500, 0, slope=0.3, how="training")
    assert "trained on" in calibration_gate(answers).reason
    assert fit_calibration(answers) is None
    with pytest.raises(DataError, match="trained on"):
        fit_calibration(answers, "affine")
    assert fit_calibration(replace(answers, how="out-of-fold")) is not None


def test_none_is_never_fitted():
    assert fit_calibration(two_classes(500, 0, slope=0.3), "none") is None


@pytest.mark.parametrize(
    ("answers", "kind", "offered"),
    [
        (two_classes(50, 0), "isotonic", "'auto', 'none', 'temperature', 'affine'"),
        (several_classes(50, 0), "affine", "'auto', 'none', 'temperature'"),
        (numbers(50, 0), "temperature", "'auto', 'none', 'affine'"),
    ],
)
def test_an_unknown_kind_is_an_error_that_names_the_others(answers, kind, offered):
    with pytest.raises(SettingsError, match=f"write one of {offered}$|write one of {offered}\\."):
        fit_calibration(answers, kind)


@pytest.mark.parametrize("kind", ["temperature", "affine"])
@pytest.mark.parametrize(
    ("truth", "p", "why"),
    [
        (np.arange(400) > 150, np.linspace(0.01, 0.99, 400), "separates"),
        (np.arange(400) < 150, np.linspace(0.01, 0.99, 400), "separates"),
        (np.arange(400) % 2 == 0, np.full(400, 0.3), "all predictions are equal"),
        (np.ones(400, bool), np.linspace(0.01, 0.99, 400), "one class"),
        (np.arange(400) % 2 == 0, np.ones(400), "exactly 0 or 1, and wrong"),
    ],
)
def test_what_determines_no_map_stays_and_is_an_error_if_asked_for(truth, p, why, kind):
    answers = Answers(truth, p)
    assert why in calibration_gate(answers).reason
    assert fit_calibration(answers) is None
    with pytest.raises(DataError, match=why):
        fit_calibration(answers, kind)


@pytest.mark.parametrize("of", [two_classes, several_classes, numbers])
def test_a_map_never_turns_the_order_around(of):
    answers = of(400, 0, slope=-1.0)
    gate = calibration_gate(answers)
    assert gate.calibration is None
    assert "not above 0" in gate.reason
    with pytest.raises(DataError, match="not above 0"):
        fit_calibration(answers, "temperature" if of is not numbers else "affine")


def test_a_map_is_of_plain_numbers():
    done = fit_calibration(two_classes(300, 0, slope=0.4))
    assert isinstance(done, Calibration)
    assert all(type(each) in (str, float) for each in done.as_dict().values())
    assert math.isfinite(done.intercept)
