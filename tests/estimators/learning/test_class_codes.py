"""Class labels as codes, the positive class, and the costs of classes."""

import numpy as np
import pytest
from sklearn.utils.class_weight import compute_class_weight

from thalweg import ThalwegClassifier
from thalweg.errors import DataError, SettingsError
from thalweg.estimators.learning.class_codes import (
    class_costs,
    codes_of,
    positive_class,
    require_each_class,
)
from thalweg.evaluation.task_judging import task_of

LABELS = np.array(["a", "b", "c"])


def test_labels_are_numbered_and_the_first_strange_one_is_named():
    assert codes_of(np.array(["c", "a", "b"]), LABELS).tolist() == [2.0, 0.0, 1.0]
    with pytest.raises(DataError, match="The label 'd' is not one of the classes") as told:
        codes_of(np.array(["a", "b", "d", "e"]), LABELS)
    assert told.value.where == "row 3"


def test_numbers_of_another_type_are_the_same_labels_and_their_texts_are_not():
    assert codes_of(np.array([1.0, 0.0]), np.array([0, 1])).tolist() == [1.0, 0.0]
    with pytest.raises(DataError, match="The label 1 is not one of the classes") as told:
        codes_of(np.array([1, 2]), np.array(["1", "2"]))
    assert told.value.where == "row 1"


def test_the_positive_class_is_the_one_that_is_named_or_the_second():
    assert [positive_class(name, LABELS[:2]) for name in ("a", "b", None)] == ["a", "b", "b"]
    assert positive_class(None, LABELS) is None
    with pytest.raises(SettingsError, match="is not a class of the target"):
        positive_class("c", LABELS[:2])
    with pytest.raises(SettingsError, match="is for two classes, and the target has 3"):
        positive_class("a", LABELS)


@pytest.mark.parametrize(
    ("labels", "positive"),
    [
        (["ja", "nein"], "ja"),
        (["YES", "no"], "YES"),
        (["NO", "Yes"], "Yes"),
        (["no", "sí"], "sí"),
        (["da", "nu"], "da"),
        (["J", "N"], "J"),
        (["n", "y"], "y"),
        (["false", "true"], "true"),
        (["ja", "no"], "no"),  # of no single language
        (["benign", "malignant"], "malignant"),
        (["Yes", "yes"], "yes"),
        ([0, 1], 1),
        ([False, True], True),
    ],
)
def test_of_yes_and_no_the_positive_class_is_yes(labels, positive):
    assert positive_class(None, np.array(labels)) == positive
    task = task_of(np.array(labels * 3))
    assert task.positive == positive
    if isinstance(positive, str):
        assert positive_class(min(labels), np.array(labels)) == min(labels)


@pytest.mark.parametrize("size", [1e-3, 1.0, 1e3])
def test_balanced_costs_are_those_of_scikit_learn_in_any_unit_of_weight(size):
    codes = np.repeat([0.0, 1.0, 2.0], [2, 3, 15])
    expected = compute_class_weight("balanced", classes=np.arange(3.0), y=codes)
    found = class_costs("balanced", LABELS, codes, np.full(20, size))
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_classes_without_a_row_are_named():
    with pytest.raises(DataError, match="no row of some class") as told:
        require_each_class(np.array([0.0, 2.0, 2.0]), LABELS)
    assert told.value.where == "'b'"
    with pytest.raises(DataError, match="one class only") as told:
        require_each_class(np.array([2.0, 2.0]), LABELS)
    assert told.value.where == "every row is 'c'"
    require_each_class(np.array([0.0, 2.0, 1.0]), LABELS)


@pytest.mark.parametrize("marked", ["ill\u200e", "\u202bill\u202c", " ill", "\ufeffill"])
@pytest.mark.parametrize("dtype", [object, str])
def test_labels_that_look_like_a_class_are_that_class(marked, dtype):
    labels, y = np.array(["ill", "well"]), np.array([marked, "well", "ill"], dtype=dtype)
    assert codes_of(y, labels).tolist() == [0, 1, 0]
    own = np.unique([marked, "well"])
    assert own[codes_of(np.array(["ill", "well"]), own).astype(int)].tolist() == [marked, "well"]
    assert positive_class(marked, labels) == "ill"
    # Two classes that look alike are two.
    both = np.sort(np.array(["ill", marked, "well"]))
    assert both[codes_of(y, both).astype(int)].tolist() == y.tolist()


def test_a_model_scores_traces_and_goes_on_with_such_labels():
    X = np.random.default_rng(0).normal(size=(40, 2))
    plain = np.where(X[:, 0] > 0, "ill", "well")
    model = ThalwegClassifier((2,), max_iter=2, early_stopping=False, random_state=0).fit(X, plain)
    marked = np.where(X[:, 0] > 0, "ill\u200e", "well")
    assert model.score(X, marked) == model.score(X, plain)
    assert model.trace(X[:3], marked[:3]).data == model.trace(X[:3], plain[:3]).data
    theta = model.theta_.copy()
    assert not np.array_equal(model.fit_more(X, marked, 1).theta_, theta)
    model.plot_roc(X, marked)
