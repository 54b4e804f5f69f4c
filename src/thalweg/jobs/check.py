"""The job of ``thalweg check``: look for problems of a table that silently spoil models."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
import pandas as pd

from thalweg.data.cells import missing_cells
from thalweg.data.column_names import column_names
from thalweg.data.column_roles import require_column
from thalweg.data.doctor.findings import SEVERITIES, Finding
from thalweg.data.doctor.table_check import Diagnosis, check_table
from thalweg.data.fixes.named_rows import rows_named
from thalweg.data.read import Opened, Whole
from thalweg.errors import DataError
from thalweg.interrupts import Cancellation
from thalweg.jobs.offsets.table_offsets import require_exposures
from thalweg.jobs.parts.row_weights import weights_of
from thalweg.jobs.parts.summary_facts import weight_facts, weight_notes
from thalweg.jobs.parts.table_options import Columns, Reading
from thalweg.jobs.running.job_run import JobRun
from thalweg.jobs.running.listener import Listener
from thalweg.jobs.running.outcome import Outcome
from thalweg.wording import Spelling, parameter, rows_counted_as_in_file

# With more columns the check takes long enough for a line at its start.
_MANY = 10_000
# The check of the column of weights, which is no column of the table that the doctor examines.
_WEIGHTS = "weights"
_EXPOSURES = "exposures"


@dataclass(frozen=True, kw_only=True)
class CheckRequest:
    """A table to check.

    Attributes
    ----------
    table : str or Opened
        A table that is read already is not read again.
    target, group : str, optional
        The columns of the target and of the groups.
    test : str, optional
        Another table, with the held-out rows.
    columns : Columns
        Columns to leave out, and what other columns hold.
    task : {"auto", "classification", "regression"}
    reading : Reading
        How both tables are read.
    """

    table: str | Opened
    target: str | None = None
    group: str | None = None
    test: str | None = None
    columns: Columns = field(default_factory=Columns)
    task: str = "auto"
    reading: Reading = field(default_factory=Reading)


@dataclass(frozen=True, kw_only=True, eq=False)
class CheckOutcome(Outcome):
    """The findings; ``passed`` is False if one of them is severe.

    Attributes
    ----------
    name : str
        The name of the table.
    diagnosis : Diagnosis
    """

    name: str
    diagnosis: Diagnosis


def check(
    request: CheckRequest,
    listener: Listener | None = None,
    cancellation: Cancellation | None = None,
) -> CheckOutcome:
    """Check a table."""
    with JobRun("check", listener, cancellation) as run:
        read = request.reading.whole
        weight, exposure = request.columns.weight, request.columns.exposure
        drop = [*request.columns.drop, *([] if exposure is None else [exposure])]
        source = request.reading.opened(request.table)
        if exposure is not None:
            require_column("column of exposures", exposure, column_names(source.frame))
        whole = read(
            source, target=request.target, drop=drop, group=request.group,
            weight_column=weight,
        )  # fmt: skip
        against = None if request.test is None else read(request.test)
        run.require_wanted()
        n_columns = whole.frame.shape[1]
        if n_columns > _MANY:
            run.say(f"Checking {n_columns:,} columns; this may take minutes.")
        notes = [*whole.notes, *(against.notes if against else ())]
        target = whole.target_name
        if target is None and not request.columns.targets:
            notes.append(
                f"Without {parameter('target')}, the checks that need a target are left out."
            )
        several = request.columns.targets
        of_target = partial(_checked, request, whole, against, run.listener.spell)
        found = _of_all(several, of_target) if several else of_target(target)
        if weight is not None:
            found, more = _with_weights(found, whole, request, run.listener.spell)
            notes += more
        if exposure is not None:
            found = _with_exposures(found, whole, request, run.listener.spell)
        notes += found.notes
        data = {
            "name": whole.name,
            "rows": found.n_rows,
            "columns": list(whole.frame.columns),
            "target": target,
            **({"targets": list(several)} if several else {}),
            "group": request.group,
            "weight": weight,
            "test": None if against is None else against.name,
        }
        run.read(data, notes)
        result = found.as_dict()
        result["checks"] += [] if weight is None else [_WEIGHTS]
        result["checks"] += [] if exposure is None else [_EXPOSURES]
        run.tell(result=result, passed=not found.is_severe)
        return run.settle(CheckOutcome, name=whole.name, diagnosis=found)


def _checked(
    request: CheckRequest,
    whole: Whole,
    against: Whole | None,
    spelling: Spelling,
    target: str | None,
    others: Sequence[str] = (),
) -> Diagnosis:
    """The findings for one target; ``others`` are no features."""
    weight, said = request.columns.weight, request.columns.said
    exposure = request.columns.exposure
    for each in (*others, weight, exposure):
        said = said.but(each)
    return check_table(
        whole.frame.assign(**{str(name): each for name, each in whole.dropped.items()}),
        target,
        group=request.group,
        test=None if against is None else against.frame,
        drop_missing=[
            n for n in request.columns.drop_missing if n not in (weight, exposure, *others)
        ],
        drop_row=request.columns.drop_row,
        drop=[*whole.dropped.columns, *others],
        task=request.task,
        spelling=spelling,
        **said.as_settings(),
    )


def _of_all(
    targets: Sequence[str], of_target: Callable[[str, Sequence[str]], Diagnosis]
) -> Diagnosis:
    """The findings for several targets, each of them once; a target is no feature of another."""
    parts = [of_target(name, [each for each in targets if each != name]) for name in targets]
    findings = list(dict.fromkeys(each for part in parts for each in part.findings))
    findings.sort(key=lambda each: SEVERITIES.index(each.severity))
    notes = tuple(dict.fromkeys(note for part in parts for note in part.notes))
    return replace(parts[0], findings=tuple(findings), notes=notes)


def _kept_cells(name: str, whole: Whole, columns: Columns) -> tuple[pd.Series, np.ndarray]:
    """The cells of a column that is no feature, and the rows that are not left out."""
    cells = columns.said.missing.emptied(whole.dropped[name])
    kept = np.ones(len(cells), np.bool_)
    kept[rows_named(columns.drop_row, len(cells))] = False
    if name in columns.drop_missing:
        kept &= ~missing_cells(cells)
    return cells, np.flatnonzero(kept)


def _with_exposures(
    found: Diagnosis, whole: Whole, request: CheckRequest, spelling: Spelling
) -> Diagnosis:
    """The findings with what is wrong with the exposures."""
    name, columns = str(request.columns.exposure), request.columns
    cells, places = _kept_cells(name, whole, columns)
    rows = cells.iloc[places].reset_index(drop=True).to_frame(name)
    try:
        with rows_counted_as_in_file(places):
            require_exposures(rows, columns.said)
    except DataError as error:
        wrong = Finding.of(_EXPOSURES, error, (name,)).spelled(spelling)
        return replace(found, findings=(wrong, *found.findings))
    return found


def _with_weights(
    found: Diagnosis, whole: Whole, request: CheckRequest, spelling: Spelling
) -> tuple[Diagnosis, list[str]]:
    """The findings with what is wrong with the weights; or how they count, as a note."""
    name, columns = str(request.columns.weight), request.columns
    cells, places = _kept_cells(name, whole, columns)
    with rows_counted_as_in_file(places):
        try:
            others = whole.frame.drop(columns=str(request.group), errors="ignore")
            read = weights_of(cells.iloc[places], columns.said, others.iloc[places])
        except DataError as error:
            wrong = Finding.of(_WEIGHTS, error, (name,)).spelled(spelling)
            return replace(found, findings=(wrong, *found.findings)), []
    return found, [*read.notes, *weight_notes(weight_facts(name, read.values))]
