"""A landscape as drawing data: one grid of losses, its paths, and the notes beside it.

Surfaces over a plane and profiles along a path both become sheets here, so that figure, GIF and
page draw the same data.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np

from thalweg.landscape.ground.path_ribbon import Profile
from thalweg.landscape.ground.scale import Floats
from thalweg.landscape.ground.surface import Surface
from thalweg.landscape.ground.teaching_function import HillLine, StationaryPoint
from thalweg.landscape.numbers_in_words import listed, written
from thalweg.landscape.planes.distortion import Trail
from thalweg.landscape.planes.followed_plane import Frame
from thalweg.landscape.runs.race import Race
from thalweg.landscape.runs.runner import cut_of
from thalweg.reporting.landscape.drawn_run import DrawnRun, in_words, is_plural, with_own_titles
from thalweg.reporting.landscape.landscape_headline import capital, finding, goals
from thalweg.reporting.relief.relief_ground import HeightRange, height_range
from thalweg.reporting.relief.relief_looks import ground_looks

# The sides of a profile: its axes have no common unit.
_PROFILE_SIDES = (1.0, 0.62)
# A run that diverged may raise the top of a picture to so many times its start.
_LOST = 1.5
# Where losses reach 0 or below, a logarithm starts at this share of the range below the lowest.
_FLOOR = 0.01


@dataclass(frozen=True, eq=False)
class Sheet:
    """The data of one picture of a landscape.

    Attributes
    ----------
    kind : str
        "plane", "profile" or "followed".
    name : str
        The name in a list of sheets.
    finding : str
        The finding, for a title.
    x, y : ndarray
        Coordinates of the grid.
    losses : ndarray of shape (len(y), len(x))
        NaN where there is no finite loss.
    axes : (str, str)
        The names of the axes.
    lines : tuple of DrawnRun
    verdict : str
        "faithful", "fair", "rough", "misleading", "exact" or "not measured".
    sentences : tuple of str
        The figures that say how far the picture can be trusted.
    height : str
        What the height is.
    places : tuple of StationaryPoint
    courses : tuple of HillLine
        Minima, passes and hills, and the valley floors, if they are known.
    frames : tuple of Frame
        Of a plane that follows a run: the losses of each slice, of which ``losses`` are the last.
    """

    kind: str
    name: str
    finding: str
    x: Floats
    y: Floats
    losses: Floats
    axes: tuple[str, str]
    lines: tuple[DrawnRun, ...]
    verdict: str
    sentences: tuple[str, ...]
    height: str
    places: tuple[StationaryPoint, ...] = ()
    courses: tuple[HillLine, ...] = ()
    frames: tuple[Frame, ...] = ()

    @property
    def relief(self) -> dict[str, Any]:
        """How its ground is made: options of `thalweg.reporting.relief.relief_ground.make_ground`.

        The height reaches above every run that did not diverge; one that did must not crush the
        others.
        """
        calm = [each.true for each in self.lines if not each.diverged]
        lost = [np.minimum(each.true, _LOST * each.true[0]) for each in self.lines]
        losses = np.concatenate([np.empty(0), *(calm or lost)])
        grid = self.grids
        finite = np.concatenate([losses, grid[np.isfinite(grid)]])
        low, high = (float(pick(finite)) if len(finite) else 0.0 for pick in (np.min, np.max))
        found: dict[str, Any] = {
            "whole": self.kind == "plane" and self.verdict == "exact",
            "highest": float(losses.max()) if len(losses) else None,
            "lowest": float(losses.min()) if len(losses) else None,
            "base": 0.0 if low > 0 else low - _FLOOR * (high - low or 1.0),
            # The ground of a profile is straight between its cuts, as its sentences say.
            **({"sides": _PROFILE_SIDES, "fine": False} if self.kind == "profile" else {}),
        }
        if self.frames:  # which share their heights
            high = _range(grid, found).high
            found |= {"lowest": low, "top": high}
        return found

    @property
    def grids(self) -> Floats:
        """The losses of all grids of the sheet, one behind the other."""
        return np.stack([each.losses for each in self.frames]) if self.frames else self.losses

    @property
    def cut(self) -> tuple[int, float]:
        """How many points of the grid are too high for the picture, and where it is cut."""
        found = _range(self.grids, self.relief)
        return found.n_cut, found.high

    @property
    def masked(self) -> int:
        """Points of the grid without a finite loss."""
        return int(np.sum(~np.isfinite(self.losses)))


def _range(losses: Floats, relief: Mapping[str, Any]) -> HeightRange:
    """The range of heights of one ground, or of several together."""
    return height_range(
        losses, relief["whole"], relief["highest"], relief["lowest"], False, relief["base"]
    )


def race_sheets(race: Race) -> tuple[Sheet, ...]:
    """The plane of a race, and the profiles of its runs."""
    plane = surface_sheet(race.surface)
    if race.places:
        words = [f"{capital(kind)}: {what}." for kind, what in _kinds(race.places).items()]
        words += [
            f"{capital(each.name)} (the dotted white lines): {each.words}."
            for each in race.lines[:1]
        ]
        said = (*plane.sentences, *words)
        plane = replace(plane, places=race.places, courses=race.lines, sentences=said)
        reached = goals(plane.lines, plane.places, plane.x)
        plane = replace(plane, finding=reached or plane.finding)
    numbers = {line.name: line.look for line in plane.lines}
    profiles = [profile_sheet(each, numbers[each.name]) for each in race.profiles]
    return (plane, *profiles)


def _kinds(places: Sequence[StationaryPoint]) -> dict[str, str]:
    return {each.kind: each.words for each in places}


def surface_sheet(surface: Surface, titles: Mapping[str, str] = MappingProxyType({})) -> Sheet:
    """The sheet of a surface over a plane; ``titles`` says what readers call runs by name."""
    lines = with_own_titles(
        [
            replace(_line(trail, look, surface), title=titles.get(trail.name, ""))
            for look, trail in enumerate(surface.trails)
        ]
    )
    badge = surface.badge
    if badge.exact:
        lines = tuple(replace(each, verdict="exact") for each in lines)
    unit = " (distance in the space of the weights)" if badge.facts.rows else ""
    axes = [f"{in_words(each, lines)}{unit}" for each in surface.plane.axes]
    said = [in_words(each, lines) for each in badge.sentences()]
    if len(surface.a) < ground_looks()["mesh"]["fine_from"]:
        said.append(
            f"Between its {len(surface.a)} × {len(surface.b)} computed points the ground is a "
            "curve through them: no computed loss is changed."
        )
    return counted_sheet(
        Sheet(
            "plane", f"Plane: {badge.method}", finding(lines), surface.a, surface.b,
            surface.losses, (axes[0], axes[1]), lines, badge.verdict,
            (*said, *_crosses(lines)), badge.facts.height, _middle(surface),
        )
    )  # fmt: skip


def _middle(surface: Surface) -> tuple[StationaryPoint, ...]:
    """The point of a plane without runs, in the middle of the grid."""
    if surface.trails:
        return ()
    loss = float(surface.losses[len(surface.b) // 2, len(surface.a) // 2])
    words = "the point in the middle of the plane"
    return (StationaryPoint(f"here: {written(loss)}", 0.0, 0.0, loss, (0.0, 0.0), words),)


def profile_sheet(profile: Profile, look: int = 0, title: str = "") -> Sheet:
    """The sheet of a profile along one path; ``look`` is that of the path on other sheets.

    ``title`` is what readers call its run, if its name does not say it.

    Its line has the true loss of each recorded point, and so it need not lie on the ground.
    """
    run = profile.run
    nothing = np.zeros(len(run.along))
    line = DrawnRun(
        profile.name, profile.rule, look, run.steps, run.along, nothing, run.true,
        run.true, nothing, run.best, profile.diverged, "exact", 0.0,
        profile.end, title=title,
    )  # fmt: skip
    across = {"steepest": "the direction of largest curvature", "random": "a random direction"}
    sheet = Sheet(
        "profile", f"Profile: {line.words}",
        _along(line),
        profile.along, profile.across, profile.losses,
        ("path from the start (distance in the space of the weights)",
         f"across: {across[profile.direction]} (distance)"),
        (line,), run.verdict, tuple(in_words(each, (line,)) for each in profile.sentences()),
        profile.facts.height,
    )  # fmt: skip
    return counted_sheet(sheet)


def _along(line: DrawnRun) -> str:
    """The finding of a profile; the last loss of a run that wanders or diverged says little."""
    plural = is_plural(line.words)
    its, goes, diverges = ("their", "go", "diverge") if plural else ("its", "goes", "diverges")
    start, end = written(float(line.true[0])), written(float(line.true[-1]))
    way = f"{goes} from loss {start} to {end}"
    if line.diverged:
        way = f"{diverges}, from loss {start} at the start"
    elif line.wanders:
        way = f"{goes} up and down to the end, from loss {start} at the start"
    return f"Along {its} own path, {line.words} {way}"


def _line(trail: Trail, look: int, surface: Surface) -> DrawnRun:
    # Only to its last point before the explosion: the straight line to that may cross low ground
    # that the run never came to.
    shown = trail.drawn_part
    line = DrawnRun(
        trail.name, trail.rule, look, shown.steps, shown.a, shown.b, shown.true, shown.drawn,
        shown.off_share, trail.best, trail.diverged, shown.verdict, shown.misfit, trail.end,
        cut=cut_of(trail),
    )  # fmt: skip
    return _up_to_the_edge(line, surface.a, surface.b) if trail.diverged else line


def _crosses(lines: Sequence[DrawnRun]) -> list[str]:
    """Whose marks of divergence are at one point: they are drawn side by side there."""
    ends: dict[tuple[float, float], list[str]] = {}
    for line in lines:
        if line.diverged:
            ends.setdefault((float(line.x[-1]), float(line.y[-1])), []).append(line.words)
    return [
        f"The ✕ of {listed(names)} are at one point, and drawn side by side."
        for names in ends.values()
        if len(names) > 1
    ]


def _up_to_the_edge(line: DrawnRun, x: Floats, y: Floats) -> DrawnRun:
    """A run that leaves the sheet, cut at the edge, on a straight line to its next point."""
    outside = (line.x < x[0]) | (line.x > x[-1]) | (line.y < y[0]) | (line.y > y[-1])
    if not outside.any() or outside[0]:
        return line
    first = int(np.argmax(outside))
    share = 1.0
    for here, there, grid in (
        (line.x[first - 1], line.x[first], x),
        (line.y[first - 1], line.y[first], y),
    ):
        for edge in (grid[0], grid[-1]):
            if min(here, there) < edge < max(here, there):
                share = min(share, float((edge - here) / (there - here)))
    kept = {
        key: getattr(line, key)[: first + 1].copy()
        for key in ("steps", "x", "y", "true", "drawn", "off")
    }
    for key in ("x", "y"):
        here, there = kept[key][-2:]
        kept[key][-1] = here + share * (there - here)
    return replace(line, **kept, best=min(line.best, first))


def above_the_cut(n: int, n_all: int, of_what: str, high: float, how: str) -> str:
    """How many points are higher than the picture, and how they are drawn."""
    verb, they = ("lies", "it is") if n == 1 else ("lie", "they are")
    return f"{n:,} of {n_all:,} points{of_what} {verb} above {written(high)}: {they} drawn {how}."


def counted_sheet(sheet: Sheet) -> Sheet:
    """The sheet with sentences about what its picture cuts: points of the grid, and of runs."""
    if not np.isfinite(sheet.losses).any():
        return sheet
    above, high = sheet.cut
    said = []
    if above:
        said.append(above_the_cut(above, sheet.grids.size, "", high, "flat and hatched"))
    for line in sheet.lines:
        beyond = int(np.sum(line.true > high * (1 + 1e-9)))
        if beyond:
            of_run = f" of {line.words}"
            said.append(above_the_cut(beyond, len(line.true), of_run, high, "at the top"))
    return replace(sheet, sentences=(*sheet.sentences, *said))
