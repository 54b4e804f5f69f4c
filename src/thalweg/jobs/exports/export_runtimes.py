"""Run an exported model on rows, by the program of its language, where that is installed."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from thalweg.errors import SettingsError
from thalweg.export.carried_model import CarriedModel
from thalweg.jobs.exports.rows_for_export import ExportCell, ExportRow
from thalweg.wording import parameter

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ExportAnswers:
    """What an exported model says of rows.

    Attributes
    ----------
    values : ndarray of float64, shape (n_rows, n_answers)
    places : ndarray of int, shape (n_rows,), or None
        Of classes, the place of the label; -1 for none.
    """

    values: Floats
    places: NDArray[np.intp] | None


@dataclass(frozen=True, eq=False)
class ExportRuntime:
    """What runs the exports of one language.

    Attributes
    ----------
    name : str
    lacks : function
        How to install it, or nothing if it is there.
    run : function
        From the path of the exported file, the model and rows to its answers.
    """

    name: str
    lacks: Callable[[], str]
    run: Callable[[Path, CarriedModel, list[ExportRow]], ExportAnswers]


def require_runtime(ending: str) -> ExportRuntime:
    """The runtime of a kind of file.

    Raises
    ------
    SettingsError
        If it is not installed.
    """
    runtime = RUNTIMES[ending]
    if fix := runtime.lacks():
        raise SettingsError(
            f"{parameter('check')} needs {runtime.name}, and it is not there",
            why="The check runs the exported file and compares its answers with those of the model",
            fix=f"{fix}; or leave out {parameter('check')}",
        )
    return runtime


# --- Python and JavaScript: rows as JSON, a row on each line ----------------------------------------

_PYTHON = """\
import importlib.util, json, sys
spec = importlib.util.spec_from_file_location("exported", sys.argv[1])
exported = importlib.util.module_from_spec(spec)
spec.loader.exec_module(exported)
for line in sys.stdin:
    found = exported.predict(dict(zip(exported.COLUMNS, json.loads(line))))
    place = exported._place(found) if hasattr(exported, "_place") else None
    print(json.dumps([found if isinstance(found, list) else [found], place]))
"""


def _run_python(path: Path, model: CarriedModel, rows: list[ExportRow]) -> ExportAnswers:
    return _by_lines([sys.executable, "-I", "-S", "-B", "-c", _PYTHON, str(path)], model, rows)


def _by_lines(command: list[str], model: CarriedModel, rows: list[ExportRow]) -> ExportAnswers:
    """The answers of a process that reads a row of JSON on each line, and writes one."""
    lines = "".join(f"{json.dumps([_json(cell) for cell in row])}\n" for row in rows)
    said = run_process(command, lines.encode("ascii"))
    found = [json.loads(line) for line in said.splitlines()]
    values = np.array(
        [[np.nan if each is None else each for each in answers] for answers, _ in found],
        dtype=np.float64,
    ).reshape(len(rows), model.n_answers)
    places = np.array([place for _, place in found], np.intp) if model.is_classifier else None
    return ExportAnswers(values, places)


def _json(cell: ExportCell) -> ExportCell | None:
    return None if cell != cell else cell


# --- ONNX -------------------------------------------------------------------------------------------


def _lacks_onnxruntime() -> str:
    there = importlib.util.find_spec("onnxruntime") is not None
    return "" if there else 'pip install "thalweg[onnx]"'


def run_onnx(
    path: Path, model: CarriedModel, rows: list[ExportRow], *, optimised: bool = True
) -> ExportAnswers:
    """The answers of onnxruntime, with or without its optimisations of the graph."""
    import onnxruntime as ort

    options = ort.SessionOptions()
    if not optimised:
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    names = [each.name for each in session.get_inputs()]
    columns = zip(*rows, strict=True) if rows else [()] * len(names)
    given = {
        name: np.array(cells, dtype=object if each.is_text else np.float64).reshape(-1, 1)
        for name, each, cells in zip(names, model.inputs, columns, strict=True)
    }
    values, *labels = session.run(None, given)
    if not labels:
        return ExportAnswers(values, None)
    known = {int(each) if isinstance(each, bool) else each: k for k, each in enumerate(model.labels)}
    places = [known.get(each, -1) for each in labels[0].tolist()]
    return ExportAnswers(values, np.array(places, np.intp))


def run_process(command: list[str], given: bytes, cwd: str | None = None) -> bytes:
    """What a process writes; a SettingsError with its complaint if it fails."""
    ended = subprocess.run(command, input=given, capture_output=True, check=False, cwd=cwd)
    if ended.returncode:
        complaint = ended.stderr.decode("utf-8", "replace").strip().splitlines()
        raise SettingsError(
            f"{os.path.basename(command[0])} could not run the exported file",
            why=" ".join(complaint[-3:])[-600:],
            fix=f"leave out {parameter('check')}, or install a newer {os.path.basename(command[0])}",
        )
    return ended.stdout


def found_program(*names: str) -> str | None:
    """The first of some programs that is on the path."""
    return next((found for name in names if (found := shutil.which(name))), None)


RUNTIMES: Mapping[str, ExportRuntime] = {
    ".onnx": ExportRuntime("onnxruntime", _lacks_onnxruntime, run_onnx),
    ".py": ExportRuntime("Python", lambda: "", _run_python),
}
