"""Importance in cross-validation: the mean of row losses by hand, each row by its own fold."""

import numpy as np
import pandas as pd
import pytest

from thalweg import ThalwegClassifier, ThalwegRegressor
from thalweg.data.schema.schema import infer_schema
from thalweg.errors import DataError
from thalweg.estimators.importance.importance_of_folds import FoldModels
from thalweg.evaluation.importance.chosen_rows import chosen_rows, parts_of
from thalweg.evaluation.importance.donor_rows import donor_rows
from thalweg.evaluation.task_judging import OneNumber, task_of

QUICK = {"hidden_layer_sizes": (6,), "max_iter": 40, "n_ensemble": 2, "random_state": 0}


def made(task, n=240):
    rng = np.random.default_rng(1)
    X = pd.DataFrame(rng.normal(size=(n, 2)), columns=["a", "b"])
    X["kind"] = rng.choice(["u", "v"], n)
    z = X["a"].to_numpy() + (X["kind"] == "u") + 0.3 * rng.normal(size=n)
    y = z if task == "number" else np.where(z > 0.5, "high", "low").astype(object)
    folds = [np.arange(n)[k::3] for k in range(3)]
    models = FoldModels(X, 3)
    for test in folds:
        train = np.setdiff1d(np.arange(n), test)
        kind = ThalwegRegressor if task == "number" else ThalwegClassifier
        models.add(kind(**QUICK).fit(X.iloc[train], y[train]), test)
    return X, y, folds, models


@pytest.mark.quick_each(2, 1)
@pytest.mark.parametrize("task", ["two", "number"])
def test_each_row_is_answered_by_the_model_that_held_it_out(task):
    X, y, folds, models = made(task)
    of = OneNumber() if task == "number" else task_of(y)
    schema = infer_schema(X)
    matrix = schema.matrix(X)
    found = models.importance(schema, matrix, of.truth(y), of, 0)
    assert (found.how, found.n_rows, found.n_networks) == ("cross-validated", 240, 0)
    # By hand: permute the cells of a column among the rows of a fold, and ask its model.
    places = chosen_rows(matrix, of.truth(y).astype(float), 0).places
    sums = dict.fromkeys(X.columns, 0.0)
    for k, rows in enumerate(parts_of(places, folds)):
        model, own = models._found[k][0], X.iloc[places[rows]].reset_index(drop=True)
        truth = y[places[rows]]

        def losses(frame, model=model, truth=truth):
            if task == "number":
                return (model.predict(frame) - truth) ** 2
            p = model.predict_proba(frame)
            return -np.log(p[np.arange(len(truth)), (truth == model.classes_[1]).astype(int)])

        before = losses(own)
        for name in X.columns:
            for donors in donor_rows(len(rows), 10, 0, None, k):
                moved = own.copy()
                moved[name] = own[name].to_numpy()[donors]
                sums[name] += (losses(moved) - before).sum() / 10
    frame = found.frame().set_index("column")
    for name, total in sums.items():
        assert frame.loc[name, "value"] == pytest.approx(total / 240, rel=2e-4, abs=1e-6)


def test_intervals_are_those_of_rows_that_trained_other_models():
    X, y, _, models = made("number")
    schema, of = infer_schema(X), OneNumber()
    found = models.importance(schema, schema.matrix(X), of.truth(y), of, 0)
    again = FoldModels(X, 1)  # one model alone: the rows of its fold did not train it
    again.add(*models._found[0])
    alone = again.importance(schema, schema.matrix(X), of.truth(y), of, 0)
    assert alone.n_rows == 80
    assert found.n_rows == 240
    assert "√2" in found.rows


def test_only_the_first_repetition_counts_and_other_models_are_no_networks():
    X, _, folds, models = made("two")
    models.add(models._found[0][0], folds[0])
    assert len(models._found) == 3
    fresh = FoldModels(X, 3)
    fresh.add(object(), folds[0])
    assert fresh._found == []


def test_folds_that_know_nothing_are_refused():
    X, _, folds, _ = made("two")
    y = np.random.default_rng(0).choice(["u", "v"], len(X)).astype(object)
    models = FoldModels(X, 3)
    for test in folds:
        train = np.setdiff1d(np.arange(len(X)), test)
        model = ThalwegClassifier(**{**QUICK, "max_iter": 3}).fit(X.iloc[train], y[train])
        models.add(model, test)
    schema, of = infer_schema(X), task_of(y)
    with pytest.raises(DataError, match="not shown to know more than a constant"):
        models.importance(schema, schema.matrix(X), of.truth(y), of, 0)
