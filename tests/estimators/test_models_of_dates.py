"""Models of tables with dates: what they learn, and that a model file has all of it."""

import datetime
import json

import numpy as np
import pandas as pd
import pytest

from thalweg import (
    DataError,
    ModelFileError,
    ThalwegClassifier,
    ThalwegRegressor,
    load_model,
)
from thalweg.persistence.model_file import save_model
from thalweg.sealed_container import seal, unseal

START = np.datetime64("2018-01-01")
QUICK = {"hidden_layer_sizes": (4,), "max_iter": 3, "random_state": 0, "n_folds": 2}


def seasons(n, seed, *, years=5.0, from_year=0.0):
    """Moments, and a number of known trend, season, weekday and hour with noise of size 1."""
    rng = np.random.default_rng(seed)
    minutes = rng.integers(int(from_year * 525_960), int((from_year + years) * 525_960), n)
    when = START + minutes.astype("timedelta64[m]")
    days = minutes / 1440
    weekday = (when.astype("datetime64[D]").astype(int) + 3) % 7
    known = (
        0.5 * days / 365.2425
        + 2.0 * np.sin(2 * np.pi * days / 365.2425 + 1.0)
        + 1.5 * (weekday >= 5)
        + np.cos(2 * np.pi * (days % 1.0))
    )
    x = rng.normal(size=n)
    return pd.DataFrame({"when": when, "x": x}), known + x + rng.normal(size=n)


@pytest.mark.slow
def test_the_parts_of_a_date_come_near_the_best_possible_loss():
    X, y = seasons(4000, 0)
    new, truth = seasons(4000, 1)
    model = ThalwegRegressor(random_state=0).fit(X, y)
    loss = np.mean((model.predict(new) - truth) ** 2)
    assert loss < 1.12  # 1 is the noise
    plain = X.assign(when=(X["when"].to_numpy() - START) / np.timedelta64(1, "D"))
    numbers = new.assign(when=(new["when"].to_numpy() - START) / np.timedelta64(1, "D"))
    trend = ThalwegRegressor(random_state=0).fit(plain, y)
    assert np.mean((trend.predict(numbers) - truth) ** 2) > 1.5


def wandering(seed):
    """A level that wanders day by day: neighbours in time tell it, and the past hardly does."""
    rng = np.random.default_rng(seed)
    days, level = np.sort(rng.integers(0, 1500, 2000)), np.zeros(1500)
    for day in range(1, 1500):
        level[day] = 0.98 * level[day - 1] + 0.4 * rng.normal()
    x = rng.normal(size=2000)
    y = level[days] + x + 0.5 * rng.normal(size=2000)
    X = pd.DataFrame({"when": START + days.astype("timedelta64[D]"), "x": x})
    return X, y, days < 1350


@pytest.mark.slow
def test_random_folds_flatter_where_a_level_wanders_and_windows_of_time_do_not():
    settings = {"random_state": 0, "early_stopping": "folds", "max_iter": 24}
    found = []
    for seed in range(5):
        X, y, early = wandering(seed)
        for order in (None, "when"):
            model = ThalwegRegressor(**settings).fit(X[early], y[early], time_column=order)
            known = ~np.isnan(model.oof_prediction_)
            judged = np.mean((model.oof_prediction_ - y[early])[known] ** 2)
            found.append((judged, np.mean((model.predict(X[~early]) - y[~early]) ** 2)))
    losses = np.log(found).reshape(5, 2, 2).mean(axis=0)
    (random, after_random), (windows, after_windows) = np.exp(losses)
    assert random < 0.2 * after_random  # seen: 1.1 and 10.9
    assert 0.4 < windows / after_windows < 2.5  # seen: 4.5 and 4.7


def small(n=150):
    X, y = seasons(n, 2)
    X.loc[::11, "when"] = pd.NaT
    return X, np.where(y > np.median(y), "high", "low")


def test_each_notation_predicts_the_same_alone_and_together(tmp_path):
    X, y = small()
    X["when"] = X["when"].astype("datetime64[s]")
    model = ThalwegClassifier(**QUICK).fit(X, y)
    save_model(model, tmp_path / "m")
    loaded = load_model(tmp_path / "m")
    expected = model.predict_proba(X)
    for form in (
        "%Y-%m-%dT%H:%M:%S",
        "%d.%m.%Y %H:%M:%S",
        "%d %b %Y %I:%M:%S %p",
        "%B %d, %Y %H:%M",
    ):
        texts = X.assign(when=X["when"].dt.strftime(form).astype(object))
        for each in (model, loaded):
            assert np.array_equal(each.predict_proba(texts), expected), form
        rows = [model.predict_proba(texts.iloc[[i]])[0] for i in range(12)]
        assert np.array_equal(rows, expected[:12])
    fitted = ThalwegClassifier(**QUICK).fit(texts, y)
    assert np.array_equal(fitted.predict_proba(X), expected)


