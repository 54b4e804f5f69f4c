"""Groups and times of rows: what is taken, what is refused, and what a fit does with times."""

import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thalweg import DataError, SettingsError, ThalwegClassifier, ThalwegRegressor
from thalweg.data.schema.schema import infer_schema
from thalweg.errors import ThalwegWarning
from thalweg.estimators.learning import early_stopping_splits
from thalweg.estimators.learning.early_stopping_splits import EARLIEST, in_time, stopping
from thalweg.estimators.learning.encoded_training_data import time_marks

QUICK = {"hidden_layer_sizes": (4,), "max_iter": 3, "random_state": 0}
DAYS = [datetime.date(2024, 1, 1) + datetime.timedelta(days=k) for k in range(200)]
TIMES = st.lists(st.integers(0, 40), min_size=12, max_size=120).map(lambda x: np.array(x, float))


def table(seed=0):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"x": rng.normal(size=200), "seen": DAYS}).sample(frac=1, random_state=1)
    return frame, np.where(frame["x"] + rng.normal(size=200) > 0, "ill", "well")


@given(TIMES, st.sampled_from(["hold-out", "folds", "cross-validation"]), st.integers(0, 99))
def test_held_out_rows_are_later_than_training_rows(times, way, seed):
    codes = np.random.default_rng(seed).integers(0, 2, len(times)).astype(float)
    for rows, held_out in in_time(way, codes, 0.2, times):
        assert times[rows].max() < times[held_out].min()
        assert set(codes[held_out]) <= set(codes[rows])
        assert len(set(codes[rows])) == len(set(codes))
        if way != "hold-out":
            assert len(rows) > 0.5 * EARLIEST * len(times) or len(set(times)) < 12


def test_the_way_of_a_table_with_times():
    times, codes = np.arange(500.0), np.tile([0.0, 1.0], 250)
    found = stopping("auto", codes, 0.1, 0, times=times)
    assert found.way == "cross-validation"
    assert [len(held_out) for _, held_out in found.splits] == [50] * 5
    assert len(found.splits[0][0]) == 250
    assert stopping("auto", np.zeros(100_000), 0.1, 0, times=np.arange(1e5)).way == "hold-out"
    [(rows, held_out)] = stopping(True, codes, 0.1, 0, times=times).splits
    assert (rows.tolist(), held_out.tolist()) == (list(range(450)), list(range(450, 500)))
    assert len(stopping("folds", codes, 0.1, 0, rounds=2, times=times).splits) == 10
    with pytest.warns(ThalwegWarning, match="too few different times"):
        assert stopping("auto", codes, 0.1, 0, times=np.zeros(500)).way == "none"


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("way", ["auto", "folds", "cross-validation", "hold-out"])
def test_a_column_and_its_values_are_the_same_times(way):
    frame, y = table()
    fits = [
        ThalwegClassifier(**QUICK, early_stopping=way).fit(frame, y, time_column=times)
        for times in ("seen", frame["seen"], pd.to_datetime(frame["seen"]).to_numpy(),
                      [str(day) for day in frame["seen"]])
    ]  # fmt: skip
    for each in fits[1:]:
        assert each.theta_.tobytes() == fits[0].theta_.tobytes()
    assert fits[0]._known.also == "times"
    assert fits[0].stopping_ == ("cross-validation" if way == "auto" else way)
    assert len(fits[0].members_) == {"auto": 5, "folds": 5}.get(way, 1)
    # The order of the rows does not matter, and without times the fit is another one.
    turned = ThalwegClassifier(**QUICK, early_stopping=way).fit(
        frame[::-1], y[::-1], time_column="seen"
    )
    assert turned.theta_.tobytes() == fits[0].theta_.tobytes()
    plain = ThalwegClassifier(**QUICK, early_stopping=way).fit(frame, y)
    assert plain.theta_.tobytes() != fits[0].theta_.tobytes() or way == "cross-validation"


def test_out_of_fold_predictions_of_windows_are_of_the_later_half():
    frame, y = table()
    model = ThalwegClassifier(**QUICK, early_stopping="folds").fit(frame, y, time_column="seen")
    known = ~np.isnan(model.oof_decision_function_[:, 0])
    assert known.tolist() == (frame["seen"] >= DAYS[100]).tolist()
    values = ThalwegRegressor(**QUICK, early_stopping="folds").fit(
        frame, frame["x"], time_column="seen"
    )
    assert np.isnan(values.oof_prediction_).sum() == 100
    assert np.isfinite(values.oof_score_)


