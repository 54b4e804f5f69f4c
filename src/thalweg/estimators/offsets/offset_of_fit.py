"""Offsets and exposures: what a row's own size adds to, or multiplies, its answer.

With the logarithm as link (``poisson``, ``gamma``, ``tweedie``) the mean of a row is e · m(x), with
its exposure e = exp(offset). The fit of y with exposures is that of rates with weights
(`thalweg.evaluation.rates.rates_of_rows`). With the other losses the answer is offset + m(x), and
the fit is that of y - offset.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from thalweg.data.schema.schema import Schema
from thalweg.evaluation.rates.rates_of_rows import NO_INTERVALS
from thalweg.network.formulas.losses import loss
from thalweg.wording import parameter

Floats = NDArray[np.float64]
Kind: TypeAlias = Literal["offset", "exposure"]


@dataclass(frozen=True, eq=False)
class OffsetOfFit:
    """What a model keeps of the offsets of its fit.

    Attributes
    ----------
    kind : {"offset", "exposure"}
        Whether a row has an offset, or an exposure, which is exp(offset).
    schema : Schema or None
        Of the one column that has them; None if they were an array beside the table.
    level : float
        What weights are multiplied by, so that their sum stayed the same in the fit.
    """

    kind: Kind
    schema: Schema | None = None
    level: float = 1.0

    @property
    def column(self) -> str | None:
        """The name of the column, if it is known."""
        return None if self.schema is None else self.schema.names[0]

    @property
    def of_one(self) -> str:
        """What asks for the answer for one unit: ``exposure=1`` or ``offset=0``."""
        return "exposure=1" if self.kind == "exposure" else "offset=0"


def power_of(text: str) -> float | None:
    """p of a loss whose link is the logarithm, where the variance is mean^p; None of others."""
    formula = loss(text)
    if not formula.of_logarithm:
        return None
    return {"poisson": 1.0, "gamma": 2.0}.get(formula.name, formula.constant)


def no_intervals(kind_of: OffsetOfFit | None, text: str) -> str | None:
    """Why a model with offsets has no intervals, as the end of a sentence; None if it may have.

    A rate of a small exposure has more noise than that of a large one, so errors of held-out rates
    are not those of new rows. A gamma target has the same relative noise for all of them.
    """
    if kind_of is None or power_of(text) in (None, 2.0):
        return None
    return f"{NO_INTERVALS}. Fix: take {parameter('loss', 'gamma')}, if all targets are above 0"


def rate_name(target: str, offset: OffsetOfFit | None, text: str) -> str:
    """What a model of rates answers: ``claims per unit of years``; else the target.

    Of a target without a name it is a ``number per unit of years``.
    """
    if offset is None or power_of(text) is None:
        return target
    target = target or "number"
    column = "" if offset.column is None else f" of {offset.column}"
    if offset.kind == "exposure":
        return f"{target} per unit{column}"
    return f"{target} per exp({offset.column or 'offset'})"
