"""The runs of a worker: in its memory while they live, and on the disk for when it does not."""

import hashlib
import json
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from thalweg.data.read import Table
from thalweg.errors import DataError, ModelFileError, OutputError, SettingsError
from thalweg.network.formulas.activations import Array
from thalweg.sealed_container import seal, unseal
from thalweg.studio.runs.live_run import LiveRun
from thalweg.studio.runs.row_inside import RowsOfRun
from thalweg.studio.runs.run_definition import RunDefinition
from thalweg.studio.runs.run_files import definition_bytes, go_on_from, packed, read_definition
from thalweg.studio.runs.shared_start import (
    SharedStart,
    all_settings,
    definitions,
    require_room,
)  # fmt: skip
from thalweg.training.descent.training_settings import optimizer_from, parse_optimizer

# Runs in memory; more are on the disk alone. Tables whose rows are kept encoded.
MOST_OPEN, MOST_STARTS = 16, 2
# Seconds between two writes of a run, and how many times the time of a write they are at least.
EVERY_SECONDS, TIMES_A_WRITE = 1.0, 10.0
_DEFINITION, _STATE, _THETA = "run.json", "state", "theta"


class RunStore(Protocol):
    """The files of runs, each in a folder of its own."""

    def read(self, run: str, name: str) -> bytes | None:
        """The bytes of a file; None if there is none."""

    def write(self, run: str, name: str, data: bytes) -> None:
        """Write a file, completely or not at all."""


