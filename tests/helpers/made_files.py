"""Files that the command line makes once for all tests of a module; each test works on a copy."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import chdir, contextmanager
from pathlib import Path

from thalweg.cli.main import main


@contextmanager
def commands_in(folder: Path) -> Iterator[Callable[..., None]]:
    """In this folder: a function that runs a command, which has to work."""

    def run(*arguments: object) -> None:
        assert main([str(each) for each in arguments]) == 0, arguments

    with chdir(folder):
        yield run


def copied_here(folder: Path) -> None:
    """Its files, in the folder of the test."""
    shutil.copytree(folder, ".", dirs_exist_ok=True)
