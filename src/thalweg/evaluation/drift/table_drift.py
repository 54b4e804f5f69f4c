"""`Drift`: a later table beside the training table of a model, column by column and row by row."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from thalweg.data.column_names import listed
from thalweg.data.likeness.table_likeness import Likeness
from thalweg.data.schema.column_floats import Column
from thalweg.errors import DataError
from thalweg.evaluation.comparing.multiple_tests import holm
from thalweg.evaluation.drift.column_drift import ColumnDrift, Tested, column_drift
from thalweg.evaluation.drift.drift_sentences import sentences
from thalweg.evaluation.drift.row_drift import (
    LossChange,
    PredictedShare,
    UnlikeRows,
    shift_to_find,
    unlike_rows,
)
from thalweg.evaluation.judging.intervals import Estimate
from thalweg.wording import counted, plain_count

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]

# With fewer rows, in either table, nothing is tested.
FEWEST_ROWS = 30
LEVEL, LEAST = 0.05, 0.05
# The heads of the columns of the text form.
HEADS = ("column", "then", "now", "how much", "p, adjusted")


@dataclass(frozen=True, eq=False, repr=False)
class Drift:
    """A later table beside the training table of a model.

    A column has drifted if its difference is significant at Holm's level, *and* as large as
    matters. That nothing is found does not show that there is nothing:
    `text` says which shift would have been found.

    Attributes
    ----------
    details : tuple of ColumnDrift
        One a column of the model, those that drifted first, the greatest PSI first.
    n_rows : int
        Of the table, those that are compared.
    n_then : float
        Rows of the training table.
    level, least : float
        Of all tests together, and the smallest difference that matters.
    rows : UnlikeRows or None
        None where a column is lacking or cannot be read.
    predictions : tuple of PredictedShare
        For each class, or for the number; empty where a column is lacking.
    expected_accuracy : float or None
        The mean probability of the class that the model answers, which its threshold and its costs
        decide: the share of right labels, if the probabilities are still calibrated. Of classes
        only.
    accuracy : Estimate or None
        With the true target: the share of rows that the model answers rightly.
    loss : LossChange or None
        With the true target, if the fit has an out-of-fold loss.
    ignored : tuple of str
        Columns of the table that the model does not have.
    dates : tuple of str
        Columns of dates: rows of one time can depend on each other.
    grouped, weighted : bool
        Whether the fit had groups of rows, and weights. Rows of the table have no weights.
    n_given : int or None
        The rows of the whole table; None if all are compared.
    which_rows : str
        Which rows are compared, if some of the table may have trained the model.
    tested : bool
        False if too few rows are left that did not train the model. Then nothing is tested.
    loss_rows : str
        Which rows the loss and O/E are of, if these are others.
    no_loss : str
        Why there is no loss, though the true target is known.
    fixes : tuple of str
        What makes columns readable that are not.
    """

    details: tuple[ColumnDrift, ...]
    n_rows: int
    n_then: float
    level: float = LEVEL
    least: float = LEAST
    rows: UnlikeRows | None = None
    predictions: tuple[PredictedShare, ...] = ()
    expected_accuracy: float | None = None
    loss: LossChange | None = None
    ignored: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    grouped: bool = False
    loss_rows: str = ""
    no_loss: str = ""
    fixes: tuple[str, ...] = ()
    weighted: bool = False
    n_given: int | None = None
    which_rows: str = ""
    tested: bool = True
    accuracy: Estimate | None = None

    @property
    def passed(self) -> bool:
        """Whether no check failed: no column drifted or is lacking, and no row or loss is odd."""
        odd = any(each.drifted for each in self.details)
        odd = odd or (self.rows is not None and self.rows.fails(self.level))
        return not (odd or (self.loss is not None and self.loss.fails(self.level)))

    @property
    def drifted(self) -> tuple[str, ...]:
        """The names of the columns that drifted, or cannot be compared."""
        return tuple(each.column for each in self.details if each.drifted)

    @property
    def n_tests(self) -> int:
        """The number of tests."""
        return sum(not math.isnan(p) for p in _p_values(self))

    @property
    def shift_found(self) -> float:
        """The shift of a number, in standard deviations, that is found in 80 % of such tables."""
        return shift_to_find(self.n_then, self.n_rows, self.level / max(1, self.n_tests))

    @cached_property
    def columns(self) -> "pd.DataFrame":
        """A line a column; the worst first.

        ``column``, ``kind``, ``then``, ``now``, ``psi``, ``psi_expected``, ``psi_limit``,
        ``missing_then``, ``missing_now``, ``p_value``, ``p_missing``, ``p_adjusted``, ``drifted``,
        ``how_much``.
        """
        import pandas as pd

        return pd.DataFrame([_line(each) for each in self.details], columns=list(_COLUMNS))

    def to_frame(self) -> "pd.DataFrame":
        """A copy of ``columns``."""
        return self.columns.copy()

    def sentences(self) -> list[str]:
        """What was found, and what cannot be said."""
        return sentences(self)

    def text(self, most: int = 10) -> str:
        """The table of the worst columns, and the sentences."""
        shown = self.details[:most]
        cells = [HEADS, *(tuple(cells_of(each)) for each in shown)]
        widths = [max(len(row[k]) for row in cells) for k in range(len(HEADS))]
        lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in cells]
        return "\n".join([*lines, "", *self.sentences()])

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        found = listed(self.drifted, 5) if self.drifted else "none"
        return f"Drift(passed={self.passed}, drifted columns: {found})"

    def _repr_html_(self) -> str:
        return f"<pre>{escape(self.text())}</pre>"

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        rows, loss = self.rows, self.loss
        return {
            "passed": self.passed,
            "rows": self.n_rows,
            "given_rows": self.n_rows if self.n_given is None else self.n_given,
            "which_rows": self.which_rows,
            "tested": self.tested,
            "training_rows": plain_count(self.n_then),
            "level": self.level,
            "least": self.least,
            "drifted": list(self.drifted),
            "columns": [_line(each) for each in self.details],
            "unlike": rows
            and {
                "rows": rows.n_unlike,
                "share": rows.share,
                "p_value": _plain(rows.p_value),
                "p_adjusted": _plain(rows.p_adjusted),
            },
            "predictions": [each.as_dict() for each in self.predictions],
            "expected_accuracy": self.expected_accuracy,
            "accuracy": self.accuracy and self.accuracy.as_dict(),
            "loss": loss
            and {
                **(loss.measure._asdict() if loss.measure else {}),
                "now": loss.now.as_dict(),
                "then": loss.then,
                "change": loss.change.as_dict(),
                "p_value": _plain(loss.p_value),
                "p_adjusted": _plain(loss.p_adjusted),
                "then_is_too_low": loss.too_low,
            },
            "ignored": list(self.ignored),
            "dates": list(self.dates),
            "grouped": self.grouped,
            "loss_rows": self.loss_rows,
            "no_loss": self.no_loss,
            "fixes": list(self.fixes),
            "weighted": self.weighted,
            "shift_found": _plain(self.shift_found),
            "sentences": self.sentences(),
        }


def cells_of(each: ColumnDrift) -> list[str]:
    """The cells of a line: column, then, now, how much, adjusted p."""
    chance = "" if math.isnan(each.p_adjusted) else p_text(each.p_adjusted)
    mark = "! " if each.drifted else "  "
    return [f"{mark}{each.label}", each.then, each.now, each.how_much, chance]


def p_text(p: float) -> str:
    """A p-value, as in ``p = 0.034`` and ``p < 0.001``."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.2g}"


