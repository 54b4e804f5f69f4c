"""The row of the lessons forward and backward: which one it is, and what is refused."""

from dataclasses import replace

import numpy as np
import pytest

from forward_by_hand import by_hand, cells_of
from lesson_subjects import article_subject, small_subject
from thalweg import DataError, ThalwegClassifier
from thalweg.reporting.lessons.tasks.row.traced_row import (
    LARGEST_LOSS,
    listed,
    row_with_large_loss,
    traced_row,
    written,
)


def test_the_numbers_of_the_row_are_those_of_a_pass_by_hand():
    subject = article_subject(216)
    row, right = traced_row(subject), by_hand(subject, cells_of(subject))
    np.testing.assert_allclose(row.X, right["X"], rtol=1e-12)
    np.testing.assert_allclose(row.Z1, right["Z1"], rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(row.A1, np.maximum(right["Z1"], 0), rtol=1e-12, atol=1e-14)
    assert pytest.approx(right["Z2"], rel=1e-12) == row.Z2
    assert row.Yh == pytest.approx(right["Yh"], rel=1e-12)
    assert row.loss == pytest.approx(-np.log(right["Yh"]), rel=1e-9)  # the row is malignant
    assert row.dYh * row.slope == pytest.approx(right["Yh"] - 1, rel=1e-12)
    assert (row.number, row.label, row.share) == (223, "malignant", 1 / 683)


def test_the_row_without_a_name_has_the_largest_loss_that_is_not_huge():
    subject = article_subject()
    losses = []
    for place in range(len(subject.labels)):
        one = replace(subject, row=place)
        p = by_hand(one, cells_of(one))["Yh"]
        losses.append(-np.log(p if subject.labels[place] == "malignant" else 1 - p))
    assert subject.row == int(np.argmax(losses))
    assert losses[subject.row] < LARGEST_LOSS
    assert traced_row(subject).number == subject.kept[subject.row] + 1 == 197


def test_a_huge_loss_is_not_taken(monkeypatch):
    subject = article_subject()
    monkeypatch.setattr("thalweg.reporting.lessons.tasks.row.traced_row.LARGEST_LOSS", 3.2)
    found = row_with_large_loss(subject.model, subject.rows, subject.labels)
    assert traced_row(replace(subject, row=found)).loss == pytest.approx(3.118, abs=1e-3)
    monkeypatch.setattr("thalweg.reporting.lessons.tasks.row.traced_row.LARGEST_LOSS", 0.0)
    with pytest.raises(DataError, match="No row has factors that can be read"):
        row_with_large_loss(subject.model, subject.rows, subject.labels)


def refitted(**settings):
    subject = article_subject()
    usual = {"hidden_layer_sizes": (4,), "activation": "relu", "n_bins": 0, "max_iter": 1,
             "early_stopping": False, "dropout": 0.0, "alpha": 0.0}  # fmt: skip
    model = ThalwegClassifier(**{**usual, **settings}, positive="malignant", random_state=0)
    return replace(subject, model=model.fit(subject.rows, subject.labels))


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"hidden_layer_sizes": (19,)}, "layers 9-19-1 .*at most 18 units.*TABLE alone"),
        ({"hidden_layer_sizes": (4, 3)}, "layers 9-4-3-1 .*one hidden layer.*TABLE alone"),
        ({"activation": "gelu"}, "with gelu .*relu.*TABLE alone"),
        ({"label_smoothing": 0.1}, "smoothed labels .*TABLE alone"),
        ({"class_weight": "balanced"}, "costs of classes .*TABLE alone"),
    ],
)
def test_a_network_that_the_lesson_does_not_follow_is_refused(settings, says):
    with pytest.raises(DataError, match=f"(?s){says}"):
        traced_row(refitted(**settings))


def test_the_network_of_another_lesson_is_refused_too():
    with pytest.raises(DataError, match="with tanh"):
        row_with_large_loss(small_subject().model, small_subject().rows, small_subject().labels)


def test_a_row_that_the_network_is_too_sure_of_is_refused(monkeypatch):
    subject = article_subject()
    p = subject.model.predict_proba(subject.rows)[:, 1]
    monkeypatch.setattr("thalweg.reporting.lessons.tasks.row.traced_row._SUREST", 2e-4)
    with pytest.raises(DataError, match=r"too sure of row .*leave out --row"):
        traced_row(replace(subject, row=int(np.argmax(p))))


def test_numbers_and_lists_are_written_for_readers():
    assert [written(x) for x in (-0.25, 1.46412e-5, 12345.0, -2e7)] == [
        "−0.25", "1.464·10⁻⁵", "1.234·10⁴", "−2·10⁷"
    ]  # fmt: skip
    assert [listed(each) for each in ([3], [1, 2], [1, 2, 5])] == ["3", "1 and 2", "1, 2 and 5"]
