"""A folder of tables: a file of predictions for each, resumed after any end."""

import os
import shutil
import time

import numpy as np
import pandas as pd
import pytest

from forked_commands import killed, started
from kept_fits import without_waiting_for_the_disk as without_waiting_for_the_disk
from streamed import Heard, asked, later_table, saved
from thalweg.errors import DataError, OutputError, SettingsError, UnfinishedError
from thalweg.interrupts import Cancellation
from thalweg.jobs.predict import PredictRequest, predict
from thalweg.jobs.streams import finished_parts, predicted_folder
from thalweg.jobs.streams.finished_parts import RECORD


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return saved(tmp_path_factory.mktemp("model"))


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "in").mkdir()
    table = later_table(240)
    table[:100].to_csv(tmp_path / "in/a.csv", index=False)
    table[100:180].to_parquet(tmp_path / "in/b.parquet", row_group_size=30)
    table[180:].to_csv(tmp_path / "in/c.csv.gz", index=False)
    (tmp_path / "in/_SUCCESS").write_text("")
    (tmp_path / "in/readme.md").write_text("tables")
    return tmp_path


def bytes_of(path):
    hidden = (".", RECORD)
    return {p.name: p.read_bytes() for p in path.iterdir() if not p.name.startswith(hidden)}


def test_each_file_has_the_predictions_that_it_has_alone(folder, model):
    outcome, heard = asked(model, folder / "in", folder / "out", ids=["key"])
    assert sorted(bytes_of(folder / "out")) == ["a.csv", "b.parquet", "c.csv"]
    for name, own in (("a.csv", "a.csv"), ("b.parquet", "b.parquet"), ("c.csv.gz", "c.csv")):
        alone = folder / f"alone_{own}"
        asked(model, folder / "in" / name, alone, ids=["key"])
        assert (folder / "out" / own).read_bytes() == alone.read_bytes()
    assert outcome.result["rows"] == 240
    assert (outcome.result["parts"], outcome.result["skipped"]) == (3, 0)
    said = " ".join(heard.said)
    assert "Wrote 240 predictions to 3 files" in said
    assert 'Left out, because they are no tables: "readme.md"' in said
    assert "Rows are counted through all files, in the order of their names." in said
    # As over one table of all rows.
    later_table(240).to_csv(folder / "all.csv", index=False)
    _, whole = asked(model, folder / "all.csv", folder / "all_out.csv")
    assert heard.warned == whole.warned
    outside = [line for line in heard.said if line.startswith("Numbers outside")]
    assert outside == [line for line in whole.said if line.startswith("Numbers outside")]


def test_parts_can_be_of_one_format(folder, model):
    asked(model, folder / "in", folder / "out", part_format="parquet")
    assert sorted(bytes_of(folder / "out")) == ["a.parquet", "b.parquet", "c.parquet"]
    assert len(pd.read_parquet(folder / "out")) == 240  # the record is no table
    with pytest.raises(SettingsError, match="is no format of predictions"):
        asked(model, folder / "in", folder / "out2", part_format="json")


def test_all_files_again_leave_no_predictions_of_before(folder, model):
    asked(model, folder / "in", folder / "out", part_format="csv")
    mine = folder / "out" / "mine.csv"
    mine.write_text("kept")
    (folder / "out" / "b.csv").write_text("mine now")  # no part of before: it has another size
    _, heard = asked(model, folder / "in", folder / "out", part_format="parquet", overwrite=True)
    left = ["a.parquet", "b.csv", "b.parquet", "c.parquet", "mine.csv"]
    assert sorted(bytes_of(folder / "out")) == left
    assert any("Removed predictions of before" in line and "a.csv" in line for line in heard.said)
    (folder / "in/a.csv").unlink()
    asked(model, folder / "in", folder / "out", part_format="parquet", overwrite=True)
    assert "a.parquet" not in bytes_of(folder / "out")


@pytest.mark.parametrize("to", ["csv", "parquet"])
def test_a_part_without_rows_has_predictions_without_rows(folder, model, to):
    """As programs write that spread rows over parts, such as Spark."""
    nothing = later_table(240)[:0]
    nothing.to_csv(folder / "in/0.csv", index=False)
    nothing.to_parquet(folder / "in/z.parquet")
    outcome, heard = asked(model, folder / "in", folder / "out", part_format=to, ids=["key"])
    assert (outcome.result["rows"], outcome.result["parts"]) == (240, 5)
    assert "Wrote 240 predictions to 5 files" in " ".join(heard.said)
    read = pd.read_csv if to == "csv" else pd.read_parquet
    full = read(folder / f"out/b.{to}")
    for name in ("0", "z"):
        found = read(folder / f"out/{name}.{to}")
        assert len(found) == 0
        assert [*found.columns] == [*full.columns]
    if to == "parquet":
        assert len(read(folder / "out")) == 240
        z = read(folder / "out/z.parquet")
        assert [*z.dtypes] == [*full.dtypes]  # b and z are both Parquet
    _, again = asked(model, folder / "in", folder / "out", part_format=to, ids=["key"], resume=True)
    assert "Skipped 5 finished files" in " ".join(again.said)


