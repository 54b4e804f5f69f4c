"""`effects`: the effect curves of a model, and `Effects`, which shows them in every way."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.special import expit, logit
from sklearn.utils import _safe_indexing
from sklearn.utils.validation import check_is_fitted

from thalweg.counter_based_random import generator
from thalweg.data.typing import GroupsLike, Label, TableLike, WeightsLike
from thalweg.errors import DataError
from thalweg.estimators.effects.fitted_source import FittedSource
from thalweg.estimators.input_tables import read_for_predict
from thalweg.estimators.network_estimator import NetworkEstimator
from thalweg.evaluation.answers import checked_weights, require_comparable_weights
from thalweg.evaluation.dependent_rows import group_codes
from thalweg.evaluation.effects.any_model_source import (
    AskedScale,
    CertainAnswerError,
    TableSource,
    as_table,
)
from thalweg.evaluation.effects.curves_of_columns import LeftOut, Wanted, effect_curves
from thalweg.evaluation.effects.effect import Effect, effects_section
from thalweg.evaluation.effects.effect_source import EffectSource, Floats, Rows, Scale
from thalweg.evaluation.effects.row_counts import RowCounts
from thalweg.reporting.effects.effect_words import effect_lines, effects_html
from thalweg.wording import counted

if TYPE_CHECKING:
    from thalweg.reporting.figures.picture import Picture

# Of more rows some are drawn.
MOST_ROWS = 20_000


@dataclass(frozen=True, eq=False)
class Effects:
    """Effect curves of a model; iterating gives each `Effect`. A notebook draws them.

    Attributes
    ----------
    effects : tuple of thalweg.evaluation.effects.effect.Effect
        The curve of each column, and of several classes one for each class; the column with the
        greatest effect first, unless columns were named.
    left_out : tuple of (column, why)
        Columns without a curve.
    scale : {"log-odds", "probability", "number"}
        Of two classes the log-odds of the positive one, unless a probability is exactly 0 or 1; of
        more classes the probability of each; else the predicted number.
    n_rows : float
        The rows that the curves are computed on; weights count as rows.
    mean_probability : float or None
        Of the positive one of two classes, over the rows.
    centered : bool
    notes : tuple of str
        What a reader must know of all curves.
    """

    effects: tuple[Effect, ...]
    left_out: tuple[LeftOut, ...]
    scale: Scale
    n_rows: float
    mean_probability: float | None
    centered: bool
    notes: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[Effect]:
        return iter(self.effects)

    def __len__(self) -> int:
        return len(self.effects)

    def __getitem__(self, column: str) -> Effect:
        """The effect of a column; of several classes that of the first."""
        for each in self.effects:
            if each.column == column:
                return each
        raise KeyError(column)

    def percent(self, values: Floats) -> Floats:
        """Centred log-odds as probabilities in %, from the mean probability of the rows.

        100 / (1 + exp(-(log p̄/(1 - p̄) + value))), with the mean probability p̄.
        """
        assert self.mean_probability is not None
        found: Floats = 100 * expit(logit(self.mean_probability) + values)
        return found

    def to_frame(self) -> pd.DataFrame:
        """A line for each point of each curve.

        Returns
        -------
        DataFrame
            ``column``; ``class`` for several classes; ``kind``; ``x`` (a number, a level, a date as
            text, None for a missing value); ``mean``, ``low``, ``high``; ``rows_in_bin``;
            ``supported``; and ``network_1`` and so on.
        """
        several = len({each.output for each in self.effects}) > 1
        n_networks = max((len(each.members) for each in self.effects), default=0)
        networks = [f"network_{m + 1}" for m in range(n_networks)]
        lines = [line for each in self.effects for line in _lines(each, several=several)]
        heads = ["column", *(["class"] if several else []), "kind", "x", "mean", "low", "high"]
        found = pd.DataFrame(lines, columns=[*heads, "rows_in_bin", "supported", *networks])
        return found.astype({"x": object})

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON: numbers are not rounded."""
        return {
            "scale": self.scale,
            "rows": self.n_rows,
            "mean_probability": self.mean_probability,
            "centered": self.centered,
            "effects": [each.as_dict() for each in self.effects],
            "left_out": [{"column": each.column, "why": each.why} for each in self.left_out],
            "notes": list(self.notes),
        }

    def section(self, order: Sequence[str] | None = None) -> list[dict[str, Any]]:
        """The curves for a page (`thalweg.evaluation.effects.effect.effects_section`)."""
        return effects_section(self.effects, order)

    def plot(self, *, target: str = "", dark: bool = False) -> "Picture":
        """Draw the curves as small multiples (`thalweg.reporting.figures.effect_plot`)."""
        from thalweg.reporting.figures.effect_plot import effects_figure

        return effects_figure(self, target=target, dark=dark)

    def __str__(self) -> str:
        return "\n".join(effect_lines(self))

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        """The curves for a notebook: a picture and what it says, without a script."""
        return effects_html(self)


def _lines(effect: Effect, *, several: bool) -> list[tuple[Any, ...]]:
    of = (effect.column, *((effect.output,) if several else ()), effect.kind)
    x = effect.as_dict()["x"]
    found = [
        (
            *of, x[k], *(float(each[k]) for each in (effect.mean, effect.low, effect.high)),
            float(effect.rows_in_bin[k]), bool(effect.supported[k]), *effect.members[:, k].tolist(),
        )
        for k in range(len(x))
    ]  # fmt: skip
    its = effect.missing
    if its is not None:
        found.append(
            (*of, None, its.mean, its.low, its.high, its.rows, its.supported, *its.members.tolist())
        )
    return found


