"""Metrics of grades against scikit-learn and the definitions; intervals by simulation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, cohen_kappa_score

from thalweg.evaluation.grades.grade_metrics import (
    GRADE_METRICS,
    GradedRows,
    grade_metrics,
    mean_distance,
    quadratic_kappa,
)
from thalweg.evaluation.judging.multiclass_metrics import judge_classes
from thalweg.evaluation.task_kinds import SEVERAL_CLASSES

KEYS = {metric.key for metric in SEVERAL_CLASSES.metrics if not metric.always}


def rows(n, n_grades, seed, weights=None, groups=None):
    rng = np.random.default_rng(seed)
    probability = rng.dirichlet(np.ones(n_grades), n)
    codes = np.array([rng.choice(n_grades, p=p) for p in probability])
    ranks = rng.permutation(n_grades)
    called = probability.argmax(axis=1)
    return GradedRows(codes, called, probability, ranks, weights, groups)


@settings(deadline=None, max_examples=25)
@given(n_grades=st.integers(3, 6), seed=st.integers(0, 999))
def test_values_are_those_of_scikit_learn_and_of_the_definitions(n_grades, seed):
    given_rows = rows(60, n_grades, seed)
    found = grade_metrics(given_rows, 0)
    assert set(found) == set(GRADE_METRICS) == KEYS
    truth, called = (given_rows.ranks[each] for each in (given_rows.codes, given_rows.called))
    kappa = cohen_kappa_score(truth, called, weights="quadratic", labels=range(n_grades))
    assert found["kappa"].value == pytest.approx(kappa, abs=1e-12)
    assert found["grade_mae"].value == pytest.approx(np.mean(abs(truth - called)), abs=1e-12)
    in_order = given_rows.probability[:, np.argsort(given_rows.ranks)]
    briers = [
        brier_score_loss(truth <= k, np.clip(in_order[:, : k + 1].sum(axis=1), 0, 1), labels=[0, 1])
        for k in range(n_grades - 1)
    ]
    assert found["rps"].value == pytest.approx(np.mean(briers), abs=1e-12)
    for each in found.values():
        assert each.low <= each.value <= each.high


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 999))
def test_a_row_of_weight_2_has_the_value_of_two_rows(seed):
    once = rows(40, 4, seed)
    weights = np.random.default_rng(seed).integers(1, 4, 40)
    weighted = grade_metrics(once._replace(weights=weights.astype(float)), 0)
    again = [np.repeat(each, weights, axis=0) for each in once[:3]]
    repeated = grade_metrics(GradedRows(*again, once.ranks, None, None), 0)
    for key in GRADE_METRICS:
        assert weighted[key].value == pytest.approx(repeated[key].value, abs=1e-12)


def test_of_counts_the_same():
    given_rows = rows(80, 5, 3)
    confusion = np.zeros((5, 5))
    np.add.at(confusion, (given_rows.codes, given_rows.called), 1)
    found = grade_metrics(given_rows, 0)
    assert quadratic_kappa(confusion, given_rows.ranks) == pytest.approx(found["kappa"].value)
    assert mean_distance(confusion, given_rows.ranks) == pytest.approx(found["grade_mae"].value)


def test_a_constant_answer_has_kappa_0_and_no_mistake_shows_no_spread():
    few = rows(30, 4, 5)
    constant = grade_metrics(few._replace(called=np.full(30, 2)), 0)["kappa"]
    assert (constant.low, constant.value, constant.high) == (0.0, 0.0, 0.0)
    right = grade_metrics(few._replace(called=few.codes), 0)
    assert right["kappa"].value == right["kappa"].high == 1.0
    assert 0.5 < right["kappa"].low < 1.0
    assert (right["grade_mae"].value, right["grade_mae"].low) == (0.0, 0.0)
    assert right["grade_mae"].high > 0
    one = few._replace(codes=np.full(30, 1), called=np.full(30, 1))
    assert np.isnan(grade_metrics(one, 0)["kappa"].value)


def test_the_interval_of_kappa_holds_the_truth_in_95_of_100_tables():
    # Two graders of 4 grades, who agree as P says; the truth is kappa of P itself.
    rng = np.random.default_rng(8)
    P = np.exp(-np.abs(np.subtract.outer(np.arange(4), np.arange(4))))
    P /= P.sum()
    ranks, truth, held = np.arange(4), quadratic_kappa(P, np.arange(4)), 0
    for _ in range(400):
        drawn = rng.choice(16, 120, p=P.ravel())
        codes, called = drawn // 4, drawn % 4
        table = GradedRows(codes, called, np.full((120, 4), 0.25), ranks, None, None)
        kappa = grade_metrics(table, 0)["kappa"]
        held += kappa.low <= truth <= kappa.high
    assert 0.925 <= held / 400 <= 0.975


def test_rows_in_groups_know_less():
    alone = rows(200, 4, 9)
    groups = np.repeat(np.arange(40), 5)
    # Rows of a group are the same row.
    same = GradedRows(*(each[groups * 5] for each in alone[:3]), alone.ranks, None, None)
    free, together = (
        grade_metrics(same._replace(groups=each), 0)["kappa"] for each in (None, groups)
    )
    assert together.high - together.low > 1.7 * (free.high - free.low)


def test_a_judgement_has_them_where_the_order_is_known():
    given_rows = rows(50, 4, 1)
    plain = judge_classes(given_rows.codes, given_rows.probability)
    graded = judge_classes(given_rows.codes, given_rows.probability, ranks=given_rows.ranks)
    assert set(graded.metrics) - set(plain.metrics) == KEYS
    assert {key: graded.metrics[key] for key in plain.metrics} == plain.metrics
    shuffled = np.random.default_rng(0).permutation(50)
    again = judge_classes(
        given_rows.codes[shuffled], given_rows.probability[shuffled], ranks=given_rows.ranks
    )
    assert again == graded
