"""The data of the what-if panel: a model that computes in the page, and controls for a made-up row.

Of the training table it has what the model file has: of a number the quantiles from its lowest to
its highest value, of a category its levels, and the typical row; no row, and no cell beside these.
"""

import math
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from thalweg.data.dates.date_numbers import date_text
from thalweg.data.likeness.column_summary import ColumnSummary
from thalweg.data.notation.number_notation import NumberNotation
from thalweg.data.schema.column_floats import Column
from thalweg.estimators.conformal.error_scales import ErrorScales
from thalweg.estimators.explaining.counterfactual_search import UNLIKE
from thalweg.estimators.explaining.explained_answer import ExplainedAnswer
from thalweg.estimators.fitted import Fitted
from thalweg.estimators.outputs.level_outputs import Quantiles
from thalweg.evaluation.conformal.class_scores import ClassScores
from thalweg.evaluation.conformal.conformal_ranks import rank_from_the_top
from thalweg.evaluation.conformal.cv_plus import pooled_quantile
from thalweg.evaluation.conformal.residual_store import HeldOutResiduals
from thalweg.evaluation.judging.regression_loss import statistic_of
from thalweg.export.javascript import module_text
from thalweg.export.packed_likeness import packed_likeness
from thalweg.export.packed_stages import packed, packed_stages
from thalweg.export.stages import stages_of
from thalweg.reporting.html_pieces import clipped
from thalweg.reporting.page.report_shapes import Report, WhatIfData
from thalweg.wording import counted

if TYPE_CHECKING:
    from thalweg.persistence.rebuilt import Model

# Plain data for JSON.
Plain: TypeAlias = dict[str, Any]

# A page with more weights would be slow to open, and too large to mail: 5.5 MB.
MOST_WEIGHTS = 1_000_000
# More levels of a category are no list to choose from.
MOST_LISTED = 500
# The share of new rows for which intervals and sets should be right, and the most numbers that they
# need: 107 kB.
LEVEL, MOST_HELD_OUT = 0.9, 20_000
# Columns that are shown at once; of more, those that move the answer of the typical row most.
FIRST_COLUMNS = 12
# The shares of the quantiles that a column is moved to for that: 5, 25, 50, 75 and 95 %.
_MOVED_TO = (1, 5, 10, 15, 19)
_MOST_MOVES = 12
# Whole numbers that may be years, which are written without a comma.
_YEARS = (1000, 2999)


def what_if_data(model: "Model") -> WhatIfData:
    """The panel of a fitted model, or why the page has none.

    Parameters
    ----------
    model : ThalwegClassifier or ThalwegRegressor
        Fitted.
    """
    fitted = model._known
    if fitted.likeness is None:
        return {
            "why_not": "the model keeps no summary of its training table, as it was fitted by an "
            "earlier version or trained further",
            "n_weights": 0,
        }
    if isinstance(fitted.outputs, Quantiles):
        return {
            "why_not": "the panel shows one answer, and the model predicts several quantiles; "
            "thalweg report MODEL TABLE --target LEVEL makes the report of one level, with a panel",
            "n_weights": 0,
        }
    stages = stages_of(fitted, getattr(model, "threshold_", None))
    if stages.n_weights > MOST_WEIGHTS:
        return {
            "why_not": f"the model has {counted(stages.n_weights, 'weight')}, and a page holds at "
            f"most {MOST_WEIGHTS:,}",
            "n_weights": stages.n_weights,
        }
    controls = controls_of(fitted)
    return {
        "n_weights": stages.n_weights,
        "formulas": module_text(stages.formulas),
        "panel": {
            "model": packed_stages(stages),
            "controls": controls,
            "first": _first(fitted, controls),
            "n_networks": len(fitted.networks),
            "likeness": packed_likeness(fitted.likeness),
            "unlike": UNLIKE,
            "statistic": statistic_of(model),
            **_held_out(fitted),
        },
    }


def without_weights(report: Report) -> Report:
    """A report whose page has no weight: no panel, and no drawing of the network."""
    found: dict[str, Any] = {key: each for key, each in report.items() if key != "what_if"}
    if "network" in report:
        found["network"] = {**report["network"], "theta": None}
    return cast(Report, found)


def controls_of(fitted: Fitted) -> list[Plain]:
    """How each own column is set, in their order."""
    assert fitted.likeness is not None
    schema, summaries = fitted.schema, fitted.likeness.columns
    places = [schema.columns.index(column) for column in schema.given]
    return [
        {
            "name": clipped(column.name),
            "missing": summaries[place].missing > 0,
            **_control(column, summaries[place]),
        }
        for column, place in zip(schema.given, places, strict=True)
    ]


