"""Eight pictures to be compared by eye after each change of looks.

``make golden`` writes them to ``docs/pictures/golden`` and says how much of each has changed: three
grounds (hills, the plain hills, a network on Wisconsin) on a light and on a dark page, and the
trace at its stops 4 and 10.
"""

import tempfile
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from browser import Browser
from front_pictures import FOLDER, PagePicture, made, photographed, small_png
from thalweg import race_landscape

GOLDEN = FOLDER / "golden"
FOUR = ("sgd", "anneal", "large", "momentum")
GROUNDS = {"hills": FOUR, "hills-plain": FOUR, "wisconsin": ("article",)}
ARTICLE = ("trace", "wisconsin", "--preset", "article")
TRACES = {
    "trace_4": PagePicture(ARTICLE, "stop=4", 750),
    "trace_10": PagePicture(ARTICLE, "stop=10&guess=shown", 750),
}
# A pixel has changed if one of its colours differs by more.
ALIKE = 3


def pictures() -> dict[str, bytes]:
    """All of them as PNG, by name."""
    found = {}
    for table, rules in GROUNDS.items():
        race = race_landscape(table, rules, profiles=())
        for dark in (False, True):
            name = f"{table}_{'dark' if dark else 'light'}".replace("-", "_")
            found[name] = race.picture("surface", dark=dark).small_png(110)
    with tempfile.TemporaryDirectory() as folder:
        page, browser = made(ARTICLE, Path(folder) / "t.html"), Browser(Path(folder) / "profile")
        for name, asked in TRACES.items():
            found[name] = small_png(photographed(browser, page, asked.place, asked.height))
        browser.close()
    return found


def changed(old: bytes, new: bytes) -> str:
    """How much of a picture is another one, in words."""
    one, other = (
        np.asarray(Image.open(BytesIO(each)).convert("RGB"), np.int16) for each in (old, new)
    )
    if one.shape != other.shape:
        return f"{one.shape[1]} × {one.shape[0]} pixels became {other.shape[1]} × {other.shape[0]}"
    share = float((np.abs(one - other).max(axis=2) > ALIKE).mean())
    return f"{100 * share:.2f} % of the pixels changed"


def write_golden() -> None:
    """Write them, and say what has changed."""
    GOLDEN.mkdir(exist_ok=True)
    for name, png in pictures().items():
        path = GOLDEN / f"{name}.png"
        print(name, changed(path.read_bytes(), png) if path.exists() else "is new")
        path.write_bytes(png)


if __name__ == "__main__":
    write_golden()