def test_a_part_without_rows_needs_the_columns(folder, model):
    later_table(240).drop(columns="age")[:0].to_csv(folder / "in/0.csv", index=False)
    with pytest.raises(DataError, match=r'not in the table: "age" .0.csv: it has "'):
        asked(model, folder / "in", folder / "out")


def test_what_a_run_did_not_finish_is_done_by_the_next_one(folder, model):
    asked(model, folder / "in", folder / "whole")
    cancellation = Cancellation()
    heard = Heard()

    def cancel(step):
        if step.done == 1:  # the second file
            cancellation.ask()

    heard.progress = cancel
    request = PredictRequest(model=model, table=str(folder / "in"), output=str(folder / "out"))
    with pytest.raises(UnfinishedError):
        predict(request, heard, cancellation)
    assert [*bytes_of(folder / "out")] == ["a.csv"]
    with pytest.raises(OutputError, match="not empty") as refused:
        asked(model, folder / "in", folder / "out")
    assert "resume=True" in str(refused.value)
    before = (folder / "out/a.csv").stat().st_mtime_ns
    outcome, again = asked(model, folder / "in", folder / "out", resume=True)
    assert outcome.result["skipped"] == 1
    assert outcome.result["rows"] == 240
    assert "Skipped 1 finished file" in " ".join(again.said)
    assert "Wrote 140 predictions to 2 files in" in again.said[-1]
    assert again.said[-1].endswith("out has 240 in all.")
    assert (folder / "out/a.csv").stat().st_mtime_ns == before
    assert bytes_of(folder / "out") == bytes_of(folder / "whole")
    (folder / "out/c.csv").unlink()  # somebody removes a part
    outcome, _ = asked(model, folder / "in", folder / "out", resume=True)
    assert outcome.result["skipped"] == 2
    assert bytes_of(folder / "out") == bytes_of(folder / "whole")


def test_a_record_that_takes_long_is_written_at_the_end(folder, model, monkeypatch):
    monkeypatch.setattr(finished_parts, "_PAUSE", 1e12)
    later_table(60).drop(columns="sex").to_csv(folder / "in/d.csv", index=False)
    with pytest.raises(DataError, match=r"d\.csv"):
        asked(model, folder / "in", folder / "out")
    (folder / "in/d.csv").unlink()
    outcome, _ = asked(model, folder / "in", folder / "out", resume=True)
    assert outcome.result["skipped"] == 3


def test_only_the_same_model_input_and_question_are_resumed(folder, model, tmp_path):
    asked(model, folder / "in", folder / "out")
    other = saved(folder, "numbers")
    with pytest.raises(SettingsError, match="predicted by another model"):
        asked(other, folder / "in", folder / "out", resume=True)
    with pytest.raises(SettingsError, match="predicted with another digits"):
        asked(model, folder / "in", folder / "out", resume=True, digits=3)
    with pytest.raises(SettingsError, match="predicted with another id"):
        asked(model, folder / "in", folder / "out", resume=True, ids=["key"])
    with (folder / "in/a.csv").open("a") as file:
        file.write("\n")
    with pytest.raises(SettingsError, match=r'"a\.csv" has changed since it was predicted'):
        asked(model, folder / "in", folder / "out", resume=True)
    (folder / "in/a.csv").unlink()
    with pytest.raises(SettingsError, match="not in the folder any more"):
        asked(model, folder / "in", folder / "out", resume=True)
    asked(model, folder / "in", folder / "out", overwrite=True)  # as the fix says
    (folder / "out" / RECORD).write_text('{"form": 1, "parts": []}')
    with pytest.raises(SettingsError, match="is damaged"):
        asked(model, folder / "in", folder / "out", resume=True)
    for harm in (os.mkfifo, os.mkdir):
        os.rename(folder / "out" / RECORD, tmp_path / harm.__name__)
        harm(folder / "out" / RECORD)
        with pytest.raises(SettingsError, match="is damaged"):
            asked(model, folder / "in", folder / "out", resume=True)
    (folder / "out" / RECORD).rmdir()
    with pytest.raises(SettingsError, match="nothing to resume"):
        asked(model, folder / "in", folder / "out", resume=True)


