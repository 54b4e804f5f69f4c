"""Sections that follow from the training loss: honest ones are read, and others are refused."""

import numpy as np
import pytest

from thalweg.evaluation.answers import Answers
from thalweg.evaluation.calibration.regression_calibration import quantile_calibration
from thalweg.persistence.evaluations.numbers_of_loss import require_numbers_of_loss

LOSS = "quantile:level=0.9"
CONSTANT = "always the 0.9 quantile"


def verdict_of(found, how="Trained on 240 rows, evaluated on 60 held out"):
    """As far as it is read here."""
    return {
        "task": "regression", "how": how, "sections": {"calibration": {"found": found}},
        "baselines": {}, "differences": {}, "n_test": 60,
    }  # fmt: skip


def calibrated(n=60, seed=0, shift=0.0, whole=False, weights=None, groups=None):
    y = np.random.default_rng(seed).normal(size=n)
    predicted = np.full(n, 1.28 + shift)
    if whole:  # then some true values equal their prediction
        y, predicted = np.round(y), np.round(predicted)
    return quantile_calibration(
        Answers(y, predicted, weights, groups=groups), 0.9
    ).as_dict()  # fmt: skip


@pytest.mark.parametrize("n", [10, 60, 1237])
@pytest.mark.parametrize("shift", [-9.0, -1.0, -0.3, 0.0, 0.8, 9.0])
@pytest.mark.parametrize("whole", [False, True])
def test_an_honest_calibration_of_a_quantile_is_read(n, shift, whole):
    for weights in (None, np.random.default_rng(1).uniform(0.2, 3, n)):
        found = calibrated(n, n, shift, whole, weights)
        require_numbers_of_loss(verdict_of(found), LOSS)


def test_rows_of_groups_count_as_fewer():
    found = calibrated(120, 1, -1.0, groups=np.arange(120) % 15)
    how = "Trained on 240 rows of 60 groups, evaluated on 120 of 15 others"
    require_numbers_of_loss(verdict_of(found, how), LOSS)
    with pytest.raises(ValueError, match=r"its calibration is 0\.5, but the level 0.9 is"):
        require_numbers_of_loss(verdict_of({**found, "p_value": 0.5}, how), LOSS)


@pytest.mark.parametrize(
    ("forged", "says"),
    [
        ({"level": 0.5}, "level of its calibration is 0.5, but that of the loss of the model is 0"),
        ({"p_value": 1e-9}, "p-value of its calibration is 1e-09, but the level 0.9 is in the"),
        ({"p_value": 0.31}, "p-value of its calibration is 0.31, but that of 0.85 of 60 rows at"),
        ({"n_rows": 50.0}, "the interval of its calibration is"),
        ({"below": 0.8}, "the interval of its calibration is"),
    ],
)
def test_a_calibration_that_contradicts_itself_or_its_loss_is_refused(forged, says):
    found = calibrated()
    below = {**found["below"], "value": forged.get("below", found["below"]["value"])}
    found = {**found, **forged, "below": below}
    with pytest.raises(ValueError, match=says):
        require_numbers_of_loss(verdict_of(found), LOSS)


def of_importance(constant_loss, constant=CONSTANT):
    verdict = verdict_of(None)
    found = {
        "constant": constant, "constant_loss": constant_loss, "n_rows": 60,
        "measure": "pinball loss at 0.9",
    }  # fmt: skip
    metrics = {"pinball": {"value": 361.0}}
    return {
        **verdict, "baselines": {CONSTANT: {"metrics": metrics}},
        "sections": {"calibration": None, "importance": {"found": found}},
    }  # fmt: skip


def test_importance_has_the_constant_of_the_verdict():
    require_numbers_of_loss(of_importance(361.0), LOSS, knows_constant=True)
    require_numbers_of_loss(of_importance(361.0), LOSS)
    says = r'0\.9 of "always the 0.9 quantile" is 300 in its importance, but 361 in the verdict'
    with pytest.raises(ValueError, match=says):
        require_numbers_of_loss(of_importance(300.0), LOSS, knows_constant=True)
    with pytest.raises(
        ValueError, match=r'"always the 0\.8 quantile", but the best constant answer'
    ):
        require_numbers_of_loss(of_importance(361.0, "always the 0.8 quantile"), LOSS)


def test_earlier_files_have_the_best_constant_of_the_test_rows():
    """Its loss is lower than that of the constant of the training rows, and never higher."""
    require_numbers_of_loss(of_importance(355.0), LOSS)
    with pytest.raises(ValueError, match="is 362 in its importance, but 361 in the verdict"):
        require_numbers_of_loss(of_importance(362.0), LOSS)
