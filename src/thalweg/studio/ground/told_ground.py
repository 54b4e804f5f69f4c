"""A ground as a page draws it: the sheet of a landscape page, and what is said of it."""

from collections.abc import Mapping
from typing import Any

from thalweg.landscape.ground.surface import Surface
from thalweg.landscape.numbers_in_words import listed, percent
from thalweg.landscape.planes.distortion import Trail, off_by
from thalweg.landscape.planes.least_distorting_plane import Score
from thalweg.reporting.landscape.drawn_run import DrawnRun
from thalweg.reporting.landscape.landscape_page import sheet_data
from thalweg.reporting.landscape.landscape_sheet import Sheet, surface_sheet
from thalweg.studio.ground.held_grounds import HeldGround

Plain = dict[str, Any]


def sheet_of(surface: Surface, titles: Mapping[str, str]) -> Sheet:
    """The sheet of a surface; ``titles`` says what readers call its runs."""
    return surface_sheet(surface, titles)


def told_ground(held: HeldGround, titles: Mapping[str, str]) -> Plain:
    """What a page draws and says of a ground.

    Parameters
    ----------
    held : HeldGround
    titles : dict of str
        What readers call runs, by their ids.
    """
    surface = held.surface
    sheet = sheet_of(surface, titles)
    facts = surface.badge.facts
    return {
        "ground": held.id, "points": len(surface.a), "complete": surface.complete,
        "method": held.method, "sheet": sheet_data(sheet, held.azimuth),
        "verdict": sheet.verdict, "sentences": list(sheet.sentences),
        "rows": facts.rows, "of_rows": facts.of_rows, "height": facts.height,
        "runs": [_figures(line, titles) for line in sheet.lines],
        "planes": [
            {
                "method": each.method, "gap": off_by(each.gap), "start": off_by(each.start_gap),
                "worst": off_by(each.worst), "movement": percent(_share(each, surface)),
            }
            for each in surface.scores
        ],
        "left": left_sentence(surface, titles),
    }  # fmt: skip


def _share(score: Score, surface: Surface) -> float:
    """How much of the movement a measured plane contains; that of the drawn one is the picture's.

    The runs grow on it, so its share changes, and no two figures stand for it.
    """
    now = surface.badge.movement
    is_drawn = score.method == surface.plane.method
    return now if is_drawn and now is not None else score.movement


def _figures(line: DrawnRun, titles: Mapping[str, str]) -> Plain:
    """How far a run can be trusted on this ground, in words."""
    told = {"run": line.name, "words": titles.get(line.name, line.words)}
    if line.diverged:
        return {**told, "fate": line.fate}
    gap, step = line.worst
    return {
        **told, "verdict": line.verdict, "off": percent(float(line.off[-1])),
        "drawn": off_by(line.misfit), "worst": off_by(gap), "step": step,
    }  # fmt: skip


def left_sentence(surface: Surface, titles: Mapping[str, str]) -> str:
    """Which runs have left the part of the plane that is shown; "" if none has."""
    gone = [titles.get(each.name, each.name) for each in surface.trails if _is_gone(each, surface)]
    if not gone:
        return ""
    verb = "has" if len(gone) == 1 else "have"
    return f"{listed(gone)} {verb} left this ground. A new plane shows where the runs are now."


def _is_gone(trail: Trail, surface: Surface) -> bool:
    """Whether a run that did not diverge ends outside."""
    a, b = float(trail.a[-1]), float(trail.b[-1])
    inside = surface.a[0] <= a <= surface.a[-1] and surface.b[0] <= b <= surface.b[-1]
    return not (trail.diverged or inside)
