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
