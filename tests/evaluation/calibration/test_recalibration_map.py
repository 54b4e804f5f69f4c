"""Maps that correct predictions: on the logit, monotone, never certain, and as plain data."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planted import expit
from thalweg.errors import DataError
from thalweg.evaluation.calibration.recalibration_map import KINDS, Calibration

SLOPES = st.floats(1e-3, 1e3)


def affine(intercept, slope):
    return Calibration("binary", "affine", intercept, slope)


def test_a_map_is_affine_in_the_logit():
    z = np.linspace(-20, 20, 101)
    np.testing.assert_allclose(affine(0.3, 0.6).apply(expit(z)), expit(0.3 + 0.6 * z), rtol=1e-6)
    assert affine(0, 0.5).temperature == 2


@given(st.lists(st.floats(0, 1), min_size=2), st.floats(-50, 50), SLOPES)
def test_the_order_stays_and_only_what_was_certain_is(p, intercept, slope):
    p = np.sort(p)
    found = affine(intercept, slope).apply(p)
    assert np.all(np.diff(found)[np.diff(p) > 1e-12] >= 0)
    assert np.array_equal(found == 0, p == 0)
    assert np.array_equal(found == 1, p == 1)


def test_order_stays_between_neighbours_that_are_far_enough_apart_to_tell():
    p = np.linspace(0, 1, 100_001)
    for slope in (0.05, 0.6, 1.0, 1.7):
        assert np.all(np.diff(affine(0.2, slope).apply(p)) > 0)


@given(st.floats(0, 1))
def test_no_correction_gives_the_prediction_back(p):
    (found,) = affine(0.0, 1.0).apply(np.array([p]))
    assert found == pytest.approx(p, rel=1e-12)


@given(st.lists(st.lists(st.floats(0, 1), min_size=3, max_size=3).filter(any), min_size=1), SLOPES)
def test_probabilities_of_several_classes_keep_their_order_and_their_sum(p, slope):
    p = np.array(p) / np.sum(p, axis=1, keepdims=True)
    found = Calibration("multiclass", "temperature", 0.0, slope).apply(p)
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-14)
    assert np.array_equal(found == 0, p == 0)
    assert np.array_equal(found == 1, ((p > 0).sum(axis=1) == 1)[:, np.newaxis] & (p > 0))
    for row, given_ in zip(found, p, strict=True):
        order = np.argsort(given_)
        assert np.all(np.diff(row[order]) >= 0)


def test_a_temperature_is_a_power():
    p = np.array([[0.2, 0.3, 0.5], [0.7, 0.3, 0.0]])
    powers = p**0.6
    found = Calibration("multiclass", "temperature", 0.0, 0.6).apply(p)
    np.testing.assert_allclose(found, powers / powers.sum(axis=1, keepdims=True), rtol=1e-13)


def test_numbers_are_moved_along_a_line():
    found = Calibration("regression", "affine", 2.0, 0.5).apply(np.array([1, -4]))
    assert found.tolist() == [2.5, 0.0]


@pytest.mark.parametrize(("task", "kind"), [(t, k) for t, kinds in KINDS.items() for k in kinds])
def test_plain_data_gives_the_map_back(task, kind):
    done = Calibration(task, kind, 0.0 if kind == "temperature" else -0.1, 0.30000000000000004)
    assert Calibration.from_dict(json.loads(json.dumps(done.as_dict()))) == done


GOOD = {"task": "binary", "kind": "affine", "intercept": 0.1, "slope": 0.6}


@pytest.mark.parametrize(
    "change",
    [
        {"slope": 0.0}, {"slope": -1.0}, {"slope": float("inf")}, {"intercept": float("nan")},
        {"slope": "1"}, {"slope": True}, {"slope": None}, {"task": "x"}, {"task": "multiclass"},
        {"kind": "isotonic"}, {"kind": ["affine"]}, {"kind": "temperature"}, {"more": 1},
        {"task": ["binary"]}, {"slope": 10**400},
    ],
)  # fmt: skip
def test_what_is_no_map_is_an_error(change):
    assert Calibration.from_dict(GOOD).slope == 0.6
    with pytest.raises(DataError, match="calibration is not a valid map"):
        Calibration.from_dict(GOOD | change)
    for name in GOOD:
        with pytest.raises(DataError):
            Calibration.from_dict({key: GOOD[key] for key in GOOD if key != name})
