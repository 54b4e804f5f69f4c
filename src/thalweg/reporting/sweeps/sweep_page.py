"""The page of a sweep: the map as a table of cells, a chosen cell, and all numbers below."""

from collections.abc import Mapping
from importlib.metadata import version

from thalweg.landscape.numbers_in_words import written
from thalweg.landscape.sweeps.swept_map import Sweep, SweepCell
from thalweg.reporting.html_pieces import folded, table, text
from thalweg.reporting.inline import filled, json_block
from thalweg.reporting.sweeps.sweep_colors import LossScale, rules_of
from thalweg.wording import counted, even

_HEADS = (
    "units", "learning rate", "mean loss", "standard error", "of it by rows", "by seeds",
    "95 % interval", "networks that diverged", "above the lowest",
)  # fmt: skip


def sweep_html(sweep: Sweep, recipes: Mapping[str, str] | None = None) -> str:
    """The page: one offline file.

    Parameters
    ----------
    sweep : Sweep
    recipes : mapping, optional
        ``command`` and ``python`` that make it again, for its buttons.
    """
    colors = rules_of(sweep.cells, LossScale.of(sweep))
    rows = [_row(sweep, each) for each in sweep.cells]
    return filled(
        "learn/page.html",
        body="sweep/sweep_body.html",
        styles=("learn/ground.css", "learn/learn.css", "sweep/sweep.css"),
        script="sweep/sweep.js",
        more=(colors,),
        version=version("thalweg"),
        title=text(sweep.finding, 400),
        subtitle=text(sweep.about, 400),
        colors=colors,
        grid=_grid(sweep),
        legend=_legend(sweep),
        sentences="".join(f"<p>{text(each, 600)}</p>" for each in sweep.sentences()),
        numbers=folded("All numbers", table(_HEADS, rows, "All cells")),
        data=json_block({**_data(sweep), "recipes": dict(recipes or {})}),
    )


def short(loss: float) -> str:
    """A loss in a cell, in few characters."""
    if round(loss, 3) < 1:
        return f"{loss:.3f}".removeprefix("0")
    return f"{loss:.1f}" if loss < 9.95 else written(loss, 2)


def _grid(sweep: Sweep) -> str:
    heads = "".join(f'<th scope="col">{each:g}</th>' for each in sweep.rates)
    lowest, rows = sweep.lowest, []
    for i, units in enumerate(sweep.units):
        cells = []
        for j in range(len(sweep.rates)):
            number = i * len(sweep.rates) + j
            cells.append(_cell(sweep, sweep.cells[number], number, sweep.cells[number] is lowest))
        rows.append(f'<tr><th scope="row">{units:,}</th>{"".join(cells)}</tr>')
    return (
        '<table class="map"><caption>Mean held-out loss by units and learning rate</caption>'
        f'<thead><tr><th scope="col" class="corner">units</th>{heads}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table>"
    )


def _cell(sweep: Sweep, cell: SweepCell, number: int, lowest: bool) -> str:
    kind = " lowest" if lowest else ""
    if cell.loss is None:
        lost = f"{cell.diverged} of {len(sweep.seeds)} diverged"
        return (
            f'<td><button type="button" class="cell lost" data-cell="{number}" aria-label="{lost}">'
            f"✕ {cell.diverged}</button></td>"
        )
    mark = "▴" if cell.loss >= sweep.constant else ""
    return (
        f'<td><button type="button" class="cell cell-{number}{kind}" data-cell="{number}">'
        f"{short(cell.loss)}{mark}</button></td>"
    )


def marks_in_words(sweep: Sweep) -> list[str]:
    """What the marks of cells say, of those that there are."""
    marks = [] if sweep.lowest is None else ["outlined: the lowest"]
    if any(each.loss is not None and each.loss >= sweep.constant for each in sweep.cells):
        marks.append("▴ no better than a constant answer")
    least = min((each.diverged for each in sweep.cells if each.diverged), default=0)
    if least:
        lost = "one network" if least == 1 else f"{least} networks"
        marks.append(f"✕ {least}: {lost} of the cell diverged")
    return marks


def _legend(sweep: Sweep) -> str:
    """The colours and the marks; no colours without a mean."""
    why = ", so it has no mean" if any(each.diverged for each in sweep.cells) else ""
    marks = f'<p class="marks">{"; ".join(marks_in_words(sweep))}{why}</p>'
    if sweep.lowest is None:
        return marks
    scale = LossScale.of(sweep)
    return (
        f'<p class="legend"><span>{written(scale.low)}</span><span class="scale" '
        f'role="img" aria-label="Colours from the lowest loss to the highest"></span>'
        f"<span>{scale.words(sweep)}</span></p>{marks}"
    )


def words_of(sweep: Sweep, cell: SweepCell) -> str:
    """One cell in words."""
    where = f"{counted(cell.units, 'unit')} at rate {cell.rate:g}"
    if cell.loss is None:
        lost = f"{cell.diverged} of {len(sweep.seeds)} networks diverged"
        return f"{where}: {lost}, so there is no mean."
    loss, error, of_rows, of_seeds, low, high = _numbers(cell, 3)
    return (
        f"{where}: mean loss {loss} ± {error}, the standard error "
        f"(by rows {of_rows}, by seeds {of_seeds}); 95 % interval {low} to {high}, from "
        f"{len(sweep.seeds)} networks on {sweep.held_rows:,} held-out rows. "
        f"{_standing(sweep, cell)}"
    )


def _numbers(cell: SweepCell, digits: int) -> list[str]:
    """The mean, its errors and the ends of its interval, with the same number of decimals."""
    numbers = (cell.loss, cell.error, cell.of_rows, cell.of_seeds, cell.low, cell.high)
    return even([each or 0.0 for each in numbers], digits, in_column=True)


def _standing(sweep: Sweep, cell: SweepCell) -> str:
    if cell is sweep.lowest:
        return "It is the lowest."
    return (
        "Shown to be above the lowest."
        if cell.shown_higher
        else ("Not shown to be above the lowest.")
    )


def _row(sweep: Sweep, cell: SweepCell) -> list[str]:
    lost = f"{cell.diverged} of {len(sweep.seeds)}"
    start = [f"{cell.units:,}", f"{cell.rate:g}"]
    if cell.loss is None:
        return [*start, "none", "", "", "", "", lost, ""]
    *numbers, low, high = _numbers(cell, 4)
    standing = "shown" if cell.shown_higher else "not shown"
    return [
        *start, *numbers, f"{low} to {high}", lost,
        "the lowest" if cell is sweep.lowest else standing,
    ]  # fmt: skip


def _data(sweep: Sweep) -> dict[str, object]:
    """What the script needs: the words of each cell, its networks, and the scale."""
    scale = LossScale.of(sweep)
    lowest = sweep.lowest
    return {
        "columns": len(sweep.rates),
        "rates": [f"{each:g}" for each in sweep.rates],
        "units": [str(each) for each in sweep.units],
        "first": 0 if lowest is None else sweep.cells.index(lowest),
        "low": scale.low,
        "high": scale.high,
        "constant": sweep.constant,
        "cells": [
            {
                "words": words_of(sweep, each),
                "losses": each.as_dict()["seed_losses"],
                "interval": None if each.low is None else [each.low, each.high],
                "mean": each.loss,
            }
            for each in sweep.cells
        ],
    }
