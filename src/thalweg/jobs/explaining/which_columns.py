"""Which columns a saved model leans on: its importance on the rows of a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from thalweg.data.notation.missing_words import MissingColumns, MissingWords
from thalweg.data.notation.said_columns import SaidColumns
from thalweg.data.read import Table
from thalweg.estimators.importance.importance_of_model import find_importance
from thalweg.evaluation.importance.asked_items import PERMUTATIONS, ColumnGroups
from thalweg.evaluation.importance.importance_sentences import (
    ImportanceSection,
    importance_section,
)
from thalweg.evaluation.model_protocol import subject_of
from thalweg.jobs.evaluate import target_and_task
from thalweg.jobs.parts.known_roles import groups_of_rows, role_notes
from thalweg.jobs.parts.model_table import checked_features, prepared
from thalweg.jobs.parts.row_weights import weights_of
from thalweg.jobs.parts.rows_of_fit import origin_of
from thalweg.jobs.parts.table_options import Reading
from thalweg.jobs.running.job_run import JobRun
from thalweg.reporting.importance.importance_lines import importance_lines
from thalweg.wording import rows_counted_as_in_file

if TYPE_CHECKING:
    from thalweg.persistence.model_file import ModelFile


@dataclass(frozen=True, kw_only=True)
class WhichColumnsRequest:
    """A saved model, and a table with its target.

    Attributes
    ----------
    model, table : str
    target : str, optional
        The column that the model predicts, if it has another name here.
    groups : "auto", list of lists of str, or None
        Columns that are permuted together.
    refit : bool
        Whether copies are fitted without each column.
    n_permutations : int
    empty, number, missing, drop_missing, drop_row, group, weight, reading
        As in `thalweg.jobs.evaluate.EvaluateModelRequest`.
    seed : int
        Of the permutations and intervals.
    """

    model: str
    table: str
    target: str | None = None
    groups: ColumnGroups = "auto"
    refit: bool = False
    n_permutations: int = PERMUTATIONS
    empty: Sequence[str] = ()
    number: Mapping[str, str | None] = field(default_factory=dict)
    missing: MissingColumns = None
    drop_missing: Sequence[str] = ()
    drop_row: Sequence[str] = ()
    group: str | None = None
    weight: str | None = None
    reading: Reading = field(default_factory=Reading)
    seed: int = 0


def which_columns(run: JobRun, request: WhichColumnsRequest) -> ImportanceSection:
    """The importance of the columns of a saved model, from rows that did not train it.

    Parameters
    ----------
    run : JobRun
        Its listener hears of the progress.
    request : WhichColumnsRequest

    Returns
    -------
    ImportanceSection
        Plain data with its sentences; `lines_of_section` makes lines for a terminal of it.

    Raises
    ------
    DataError
        Below 50 rows, or if the model is not shown to know more than a constant answer.
    UnfinishedError
        If a cancellation was asked for.
    """
    from thalweg.persistence.model_file import read_model

    file = read_model(request.model)
    words = file.model.schema_.missing.and_of(MissingWords.of(request.missing))
    table = request.reading.table(
        request.table, target=request.target or file.target, missing=words,
        drop_missing=request.drop_missing, drop_row=request.drop_row, group=request.group,
        weight_column=request.weight, if_there=file.roles,
    )  # fmt: skip
    with rows_counted_as_in_file(table.kept):
        return _on_table(run, request, file, table)


def _on_table(
    run: JobRun, request: WhichColumnsRequest, file: "ModelFile", table: Table
) -> ImportanceSection:
    model = file.model
    table = prepared(table, model, request.empty, request.number, request.missing)
    said = SaidColumns.of(request.number)
    y, task = target_and_task(file, table, said)
    X = checked_features(model, table, None if task.kind.of_classes else y)
    origin = origin_of(file, table, y)
    weights = None if table.weights is None else weights_of(table.weights, said)
    data = {"table": table.name, "n_rows": len(y), "rows_used": len(origin.used)}
    run.read(data, [*table.notes, *role_notes(table, file)])
    with run.training():
        found = find_importance(
            model, X, y, request.groups, request.refit, request.n_permutations,
            sample_weight=weights, row_groups=groups_of_rows(table), origin=origin,
            seed=request.seed,
        )  # fmt: skip
    run.require_wanted()
    return importance_section(found, subject_of(model))


def lines_of_section(section: ImportanceSection, *, ascii: bool = False) -> list[str]:
    """A section as lines for a terminal: title, bars, and the sentences below them.

    Lines with bars have at most 80 cells; sentences are not broken.
    """
    return [
        section["title"],
        "",
        *importance_lines(section, ascii=ascii),
        "",
        section["scale"],
        *section["notes"],
    ]


def groups_from_text(texts: Sequence[str]) -> list[list[str]]:
    """Groups of columns as a command line names them: ``["height,weight", "age,birth year"]``."""
    return [[name.strip() for name in text.split(",") if name.strip()] for text in texts]