def effects(
    model: Any,
    X: TableLike,
    columns: Sequence[str] | None = None,
    kind: str = "ale",
    *,
    centered: bool = True,
    scale: AskedScale = "auto",
    positive: Label | None = None,
    bands: bool = False,
    sample_weight: WeightsLike = None,
    groups: GroupsLike = None,
    seed: int = 0,
    on_column: Callable[[int, int], object] | None = None,
) -> Effects:
    """How the answers of a model change with each column; docs/effects.md has examples.

    Parameters
    ----------
    model : estimator or callable
        Fitted; of thalweg or of any library with ``predict_proba`` or ``predict``; or a function
        of a table that gives a number for each row.
    X : DataFrame (pandas, polars), Arrow table or array
        Rows like those that the model is for, 50 or more. No target is needed. For models of
        other libraries a pandas DataFrame or an array. Of more than 20,000 rows some are drawn.
    columns : sequence of str, optional
        Default: all.
    kind : {"ale", "pdp", "auto"}, default "ale"
        Accumulated local effects, which ask only about combinations near those that occur; partial
        dependence; or partial dependence where the column depends on no other by 0.3 or more.
    centered : bool, default True
        Whether the mean of each curve over the rows is 0, or the mean answer.
    scale : {"auto", "log-odds", "probability"}, default "auto"
        Of two classes.
    positive : label, optional
        Whose answers are shown, of two classes; default: the model's own.
    bands : bool, default False
        Whether to compute the 10, 50 and 90 % quantiles of the curves of single rows.
    sample_weight : array-like, shape (n_rows,), optional
        A row of weight 2 counts as two equal rows.
    groups : array-like, shape (n_rows,), optional
        Rows of one group are drawn together for the intervals.
    seed : int, default 0
        Of the resamples.
    on_column : callable, optional
        Called with the number of columns done and of all.

    Returns
    -------
    Effects

    Raises
    ------
    DataError, SettingsError
        For fewer than 50 rows, an unknown column or kind, or a named column in which too few rows
        differ.
    """
    wanted = Wanted(columns, kind, centered, bands)
    wanted.require()
    table = _table_of(model, X)
    weights = checked_weights(
        np.ones(len(table)) if sample_weight is None else np.asarray(sample_weight), len(table)
    )
    codes = group_codes(None if groups is None else _checked_groups(groups, len(table)))
    rows, n_rows = _rows(weights, seed), int(np.count_nonzero(weights))
    require_comparable_weights(weights)
    if codes is not None:
        codes = np.unique(codes[rows], return_inverse=True)[1].reshape(-1)
    counts = RowCounts(weights[rows], seed, codes)
    if isinstance(model, NetworkEstimator):
        source: EffectSource = FittedSource(model._known, table[rows], scale, positive)
        found = effect_curves(source, counts, wanted, on_column)
        return _effects(source, counts, found, wanted, n_rows, notes=[])
    table = _safe_indexing(table, rows)
    notes = ["How like the training rows moved rows are is not known of this model"]
    try:
        source = TableSource(model, table, positive, scale)
        found = effect_curves(source, counts, wanted, on_column)
    except CertainAnswerError:
        if scale == "log-odds":
            raise DataError(
                "The model gives a probability of exactly 0 or 1, which has no log-odds",
                fix='give scale="auto" or scale="probability"',
            ) from None
        source = TableSource(model, table, positive, "probability")
        found = effect_curves(source, counts, wanted, on_column)
        notes.append("Curves are of probabilities, because some are exactly 0 or 1")
    return _effects(source, counts, found, wanted, n_rows, notes)


def _table_of(model: Any, X: TableLike) -> Any:
    if not isinstance(model, NetworkEstimator):
        return as_table(X)
    check_is_fitted(model)
    return np.asarray(read_for_predict(model, X), np.float64)


def _checked_groups(groups: GroupsLike, n_rows: int) -> np.ndarray:
    found = np.asarray(groups)
    if found.shape != (n_rows,):
        raise DataError(
            "The groups and the table do not match",
            where=f"groups of shape {found.shape}, {n_rows:,} rows",
            fix="pass the group of every row",
        )
    return found


def _rows(weights: Floats, seed: int) -> Rows:
    """The rows that count, or 20,000 of them, drawn at random."""
    rows = np.flatnonzero(weights > 0)
    if len(rows) > MOST_ROWS:
        drawn = generator(seed, "effect rows").permutation(len(rows))
        rows = np.sort(rows[drawn[:MOST_ROWS]])
    return np.asarray(rows, np.intp)


def _effects(
    source: EffectSource,
    counts: RowCounts,
    found: Any,
    wanted: Wanted,
    n_table: int,
    notes: list[str],
) -> Effects:
    mean = mean_probability_of(source, counts)
    if len(counts.weights) < n_table and len(counts.weights) == MOST_ROWS:
        notes.insert(0, f"Computed on {MOST_ROWS:,} of {counted(n_table, 'row')}, drawn at random")
    return Effects(
        found.effects, found.left_out, source.scale, counts.n, mean, wanted.centered, tuple(notes)
    )


def mean_probability_of(source: EffectSource, counts: RowCounts) -> float | None:
    """The mean probability of the positive one of two classes; None on other scales."""
    if source.scale != "log-odds":
        return None
    return float(expit(source.own[0, :, 0]) @ counts.counts / counts.n)
