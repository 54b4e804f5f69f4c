"""A landscape as drawing data: one grid of losses, its paths, and the notes beside it.

Surfaces over a plane and profiles along a path both become sheets here, so that figure, GIF and
page draw the same data.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from thalweg.landscape.ground.path_divergence import fate
from thalweg.landscape.ground.path_ribbon import Profile
from thalweg.landscape.ground.scale import Floats, Scale
from thalweg.landscape.ground.surface import Surface
from thalweg.landscape.ground.teaching_function import HillLine, StationaryPoint
from thalweg.landscape.numbers_in_words import percent, spoken, written
from thalweg.landscape.planes.distortion import Trail, gaps, off_by
from thalweg.landscape.runs.race import Race
from thalweg.reporting.html_pieces import clipped

# A ball that ends so close to a minimum, as a share of the window, has reached it.
NEAR = 0.03
# Losses that are equal to so many digits are a tie: JSON has as many, and float32 cannot separate
# more. A headline shows fewer, if these separate the losses that it names.
TIED, SHOWN = 6, 2
# A headline is never cut: only the single names in it have a limit, in characters.
_LONGEST_NAME = 48


@dataclass(frozen=True, eq=False)
class DrawnRun:
    """A run as it is drawn on a sheet.

    Attributes
    ----------
    name, rule : str
    look : int
        The number of its colour, dash and marker (`landscape_looks`), the same on all sheets.
    steps : ndarray of int, shape (n_points,)
    x, y, true, drawn, off : ndarray of shape (n_points,)
        Position on the sheet; the true loss of the run; the loss of the sheet there; the distance
        from the sheet, as a share of the distance from the start.
    best : int
    diverged : bool
    verdict : str
    misfit : float
    end : float
        The loss at the end of the run; for a diverged run it may differ from that of the last
        point.
    """

    name: str
    rule: str
    look: int
    steps: NDArray[np.intp]
    x: Floats
    y: Floats
    true: Floats
    drawn: Floats
    off: Floats
    best: int
    diverged: bool
    verdict: str
    misfit: float
    end: float

    @property
    def worst(self) -> tuple[float, int]:
        """The largest gap between drawn and true loss, and its step."""
        gap = gaps(self.true, self.drawn)
        return float(gap.max()), int(self.steps[np.argmax(gap)])

    @property
    def fate(self) -> str:
        """How it ended, in words."""
        if self.diverged:
            return f"diverged: {fate(float(self.true[0]), self.end)}"
        return f"ends at {written(self.end)}"

    @property
    def marks(self) -> dict[str, int]:
        """The marked points: start, best and end."""
        return {"start": 0, "best": self.best, "end": len(self.x) - 1}


@dataclass(frozen=True, eq=False)
class Sheet:
    """The data of one picture of a landscape.

    Attributes
    ----------
    kind : str
        "plane" or "profile".
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
    cap : float
        Larger losses are drawn at the cap, flat and hatched.
    verdict : str
        "faithful", "fair", "rough", "misleading", "exact" or "not measured".
    sentences : tuple of str
        The figures that say how far the picture can be trusted.
    height : str
        What the height is.
    places : tuple of StationaryPoint
    courses : tuple of HillLine
        Minima, passes and hills, and the valley floors, if they are known.
    """

    kind: str
    name: str
    finding: str
    x: Floats
    y: Floats
    losses: Floats
    axes: tuple[str, str]
    lines: tuple[DrawnRun, ...]
    cap: float
    verdict: str
    sentences: tuple[str, ...]
    height: str
    places: tuple[StationaryPoint, ...] = ()
    courses: tuple[HillLine, ...] = ()

    @property
    def scale(self) -> Scale:
        """The scale of heights and colours: over the grid, and over the lines up to the cap."""
        return Scale.of(
            np.concatenate([self.losses.ravel(), *(each.true for each in self.lines)]), self.cap
        )

    @property
    def masked(self) -> int:
        """Points of the grid without a finite loss."""
        return int(np.sum(~np.isfinite(self.losses)))

    @property
    def above(self) -> int:
        """Points of the grid whose loss lies above the cap."""
        return int(np.sum(self.losses > self.cap))

    @property
    def on_ground(self) -> bool:
        """Whether lines are drawn on the surface; in a profile they have their true loss."""
        return self.kind != "profile"

    @property
    def aspect(self) -> tuple[float, float]:
        """The sides of the sheet, the longer 1: true for a plane, convenient for a profile."""
        if self.kind == "profile":
            return 1.0, 0.62
        sides = float(np.ptp(self.x)), float(np.ptp(self.y))
        longer = max(sides) or 1.0
        return sides[0] / longer, sides[1] / longer


def race_sheets(race: Race) -> tuple[Sheet, ...]:
    """The plane of a race, and the profiles of its runs."""
    plane = surface_sheet(race.surface)
    restless = [each.name for each in race.runners if each.behaviour.wanders]
    plane = replace(plane, finding=finding(plane.lines, restless))
    if race.places:
        words = [f"{capital(kind)}: {what}." for kind, what in _kinds(race.places).items()]
        words += [
            f"{capital(each.name)} (the dotted white lines): {each.words}."
            for each in race.lines[:1]
        ]
        said = (*plane.sentences, *words)
        plane = replace(plane, places=race.places, courses=race.lines, sentences=said)
        plane = replace(plane, finding=_goals(plane, restless))
    numbers = {line.name: line.look for line in plane.lines}
    profiles = [profile_sheet(each, numbers[each.name]) for each in race.profiles]
    return (plane, *profiles)


def _kinds(places: Sequence[StationaryPoint]) -> dict[str, str]:
    return {each.kind: each.words for each in places}


def capital(words: str) -> str:
    """The text with a capital first letter."""
    return words[:1].upper() + words[1:]


def _goals(sheet: Sheet, restless: Sequence[str]) -> str:
    """Which balls came to the global minimum, which to another one, and which to none.

    A restless one goes up and down to its end, so that its last place says nothing.
    """
    minima = [place for place in sheet.places if place.kind.endswith("minimum")]
    reached: dict[str, list[str]] = {}
    for line in sheet.lines:
        away = [np.hypot(line.x[-1] - place.a, line.y[-1] - place.b) for place in minima]
        near = away and min(away) <= NEAR * float(np.ptp(sheet.x))
        kind = minima[int(np.argmin(away))].kind if near else ""
        kind = "restless" if line.name in restless else kind
        kind = "lost" if line.diverged else kind
        reached.setdefault(kind, []).append(clipped(line.name, _LONGEST_NAME))
    verbs = {
        "global minimum": ("comes to the global minimum", "come to the global minimum"),
        "local minimum": ("ends in a local minimum", "end in local minima"),
        # The sharpness says whether it is still on its way or cannot stay at its rate.
        "": ("ends in no minimum", "end in no minimum"),
        "restless": ("wanders to the end", "wander to the end"),
        "lost": ("diverged", "diverged"),
    }
    said = [
        f"{listed(reached[kind])} {verbs[kind][len(reached[kind]) > 1]}"
        for kind in verbs
        if kind in reached
    ]
    return capital("; ".join(said)) or sheet.finding


def listed(names: Sequence[str]) -> str:
    """Names as a sentence lists them."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def surface_sheet(surface: Surface) -> Sheet:
    """The sheet of a surface over a plane."""
    lines = tuple(_line(trail, look, surface) for look, trail in enumerate(surface.trails))
    badge = surface.badge
    if badge.exact:
        lines = tuple(replace(each, verdict="exact") for each in lines)
    capped = _cut(surface.above_cap, surface.losses.size, surface.cap)
    unit = " (distance in the space of the weights)" if badge.facts.rows else ""
    return Sheet(
        "plane", f"Plane: {badge.method}", finding(lines), surface.a, surface.b, surface.losses,
        (f"{surface.plane.axes[0]}{unit}", f"{surface.plane.axes[1]}{unit}"),
        lines, surface.cap, badge.verdict, (*badge.sentences(), *_crosses(lines), *capped),
        badge.facts.height,
        _middle(surface),
    )  # fmt: skip


