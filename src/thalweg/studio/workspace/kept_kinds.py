"""What a workspace keeps: tables, models, predictions, reports, and what is known of each file."""

from dataclasses import dataclass

from thalweg.errors import DataError
from thalweg.persistence.plain_data_checks import (
    TEXT,
    Form,
    Maybe,
    Perhaps,
    matching,
    text_of,
)
from thalweg.studio.workspace.content_ids import MOST_LETTERS

_NAME = text_of(MOST_LETTERS)
# It becomes a path on the desk of a worker, and a header: whoever has written it, it is safe.
FILE = matching("a safe name of a file", r"[a-z0-9][a-z0-9-]{0,99}(\.[a-z]{1,11})")


@dataclass(frozen=True)
class FileKind:
    """A kind of files that are kept.

    Attributes
    ----------
    folder : str
    word : str
        What one is called.
    form : dict
        The form of what is known of one, beside its bytes.
    again : str
        How to get one that is not there.
    smaller : str
        What to do about one that is too large.
    """

    folder: str
    word: str
    form: dict[str, Form]
    again: str
    smaller: str

    def absent(self) -> DataError:
        """The error for a file that is not in the workspace."""
        return DataError(
            f"There is no such {self.word} in the workspace",
            fix=f"choose one of the list, or {self.again}",
        )

    def too_large(self, most: int) -> DataError:
        """The error for a file with too many bytes."""
        return DataError(
            f"The {self.word} has more than {most / 1e6:,.0f} MB",
            why="So much is read into memory several times over",
            fix=self.smaller,
        )


TABLES = FileKind(
    "tables", "table", {"name": _NAME}, "add the file again",
    "train on the file itself with thalweg fit, which reads a larger table from the disk, "
    "or start the studio with the file: thalweg studio FILE",
)  # fmt: skip
# "name" is that of the table; "file" is what the model is called in commands and downloads;
# "search" is what a page shows of the search that gave the model; "state" is that of the file of
# the command line, if its table was that.
MODELS = FileKind(
    "models", "model",
    {
        "name": _NAME, "file": FILE, "table": Maybe(text_of(80)), "choices": Maybe(TEXT),
        "command": TEXT, "python": TEXT, "search": Perhaps(Maybe(TEXT)),
        "state": Perhaps(Maybe(text_of(80))),
    },
    "train it again", "train a smaller network, or train with thalweg fit",
)  # fmt: skip
_MADE: dict[str, Form] = {"name": _NAME, "file": FILE, "command": TEXT, "python": TEXT}
PREDICTIONS = FileKind(
    "predictions", "file of predictions", _MADE, "predict again",
    "predict with the command, which writes a file of any size",
)  # fmt: skip
REPORTS = FileKind(
    "reports", "report", _MADE, "make it again", "make it with the command thalweg report"
)
KINDS = (TABLES, MODELS, PREDICTIONS, REPORTS)
