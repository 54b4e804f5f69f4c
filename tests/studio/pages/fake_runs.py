"""Runs of a studio that trains nothing: what the server would tell is given by a test."""

import asyncio
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from thalweg.data.read import Table
from thalweg.errors import DataError
from thalweg.landscape.race_on_table import member_of
from thalweg.network.engine import Objective
from thalweg.persistence.plain_data_checks import FormRule, Perhaps, require
from thalweg.studio.runs.row_inside import RowsOfRun
from thalweg.studio.runs.shared_start import all_settings
from thalweg.studio.server.open_pages import OpenPages, PageOperation
from thalweg.studio.server.page_outlet import PageOutlet
from thalweg.studio.wire.packets import Packet
from thalweg.studio.wire.page_messages import PageMessage
from thalweg.studio.wire.run_requests import LISTED_RUN, SETTINGS

_ANY = FormRule("anything", lambda value: True)
_NAMES = ("sgd", "anneal", "large", "momentum")
_TITLES = ("small steps", "shrinking steps", "large steps", "momentum")
_ARGS: dict[str, tuple[str, ...]] = {
    "runs": (), "start-runs": ("table", "choices", "settings", "rules"), "play": ("runs",),
    "pause": ("runs",), "step": ("runs", "count"), "epoch": ("runs",), "stop": ("runs",),
    "inside": ("run", "step", "row", "pick"),
    "open-runs": ("runs",), "cancel-start": ("table", "choices", "settings", "rules"),
    "fork": ("run", "step", "rule", "rate", "anew"), "at": ("run", "step"),
    "recipe": ("run", "step"),
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


@cache
def _looked(hidden: tuple[int, ...], kind: str) -> tuple[RowsOfRun, Any, Any]:
    """Rows, network and starting point of a table of two classes, three, or numbers."""
    target = {"two": lambda i: "yn"[i % 2], "three": lambda i: "abc"[i % 3], "number": float}[kind]
    n = 60
    frame = pd.DataFrame(
        {"size": np.arange(n) % 7, "kind": ["xyz"[i % 3] for i in range(n)],
         "<b>long name</b> " * 4: np.sin(np.arange(n))}
    )  # fmt: skip
    told = pd.Series([str(target(i)) for i in range(n)])
    table = Table("a table", frame, told, "y", None, ())
    rows = RowsOfRun(table, all_settings({"hidden": list(hidden)}))
    member, _ = member_of(table, hidden=hidden, held_out=0.2)
    return rows, member.architecture, member.theta


def inside_of(args: dict[str, Any], hidden: tuple[int, ...] = (15,), kind: str = "two") -> Packet:
    """What the server answers about a row."""
    rows, architecture, theta = _looked(hidden, kind)
    place = rows.place_of(args["row"]) if args.get("row") else 4
    traced = rows.traced(place, architecture, Objective(rows.encoded.target.loss), theta)
    head = {
        "type": "inside", "run": args["run"], "step": args["step"], "row": rows.number_of(place),
        "rows": rows.n_rows, "beside": list(rows.beside(place)),
        "trace": rows.facts(traced, place), "rule": "adam:lr=0.01", "rate": 0.01,
        "memory": ["m", "v"],
    }  # fmt: skip
    arrays = {
        "theta": theta, "row_gradient": traced.gradient, "gradient": traced.gradient / 2,
        "slots": np.stack([theta, theta * theta]), "next": theta - 0.01 * traced.gradient,
    }  # fmt: skip
    return Packet(head, arrays)


class FakeRuns:
    """The runs, what was asked of them, and how they are shown.

    Attributes
    ----------
    listed : list of dict
    asked : list of tuple
        Names of operations with their arguments.
    inside : callable
        From the arguments to the answer about a row.
    refuse : DataError or None
        What starts, forks and steps are answered with.
    cancelled : Event or None
        Lets a start wait until it is cancelled.
    opening : Event or None
        Lets runs that are brought back wait until it is set.
    """

    def __init__(self, table: str) -> None:
        self.table = table
        self.listed: list[dict[str, Any]] = []
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.refuse: DataError | None = None
        self.points = 0
        self.inside: Callable[[dict[str, Any]], Packet] = lambda args: inside_of(args)
        self.pages: OpenPages | None = None
        self.cancelled: asyncio.Event | None = None
        self.opening: asyncio.Event | None = None

    def operations(self) -> dict[str, PageOperation]:
        def made(name: str) -> PageOperation:
            async def does(message: PageMessage, outlet: PageOutlet) -> Packet:
                if name == "start-runs" and self.cancelled is not None:
                    self.asked.append((name, message.args))
                    await self.cancelled.wait()
                    return Packet({"type": "dropped"})
                if name == "cancel-start" and self.cancelled is not None:
                    self.cancelled.set()
                if name == "open-runs" and self.opening is not None:
                    await self.opening.wait()
                return self._answer(name, message.args, outlet)

            return PageOperation({key: Perhaps(_ANY) for key in _ARGS[name]}, does)

        return {name: made(name) for name in _ARGS}

    def _answer(self, name: str, args: dict[str, Any], outlet: PageOutlet) -> Packet:
        if name == "open-runs":  # those of another test that this browser knows
            raise DataError("There is no such run")
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
            return Packet({"type": "recipe", "python": "theta = thalweg.theta_of_run(table)\n"})
        if name == "inside":
            return self.inside(args)
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
