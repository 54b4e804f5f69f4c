"""Training runs on a table, three planes through their space, and how far each can be trusted."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from thalweg.errors import DataError
from thalweg.estimators.repeated_descent import retraced
from thalweg.landscape.ground.path_ribbon import Profile, profile
from thalweg.landscape.ground.surface import Surface, landscape
from thalweg.landscape.planes.distortion import Trail
from thalweg.landscape.planes.movement_share import RandomWalkShare, movement, random_walks
from thalweg.landscape.planes.plane import Plane
from thalweg.landscape.runs.own_batches import batches, rows_of
from thalweg.landscape.runs.path import DescentPath, memory_of_paths
from thalweg.landscape.runs.presets import optimizers_of
from thalweg.landscape.runs.race import Race, RacePicture, race
from thalweg.parallel_map import usable_cores
from thalweg.reporting.lessons.subject import Subject
from thalweg.training.descent.network_memory import require_memory_for
from thalweg.training.descent.training_settings import Settings, parse_optimizer
from thalweg.training.descent_inputs import Member

# The run that the lesson follows, if it does not diverge, comes first.
RULES = ("adam", "momentum", "anneal", "sgd")
# Planes beside the least distorting one: the usual one, and a random one that shows hardly
# anything; then others, should one of them be the least distorting.
OTHERS = ("centred", "random", "through-start")
STEPS, GRID, CUTS, PLANES = 400, 41, 21, 3
_SEED = 0


@dataclass(frozen=True, eq=False)
class PlaneRuns:
    """What the lesson shows.

    Attributes
    ----------
    race : Race
        The runs; its own surface is that of the least distorting plane.
    surfaces : dict of str to Surface
        By the way in which the plane was laid; the usual one first, unless it distorts least.
    chosen : int
        The run that is followed.
    profile : Profile
        Along that run.
    walk : RandomWalkShare
        The share of its movement from the start that random walks of its steps have in their best
        plane.
    """

    race: Race
    surfaces: dict[str, Surface]
    chosen: int
    profile: Profile
    walk: RandomWalkShare

    @property
    def path(self) -> DescentPath:
        """The run that is followed."""
        return self.race.paths[self.chosen]

    @property
    def followed(self) -> tuple[str, Surface]:
        """The plane of the first steps: the usual one, if it is not the least distorting."""
        found = [each for each in self.surfaces.items() if each[0] != self.least]
        return found[0]

    @property
    def least(self) -> str:
        """The plane with the smallest mean misfit of the runs."""
        return min(self.surfaces, key=lambda method: gap_of(self.surfaces[method]))

    def share(self, plane: Plane) -> float:
        """The share of Σ ‖θ_t - θ_0‖² of the followed run that lies along two directions."""
        return movement(replace(plane, origin=self.path.start), [self.path])

    def trail(self, surface: Surface) -> Trail:
        """The followed run on a plane."""
        return next(each for each in surface.trails if each.name == self.path.name)


def gap_of(surface: Surface) -> float:
    """The mean misfit of the runs on a plane."""
    gap = surface.badge.gap
    return float("inf") if gap is None else gap


def plane_runs(subject: Subject) -> PlaneRuns:
    """Train on the table from the start of the subject's network, and lay three planes.

    Raises
    ------
    DataError
        If no run moves without diverging, or no three planes can be measured.
    """
    ran = race(
        _member(subject), RULES, RacePicture(grid=GRID, profiles=(), sharp=False, seed=_SEED),
        name=subject.name,
    )  # fmt: skip
    calm = [
        number for number, (path, trail) in enumerate(zip(ran.paths, ran.surface.trails,
                                                          strict=True))
        if not trail.diverged and path.travel > 0
    ]  # fmt: skip
    surfaces = _surfaces(ran) if calm else {}
    if len(surfaces) < PLANES:
        raise DataError(
            "No run of the network can be followed through three planes",
            where=subject.name,
            why="Every run diverges or stands still, or the planes coincide",
            fix="take a table with other columns, or leave out columns with very large numbers "
            "with --drop (in Python: drop)",
        )
    path = ran.paths[calm[0]]
    along = profile(ran.terrain, path, cuts=CUTS, points=CUTS, seed=_SEED)
    assert along is not None  # nobody ended it
    walk = random_walks([path], centred=False, seed=_SEED)
    return PlaneRuns(ran, surfaces, calm[0], along, walk)


def _member(subject: Subject) -> Member:
    """The network of the subject at its start, with the data of the table, for so many steps."""
    known = {str(each): each for each in subject.model.classes_.tolist()}
    y = np.array([known.get(label, label) for label in subject.labels.tolist()])
    member = retraced(subject.model, subject.rows, y).member
    paths = memory_of_paths(
        member.architecture.sizes, member.theta.dtype, optimizers_of(RULES), STEPS, usable_cores()
    )
    require_memory_for(paths)
    batch_size, epochs = batches(rows_of(member), STEPS, None)
    return replace(
        member, settings=Settings(parse_optimizer("sgd"), batch_size, epochs, seed=_SEED)
    )


def _surfaces(ran: Race) -> dict[str, Surface]:
    """The least distorting plane and two others, those whose gap is finite."""
    first = ran.surface
    found = {first.plane.method: first} if np.isfinite(gap_of(first)) else {}
    for method in _not(OTHERS, first.plane.method):
        if len(found) == PLANES:
            break
        made = landscape(ran.terrain, ran.paths, plane=method, grid=GRID, seed=_SEED)
        if np.isfinite(gap_of(made)):
            found[method] = made
    return found


def _not(methods: Sequence[str], known: str) -> list[str]:
    return [each for each in methods if each != known]
