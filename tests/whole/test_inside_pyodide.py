"""Python in a browser: in Node what Pyodide's core can run, and the rest under CPython in disguise.

With PYODIDE_WHEELS (a folder of Pyodide with its wheels, such as an unpacked archive) all of it
runs inside Pyodide, too.
"""

import ast
import json
import os
import runpy
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import thalweg
from classroom_site import built, run_in_disguise, run_in_pyodide
from golden_models import KINDS
from places import HELPERS, MODELS, ROOT, SOURCE
from syntax import statements, tree_of
from thalweg.jobs.exports.rows_for_export import rows_for_export
from thalweg.jobs.exports.written_export import carried

PARTS = HELPERS / "all_in_a_browser.py"
FOLDER = os.environ.get("PYODIDE_WHEELS", "")
ONE_TARGET = [name for name in KINDS if not name.startswith("several")]
# What Pyodide does not have, and where thalweg asks for it: each place is no way of a browser.
NOT_THERE = {"resource", "ctypes.wintypes", "msvcrt", "winreg", "_winapi"}
NEEDS = (
    "matplotlib narwhals numpy pandas pillow platformdirs rich scikit-learn scipy threadpoolctl "
    "pydantic annotated-doc"
)

ANSWERS = """\
import importlib.util, json, sys
assert sys.platform == "emscripten"
assert importlib.util.find_spec("numpy") is None
with open("/given/rows.json") as file:
    asked = json.load(file)
for name, rows in asked.items():
    spec = importlib.util.spec_from_file_location(name, f"/given/{name}.py")
    exported = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(exported)
    found = [exported.predict(dict(zip(exported.COLUMNS, row))) for row in rows]
    labels = [exported.label(each) for each in found] if hasattr(exported, "label") else None
    print(json.dumps([name, found, labels]))
"""

IMPORTED = """\
import importlib, json, sys
import thalweg
found = {"version": thalweg.__version__, "names": len(thalweg.__all__), "errors": {}}
for name in ("ThalwegClassifier", "load_table", "lesson"):
    try:
        getattr(thalweg, name)
    except ModuleNotFoundError as error:
        found["errors"][name] = [error.name, str(error)]
for name in MODULES:
    try:
        importlib.import_module(name)
    except ImportError:
        found.setdefault("absent", []).append(name)
print(json.dumps(found))
"""


def json_cell(cell):
    return None if cell != cell else cell


# Exports inside Pyodide's core


@pytest.mark.slow
def test_an_export_of_each_kind_answers_in_pyodide_without_numpy(tmp_path, cli):
    release = MODELS / thalweg.__version__
    frame = thalweg.load_table(release / "rows.csv", need_target=False).frame
    expected, rows, tolerance = {}, {}, {}
    for name in ONE_TARGET:
        code, *_ = cli(
            "export", release / f"{name}.safetensors", "-o", tmp_path / f"{name}.py", "-q"
        )
        assert code == 0
        model = thalweg.load_model(release / f"{name}.safetensors")
        made = carried(model, "")
        rows[name] = [[*map(json_cell, row)] for row in rows_for_export(model, made, frame)]
        tolerance[name] = made.tolerance
        said = model.predict_proba(frame) if made.is_classifier else model.predict(frame)
        expected[name] = (
            np.reshape(said, (len(frame), -1)),
            (model.predict(frame).tolist() if made.is_classifier else None),
        )
    (tmp_path / "rows.json").write_text(json.dumps(rows), encoding="utf-8")
    (tmp_path / "program.py").write_text(ANSWERS, encoding="utf-8")
    printed = run_in_pyodide(tmp_path / "program.py", f"{tmp_path}=/given")
    found = {name: rest for name, *rest in map(json.loads, printed.splitlines())}
    assert set(found) == set(ONE_TARGET)
    for name, (answers, labels) in found.items():
        values, names = expected[name]
        apart = np.abs(np.reshape(answers, values.shape) - values) / np.maximum(1, np.abs(values))
        assert apart.max() <= tolerance[name], name
        assert labels == names, name


# thalweg itself inside Pyodide's core


def modules_of_the_standard_library():
    """Every module of it that thalweg imports, wherever it does."""
    found = set()
    for path in SOURCE.rglob("*.py"):
        for node in statements(tree_of(path)):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module)
    return sorted(name for name in found if name.partition(".")[0] in sys.stdlib_module_names)


