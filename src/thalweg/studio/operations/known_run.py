"""A run as the server knows it: where it is, whether it goes on, and its curve so far."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from thalweg.persistence.plain_data_checks import require
from thalweg.studio.server.page_outlet import PageOutlet
from thalweg.studio.wire.packets import Array, Packet, PacketError
from thalweg.studio.wire.run_requests import LISTED_RUN, POINTS, TOLD_RUN

# Parts of a curve that are joined when there are so many of them.
_MOST_PARTS = 64
# The share of a new measurement in the seconds that a step takes.
_NEW = 0.2
RUNNING, PAUSED, STOPPED = "running", "paused", "stopped"
# Where a run stands among those that were let go with it; "" has nothing to wait for.
LOADING, LOADED, LATE = "loading", "loaded", "late"


@dataclass(eq=False)
class KnownRun:
    """A run that pages see.

    Attributes
    ----------
    about : dict
        As a page lists it.
    step, total : int
    state : str
        "running", "paused", "diverged", "ended" or "stopped".
    why : str
    wanted : float
        How many steps it has still to make; infinite while it plays.
    is_unkept : bool
        Whether pages know that it could not be written to the disk.
    gate : str
        "loading", "loaded" while it waits for others that are not, "late" if they have gone on
        without it, or "".
    """

    about: dict[str, Any]
    clock: Callable[[], float] = time.monotonic
    step: int = 0
    total: int = 0
    state: str = PAUSED
    why: str = ""
    wanted: float = 0
    is_unkept: bool = False
    gate: str = ""
    _parts: list[dict[str, Array]] = field(default_factory=list)
    _sent: "WeakKeyDictionary[PageOutlet, int]" = field(default_factory=WeakKeyDictionary)
    _last: int = -1
    _seconds: float | None = None
    _asked: tuple[float, int] | None = None

    @classmethod
    def of(cls, told: object) -> "KnownRun":
        """A run that a worker lists; it may have read an untrusted file, so this is checked."""
        try:
            require(told, LISTED_RUN, "run")
        except ValueError as why:
            raise PacketError(str(why)) from why
        assert isinstance(told, dict)
        run = cls(told)
        run.take_state(told)
        return run

    @property
    def id(self) -> str:
        """Its id."""
        return str(self.about["id"])

    @property
    def last(self) -> int:
        """The step of the last point of the curve; -1 without one."""
        return self._last

    @property
    def goes_on(self) -> bool:
        """Whether it has steps to make."""
        return self.wanted > 0 and self.state in (RUNNING, PAUSED)

    @property
    def seconds_left(self) -> float | None:
        """Seconds to its end at the pace of now, the turns of other runs included; if known."""
        if self._seconds is None or self.state != RUNNING:
            return None
        return round(self._seconds * max(0, self.total - self.step), 1)

    def want(self, steps: float) -> None:
        """Let it make so many steps from now on."""
        self.wanted, self._asked = steps, None

    def take(self, packet: Packet) -> None:
        """Take what a worker says of it.

        Raises
        ------
        PacketError
            It is not what a worker says of this run.
        """
        head = packet.head
        told = {key: head.get(key) for key in TOLD_RUN}
        try:
            require(told, TOLD_RUN, "run")
        except ValueError as why:
            raise PacketError(str(why)) from why
        if told["run"] != self.id:
            raise PacketError("It is the answer for another run")
        before = self.step
        self.take_state(told)
        self.take_points(packet.arrays)
        self.wanted = max(0, self.wanted - max(0, self.step - before))
        self._measure()

    def take_state(self, told: Mapping[str, Any]) -> None:
        """Take where it is, and whether it has ended."""
        # A worker that was killed begins up to a second earlier; no page sees it go back.
        self.step, self.total = max(self.step, told["step"]), told["total"]
        if told["state"] != "open":
            self.state, self.why, self.wanted = told["state"], told["why"], 0
        self.about = {**self.about, **{key: told[key] for key in TOLD_RUN if key != "state"}}

    def take_points(self, arrays: Mapping[str, Array]) -> None:
        """Take further points of the curve; those that are known already are passed over."""
        if not arrays:
            return
        n = len(arrays.get("step", ()))
        for name, kind in POINTS.items():
            shape = (n, self.about["layers"]) if name == "gradient" else (n,)
            if name not in arrays or arrays[name].shape != shape:
                raise PacketError("A point of a run lacks a part")
            if arrays[name].dtype != np.dtype(f"<{kind}"):
                raise PacketError("A point of a run has another type")
        steps = arrays["step"]
        if n and np.any(np.diff(steps) <= 0):
            raise PacketError("The points of a run are not in their order")
        new = steps > self._last
        if not new.any():
            return
        self._parts.append({name: arrays[name][new].copy() for name in POINTS})
        self._last = int(steps[-1])
        if len(self._parts) > _MOST_PARTS:
            self._parts = [_joined(self._parts)]

    def picture(self, outlet: PageOutlet) -> Packet:
        """What a page has not got of the curve yet; all of it for a new page."""
        after = self._sent.get(outlet, -1)
        parts = [each for each in self._parts if each["step"][-1] > after]
        points = _joined(parts) if parts else {}
        new = {name: each[points["step"] > after] for name, each in points.items()}
        self._sent[outlet] = self._last
        head = {
            "type": "curve", "run": self.id, "first": int(new["step"][0]) if new else self._last,
            "last": self._last, "step": self.step, "total": self.total, "left": self.seconds_left,
        }  # fmt: skip
        return Packet(head, new)

    def again(self, outlet: PageOutlet) -> None:
        """Let a page get the whole curve with its next picture."""
        self._sent.pop(outlet, None)

    def as_dict(self) -> dict[str, Any]:
        """The run as a page lists it."""
        return {
            **self.about, "step": self.step, "total": self.total, "state": self.state,
            "why": self.why, "left": self.seconds_left, "gate": self.gate,
        }  # fmt: skip

    def _measure(self) -> None:
        """Measure the seconds of a step, from one answer to the next."""
        now = self.clock()
        if self._asked is not None and self.step > self._asked[1]:
            found = (now - self._asked[0]) / (self.step - self._asked[1])
            old = self._seconds
            self._seconds = found if old is None else (1 - _NEW) * old + _NEW * found
        self._asked = now, self.step


def _joined(parts: list[dict[str, Array]]) -> dict[str, Array]:
    if len(parts) == 1:
        return parts[0]
    return {name: np.concatenate([each[name] for each in parts]) for name in POINTS}
