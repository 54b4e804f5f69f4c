"""Output files of a job: checked before it computes, written completely or not at all."""

import os
from collections.abc import Mapping, Sequence

from thalweg.errors import SettingsError
from thalweg.files import check_writable, write_atomic
from thalweg.jobs.running.job_run import JobRun
from thalweg.wording import parameter

# The name of a table that comes from standard input.
STANDARD_INPUT = "-"


def check_outputs(
    outputs: Mapping[str, str | None], inputs: Sequence[str], *, overwrite: bool
) -> None:
    """Check that the files can be written, and that none replaces an input or another output.

    Parameters
    ----------
    outputs : mapping
        A path, or None, for each parameter that names a file.
    inputs : sequence of str
        The files that are read, "-" for standard input; not even ``overwrite`` replaces them.
    overwrite : bool
    """
    taken: dict[str, str] = {}
    for name, path in outputs.items():
        if path is None:
            continue
        real = os.path.realpath(path)
        if replaced := what_it_replaces(path, inputs) or taken.get(real):
            raise SettingsError(
                f"{parameter(name, path)} would replace {replaced}",
                fix=f"name another file for {parameter(name)}",
            )
        taken[real] = f"the file of {parameter(name)}"
        check_writable(path, overwrite=overwrite)


def what_it_replaces(path: str, inputs: Sequence[str]) -> str:
    """The words for what is read, if a file at that path would replace it; else nothing.

    Parameters
    ----------
    path : str
        Links are followed.
    inputs : sequence of str
        The files that are read, "-" for standard input.
    """
    real = os.path.realpath(path)
    fed = _standard_input() if STANDARD_INPUT in inputs else None
    if fed and os.path.exists(real) and os.path.samestat(fed, os.stat(real)):
        return "what standard input reads"
    read = {os.path.realpath(each) for each in inputs if os.path.exists(each)}
    return "what is read" if real in read else ""


def _standard_input() -> os.stat_result | None:
    """The file that the shell redirects, as in ``< my.csv``; None if standard input is closed."""
    try:
        return os.fstat(0)
    except OSError:
        return None


def write_page(run: JobRun, path: str, page: bytes, *, overwrite: bool) -> None:
    """Write the HTML file of a report, and say so."""
    write_atomic(path, page, overwrite=overwrite)
    run.say(f"Wrote the report to {path}: open it in a browser.")


def write_shown(run: JobRun, path: str, page: str, *, overwrite: bool) -> None:
    """Write the HTML file of a trace or a lesson, and say so."""
    write_atomic(path, page.encode(), overwrite=overwrite)
    run.say(f"Wrote the page to {path}: open it in a browser.")
