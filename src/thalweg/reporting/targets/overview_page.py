"""The overview of a model of several targets, as one offline HTML page.

A line for each model and target shows the measure with its interval: of labels on one axis, of
numbers on an axis for each. It contains no row of a table. Its script only copies commands: without
it the page shows all of them.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from thalweg.evaluation.comparing.margin_rule import (
    BETTER,
    BETTER_LITTLE,
    EQUIVALENT,
    WORSE,
    WORSE_LITTLE,
)
from thalweg.evaluation.several.targets_together import Together
from thalweg.reporting.html_pieces import estimate, name, table, text
from thalweg.reporting.inline import filled, json_block
from thalweg.reporting.targets.target_rows import Evaluated, TargetRow, axis_of, target_rows
from thalweg.reporting.verdict_words import interval_of, kind_of
from thalweg.wording import amount, counted, even

_LONGEST = 2_000
# The name of an option, which is not broken at its hyphens.
_OPTION = re.compile(r"(?<= )--?[a-z][a-z-]*(?= )")
# A command is whole, so that it works when it is copied.
_LONGEST_COMMAND = 1_000_000
# Links to more targets are folded.
_MOST_LINKS = 40
# The share of an axis that stays free on each side.
_EDGE = 0.03


@dataclass(frozen=True)
class Overview:
    """What the page of several targets shows.

    Attributes
    ----------
    table : str
        The name of the table.
    evaluated : mapping of str to verdict
        By the names of the targets.
    thalweg : str
        The version.
    units : mapping of str to str
        Of numbers.
    together : Together or None
    facts : sequence of (str, str)
        How the model was made: the subject of each line, and the line.
    reports : mapping of str to str
        By the names of the targets, the commands that make their reports.
    recipes : mapping of str to str
        ``command`` and ``python`` that make this page again; empty if they are not known.
    """

    table: str
    evaluated: Evaluated
    thalweg: str
    units: Mapping[str, str] = field(default_factory=dict)
    together: Together | None = None
    facts: Sequence[tuple[str, str]] = ()
    reports: Mapping[str, str] = field(default_factory=dict)
    recipes: Mapping[str, str] = field(default_factory=dict)


def overview_html(overview: Overview) -> str:
    """The page, for a UTF-8 file; it makes no request."""
    rows = target_rows(overview.evaluated, overview.units)
    head = f"{overview.table}: {_headline(rows, overview.evaluated)}"
    return filled(
        "targets.html",
        styles=("marks.css", "report.css", "targets.css"),
        script="targets.js",
        version=text(overview.thalweg),
        title=text(head, _LONGEST),
        kicker=f"thalweg report · {name(overview.table)}",
        headline=text(head, _LONGEST),
        sentence=text(_how(overview), _LONGEST),
        sections="\n".join(
            [_parts(overview, rows), _targets(rows), _together(overview), _single(overview)]
        ),
        made=_made(overview),
        footer=f"<b>Not a medical device.</b> Made by thalweg {text(overview.thalweg)}; this page "
        "is one file, makes no network request and contains no row of the table.",
        data=json_block({"recipes": dict(overview.recipes)}),
    )


def _headline(rows: Sequence[TargetRow], evaluated: Evaluated) -> str:
    """How the model compares with the simpler one, counted over the targets."""
    many = f"one network for {counted(len(rows), 'target')}"
    simpler = kind_of(next(iter(evaluated.values()))).rival
    ruled = [row.ruling for row in rows if row.ruling]
    if not ruled:
        return many
    kinds = {
        "better": (BETTER, BETTER_LITTLE), "equally good": (EQUIVALENT,),
        "worse": (WORSE, WORSE_LITTLE),
    }  # fmt: skip
    counts = {said: sum(each in names for each in ruled) for said, names in kinds.items()}
    counts["undecided"] = len(ruled) - sum(counts.values())
    parts = [f"{said} for {n}" for said, n in counts.items() if n]
    return f"{many}; beside {simpler} it is {', '.join(parts)}"


def _how(overview: Overview) -> str:
    how = next(iter(overview.evaluated.values()))["how"]
    return f"{how}; the same rows for all targets. Of each measure, less is better."


def _parts(overview: Overview, rows: Sequence[TargetRow]) -> str:
    """Links to the parts of the page, and to each target."""
    heads = [("targets", "The targets"), ("together", "How the targets go together")]
    heads += [("single", "The report of one target")] if overview.reports else []
    heads += [("made", "How it was made")]
    parts = [f'<li><a href="#{key}-title">{head}</a></li>' for key, head in heads]
    links = [
        f'<li><a href="#target-{t}">{name(row.name)}</a></li>' for t, row in enumerate(rows, 1)
    ]
    targets = f'<ul aria-label="Targets">{"".join(links)}</ul>'
    if len(rows) > _MOST_LINKS:
        targets = f"<details><summary>All {len(rows):,} targets</summary>{targets}</details>"
    return f'<nav aria-label="Parts of this page"><ul>{"".join(parts)}</ul>{targets}</nav>'


def _targets(rows: Sequence[TargetRow]) -> str:
    # Numbers have units of their own, known or not: each of them has its axis.
    shared = None if any(row.metric.in_unit for row in rows) else axis_of(rows)
    parts = [_target(t, row, _Scale(*(shared or axis_of([row])))) for t, row in enumerate(rows, 1)]
    same = (
        "an axis for each target" if shared is None else f"one axis for all, of {rows[0].measure}"
    )
    return (
        '<section aria-labelledby="targets-title"><h2 id="targets-title">The targets</h2>'
        f'<p class="soft">The dot is the value on test rows, the line its 95 % interval; {same}.'
        f"</p>{''.join(parts)}</section>"
    )


class _Scale:
    """Places on an axis, in per cent of its width."""

    def __init__(self, low: float, high: float) -> None:
        self.low, self.high = low, high

    def at(self, value: float) -> float:
        """The place of a value; of one beyond the ends, the end."""
        share = (value - self.low) / (self.high - self.low)
        return 100 * (_EDGE + (1 - 2 * _EDGE) * min(max(share, 0.0), 1.0))


def _target(number: int, row: TargetRow, scale: _Scale) -> str:
    lines = [_line(row.column, row.model, scale, is_model=True)]
    lines += [_line(each, found, scale) for each, found in row.baselines.items()]
    return (
        f'<article class="target" id="target-{number}"><h3>{name(row.name)}</h3>'
        f'<p class="says">{text(row.sentence, _LONGEST)}</p>'
        f'<table class="spans"><caption class="soft">{text(row.measure)} on test rows, '
        f"[95 % interval]</caption><tbody>{''.join(lines)}{_axis(scale)}</tbody></table></article>"
    )


def _line(head: str, measured: Any, scale: _Scale, *, is_model: bool = False) -> str:
    ends = interval_of(measured)
    drawn = ""
    if ends is not None:
        value, low, high = (scale.at(each) for each in ends)
        drawn = (
            f'<line x1="{low:.2f}%" x2="{high:.2f}%" y1="9" y2="9"/>'
            f'<circle cx="{value:.2f}%" cy="9" r="{5 if is_model else 4}"/>'
        )
    return (
        f'<tr{" class=model" if is_model else ""}><th scope="row">{text(head)}</th>'
        f'<td class="value">{estimate(measured, partial(even, digits=3, in_column=True))}</td>'
        f'<td class="drawn"><svg class="span" aria-hidden="true">{_ticks(scale)}{drawn}</svg></td>'
        "</tr>"
    )


def _number(value: float) -> str:
    return amount(value, 3, in_column=True)


def _marks(scale: _Scale) -> list[float]:
    return [scale.low, (scale.low + scale.high) / 2, scale.high]


def _ticks(scale: _Scale) -> str:
    return "".join(
        f'<line class="tick" x1="{scale.at(each):.2f}%" x2="{scale.at(each):.2f}%" y1="0" y2="18"/>'
        for each in _marks(scale)
    )


def _axis(scale: _Scale) -> str:
    ends = ("start", "middle", "end")
    said = "".join(
        f'<text x="{scale.at(each):.2f}%" y="12" text-anchor="{end}">{amount(each, 3)}</text>'
        for each, end in zip(_marks(scale), ends, strict=True)
    )
    return (
        '<tr class="axis" aria-hidden="true"><th></th><td class="value"></td>'
        f'<td class="drawn"><svg class="span">{said}</svg></td></tr>'
    )


def _together(overview: Overview) -> str:
    found = overview.together
    title = '<h2 id="together-title">How the targets go together</h2>'
    begin = f'<section aria-labelledby="together-title">{title}'
    if found is None:
        why = "It is not known: no file keeps the correlations of more than 20 targets, or of "
        return f'{begin}<p class="soft">{why}an evaluation that another version made.</p></section>'
    said = (
        " ".join(found.sentences()).replace(" -0.", " −0.")
        or "No two of them vary on the test rows."
    )
    what = "φ" if found.of_labels else "Pearson’s r"
    tables = _matrix(found.names, found.targets, f"The targets on the test rows, {what}")
    tables += _matrix(found.names, found.errors, "The errors of the predictions, Pearson’s r")
    return (
        f'{begin}<p>{text(said, _LONGEST)}</p><p class="soft">If errors go together, what is hard '
        "for one target is hard for the other, or something that no column has moves both.</p>"
        f'<div class="pairs">{tables}</div></section>'
    )


def _matrix(names: Sequence[str], values: Any, caption: str) -> str:
    heads = ["", *(name(each) for each in names)]
    rows = [
        [name(first), *("1" if i == j else _r(values[i, j]) for j in range(len(names)))]
        for i, first in enumerate(names)
    ]
    return f"<h3>{caption}</h3>{table(heads, rows, caption)}"


def _r(value: float) -> str:
    return "not known" if value != value else f"{value:+.2f}".replace("-", "−")


def _single(overview: Overview) -> str:
    if not overview.reports:
        return ""
    commands = "".join(
        f"<li>{_command(f'report-{t}', command)}</li>"
        for t, command in enumerate(overview.reports.values(), 1)
    )
    return (
        '<section aria-labelledby="single-title"><h2 id="single-title">The report of one target'
        "</h2><p>Thresholds, calibration, what each column adds, subgroups and the trained network "
        "of one target are on a page of its own. These commands make them:</p>"
        f'<ul class="commands">{commands}</ul></section>'
    )


def _command(key: str, words: str, button: str = "Copy") -> str:
    """A command with a button that copies it; it wraps, so that no part of it is out of sight."""
    shown = _OPTION.sub(r"<span>\g<0></span>", text(words, _LONGEST_COMMAND))
    if button:
        button = (
            f'<button type="button" hidden data-copies="{key}" aria-describedby="{key}">{button}'
            "</button>"
        )
    return f'<div class="command"><code id="{key}">{shown}</code>{button}</div>'


def _made(overview: Overview) -> str:
    lines = [("Version", f"thalweg {overview.thalweg}"), *overview.facts]
    body = "".join(
        f"<div><dt>{text(head)}</dt><dd>{text(words, _LONGEST)}</dd></div>" for head, words in lines
    )
    again = ""
    if recipe := overview.recipes.get("command"):
        again = f"<p>This command makes the page again:</p>{_command('again', recipe, '')}"
    return (
        '<section aria-labelledby="made-title"><h2 id="made-title">How it was made</h2>'
        f'<dl class="facts">{body}</dl>{again}<div class="tools" id="copies"></div></section>'
    )
