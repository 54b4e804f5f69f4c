"""The forms of all JSON documents that the program writes, and their JSON Schemas.

A verb has one document: its head, what was read, the result, warnings and the error. Beside it
there are files that hold JSON, and the header of a model file.
"""

from collections.abc import Mapping
from copy import deepcopy
from functools import cache
from importlib.metadata import version

from thalweg.jobs.documents.answer_forms import (
    CARD,
    CARDS,
    COMPILED,
    DECISION,
    DRIFT,
    EXPLANATION_FILES,
    EXPLANATIONS,
    EXPORT,
    FINDINGS,
    PREDICTIONS,
)
from thalweg.jobs.documents.fit_forms import EVALUATIONS, FITS, REPORTS_MADE, SHOWN, TUNED
from thalweg.jobs.documents.header_of_files import MODEL_HEADER
from thalweg.jobs.documents.landscape_forms import CURVE, LANDSCAPE, RACE, SWEEP, SWEEPS
from thalweg.jobs.documents.shared_forms import (
    COUNT,
    LARGER_TABLE,
    NAMED_TABLE,
    NAMES,
    OUT_OF_RANGE,
    TABLE,
    TEXTS,
    WEIGHTS,
    Fields,
)
from thalweg.jobs.documents.trace_forms import CHAIN, LESSONS, TRACES, UPDATE
from thalweg.persistence.forms.json_schema import Schema, SchemaWriter
from thalweg.persistence.plain_data_checks import (
    TEXT,
    Either,
    Form,
    Maybe,
    Perhaps,
    one_of,
)

_NOTHING = one_of(None)
_CHECKED: Form = {
    "name": TEXT,
    "rows": COUNT,
    "columns": TEXTS,
    **dict.fromkeys(("target", "group", "weight", "test"), Maybe(TEXT)),
    "targets": Perhaps(TEXTS),
    "notes": TEXTS,
}
_DECIDED: Form = {
    "name": TEXT,
    "rows": COUNT,
    "rows_used": COUNT,
    "weights": WEIGHTS,
    "trained_on": Maybe(COUNT),
    "notes": TEXTS,
}
_PREDICTED: Form = {
    "name": TEXT,
    "unit": Maybe(TEXT),
    "rows": COUNT,
    "columns": TEXTS,
    "ignored": TEXTS,
    "out_of_range": OUT_OF_RANGE,
    "notes": TEXTS,
}
_ANY_TABLE = Either((*TABLE.forms, LARGER_TABLE))
_TABLE_OR_NAME = Either((*TABLE.forms, NAMED_TABLE))


def _one_of(forms: tuple[Fields, ...] | Fields) -> Form:
    return forms if isinstance(forms, dict) else Either(forms)


# What was read, and the result.
PARTS: dict[str, tuple[Form, Form]] = {
    "card": (Maybe(_TABLE_OR_NAME), _one_of(CARDS)),
    "check": (_CHECKED, FINDINGS),
    "decide": (Maybe(_DECIDED), DECISION),
    "drift": (NAMED_TABLE, DRIFT),
    "evaluate": (_ANY_TABLE, _one_of(EVALUATIONS)),
    "explain": (NAMED_TABLE, _one_of(EXPLANATIONS)),
    "export": (Maybe(NAMED_TABLE), EXPORT),
    "fit": (_ANY_TABLE, _one_of(FITS)),
    # The hills are no table.
    "landscape": (Either(({"name": TEXT}, NAMED_TABLE)), LANDSCAPE),
    "lesson": (Maybe(_TABLE_OR_NAME), _one_of(LESSONS)),
    "predict": (_PREDICTED, _one_of(PREDICTIONS)),
    "report": (Maybe(_TABLE_OR_NAME), REPORTS_MADE),
    "show": (_NOTHING, _one_of(SHOWN)),
    "sweep": (_TABLE_OR_NAME, _one_of(SWEEPS)),
    "trace": (Maybe(_TABLE_OR_NAME), _one_of(TRACES)),
    "tune": (TABLE, TUNED),
    "warm": (_NOTHING, COMPILED),
}
_ERROR: Form = {
    **dict.fromkeys(("code", "what", "where", "why", "fix"), TEXT),
    # Of an interrupted verb.
    "signal": Perhaps(TEXT),
    "checkpoint": Perhaps(TEXT),
    "command": Perhaps(TEXT),
}
_NAMES: Fields = {**NAMES, "chain": CHAIN, "update": UPDATE, "race": RACE}


def document_form(verb: str | None) -> Fields:
    """The form of the document of a verb; None is no verb of the program.

    What was read and the result are null if an error or a signal came before them.
    """
    data, result = PARTS[verb] if verb is not None else (_NOTHING, _NOTHING)
    return {
        "thalweg": TEXT,
        "schema": one_of(1),
        "verb": one_of(verb),
        "status": one_of("ok", "failed", "usage", "check"),
        "seed": Maybe(COUNT),
        "data": data if isinstance(data, Maybe) else Maybe(data),
        "result": Maybe(result),
        "warnings": [dict.fromkeys(("code", "text", "fix"), TEXT)],
        "error": Maybe(_ERROR),
    }


# Files of JSON, by what they are called here: the command that writes one, and its form. Of a model
# file it is the header, in the newest format.
FILES: Mapping[str, tuple[str, Form]] = {
    "card-file": ("thalweg card MODEL -o card.json", CARD),
    "explain-file": ("thalweg explain MODEL TABLE -o FILE.json", Either(EXPLANATION_FILES)),
    "model-header": ("thalweg fit TABLE -o MODEL", MODEL_HEADER),
    "sweep-file": ("thalweg sweep TABLE -o FILE.json", Either((SWEEP, CURVE))),
}


def json_schemas() -> dict[str, Schema]:
    """Give the JSON Schemas of all documents that thalweg writes.

    Returns
    -------
    dict of str to dict
        The schema, of draft 2020-12, of what each verb prints with ``--json``, such as ``"check"``,
        and of each file of JSON, such as ``"card-file"``. It may be changed.

    See Also
    --------
    ThalwegClassifier.card : Its ``as_dict`` is the document of the schema ``"card-file"``.

    Examples
    --------
    >>> from thalweg import json_schemas
    >>> json_schemas()["check"]["title"]
    'thalweg check'
    """
    return deepcopy(_made())


@cache
def _made() -> dict[str, Schema]:
    writer, comment = SchemaWriter(_NAMES), f"Made from the forms of thalweg {version('thalweg')}"
    told = {
        verb: (document_form(verb), f"What `thalweg {verb} --json` prints.") for verb in PARTS
    } | {name: (form, f"What `{command}` writes.") for name, (command, form) in FILES.items()}
    return {
        name: writer.document(form, f"thalweg {name}", about, comment)
        for name, (form, about) in told.items()
    }
