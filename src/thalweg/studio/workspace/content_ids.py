"""Ids of what is kept: the SHA-256 of the bytes, so equal bytes are kept once and no name is one.

What a person calls a table is data. It is never a part of a path.
"""

import re
import unicodedata
from pathlib import PurePosixPath, PureWindowsPath

from thalweg.persistence.plain_data_checks import matching

CONTENT_ID = matching("the id of something that is kept", r"[0-9a-f]{64}")
# Letters of a name; those of a file of any system are fewer.
MOST_LETTERS = 255
_UNNAMED = "table"
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def is_content_id(text: object) -> bool:
    """Whether a text is the id of something that may be kept."""
    return CONTENT_ID.holds(text)


def plain_name(said: str) -> str:
    r"""What a file is called, from what a page says: its last part, without letters nobody sees.

    Examples
    --------
    >>> plain_name(r"C:\\tables\\my churn.csv"), plain_name("../../x.csv"), plain_name("..")
    ('my churn.csv', 'x.csv', 'table')
    """
    last = PurePosixPath(PureWindowsPath(said).name).name
    seen = "".join(each for each in last if unicodedata.category(each) not in _HIDDEN)
    name = re.sub(r"\s+", " ", seen).strip()[:MOST_LETTERS]
    return _UNNAMED if not name.strip(".") else name
