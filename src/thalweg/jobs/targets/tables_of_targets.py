"""A table with several targets: an ordinary training table for each, of the same rows and features.

A target is never a feature of another one. A row that lacks one of the targets is refused, or left
out for all of them, as a row without its only target is.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from thalweg.data.column_names import column_names, listed
from thalweg.data.column_roles import require_target
from thalweg.data.notation.missing_words import MissingWords
from thalweg.errors import DataError, SettingsError
from thalweg.estimators.outputs.several_outputs import about_target
from thalweg.evaluation.several.joint_strata import joint_strata
from thalweg.evaluation.task_kinds import ONE_NUMBER, SEVERAL_CLASSES
from thalweg.jobs.parts.summary_facts import Facts
from thalweg.jobs.parts.table_options import Columns
from thalweg.jobs.parts.training_table import (
    TrainingRequest,
    TrainingTable,
    read_training_table,
)
from thalweg.jobs.running.job_run import JobRun
from thalweg.jobs.running.listener import Nobody
from thalweg.jobs.targets.commands_of_kinds import commands_of_each, commands_of_kinds
from thalweg.jobs.targets.positive_texts import positive_texts
from thalweg.network.formulas.losses import loss, standard_text
from thalweg.wording import Spelling, parameter

OF_POSITIVE = "The positive class is"


@dataclass(frozen=True, eq=False)
class TargetTables:
    """The training tables of several targets.

    Attributes
    ----------
    tables : tuple of TrainingTable
        One for each target; rows, features, groups, times and weights are the same in all.
    """

    tables: tuple[TrainingTable, ...]

    @property
    def first(self) -> TrainingTable:
        """The table of the first target, for what all of them share."""
        return self.tables[0]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the targets."""
        return tuple(str(each.table.target_name) for each in self.tables)

    @property
    def of_classes(self) -> bool:
        """Whether the targets are labels, and not numbers."""
        return self.first.task.kind.of_classes

    @property
    def Y(self) -> pd.DataFrame:
        """All targets, a column for each."""
        pairs = zip(self.names, self.tables, strict=True)
        return pd.DataFrame({name: each.y for name, each in pairs}, self.first.table.frame.index)

    @property
    def positives(self) -> dict[str, str]:
        """The positive class of each label."""
        pairs = zip(self.names, self.tables, strict=True)
        return {name: str(each.table.positive) for name, each in pairs if self.of_classes}

    @property
    def strata(self) -> np.ndarray | None:
        """What the rows are split in proportion of; None for rows in time order."""
        first = self.first
        if first.times is not None:
            return None
        if not self.of_classes:
            return first.task.kind.strata(first.y)
        codes = np.column_stack([each.y == min(each.y) for each in self.tables])
        return joint_strata(codes, self.names, first.matrix, first.groups)


def read_target_tables(run: JobRun, request: TrainingRequest, verb: str) -> TargetTables:
    """The table, once for each target.

    Parameters
    ----------
    run : JobRun
        To report the data that was read.
    request : TrainingRequest
        With several ``targets`` in its columns.
    verb : str
        As a person types it, for commands that work.

    Raises
    ------
    DataError
        If the targets are not all of two classes, or all numbers.
    """
    _require_no_exposure(request.columns)
    reading = request.reading
    opened = reading.opened(request.table)
    once = replace(reading, known={**reading.known, request.table: opened})
    columns, names = request.columns, request.columns.targets
    there = column_names(opened.frame)
    for name in names:
        require_target(name, there, opened.name)
    heard = quiet_run(run)
    tables = []
    for name in names:
        own = _columns_of(columns, name)
        with about_target(name):
            table = read_training_table(heard, replace(request, columns=own, reading=once))
        tables.append(table)
    found = TargetTables(tuple(tables))
    _require_alike(found, request, verb)
    _require_loss_of_several(found, request, verb)
    facts = dict(zip(names, (each.facts for each in tables), strict=True))
    of_all, notes = facts_together(facts)
    notes += _positive_note(found)
    run.read(of_all, notes)
    return found


class _Quiet(Nobody):
    """Keeps the notes of one target, which are given with those of all; spells as the job does."""

    def __init__(self, spell: Spelling) -> None:
        self._spell = spell
        self.said: list[str] = []

    def say(self, line: str) -> None:
        """Keep a note."""
        self.said.append(line)

    def spell(self, name: str, value: str) -> str:
        """As the command line, or as Python."""
        return self._spell(name, value)


def notes_together(own: Mapping[str, Sequence[str]]) -> list[str]:
    """The notes of all targets once, and those of one target with its name."""
    notes: list[str] = []
    for name, said in own.items():
        for note in said:
            if note.startswith(OF_POSITIVE):
                continue
            of_all = all(note in each for each in own.values())
            note = note if of_all else f'"{name}": {note}'
            notes += [] if note in notes else [note]
    return notes


