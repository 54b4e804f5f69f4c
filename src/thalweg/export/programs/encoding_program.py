"""The statements that encode a row: from its values to the inputs of a network, form by form."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from thalweg.data.encoding.calendar_parts import WEEKDAY, CalendarForm
from thalweg.data.encoding.few_row_encoding import Form, Lookups, Marks, Ramps
from thalweg.export.packed_stages import DATE_FORMULAS
from thalweg.export.programs.program import (
    Assign,
    Call,
    ConstantArray,
    Declare,
    Expression,
    Index,
    Literal,
    Loop,
    Statement,
    Variable,
    item,
    op,
)


class EncodingProgram:
    """Makes the statements and the constants of the forms of one network.

    Parameters
    ----------
    prefix : str
        Begins the name of every constant.
    dtype : dtype
        That of θ, to which a network rounds its inputs; the tables of levels have it.
    """

    def __init__(self, prefix: str, dtype: np.dtype[np.floating]) -> None:
        self._prefix, self._dtype = prefix, dtype
        self.constants: list[ConstantArray] = []

    def statements(self, forms: tuple[Form, ...], inputs: str) -> Iterator[Statement]:
        """Set the array ``inputs`` to the outputs of the forms, side by side."""
        first = 0
        for number, form in enumerate(forms):
            self._form = f"{self._prefix}_{number}"
            if isinstance(form, Ramps):
                yield from self._ramps(form, inputs, first)
            elif isinstance(form, Lookups):
                yield self._lookups(form, inputs, first)
            elif isinstance(form, Marks):
                yield self._marks(form, inputs, first)
            else:
                assert isinstance(form, CalendarForm)
                yield from _dates(form, inputs, first)
            first += form.n_outputs

    def _keep(self, name: str, values: NDArray[np.number]) -> str:
        """The name of a new constant."""
        full = f"{self._form}_{name}"
        is_whole = values.dtype.kind in "iu"
        self.constants.append(ConstantArray(full, values.astype(np.int32) if is_whole else values))
        return full

    def _ramps(self, form: Ramps, inputs: str, first: int) -> Iterator[Loop]:
        """Ramps; the first ones are clipped smoothly, the others shifted and scaled."""
        columns, median = self._keep("column", form.column), self._keep("median", form.median)
        names = ("start", "per_unit", "least", "most")
        vectors = (form.start, form.per_unit, form.least, form.most)
        parameters = [
            item(self._keep(name, values), "k") for name, values in zip(names, vectors, strict=True)
        ]
        value = item("v", item(columns, "k"))
        ramp = Call("ramp", (Variable("value"), *parameters))
        head = Declare("value", op("where", op("==", value, value), value, item(median, "k")))
        target = _at(inputs, first, "k")
        clipped = form.n_clipped
        if clipped:
            yield Loop("k", clipped, (head, Assign(target, Call("smooth", (ramp,)))))
        if clipped == len(form.column):
            return
        own = op("-", Variable("k"), Index(clipped))
        shift, scale = self._keep("shift", form.shift), self._keep("scale", form.scale)
        others = Call("from_median", (ramp, Variable(shift, own), Variable(scale, own)))
        yield Loop("k", len(form.column), (head, Assign(target, others)), clipped)

    def _lookups(self, form: Lookups, inputs: str, first: int) -> Loop:
        """Outputs of levels, from a table."""
        value = item("v", item(self._keep("column", form.column), "k"))
        missing = item(self._keep("of_missing", form.of_missing), "k")
        level = op("whole", op("where", op("==", value, value), value, missing))
        step = op("*", item(self._keep("step", form.step), "k"), level)
        place = op("+", item(self._keep("first", form.first), "k"), step)
        table = self._keep("table", form.table.astype(self._dtype))
        return Loop(
            "k", len(form.column), (Assign(_at(inputs, first, "k"), Variable(table, place)),)
        )

    def _marks(self, form: Marks, inputs: str, first: int) -> Loop:
        """1 where a value is missing."""
        value = item("v", item(self._keep("column", form.column), "k"))
        mark = op("where", op("==", value, value), Literal(0.0), Literal(1.0))
        return Loop("k", len(form.column), (Assign(_at(inputs, first, "k"), mark),))


def _at(array: str, first: int, index: str) -> Variable:
    """The element of an array that is ``index`` behind ``first``."""
    if not first:
        return item(array, index)
    return Variable(array, op("+", Index(first), Variable(index)))


def _dates(form: CalendarForm, inputs: str, first: int) -> Iterator[Assign]:
    """The outputs of dates, one statement each; a missing date is 0 throughout."""
    for k, (column, kind) in enumerate(zip(form.column.tolist(), form.kind.tolist(), strict=True)):
        value = item("v", column)
        days: Expression = Call("within_years", (value,))
        if kind >= WEEKDAY:
            found = Call("weekday_mark", (days, Literal(float(kind - WEEKDAY))))
        else:
            found = Call(DATE_FORMULAS[kind], (days,))
        known = op("where", op("==", value, value), found, Literal(0.0))
        yield Assign(item(inputs, first + k), known)
