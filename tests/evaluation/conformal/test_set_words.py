"""Sets of classes in words."""

import numpy as np

from thalweg.evaluation.conformal.set_words import set_words


def test_two_classes_have_four_words():
    sets = np.array([[1, 0], [0, 1], [1, 1], [0, 0], [0, 1]], dtype=bool)
    assert set_words(sets, ["benign", "malignant"]).tolist() == [
        "benign", "malignant", "cannot tell (either)", "unlike both classes", "malignant",
    ]  # fmt: skip


def test_more_classes_are_a_list():
    sets = np.array([[1, 0, 0, 0], [0, 1, 1, 0], [1, 1, 0, 1], [1, 1, 1, 1], [0, 0, 0, 0]], bool)
    assert set_words(sets, np.array([1, 2, 3, 4])).tolist() == [
        "1", "2 or 3", "1, 2 or 4", "cannot tell (any class)", "unlike all classes",
    ]  # fmt: skip


def test_no_rows_have_no_words():
    assert set_words(np.zeros((0, 2), bool), ["a", "b"]).tolist() == []
