"""Contributions of own columns: they add up to what the model answers, for every kind of model."""

import warnings

import numpy as np
import pandas as pd
import pytest

from explained import SETTINGS, fitted, tables
from fitting import refitted
from thalweg.errors import SettingsError
from thalweg.estimators.deciding.fitted_calibration import FittedCalibration
from thalweg.estimators.explaining import explained_rows as module
from thalweg.estimators.explaining.explained_answer import ExplainedAnswer, own_columns
from thalweg.estimators.explaining.explained_rows import explained_rows
from thalweg.evaluation.calibration.recalibration_map import Calibration

TABLES = list(tables())
# The slow sweep takes every table with every setting.
QUICK = [("mixed", setting) for setting in SETTINGS]
QUICK += [(table, "plain") for table in TABLES if table != "mixed"]


def matrix_of(model, table, n=90):
    return model.schema_.matrix(tables(n)[table][0], unknown="ignore")


def probabilities(model, X):
    """What is explained: of two classes the positive one's."""
    if not hasattr(model, "classes_"):
        return model.predict(X)[:, None]
    found = np.asarray(model.predict_proba(X))
    if found.shape[1] > 2:
        return found
    place = model.classes_.tolist().index(model.positive_)
    return found[:, [place]]


def require_sums(model, table, rows=slice(0, 12)):
    matrix = matrix_of(model, table)
    found = explained_rows(model._known, matrix[rows], model._known.likeness.typical[None])
    error = found.values.sum(axis=1) + found.base_values - found.answers
    unit = ExplainedAnswer(model._known).unit
    size = max(unit, np.abs(found.answers).max())
    assert np.abs(error).max() <= (1e-12 if found.is_exact else 1e-8) * size
    return found, size


@pytest.mark.quick_each(4)
@pytest.mark.parametrize(("table", "setting"), QUICK)
def test_contributions_add_up_to_the_answer(table, setting):
    model = fitted(table, setting)
    if model is None:  # costs of classes, for a number
        return
    found, size = require_sums(model, table)
    several = isinstance(model._known.outputs.loss, str) and found.answers.shape[1] > 1
    mapped = model.calibration_ is not None and model.calibration_.map is not None
    joint = mapped and hasattr(model, "classes_") and len(model.members_) > 1
    assert found.is_exact == (not several and not joint)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        answers = probabilities(model, tables()[table][0].iloc[:12])
    if hasattr(model, "classes_"):
        near = 1e-12 if model.theta_.dtype == np.float64 else 2e-6
        np.testing.assert_allclose(found.answers, answers, atol=near * size)
    else:  # before the clip
        low = min(each.outputs.low for each in model.members_)
        high = max(each.outputs.high for each in model.members_)
        np.testing.assert_allclose(
            np.clip(found.answers, low, high), answers, atol=0.2 * size, rtol=0
        )


@pytest.mark.slow
def test_two_thousand_rows_of_ten_tables_and_twelve_settings():
    for table in TABLES:
        for setting in SETTINGS:
            model = fitted(table, setting)
            if model is not None:
                require_sums(model, table, slice(0, 18))


def calibrated(model, kind="affine", intercept=0.4, slope=1.3):
    """The model with a map that no fit had to find."""
    task = (
        "regression"
        if not hasattr(model, "classes_")
        else ("binary" if len(model.classes_) == 2 else "multiclass")
    )
    found = Calibration(task, kind, intercept if kind == "affine" else 0.0, slope)
    return refitted(model, calibration=FittedCalibration(kind, found, 0.01, 90.0, "made"))


@pytest.mark.quick_each(3, 1)
@pytest.mark.parametrize(("table", "kind"), [
    ("mixed", "affine"), ("three classes", "temperature"), ("a number", "affine")
])  # fmt: skip
def test_a_map_of_the_mean_of_networks(table, kind):
    # The answer is no mean of the networks' answers, and still the contributions add up to it.
    model = calibrated(fitted(table, "plain", early_stopping="folds", dtype="float64"), kind)
    assert len(model.members_) > 1
    found, _ = require_sums(model, table)
    if hasattr(model, "classes_"):
        answers = probabilities(model, tables()[table][0].iloc[:12])
        np.testing.assert_allclose(found.answers, answers, atol=1e-12)
        by_mean = found.members.mean(axis=0)
        assert np.abs(by_mean - found.values).max() > 1e-6


