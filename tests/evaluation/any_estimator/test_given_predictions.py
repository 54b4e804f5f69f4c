"""`Evaluation.from_predictions`: predictions of any program."""

import json
import math
import re
import sys
from fractions import Fraction

import numpy as np
import pandas as pd
import polars as pl
import pytest

from thalweg import DataError, SettingsError
from thalweg.evaluation.any_estimator.evaluation import Evaluation
from thalweg.evaluation.comparing.margin_rule import BETTER, WORSE
from thalweg.evaluation.judging.regression_loss import measure_of_loss, measure_of_named
from thalweg.evaluation.judging.two_class_metrics import judge
from thalweg.network.formulas.losses import loss as network_loss

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


def test_cross_validation_has_two_folds_or_more():
    weights = np.repeat([0.0, 1.0], 100)
    for more in (
        {"fold": np.zeros(200)},
        {"fold": np.repeat(["x", "y"], 100), "sample_weight": weights},  # no row of "x" counts
    ):
        with pytest.raises(DataError, match="All rows are in one fold") as told:
            Evaluation.from_predictions(Y, P, how="cross-validated", baseline=1 - P, **more)
    for part in ('leave out fold and give how="test"', "give the fold of each row"):
        assert part in told.value.fix
    two = {"fold": np.repeat([0, 1], 100), "how": "cross-validated"}
    found = Evaluation.from_predictions(Y, P, baseline=1 - P, **two)
    assert found.as_dict()["judgement"]["differences"]["the baseline"]["n_folds"] == 2
    assert Evaluation.from_predictions(Y, P, baseline=1 - P, how="test").compare()


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
        ({"y": Y, "p": np.full((200, 2), 0.9)}, "do not have the sum 1"),
        ({"y": Y, "p": NAMES}, "The predictions are not numbers"),
        ({"y": Y, "p": P, "baseline": NAMES}, "The predictions are not numbers"),
        ({"y": Y, "p": P, "groups": np.ones(5)}, "the groups do not match"),
        ({"y": Y, "p": P, "groups": [None] * 200}, "The groups are missing in 200 rows"),
        ({"y": Y, "p": P, "fold": np.full(200, np.nan)}, "The folds are missing in 200 rows"),
        ({"y": Y, "p": P, "by": 0}, "by is 0, which names no columns"),
        ({"y": Y, "p": P, "by": np.arange(200)}, "by is a ndarray"),
        ({"y": Y, "p": P, "by": {"g": np.ones((200, 2))}}, "do not match"),
        ({"y": Y, "p": P, "task": "guess"}, "task is 'guess'"),
        ({"y": np.ones(200), "p": P}, r"All targets are 1\.0[\s\S]*task=\"regression\""),
        ({"y": Y.astype(int), "p": 9 * P}, r"two values[\s\S]*task=\"regression\""),
        ({"y": NAMES, "p": P, "task": "regression"}, "single number|not numbers|2 classes"),
        ({"y": Y, "p": P, "classes": [False, True], "task": "regression"}, "no classes"),
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
    with pytest.raises(DataError, match=r'no column "sex"[\s\S]*by=\{"NAME": values\}'):
        found.subgroups("sex")
    assert found.subgroups({"half": np.arange(200) < 100}).tables[0].column == "half"


def test_a_named_loss_evaluates_numbers_and_finds_their_calibration():
    random = np.random.default_rng(0)
    x = random.normal(size=200)
    y = x + random.exponential(size=200)
    q = x + np.log(10)
    found = Evaluation.from_predictions(y, q, loss="quantile:level=0.9", baseline=x + 1)
    loss = np.mean(np.maximum(0.9 * (y - q), -0.1 * (y - q)))
    assert found.verdict.network.metrics["pinball"].value == pytest.approx(loss)
    assert found.compare().verdict == BETTER
    assert Evaluation.from_predictions(y, q, baseline=x + 1).compare().verdict == WORSE
    section = found.as_dict()["sections"]["calibration"]["found"]
    assert section == found.calibration().as_dict()
    assert section["level"] == 0.9
    median = Evaluation.from_predictions(y, q, loss="absolute_error").calibration()
    assert median.level == 0.5
    assert median.p_value < 0.001


