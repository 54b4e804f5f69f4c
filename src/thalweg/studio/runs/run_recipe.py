"""The Python that makes a live run again, with the bits that the studio has."""

import base64
from collections.abc import Sequence
from typing import Any

from thalweg.network.formulas.activations import Array
from thalweg.studio.runs.run_definition import RunDefinition
from thalweg.studio.runs.shared_start import OF_ARTICLE, OF_DEFAULT
from thalweg.studio.wire.run_requests import DEFAULT

# A starting point of more bytes is read from a file: a page gets at most 1 MB of words.
MOST_WRITTEN = 450_000


def run_in_python(
    run: RunDefinition, steps: int, load: Sequence[str], theta: Array | None = None
) -> str:
    """The Python that makes the first steps of a run.

    Parameters
    ----------
    run : RunDefinition
    steps : int
        The step at which it ends.
    load : sequence of str
        Lines that read the table, with their imports; the last one names it ``table``.
    theta : ndarray, optional
        Its own starting point, if it has one.

    Returns
    -------
    str
        It ends with ``theta``, the weights after that step.
    """
    imports = [
        "from thalweg.landscape.runs.own_batches import with_own_batches",
        "from thalweg.landscape.runs.presets import Preset",
        "from thalweg.training.stepping.stepped_run import SteppedRun",
    ]
    more, network = network_in_python(run)
    imports, lines = [*imports, *more], [*load, *network]
    if theta is not None:
        imports += ["import base64", "from dataclasses import replace", "import numpy as np"]
        lines += _starting_point(theta)
    rows = "" if run.rows_a_step is None else f", rows_a_step={run.rows_a_step}"
    lines += [
        f'member, last = with_own_batches(member, Preset({run.name!r}, {run.rule!r}, ""{rows}))',
        "run = SteppedRun(member, last_step=last)",
    ]
    done = 0
    for change in run.changes:
        if change.step > done:
            lines.append(f"run.advance({change.step - done})")
        lines.append(f"run = run.changed({change.rule!r})")
        done = change.step
    lines += [f"run.advance({steps - done})", "theta = run.theta"]
    return "\n".join([*_sorted(imports), "", *lines]) + "\n"


def network_in_python(run: RunDefinition) -> tuple[list[str], list[str]]:
    """The imports and the lines that make ``member``, what all runs of a table share."""
    if run.settings["preset"] == DEFAULT:
        imports = ["from thalweg.studio.runs.own_settings import own_member"]
        return imports, [f"member = own_member(table{_said(run, OF_DEFAULT)})"]
    words = _said(run, {**OF_ARTICLE, "held_out": 0.0})
    imports = ["from thalweg.landscape.race_on_table import member_of"]
    return imports, [f"member, about = member_of(table{words})"]


def _said(run: RunDefinition, usual: dict[str, Any]) -> str:
    """The settings that are not the usual ones, as further arguments."""
    said = {key: each for key, each in run.settings.items() if each != usual[key]}
    if "hidden" in said:
        said["hidden"] = tuple(said["hidden"])
    return "".join(f", {key}={each!r}" for key, each in said.items())


def _starting_point(theta: Array) -> list[str]:
    if theta.nbytes > MOST_WRITTEN:
        return [
            f"# theta.npy has to hold the {theta.size:,} weights of the point, written by np.save:",
            "# they are too many to stand here.",
            'member = replace(member, theta=np.load("theta.npy").astype(member.theta.dtype))',
        ]
    kind = theta.dtype.newbyteorder("<").str
    text = base64.b64encode(theta.astype(kind).tobytes()).decode()
    return [
        f"start = np.frombuffer(base64.b64decode({text!r}), {kind!r})",
        "member = replace(member, theta=start.astype(member.theta.dtype))",
    ]


def _sorted(imports: Sequence[str]) -> list[str]:
    """Imports of the standard library first, then NumPy, then our own."""
    return sorted(imports, key=lambda line: ("thalweg" in line, "numpy" in line, line))