def test_rows_with_one_time_stay_on_one_side():
    frame, y = table()
    model = ThalwegClassifier(**QUICK, early_stopping="folds")
    model.fit(frame, y, time_column=np.arange(200) // 40)
    known = ~np.isnan(model.oof_decision_function_[:, 0])
    assert set(np.add.reduceat(known, np.arange(0, 200, 40)).tolist()) <= {0, 40}


def test_what_cannot_order_rows():
    frame, y = table()
    schema = infer_schema(frame)
    matrix = schema.numbers(frame)
    assert time_marks("seen", schema, matrix).of == "times"
    for given_times, says in (
        ("sen", 'no column "sen" to order the rows by.*Did you mean "seen"'),
        (np.arange(3), r"time_column of shape \(3,\) does not belong to 200 rows"),
        (["red", "green"] * 100, "It is of the kind category"),
        ([*range(199), None], "time is missing in 1 of 200 rows.*row 200"),
        (["01/02/2024"] * 200, "2 orders"),
    ):
        with pytest.raises(DataError, match=says):
            ThalwegClassifier(**QUICK).fit(frame, y, time_column=given_times)
    with pytest.raises(SettingsError, match="groups and time_column exclude each other"):
        ThalwegClassifier(**QUICK).fit(frame, y, time_column="seen", groups=y)
    model = ThalwegClassifier(**QUICK, warm_start=True).fit(frame, y)
    with pytest.raises(SettingsError, match="time_column"):
        model.fit(frame, y, time_column="seen")


@pytest.mark.parametrize(
    "times",
    [
        pd.date_range("2022-03-26", periods=60, freq="h", tz="Europe/Berlin").astype(str),
        [f"{1 + k % 12:02}/{1 + k // 12:02}/2022" for k in range(60)],
    ],
)
def test_the_fix_for_an_array_of_times_works_as_it_is_printed(times):
    X, y = np.random.default_rng(0).normal(size=(60, 2)), np.arange(60) % 2
    model = ThalwegClassifier((2,), max_iter=2, random_state=0, n_bins=0)
    with pytest.raises(DataError, match="the array time_column") as told:
        model.fit(X, y, time_column=times)
    assert "--" not in str(told.value)
    assert "column " not in str(told.value).replace("time_column ", "")
    code = told.value.fix.split("time_column=")[1].split(", with")[0]
    read = eval(code, {"pd": pd, "times": times})
    assert model.fit(X, y, time_column=read).stopping_ == "cross-validation"


def test_folds_in_time_need_no_class_that_comes_later():
    codes = np.tile([0.0, 1.0], 100)
    codes[-5:] = 2.0
    splits = in_time("folds", codes, 0.2, np.arange(200.0), n_folds=5)
    assert len(splits) == 4  # the last window holds out a class that no training row has
    assert all(set(codes[rows]) == {0.0, 1.0} for rows, _ in splits)


@pytest.mark.parametrize(
    ("cells", "what"),
    [
        (["7.1", "5,3"] * 20, "Two ways to write numbers in one array"),
        (
            [pd.Timestamp("2024-01-01", tz="UTC"), pd.Timestamp("2024-01-02")] * 20,
            "Dates of several time zones in one array",
        ),
        (["yes", "no"] * 20, "This array is no time"),
    ],
)
def test_the_error_of_times_in_an_array_speaks_of_the_array(cells, what):
    times = np.array(cells, dtype=object)
    with pytest.raises(DataError, match=what) as caught:
        ThalwegClassifier(**QUICK).fit(
            np.arange(40.0)[:, None], np.tile([0, 1], 20), time_column=times
        )
    assert "column is" not in str(caught.value)
    assert "in one column" not in str(caught.value)


@pytest.mark.parametrize(
    ("way", "large_from", "n_networks"),
    [("auto", 100_000, 5), ("cross-validation", 100_000, 1), ("auto", 150, 1)],
)
def test_only_auto_trains_as_many_networks_in_time_as_folds_would_be(
    way, large_from, n_networks, monkeypatch
):
    monkeypatch.setattr(early_stopping_splits, "SMALL_BELOW", large_from)
    frame, y = table()
    model = ThalwegClassifier(**QUICK, early_stopping=way).fit(frame, y, time_column="seen")
    assert model.stopping_ == ("hold-out" if large_from < 200 else "cross-validation")
    assert len(model.members_) == n_networks


@pytest.mark.parametrize("name", ["time_column", "groups"])
def test_a_column_of_marks_is_not_the_mark_of_each_row(name):
    marks = np.arange(40.0)[:, None]
    with pytest.raises(DataError, match=r"of shape \(40, 1\) do(es)? not belong to 40 rows"):
        ThalwegClassifier(**QUICK).fit(marks, np.tile([0, 1], 20), **{name: marks})
