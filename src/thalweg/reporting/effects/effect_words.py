"""Effect curves in words: what an answer is, lines for a terminal, HTML for a notebook."""

from base64 import b64encode
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from thalweg.evaluation.effects.effect import Effect
from thalweg.evaluation.effects.effect_source import AnswerUnit
from thalweg.evaluation.judging.regression_loss import statistic_of_target
from thalweg.evaluation.section_texts.effect_texts import ALE, BOTH, CAUTION, PDP, answer_of
from thalweg.reporting.sparkline import sparkline
from thalweg.wording import counted_rows, printable

if TYPE_CHECKING:
    from thalweg.reporting.effects.shown_effects import Effects

_WIDTH = 80
_SPARK = 16
_NAME, _LONGEST_NAME = 24, 240
# Levels that are named with their effects: all, or so many at each end.
_MOST_LEVELS, _AT_EACH_END = 8, 4


def answer_words(found: "Effects", target: str = "") -> str:
    """What an answer is, with its unit."""
    named = statistic_of_target(found.statistic, target or found.target)
    return answer_of(found.scale, [each.output for each in found.effects], named)


def rows_in_words(found: "Effects") -> str:
    """The rows that curves are computed on, and how."""
    kinds = {each.kind for each in found.effects}
    how = {frozenset(["ale"]): ALE, frozenset(["pdp"]): PDP}.get(frozenset(kinds), BOTH)
    return f"{counted_rows(found.n_rows)}; {how}"


def effect_lines(found: "Effects", target: str = "", *, ascii: bool = False) -> list[str]:
    """The curves for a terminal of 80 columns: a sparkline or levels, the ends, and the sentence.

    Parameters
    ----------
    found : Effects
    target : str
        The name of the target, and its unit.
    ascii : bool, default False
        Whether to use ASCII characters only.
    """
    several = len({each.output for each in found.effects}) > 1
    zero = "0 is the mean over the rows" if found.centered else "mean answer at each value"
    lines = [
        f"Effect of each column on the {answer_words(found, target)}",
        f"{rows_in_words(found)}; {zero}",
        "",
    ]
    for each in found.effects:
        lines += _of_one(each, found.unit, several=several, ascii=ascii)
    if found.left_out:
        lines += ["", "Without a curve:"]
        for left in found.left_out:
            lines += _wrapped(f"{printable(left.column)}: {left.why}", "  ")
    lines.append("")
    for note in (*found.notes, CAUTION):
        lines += _wrapped(note if note.endswith(".") else f"{note}.", "")
    return lines


def _of_one(effect: Effect, unit: AnswerUnit, *, several: bool, ascii: bool) -> list[str]:
    name = printable(_name(effect, several=several))
    ends = effect.mean[effect.supported]
    span = ""
    if len(ends):  # else the rows that were moved are unlike the training rows at all points
        span = f"{unit.number(ends.min())} to {unit.change(ends.max(), signed=True)}"
    lines = []
    if len(name) > _NAME:  # a long name has lines of its own
        lines, name = _wrapped(_short(name, _LONGEST_NAME), ""), ""
    if effect.levels:
        lines.append(f"{name:<{_NAME}}  {span}".rstrip())
        # A level and its number stay on one line.
        of_levels = _wrapped(_of_levels(effect, unit), "    ")
        lines += [line.replace("\N{NO-BREAK SPACE}", " ") for line in of_levels]
    else:
        known = np.where(effect.supported, effect.mean, np.nan)
        spark = sparkline(known, _SPARK, ascii=ascii).replace("x" if ascii else "×", ".")
        lines.append(f"{name:<{_NAME}}  {spark:<{_SPARK}}  {span}".rstrip())
    lines += _wrapped(effect.sentence, "    ")
    if effect.missing is not None:
        its = effect.missing
        ends_of = unit.interval(its.mean, its.low, its.high)
        lines += _wrapped(f"missing: {ends_of}, {counted_rows(its.rows)}", "    ")
    return lines + [line for note in effect.notes for line in _wrapped(note, "    ")]


def _of_levels(effect: Effect, unit: AnswerUnit) -> str:
    """The levels with their effects, the highest first; of many, those at both ends."""
    places = np.flatnonzero(effect.supported)
    places = places[np.argsort(-effect.mean[places], kind="stable")]
    said = [
        f"{_short(printable(effect.levels[k]), _NAME)} {unit.number(effect.mean[k])}".replace(
            " ", "\N{NO-BREAK SPACE}"
        )
        for k in places
    ]
    if len(said) <= _MOST_LEVELS:
        return ", ".join(said)
    between = f"{len(said) - 2 * _AT_EACH_END} between"
    return ", ".join([*said[:_AT_EACH_END], between, *said[-_AT_EACH_END:]])


def _name(effect: Effect, *, several: bool) -> str:
    """The column, and of several classes the class."""
    return f"{effect.column} ({effect.output})" if several else effect.column


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _wrapped(text: str, indent: str) -> list[str]:
    from textwrap import wrap

    return wrap(text, _WIDTH, initial_indent=indent, subsequent_indent=indent)


def effects_html(found: "Effects") -> str:
    """A picture of the curves, and their sentences as a list."""
    picture = found.plot()
    small = b64encode(picture.small_png(picture.notebook_dpi)).decode()
    several = len({each.output for each in found.effects}) > 1
    titles = [f"{_name(each, several=several)}: {each.sentence}" for each in found.effects]
    left = [f"{each.column}: {each.why}" for each in found.left_out]
    return (
        f'<img width="640" alt="{escape(picture.title)}" src="data:image/png;base64,{small}">'
        f"<details><summary>The curves in words</summary>{_items(titles)}</details>"
        + (f"<p>Without a curve:</p>{_items(left)}" if left else "")
        + f"<p>{escape(' '.join([*(f'{note}.' for note in found.notes), CAUTION]))}</p>"
    )


def _items(texts: Sequence[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(printable(text))}</li>" for text in texts) + "</ul>"
