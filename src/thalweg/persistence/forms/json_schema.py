"""Forms as JSON Schema, draft 2020-12: what is checked here, for programs that check elsewhere.

A schema says less than its form: numbers that belong together, such as both ends of an interval,
are checked by Python alone. Every value that has the form is valid; keys are as closed as there.
"""

import json
from collections.abc import Mapping
from typing import Any

from thalweg.persistence.plain_data_checks import (
    AnyOf,
    Each,
    Either,
    Form,
    FormRule,
    Maybe,
    Perhaps,
    Several,
)

DIALECT = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any]


_DEFINED = "#/$defs/"


def _reached(schema: Any, defined: Mapping[str, Schema]) -> set[str]:
    """The names that a schema refers to, and those that these refer to."""
    found: set[str] = set()
    waiting = [schema]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            waiting += part.values()
            name = str(part.get("$ref", "")).removeprefix(_DEFINED)
            if name in defined and name not in found:
                found.add(name)
                waiting.append(defined[name])
        elif isinstance(part, list):
            waiting += part
    return found


class SchemaWriter:
    """Writes forms as schemas.

    Parameters
    ----------
    names : mapping of str to Form
        Forms that occur several times: what says the same is written once, under ``$defs``. A form
        stands behind those that it contains.
    """

    def __init__(self, names: Mapping[str, Form]) -> None:
        self._names: dict[str, str] = {}
        self._defined: dict[str, Schema] = {}
        for name, form in names.items():
            written = self._written(form)
            if self._names.setdefault(json.dumps(written), name) == name:
                self._defined[name] = written

    def document(self, form: Form, title: str, about: str, comment: str) -> Schema:
        """A form as a schema of its own, which refers to nothing outside.

        Parameters
        ----------
        form : Form
        title, about, comment : str
            What such a document is, and who wrote the schema.
        """
        root = self._written(form)
        head = {"$schema": DIALECT, "$comment": comment, "title": title, "description": about}
        used = _reached(root, self._defined)
        defined = {"$defs": {name: self._defined[name] for name in sorted(used)}} if used else {}
        return {**head, **root, **defined}

    def _schema(self, form: Form) -> Schema:
        """What a form says, or the name of it."""
        written = self._written(form)
        name = self._names.get(json.dumps(written))
        return written if name is None else {"$ref": f"{_DEFINED}{name}"}

    def _written(self, form: Form) -> Schema:
        if isinstance(form, FormRule):
            if form.like is not None:
                return self._schema(form.like)
            assert form.schema or form.words == "anything", f"no schema says: {form.words}"
            return dict(form.schema)
        if isinstance(form, AnyOf | Either):
            return {"anyOf": _flat([self._schema(each) for each in form.forms])}
        if isinstance(form, Maybe):
            return {"anyOf": _flat([self._schema(form.form), {"type": "null"}])}
        if isinstance(form, Perhaps):
            return self._schema(form.form)
        if isinstance(form, list | Several):
            inner = self._schema(form[0] if isinstance(form, list) else form.form)
            most = {} if isinstance(form, list) else {"maxItems": form.most}
            return {"type": "array", "items": inner, **most}
        if isinstance(form, Each):
            return {"type": "object", "additionalProperties": self._schema(form.form)}
        needed = [key for key, inner in form.items() if not isinstance(inner, Perhaps)]
        return {
            "type": "object",
            "properties": {key: self._schema(inner) for key, inner in form.items()},
            "required": needed,
            "additionalProperties": False,
        }


def _flat(schemas: list[Schema]) -> list[Schema]:
    """The alternatives of alternatives side by side, each once."""
    found: list[Schema] = []
    for schema in schemas:
        for each in schema["anyOf"] if schema.keys() == {"anyOf"} else [schema]:
            if each not in found:
                found.append(each)
    return found
