"""The ground of a studio that trains nothing: a real surface under made paths of the fake runs."""

import asyncio
from functools import cache
from typing import Any

import numpy as np

from studio.pages import canned
from studio.pages.fake_runs import _looked, a_run, run_id
from thalweg.errors import ThalwegError
from thalweg.landscape.ground.surface import Surface, landscapes, on_same_ground
from thalweg.landscape.race_on_table import member_of
from thalweg.landscape.runs.path import DescentPath
from thalweg.persistence.plain_data_checks import FormRule, Perhaps
from thalweg.studio.ground.ground_tasks import theta_at
from thalweg.studio.ground.held_grounds import GroundNetwork, HeldGround
from thalweg.studio.ground.point_on_ground import judged
from thalweg.studio.ground.told_ground import told_ground
from thalweg.studio.server.open_pages import PageOperation
from thalweg.studio.server.page_outlet import PageOutlet
from thalweg.studio.wire.packets import Packet
from thalweg.studio.wire.page_messages import PageMessage

_ANY = FormRule("anything", lambda value: True)
_TITLES = ("small steps", "shrinking steps", "large steps", "momentum")
_BEGUN = "small steps, from a point"
STEPS = 40
_ARGS = {
    "ground": ("runs", "plane", "finer"), "ground-runs": ("ground", "runs"),
    "here": ("ground", "a", "b"), "begin-here": ("ground", "a", "b", "run", "rule"),
    "ground-recipe": ("ground",), "ground-picture": ("ground", "form", "look", "dark", "run"),
}  # fmt: skip


@cache
def network(kind: str = "two") -> GroundNetwork:
    rows, _, _ = _looked((4,), kind)
    member, _ = member_of(rows.table, hidden=(4,), held_out=0.2)
    return GroundNetwork(kind, member, rows.encoded.target.classes, 0)


def paths(runs: list[str], kind: str, steps: int) -> list[DescentPath]:
    """Ways down by the gradient, at a rate of each run."""
    found, terrain = [], network(kind).terrain
    for run in runs:
        theta = network(kind).member.theta.copy()
        points = [theta.copy()]
        for _ in range(steps):
            theta -= 0.3 * (1 + int(run[0], 16)) * terrain.loss_and_gradient(theta)[1]
            points.append(theta.copy())
        found.append(DescentPath.of(run, np.array(points), rule="sgd:lr=0.3"))
    return found


@cache
def surfaces(runs: tuple[str, ...], kind: str, plane: str) -> list[Surface]:
    given = paths([*runs], kind, STEPS)
    return [*landscapes(network(kind).terrain, given, plane=plane, grid=41)]


class FakeGround:
    """What is answered about the ground.

    Attributes
    ----------
    asked : list of tuple
    kind : str
        Of the target: "two", "three" or "number".
    steps : int
        How many steps the runs have made, when they grow.
    seconds, seconds_to_grow : float
        Between two grids, and until the runs have grown.
    refuse : ThalwegError or None
    more : dict
        What is told beside a ground: "left", "refused".
    """

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.kind, self.steps, self.seconds, self.seconds_to_grow = "two", STEPS, 0.0, 0.0
        self.refuse: ThalwegError | None = None
        self.more: dict[str, Any] = {}
        self._held: HeldGround | None = None

    def operations(self) -> dict[str, PageOperation]:
        does = {
            "ground": self._ground, "ground-runs": self._grown, "here": self._here,
            "begin-here": self._begin, "ground-recipe": self._recipe,
            "ground-picture": self._picture,
        }  # fmt: skip
        return {
            name: PageOperation({key: Perhaps(_ANY) for key in keys}, does[name])
            for name, keys in _ARGS.items()
        }

    def _heard(self, message: PageMessage) -> dict[str, Any]:
        self.asked.append((message.operation, message.args))
        if self.refuse is not None:
            raise self.refuse
        return message.args

    def _told(self, surface: Surface, runs: list[str], method: str) -> Packet:
        titles = {run_id(i): title for i, title in enumerate(_TITLES)}
        self._held = HeldGround(network(self.kind), surface, 30.0, method)
        told = told_ground(self._held, {run: titles.get(run, _BEGUN) for run in runs})
        return Packet({**told, "refused": None, "type": "ground", **self.more})

    async def _ground(self, message: PageMessage, outlet: PageOutlet) -> Packet:
        args = self._heard(message)
        method = args.get("plane", "auto")
        *coarse, last = surfaces(tuple(args["runs"]), self.kind, method)
        for each in coarse:
            told = self._told(each, args["runs"], method)
            head = {**told.head, "re": message.number}
            outlet.put_picture(("ground", message.number), Packet(head, told.arrays))
            await asyncio.sleep(self.seconds)
        return self._told(last, args["runs"], method)

    async def _grown(self, message: PageMessage, outlet: PageOutlet) -> Packet:
        args = self._heard(message)
        assert self._held
        await asyncio.sleep(self.seconds_to_grow)
        given = paths(args["runs"], self.kind, self.steps)
        surface = on_same_ground(self._held.surface, network(self.kind).terrain, given)
        return self._told(surface, args["runs"], self._held.method)

    async def _here(self, message: PageMessage, outlet: PageOutlet) -> Packet:
        args = self._heard(message)
        assert self._held
        own = network(self.kind)
        theta = theta_at(self._held.surface, args["a"], args["b"])
        sides = [("training rows", own.terrain), ("held-out rows", own.held_out)]
        told = [
            {"name": name, **judged(terrain, theta, own.classes)}
            for name, terrain in sides if terrain is not None
        ]  # fmt: skip
        head = {**args, "type": "here", "classes": [*own.classes], "sides": told}
        return Packet(head)

    async def _recipe(self, message: PageMessage, outlet: PageOutlet) -> Packet:
        self._heard(message)
        return Packet(
            {"type": "ground-recipe", "python": "surface = thalweg.ground_of_runs(table, runs)\n"}
        )

    async def _picture(self, message: PageMessage, outlet: PageOutlet) -> Packet:
        self._heard(message)
        file = np.frombuffer(b"<svg xmlns='http://www.w3.org/2000/svg'/>", np.uint8)
        return Packet({"type": "ground-picture"}, {"file": file})

    async def _begin(self, message: PageMessage, outlet: PageOutlet) -> Packet:
        self._heard(message)
        made = a_run(7, canned.ID, title=_BEGUN)
        return Packet({"type": "runs", "runs": [{**made, "state": "paused", "left": None}]})
