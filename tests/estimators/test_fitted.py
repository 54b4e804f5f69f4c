"""`Fitted`: the complete result of a fit, which the attributes of an estimator show."""

import ast
import copy
import pickle
import re
from dataclasses import FrozenInstanceError, fields, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

import thalweg
from syntax import tree_of
from thalweg import ThalwegClassifier, ThalwegRegressor, load_model
from thalweg.data.likeness.stored_likeness import as_arrays
from thalweg.estimators.fitted import Fitted, OutOfFold, ShowsFitted

SOURCE = Path(thalweg.__file__).parent
QUICK = {"hidden_layer_sizes": (4,), "max_iter": 3, "random_state": 0, "n_folds": 2}
KINDS = [ThalwegClassifier, ThalwegRegressor]
OOF = {"oof_loss_", "oof_rows_", "oof_score_", "oof_decision_function_", "oof_prediction_"}


# What a fit finds only if it is asked for: tests/estimators/importance.
# With importance=True, and with several targets.
IF_ASKED = {
    "importance_", "feature_importances_", "targets_", "levels_", "grades_",
    "best_validation_score_",
}  # fmt: skip


def attributes(kind):
    """Every attribute of a kind of estimator that a fit gives."""
    return {name for name in dir(kind) if name.endswith("_") and not name.startswith("_")}


def rows(kind, n=80, names=False):
    X = np.random.default_rng(0).standard_normal((n, 3))
    y = X[:, 0] > 0 if kind is ThalwegClassifier else X[:, 0]
    return (pd.DataFrame(X, columns=list("abc")) if names else X), y


def fitted(kind=ThalwegClassifier, names=False, **how):
    return kind(**{**QUICK, **how}).fit(*rows(kind, names=names))


@pytest.mark.parametrize("kind", KINDS)
def test_before_a_fit_there_is_no_attribute_and_after_it_there_are_all(kind):
    assert not [name for name in attributes(kind) if hasattr(kind(), name)]
    with pytest.raises(NotFittedError):
        check_is_fitted(kind())
    with pytest.raises(AttributeError, match=f"this {kind.__name__} is not fitted yet"):
        kind().seed_  # noqa: B018
    model = fitted(kind, names=True)
    assert {name for name in attributes(kind) if not hasattr(model, name)} == (
        IF_ASKED & attributes(kind)
    )
    check_is_fitted(model)
    assert set(vars(model)) - set(vars(kind())) == {"_fitted"}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("how", "there"),
    [
        ("folds", OOF),
        ("cross-validation", {"oof_loss_", "oof_rows_"}),
        ("hold-out", set()),
        (False, set()),
    ],
)
def test_out_of_fold_results_are_there_where_there_were_folds(kind, how, there):
    model = fitted(kind, early_stopping=how)
    assert {name for name in OOF if hasattr(model, name)} == there & attributes(kind)
    assert not hasattr(model, "feature_names_in_")
    for name in OOF & attributes(kind) - there:
        with pytest.raises(AttributeError, match=f"has no {name}"):
            getattr(model, name)


@pytest.mark.parametrize("kind", KINDS)
def test_the_docstring_names_every_attribute_and_no_other(kind):
    told = kind.__doc__.partition("Attributes\n    ----------")[2].partition("Examples")[0]
    heads = re.findall(r"^    ([\w, ]+?) : ", told, re.MULTILINE)
    heads += re.findall(r"^    (\w+_)$", told, re.MULTILINE)
    assert {name for head in heads for name in head.split(", ")} == attributes(kind)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_but_the_threshold_can_be_set(kind):
    model = fitted(kind, names=True)
    for name in attributes(kind) - {"threshold_"}:
        with pytest.raises(AttributeError):
            setattr(model, name, getattr(model, name))
    for field in fields(Fitted):
        with pytest.raises(FrozenInstanceError):
            setattr(model._known, field.name, None)


def test_a_threshold_that_was_set_is_heeded_and_kept(tmp_path):
    model = fitted()
    X, y = rows(ThalwegClassifier)
    other = copy.copy(model)
    model.threshold_ = 0.9
    assert (model.threshold_, other.threshold_) == (0.9, 0.5)
    assert model.predict(X).sum() == (model.predict_proba(X)[:, 1] > 0.9).sum()
    model.save(tmp_path / "m")
    assert load_model(tmp_path / "m").threshold_ == 0.9
    assert model.fit_more(X, y, 1).threshold_ == 0.9
    assert model.fit(X, y).threshold_ == 0.5


