"""Refuse, before training, what a table or settings have that no model file can store."""

from collections.abc import Sequence

from thalweg.data.schema.schema import Schema
from thalweg.data.typing import Label
from thalweg.errors import DataError, SettingsError
from thalweg.estimators.parameters.resolved_parameters import fit_settings
from thalweg.persistence.header_form import (
    HEADER,
    KINDS,
    Unstorable,
    require_grades,
    require_labels,
    require_listed,
    settings_form,
)
from thalweg.persistence.plain_data_checks import require
from thalweg.persistence.rebuilt import Model
from thalweg.persistence.stored_settings import settings_of
from thalweg.sealed_container import HeaderTooLarge, require_storable_size
from thalweg.wording import parameter, shown

CANNOT_BE_SAVED = "This model cannot be saved in a model file"
_LEAVE_OUT_FILE = f"; or leave out {parameter('output')}, and no model is saved"
_FIX_OF_TEXTS = "write texts in UTF-8"
_TEXTS_TOO_LARGE = "the names and levels of its columns are too large"
_FIX_OF_SIZE = "drop columns with very many or very long texts, or shorten the texts"


def require_storable(
    model: Model, schema: Schema, target: str | None, labels: Sequence[Label] | None
) -> None:
    """Refuse a table and settings of which no model could be saved.

    Parameters
    ----------
    model : ThalwegClassifier or ThalwegRegressor
        Not fitted.
    schema : Schema
    target : str or None
        The name of the target.
    labels : sequence of label, or None
        The different labels of a classification.

    Raises
    ------
    DataError
        A label, the name of a column or the levels are too long, too many or no text of UTF-8.
    SettingsError
        So is a setting.
    """
    kind = next(kind for kind, each in KINDS.items() if type(model) is each)
    settings = settings_of(fit_settings(model.get_params()))
    try:
        require_listed(settings, len(schema.columns))
        require_grades(settings, len(labels or ()))
        require(settings, settings_form(kind), "header.training.settings")
    except ValueError as bad:
        fix = bad.fix if isinstance(bad, Unstorable) else _FIX_OF_TEXTS
        raise SettingsError(CANNOT_BE_SAVED, why=_why(bad), fix=f"{fix}{_LEAVE_OUT_FILE}") from bad
    header, where, fix = schema.to_header(), "", ""
    try:
        if labels is not None:
            longest = max(labels, key=lambda each: len(str(each)))
            where = f"the target {shown(target)}, such as {shown(longest)}"
            require_labels({"dtype": "U", "labels": list(labels)})
        largest = max(header["columns"], key=lambda each: len(str(each)))["name"]
        where = f"the column {shown(largest)} has most"
        fix = f"shorten its texts, or leave it out with {parameter('drop', largest)}"
        require_storable_size({"schema": header})
        where = fix = ""
        require(header, HEADER["schema"], "header.schema")
        require(target, HEADER["target"], "header.target")
    except ValueError as bad:
        raise DataError(
            CANNOT_BE_SAVED,
            where=where,
            why=_why(bad),
            fix=f"{fix or fix_of(bad)}{_LEAVE_OUT_FILE}",
        ) from bad


def fix_of(bad: Exception, other: str = _FIX_OF_TEXTS) -> str:
    """The fix for what a file cannot store, by its cause."""
    if isinstance(bad, Unstorable):
        return bad.fix
    return _FIX_OF_SIZE if isinstance(bad, HeaderTooLarge) else other


def _why(bad: Exception) -> str:
    what = _TEXTS_TOO_LARGE if isinstance(bad, HeaderTooLarge) else str(bad)
    return f"It would have something that a file cannot store: {what}"
