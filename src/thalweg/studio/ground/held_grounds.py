"""The networks and the grounds that a worker holds: a page asks for more of what it has seen."""

import hashlib
import json
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from thalweg.errors import DataError, SettingsError
from thalweg.landscape.ground.surface import Surface
from thalweg.landscape.ground.terrain import NetworkTerrain
from thalweg.landscape.runs.path import held_out_terrain, terrain_of
from thalweg.studio.runs.open_runs import OpenRuns
from thalweg.studio.runs.run_definition import RunDefinition
from thalweg.training.descent_inputs import Member

# Grounds that are held: of each page the last one, and some of before.
MOST_HELD, MOST_NETWORKS = 8, 2
# With more weights a single loss takes too long, and a plane too much memory.
MOST_WEIGHTS = 1_000_000


@dataclass(frozen=True, eq=False)
class GroundNetwork:
    """What all runs on one ground share: a network, and the rows of its loss.

    Attributes
    ----------
    key : str
        Table, choices and settings.
    member : Member
    classes : tuple of str
        In the order of the outputs; none of numbers.
    seed : int
    """

    key: str
    member: Member
    classes: tuple[str, ...]
    seed: int

    @cached_property
    def terrain(self) -> NetworkTerrain:
        """The loss over the training rows."""
        return terrain_of(self.member, seed=self.seed)

    @cached_property
    def held_out(self) -> NetworkTerrain | None:
        """The loss over the rows that are held out; None if none are."""
        return held_out_terrain(self.member)


@dataclass(frozen=True)
class TakenPath:
    """How far a run was taken to be drawn.

    Attributes
    ----------
    run : str
    title : str
        What readers call it.
    step, points : int
        Its last step, and how many points of it there are.
    """

    run: str
    title: str
    step: int
    points: int


@dataclass(frozen=True, eq=False)
class HeldGround:
    """A ground that a page has been told.

    Attributes
    ----------
    network : GroundNetwork
    surface : Surface
    azimuth : float
        From where it is seen.
    method : str
        The plane that was asked for, such as "auto".
    laid, taken : tuple of TakenPath
        The runs when the plane was laid, and as they are drawn.
    """

    network: GroundNetwork
    surface: Surface
    azimuth: float
    method: str
    laid: tuple[TakenPath, ...] = ()
    taken: tuple[TakenPath, ...] = ()

    @cached_property
    def id(self) -> str:
        """The hash of the plane and of its part that is shown; a finer grid has the same."""
        plane, found = self.surface.plane, hashlib.sha256(self.network.key.encode())
        ends = self.surface.a[[0, -1]], self.surface.b[[0, -1]]
        for each in (plane.origin, plane.basis, *ends):
            found.update(np.ascontiguousarray(each, "<f8").tobytes())
        return found.hexdigest()


class HeldGrounds:
    """The grounds of a worker, the latest ones.

    Parameters
    ----------
    runs : OpenRuns
        Definitions and rows are read there; no run of it goes on here.
    """

    def __init__(self, runs: OpenRuns) -> None:
        self._runs = runs
        self._networks: OrderedDict[str, GroundNetwork] = OrderedDict()
        self._held: OrderedDict[str, HeldGround] = OrderedDict()

    def network_of(self, runs: Sequence[str]) -> GroundNetwork:
        """The network of some runs.

        Raises
        ------
        SettingsError
            They have different ones, or one that is too large.
        """
        keys, first = set[str](), self._runs.definition_of(runs[0])
        for each in runs:
            own = self._runs.definition_of(each)
            keys.add(json.dumps([own.table, own.choices, own.settings], sort_keys=True))
        if len(keys) > 1:
            raise SettingsError(
                "These runs have different networks or rows",
                why="A ground is the loss of one network over one set of rows",
                fix="show only runs that were started together",
            )
        [key] = keys
        if key not in self._networks:
            member = self._runs.start_of(first).member
            n_weights = member.architecture.n_parameters
            if n_weights > MOST_WEIGHTS:
                raise SettingsError(
                    f"This network has {n_weights:,} weights, and a ground takes {MOST_WEIGHTS:,}",
                    why="A ground is made of thousands of losses of the whole network",
                    fix="start the runs with fewer hidden units",
                )
            classes, seed = self._runs.classes_of(first), first.settings["seed"] or 0
            self._networks[key] = GroundNetwork(key, member, classes, seed)
        self._networks.move_to_end(key)
        while len(self._networks) > MOST_NETWORKS:
            self._networks.popitem(last=False)
        return self._networks[key]

    def definitions_of(self, ground: HeldGround) -> list[RunDefinition]:
        """What the runs of a ground are."""
        known = dict.fromkeys(each.run for each in (*ground.laid, *ground.taken))
        return [self._runs.definition_of(each) for each in known]

    def about(self, ground: HeldGround) -> str:
        """Sentences about the rows and the network of a ground."""
        return " ".join(self._runs.start_of(self.definitions_of(ground)[0]).about)

    def hold(self, ground: HeldGround) -> HeldGround:
        """Hold a ground, in the place of a coarser one of its plane."""
        self._held[ground.id] = ground
        self._held.move_to_end(ground.id)
        while len(self._held) > MOST_HELD:
            self._held.popitem(last=False)
        return ground

    def ground(self, id_: str) -> HeldGround:
        """A ground by its id.

        Raises
        ------
        DataError
            It is not held any more.
        """
        if id_ not in self._held:
            raise DataError("This ground is not held any more", fix="make a new plane")
        self._held.move_to_end(id_)
        return self._held[id_]