@pytest.mark.parametrize("kind", KINDS)
def test_copies_share_what_was_fitted_and_a_clone_has_nothing(kind):
    model, X = fitted(kind), rows(kind)[0]
    one = copy.copy(model)
    assert one._known is model._known
    one.fit(X[:60], rows(kind)[1][:60])
    assert one.data_hash_ != model.data_hash_
    for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert other._known is not model._known
        assert other.predict(X).tobytes() == model.predict(X).tobytes()
        assert other.oof_score_ == model.oof_score_
    assert not hasattr(clone(model), "members_")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("names", [False, True])
def test_a_file_gives_back_all_but_what_it_does_not_hold(kind, names, tmp_path):
    model = fitted(kind, names=names)
    model.save(tmp_path / "m")
    before, after = model._known, load_model(tmp_path / "m")._known
    for field in fields(Fitted):
        one, other = getattr(before, field.name), getattr(after, field.name)
        if field.name == "networks":
            assert [each.theta.tobytes() for each in one] == [
                each.theta.tobytes() for each in other
            ]
        elif field.name == "out_of_fold":
            assert isinstance(other, OutOfFold)
            assert (other.loss, other.score, other.predictions) == (one.loss, one.score, None)
            assert (other.how, other.n_ended_earlier) == (one.how, one.n_ended_earlier)
            assert one.how == "out-of-fold"
            assert other.answers is None
        elif field.name == "weights_hash":
            assert (one, other) == ("", None)  # there are no weights
        elif field.name == "conformal":
            arrays = one.as_arrays()
            assert arrays.keys() == other.as_arrays().keys()
            for name, array in other.as_arrays().items():
                np.testing.assert_array_equal(array, arrays[name])
        elif field.name == "likeness":
            for name, array in as_arrays(one).items():
                np.testing.assert_array_equal(as_arrays(other)[name], array)
        elif field.name == "row_digests":
            assert one.salt == other.salt == before.data_hash
            np.testing.assert_array_equal(one.seen, other.seen)
            assert one.checksum == other.checksum
        else:
            assert one == other, field.name


def test_a_model_that_goes_on_is_another_one_and_the_first_stays():
    model, (X, y) = fitted(), rows(ThalwegClassifier)
    first = model._known
    theta = first.networks[0].theta.copy()
    assert model.partial_fit(X, y)._known.also == "batches"
    assert model._known.between is not None
    assert model.fit_more(X, y, 1)._known.also == "epochs"
    assert model._known.between is None
    assert first.also is None
    assert first.out_of_fold is not None
    np.testing.assert_array_equal(first.networks[0].theta, theta)


def test_names_and_number_of_columns_are_those_of_the_last_fit():
    model = fitted(names=True)
    assert model.feature_names_in_.tolist() == ["a", "b", "c"]
    X, y = rows(ThalwegClassifier)
    assert not hasattr(model.fit(X[:, :2], y), "feature_names_in_")
    assert model.n_features_in_ == 2


def test_only_adopt_sets_what_an_estimator_shows():
    told = {"_fitted"}.union(*map(attributes, KINDS))
    # Only where one of them is spoken of: to read a tree takes milliseconds.
    named = re.compile(rf"\.\s*(?:{'|'.join(told)})\b|\b(?:set|del)attr\b")
    found = []
    for path in sorted(SOURCE.rglob("*.py")):
        if path.relative_to(SOURCE).parts[0] == "evaluation":  # which has estimators of its own
            continue
        if named.search(path.read_text(encoding="utf-8")):
            found += [(path.name, name) for name in written(tree_of(path)) if name in told]
    # The one line of `_adopt`.
    assert found == [("fitted.py", "_fitted")]


def written(tree):
    """The names of attributes that a module sets or deletes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del):
            yield node.attr
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("setattr", "delattr"):
            yield getattr(node.args[1], "value", "_fitted")


def test_what_shows_a_fit_adopts_what_it_is_given():
    model = fitted()
    shown = ShowsFitted()
    shown._adopt(replace(model._known, seed=7))
    assert (shown.seed_, model.seed_) == (7, 0)
    shown._adopt(None)
    assert not hasattr(shown, "seed_")
    assert vars(shown) == {}
