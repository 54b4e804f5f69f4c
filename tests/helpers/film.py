"""A film of a journey in a browser: a picture before each click, with a ring where it goes."""

import base64
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw

FILMS = Path(__file__).parents[2] / "build" / "films"
WIDTH, RADIUS = 960, 14
SECONDS = 1.2  # of each picture


class Film:
    """Pictures of a page, one after another.

    Parameters
    ----------
    browser : Browser
    """

    def __init__(self, browser):
        self._browser, self.frames = browser, []

    def take(self, at=None):
        """Add a picture of the page; ``at`` is the point of a click, in pixels of the page."""
        data = self._browser.send("Page.captureScreenshot", format="png")["data"]
        whole = Image.open(BytesIO(base64.b64decode(data))).convert("RGB")
        scale = WIDTH / whole.width
        frame = whole.resize((WIDTH, round(whole.height * scale)))
        if at is not None:
            x, y = (scale * each for each in at)
            box = (x - RADIUS, y - RADIUS, x + RADIUS, y + RADIUS)
            ImageDraw.Draw(frame).ellipse(box, outline="#d55e00", width=4)
        self.frames.append(frame)

    def save(self, name):
        """Write the film as ``build/films/NAME.gif``; its path."""
        FILMS.mkdir(parents=True, exist_ok=True)
        path = FILMS / f"{name}.gif"
        first, *others = self.frames
        first.save(
            path, save_all=True, append_images=others, duration=round(1000 * SECONDS), loop=0
        )
        return path
