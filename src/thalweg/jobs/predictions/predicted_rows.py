"""Predictions as rows of a table: which columns they have, how they are rounded, and as CSV."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, localcontext
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from thalweg.data.cells import Unread, is_nothing, whole_text
from thalweg.data.column_names import listed
from thalweg.data.column_roles import label_named
from thalweg.data.formats.formula_injection import guarded
from thalweg.endings import TABLE_OF_TEXT, check_ending
from thalweg.errors import DataError, SettingsError
from thalweg.estimators.classifier import ThalwegClassifier
from thalweg.estimators.deciding.predicts_levels import levels_asked
from thalweg.estimators.outputs.level_outputs import names_of_levels
from thalweg.evaluation.decisions.abstention import doubt_of
from thalweg.files import write_atomic
from thalweg.wording import counted, parameter, printable, row_number

if TYPE_CHECKING:
    from thalweg.jobs.parts.model_table import Features
    from thalweg.jobs.running.job_run import JobRun
    from thalweg.persistence.rebuilt import Model

# Codes that a terminal obeys, and halves of characters, which no label needs; line ends and tabs
# stand in quotes. Or a text that reads like such a code as it is written; with backslashes before.
_CONTROLS = re.compile(
    r"(\\*)(?:([\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff])"
    r"|(?=x[01789][0-9a-f]|ud[89a-f][0-9a-f]{2}))"
)
# A text, a number, or None for a missing cell of a column that is carried along.
Cell: TypeAlias = str | float | None
Row: TypeAlias = tuple[Cell, ...]
# From here on, a float is written with an exponent.
_WITH_EXPONENT = 1e16
# More digits than these do not tell two numbers of 64 bits apart in every case.
MOST_DIGITS = 15
ROW, TRUTH, PREDICTION = "row", "truth", "prediction"
# Before predictions of a cross-validation.
REPETITION, FOLD = "repetition", "fold"
# What stands in place of a class that would be wrong too often.
CANNOT_TELL = "cannot tell"


@dataclass(frozen=True, eq=False)
class PredictedRows:
    """Rows of predictions.

    Attributes
    ----------
    columns : list of str
        All different.
    rows : list of tuple
    """

    columns: list[str]
    rows: list[Row]

    def with_first(self, columns: Sequence[str], cells: Iterable[Row]) -> "PredictedRows":
        """The same rows with further columns before the others."""
        joined = [(*first, *row) for first, row in zip(cells, self.rows, strict=True)]
        return PredictedRows([*columns, *self.columns], joined)

    def with_last(self, column: str, cells: Iterable[Cell]) -> "PredictedRows":
        """The same rows with a further column behind the others."""
        joined = [(*row, last) for row, last in zip(self.rows, cells, strict=True)]
        return PredictedRows([*self.columns, column], joined)

    def with_ids(self, ids: pd.DataFrame, places: np.ndarray | None = None) -> "PredictedRows":
        """The same rows after the cells of the columns that are carried along.

        Parameters
        ----------
        ids : DataFrame
        places : ndarray of int, optional
            The positions of the rows in the file, from 0; then its number stands first in each row.

        Raises
        ------
        SettingsError
            If one of them has the name of another column.
        """
        names = [str(name) for name in ids.columns]
        first = [] if places is None else [ROW]
        for name in names:
            if name in (*first, *self.columns) or names.count(name) > 1:
                twice = names.count(name) > 1
                raise SettingsError(
                    f'{parameter("id")} names "{name}"'
                    f"{' twice' if twice else ', which is a column of the predictions, too'}",
                    where=f"the predictions have {listed([*first, *self.columns])}",
                    fix="name each column once" if twice else "rename the column in the table",
                )
        cells: list[list[Any]] = [_carried(ids[name]) for name in ids.columns]
        if places is not None:
            cells.insert(0, (places + 1).tolist())
        made = zip(*cells, strict=True) if cells else [()] * len(self.rows)
        return self.with_first([*first, *names], made)

    def at(self, places: np.ndarray) -> "PredictedRows":
        """Some of the rows, by their positions."""
        return PredictedRows(self.columns, [self.rows[place] for place in places.tolist()])

    def csv(self) -> bytes:
        """The rows as CSV (`csv_bytes`)."""
        return csv_bytes(self.columns, self.rows)

    def as_dicts(self) -> list[dict[str, Any]]:
        """The rows as plain data."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


