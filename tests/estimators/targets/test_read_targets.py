"""The columns of y: what is a target, and what is refused with a fix."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from thalweg import ThalwegClassifier, ThalwegRegressor
from thalweg.errors import DataError, SettingsError, ThalwegWarning

QUICK = {"random_state": 0, "max_iter": 3, "hidden_layer_sizes": (4,), "n_folds": 2}
RNG = np.random.default_rng(0)
X = RNG.normal(size=(80, 3))
Y = (X[:, :2] + RNG.normal(size=(80, 2)) > 0).astype(int)
FRAME = pd.DataFrame({"flood": np.where(Y[:, 0], "yes", "no"), "frost": Y[:, 1].astype(bool)})


@pytest.mark.quick_each(2)
@pytest.mark.parametrize(
    "y",
    [
        Y,
        Y.tolist(),
        list(Y),
        pd.DataFrame(Y),
        pd.DataFrame(Y).astype("Int64"),
        pl.DataFrame({"0": Y[:, 0], "1": Y[:, 1]}),
        pa.table({"0": Y[:, 0], "1": Y[:, 1]}),
    ],
    ids=["array", "lists", "rows", "pandas", "Int64", "polars", "Arrow"],
)
def test_columns_of_every_kind_are_the_same_targets(y):
    model = ThalwegClassifier(**QUICK).fit(X, y)
    assert model.targets_ == ("0", "1")
    known = ThalwegClassifier(**QUICK).fit(X, Y)
    np.testing.assert_array_equal(model.predict_proba(X), known.predict_proba(X))
    assert model.score(X, y) == known.score(X, Y)


def test_texts_and_booleans_have_their_own_labels_and_names():
    model = ThalwegClassifier(**QUICK).fit(X, FRAME)
    assert model.targets_ == ("flood", "frost")
    assert model.positive_ == ("yes", True)
    assert set(model.predict(X)[:, 0]) <= {"yes", "no"}
    assert set(model.predict(X)[:, 1]) <= {True, False}
    known = ThalwegClassifier(**QUICK).fit(X, Y)
    np.testing.assert_array_equal(model.predict_proba(X), known.predict_proba(X))
    assert model.for_target("flood").classes_.tolist() == ["no", "yes"]
    assert model.score(X, FRAME) == np.mean((model.predict(X) == FRAME.to_numpy()).all(axis=1))


@pytest.mark.parametrize(
    ("y", "says", "fix"),
    [
        (np.column_stack((Y, np.zeros(80))), 'one class only (target "2")', "leave this column"),
        (np.column_stack((Y, np.arange(80) % 3)), "3 different values", "a model of its own"),
        (pd.DataFrame(np.column_stack((Y, Y)), columns=list("aabc")), 'the name "a"', "each"),
        (np.where(np.arange(160).reshape(80, 2) == 7, np.nan, Y), 'target "1", first in row 4', ""),
        (np.zeros((80, 1001)), "1,001 columns", "several models"),
        (pd.DataFrame({"a": Y[:, 0], "b": [None, *Y[1:, 1]]}), "missing", "leave"),
    ],
    ids=["one class", "three classes", "names", "NaN", "too many", "None"],
)
def test_a_column_that_cannot_be_a_label_is_named(y, says, fix):
    with pytest.raises(DataError) as told:
        ThalwegClassifier(**QUICK).fit(X, y)
    assert says in str(told.value)
    assert fix in told.value.fix


def test_a_sparse_target_has_a_fix_that_works():
    from scipy.sparse import csr_matrix

    y = csr_matrix(Y)
    with pytest.raises(DataError, match="sparse") as told:
        ThalwegClassifier(**QUICK).fit(X, y)
    exec(told.value.fix.partition(": ")[2], scope := {"y": y})
    assert ThalwegClassifier(**QUICK).fit(X, scope["y"]).targets_ == ("0", "1")


def test_classes_that_exclude_each_other_are_pointed_out():
    with pytest.warns(ThalwegWarning, match="exactly one 1") as told:
        ThalwegClassifier(**QUICK).fit(X, np.eye(3, dtype=int)[np.arange(80) % 3])
    code = str(told[0].message).partition("class: ")[2].rstrip(".")
    exec(code, scope := {"y": np.eye(3), "np": np})
    assert scope["y"].tolist() == [0, 1, 2]


def test_columns_in_another_order_are_refused():
    model = ThalwegClassifier(**QUICK).fit(X, FRAME)
    for ask in (model.score, model.fit_more):
        with pytest.raises(DataError, match="Each column is compared") as told:
            ask(X, FRAME[["frost", "flood"]])
        exec(told.value.fix.partition(": ")[2], scope := {"y": FRAME[["frost", "flood"]]})
        ask(X, scope["y"])
    with pytest.raises(DataError, match="1 column, and the model 2 targets"):
        model.score(X, FRAME["flood"])


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        (ThalwegClassifier, {"class_weight": "balanced"}),
        (ThalwegClassifier, {"class_weight": {1: 2}}),
        (ThalwegRegressor, {"interval_kind": "scaled"}),
    ],
)
def test_a_setting_of_one_target_is_refused(kind, settings):
    with pytest.raises(SettingsError, match="is for one target") as told:
        kind(**QUICK, **settings).fit(X, Y)
    assert "of its own for each column" in told.value.fix


@pytest.mark.parametrize("kind", [ThalwegClassifier, ThalwegRegressor])
def test_batches_are_of_one_target(kind):
    with pytest.raises(SettingsError, match="partial_fit is for one target"):
        kind(**QUICK).partial_fit(X, Y)


def test_a_positive_class_is_that_of_every_label():
    model = ThalwegClassifier(positive=0, **QUICK).fit(X, Y)
    known = ThalwegClassifier(**QUICK).fit(X, Y)
    np.testing.assert_allclose(model.predict_proba(X), 1 - known.predict_proba(X), atol=1e-12)
    np.testing.assert_array_equal(model.predict(X), known.predict(X))
    with pytest.raises(SettingsError, match='target "frost"'):
        ThalwegClassifier(positive="yes", **QUICK).fit(X, FRAME)
