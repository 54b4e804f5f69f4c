from itertools import combinations_with_replacement

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from thalweg.tuning.greedy_ensemble import Limits, apportioned, select


def squared(y):
    return lambda means: ((means - y) ** 2).mean(axis=-1)


def by_hand(predicted, y, keep):
    """Caruana's list with plain loops, and its best beginning."""
    slots, losses = [], []
    for _ in range(keep):
        each = [
            np.mean((predicted[[*slots, t]].mean(axis=0) - y) ** 2) for t in range(len(predicted))
        ]
        slots.append(int(np.argmin(each)))
        losses.append(min(each))
    return slots[: int(np.argmin(losses)) + 1]


def test_the_ensemble_is_that_of_plain_loops():
    random = np.random.default_rng(0)
    y = random.normal(size=40)
    predicted = y + random.normal(size=(7, 40)) * random.uniform(0.3, 1.5, size=(7, 1))
    found, wanted = select(predicted, squared(y), 6), by_hand(predicted, y, 6)
    shares = [np.bincount(each, minlength=7) / len(each) for each in (found, wanted)]
    assert np.array_equal(*shares)
    assert found[0] == wanted[0]
    assert len(set(found)) > 1


def test_it_is_near_the_best_of_all_ensembles():
    random = np.random.default_rng(1)
    y = random.normal(size=60)
    predicted = y + random.normal(size=(5, 60)) * random.uniform(0.4, 1.2, size=(5, 1))
    every = [
        np.mean((predicted[list(slots)].mean(axis=0) - y) ** 2)
        for n in range(1, 5)
        for slots in combinations_with_replacement(range(5), n)
    ]
    found = np.mean((predicted[select(predicted, squared(y), 4)].mean(axis=0) - y) ** 2)
    assert found <= 1.05 * min(every)


def test_equal_shares_are_reduced():
    y = np.array([0.0, 1.0])
    predicted = np.array([[0.2, 1.0], [-0.2, 1.0], [3.0, 3.0]])
    assert sorted(select(predicted, squared(y), 8)) == [0, 1]


def test_slots_stay_within_the_limits_together():
    y = np.zeros(3)
    predicted = np.array([[1.0, 0, 0], [-1.0, 0, 0], [0.1, 0.1, 0.1]])
    costs = np.array([[6.0, 6.0, 5.0]])
    assert select(predicted, squared(y), 4, Limits(costs, np.array([11.0]))) == [2]
    assert select(predicted[:2], squared(y), 4, Limits(costs[:, :2], np.array([12.0]))) == [0, 1]
    assert select(predicted, squared(y), 4, Limits(costs, np.array([4.0]))) == []


def test_slots_follow_shares_as_seats_follow_votes():
    # Seven seats for 53, 24 and 23 votes: Sainte-Laguë gives 3, 2, 2, d'Hondt 4, 2, 1.
    slots = apportioned(np.array([0.53, 0.24, 0.23]), 7)
    assert np.bincount(slots).tolist() == [3, 2, 2]
    assert slots == [0, 1, 2, 0, 1, 2, 0] or sorted(slots) == [0, 0, 0, 1, 1, 2, 2]
    assert apportioned(np.array([0.0, 1.0]), 8) == [1]
    assert apportioned(np.array([0.5, 0.0, 0.5]), 8) == [0, 2]
    assert apportioned(np.zeros(3), 8) == []


@given(st.lists(st.integers(0, 100), min_size=1, max_size=8), st.integers(1, 40))
def test_no_share_is_off_by_a_slot_or_more_where_there_are_two_trials(votes, keep):
    votes = [*votes[:1], 1]
    shares = np.array(votes) / sum(votes)
    slots = apportioned(shares, keep)
    found = np.bincount(slots, minlength=2) / len(slots)
    assert np.all(np.abs(found - shares) * keep < 1)


def test_slots_end_before_they_are_beyond_the_limits():
    shares, limits = np.array([0.5, 0.3, 0.2]), Limits(np.array([[2.0, 5.0, 2.0]]), np.array([7.5]))
    assert apportioned(shares, 8, limits) == [0, 1]
    assert apportioned(shares, 8, limits._replace(most=np.array([6.5]))) == [0]
