"""The rows of a table that are compared: without training rows, unless new rows equal these."""

import numpy as np
import pytest

from likenesses import KINDS, columns_of, likeness, mixed_rows
from thalweg.data.canonical_rows import RowDigests
from thalweg.estimators.drifting.untrained_rows import compared_rows
from thalweg.evaluation.any_estimator.row_origin import Origin, by_number
from thalweg.evaluation.drift.table_drift import drift_of_columns, settled

LEVELS = ("category", "category", "boolean", "category")


def levels(rng, n):
    """Rows of few levels, so that most new rows equal a training row."""
    return np.column_stack(
        [
            1 + np.minimum(rng.geometric(0.4, n), 28),
            rng.integers(1, 4, n),
            rng.random(n) < 0.3,
            1 + rng.integers(0, 8, n),
        ]
    ).astype(float)


def digests_of(rows):
    return RowDigests.of("0" * 64, rows, np.zeros(len(rows)))


def alarm(then, now, kinds):
    found = drift_of_columns(likeness(then, kinds), columns_of(kinds), now, {})
    return not settled(found, 0.05).passed


@pytest.mark.parametrize(("make", "kinds"), [(mixed_rows, KINDS), (levels, LEVELS)])
def test_tables_with_training_rows_and_without_drift_give_no_alarm(make, kinds):
    """At most 6 % of tables; leaving out rows that seem known gives 96 % where levels repeat."""
    alarms = naive = 0
    n_tables = 20
    for seed in range(n_tables):
        rng = np.random.default_rng(seed)
        then = make(rng, 500)
        now = np.vstack([then[:250], make(rng, 250)])
        digests = digests_of(then)
        origin = by_number(digests.of_rows(now), digests)
        part = compared_rows(origin, digests)
        assert part.tested
        assert (len(part.places) == 500) is (make is levels)
        alarms += alarm(then, now[part.places], kinds)
        if len(origin.left) >= 30:
            naive += alarm(then, now[origin.left], kinds)
    assert alarms <= 3  # of 20 at 2 %: with a probability of 0.9994
    assert (naive > 15) is (make is levels)


@pytest.mark.parametrize(("repeated", "n"), [(0.0, 4000), (0.2, 4000), (0.5, 1000)])
def test_the_share_of_repeated_rows_is_known_from_their_hashes(repeated, n):
    """Beside the true share; ± 3 standard errors."""
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(n, 2))
    n_copies = round(repeated * n)
    rows[n - n_copies :] = rows[:n_copies]
    digests = digests_of(rows)
    assert digests.n_rows == n
    assert digests.share_repeated == pytest.approx(repeated, abs=3 * 0.37 / np.sqrt(n))


def test_the_standard_error_of_that_share_is_that_of_many_tables():
    found = [
        digests_of(np.random.default_rng(seed).normal(size=(200, 1))).share_repeated
        for seed in range(300)
    ]
    # Shares below 0 are 0: the mean square of the others is half a variance.
    above = np.mean(np.square(found))
    error = digests_of(np.zeros((200, 1))).error_of_share / np.sqrt(200)
    assert np.sqrt(2 * above) == pytest.approx(error, rel=0.2)


def test_rows_that_are_known_exactly_are_left_out_however_often_they_repeat():
    rows = levels(np.random.default_rng(0), 200)
    part = compared_rows(Origin(200, np.arange(160)), digests_of(rows[:160]))
    assert part.places.tolist() == list(range(160, 200))
    assert "Only the other 40 are used" in part.said
    few = compared_rows(Origin(200, np.arange(171)), digests_of(rows[:171]))
    assert (len(few.places), few.tested) == (200, False)
    assert "the model was trained on all but 29 of these 200 rows" in few.said


def test_a_model_without_hashes_does_not_know_its_rows():
    part = compared_rows(Origin(50, None), None)
    assert (len(part.places), part.tested) == (50, True)
    assert "is not known" in part.said
