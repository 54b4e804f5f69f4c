"""One large file: the bytes, the messages and the errors of a prediction in memory."""

import errno
import re
from itertools import count
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from faulty import Faulty
from kept_fits import without_waiting_for_the_disk as without_waiting_for_the_disk
from slow_cases import slow_but
from streamed import Heard, asked, later_table, saved
from thalweg import ThalwegRegressor, files
from thalweg.data.streams import parquet_batches
from thalweg.errors import DataError, OutputError, SettingsError, ThalwegError
from thalweg.jobs.predict import PredictRequest, predict

NAMES = count()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("streams")
    later_table().to_csv(path / "new.csv", index=False)
    later_table().to_parquet(path / "new.parquet", row_group_size=60)
    return path


@pytest.fixture(scope="module")
def models(folder):
    return {kind: saved(folder, kind) for kind in ("classes", "numbers", "several")}


def both(folder, model, table, *, rows, n_jobs=2, **more):
    """In memory and as a stream: the bytes, and what was heard."""
    found = []
    for stream in ({}, {"rows_at_once": rows, "n_jobs": n_jobs}):
        output = folder / f"{next(NAMES)}.csv"
        outcome, heard = asked(model, folder / table, output, **more, **stream)
        said = [line.replace(str(output), "OUT") for line in heard.said]
        result = {**outcome.result, "file": None}
        found.append((output.read_bytes(), said, heard.warned, result, {**outcome.data}))
    (*whole, data), (*stream, data_of_stream) = found
    data.pop("out_of_range")  # in a stream, only the farthest one of each column
    data_of_stream.pop("out_of_range")
    assert data_of_stream == data
    return whole, stream


# What is read at once is less than a group of rows, all of it, or more, and no divisor.
SIZES = [(table, rows) for table in ("new.csv", "new.parquet") for rows in (1, 23, 33, 60, 1000)]
QUICK = [("new.csv", 1), ("new.csv", 33), ("new.parquet", 33), ("new.parquet", 1000)]


@pytest.mark.parametrize(("table", "rows"), slow_but(QUICK, SIZES))
def test_bytes_and_messages_are_those_of_a_prediction_in_memory(folder, models, table, rows):
    if rows == 1:
        few = later_table()[:20]
        few.to_csv(folder / "few.csv", index=False)
        few.to_parquet(folder / "few.parquet", row_group_size=7)
        table = table.replace("new", "few")
    whole, stream = both(folder, models["classes"], table, rows=rows, ids=["key", "note"])
    assert stream == whole


@pytest.mark.parametrize("n_jobs", slow_but([3], [1, 3, 7]))
def test_the_number_of_threads_changes_nothing(folder, models, n_jobs):
    whole, stream = both(folder, models["numbers"], "new.parquet", rows=20, n_jobs=n_jobs)
    assert stream == whole


OPTIONS = [
    ("classes", {"sets": 0.8, "abstain": 0.3, "digits": 3, "unlike": True, "outside": True}),
    ("classes", {"threshold": 0.2, "label": {"ill": "sick"}, "drop_row": ["1,5-9", "170"]}),
    ("classes", {"unknown": "ignore", "missing": ["age=140", "Lima"]}),
    ("numbers", {"interval": 0.8, "digits": 2, "unlike": True}),
    ("several", {"ids": ["key"], "outside": True}),
    ("several", {"target": "b"}),
]
# Every option once in the quick run, in turn from text and from Parquet.
EVERY = [(table, *each) for each in OPTIONS for table in ("new.csv", "new.parquet")]
IN_TURN = [EVERY[2 * k + k % 2] for k in range(len(OPTIONS))]


@pytest.mark.parametrize(("table", "kind", "more"), slow_but(IN_TURN, EVERY))
def test_every_option_holds_for_a_stream(folder, models, table, kind, more):
    whole, stream = both(folder, models[kind], table, rows=64, **more)
    assert stream == whole


def test_exposures_and_numbers_with_units(folder):
    rng = np.random.default_rng(4)
    frame = pd.DataFrame({"x": rng.normal(size=90), "years": rng.uniform(0.5, 3, 90)})
    model = ThalwegRegressor(loss="poisson", hidden_layer_sizes=(3,), max_iter=3, random_state=0)
    model.fit(frame, rng.poisson(frame["years"]).astype(float), exposure="years")
    model.save(folder / "rates.safetensors")
    frame.to_csv(folder / "rates.csv", index=False)
    whole, stream = both(folder, folder / "rates.safetensors", "rates.csv", rows=20)
    assert stream == whole
    assert any("times its exposure" in line for line in whole[1])


def read_both(folder, model, cells):
    """What becomes of a column of texts, in memory and as a stream."""
    frame = pd.DataFrame({"x": cells, "y": "3"})
    frame.to_csv(folder / "texts.csv", index=False)
    found = []
    for more in ({}, {"rows_at_once": 14}):
        try:
            output = folder / f"{next(NAMES)}.csv"
            asked(model, folder / "texts.csv", output, **more)
            found.append(output.read_bytes())
        except ThalwegError as error:
            found.append(error.as_dict())
    return found