class OpenRuns:
    """All runs that a worker knows.

    Parameters
    ----------
    store : RunStore
    table_of : callable
        From the id of a table, and how it is read, to the table with its target.
    clock : callable
        A clock in seconds, with any zero.
    state_of : callable
        From the id of a table to what is another text when its file was written anew.
    """

    def __init__(
        self,
        store: RunStore,
        table_of: Callable[[str, Mapping[str, Any]], Table],
        clock: Callable[[], float] = time.monotonic,
        state_of: Callable[[str], str | None] = lambda table: None,
    ) -> None:
        self._store, self._table_of, self._clock = store, table_of, clock
        self._state_of = state_of
        self._live: OrderedDict[str, LiveRun] = OrderedDict()
        self._starts: OrderedDict[str, SharedStart] = OrderedDict()
        self._due: dict[str, float] = {}
        self._written: dict[str, int] = {}
        self._rows: tuple[str, RowsOfRun] | None = None

    def start(
        self, table: str, choices: Mapping[str, Any], settings: Mapping[str, Any],
        rules: Sequence[str], tell: Callable[[str], None] = lambda what: None,
    ) -> list[LiveRun]:  # fmt: skip
        """Runs with these optimizers, at their first step, or where they are already.

        ``tell`` hears what takes long, in words.

        Raises
        ------
        DataError, SettingsError
            For a table, a network or optimizers that are none.
        """
        whole = all_settings(settings)
        tell("Reading the table")
        start = self._shared(table, choices, whole)
        tell("Finding learning rates that suit the table")
        found = definitions(start, table, choices, whole, rules)
        return [self._kept(each) for each in found]

    def run(self, run: str) -> LiveRun:
        """A run by its id: that in memory, or the one on the disk.

        Raises
        ------
        DataError
            There is no such run.
        """
        if run in self._live:
            self._live.move_to_end(run)
            return self._live[run]
        definition = self.definition_of(run)
        live = self._made(definition)
        state = self._store.read(run, _STATE)
        if state is not None and not go_on_from(live, state):
            live.leave()
            live = self._made(definition)  # all of its steps are made again, with equal bits
        return self._hold(run, live)

    def definition_of(self, run: str) -> RunDefinition:
        """What a run is, by its id, from the disk.

        Raises
        ------
        DataError
            There is no such run.
        """
        data = self._store.read(run, _DEFINITION)
        if data is None:
            raise DataError("There is no such run", where=run, fix="start it again")
        definition = read_definition(data, run)
        if definition.id != run:
            raise DataError("This run is another one", where=run, fix="start it again")
        return definition

    def start_of(self, run: RunDefinition) -> SharedStart:
        """What a run shares with all runs of its table and its settings."""
        live = self._live.get(run.id)  # its file may have been written anew since it began
        return live.start if live else self._shared(run.table, run.choices, run.settings)

    def way_of(self, run: str) -> tuple[Array, NDArray[np.intp]]:
        """The recorded θ of a run and of the runs from which it was forked, and their steps."""
        live = self.run(run)
        thetas, steps = live.points()
        before = live.definition.before
        if before is None:
            return thetas, steps
        earlier, made = self.way_of(before.id)
        kept = made < steps[0]
        return np.concatenate([earlier[kept], thetas]), np.concatenate([made[kept], steps])

    def advance(self, run: str, steps: int, seconds: float) -> LiveRun:
        """Let a run make at most so many steps, and work for about so many seconds."""
        live = self.run(run)
        end = self._clock() + seconds
        live.advance(steps, lambda: self._clock() >= end)
        if live.state != "open" or self._clock() >= self._due.get(run, 0.0):
            self.keep(run)
        return live

    def fork(
        self, run: str, step: int, rule: str | None = None, rate: float | None = None,
        theta: Array | None = None,
    ) -> LiveRun:  # fmt: skip
        """A run that begins with the state of another one, or at a given θ.

        Parameters
        ----------
        run : str
        step : int
            The step whose state it has; without a meaning if θ is given.
        rule : str, optional
            Its optimizer; default: that of the other run.
        rate : float, optional
            Its learning rate.
        theta : ndarray of shape (n_parameters,), optional
            Where it begins, with an empty memory and the first step.

        Raises
        ------
        SettingsError
            The other run has not been there, or the optimizer is none.
        """
        live = self.run(run)
        before = live.definition
        optimizer = str(optimizer_from(rule or before.last_rule, rate, None))
        if theta is not None:
            return self._from_theta(live, theta, optimizer)
        before.require_step(step)
        live.require_step(step)
        if optimizer == str(parse_optimizer(before.last_rule)):
            raise SettingsError(
                "With the same optimizer this is the same run",
                fix="give another rate or another rule",
            )
        return self._kept(before.changed(step, optimizer))

    def classes_of(self, run: RunDefinition) -> tuple[str, ...]:
        """The classes of a run's target, in the order of the outputs; none of numbers."""
        return self._rows_of(run).encoded.target.classes

    def rows_of(self, run: str) -> RowsOfRun:
        """The rows of the table of a run.

        Raises
        ------
        DataError
            They are not those of the run any more.
        """
        live = self.run(run)
        own = live.definition
        if live.words["rows"] != self._shared(own.table, own.choices, own.settings).digest:
            raise DataError(
                "The file of the table was written anew after this run began",
                why="Its rows are not those of the run any more",
                fix="start the runs again",
            )
        return self._rows_of(own)

    def _rows_of(self, own: RunDefinition) -> RowsOfRun:
        state = self._state_of(own.table)
        key = json.dumps([own.table, own.choices, own.settings, state], sort_keys=True)
        if self._rows is None or self._rows[0] != key:
            self._rows = key, RowsOfRun(self._table_of(own.table, own.choices), own.settings)
        return self._rows[1]

    def keep(self, run: str) -> None:
        """Write a run to the disk, unless it is there as it is."""
        live = self._live.get(run)
        if live is None or self._written.get(run) == live.step:
            return
        began = self._clock()
        try:
            self._store.write(run, _STATE, packed(live))
            self._written[run] = live.step
        finally:  # a write that fails takes its time, too
            took = self._clock() - began
            self._due[run] = self._clock() + max(EVERY_SECONDS, TIMES_A_WRITE * took)

    def close(self, run: str) -> None:
        """Write a run to the disk, and know it no more: another worker may open it."""
        self.keep(run)
        live = self._live.pop(run, None)
        if live is not None:
            live.leave()

    def theta_of(self, run: RunDefinition) -> Array | None:
        """The starting point of a run, if it has one of its own.

        Raises
        ------
        DataError
            Its file is damaged.
        """
        if run.theta is None:
            return None
        data = self._store.read(run.id, _THETA)
        try:
            if data is None:
                raise ValueError
            theta = unseal(data)[1]["theta"]
            if theta.ndim != 1 or _hash(theta) != run.theta:
                raise ValueError
        except (ValueError, KeyError, ModelFileError) as why:
            raise DataError(
                "The starting point of this run is damaged", where=run.id, fix="start it again"
            ) from why
        return theta

    def _from_theta(self, live: LiveRun, theta: Array, optimizer: str) -> LiveRun:
        theta = np.ascontiguousarray(theta, live.stepped.theta.dtype)
        run = live.definition.from_theta(_hash(theta), optimizer)
        LiveRun(run, self.start_of(run), theta).leave()  # raises if it does not fit
        self._store.write(run.id, _THETA, seal({}, {"theta": theta}))
        return self._kept(run)

    def _kept(self, run: RunDefinition) -> LiveRun:
        """A run, with its definition on the disk."""
        if self._store.read(run.id, _DEFINITION) is None:
            self._store.write(run.id, _DEFINITION, definition_bytes(run))
        return self.run(run.id)

    def _made(self, run: RunDefinition) -> LiveRun:
        start = self.start_of(run)
        require_room(start.member, [run.last_rule])
        return LiveRun(run, start, self.theta_of(run))

    def _hold(self, run: str, live: LiveRun) -> LiveRun:
        self._live[run] = live
        # A run that only lies here must not be written over what another worker has made since.
        self._written[run] = live.step
        while len(self._live) > MOST_OPEN:
            oldest = next(iter(self._live))
            with suppress(OutputError):  # said before; it can be made again from what it is
                self.keep(oldest)
            self._live.pop(oldest).leave()
        return live

    def _shared(
        self, table: str, choices: Mapping[str, Any], settings: Mapping[str, Any]
    ) -> SharedStart:
        key = json.dumps([table, choices, settings, self._state_of(table)], sort_keys=True)
        if key not in self._starts:
            self._starts[key] = SharedStart.of(self._table_of(table, choices), settings)
        self._starts.move_to_end(key)
        while len(self._starts) > MOST_STARTS:
            self._starts.popitem(last=False)
        return self._starts[key]


def _hash(theta: Array) -> str:
    kind = theta.dtype.newbyteorder("<")
    return hashlib.sha256(theta.astype(kind).tobytes()).hexdigest()
