"""No name, wherever a worker gets one, opens a file outside of the workspace: 500 of them.

A worker is asked here without the server, which lets no such name through.
"""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import thalweg
from studio.hostile_names import hostile_names, outside_of
from studio.watched_processes import WatchedProcesses
from thalweg.errors import DataError
from thalweg.studio.operations.asked_worker import answer_of
from thalweg.studio.operations.model_place import _ASKED
from thalweg.studio.tasks.opened_tables import OpenedTables
from thalweg.studio.wire.model_requests import all_of_fit
from thalweg.studio.wire.run_requests import RUN_TASKS
from thalweg.studio.wire.table_choices import all_choices, usual_choices
from thalweg.studio.worker.worker_process import WorkerProcess
from thalweg.studio.workspace.held_workspace import HeldWorkspace, held_workspace
from thalweg.studio.workspace.work_folder import work_folder

TABLE = b"a,b,c\n" + b"".join(b"%d,%d,%s\n" % (n, n * n % 7, b"yn"[n % 2 :][:1]) for n in range(40))


@contextmanager
def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WatchedProcesses]:
    """Workers begin in an empty folder, in which a name alone is no file, and note what they do."""
    watch, empty = WatchedProcesses(tmp_path / "log"), tmp_path / "empty"
    empty.mkdir()
    (empty / "secret").write_bytes(TABLE)
    (empty / "wisconsin").write_bytes(TABLE)
    monkeypatch.chdir(empty)
    for name, value in watch.environment.items():
        monkeypatch.setenv(name, value)
    yield watch


def names_of() -> list[str]:
    """The names that can be said in UTF-8."""
    return [each for each in hostile_names() if "\ud800" not in each]


async def asked(worker: WorkerProcess, task: str, **args: Any) -> dict[str, Any]:
    found = await answer_of(worker, {"task": task, **args}, "", lambda packet: None)
    return dict(found.head)


def touched(watch: WatchedProcesses, root: Path) -> list[tuple[str, str]]:
    """The files outside, but for those that every process of Python reads while it works."""
    seen = [(event, said) for _, event, said in watch.new() if not event.startswith("socket")]
    program = str(Path(thalweg.__file__).parent)
    own = (sys.prefix, sys.base_prefix, program, "/proc/", "/sys/", "/dev/urandom")
    return [each for each in outside_of(root, seen) if not each[1].startswith(own)]


@pytest.mark.slow
def test_no_id_of_a_table_or_run_opens_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "w"

    async def play(held: HeldWorkspace) -> None:
        program = [sys.executable, "-m", "thalweg.studio.tasks.worker_program", str(root)]
        worker = WorkerProcess(program)
        choices = usual_choices()
        page = {"from": 0, "count": 10, "choices": choices}
        try:
            first = await asked(worker, "table", table="sample:wisconsin", **page)
            assert first["table"]["rows"] > 40  # not the file of this name
            start = {"choices": {}, "settings": {"steps": 3}, "rules": ["sgd:lr=0.1"]}
            assert "runs" in await asked(worker, "start-runs", table="sample:wisconsin", **start)
            watch.new()
            for name in names_of():
                for table in (name, f"sample:{name}"):
                    assert (await asked(worker, "table", table=table, **page))["type"] == "error"
                    told = await asked(worker, "start-runs", table=table, **start)
                    assert told["type"] == "error"
                for task in set(RUN_TASKS) - {"start-runs", "keep"}:
                    told = await asked(
                        worker, task, run=name, runs=[name], step=0, steps=1, after=-1, row=1
                    )
                    assert told["type"] == "error", task
                assert "type" not in await asked(worker, "keep", runs=[name], close=True)
            assert touched(watch, root) == []
            found = await asked(worker, "table", table="sample:secret", **page)
            assert found["error"]["what"] == "There is no such table"
        finally:
            await worker.end()

    with watched(tmp_path, monkeypatch) as watch, held_workspace(root) as held:
        asyncio.run(play(held))


@pytest.mark.slow
def test_no_id_of_a_model_and_no_name_of_a_file_opens_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "w"

    async def play(held: HeldWorkspace) -> None:
        folder = work_folder(held, "asks")
        program = [sys.executable, "-m", "thalweg.studio.models.models_worker", str(root)]
        worker = WorkerProcess([*program, str(folder), "asks"])

        def added(name: str, more: bytes) -> str:
            upload = held.tables.upload(name, 10**6)
            upload.write(TABLE + more)
            return upload.finish().id

        quick = {"max_iter": "1", "hidden_layer_sizes": "2", "early_stopping": "holdout"}
        fit = {"settings": quick, "no_trees": True}
        choices = all_choices({"target": "c"})
        try:
            table = added("plain.csv", b"")
            of_fit = all_of_fit({**fit, "table": table, "choices": choices})
            model = (await asked(worker, "fit", **of_fit))["model"]
            usual = {op: {"choices": None, **each.usual} for op, each in _ASKED.items()}
            predicted = {**usual["predict"], "model": model}
            assert "predictions" in await asked(worker, "predict", **predicted, table=table)
            watch.new()
            for name in names_of():
                for operation, known in _ASKED.items():
                    told = await asked(
                        worker, known.task, **{**usual[operation], "model": name, "table": table}
                    )
                    assert told["type"] == "error", operation
                for odd in (name, f"sample:{name}"):
                    told = await asked(worker, "predict", **predicted, table=odd)
                    assert told["type"] == "error"
                    told = await asked(worker, "fit", **{**of_fit, "table": odd})
                    assert told["type"] == "error"
            assert touched(watch, root) == []
            for number, name in enumerate(
                names_of()[::12]
            ):  # as the name of a file, each is a name
                row = b"%d,1,y\n" % number
                odd = added(name, row)
                assert "predictions" in await asked(worker, "predict", **predicted, table=odd)
            assert touched(watch, root) == []
        finally:
            await worker.end()

    with watched(tmp_path, monkeypatch) as watch, held_workspace(root) as held:
        asyncio.run(play(held))


def test_a_page_names_no_file_of_the_folder_of_the_studio(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with watched(tmp_path, monkeypatch), held_workspace(tmp_path / "w"):
        tables = OpenedTables(tmp_path / "w")
        for table in ("sample:secret", "secret", "sample:", "../empty/secret"):
            with pytest.raises(DataError, match="There is no such table"):
                tables.named(table, usual_choices())
        assert len(tables.named("sample:wisconsin", usual_choices()).opened.frame) > 500
