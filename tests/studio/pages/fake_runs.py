"""Runs of a studio that trains nothing: what the server would tell is given by a test."""

from typing import Any

import numpy as np

from thalweg.errors import DataError
from thalweg.persistence.plain_data_checks import FormRule, require
from thalweg.studio.server.open_pages import OpenPages, PageOperation
from thalweg.studio.server.page_outlet import PageOutlet
from thalweg.studio.wire.packets import Packet
from thalweg.studio.wire.page_messages import PageMessage
from thalweg.studio.wire.run_requests import LISTED_RUN, SETTINGS

_ANY = FormRule("anything", lambda value: True)
_NAMES = ("sgd", "anneal", "large", "momentum")
_TITLES = ("small steps", "shrinking steps", "large steps", "momentum")
_ARGS = {
    "runs": (), "start-runs": ("table", "choices", "settings", "rules"), "play": ("runs",),
    "pause": ("runs",), "step": ("runs", "count"), "epoch": ("runs",), "stop": ("runs",),
    "fork": ("run", "step", "rule", "rate", "theta"), "at": ("run", "step"), "recipe": ("run", "step"),
}  # fmt: skip
LAYERS = 2
DIVERGED = {
    "layer": 1, "step": 95, "quantity": "weights",
    "what": "The loss went from 0.2 to 4.8e37 in epoch 3",
    "fix": "take a smaller learning rate, such as lr=0.3", "rate": 0.3,
}  # fmt: skip


def run_id(number: int) -> str:
    return f"{number + 1:x}" * 64


def a_run(number: int, table: str, **more: Any) -> dict[str, Any]:
    """A run as the server lists it."""
    settings = dict.fromkeys(SETTINGS) | {
        "preset": "article", "hidden": [15], "activation": "relu", "alpha": 0.0, "steps": 400,
        "held_out": 0.2, "seed": 0, "task": "auto",
    }  # fmt: skip
    about = ["a table: 699 rows, 463 of them different.", "Network 10-15-1 (relu), 181 weights."]
    told = {
        "run": run_id(number), "id": run_id(number), "name": _NAMES[number % 4],
        "title": _TITLES[number % 4], "rule": "sgd:lr=0.5", "first": 0, "parent": None,
        "layers": LAYERS, "table": table, "choices": {}, "settings": settings, "about": about,
        "step": 0, "total": 400, "state": "open", "why": "", "epoch": 12, "divergence": None,
        **more,
    }  # fmt: skip
    require(told, LISTED_RUN, "run")
    return told


class FakeRuns:
    """The runs, what was asked of them, and how they are shown.

    Attributes
    ----------
    listed : list of dict
    asked : list of tuple
        Names of operations with their arguments.
    refuse : DataError or None
        What starts, forks and steps are answered with.
    """

    def __init__(self, table: str) -> None:
        self.table = table
        self.listed: list[dict[str, Any]] = []
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.refuse: DataError | None = None
        self.points = 0
        self.pages: OpenPages | None = None

    def operations(self) -> dict[str, PageOperation]:
        from thalweg.persistence.plain_data_checks import Perhaps

        def made(name: str) -> PageOperation:
            async def does(message: PageMessage, outlet: PageOutlet) -> Packet:
                return self._answer(name, message.args, outlet)

            return PageOperation({key: Perhaps(_ANY) for key in _ARGS[name]}, does)

        return {name: made(name) for name in _ARGS}

    def _answer(self, name: str, args: dict[str, Any], outlet: PageOutlet) -> Packet:
        self.asked.append((name, args))
        if name != "runs" and self.refuse is not None:
            raise self.refuse
        if name == "start-runs":
            self.listed = [
                {
                    **a_run(i, args["table"], choices=args["choices"]),
                    "state": "paused",
                    "left": None,
                }
                for i in range(len(args["rules"]))
            ]
        if name == "recipe":
            return Packet({"type": "recipe", "python": "theta = run.theta\n"})
        if name == "at":
            return Packet({"type": "at"}, {"theta": np.arange(3.0) / 3})
        if name == "runs":
            for each in self.listed:
                self._draw(outlet, each["id"], 0, self.points)
        if name == "play":
            for each in args["runs"]:
                self.tell(each, "running")
        return Packet({"type": "runs", "runs": self.listed})

    def open(self, n: int, points: int, state: str = "paused", **more: Any) -> None:
        """Runs that are there already, with so many points each."""
        self.points = points
        self.listed = [
            {**a_run(i, self.table, step=points, **more), "state": state, "left": None}
            for i in range(n)
        ]

    def tell(self, run: str, state: str, step: int = 0, **more: Any) -> None:
        """An event about a run, from the loop of the server."""
        assert self.pages
        told = {"why": "", "divergence": None, **more}
        self.pages.happen("run", run=run, state=state, step=step, **told)

    def draw(self, first: int, last: int) -> None:
        """Points of all runs for all pages, from the loop of the server."""
        assert self.pages
        for outlet in self.pages.outlets:
            for each in self.listed:
                self._draw(outlet, each["id"], first, last)

    def _draw(self, outlet: PageOutlet, run: str, first: int, last: int) -> None:
        if last <= first:
            return
        k = int(run[0], 16)
        step = np.arange(first, last, dtype=np.int32)
        loss = 0.7 / (1 + step / (10.0 * k)) * (1 + 0.1 * np.sin(step * k)) + 0.03
        arrays = {
            "step": step, "train": loss, "valid": 1.1 * loss, "whole": loss, "rate": 0 * loss + 0.5,
            "gradient": np.column_stack([loss / 2, loss]).astype(np.float32),
        }  # fmt: skip
        head = {
            "type": "curve", "run": run, "first": first, "last": last - 1, "step": last,
            "total": 400, "left": 2.0,
        }  # fmt: skip
        outlet.put_picture(("curve", run, first), Packet(head, arrays))