def _positive_note(found: TargetTables) -> list[str]:
    """Which class of each label is the positive one, a sentence."""
    by_class: dict[str, list[str]] = {}
    for name, label in found.positives.items():
        by_class.setdefault(label, []).append(name)
    if not by_class:
        return []
    said = "; ".join(f'"{label}" of {listed(names)}' for label, names in by_class.items())
    example = parameter("positive", positive_texts(found.positives, found.names)[0])
    return [f"{OF_POSITIVE} {said}; {example} names it for a target."]


def _columns_of(columns: Columns, name: str) -> Columns:
    """The roles of the columns for one of several targets: the others are left out."""
    others = [each for each in columns.targets if each != name]
    # A word for a missing value leaves the row of a target out, and so the row of all.
    words = MissingWords.of(columns.missing)
    lack = [each for each in others if words.words(each) and each not in columns.drop_missing]
    return replace(
        columns, target=name, positive=columns.positives.get(name), targets=(), positives={},
        drop=[*columns.drop, *others], other_targets=others,
        drop_missing=[*columns.drop_missing, *lack],
    )  # fmt: skip


def _require_no_exposure(columns: Columns) -> None:
    """Raise if rows have exposures or offsets: several targets would need several."""
    kind = "exposure" if columns.exposure is not None else "offset"
    if columns.exposure is None and columns.offset is None:
        return
    own = columns.exposure if kind == "exposure" else columns.offset
    targets = [each for each in columns.targets if each != own]
    fix = f"make one model for each target: name one, {parameter('target', targets[0])}"
    if others := targets[1:]:
        said = " ".join(parameter("drop", each) for each in others)
        fix += f", and leave the others out with {said}"
    raise SettingsError(
        f"{parameter(kind)} is for one target, and {len(columns.targets)} are named"
        + (f', "{own}" itself among them' if own in columns.targets else ""),
        why=f"The {kind} of a row belongs to one target: a row counts by it"
        if kind == "exposure"
        else "The offset of a row is added to the answer for one target",
        fix=f"{fix}; or leave out {parameter(kind)}",
    )


def _require_alike(found: TargetTables, request: TrainingRequest, verb: str) -> None:
    """Raise unless the targets are all of two classes, or all numbers."""
    kinds = [each.task.kind for each in found.tables]
    names = found.names
    several = [name for name, kind in zip(names, kinds, strict=True) if kind is SEVERAL_CLASSES]
    numbers = [name for name, kind in zip(names, kinds, strict=True) if kind is ONE_NUMBER]
    if not several and len(numbers) in (0, len(names)):
        return
    if several:
        table = found.tables[names.index(several[0])]
        what = f'The target "{several[0]}" has {len(np.unique(table.y))} classes'
        why = "One network has one logit for each of several labels, and so two classes of each"
    else:
        labels = [name for name in names if name not in numbers]
        what = f"The targets {listed(labels)} are classes, and {listed(numbers)} numbers"
        why = "One network has one loss for all targets"
    by_name = dict(zip(names, kinds, strict=True))
    commands = commands_of_kinds(by_name, request, verb)
    raise DataError(
        what,
        where=request.table,
        why=why,
        fix=f"make one model for each kind: {' ; '.join(commands)}",
    )


def _require_loss_of_several(found: TargetTables, request: TrainingRequest, verb: str) -> None:
    """Raise for a loss of one target: its outputs or units would differ from target to target."""
    text = str(request.settings.get("loss", "squared_error"))
    own, levels = False, False
    if not found.of_classes:
        with suppress(SettingsError):  # the estimator says which losses there are
            known = loss(standard_text(text))
            own, levels = known.written is not None, bool(known.constants)
    if not (own or levels):
        return
    kinds = {name: table.task.kind for name, table in zip(found.names, found.tables, strict=True)}
    commands = commands_of_each(kinds, request, verb)
    raise SettingsError(
        f"{'A loss of your own' if own else parameter('loss', text)} is for one target, and "
        f"{len(found.names)} are named",
        why="Its units are those of one target"
        if own
        else "One network has one output for each target, and here one for each level",
        fix=f"make one model for each target: {' ; '.join(commands)}",
    )


class QuietRun(JobRun):
    """A run for one of several targets."""

    listener: _Quiet


def quiet_run(run: JobRun) -> QuietRun:
    """A run for one of several targets: its notes and its data are given with those of all."""
    return QuietRun(run.outcome.verb or "", _Quiet(run.listener.spell), run.cancellation)


def facts_together(facts: Mapping[str, Facts]) -> tuple[Facts, list[str]]:
    """The summary of a table with that of each target, and the notes of all.

    Parameters
    ----------
    facts : mapping of str to dict
        By target, the summaries of the table with this target.
    """
    own = ("target", "classes", "positive", "range", "unit")
    first = next(iter(facts.values()))
    shared = {key: value for key, value in first.items() if key not in own}
    targets = [{key: each[key] for key in own} for each in facts.values()]
    notes = notes_together({name: each["notes"] for name, each in facts.items()})
    return {**shared, "targets": targets, "notes": notes}, notes