@pytest.mark.parametrize(
    ("loss", "part"),
    [
        ("quantil", "'quantile:level=0.9'"),
        ("huber:delta=-1", "(above 0)"),
        ("poisson", "a value below 0"),
        ("sigmoid_cross_entropy", "for numbers"),
        ("squared_error:x=1", "for numbers"),
    ],
)
def test_a_loss_that_is_none_is_refused(loss, part):
    with pytest.raises(SettingsError, match=re.escape(part)):
        Evaluation.from_predictions([-1.0, 2.0, 3.0], [1.0, 2.0, 3.0], loss=loss)


def test_classes_have_no_loss_to_name():
    with pytest.raises(SettingsError, match="compared by their log-loss"):
        Evaluation.from_predictions([0, 1] * 9, [0.2, 0.7] * 9, loss="quantile")


def test_other_weights_are_not_compared():
    random = np.random.default_rng(0)
    y, weights = random.random(80) < 0.5, random.uniform(1, 2, 80)
    a, b = np.where(y, 0.6, 0.3), np.full(80, 0.5)
    plain = Evaluation.from_predictions(y, a)
    weighted = Evaluation.from_predictions(y, b, sample_weight=weights)
    for one, two in ((plain, weighted), (weighted, plain)):
        with pytest.raises(DataError, match="other weights"):
            one.compare(two)
    twice = Evaluation.from_predictions(y, a, sample_weight=2 * weights)
    assert twice.compare(weighted).verdict == BETTER


def test_abstention_refuses_costs_that_differ():
    y, p = [0, 1] * 40, [0.2, 0.7] * 40
    found = Evaluation.from_predictions(y, p, costs={"missed": 9, "alarm": 1})
    with pytest.raises(SettingsError, match=r"at the threshold 0\.1 a missed case"):
        found.abstention()
    assert Evaluation.from_predictions(y, p).abstention().n_wrong == 0


def test_the_text_names_the_price_and_that_nobody_chose_it():
    text = " ".join(Evaluation.from_predictions([0, 1] * 40, [0.2, 0.7] * 40).text().split())
    assert "If an error costs as much as 10 rows without an answer" in text
    assert "Nobody named this price: it is a default." in text


def test_rows_without_an_error_have_no_interval_that_is_a_point():
    found = Evaluation.from_predictions([0, 1] * 30, [0.0, 1.0] * 30)
    metrics = found.verdict.network.metrics
    assert metrics["brier"].high == pytest.approx(1 - metrics["accuracy"].low)
    assert metrics["log_loss"].high == np.inf
    assert "log-loss     0 [no interval]" in found.text()
    exact = Evaluation.from_predictions([0, 1] * 30, [0.5] * 60).verdict.network.metrics
    assert exact["log_loss"].low == exact["log_loss"].high == pytest.approx(np.log(2))
    two = Evaluation.from_predictions([0, 1], [0.2, 0.8]).verdict.network.metrics
    assert (two["log_loss"].low, two["brier"].low) == pytest.approx((-np.log(0.8), 0.04))
    assert (two["log_loss"].high, two["brier"].high) == pytest.approx((-np.log(0.2), 0.64))
    values = Evaluation.from_predictions([1.0, 2.0, 4.0], [1.0, 2.0, 4.0]).verdict.network.metrics
    assert (values["rmse"].high, values["r2"].low) == (np.inf, -np.inf)


