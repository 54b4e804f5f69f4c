"""The classes and columns of given predictions fit the targets."""

import numpy as np
import pytest

from thalweg import DataError, Evaluation

RANDOM = np.random.default_rng(0)
P = RANDOM.uniform(size=200)
Y = np.where(RANDOM.uniform(size=200) < P, "sick", "well")
TWO = np.c_[P, 1 - P]


@pytest.mark.parametrize(
    ("y", "classes", "says"),
    [
        (Y, ["sick", "unwell"], r"The target 'well' is not one of the classes \(row \d+, "),
        (Y == "sick", ["sick", "well"], "The target .* is not one of the classes"),
        (Y, ["sick", "sick"], "The class 'sick' is named twice"),
    ],
)
def test_a_target_beside_the_named_classes_is_refused(y, classes, says):
    with pytest.raises(DataError, match=says):
        Evaluation.from_predictions(y, TWO, classes=classes)


def test_the_printed_classes_are_taken():
    with pytest.raises(DataError, match=r"classes=\['sick', 'well'\] are theirs"):
        Evaluation.from_predictions(Y, TWO, classes=["sick", "unwell"])
    found = Evaluation.from_predictions(Y, TWO, classes=["sick", "well"], positive="sick")
    np.testing.assert_array_equal(found.answers.truth, Y == "sick")


@pytest.mark.parametrize(
    ("y", "p", "other"),
    [
        ([0, 1, 1, 0] * 50, [0.2, 0.7, 0.6, 0.1] * 50, [0.5] * 200),
        (np.arange(200) + 0.5, np.arange(200) + RANDOM.normal(size=200), [100.0] * 200),
        (["a", "b", "c", "b"] * 50, np.tile([0.3, 0.4, 0.3], (200, 1)), np.full((200, 3), 1 / 3)),
    ],
    ids=["two", "numbers", "three"],
)  # fmt: skip
def test_the_page_of_predictions_beside_others_names_the_baseline(tmp_path, y, p, other):
    Evaluation.from_predictions(y, p, baseline=other).report(tmp_path / "page.html")
    assert "the baseline" in (tmp_path / "page.html").read_text()
