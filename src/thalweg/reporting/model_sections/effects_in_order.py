"""The section of effect curves: those of the most important columns, and why others have none."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from thalweg.errors import DataError
from thalweg.estimators.effects.fitted_source import FittedSource
from thalweg.evaluation.answers import checked_weights, require_comparable_weights
from thalweg.evaluation.dependent_rows import group_codes
from thalweg.evaluation.effects.any_model_source import CertainAnswerError, TableSource, as_table
from thalweg.evaluation.effects.curves_of_columns import (
    WantedCurves,
    effect_curves,
)
from thalweg.evaluation.effects.effect import Effect
from thalweg.evaluation.effects.effect_source import EffectSource
from thalweg.evaluation.effects.row_counts import RowCounts
from thalweg.evaluation.judging.regression_loss import predicted_quantity, statistic_of
from thalweg.evaluation.section_shapes import EffectData, EffectsSection
from thalweg.evaluation.section_texts.effect_texts import (
    CAUTION,
    CERTAIN,
    LIKENESS_UNKNOWN,
    ROWS_UNKNOWN,
    TitledCurve,
    title_of,
)
from thalweg.reporting.effects.effect_words import answer_words, rows_in_words
from thalweg.reporting.effects.effects_of_model import mean_probability_of
from thalweg.reporting.effects.shown_effects import Effects
from thalweg.reporting.model_sections.described_rows import DescribedRows
from thalweg.wording import counted

# As many columns, curves of classes and classes of a column as a page shows.
MOST_COLUMNS, MOST_CURVES, MOST_OUTPUTS = 9, 36, 6
_MOST_WORK, _LEAST_ROWS, _MOST_OF_OTHERS = 1_500_000, 500, 2000
_DIGITS = 6


def effects_section_of(
    asked: DescribedRows, order: Sequence[str] | None, matter: Sequence[str] | None = None
) -> EffectsSection:
    """The curves of the columns in this order; without one, those that move answers the most first.

    Parameters
    ----------
    asked : DescribedRows
    order : sequence of str, optional
    matter : sequence of str, optional
        The columns that are shown to matter, alone or in a group: the title speaks of one of them.

    Raises
    ------
    DataError
        Below 50 rows, or 6 groups; or if no column can have a curve.
    """
    n_tried = MOST_COLUMNS if order is not None else asked.n_columns
    n_networks = 1 if asked.network is None else len(asked.network.members_)
    most = max(_LEAST_ROWS, _MOST_WORK // (2 * n_tried * n_networks))
    few = asked.few(most if asked.network is not None else min(most, _MOST_OF_OTHERS))
    found = _found(few, order)
    return _section(few, found, order, matter)


def _found(asked: DescribedRows, order: Sequence[str] | None) -> Effects:
    given = np.ones(len(asked)) if asked.weights is None else asked.weights
    weights = checked_weights(given, len(asked))
    rows = np.flatnonzero(weights > 0)
    require_comparable_weights(weights)
    codes = group_codes(None if asked.groups is None else asked.groups[rows])
    counts = RowCounts(weights[rows], asked.seed, codes)
    if few := counts.too_few_groups:
        raise DataError(
            "Rows of too few groups for effect curves",
            where=few,
            fix="give rows of 6 groups or more; or draw the curves without intervals from a table, "
            "by thalweg explain --effects",
        )
    if asked.network is not None:
        source: EffectSource = FittedSource(asked.network._known, asked.matrix()[rows])
        return _of_source(source, counts, order, [], asked.target)
    table: Any = as_table(asked[rows])
    try:
        return _of_source(TableSource(asked.model, table), counts, order, [], asked.target)
    except CertainAnswerError:
        notes = [CERTAIN]
        return _of_source(
            TableSource(asked.model, table, None, "probability"), counts, order, notes,
            asked.target,
        )  # fmt: skip


def _of_source(
    source: EffectSource,
    counts: RowCounts,
    order: Sequence[str] | None,
    notes: list[str],
    target: str,
) -> Effects:
    most = None if order is None else most_columns(len(source.outputs))
    wanted = WantedCurves(None if order is None else list(order), target=target, most=most)
    effects, left_out = effect_curves(source, counts, wanted)
    if not effects:
        raise DataError(
            "No column can have an effect curve",
            where="; ".join(f"{each.column}: {each.why}" for each in left_out[:3]),
            fix="give more rows",
        )
    if not source.knows_likeness:
        notes = [*notes, LIKENESS_UNKNOWN]
    if not source.n_folds:
        notes = [*notes, ROWS_UNKNOWN]
    mean = mean_probability_of(source, counts)
    return Effects(effects, left_out, source.scale, counts.n, mean, True, tuple(notes), target)


def most_columns(n_outputs: int) -> int:
    """The columns that are shown, of so many outputs each."""
    return min(MOST_COLUMNS, MOST_CURVES // min(n_outputs, MOST_OUTPUTS))


def _section(
    asked: DescribedRows,
    found: Effects,
    order: Sequence[str] | None,
    matter: Sequence[str] | None,
) -> EffectsSection:
    outputs = list(dict.fromkeys(each.output for each in found.effects))
    columns = list(dict.fromkeys(each.column for each in found.effects))
    columns = columns[: most_columns(len(outputs))]
    shown = [
        each
        for column in columns
        for each in [own for own in found.effects if own.column == column][:MOST_OUTPUTS]
    ]
    notes = [CAUTION, *found.notes, *([asked.drawn] if asked.drawn else [])]
    if len(outputs) > MOST_OUTPUTS:
        notes.append(f"Of {len(outputs):,} classes, the first {MOST_OUTPUTS} are shown.")
    without = list(found.left_out)[: 3 * MOST_COLUMNS]
    more = asked.n_columns - len(columns) - len(found.left_out)
    if more > 0:
        which = "less important" if order is not None else "whose curves move answers less"
        kind = f"{which} " if order is not None else ""
        behind = "" if order is not None else f" {which}"
        notes.append(
            f"{counted(more, f'{kind}column{behind}', f'{kind}columns{behind}')} "
            f"{'is' if more == 1 else 'are'} not shown."
        )
    named = predicted_quantity(statistic_of(asked.network), asked.target)
    answer = answer_words(found, named if found.scale == "number" else "")
    return {
        "title": title_of(
            [
                TitledCurve(each.column, each.output, each.sentence, each.size)
                for each in shown
                if matter is None or each.column in matter
            ],
            answer,
        ),
        "answer": answer,
        "scale": found.scale,
        "rows": rows_in_words(found),
        "mean_probability": found.mean_probability,
        "curves": [_curve(each) for each in shown],
        "n_columns": asked.n_columns,
        "without": [{"column": each.column, "why": each.why} for each in without],
        "notes": notes,
    }


def _curve(effect: Effect) -> EffectData:
    whole = effect.values == "date" or bool(effect.levels)
    missing = effect.missing
    return {
        "column": effect.column,
        "kind": effect.kind,
        "values": effect.values,
        "output": effect.output,
        "x": _short(effect.x, 9) if whole else _coarse(effect.x),
        "texts": [effect.text(k) for k in range(len(effect.x))] if whole else [],
        "mean": _short(effect.mean),
        "members": [_short(each) for each in effect.members],
        "low": _short(effect.low),
        "high": _short(effect.high),
        "rows_in_bin": _short(effect.rows_in_bin),
        "supported": effect.supported.tolist(),
        "missing": None if missing is None else {
            "mean": _digits(missing.mean), "low": _digits(missing.low),
            "high": _digits(missing.high), "members": _short(missing.members),
            "rows": _digits(missing.rows), "supported": bool(missing.supported),
        },
        "density": _short(effect.density, 3),
        "size": _digits(effect.size),
        "base": _digits(effect.base),
        "sentence": effect.sentence,
        "notes": list(effect.notes),
    }  # fmt: skip


def _coarse(x: Any) -> list[float]:
    """Values of a number to a thousandth of their range: bins end at cells of rows."""
    step = float(np.ptp(x)) / 1000
    digits = 1 - int(np.floor(np.log10(step))) if step > 0 else _DIGITS
    return [round(float(each), max(-300, min(300, digits - 1))) for each in x]


def _digits(value: float, digits: int = _DIGITS) -> float:
    return float(f"{float(value):.{digits}g}")


def _short(values: Any, digits: int = _DIGITS) -> list[float]:
    return [_digits(each, digits) for each in np.asarray(values, np.float64)]
