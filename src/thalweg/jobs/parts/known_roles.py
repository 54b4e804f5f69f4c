"""The columns of groups and weights of a later table, which a saved model knows by their names."""

from typing import TYPE_CHECKING

import numpy as np

from thalweg.data.column_names import listed
from thalweg.data.read import Table
from thalweg.jobs.offsets.table_offsets import offset_notes
from thalweg.wording import counted, parameter

if TYPE_CHECKING:
    from thalweg.persistence.model_file import ModelFile

# The option that names the column of each role, and what a table without it means.
_OPTIONS = {"group": "group", "weight": "weight_column"}
_WITHOUT = {
    "group": "each row counts as independent of the others, so intervals may be too narrow, and no "
    "confidence is claimed",
    "weight": "each row counts once",
}


def groups_of_rows(table: Table) -> np.ndarray | None:
    """The group of each row, shape (n_rows,), if a column says it."""
    return None if table.groups is None else table.groups.to_numpy(dtype=str)


def may_lack_of(file: "ModelFile") -> dict[str, str]:
    """Besides target, group and weight, the columns whose missing cells may leave rows out."""
    found, offset = dict.fromkeys(file.other_targets, "target"), file.model._known.offset
    if offset is not None and offset.column is not None:
        found[offset.column] = offset.kind
    return found


def lacks_groups(table: Table, file: "ModelFile") -> bool:
    """Whether a model was fitted with groups of rows, and nothing says those of a table."""
    of_groups = "group" in file.roles or file.model._known.also == "groups"
    return of_groups and table.groups is None


def role_notes(table: Table, file: "ModelFile") -> list[str]:
    """How the rows of a table count, where it differs from rows without groups and weights."""
    notes, known = [], file.model._known
    if table.groups is not None:
        n_groups = counted(table.groups.nunique(), "group")
        notes.append(
            f'The rows belong to {n_groups} ("{table.groups.name}"): rows of one group depend on '
            "each other."
        )
    elif lacks_groups(table, file):
        notes.append(_lacking("group", "groups of rows", file, table))
    aside = {each.name for each in (table.groups, table.weights) if each is not None}
    if known.offset is not None:  # its exposures are the weights
        aside -= {known.offset.column}
    if both := [name for name in table.frame.columns if name in aside]:
        stay = "stay inputs" if both[1:] else "stays an input"
        notes.append(f"{listed(both)} also {stay} of the model, as in its fit.")
    notes += offset_notes(file.model)
    by_column = "weight" in file.roles or bool(known.weights_hash and known.offset is None)
    if table.weights is None and by_column:
        notes.append(_lacking("weight", "weights of rows", file, table))
    return notes


def _lacking(role: str, what: str, file: "ModelFile", table: Table) -> str:
    """That a column of the fit is not there, what follows, and which option names another."""
    option = _OPTIONS[role]
    if role not in file.roles:
        return (
            f"The model was fitted with {what}, and its file does not name their column. Here "
            f"{_WITHOUT[role]}; {parameter(option)} names the column."
        )
    if file.roles[role] in table.frame.columns:
        return (
            f"The model was fitted with {what} ({listed([file.roles[role]])}), which are not used "
            f"here: {_WITHOUT[role]}."
        )
    return (
        f"The model was fitted with {what} ({listed([file.roles[role]])}), and this table has no "
        f"such column. Here {_WITHOUT[role]}; {parameter(option)} names another column."
    )