def test_what_appears_or_is_gone_meanwhile_is_said(folder, model):
    heard = Heard()

    def appear(step):
        if not (folder / "in/d.csv").exists():
            later_table(60).to_csv(folder / "in/d.csv", index=False)

    heard.progress = appear
    request = PredictRequest(model=model, table=str(folder / "in"), output=str(folder / "out"))
    predict(request, heard)
    assert 'appeared meanwhile: "d.csv"; resume=True predicts them' in " ".join(heard.said)
    outcome, _ = asked(model, folder / "in", folder / "out", resume=True)
    assert outcome.result["skipped"] == 3
    assert (folder / "out/d.csv").exists()

    gone = Heard()
    gone.progress = lambda step: (folder / "in/c.csv.gz").unlink(missing_ok=True)
    request = PredictRequest(model=model, table=str(folder / "in"), output=str(folder / "out2"))
    with pytest.raises(DataError, match="A file of the folder is gone") as lost:
        predict(request, gone)
    assert "2 of 4 files are predicted" in str(lost.value)


def test_an_error_names_the_file(folder, model):
    later_table(60).drop(columns="sex").to_csv(folder / "in/b2.csv", index=False)
    with pytest.raises(DataError, match=r"b2\.csv: .*it has"):
        asked(model, folder / "in", folder / "out")
    assert sorted(bytes_of(folder / "out")) == ["a.csv", "b.parquet"]


def test_a_link_that_leads_nowhere_is_no_file_less(folder, model):
    for leads_to in ("gone.parquet", "d.parquet"):
        (folder / "in/d.parquet").symlink_to(leads_to)
        with pytest.raises(DataError, match=r"leads nowhere .*d\.parquet"):
            asked(model, folder / "in", folder / "out")
        (folder / "in/d.parquet").unlink()
    assert not (folder / "out").exists()


def test_a_link_in_place_of_predictions_is_replaced_and_not_followed(folder, model):
    output, others = folder / "out", folder / "others.csv"
    asked(model, folder / "in", output)
    first = bytes_of(output)
    others.write_text("of somebody else\n")
    (output / "a.csv").unlink()
    (output / "a.csv").symlink_to(others)
    asked(model, folder / "in", output, resume=True)
    assert others.read_text() == "of somebody else\n"
    assert bytes_of(output) == first
    assert not (output / "a.csv").is_symlink()


def test_folders_that_cannot_be_are_refused(folder, model):
    for output in (folder / "in", folder / "in/out", folder):
        with pytest.raises(SettingsError, match="in the other"):
            asked(model, folder / "in", output)
    with pytest.raises(SettingsError, match="go to a folder"):
        asked(model, folder / "in", folder / "out.csv")
    (folder / "file").write_text("")
    with pytest.raises(OutputError, match="It is a file"):
        asked(model, folder / "in", folder / "file")
    with pytest.raises(OutputError, match="cannot be made"):
        asked(model, folder / "in", folder / "no/out")
    shutil.copy(folder / "in/a.csv", folder / "in/b.csv")
    with pytest.raises(SettingsError, match=r"would have predictions of one name, b\.parquet"):
        asked(model, folder / "in", folder / "out", part_format="parquet")
    (folder / "none").mkdir()
    with pytest.raises(DataError, match="The folder has no tables"):
        asked(model, folder / "none", folder / "out")


# --- two commands, and killed ones ---------------------------------------------------------------


def test_a_folder_is_written_by_one_command_at_a_time(folder, model):
    refused = []

    def second(step):
        asked(model, folder / "in/a.csv", folder / "other.csv", overwrite=True)
        asked(model, folder / "one", folder / "other", overwrite=True)
        for more in ({"resume": True}, {"overwrite": True}):
            with pytest.raises(OutputError, match="writes into this folder of predictions") as no:
                asked(model, folder / "in", folder / "out", **more)
            refused.append(no.value.fix)

    (folder / "one").mkdir()
    shutil.copy(folder / "in/a.csv", folder / "one")
    first = Heard()
    first.progress = second
    (folder / "link").symlink_to("out")  # by whichever name
    request = PredictRequest(model=model, table=str(folder / "in"), output=str(folder / "link"))
    (folder / "out").mkdir()
    predict(request, first)
    assert set(refused) == {"wait until it has ended, or name another folder"}
    assert sorted(bytes_of(folder / "out")) == ["a.csv", "b.parquet", "c.csv"]
    asked(model, folder / "in", folder / "out", resume=True)  # it is free again


