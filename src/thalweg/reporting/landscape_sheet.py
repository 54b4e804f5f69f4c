"""A landscape as pictures take it: one grid of losses, lines on it, and what must stand beside.

Surfaces over a plane and profiles along a path become sheets of one form here, so that figure,
film and page draw the same thing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thalweg.errors import SettingsError
from thalweg.landscape.hills import Line as Course
from thalweg.landscape.hills import Place
from thalweg.landscape.honesty import Trail, percent
from thalweg.landscape.profile import Profile
from thalweg.landscape.race import Race
from thalweg.landscape.surface import Surface

Floats = NDArray[np.float64]

# A loss of 0 or below has no logarithm: heights then begin at this part of their range.
FLOOR = 0.01
# Ticks of losses that are wanted at least, and at most.
FEW, MANY = 4, 8
# A ball that ends so near to a minimum, as a part of the window, has come to it.
NEAR = 0.03


@dataclass(frozen=True)
class Scale:
    """From losses to heights: log10((loss - base) / unit), put to 0 … 1, and cut off above.

    Colours, heights and contours all use this one scale.

    Attributes
    ----------
    base, unit : float
        0 and 1 where all losses are above 0. Elsewhere they make log10(1 + (loss - low) / unit).
    low, high : float
        The losses at 0 and at 1.
    """

    base: float
    unit: float
    low: float
    high: float

    @classmethod
    def of(cls, losses: Floats, cap: float) -> "Scale":
        """The scale of these losses, drawn up to ``cap``."""
        finite = losses[np.isfinite(losses)]
        low = float(finite.min(initial=np.inf))
        if not np.isfinite(low):
            raise SettingsError(
                "There is no finite loss to draw",
                fix="look at a smaller part of the plane, or take another one",
            )
        high = float(min(finite.max(), cap)) if np.isfinite(cap) else float(finite.max())
        if not high > low:
            high = low + (abs(low) or 1.0) * 1e-6
        if low > 0:
            return cls(0.0, 1.0, low, high)
        unit = FLOOR * (high - low)
        return cls(low - unit, unit, low, high)

    def log(self, losses: Any) -> Any:
        """log10((loss - base) / unit)."""
        return np.log10((np.asarray(losses, np.float64) - self.base) / self.unit)

    def height(self, losses: Any) -> Any:
        """0 at ``low``, 1 at ``high`` and above; NaN stays."""
        low, high = self.log(self.low), self.log(self.high)
        return (self.log(np.clip(losses, self.low, self.high)) - low) / (high - low)

    def ticks(self) -> list[float]:
        """Round losses between low and high."""
        powers = range(int(np.floor(self.log(self.low))) - 1, int(np.ceil(self.log(self.high))) + 1)
        for steps in ((1,), (1, 3), (1, 2, 5), (1, 1.5, 2, 3, 4, 5, 7)):
            found = [
                self.base + self.unit * step * 10.0**power for power in powers for step in steps
            ]
            inside = [each for each in found if self.low <= each <= self.high]
            if self.base == 0 and FEW <= len(inside) <= MANY:
                return [float(f"{each:.3g}") for each in inside]
        # A narrow range, or losses around 0: even steps of the height, to as many digits as tell
        # one from the other.
        even = np.linspace(self.log(self.low), self.log(self.high), 5)
        losses = (self.base + self.unit * 10**even)[1:-1]
        for digits in range(3, 17):
            found = [float(f"{each:.{digits}g}") for each in losses]
            if len({*found}) == len(found):
                break
        return sorted({*found})

    @property
    def words(self) -> str:
        """What a reader of an axis has to know."""
        return "log scale" if self.base == 0 else "log above the lowest"


@dataclass(frozen=True, eq=False)
class Line:
    """A run as it lies on a sheet.

    Attributes
    ----------
    name, rule : str
    look : int
        Which colour, dash and marker it has (`landscape_looks`), the same on all sheets.
    steps : ndarray of int, shape (n_points,)
    x, y, true, drawn, off : ndarray of shape (n_points,)
        Place on the sheet; the loss where the run was; the loss that the sheet has there; the
        distance beside the sheet, as a share of that from the start.
    best : int
    diverged : bool
    verdict : str
    misfit : float
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

    @property
    def marks(self) -> dict[str, int]:
        """The points that are marked: start, best and end."""
        return {"start": 0, "best": self.best, "end": len(self.x) - 1}


