"""What a page may say of a table: how it is read, and what its columns are.

The names are those of `thalweg.jobs.parts.table_options.Columns` and ``Reading``. A page can say
nothing that the command line could not say.
"""

from collections.abc import Mapping
from typing import Any

from thalweg.persistence.plain_data_checks import (
    Each,
    Form,
    Maybe,
    Perhaps,
    Several,
    one_of,
    text_of,
    whole,
)

MOST_NAMED = 2000
_NAME = text_of(2000)
_NAMES = Several(_NAME, MOST_NAMED)
_WORDS = Several(text_of(200), 100)
OF_READING: dict[str, Form] = {
    "separator": Maybe(text_of(8)),
    "decimal": Maybe(one_of(".", ",")),
    "encoding": Maybe(text_of(40)),
    "sheet": Maybe(text_of(200)),
    "header_row": Maybe(whole(1, 2**31)),
}
OF_COLUMNS: dict[str, Form] = {
    **dict.fromkeys(
        ("target", "positive", "group", "time", "weight", "exposure", "offset"), Maybe(_NAME)
    ),
    **dict.fromkeys(("drop", "category", "text", "drop_missing", "ids"), _NAMES),
    "drop_row": Several(text_of(200), MOST_NAMED),
    "number": Each(Maybe(text_of(200)), MOST_NAMED),
    "date": Each(text_of(200), MOST_NAMED),
    "missing": Each(_WORDS, MOST_NAMED),
}
OF_TASK: dict[str, Form] = {"task": one_of("auto", "classification", "regression")}
CHOICES: dict[str, Form] = {
    key: Perhaps(form) for key, form in {**OF_READING, **OF_COLUMNS, **OF_TASK}.items()
}


def usual_choices() -> dict[str, Any]:
    """All choices, with nothing said."""
    lists = dict.fromkeys(("drop", "category", "text", "drop_missing", "drop_row", "ids"))
    return {
        **dict.fromkeys(OF_READING),
        **{key: None for key in OF_COLUMNS if key not in lists},
        **{key: [] for key in lists},
        **{key: {} for key in ("number", "date", "missing")},
        "task": "auto",
    }


def all_choices(said: Mapping[str, Any]) -> dict[str, Any]:
    """All choices, with what a page says."""
    return {**usual_choices(), **said}
