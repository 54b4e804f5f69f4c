"""The landscape page: one offline HTML file with a 3-D view, a time slider and a map.

It contains the sheets as float32 in base64, the project's own modules for the canvas, and all
figures as a table and sentences, for readers without scripts or with a screen reader. It makes no
request: its policy forbids them, and allows its own script and style by their hashes.
"""

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from thalweg.errors import SettingsError
from thalweg.landscape.numbers_in_words import percent, written
from thalweg.landscape.planes.distortion import off_by
from thalweg.landscape.planes.least_distorting_plane import Score
from thalweg.reporting.html_pieces import clipped, name, text
from thalweg.reporting.inline import filled, json_block
from thalweg.reporting.landscape.drawn_run import DrawnRun
from thalweg.reporting.landscape.landscape_looks import INKS, RUN_COLORS, run_look
from thalweg.reporting.landscape.landscape_sheet import Sheet
from thalweg.reporting.stage.sheet_ground import best_azimuth

_RUN_HEADS = (
    "run", "optimizer", "loss now", "start", "lowest", "end", "steps", "off the plane",
    "drawn off by", "at worst",
)  # fmt: skip
# The columns about the plane, which the page hides in a profile, and how many come before them
# behind the lowest loss.
_OF_PLANE, _END_AND_STEPS = 3, 2
_PLANE_HEADS = (
    "plane", "drawn off by, mean of the runs", "at the start", "worst run", "movement contained"
)  # fmt: skip

# No headline is cut: its names are short. This only bounds a page that somebody else's data makes.
_HEADLINE = 4000
# A table of more runs scrolls.
_MANY = 40
# Of so many runs each can be seen; of more, one is brought forward, and of still more by itself.
FEW, SEVERAL = 4, 7


def landscape_html(
    sheets: Sequence[Sheet],
    *,
    subtitle: str = "",
    rates: str = "",
    scores: Sequence[Score] = (),
    first: int = 0,
    flat: bool = False,
    recipes: Mapping[str, str] = MappingProxyType({}),
    seed: int | None = None,
    plane: str = "",
    more: str = "",
) -> str:
    """The page.

    Parameters
    ----------
    sheets : sequence of Sheet
        The table shows the runs of the first sheet.
    subtitle : str
        Data, network, random seed.
    rates : str
        Where the learning rates come from, for a note below the picture.
    scores : sequence of Score
        The scores of the candidate planes, if the plane was chosen among several.
    first : int, default 0
        The sheet that is shown first.
    flat : bool, default False
        Whether to open as a map.
    recipes : mapping of str to str, optional
        How to make it again: texts of a "command" and in "Python", to be copied.
    seed : int, optional
    plane : str
        The random seed and the method of the plane, which the links of the page say.
    more : str
        Further sections, as HTML.

    Returns
    -------
    str
        One file of HTML in UTF-8.

    Raises
    ------
    SettingsError
        If there is no sheet.
    """
    if not sheets:
        raise SettingsError("A page needs something to show", fix="give at least one sheet")
    lines = sheets[0].lines
    own = {"first": first, "flat": flat, "recipes": dict(recipes), "seed": seed, "plane": plane}
    return filled(
        "landscape.html", styles=("landscape.css",), script="landscape.js",
        **_heads_of_page(sheets[0], subtitle, rates), **_controls(sheets, recipes),
        run_heads=_heads(_RUN_HEADS, _OF_PLANE), runs="".join(map(_row, lines)),
        **_box_of_runs(len(lines)),
        badges="".join(_badge(sheet, i) for i, sheet in enumerate(sheets)),
        planes=_planes(scores), sections=more,
        data=json_block({**page_data(sheets), **own}),
    )  # fmt: skip


def _heads_of_page(sheet: Sheet, subtitle: str, rates: str) -> dict[str, Any]:
    """The words around the picture."""
    finding = text(sheet.finding.replace("\n", " "), _HEADLINE)
    return {
        "version": text(version("thalweg")),
        "title": finding,
        "headline": finding,
        "subtitle": text(subtitle, 400),
        "rates": f'<p class="marks">{text(rates, 700)}</p>' if rates else "",
    }


