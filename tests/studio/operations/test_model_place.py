"""What a page may ask of models, with a worker that may die: told, swept after, and asked again."""

import asyncio
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from thalweg.errors import DataError
from thalweg.studio.operations.model_place import ModelPlace
from thalweg.studio.server.open_pages import OpenPages
from thalweg.studio.server.page_outlet import PageOutlet
from thalweg.studio.wire.model_requests import all_of_tune, asked_id
from thalweg.studio.wire.packets import Packet
from thalweg.studio.wire.page_messages import page_message
from thalweg.studio.worker.serving_loop import TaskRun, serve
from thalweg.studio.worker.worker_process import WorkerProcess
from thalweg.studio.workspace.file_state import state_of
from thalweg.studio.workspace.held_workspace import HeldWorkspace, held_workspace
from thalweg.studio.workspace.kept_studies import running_study

Plain = dict[str, Any]


def predict(run: TaskRun) -> Packet:
    run.tell(Packet({"what": "Rows", "done": 1, "total": 2, "odd": "never told"}))
    os._exit(3)


def decide(run: TaskRun) -> Packet:
    return Packet({"document": dict(run.asked.head), "command": "", "python": ""})


def test_a_worker_that_dies_is_said_and_swept_after(tmp_path: Path) -> None:
    swept: list[int] = []

    async def sweep() -> None:
        swept.append(1)

    async def play() -> None:
        with held_workspace(tmp_path / "w") as held:
            upload = held.models.upload(
                "t.csv", 9, file="t.safetensors", table=None, choices=None, command="", python=""
            )
            upload.write(b"model")
            model = upload.finish().id
            worker = WorkerProcess([sys.executable, __file__])
            pages = OpenPages({}, "session")
            place = ModelPlace(pages, held, worker, sweep, list)
            known = place.operations()
            outlet = PageOutlet()

            async def ask(operation: str, **args: Any) -> Plain:
                text = json.dumps({"op": operation, "id": 1, **args})
                message = page_message(text, {name: each.form for name, each in known.items()})
                return dict((await known[operation].does(message, outlet)).head)

            try:
                ended = await ask("predict", model=model, table="sample:wisconsin")
                assert ended["error"]["code"] == "worker-ended"
                assert swept == [1]
                found = await ask("decide", model=model, missed=9, alarm=1)
                assert found["type"] == "decision"
                assert found["model"] == model
                assert (found["document"]["missed"], found["document"]["keeps"]) == (9, False)
                assert not {"is", "re"} & found.keys()
                assert swept == [1]
                with pytest.raises(DataError, match="no such model"):
                    await ask("decide", model="0" * 64)
                assert (await ask("models"))["models"][0]["file"] == "t.safetensors"
                await ask("remove-model", model=model)
                assert (await ask("models")) == {
                    "type": "models", "models": [], "fits": [], "open": None
                }  # fmt: skip
                assert [each.packet.head["type"] for each in pages.log.after(0) or []] == ["models"]
            finally:
                await worker.end()

    asyncio.run(play())


def beside(run: TaskRun) -> Packet:
    return Packet({"models": run.asked.head["models"], "scale": None})


async def stands_beside(
    held: HeldWorkspace, asked: Plain, running: Sequence[Plain] = (), file: str | None = None
) -> Plain:
    """What stands beside the runs of a table."""
    worker = WorkerProcess([sys.executable, __file__])

    async def sweep() -> None:
        pass

    pages = OpenPages({}, "session")
    place = ModelPlace(pages, held, worker, sweep, lambda: [*running], file=file)
    known = place.operations()
    text = json.dumps({"op": "beside", "id": 1, **asked})
    message = page_message(text, {name: each.form for name, each in known.items()})
    try:
        return dict((await known["beside"].does(message, PageOutlet())).head)
    finally:
        await worker.end()


def test_models_and_searches_of_a_file_that_was_written_anew_do_not_stand_beside_it(
    tmp_path: Path,
) -> None:
    file = tmp_path / "t.csv"
    file.write_text("y\n1\n")
    before, choices = state_of(str(file)), {"target": "y"}
    file.write_text("y\n1\n2\n")
    asked = {"table": "open", "choices": choices}

    async def play() -> None:
        with held_workspace(tmp_path / "w") as held:
            kept = []
            for number, state in enumerate((before, state_of(str(file)))):
                upload = held.models.upload(
                    "t.csv", 9, file="t.safetensors", table="open", choices=json.dumps(choices),
                    command="thalweg fit t.csv", python="", state=state,
                )  # fmt: skip
                upload.write(bytes([number]))
                kept.append(upload.finish().id)
                said = {**all_of_tune({**asked, "trials": number + 1}), "state": state}
                with running_study(held.folder, f"{number}" * 64, said) as begun:
                    text = (begun.folder.path / "asked.json").read_bytes()
                (held.folder.path / "studies" / (f"{number}" * 64) / "asked.json").write_bytes(text)
            found = await stands_beside(held, asked, file=str(file))
            assert found["models"] == kept[1:]
            [cut] = found["cut_off"]
            assert cut["asked"] == all_of_tune({**asked, "trials": 2})

    asyncio.run(play())


def test_models_of_the_same_choices_stand_beside_runs_and_searches_that_were_cut_off(
    tmp_path: Path,
) -> None:
    choices = {"target": "y", "drop": ["z"]}
    asked = {"table": "sample:wisconsin", "choices": choices}

    async def play() -> None:
        with held_workspace(tmp_path / "w") as held:

            def kept(number: int, said: Plain | None, command: str, **more: str) -> str:
                upload = held.models.upload(
                    "t.csv", 9, file="t.safetensors", table="sample:wisconsin",
                    choices=None if said is None else json.dumps(said), command=command,
                    python="", **more,
                )  # fmt: skip
                upload.write(bytes([number]))
                return upload.finish().id

            fit = kept(1, {**choices, "task": "auto"}, "thalweg fit t.csv")
            search = kept(2, choices, "thalweg tune t.csv", search="[1]")
            kept(3, choices, "thalweg decide t.safetensors")
            kept(4, {"target": "y"}, "thalweg fit t.csv")
            kept(5, None, "")
            studies = {
                "1" * 64: all_of_tune({**asked, "minutes": 5}), "2" * 64: {"table": 3},
                "3" * 64: all_of_tune({"table": "open", "choices": choices, "minutes": 5}),
                "4" * 64: all_of_tune({**asked, "minutes": 6}),
            }  # fmt: skip
            for study, said in studies.items():
                with running_study(held.folder, study, said) as begun:
                    text = (begun.folder.path / "asked.json").read_bytes()
                (held.folder.path / "studies" / study / "asked.json").write_bytes(text)
            running = [{"model_run": asked_id(studies["4" * 64])}]
            found = await stands_beside(held, asked, running)
            assert sorted(found["models"]) == sorted([fit, search])
            assert (found["search"], found["more"]) == ([1], 0)
            assert found["cut_off"] == [{"asked": studies["1" * 64], "trials": 0}]

    asyncio.run(play())


if __name__ == "__main__":
    serve({"predict": predict, "decide": decide, "beside": beside})
