"""Class labels: of one type, and shown as people know them."""

import numpy as np
import pandas as pd
import pytest

from thalweg.data.label_types import of_one_kind, other_class
from thalweg.errors import DataError, SettingsError
from thalweg.estimators.classifier import ThalwegClassifier
from thalweg.estimators.learning.class_codes import class_costs, codes_of
from thalweg.evaluation.task_judging import task_of

X = np.random.default_rng(0).normal(size=(40, 2))
WORDS = np.array(["no", "yes"] * 20)
MIXED = [1, "one"] * 20


def model(hidden_layer_sizes=(2,), **given):
    return ThalwegClassifier(
        hidden_layer_sizes, max_iter=1, early_stopping=False, random_state=0, **given
    )


@pytest.mark.parametrize(
    "y", [MIXED, tuple(MIXED), np.array(MIXED, dtype=object), pd.Series(MIXED, dtype=object)]
)
@pytest.mark.parametrize("way", ["fit", "fit_more", "partial_fit"])
def test_labels_of_mixed_types_are_an_error_with_its_fix(y, way):
    learner = model()
    if way == "fit_more":
        learner.fit(X, WORDS)
    more = {"classes": MIXED[:2]} if way == "partial_fit" else {}
    with pytest.raises(DataError) as told:
        getattr(learner, way)(X, y, **more)
    assert told.value.what == "Labels of different types: 1 is a number, 'one' is a text"
    assert told.value.where == "target, rows 1 and 2"
    # The mend works as it is printed.
    mend = told.value.fix.split("as text: ")[1]
    mended = eval(mend, {"np": np, "y": y})
    assert model().fit(X, mended).classes_.tolist() == ["1", "one"]


@pytest.mark.parametrize("y", [[True, 1], [True, "yes"], [1.5, "x"], [b"a", "a"]])
def test_kinds_that_are_not_one(y):
    with pytest.raises(DataError, match="Labels of different types"):
        of_one_kind(np.array(y, dtype=object))
    with pytest.raises(DataError, match="Labels of different types"):
        task_of(np.array(y, dtype=object))
    with pytest.raises(DataError, match="Labels of different types"):
        other_class(np.array(y, dtype=object), y[0])


@pytest.mark.parametrize(
    ("y", "dtype"),
    [
        ([1, 2.0], "f"), ([1, np.int64(2)], "i"), ([True, False], "b"), ([np.float32(1), 2], "f"),
        (["a", np.str_("b")], "O"), (["a", "b"], "U"), ([], "O"),
    ],
)  # fmt: skip
def test_kinds_that_are_one(y, dtype):
    found = of_one_kind(np.array(y, dtype=object))
    assert found.dtype.kind == dtype
    assert found.tolist() == y


@pytest.mark.parametrize(
    ("does", "says"),
    [
        (lambda: model().fit(X, WORDS).fit_more(X, np.full(40, "maybe")), "'maybe' is not one of"),
        (lambda: model(positive=np.str_("x")).fit(X, WORDS), 'positive="x".*take .no. or .yes.'),
        (lambda: model(positive="a").fit(X, np.arange(40) % 3), 'positive="a" is for two'),
        (lambda: model(class_weight={np.str_("x"): 2.0}).fit(X, WORDS), "names 'x'.*'no', 'yes'"),
        (lambda: model(class_weight={"no": 0.0}).fit(X, WORDS), "gives 'no' the weight 0"),
        (lambda: model().fit(X, np.full(40, "no")), "every row is 'no'"),
        (lambda: model().fit(X, WORDS, sample_weight=np.tile([1.0, 0.0], 20)), "every row is 'no'"),
        (lambda: model(hidden_layer_sizes=[np.float64(2.5)]).fit(X, WORDS), r"sizes=\[2.5\] has"),
        (
            lambda: model().partial_fit(X, WORDS, classes=WORDS).partial_fit(
                X, WORDS, classes=np.array(["no", "yess"])
            ),
            r"classes=\['no', 'yess'\] is not",
        ),
    ],
)  # fmt: skip
def test_no_message_shows_numpys_repr(does, says):
    with pytest.raises((DataError, SettingsError), match=says) as told:
        does()
    assert "np." not in str(told.value)
    assert "array(" not in str(told.value)
    assert "dtype" not in str(told.value)


def test_the_first_row_that_is_unknown_is_named():
    with pytest.raises(DataError, match=r"label 'c' is not one of .*row 3"):
        codes_of(np.array(["a", "b", "c", "d"]), np.array(["a", "b"]))


def test_a_number_is_not_the_text_of_it():
    # Of many labels NumPy looks for texts, once there is a text among them.
    numbers = np.arange(30)
    texts = np.sort(numbers.astype(str))
    for y, labels in ((numbers, texts), (texts, numbers)):
        with pytest.raises(DataError, match="is not one of the classes"):
            codes_of(np.repeat(y, 3), labels)
    objects = np.array(["a", np.str_("b")], dtype=object)
    assert codes_of(objects, np.array(["a", "b"])).tolist() == [0, 1]
    assert codes_of(np.array(["a", "b"]), objects).tolist() == [0, 1]


def test_costs_reach_from_1e_minus_50_to_1e50():
    labels, none = np.array(["a", "b"]), np.zeros(0)
    assert class_costs({"a": 1e-50, "b": 1e50}, labels, none, none).tolist() == [1e-50, 1e50]
    for cost in (0.99e-50, 1.01e50, np.nan):
        with pytest.raises(SettingsError, match="gives 'b' the weight"):
            class_costs({"b": cost}, labels, none, none)
