"""Cut-offs: every threshold from 0 to 1 belongs to one of them, with the rows above it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thalweg.evaluation.answers import Answers, answers_of
from thalweg.evaluation.decisions.cutoffs import above, cutoffs, resampled

SCORES = st.sampled_from([0.0, 5e-324, 0.2, np.nextafter(0.2, 1), 0.5, 1.0])
ROWS = st.lists(st.tuples(st.booleans(), SCORES), min_size=1, max_size=30)


def answers(rows, **other):
    truth, p = zip(*rows, strict=True)
    return answers_of(np.array(truth), np.array(p), **other)


@given(ROWS, st.one_of(SCORES, st.floats(0, 1)))
def test_a_cutoff_counts_the_rows_strictly_above_each_of_its_thresholds(rows, threshold):
    cut = cutoffs(answers(rows))
    [place] = (
        np.flatnonzero((cut.starts <= threshold) & (threshold < cut.ends))[-1:]
        if (threshold < 1)
        else [len(cut.scores)]
    )
    assert above(cut.positive)[place] == sum(p > threshold for y, p in rows if y)
    assert above(cut.negative)[place] == sum(p > threshold for y, p in rows if not y)


@given(ROWS)
def test_the_middle_of_a_cutoff_is_inside_it(rows):
    cut = cutoffs(answers(rows))
    places = np.flatnonzero(cut.reachable & (cut.starts < cut.ends))
    middle = cut.middle(places, places)
    assert np.all((cut.starts[places] <= middle) & (middle < cut.ends[places]))


def test_between_two_neighbouring_numbers_the_middle_is_the_lower_one():
    scores = [0.2]
    for _ in range(3):
        scores.append(np.nextafter(scores[-1], 1))
    cut = cutoffs(answers([(True, score) for score in scores]))
    assert cut.middle(np.arange(1, 4), np.arange(1, 4)).tolist() == scores[:3]


def test_rows_of_probability_0_are_never_called():
    assert not cutoffs(answers([(True, 0.0), (False, 0.5)])).reachable[0]
    assert cutoffs(answers([(True, 0.1), (False, 0.5)])).reachable.all()


@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_no_bit(rows, random):
    weights = np.array([random.random() + 0.1 for _ in rows])
    order = np.array(random.sample(range(len(rows)), len(rows)))
    given_ = answers(rows, weights=weights)
    one, two = cutoffs(given_), cutoffs(given_.rows(order))
    assert np.array_equal(one.positive, two.positive)
    assert np.array_equal(one.negative, two.negative)


def test_the_scale_of_weights_changes_nothing():
    rows = [(True, 0.7), (False, 0.2), (False, 0.7)]
    one = cutoffs(answers(rows, weights=np.array([0.5, 1.5, 0.25])))
    two = cutoffs(answers(rows, weights=np.array([0.5, 1.5, 0.25]) * 2.0**1000))
    assert np.array_equal(one.positive, two.positive)
    assert one.effective_n == two.effective_n
    assert one.positive.sum() + one.negative.sum() == pytest.approx(3)


def test_equal_weights_are_no_weights():
    truth, p = np.array([True, False, True]), np.array([0.3, 0.3, 0.6])
    one, two = cutoffs(Answers(truth, p)), cutoffs(Answers(truth, p, np.full(3, 0.3)))
    assert two.positive == pytest.approx(one.positive)
    assert two.effective_positive == pytest.approx(2)


def test_joined_cells_keep_rows_and_ends():
    random = np.random.default_rng(0)
    p = random.random(1000)
    cut = cutoffs(answers_of(random.random(1000) < p, p))
    few = cut.joined(50)
    assert len(few.scores) == 50
    assert few.positive.sum() == cut.positive.sum()
    assert few.starts[-1] == cut.starts[-1]
    assert few.ends[0] == cut.ends[0]
    assert np.all(few.least <= few.mean)
    assert np.all(few.mean <= few.scores)
    assert np.all(few.scores[:-1] < few.least[1:])
    assert few.positive + few.negative == pytest.approx(np.full(50, 20), abs=1)
    assert cut.joined(1000) is cut


def test_resamples_draw_as_many_rows_as_there_are():
    drawn = resampled(np.array([1.0, 3.0, 0.0]), 4, 0, 9)
    assert drawn.shape == (2000, 3)
    assert np.all(drawn.sum(axis=1) == 4)
    assert drawn.mean(axis=0) == pytest.approx([1, 3, 0], abs=0.1)
    assert np.array_equal(drawn, resampled(np.array([1.0, 3.0, 0.0]), 4, 0, 9))
    assert not np.array_equal(drawn, resampled(np.array([1.0, 3.0, 0.0]), 4, 0, 8))
