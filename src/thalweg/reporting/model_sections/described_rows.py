"""The rows by which a fitted model is described, and how many of them are asked."""

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from sklearn.utils import _safe_indexing

from thalweg.counter_based_random import generator
from thalweg.data.likeness.table_likeness import Likeness
from thalweg.estimators.importance.importance_of_fit import owned_columns
from thalweg.estimators.input_tables import read_for_predict
from thalweg.estimators.network_estimator import NetworkEstimator
from thalweg.evaluation.answers import How
from thalweg.evaluation.comparing.beside_constant import BesideConstant
from thalweg.evaluation.importance.asked_items import PERMUTATIONS, ColumnGroups
from thalweg.evaluation.importance.chosen_rows import chosen_rows
from thalweg.evaluation.importance.column_association import associations
from thalweg.evaluation.importance.column_groups import found_groups
from thalweg.evaluation.importance.moved_tables import AnyTable
from thalweg.evaluation.section_texts.reasons_left_out import NOT_ASKED_IN_PYTHON
from thalweg.evaluation.task_kinds import THE_NETWORK
from thalweg.wording import counted

# So many rows are answered by networks for one section at most: some seconds on one core.
_MOST_WORK = 1_500_000
_LEAST_ROWS = 300
# Another estimator may take long for each call, so it gets fewer calls, of fewer rows.
_MOST_CALLS, _MOST_OF_OTHERS = 100, 2000
_MOST_MOVES = 600


class Effort(NamedTuple):
    """How many rows are asked at most, and how often each column is permuted."""

    n_rows: int
    n_permutations: int


@dataclass(frozen=True, eq=False)
class DescribedRows:
    """A fitted model, and rows of the table that it answers.

    Parameters
    ----------
    model : object
        Of thalweg, or any with ``predict``.
    X : table
        The rows, in the type that the model takes.
    y : ndarray, shape (n_rows,)
        Labels or numbers.
    how : How
        What kind of rows they are for the model.
    seed : int
    weights, groups : ndarray of shape (n_rows,), or None
    subject : str
        What the model is called.
    numbers : ndarray of int, shape (n_rows,), or None
        Their numbers in the file, from 1, if a person asked for explained rows.
    how_to_ask : str
        Why no row is explained if nobody asked, and how to ask.
    elsewhere : str
        Where a reader finds the importance that these rows do not show, as a sentence; "" if
        nowhere.
    target : str
        The name of a numeric target; "" if it is not known.
    whole, whole_weights : table and ndarray, or None
        The table that the rows are of, and how much each of its rows counts: groups of columns are
        found in all rows, because they do not depend on the target.
    drawn : str
        That the rows are a sample, as a sentence; "" if they are all.
    beside : BesideConstant or None
        What a verdict on these rows found.
    """

    model: Any
    X: Any
    y: np.ndarray
    how: How
    seed: int
    weights: np.ndarray | None = None
    groups: np.ndarray | None = None
    subject: str = THE_NETWORK
    numbers: np.ndarray | None = None
    how_to_ask: str = NOT_ASKED_IN_PYTHON
    elsewhere: str = ""
    target: str = ""
    whole: Any = None
    whole_weights: np.ndarray | None = None
    drawn: str = ""
    beside: BesideConstant | None = None

    def __len__(self) -> int:
        return len(self.y)

    @property
    def network(self) -> NetworkEstimator | None:
        """The model, if it is one of thalweg."""
        return self.model if isinstance(self.model, NetworkEstimator) else None

    @property
    def likeness(self) -> Likeness | None:
        """What the model keeps of its training rows."""
        return None if self.network is None else self.network._known.likeness

    @property
    def n_columns(self) -> int:
        """The columns of the user's table that the model has."""
        if self.network is not None:
            return len(self.network.schema_.given_names)
        return len(AnyTable(self.X).names)

    def matrix(self) -> np.ndarray:
        """The rows as a model of thalweg reads them, shape (n_rows, n_features)."""
        assert self.network is not None
        return np.asarray(read_for_predict(self.network, self.X), np.float64)

    def column_groups(self) -> ColumnGroups:
        """The groups of columns that are permuted together; "auto": those found in these rows."""
        if self.network is None or self.whole is None:
            return "auto"
        schema = self.network.schema_
        first = [int(own[0]) for own in owned_columns(schema)]
        own = np.asarray(read_for_predict(self.network, self.whole), np.float64)[:, first]
        levels = [schema.n_levels[j] for j in first]
        found = found_groups(associations(own, levels, self.whole_weights))
        return [[schema.given_names[j] for j in group] for group in found]

    def effort(self) -> Effort:
        """How much importance may ask."""
        if self.network is None:
            n = int(np.clip(_MOST_CALLS // self.n_columns, 1, PERMUTATIONS))
            return Effort(_MOST_OF_OTHERS, n)
        n = int(np.clip(_MOST_MOVES // self.n_columns, 1, PERMUTATIONS))
        asked = self.n_columns * n * len(self.network.members_)
        return Effort(max(_LEAST_ROWS, _MOST_WORK // asked), n)

    def few(self, most: int) -> "DescribedRows":
        """At most so many of the rows, drawn at random, the same for any order of them."""
        if len(self) <= most:
            return self
        weights, groups = self.weights, self.groups
        if self.network is None:
            drawn = generator(self.seed, "some of the rows").choice(len(self), most, replace=False)
            places = np.sort(drawn)
        else:
            codes = np.unique(np.asarray(self.y), return_inverse=True)[1].astype(np.float64)
            chosen = chosen_rows(
                self.matrix(), codes, self.seed, weights=weights, groups=groups, most=most
            )
            places = chosen.places
            weights = None if chosen.used.weights is None else weights
        return replace(
            self,
            X=_safe_indexing(self.X, places),
            y=self.y[places],
            weights=None if weights is None else weights[places],
            groups=None if groups is None else groups[places],
            numbers=None if self.numbers is None else self.numbers[places],
            drawn=f"{len(places):,} of {counted(len(self), 'row')} were used, drawn at random.",
        )

    def __getitem__(self, places: np.ndarray) -> Any:
        """The table with these rows alone."""
        return _safe_indexing(self.X, places)
