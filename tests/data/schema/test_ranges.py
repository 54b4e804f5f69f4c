import math

import numpy as np
import pandas as pd
import pytest

from thalweg.data.schema.ranges import Beyond, beyond, summary, without_row_numbers
from thalweg.estimators.classifier import ThalwegClassifier

NAN = math.nan
LOW, HIGH = np.array([0.0, NAN, 5.0]), np.array([1.0, NAN, 5.0])


def test_what_lies_beyond_is_found_with_its_place_and_distance():
    X = np.array([[0.0, 9.0, 5.0], [NAN, 9.0, NAN], [-0.5, -9.0, 5.0], [1.25, 1.0, 7.0]])
    found = beyond(["a", "b", "c"], X, LOW, HIGH)
    assert found == [
        Beyond(3, "a", -0.5, 0.0, 1.0),
        Beyond(4, "a", 1.25, 0.0, 1.0),
        Beyond(4, "c", 7.0, 5.0, 5.0),
    ]
    assert [each.distance for each in found] == [0.5, 0.25, 2.0]
    assert beyond(["a", "b", "c"], X, None, None) == []
    said = summary(found, 4)
    assert said.startswith("Numbers outside the range of the training rows")
    assert (
        '"a" in 2 (farthest -0.5 in row 3; training rows had 0 to 1), "c" in 1 (farthest 7 ' in said
    )
    assert '"a" in 2 (farthest -0.5; training rows had 0 to 1)' in without_row_numbers(said)
    assert "in row" not in without_row_numbers(said)
    assert summary([], 4) == ""
    many = [Beyond(1, f"x{j}", 2.0, 0.0, 1.0) for j in range(9)]
    assert "and 3 more columns" in summary(many, 1)


def test_a_cell_of_another_notation_stands_beside_the_number_that_was_read():
    how = "--number leuko=1,234.56 on the command line"
    found = [Beyond(195, "leuko", 3.063, 3063.0, 15885.0, cell="3,063", how=how)]
    said = summary(found, 200)
    assert "(farthest '3,063', read as 3.063, in row 195; training rows had 3063 to 15885)" in said
    assert said.endswith(f"say how its column is written: {how}.")
    plain = summary([Beyond(1, "leuko", 7.0, 3063.0, 15885.0, cell="7")], 200)
    assert "(farthest 7 in row 1; training rows had 3063 to 15885)" in plain


@pytest.fixture(scope="module")
def model():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"age": rng.uniform(20, 80, 60), "town": ["x", "y"] * 30})
    frame.loc[3, "age"] = NAN
    y = (frame["age"] > 50).astype(int)
    return ThalwegClassifier((3,), max_iter=2, random_state=0).fit(frame, y), frame


def test_without_the_row_a_cell_of_another_notation_leaves_no_comma():
    found = [Beyond(3, "iron", 9.5, 11.4, 43.7, cell="9,5")]
    said = without_row_numbers(summary(found, 20))
    assert "(farthest '9,5', read as 9.5; training rows had 11.4 to 43.7)" in said


def test_a_model_tells_where_it_would_extrapolate(model):
    model, frame = model
    assert model.out_of_range(frame).empty
    later = pd.DataFrame({"town": ["x", "y", "x"], "age": [NAN, 19.0, 101.5]})
    found = model.out_of_range(later)
    assert found["row"].tolist() == [2, 3]
    assert found["column"].tolist() == ["age", "age"]
    assert found["value"].tolist() == [19.0, 101.5]
    low, high = frame["age"].min(), frame["age"].max()
    assert found["distance"].tolist() == [low - 19.0, 101.5 - high]


def test_networks_of_folds_have_seen_all_rows_together():
    X = np.random.default_rng(0).normal(size=(200, 8))
    model = ThalwegClassifier((3,), max_iter=2, random_state=0).fit(X, X[:, 0] > 0)
    first = model.members_[0].encoder.scaling
    # The first of them has not.
    assert (first.low > X.min(axis=0)).any()
    assert (first.high < X.max(axis=0)).any()
    assert model.out_of_range(X).empty
    beyond_it = model.out_of_range(X.min(axis=0, keepdims=True) - 1)
    assert beyond_it["low"].tolist() == X.min(axis=0).tolist()


def test_rows_that_only_judge_widen_no_range():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 1))
    y = (X[:, 0] > 0).astype(int)
    model = ThalwegClassifier((3,), max_iter=2, random_state=0, early_stopping=True).fit(X, y)
    ends = (model.encoder_.scaling.low[0], model.encoder_.scaling.high[0])
    held_out = model.out_of_range(X)["value"].to_numpy()
    assert all((held_out < ends[0]) | (held_out > ends[1]))
    weights = (np.abs(X[:, 0]) < 1).astype(float)
    model.fit(X, y, sample_weight=weights)
    assert model.encoder_.scaling.high[0] < 1


def test_a_very_long_name_is_shortened():
    found = beyond(["a" * 5000], np.array([[2.0]]), np.zeros(1), np.ones(1))
    assert len(summary(found, 1)) < 600
