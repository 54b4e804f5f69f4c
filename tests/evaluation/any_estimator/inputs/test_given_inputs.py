"""The classes and columns of given predictions fit the targets."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from thalweg import DataError, Evaluation, evaluate

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


@pytest.mark.parametrize("column", [pd.DataFrame({"well": P}), pd.Series(P, name="well")])
@pytest.mark.parametrize("place", ["p", "baseline"])
def test_a_column_named_after_the_other_class_is_refused(column, place):
    given = {"p": P, "baseline": P} | {place: column}
    with pytest.raises(DataError, match="named after the other class"):
        Evaluation.from_predictions(Y, **given, positive="sick")


def test_a_column_named_after_the_positive_class_is_taken():
    plain = Evaluation.from_predictions(Y, P, positive="sick")
    for named in (pd.DataFrame({"sick": P}), pd.Series(P, name="sick"), pd.DataFrame({"p": P})):
        found = Evaluation.from_predictions(Y, named, positive="sick")
        assert found.as_dict() == plain.as_dict()


class NeverFitted(LogisticRegression):
    """Its fit must not be reached."""

    def fit(self, X, y, sample_weight=None):
        raise AssertionError("fitted")


@pytest.mark.parametrize(
    ("by", "says"),
    [
        ("zz", 'no column "zz"'),
        ({"k": [1, 2]}, '"k": 2 values, 200 rows'),
        ({"day": pd.date_range("2020-01-01", periods=200)}, "dates names no groups"),
    ],
)
def test_columns_of_groups_are_checked_before_the_fits(by, says):
    X = pd.DataFrame({"a": P})
    with pytest.raises(DataError, match=says):
        evaluate(NeverFitted(), X, Y, baselines=None, by=by)
    if by != "zz":
        with pytest.raises(DataError, match=says):
            Evaluation.from_predictions(Y, P, by=by)


def test_groups_of_rows_and_columns_without_groups_are_said():
    patients = np.repeat(np.arange(50), 4)
    by = {"same": ["x"] * 200, "unique": [f"p{k}" for k in range(200)], "half": np.arange(200) % 2}
    text = " ".join(Evaluation.from_predictions(Y, P, by=by, groups=patients).text().split())
    assert "Groups." in text
    assert "take rows to be independent" in text
    assert "All rows are in one group. Name a column with at least two values." in text
    assert "Each of its values is in fewer than 10 rows. Name a column with fewer" in text
    alone = Evaluation.from_predictions(Y, P, by={"half": by["half"]}).text()
    assert "to be independent" not in " ".join(alone.split())
