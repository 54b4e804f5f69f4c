"""Files that a job is to write: seen to before it computes, and written whole when it is done."""

import os
from collections.abc import Mapping, Sequence

from thalweg.errors import SettingsError
from thalweg.files import check_writable, write_atomic
from thalweg.jobs.job_run import JobRun
from thalweg.wording import parameter

# What a table is called that is sent to the program, and lies nowhere.
STANDARD_INPUT = "-"


def check_outputs(
    outputs: Mapping[str, str | None], inputs: Sequence[str], *, overwrite: bool
) -> None:
    """Before anything is done, see whether the files can be written, and cost no other file.

    Parameters
    ----------
    outputs : mapping
        A path, or None, for each parameter that names a file.
    inputs : sequence of str
        What is read, "-" for standard input; it is not replaced even with ``overwrite``.
    overwrite : bool
    """
    taken = {os.path.realpath(path): "what is read" for path in inputs if os.path.exists(path)}
    fed = _standard_input() if STANDARD_INPUT in inputs else None
    for name, path in outputs.items():
        if path is None:
            continue
        real = os.path.realpath(path)
        if fed and os.path.exists(real) and os.path.samestat(fed, os.stat(real)):
            taken[real] = "what standard input reads"
        if real in taken:
            raise SettingsError(
                f"{parameter(name, path)} would replace {taken[real]}",
                fix=f"name another file for {parameter(name)}",
            )
        taken[real] = f"the file of {parameter(name)}"
        check_writable(path, overwrite=overwrite)


def _standard_input() -> os.stat_result | None:
    """The file that the shell feeds in, as in ``< my.csv``; None where it is closed."""
    try:
        return os.fstat(0)
    except OSError:
        return None


def write_page(run: JobRun, path: str, page: bytes, *, overwrite: bool) -> None:
    """Write the page of a report, and say so."""
    write_atomic(path, page, overwrite=overwrite)
    run.say(f"Wrote the report to {path}: open it in a browser.")


def write_shown(run: JobRun, path: str, page: str, *, overwrite: bool) -> None:
    """Write the page of a trace or a lesson, and say so."""
    write_atomic(path, page.encode(), overwrite=overwrite)
    run.say(f"Wrote the page to {path}: open it in a browser.")
