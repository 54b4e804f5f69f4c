"""What a page needs to change a cell of a traced row: the encoder, and a control for each column.

The encoder is that of the traced network, in float64. Of the training table it has what the model
file has: the range of each number and the levels of each category.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from thalweg.data.encoding.few_row_encoding import Panel, panel_of
from thalweg.estimators.explaining.explained_answer import own_columns
from thalweg.export.packed_stages import packed, packed_form
from thalweg.export.stages import encoder_formulas
from thalweg.network.formulas.expressions.symbols import Formula
from thalweg.reporting.html_pieces import clipped
from thalweg.reporting.page.what_if_data import controls_of

if TYPE_CHECKING:
    from thalweg.persistence.rebuilt import Model

# Plain data for JSON.
Facts = dict[str, Any]


def changeable_row(model: "Model", matrix: NDArray[np.float64]) -> Facts:
    """The encoder of the first network, the rows as it reads them, and the controls.

    Parameters
    ----------
    model : ThalwegClassifier or ThalwegRegressor
        Fitted.
    matrix : ndarray of shape (n_rows, n_columns)
        The rows by the schema of the model; NaN is missing.

    Returns
    -------
    dict
        ``forms`` and ``order`` of the encoder, ``rows`` (None is missing), and for each column of
        the user's table its ``controls`` with the ``places`` in a row that it fills; or
        ``why_not``.
    """
    fitted = model._known
    if fitted.likeness is None:
        return {
            "why_not": "the model keeps no summary of its training table, as it was fitted by an "
            "earlier version or trained further"
        }
    panel = _panel(model)
    schema = fitted.schema
    owners = own_columns(schema)
    return {
        "forms": [packed_form(form, precise=True) for form in panel.forms],
        "order": packed(panel.order),
        "rows": [[None if v != v else v for v in row] for row in matrix.tolist()],
        "controls": [
            {
                **_control(control, column.levels),
                "name": clipped(column.name),
                "missing": control["missing"],
                "place": schema.columns.index(column),
                "places": np.flatnonzero(owners == own).tolist(),
            }
            for own, (column, control) in enumerate(
                zip(schema.given, controls_of(fitted), strict=True)
            )
        ],
    }


def _control(control: Facts, levels: Sequence[str]) -> Facts:
    """A control, as this page has it: a range of numbers, or a list."""
    kind = control["as"]
    if kind == "number":
        points = control["points"]
        ends = {"low": points[0], "high": points[-1], "whole": control["whole"]}
        return {"as": "number", "unit": control["unit"], **ends}
    if kind == "list":
        return {
            "as": "list",
            "levels": [[code + 1, clipped(levels[code])] for code in control["listed"]],
        }
    if kind == "truth":
        return {"as": "list", "levels": [[0, "false"], [1, "true"]]}
    return {"as": "none"}


def row_formulas(model: "Model") -> dict[str, Formula]:
    """The formulas of the encoder of the first network."""
    return encoder_formulas(_panel(model).forms)


def _panel(model: "Model") -> Panel:
    return panel_of([model.members_[0].encoder])
