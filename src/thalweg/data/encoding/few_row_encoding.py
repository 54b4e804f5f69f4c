"""Encode a few rows with several encoders in one pass, so that predicting a single row is fast.

Every part of an encoder gives its outputs in one of three forms. A panel computes all outputs of
one form together, for all parts and encoders, then sorts them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
from numpy.typing import DTypeLike, NDArray

from thalweg.data.encoding.number_formulas import clip_smoothly, from_median, ramp

Floats = NDArray[np.float64]
Places = NDArray[np.intp]


class Form(Protocol):
    """Outputs that are computed in one way; its vectors have one element for each output."""

    @property
    def column(self) -> Places:
        """The column that each output reads, its indicator of a missing value included."""

    @property
    def n_outputs(self) -> int:
        """The number of its outputs."""

    @property
    def turn(self) -> int:
        """Its position when forms of its class are joined: smaller numbers first."""

    def encode(self, X: Floats, missing: NDArray[np.bool_], *, whole: bool) -> NDArray[np.generic]:
        """The outputs of a few rows, shape (n_samples, n_outputs); whole: no value is missing."""

    @classmethod
    def joined(cls, forms: Sequence[Self]) -> Self:
        """Forms side by side; they must be given in the order of their turns."""


@dataclass(frozen=True, eq=False)
class Ramps:
    """Ramps of numbers; the first ones are clipped smoothly, the others shifted and scaled.

    Parameters
    ----------
    column : ndarray of int
    median : ndarray of float64
        Replaces a missing number.
    start, per_unit, least, most : ndarray of float64
        See `thalweg.data.encoding.number_formulas.ramp`.
    n_clipped : int
        How many are clipped smoothly (`thalweg.data.encoding.number_formulas.clip_smoothly`): all
        or none of a part.
    shift, scale : ndarray of float64
        Those of the others, see `thalweg.data.encoding.number_formulas.from_median`.
    """

    column: Places
    median: Floats
    start: Floats
    per_unit: Floats
    least: Floats
    most: Floats
    n_clipped: int
    shift: Floats
    scale: Floats

    @property
    def n_outputs(self) -> int:
        """The number of its outputs."""
        return len(self.column)

    @property
    def turn(self) -> int:
        """Smoothly clipped ones first."""
        return 0 if self.n_clipped else 1

    def encode(self, X: Floats, missing: NDArray[np.bool_], *, whole: bool) -> Floats:
        """The outputs of a few rows."""
        values = X.take(self.column, 1)
        if not whole:
            np.copyto(values, self.median, where=missing.take(self.column, 1))
        found = ramp(values, self.start, self.per_unit, self.least, self.most)
        clip_smoothly(found[:, : self.n_clipped])
        from_median(found[:, self.n_clipped :], self.shift, self.scale)
        return found

    @classmethod
    def joined(cls, forms: Sequence["Ramps"]) -> "Ramps":
        """Forms side by side."""
        return cls(
            _places(form.column for form in forms),
            _joined(form.median for form in forms),
            _joined(form.start for form in forms),
            _joined(form.per_unit for form in forms),
            _joined(form.least for form in forms),
            _joined(form.most for form in forms),
            sum(form.n_clipped for form in forms),
            _joined(form.shift for form in forms),
            _joined(form.scale for form in forms),
        )


@dataclass(frozen=True, eq=False)
class Lookups:
    """Outputs of levels, looked up in a table by the number of the level.

    Parameters
    ----------
    column : ndarray of int
    table : ndarray of float64, shape (n_entries,)
    first, step : ndarray of int
        The position in ``table`` of the output of level 0, and the step to the next level.
    of_missing : ndarray of float64
        The number of the level that replaces a missing one.
    """

    column: Places
    table: Floats
    first: Places
    step: Places
    of_missing: Floats

    turn = 0

    @property
    def n_outputs(self) -> int:
        """The number of its outputs."""
        return len(self.column)

    def encode(self, X: Floats, missing: NDArray[np.bool_], *, whole: bool) -> Floats:
        """The outputs of a few rows."""
        levels = X.take(self.column, 1)
        if not whole:
            np.copyto(levels, self.of_missing, where=missing.take(self.column, 1))
        places = levels.astype(np.intp)
        places *= self.step
        places += self.first
        return self.table.take(places)

    @classmethod
    def joined(cls, forms: Sequence["Lookups"]) -> "Lookups":
        """Forms side by side, their tables one after the other."""
        begins = np.cumsum([0, *(len(form.table) for form in forms)]).tolist()
        return cls(
            _places(form.column for form in forms),
            _joined(form.table for form in forms),
            _places(form.first + begin for form, begin in zip(forms, begins, strict=False)),
            _places(form.step for form in forms),
            _joined(form.of_missing for form in forms),
        )


@dataclass(frozen=True, eq=False)
class Marks:
    """Missing-value indicators: 1 if the value of the column is missing, 0 otherwise.

    Parameters
    ----------
    column : ndarray of int
    """

    column: Places

    turn = 0

    @property
    def n_outputs(self) -> int:
        """The number of its outputs."""
        return len(self.column)

    def encode(self, X: Floats, missing: NDArray[np.bool_], *, whole: bool) -> NDArray[np.bool_]:
        """The outputs of a few rows."""
        return missing.take(self.column, 1)

    @classmethod
    def joined(cls, forms: Sequence["Marks"]) -> "Marks":
        """Forms side by side."""
        return cls(_places(form.column for form in forms))


class GivesForms(Protocol):
    """An encoder, as far as a panel uses it."""

    def forms(self) -> Sequence[Form]:
        """The form of each of its parts, in the order of the outputs."""


@dataclass(frozen=True, eq=False)
class Panel:
    """Several encoders side by side; each may have another number of outputs for a column.

    Parameters
    ----------
    forms : tuple of Form
        One of each class, with the outputs of all encoders.
    order : ndarray of int, shape (n_outputs,)
        The position of each output of each encoder among the outputs of the forms.
    """

    forms: tuple[Form, ...]
    order: Places

    def encode(
        self, X: NDArray[np.floating], dtype: DTypeLike = np.float64
    ) -> NDArray[np.floating]:
        """Encode a few rows.

        Parameters
        ----------
        X : ndarray of float, shape (n_samples, n_features)
        dtype : {float64, float32}

        Returns
        -------
        ndarray of ``dtype``, shape (n_samples, n_outputs of all encoders)
            The outputs of the encoders side by side, with the same bits as from each of them.
        """
        rows: Floats = X.astype(np.float64, copy=False)
        missing = np.isnan(rows)
        whole = not np.count_nonzero(missing)
        found = [form.encode(rows, missing, whole=whole) for form in self.forms]
        side_by_side: NDArray[np.floating] = np.concatenate(found, axis=1, dtype=dtype)
        return side_by_side.take(self.order, 1)


def panel_of(encoders: Sequence[GivesForms]) -> Panel:
    """A panel of these encoders."""
    # Each form with its position among all forms, which is the position of its outputs.
    placed = list(enumerate(form for encoder in encoders for form in encoder.forms()))
    classes = dict.fromkeys(type(form) for _, form in placed if form.n_outputs)
    joined, owner = [], []
    for one in classes:
        own = [(place, form) for place, form in placed if type(form) is one and form.n_outputs]
        own.sort(key=lambda each: each[1].turn)
        joined.append(one.joined([form for _, form in own]))
        owner += [np.full(form.n_outputs, place) for place, form in own]
    return Panel(tuple(joined), np.argsort(np.concatenate(owner), kind="stable"))


def _joined(vectors: Iterable[Floats]) -> Floats:
    return np.concatenate([np.empty(0), *vectors])


def _places(vectors: Iterable[NDArray[np.integer]]) -> Places:
    return np.concatenate([np.empty(0, np.intp), *vectors]).astype(np.intp)
