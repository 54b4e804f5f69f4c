"""The loss on the straight line between the ends of two runs, before and after matching units."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from thalweg.errors import SettingsError
from thalweg.landscape.connections.matched_units import UnitMatch, match_units
from thalweg.landscape.ground.terrain import Heights, NetworkTerrain, heights_at
from thalweg.landscape.numbers_in_words import percent, written
from thalweg.landscape.plain_data import fields_of
from thalweg.landscape.planes.plane import Vector
from thalweg.landscape.runs.path import DescentPath
from thalweg.landscape.runs.runner import Runner
from thalweg.wording import counted

# Points of a line, with both ends.
POINTS = 101
# A rise of less than this share of the higher end may be rounding alone.
ROUNDING = 1e-9
TRAINING, HELD_OUT = "training rows", "held-out rows"


@dataclass(frozen=True, eq=False)
class LineCurve:
    """The loss along one line, over one set of rows.

    Attributes
    ----------
    rows : str
        ``TRAINING`` or ``HELD_OUT``.
    n_rows : int
    matched : bool
        Whether the line leads to the reordered network.
    height : str
        What the loss is.
    losses : ndarray of shape (n_points,)
    """

    rows: str
    n_rows: int
    matched: bool
    height: str
    losses: Heights

    @property
    def peak(self) -> float:
        """The highest loss; NaN if one is not finite."""
        return float(np.max(self.losses))

    @property
    def barrier(self) -> float:
        """The height above the higher end, max_t L(t) - max(L(0), L(1)); 0 if nothing is higher."""
        higher = float(max(self.losses[0], self.losses[-1]))
        above = self.peak - higher
        return above if above > ROUNDING * abs(higher) else 0.0

    @property
    def above_ends(self) -> float:
        """The height above the line between the ends, max_t L(t) - ((1 - t) L(0) + t L(1))."""
        t = np.linspace(0, 1, len(self.losses))
        return float(np.max(self.losses - (1 - t) * self.losses[0] - t * self.losses[-1]))

    @property
    def at(self) -> float:
        """The share of the way at which the loss is highest."""
        return float(np.argmax(self.losses) / (len(self.losses) - 1))

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain data."""
        return {
            **fields_of(self), "peak": self.peak, "barrier": self.barrier, "at": self.at,
            "above_ends": self.above_ends,
        }  # fmt: skip


