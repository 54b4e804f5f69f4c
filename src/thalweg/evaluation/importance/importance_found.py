"""What was found on the importance of columns: one frozen object, its data frame and plain data."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

import pandas as pd

from thalweg.evaluation.answers import How
from thalweg.evaluation.importance.column_groups import Columns, group_name
from thalweg.evaluation.judging.intervals import Estimate
from thalweg.evaluation.judging.shapes import EstimateData

# The kinds of lines: a column permuted alone, and a group permuted together.
ALONE, GROUP = "alone", "group"


class RiseData(TypedDict):
    """How far the loss rises for a column or a group, for JSON and model files."""

    members: list[int]
    value: float
    low: float
    high: float
    networks: list[float] | None
    without: EstimateData | None


class ImportanceData(TypedDict):
    """The importance of columns, for JSON and model files."""

    columns: list[str]
    measure: str
    unit: str
    how: How
    rows: str
    n_rows: int
    n_permutations: int
    n_networks: int
    loss: float
    constant: str
    constant_loss: float
    refit_loss: float | None
    rises: list[RiseData]


@dataclass(frozen=True)
class Rise:
    """How far the loss rises if the cells of a column, or of a group, are permuted.

    Parameters
    ----------
    members : tuple of int
        The columns: one, or those of a group.
    loss : Estimate
        The rise of the mean loss, with its 95 % interval over the rows.
    networks : tuple of float or None
        The least and the greatest rise of a single network; None without several networks.
    without : Estimate or None
        The rise of the loss of models that are fitted without these columns; None: not asked for.
    """

    members: Columns
    loss: Estimate
    networks: tuple[float, float] | None = None
    without: Estimate | None = None

    @property
    def kind(self) -> str:
        """``alone`` or ``group``."""
        return ALONE if len(self.members) == 1 else GROUP

    def as_dict(self) -> RiseData:
        """Plain data."""
        value, low, high = self.loss.value, self.loss.low, self.loss.high
        return {
            "members": list(self.members),
            "value": value,
            "low": low,
            "high": high,
            "networks": None if self.networks is None else list(self.networks),
            "without": None if self.without is None else self.without.as_dict(),
        }


@dataclass(frozen=True, eq=False)
class Importance:
    """The importance of the columns of a table for a model.

    Parameters
    ----------
    columns : tuple of str
        All columns of the model.
    measure, unit : str
        The loss in words, and its unit or "".
    how : How
        Which rows these are for the model.
    rows : str
        The same in sentences.
    n_rows, n_permutations, n_networks : int
        Rows that were used; networks that answered (0: the model has none).
    loss : float
        The mean loss of the model on these rows.
    constant : str
        The name of the best constant answer.
    constant_loss : float
        Its mean loss on these rows.
    rises : tuple of Rise
        Every column alone, and every group.
    refit_loss : float or None
        The mean loss of the models with all columns with which refits are compared.
    """

    columns: tuple[str, ...]
    measure: str
    unit: str
    how: How
    rows: str
    n_rows: int
    n_permutations: int
    n_networks: int
    loss: float
    constant: str
    constant_loss: float
    rises: tuple[Rise, ...]
    refit_loss: float | None = None

    def share(self, rise: float) -> float:
        """A rise as a share of the way from the constant answer to the model."""
        return rise / (self.constant_loss - self.loss)

    def name(self, rise: Rise) -> str:
        """The column, or the group by its members."""
        return group_name([self.columns[j] for j in rise.members])

    def alone(self) -> list[Rise]:
        """Each column alone, in the order of the table."""
        return sorted(
            (rise for rise in self.rises if rise.kind == ALONE), key=lambda rise: rise.members
        )

    def ordered(self) -> list[tuple[Rise, Rise | None]]:
        """Groups and columns outside them, the greatest first; under each group its members.

        Returns
        -------
        list of (Rise, Rise or None)
            The second is the group of a member.
        """
        groups = {j: rise for rise in self.rises if rise.kind == GROUP for j in rise.members}
        heads = [rise for rise in self.rises if rise.kind == GROUP or rise.members[0] not in groups]
        found: list[tuple[Rise, Rise | None]] = []
        for head in sorted(heads, key=_by_size):
            found.append((head, None))
            if head.kind == GROUP:
                inside = [rise for rise in self.alone() if groups.get(rise.members[0]) is head]
                found += [(rise, head) for rise in sorted(inside, key=_by_size)]
        return found

    def frame(self) -> pd.DataFrame:
        """A row for each column and group; see `importance`."""
        lines = [self._line(rise, group) for rise, group in self.ordered()]
        found = pd.DataFrame(lines)
        found.attrs.update({key: value for key, value in self.as_dict().items() if key != "rises"})
        return found

    def _line(self, rise: Rise, group: Rise | None) -> dict[str, Any]:
        least, greatest = rise.networks or (math.nan, math.nan)
        line: dict[str, Any] = {
            "column": self.name(rise),
            "value": rise.loss.value,
            "low": rise.loss.low,
            "high": rise.loss.high,
            "kind": rise.kind,
            "group": "" if group is None else self.name(group),
            "members": tuple(self.columns[j] for j in rise.members),
            "networks_low": least,
            "networks_high": greatest,
            "share": self.share(rise.loss.value),
        }
        if self.refit_loss is None:
            return line
        without = rise.without or Estimate(math.nan, math.nan, math.nan)
        return {
            **line,
            "without": without.value,
            "without_low": without.low,
            "without_high": without.high,
        }

    def as_dict(self) -> ImportanceData:
        """Plain data for JSON and model files."""
        return {
            "columns": list(self.columns),
            "measure": self.measure,
            "unit": self.unit,
            "how": self.how,
            "rows": self.rows,
            "n_rows": self.n_rows,
            "n_permutations": self.n_permutations,
            "n_networks": self.n_networks,
            "loss": self.loss,
            "constant": self.constant,
            "constant_loss": self.constant_loss,
            "refit_loss": self.refit_loss,
            "rises": [rise.as_dict() for rise in self.rises],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Importance":
        """Rebuild it from `as_dict`, as a model file has it: without refits."""
        rises = tuple(
            Rise(
                tuple(each["members"]),
                Estimate(*(float(each[key]) for key in ("value", "low", "high"))),
                None if each["networks"] is None else _pair(each["networks"]),
            )
            for each in data["rises"]
        )
        kept = {key: data[key] for key in ImportanceData.__annotations__ if key != "refit_loss"}
        return cls(**{**kept, "columns": tuple(data["columns"]), "rises": rises})


def _pair(ends: Sequence[float]) -> tuple[float, float]:
    return float(ends[0]), float(ends[1])


def _by_size(rise: Rise) -> tuple[float, Columns]:
    return -rise.loss.value, rise.members
