"""The Python that makes a live run again, by public functions alone, with equal bits."""

import base64
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from thalweg.network.formulas.activations import Array
from thalweg.studio.runs.run_definition import RunDefinition
from thalweg.studio.runs.shared_start import OF_PRESETS
from thalweg.studio.wire.run_requests import ARTICLE

# A starting point of more bytes is read from a file: a page gets at most 1 MB of words.
MOST_WRITTEN = 450_000


class ReadTable(NamedTuple):
    """A table in Python.

    Attributes
    ----------
    line : str
        It reads the table and names it ``table``.
    said : mapping
        What else is said of its columns, as keywords.
    """

    line: str
    said: Mapping[str, Any]


# From the id of a table, and how it is read, to the Python that reads it.
ReadInPython = Callable[[str, Mapping[str, Any]], ReadTable]


def run_in_python(
    run: RunDefinition, steps: int, table: ReadTable, theta: Array | None = None
) -> str:
    """The Python that makes the first steps of a run.

    Parameters
    ----------
    run : RunDefinition
    steps : int
        The step at which it ends.
    table : ReadTable
    theta : ndarray, optional
        Its own starting point, if it has one.

    Returns
    -------
    str
        It ends with ``theta``, the weights after that step.
    """
    imports, lines = ["import thalweg"], [table.line]
    words = [repr(run.rule), repr(steps)]
    if run.changes:
        words.append(f"changes={[(each.step, each.rule) for each in run.changes]!r}")
    if theta is not None:
        more, line = _starting_point(theta)
        imports, lines = [*more, *imports], [*lines, line]
        words.append("start=start")
    told: dict[str, Any] = {} if run.rows_a_step is None else {"rows_a_step": run.rows_a_step}
    told |= {**network_words(run), **table.said}
    words += [f"{key}={each!r}" for key, each in told.items()]
    lines.append(f"theta = thalweg.theta_of_run(table, {', '.join(words)})")
    return "\n".join([*imports, "", *lines]) + "\n"


def network_words(run: RunDefinition) -> dict[str, Any]:
    """The settings that a public function needs: the preset, and what is unlike it."""
    usual = {**OF_PRESETS[run.settings["preset"]], "preset": ARTICLE}
    return {key: each for key, each in run.settings.items() if each != usual[key]}


def _starting_point(theta: Array) -> tuple[list[str], str]:
    """The imports and the lines that name it ``start``."""
    if theta.nbytes > MOST_WRITTEN:
        return ["import numpy as np", ""], (
            f"# theta.npy has to hold the {theta.size:,} weights of the point, by np.save:\n"
            "# they are too many to stand here.\n"
            'start = np.load("theta.npy")'
        )
    kind = theta.dtype.newbyteorder("<").str
    text = base64.b64encode(theta.astype(kind).tobytes()).decode()
    return ["import base64", "", "import numpy as np", ""], (
        f"start = np.frombuffer(base64.b64decode({text!r}), {kind!r})"
    )
