"""Which columns a saved model leans on: its importance on the rows of a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import fill
from typing import TYPE_CHECKING, Any, Protocol

import pandas as pd

from thalweg.data.notation.missing_words import MissingColumns
from thalweg.data.notation.said_columns import SaidColumns
from thalweg.data.read import Table
from thalweg.errors import SettingsError
from thalweg.estimators.importance.importance_of_model import find_importance
from thalweg.evaluation.importance.asked_items import PERMUTATIONS
from thalweg.evaluation.importance.importance_found import Importance
from thalweg.evaluation.importance.importance_sentences import (
    ImportanceSection,
    importance_section,
)
from thalweg.evaluation.model_protocol import subject_of
from thalweg.jobs.evaluate import target_and_task
from thalweg.jobs.explaining.typed_columns import groups_of_columns
from thalweg.jobs.parts.known_roles import groups_of_rows, may_lack_of, role_notes
from thalweg.jobs.parts.model_table import checked_features, prepared
from thalweg.jobs.parts.row_weights import later_weights, with_values
from thalweg.jobs.parts.rows_of_fit import origin_of
from thalweg.jobs.parts.table_options import Reading
from thalweg.jobs.running.job_run import JobRun
from thalweg.reporting.importance.importance_lines import importance_lines
from thalweg.wording import parameter, printable, rows_counted_as_in_file

if TYPE_CHECKING:
    from thalweg.persistence.model_file import ModelFile

_WIDTH = 80


@dataclass(frozen=True, kw_only=True)
class AskedColumns:
    """What is asked of a model as a whole, and of the rows that answer.

    Attributes
    ----------
    target : str, optional
        The column that the model predicts, if it has another name here.
    groups : sequence of str, optional
        As they are typed (`groups_of_columns`); default: they are found.
        Columns that are permuted together.
    refit : bool
        Whether copies are fitted without each column.
    n_permutations : int
    drop_missing : sequence of str
        The target, if rows without one are left out.
    group, weight : str, optional
        As in `thalweg.jobs.evaluate.EvaluateModelRequest`.
    seed : int
        Of the permutations and intervals.
    """

    target: str | None = None
    groups: Sequence[str] | None = None
    refit: bool = False
    n_permutations: int = PERMUTATIONS
    drop_missing: Sequence[str] = ()
    group: str | None = None
    weight: str | None = None
    seed: int = 0


class TableRequest(Protocol):
    """A saved model, and how a table is read for it."""

    @property
    def model(self) -> str:
        """The file of the model."""

    @property
    def table(self) -> str:
        """The table."""

    @property
    def empty(self) -> Sequence[str]:
        """Columns of the model that the table lacks."""

    @property
    def number(self) -> Mapping[str, str | None]:
        """How the numbers of columns are written in the table."""

    @property
    def missing(self) -> MissingColumns:
        """Words for a missing value besides those of the model."""

    @property
    def drop_row(self) -> Sequence[str]:
        """Rows to leave out."""

    @property
    def reading(self) -> Reading:
        """How to read a table."""


@dataclass(frozen=True, eq=False)
class FoundColumns:
    """Which columns a model leans on.

    Attributes
    ----------
    importance : Importance
    subject : str
        What the model is called.
    """

    importance: Importance
    subject: str

    @property
    def section(self) -> ImportanceSection:
        """Plain data with its sentences."""
        return importance_section(self.importance, self.subject)

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {"importance": self.section}

    def frame(self) -> pd.DataFrame:
        """A line for each group and column."""
        found = self.importance.frame()
        found["members"] = [", ".join(each) for each in found["members"]]
        return found

    def text(self, *, ascii: bool = False) -> str:
        """Title, bars, and the sentences below them, for a terminal of 80 columns."""
        section = self.section
        sentences = [section["scale"], *section["notes"]]
        parts = [
            fill(printable(section["title"]), _WIDTH),
            "\n".join(importance_lines(section, ascii=ascii)),
            "\n".join(fill(printable(each), _WIDTH) for each in sentences),
        ]
        return "\n\n".join(parts)


def which_columns(run: JobRun, request: TableRequest, asked: AskedColumns) -> FoundColumns:
    """The importance of the columns of a saved model, from rows that did not train it.

    Parameters
    ----------
    run : JobRun
        Its listener hears of the progress.
    request : TableRequest
    asked : AskedColumns

    Returns
    -------
    FoundColumns

    Raises
    ------
    DataError
        Below 50 rows, or if the model is not shown to know more than a constant answer.
    """
    from thalweg.jobs.targets.opened_model import open_model

    file = open_model(request.model, asked.target)
    words = file.words(request.missing)
    table = request.reading.table(
        request.table, target=file.column(asked.target), missing=words,
        drop_missing=asked.drop_missing, drop_row=request.drop_row, group=asked.group,
        weight_column=asked.weight, if_there=file.roles, may_lack=may_lack_of(file),
    )  # fmt: skip
    with rows_counted_as_in_file(table.kept):
        return _on_table(run, request, asked, file, table)


def _on_table(
    run: JobRun, request: TableRequest, asked: AskedColumns, file: "ModelFile", table: Table
) -> FoundColumns:
    model = file.model
    whole, said = table, SaidColumns.of(request.number, missing=request.missing)
    table = prepared(table, model, request.empty, request.number, request.missing)
    read, said = later_weights(whole, file, said), SaidColumns.of(request.number)
    table, weights = with_values(table, read), None if read is None else read.values
    y, task = target_and_task(file, table, said)
    X = checked_features(model, table, None if task.kind.of_classes else y)
    origin = origin_of(file, table, y)
    run.read({"name": table.name, "rows": len(y)}, [*table.notes, *role_notes(table, file)])
    groups = groups_of_columns(asked.groups, model.schema_.given_names)
    with run.training():
        found = find_importance(
            model, X, y, origin, groups=groups, refit=asked.refit, seed=asked.seed,
            n_permutations=asked.n_permutations, sample_weight=weights,
            row_groups=groups_of_rows(table),
        )  # fmt: skip
    return FoundColumns(found, subject_of(model))


def require_asked(row: str | None, of_model: Sequence[str], **of_rows: object) -> None:
    """Raise a SettingsError for options that answer another question than the one asked.

    Parameters
    ----------
    row : str or None
        The rows that are named.
    of_model : sequence of str
        The options about the whole model that were given.
    **of_rows
        The options about rows, with their values.
    """
    lost = [f"--{name}" for name, value in of_rows.items() if value not in (None, [])]
    if row is not None and of_model:
        raise SettingsError(
            f"{', '.join(of_model)} has no meaning with {parameter('row')}",
            why="It is about the rows that show which columns the whole model leans on",
            fix=f"leave it out, or leave {parameter('row')} out",
        )
    if lost and row is None:
        raise SettingsError(
            f"{', '.join(lost)} has no meaning without {parameter('row')}",
            fix=f"name a row, counted from 1, as in {parameter('row', '23')}; or leave it out",
        )
