"""The options of ``predict`` for folders and large files."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import typer

PartFormat = Annotated[
    Literal["csv", "parquet"] | None,
    typer.Option(
        "--part-format",
        help="Of a folder: write its predictions so; by default as its files are.",
    ),
]
Resume = Annotated[
    bool,
    typer.Option("--resume", help="Of a folder: skip the files that an earlier run finished."),
]
Jobs = Annotated[
    int | None,
    typer.Option(
        "--n-jobs", metavar="N", help="The threads for a large file; by default all cores."
    ),
]


@dataclass(frozen=True)
class StreamOptions:
    """How a folder or a large file is predicted."""

    part_format: PartFormat = None
    resume: Resume = False
    n_jobs: Jobs = None

    def asked(self) -> dict[str, Any]:
        """The same as a job takes them."""
        return vars(self)
