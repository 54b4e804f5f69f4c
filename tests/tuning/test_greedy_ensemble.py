from itertools import combinations_with_replacement

import numpy as np

from thalweg.tuning.greedy_ensemble import Limits, select


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