@pytest.mark.slow
def test_the_wheel_is_imported_in_pyodide_and_what_lacks_is_said(tmp_path):
    site, _ = built()
    (wheel,) = (site / "pypi").glob("thalweg-*.whl")
    modules = [name for name in modules_of_the_standard_library() if name not in NOT_THERE]
    assert len(modules) > 50
    program = tmp_path / "program.py"
    program.write_text(f"MODULES = {modules}\n{IMPORTED}", encoding="utf-8")
    found = json.loads(run_in_pyodide(program, f"{wheel}=unpacked"))
    assert found["version"] == thalweg.__version__
    assert found["names"] == len(thalweg.__all__)
    assert found.get("absent", []) == []
    for name, (lacks, said) in found["errors"].items():
        assert lacks == "numpy"
        assert said.startswith(f"thalweg.{name} needs numpy, which is not installed here.")
        assert "Fix: import micropip; await micropip.install([" in said
    assert len(found["errors"]) == 3


# What a missing package says, anywhere


def test_a_missing_package_is_named_with_all_that_thalweg_needs():
    code = (
        "import sys, thalweg\n"
        "class NoScikitLearn:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'sklearn': raise ModuleNotFoundError('none', name=name)\n"
        "sys.meta_path.insert(0, NoScikitLearn())\n"
        "try: thalweg.ThalwegClassifier\n"
        "except ModuleNotFoundError as error: print(error.name, error)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.startswith(
        "sklearn thalweg.ThalwegClassifier needs scikit-learn, which is not installed here."
    )
    assert said.stdout.rstrip().endswith("scikit-learn scipy threadpoolctl typer")


def test_the_packages_of_that_message_are_those_of_the_project():
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    names = {each.partition(">=")[0] for each in project["dependencies"]} - {"numba"}
    assert set(thalweg._NEEDS.values()) == names


# All of it under CPython in disguise


@pytest.mark.slow
def test_all_of_thalweg_works_on_one_thread_without_numba():
    printed = run_in_disguise(PARTS, MODELS)
    lines = [json.loads(line) for line in printed.splitlines() if line.startswith('{"part"')]
    parts = [line["part"] for line in lines if not line["part"].startswith("lesson ")]
    named = [
        node.name
        for node in tree_of(PARTS).body
        if isinstance(node, ast.FunctionDef)
        and any(ast.unparse(each) == "part" for each in node.decorator_list)
    ]
    assert parts == named
    assert len(named) >= 12


def test_the_disguise_refuses_threads_processes_and_numba(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(
        "import importlib.util, os, subprocess, sys, threading, _thread\n"
        "print(sys.platform, os.cpu_count(), hasattr(os, 'sched_getaffinity'))\n"
        "for ask in (threading.Thread(target=print).start, lambda: _thread.start_new_thread("
        "print, ()), lambda: subprocess.run([sys.executable]), lambda: __import__('numba')):\n"
        "    try: ask()\n"
        "    except (RuntimeError, OSError, ImportError) as error: print(type(error).__name__)\n"
    )
    assert run_in_disguise(program).split() == [
        "emscripten", "1", "False", "RuntimeError", "RuntimeError", "OSError",
        "ModuleNotFoundError",
    ]  # fmt: skip


def test_in_a_browser_the_warning_of_the_engine_names_no_package(monkeypatch):
    from thalweg.network import engine

    monkeypatch.setattr(sys, "platform", "emscripten")
    what, fix = engine.cannot_compile()
    assert what == "There is no Numba in a browser"
    assert "pip" not in fix


if FOLDER:  # collected where the wheels are

    @pytest.mark.slow
    def test_all_of_thalweg_works_inside_pyodide(tmp_path):
        assert Path(FOLDER, "pyodide.mjs").is_file(), (
            f"PYODIDE_WHEELS={FOLDER} has no pyodide.mjs: name the folder of an unpacked archive"
        )
        site, _ = built()
        wheels = sorted((site / "pypi").glob("*.whl"))
        program = tmp_path / "program.py"
        text = "import sys\nsys.argv = ['all_in_a_browser.py', '/models']\n"
        program.write_text(text + PARTS.read_text("utf-8"), encoding="utf-8")
        printed = run_in_pyodide(
            program, f"{MODELS}=/models", *(f"{wheel}=unpacked" for wheel in wheels),
            core=FOLDER, packages=NEEDS,
        )  # fmt: skip
        assert '"commands"' in printed


def test_the_packages_that_are_loaded_are_those_of_the_archive():
    archive = runpy.run_path(str(ROOT / "docs" / "classroom" / "pyodide_archive.py"))
    assert set(NEEDS.split()) | {"typing-extensions"} == set(archive["THALWEG_NEEDS"])
