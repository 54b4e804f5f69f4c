"""The rows of a table as an exported model takes them: numbers and texts, as its contract says."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from thalweg.data.cells import level_of
from thalweg.estimators.offsets.given_offsets import sizes_of_more
from thalweg.export.carried_model import CarriedInput, CarriedModel, ExportCell, ExportRow
from thalweg.jobs.parts.model_table import Features

if TYPE_CHECKING:
    from thalweg.persistence.rebuilt import Model


def rows_for_export(model: "Model", carried: CarriedModel, X: Features) -> list[ExportRow]:
    """The cells of each row, in the order of the inputs.

    Parameters
    ----------
    model : ThalwegClassifier or ThalwegRegressor
    carried : CarriedModel
        What was exported of it.
    X : DataFrame or ndarray
        Rows as the model takes them.
    """
    schema = model.schema_
    matrix = schema.matrix(X, unknown="ignore")
    table = schema.table(X)
    places = {name: place for place, name in enumerate(table.names)}
    columns: list[list[ExportCell]] = []
    for given in carried.inputs:
        if given.kind == "offset":
            columns.append(list(_sizes(model, carried, X)))
        elif not given.is_text:
            columns.append(matrix[:, given.place].tolist())
        else:
            place = places[given.name] if table.named else given.place
            cells = table.column(place).without_datetimes().values
            codes = matrix[:, given.place]
            columns.append(
                [_text(given, cell, code) for cell, code in zip(cells, codes, strict=True)]
            )
    return [list(row) for row in zip(*columns, strict=True)]


def _sizes(model: "Model", carried: CarriedModel, X: Features) -> list[float]:
    """The offsets or exposures of the rows, as they are given to the export."""
    assert carried.offset is not None
    known = model._known
    sizes: NDArray[np.float64] = sizes_of_more(known.offset, None, X, known.first.outputs.loss)
    found: list[float] = (np.log(sizes) if carried.offset.is_log else sizes).tolist()
    return found


def _text(given: CarriedInput, cell: object, code: float) -> str:
    """The text of a cell as the contract wants it: that of its level if it names one."""
    if code != code:
        return ""
    text = level_of(cell) or ""
    if given.kind == "category" and code > 0 and text not in dict(given.codes):
        return given.levels[int(code) - 1]
    return text
