"""The pictures of the tour in docs/studio.md: the five places and a lesson, of a real studio.

``make picture`` writes them, by Chromium. The studio trains what they show: four runs, and the
default model. Each is light or dark, so that both are seen.
"""

import base64
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from browser import Browser
from front_pictures import FOLDER, small_png
from studio_browser import open_studio, wait

# Seconds that a model, a ground or a lesson may take on a slow machine.
PATIENCE = 300.0
# The most colours with which a picture is small enough.
MOST_BYTES, COLORS = 150_000, (255, 160, 96, 64, 32, 16)
WIDTH = 1280  # three columns; a picture has those of the other ones
RUNS_ENDED = """
document.querySelectorAll('.chip').length === 4
&& Number(document.querySelector('#step').max) >= 400
&& document.querySelector('#runs-play').ariaLabel === 'Play'
"""
PAINTED = "document.querySelector('#ground-view')?.dataset.painted?.startsWith('81')"
# The names of the pictures, whether they are dark, and how high.
PICTURES = {
    "studio_table": (False, 820), "studio_train": (True, 900), "studio_inside": (False, 900),
    "studio_ground": (True, 960), "studio_decide": (False, 820), "studio_lesson": (True, 720),
}  # fmt: skip


@contextmanager
def real_studio(workspace: Path) -> Iterator[str]:
    """The link of a studio with the bundled table, which ends with the block."""
    command = [sys.executable, "-m", "thalweg", "studio", "wisconsin", "--no-browser"]
    with subprocess.Popen(
        [*command, "--workspace", str(workspace)], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout
            link = next(word for line in process.stdout for word in line.split() if "http" in word)
            yield link
        finally:
            process.terminate()


def button(browser: Browser, words: str) -> None:
    """Press the button of these words, when it can be pressed."""
    of_words = (
        "[...document.querySelectorAll('button')].find((each) => each.checkVisibility() "
        f"&& !each.disabled && each.textContent.startsWith({words!r}))"
    )
    wait(browser, of_words, PATIENCE)
    browser.run(f"{of_words}.click()")


def taken(browser: Browser, name: str) -> None:
    """Write what is seen."""
    dark, height = PICTURES[name]
    browser.look(WIDTH, height, dark=dark)
    browser.run("scrollTo(0, 0); document.activeElement?.blur()")
    browser.settle()
    browser.run("new Promise((done) => setTimeout(done, 1500))")
    shot = base64.b64decode(browser.send("Page.captureScreenshot")["data"])
    tried = (small_png(shot, colors) for colors in COLORS)
    (FOLDER / f"{name}.png").write_bytes(next(png for png in tried if len(png) <= MOST_BYTES))


def to(browser: Browser, place: str, seen: str) -> None:
    """Go to a place by the rail, and wait for what it shows."""
    browser.run(f"document.querySelector('#rail a[data-place={place}]').click()")
    wait(browser, seen, PATIENCE)


def write_tour() -> None:
    """Write all pictures."""
    with tempfile.TemporaryDirectory() as folder:
        browser = Browser(Path(folder) / "profile")
        with real_studio(Path(folder) / "work") as link:
            open_studio(browser, link, width=WIDTH, settled=False)
            browser.send("Emulation.setScrollbarsHidden", hidden=True)
            wait(browser, "document.querySelector('.card .bars')", PATIENCE)
            taken(browser, "studio_table")
            button(browser, "Train four runs")
            wait(browser, RUNS_ENDED, PATIENCE)
            taken(browser, "studio_train")
            to(browser, "inside", "document.querySelector('main svg.net, main .net')")
            button(browser, "6 Loss")
            taken(browser, "studio_inside")
            to(browser, "ground", PAINTED)
            taken(browser, "studio_ground")
            to(browser, "table", "document.querySelector('.card')")
            button(browser, "Train the model")
            wait(browser, "document.querySelector('.decide-desk')", PATIENCE)
            taken(browser, "studio_decide")
            browser.run("location.hash = '#les=backward&s=2'")
            wait(browser, "document.querySelector('.lesson-frame')", PATIENCE)
            taken(browser, "studio_lesson")
        browser.close()


if __name__ == "__main__":
    write_tour()
