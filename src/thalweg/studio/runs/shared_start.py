"""From a table and settings to what all runs of a page share: rows, network, starting point."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from thalweg.data.read import Table
from thalweg.errors import SettingsError
from thalweg.landscape.race_on_table import HIDDEN, STEPS, member_of
from thalweg.landscape.runs.own_batches import with_own_batches
from thalweg.landscape.runs.presets import Preset, check_batches, entries
from thalweg.landscape.runs.rates_of_table import rates_of
from thalweg.network.engine import Engine
from thalweg.network.formulas.activations import Array
from thalweg.studio.runs.run_definition import RunDefinition
from thalweg.studio.wire.run_requests import ARTICLE, MOST_RUNS
from thalweg.training.descent_inputs import Member

# The article's network and the rows of its race; a part of the rows is held out, to be looked at.
OF_ARTICLE: dict[str, Any] = {
    "preset": ARTICLE, "hidden": list(HIDDEN), "activation": "relu", "alpha": 0.0, "steps": STEPS,
    "batch_size": None, "held_out": 0.2, "seed": 0, "task": "auto",
}  # fmt: skip


def all_settings(said: Mapping[str, Any]) -> dict[str, Any]:
    """All settings, with what a page says."""
    return {**OF_ARTICLE, **said}


@dataclass(frozen=True, eq=False)
class SharedStart:
    """What the runs of a page share.

    Attributes
    ----------
    member : Member
        With the held-out rows; its optimizer is ignored.
    about : tuple of str
        Sentences about the rows and the network.
    """

    member: Member
    about: tuple[str, ...]

    @classmethod
    def of(cls, table: Table, settings: Mapping[str, Any]) -> "SharedStart":
        """The start for a table and all settings."""
        given = {key: settings[key] for key in OF_ARTICLE if key != "preset"}
        member, about = member_of(table, **{**given, "hidden": tuple(given["hidden"])})
        return cls(member, about)

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
                raise SettingsError(
                    "This point is none of this network",
                    why=f"It has {theta.size} numbers, and the network {member.theta.size}",
                    fix="take a point of a run with the same network",
                )
            member = replace(member, theta=theta.astype(member.theta.dtype))
        return with_own_batches(member, Preset(run.name, run.rule, "", rows_a_step=run.rows_a_step))


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
        As in `thalweg.landscape.runs.presets.entries`.
    engine : Engine, optional

    Raises
    ------
    SettingsError
        For an unknown optimizer, or too many of them.
    """
    entered = entries(rules)
    if len(entered) > MOST_RUNS:
        raise SettingsError(
            f"{len(entered)} runs are too many to be seen at once",
            fix=f"start at most {MOST_RUNS}",
        )
    check_batches(entered, start.member)
    if any(each.needs_rates for each in entered):
        rates = rates_of(start.member, engine=engine).rates
        entered = [each.at(rates) for each in entered]
    return [
        RunDefinition(table, dict(choices), dict(settings), each.name, each.rule, each.rows_a_step)
        for each in entered
    ]
