"""The answers of a model for rows of a table: of all at once, or of some rows of a stream.

What is said of them is counted over all parts, so that it does not depend on where a part ends.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from thalweg.data.column_names import listed
from thalweg.data.read import Table
from thalweg.data.schema.matching import UnseenCounts
from thalweg.data.schema.ranges import Beyond, OutsideCounts
from thalweg.errors import SettingsError
from thalweg.estimators.classifier import ThalwegClassifier
from thalweg.estimators.drifting.known_likeness import known_likeness
from thalweg.evaluation.decisions.chosen_threshold import Threshold
from thalweg.evaluation.drift.drift_sentences import many_unlike
from thalweg.evaluation.drift.row_drift import UNLIKE as UNLIKE_AT
from thalweg.jobs.offsets.table_offsets import of_each_row, of_rows
from thalweg.jobs.parts.model_table import Features, checked_features, features_for, prepared
from thalweg.jobs.parts.outside_range import (
    counted_outside,
    outside_in_words,
    outside_range,
)
from thalweg.jobs.predictions.how_sure import HowSure, SureCounts, SureFacts
from thalweg.jobs.predictions.predicted_columns import PredictedColumns, predicted_columns
from thalweg.jobs.predictions.predicted_rows import words_of
from thalweg.wording import parameter

if TYPE_CHECKING:
    from thalweg.jobs.predict import PredictRequest
    from thalweg.persistence.model_file import ModelFile
    from thalweg.persistence.rebuilt import Model

# The column of cells that no training row was like, and that of outlier p.
OUTSIDE, UNLIKE = "outside", "unlike"


@dataclass(frozen=True, eq=False)
class RowsAsRead:
    """Rows of a table as a model reads them.

    Attributes
    ----------
    table : Table
    X : DataFrame or ndarray
    matrix : ndarray of float, shape (n_rows, n_columns)
    outside : list of Beyond or None
        The numbers outside the range of the training rows; None if they are only counted.
    counts : OutsideCounts
    """

    table: Table
    X: Features
    matrix: NDArray[np.floating]
    outside: list[Beyond] | None
    counts: OutsideCounts


@dataclass
class AnswerCounts:
    """What is counted of answered rows.

    Attributes
    ----------
    outside : OutsideCounts
    sure : SureCounts
    n_unlike : int
    unseen : UnseenCounts
    """

    outside: OutsideCounts = field(default_factory=OutsideCounts)
    sure: SureCounts = field(default_factory=SureCounts)
    n_unlike: int = 0
    unseen: UnseenCounts = field(default_factory=UnseenCounts)


class Answering:
    """One target of a model, asked as a request says.

    Parameters
    ----------
    request : PredictRequest
    file : ModelFile
        Of one target.

    Attributes
    ----------
    model : ThalwegClassifier or ThalwegRegressor
    words : dict of str to str
        What is written for classes.

    Raises
    ------
    SettingsError
        If the model does not have what is asked for.
    """

    def __init__(self, request: "PredictRequest", file: "ModelFile") -> None:
        self._request, self.file = request, file
        self.model: Model = of_rows(file.model)
        if request.unknown is not None:
            self.model.set_params(unknown=request.unknown)
        if request.threshold is not None:
            _set_threshold(self.model, request.threshold)
        self.words: Mapping[str, str] = words_of(request.label, self.model)
        self._sure = HowSure(request.interval, request.sets, request.abstain)
        self._sure.require(self.model, self.words)
        if request.unlike:
            known_likeness(self.model._known)

    @property
    def threshold(self) -> float | None:
        """The threshold of the positive class."""
        return getattr(self.model, "threshold_", None)

    @property
    def abstains(self) -> bool:
        """Whether rows may be without an answer."""
        return self._request.abstain is not None

    def prepared(self, table: Table) -> Table:
        """The table with what a person said of its columns."""
        asked = self._request
        return prepared(table, self.model, asked.empty, asked.number, asked.missing)

    def read(self, table: Table, *, part: bool = False) -> RowsAsRead:
        """Rows of a table, read.

        Parameters
        ----------
        table : Table
        part : bool
            Whether it is a part of a stream: rows of totals are not looked for, and numbers outside
            the range are only counted, unless each is asked for.
        """
        model = self.model
        table = self.prepared(table)
        X = features_for(model, table) if part else checked_features(model, table)
        matrix = model.schema_.take(X).matrix
        if part and not self._request.outside:
            counts = counted_outside(model, X, matrix)
            return RowsAsRead(table, X, matrix, None, counts)
        outside = outside_range(model, X, matrix)
        return RowsAsRead(table, X, matrix, outside, OutsideCounts.of(outside, len(table.frame)))

    def answer(self, read: RowsAsRead, counts: AnswerCounts) -> PredictedColumns:
        """The columns of predictions; what is counted of them is added to ``counts``."""
        model, X, asked = self.model, read.X, self._request
        digits, words = asked.digits, self.words
        made = predicted_columns(model, X, digits=digits, words=words, abstain=asked.abstain)
        made, sure = self._sure.added(made, model, X, digits=digits, words=words)
        counts.sure.add(sure)
        if asked.unlike:
            matrix = np.asarray(read.matrix, dtype=np.float64)
            p = known_likeness(model._known).outlier_p(matrix)
            made = made.with_last(UNLIKE, p)
            counts.n_unlike += int(np.count_nonzero(p <= UNLIKE_AT))
        if asked.outside:
            assert read.outside is not None
            words_of_cells = outside_in_words(model, X, read.matrix, read.outside)
            made = made.with_last(OUTSIDE, words_of_cells)
        return made

    def told(self, counts: AnswerCounts) -> tuple[SureFacts, list[str]]:
        """The facts of the columns beside the predictions, and notes for people."""
        facts, notes = self._sure.told(counts.sure, self.model, self.words)
        if self._request.unlike:
            facts["unlike"] = {"rows": counts.n_unlike, "p": UNLIKE_AT}
            if note := many_unlike(counts.n_unlike, counts.sure.n_rows):
                notes.append(note)
        return facts, notes

    def told_of_table(
        self,
        table: Table,
        notes: tuple[str, ...],
        counts: OutsideCounts,
        outside: list[Beyond],
    ) -> tuple[dict[str, Any], list[str]]:
        """The data that was read, and notes for people.

        Parameters
        ----------
        table : Table
            With all of its columns; its rows need not be all.
        notes : tuple of str
            What was recognised.
        counts : OutsideCounts
            Of all rows.
        outside : list of Beyond
            Those that are listed.
        """
        file, schema = self.file, self.model.schema_
        unit = file.target_notation.unit if file.target_notation else ""
        offset = self.model._known.offset
        aside = {*schema.given_names, *table.ids.columns, *file.other_targets}
        aside.add(offset.column if offset else None)
        ignored = [name for name in table.frame.columns if name not in aside]
        said = list(notes)
        if ignored:
            said.append(
                f"Ignored, because the model does not predict from them: {listed(ignored)}."
            )
        if counts.counts:
            said.append(counts.sentence())
        if offset is not None:
            said.append(of_each_row(file.model))
        if unit:
            said.append(f'Predictions are in "{unit}", the unit of the target "{file.target}".')
        data = {
            "name": table.name,
            "unit": unit,
            "rows": counts.n_rows,
            "columns": list(table.frame.columns),
            "ignored": ignored,
            "out_of_range": [each.as_dict() for each in outside],
        }
        return data, said


def _set_threshold(model: "Model", threshold: float) -> None:
    """Call rows by another threshold than that of the model."""
    if getattr(model, "threshold_", None) is None:
        what = "several classes" if isinstance(model, ThalwegClassifier) else "numbers"
        raise SettingsError(
            f"{parameter('threshold')} is for two classes, and the model predicts {what}",
            fix=f"leave out {parameter('threshold')}",
        )
    if not 0 <= threshold <= 1:
        raise SettingsError(
            f"{parameter('threshold', threshold)} is not a probability",
            fix="give a number from 0 to 1, such as 0.3",
        )
    assert isinstance(model, ThalwegClassifier)
    model._decide(Threshold(float(threshold), "given"))