@dataclass(frozen=True, eq=False)
class Connection:
    """The ends of two runs, and the lines between them.

    Attributes
    ----------
    names, titles : (str, str)
        The runs, as in ``Runner.name`` and ``Runner.title``.
    match : UnitMatch
        The second end with its units in the order of the first.
    odd : bool
        Whether the signs of units could be changed in a hidden layer.
    curves : tuple of LineCurve
        Over the training rows, before and after matching; then over held-out rows, if there are
        any.
    wandering : tuple of str
        The runs of these that go up and down to their end.
    """

    names: tuple[str, str]
    titles: tuple[str, str]
    match: UnitMatch
    odd: bool
    curves: tuple[LineCurve, ...]
    wandering: tuple[str, ...] = ()

    @property
    def t(self) -> Vector:
        """The shares of the way."""
        return np.linspace(0, 1, len(self.curves[0].losses))

    @property
    def finding(self) -> str:
        """What the training rows show, in a sentence without its full stop."""
        plain, matched = self.curves[:2]
        between = f"between {self.titles[0]} and {self.titles[1]}"
        if not plain.barrier and not matched.barrier:
            return f"No barrier {between}, with or without matched units"
        if not plain.barrier:
            return f"No barrier {between}; to the matched units there is one of " + written(
                matched.barrier
            )
        head = f"A barrier of {written(plain.barrier)} {between}"
        if not (self.match.moved or self.match.flipped):
            return f"{head}; their units match already"
        if not matched.barrier:
            return f"{head}; with matched units there is none"
        return f"{head}, and of {written(matched.barrier)} with matched units"

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain data, and the sentences."""
        return {
            "names": list(self.names), "titles": list(self.titles), "t": self.t.tolist(),
            "match": self.match.as_dict(), "odd": self.odd,
            "curves": [each.as_dict() for each in self.curves], "finding": self.finding,
            "sentences": self.sentences(),
        }  # fmt: skip

    def sentences(self) -> list[str]:
        """The figures as sentences."""
        said = [self._of_match()]
        said += [self._of_curve(each) for each in self.curves]
        if len(self.match.orders) > 1:
            said.append(
                "The units are matched layer by layer, each layer the best for the others, in "
                f"{counted(self.match.sweeps, 'sweep')}: another order of several layers at once "
                "may be closer."
            )
        said += [
            f"The end of {title} is only its last step: the run goes up and down to it."
            for title in self.wandering
        ]
        if len(self.curves) == 2:
            said.append(
                "All rows given here train these runs, so no held-out rows can show the line: the "
                "loss of new rows may go another way."
            )
        said.append(
            f"The loss is computed at {len(self.t)} points of each line; between two of them it "
            "may be higher. Other lines, and curves, may have lower barriers."
        )
        return said

    def _of_match(self) -> str:
        """What matching did, and what it left."""
        match = self.match
        moved = f"{match.moved:,} of {counted(match.units, 'hidden unit')}"
        if not (match.moved or match.flipped):
            return (
                f"Matching leaves all {match.units:,} hidden units where they are: no other order"
                f"{' or sign' if self.odd else ''} of a layer brings the ends closer than "
                f"{written(match.before)}."
            )
        signs = f", and changes the sign of {match.flipped:,}" if self.odd else ""
        return (
            f"Matching moves {moved}{signs}: the network gives the same answers, and the distance "
            f"of its weights falls from {written(match.before)} to {written(match.after)}, by "
            f"{percent(1 - match.after / match.before)}."
        )

    def _of_curve(self, curve: LineCurve) -> str:
        where = f"On {counted(curve.n_rows, curve.rows[:-1])}"
        line = "the matched line" if curve.matched else "the line as the runs ended"
        ends = " and ".join(written(float(curve.losses[i])) for i in (0, -1))
        if not np.isfinite(curve.losses).all():
            return f"{where}, {line} has points without a finite loss."
        if not curve.barrier:
            return f"{where}, {line} is nowhere higher than its higher end (ends: {ends})."
        return (
            f"{where}, {line} rises to {written(curve.peak)} at {curve.at:.0%} of the way, "
            f"{written(curve.barrier)} above its higher end (ends: {ends})."
        ).replace("%", " %")


def connect(
    paths: Sequence[DescentPath],
    runs: Sequence[Runner],
    terrain: NetworkTerrain,
    held_out: NetworkTerrain | None = None,
    threads: int | None = None,
) -> Connection:
    """Connect the ends of two runs of one network by straight lines.

    Parameters
    ----------
    paths : sequence of DescentPath
    runs : sequence of Runner
        Two of each.
    terrain : NetworkTerrain
        The loss of the race.
    held_out : NetworkTerrain, optional
        The loss over rows that trained neither run.
    threads : int, optional

    Returns
    -------
    Connection

    Raises
    ------
    SettingsError
        For a run that diverged.
    """
    require_ends(runs)
    one, other = paths
    match = match_units(terrain.architecture, one.end, other.end)
    t = np.linspace(0, 1, POINTS)[:, None]
    grounds = [(TRAINING, terrain)] + ([(HELD_OUT, held_out)] if held_out else [])
    curves = []
    for rows, ground in grounds:
        for matched, end in ((False, other.end), (True, match.theta)):
            losses = heights_at(ground, (1 - t) * one.end + t * end, threads)
            curves.append(LineCurve(rows, ground.n_rows, matched, ground.facts.height, losses))
    odd = any(each.odd for each in terrain.architecture.formulas[:-1])
    return Connection(
        (one.name, other.name), (runs[0].title, runs[1].title), match, odd, tuple(curves),
        tuple(each.title for each in runs if each.behaviour.wanders),
    )  # fmt: skip


def check_connected(wanted: Sequence[str], names: Sequence[str]) -> None:
    """Refuse other than two different runs of a race; none at all is nothing to refuse.

    Raises
    ------
    SettingsError
    """
    fix = f"name two of {', '.join(names)}" if len(names) > 1 else "let more runs begin: name rules"
    if wanted and (len(wanted) != 2 or wanted[0] == wanted[1]):
        shown = ", ".join(wanted)
        raise SettingsError(f"Two different runs are connected, and not {shown!r}", fix=fix)
    for each in wanted:
        if each not in names:
            raise SettingsError(f"There is no run {each!r} to connect", fix=fix)


def without_end(runs: Sequence[Runner]) -> str:
    """Why two runs have no line between their ends, in a sentence; "" if they have one."""
    lost = [each.title for each in runs if each.diverged]
    if not lost:
        return ""
    which = " and ".join(lost)
    kept = "no end to connect" if len(lost) == 1 else "no ends to connect"
    return (
        f"No line is drawn between {runs[0].title} and {runs[1].title}: {which} diverged, with "
        f"{kept}. Name two runs that do not diverge."
    )


def require_ends(runs: Sequence[Runner]) -> None:
    """Refuse runs that diverged.

    Raises
    ------
    SettingsError
    """
    for run in runs:
        if run.diverged:
            raise SettingsError(
                f"{run.name} diverged, and so it has no end to connect",
                why="A line to a point where the loss explodes says nothing of a minimum",
                fix="connect two runs that did not diverge",
            )