def _middle(surface: Surface) -> tuple[StationaryPoint, ...]:
    """The point of a plane without runs, in the middle of the grid."""
    if surface.trails:
        return ()
    loss = float(surface.losses[len(surface.b) // 2, len(surface.a) // 2])
    words = "the point in the middle of the plane"
    return (StationaryPoint(f"here: {written(loss)}", 0.0, 0.0, loss, (0.0, 0.0), words),)


def profile_sheet(profile: Profile, look: int = 0) -> Sheet:
    """The sheet of a profile along one path; ``look`` is that of the path on other sheets.

    Its line has the true loss of each recorded point, and so it need not lie on the ground.
    """
    run = profile.run
    nothing = np.zeros(len(run.along))
    line = DrawnRun(
        profile.name, profile.rule, look, run.steps, run.along, nothing, run.true,
        run.true, nothing, run.best, profile.diverged, "exact", 0.0,
        profile.end,
    )  # fmt: skip
    cap = profile.cap
    above = int(np.sum(profile.losses > cap))
    across = {"steepest": "the direction of largest curvature", "random": "a random direction"}
    return Sheet(
        "profile", f"Profile: {profile.name}",
        f"Along its own path, {_who(line)} goes from loss "
        f"{written(float(profile.true[0]))} to {written(float(profile.true[-1]))}"
        f"{', and diverges' if profile.diverged else ''}",
        profile.along, profile.across, profile.losses,
        ("path from the start (distance in the space of the weights)",
         f"across: {across[profile.direction]} (distance)"),
        (line,), cap, run.verdict, (*profile.sentences(), *_cut(above, profile.losses.size, cap)),
        profile.facts.height,
    )  # fmt: skip


def _line(trail: Trail, look: int, surface: Surface) -> DrawnRun:
    # Only to its last point before the explosion: the straight line to that may cross low ground
    # that the run never came to.
    shown = trail.drawn_part
    line = DrawnRun(
        trail.name, trail.rule, look, shown.steps, shown.a, shown.b, shown.true, shown.drawn,
        shown.off_share, trail.best, trail.diverged, shown.verdict, shown.misfit, trail.end,
    )  # fmt: skip
    return _up_to_the_edge(line, surface.a, surface.b) if trail.diverged else line


def _crosses(lines: Sequence[DrawnRun]) -> list[str]:
    """Whose marks of divergence are at one point: they are drawn side by side there."""
    ends: dict[tuple[float, float], list[str]] = {}
    for line in lines:
        if line.diverged:
            ends.setdefault((float(line.x[-1]), float(line.y[-1])), []).append(line.name)
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


def _cut(above: int, cells: int, cap: float) -> list[str]:
    if not above:
        return []
    return [
        f"{above:,} of {cells:,} points lie above {written(cap)}: they are drawn flat and hatched."
    ]


def finding(lines: Sequence[DrawnRun], restless: Sequence[str] = ()) -> str:
    """Which optimizers ended lowest and highest, which wander, and which runs diverged.

    A restless run, which goes up and down to its end, has no rank: its last loss is chance.
    """
    if not lines:
        return "The loss around one point, on a random plane"
    calm = [each for each in lines if not each.diverged and each.name not in restless]
    wandering = [each for each in lines if not each.diverged and each.name in restless]
    lost = [_who(each) for each in lines if each.diverged]
    start = float(lines[0].true[0])
    said = [_ends(calm, start)] if calm else []
    if wandering:
        several = len(wandering) > 2
        who = f"{len(wandering)} runs" if several else listed([_who(each) for each in wandering])
        said.append(f"{who} {'go' if len(wandering) > 1 else 'goes'} up and down to the end")
    if len(lost) > 2:
        said.append(f"{len(lost)} others diverged" if said else f"all {len(lost)} diverged")
    elif lost:
        said.append(f"{listed(lost)} diverged")
    return capital(";\n".join(said))


def _ends(lines: Sequence[DrawnRun], start: float) -> str:
    """Where runs from one start ended: which lowest, which highest, and at which losses."""
    low, high = (pick(each.end for each in lines) for pick in (min, max))
    digits = _parting((low, high), [start, *(each.end for each in lines)])
    lowest, highest, began = (written(each, digits) for each in (low, high, start))
    if len(lines) == 1:
        (line,) = lines
        way = "stays at loss" if _tied(low, start) else f"goes from loss {began} to"
        return f"{_who(line)} {way} {lowest} in {_steps(line)}"
    if _tied(low, high):
        return f"all {len(lines)} runs end at loss {lowest}, from {began} at the start"
    who, others = (_several([e for e in lines if _tied(e.end, at)]) for at in (low, high))
    return (
        f"{who} lowest, at loss {lowest}, and {others} highest, at {highest}, "
        f"from {began} at the start"
    )


def _tied(one: float, other: float, digits: int = TIED) -> bool:
    return written(one, digits) == written(other, digits)


def _parting(named: Sequence[float], losses: Sequence[float]) -> int:
    """As few digits as separate the named losses from all losses that are not tied with them."""
    pairs = [(one, other) for one in named for other in losses if not _tied(one, other)]
    fewest = (n for n in range(SHOWN, TIED) if not any(_tied(*pair, n) for pair in pairs))
    return next(fewest, TIED)


def _steps(line: DrawnRun) -> str:
    return "1 step" if line.steps[-1] == 1 else f"{line.steps[-1]:,} steps"


def _several(lines: Sequence[DrawnRun]) -> str:
    if len(lines) > 2:
        return f"{len(lines)} runs end"
    return f"{listed([_who(each) for each in lines])} end{'s' if len(lines) == 1 else ''}"


def _who(line: DrawnRun) -> str:
    """A run by its optimizer in words, and by its name, with the settings in only one of them."""
    name = clipped(line.name, _LONGEST_NAME)
    if not line.rule:
        return name
    return f"{spoken(line.rule, settings=':' not in line.name)} ({name})"


def beside(line: DrawnRun) -> str:
    """The text beside the name of a run in a legend."""
    if line.diverged:
        return line.fate
    if line.verdict == "exact":
        return f"{line.fate}; drawn exactly"
    off, wrong, worst = (
        share.replace("less than 1 %", "< 1 %")
        for share in (percent(float(line.off[-1])), off_by(line.misfit), off_by(line.worst[0]))
    )
    return f"{line.fate}; {off} off the plane; off by {wrong}, at worst {worst}: {line.verdict}"
