"""Training rows, and what they weigh."""

import numpy as np

from thalweg.estimators.learning.encoded_training_data import (
    Lesson,
    first_theta,
    place,
    taught_by,
)
from thalweg.estimators.outputs.class_outputs import Classes
from thalweg.network.architecture import Architecture


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


def test_each_layer_of_a_fit_begins_by_its_own_activation():
    activations = ("relu", "tanh")
    architecture = Architecture.dense(300, (200, 100), 80, activations)
    theta = first_theta(architecture, activations, 0, 0, np.float64)
    # He's variance 2 / inputs below ReLU; Glorot's 2 / (inputs + outputs) below tanh, and after it.
    expected = np.sqrt([2 / 300, 2 / (200 + 100), 2 / (100 + 80)])
    found = [W.std() for W, _ in architecture.layers(theta)]
    np.testing.assert_allclose(found, expected, rtol=0.05)
