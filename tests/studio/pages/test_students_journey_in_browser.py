"""A student's journey through the real studio: descents, back, another rate, a row, a point."""

import asyncio
import contextlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from studio_browser import complaints, open_studio, press, text, wait
from thalweg.data.read import load_table
from thalweg.landscape.race_on_table import member_of
from thalweg.landscape.runs.own_batches import with_own_batches
from thalweg.landscape.runs.presets import PRESETS
from thalweg.studio.operations.table_place import first_table
from thalweg.studio.server.page_files import page_files
from thalweg.studio.server.studio_server import StudioServer, listening
from thalweg.studio.studio import OpenedStudio, StudioRequest
from thalweg.studio.workspace.held_workspace import held_workspace
from thalweg.training.stepping.stepped_run import SteppedRun

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LONG = 120.0
STEPS = 1_000


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


def rest(browser, n, states=("paused", "ended"), seconds=LONG):
    """Until there are n runs, each in one of these states."""
    signs = "[...document.querySelectorAll('.chip .state')]"
    fine = f"{signs}.every((e) => {list(states)}.includes(e.dataset.state))"
    wait(browser, f"{signs}.length === {n} && {fine}", seconds)


def theta_of_python(browser, sign):
    """θ of the Python that the page prints for the run in focus at the cursor."""
    browser.run("document.querySelector('#run-recipe').open = true")
    wait(browser, f"document.querySelector('#run-recipe pre').textContent.includes({sign!r})")
    program = text(browser, "#run-recipe pre")
    assert "from thalweg" not in program  # it has public names alone
    space: dict[str, object] = {}
    exec(program, space)
    return space["theta"]


def theta_by_library(rule, step, changes=(), theta=None):
    """θ of a run with all rows in a step, by what trains and not by what the studio has of it."""
    member, _ = member_of(load_table("wisconsin"), steps=STEPS, held_out=0.2)
    if theta is not None:
        member = replace(member, theta=theta)
    run, last = with_own_batches(member, replace(PRESETS["sgd"], rule=rule))
    stepped = SteppedRun(run, last_step=last)
    for at, other in changes:
        stepped.advance(at - stepped.step)
        stepped = stepped.changed(other)
    stepped.advance(step - stepped.step)
    return stepped.theta


def listed(real):
    return [run.as_dict() for run in real.studio.runs.runs.values()]


def known(real, run):
    return real.studio.runs.runs[run].as_dict()


def until(is_so):
    end = time.monotonic() + LONG
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.02)


def to_step_40(browser):
    browser.run("document.activeElement.blur()")
    press(browser, "Home")
    for _ in range(4):
        press(browser, "}", shift=True)
    wait(browser, "location.hash.includes('t=40')")


# While four runs play, and the one in focus has made 60 steps: another rate for it, from the step
# that the button names.
CHANGE_IN_MID_RUN = """
(() => {
  window.changed = null;
  const all = (selector) => [...document.querySelectorAll(selector)];
  const look = setInterval(() => {
    const states = all('.chip .state').map((each) => each.dataset.state);
    const go = document.querySelector('#go-on');
    if (states.length !== 4 || states.some((each) => each !== 'running')) return;
    const from = Number(go.textContent.replace(/[^0-9]/g, ''));
    if (from < 60 || go.disabled) return;
    clearInterval(look);
    document.querySelector('#new-rate').value = '0.5';
    go.click();
    window.changed = { states, from };
  }, 5);
})()
"""


def test_the_journey_and_its_bits(browser, real):
    open_studio(browser, real.server.link, hash_="#p=train&d=sample:wisconsin", settled=False)
    wait(browser, "document.querySelector('#start-here')", LONG)
    # Four descents of the article's network, by one click; so many steps that they last.
    write(browser, "#steps", str(STEPS))
    browser.run(CHANGE_IN_MID_RUN)
    click(browser, "#start-here")
    # Another rate while they play.
    wait(browser, "window.changed", LONG)
    changed = browser.run("window.changed")
    assert changed["states"] == ["running"] * 4
    wait(browser, "document.querySelectorAll('.chip').length === 5", LONG)
    first, *others, fork = listed(real)
    assert [run["title"] for run in (first, *others)] == [
        "small steps", "shrinking steps", "large steps", "momentum",
    ]  # fmt: skip
    run, at = first["id"], changed["from"]
    assert (fork["parent"], fork["first"], fork["rule"]) == (run, at, "sgd:lr=0.5")
    assert 60 <= at < STEPS
    until(lambda: known(real, fork["id"])["step"] > at)
    if browser.run("document.querySelector('#runs-play').textContent === 'Pause'"):
        click(browser, "#runs-play")
    rest(browser, 5)
    # Back to step 40, by keys.
    click(browser, f"#run-{run[:8]}")
    to_step_40(browser)
    expected = theta_by_library(first["rule"], 40)
    assert np.array_equal(real.theta(run, 40), expected)
    assert np.array_equal(theta_of_python(browser, "', 40, "), expected)
    # A row at step 40 inside the first run: the pictures have the numbers of the trace.
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
    assert browser.run(
        "document.querySelector('.trouble').hidden"
    )  # the page's own arithmetic agrees
    # Its step, played: the cursor goes on by one.
    click(browser, "#play-step")
    wait(browser, "location.hash.includes('t=41')")
    wait(browser, "document.querySelector('.subtitle').textContent.includes('step 41.')", LONG)
    # Train from here: a new run from that point, with an empty memory.
    press(browser, "2")
    wait(browser, "document.querySelector('#train-from')")
    click(browser, "#train-from")
    wait(browser, "document.querySelectorAll('.chip').length === 6", LONG)
    point = listed(real)[-1]["id"]
    state = f"document.querySelector('#run-{point[:8]}').parentElement.querySelector('.state')"
    wait(browser, f"{state}.dataset.state === 'ended'", LONG)
    theta = theta_by_library(first["rule"], 41)
    assert np.array_equal(real.theta(point, 0), theta)
    last = known(real, point)["step"]
    assert last >= STEPS
    expected = theta_by_library(first["rule"], last, theta=theta)
    assert np.array_equal(real.theta(point, last), expected)
    assert np.array_equal(theta_of_python(browser, "start=start"), expected)
    # The run that was changed while it ran has the bits of the library, too, as far as it has come.
    click(browser, f"#run-{fork['id'][:8]}")
    browser.run("document.activeElement.blur()")
    press(browser, "End")
    last = known(real, fork["id"])["step"]
    assert last > at
    expected = theta_by_library(first["rule"], last, [(at, "sgd:lr=0.5")])
    assert np.array_equal(real.theta(fork["id"], last), expected)
    assert np.array_equal(theta_of_python(browser, f"', {last}, changes="), expected)
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