_COLUMNS = (
    "column", "kind", "then", "now", "psi", "psi_expected", "psi_limit", "missing_then",
    "missing_now", "p_value", "p_missing", "p_adjusted", "drifted", "how_much",
)  # fmt: skip


def _line(each: ColumnDrift) -> dict[str, Any]:
    found = each.stability
    values = (
        each.column, each.kind, each.then, each.now, _plain(found.psi), _plain(found.expected),
        _plain(found.limit), _plain(each.missing_then), _plain(each.missing_now),
        _plain(each.values.p_value), _plain(each.missing.p_value), _plain(each.p_adjusted),
        each.drifted, each.how_much,
    )  # fmt: skip
    return dict(zip(_COLUMNS, values, strict=True))


def _plain(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _p_values(drift: Drift) -> list[float]:
    rows, loss = drift.rows, drift.loss
    return [
        *(each.values.p_value for each in drift.details),
        *(each.missing.p_value for each in drift.details),
        math.nan if rows is None else rows.p_value,
        math.nan if loss is None or loss.too_low else loss.p_value,
    ]


def require_enough(likeness: Likeness, n_rows: int) -> None:
    """Raise a DataError if there are too few rows to tell anything."""
    n = likeness.n
    if n >= FEWEST_ROWS <= n_rows:
        return
    few = n_rows < FEWEST_ROWS
    what = f"{counted(n_rows, 'row')} are" if n_rows != 1 else "1 row is"
    shift = shift_to_find(max(n, 1.0), max(n_rows, 1), LEVEL / max(1, len(likeness.columns)))
    said = "no shift at all" if math.isinf(shift) else f"only a shift of {shift:.1f} or more"
    raise DataError(
        f"{what} too few to tell whether a table has drifted"
        if few
        else f"The model was fitted on {counted(n, 'row')}, too few to compare a table with",
        where=f"{counted(n_rows, 'row')}, at least {FEWEST_ROWS} are needed"
        if few
        else f"at least {FEWEST_ROWS} are needed",
        why=f"With so few rows, {said} (in standard deviations of one number) would be found "
        "four times in five",
        fix="collect more rows; each single row has an outlier p, however few there are"
        if few
        else "fit the model on more rows",
    )


def drift_of_columns(
    likeness: Likeness,
    columns: Sequence[Column],
    matrix: Floats,
    unread: Mapping[str, str],
    least: float = LEAST,
) -> Drift:
    """Compare the columns of a table with the summaries of a fit; `settled` adjusts the tests.

    Parameters
    ----------
    likeness : Likeness
    columns : sequence of Column
        Of the schema.
    matrix : ndarray of float64, shape (n_rows, n_features)
    unread : mapping of str to str
        Columns that cannot be compared, and why.
    least : float
    """
    require_enough(likeness, len(matrix))
    found = []
    for place, (column, summary) in enumerate(zip(columns, likeness.columns, strict=True)):
        if column.name in unread or column.source in unread:
            reason = unread.get(column.name) or unread[column.source]
            found.append(ColumnDrift(column.name, column.kind, "", "", unread=reason))
        else:
            found.append(column_drift(column, summary, matrix[:, place], least))
        found[-1] = replace(found[-1], source=column.source)
    dates = tuple(column.name for column in columns if column.kind == "date")
    rows = None if unread else unlike_rows(likeness.outlier_p(matrix), likeness.scores)
    return Drift(tuple(found), len(matrix), likeness.n, least=least, rows=rows, dates=dates)


def untested(drift: Drift) -> Drift:
    """The same without any test: rows that trained the model are on both sides."""
    nothing = Tested()
    details = tuple(replace(each, values=nothing, missing=nothing) for each in drift.details)
    return replace(drift, details=details, rows=None, tested=False)


def settled(drift: Drift, level: float) -> Drift:
    """The same with Holm's p-values over all tests, and the worst columns first."""
    adjusted = holm(np.array(_p_values(drift)))
    n = len(drift.details)
    details = [
        replace(
            each,
            level=level,
            values=_adjusted(each.values, float(adjusted[k])),
            missing=_adjusted(each.missing, float(adjusted[n + k])),
        )
        for k, each in enumerate(drift.details)
    ]
    rows, loss = drift.rows, drift.loss
    return replace(
        drift,
        level=level,
        details=tuple(sorted(details, key=_rank)),
        rows=None if rows is None else replace(rows, p_adjusted=float(adjusted[2 * n])),
        loss=None if loss is None else replace(loss, p_adjusted=float(adjusted[2 * n + 1])),
    )


def _adjusted(test: Tested, p: float) -> Tested:
    return replace(test, p_adjusted=p)


def _rank(each: ColumnDrift) -> tuple[bool, bool, float, float]:
    """Drifted first, those that cannot be compared before; then by size."""
    excess, gap = each.stability.excess, abs(each.missing_now - each.missing_then)
    return (
        not each.drifted,
        not each.unread,
        -float(np.nan_to_num(np.fmax(excess, gap), nan=-1.0)),
        float(np.nan_to_num(each.p_adjusted, nan=1.0)),
    )
