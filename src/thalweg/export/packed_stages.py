"""Stages as compact JSON for a program that runs in a browser: numbers in base64, no Python.

Weights are float32, 5.34 bytes each. What the encoder needs is float64, but its tables of levels:
they have the precision of θ, to which a network rounds its inputs anyway. Of equal numbers that
stand beside each other one is written. The first layer of a network is in the order of its forms,
so the inputs need not be sorted.
"""

from base64 import b64encode
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from thalweg.data.encoding.calendar_parts import WEEKDAY, CalendarForm
from thalweg.data.encoding.few_row_encoding import Form, Lookups, Marks, Ramps
from thalweg.export.stages import AnswerStage, DenseStage, NetworkStages, Stages

# Plain data for JSON.
Packed: TypeAlias = dict[str, Any]

# The bodies of outputs of dates, by their kinds; those behind them are weekdays.
DATE_FORMULAS = ("year_sine", "year_cosine", "hour_sine", "hour_cosine", "late_in_month")


def packed_stages(stages: Stages) -> Packed:
    """The stages as plain data; the formulas are written apart (`thalweg.export.javascript`)."""
    answer = _answer(stages.answer)
    found: Packed = {
        "columns": [
            {
                "name": column.name,
                "kind": "date" if column.dates is not None else column.kind,
                **({"levels": list(column.levels)} if column.levels else {}),
            }
            for column in stages.columns.own
        ],
        "owners": stages.columns.owners.tolist(),
        "bounds": [column.kind == "bound" for column in stages.columns.read],
        "networks": list(map(_network, stages.networks)),
        "answer": answer,
    }
    if stages.scales:
        found["scales"] = list(map(_network, stages.scales))
    return found


def _answer(stage: AnswerStage) -> Packed:
    found: Packed = {
        "kind": stage.kind,
        "labels": list(stage.labels),
        "positive": stage.positive,
        "low": _finite(stage.low),
        "high": _finite(stage.high),
        "threshold": stage.threshold,
        "costs": None if stage.costs is None else stage.costs.tolist(),
    }
    if stage.ranks is not None:
        found["ranks"] = stage.ranks.tolist()
    if stage.line is not None:
        found["line"] = list(stage.line)
    return found


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _network(stages: NetworkStages) -> Packed:
    precise = stages.layers[0].W.dtype == np.float64
    first, *others = stages.layers
    as_forms = np.argsort(stages.panel.order)
    layers = [DenseStage(first.W[:, as_forms], first.b, first.activation), *others]
    return {
        "forms": [packed_form(form, precise=precise) for form in stages.panel.forms],
        "layers": [
            {
                "size": list(layer.W.shape),
                "W": _base64(layer.W, "<f4"),
                "b": _base64(layer.b, "<f4"),
                "f": layer.activation,
            }
            for layer in layers
        ],
        "shift": stages.shift.tolist(),
        "center": stages.center,
        "scale": stages.scale,
        "low": _finite(stages.low),
        "high": _finite(stages.high),
    }


def packed_form(form: Form, *, precise: bool) -> Packed:
    """A form of an encoder; the tables of levels in float64 if it is to be precise."""
    if isinstance(form, Ramps):
        vectors = form.start, form.per_unit, form.least, form.most, form.median
        names = ("start", "per_unit", "least", "most", "median")
        return {
            "form": "ramps",
            "column": packed(form.column),
            "n_clipped": form.n_clipped,
            **{name: packed(vector) for name, vector in zip(names, vectors, strict=True)},
            "shift": packed(form.shift),
            "scale": packed(form.scale),
        }
    if isinstance(form, Lookups):
        return _lookups(form, "<f8" if precise else "<f4")
    if isinstance(form, Marks):
        return {"form": "marks", "column": packed(form.column)}
    assert isinstance(form, CalendarForm)
    return {
        "form": "dates",
        "column": packed(form.column),
        "formula": [
            "weekday_mark" if kind >= WEEKDAY else DATE_FORMULAS[kind]
            for kind in form.kind.tolist()
        ],
        "weekday": (form.kind - WEEKDAY).tolist(),
    }


def _lookups(form: Lookups, kind: str) -> Packed:
    """The tables of all outputs one after the other, so that equal numbers stand together."""
    sizes = form.of_missing.astype(np.intp) + 1
    tables = [
        form.table[first + step * np.arange(size)]
        for first, step, size in zip(form.first, form.step, sizes, strict=True)
    ]
    return {
        "form": "lookups",
        "column": packed(form.column),
        "size": packed(sizes),
        "table": packed(np.concatenate(tables), kind),
    }


def packed(vector: NDArray[np.number], kind: str = "<f8") -> Packed:
    """A vector in the shortest of two ways: all its numbers, or its runs of equal ones.

    Parameters
    ----------
    vector : ndarray of shape (n,)
        Floats are kept in ``kind``; whole numbers, not negative, in as few bytes as hold them.
    kind : {"<f8", "<f4"}

    Returns
    -------
    dict
        ``is`` the type of the numbers, ``all`` in base64; or the ``different`` ones, which of them
        each run has (``at``), and how long it is (``runs``).
    """
    if vector.dtype.kind in "iu":
        kind = _smallest(vector)
    rounded = vector.astype(kind)
    plain = {"is": kind, "all": _base64(rounded, kind)}
    if not len(rounded):
        return plain
    starts = np.flatnonzero(np.append(True, rounded[1:] != rounded[:-1]))
    different, at = np.unique(rounded[starts], return_inverse=True)
    lengths = np.diff(np.append(starts, len(rounded)))
    in_runs = {
        "is": kind,
        "different": _base64(different, kind),
        "at": packed_whole(at),
        "runs": packed_whole(lengths),
    }
    return min((plain, in_runs), key=lambda each: len(str(each)))


def packed_whole(vector: NDArray[np.integer]) -> Packed:
    """Whole numbers, in as few bytes as hold them."""
    kind = _smallest(vector)
    return {"is": kind, "all": _base64(vector, kind)}


def _smallest(vector: NDArray[np.number]) -> str:
    most = int(vector.max()) if len(vector) else 0
    return "<u1" if most < 2**8 else "<u2" if most < 2**16 else "<u4"


def _base64(array: NDArray[np.number], kind: str) -> str:
    return b64encode(np.ascontiguousarray(array, dtype=kind).tobytes()).decode("ascii")
