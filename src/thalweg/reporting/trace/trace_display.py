"""Plain data that displays itself: HTML in a notebook, text elsewhere, JSON for programs."""

import json
from collections.abc import Mapping
from os import PathLike
from typing import Any

from rich.console import Console

from thalweg.endings import PAGE, check_ending
from thalweg.files import write_atomic
from thalweg.reporting.trace.html import page, piece
from thalweg.reporting.trace.page.traced_page import traced_page
from thalweg.reporting.trace.text import TEXT

# The width of text that does not go to a terminal.
_WIDTH = 100


class Shown:
    """A part of a trace with its display.

    Parameters
    ----------
    kind : {"trace", "chain", "update", "check"}
        The kind of data.
    data : dict
        Plain data, as `to_json` writes it.
    copies : mapping, optional
        ``command`` and ``python`` that make its page again, if that is known.
    """

    def __init__(
        self, kind: str, data: dict[str, Any], copies: Mapping[str, str] | None = None
    ) -> None:
        self.kind, self.data, self.copies = kind, data, dict(copies or {})

    def __str__(self) -> str:
        # Inside a notebook it would show an empty output, too.
        console = Console(
            width=_WIDTH, color_system=None, markup=False, emoji=False, force_jupyter=False
        )
        with console.capture() as caught:
            console.print(TEXT[self.kind](self.data), highlight=False)
        return "\n".join(line.rstrip() for line in caught.get().splitlines())

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        """The notebook display: no script, and nothing is loaded."""
        return f"{self._picture()}{piece(self.kind, self.data)}"

    def to_json(self) -> str:
        """The plain data as JSON; numbers are not rounded."""
        return json.dumps(self.data, indent=2, allow_nan=False)

    def to_html(self) -> str:
        """A whole page, offline; that of a trace has a script, the others have none."""
        if self.kind == "trace":
            return traced_page(self.data, **self._of_page())
        return page(self.kind, self.data, self._picture(), self.copies)

    def _of_page(self) -> dict[str, Any]:
        """What the page of a trace has besides its data; arguments of `traced_page`."""
        return {}

    def _picture(self) -> str:
        """A picture for it, as HTML."""
        return ""

    def save(self, path: str | PathLike[str], *, overwrite: bool = False) -> None:
        """Write the page to a file, completely or not at all."""
        check_ending(path, "A page", PAGE)
        write_atomic(path, self.to_html().encode(), overwrite=overwrite)
