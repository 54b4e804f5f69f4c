"""The place Ground over sockets: grids that get finer, a newer question, what is refused."""

import asyncio
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed

from studio.operations.test_run_place import RunsPage, page_of
from studio.served_studio import ServedStudio, with_studio
from thalweg.data.read import load_table
from thalweg.landscape.ground.surface import landscape
from thalweg.landscape.race_on_table import member_of
from thalweg.landscape.runs.own_batches import with_own_batches
from thalweg.landscape.runs.path import record, terrain_of
from thalweg.landscape.runs.presets import Preset
from thalweg.reporting.landscape.landscape_page import packed

RULES = ["sgd:lr=0.5", "adam:lr=0.02"]


async def ended(page: RunsPage) -> list[str]:
    runs = await page.start(RULES)
    await page.asks("play", runs=runs)
    await page.until("ended", runs)
    return runs


async def ground_of(page: RunsPage, number: int) -> tuple[dict[str, Any], list[int]]:
    """The last answer, and the points of the grids before it."""
    levels: list[int] = []
    while True:
        head = await page.heard()
        if head.get("re") != number or head["type"] == "progress":
            continue
        if head["type"] == "ground" and not head["complete"]:
            levels.append(head["points"])
        else:
            return head, levels


@pytest.mark.slow
def test_a_ground_a_point_and_a_run_from_there(tmp_path: Path) -> None:
    async def play(studio: ServedStudio) -> None:
        page = await page_of(studio)
        runs = await ended(page)
        # While one ground is made, a newer question takes its place.
        first = await page.say("ground", runs=runs, plane="ends")
        second = await page.say("ground", runs=runs)
        found: dict[str, Any] = {}
        levels: list[int] = []
        answers: dict[int, str] = {}
        while len(answers) < 2:
            head = await page.heard()
            if head.get("re") not in (first, second) or head["type"] == "progress":
                continue
            if head["type"] == "ground" and not head["complete"]:
                levels.append(head["points"])
                continue
            answers[head["re"]] = head["type"]
            found = head if head["re"] == second else found
        assert answers[second] == "ground"
        assert answers[first] in ("dropped", "ground")
        assert found["points"] == 81
        assert set(levels) <= {11, 21, 41}
        member, _ = member_of(load_table("wisconsin"), hidden=(4,), steps=60, held_out=0.2)
        paths = []
        for run, rule in zip(runs, RULES, strict=True):
            own, last = with_own_batches(member, Preset(rule, rule, ""))
            paths.append(record(own, run, last_step=last))
        surface = landscape(terrain_of(member), paths, grid=81)
        assert found["sheet"]["losses"] == packed(surface.losses)
        # A point, and a run that begins there with the bits that the page was told.
        number = await page.say("here", ground=found["ground"], a=0.125, b=0.25)
        told = await page.answer_to(number)
        theta = surface.plane.at(np.array([0.125]), np.array([0.25]))[0]
        assert told["sides"][0]["loss"] == terrain_of(member).losses(theta[None])[0]
        at = {"ground": found["ground"], "a": 0.125, "b": 0.25}
        made = await page.asks("begin-here", **at, run=runs[0], rule=RULES[0])
        [new] = made["runs"]
        await page.answer_to(await page.say("at", run=new["id"], step=0))
        assert np.array_equal(page.last.arrays["theta"], theta)
        grown = await page.asks("ground-runs", ground=found["ground"], runs=[*runs, new["id"]])
        assert grown["ground"] == found["ground"]
        assert [each["run"] for each in grown["runs"]] == [*runs, new["id"]]
        # What is not there is an error, and the page goes on.
        for op, args in (
            ("here", {"ground": "0" * 64, "a": 0, "b": 0}),
            ("ground-runs", {"ground": "0" * 64, "runs": runs}),
            ("begin-here", {**at, "ground": "0" * 64, "run": runs[0]}),
            ("begin-here", {**at, "run": "0" * 64}),
            ("begin-here", {**at, "a": 1e9, "run": runs[0]}),
            ("ground", {"runs": ["0" * 64]}),
            ("ground", {"runs": []}),
            ("ground", {"runs": runs, "plane": "start-to-end"}),
        ):
            said = await page.asks(op, **args)
            assert said["type"] == "error", (op, args)
            assert said["error"]["fix"]
        # A killed worker holds nothing any more, and makes a new ground when it is asked.
        process = studio.studio.ground.worker._process
        assert process is not None
        process.kill()
        said = await page.asks("here", ground=found["ground"], a=0.0, b=0.0)
        assert said["type"] == "error"
        again, _ = await ground_of(page, await page.say("ground", runs=runs))
        assert again["ground"] == found["ground"]
        assert again["sheet"] == {**found["sheet"]}

    with_studio(play, tmp_path / "w")


MALFORMED: list[tuple[str, dict[str, Any]]] = [
    ("ground", {"runs": ["x"]}),
    ("ground", {"runs": "0" * 64}),
    ("ground", {"runs": ["0" * 64] * 13}),
    ("ground", {"runs": ["0" * 64], "plane": "flat"}),
    ("ground", {"runs": ["0" * 64], "grid": 161}),
    ("ground", {"runs": ["0" * 64], "finer": 1}),
    ("here", {"ground": "0" * 64, "a": "1", "b": 0}),
    ("here", {"ground": "../w", "a": 0, "b": 0}),
    ("here", {"ground": "0" * 64, "a": 1e301, "b": 0}),
]


def test_a_malformed_question_ends_the_socket_and_starts_nothing(tmp_path: Path) -> None:
    async def play(studio: ServedStudio) -> None:
        for op, args in MALFORMED:
            page = await page_of(studio)
            await page.say(op, **args)
            with pytest.raises(ConnectionClosed):
                await asyncio.wait_for(page.heard(), 20)
        assert not studio.studio.ground.worker.has_begun

    with_studio(play, tmp_path / "w")
