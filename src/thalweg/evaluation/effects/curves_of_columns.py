"""The effect curves of all columns of a source: checks, method, intervals, sentences."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from thalweg.data.column_names import listed, own_names
from thalweg.errors import DataError, SettingsError
from thalweg.evaluation.effects.accumulated_effects import accumulated
from thalweg.evaluation.effects.claims.network_spread import (
    CurveSize,
    are_real,
    size_of,
)
from thalweg.evaluation.effects.claims.sentence_of_effect import (
    MOST_UNLIKE,
    Sentences,
    missing_evidence,
    sentences_of,
)
from thalweg.evaluation.effects.column_dependence import INDEPENDENT, largest_dependence
from thalweg.evaluation.effects.curve_sentence import Evidence
from thalweg.evaluation.effects.effect import (
    Effect,
    EffectKind,
    MissingEffect,
    text_of,
)
from thalweg.evaluation.effects.effect_source import (
    AnswerUnit,
    EffectSource,
    Floats,
)
from thalweg.evaluation.effects.level_effects import BarLevels, from_most_common, levels_of
from thalweg.evaluation.effects.partial_dependence import (
    MOST_ROWS,
    partial,
    partial_of_levels,
    row_bands,
)
from thalweg.evaluation.effects.profile import Asking, EffectProfile
from thalweg.evaluation.effects.quantile_bins import FEWEST_IN_BIN, quantile_bins
from thalweg.evaluation.effects.row_counts import RowCounts, half_widths
from thalweg.wording import counted, counted_rows, parameter

FEWEST_ROWS = 50
# A column has no curve if one value has this share of the rows.
_ONE_VALUE = 0.95
_STEPS = 20
_KINDS = ("ale", "pdp", "auto")


class WithoutCurve(NamedTuple):
    """A column without a curve, and why."""

    column: str
    why: str


class _Drawn(NamedTuple):
    """A curve, and what decides which of its two sentences it has."""

    effect: Effect
    sentences: Sentences
    size: CurveSize


class Found(NamedTuple):
    """The curves, and the columns without one."""

    effects: tuple[Effect, ...]
    left_out: tuple[WithoutCurve, ...]


@dataclass(frozen=True)
class WantedCurves:
    """What is asked for.

    Attributes
    ----------
    columns : str, int or sequence of them, optional
        Default: all that may have a curve, those with the greatest effect first.
    kind : {"ale", "pdp", "auto"}
    centered : bool
        Whether the mean of a curve over the rows is 0, or the mean answer.
    bands : bool
        Whether quantiles of the curves of single rows are computed.
    target : str
        The name of a predicted number, "" if it is not known: sentences count in its units.
    most : int, optional
        Only the first columns that can have a curve are drawn, so many of them. The others count as
        tests, too, and those without a curve are no error.
    """

    columns: str | int | Sequence[str | int] | None = None
    kind: str = "ale"
    centered: bool = True
    bands: bool = False
    target: str = ""
    most: int | None = None

    def require(self) -> None:
        """Raise a SettingsError for an unknown kind."""
        if self.kind not in _KINDS:
            raise SettingsError(
                f"{parameter('kind', self.kind)} is no kind of effect curve",
                fix='give "ale", "pdp" or "auto"',
            )


def effect_curves(
    source: EffectSource,
    counts: RowCounts,
    wanted: WantedCurves,
    on_column: Callable[[int, int], object] | None = None,
) -> Found:
    """Compute the curves.

    Parameters
    ----------
    source : EffectSource
    counts : RowCounts
        Of the rows of the source.
    wanted : WantedCurves
    on_column : callable, optional
        Called with the number of columns done and of all.

    Raises
    ------
    SettingsError, DataError
        For an unknown kind or column; for fewer than 50 rows; if no column, or not each named one,
        can have a curve.
    """
    wanted.require()
    if counts.n < FEWEST_ROWS * (1 - 1e-9):
        raise DataError(
            f"{counted_rows(counts.n, 'row is', 'rows are')} too few for effect curves",
            why=f"Each bin of a curve needs 20 rows, and a curve {FEWEST_ROWS}",
            fix=f"give a table of {FEWEST_ROWS} rows or more",
        )
    places = _places(source, wanted.columns)
    kinds = _kinds(source, counts, wanted)
    spread = _spread(source.own[0], counts.counts)
    drawn: list[_Drawn] = []
    left_out: list[WithoutCurve] = []
    waiting = len(places)
    for done, place in enumerate(places):
        if done - len(left_out) == wanted.most:
            break
        asking = Asking(source, place, counts)
        found = _effects_of(asking, kinds[place], wanted, spread)
        if isinstance(found, str):
            left_out.append(WithoutCurve(source.columns[place].name, found))
        else:
            drawn += found
        waiting -= 1
        if on_column is not None:
            on_column(done + 1, len(places))
    effects = _with_sentences(drawn, source, len(drawn) + waiting * len(source.outputs))
    if wanted.most is None:
        _require_some(effects, left_out, wanted.columns)
    if wanted.columns is None:
        sizes: dict[str, float] = {}
        for each in effects:
            sizes[each.column] = max(sizes.get(each.column, 0.0), each.size)
        effects.sort(key=lambda each: -sizes[each.column])
    return Found(tuple(effects), tuple(left_out))


def _kinds(source: EffectSource, counts: RowCounts, wanted: WantedCurves) -> list[EffectKind]:
    """The kind of the curve of each column."""
    if wanted.kind != "auto":
        return ["pdp" if wanted.kind == "pdp" else "ale"] * len(source.columns)
    dependence = largest_dependence(source.columns, counts.counts)
    return ["pdp" if each < INDEPENDENT else "ale" for each in dependence.tolist()]


def _with_sentences(drawn: Sequence[_Drawn], source: EffectSource, n_tests: int) -> list[Effect]:
    """The curves of a page, each with its sentence."""
    outputs = [each.effect.output for each in drawn]
    real = are_real([each.size for each in drawn], outputs, source.n_folds, n_tests)
    return [
        replace(each.effect, sentence=each.sentences.real if is_real else each.sentences.noise)
        for each, is_real in zip(drawn, real, strict=True)
    ]


def _places(source: EffectSource, columns: str | int | Sequence[str | int] | None) -> list[int]:
    names = [each.name for each in source.columns]
    if columns is None:
        return list(range(len(names)))
    columns = own_names(columns, names)
    strange = [name for name in columns if name not in names]
    if strange:
        raise SettingsError(
            f"The model has no {'column' if len(strange) == 1 else 'columns'} {listed(strange, 6)}",
            where=f"it has {listed(names, 12)}",
            fix="name columns of the model, spelled in the same way",
        )
    return [names.index(name) for name in dict.fromkeys(columns)]


def _require_some(effects: list[Effect], left_out: list[WithoutCurve], columns: object) -> None:
    """Raise if a named column has no curve, or no column has one."""
    if left_out and (columns is not None or not effects):
        said = "; ".join(f"{each.column}: {each.why}" for each in left_out[:6])
        raise DataError(
            f"{counted(len(left_out), 'column has', 'columns have')} no effect curve",
            where=said,
            why="Too few rows differ in it to tell what the model makes of it",
            fix="name other columns"
            + ("" if columns is None or not effects else f", such as {effects[0].column}")
            + ", or give a table with more rows",
        )


def _spread(own: Floats, counts: Floats) -> Floats:
    """The standard deviation of the answers over the rows, of each output."""
    shares = counts / counts.sum()
    found: Floats = np.sqrt(shares @ (own - shares @ own) ** 2)
    return found


def _effects_of(
    asking: Asking, kind: EffectKind, wanted: WantedCurves, spread: Floats
) -> list[_Drawn] | str:
    """The effects of a column on each output; or why it has none."""
    column, counts = asking.source.columns[asking.column], asking.counts.counts
    if column.unusable:
        return column.unusable
    known = np.flatnonzero(~np.isnan(column.values))
    values, own = column.values[known], counts[known]
    if own.sum() < FEWEST_ROWS * (1 - 1e-9):
        return f"only {counted_rows(own.sum(), 'row has', 'rows have')} a value"
    different, codes = np.unique(values, return_inverse=True)
    shares = np.bincount(codes, own) / counts.sum()
    if shares.max() >= _ONE_VALUE:
        common = text_of(column)(float(different[int(np.argmax(shares))]))
        return f"{100 * shares.max():.3g} % of the rows have the value {common}"
    if column.kind in ("category", "boolean") or len(different) == 2:
        levels = levels_of(values, own)
        if levels is None:
            return f"fewer than two of its values have 20 of the {counted_rows(counts.sum())}"
        found = (from_most_common if kind == "ale" else partial_of_levels)(asking, levels)
        return [
            _effect(asking, kind, found, c, levels, spread[c], wanted)
            for c in range(len(asking.source.outputs))
        ]
    bins = quantile_bins(values, own)
    if bins is None:
        return "no two of its values have 20 rows between them"
    found = (accumulated if kind == "ale" else partial)(asking, bins, known)
    if wanted.bands and found.bands is None:
        found = _with_bands(found, row_bands(asking, bins))
    found = found.only(bins.drawn)
    return [
        _effect(asking, kind, found, c, None, spread[c], wanted)
        for c in range(len(asking.source.outputs))
    ]


def _with_bands(profile: EffectProfile, bands: Floats) -> EffectProfile:
    return EffectProfile(**{**vars(profile), "bands": bands})


def _effect(
    asking: Asking,
    kind: EffectKind,
    found: EffectProfile,
    output: int,
    levels: BarLevels | None,
    spread: float,
    wanted: WantedCurves,
) -> _Drawn:
    """The effect on one output."""
    column, text = (
        asking.source.columns[asking.column],
        text_of(asking.source.columns[asking.column]),
    )
    mean, members = found.curves[0, :, output], found.curves[1:, :, output]
    resampled = found.resampled[:, :, output]
    few = asking.counts.too_few_groups
    half = np.full(len(mean), np.nan) if few else half_widths(resampled - mean)
    supported = np.ones(len(mean), bool) if found.unlike is None else found.unlike <= MOST_UNLIKE
    texts = tuple(map(text, found.x.tolist())) if levels is not None else ()
    unit = AnswerUnit(asking.source.scale, wanted.target)
    why_none = few or asking.source.too_few_taught[output]
    none = f"no statement: {why_none}"
    said = Sentences(none, none) if why_none else sentences_of(
        asking, Evidence(mean, resampled, members), found.x, supported, half, texts, float(spread),
        missing_evidence(found, output, unit), unit,
    )  # fmt: skip
    size = size_of(found, output, asking.counts.n, asking.source.n_folds)
    base = asking.source.own[:, :, output] @ (asking.counts.counts / asking.counts.n)
    level = base if found.level is None else found.level[:, output]
    shift = np.zeros(len(base)) if wanted.centered else level
    x = np.arange(len(mean), dtype=np.float64) if levels is not None else found.x
    effect = Effect(
        column.name,
        kind,
        column.kind,
        asking.source.outputs[output],
        x,
        texts,
        mean + shift[0],
        members + shift[1:, np.newaxis],
        mean - half + shift[0],
        mean + half + shift[0],
        found.rows,
        supported,
        _missing(found, output, shift, has_interval=not few),
        None if found.bands is None else found.bands[:, :, output] + shift[0],
        np.empty(0) if levels is not None else _density(column.values, asking.counts.counts, x),
        float(np.sqrt(size.square)),
        float(base[0]),
        said.real,
        tuple(_notes(asking, kind, levels)),
    )
    return _Drawn(effect, said, size)


def _missing(
    found: EffectProfile, output: int, shift: Floats, *, has_interval: bool
) -> MissingEffect | None:
    its = missing_evidence(found, output)
    if its is None or found.missing is None:
        return None
    mean = float(its.change.mean[1] + shift[0])
    half = its.half if has_interval else np.nan
    members = its.change.members[:, 1] + shift[1:]
    return MissingEffect(mean, mean - half, mean + half, members, found.missing.rows, its.supported)


def _density(values: Floats, counts: Floats, x: Floats) -> Floats:
    inside = (values >= x[0]) & (values <= x[-1])  # NaN is not
    found = np.histogram(values[inside], _STEPS, (x[0], x[-1]), weights=counts[inside])[0]
    return np.asarray(found / found.sum(), np.float64)


def _notes(asking: Asking, kind: EffectKind, levels: BarLevels | None) -> list[str]:
    found = []
    counts = asking.counts.counts[np.isnan(asking.values)].sum()
    if 0 < counts < FEWEST_IN_BIN * (1 - 1e-9):
        found.append(
            f"{counted_rows(counts, 'row has', 'rows have')} no value: too few for a point"
        )
    if levels is not None and levels.n_left_out:
        found.append(
            f"{counted(levels.n_left_out, 'level has', 'levels have')} no bar "
            f"({counted_rows(levels.rows_left_out)}): fewer than 20 rows have it, "
            "or 20 others are more common"
        )
    if kind == "pdp" and len(asking.values) > MOST_ROWS:
        found.append(f"computed on {MOST_ROWS:,} rows, drawn at random")
    return found
