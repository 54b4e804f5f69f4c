"""The result of a sweep: a cell for each learning rate and number of units, and what it shows."""

from dataclasses import dataclass
from typing import Any

from thalweg.evaluation.comparing.rounded_limits import with_least
from thalweg.landscape.numbers_in_words import loss_in_words, written
from thalweg.landscape.plain_data import fields_of, finite_or_none
from thalweg.landscape.sweeps.above_the_lowest import LowestBesideConstant
from thalweg.wording import counted, even


@dataclass(frozen=True, eq=False)
class SweepCell:
    """One setting.

    Attributes
    ----------
    units : int
    rate : float
    seed_losses : tuple of float
        The held-out loss of each network; NaN for one that diverged.
    diverged : int
        How many networks diverged. Then there is no mean: that of the others would be one of the
        lucky ones.
    loss, error, of_rows, of_seeds : float or None
        The mean loss, its standard error, and its two parts.
    low, high : float or None
        The 95 % interval of the mean.
    shown_higher : bool
        Whether its mean loss is shown to be above the lowest one (`above_the_lowest`).
    """

    units: int
    rate: float
    seed_losses: tuple[float, ...]
    diverged: int
    loss: float | None = None
    error: float | None = None
    of_rows: float | None = None
    of_seeds: float | None = None
    low: float | None = None
    high: float | None = None
    shown_higher: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain data."""
        losses = [finite_or_none(each) for each in self.seed_losses]
        return {**fields_of(self, "seed_losses"), "seed_losses": losses}


@dataclass(frozen=True, eq=False)
class Sweep:
    """The held-out loss over learning rate × units.

    Attributes
    ----------
    name, target, loss : str
        The table, its target in words, and the loss.
    units : tuple of int
    rates : tuple of float
    cells : tuple of SweepCell
        Units by units, in each the rates in order.
    seeds : tuple of int
    optimizer : str
        The text form, without its rate.
    activation : str
    steps, epochs, batch_rows : int
    train_rows, train_different, held_rows, held_different : int
        Rows of the table, and how many of them are different.
    constant : float
        The held-out loss of the best constant answer.
    seed : int
        Of the split.
    beside_constant : LowestBesideConstant or None
        The lowest cell minus the constant answer; ``None`` if no cell has a mean.
    """

    name: str
    target: str
    loss: str
    units: tuple[int, ...]
    rates: tuple[float, ...]
    cells: tuple[SweepCell, ...]
    seeds: tuple[int, ...]
    optimizer: str
    activation: str
    steps: int
    epochs: int
    batch_rows: int
    train_rows: int
    train_different: int
    held_rows: int
    held_different: int
    constant: float
    seed: int
    beside_constant: LowestBesideConstant | None = None

    def cell(self, units: int, rate: float) -> SweepCell:
        """The cell of these units at this rate."""
        return self.cells[self.units.index(units) * len(self.rates) + self.rates.index(rate)]

    @property
    def lowest(self) -> SweepCell | None:
        """The cell with the lowest mean loss; ``None`` if a network of every cell diverged."""
        known = [each for each in self.cells if each.loss is not None]
        return min(known, key=lambda each: each.loss or 0.0, default=None)

    def neighbours(self, cell: SweepCell) -> list[SweepCell]:
        """The cells one step away, in rate or in units."""
        i, j = self.units.index(cell.units), self.rates.index(cell.rate)
        places = ((i - 1, j), (i + 1, j), (i, j - 1), (i, j + 1))
        return [
            self.cells[a * len(self.rates) + b]
            for a, b in places
            if 0 <= a < len(self.units) and 0 <= b < len(self.rates)
        ]

    @property
    def finding(self) -> str:
        """What is lowest, and whether it can be told from its neighbours, in one sentence."""
        lowest = self.lowest
        if lowest is None:
            return "No setting has a mean: a network of every cell diverged"
        around = self.neighbours(lowest)
        higher = sum(each.shown_higher for each in around)
        lost = sum(each.diverged > 0 for each in around)
        alike = len(around) - higher - lost
        said = f"The held-out loss is lowest with {counted(lowest.units, 'unit')}"
        said += f" at rate {lowest.rate:g}"
        if not around:
            return f"{said}, the only setting"
        if alike:
            none = "no setting" if alike == len(around) else f"{alike} of {len(around)} settings"
            shown = "is shown" if alike == len(around) else "are not shown"
            if alike == 1 < len(around):
                shown = "is not shown"
            return f"{said}, but {none} beside it {shown} to be worse"
        if not higher:
            return f"{said}; at all settings beside it a network diverged"
        return f"{said}, and shown to be lower than at each setting beside it"

    def sentences(self) -> list[str]:
        """The numbers behind the finding, and what they are of."""
        lowest, said = self.lowest, []
        lost = sum(each.diverged > 0 for each in self.cells)
        n_cells = counted(len(self.cells) - lost, "cell")
        diverged = f" (in {lost} more a network diverged)" if lost else ""
        if lowest is not None and lowest.loss is not None and lowest.low is not None:
            loss, low, high = even((lowest.loss, lowest.low, lowest.high or 0.0), 3)
            said.append(
                f"The lowest mean loss is {loss}, with a 95 % interval from {low} to {high}. It is "
                "the lowest of "
                f"{n_cells}{diverged} on the rows that chose it: on new rows expect a higher one."
            )
            said += self._at_the_edge(lowest)
        said += [
            f"A constant answer has {written(self.constant)}{self._of_constant()}.",
            f"Each cell is the mean of {len(self.seeds)} networks with other starts, trained on "
            f"{counted(self.train_rows, 'row')} and evaluated on {self.held_rows:,} held-out rows "
            f"({self.held_different:,} of them different).",
            "Nothing is interpolated: between two cells there are other networks.",
        ]
        if lost:
            said.append(
                f"In {counted(lost, 'cell')} a network diverged: they are crossed out and have no "
                "mean, because that of the others would be one of the lucky ones."
            )
        return said

    def _at_the_edge(self, lowest: SweepCell) -> list[str]:
        """Whether lower losses may lie beyond the map."""
        beyond = [
            f"{more} {name} were not tried"
            for values, at, names in (
                (self.units, lowest.units, ("fewer", "more", "units")),
                (self.rates, lowest.rate, ("smaller", "larger", "rates")),
            )
            for edge, more, name in (
                (values[0], names[0], names[2]), (values[-1], names[1], names[2]))
            if at == edge and len(values) > 1 and (edge, more) != (1, "fewer")
        ]  # fmt: skip
        return [f"It lies at the edge of the map: {' and '.join(beyond)}."] if beyond else []

    def _of_constant(self) -> str:
        """Whether the lowest cell is shown to be below a constant answer."""
        found = self.beside_constant
        if found is None:
            return ""
        if found.difference >= 0:
            return ", and no cell is lower: it is not shown that anything is learned"
        start = ". On the same rows the lowest cell is "
        cells = counted(found.n_cells, "cell")
        of = f", the lowest of {cells}" if found.n_cells > 1 else ""
        if found.shown:
            lower, least = with_least(-found.difference, -found.high, 3)
            return (
                f"{start}{lower} lower; at 95 %{of}, it is at least {least} lower: "
                "it is shown that something is learned"
            )
        lower, most = even((-found.difference, found.high), 3)
        return (
            f"{start}{lower} lower, but at 95 %{of}, it may be {most} higher: "
            "it is not shown that anything is learned"
        )

    @property
    def about(self) -> str:
        """Table, network and training in one line."""
        return (
            f"{self.name}: {self.target}, by {loss_in_words(self.loss)}. One hidden layer "
            f"({self.activation}), {self.optimizer}, {self.steps:,} steps in batches of "
            f"{counted(self.batch_rows, 'row')}; seeds {self.seeds[0]} to {self.seeds[-1]}."
        )

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain data for JSON."""
        lowest = self.lowest
        where = lowest and {"units": lowest.units, "rate": lowest.rate}
        words = {"finding": self.finding, "sentences": self.sentences()}
        return {**fields_of(self), "lowest": where, **words}
