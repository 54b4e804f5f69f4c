"""The groups of a column with their metrics and tests, as frozen data."""

import math
from dataclasses import dataclass
from typing import cast

from thalweg.evaluation.judging.intervals import Estimate
from thalweg.evaluation.subgroups.group_contrasts import Contrast
from thalweg.evaluation.subgroups.group_shapes import (
    GroupData,
    GroupMetricData,
    GroupTableData,
    HeterogeneityData,
    SubgroupsData,
    UnnoticedData,
)

_NAN = float("nan")
LEVEL = 0.05


@dataclass(frozen=True)
class GroupMetric:
    """A metric in a group.

    Parameters
    ----------
    estimate : Estimate
    why : str
        Why it is not judged; empty if it is.
    rest : float
        The metric in all other rows; NaN if it was not tested against them.
    p, p_adjusted : float
        Of the test of the group against the rest, and with Holm's correction over all tests.
    larger : float
        Of a test by ranks: in how many of the pairs of a row of the group and one of the rest the
        size is larger in the group. NaN of other tests.
    """

    estimate: Estimate
    why: str = ""
    rest: float = _NAN
    p: float = _NAN
    p_adjusted: float = _NAN
    larger: float = _NAN

    @property
    def judged(self) -> bool:
        """Whether the group has enough rows for this metric."""
        return not self.why

    @property
    def differs(self) -> bool:
        """Whether the group differs from the rest by more than random variation, adjusted."""
        return self.p_adjusted < LEVEL

    def as_dict(self) -> GroupMetricData:
        """The metric as plain data."""
        found = {
            **self.estimate.as_dict(),
            "judged": self.judged,
            "why": self.why,
            "rest": _plain(self.rest),
            "p": _plain(self.p),
            "p_adjusted": _plain(self.p_adjusted),
        }
        if not math.isnan(self.larger):
            found["larger"] = self.larger
        return cast(GroupMetricData, found)


def _plain(number: float) -> float | None:
    return None if number != number else number


@dataclass(frozen=True)
class Group:
    """A group of rows.

    Parameters
    ----------
    name : str
    n : int
        Its rows.
    events : float or None
        Of two classes the positive rows, in proportion to their weights; None in a group of fewer
        than 10 rows.
    metrics : dict of str to GroupMetric
    """

    name: str
    n: int
    events: float | None
    metrics: dict[str, GroupMetric]

    def as_dict(self) -> GroupData:
        """The group as plain data."""
        metrics = {key: metric.as_dict() for key, metric in self.metrics.items()}
        return {"name": self.name, "n": self.n, "events": self.events, "metrics": metrics}


@dataclass(frozen=True)
class Unnoticed:
    """What the test of the smallest group of a metric would have found with a power of 80 %.

    Parameters
    ----------
    metric, name : str
        Its key, and its name in sentences.
    group : str
    n : float
        The rows of the group that count for this metric.
    rest : float
        The metric in all other rows.
    value : float
        The value nearest to that of the rest that would have been found; NaN if there is none. An
        intercept and a mean error may differ as much in the other direction.
    difference : float
    """

    metric: str
    name: str
    group: str
    n: float
    rest: float
    value: float
    difference: float

    def as_dict(self) -> UnnoticedData:
        """The same as plain data."""
        return {
            "metric": self.metric,
            "group": self.group,
            "n": self.n,
            "rest": _plain(self.rest),
            "value": _plain(self.value),
            "difference": _plain(self.difference),
        }


@dataclass(frozen=True)
class GroupTable:
    """The groups of one column.

    Parameters
    ----------
    column : str
    groups : tuple of Group
    heterogeneity : dict of str to Contrast
        For each tested metric the test over all judged groups at once; not adjusted.
    unnoticed : tuple of Unnoticed
    refused : str or None
        Why nothing is compared.
    """

    column: str
    groups: tuple[Group, ...]
    heterogeneity: dict[str, Contrast]
    unnoticed: tuple[Unnoticed, ...]
    refused: str | None = None

    def as_dict(self) -> GroupTableData:
        """The table as plain data."""
        return {
            "column": self.column,
            "refused": self.refused,
            "groups": [group.as_dict() for group in self.groups],
            "heterogeneity": {key: _test(found) for key, found in self.heterogeneity.items()},
            "unnoticed": [each.as_dict() for each in self.unnoticed],
        }


def _test(found: Contrast) -> HeterogeneityData:
    return {"chi2": _plain(found.statistic), "df": found.df, "p": _plain(found.p)}


@dataclass(frozen=True)
class Subgroups:
    """Groups of rows, by each of the columns that a person named.

    Parameters
    ----------
    tables : tuple of GroupTable
    overall : dict of str to Estimate
        The metrics of all rows.
    n_tests : int
        Tests of a group against the rest, over all tables: Holm's correction is over these.
    sentence : str
    notes : tuple of str
        What a reader of the tables must know.
    refused : str or None
        Why there are no tables.
    """

    tables: tuple[GroupTable, ...] = ()
    overall: dict[str, Estimate] | None = None
    n_tests: int = 0
    sentence: str = ""
    notes: tuple[str, ...] = ()
    refused: str | None = None

    def as_dict(self) -> SubgroupsData:
        """All tables as plain data, fit for JSON."""
        overall = self.overall or {}
        return {
            "refused": self.refused,
            "overall": {key: each.as_dict() for key, each in overall.items()},
            "tables": [table.as_dict() for table in self.tables],
            "n_tests": self.n_tests,
            "sentence": self.sentence,
            "notes": list(self.notes),
        }
