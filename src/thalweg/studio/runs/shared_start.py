"""From a table and settings to what all runs of a page share: rows, network, starting point."""

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from thalweg.data.read import Table
from thalweg.errors import SettingsError, Status
from thalweg.landscape.ground.terrain import NetworkTerrain
from thalweg.landscape.race_on_table import (
    HIDDEN,
    STEPS,
    member_of,
    network_in_words,
    steps_in_words,
)
from thalweg.landscape.runs.own_batches import steps_of, with_own_batches
from thalweg.landscape.runs.path import memory_of_paths, terrain_of
from thalweg.landscape.runs.presets import Preset, check_batches, entries
from thalweg.landscape.runs.rates_of_table import PRODUCTS, WHERE, rates_of
from thalweg.network.engine import Engine
from thalweg.network.formulas.activations import Array
from thalweg.studio.runs.run_definition import RunDefinition
from thalweg.studio.wire.run_requests import ARTICLE, DEFAULT, MOST_RUNS
from thalweg.training.callbacks import Callback
from thalweg.training.checkpoint import hashed
from thalweg.training.descent.network_memory import require_memory_for
from thalweg.training.descent_inputs import Member
from thalweg.training.stepping.stepped_run import SteppedRun

# The article's network and the rows of its race; a part of the rows is held out, to be looked at.
OF_ARTICLE: dict[str, Any] = {
    "preset": ARTICLE, "hidden": list(HIDDEN), "activation": "relu", "alpha": 0.0, "steps": STEPS,
    "batch_size": None, "held_out": 0.2, "seed": 0, "task": "auto",
}  # fmt: skip
# Those of a fit: what is not said, it decides by the table. It has epochs, and no steps.
OF_DEFAULT: dict[str, Any] = {
    **dict.fromkeys(OF_ARTICLE), "preset": DEFAULT, "seed": 0, "task": "auto",
}  # fmt: skip
OF_PRESETS = {ARTICLE: OF_ARTICLE, DEFAULT: OF_DEFAULT}
# Rows that are hashed at a time.
_ROWS_AT_ONCE = 4096
# Seconds of the processor for learning rates, as they are estimated from a loss.
SECONDS_FOR_RATES = 120.0


def all_settings(said: Mapping[str, Any]) -> dict[str, Any]:
    """All settings, with what a page says."""
    return {**OF_PRESETS[said.get("preset", ARTICLE)], **said}


@dataclass(frozen=True, eq=False)
class SharedStart:
    """What the runs of a page share.

    Attributes
    ----------
    member : Member
        With the held-out rows; its optimizer is that of the preset "default".
    about : tuple of str
        Sentences about the rows and the network.
    """

    member: Member
    about: tuple[str, ...] = ()

    @classmethod
    def of(cls, table: Table, settings: Mapping[str, Any]) -> "SharedStart":
        """The start for a table and all settings.

        Raises
        ------
        SettingsError
            If the article's network lacks a setting.
        """
        given = {key: settings[key] for key in OF_ARTICLE if key != "preset"}
        if settings["preset"] == DEFAULT:
            # The estimators take a second to load, and the article's network needs none.
            from thalweg.studio.runs.own_settings import own_member

            del given["steps"]
            member = own_member(table, **given)
            network = network_in_words(member.architecture)
            return cls(member, (f"{table.name}, as a fit takes it.", f"{network}."))
        for key, usual in OF_ARTICLE.items():
            if settings[key] is None and usual is not None:
                raise SettingsError(f"The run says no {key}", fix="start the run again")
        member, about = member_of(table, **{**given, "hidden": tuple(given["hidden"])})
        # A rule may take all rows in a step: all runs have only the number of steps in common.
        length = f"{steps_in_words(member)}; seed {member.settings.seed}"
        return cls(member, (*about[:-1], f"{network_in_words(member.architecture)}; {length}."))

    @cached_property
    def digest(self) -> str:
        """The hash of the encoded rows: with the definition of a run, all that it depends on."""
        data, found = self.member.data, hashlib.sha256()
        for first in range(0, len(data.Y), _ROWS_AT_ONCE):
            rows = np.arange(first, min(first + _ROWS_AT_ONCE, len(data.Y)))
            for each in (data.X[rows], data.Y[rows], data.weights[rows]):
                found.update(hashed(each).encode())
        return found.hexdigest()

    def run_of(self, run: RunDefinition, theta: Array | None = None) -> tuple[Member, int | None]:
        """A run as an argument of ``train``, before its changes, and its last step.

        Parameters
        ----------
        run : RunDefinition
        theta : ndarray of shape (n_parameters,), optional
            The starting point, if the run has one of its own.
        """
        member = self.member
        if theta is not None:
            if theta.shape != member.theta.shape or not np.isfinite(theta).all():
                lost = theta.size - np.count_nonzero(np.isfinite(theta))
                raise SettingsError(
                    "This point is none of this network",
                    why=f"{lost} of its {theta.size} numbers are not finite"
                    if theta.shape == member.theta.shape
                    else f"Its shape is {theta.shape}, that of the network {member.theta.shape}",
                    fix="take a point of a run with the same network",
                )
            member = replace(member, theta=theta.astype(member.theta.dtype))
        return with_own_batches(member, Preset(run.name, run.rule, "", rows_a_step=run.rows_a_step))

    def stepped_run(
        self, run: RunDefinition, theta: Array | None = None, engine: Engine | None = None,
        callbacks: Sequence[Callback] = (),
    ) -> SteppedRun:  # fmt: skip
        """A run at its first step, by way of those from which it was forked.

        Parameters
        ----------
        run : RunDefinition
        theta : ndarray of shape (n_parameters,), optional
            As in ``run_of``.
        engine : Engine, optional
        callbacks : sequence of Callback
            They hear nothing of the runs before.

        Raises
        ------
        SettingsError
            One of those runs ends before the step of its change.
        """
        member, last = self.run_of(run, theta)
        found = SteppedRun(
            member, engine, last_step=last, callbacks=() if run.changes else callbacks
        )
        for number, change in enumerate(run.changes, 1):
            advance_to(found, change.step)
            own = callbacks if number == len(run.changes) else ()
            before, found = found, found.changed(change.rule, callbacks=own)
            before.leave()
        return found