@pytest.mark.parametrize(
    "loss", ["squared_error", "quantile", "quantile: level=0.2", "huber", "huber:delta=2"]
)
def test_a_loss_is_read_as_the_network_reads_it(loss):
    y = np.arange(5.0)
    found, own = measure_of_named(loss, y), measure_of_loss(str(network_loss(loss)))
    assert (found.key, found.constant) == (own.key, own.constant)


# --- columns by name ---------------------------------------------------------------------------


@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame])
def test_columns_of_a_frame_are_found_by_the_names_of_the_classes(frame):
    found = Evaluation.from_predictions(NAMES, P, positive="ill").as_dict()
    for columns in ({"ill": P, "well": 1 - P}, {"well": 1 - P, "ill": P}):
        same = Evaluation.from_predictions(NAMES, frame(columns), positive="ill")
        assert same.as_dict() == found
    three = RANDOM.dirichlet([1, 1, 1], 90)
    y = np.array(["a", "b", "c"])[three.argmax(axis=1)]
    turned = frame({"c": three[:, 2], "a": three[:, 0], "b": three[:, 1]})
    plain = Evaluation.from_predictions(y, three)
    np.testing.assert_array_equal(
        Evaluation.from_predictions(y, turned).answers.answer, plain.answers.answer
    )
    with pytest.raises(DataError, match="not named as the classes"):
        Evaluation.from_predictions(NAMES, frame({"p1": P, "p2": 1 - P}))
    with pytest.raises(DataError, match="in two orders"):
        Evaluation.from_predictions(
            NAMES, frame({"ill": P, "well": 1 - P}), classes=["well", "ill"]
        )
    named = Evaluation.from_predictions(
        NAMES, frame({"p1": P, "p2": 1 - P}), classes=["ill", "well"], positive="ill"
    )
    assert named.as_dict() == found


def test_columns_without_names_are_in_the_order_of_the_classes():
    columns = np.stack([P, 1 - P], axis=1)
    found = Evaluation.from_predictions(NAMES, columns, positive="ill").as_dict()
    for frame in (pd.DataFrame(columns), pl.DataFrame(columns)):
        assert Evaluation.from_predictions(NAMES, frame, positive="ill").as_dict() == found


def test_one_column_is_a_list_of_numbers():
    y = RANDOM.normal(size=120)
    column = (y + RANDOM.normal(size=120))[:, None]
    found = Evaluation.from_predictions(y, column)
    assert found.as_dict() == Evaluation.from_predictions(y, column[:, 0]).as_dict()
    assert found.verdict.task == "regression"


# --- the task ----------------------------------------------------------------------------------


def test_the_task_can_be_said():
    y = np.repeat([0, 3], 60)
    numbers = Evaluation.from_predictions(y, y + RANDOM.normal(size=120), task="regression")
    assert numbers.verdict.task == "regression"
    one = Evaluation.from_predictions(np.ones(120), RANDOM.random(120), task="regression")
    assert one.verdict.task == "regression"
    alone = Evaluation.from_predictions(np.ones(120), RANDOM.random(120), classes=[0.0, 1.0])
    assert alone.verdict.task == "binary"


# --- later questions ---------------------------------------------------------------------------


def test_arguments_that_are_no_numbers_are_said():
    found = Evaluation.from_predictions(Y, P, baseline=P)
    for ask, says in (
        (lambda: found.at("x"), "The threshold is 'x'"),
        (lambda: found.abstention("x"), "price is 'x'"),
        (lambda: found.compare(margin="x"), "margin is 'x'"),
        (lambda: found.compare(P), "A ndarray cannot be compared with"),
    ):
        with pytest.raises(SettingsError, match=says.replace("'", ".")):
            ask()
    with pytest.raises(SettingsError, match="No number of rows"):
        found.compare(margin=-1)


