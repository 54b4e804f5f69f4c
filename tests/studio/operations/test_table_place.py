"""The place Table over real sockets, with a worker that may die."""

import asyncio
import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from studio.hostile_names import hostile_names, no_file_outside
from studio.scripted_worker import Scripted
from studio.served_studio import ServedStudio, with_studio
from thalweg.errors import DataError, SettingsError
from thalweg.persistence.plain_data_checks import require
from thalweg.studio.operations.table_place import OPEN, first_table
from thalweg.studio.wire.packets import Packet
from thalweg.studio.wire.table_choices import CHOICES, all_choices
from thalweg.studio.wire.table_ids import TABLE_ID, sample_id, sample_of

SMALL = b"x,y\n" + b"".join(b"%d,%s\n" % (n % 17, b"ab"[n % 2 : n % 2 + 1]) for n in range(90))


def test_no_hostile_id_reaches_the_workspace(tmp_path: Path) -> None:
    root = tmp_path / "w"

    async def play(studio: ServedStudio) -> None:
        page = await studio.page()
        with no_file_outside(root):
            assert (await page.asks("table", table="0" * 64))["error"]["code"] == "data"
            assert (await page.asks("remove-table", table="f" * 64))["type"] == "error"
        await page.close()
        for name in hostile_names()[::50]:
            page = await studio.page()
            await page.say("table", table=name)
            await page.socket.wait_closed()
            assert page.socket.close_code == 1008

    with_studio(play, root)
    for name in hostile_names():
        assert not TABLE_ID.holds(name)
        with pytest.raises(ValueError, match="id"):
            require({"table": name}, {"table": TABLE_ID}, "id")
    assert sample_of(sample_id("wisconsin")) == "wisconsin"


@pytest.mark.parametrize(
    "choices",
    [
        {"target": 3}, {"drop": "a"}, {"number": ["a"]}, {"missing": {"a": "b"}}, {"nil": 1},
        {"task": "other"}, {"header_row": 0}, {"decimal": ";"}, {"target": "x" * 3000},
        {"drop": ["a"] * 3000}, {"max_memory": "1TB"}, {"stdin": True},
    ],
)  # fmt: skip
def test_choices_have_forms(choices: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="choices"):
        require(choices, CHOICES, "choices")
    require(all_choices({}), CHOICES, "choices")


def test_what_the_command_line_names_is_looked_at_before_a_server_starts(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_bytes(SMALL)
    assert first_table(None) is None
    assert first_table(str(file)) == OPEN
    assert first_table("wisconsin") == "sample:wisconsin"
    with pytest.raises(DataError, match="no such file") as told:
        first_table(str(tmp_path / "u.csv"))
    assert "t.csv" in told.value.why
    with pytest.raises(SettingsError, match="standard input"):
        first_table("-")
    model = tmp_path / "m.safetensors"
    model.write_bytes(b"x")
    assert first_table(str(model)) is None


def test_a_page_hears_how_far_a_table_is_then_its_columns_then_all(tmp_path: Path) -> None:
    first = {"table": {"rows": 3, "findings": None}}
    whole = {"table": {"rows": 3, "findings": []}, "is": "done"}

    async def play(studio: ServedStudio) -> None:
        worker = Scripted(
            [
                Packet({"is": "told", "what": "Reading"}),
                Packet({"is": "told", **first}),
                Packet(whole),
            ],
            [Packet({"is": "failed", "error": {"code": "data", "what": "no"}})],
        )
        studio.studio.place.worker = worker  # type: ignore[assignment]
        page = await studio.page()
        number = await page.say("table", table="sample:wisconsin", choices={"drop": ["a"]})
        told = await page.answer_to(number)
        assert told == {"type": "table", "re": number, "rows": 3, "findings": []}
        assert [each["type"] for each in page.told] == ["progress", "table"]
        assert all(each["re"] == number for each in page.told)
        [(asked, slot)] = worker.asked
        assert asked == {
            "task": "table", "table": "sample:wisconsin", "choices": {"drop": ["a"]}, "from": 0,
            "count": 100,
        }  # fmt: skip
        assert slot.startswith("table ")
        assert (await page.asks("table", table="sample:wisconsin"))["error"]["what"] == "no"
        await page.close()

    with_studio(play, tmp_path / "w")


def worker_of(studio: ServedStudio) -> int:
    process = studio.studio.worker._process
    assert process is not None
    return process.pid


@pytest.mark.slow
def test_a_killed_worker_is_an_error_and_the_next_request_works(tmp_path: Path) -> None:
    file = tmp_path / "large.csv"
    file.write_bytes(b"x,y,z,t\n" + b"".join(b"%d,%d,%d,a\n" % (n, n, n) for n in range(300_000)))

    async def play(studio: ServedStudio) -> None:
        page = await studio.page()
        snapshot = await page.asks("snapshot")
        assert snapshot["open"] == OPEN
        number = await page.say("table", table=OPEN, choices={"target": "t"})
        while not any(each.get("re") == number for each in page.told):
            page.told.append(await page.heard())
        os.kill(worker_of(studio), signal.SIGKILL)
        error = await page.answer_to(number)
        assert error["error"]["code"] == "worker-ended"
        assert error["error"]["fix"]
        told = await page.asks("table", table="sample:wisconsin")
        assert told["rows"] == 699
        await page.close()

    with_studio(play, tmp_path / "w", str(file))


@pytest.mark.slow
def test_a_newer_request_takes_the_place_of_an_older_one(tmp_path: Path) -> None:
    async def play(studio: ServedStudio) -> None:
        page = await studio.page()
        asked = [
            await page.say("table", table="sample:wisconsin", choices={"drop": ["mitoses"] * n})
            for n in range(6)
        ]
        last = await page.answer_to(asked[-1])
        assert last["choices"]["drop"] == ["mitoses"] * 5
        dropped = [each["re"] for each in page.told if each["type"] == "dropped"]
        assert set(dropped) <= set(asked[:-1])
        assert len(dropped) >= 4
        await page.close()

    with_studio(play, tmp_path / "w")


@pytest.mark.slow
def test_a_page_that_leaves_ends_what_it_asked_and_others_are_answered(tmp_path: Path) -> None:
    file = tmp_path / "large.csv"
    rows = b"".join(b"%d,%d,%d,a%d\n" % (n, n * 7, n * 3, n % 2) for n in range(400_000))
    file.write_bytes(b"x,y,z,t\n" + rows)

    async def play(studio: ServedStudio) -> None:
        first, second = await studio.page(), await studio.page()
        number = await first.say("table", table=OPEN, choices={"target": "t"})
        while not any(each.get("re") == number for each in first.told):
            first.told.append(await first.heard())
        began = time.monotonic()
        assert (await studio.asked("GET", "/health"))[0] == 200
        assert time.monotonic() - began < 5  # alone 2 ms; other tests share the processor
        await first.close()
        told = await second.asks("table", table="sample:wisconsin")
        assert told.get("rows") == 699, told
        await second.close()
        while not studio.studio.worker.is_idle:
            await asyncio.sleep(0.01)

    with_studio(play, tmp_path / "w", str(file))
