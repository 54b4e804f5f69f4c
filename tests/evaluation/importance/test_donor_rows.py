"""Donor rows: permutations without a row that keeps its cell, and by weight."""

import numpy as np

from thalweg.evaluation.importance.donor_rows import donor_rows


def test_each_row_is_a_donor_once_and_never_its_own():
    found = donor_rows(50, 200, seed=0)
    assert found.shape == (200, 50)
    assert (np.sort(found, axis=1) == np.arange(50)).all()
    assert not (found == np.arange(50)).any()
    # Every other row is as likely: 200 draws of 49 rows.
    times = np.array([np.bincount(found[:, i], minlength=50) for i in range(50)])
    others = times[~np.eye(50, dtype=bool)]
    assert abs(others.mean() - 200 / 49) < 1e-9
    assert others.var() < 1.5 * 200 / 49


def test_draws_depend_on_seed_part_and_permutation_alone():
    first = donor_rows(20, 3, seed=0)
    np.testing.assert_array_equal(first, donor_rows(20, 5, seed=0)[:3])
    for other in (donor_rows(20, 3, seed=1), donor_rows(20, 3, seed=0, part=1)):
        assert (first != other).any()


def test_a_row_is_a_donor_as_often_as_it_weighs():
    weights = np.array([0.5, 1.0, 2.5, 4.0] * 25)
    found = donor_rows(100, 400, seed=0, weights=weights)
    times = np.array([np.bincount(each, minlength=100) for each in found])
    wanted = 100 * weights / weights.sum()
    assert (np.abs(times - wanted) < 1).all()
    np.testing.assert_allclose(times.mean(axis=0), wanted, atol=0.1)
    # Which row gets which cell is random: no row keeps its donor.
    assert len({*found[:, 0].tolist()}) > 40


def test_a_single_row_keeps_its_cell():
    assert donor_rows(1, 2, seed=0).tolist() == [[0], [0]]