def predicted(
    model: "Model",
    X: "Features",
    classes: np.ndarray | None = None,
    *,
    digits: int | None = None,
    words: Mapping[str, str] | None = None,
    abstain: float | None = None,
) -> PredictedRows:
    """The label and the probability of each class, or the number or quantiles, for each row.

    Parameters
    ----------
    model : ThalwegClassifier or ThalwegRegressor
    X : DataFrame or ndarray
    classes : ndarray, optional
        The classes that have a column, if the model may know fewer of them; by default its own,
        sorted, or grades in their order.
    digits : int, optional
        As in `rounded_probability` and `rounded_number`.
    words : mapping of str to str, optional
        What is written for a class, by its label.
    abstain : float, optional
        The price of no answer: rows whose expected error is above it are not called.
    """
    if not isinstance(model, ThalwegClassifier):
        if levels := levels_asked(model):
            return _quantiles(np.asarray(model.predict(X)), levels, digits)
        numbers = model.predict(X).tolist()
        if digits is not None:
            numbers = [rounded_number(each, digits) for each in numbers]
        return PredictedRows([PREDICTION], [(number,) for number in numbers])
    words, own = words or {}, model.classes_
    if classes is None:  # grades have an order, and its columns have it, too
        classes = np.asarray(getattr(model, "grades_", own))
    probability = model.predict_proba(X)
    labels = [words.get(str(each), each) for each in model.called(probability).tolist()]
    if abstain is not None:
        unsure = (doubt_of(probability) > abstain).tolist()
        labels = [CANNOT_TELL if no else label for label, no in zip(labels, unsure, strict=True)]
    found = np.zeros((len(labels), len(classes)))
    sorter = np.argsort(classes)
    found[:, sorter[np.searchsorted(classes, own, sorter=sorter)]] = probability
    probabilities = found.tolist()
    if digits is not None:
        probabilities = [[rounded_probability(p, digits) for p in row] for row in probabilities]
    columns = [PREDICTION, *(f"p_{words.get(str(each), each)}" for each in classes.tolist())]
    return PredictedRows(
        columns, [(label, *row) for label, row in zip(labels, probabilities, strict=True)]
    )


def _quantiles(values: np.ndarray, levels: Sequence[float], digits: int | None) -> PredictedRows:
    """A column for each level; rounding keeps their order."""
    rows: list[list[float]] = values.tolist()
    if digits is not None:
        rows = [[rounded_number(each, digits) for each in row] for row in rows]
    return PredictedRows(names_of_levels(levels), [tuple(row) for row in rows])


def with_truth(made: PredictedRows, truth: list[str | float], kind: str = "") -> PredictedRows:
    """Predictions with the true label or number of each row, before the first predicted one.

    Parameters
    ----------
    made : PredictedRows
    truth : list
    kind : str
        What both are, behind the names of their columns, if they are not in the target's own unit
        as `thalweg predict` has them: ``"rate"`` makes ``truth_rate`` and ``prediction_rate``.
    """
    marks = (REPETITION, FOLD)
    place = next(k for k, name in enumerate(made.columns) if name not in marks)
    rows = [(*row[:place], true, *row[place:]) for true, row in zip(truth, made.rows, strict=True)]
    columns = [*made.columns[:place], TRUTH, *made.columns[place:]]
    if kind:
        columns[place:] = [f"{name}_{kind}" for name in columns[place:]]
    return PredictedRows(columns, rows)


def places_in_file(kept: np.ndarray | None, rows: np.ndarray) -> np.ndarray:
    """The positions in the file of rows of a table, of which some rows may be left out."""
    return rows if kept is None else np.asarray(kept[rows])


def words_of(said: Mapping[str, str], model: "Model") -> dict[str, str]:
    """What is written for classes, by their labels as text.

    Raises
    ------
    SettingsError
        For a regression, an unknown class, or two classes with one word.
    """
    if not said:
        return {}
    if not isinstance(model, ThalwegClassifier):
        raise SettingsError(
            f"{parameter('label')} is for classes, and the model predicts numbers",
            fix=f"leave out {parameter('label')}",
        )
    labels = [str(each) for each in model.classes_.tolist()]
    words: dict[str, str] = {}
    for name, word in said.items():
        label = label_named(name, labels)
        if label not in labels or label in words:
            known = "twice" if label in words else "which is no class of the model"
            raise SettingsError(
                f'{parameter("label")} names "{name}", {known}',
                where=f"the model knows {listed(labels)}",
                fix="name each of these classes at most once",
            )
        words[label] = word
    written = [words.get(label, label) for label in labels]
    if len({*written}) < len(labels):
        raise SettingsError(
            f"{parameter('label')} writes two classes alike",
            where=listed(written),
            fix="give each class a word of its own",
        )
    return words


