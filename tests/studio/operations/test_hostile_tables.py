"""Tables that were made to do harm: each ends in an error for its page, and the worker goes on."""

import gzip
import io
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bombs import BOMBS
from damage import SOUND, excel, parquet
from studio.served_studio import ServedStudio, with_studio

MB = 1 << 20


def forged_parquet() -> bytes:
    """A Parquet file whose footer says that a page has other lengths."""
    data = bytearray(parquet(SOUND, compression="none"))
    footer = int.from_bytes(data[-8:-4], "little")
    for place in range(len(data) - 8 - footer, len(data) - 8, 7):
        data[place] ^= 0x7F
    return bytes(data)


HOSTILE: dict[str, Any] = {
    "a huge field": lambda: b'a,b\n1,"' + b"x" * (20 * MB),
    "a huge name": lambda: b"x" * (5 * MB) + b",y\n1,2\n3,4\n",
    "quotes without end": lambda: b'a,b\n"' * 200_000,
    "many columns": lambda: b",".join(b"c%d" % n for n in range(60_000)) + b"\n" + b"1," * 59_999,
    "null bytes": lambda: b"a,b\n1,\x00\x00\n" * 1000,
    "no text": lambda: np.random.default_rng(0).bytes(MB),
    "scripts": lambda: b"<script>alert(1)</script>,y\n" + b"<img src=x onerror=alert(1)>,1\n" * 40,
    "formulas": lambda: b"a,y\n" + b"=cmd|' /C calc'!A0,1\n@SUM(1),2\n" * 40,
    "Parquet with other lengths": forged_parquet,
    "half a Parquet file": lambda: parquet(SOUND)[:-500] + b"PAR1",
    "half a workbook": lambda: excel([["a", "b"], [1, 2]])[:-200],
    "a packed table in a packed table": lambda: gzip.compress(gzip.compress(b"a,b\n1,2\n")),
    "a workbook of zeros": lambda: b"PK\x03\x04" + bytes(MB),
}


async def answers(studio: ServedStudio, made: dict[str, bytes]) -> dict[str, dict[str, Any]]:
    """What a page is told of each table; each by the worker that told of the first one."""
    page = await studio.page()
    before = await page.asks("table", table="sample:wisconsin")
    process = studio.studio.worker._process
    assert process is not None
    found = {}
    for name, data in made.items():
        status, said = await studio.add(f"{name}.csv", data)
        assert status == 200, name
        found[name] = await page.asks("table", table=said["table"], choices={"target": "y"})
        assert studio.studio.worker._process is process, name
        assert process.returncode is None, name
        os.kill(process.pid, 0)
        answer = found[name]
        assert answer["type"] in ("table", "error"), name
        if answer["type"] == "error":
            assert answer["error"]["code"] in ("data", "settings"), (name, answer["error"])
            assert answer["error"]["fix"], name
            assert str(studio.studio.place.tables._folder.path) not in str(answer), name
    assert await page.asks("table", table="sample:wisconsin") | {"re": 0} == before | {"re": 0}
    await page.close()
    return found


@pytest.mark.slow
def test_hostile_tables_end_in_an_error_and_the_worker_goes_on(tmp_path: Path) -> None:
    async def play(studio: ServedStudio) -> None:
        found = await answers(studio, {name: make() for name, make in HOSTILE.items()})
        tables = {name for name, each in found.items() if each["type"] == "table"}
        assert tables <= {"scripts", "formulas", "null bytes"}, tables
        assert found["scripts"]["columns"][0]["name"] == "<script>alert(1)</script>"

    with_studio(play, tmp_path / "w")


@pytest.mark.slow
def test_bombs_end_in_an_error_and_the_worker_goes_on(tmp_path: Path) -> None:
    async def play(studio: ServedStudio) -> None:
        cheap = {name: make() for name, (make, is_cheap) in BOMBS.items() if is_cheap}
        assert len(cheap) > 10
        some = [*cheap][::4]  # each is a test of the readers, too
        await answers(studio, {name: cheap[name] for name in some})

    with_studio(play, tmp_path / "w")


def test_the_files_are_what_their_names_say() -> None:
    assert len(HOSTILE["a huge field"]()) > 20 * MB
    assert io.BytesIO(forged_parquet()).read(4) == b"PAR1"