def _controls(sheets: Sequence[Sheet], recipes: Mapping[str, str]) -> dict[str, Any]:
    """What a reader can press, and what the marks are."""
    lines = sheets[0].lines
    names = enumerate(text(sheet.name) for sheet in sheets)
    return {
        "options": "".join(f'<option value="{i}">{each}</option>' for i, each in names),
        "chips": "".join(map(_chip, lines)),
        "focuses": "".join(
            f'<option value="{each.look}">{text(each.words)}</option>' for each in lines
        ),
        "focus_hidden": "" if len(lines) > FEW else " hidden",
        "marks": _marks(sheets[0]),
        "recipes": "".join(
            f'<button type="button" data-copies="{key}">Copy as {key}</button>' for key in recipes
        ),
    }


def _swatch(look: int) -> str:
    """The colour of a run; where another run has it, too, the line has gaps, as its tube."""
    again = min(2, look // len(RUN_COLORS))
    gaps = f' class="again-{again}"' if again else ""
    return f'<i data-look="{look}"{gaps}></i>'


def _chip(line: DrawnRun) -> str:
    """The switch of a run: its colour, its name, its loss."""
    return (
        f'<button type="button" data-shows="{line.look}" aria-pressed="true">'
        f'{_swatch(line.look)}{text(line.words)} <small data-now="{line.look}"></small>'
        "</button>"
    )


def _box_of_runs(n_runs: int) -> dict[str, Any]:
    """The box of the table of the runs: only a really long one scrolls, and then a hint says so."""
    if n_runs <= _MANY:
        return {"box": 'class="scroll"', "hint": ""}
    return {
        "box": 'class="scroll many" tabindex="0" role="region" aria-label="The runs"',
        "hint": f'<p class="hint">{n_runs:,} runs: the table scrolls in its box.</p>',
    }


def page_data(sheets: Sequence[Sheet]) -> dict[str, Any]:
    """The data for the page's script, which other programs may read, too."""
    lines = sheets[0].lines
    looks = 1 + max((line.look for sheet in sheets for line in sheet.lines), default=-1)
    calm = [each for each in lines if not each.diverged]
    lowest = min(calm, key=lambda each: (each.wanders, each.end), default=None)
    return {
        "thalweg": version("thalweg"),
        "sheets": [sheet_data(sheet, best_azimuth(_fixed(sheet, sheets))) for sheet in sheets],
        "runs": [{"name": clipped(line.name), "look": line.look} for line in lines],
        "focus": lowest.look if lowest and len(lines) > SEVERAL else None,
        "looks": [
            {
                "light": run_look(number).color,
                "dark": run_look(number, dark=True).color,
                "dash": run_look(number).dash,
            }
            for number in range(looks)
        ],
        "colors": {mode: ink._asdict() for mode, ink in INKS.items()},
    }


def _fixed(sheet: Sheet, sheets: Sequence[Sheet]) -> Sheet:
    """The sheet whose azimuth a sheet has: slices along a run have that of the plane."""
    return sheets[0] if sheet.frames else sheet


def sheet_data(sheet: Sheet, azimuth: float) -> dict[str, Any]:
    """A sheet for a page's script, seen from there."""
    frames = [
        {"step": each.step, "point": each.point, "losses": packed(each.losses)}
        for each in sheet.frames
    ]
    return {
        "kind": sheet.kind,
        "exact": sheet.relief["whole"],
        "name": clipped(sheet.name),
        "finding": clipped(sheet.finding.replace("\n", " "), _HEADLINE),
        "x": packed(sheet.x),
        "y": packed(sheet.y),
        "losses": packed(sheet.losses),
        "relief": {key: each for key, each in sheet.relief.items() if each is not None},
        "axes": [clipped(each, 120) for each in sheet.axes],
        "azimuth": azimuth,
        "lines": [_line(line) for line in sheet.lines],
        "places": [
            {"kind": each.kind, "x": each.a, "y": each.b, "loss": each.loss}
            for each in sheet.places
        ],
        "courses": [
            {"name": each.name, "x": packed(each.a[::3]), "y": packed(each.b[::3])}
            for each in sheet.courses
        ],
        **({"frames": frames} if frames else {}),
    }


def _line(line: DrawnRun) -> dict[str, Any]:
    """A run; what is as usual is left out, and the page puts it in again."""
    usual = {
        "steps": np.arange(len(line.steps)),
        "y": np.zeros(len(line.y)),
        "drawn": line.true,
        "off": np.zeros(len(line.off)),
    }
    given = {
        "steps": line.steps, "x": line.x, "y": line.y, "loss": line.true, "drawn": line.drawn,
        "off": line.off,
    }  # fmt: skip
    return {
        "name": clipped(line.name),
        "words": line.words,
        "look": line.look,
        "best": line.best,
        "diverged": line.diverged,
        **({"late": line.late, "last": line.label(len(line.x) - 1)} if line.late else {}),
        **{
            key: packed(values)
            for key, values in given.items()
            if key not in usual or not np.array_equal(np.float32(values), np.float32(usual[key]))
        },
    }


def packed(values: ArrayLike) -> str:
    """Numbers as base64 of little-endian float32; larger numbers become the largest one."""
    given = np.asarray(values, np.float64)
    largest = np.finfo(np.float32).max
    given = np.where(np.isfinite(given), np.clip(given, -largest, largest), given)
    return b64encode(np.ascontiguousarray(given, "<f4").tobytes()).decode("ascii")


def _row(line: DrawnRun) -> str:
    """The table row of a run: its mark, its name, its losses and its distance from the plane."""
    word = "" if line.verdict == "exact" else f" ({text(line.verdict)})"
    start, lowest = (written(float(line.true[point]), 4) for point in (0, line.best))
    if line.diverged:
        fate = f"✕ {line.fate}"
        cells = _labelled(zip(_RUN_HEADS[3:5], (start, lowest), strict=True))
        cells += f'<td colspan="{_END_AND_STEPS + _OF_PLANE}" data-fate>{fate}</td>'
    else:
        gap, step = line.worst
        # A cell may be broken into lines, but no number from its unit.
        shares = (percent(float(line.off[-1])), off_by(line.misfit), off_by(gap))
        off, misfit, worst = (share.replace(" %", "\u00a0%") for share in shares)
        at = f"(step\u00a0{step:,})"
        numbers = (
            start, lowest, _end(line), f"{int(line.steps[-1]):,}",
            off, f"{misfit}{word}", worst if line.verdict == "exact" else f"{worst} {at}",
        )  # fmt: skip
        cells = _labelled(zip(_RUN_HEADS[3:-_OF_PLANE], numbers[:-_OF_PLANE], strict=True))
        of_plane = zip(_RUN_HEADS[-_OF_PLANE:], numbers[-_OF_PLANE:], strict=True)
        cells += _labelled(of_plane, " data-of-plane")
    shown = text(line.name)
    # The name for a command line, where readers see another one.
    known = "" if line.name == line.words else _broken(f" ({name(line.name)})")
    # A run that is named after its optimizer has one cell for both.
    one = line.name == line.rule
    rule = "" if one else f'<td class="rule" data-label="">{_broken(text(line.rule))}</td>'
    return (
        f'<tr data-run="{shown}"><th scope="row"{" colspan=2" if one else ""}>'
        f"{_swatch(line.look)}{text(line.words)}"
        f"{known}</th>{rule}"
        f'<td data-now="{line.look}" data-label="{_RUN_HEADS[2]}"></td>{cells}</tr>'
    )


def _end(line: DrawnRun) -> str:
    """The loss at the end; of a run that goes up and down to it, that of the last quarter."""
    way = line.behaviour
    if not line.wanders:
        return written(line.end, 4)
    return f"up and down, {written(way.late_low)} to {written(way.late_high)}"


def _labelled(cells: Iterable[tuple[str, str]], more: str = "") -> str:
    """Cells with the heads of their columns, which a narrow page shows beside them."""
    return "".join(f'<td data-label="{head}"{more}>{cell}</td>' for head, cell in cells)


def _heads(heads: Sequence[str], of_plane: int = 0) -> str:
    """Heads of columns, of which the last ones are about the plane."""
    n = len(heads) - of_plane
    return "".join(
        f'<th scope="col"{"" if i < n else " data-of-plane"}>{head}</th>'
        for i, head in enumerate(heads)
    )


def _broken(shown: str) -> str:
    """A text form, in which a line may break after a comma."""
    return shown.replace(",", ",<wbr>")


def _badge(sheet: Sheet, number: int) -> str:
    """The verdict of a sheet, as a word and as figures."""
    said = "".join(f"<li>{text(each, 400)}</li>" for each in sheet.sentences)
    hidden = " hidden" if number else ""
    return (
        f'<section class="badge" data-sheet="{number}"{hidden}><h2>Is this picture honest? '
        f'<span class="word">{text(sheet.verdict)}</span></h2><ul>{said}</ul></section>'
    )


def _marks(sheet: Sheet) -> str:
    """What lines and marks are, in each view: on a map nothing is hidden.

    The page hides in a profile what only a plane has: leaps, runs off it, and thalwegs.
    """
    of_block = ["thin and dashed: hidden behind the ground"]
    of_map = [] if sheet.verdict == "exact" else ["thin and dashed: more than half of its distance "
                                                  "off the plane"]  # fmt: skip
    curtain = (
        "" if sheet.relief["whole"]
        else '<span class="of-block"> · runs fly at their true loss; a curtain joins them to the '
        "drawn ground</span>"
    )  # fmt: skip
    plane = "".join(f"<span class={where}> · {said[0]}</span>" for where, said in (
        ('"of-map"', of_map),) if said)  # fmt: skip
    white = " · dotted white: the floor of a valley (thalweg)" if sheet.courses else ""
    cut = (
        " · ✕ diverged: the last point before its loss explodes, or the edge"
        if any(line.diverged for line in sheet.lines) else ""
    )  # fmt: skip
    return (
        f'{cut}<span class="of-block"> · {of_block[0]}</span>{curtain} · hatched: cut, or without '
        f'a finite loss<span id="leaps" data-of-plane> · An arc is one step; its height means '
        f"nothing. Dots: where earlier arcs ended</span><span data-of-plane>{plane}{white}</span>"
    )


def _planes(scores: Sequence[Score]) -> str:
    """The candidates for the plane, best first."""
    if len(scores) < 2:
        return ""
    rows = []
    for each in scores:
        numbers = (*map(off_by, (each.gap, each.start_gap, each.worst)), percent(each.movement))
        cells = _labelled(zip(_PLANE_HEADS[1:], numbers, strict=True))
        rows.append(f'<tr><th scope="row">{text(each.method)}</th>{cells}</tr>')
    return (
        '<details class="planes" data-of-plane><summary>The measured planes, the least distorting '
        f'first</summary>{_measured(scores[0])}<div class="scroll"><table class="cards">'
        f"<caption>Candidates for the plane</caption><thead><tr>{_heads(_PLANE_HEADS)}</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table></div></details>"
    )


def _measured(best: Score) -> str:
    """On how many points the candidates were measured, if these are not all."""
    if best.points == best.of_points:
        return ""
    return (
        f'<p class="note">Measured on {best.points:,} of the {best.of_points:,} stored points. The '
        "sentences above are of all of them: their figures for the drawn plane, the first one "
        "here, may differ a little.</p>"
    )
