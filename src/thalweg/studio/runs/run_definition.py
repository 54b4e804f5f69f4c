"""What a live run is, as plain data: with it the library makes the same run again.

The id of a run is the hash of its definition. So equal runs are one, and a run that was changed on
its way is another.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any

from thalweg.errors import DataError, SettingsError
from thalweg.persistence.plain_data_checks import Form, Maybe, require, text_of, whole
from thalweg.studio.wire.run_requests import (
    ALL_SETTINGS,
    CHANGES,
    MOST_CHANGES,
    RULE,
    STARTING_POINT,
)
from thalweg.studio.wire.table_choices import CHOICES as CHOICES_OF_TABLE
from thalweg.studio.wire.table_ids import TABLE_ID
from thalweg.training.descent.training_settings import parse_optimizer

FORM: dict[str, Form] = {
    "table": TABLE_ID,
    "choices": CHOICES_OF_TABLE,
    "settings": ALL_SETTINGS,
    "name": text_of(400),
    "rule": RULE,
    "rows_a_step": Maybe(whole(1, 2**31)),
    "changes": CHANGES,
    "theta": Maybe(STARTING_POINT),
}


@dataclass(frozen=True)
class Change:
    """From this step on, a run has another optimizer."""

    step: int
    rule: str


@dataclass(frozen=True)
class RunDefinition:
    """All that a live run depends on.

    Attributes
    ----------
    table : str
        The id of its table.
    choices : dict
        How the table is read.
    settings : dict
        The network, its rows, its seed: all keys of ``run_requests.SETTINGS``.
    name : str
        Of a preset, or the text form of the optimizer.
    rule : str
        The optimizer that it begins with, in text form, with its rate.
    rows_a_step : int or None
        As in `thalweg.landscape.runs.presets.Preset`.
    changes : tuple of Change
        In the order of their steps.
    theta : str or None
        The SHA-256 of the starting point, if it is not that of the settings.
    """

    table: str
    choices: dict[str, Any]
    settings: dict[str, Any]
    name: str
    rule: str
    rows_a_step: int | None = None
    changes: tuple[Change, ...] = ()
    theta: str | None = None

    @property
    def id(self) -> str:
        """The hash of this definition."""
        told = {key: each for key, each in self.as_dict().items() if key != "name"}
        text = json.dumps(told, sort_keys=True, separators=(",", ":"), allow_nan=False)
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def first(self) -> int:
        """The step at which it begins; before, it was another run."""
        return self.changes[-1].step if self.changes else 0

    @property
    def last_rule(self) -> str:
        """The optimizer that it has now."""
        return self.changes[-1].rule if self.changes else self.rule

    @property
    def before(self) -> "RunDefinition | None":
        """The run from which it was forked by its last change."""
        if not self.changes:
            return None
        return RunDefinition(**{**vars(self), "changes": self.changes[:-1]})

    def require_step(self, step: int) -> None:
        """Refuse a step of the run from which this one was forked."""
        if step < self.first:
            raise SettingsError(
                f"This run begins at step {self.first}, and step {step} lies before it",
                fix="take the run from which it was forked",
            )

    def changed(self, step: int, rule: str) -> "RunDefinition":
        """The run that has another optimizer from this step on.

        Raises
        ------
        SettingsError
            For an optimizer that is none, a step before its begin, or too many changes.
        """
        self.require_step(step)
        if len(self.changes) == MOST_CHANGES:
            raise SettingsError(
                f"This run was changed {MOST_CHANGES} times already",
                fix="begin a new run at its point",
            )
        change = Change(step, str(parse_optimizer(rule)))
        return RunDefinition(**{**vars(self), "changes": (*self.changes, change)})

    def from_theta(self, theta: str, rule: str) -> "RunDefinition":
        """The run that begins at another point, by its hash."""
        given = {"changes": (), "theta": theta, "rule": str(parse_optimizer(rule))}
        return RunDefinition(**{**vars(self), **given})

    def as_dict(self) -> dict[str, Any]:
        """All of it as plain data."""
        return {**asdict(self), "changes": [asdict(each) for each in self.changes]}

    @classmethod
    def of(cls, said: Any, where: str = "run") -> "RunDefinition":
        """The definition in plain data that nobody has checked.

        Raises
        ------
        DataError
            It is none.
        """
        try:
            require(said, FORM, "the run")
            steps = [each["step"] for each in said["changes"]]
            if steps != sorted(steps):
                raise ValueError("its changes are not in their order")
            for rule in (said["rule"], *(each["rule"] for each in said["changes"])):
                parse_optimizer(rule)
        except (ValueError, SettingsError) as why:
            raise DataError(
                "This is no run of a studio",
                where=where,
                why=str(why)[:300],
                fix="start the run again",
            ) from why
        changes = tuple(Change(**each) for each in said["changes"])
        return cls(**{**said, "changes": changes})