@dataclass(frozen=True, eq=False)
class Sheet:
    """One picture's worth of landscape.

    Attributes
    ----------
    kind : str
        "plane" or "profile".
    name : str
        In a list of sheets.
    finding : str
        What is seen, for a title.
    x, y : ndarray
        Coordinates of the grid.
    losses : ndarray of shape (len(y), len(x))
        NaN where there is no finite loss.
    axes : (str, str)
        What is along x and along y.
    lines : tuple of Line
    cap : float
        Losses above it are drawn at it, flat and hatched.
    verdict : str
        "faithful", "fair", "rough", "misleading", "exact" or "not measured".
    sentences : tuple of str
        The figures that say how honest the picture is.
    height : str
        What the height is.
    places : tuple of Place
    courses : tuple of Line
        Minima, passes and hills, and the floors of valleys, where they are known.
    """

    kind: str
    name: str
    finding: str
    x: Floats
    y: Floats
    losses: Floats
    axes: tuple[str, str]
    lines: tuple[Line, ...]
    cap: float
    verdict: str
    sentences: tuple[str, ...]
    height: str
    places: tuple[Place, ...] = ()
    courses: tuple[Course, ...] = ()

    @property
    def scale(self) -> Scale:
        """Of heights and colours: of the grid, and of the lines up to the cap."""
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
    def aspect(self) -> tuple[float, float]:
        """The sides of the sheet, the longer 1: as they are for a plane, handy for a profile."""
        if self.kind == "profile":
            return 1.0, 0.62
        sides = float(np.ptp(self.x)), float(np.ptp(self.y))
        longer = max(sides) or 1.0
        return sides[0] / longer, sides[1] / longer


def race_sheets(race: Race) -> tuple[Sheet, ...]:
    """The plane of a race, and the profiles of its runs."""
    plane = surface_sheet(race.surface)
    if race.places:
        words = [f"{capital(kind)}: {what}." for kind, what in _kinds(race.places).items()]
        words += [f"{capital(each.name)}: {each.words}." for each in race.lines[:1]]
        said = (*plane.sentences, *words)
        plane = replace(plane, places=race.places, courses=race.lines, sentences=said)
        plane = replace(plane, finding=_goals(plane))
    numbers = {line.name: line.look for line in plane.lines}
    profiles = [profile_sheet(each, numbers[each.name]) for each in race.profiles]
    return (plane, *profiles)


def _kinds(places: Sequence[Place]) -> dict[str, str]:
    return {each.kind: each.words for each in places}


def capital(words: str) -> str:
    """With a large letter first."""
    return words[:1].upper() + words[1:]


def _goals(sheet: Sheet) -> str:
    """Which balls came to the global minimum, and which stay in another one."""
    minima = [place for place in sheet.places if place.kind.endswith("minimum")]
    reached: dict[str, list[str]] = {}
    for line in sheet.lines:
        away = [np.hypot(line.x[-1] - place.a, line.y[-1] - place.b) for place in minima]
        near = away and min(away) <= NEAR * float(np.ptp(sheet.x))
        kind = minima[int(np.argmin(away))].kind if near else ""
        reached.setdefault(kind, []).append(line.name)
    verbs = {
        "global minimum": ("comes to the global minimum", "come to the global minimum"),
        "local minimum": ("stays in a local minimum", "stay in local minima"),
        "": ("is still on its way", "are still on their way"),
    }
    said = [
        f"{listed(reached[kind])} {verbs[kind][len(reached[kind]) > 1]}"
        for kind in verbs
        if kind in reached
    ]
    return "; ".join(said) or sheet.finding


