"""The section of explained rows, which a person asked for: what each column adds, with its cell.

Without that there is none. Effect curves turn contributions into cells, and so do weights.
Numbers are rounded to a thousandth of the unit of the answer (0.1 points of a probability).
"""

from dataclasses import replace
from math import log10
from typing import TYPE_CHECKING

import numpy as np

from thalweg.data.schema.given_table import table_of
from thalweg.estimators.explaining.base_rows import TYPICAL, Base, typical_row
from thalweg.estimators.explaining.cell_texts import column_with_cell, own_cells
from thalweg.estimators.explaining.explained_answer import ExplainedAnswer
from thalweg.estimators.outputs.class_outputs import Classes
from thalweg.evaluation.comparing.beside_constant import KNOWS_NOTHING
from thalweg.evaluation.section_shapes import (
    BarData,
    ExplainedRowData,
    ExplainedSection,
    ShownRowData,
)
from thalweg.reporting.explaining.contribution_bars import Waterfall
from thalweg.reporting.explaining.contribution_words import (
    FOOTER,
    ON_THE_WAY,
    answer_text,
    gain_text,
    notes_on,
    sentence,
)
from thalweg.reporting.explaining.explanation import Explanation, explanation_of
from thalweg.reporting.model_sections.described_rows import DescribedRows
from thalweg.reporting.model_sections.rows_to_explain import RowChoice, RowToExplain
from thalweg.reporting.model_sections.shown_knowledge import CAUTION, OF_FEW_ROWS
from thalweg.wording import class_words, counted, printable

if TYPE_CHECKING:
    from thalweg.estimators.network_estimator import NetworkEstimator

# Of the unit of the answer.
_STEPS = 1000
_NOT_SHOWN = f"{KNOWS_NOTHING}: how it computes its answers may be noise"
_OF_FEW = "How the model computes some answers: from so few rows, much of it may be noise"
_TITLES = {CAUTION: _NOT_SHOWN, OF_FEW_ROWS: _OF_FEW}


def explained_section(asked: DescribedRows, caution: str = "") -> ExplainedSection:
    """Some of the rows, explained.

    Parameters
    ----------
    asked : DescribedRows
        With the numbers of the rows.
    caution : str
        What has to be said first, if the rows do not show that the model knows more than a constant
        answer: then the title names no column.

    Raises
    ------
    SettingsError
        If the model keeps no typical row, or contributions do not add up.
    """
    model = asked.network
    assert model is not None
    assert asked.numbers is not None
    base = Base(typical_row(model._known), TYPICAL)
    rows = _chosen(asked, model, base)
    places = np.array([each.place for each in rows], np.intp)
    cells = own_cells(model.schema_, table_of(asked[places]))
    numbers = asked.numbers[places].tolist()
    found = explanation_of(model, asked.matrix()[places], cells, numbers, base, "path")
    write = str if hasattr(model, "classes_") else truth_of_number
    truth = [write(each) for each in np.asarray(asked.y)[places].tolist()]
    shown = [_row(found, k, each, truth[k]) for k, each in enumerate(rows)]
    return {
        "title": _TITLES.get(caution) or _title(shown),
        "base": base.name,
        "n_networks": len(model.members_),
        "rows": shown,
        "notes": [
            *([caution] if caution else []),
            f"{FOOTER} {ON_THE_WAY}" if any(found.half_categories) else FOOTER,
            "The typical row has the median of each number and the most common level of each "
            "category of the training rows. It need not be a row of the table.",
        ],
    }


def truth_of_number(value: float) -> str:
    """A number of the target with all of its digits, as the page writes numbers: ``21,431``."""
    return f"{value:,.0f}" if value == round(value) and abs(value) < 1e15 else f"{value:,}"


