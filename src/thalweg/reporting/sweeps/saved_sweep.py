"""What a map and a curve have in common: they are saved by the name of a file."""

import json
from io import BytesIO
from os import PathLike
from typing import Any

from thalweg.endings import check_ending
from thalweg.files import write_atomic
from thalweg.reporting.figures.picture import Picture
from thalweg.reporting.notebook.framed_page import ShownAsPage

FORMS = (".html", ".json", ".png", ".svg")


class SavedSweep(ShownAsPage):
    """A sweep with a page, a picture and plain data."""

    def picture(self, *, dark: bool = False) -> Picture:
        """The sweep as a figure."""
        raise NotImplementedError

    def page(self) -> str:
        """The sweep as one offline page."""
        raise NotImplementedError

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain data for JSON."""
        raise NotImplementedError

    def lines(self) -> list[str]:
        """The sweep as text."""
        raise NotImplementedError

    def rendered(self, form: str, *, dark: bool = False) -> bytes:
        """The bytes of a file with this ending: ``.html``, ``.json``, ``.png`` or ``.svg``."""
        if form == ".html":
            return self.page().encode()
        if form == ".json":
            return json.dumps(self.as_dict(), allow_nan=False, indent=1).encode()
        buffer = BytesIO()
        self.picture(dark=dark).savefig(buffer, format=form.removeprefix("."))
        return buffer.getvalue()

    def save(
        self, path: str | PathLike[str], *, dark: bool = False, overwrite: bool = False
    ) -> None:
        """Write a file, completely or not at all; its name chooses the format.

        Raises
        ------
        SettingsError, OutputError
            As `thalweg.reporting.figures.picture.save_figure` does.
        """
        form = check_ending(path, "A sweep", FORMS, bare=False)
        write_atomic(path, self.rendered(form, dark=dark), overwrite=overwrite)

    def __str__(self) -> str:
        """The finding and its numbers, in lines of text."""
        return "\n".join(self.lines())

    __repr__ = __str__
