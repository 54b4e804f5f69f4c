"""The curve of a setting with all its outputs: text, table, picture, page, notebook display."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from os import PathLike
from typing import TYPE_CHECKING, Any

from thalweg.endings import check_ending
from thalweg.evaluation.curves.curve_sentences import finding, sentences, verdict
from thalweg.evaluation.curves.setting_curve import SettingCurve
from thalweg.files import write_atomic
from thalweg.reporting.figures.picture import Picture
from thalweg.reporting.notebook.framed_page import FramedPage, ShownAsPage
from thalweg.reporting.sweeps.curve_page import about, curve_html, value_lines
from thalweg.reporting.sweeps.curve_plot import curve_figure
from thalweg.reporting.sweeps.shown_sweep import FORMS

if TYPE_CHECKING:
    import pandas as pd

# Of the page inside a notebook, in pixels.
_HEIGHT = 900


@dataclass(frozen=True, eq=False)
class ShownCurve(ShownAsPage):
    """The losses of an estimator for values of one setting. A notebook displays its page.

    Attributes
    ----------
    curve : thalweg.evaluation.curves.setting_curve.SettingCurve
        All numbers.
    recipes : mapping of str to str
        How to make it again: ``command`` and ``python``, which its page offers to copy.
    """

    curve: SettingCurve
    recipes: Mapping[str, str] = field(default_factory=dict)

    @property
    def frame(self) -> "pd.DataFrame":
        """A row for each value.

        Its columns are the setting, ``train_loss``, ``loss`` (of held-out rows),
        ``standard_error`` (of ``loss``, over folds), ``seconds``, ``n_diverged`` (folds),
        ``is_default`` and ``beside_lowest``.
        """
        return self.curve.frame()

    @property
    def verdict(self) -> str:
        """Which values are not shown to be worse than the lowest, and where the default stands."""
        return verdict(self.curve)

    def plot(self, *, dark: bool = False) -> Picture:
        """Training and held-out loss over the setting, as a figure."""
        return curve_figure(self.curve, dark=dark)

    def page(self) -> str:
        """The same as one offline page."""
        return curve_html(self.curve, self.recipes)

    def rendered(self, form: str, *, dark: bool = False) -> bytes:
        """The bytes of a file with this ending: ``.html``, ``.json``, ``.png`` or ``.svg``."""
        if form == ".html":
            return self.page().encode()
        if form == ".json":
            return json.dumps(self.as_dict(), allow_nan=False, indent=1).encode()
        buffer = BytesIO()
        self.plot(dark=dark).savefig(buffer, format=form.removeprefix("."))
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

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain data for JSON."""
        said = {"finding": finding(self.curve), "verdict": self.verdict}
        return {**said, "sentences": sentences(self.curve), **self.curve.as_dict()}

    def lines(self) -> list[str]:
        """The text: the finding, what it is of, what it shows, and each value."""
        curve = self.curve
        return [
            f"{finding(curve)}.",
            f"{about(curve)}.",
            *sentences(curve),
            "",
            *value_lines(curve),
        ]

    def __str__(self) -> str:
        """The finding and its numbers, in lines of text."""
        return "\n".join(self.lines())

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """The page in a frame, for displays that ask for HTML alone."""
        return self._framed().html()

    def _framed(self) -> FramedPage:
        return FramedPage(self.page(), self.plot(), height=_HEIGHT, words=str(self))
