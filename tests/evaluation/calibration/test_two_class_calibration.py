"""Which parts of the calibration of two classes so many rows allow; plain data."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planted import two_classes
from thalweg.evaluation.answers import Answers, answers_of
from thalweg.evaluation.calibration.two_class_calibration import two_class_calibration


def of(positive, negative, seed=0):
    answers = two_classes(2000, seed)
    places = np.concatenate(
        [np.flatnonzero(answers.truth)[:positive], np.flatnonzero(~answers.truth)[:negative]]
    )
    return answers.rows(places)


@pytest.mark.parametrize(
    ("positive", "negative", "curve", "caution"),
    [
        (19, 300, False, False), (300, 19, False, False), (20, 20, True, True),
        (99, 300, True, True), (300, 99, True, True), (100, 100, True, False),
    ],
)  # fmt: skip
def test_few_rows_have_no_curve_and_more_a_caution(positive, negative, curve, caution):
    found = two_class_calibration(of(positive, negative))
    assert (found.refused is None) is curve
    assert (found.caution is not None) is caution
    for part in (found.weak, found.curve, found.brier, found.log_loss, found.smooth):
        assert (part is not None) is curve
    assert found.observed_by_expected.low < found.observed_by_expected.high
    said = str(found.refused or found.caution or "")
    assert not said or f"{positive} positive and {negative} negative" in said
    json.dumps(found.as_dict(), allow_nan=False)


ODD = st.one_of(st.floats(0, 1), st.sampled_from([0.0, 1.0, 0.5, 1 - 1e-16, 1e-300]))


@given(
    st.lists(ODD, min_size=45, max_size=60),
    st.integers(0, 2**60 - 1),
    st.sampled_from([None, 1.0, 0.3]),
)
def test_any_predictions_are_handled_without_a_warning(p, bits, weight):
    truth = np.array([bool(bits >> k & 1) for k in range(len(p))])
    weights = None if weight is None else np.full(len(p), weight)
    found = two_class_calibration(Answers(truth, np.array(p), weights))
    json.dumps(found.as_dict(), allow_nan=False)
    assert (found.refused is None) == (min(truth.sum(), (~truth).sum()) >= 20)


@settings(max_examples=15)
@given(st.integers(0, 5), st.permutations(range(60)))
def test_rows_have_no_order_and_whole_weights_are_rows(seed, order):
    answers = two_classes(60, seed)
    one = two_class_calibration(answers).as_dict()
    assert two_class_calibration(answers.rows(np.array(order))).as_dict() == one
    twice = answers_of(answers.truth, answers.answer, np.full(60, 2))
    repeated = answers.rows(np.repeat(np.arange(60), 2))
    assert two_class_calibration(twice).as_dict() == two_class_calibration(repeated).as_dict()


@settings(max_examples=15)
@given(st.integers(0, 5), st.permutations(range(60)))
def test_equal_predictions_with_other_weights_have_no_order(seed, order):
    answers = two_classes(60, seed)
    weights = np.random.default_rng(seed).uniform(0.1, 3, 60)
    tied = Answers(answers.truth, answers.answer.round(1), weights)
    one, other = (two_class_calibration(tied.rows(np.array(each))) for each in (range(60), order))
    assert one.as_dict() == other.as_dict()


def test_fractional_weights_have_no_unit():
    answers = two_classes(300, 0)
    weights = np.random.default_rng(0).uniform(0.5, 2, 300)
    one, other = (
        two_class_calibration(Answers(answers.truth, answers.answer, weights * unit))
        for unit in (1, 7e5)
    )
    assert one.n_rows < 300
    assert other.n_rows == pytest.approx(one.n_rows)
    assert other.brier.mcb == pytest.approx(one.brier.mcb, rel=1e-9)
    assert other.brier.mcb_if_calibrated == pytest.approx(one.brier.mcb_if_calibrated, rel=1e-9)
    assert other.smooth.ici.low == pytest.approx(one.smooth.ici.low, rel=1e-6)
    np.testing.assert_allclose(other.curve.band_low, one.curve.band_low, rtol=1e-9)
