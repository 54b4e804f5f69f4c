"""`effects`: the effect curves of a fitted model of any library, or of a function."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from scipy.special import expit
from sklearn.utils import _safe_indexing
from sklearn.utils.validation import check_is_fitted

from thalweg.counter_based_random import generator
from thalweg.data.typing import GroupsLike, Label, TableLike, WeightsLike
from thalweg.errors import DataError
from thalweg.estimators.effects.fitted_source import FittedSource
from thalweg.estimators.importance.network_inside import answering_network
from thalweg.estimators.input_tables import read_for_predict
from thalweg.estimators.network_estimator import NetworkEstimator
from thalweg.evaluation.answers import checked_weights, require_comparable_weights
from thalweg.evaluation.any_estimator.inputs.asked_rows import checked_groups
from thalweg.evaluation.dependent_rows import group_codes
from thalweg.evaluation.effects.any_model_source import (
    AskedScale,
    CertainAnswerError,
    TableSource,
    as_table,
)
from thalweg.evaluation.effects.curves_of_columns import WantedCurves, effect_curves
from thalweg.evaluation.effects.effect_source import EffectSource, Rows
from thalweg.evaluation.effects.row_counts import RowCounts
from thalweg.evaluation.judging.regression_loss import statistic_of
from thalweg.evaluation.section_texts.effect_texts import LIKENESS_UNKNOWN, ROWS_UNKNOWN
from thalweg.reporting.effects.shown_effects import Effects

# Of more rows some are drawn.
MOST_ROWS = 20_000
_CERTAIN = "Curves are of probabilities, because some are exactly 0 or 1"


def effects(
    model: Any,
    X: TableLike,
    columns: str | int | Sequence[str | int] | None = None,
    kind: str = "ale",
    *,
    centered: bool = True,
    scale: AskedScale = "auto",
    positive: Label | None = None,
    bands: bool = False,
    sample_weight: WeightsLike = None,
    groups: GroupsLike = None,
    seed: int = 0,
    target: str = "",
    on_column: Callable[[int, int], object] | None = None,
) -> Effects:
    """How the answers of a model change with each column; docs/effects.md has examples.

    Parameters
    ----------
    model : estimator or callable
        Fitted; of thalweg or any library; or a function that gives a number for each row.
    X : DataFrame (pandas, polars) or array; for a model of thalweg also an Arrow table
        Rows like those that the model is for, 50 or more. Of more than 20,000 some are drawn.
    columns : name or sequence of names, optional
        Default: all. A number is a name of pandas or, without such names, a place from 0 on.
    kind : {"ale", "pdp", "auto"}, default "ale"
        Accumulated local effects, partial dependence, or the latter where a column depends on none.
    centered : bool, default True
        Whether the mean of each curve over the rows is 0, or the mean answer.
    scale : {"auto", "log-odds", "probability"}, default "auto"
        Of two classes.
    positive : label, optional
        Whose answers are shown, of two classes; default: the model's own.
    bands : bool, default False
        Whether to compute the 10, 50 and 90 % quantiles of the curves of single rows.
    sample_weight, groups : array-like, shape (n_rows,), optional
        A row of weight 2 counts as two; groups are drawn whole; fewer than 6 have no interval.
    seed : int, default 0
    target : str, default ""
        The name of a predicted number: sentences then say "units of price".
    on_column : callable, optional
        Called with the number of columns done and of all.

    Raises
    ------
    DataError, SettingsError
        For too few rows, or rows that differ too little in a named column; for what is not known.
    """
    wanted = WantedCurves(columns, kind, centered, bands, target)
    model = answering_network(model) or model
    wanted.require()
    table = _table_of(model, X)
    rows, counts, notes = _counted(len(table), sample_weight, groups, seed)
    run = partial(_effects, counts=counts, wanted=wanted, on_column=on_column)
    run = partial(run, statistic=statistic_of(model))
    if isinstance(model, NetworkEstimator):
        source: EffectSource = FittedSource(model._known, table[rows], scale, positive)
        return run(source, notes)
    return _of_any(model, _safe_indexing(table, rows), (positive, scale), run, notes)


def _of_any(
    model: Any,
    table: Any,
    asked: tuple[Label | None, AskedScale],
    run: Callable[..., Effects],
    notes: list[str],
) -> Effects:
    """The effects of a model of another library, or of a function."""
    positive, scale = asked
    try:
        return run(TableSource(model, table, positive, scale), notes)
    except CertainAnswerError:
        if scale == "log-odds":
            raise DataError(
                "The model gives a probability of exactly 0 or 1, which has no log-odds",
                fix='give scale="auto" or scale="probability"',
            ) from None
        source = TableSource(model, table, positive, "probability")
        return run(source, notes, _CERTAIN)


def _effects(
    source: EffectSource,
    notes: list[str],
    *more: str,
    counts: RowCounts,
    wanted: WantedCurves,
    on_column: Callable[[int, int], object] | None,
    statistic: str,
) -> Effects:
    found = effect_curves(source, counts, wanted, on_column)
    if not source.knows_likeness:
        notes = [*notes, LIKENESS_UNKNOWN.removesuffix(".")]
    if not source.n_folds:
        notes = [*notes, ROWS_UNKNOWN.removesuffix(".")]
    notes = [*notes, *more]
    mean = mean_probability_of(source, counts)
    return Effects(
        found.effects, found.left_out, source.scale, counts.n, mean, wanted.centered, tuple(notes),
        wanted.target, statistic,
    )  # fmt: skip


def mean_probability_of(source: EffectSource, counts: RowCounts) -> float | None:
    """The mean probability of the positive one of two classes; None on other scales."""
    if source.scale != "log-odds":
        return None
    return float(expit(source.own[0, :, 0]) @ counts.counts / counts.n)


def _table_of(model: Any, X: TableLike) -> Any:
    if not isinstance(model, NetworkEstimator):
        return as_table(X)
    check_is_fitted(model)
    return np.asarray(read_for_predict(model, X), np.float64)


def _counted(
    n_rows: int, sample_weight: WeightsLike, groups: GroupsLike, seed: int
) -> tuple[Rows, RowCounts, list[str]]:
    """The rows that count, how much, and a note if not all of them do."""
    given = np.ones(n_rows) if sample_weight is None else np.asarray(sample_weight)
    weights = checked_weights(given, n_rows)
    require_comparable_weights(weights)
    rows, notes = np.flatnonzero(weights > 0), []
    if len(rows) > MOST_ROWS:
        notes.append(f"Computed on {MOST_ROWS:,} of {len(rows):,} rows, drawn at random")
        drawn = generator(seed, "effect rows").permutation(len(rows))
        rows = np.sort(rows[drawn[:MOST_ROWS]])
    found = checked_groups(groups, n_rows)
    codes = group_codes(None if found is None else found[rows])
    return np.asarray(rows, np.intp), RowCounts(weights[rows], seed, codes), notes