def test_what_texts_prove_together_counts_for_every_batch(folder):
    rng = np.random.default_rng(5)
    plain = pd.DataFrame({"x": rng.normal(size=80) * 1e3, "y": rng.normal(size=80)})
    small = {"hidden_layer_sizes": (3,), "max_iter": 2, "random_state": 0}
    point = ThalwegRegressor(**small).fit(plain, plain["x"])
    point.save(folder / "point.safetensors")
    german = plain.assign(x=[f"{x:,.2f}".translate(str.maketrans(",.", ".,")) for x in plain["x"]])
    comma = ThalwegRegressor(**small).fit(german, plain["x"])
    comma.save(folder / "comma.safetensors")
    fill = [f"{k}" for k in range(100, 120)]
    for model in ("point.safetensors", "comma.safetensors"):
        for odd in (
            ["1.234", *fill, *fill, "1,5"],  # the last cell speaks against the first one
            ["1,234", *fill, *fill, "1,234,567"],  # the last one proves what the first one is
            ["1,234", *fill, *fill, "1.234,56"],
            [*fill, *fill, "1.234", "7,25"],
            [*fill, "1.5", *fill, "2.25"],
        ):
            whole, stream = read_both(folder, folder / model, odd)
            if isinstance(whole, dict):
                assert isinstance(stream, dict)
                assert (stream["what"], stream["where"]) == (whole["what"], whole["where"])
            else:
                assert stream == whole


def test_integers_are_those_of_the_whole_table(folder, models):
    """Beside a missing cell an integer is a float, also in a batch without one."""
    frame = later_table(100)
    frame["code"] = frame["code"].astype("Int64").where(np.arange(100) != 75)
    frame.loc[4, "code"] = 77
    frame.to_parquet(folder / "holes.parquet", row_group_size=50)
    more = {"ids": ["code", "key"], "outside": True}
    whole, stream = both(folder, models["classes"], "holes.parquet", rows=20, **more)
    assert stream == whole
    assert b"code 77.0, unknown" in whole[0]


# --- Parquet -------------------------------------------------------------------------------------


def test_parquet_has_the_groups_of_its_input_and_the_types_of_what_is_carried(folder, models):
    output = folder / "to.parquet"
    csv = folder / "same.csv"
    asked(models["classes"], folder / "new.parquet", csv, ids=["key", "note"])
    found = []
    for rows, n_jobs in ((None, None), (40, 3), (19, 1)):
        asked(
            models["classes"], folder / "new.parquet", output, ids=["key", "note"],
            rows_at_once=rows, n_jobs=n_jobs, overwrite=True,
        )  # fmt: skip
        found.append(output.read_bytes())
    assert found[0] == found[1] == found[2]
    file = pq.ParquetFile(output)
    groups = [file.metadata.row_group(g).num_rows for g in range(file.num_row_groups)]
    assert groups == [60, 60, 60, 20]
    assert file.schema_arrow.field("key").type == pa.int64()
    made, text = pd.read_parquet(output), pd.read_csv(csv)
    assert made["key"].tolist() == later_table()["key"].tolist()
    assert made["prediction"].tolist() == text["prediction"].tolist()
    assert made["p_ill"].tolist() == text["p_ill"].tolist()


def test_parquet_from_text_does_not_depend_on_batches(folder, models):
    found = []
    for rows in (None, 64, 200):
        output = folder / f"{next(NAMES)}.parquet"
        asked(models["several"], folder / "new.csv", output, rows_at_once=rows, ids=["key"])
        found.append(output.read_bytes())
    assert found[0] == found[1] == found[2]
    assert pq.read_schema(output).field("key").type == pa.string()
    assert pq.read_table(output).column_names[:3] == ["key", "a_prediction", "a_p_ill"]


def test_groups_without_rows_stay(folder, models):
    table = pa.Table.from_pandas(later_table(60))
    with pq.ParquetWriter(folder / "gaps.parquet", table.schema) as writer:
        for first, last in ((0, 0), (0, 40), (40, 40), (40, 60), (60, 60)):
            writer.write_table(table[first:last])
    output = folder / "of_gaps.parquet"
    asked(models["classes"], folder / "gaps.parquet", output)
    file = pq.ParquetFile(output)
    groups = [file.metadata.row_group(g).num_rows for g in range(file.num_row_groups)]
    assert groups == [0, 40, 0, 20, 0]


def test_a_table_without_rows_is_refused(folder, models):
    pq.write_table(pa.Table.from_pandas(later_table(60))[:0], folder / "empty.parquet")
    with pytest.raises(DataError, match="The table is empty"):
        asked(models["classes"], folder / "empty.parquet", folder / "none.parquet")
    assert not (folder / "none.parquet").exists()