def listed(names: Sequence[str]) -> str:
    """Names as a sentence lists them."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def surface_sheet(surface: Surface) -> Sheet:
    """The sheet of a surface over a plane."""
    lines = tuple(_line(trail, look) for look, trail in enumerate(surface.trails))
    badge = surface.badge
    if badge.verdict == "exact":
        lines = tuple(replace(each, verdict="exact") for each in lines)
    capped = _cut(surface.above_cap, surface.losses.size, surface.cap)
    unit = " (distance in the space of the weights)" if badge.facts.rows else ""
    return Sheet(
        "plane", f"Plane: {badge.method}", finding(lines), surface.a, surface.b, surface.losses,
        (f"{surface.plane.axes[0]}{unit}", f"{surface.plane.axes[1]}{unit}"),
        lines, surface.cap, badge.verdict, (*badge.sentences(), *capped), badge.facts.height,
        _middle(surface),
    )  # fmt: skip


def _middle(surface: Surface) -> tuple[Place, ...]:
    """The point that a plane without runs is laid through; it is the middle of the grid."""
    if surface.trails:
        return ()
    loss = float(surface.losses[len(surface.b) // 2, len(surface.a) // 2])
    words = "the point that the plane is laid through"
    return (Place(f"here: {loss:.3g}", 0.0, 0.0, loss, (0.0, 0.0), words),)


def profile_sheet(profile: Profile, look: int = 0) -> Sheet:
    """The sheet of a profile along one path; ``look`` as the path has it on other sheets."""
    nothing = np.zeros(len(profile.along))
    line = Line(
        profile.name, profile.rule, look, profile.steps, profile.along, nothing, profile.true,
        profile.true, nothing, int(np.argmin(profile.true)), profile.diverged, "exact", 0.0,
    )  # fmt: skip
    finite = profile.losses[np.isfinite(profile.losses)]
    cap = max(1.5 * float(profile.true[0]), float(np.percentile(finite, 98)))
    above = int(np.sum(profile.losses > cap))
    across = {"steepest": "where it bends most", "random": "a random direction"}
    return Sheet(
        "profile", f"Profile: {profile.name}",
        f"Along its own way {profile.name} goes from loss {profile.true[0]:.3g} to "
        f"{profile.true[-1]:.3g}",
        profile.along, profile.across, profile.losses,
        ("way from the start (distance in the space of the weights)",
         f"across: {across[profile.direction]} (distance)"),
        (line,), cap, "exact", (*profile.sentences(), *_cut(above, profile.losses.size, cap)),
        profile.facts.height,
    )  # fmt: skip


def _line(trail: Trail, look: int) -> Line:
    return Line(
        trail.name, trail.rule, look, trail.steps, trail.a, trail.b, trail.true, trail.drawn,
        trail.off_share, trail.best, trail.diverged, trail.verdict, trail.misfit,
    )  # fmt: skip


def _cut(above: int, cells: int, cap: float) -> list[str]:
    if not above:
        return []
    return [f"{above:,} of {cells:,} points lie above {cap:.3g}: drawn flat there, and hatched."]


def finding(lines: Sequence[Line]) -> str:
    """Which run came lowest, and which came to nothing."""
    if not lines:
        return "The loss around one point, on a plane laid by chance"
    best = min(lines, key=lambda each: float(each.true[-1]))
    start = float(lines[0].true[0])
    said = (
        f"{best.name} ends lowest: loss {best.true[-1]:.3g} after {best.steps[-1]:,} steps, "
        f"from {start:.3g} at the start"
        if len(lines) > 1
        else f"{best.name} goes from loss {start:.3g} to {best.true[-1]:.3g} in "
        f"{best.steps[-1]:,} steps"
    )
    lost = [each.name for each in lines if each.diverged]
    return f"{said};\n{listed(lost)} diverged" if lost else said


def beside(line: Line) -> str:
    """What stands beside the name of a run in a legend."""
    end = f"ends at {line.true[-1]:.3g}"
    if line.verdict == "exact":
        return f"{end}; drawn as it is"
    off = percent(float(line.off[-1])).replace("less than 1 %", "< 1 %")
    wrong = percent(line.misfit).replace("less than 1 %", "< 1 %")
    return f"{end}; {off} of its way beside the plane; drawn off by {wrong}: {line.verdict}"
