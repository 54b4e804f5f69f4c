"""Predictions of batches: those of the whole table, in order, with one warning."""

import warnings

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from mixed import mixed
from slow_cases import slow_but
from streamed import later_table
from thalweg import ThalwegClassifier, ThalwegRegressor
from thalweg.errors import DataError, SettingsError, UnseenLevelWarning


@pytest.fixture(scope="module")
def model():
    frame, labels = mixed()
    small = {"hidden_layer_sizes": (5,), "max_iter": 3, "random_state": 0}
    return ThalwegClassifier(**small, text=["name"], category=["code"]).fit(frame, labels)


def parts(frame, size):
    return (frame[first : first + size] for first in range(0, len(frame), size))


def quiet(function, *given, **more):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnseenLevelWarning)
        found = function(*given, **more)
        return found if isinstance(found, np.ndarray) else [*found]


SIZES = [(size, n_jobs) for size in (1, 20, 64, 1000) for n_jobs in (1, 3)]


@pytest.mark.parametrize(("size", "n_jobs"), slow_but([(20, 3), (64, 1)], SIZES))
def test_the_bits_are_those_of_the_whole_table(model, size, n_jobs):
    table = later_table(120)
    for method in ("predict", "predict_proba"):
        whole = quiet(getattr(model, method), table)
        batches = quiet(model.predict_batches, parts(table, size), method=method, n_jobs=n_jobs)
        assert [len(each) for each in batches[:-1]] == [size] * (len(batches) - 1)
        assert np.concatenate(batches).tobytes() == whole.tobytes() or method == "predict"
        assert np.concatenate(batches).tolist() == whole.tolist()


def test_arrow_batches_and_batches_without_rows(model):
    table = later_table(90)
    arrow = pa.Table.from_pandas(table)
    batches = [*arrow[:0].to_batches(), arrow[:0], *arrow.to_batches(max_chunksize=40), arrow[:0]]
    found = quiet(model.predict_batches, batches, method="predict_proba")
    assert [each.shape for each in found] == [(0, 2), (40, 2), (40, 2), (10, 2), (0, 2)]
    assert np.concatenate(found).tobytes() == quiet(model.predict_proba, table).tobytes()
    (alone,) = model.predict_batches([arrow[:0]], method="predict_proba")  # a filter left no row
    assert (alone.shape, alone.dtype) == ((0, 2), found[0].dtype)
    (labels,) = model.predict_batches([arrow[:0]])
    assert (labels.shape, labels.dtype) == ((0,), model.classes_.dtype)
    assert [*model.predict_batches([])] == []


def test_unknown_levels_are_counted_over_all_batches(model):
    table = later_table(120)
    with pytest.warns(UnseenLevelWarning) as whole:
        model.predict(table)
    with pytest.warns(UnseenLevelWarning) as stream:
        [*model.predict_batches(parts(table, 5), n_jobs=2)]  # none is in the first batch
    assert [str(each.message) for each in stream] == [str(each.message) for each in whole]


def test_errors_name_the_batch_and_the_row_of_the_stream(model):
    table = later_table(120)
    batches = [*parts(table, 40)]
    with pytest.raises(DataError, match=r"batch 2: it has .*"):
        quiet(model.predict_batches, [batches[0], batches[1].drop(columns="sex")])
    odd = batches[2].astype({"age": object})
    odd.iloc[3, odd.columns.get_loc("age")] = "old"
    with pytest.raises(DataError, match=r'batch 3: column "age", row 84'):
        quiet(model.predict_batches, [*batches[:2], odd])
    with pytest.raises(DataError, match="of type DataFrame"):
        model.predict_batches(table)
    with pytest.raises(DataError, match=r"pd\.read_csv"):
        model.predict_batches("new.csv")


def test_only_methods_that_answer_row_by_row(model):
    with pytest.raises(SettingsError, match="does not answer row by row"):
        model.predict_batches([], method="fit")
    regressor = ThalwegRegressor(hidden_layer_sizes=(3,), max_iter=2, random_state=0)
    regressor.fit(np.arange(60.0)[:, None], np.arange(60.0))
    with pytest.raises(SettingsError, match="does not answer row by row"):
        regressor.predict_batches([], method="predict_proba")
    found = [*regressor.predict_batches([np.arange(5.0)[:, None]], method="predict_interval")]
    assert found[0].shape == (5, 2)


def test_a_table_of_pandas_in_chunks(model, tmp_path):
    table = later_table(100)
    table.to_csv(tmp_path / "new.csv", index=False)
    found = quiet(model.predict_batches, pd.read_csv(tmp_path / "new.csv", chunksize=30))
    assert [len(each) for each in found] == [30, 30, 30, 10]
