"""What a page may ask of models, with a worker that may die: told, swept after, and asked again."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from thalweg.errors import DataError
from thalweg.studio.operations.model_place import ModelPlace
from thalweg.studio.server.open_pages import OpenPages
from thalweg.studio.server.page_outlet import PageOutlet
from thalweg.studio.wire.packets import Packet
from thalweg.studio.wire.page_messages import page_message
from thalweg.studio.worker.serving_loop import TaskRun, serve
from thalweg.studio.worker.worker_process import WorkerProcess
from thalweg.studio.workspace.held_workspace import held_workspace

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


if __name__ == "__main__":
    serve({"predict": predict, "decide": decide})
