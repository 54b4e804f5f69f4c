"""CV+ intervals: to the bit those of the full matrix, and as wide as they have to be."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thalweg.errors import DataError
from thalweg.evaluation.answers import Answers, answers_of
from thalweg.evaluation.conformal import cv_plus, equal_masses
from thalweg.evaluation.conformal.cv_plus import (
    cv_plus_intervals,
    pooled_intervals,
    pooled_quantile,
)
from thalweg.evaluation.conformal.residual_store import HeldOutResiduals, residuals_of


def held_out(n, n_folds, seed=0, digits=None, **more):
    random = np.random.default_rng(seed)
    answer = random.normal(size=n)
    truth = answer + random.standard_t(3, size=n)
    if digits is not None:
        answer, truth = np.round(answer, digits), np.round(truth, digits)
    return Answers(truth, answer, folds=np.arange(n) % n_folds, how="out-of-fold", **more)


def by_the_matrix(answers, predictions, tenths, repeats=1):
    """The definition: all n × m values, sorted (Barber et al. 2021, section 3)."""
    errors = np.abs(answers.truth - answers.answer)
    n, of_row = len(errors) // repeats, predictions[answers.folds]
    # ⌈D(1-α)(n+1)⌉ with whole numbers, and its counterpart from below.
    rank = -(-repeats * tenths * (n + 1) // 10)
    if rank > n * repeats:
        return np.tile([-np.inf, np.inf], (predictions.shape[1], 1))
    high = np.sort(of_row + errors[:, None], axis=0)[rank - 1]
    low = np.sort(of_row - errors[:, None], axis=0)[n * repeats - rank]
    return np.stack((low, high), axis=1)


@pytest.mark.parametrize("tenths", [5, 7, 8, 9])
@pytest.mark.parametrize(
    ("n", "n_folds"), [(9, 1), (9, 3), (10, 5), (61, 5), (200, 5), (1_000, 20)]
)
@pytest.mark.parametrize("digits", [None, 1])
def test_intervals_are_those_of_the_full_matrix_to_the_bit(n, n_folds, tenths, digits):
    answers = held_out(n, n_folds, seed=n, digits=digits)
    random = np.random.default_rng(1)
    for spread in (0.0, 0.1, 30.0):
        predictions = random.normal(size=(1, 50)) + spread * random.normal(size=(n_folds, 50))
        if digits is not None:
            predictions = np.round(predictions, digits)
        found = cv_plus_intervals(residuals_of(answers), predictions, tenths / 10)
        assert np.array_equal(found, by_the_matrix(answers, predictions, tenths))
        assert (found[:, 0] <= found[:, 1]).all()


@pytest.mark.quick_each(3)
@pytest.mark.parametrize("size", [0.001, 1.0, 1e6])
@pytest.mark.parametrize("digits", [None, 1])
def test_bisection_before_the_exact_steps_changes_no_bit(monkeypatch, size, digits):
    monkeypatch.setattr(cv_plus, "_FEW_NETWORKS", 0)
    monkeypatch.setattr(cv_plus, "_FEW_STEPS", 0)
    monkeypatch.setattr(cv_plus, "_BISECTIONS", 80)  # down to neighbouring numbers
    random = np.random.default_rng(3)
    for n, n_folds in ((12, 2), (300, 30)):
        answers = held_out(n, n_folds, seed=n, digits=digits)
        predictions = size * random.normal(size=(n_folds, 1)) + random.normal(size=(n_folds, 200))
        if digits is not None:  # then many sums would be equal, but for rounding
            predictions = np.round(predictions, digits)
        for tenths in (5, 8, 9):
            found = cv_plus_intervals(residuals_of(answers), predictions, tenths / 10)
            assert np.array_equal(found, by_the_matrix(answers, predictions, tenths))


@given(st.data())
def test_folds_of_any_sizes_give_those_of_the_full_matrix(data):
    n_folds = data.draw(st.integers(1, 6))
    cells = st.integers(-5, 5).map(float)
    rows = data.draw(
        st.lists(st.tuples(cells, cells, st.integers(0, n_folds - 1)), min_size=1, max_size=40)
    )
    truth, answer, folds = np.array(rows).T
    answers = Answers(truth, answer, folds=folds.astype(int))
    predictions = np.array(
        data.draw(
            st.lists(st.lists(cells, min_size=3, max_size=3), min_size=n_folds, max_size=n_folds)
        )
    )[: folds.astype(int).max() + 1]
    tenths = data.draw(st.integers(5, 9))
    found = cv_plus_intervals(residuals_of(answers), predictions, tenths / 10)
    assert np.array_equal(found, by_the_matrix(answers, predictions, tenths))


@pytest.mark.parametrize("n", [8, 9, 40])
def test_with_repeats_each_row_counts_once(n):
    parts = [held_out(n, 3, seed=seed) for seed in (1, 2, 3)]
    answers = Answers(
        np.concatenate([part.truth for part in parts]),
        np.concatenate([part.answer for part in parts]),
        folds=np.concatenate([part.folds + 3 * d for d, part in enumerate(parts)]),
    )
    residuals = residuals_of(answers, repeats=3)
    assert residuals.n == n
    predictions = np.random.default_rng(5).normal(size=(9, 30))
    found = cv_plus_intervals(residuals, predictions)
    assert np.array_equal(found, by_the_matrix(answers, predictions, 9, repeats=3))
    assert np.isinf(found).all() == (n == 8)
    # The same division three times is the division itself.
    [one] = parts[:1]
    thrice = Answers(
        np.tile(one.truth, 3), np.tile(one.answer, 3),
        folds=np.concatenate([one.folds + 3 * d for d in range(3)]),
    )  # fmt: skip
    once = cv_plus_intervals(residuals_of(one), predictions[:3])
    again = cv_plus_intervals(residuals_of(thrice, repeats=3), np.tile(predictions[:3], (3, 1)))
    assert np.array_equal(once, again)


def test_mapies_cv_plus_is_the_same():
    # MAPIE's rule (method="plus"): np.nanquantile(..., 1 - α, method="higher") over n + 1 values,
    # of which one is ∞; 0 as its difference on 60 rows × 200 new ones with MAPIE 1.6.
    answers = held_out(60, 5, seed=3)
    predictions = np.random.default_rng(4).normal(size=(5, 200))
    errors = np.abs(answers.truth - answers.answer)[:, None]
    more = np.full((1, 200), np.inf)
    above = np.concatenate((predictions[answers.folds] + errors, more))
    below = np.concatenate((predictions[answers.folds] - errors, -more))
    high = np.quantile(above, 0.9, axis=0, method="higher")
    low = np.quantile(below, 0.1, axis=0, method="lower")
    found = cv_plus_intervals(residuals_of(answers), predictions)
    assert np.array_equal(found, np.stack((low, high), axis=1))


@pytest.mark.parametrize(("n", "level"), [(8, 0.9), (18, 0.95), (98, 0.99)])
def test_too_few_rows_give_infinite_ends_and_one_more_row_finite_ones(n, level):
    predictions = np.zeros((5, 2))
    few = cv_plus_intervals(residuals_of(held_out(n, 5)), predictions, level)
    assert few.tolist() == [[-math.inf, math.inf]] * 2
    assert np.isfinite(
        cv_plus_intervals(residuals_of(held_out(n + 1, 5)), predictions, level)
    ).all()


def test_a_rank_that_is_clipped_to_n_covers_too_little():
    # 5 rows at 90 %: the largest of 5 errors covers 5/6 = 0.834 (measured), not 0.9; the trap of
    # Project-MONAI/MONAI#8938.
    random = np.random.default_rng(0)
    errors = np.abs(random.normal(size=(20_000, 6)))
    clipped = np.mean(errors[:, 5] <= errors[:, :5].max(axis=1))
    assert clipped == pytest.approx(5 / 6, abs=0.01)
    found = cv_plus_intervals(
        HeldOutResiduals(np.sort(errors[0, :5])[::-1], np.array([5]), 5.0), np.zeros((1, 1))
    )
    assert np.isinf(found).all()


def test_the_interval_contains_every_networks_prediction_if_folds_are_large_enough():
    answers = held_out(100, 5)
    predictions = 20 * np.random.default_rng(0).normal(size=(5, 300))
    low, high = cv_plus_intervals(residuals_of(answers), predictions).T
    assert (low <= predictions.min(axis=0)).all()
    assert (predictions.max(axis=0) <= high).all()


def test_the_order_of_the_rows_does_not_matter():
    answers = held_out(80, 5, groups=np.arange(80) // 4)
    mixed = answers.rows(np.random.default_rng(0).permutation(80))
    for drop in (False, True):
        first, second = (
            residuals_of(Answers(each.truth, each.answer, folds=each.folds,
                                 groups=None if drop else each.groups), seed=3)
            for each in (answers, mixed)
        )  # fmt: skip
        assert np.array_equal(first.values, second.values)
        assert np.array_equal(first.sizes, second.sizes)
        assert first.n == second.n == (80 if drop else 20)


def test_a_whole_weight_is_so_many_rows():
    answers = held_out(40, 4)
    weights = np.random.default_rng(0).integers(0, 4, 40).astype(float)
    rows = answers.rows(np.repeat(np.arange(40), weights.astype(int)))
    weighted = answers_of(answers.truth, answers.answer, weights, folds=answers.folds)
    first, second = residuals_of(weighted), residuals_of(rows)
    assert np.array_equal(first.values, second.values)
    assert first.n == second.n == weights.sum()


def test_fractional_weights_are_shares_of_the_effective_number_of_rows():
    answers = held_out(60, 3)
    predictions = np.random.default_rng(0).normal(size=(3, 20))
    equal = residuals_of(Answers(answers.truth, answers.answer, np.full(60, 0.3), answers.folds))
    assert np.array_equal(equal.values, residuals_of(answers).values)
    weights = np.random.default_rng(1).uniform(0.2, 2.0, 60)
    found = [
        residuals_of(Answers(answers.truth, answers.answer, scale * weights, answers.folds))
        for scale in (1.0, 1e-3)
    ]
    ends = [cv_plus_intervals(each, predictions) for each in found]
    assert np.array_equal(*ends)
    n = weights.sum() ** 2 / np.sum(weights**2)
    assert found[0].n == pytest.approx(n)
    # The definition: the smallest value with a weight of at least (1-α)(n+1) up to it.
    units = weights * n / weights.sum()
    values = predictions[answers.folds] + np.abs(answers.truth - answers.answer)[:, None]
    for column, high in zip(values.T, ends[0][:, 1], strict=True):
        order = np.argsort(column)
        reached = np.cumsum(units[order]) >= 0.9 * (n + 1)
        exact = column[order][np.argmax(reached)]
        following = column[order][min(np.argmax(reached) + 1, 59)]
        assert exact <= high <= following


@pytest.mark.parametrize("weighted", [False, True])
def test_a_shortened_list_gives_intervals_that_are_never_narrower(weighted, monkeypatch):
    random = np.random.default_rng(0)
    answers = held_out(600, 5)
    weights = random.uniform(0.5, 1.5, 600) if weighted else None
    given_ = Answers(answers.truth, answers.answer, weights, answers.folds)
    predictions = random.normal(size=(5, 100))
    full = cv_plus_intervals(residuals_of(given_), predictions)
    monkeypatch.setattr(equal_masses, "MOST_OF_A_LIST", 40)
    short = residuals_of(given_)
    assert short.sizes.max() <= 40
    found = cv_plus_intervals(short, predictions)
    slack = 0.01 if weighted else 0.0  # weighted lists are of equal masses already
    assert (found[:, 0] <= full[:, 0] + slack).all()
    assert (found[:, 1] >= full[:, 1] - slack).all()
    # 40 of 120 are kept: three ranks of 120.
    assert (found[:, 1] - found[:, 0]).mean() < 1.1 * (full[:, 1] - full[:, 0]).mean()


def test_the_pooled_form_is_the_mean_and_a_quantile():
    answers = held_out(99, 5)
    sigma = np.random.default_rng(2).uniform(0.5, 2.0, 99)
    scaled = residuals_of(answers, sigma)
    errors = np.sort(np.abs(answers.truth - answers.answer) / sigma)
    assert pooled_quantile(scaled) == errors[89]
    mean, wide = np.array([0.0, 1.0]), np.array([1.0, 2.0])
    found = pooled_intervals(scaled, mean, wide)
    assert found.tolist() == [[-errors[89], errors[89]], [1 - 2 * errors[89], 1 + 2 * errors[89]]]
    plain = pooled_intervals(residuals_of(answers), mean)
    assert (plain[:, 1] - plain[:, 0]).tolist() == pytest.approx(
        [2 * pooled_quantile(residuals_of(answers))] * 2
    )
    assert pooled_quantile(residuals_of(held_out(8, 2))) == math.inf


def test_predictions_of_other_networks_and_bad_scales_are_refused():
    residuals = residuals_of(held_out(20, 5))
    with pytest.raises(DataError, match="do not match the residuals"):
        cv_plus_intervals(residuals, np.zeros((4, 3)))
    with pytest.raises(DataError, match="row 3"):
        residuals_of(held_out(20, 5), np.array([1.0, 1.0, 0.0, *[1.0] * 17]))
    with pytest.raises(DataError, match="No held-out row"):
        residuals_of(Answers(np.ones(2), np.full(2, np.nan)))
