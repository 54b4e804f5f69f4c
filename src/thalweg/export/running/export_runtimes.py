"""Run an exported model on rows, by the program of its language, where that is installed."""

import importlib.util
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from thalweg.errors import SettingsError
from thalweg.export.carried_model import CarriedModel, ExportCell, ExportRow
from thalweg.export.queries.sql_text import SOURCE, quoted
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
        If it is not installed, or if the file has types alone.
    """
    if ending in TYPES_OF:
        module = TYPES_OF[ending]
        raise SettingsError(
            f"{parameter('check')} runs a file, and {ending} has nothing that runs",
            why="It holds the types of a JavaScript module",
            fix=f"check the module, whose name ends in {module}; or leave out {parameter('check')}",
        )
    runtime = RUNTIMES[ending]
    if fix := runtime.lacks():
        raise SettingsError(
            f"{parameter('check')} needs {runtime.name}, and it is not there",
            why="The check runs the exported file and compares its answers with those of the model",
            fix=f"{fix}; or leave out {parameter('check')}",
        )
    return runtime


# --- Python and JavaScript: rows as JSON, a row on each line --------------------------------------

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


_JAVASCRIPT = """\
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
const exported = await import(pathToFileURL(process.argv[1]).href);
const places = new Map((exported.labels ?? []).map((label, place) => [label, place]));
for await (const line of createInterface({ input: process.stdin })) {
  const cells = JSON.parse(line);
  const row = Object.fromEntries(exported.columns.map((name, k) => [name, cells[k]]));
  const found = exported.predict(row);
  const place = exported.label ? places.get(exported.label(found)) ?? -1 : null;
  console.log(JSON.stringify([Array.isArray(found) ? found : [found], place]));
}
"""


def _lacks_node() -> str:
    return (
        "" if found_program("node") else "install Node, from 18 on, so that `node` is on the path"
    )


def _run_node(path: Path, model: CarriedModel, rows: list[ExportRow]) -> ExportAnswers:
    named = path.with_suffix(".mjs")  # the ending by which Node knows a module
    if named != path:
        shutil.copyfile(path, named)
    command = [found_program("node") or "node", "--input-type=module", "-e", _JAVASCRIPT]
    return _by_lines([*command, str(named)], model, rows)


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


# --- C: compiled with a program that reads rows as bytes ------------------------------------------

_COMPILERS = ("cc", "gcc", "clang")
FLAGS = ("-std=c99", "-O2", "-Wall", "-Wextra", "-Wpedantic", "-Werror")
_C = """\
#include "exported.c"
#include <stdio.h>
#include <stdlib.h>
int main(void) {
    static double x[N_NUMBERS + 1], p[N_ANSWERS + 1];
    static char *text[N_TEXTS + 1];
    for (;;) {
        for (int k = 0; k < N_NUMBERS; k++)
            if (fread(x + k, sizeof *x, 1, stdin) != 1) return 0;
        for (int k = 0; k < N_TEXTS; k++) {
            int n;
            if (fread(&n, sizeof n, 1, stdin) != 1) return 0;
            free(text[k]);
            text[k] = n < 0 ? NULL : calloc((size_t)n + 1, 1);
            if (n > 0 && (!text[k] || fread(text[k], 1, (size_t)n, stdin) != (size_t)n)) return 1;
        }
        thalweg_predict(x, (const char *const *)text, p);
        p[N_ANSWERS] = LABEL;
        if (fwrite(p, sizeof *p, N_ANSWERS + 1, stdout) != N_ANSWERS + 1) return 1;
    }
}
"""


def _lacks_compiler() -> str:
    return (
        "" if found_program(*_COMPILERS) else "install a compiler of C, so that `cc` is on the path"
    )


def run_c(
    path: Path,
    model: CarriedModel,
    rows: list[ExportRow],
    *,
    compiler: str | None = None,
    flags: Sequence[str] = FLAGS,
) -> ExportAnswers:
    """The answers of the compiled file.

    Parameters
    ----------
    path, model, rows
        As an `ExportRuntime` gives them.
    compiler : str, optional
        By default the first one that is on the path.
    flags : sequence of str
    """
    folder = path.parent
    n_texts = sum(each.is_text for each in model.inputs)
    defined = {
        "N_NUMBERS": len(model.inputs) - n_texts, "N_TEXTS": n_texts, "N_ANSWERS": model.n_answers,
        "LABEL": "thalweg_label(p)" if model.is_classifier else "0",
    }  # fmt: skip
    (folder / "main.c").write_text(_C, encoding="ascii")
    words = [f"-D{name}={value}" for name, value in defined.items()]
    compiled = str(folder / "exported")
    compiler = compiler or found_program(*_COMPILERS) or "cc"
    run_process([compiler, *flags, *words, "main.c", "-o", compiled, "-lm"], b"", str(folder))
    said = run_process([compiled], b"".join(map(_bytes, rows)))
    found = np.frombuffer(said, np.float64).reshape(len(rows), model.n_answers + 1)
    places = found[:, -1].astype(np.intp) if model.is_classifier else None
    return ExportAnswers(found[:, :-1], places)


def _bytes(row: ExportRow) -> bytes:
    """A row as the compiled program reads it: the numbers, then the texts."""
    numbers = [cell for cell in row if not isinstance(cell, str)]
    texts = [cell.encode("utf-8", "backslashreplace") for cell in row if isinstance(cell, str)]
    found = np.array(numbers, np.float64).tobytes()
    return found + b"".join(np.int32(len(each) or -1).tobytes() + each for each in texts)


# --- ONNX -----------------------------------------------------------------------------------------


def _lacks_onnxruntime() -> str:
    there = importlib.util.find_spec("onnxruntime") is not None
    return "" if there else 'pip install "thalweg[onnx]"'


def run_onnx(
    path: Path, model: CarriedModel, rows: list[ExportRow], *, optimised: bool = True
) -> ExportAnswers:
    """The answers of onnxruntime, with or without its optimisations of the graph."""
    import onnxruntime as ort  # only this check needs it

    options = ort.SessionOptions()
    if not optimised:
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    try:
        session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except Exception as why:  # its errors have no class of their own
        raise SettingsError(
            f"onnxruntime {ort.__version__} cannot read the exported file",
            why=" ".join(str(why).split())[-600:],
            fix=f"write it for an older runtime, with a lower {parameter('opset')} or none; or "
            "install a newer onnxruntime",
        ) from why
    names = [each.name for each in session.get_inputs()]
    columns = zip(*rows, strict=True) if rows else [()] * len(names)
    given = {
        name: np.array(cells, dtype=object if each.is_text else np.float64).reshape(-1, 1)
        for name, each, cells in zip(names, model.inputs, columns, strict=True)
    }
    values, *labels = session.run(None, given)
    if not labels:
        return ExportAnswers(values, None)
    known = {
        int(each) if isinstance(each, bool) else each: k for k, each in enumerate(model.labels)
    }
    places = [known.get(each, -1) for each in labels[0].tolist()]
    return ExportAnswers(values, np.array(places, np.intp))


# --- SQL: SQLite, which Python has ----------------------------------------------------------------


def _lacks_sqlite() -> str:
    try:
        with closing(sqlite3.connect(":memory:")) as database:
            database.execute("SELECT exp(1.0), tanh(1.0), row_number() OVER ()").fetchall()
    except sqlite3.Error:
        return "use a Python whose sqlite3 has mathematical functions (SQLite 3.35 or later)"
    return ""


def run_sql(path: Path, model: CarriedModel, rows: list[ExportRow]) -> ExportAnswers:
    """The answers of SQLite, in a database in memory."""
    names = [quoted(each.name) for each in model.inputs]
    kinds = ["TEXT" if each.is_text else "REAL" for each in model.inputs]
    columns = ", ".join(f"{name} {kind}" for name, kind in zip(names, kinds, strict=True))
    places = ", ".join("?" for _ in names)
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute(f"CREATE TABLE {SOURCE} ({columns})")
        database.executemany(f"INSERT INTO {SOURCE} VALUES ({places})", map(_sql_row, rows))
        # Not read as text, which would make a line feed of the carriage return in it.
        found = database.execute(path.read_bytes().decode("utf-8")).fetchall()
    return answers_of_table(model, found)


def _sql_row(row: ExportRow) -> list[ExportCell | None]:
    """A row with NULL for what is missing; a text as the database can hold it."""
    found: list[ExportCell | None] = []
    for cell in row:
        text = cell.encode("utf-8", "backslashreplace").decode() if isinstance(cell, str) else cell
        found.append(None if text != text or text == "" else text)
    return found


def answers_of_table(model: CarriedModel, rows: Sequence[Sequence[object]]) -> ExportAnswers:
    """The answers in the last columns of the rows of a query."""
    n = model.n_answers
    values = np.array([row[-n:] for row in rows], dtype=np.float64).reshape(len(rows), n)
    if not model.is_classifier:
        return ExportAnswers(values, None)
    known = {label: place for place, label in enumerate(model.labels)}
    places = [known.get(row[-n - 1], -1) for row in rows]  # type: ignore[call-overload]
    return ExportAnswers(values, np.array(places, np.intp))


def run_process(command: list[str], given: bytes, cwd: str | None = None) -> bytes:
    """What a process writes; a SettingsError with its complaint if it fails."""
    ended = subprocess.run(command, input=given, capture_output=True, check=False, cwd=cwd)
    if ended.returncode:
        name = os.path.basename(command[0])
        complaint = ended.stderr.decode("utf-8", "replace").strip().splitlines()
        raise SettingsError(
            f"{name} could not run the exported file",
            why=" ".join(complaint[-3:])[-600:],
            fix=f"install a newer {name}, or leave out {parameter('check')}",
        )
    return ended.stdout


def found_program(*names: str) -> str | None:
    """The first of some programs that is on the path."""
    return next((found for name in names if (found := shutil.which(name))), None)


# Files of types, and the module beside which TypeScript looks for each.
TYPES_OF = {".d.ts": ".js", ".d.mts": ".mjs"}
RUNTIMES: Mapping[str, ExportRuntime] = {
    ".onnx": ExportRuntime("onnxruntime", _lacks_onnxruntime, run_onnx),
    ".c": ExportRuntime("a C compiler", _lacks_compiler, run_c),
    ".js": ExportRuntime("Node", _lacks_node, _run_node),
    ".mjs": ExportRuntime("Node", _lacks_node, _run_node),
    ".py": ExportRuntime("Python", lambda: "", _run_python),
    ".sql": ExportRuntime("SQLite", _lacks_sqlite, run_sql),
}