def rounded_probability(p: float, digits: int) -> float:
    """A probability with so many decimals; one between 0 and 1 never becomes 0 or 1.

    It is then the smallest or the largest number between them, such as 0.001 and 0.999.
    """
    if not 0 < p < 1:
        return p
    least = 10.0**-digits
    return round(min(max(round(p, digits), least), 1 - least), digits)


def rounded_number(value: float, digits: int) -> float:
    """A number with so many significant digits, and all digits before the decimal point."""
    if abs(value) >= 10.0 ** (digits - 1):
        return _whole(float(round(value)))
    return float(f"{value:.{digits}g}")


def rounded_outward(low: float, high: float, digits: int) -> tuple[float, float]:
    """The ends of an interval as `rounded_number`, but never towards its middle."""
    return _rounded(low, digits, ROUND_FLOOR), _rounded(high, digits, ROUND_CEILING)


def _rounded(value: float, digits: int, direction: str) -> float:
    if not math.isfinite(value) or value == 0:
        return value
    exact = Decimal(repr(value))
    last = min(0, exact.adjusted() - digits + 1)  # the power of ten of the last digit
    with localcontext(prec=400):  # a float has at most 309 digits before the point
        rounded = exact.quantize(Decimal((0, (1,), last)), rounding=direction)
        return _whole(float(rounded)) if last == 0 else float(rounded) + 0.0


def _whole(value: float) -> float:
    """A whole number, which is written without ".0" unless it is written with an exponent."""
    return int(value) if abs(value) < _WITH_EXPONENT else value


def require_digits(digits: int | None) -> None:
    """Raise a SettingsError for a number of digits that has no meaning."""
    if digits is not None and not 1 <= digits <= MOST_DIGITS:
        raise SettingsError(
            f"{parameter('digits', digits)} has no meaning",
            fix=f"give a whole number from 1 to {MOST_DIGITS}",
        )


def require_csv(name: str, path: str | None) -> None:
    """Raise a SettingsError if the file of a parameter does not end as a CSV."""
    if path is not None:
        check_ending(path, "A CSV", TABLE_OF_TEXT, flag=parameter(name))


def write_predictions(run: "JobRun", path: str, made: PredictedRows, *, overwrite: bool) -> None:
    """Write predictions to a CSV file, completely or not at all, and say so."""
    write_atomic(path, made.csv(), overwrite=overwrite)
    run.say(f"Wrote {counted(len(made.rows), 'prediction')} to {path}.")


def csv_bytes(columns: Sequence[str], rows: Sequence[Row]) -> bytes:
    """CSV in UTF-8 (RFC 4180, but with plain line feeds), safe to open in a spreadsheet.

    Numbers have enough digits to read the same float again.
    """
    lines: list[Iterable[str]] = [map(_cell, columns), *(map(_cell, row) for row in rows)]
    return "".join(f"{','.join(line)}\n" for line in lines).encode("utf-8", "backslashreplace")


def _escaped(found: re.Match[str]) -> str:
    """A code as text. Backslashes before it are doubled, so that no two labels become one."""
    return 2 * found[1] + printable(found[2] or "")


def _cell(value: Cell) -> str:
    """A number, a label or a name as a cell; in quotes if it contains any common separator."""
    if isinstance(value, float):
        return repr(value)
    if value is None:
        return ""
    text = guarded(_CONTROLS.sub(_escaped, str(value)))
    return '"' + text.replace('"', '""') + '"' if re.search(r'[",;|\t\r\n]', text) else text


def _carried(cells: pd.Series) -> list[str | None]:
    """The cells of a column that is carried along, as texts; None where one is missing."""
    found: list[str | None] = []
    for row, cell in enumerate(cells.tolist(), start=1):
        if isinstance(cell, Unread):
            raise DataError(
                f"A cell of type {cell.sort} cannot be carried along",
                where=f'column "{cells.name}", row {row_number(row):,}',
                fix=f"leave out {parameter('id', str(cells.name))}, or write the column as text",
            )
        # Beside a missing cell, Parquet and Excel have 1.0 where there was 1.
        text = whole_text(str(cell)) if isinstance(cell, float) else str(cell)
        found.append(None if is_nothing(cell) else text)
    return found
