import math

import numpy as np
import pytest

from thalweg.training.schedules import rates


def test_constant_is_the_rate():
    np.testing.assert_array_equal(rates("constant", 0.3, 5, 4, 100), [0.3] * 4)


def test_cosine_step_by_step():
    expected = [0.2 * 0.5 * (1 + math.cos(math.pi * step / 10)) for step in range(10)]
    np.testing.assert_allclose(rates("cosine", 0.2, 0, 10, 10), expected, rtol=1e-14)


@pytest.mark.parametrize("schedule", ["constant", "cosine"])
def test_slices_make_the_whole(schedule):
    whole = rates(schedule, 0.1, 0, 30, 30)
    parts = [rates(schedule, 0.1, 0, 7, 30), rates(schedule, 0.1, 7, 23, 30)]
    np.testing.assert_array_equal(np.concatenate(parts), whole)