def test_the_integral_under_a_map_by_a_dense_one():
    # Of the whole answer along all ways at once, from forward passes alone.
    model = calibrated(fitted("two numbers", "no bins", early_stopping="folds", dtype="float64"))
    fitted_parts = model._known
    matrix = matrix_of(model, "two numbers")
    found = explained_rows(fitted_parts, matrix[:1], matrix[5:6])
    answer = ExplainedAnswer(fitted_parts)
    networks, common = answer.together
    starts, ends = answer.encoded(matrix[5:6]), answer.encoded(matrix[:1])
    alphas, h = (np.arange(20_000) + 0.5)[:, None] / 20_000, 1e-6
    expected = np.zeros(2)
    for turn, owner in enumerate(answer.owners()):
        ways = [s + alphas * (e - s) for s, e in zip(starts, ends, strict=True)]
        for place, column in enumerate(owner):
            step = np.zeros(len(owner))
            step[place] = h
            values = []
            for sign in (1, -1):
                moved = [w + sign * step * (k == turn) for k, w in enumerate(ways)]
                Z = np.stack([n.outputs(w) for n, w in zip(networks, moved, strict=True)])
                values.append(common.value(Z)[:, 0])
            slope = (values[0] - values[1]).mean() / (2 * h)
            expected[column] += slope * (ends[turn] - starts[turn])[0, place]
    np.testing.assert_allclose(found.values[0, :, 0], expected, atol=5e-6)


@pytest.mark.quick_each(2, 1)
@pytest.mark.parametrize("setting", ["plain", "calibrated", "class weights", "three layers"])
def test_swapping_row_and_base_changes_every_sign(setting):
    model = fitted("mixed", setting)
    matrix = matrix_of(model, "mixed")
    one = explained_rows(model._known, matrix[:1], matrix[7:8])
    other = explained_rows(model._known, matrix[7:8], matrix[:1])
    assert np.array_equal(one.values, -other.values)
    assert np.array_equal(one.base_values, other.answers[0])


@pytest.mark.parametrize("method", ["path", "shapley"])
def test_a_column_that_no_network_uses_gets_exactly_zero(method):
    model = fitted("mixed", "plain")
    for network, owner in zip(model.members_, ExplainedAnswer(model._known).owners(), strict=True):
        network.layers[0][0][:, owner == 1] = 0.0  # age, with its bins and its indicator
    matrix = matrix_of(model, "mixed")
    assert np.isnan(matrix[0, 1]) != np.isnan(matrix[1, 1])
    found = explained_rows(model._known, matrix[:1], matrix[1:2], method)
    assert (found.values[0, 1] == 0).all()
    assert (found.members[:, 0, 1] == 0).all()
    assert np.abs(found.values[0, 0]).max() > 0


def test_all_inputs_of_a_column_are_its_own():
    model = fitted("mixed", "plain")
    names, levels = model.schema_.names, model.schema_.levels
    answer = ExplainedAnswer(model._known)
    for network, owner in zip(model.members_, answer.owners(), strict=True):
        said = network.encoder.output_names(names, levels)
        assert len(said) == len(owner)
        for name, column in zip(said, owner, strict=True):
            assert name.startswith(model.schema_.given_names[column]), (name, column)


def test_a_bound_is_part_of_the_column_it_is_read_from():
    X = pd.DataFrame({"crp": ["<5", "7", "12", "<5", "30", "8"] * 15, "x": np.arange(90.0)})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from thalweg import ThalwegClassifier

        model = ThalwegClassifier(random_state=0, max_iter=5, hidden_layer_sizes=(4,), n_folds=2)
        model.fit(X, np.where(np.arange(90) % 2, "a", "b"))
    assert len(model.schema_.columns) == 3
    assert len(model.schema_.given) == 2
    assert own_columns(model.schema_).tolist() == [0, 1, 0]
    matrix = model.schema_.matrix(X)
    found = explained_rows(model._known, matrix[:3], matrix[4:5])
    assert found.values.shape == (3, 2, 1)


