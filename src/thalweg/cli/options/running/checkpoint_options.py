"""The options of what a fit keeps on the disk: its checkpoint, and the rows of a large table."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from thalweg.cli.console_listener import require_files
from thalweg.errors import SettingsError

if TYPE_CHECKING:
    from thalweg.training.checkpoint import Checkpoint

_SECONDS = {"": 1.0, "ms": 1e-3, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
_TIME = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?) ?(ms|s|m|min|h)?", re.ASCII)

CheckpointTo = Annotated[
    str | None,
    typer.Option(
        "--checkpoint",
        metavar="FILE",
        help="Write the state of the fit to this file; the same command goes on from it.",
    ),
]
CheckpointEvery = Annotated[
    str | None,
    typer.Option(
        "--checkpoint-every",
        metavar="TIME",
        help="Time between two writes of the checkpoint, such as 60s; 0: each epoch; default: 30s.",
    ),
]
KeepCheckpoint = Annotated[
    bool,
    typer.Option("--keep-checkpoint", help="Do not remove the checkpoint at the end."),
]

CacheIn = Annotated[
    str | None,
    typer.Option(
        "--cache",
        metavar="DIR",
        help="The folder for the rows of a table larger than --max-memory; it stays.",
    ),
]


def seconds(text: str) -> float:
    """``"60s"``, ``"5m"`` or ``"1.5h"`` in seconds; a number alone is seconds.

    Raises
    ------
    SettingsError
        The text is no time.
    """
    found = _TIME.fullmatch(text.strip())
    if found is None:
        fix = "write it as 30s, 5m or 1.5h, with up to nine digits"
        raise SettingsError(f'"{text}" is not a time', fix=fix)
    return float(found[1]) * _SECONDS[found[2] or ""]


@dataclass(frozen=True)
class CheckpointOptions:
    """Where and how often the state of a fit is written, and the rows of a large table."""

    checkpoint: CheckpointTo = None
    checkpoint_every: CheckpointEvery = None
    keep_checkpoint: KeepCheckpoint = False
    cache: CacheIn = None

    def asked(self) -> "Checkpoint | None":
        """The same as a job takes it.

        Raises
        ------
        SettingsError
            How it is written is said, and not where.
        """
        require_files(**{"--checkpoint": self.checkpoint})
        if self.checkpoint is None:
            given = {
                "--checkpoint-every": self.checkpoint_every is not None,
                "--keep-checkpoint": self.keep_checkpoint,
            }
            if alone := [flag for flag, is_given in given.items() if is_given]:
                raise SettingsError(
                    f"{alone[0]} is about a checkpoint, and no file for one is given",
                    fix="name the file with --checkpoint, or leave it out",
                )
            return None
        from thalweg.training.checkpoint import Checkpoint

        every = 30.0 if self.checkpoint_every is None else seconds(self.checkpoint_every)
        return Checkpoint(self.checkpoint, every_seconds=every, keep=self.keep_checkpoint)
