"""The task "table": read a table as a page has chosen, check it, and describe its columns.

It tells the columns as soon as they are read, and answers with the findings of the table doctor,
which take longer. Of a large table it first tells the columns of a few rows, marked as such: how
they look, and nothing of the target.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from thalweg.data.column_names import column_names
from thalweg.data.column_roles import left_out_columns, require_column
from thalweg.data.doctor.examined_table import Examined
from thalweg.data.doctor.findings import Finding
from thalweg.data.doctor.row_checks import TIME_ORDER
from thalweg.data.doctor.target_checks import POSITIVE
from thalweg.data.doctor.watched_check import check_watched_by
from thalweg.data.read import Opened
from thalweg.data.schema.column_floats import Column
from thalweg.errors import DataError, ThalwegError
from thalweg.estimators.parameters.option_spelling import as_option
from thalweg.jobs.check import CheckRequest, check
from thalweg.jobs.running.listener import AsOptions
from thalweg.studio.tasks.bounded_answer import bounded_answer
from thalweg.studio.tasks.column_cards import CardSubject
from thalweg.studio.tasks.described_target import described_target
from thalweg.studio.tasks.opened_tables import NamedTable, OpenedTables
from thalweg.studio.tasks.table_recipes import columns_of, table_recipes
from thalweg.studio.tasks.told_findings import told_findings
from thalweg.studio.wire.packets import Packet
from thalweg.studio.wire.table_choices import MOST_NAMED, all_choices
from thalweg.studio.worker.serving_loop import Task, TaskRun
from thalweg.wording import row_numbers, spelled

Plain = dict[str, Any]
MOST_CARDS = 100
_MOST_NOTES = 200
_ROLES = ("time", "weight", "exposure", "offset", "group")


def table_task(tables: OpenedTables) -> Task:
    """The task, for these tables."""

    def task(run: TaskRun) -> Packet:
        asked = run.asked.head
        choices = all_choices(asked["choices"])
        run.tell(Packet({"what": "Reading the table"}))
        named = _read(run, tables, choices)
        told = _ToldTable(run, named, choices, asked["from"], asked["count"])
        with check_watched_by(told):
            outcome = check(_request(named.opened, choices), AsOptions(), run.cancellation)
        return told.answer(outcome)

    return task


def _read(run: TaskRun, tables: OpenedTables, choices: Plain) -> NamedTable:
    """The table; one that is large and not held yet is first told by its first rows."""
    table = run.asked.head["table"]
    if tables.is_held(table, choices):
        return tables.named(table, choices)
    first = tables.beginning(table, choices)
    if first is not None:
        _tell_beginning(run, first, choices)
    named = tables.named(table, choices)
    if first is None and (first := named.first_rows()) is not None:
        _tell_beginning(run, first, choices)
    return named


def _tell_beginning(run: TaskRun, first: NamedTable, choices: Plain) -> None:
    """Tell the columns of the first rows, if choices for the whole table can be made for them."""
    asked = run.asked.head
    told = _ToldBeginning(run, first, choices, asked["from"], asked["count"])
    # A word or a row that stands further below is no error: the whole table says what is one.
    with suppress(_IsTold, ThalwegError), check_watched_by(told):
        check(_request(first.opened, choices), AsOptions(), run.cancellation)


def _request(opened: Opened, choices: Mapping[str, Any]) -> CheckRequest:
    columns = columns_of(choices)
    for role, name in (("time column", columns.time), ("column of offsets", columns.offset)):
        if name is not None:
            require_column(role, name, column_names(opened.frame))
    return CheckRequest(
        table=opened, target=columns.target, group=columns.group, columns=columns,
        task=choices["task"],
    )  # fmt: skip


class _ToldTable:
    """Watches the check of a table, and tells a page of it."""

    def __init__(
        self, run: TaskRun, named: NamedTable, choices: Plain, first: int, count: int
    ) -> None:
        self._run, self._named, self._choices = run, named, choices
        self._first, self._count = first, count
        self._told: Plain = {}

    def reading(self, done: int, total: int) -> None:
        """Say how many columns are read."""
        self._say(f"Reading columns: {done:,} of {total:,}")

    def checking(self, name: str, done: int, total: int) -> None:
        """Say which check it is."""
        self._say(f"Looking for problems: {name} ({done + 1} of {total})")

    def examined(
        self, seen: Examined, columns: Sequence[Column | DataError], notes: Sequence[str]
    ) -> None:
        """Tell all but the findings."""
        del columns
        opened, choices = self._named.opened, dict(self._choices)
        target = described_target(seen, choices["positive"], opened.card)
        if target is not None:
            choices["target"] = target["name"]
        self._told = {
            **self._columns(seen, choices),
            "preview": False,
            "target": target,
            "notes": [spelled(each, as_option) for each in (*opened.notes, *notes)][:_MOST_NOTES],
        }
        self._run.tell(Packet({"table": bounded_answer(self._told)}))

    def _columns(self, seen: Examined, choices: Plain) -> Plain:
        """What its columns say."""
        opened = self._named.opened
        names = column_names(opened.frame)
        frame = opened.frame.set_axis(names, axis="columns")
        frame = frame.iloc[np.array(row_numbers(np.arange(seen.n_rows)), np.intp) - 1]
        subject = CardSubject(seen, frame, _roles(opened, names, choices))
        shown = names[self._first : self._first + min(self._count, MOST_CARDS)]
        return {
            "table": self._run.asked.head["table"],
            "name": opened.name,
            "rows": seen.n_rows,
            "n_columns": len(names),
            "names": names[:MOST_NAMED],
            "from": self._first,
            "columns": subject.cards(shown),
            "findings": None,
            "choices": choices,
            **table_recipes(self._named.name, choices),
        }

    def answer(self, outcome: Any) -> Packet:
        """Everything, with the findings."""
        found = [each for each in outcome.diagnosis.findings if not self._is_settled(each)]
        findings = told_findings(found)
        for card in self._told["columns"]:
            card["findings"] = [
                place for place, each in enumerate(findings) if card["name"] in each["columns"]
            ]
        notes = (outcome.data or {}).get("notes", [])[:_MOST_NOTES]
        told = {**self._told, "findings": findings, "notes": notes}
        return Packet({"table": bounded_answer(told)})

    def _is_settled(self, finding: Finding) -> bool:
        """Whether a choice that ``thalweg check`` does not have answers it."""
        if finding.check == POSITIVE:
            return self._choices["positive"] is not None
        return finding.check == TIME_ORDER and self._choices["time"] is not None

    def _say(self, what: str) -> None:
        self._run.tell(Packet({"what": what}))


class _IsTold(Exception):
    """The columns of the first rows are told: no check of them says anything of the table."""


class _ToldBeginning(_ToldTable):
    """Tells a page the columns of the first rows: no findings, no notes, nothing of the target."""

    def reading(self, done: int, total: int) -> None:
        """Nothing: it takes no time."""

    def examined(
        self, seen: Examined, columns: Sequence[Column | DataError], notes: Sequence[str]
    ) -> None:
        """Tell the columns, and end the check."""
        told = self._columns(seen, dict(self._choices))
        told |= {"preview": True, "target": None, "notes": []}
        self._run.tell(Packet({"table": bounded_answer(told)}))
        raise _IsTold


def _roles(opened: Opened, names: list[str], choices: Plain) -> dict[str, str]:
    """Of columns that are no features, why."""
    target = choices["target"]
    aside = {*choices["drop"], target, choices["group"], choices["weight"]}
    found = left_out_columns(names, opened.card, aside)
    found |= dict.fromkeys(choices["drop"], "left out, as chosen")
    found |= dict.fromkeys(choices["ids"], "kept beside the rows, and no input")
    roles = {role: choices[role] for role in _ROLES if role != "time"}
    found |= {name: f"the column of the {role}" for role, name in roles.items() if name}
    return found | ({target: "the target"} if target is not None else {})