def _control(column: Column, summary: ColumnSummary) -> Plain:
    """The control of a column: a slider, a list, a date, or whether a cell is filled."""
    typical = summary.typical
    if math.isnan(typical) or column.kind == "empty":
        return {"as": "none", "typical": None}
    if column.kind == "identifier":
        return {"as": "filled", "typical": True}
    if column.dates is not None:
        low, high = summary.quantiles[[0, -1]].tolist()
        clock = column.dates.grain in ("moment", "time")
        return {
            "as": "time" if column.dates.grain == "time" else "moment" if clock else "date",
            "low": _moment(low, column),
            "high": _moment(high, column),
            "typical": typical,
            "text": _moment(typical, column),
        }
    if column.kind == "boolean":
        return {"as": "truth", "typical": bool(typical)}
    if column.levels:
        common = summary.codes.astype(int).tolist()
        seen = set(common)
        others = [code for code in range(1, len(column.levels) + 1) if code not in seen]
        listed = [code - 1 for code in (*common, *others) if code > 0][:MOST_LISTED]
        level = column.levels[int(typical) - 1] if typical else None
        return {"as": "list", "listed": listed, "typical": level}
    unit = column.notation.unit if isinstance(column.notation, NumberNotation) else ""
    points = summary.quantiles.tolist()
    whole = _are_whole(summary.quantiles)
    years = whole and points[0] >= _YEARS[0] and points[-1] <= _YEARS[1]
    return {
        "as": "number", "points": points, "whole": whole, "years": years, "unit": clipped(unit),
        "typical": typical,
    }  # fmt: skip


def _are_whole(quantiles: NDArray[np.float64]) -> bool:
    """Whether values are whole, as far as quantiles tell; some lie in the middle of two values.

    The ends are values. If it is wrong, a slider has whole steps, and its field takes any number.
    """
    ends, twice = quantiles[[0, -1]], 2 * quantiles
    return bool((ends == np.round(ends)).all() and (twice == np.round(twice)).all())


def _moment(days: float, column: Column) -> str:
    """A date as the page's field has it."""
    assert column.dates is not None
    if column.dates.grain == "time":
        return date_text(days, clock=True)[11:16]
    return date_text(days, clock=column.dates.grain == "moment")[:16]


def _first(fitted: Fitted, controls: list[Plain]) -> list[int]:
    """The columns that are shown at once: all, or those that move the typical row's answer most."""
    usable = [place for place, each in enumerate(controls) if each["as"] != "none"]
    if len(usable) <= FIRST_COLUMNS:
        return usable
    assert fitted.likeness is not None
    schema, typical = fitted.schema, fitted.likeness.typical
    rows, owners = [], []
    for place in usable:
        column = schema.columns.index(schema.given[place])
        for value in _moves(fitted.likeness.columns[column]):
            rows.append(typical.copy())
            rows[-1][column] = value
            owners.append(place)
    answers = ExplainedAnswer(fitted).predicted(np.array(rows)) if rows else np.empty((0, 1))
    owner = np.array(owners)
    ranges = {
        place: float(np.ptp(answers[owner == place], axis=0).max()) if (owner == place).any() else 0
        for place in usable
    }
    return sorted(usable, key=lambda place: -ranges[place])[:FIRST_COLUMNS]


def _moves(summary: ColumnSummary) -> NDArray[np.float64]:
    """Values of a column that the typical row is tried with."""
    if len(summary.quantiles):
        return summary.quantiles[list(_MOVED_TO)]
    return summary.codes[:_MOST_MOVES]


def _held_out(fitted: Fitted) -> Plain:
    """What intervals or sets need; nothing if there are none, or if they need too many numbers."""
    found = fitted.conformal
    if isinstance(found, ErrorScales):
        quantile = pooled_quantile(found.residuals, LEVEL)
        return {"scaled": quantile} if math.isfinite(quantile) else {}
    if isinstance(found, HeldOutResiduals):
        return _residuals(found)
    if isinstance(found, ClassScores) and found.refusal(LEVEL) is None:
        return _scores(found)
    return {}


def _residuals(found: HeldOutResiduals) -> Plain:
    """The largest residuals of each network: no other can be the end of an interval."""
    rank = rank_from_the_top(found.n, LEVEL, found.mass)
    lists = np.split(found.values, np.cumsum(found.sizes)[:-1])
    largest = [each[:rank] for each in lists]
    if not rank or sum(map(len, largest)) > MOST_HELD_OUT:
        return {}
    return {"residuals": {"rank": rank, "lists": [packed(each, "<f4") for each in largest]}}


def _scores(found: ClassScores) -> Plain:
    """The smallest scores of each network and class: counts beyond them change no set."""
    least = found.least_counts(LEVEL).tolist()
    lists = [
        [scores[: count + 1] for scores, count in zip(of_network, least, strict=True)]
        for of_network in found.lists()
    ]
    if sum(len(each) for of_network in lists for each in of_network) > MOST_HELD_OUT:
        return {}
    return {
        "scores": {
            "least": least,
            "lists": [[packed(each, "<f4") for each in of_network] for of_network in lists],
        }
    }
