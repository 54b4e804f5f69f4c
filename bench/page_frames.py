"""How long the page of a landscape takes for a picture, in Chromium, with our own renderer.

``python -m bench.page_frames`` makes the pages and measures them, turn and turn about. Files named
behind it are measured instead: write a page with two versions of thalweg, and name both.
"""

import argparse
import sys
import tempfile
from pathlib import Path
from statistics import median

from thalweg import race_landscape

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "helpers"))
from browser import Browser

# The bars of the pictures: milliseconds of a frame at rest on two cores, and its size in pixels.
FRAME, WIDTH, HEIGHT = 33.0, 1200, 700
# Reading a pixel back makes the browser finish what it was asked to draw.
_FRAMES = """
(() => {
  const pen = document.getElementById("view").getContext("2d");
  return Array.from({ length: %d }, (_, i) => {
    const from = performance.now();
    document.documentElement.paintFrom(9 * i - 180 + %d);
    pen.getImageData(0, 0, 1, 1);
    return performance.now() - from;
  });
})()
"""
_STYLE = f"{{ width: '{WIDTH}px', height: '{HEIGHT}px' }}"
_SIZE = f"Object.assign(document.getElementById('view').style, {_STYLE})"


def measured(pages: dict[str, Path], rounds: int, frames: int) -> dict[str, list[float]]:
    """Milliseconds of the frames of each page, round by round in alternating order."""
    found: dict[str, list[float]] = {name: [] for name in pages}
    with tempfile.TemporaryDirectory() as folder:
        browser = Browser(Path(folder))
        try:
            for number in range(rounds):
                for name in sorted(pages, reverse=number % 2 == 1):
                    browser.open(pages[name])
                    browser.run(f"{_SIZE} && 0")
                    browser.settle()
                    browser.run(_FRAMES % (frames, 0))  # compiled, and warm
                    found[name] += browser.run(_FRAMES % (frames, number))
        finally:
            browser.close()
    return found


def written_pages(folder: Path) -> dict[str, Path]:
    """The teaching ground, and a slice of Wisconsin with the article's four runs."""
    found = {}
    for name in ("hills", "wisconsin"):
        found[name] = folder / f"{name}.html"
        page = race_landscape(name, grid=81, profiles=()).page()
        found[name].write_text(page, encoding="utf-8")
    return found


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("pages", nargs="*", type=Path)
    asked.add_argument("--rounds", type=int, default=6)
    asked.add_argument("--frames", type=int, default=21)
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        pages = {str(each): each for each in given.pages} or written_pages(Path(folder))
        for name, times in measured(pages, given.rounds, given.frames).items():
            times.sort()
            print(
                f"{name}: median {median(times):.1f} ms, least {times[0]:.1f}, "
                f"nine of ten within {times[int(0.9 * len(times))]:.1f} (bar {FRAME:.0f}; "
                f"{WIDTH} × {HEIGHT}, {len(times)} frames)"
            )


if __name__ == "__main__":
    main()
