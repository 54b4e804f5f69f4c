"""The parameters of columns, how they are read and encoded: rows of the table of parameters."""

from thalweg.estimators.parameters.parameter import (
    Auto,
    KeptAs,
    NoOption,
    NumberScaling,
    Option,
    Parameter,
    Special,
    Unknown,
    Words,
)
from thalweg.training.descent.schedules import Range

_OF_COLUMNS = "Every verb that reads a table has it."

COLUMN_PARAMETERS = (
    Parameter(
        "n_bins",
        (Range(0, whole=True), Words.of(Auto)),
        "auto",
        "The largest number of bins in which a numeric column is encoded, in addition to the "
        "number itself (`thalweg.data.encoding.piecewise_linear`). 0: no bins. "
        '"auto": a quarter of the square root of the number of rows, from 8 to 32; fewer if all '
        "columns together would have more than 256 bins (512 from 100,000 rows on, with smaller "
        "outputs); none if the table has more than 3.5·10⁷ numbers.",
        Option("--bins", "N", "Largest number of bins of a number: N, 0 or auto."),
        said="bins",
        settled=True,
    ),
    Parameter(
        "scaling",
        (Words.of(NumberScaling),),
        "robust",
        'How numbers enter the network. "robust": centred by the median, scaled by the '
        'interquartile range, far outliers clipped smoothly. "none": as they are, up to 1e15 in '
        "size, without bins; a missing number is refused. It is for numbers that are scaled "
        "already, and for networks of other programs (`thalweg.from_sklearn`).",
        NoOption("It is for networks of other programs, which are brought over in Python."),
        said="scaling",
        kept=KeptAs.CHANGED,
        settled=True,
    ),
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
