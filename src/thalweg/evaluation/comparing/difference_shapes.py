"""The types of comparisons with a margin as plain data."""

from typing import TypedDict

from thalweg.evaluation.judging.shapes import EstimateData


class ChancesData(TypedDict):
    """The probabilities that a model is worse, practically equal and better."""

    worse: float
    equal: float
    better: float


class RulingData(EstimateData):
    """A difference with its 95 % and 90 % intervals, the margin, and what follows.

    ``rows_needed`` is None if it is unknown, ``chances`` without repeated cross-validation.
    """

    low90: float | str | None
    high90: float | str | None
    measure: str
    margin: float
    margin_from: str
    verdict: str
    rows_needed: int | None
    chances: ChancesData | None
