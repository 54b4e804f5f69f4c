"""Training rows, and what they weigh."""

import numpy as np

from thalweg.estimators.learning.encoded_training_data import Lesson, place, taught_by
from thalweg.estimators.outputs.class_outputs import Classes


def test_rows_weigh_with_and_without_the_costs_of_their_classes():
    weights, y = np.array([1.0, 2.0, 3.0, 4.0]), np.array([0.0, 1.0, 0.0, 1.0])
    lesson = Lesson(
        np.arange(4.0)[:, None], y, weights, Classes(np.array([0, 1]), np.array([1, 5]))
    )
    rows = np.array([0, 1, 3])
    here = place(lesson, rows, "float64")
    assert here.taught == taught_by(lesson, here.data, rows)
    assert (here.taught.rows, here.taught.weight) == (1 + 2 + 4, 1 + 5 * 2 + 5 * 4)
    every = taught_by(lesson, here.data)
    assert (every.rows, every.weight) == (1 + 2 + 3 + 4, 1 + 5 * 2 + 3 + 5 * 4)
