"""The types of `evaluate` for type checkers: its options once, and what several targets are."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol, TypeAlias, TypedDict

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from thalweg.data.typing import GroupsLike, Label, WeightsLike
from thalweg.evaluation.any_estimator.evaluation import By


class ColumnsOfPolars(Protocol):
    """A DataFrame of polars."""

    def get_columns(self) -> list[Any]:
        """Its columns."""


# Several targets: a frame, or an array whose type says that it has two dimensions. Of an array of
# unknown dimensions a type checker cannot know what `evaluate` returns, and takes Any.
SeveralTargets: TypeAlias = (
    pd.DataFrame | np.ndarray[tuple[int, int], np.dtype[Any]] | ColumnsOfPolars
)


class EvaluationOptions(TypedDict, total=False):
    """The keywords of `evaluate`; its docstring says what each is."""

    how: str | Any | Iterable[tuple[Any, Any]]
    positive: Label | None
    groups: GroupsLike
    repeats: int
    folds: int
    seed: int
    random_state: int | None
    baselines: str | None
    costs: Mapping[str, float] | None
    margin: float | None
    loss: str | None
    sample_weight: WeightsLike
    by: By | None
    exposure: str | ArrayLike | None
    client: Any
