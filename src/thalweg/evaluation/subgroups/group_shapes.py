"""The types of subgroup tables as plain data."""

from typing import NotRequired, TypedDict

from thalweg.evaluation.judging.shapes import EstimateData


class GroupMetricData(EstimateData):
    """A metric in a group; ``why`` says why it is not judged, or is empty.

    ``larger`` is of a test by ranks: in how many of the pairs of a row of the group and one of the
    rest the size is larger in the group.
    """

    judged: bool
    why: str
    rest: float | None
    p: float | None
    p_adjusted: float | None
    larger: NotRequired[float]


class GroupData(TypedDict):
    """A group; ``events`` is None for numbers and several classes, and in very small groups."""

    name: str
    n: int
    events: float | None
    metrics: dict[str, GroupMetricData]


class HeterogeneityData(TypedDict):
    """A test of one metric over all groups of a table."""

    chi2: float | None
    df: int
    p: float | None


class UnnoticedData(TypedDict):
    """What the test of one group would have found with a power of 80 %; None: nothing at all."""

    metric: str
    group: str
    n: float
    rest: float | None
    value: float | None
    difference: float | None


class GroupTableData(TypedDict):
    """The groups of one column."""

    column: str
    refused: str | None
    groups: list[GroupData]
    heterogeneity: dict[str, HeterogeneityData]
    unnoticed: list[UnnoticedData]


class SubgroupsData(TypedDict):
    """The tables of all columns that a person named."""

    refused: str | None
    overall: dict[str, EstimateData]
    tables: list[GroupTableData]
    n_tests: int
    sentence: str
    notes: list[str]