def test_a_run_that_wrote_in_between_is_seen(folder, model, monkeypatch):
    """The folder gets files after the first look at it, and before it is locked."""
    real = predicted_folder.answerings_of

    def slowly(request):
        (folder / "out").mkdir()
        (folder / "out/a.csv").write_text("of another command")
        return real(request)

    monkeypatch.setattr(predicted_folder, "answerings_of", slowly)
    with pytest.raises(OutputError, match="is not empty"):
        asked(model, folder / "in", folder / "out")
    assert bytes_of(folder / "out") == {"a.csv": b"of another command"}


@pytest.mark.slow
def test_the_lock_of_another_process_holds_until_it_is_killed(tmp_path, model):
    (tmp_path / "in").mkdir()
    for k in range(20):
        later_table(2000).to_csv(tmp_path / f"in/{k:02}.csv", index=False)
    words = ["predict", model, str(tmp_path / "in"), "-o", str(tmp_path / "out"), "-q"]
    first = started(words)
    while not (tmp_path / "out/00.csv").exists():
        assert first.is_alive()
        time.sleep(0.002)
    with pytest.raises(OutputError, match="Another command writes into this folder"):
        asked(model, tmp_path / "in", tmp_path / "out", resume=True)
    assert first.is_alive()
    first.kill()
    first.join()
    outcome, _ = asked(model, tmp_path / "in", tmp_path / "out", resume=True)
    assert outcome.result["rows"] == 40_000


@pytest.mark.slow
def test_killed_anywhere_it_goes_on_to_the_same_bytes(tmp_path, model):
    """SIGKILL 32 times at drawn instants; the same command ends with the same bytes."""
    (tmp_path / "in").mkdir()
    table = later_table(4_800)
    for k in range(12):
        part = table[400 * k : 400 * (k + 1)]
        if k % 3:
            part.to_parquet(tmp_path / f"in/{k:02}.parquet", row_group_size=150)
        else:
            part.to_csv(tmp_path / f"in/{k:02}.csv", index=False)
    words = ["predict", model, str(tmp_path / "in"), "--id", "key", "-q", "-o"]
    whole, out = tmp_path / "whole", tmp_path / "out"
    killed([*words, str(tmp_path / "warm")], 60)  # the first one starts the server
    began = time.monotonic()
    assert not killed([*words, str(whole)], 60)
    most = 0.5 * (time.monotonic() - began)
    draw, n_killed, finished = np.random.default_rng(0), 0, set()
    while n_killed < 32:
        n_before = len([*out.glob("[0-9]*")])
        if killed([*words, str(out), "--resume"], draw.uniform(0, most)):
            n_killed += 1
            n_now = len([*out.glob("[0-9]*")])
            finished.add(n_now)
            most *= 1.0 if n_now > n_before else 1.1  # as busy as the machine is
        else:
            assert bytes_of(out) == bytes_of(whole)
            shutil.rmtree(out)
            most *= 0.8
    assert len(finished) > 3, finished  # the kills were at different places
    assert not killed([*words, str(out), "--resume"], 60)
    assert bytes_of(out) == bytes_of(whole)


def test_a_part_of_0_bytes_is_refused_before_any_is_predicted(folder, model):
    (folder / "in/z.csv").touch()
    with pytest.raises(DataError, match=r"has 0 bytes .*z\.csv.*remove it from the folder"):
        asked(model, folder / "in", folder / "out")
    assert not (folder / "out").exists()
    (folder / "in/z.csv").unlink()
    asked(model, folder / "in", folder / "out")
    assert sorted(bytes_of(folder / "out"))[:2] == ["a.csv", "b.parquet"]


def test_what_is_predicted_again_is_said_and_a_changed_file_alone_can_be(folder, model):
    source, output = folder / "in", folder / "out"
    asked(model, source, output)
    first = bytes_of(output)
    (output / "a.csv").write_text("edited by hand\n")
    (output / "b.parquet").unlink()
    _, heard = asked(model, source, output, resume=True)
    assert bytes_of(output) == first
    [edited, gone] = [line for line in heard.said if line.startswith("Predicting ")]
    assert '"a.csv" again' in edited
    assert f"15 bytes now, and {len(first['a.csv']):,} were written" in edited
    assert gone == (
        f'Predicting "b.parquet" again: its predictions, {output / "b.parquet"}, are gone.'
    )
    later_table(100)[:90].to_csv(source / "a.csv", index=False)
    with pytest.raises(SettingsError, match="alone is predicted again"):
        asked(model, source, output, resume=True)
    assert bytes_of(output) == first
    (output / "a.csv").unlink()
    outcome, _ = asked(model, source, output, resume=True)
    assert (outcome.result["rows"], outcome.result["skipped"]) == (230, 2)
    assert bytes_of(output).items() - first.items() == {("a.csv", (output / "a.csv").read_bytes())}
