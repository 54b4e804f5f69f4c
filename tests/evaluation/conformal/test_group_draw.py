"""One row of each group: each with its share, whatever the order of the rows."""

from dataclasses import replace

import numpy as np
import pytest

from thalweg.evaluation.answers import Answers
from thalweg.evaluation.conformal.group_draw import one_of_each_group

GROUPS = np.array(["b", "a", "b", "c", "a", "b"])


def answers(weights=None, groups=GROUPS):
    return Answers(np.arange(6.0), np.arange(6.0) + 0.5, weights, np.arange(6) % 2, groups)


def test_without_groups_nothing_is_drawn():
    given = answers(groups=None)
    assert one_of_each_group(given, 0) is given


def test_each_group_gives_one_of_its_rows():
    drawn = one_of_each_group(answers(), 0)
    assert drawn.groups is None
    assert drawn.weights is None
    assert GROUPS[drawn.truth.astype(int)].tolist() == ["a", "b", "c"]
    assert drawn.folds.tolist() == (drawn.truth.astype(int) % 2).tolist()


def test_each_division_into_folds_gives_a_row_of_each_group():
    twice = answers().rows(np.tile(np.arange(6), 2))
    twice = replace(twice, folds=np.append(np.arange(6) % 2, 2 + np.arange(6) % 2))
    drawn = one_of_each_group(twice, 0, repeats=2)
    for division in (0, 1):
        mine = drawn.truth[drawn.folds // 2 == division].astype(int)
        assert sorted(GROUPS[mine]) == ["a", "b", "c"]


def test_the_order_of_the_rows_does_not_matter_and_the_seed_does():
    given, random = answers(), np.random.default_rng(0)
    for seed in range(5):
        known = one_of_each_group(given, seed).truth.tolist()
        assert one_of_each_group(given.rows(random.permutation(6)), seed).truth.tolist() == known
    assert len({tuple(one_of_each_group(given, seed).truth) for seed in range(30)}) > 3


def test_a_row_is_drawn_in_proportion_to_its_weight():
    weights = np.array([0.5, 1.0, 1.5, 1.0, 3.0, 2.0])
    draws = [one_of_each_group(answers(weights), seed).truth for seed in range(3_000)]
    shares = np.bincount(np.concatenate(draws).astype(int), minlength=6) / 3_000
    # Four standard errors.
    expected = np.array([0.5 / 4, 0.25, 1.5 / 4, 1.0, 0.75, 2 / 4])
    assert np.abs(shares - expected).max() < 4 * np.sqrt(0.25 / 3_000)


def test_a_drawn_row_may_have_the_mean_weight_of_its_group():
    weights = np.array([0.5, 1.0, 1.5, 1.0, 3.0, 2.0])
    drawn = one_of_each_group(answers(weights), 0, weighted=True)
    # Only ratios matter: a has (1 + 3) / 2, b (0.5 + 1.5 + 2) / 3, c 1.
    assert drawn.weights / drawn.weights[2] == pytest.approx([2, 4 / 3, 1])
    assert drawn.truth.tolist() == one_of_each_group(answers(weights), 0).truth.tolist()
    assert one_of_each_group(answers(), 0, weighted=True).weights is None
