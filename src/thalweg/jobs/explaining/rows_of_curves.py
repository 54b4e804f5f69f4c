"""What the rows of effect curves say of a model: which trained it, and whether it knows anything.

Curves are about the model, so rows that trained it may be used; but a reader has to know it.
"""

import warnings
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from thalweg.data.notation.missing_words import MissingColumns
from thalweg.data.notation.said_columns import SaidColumns
from thalweg.data.read import Opened, Table
from thalweg.errors import DataError, SettingsError
from thalweg.estimators.importance.importance_of_model import require_shown_knowledge
from thalweg.evaluation.any_estimator.row_origin import Origin, by_number
from thalweg.evaluation.comparing.beside_constant import KNOWS_NOTHING
from thalweg.jobs.evaluate import target_and_task
from thalweg.jobs.explaining.which_columns import AskedColumns, TableRequest
from thalweg.jobs.parts.model_table import Features, checked_features, prepared
from thalweg.jobs.parts.row_weights import later_weights, with_values
from thalweg.jobs.parts.rows_of_fit import origin_of
from thalweg.reporting.model_sections.shown_knowledge import CAUTION, caution_of
from thalweg.wording import counted, rows_counted_as_in_file

UNWEIGHTED = (
    "The model was fitted with weights of rows. Here each row counts once, so these curves are not "
    "those of its report, which uses the weights."
)
WEIGHTED = "Rows count by their weights, in means, bins and intervals."

if TYPE_CHECKING:
    from thalweg.persistence.model_file import ModelFile


@dataclass(frozen=True, kw_only=True)
class RowsOfCurves:
    """The table of curves, as it was read.

    Attributes
    ----------
    file : ModelFile
    X : DataFrame or ndarray
    judged : Table or None
        The same rows with their target; None if it is not there, or cannot be read.
    number, missing
        As in `thalweg.jobs.running.table_of_model.TableOfModel`.
    seed : int
    weights, groups : ndarray of shape (n_rows,), or None
        As how many rows each row counts, and which rows depend on each other.
    """

    file: "ModelFile"
    X: Features
    judged: Table | None = None
    number: Mapping[str, str | None] = field(default_factory=dict)
    missing: MissingColumns = None
    seed: int = 0
    weights: np.ndarray | None = None
    groups: np.ndarray | None = None

    def said(self) -> tuple[str, tuple[str, ...]]:
        """The caution, "" where the model is shown to know something; and which rows trained it."""
        y = self._target()
        origin = self._origin(y)
        caution = None if y is None else self._caution(y, origin)
        if caution is None:
            caution = caution_of(self.file.judgement)
        return caution, (*trained_note(origin), *self._counted())

    def _counted(self) -> tuple[str, ...]:
        """How the rows count, where rows have weights or those of the fit had some."""
        if self.weights is not None:
            return (WEIGHTED,)
        of_fit = "weight" in self.file.roles or bool(self.file.model._known.weights_hash)
        return (UNWEIGHTED,) if of_fit else ()

    def _target(self) -> np.ndarray | None:
        """The target with the labels or numbers of the model; None where it cannot be read."""
        if self.judged is None or len(self.judged.frame) != len(self.X):
            return None
        said = SaidColumns.of(self.number, missing=self.missing)
        with suppress(DataError, SettingsError):
            return target_and_task(self.file, self.judged, said)[0]
        return None

    def _origin(self, y: np.ndarray | None) -> Origin:
        n_rows, digests = len(self.X), self.file.model._known.row_digests
        if self.judged is not None and y is not None:
            return origin_of(self.file, self.judged, y)
        if digests is None:
            return Origin(n_rows, None)
        matrix = self.file.model.schema_.matrix(self.X, unknown="ignore")
        return by_number(digests.of_rows(matrix), digests)

    def _caution(self, y: np.ndarray, origin: Origin) -> str | None:
        """What rows that did not train the model show; None if they cannot show it."""
        if self.judged is None or origin.away is None or not len(origin.left):
            return None
        try:
            require_shown_knowledge(
                self.file.model, self.X, y, origin, sample_weight=self.weights,
                row_groups=self.groups, seed=self.seed,
            )  # fmt: skip
        except DataError as error:
            return CAUTION if error.what.startswith(KNOWS_NOTHING) else None
        return ""


def curves_table(
    request: TableRequest, asked: AskedColumns, file: "ModelFile", whole: Opened
) -> tuple[Table, Features, np.ndarray | None]:
    """The table without its target, its features as the model reads them, and its weights."""
    table = request.reading.table(
        whole, need_target=False, target=file.target, drop_row=request.drop_row,
        group=asked.group, weight_column=asked.weight, if_there=file.roles,
        inputs=file.model.schema_.given_names,
    )  # fmt: skip
    with rows_counted_as_in_file(table.kept):
        said = SaidColumns.of(request.number, missing=request.missing)
        read = later_weights(table, file, said)
        table = prepared(table, file.model, request.empty, request.number, request.missing)
        weights = None if read is None else read.values
        return with_values(table, read), checked_features(file.model, table), weights


def read_with_target(
    request: TableRequest, asked: AskedColumns, file: "ModelFile", whole: Opened
) -> Table | None:
    """The table with its target, groups and weights, as `origin_of` takes it.

    None if it has no target that can be read: curves and drift do not need it.
    """
    words = file.words(request.missing)
    with warnings.catch_warnings(), suppress(DataError, SettingsError):
        warnings.simplefilter("ignore")  # said when the features were read
        table = request.reading.table(
            whole, target=file.column(asked.target), missing=words, drop_row=request.drop_row,
            group=asked.group, weight_column=asked.weight, if_there=file.roles,
            inputs=file.model.schema_.given_names,
        )  # fmt: skip
        said = SaidColumns.of(request.number, missing=request.missing)
        read = later_weights(table, file, said)
        table = prepared(table, file.model, request.empty, request.number, request.missing)
        return with_values(table, read)
    return None


def trained_note(origin: Origin) -> tuple[str, ...]:
    """How many of the rows of curves trained the model; nothing if none did."""
    n, trained = origin.n_rows, origin.n_trained
    if trained is None:
        return ("Whether some of these rows trained the model is not known.",)
    if not trained:
        return ()
    about = "" if origin.exact else "about "
    which = "all" if trained == n else f"{about}{trained:,}"
    return (
        f"Of {counted(n, 'row')}, {which} trained the model; the curves show how it computes for "
        "these, not how well.",
    )