def test_a_huge_group_of_rows_is_refused_with_a_fix_that_works(folder, models, monkeypatch):
    later_table().to_parquet(folder / "whole.parquet")
    monkeypatch.setattr(parquet_batches, "LARGEST_GROUP", 8_000)
    output = folder / "huge.parquet"
    with pytest.raises(DataError, match="A group of 200 rows that unpacks to") as refused:
        asked(models["classes"], folder / "whole.parquet", output)
    size = int(re.search(r"row_group_size=([\d_]+)", str(refused.value))[1].replace("_", ""))
    later_table().to_parquet(folder / "small.parquet", row_group_size=size)
    asked(models["classes"], folder / "small.parquet", output)
    assert pq.read_metadata(output).num_row_groups == 200 // size > 1


# --- errors --------------------------------------------------------------------------------------


def test_errors_name_the_row_of_the_file(folder, models):
    frame = later_table().astype({"age": object})
    frame.loc[122, "age"] = "old"
    frame.to_csv(folder / "odd.csv", index=False)
    for more in ({}, {"rows_at_once": 50}):
        with pytest.raises(DataError, match=r'column "age", row 123'):
            asked(models["classes"], folder / "odd.csv", folder / "odd_out.csv", **more)
    assert not (folder / "odd_out.csv").exists()


def test_absent_columns_are_named_with_all_that_there_are(folder, models):
    later_table(90).rename(columns={"age": "Age"}).to_parquet(folder / "absent.parquet")
    with pytest.raises(DataError, match=r'"Age" may be meant for "age"') as refused:
        asked(models["classes"], folder / "absent.parquet", folder / "absent_out.parquet")
    assert '"note"' in str(refused.value)


def test_levels_that_are_refused_end_the_stream(folder, models):
    with pytest.raises(DataError, match=r"Levels that the model was not fitted on"):
        asked(
            models["classes"], folder / "new.parquet", folder / "strict.csv", unknown="error",
            rows_at_once=50,
        )  # fmt: skip


def test_a_name_that_the_table_has_twice_is_refused_as_in_memory(folder, models):
    table = pa.Table.from_pandas(later_table(60), preserve_index=False)
    for name in ("age", "more"):  # one that the model predicts from, and one that it does not
        pq.write_table(
            table.append_column(name, pa.nulls(60)).append_column("more", pa.nulls(60)),
            folder / "twice.parquet",
        )
        for output in ("twice.csv", "twice.out.parquet"):
            with pytest.raises(DataError, match=f'Duplicate column names: "{name}"'):
                asked(models["classes"], folder / "twice.parquet", folder / output)


def test_names_that_clash_are_refused(folder, models):
    later_table(60).rename(columns={"note": "p_ill"}).to_parquet(folder / "clash.parquet")
    output = folder / "clash_out.parquet"
    with pytest.raises(SettingsError, match='"p_ill", which is a column of the predictions'):
        asked(models["classes"], folder / "clash.parquet", output, ids=["p_ill"])


def test_rows_that_are_not_there_are_refused(folder, models):
    for table in ("new.csv", "new.parquet"):
        with pytest.raises(SettingsError, match="the table has the rows 1 to 200"):
            asked(
                models["classes"], folder / table, folder / "rows.csv", drop_row=["201"],
                rows_at_once=100,
            )  # fmt: skip


def test_one_file_cannot_be_resumed(folder, models):
    with pytest.raises(SettingsError, match="is for a folder of tables"):
        asked(models["classes"], folder / "new.csv", folder / "resumed.csv", resume=True)


def test_a_file_that_changes_meanwhile_is_refused(folder, models):
    table = folder / "moving.parquet"
    later_table().to_parquet(table, row_group_size=40)

    class Touches:
        def __init__(self):
            self.n = 0

        def __call__(self, step):
            self.n += 1
            if self.n == 2:
                with open(table, "ab") as file:
                    file.write(b"x")

    heard = Heard()
    heard.progress = Touches()
    request = PredictRequest(
        model=models["classes"], table=str(table), output=str(folder / "moved.csv"),
        rows_at_once=40,
    )  # fmt: skip
    with pytest.raises(DataError, match="changed while it was read"):
        predict(request, heard)
    assert not (folder / "moved.csv").exists()


def full():
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.quick_each(2, 1)
@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_full_disk_leaves_no_file_and_says_so(folder, models, ending, monkeypatch, tmp_path):
    output = tmp_path / f"out.{ending}"
    counting = Faulty(10**9, full)
    monkeypatch.setattr(files, "filesystem", counting)
    asked(models["numbers"], folder / "new.parquet", output, rows_at_once=100, overwrite=True)
    n = len(counting.asked)
    output.unlink()
    writes = [k for k, name in enumerate(counting.asked, 1) if name == "write"]
    for at in {writes[0], writes[len(writes) // 2], writes[-1], n - 2}:
        monkeypatch.setattr(files, "filesystem", Faulty(at, full))
        with pytest.raises(OutputError, match="No space left on device"):
            asked(models["numbers"], folder / "new.parquet", output, rows_at_once=100)
        assert [*Path(tmp_path).iterdir()] == []
