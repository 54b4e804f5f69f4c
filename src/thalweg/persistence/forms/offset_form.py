"""The offsets of a model in its file: whether it has some, and which column says them."""

from collections.abc import Sequence
from typing import Any

from thalweg.data.schema.schema import Schema
from thalweg.estimators.offsets.offset_of_fit import OffsetOfFit, no_intervals, power_of
from thalweg.persistence.forms.schema_form import SCHEMA
from thalweg.persistence.plain_data_checks import Form, Perhaps, number, one_of

OFFSET: dict[str, Form] = {
    "kind": one_of("offset", "exposure"),
    "level": number(1e-300, 1e300),
    "column": Perhaps(SCHEMA),
}


def offset_entry(offset: OffsetOfFit | None) -> dict[str, Any]:
    """What the header says of the offsets; nothing without them."""
    if offset is None:
        return {}
    column = {} if offset.schema is None else {"column": offset.schema.to_header()}
    return {"offset": {"kind": offset.kind, "level": offset.level, **column}}


def offset_of(
    entry: dict[str, Any] | None, loss: str | None, features: Sequence[str], *, intervals: bool
) -> OffsetOfFit | None:
    """The offsets of an entry of valid form; a ValueError if no fit gives them.

    Parameters
    ----------
    entry : dict or None
    loss : str or None
        Of a regression; None for classes.
    features : sequence of str
        The columns that the model predicts from.
    intervals : bool
        Whether the model has errors of held-out rows.
    """
    if entry is None:
        return None
    if loss is None:
        raise ValueError("a classifier has no offsets")
    if entry["kind"] == "exposure" and power_of(loss) is None:
        raise ValueError("it has exposures, and its loss has no rates")
    if entry["level"] != 1 and power_of(loss) in (None, 2.0):
        raise ValueError("the level of its weights is not that of its loss")
    schema = None
    if "column" in entry:
        schema = Schema.from_header(entry["column"])
        if schema.kinds != ("number",) or schema.names[0] in features:
            raise ValueError("the column of its offsets is no column of numbers beside the others")
    found = OffsetOfFit(entry["kind"], schema, float(entry["level"]))
    if intervals and no_intervals(found, loss) is not None:
        raise ValueError("it has intervals, and a model of rates has none")
    return found
