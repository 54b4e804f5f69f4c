"""Sets of classes in words."""

import numpy as np

from thalweg.evaluation.conformal.set_words import set_words


def test_two_classes_have_four_words():
    sets = np.array([[1, 0], [0, 1], [1, 1], [0, 0], [0, 1]], dtype=bool)
    assert set_words(sets, ["benign", "malignant"]).tolist() == [
        "benign", "malignant", "cannot tell (either)", "no plausible class", "malignant",
    ]  # fmt: skip


def test_more_classes_are_a_list():
    sets = np.array([[1, 0, 0, 0], [0, 1, 1, 0], [1, 1, 0, 1], [1, 1, 1, 1], [0, 0, 0, 0]], bool)
    assert set_words(sets, np.array([1, 2, 3, 4])).tolist() == [
        "1", "2 or 3", "1, 2 or 4", "cannot tell (any class)", "no plausible class",
    ]  # fmt: skip


def test_no_rows_have_no_words():
    assert set_words(np.zeros((0, 2), bool), ["a", "b"]).tolist() == []


def test_labels_that_read_like_other_words_are_in_quotes():
    labels = ["a", "b or c", "b", 'say "c"', "d, a", "cannot tell (any class)", "corner"]
    every = np.array([[bool(k >> j & 1) for j in range(7)] for k in range(128)])
    words = set_words(every, labels).tolist()
    assert len({*words}) == 128
    assert words[0b10] == '"b or c"'
    assert words[0b101] == "a or b"
    assert words[0b1000001] == "a or corner"
    assert words[0b110010] == '"b or c", "d, a" or "cannot tell (any class)"'


def test_two_labels_that_are_such_words_are_in_quotes():
    labels = ["cannot tell (either)", '"cannot tell (either)"']
    words = set_words(np.array([[1, 0], [0, 1], [1, 1], [0, 0]], bool), labels).tolist()
    assert words == [
        '"cannot tell (either)"', '"""cannot tell (either)"""',
        "cannot tell (either)", "no plausible class",
    ]  # fmt: skip
    assert set_words(np.array([[1, 0]], bool), ["yes, or no", "b"]).tolist() == ["yes, or no"]