def test_what_is_said_of_a_date_is_kept(tmp_path):
    X, y = small()
    serial = (X["when"].to_numpy() - np.datetime64("1899-12-30")) / np.timedelta64(1, "D")
    numbers = X.assign(when=serial)
    model = ThalwegClassifier(**QUICK, date={"when": "excel"}).fit(numbers, y)
    save_model(model, tmp_path / "m")
    loaded = load_model(tmp_path / "m")
    assert loaded.date == {"when": "excel"}
    assert loaded.schema_ == model.schema_
    expected = model.predict_proba(numbers)
    assert np.array_equal(loaded.predict_proba(numbers), expected)
    dates = X.assign(when=X["when"].dt.round("ms"))
    assert np.array_equal(loaded.predict_proba(dates), expected)
    names = loaded.encoder_.output_names(loaded.schema_.names)
    assert {"when: days", "when: year sine", "when: hour cosine", "when: weekday=Sun"} < {*names}
    assert [each.encoder.arrays().keys() for each in loaded.members_] == [
        each.encoder.arrays().keys() for each in model.members_
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"grain": "year"}, {"form": "dym"}, {"zone": "dateutil//etc/passwd"}, {"zone": "Z" * 100},
        {"two_digits": 2}, {"more": "x"}, {"form": "%" * 65}, None,
    ],
)  # fmt: skip
def test_a_forged_reading_is_refused(tmp_path, change):
    X, y = small()
    save_model(ThalwegClassifier(**QUICK).fit(X, y), tmp_path / "m")
    header, arrays = unseal((tmp_path / "m").read_bytes())
    column = header["schema"]["columns"][0]
    if change is None:
        del column["notation"]
    else:
        column["notation"].update(change)
    (tmp_path / "forged").write_bytes(seal(json.loads(json.dumps(header)), arrays))
    with pytest.raises(ModelFileError):
        load_model(tmp_path / "forged")


def test_the_bits_of_a_date_are_those_of_the_schema(tmp_path):
    X, y = small()
    save_model(ThalwegClassifier(**QUICK).fit(X, y), tmp_path / "m")
    header, arrays = unseal((tmp_path / "m").read_bytes())
    arrays = {**arrays, "encoder/n_levels": np.zeros(2, np.int64)}
    (tmp_path / "forged").write_bytes(seal(header, arrays))
    with pytest.raises(ModelFileError):
        load_model(tmp_path / "forged")


def test_later_dates_are_reported_as_dates():
    X, y = small()
    model = ThalwegClassifier(**QUICK).fit(X, y)
    new = pd.DataFrame({"when": [datetime.datetime(2031, 5, 6, 7, 8)], "x": [0.0]})
    told = model.out_of_range(new)
    assert told["value"].tolist() == ["2031-05-06T07:08:00"]
    assert told["low"][0].startswith("2018-")
    assert told["distance"][0] > 365
    # Beyond the ends a date is clipped smoothly: a hundred years are little more than ten.
    far = [model.encoder_.encode(model.schema_.matrix(new.assign(when=pd.Timestamp(year, 1, 1))))
           for year in (2040, 2140)]  # fmt: skip
    assert 0 < far[1][0, 0] - far[0][0, 0] < 0.3


def test_a_target_of_dates_is_refused():
    X, _ = small()
    for target in (X["when"].fillna(X["when"].max()), [datetime.date(2020, 1, 2)] * len(X)):
        for kind in (ThalwegClassifier, ThalwegRegressor):
            with pytest.raises(DataError, match="The target contains dates or times"):
                kind(**QUICK).fit(X, target)


def test_partial_fit_reads_later_batches_as_the_first():
    X, y = small()
    texts = X.assign(when=X["when"].dt.strftime("%d/%m/%Y").astype(object))
    model = ThalwegClassifier(**QUICK)
    model.partial_fit(texts[:80], y[:80], classes=["high", "low"])
    model.partial_fit(texts[80:], y[80:])
    assert model.schema_.date_forms == {"when": "dmy"}
