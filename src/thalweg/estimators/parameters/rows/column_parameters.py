"""The parameters that say how columns are read: one row each of the table of all parameters."""

from thalweg.estimators.parameters.parameter import (
    KeptAs,
    NoOption,
    Parameter,
    Special,
    Unknown,
    Words,
)

_OF_COLUMNS = "Every verb that reads a table has it."

COLUMN_PARAMETERS = (
    Parameter(
        "unknown",
        (Words.of(Unknown),),
        "warn",
        "How `predict` treats levels of a category that were not in the training table. With "
        '"warn" and "ignore" they count as one other level; "warn" also says how many there are in '
        'each column. "error" refuses them.',
        NoOption("It is an option of the verb that predicts.", "--unknown"),
    ),
    Parameter(
        "number",
        (Special.NOTATIONS, Special.COLUMNS, Special.NONE),
        None,
        "Columns that hold numbers, also where their texts look like codes: a list of names; or a "
        'dict with an example of how each is written, such as {"price": "1.234,56"}, or None where '
        "the cells tell. A fitted model keeps its own: a change matters from the next fit on.",
        NoOption(_OF_COLUMNS, "--number"),
        kept=KeptAs.COLUMNS,
        settled=True,
    ),
    Parameter(
        "category",
        (Special.COLUMNS, Special.NONE),
        None,
        "Names of columns that are categories, also where their levels are numbers.",
        NoOption(_OF_COLUMNS, "--category"),
        kept=KeptAs.COLUMNS,
        settled=True,
    ),
    Parameter(
        "text",
        (Special.COLUMNS, Special.NONE),
        None,
        "Names of columns that hold free text, or names of single rows: only whether a cell is "
        "filled counts.",
        NoOption(_OF_COLUMNS, "--text"),
        kept=KeptAs.COLUMNS,
        settled=True,
    ),
    Parameter(
        "date",
        (Special.NOTATIONS, Special.NONE),
        None,
        "How columns of dates are read, where their cells do not tell: "
        '``{"admitted": "dmy"}``. A form is ``"dmy"``, ``"mdy"``, ``"ymd"``, a format such as '
        '``"%d.%m.%Y"``, or, for numbers, ``"excel"``, ``"excel-1904"``, ``"unix"`` or '
        '``"unix-ms"`` (`thalweg.data.dates.date_reading`). Other dates are found without it.',
        NoOption(_OF_COLUMNS, "--date"),
        kept=KeptAs.COLUMNS,
        settled=True,
    ),
    Parameter(
        "missing",
        (Special.NOTATIONS, Special.COLUMNS, Special.NONE),
        None,
        "Further words for a missing value, besides empty cells, NA, N/A, nan, null and ?: a list "
        'such as ``["k.A.", "-"]`` for every column; or a dict with the words of single columns, '
        'such as ``{"age": ["-999"]}``, where ``"*"`` stands for every column. Capitals do not '
        "count. A fitted model keeps its own: a change matters from the next fit on.",
        NoOption(_OF_COLUMNS, "--missing"),
        kept=KeptAs.COLUMNS,
        settled=True,
    ),
)