def test_other_positives_and_other_weights_are_not_compared():
    one, other = (Evaluation.from_predictions(NAMES, P, positive=p) for p in ("ill", "well"))
    with pytest.raises(DataError, match=r"different positive classes[\s\S]*positive='ill'"):
        one.compare(other)
    weights = RANDOM.uniform(0.5, 2, 200)
    weighted, plain, twice = (
        Evaluation.from_predictions(Y, P, sample_weight=each)
        for each in (weights, None, 2 * weights)
    )
    for pair in ((weighted, plain), (plain, weighted)):
        with pytest.raises(DataError, match="other weights"):
            pair[0].compare(pair[1])
    assert weighted.compare(twice).verdict == "equivalent"
    numbers = Evaluation.from_predictions(P, P + 0.1)
    with pytest.raises(DataError, match="not of the same classes"):
        one.compare(numbers)


def test_a_frame_names_groups():
    sex = np.where(np.arange(200) % 2 == 0, "f", "m")
    found = Evaluation.from_predictions(Y, P, by=pd.DataFrame({"sex": sex}))
    assert found.as_dict() == Evaluation.from_predictions(Y, P, by={"sex": sex}).as_dict()


def test_rows_are_counted_from_one_and_one_row_is_no_rows():
    p = P.copy()
    p[3] = 7
    with pytest.raises(DataError, match=r"row 4\b"):
        Evaluation.from_predictions(Y, p)
    columns = np.stack([1 - P, P], axis=1)
    columns[3, 0] += 0.1
    with pytest.raises(DataError, match=r"row 4\b"):
        Evaluation.from_predictions(Y, columns)
    one = Evaluation.from_predictions([1], [0.7], classes=[0, 1])
    assert "1 test row;" in repr(one)
    assert "1 test rows" not in one.text()


def test_models_of_folds_are_said_and_no_more():
    said = Evaluation.from_predictions(Y, P, how="out-of-fold").text()
    assert "by models of folds" in said
    assert "stopped" not in said


@pytest.mark.parametrize("tiny", [5e-324, 1e-309, 1e-300])
@pytest.mark.parametrize("rows", ["all", "one", "some"])
def test_subnormal_probabilities_have_numbers(tiny, rows):
    """The observed by the expected number overflows, and its interval is not known."""
    y, p = np.array(["ill", "well"] * 30), np.array([0.8, 0.3] * 20 + [0.4, 0.6] * 10)
    p[{"all": slice(None), "one": slice(1), "some": slice(10)}[rows]] = tiny
    found = Evaluation.from_predictions(y, p, positive="ill")
    assert found.text()
    ratio = found.calibration().observed_by_expected
    exact = Fraction(30) / sum(map(Fraction, p.tolist()))
    if exact > Fraction(sys.float_info.max):
        assert math.isinf(ratio.value)
        assert math.isnan(ratio.low)
        assert math.isnan(ratio.high)
    else:
        assert ratio.value == pytest.approx(float(exact), rel=1e-9)
        assert ratio.low < ratio.value < ratio.high


@pytest.mark.parametrize("dtype", [np.complex128, np.complex64])
def test_complex_numbers_are_no_predictions(dtype):
    p = np.array([0.8, 0.3] * 30, dtype=dtype)
    for y, task in (["ill", "well"] * 30, "auto"), (np.arange(60.0), "regression"):
        with pytest.raises(DataError, match="complex numbers") as error:
            Evaluation.from_predictions(y, p, task=task)
        assert "np.real(p)" in str(error.value)
        Evaluation.from_predictions(y, np.real(p), task=task)


@pytest.mark.parametrize("missing", [np.nan, None, pd.NA])
@pytest.mark.parametrize("kind", [list, "series", "numbers"])
def test_a_missing_target_is_said(missing, kind):
    y = [0.0, 1.0] * 30 if kind == "numbers" else ["ill", "well"] * 30
    y[3] = missing
    given = pd.Series(y, dtype=object) if kind == "series" else y
    with pytest.raises(DataError, match="A target is missing") as error:
        Evaluation.from_predictions(given, [0.8, 0.3] * 30)
    assert "row 4" in str(error.value)
