"""`Evaluation.from_predictions`: predictions of any program."""

import json

import numpy as np
import pytest

from thalweg import DataError, SettingsError
from thalweg.evaluation.any_estimator.evaluation import Evaluation
from thalweg.evaluation.judging.two_class_metrics import judge

RANDOM = np.random.default_rng(0)
P = 1 / (1 + np.exp(-1.5 * RANDOM.normal(size=200)))
Y = RANDOM.random(200) < P
NAMES = np.where(Y, "ill", "well")


def test_two_classes_by_a_vector_or_by_columns():
    found = Evaluation.from_predictions(NAMES, P, positive="ill")
    assert found.verdict.network.metrics == judge(Y, P).metrics
    columns = np.stack([P, 1 - P], axis=1)  # ill, well
    same = Evaluation.from_predictions(NAMES, columns, positive="ill")
    assert same.as_dict() == found.as_dict()
    turned = Evaluation.from_predictions(
        NAMES, columns[:, ::-1], positive="ill", classes=["well", "ill"]
    )
    assert turned.as_dict() == found.as_dict()
    other = Evaluation.from_predictions(NAMES, columns, positive="well")
    assert other.answers.answer.tolist() == (1 - P).tolist()
    assert found.classes == ("well", "ill")


@pytest.mark.parametrize("how", ["test", "cross-validated", "out-of-fold", "training"])
def test_how_is_said(how):
    found = Evaluation.from_predictions(Y, P, how=how)
    plain = found.as_dict()
    assert plain["sections"]["how"] == how
    judges = how in ("test", "cross-validated")
    assert ("does not say how good" in found.text()) is not judges
    assert (plain["sections"]["coverage"]["found"]["refused"] is None) is judges
    json.dumps(plain, allow_nan=False)


def test_a_baseline_is_compared_with():
    found = Evaluation.from_predictions(Y, P, baseline=np.full(200, 0.5), margin=0.01)
    assert found.compare().verdict == "better"
    assert "The model is better than the baseline" in found.text()
    given = found.as_dict()["judgement"]["differences"]["the baseline"]
    assert (given["verdict"], given["margin_from"]) == ("better", "asked")
    assert found.benefit().other is not None
    same = Evaluation.from_predictions(Y, P, baseline=P)
    assert same.compare().verdict == "equivalent"


def test_folds_groups_weights_and_columns():
    fold = np.repeat(["x", "y"], 100)
    weights = RANDOM.integers(0, 3, 200)
    column = np.where(np.arange(200) % 2 == 0, "even", "odd")
    found = Evaluation.from_predictions(
        Y, P, fold=fold, sample_weight=weights, how="cross-validated", by={"row": column}
    )
    assert len(found.answers) == weights.sum()
    assert sorted(set(found.answers.folds.tolist())) == [0, 1]
    table = found.as_dict()["sections"]["subgroups"]["tables"][0]
    rows = {each["name"]: each["n"] for each in table["groups"]}
    assert rows == {name: int(weights[column == name].sum()) for name in ("even", "odd")}
    halves = Evaluation.from_predictions(Y, P, sample_weight=weights / 2)
    assert "weighted" in halves.text()
    grouped = Evaluation.from_predictions(Y, P, groups=np.repeat(np.arange(40), 5))
    assert grouped.thresholds(sensitivity=0.8).confidence is None


def test_several_classes_and_numbers():
    p = RANDOM.dirichlet([1, 1, 1], 90)
    y = np.array(["a", "b", "c"])[(p.cumsum(axis=1) > RANDOM.random((90, 1))).argmax(axis=1)]
    found = Evaluation.from_predictions(y, p)
    assert found.classes == ("a", "b", "c")
    lacking = y != "c"
    fewer = Evaluation.from_predictions(y[lacking], p[lacking], classes=["a", "b", "c"])
    assert len(fewer.classes) == 3
    mean = RANDOM.normal(size=90)
    numbers = Evaluation.from_predictions(mean + RANDOM.normal(size=90), mean)
    assert numbers.intervals().coverage.high > 0.9
    assert numbers.verdict.network.metrics["rmse"].value == pytest.approx(1, abs=0.3)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"y": Y, "p": P[:3]}, "do not match"),
        ({"y": Y, "p": P, "how": "guessed"}, "how is 'guessed'"),
        ({"y": Y, "p": P + 1}, "not a number from 0 to 1"),
        ({"y": Y, "p": P, "positive": "x"}, 'positive class "x" is not in the target'),
        ({"y": ["a", "b", "c"] * 5, "p": P[:15]}, "a single number for each row"),
        ({"y": ["a", "b", "c"] * 5, "p": np.ones((15, 2)) / 2}, "2 columns, 3 classes"),
        ({"y": Y, "p": P, "costs": {"missed": 9}}, "not those of the two mistakes"),
        ({"y": Y, "p": P, "baseline": P[:3]}, "do not match"),
        ({"y": Y, "p": P, "by": {"a": [1, 2]}}, "do not match"),
    ],
)
def test_what_cannot_be_evaluated_is_said(asked, said):
    with pytest.raises((DataError, SettingsError), match=said):
        Evaluation.from_predictions(**asked)


def test_columns_need_values_where_there_is_no_table():
    found = Evaluation.from_predictions(Y, P)
    with pytest.raises(DataError, match='no column "sex"'):
        found.subgroups("sex")
    assert found.subgroups({"half": np.arange(200) < 100}).tables[0].column == "half"
