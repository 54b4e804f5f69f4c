"""The search for changes against brute force, and what each of its conditions keeps out."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from thalweg import ThalwegClassifier
from thalweg.errors import SettingsError
from thalweg.estimators.explaining import counterfactual_search as module
from thalweg.estimators.explaining.counterfactual_search import changeable, searched
from thalweg.estimators.explaining.explained_answer import ExplainedAnswer


@pytest.fixture(scope="module")
def model():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(
        {
            "a": rng.normal(size=160), "b": rng.normal(size=160),
            "c": rng.choice(["x", "y", "z"], 160), "k": np.ones(160),
        }
    )  # fmt: skip
    y = np.where(X["a"] + X["b"] + (X["c"] == "x") + 0.3 * rng.normal(size=160) > 0.5, "yes", "no")
    return ThalwegClassifier(
        random_state=0, max_iter=25, hidden_layer_sizes=(16,), positive="yes", n_folds=3,
        early_stopping="folds",
    ).fit(X, y)  # fmt: skip


def beyond(answers):
    return answers[:, 0] >= 0.6


def a_row(model, a=-1.0, b=-0.3, c=2.0):
    return np.array([a, b, c, 1.0])


def by_brute_force(model, row, columns):
    """Every change of one or two columns that does: with its distance and outlier p."""
    answer, likeness = ExplainedAnswer(model._known), model._known.likeness
    grid = {}
    for j in columns:
        summary = likeness.columns[j]
        own = np.unique(summary.quantiles if len(summary.quantiles) else summary.codes)
        grid[j] = own[own != row[j]].tolist()
    good = {}
    for size in (1, 2):
        for chosen in product(columns, repeat=size):
            if list(chosen) != sorted(set(chosen)):
                continue
            for values in product(*(grid[j] for j in chosen)):
                changed = row.copy()
                changed[list(chosen)] = values
                each = answer.predicted_by_each(changed[None])[:, 0, 0]
                whole = answer.predicted(changed[None])[0, 0]
                p = likeness.outlier_p(changed[None])[0]
                if whole >= 0.6 and (each >= 0.6).mean() >= 0.8:
                    distance = 0.0
                    for j, value in zip(chosen, values, strict=True):
                        q = likeness.columns[j].quantiles
                        distance += abs(value - row[j]) / (q[15] - q[5]) if len(q) else 1.0
                    good.setdefault(chosen, []).append((distance, values, p))
    return good


def like(found):
    """Those of rows that are not unlike the training rows."""
    kept = {chosen: [each for each in those if each[2] > 0.05] for chosen, those in found.items()}
    return {chosen: those for chosen, those in kept.items() if those}


def test_the_best_change_of_every_column_is_found(model):
    row = a_row(model)
    found = searched(
        ExplainedAnswer(model._known), model._known.likeness, row, [0, 1, 2], beyond
    ).found
    expected = by_brute_force(model, row, [0, 1, 2])
    alone = {chosen: min(each) for chosen, each in like(expected).items() if len(chosen) == 1}
    assert alone
    for each in found:
        if len(each.columns) == 1:
            distance, values, _ = alone.pop(each.columns)
            assert each.distance == pytest.approx(distance)
            assert each.row[list(each.columns)].tolist() == list(values)
    assert len(found) == 3 or not alone
    assert [len(each.columns) for each in found] == sorted(len(each.columns) for each in found)


def test_pairs_are_tried_where_no_single_change_does(model):
    row = a_row(model, a=-1.2, b=-0.9)
    answer, likeness = ExplainedAnswer(model._known), model._known.likeness
    expected = like(by_brute_force(model, row, [1, 2]))
    result = searched(answer, likeness, row, [1, 2], beyond)
    assert not any(len(chosen) == 1 for chosen in expected)
    assert [each.columns for each in result.found] == ([(1, 2)] if expected else [])
    assert result.n_tried == 21 + 2 + 21 * 2


def test_the_nearest_pair_is_of_changes_that_do_not_do_alone(model):
    row, columns = a_row(model), [0, 1, 2]
    result = searched(ExplainedAnswer(model._known), model._known.likeness, row, columns, beyond)
    every = by_brute_force(model, row, columns)
    kept = like(every)
    alone = {
        j: {values[0] for _, values, _ in every[(j,)]} if (j,) in kept else set() for j in columns
    }
    found = {each.columns: each for each in result.found if len(each.columns) == 2}
    assert found
    for pair, each in found.items():
        distance, values, _ = min(
            one for one in kept[pair]
            if not any(value in alone[j] for j, value in zip(pair, one[1], strict=True))
        )  # fmt: skip
        assert each.distance == pytest.approx(distance)
        assert each.row[list(pair)].tolist() == list(values)


@pytest.mark.parametrize("nearest_is_like", [True, False])
def test_a_pair_with_a_value_that_does_alone_is_given_only_if_no_such_row_is_like(
    model, monkeypatch, nearest_is_like
):
    # Alone, the values of a that do give unlike rows, but for the nearest one in the first case.
    # Only with b are rows of these values like the training rows.
    row = a_row(model)
    answer, likeness = ExplainedAnswer(model._known), model._known.likeness
    enough = [values[0] for _, values, _ in sorted(by_brute_force(model, row, [0])[(0,)])]

    def outlier_p(_, rows):
        of_a, of_b = rows[:, 0], rows[:, 1]
        like = np.isin(of_a, enough) & (of_b != row[1])
        return np.where(like | (nearest_is_like & (of_a == enough[0])), 0.5, 0.01)

    monkeypatch.setattr(type(likeness), "outlier_p", outlier_p)
    found = searched(answer, likeness, row, [0, 1], beyond).found
    assert [each.columns for each in found] == ([(0,)] if nearest_is_like else [(0, 1)])
    expected = min(like(by_brute_force(model, row, [0, 1]))[found[0].columns])
    assert found[0].distance == pytest.approx(expected[0])


def test_rows_unlike_the_training_rows_are_kept_out_and_counted(model, monkeypatch):
    row = a_row(model)
    answer, likeness = ExplainedAnswer(model._known), model._known.likeness
    before = searched(answer, likeness, row, [0], beyond)
    monkeypatch.setattr(module, "UNLIKE", 1.0)
    after = searched(answer, likeness, row, [0], beyond)
    assert before.found
    assert not after.found
    assert after.n_unlike > before.n_unlike
    assert after.n_tried == before.n_tried == 21


def test_networks_have_to_agree(model, monkeypatch):
    answer, likeness = ExplainedAnswer(model._known), model._known.likeness
    each = answer.predicted_by_each
    one_against = np.zeros((len(model.members_), 1, 1))
    one_against[0] = 1.0  # one of three: fewer than four of five
    monkeypatch.setattr(
        ExplainedAnswer, "predicted_by_each", lambda self, rows: each(rows) * (1 - one_against)
    )
    assert not searched(answer, likeness, a_row(model), [0, 1], beyond).found


def test_a_constant_column_cannot_change(model):
    schema, likeness = model.schema_, model._known.likeness
    assert changeable(schema, likeness, ["b", "a", "b"]) == [1, 0]
    with pytest.raises(SettingsError, match=r'"k", whose values are not tried.*constant'):
        changeable(schema, likeness, ["k"])


def test_too_many_changes_are_refused(model, monkeypatch):
    monkeypatch.setattr(module, "MOST_TRIED", 100)
    with pytest.raises(SettingsError, match="changes of two at a time"):
        searched(ExplainedAnswer(model._known), model._known.likeness, a_row(model), [0, 1], beyond)


def test_whole_numbers_stay_whole():
    X = pd.DataFrame({"n": np.tile([1, 2, 3, 4, 8, 9], 20), "x": np.arange(120.0)})
    found = ThalwegClassifier(random_state=0, max_iter=5, hidden_layer_sizes=(4,), n_folds=2).fit(
        X, np.where(X["n"] > 3, "a", "b")
    )
    search = module._Search(
        ExplainedAnswer(found._known), found._known.likeness, np.array([1.0, 5.0]), beyond
    )
    assert (search.values(0) == np.round(search.values(0))).all()
    assert 1.0 not in search.values(0)
