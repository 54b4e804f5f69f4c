"""The form of a schema in a model file: its columns, and how their texts are read."""

import sys

from thalweg.persistence.plain_data_checks import (
    TEXT,
    Each,
    Form,
    FormRule,
    Maybe,
    Perhaps,
    list_of,
    one_of,
    text_of,
    whole,
)

# As long as an example of a written number may be.
_LONGEST_EXAMPLE = 64
_EXAMPLE = text_of(_LONGEST_EXAMPLE)
EXAMPLES = FormRule(
    "names of columns, each with an example, words, or null",
    lambda value: (
        type(value) is dict
        and all(map(TEXT.holds, value))
        and all(
            each is None
            or all(
                TEXT.holds(word) and len(word) <= _LONGEST_EXAMPLE
                for word in (each if type(each) is list else [each])
            )
            for each in value.values()
        )
    ),
    like=Each(Maybe(_EXAMPLE | list_of(_EXAMPLE))),
)
# How the texts of a column are read; `data.notation` knows what each entry may be.
_NOTATION = Each(
    FormRule(
        "true, false, a number or a short text",
        lambda value: (
            type(value) in (bool, int) or (TEXT.holds(value) and len(value) <= _LONGEST_EXAMPLE)
        ),
        like=one_of(True, False) | whole(-sys.maxsize) | _EXAMPLE,
    ),
    most=16,
)
MISSING = list_of(TEXT) | EXAMPLES
SCHEMA: dict[str, Form] = {
    "columns": [
        {
            "name": TEXT,
            "kind": TEXT,
            "levels": Perhaps(list_of(TEXT)),
            "notation": Perhaps(_NOTATION),
            "of": Perhaps(TEXT),
        }
    ],
    "missing": Perhaps(MISSING),
}
