"""The curve of a setting with all its outputs: text, table, picture, page, notebook display."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from thalweg.evaluation.curves.curve_sentences import finding, sentences, verdict
from thalweg.evaluation.curves.setting_curve import SettingCurve
from thalweg.reporting.figures.picture import Picture
from thalweg.reporting.notebook.framed_page import FramedPage
from thalweg.reporting.sweeps.curve_page import about, curve_html, value_lines
from thalweg.reporting.sweeps.curve_plot import curve_figure
from thalweg.reporting.sweeps.saved_sweep import SavedSweep

if TYPE_CHECKING:
    import pandas as pd

# Of the page inside a notebook, in pixels.
_HEIGHT = 900


@dataclass(frozen=True, eq=False)
class ShownCurve(SavedSweep):
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

    def picture(self, *, dark: bool = False) -> Picture:
        """Training and held-out loss over the setting, as a figure."""
        return curve_figure(self.curve, dark=dark)

    def plot(self, *, dark: bool = False) -> Picture:
        """The same as ``picture``."""
        return self.picture(dark=dark)

    def page(self) -> str:
        """The same as one offline page."""
        return curve_html(self.curve, self.recipes)

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

    def _repr_html_(self) -> str:
        """The page in a frame, for displays that ask for HTML alone."""
        return self._framed().html()

    def _framed(self) -> FramedPage:
        return FramedPage(self.page(), self.plot(), height=_HEIGHT, words=str(self))