def _chosen(asked: DescribedRows, model: "NetworkEstimator", base: Base) -> list[RowToExplain]:
    """The rows that are explained, by their answers."""
    answer, matrix = ExplainedAnswer(model._known), asked.matrix()
    used = np.arange(len(asked)) if asked.weights is None else np.flatnonzero(asked.weights > 0)
    answers = answer.predicted(matrix[used])
    errors, threshold, negative, costs = None, 0.5, "", None
    if answer.labels is None:
        errors = np.abs(np.asarray(asked.y, np.float64)[used] - answers[:, 0])
    elif len(answer.labels) == 1:
        own = getattr(model, "threshold_", None)
        threshold = 0.5 if own is None else float(own)
        classes = [str(each) for each in getattr(model, "classes_", ())]
        negative = next(each for each in classes if each != answer.labels[0])
    else:
        outputs = model._known.outputs
        assert isinstance(outputs, Classes)
        costs = None if np.all(outputs.costs == outputs.costs[0]) else outputs.costs
    choice = RowChoice(
        answers, answer.predicted(base.matrix)[0], answer.labels, matrix[used], threshold,
        negative, errors, costs,
    )  # fmt: skip
    return [each._replace(place=int(used[each.place])) for each in choice.rows()]


def shown_row(found: Explanation, place: int, label: str | None = None) -> ShownRowData:
    """One row of an explanation in bars, with its cells, as pages show it.

    Parameters
    ----------
    found : Explanation
    place : int
        Of the row in it, from 0.
    label : str, optional
        Of several classes, whose probability; by default that of the predicted one.
    """
    waterfall = _rounded(found.waterfall(place, label), found.unit)
    bars: list[BarData] = [
        {
            "column": bar.column or bar.name,
            "n_columns": 1 if bar.column else int(bar.name.split()[0].replace(",", "")),
            "value": bar.value,
            "low": bar.low,
            "high": bar.high,
            "cell": bar.cell if bar.column else None,
        }
        for bar in waterfall.bars
    ]
    return {
        "label": waterfall.label,
        "decimals": waterfall.decimals,
        "base": waterfall.base,
        "answer": waterfall.answer,
        "bars": bars,
        "sentence": sentence(waterfall),
        "notes": notes_on(found, place, waterfall.label),
    }


def _row(found: Explanation, place: int, chosen: RowToExplain, truth: str) -> ExplainedRowData:
    """One row, with its cells and its target."""
    shown = shown_row(found, place, chosen.label)
    return {
        "head": chosen.head, **shown, "label": chosen.label, "row": found.rows[place],
        "truth": truth,
    }  # fmt: skip


def _rounded(waterfall: Waterfall, unit: float) -> Waterfall:
    """The same with rounded numbers that add up, without bars that are 0 for all networks.

    Steps are the power of ten next to a thousandth of the unit.
    """
    if waterfall.label is None and waterfall.decimals is not None:
        waterfall = replace(waterfall, decimals=round(log10(_STEPS / unit)))
    printed = waterfall.printed
    bars = tuple(bar for bar in printed.bars if bar.value or bar.low or bar.high)
    return replace(printed, bars=bars)


def _title(rows: list[ExplainedRowData]) -> str:
    """The largest contribution to the answer for the row that is the least sure."""
    row = rows[1] if len(rows) > 1 else rows[0]
    named = [bar for bar in row["bars"] if bar["n_columns"] == 1]
    if not named:
        return f"The row {row['head']} has the answer of a typical row"
    gain = gain_text(named[0]["value"], row["label"], row["decimals"])
    of = "" if row["label"] is None else f" for {class_words([row['label']])[0]}"
    return (
        f"Why this answer: for the row {row['head']}, {printable(named[0]['column'])} weighs most "
        f"({gain}{of})"
    )


def answers_in_words(row: ExplainedRowData) -> str:
    """From which answer to which: ``0.9 % → 74.4 %``."""
    ends = row["base"], row["answer"]
    return " → ".join(answer_text(each, row["label"], row["decimals"]) for each in ends)


def name_of_bar(bar: BarData) -> str:
    """``age = 63``, or ``17 others``."""
    cell = bar["cell"]
    if cell is None:
        return counted(bar["n_columns"], "other")
    return column_with_cell(bar["column"], cell)
