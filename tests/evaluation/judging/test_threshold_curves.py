import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score, roc_curve

from thalweg.errors import DataError
from thalweg.evaluation.judging.threshold_curves import BINS, STEPS, curves
from thalweg.evaluation.judging.two_class_metrics import judge

# Ties, the grid's own thresholds, the neighbours of one, and the ends.
SCORES = st.one_of(
    st.sampled_from([0.0, 1.0, 0.5, 0.3, np.nextafter(0.3, 0), np.nextafter(0.3, 1), 5e-324]),
    st.integers(0, 20).map(lambda k: k / 20),
    st.integers(0, STEPS).map(lambda k: k / STEPS),
    st.floats(0, 1),
)
ROWS = st.lists(st.tuples(st.booleans(), SCORES), min_size=1, max_size=60)


def split(rows):
    y, p = zip(*rows, strict=True)
    return np.array(y), np.array(p)


def distance_to_polyline(points, xs, ys):
    """The distance of each point from the nearest segment, by brute force."""
    least = np.full(len(points), np.inf)
    for a, b in zip(np.c_[xs, ys][:-1], np.c_[xs, ys][1:], strict=True):
        along = b - a
        length = along @ along
        t = np.clip((points - a) @ along / length, 0, 1) if length else np.zeros(len(points))
        least = np.minimum(least, np.linalg.norm(points - a - t[:, None] * along, axis=1))
    return least


@given(ROWS)
def test_every_entry_of_the_grid_equals_brute_force(rows):
    y, p = split(rows)
    found = curves(y, p)
    for k in range(STEPS + 1):
        called = [score > k / STEPS for score in p]
        assert found.true_positive[k] == sum(c and t for c, t in zip(called, y, strict=True))
        assert found.false_positive[k] == sum(c and not t for c, t in zip(called, y, strict=True))


@given(ROWS)
def test_the_histogram_counts_every_row_once_and_agrees_with_the_threshold(rows):
    y, p = split(rows)
    found = curves(y, p)
    for histogram, scores, n in (
        (found.histogram_positive, p[y], found.n_positive),
        (found.histogram_negative, p[~y], found.n_negative),
    ):
        for k in range(BINS):
            low, high = k / BINS, (k + 1) / BINS
            assert histogram[k] == sum((low < s or s == k == 0) and s <= high for s in scores)
        assert histogram.sum() == n == len(scores)
    for k in range(BINS):
        assert found.histogram_positive[k:].sum() == (
            found.true_positive[k * STEPS // BINS] if k else found.n_positive
        )


@given(ROWS.filter(lambda rows: len({y for y, _ in rows}) == 2))
def test_the_roc_curve_is_scikit_learns_without_what_lies_on_straight_lines(rows):
    y, p = split(rows)
    found = curves(y, p)
    fpr, tpr, _ = roc_curve(y, p, drop_intermediate=False)
    x = found.roc_false_positive / found.n_negative
    t = found.roc_true_positive / found.n_positive
    theirs = set(zip(fpr.tolist(), tpr.tolist(), strict=True))
    assert set(zip(x.tolist(), t.tolist(), strict=True)) <= theirs
    assert distance_to_polyline(np.c_[fpr, tpr], x, t).max() < 1e-12
    assert np.trapezoid(t, x) == pytest.approx(roc_auc_score(y, p), abs=1e-12)
    assert (x[0], t[0], x[-1], t[-1]) == (0, 0, 1, 1)
    # No vertex is superfluous: at each the direction changes.
    turns = np.diff(x)[:-1] * np.diff(t)[1:] - np.diff(x)[1:] * np.diff(t)[:-1]
    assert np.all(np.abs(turns) > 1e-15)


@pytest.mark.parametrize("n", [400, 3_000, 100_000])
def test_a_long_roc_curve_is_thinned_without_being_moved(n):
    random = np.random.default_rng(n)
    y = random.random(n) < 0.3
    p = 1 / (1 + np.exp(-random.normal(1.5 * y - 0.75)))
    found = curves(y, p)
    x = found.roc_false_positive / found.n_negative
    t = found.roc_true_positive / found.n_positive
    fpr, tpr, _ = roc_curve(y, p, drop_intermediate=False)
    some = np.unique(random.integers(len(fpr), size=500))
    assert len(x) <= 2_002
    assert distance_to_polyline(np.c_[fpr, tpr][some], x, t).max() < 1e-3
    assert np.trapezoid(t, x) == pytest.approx(roc_auc_score(y, p), abs=1e-3)


def test_the_longest_curve_stays_within_its_bound():
    # Alternating classes: as many corners as rows.
    found = curves(np.arange(50_000) % 2, np.linspace(1, 0, 50_000))
    assert len(found.roc_true_positive) <= 2_002


@given(ROWS, st.integers(0, STEPS))
def test_the_grid_agrees_with_the_judgement(rows, k):
    y, p = split(rows)
    found, judged = curves(y, p), judge(y, p, threshold=k / STEPS).confusion
    assert found.true_positive[k] == judged["true_positive"]
    assert found.false_positive[k] == judged["false_positive"]
    assert found.n_positive - found.true_positive[k] == judged["false_negative"]


@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(rows, random):
    shuffled = random.sample(rows, len(rows))
    assert curves(*split(rows)).as_dict() == curves(*split(shuffled)).as_dict()


def test_plain_data_is_json_and_holds_no_score():
    scores = np.array([0.123456, 0.654321, 0.9])
    found = curves(np.array([0, 1, 1]), scores).as_dict()
    assert json.loads(json.dumps(found)) == found
    assert len(found["true_positive"]) == found["steps"] + 1 == 1001
    for score in scores:
        assert repr(float(score)) not in json.dumps(found)


def test_a_class_that_is_not_there():
    found = curves(np.zeros(3), np.array([0.2, 0.2, 0.7]))
    assert found.n_positive == 0
    assert found.true_positive.sum() == 0
    assert found.roc_false_positive.tolist() == [0, 3]


def test_what_cannot_be_counted_is_refused():
    with pytest.raises(DataError, match="no row"):
        curves(np.array([]), np.array([]))
    with pytest.raises(DataError, match="probability"):
        curves(np.array([0, 1]), np.array([0.1, 1.5]))
