"""Fits on shards: the same bytes whatever the memory, the order and the files are."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from larger import cached, mixed_table
from thalweg import ThalwegClassifier, ThalwegRegressor, load_model
from thalweg.data.encoding.piecewise_linear import Cut
from thalweg.data.larger import row_records
from thalweg.data.larger.counted_encoder import CountedColumns
from thalweg.data.larger.training_counts import count_rows
from thalweg.errors import DataError, IdentifierWarning, SettingsError
from thalweg.estimators.larger import fit_of_file, refused_settings
from thalweg.estimators.larger.fit_of_file import LargerTable
from thalweg.estimators.larger.shard_windows import EncodedRows, ShardWindows
from thalweg.estimators.outputs.class_outputs import Classes
from thalweg.persistence.model_file import model_bytes
from thalweg.training.progress import progress_told_to

SMALL = {"hidden_layer_sizes": (8,), "max_iter": 2, "random_state": 0, "n_bins": 8}
SMALL_CUT = Cut(4, 1.0)


@pytest.fixture(autouse=True)
def tiny_shards(monkeypatch):
    monkeypatch.setattr(row_records, "OF_A_SHARD", 1 << 13)
    monkeypatch.setattr(refused_settings, "LEAST", 1)


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return mixed_table(3000)


@pytest.fixture
def path(table, tmp_path) -> Path:
    table.to_parquet(tmp_path / "table.parquet", row_group_size=500)
    return tmp_path / "table.parquet"


def fitted(path, memory="200KB", **more):
    return ThalwegClassifier(**{**SMALL, **more}).fit(path, target="target", max_memory=memory)


def test_memory_order_and_files_change_no_byte(path, table, tmp_path):
    known = model_bytes(fitted(path))
    for memory in ("170KB", "240KB"):
        assert model_bytes(fitted(path, memory)) == known
    by_target = table.sort_values("target", kind="stable")
    by_target.to_parquet(tmp_path / "sorted.parquet", row_group_size=800)
    assert model_bytes(fitted(tmp_path / "sorted.parquet")) == known
    folder = tmp_path / "parts"
    folder.mkdir()
    for number, start in enumerate(range(0, len(table), 1300)):
        table[start : start + 1300].to_parquet(folder / f"{number}.parquet")
    assert model_bytes(fitted(folder, None)) == known
    assert not [each for each in os.listdir(tmp_path) if "cache" in each]


def test_a_table_that_fits_is_fitted_in_memory_as_ever(path):
    model = fitted(path, "1GB", max_iter=1)
    assert model.stopping_ == "folds"
    same = ThalwegClassifier(**{**SMALL, "max_iter": 1}).fit(path, target="target")
    assert model_bytes(model) == model_bytes(same)


def test_the_model_is_an_ordinary_one(path, table, tmp_path):
    model = fitted(path, max_iter=6, importance=True)
    new = mixed_table(500, seed=5)
    X, y = new.drop(columns="target"), new["target"]
    assert model.stopping_ == "hold-out"
    assert model.classes_.tolist() == ["no", "yes"]
    assert model.score(X, y) > 0.8
    assert len(model.history_) == 6
    assert model.unlike(X).shape == (len(X),)
    assert len(model.predict_set(X)) == len(X)
    assert model.importance_["column"].iloc[0] in ("a", "ward")
    model.save(tmp_path / "model.safetensors")
    again = load_model(tmp_path / "model.safetensors")
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))
    assert model_bytes(again) == model_bytes(model)


def test_a_number_is_learned_too(tmp_path):
    table, new = mixed_table(3000, regression=True), mixed_table(500, 3, regression=True)
    table.to_parquet(tmp_path / "table.parquet", row_group_size=500)
    model = ThalwegRegressor(**{**SMALL, "max_iter": 8}).fit(
        tmp_path / "table.parquet", target="target", max_memory="200KB"
    )
    X, y = new.drop(columns="target"), new["target"].to_numpy()
    assert model.score(X, y) > 0.8
    (outputs,) = (network.outputs for network in model.members_)
    assert table["target"].min() <= outputs.low < outputs.high <= table["target"].max()
    assert np.isfinite(model.predict_interval(X)).all()


def test_costs_of_classes_are_those_of_a_fit_in_memory(path, table):
    model = fitted(path, class_weight="balanced", max_iter=1)
    same = ThalwegClassifier(**{**SMALL, "max_iter": 1}, class_weight="balanced")
    same.fit(table.drop(columns="target"), table["target"])
    np.testing.assert_allclose(
        model.members_[0].outputs.costs, same.members_[0].outputs.costs, rtol=1e-12
    )


@pytest.fixture
def windows(path, tmp_path):
    found, shards = cached(path, tmp_path / "cache")
    counts = count_rows(shards, found.schema.n_levels, 2, 0.1, 10**7)
    columns = CountedColumns(shards, counts, found.schema.n_levels, lambda y: y[:, None], 10**6)
    encoder = columns.encoder(SMALL_CUT)
    outputs = Classes.equal(np.array(["no", "yes"]))
    rows = EncodedRows(
        shards, encoder, columns.training_codes(encoder), outputs, np.dtype("float32")
    )
    made = [ShardWindows(rows, counts, ahead) for ahead in (0, 2)]
    yield made
    for each in made:
        each.close()


def epoch_of(windows, epoch, batch_size=32, seed=0):
    """The windows of an epoch, as their inputs and targets, and how many batches each has."""
    found, batch = [], 0
    while batch < -(-windows.n_rows // batch_size):
        window = windows.window(epoch, batch, batch_size, seed)
        assert window.first == batch
        found.append((np.column_stack((window.data.X[:], window.data.Y)), window.n_batches))
        batch += window.n_batches
    return found


def test_an_epoch_has_each_training_row_once_and_only_its_last_batch_is_short(windows):
    alone, ahead = windows
    first = epoch_of(alone, 0)
    assert len(first) > 3
    for rows, n_batches in first[:-1]:
        assert len(rows) == 32 * n_batches
    assert sum(len(rows) for rows, _ in first) == alone.n_rows
    # Reading ahead changes nothing; another epoch has the same rows in another order.
    whole = np.concatenate([rows for rows, _ in first])
    np.testing.assert_array_equal(whole, np.concatenate([r for r, _ in epoch_of(ahead, 0)]))
    second = np.concatenate([rows for rows, _ in epoch_of(ahead, 1)])
    assert (second != whole).any()
    np.testing.assert_array_equal(np.sort(second, axis=0), np.sort(whole, axis=0))
    held_out = [len(part.weights) for part in alone.held_out()]
    assert sum(held_out) == alone.n_held_out
    # An epoch that was left in the middle begins again.
    again = alone.window(0, first[0][1], 32, 0)
    np.testing.assert_array_equal(again.data.Y[:, 0], first[1][0][:, -1])


def test_classes_are_mixed_in_every_window_of_a_sorted_table(table, tmp_path):
    by_target = table.sort_values("target", kind="stable")
    by_target.to_parquet(tmp_path / "sorted.parquet")
    _, shards = cached(tmp_path / "sorted.parquet", tmp_path / "sorted")
    share = (table["target"] == "yes").mean()
    for number in range(shards.n_shards):
        y = shards.read(number)["y"]
        assert abs(y.mean() - share) < 5 * np.sqrt(0.25 / len(y))


@pytest.mark.parametrize(
    "setting",
    [
        {"n_ensemble": 2}, {"n_folds": 3}, {"early_stopping": "folds"}, {"early_stopping": False},
        {"scoring": "roc_auc"}, {"scaling": "none"}, {"optimizer": "lbfgs"}, {"warm_start": True},
    ],
    ids=lambda each: next(iter(each)),
)  # fmt: skip
def test_a_parameter_that_cannot_be_is_refused_by_its_name(path, setting):
    with pytest.raises(SettingsError, match="larger than memory") as raised:
        fitted(path, **setting)
    assert next(iter(setting)) in str(raised.value)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"groups": [1, 2]}, "groups"),
        ({"sample_weight": [1.0]}, "sample_weight"),
        ({"checkpoint": "fit.ckpt"}, "checkpoint"),
        ({"target": ["target", "few"]}, "one target"),
        ({"target": None}, "not named"),
        ({"cache": ""}, 'cache="" names no folder'),
    ],
)
def test_an_argument_that_cannot_be_is_refused_by_its_name(path, more, said):
    with pytest.raises(SettingsError, match=said):
        ThalwegClassifier(**SMALL).fit(path, **{"target": "target", "max_memory": "200KB", **more})


def test_what_is_wrong_with_a_table_is_said_with_its_place(path, table, tmp_path):
    with pytest.raises(SettingsError, match="in memory already"):
        ThalwegClassifier().fit(table, target="target", max_memory="1GB")
    with pytest.raises(DataError, match="Did you mean"):
        ThalwegClassifier(**SMALL).fit(path, target="targe", max_memory="200KB")
    with pytest.raises(SettingsError, match="does not fit into"):
        fitted(path, "45KB")
    lacking = table.assign(target=table["target"].where(table.index != 2000))
    lacking.to_parquet(tmp_path / "lacking.parquet", row_group_size=500)
    with pytest.raises(DataError, match=r"row 2,001 of lacking\.parquet"):
        fitted(tmp_path / "lacking.parquet")
    dated = table.assign(day=pd.Timestamp("2024-01-01"))
    dated.to_parquet(tmp_path / "dated.parquet", row_group_size=500)
    with pytest.raises(DataError, match='column "day"'):
        fitted(tmp_path / "dated.parquet")
    folder = tmp_path / "parts"
    folder.mkdir()
    table.to_parquet(folder / "a.parquet")
    table.drop(columns="few").to_parquet(folder / "b.parquet")
    with pytest.raises(DataError, match=r"b\.parquet has no"):
        fitted(folder, None)
    table.assign(target=np.arange(len(table)) / 7).to_parquet(folder / "b.parquet")
    (folder / "a.parquet").unlink()
    with pytest.raises(DataError, match=r"no training row.*if the target is a number, fit a regre"):
        fitted(folder, None)
    named = table.assign(name=[f"p{k}" for k in range(len(table))])
    named.to_parquet(tmp_path / "named.parquet", row_group_size=500)
    with pytest.raises(DataError, match="different texts of the table do not fit"):
        fitted(tmp_path / "named.parquet", "240KB")
    fitted(tmp_path / "named.parquet", "240KB", text="name", max_iter=1)
    (folder / "b.parquet").unlink()
    named.to_parquet(folder / "a.parquet")
    with pytest.warns(IdentifierWarning, match="name"):
        fitted(folder, None, max_iter=1)


@pytest.mark.parametrize("dtype", ["int64", "bool", "float64", "str"])
@pytest.mark.parametrize("as_folder", [True, False])
def test_classes_of_a_parquet_file_are_of_its_type_as_those_of_its_frame(
    dtype, as_folder, tmp_path
):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"x": rng.normal(size=600)})
    # Twelve whole numbers, whose texts have another order.
    drawn = rng.integers(0, 2 if dtype == "bool" else 12, 600)
    frame["y"] = drawn.astype(dtype)
    frame.to_parquet(tmp_path / "table.parquet")
    path = tmp_path if as_folder else tmp_path / "table.parquet"
    settings = {"hidden_layer_sizes": (3,), "max_iter": 1, "n_bins": 0, "random_state": 0}
    of_file = ThalwegClassifier(**settings).fit(path, target="y")
    of_frame = ThalwegClassifier(**settings).fit(frame[["x"]], frame["y"])
    assert of_file.classes_.dtype == of_frame.classes_.dtype
    assert of_file.classes_.tolist() == of_frame.classes_.tolist()
    assert of_file.predict(frame[["x"]]).dtype == of_frame.classes_.dtype
    if not as_folder:
        assert model_bytes(of_file) == model_bytes(of_frame)


def test_different_labels_are_not_taken_for_the_rows_of_a_folder(tmp_path, recwarn):
    frame = pd.DataFrame({"x": np.arange(300.0) / 4, "y": np.arange(300) % 60})
    frame.to_parquet(tmp_path / "t.parquet")
    settings = {"hidden_layer_sizes": (3,), "max_iter": 1, "n_bins": 0, "random_state": 0}
    model = ThalwegClassifier(**settings).fit(tmp_path, target="y")
    # scikit-learn warned that the target may be a number, because 60 of 60 labels differ.
    model.fit_more(frame[["x"]][:60], frame["y"][:60], epochs=1)
    batchwise = ThalwegClassifier(**settings)
    batchwise.partial_fit(frame[["x"]], frame["y"], classes=model.classes_)
    batchwise.partial_fit(frame[["x"]][:30], frame["y"][:30])
    assert [str(each.message) for each in recwarn] == []
    frame.assign(y="p").to_parquet(tmp_path / "t.parquet")
    with pytest.raises(DataError, match=r"only one class.*all 300 rows"):
        ThalwegClassifier(**settings).fit(tmp_path, target="y")


def test_who_listens_hears_of_the_rows_that_are_read(tmp_path, monkeypatch):
    frame = pd.DataFrame({"a": np.arange(60.0) / 4, "target": ["no", "yes"] * 30})
    frame.to_parquet(tmp_path / "t.parquet")
    monkeypatch.setattr(fit_of_file, "fit_on_shards", lambda *_: "fitted")
    heard = []
    with progress_told_to(heard.append):
        table = LargerTable(tmp_path / "t.parquet", "target", 10**8)
        assert table.fit(ThalwegClassifier(), of_classes=True)[0] == "fitted"
    assert {(each.title, each.done, each.total, each.unit) for each in heard} == {
        (name, 60, 60, "row") for name in ("Reading the columns", "Pass 1 of 2", "Pass 2 of 2")
    }
