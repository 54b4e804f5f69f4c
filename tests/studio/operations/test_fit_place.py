"""Fits of a studio: one after another, cancelled in time, begun again if their process died."""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from studio.operations import odd_fits
from thalweg.errors import DataError, SettingsError
from thalweg.studio.operations.fit_place import FITS, MOST_FITS, SEARCHES, FitKind, FitPlace
from thalweg.studio.server.open_pages import OpenPages
from thalweg.studio.server.page_outlet import PageOutlet
from thalweg.studio.wire.page_messages import MessageError, page_message
from thalweg.studio.worker.worker_process import WorkerProcess
from thalweg.studio.workspace.held_workspace import held_workspace

Plain = dict[str, Any]


class Fits:
    """A place of fits with an odd worker, and what all pages hear."""

    def __init__(self, place: FitPlace, pages: OpenPages) -> None:
        self.place, self._pages = place, pages
        self.swept = self.changed = 0

    async def ask(self, operation: str, **args: Any) -> Plain:
        text = json.dumps({"op": operation, "id": 1, **args})
        known = self.place.operations()
        message = page_message(text, {name: each.form for name, each in known.items()})
        return dict((await known[operation].does(message, PageOutlet())).head)

    async def fit(self, seed: int) -> str:
        asked = {"table": "sample:wisconsin", "choices": {}, "seed": seed}
        run: str = (await self.ask("fit", **asked))["model_run"]
        return run

    async def ended(self, run: str) -> Plain:
        """The event that ends a fit."""
        async with asyncio.timeout(20):
            while True:
                for event in self._pages.log.after(0) or []:
                    if event.packet.head["model_run"] == run:
                        return dict(event.packet.head)
                await asyncio.sleep(0.01)

    async def begun(self, run: str) -> None:
        """Wait until a fit has told something."""
        async with asyncio.timeout(20):
            while self.place.running[run].told["what"] == "Waiting":
                await asyncio.sleep(0.01)


def with_fits(root: Path, play: Callable[[Fits], Awaitable[None]], kind: FitKind = FITS) -> Fits:
    """Play with fits."""
    made: list[Fits] = []

    async def whole() -> None:
        async def swept() -> None:
            made[0].swept += 1

        def changed() -> None:
            made[0].changed += 1

        with held_workspace(root) as held:
            pages = OpenPages({}, "session")
            worker = WorkerProcess([sys.executable, odd_fits.__file__], 0.3)
            place = FitPlace(pages, held.tables, worker, swept, changed, kind)
            made.append(Fits(place, pages))
            try:
                await play(made[0])
            finally:
                await place.end()

    asyncio.run(whole())
    return made[0]


def test_fits_follow_one_another(tmp_path: Path) -> None:
    async def play(fits: Fits) -> None:
        late, bad, good = [await fits.fit(seed) for seed in (odd_fits.LATE, odd_fits.BAD, 9)]
        assert await fits.fit(odd_fits.LATE) == late  # the same request is the same fit
        await fits.begun(late)
        listed = fits.place.listed()
        assert [each["what"] for each in listed] == ["Training", "Waiting", "Waiting"]
        assert listed[0] == {
            "model_run": late, "table": "sample:wisconsin", "what": "Training", "done": 1,
            "total": 2, "seconds_left": 1.5,
        }  # fmt: skip
        assert (await fits.ask("cancel", model_run=late))["was_running"]
        ended = await fits.ended(late)
        assert (ended["model"], ended["error"]["code"]) == (None, "cancelled")
        assert (await fits.ended(bad))["error"]["what"] == "The target has one class"
        ended = await fits.ended(good)
        assert ended["model"] == f"{9:064x}"
        assert "error" not in ended
        assert not fits.place.running
        assert not (await fits.ask("cancel", model_run=late))["was_running"]

    found = with_fits(tmp_path / "w", play)
    assert (found.swept, found.changed) == (0, 1)


def test_a_search_shows_its_trials_also_to_a_page_that_comes_later(tmp_path: Path) -> None:
    async def play(searches: Fits) -> None:
        asked = {"table": "sample:wisconsin", "choices": {}}
        run = (await searches.ask("tune", **asked, trials=5))["model_run"]
        assert (await searches.ask("tune", **asked, trials=5, space="small"))["model_run"] == run
        async with asyncio.timeout(20):
            while "course" not in searches.place.listed()[0]:
                await asyncio.sleep(0.01)
        (told,) = searches.place.listed()
        assert told == {
            "model_run": run, "table": "sample:wisconsin", "is_search": True, "what": "Search",
            "done": 1, "total": 2, "course": [["svg", {}, []]],
        }  # fmt: skip
        await searches.ask("cancel", model_run=run)
        ended = await searches.ended(run)
        assert ended["is_search"]
        assert "the trials so far are kept" in ended["error"]["why"]
        with pytest.raises(MessageError, match="from 1 to 60"):
            await searches.ask("tune", **asked, minutes=61)

    with_fits(tmp_path / "w", play, SEARCHES)


def test_a_search_is_ended_with_what_it_has(tmp_path: Path) -> None:
    async def play(searches: Fits) -> None:
        asked = {"table": "sample:wisconsin", "choices": {}, "trials": 5}
        run = (await searches.ask("tune", **asked))["model_run"]
        async with asyncio.timeout(20):
            while "course" not in searches.place.listed()[0]:
                await asyncio.sleep(0.01)
        assert "finishing" not in searches.place.listed()[0]
        assert (await searches.ask("finish", model_run=run))["was_running"]
        assert [each.get("finishing") for each in searches.place.listed()] in ([True], [])
        ended = await searches.ended(run)
        assert ended["model"] == f"{7:064x}"
        assert "error" not in ended
        assert not (await searches.ask("finish", model_run=run))["was_running"]

    assert with_fits(tmp_path / "w", play, SEARCHES).changed == 1


@pytest.mark.slow
def test_a_fit_that_hears_nothing_is_killed_and_the_next_one_begins_anew(tmp_path: Path) -> None:
    async def play(fits: Fits) -> None:
        deaf, good = await fits.fit(odd_fits.DEAF), await fits.fit(9)
        await fits.begun(deaf)
        since = time.monotonic()
        await fits.ask("cancel", model_run=deaf)
        assert (await fits.ended(deaf))["error"]["code"] == "cancelled"
        assert time.monotonic() - since < 3
        assert (await fits.ended(good))["model"] == f"{9:064x}"

    with_fits(tmp_path / "w", play)


def test_a_killed_process_is_said_and_swept_after(tmp_path: Path) -> None:
    async def play(fits: Fits) -> None:
        dies = await fits.fit(odd_fits.DIES)
        assert (await fits.ended(dies))["error"]["code"] == "worker-ended"
        assert fits.swept == 1
        assert (await fits.ended(await fits.fit(9)))["model"] == f"{9:064x}"

    assert with_fits(tmp_path / "w", play).swept == 1


@pytest.mark.slow
def test_fits_are_bounded_and_their_tables_are_there(tmp_path: Path) -> None:
    async def play(fits: Fits) -> None:
        with pytest.raises(DataError, match="no such table"):
            await fits.ask("fit", table="0" * 64, choices={})
        for seed in range(MOST_FITS):
            await fits.fit(100 + seed if seed else odd_fits.LATE)
        with pytest.raises(SettingsError, match="fits are waiting already"):
            await fits.fit(99)

    with_fits(tmp_path / "w", play)
