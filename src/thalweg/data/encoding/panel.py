"""Several encoders over the same few rows, in one pass: what a single row has to be quick for.

Every part of an encoder gives its outputs in one of three forms. A panel computes all outputs of
one form together, of all parts and encoders, then puts them in order.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
from numpy.typing import DTypeLike, NDArray

from thalweg.data.encoding.ramp_formula import bend, from_median, ramp

Floats = NDArray[np.float64]
Places = NDArray[np.intp]


class Form(Protocol):
    """Outputs that are computed in one way. A vector has an element an output."""

    @property
    def n_outputs(self) -> int:
        """The number of its outputs."""

    @property
    def turn(self) -> int:
        """Where it stands when forms of its class are joined: smaller numbers in front."""

    def encode(self, X: Floats, missing: NDArray[np.bool_], *, whole: bool) -> NDArray[np.generic]:
        """The outputs of a few rows, shape (n_samples, n_outputs); whole if no value is missing."""

    @classmethod
    def joined(cls, forms: Sequence[Self]) -> Self:
        """Forms side by side, in the order of their turns."""


@dataclass(frozen=True, eq=False)
class Ramps:
    """Numbers on a ramp; those in front are bent, the others moved and scaled.

    Parameters
    ----------
    column : ndarray of int
    median : ndarray of float64
        What a missing number counts as.
    start, per_unit, least, most : ndarray of float64
        As `thalweg.data.encoding.ramp_formula.ramp` wants them.
    n_bent : int
        How many are bent (`thalweg.data.encoding.ramp_formula.bend`): of a part all or none.
    shift, scale : ndarray of float64
        Of the others, as `thalweg.data.encoding.ramp_formula.from_median` wants them.
    """

    column: Places
    median: Floats
    start: Floats
    per_unit: Floats
    least: Floats
    most: Floats
    n_bent: int
    shift: Floats
    scale: Floats

    @property
    def n_outputs(self) -> int:
        """The number of its outputs."""
        return len(self.column)

    @property
    def turn(self) -> int:
        """Bent ones in front."""
        return 0 if self.n_bent else 1

    def encode(self, X: Floats, missing: NDArray[np.bool_], *, whole: bool) -> Floats:
        """The outputs of a few rows."""
        values = X.take(self.column, 1)
        if not whole:
            np.copyto(values, self.median, where=missing.take(self.column, 1))
        found = ramp(values, self.start, self.per_unit, self.least, self.most)
        bend(found[:, : self.n_bent])
        from_median(found[:, self.n_bent :], self.shift, self.scale)
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
            sum(form.n_bent for form in forms),
            _joined(form.shift for form in forms),
            _joined(form.scale for form in forms),
        )


@dataclass(frozen=True, eq=False)
class Lookups:
    """Numbers that stand in a table, found by the number of a level.

    Parameters
    ----------
    column : ndarray of int
    table : ndarray of float64, shape (n_entries,)
    first, step : ndarray of int
        Where in ``table`` the output of level 0 stands, and how far it is to the next level.
    of_missing : ndarray of float64
        The level that a missing one counts as.
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
        """Forms side by side, their tables one behind the other."""
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
    """1 where the value of a column is missing, 0 elsewhere.

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
    """An encoder, as far as a panel is concerned."""

    def forms(self) -> Sequence[Form]:
        """What each of its parts gives, in the order of the outputs."""


@dataclass(frozen=True, eq=False)
class Panel:
    """Encoders side by side; what each makes of a column may be another number of outputs.

    Parameters
    ----------
    forms : tuple of Form
        One of a class, with the outputs of all encoders.
    order : ndarray of int, shape (n_outputs,)
        Where each output of each encoder stands among the outputs by form.
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
            Side by side, bit for bit, what each of the encoders gives.
        """
        rows: Floats = X.astype(np.float64, copy=False)
        missing = np.isnan(rows)
        whole = not np.count_nonzero(missing)
        found = [form.encode(rows, missing, whole=whole) for form in self.forms]
        side_by_side: NDArray[np.floating] = np.concatenate(found, axis=1, dtype=dtype)
        return side_by_side.take(self.order, 1)


def panel_of(encoders: Sequence[GivesForms]) -> Panel:
    """These encoders as a panel."""
    # Each form with its place among all forms, which is where its outputs belong.
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
