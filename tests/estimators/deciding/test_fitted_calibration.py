"""What a fit without a map says, and what it refuses before it trains."""

import math

import numpy as np
import pytest

from planted import numbers, several_classes, two_classes
from thalweg import ThalwegClassifier, ThalwegRegressor
from thalweg.errors import SettingsError, ThalwegWarning
from thalweg.estimators.deciding.fitted_calibration import FittedCalibration, calibration_of_fit
from thalweg.estimators.fitted import OutOfFold
from thalweg.evaluation.answers import OUT_OF_FOLD, STOPPED
from thalweg.evaluation.calibration.recalibration_map import Calibration

X = np.random.default_rng(0).normal(size=(60, 2))
Y = (X[:, 0] + np.random.default_rng(1).normal(size=60) > 0).astype(int)


def test_none_is_nothing():
    assert calibration_of_fit("none", None, "none") is None


@pytest.mark.parametrize("of", [two_classes, several_classes, numbers])
@pytest.mark.parametrize("asked", ["auto", "temperature", "affine"])
def test_a_planted_slope_is_found(of, asked):
    if (of, asked) in ((several_classes, "affine"), (numbers, "temperature")):
        return
    found = OutOfFold(0.5, answers=of(3000, 0, slope=0.6), how=OUT_OF_FOLD)
    made = calibration_of_fit(asked, found, "folds")
    assert made.map.slope == pytest.approx(0.6, abs=0.1)
    assert made.asked == asked
    assert made.n_rows == 3000
    assert made.p_value < 0.001
    assert "Predictions are corrected by the slope" in made.sentence
    assert made.sentence.endswith("(on 3,000 out-of-fold rows).")


@pytest.mark.parametrize(
    ("asked", "n", "says"),
    [("auto", 120, "from 200 rows on"), ("affine", 120, "this was asked for")],
)
def test_few_rows_close_the_gate_alone(asked, n, says):
    found = OutOfFold(0.5, answers=two_classes(n, 0, slope=0.3), how=OUT_OF_FOLD)
    made = calibration_of_fit(asked, found, "folds")
    assert (made.map is None) == (asked == "auto")
    assert says in made.sentence


@pytest.mark.parametrize("asked", ["auto", "affine"])
def test_rows_that_chose_the_epoch_fit_no_map(asked):
    found = OutOfFold(0.5, answers=two_classes(3000, 0, slope=0.6), how=STOPPED)
    with pytest.warns(ThalwegWarning, match="the held-out rows chose the epochs themselves"):
        made = calibration_of_fit(asked, found, "folds")
    assert made.map is None
    assert made.n_rows == 0


def test_rows_without_a_slope_are_said_if_a_map_was_named():
    answers = two_classes(300, 0)
    sure = type(answers)(answers.truth, np.where(answers.truth, 0.9, 0.1))
    found = OutOfFold(0.5, answers=sure, how=OUT_OF_FOLD)
    with pytest.warns(ThalwegWarning, match="separates the classes without error"):
        assert calibration_of_fit("affine", found, "folds").map is None
    assert calibration_of_fit("auto", found, "folds").map is None  # and no warning


@pytest.mark.parametrize(
    ("early_stopping", "says"),
    [
        (False, "no row was held out"),
        ("hold-out", "the held-out rows chose the epoch"),
        ("cross-validation", "their networks are not kept"),
    ],
)
def test_a_fit_without_out_of_fold_predictions(early_stopping, says):
    model = ThalwegClassifier(
        (2,), max_iter=2, early_stopping=early_stopping, random_state=0, calibration="auto"
    )
    with pytest.warns(ThalwegWarning, match=says):
        model.fit(X, Y)
    assert says in model.calibration_.sentence
    model.set_params(calibration="affine")
    with pytest.raises(SettingsError, match="needs out-of-fold predictions") as told:
        model.fit(X, Y)
    assert 'early_stopping="folds"' in str(told.value)
    model.set_params(early_stopping="folds").fit(X, Y)  # the fix works as printed
    assert model.calibration_.asked == "affine"


@pytest.mark.parametrize(
    ("model", "y", "says"),
    [
        (ThalwegClassifier(calibration="affine"), np.arange(60) % 3, "not for several classes"),
        (ThalwegRegressor(calibration="temperature"), X[:, 0], "not for numbers"),
        (ThalwegRegressor("huber", calibration="auto"), X[:, 0], "predict the mean"),
        (ThalwegRegressor("quantile", calibration="affine"), X[:, 0], "predict the mean"),
        (ThalwegClassifier(calibration="isotonic"), Y, "isotonic"),
    ],
)
def test_what_a_target_does_not_have_is_refused_before_training(model, y, says):
    with pytest.raises(ValueError, match=says):
        model.fit(X, y)


def test_plain_data_have_no_nan():
    made = FittedCalibration("auto", None, math.nan, 0.0, "there is none")
    assert made.as_dict() == {
        "asked": "auto", "map": None, "p_value": None, "n_rows": 0.0, "reason": "there is none",
    }  # fmt: skip
    assert made.sentence == "Predictions are not corrected: there is none."


def test_the_sentence_says_effective_rows():
    made = FittedCalibration(
        "auto", Calibration("regression", "affine", 1.0, 2.0), 0.01, 310.7, "p is small"
    )
    assert made.sentence == (
        "Predictions are corrected by the slope 2 and intercept 1: p is small (on effectively 310 "
        "out-of-fold rows)."
    )