def advance_to(run: SteppedRun, step: int) -> None:
    """Let a run go on to a step.

    Raises
    ------
    SettingsError
        It ends before.
    """
    with np.errstate(all="ignore"):
        run.advance(step - run.step)
    if run.step < step:
        ended = "diverged" if run.status is Status.DIVERGED else "ended"
        raise SettingsError(
            f"The run has not been at step {step}",
            why=f"It {ended} at step {run.step}",
            fix=f"take a step up to {run.step}",
        )


def definitions(
    start: SharedStart, table: str, choices: Mapping[str, Any], settings: Mapping[str, Any],
    rules: Sequence[str], engine: Engine | None = None,
) -> list[RunDefinition]:  # fmt: skip
    """The runs of these optimizers, with the rates that suit the table.

    Parameters
    ----------
    start : SharedStart
    table, choices, settings
        What it was made of.
    rules : sequence of str
        As in `thalweg.landscape.runs.presets.entries`; and "default", the optimizer of a fit.
    engine : Engine, optional

    Raises
    ------
    SettingsError
        For an unknown optimizer, too many of them, rates that take too long to find, or networks
        that do not fit into memory together.
    """
    own = str(start.member.settings.optimizer)
    entered = entries([Preset(DEFAULT, own, "") if each == DEFAULT else each for each in rules])
    if len(entered) > MOST_RUNS:
        raise SettingsError(
            f"{len(entered)} runs are too many to be seen at once",
            fix=f"start at most {MOST_RUNS}",
        )
    check_batches(entered, start.member)
    if any(each.needs_rates for each in entered):
        terrain = terrain_of(start.member, engine=engine)
        _require_short(terrain, start.member)
        rates = rates_of(start.member, terrain, engine).rates
        entered = [each.at(rates) for each in entered]
    require_room(start.member, [each.rule for each in entered])
    return [
        RunDefinition(table, dict(choices), dict(settings), each.name, each.rule, each.rows_a_step)
        for each in entered
    ]


def require_room(member: Member, rules: Sequence[str]) -> None:
    """Refuse runs whose networks cannot be in memory at the same time.

    A process that takes all memory is killed by the system, or another program is.

    Parameters
    ----------
    member : Member
    rules : sequence of str
        The optimizer of each run.

    Raises
    ------
    SettingsError
        With the memory that they would take, and what would fit.
    """
    sizes, dtype = member.architecture.sizes, member.theta.dtype
    needed = memory_of_paths(sizes, dtype, rules, steps_of(member), len(rules))
    require_memory_for(needed, named="hidden")


def _require_short(
    terrain: NetworkTerrain, member: Member, clock: Callable[[], float] = time.process_time
) -> None:
    """Refuse to look for rates for many minutes: who has asked could not end it.

    A product with the Hessian has two gradients, and a small step has one. With what is recorded
    beside it, a gradient takes about as long as six losses (measured with 200 to 500,000 weights).
    """
    terrain.losses(member.theta[None])  # the first loss makes what all others need
    began = clock()
    terrain.losses(member.theta[None])
    a_loss = clock() - began
    seconds = 6 * a_loss * (2 * PRODUCTS * len(WHERE) + steps_of(member))
    if seconds > SECONDS_FOR_RATES:
        raise SettingsError(
            f"To find learning rates for this network would take about {seconds / 60:.0f} min",
            why=f"They come from the curvature of its loss, and a loss of {member.theta.size:,} "
            f"weights takes {1000 * a_loss:.3g} ms on this machine",
            fix="give rates, as in sgd:lr=0.1 or adam:lr=0.01; or fewer hidden units",
        )
