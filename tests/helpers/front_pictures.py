"""The pictures of README.md and docs/pictures.md, each made by a command that a reader can run.

``make picture`` writes them all. Pages are photographed in Chromium at the place that their link
names. Each page is written by the command that stands beside the picture in docs/pictures.md.
"""

import base64
import sys
import tempfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image

from browser import Browser
from thalweg import race_landscape
from thalweg.cli.main import main

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "pictures"
WIDTH = 1180
COLORS = 255


@dataclass(frozen=True)
class PagePicture:
    """A part of a page: the top of it, at a place that the link names."""

    words: tuple[str, ...]
    place: str
    height: int


PAGES = {
    "derivative": PagePicture(("trace", "--lesson", "derivative"), "fn=square&x=3&h=1", 700),
    "derivative_at_minus_2": PagePicture(
        ("trace", "--lesson", "derivative"), "fn=square&x=-2&h=0.001", 700
    ),
    "loss": PagePicture(("trace", "wisconsin", "--preset", "article"), "stop=6", 750),
    "trace": PagePicture(("trace", "wisconsin", "--preset", "article"), "stop=10&guess=shown", 750),
    "threshold": PagePicture(("lesson", "threshold", "wisconsin"), "step=3", 830),
    "features": PagePicture(("lesson", "features"), "step=7&done=1111111", 700),
}
# Landscapes: the table, and the rules that race on it.
RACES = {
    "hills": ("hills", ("sgd", "anneal", "large", "momentum")),
    "batches": ("wisconsin", ("one-row", "32-rows", "all-rows")),
    "rules": ("wisconsin", ("sgd", "anneal", "large", "momentum")),
}


def small_png(png: bytes, colors: int = COLORS) -> bytes:
    """The same picture in few colours, of which the large surfaces have their own."""
    found = BytesIO()
    image = Image.open(BytesIO(png)).convert("RGB")
    if image.width > WIDTH:
        image = image.resize((WIDTH, round(image.height * WIDTH / image.width)))
    few = image.quantize(colors, Image.Quantize.MEDIANCUT, kmeans=2, dither=Image.Dither.NONE)
    few.save(found, "PNG", optimize=True)
    return found.getvalue()


def photographed(browser: Browser, page: Path, place: str, height: int) -> bytes:
    """The top of a page as it is at a place of its link."""
    browser.send("Emulation.setScrollbarsHidden", hidden=True)
    browser.open(page, width=WIDTH, height=height)
    browser.run(f"location.hash = {place!r}")
    browser.settle()
    # What grows or fades in has done so.
    browser.run("new Promise(done => setTimeout(done, 1500))")
    return base64.b64decode(browser.send("Page.captureScreenshot")["data"])


def made(words: tuple[str, ...], file: Path) -> Path:
    """A file that a command writes."""
    if main([*words, "-q", "--force", "-o", str(file)]):
        sys.exit(f"thalweg {' '.join(words)} has failed")
    return file


def write_pictures(report: Path) -> None:
    """Write all pictures; the report is the page that the demo has written."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        room = Path(folder)
        browser = Browser(room / "profile")
        shot = photographed(browser, report, "", 1430)
        (ROOT / "docs" / "report.png").write_bytes(small_png(shot))
        for name, asked in PAGES.items():
            page = made(asked.words, room / f"{name}.html")
            shot = photographed(browser, page, asked.place, asked.height)
            (FOLDER / f"{name}.png").write_bytes(small_png(shot))
        browser.close()
        sweep = made(("sweep", "wisconsin"), room / "sweep.png").read_bytes()
        (FOLDER / "sweep.png").write_bytes(small_png(sweep))
    for name, (table, rules) in RACES.items():
        race = race_landscape(table, rules, profiles=())
        (FOLDER / f"{name}.png").write_bytes(race.picture("surface").small_png(150))


if __name__ == "__main__":
    write_pictures(Path(sys.argv[1]))
