"""The studio as a whole: a table is added, read by a worker, and described to a page."""

import asyncio
import signal
from pathlib import Path
from typing import Any

import pytest

import thalweg.studio.studio as studio_module
from studio.served_studio import ServedStudio, with_studio
from thalweg.cli.signals import Stopped, ended_by_signals
from thalweg.errors import SettingsError
from thalweg.studio.studio import OpenedStudio, StudioRequest
from thalweg.studio.studio import studio as run_studio

TABLE = "id,age,town,ill\n" + "".join(
    f"{row},{20 + row % 60},{('Bern', 'Rome', 'Oslo')[row % 3]},{'yes' if row % 4 else 'no'}\n"
    for row in range(1, 201)
)


def test_no_route_answers_without_the_key_or_for_another_host(tmp_path: Path) -> None:
    async def play(studio: ServedStudio) -> None:
        paths = [getattr(route, "path", "") for route in studio.studio.routes]
        assert "/tables" in paths
        for path in [*paths, "/ws", "/health", "/nil"]:
            for method in ("GET", "POST", "PUT", "DELETE", "OPTIONS"):
                assert (await studio.asked(method, path, Cookie=""))[0] == 401, path
                status, headers, _ = await studio.asked(method, path, Host="evil.com")
                assert status == 421, path
                assert not [name for name in headers if name.lower().startswith("access-control")]
            assert (await studio.asked("POST", path, b"x", Origin="null"))[0] == 403, path

    with_studio(play, tmp_path / "w")


def test_an_empty_name_of_a_workspace_is_not_the_usual_one() -> None:
    with pytest.raises(SettingsError, match="name of the workspace is empty") as told:
        run_studio(StudioRequest(workspace="", browser=False), print)
    assert "leave out --workspace" in told.value.fix


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_everything_before_it_is_raised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    studios: list[OpenedStudio] = []
    left = tmp_path / "w" / "work" / "asks" / "model.safetensors"

    class Noted(OpenedStudio):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args)
            studios.append(self)

    async def signals() -> None:
        while not studios[0].worker.has_begun:
            await asyncio.sleep(0.01)
        left.write_bytes(b"as a process leaves it that is killed")
        asyncio.get_running_loop().call_soon(signal.raise_signal, number)

    def ready(link: str) -> None:
        tasks.add(asyncio.get_running_loop().create_task(signals()))

    tasks = set[asyncio.Task[None]]()
    monkeypatch.setattr(studio_module, "OpenedStudio", Noted)
    with ended_by_signals(), pytest.raises(Stopped) as stopped:
        run_studio(StudioRequest(workspace=str(tmp_path / "w"), browser=False), ready)
    assert stopped.value.number == number
    assert not left.exists()
    process = studios[0].worker._process
    assert process is not None
    assert process.returncode is not None


@pytest.mark.slow
def test_a_table_is_added_and_described_and_a_finding_fixed(tmp_path: Path) -> None:
    async def play(studio: ServedStudio) -> None:
        page = await studio.page()
        before = await page.asks("snapshot")
        assert before["tables"] == []
        assert before["samples"][0]["id"] == "sample:wisconsin"
        status, said = await studio.add("../my own.csv", TABLE.encode())
        assert (status, said["name"]) == (200, "my own.csv")
        table = await page.asks("table", table=said["table"], choices={"target": "ill"})
        assert [each["tables"][0]["name"] for each in page.told if each["type"] == "tables"] == [
            "my own.csv"
        ]
        assert table["rows"] == 200
        assert [card["name"] for card in table["columns"]] == ["id", "age", "town", "ill"]
        found = next(each for each in table["findings"] if each["check"] == "identifier")
        assert found["fixes"] == [{"label": 'Leave out "id"', "choices": {"drop": ["id"]}}]
        choices = {"target": "ill", "drop": ["id"]}
        fixed = await page.asks("table", table=said["table"], choices=choices)
        assert all(each["check"] != "identifier" for each in fixed["findings"])
        assert fixed["command"].startswith("thalweg fit 'my own.csv'")
        assert "--drop id" in fixed["command"]
        card = fixed["columns"][2]
        assert card["kind"] == "category"
        assert card["raw"]["levels"] == ["Rome", "Oslo", "Bern"]
        assert "town=Bern" in card["enters"]
        assert (await page.asks("remove-table", table=said["table"]))["type"] == "removed"
        gone = await page.asks("table", table=said["table"])
        assert gone["error"]["what"] == "There is no such table in the workspace"
        await page.close()

    with_studio(play, tmp_path / "w")
