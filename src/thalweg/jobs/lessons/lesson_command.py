"""The command that makes a lesson: what a sheet says, so that its page can be made again."""

import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from thalweg.data.notation.missing_words import EVERY
from thalweg.jobs.lessons.lesson_subject import SubjectRequest


def lesson_command(name: str, about: SubjectRequest) -> str:
    """The command of a lesson about a subject, without seed and output, for a shell.

    Examples
    --------
    >>> lesson_command("fault", SubjectRequest(table="my table.csv", row="30"))
    "thalweg lesson fault 'my table.csv' --row 30"
    """
    files = [each for each in (about.model, about.table) if each is not None]
    said = {**vars(about.columns), **vars(about.reading), "row": about.row, "empty": about.empty}
    del said["stdin"]
    return shlex.join(["thalweg", "lesson", name, *files, *option_words(said)])


def option_words(said: Mapping[str, Any]) -> list[str]:
    """Options that were given, as words of a command: ``--drop-row 3``.

    Parameters
    ----------
    said : mapping
        Values by the names of options; ``None`` was not given.
    """
    words = []
    for option, value in said.items():
        for each in _values(value):
            words += [f"--{option.replace('_', '-')}", each]
    return words


def _values(value: Any) -> Iterator[str]:
    """A value of an option, as the command line takes it: each of several by itself."""
    if value is None:
        return
    if isinstance(value, Mapping):
        for name, form in value.items():
            for each in form if isinstance(form, list | tuple) else [form]:
                yield name if each is None else str(each) if name == EVERY else f"{name}={each}"
    elif isinstance(value, list | tuple):
        yield from map(str, value)
    else:
        yield str(value)