@pytest.mark.parametrize("setting", ["plain", "calibrated"])
def test_a_background_has_the_mean_answer_as_base(setting):
    model = fitted("two numbers", setting)
    matrix = matrix_of(model, "two numbers")
    found = explained_rows(model._known, matrix[:2], matrix[10:15])
    each = [explained_rows(model._known, matrix[:2], matrix[[k]]) for k in range(10, 15)]
    np.testing.assert_allclose(found.values, np.mean([e.values for e in each], axis=0), atol=1e-15)
    answers = explained_rows(model._known, matrix[10:15], matrix[:1]).answers
    np.testing.assert_allclose(found.base_values, answers.mean(axis=0), atol=1e-15)


def test_members_are_explained_alone_and_average_to_the_model():
    model = fitted("mixed", "plain", early_stopping="folds")
    matrix = matrix_of(model, "mixed")
    found = explained_rows(model._known, matrix[:2], matrix[5:6])
    np.testing.assert_allclose(found.members.mean(axis=0), found.values, atol=1e-15)
    second = refitted(
        fitted("mixed", "plain", early_stopping="folds"), networks=(model.members_[1],)
    )
    alone = explained_rows(second._known, matrix[:2], matrix[5:6])
    np.testing.assert_allclose(found.members[1], alone.values, atol=1e-15)


@pytest.mark.quick_each(3, 1)
@pytest.mark.parametrize("setting", ["plain", "class weights", "calibrated"])
def test_shapley_values_of_a_model_add_up(setting):
    model = fitted("mixed", setting)
    matrix = matrix_of(model, "mixed")
    path = explained_rows(model._known, matrix[:2], matrix[5:9])
    found = explained_rows(model._known, matrix[:2], matrix[5:9], "shapley")
    assert found.is_exact
    assert found.sum_error <= 1e-12
    np.testing.assert_allclose(found.answers, path.answers, atol=1e-14)
    np.testing.assert_allclose(found.base_values, path.base_values, atol=1e-14)
    assert np.abs(found.values - path.values).max() > 1e-4  # another question


def test_costs_of_classes_are_subtracted():
    model = fitted("mixed", "class weights", dtype="float64")
    matrix = matrix_of(model, "mixed")
    found = explained_rows(model._known, matrix[:5], matrix[5:6])
    answers = probabilities(model, tables()["mixed"][0].iloc[:5])
    np.testing.assert_allclose(found.answers, answers, atol=1e-13)
    assert ExplainedAnswer(model._known).networks[0].outputs.shift != 0


def test_columns_that_do_not_add_up_are_refused(monkeypatch):
    model = fitted("two numbers", "plain")
    matrix = matrix_of(model, "two numbers")
    whole = module._of_columns
    monkeypatch.setattr(module, "_of_columns", lambda *each: whole(*each) + 1e-9)
    with pytest.raises(SettingsError, match=r"do not add up to the difference.*row 1"):
        explained_rows(model._known, matrix[:1], matrix[5:6])


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("positive", ["ill", "well"])
@pytest.mark.parametrize("early_stopping", ["folds", False])
def test_either_class_is_explained_with_costs_and_a_map(positive, early_stopping):
    # A network computes the logit of the second class; costs shift it, and the map faces the
    # positive one. Several networks are explained together, one alone.
    model = fitted(
        "mixed", "class weights", early_stopping=early_stopping, positive=positive, dtype="float64"
    )
    model = calibrated(model)
    found, _ = require_sums(model, "mixed")
    answers = probabilities(model, tables()["mixed"][0].iloc[:12])
    np.testing.assert_allclose(found.answers, answers, atol=1e-12)
    assert found.is_exact == (len(model.members_) == 1)
