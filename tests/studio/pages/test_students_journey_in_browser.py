"""A student's journey through the real studio: four descents, back, another rate, a row, a point."""

import asyncio
import contextlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest

from studio_browser import complaints, open_studio, press, text, wait
from thalweg.studio.operations.table_place import first_table
from thalweg.studio.server.page_files import page_files
from thalweg.studio.server.studio_server import StudioServer, listening
from thalweg.studio.studio import OpenedStudio, StudioRequest
from thalweg.studio.workspace.held_workspace import held_workspace

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LONG = 120.0


class RealStudio:
    """A whole studio in a thread."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._ready = folder, threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._main()), daemon=True)
        self._thread.start()
        assert self._ready.wait(60)

    async def _main(self) -> None:
        self.loop = asyncio.get_running_loop()
        with ExitStack() as held:
            listener = held.enter_context(listening(None))
            workspace = held.enter_context(held_workspace(self._folder))
            request = StudioRequest(browser=False)
            self.studio = OpenedStudio(request, first_table(None), workspace, page_files())
            self.server = StudioServer(
                self.studio.pages, listener, self.studio.routes, self.studio.most_bytes
            )
            with contextlib.suppress(asyncio.CancelledError):
                await self.studio.serve(self.server, lambda link: self._ready.set())

    def theta(self, run: str, step: int) -> np.ndarray:
        """θ of a run at a step, as the server has it."""

        async def at() -> np.ndarray:
            desk = self.studio.runs.desks.of(run)
            return (await desk.ask("at", run=run, step=step)).arrays["theta"]

        return asyncio.run_coroutine_threadsafe(at(), self.loop).result(60)

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.server.stop)
        self._thread.join(60)


@pytest.fixture
def real(tmp_path) -> Iterator[RealStudio]:
    studio = RealStudio(tmp_path / "w")
    yield studio
    studio.stop()


def click(browser, selector):
    browser.run(f"document.querySelector({selector!r}).click()")


def write(browser, selector, value):
    browser.run(
        f"(() => {{ const e = document.querySelector({selector!r}); e.value = {value!r};"
        " e.dispatchEvent(new Event('input')); }})()".replace("}})", "})")
    )


def ended(browser, n):
    signs = "[...document.querySelectorAll('.chip .state')]"
    wait(browser, f"{signs}.length === {n} && {signs}.every((e) => e.dataset.state === 'ended')", LONG)


def theta_of_python(browser, sign="import"):
    """θ of the Python that the page prints for the run in focus at the cursor."""
    browser.run("document.querySelector('#run-recipe').open = true")
    wait(browser, f"document.querySelector('#run-recipe pre').textContent.includes({sign!r})")
    space: dict[str, object] = {}
    exec(text(browser, "#run-recipe pre"), space)
    return space["theta"]


def listed(real):
    return [run.as_dict() for run in real.studio.runs.runs.values()]


def test_the_journey_and_its_bits(browser, real):
    open_studio(browser, real.server.link, hash_="#p=train&d=sample:wisconsin", settled=False)
    wait(browser, "document.querySelector('#start-here')", LONG)
    # Four descents of the article's network, by one click.
    click(browser, "#start-here")
    ended(browser, 4)
    assert [run["title"] for run in listed(real)] == [
        "small steps", "shrinking steps", "large steps", "momentum",
    ]  # fmt: skip
    # Back to step 40, by keys.
    browser.run("document.activeElement.blur()")
    press(browser, "Home")
    for _ in range(4):
        press(browser, "}", shift=True)
    wait(browser, "location.hash.includes('t=40')")
    run = listed(real)[0]["id"]
    assert np.array_equal(real.theta(run, 40), theta_of_python(browser))
    # Another rate from there on.
    write(browser, "#new-rate", "0.5")
    click(browser, "#go-on")
    ended(browser, 5)
    fork = listed(real)[-1]
    assert (fork["parent"], fork["first"], fork["rule"]) == (run, 40, "sgd:lr=0.5")
    wait(browser, "document.querySelector('#focus-title').textContent.includes('from step 40')")
    found = theta_of_python(browser, "changed")
    assert np.array_equal(real.theta(fork["id"], fork["step"]), found)
    # A row at step 40 inside the first run: the pictures have the numbers of the trace.
    click(browser, f"#run-{run[:8]}")
    browser.run("document.activeElement.blur()")
    press(browser, "Home")
    for _ in range(4):
        press(browser, "}", shift=True)
    press(browser, "3")
    wait(browser, "document.querySelector('.net')", LONG)
    wait(browser, "document.querySelector('.subtitle').textContent.includes('step 40.')", LONG)
    click(browser, "#stop-6")
    wait(browser, "location.hash.includes('stop=6')")

    async def inside():
        row = int(browser_row)
        return (await real.studio.runs.desks.of(run).ask("inside", run=run, step=40, row=row)).head

    browser_row = browser.run("document.querySelector('#row-number').value")
    told = asyncio.run_coroutine_threadsafe(inside(), real.loop).result(60)
    loss = told["trace"]["passes"][0]["loss"]
    shown = browser.run("[...document.querySelectorAll('.formula b')].map((e) => Number(e.title))")
    assert any(abs(each - loss) <= 1e-12 * loss for each in shown), (loss, shown)
    assert browser.run("document.querySelector('.trouble').hidden")  # the page's own arithmetic agrees
    # Its step, played: the cursor goes on by one.
    click(browser, "#play-step")
    wait(browser, "location.hash.includes('t=41')")
    wait(browser, "document.querySelector('.subtitle').textContent.includes('step 41.')", LONG)
    # Train from here: a new run from that point, with an empty memory.
    press(browser, "2")
    wait(browser, "document.querySelector('#train-from')")
    click(browser, "#train-from")
    ended(browser, 6)
    point = listed(real)[-1]
    assert np.array_equal(real.theta(point["id"], 0), real.theta(run, 41))
    found = theta_of_python(browser, "frombuffer")
    assert np.array_equal(real.theta(point["id"], point["step"]), found)
    # A reload brings all of it back, by the link.
    hash_ = browser.run("location.hash")
    browser.run("window.old = true; setTimeout(() => location.reload(), 0)")
    time.sleep(0.3)
    wait(browser, "!window.old && document.querySelectorAll('.chip').length === 6", LONG)
    assert browser.run("location.hash") == hash_
    assert complaints(browser) == []
    own = f"http://127.0.0.1:{real.server.address.port}/"
    asked = [each for each in browser.requests() if not each.startswith(("data:", "about:"))]
    assert all(each.startswith(own) for each in asked)
    assert json.dumps(told["trace"], allow_nan=False)
