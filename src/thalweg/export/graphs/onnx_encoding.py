"""The inputs of a network in an ONNX graph: whole columns at a time, form by form."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from thalweg.data.encoding.calendar_parts import WEEKDAY, CalendarForm
from thalweg.data.encoding.few_row_encoding import Form, Lookups, Marks, Ramps
from thalweg.export.graphs.onnx_graph import OnnxGraph, Tensor
from thalweg.export.packed_stages import DATE_FORMULAS

Places = NDArray[np.intp]
_F64 = "float64"


class OnnxEncoding:
    """Encodes the values of rows for a network.

    Parameters
    ----------
    graph : OnnxGraph
    values : Tensor
        float64, shape (N, n_values); a missing value is NaN, a category the number of its level.
    at : mapping of int to int
        The column of ``values`` of each column of the schema.
    dtype : str
        That of θ.
    """

    def __init__(self, graph: OnnxGraph, values: Tensor, at: Mapping[int, int], dtype: str) -> None:
        self._graph, self._values, self._at, self._dtype = graph, values, at, dtype

    def encoded(self, forms: Sequence[Form]) -> tuple[Tensor, Places]:
        """The inputs, and for each its place among the outputs of the forms."""
        tensors: list[Tensor] = []
        places: list[Places] = []
        first = 0
        for form in forms:
            for tensor, own in self._parts(form):
                tensors.append(self._graph.cast(tensor, self._dtype))
                places.append(own + first)
            first += form.n_outputs
        joined = tensors[0]
        if len(tensors) > 1:
            joined = self._graph.node("Concat", tensors, self._dtype, axis=1)
        return joined, np.concatenate(places)

    def _parts(self, form: Form) -> list[tuple[Tensor, Places]]:
        """Outputs that are computed together, and their places in the form."""
        places = np.arange(form.n_outputs)
        if isinstance(form, Ramps):
            n = form.n_clipped
            parts = [(places[:n], True), (places[n:], False)]
            return [(self._ramps(form, own, clipped), own) for own, clipped in parts if len(own)]
        if isinstance(form, Lookups):
            return [(self._lookups(form), places)]
        if isinstance(form, Marks):
            return [(self._missing(form.column), places)]
        assert isinstance(form, CalendarForm)
        kinds = np.where(form.kind >= WEEKDAY, WEEKDAY, form.kind)
        of_each = [(kind, np.flatnonzero(kinds == kind)) for kind in np.unique(kinds).tolist()]
        return [(self._dates(form, own, kind), own) for kind, own in of_each]

    def _columns(self, columns: Places) -> Tensor:
        places = np.array([self._at[each] for each in columns.tolist()], np.int64)
        chosen = self._graph.constant(places)
        return self._graph.node("Gather", [self._values, chosen], _F64, axis=1)

    def _missing(self, columns: Places) -> Tensor:
        return self._graph.node("IsNaN", [self._columns(columns)], "bool")

    def _filled(self, columns: Places, instead: NDArray[np.float64]) -> Tensor:
        found = [self._missing(columns), self._graph.constant(instead), self._columns(columns)]
        return self._graph.node("Where", found, _F64)

    def _ramps(self, form: Ramps, own: Places, clipped: bool) -> Tensor:
        value = self._filled(form.column[own], form.median[own])
        vectors = (form.start, form.per_unit, form.least, form.most)
        parameters = [self._graph.constant(each[own]) for each in vectors]
        found = self._graph.called("ramp", [value, *parameters], _F64)
        if clipped:
            return self._graph.called("smooth", [found], _F64)
        both = [self._graph.constant(each) for each in (form.shift, form.scale)]
        return self._graph.called("from_median", [found, *both], _F64)

    def _lookups(self, form: Lookups) -> Tensor:
        level = self._filled(form.column, form.of_missing)
        places = self._graph.cast(level, "int64")
        for operation, vector in (("Mul", form.step), ("Add", form.first)):
            constant = self._graph.constant(vector.astype(np.int64))
            places = self._graph.node(operation, [places, constant], "int64")
        table = self._graph.constant(form.table.astype(self._dtype))
        return self._graph.node("Gather", [table, places], self._dtype, axis=0)

    def _dates(self, form: CalendarForm, own: Places, kind: int) -> Tensor:
        columns = form.column[own]
        days = self._graph.called("within_years", [self._filled(columns, np.zeros(len(own)))], _F64)
        if kind == WEEKDAY:
            weekdays = self._graph.constant((form.kind[own] - WEEKDAY).astype(np.float64))
            found = self._graph.called("weekday_mark", [days, weekdays], _F64)
        else:
            found = self._graph.called(DATE_FORMULAS[kind], [days], _F64)
        nothing = self._graph.scalar(0.0, _F64)
        return self._graph.node("Where", [self._missing(columns), nothing, found], _F64)
