"""A page inside a notebook: in a frame where scripts run, and as a still picture elsewhere."""

import html
from base64 import b64encode
from collections.abc import Callable
from typing import Any, NamedTuple

from thalweg.reporting.figures.picture import Picture

# Of a notebook's output with a frame, the next one is its still: it is seen where frames are taken
# out, as on GitHub, which takes out styles, too. (In one output with both, GitHub shows the HTML.)
_ONE_OF_BOTH = "".join(
    f".{box}:has(.thalweg-page iframe)+.{box}{{display:none}}"
    for box in ("jp-OutputArea-child", "output_area")
)


# One and a half times as sharp as it is wide: most readers see the page instead.
_DPI = 150


class FramedPage(NamedTuple):
    """A page and its still, for a notebook.

    Attributes
    ----------
    page : str
        One offline file of HTML.
    still : Picture
        Its title names the frame.
    caption : str
        A sentence below the frame, or "".
    height : int
        Of the frame, in pixels.
    words : str
        The same as text.
    """

    page: str
    still: Picture
    caption: str = ""
    height: int = 980
    words: str = ""

    def html(self) -> str:
        """The frame; where frames are taken out, its caption is left."""
        title = html.escape(self.still.title)
        said = f"{title}. {html.escape(self.caption)}".strip()
        return (
            f'<figure class="thalweg-page" style="margin:0"><iframe title="{title}" '
            f'sandbox="allow-scripts" loading="lazy" srcdoc=\'{_quoted(self.page)}\' '
            f'width="100%" height="{self.height}" style="border:0"></iframe>'
            f"<figcaption>{said}</figcaption></figure>"
        )

    def bundle(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Page, picture and text as one output, of which a program shows the first that it can."""
        still, about = self._picture()
        return {**still, "text/html": self.html()}, about

    def display(self) -> None:
        """Show the page, and after it the still, which is hidden where the frame is seen."""
        # Only IPython asks for it, so it is there.
        from IPython.display import display

        show: Callable[..., object] = display
        show({"text/html": f"<style>{_ONE_OF_BOTH}</style>{self.html()}"}, raw=True)
        still, about = self._picture()
        show(still, metadata=about, raw=True)

    def _picture(self) -> tuple[dict[str, str], dict[str, Any]]:
        png = self.still.small_png(_DPI)
        words = self.words or self.still.title
        picture = {"text/plain": words, "image/png": b64encode(png).decode("ascii")}
        return picture, {"image/png": self.still.shown()}


class ShownAsPage:
    """What a notebook shows as a page: a class with it says by `_framed` which one."""

    def _framed(self) -> FramedPage:
        raise NotImplementedError

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """The notebook display: the page, or the picture if scripts are not run, or text."""
        return self._framed().bundle()

    def _ipython_display_(self) -> None:
        self._framed().display()


def _quoted(page: str) -> str:
    """A page as an attribute in single quotes: its many double quotes stay as they are.

    A notebook's file has a line of its own for each line of an output, so line breaks are named.
    """
    marks: dict[str, str | int | None] = {"&": "&amp;", "'": "&#39;", "<": "&lt;", "\n": "&#10;"}
    return page.translate(str.maketrans(marks))
