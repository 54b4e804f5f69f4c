"""The place Ground of the studio: what a page may ask about the ground under runs."""

import asyncio
from collections.abc import Mapping, Sequence

from thalweg.errors import SettingsError
from thalweg.studio.operations.asked_worker import answer_of, passes
from thalweg.studio.operations.run_place import RunPlace
from thalweg.studio.server.open_pages import PageOperation
from thalweg.studio.server.page_outlet import PageOutlet
from thalweg.studio.wire.ground_requests import (
    BEGIN_HERE,
    GROUND,
    GROUND_ID,
    GROUND_RUNS,
    HERE,
    PICTURE,
)
from thalweg.studio.wire.packets import Array, Packet
from thalweg.studio.wire.page_messages import PageMessage
from thalweg.studio.worker.worker_process import WorkerProcess

# Bytes of the paths of all runs, on their way to the worker that draws.
MOST_BYTES = 2**25
# Seconds after the start of runs: their first pictures come first.
SECONDS_BEFORE = 4.0


class GroundPlace:
    """Who takes the paths of runs from the workers that train to the one that makes grounds.

    Parameters
    ----------
    runs : RunPlace
    worker : WorkerProcess
        One of its own: training goes on meanwhile.
    """

    def __init__(self, runs: RunPlace, worker: WorkerProcess) -> None:
        self.runs, self.worker = runs, worker
        self._loads: asyncio.Task[Packet] | None = None

    def operations(self) -> Mapping[str, PageOperation]:
        """What a page may ask for here."""
        return {
            "ground": PageOperation(GROUND, self._ground),
            "ground-runs": PageOperation(GROUND_RUNS, self._grown),
            "here": PageOperation(HERE, self._here),
            "ground-recipe": PageOperation({"ground": GROUND_ID}, self._recipe),
            "ground-picture": PageOperation(PICTURE, self._picture),
            "begin-here": PageOperation(BEGIN_HERE, self._begin),
        }

    def load(self) -> None:
        """Let the worker begin before it is asked, some seconds after the runs have."""
        if self._loads is None:
            self._loads = asyncio.create_task(self._load())

    async def _load(self) -> Packet:
        await asyncio.sleep(SECONDS_BEFORE)
        return await answer_of(self.worker, {"task": "load-ground"}, "", passes)

    async def end(self) -> None:
        """End the worker."""
        if self._loads is not None:
            self._loads.cancel()
            await asyncio.gather(self._loads, return_exceptions=True)
        await self.worker.end()

    async def _ground(self, message: PageMessage, outlet: PageOutlet) -> Packet:
        """A plane for runs and its grid: each finer one replaces the one before."""
        return await self._drawn(message, outlet)

    async def _grown(self, message: PageMessage, outlet: PageOutlet) -> Packet:
        """The runs as they are now on a ground that is there."""
        return await self._drawn(message, outlet)

    async def _drawn(self, message: PageMessage, outlet: PageOutlet) -> Packet:
        asked, found = dict(message.args), await self._paths(message.args["runs"])
        if found.head.get("type") == "error":
            return found
        asked |= {"task": message.operation, "runs": found.head["runs"]}

        def tells(packet: Packet) -> None:
            kind = "ground" if "sheet" in packet.head else "progress"
            outlet.put_picture((kind, message.number), _told(packet, kind, message))

        # A newer ground of the page makes this one useless, and so do runs on another one.
        slot = f"ground {id(outlet)}"
        answer = await answer_of(self.worker, asked, slot, tells, found.arrays)
        return _told(answer, "ground", message)

    async def _here(self, message: PageMessage, outlet: PageOutlet) -> Packet:
        """The network at a point: its losses, its calls."""
        asked = {**message.args, "task": "here"}
        answer = await answer_of(self.worker, asked, f"here {id(outlet)}", passes)
        return _told(answer, "here", message)

    async def _begin(self, message: PageMessage, outlet: PageOutlet) -> Packet:
        """A run that begins at a point; the worker of the ground says its weights."""
        args = message.args
        run = self.runs.known(args["run"])
        asked = {**{key: args[key] for key in HERE}, "task": "point"}
        found = await answer_of(self.worker, asked, "", passes)
        if "theta" not in found.arrays:
            return found
        return await self.runs.begin_at(run, found.arrays["theta"], args.get("rule"))

    async def _recipe(self, message: PageMessage, outlet: PageOutlet) -> Packet:
        """The Python that makes a ground again."""
        asked = {**message.args, "task": "ground-recipe"}
        return _told(await answer_of(self.worker, asked, "", passes), "ground-recipe", message)

    async def _picture(self, message: PageMessage, outlet: PageOutlet) -> Packet:
        """A ground, or the profile along a run, as a picture file."""
        asked, arrays = {**message.args, "task": "ground-picture"}, {}
        run = asked.pop("run", None)
        if run is not None:
            found = await self._paths([run])
            if found.head.get("type") == "error":
                return found
            asked, arrays = asked | {"runs": found.head["runs"]}, dict(found.arrays)
        slot = f"picture {id(outlet)}"
        answer = await answer_of(self.worker, asked, slot, passes, arrays)
        return _told(answer, "ground-picture", message)

    async def _paths(self, ids: Sequence[str]) -> Packet:
        """The paths of runs as they are now, in one packet; or an error."""
        runs = [self.runs.known(each) for each in dict.fromkeys(ids)]
        if not runs:
            raise SettingsError("A ground is laid through runs", fix="show one at least")
        room = MOST_BYTES // len(runs)
        found = await asyncio.gather(
            *(
                self.runs.desks.of(run.id).ask("path", run=run.id, whole=True, bytes=room)
                for run in runs
            )
        )
        arrays: dict[str, Array] = {}
        for i, each in enumerate(found):
            if each.head.get("type") == "error":
                return each
            arrays |= {f"{name} {i}": each.arrays[name] for name in ("theta", "step")}
        told = [
            {
                "run": run.id, "rule": run.about["rule"],
                **{key: each.head.get(key) for key in ("title", "diverged", "why")},
            }
            for run, each in zip(runs, found, strict=True)
        ]  # fmt: skip
        return Packet({"runs": told}, arrays)


def _told(packet: Packet, kind: str, message: PageMessage) -> Packet:
    """What a worker says, as a page gets it; an error as it is."""
    if packet.head.get("type") in ("error", "dropped"):
        return packet
    head = {key: each for key, each in packet.head.items() if key != "is"}
    return Packet({**head, "type": kind, "re": message.number}, packet.arrays)
