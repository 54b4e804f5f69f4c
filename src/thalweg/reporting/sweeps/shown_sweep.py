"""A sweep with all its outputs: text, picture, page, JSON, and notebook display."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from os import PathLike
from typing import Any

from thalweg.data.read import Table
from thalweg.data.typing import FrameLike
from thalweg.errors import UnfinishedError
from thalweg.landscape.given_values import about_table, require_known, table_given
from thalweg.landscape.sweeps.rate_units_sweep import UNITS, Watch, sweep_on_table
from thalweg.landscape.sweeps.swept_map import Sweep
from thalweg.reporting.figures.picture import Picture
from thalweg.reporting.landscape.python_recipe import sweep_recipe
from thalweg.reporting.notebook.framed_page import FramedPage
from thalweg.reporting.sweeps.saved_sweep import SavedSweep
from thalweg.reporting.sweeps.sweep_page import sweep_html, words_of
from thalweg.reporting.sweeps.sweep_plot import sweep_figure

_TRAINING = ("seeds", "optimizer", "activation", "alpha", "steps", "batch_size", "task")
# Of the page inside a notebook, in pixels.
_HEIGHT = 860


@dataclass(frozen=True, eq=False)
class ShownSweep(SavedSweep):
    """A sweep and the ways to show it. A notebook displays its page.

    Attributes
    ----------
    sweep : thalweg.landscape.sweeps.swept_map.Sweep
        All numbers.
    recipes : mapping of str to str
        How to make it again: ``command`` and ``python``, which its page offers to copy.
    """

    sweep: Sweep
    recipes: Mapping[str, str] = field(default_factory=dict)

    def picture(self, *, dark: bool = False) -> Picture:
        """The map as a figure."""
        return sweep_figure(self.sweep, dark=dark)

    def page(self) -> str:
        """The map as one offline page."""
        return sweep_html(self.sweep, self.recipes)

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain data for JSON."""
        return self.sweep.as_dict()

    def lines(self) -> list[str]:
        """The text: the finding, what it is of, the lowest cell and those beside it."""
        sweep = self.sweep
        said = [f"{sweep.finding}.", sweep.about, *sweep.sentences()]
        if sweep.lowest is not None:
            around = [sweep.lowest, *sweep.neighbours(sweep.lowest)]
            said += ["", *(words_of(sweep, each) for each in around)]
        return said

    def _framed(self) -> FramedPage:
        return FramedPage(self.page(), self.picture(), height=_HEIGHT, words=str(self))


def sweep(
    table: Table | str | PathLike[str] | FrameLike,
    rates: Sequence[float] = (),
    units: Sequence[int] = UNITS,
    *,
    seed: int = 0,
    watch: Watch | None = None,
    **training: Any,
) -> ShownSweep:
    """The held-out loss over learning rate × units, each cell the mean of several networks.

    Parameters
    ----------
    table : Table, str, path or DataFrame
        A table with its target, or one that ``load_table`` reads.
    rates : sequence of float, optional
        Learning rates; default: 0.03 to 100 times the default rate of the optimizer.
    units : sequence of int, optional
        Units of the one hidden layer.
    seed : int, default 0
        The random seed of the split and of the first network.
    watch : callable, optional
        ``watch(done, all) -> stop``, with numbers of networks.
    **training
        ``seeds`` (networks of each cell, default 5), ``optimizer`` (default "sgd", whose rate is
        replaced), ``activation``, ``alpha``, ``steps``, ``batch_size`` and ``task``, as in
        `thalweg.landscape.sweeps.rate_units_sweep.sweep_on_table`. For a table that is read:
        ``target`` and what else ``load_table`` takes, and ``number``, ``category``, ``text`` and
        ``date`` of its columns, as in an estimator.

    Returns
    -------
    ShownSweep

    Raises
    ------
    UnfinishedError
        If ``watch`` ended it: a part of a map is not what was asked for.
    SettingsError, DataError
        For rates, units or a table from which no map can be made.

    Examples
    --------
    >>> from thalweg import sweep
    >>> sweep("wisconsin", rates=[0.01, 0.1, 1], units=[2, 15]).save("sweep.html")
    """
    require_known("sweep", training, _TRAINING)
    said, own = about_table(training)
    read = table_given(table, said)
    found = sweep_on_table(read, rates, units, seed=seed, watch=watch, **own)
    if found is None:
        raise UnfinishedError(
            "The sweep was ended before its last network",
            why="A part of a map is not what was asked for",
            fix="start it again",
        )
    asked = {"rates": found.rates, "units": found.units, "seed": seed, **training}
    return ShownSweep(found, {"python": sweep_recipe(table, asked)})
