"""Exports give the answers of their models: the matrix of settings, and faults that it must see."""

import shutil
from copy import copy
from dataclasses import replace

import numpy as np
import pytest

from parity import FACTORS, fitted_for, odd_rows, pairwise, parity, run_duckdb
from thalweg import ThalwegClassifier
from thalweg.data.read import load_table
from thalweg.export import stages
from thalweg.export.graphs.onnx_graph import IR_VERSIONS
from thalweg.export.programs import encoding_program, model_program
from thalweg.export.queries.sql_text import MOST_WEIGHTS
from thalweg.export.running.export_runtimes import (
    RUNTIMES,
    TYPES_OF,
    ExportRuntime,
    run_c,
    run_onnx,
)
from thalweg.jobs.exports import checked_export
from thalweg.jobs.exports.checked_export import ExportCheck, largest_of
from thalweg.jobs.exports.written_export import WRITERS, carried, writer_of
from thalweg.persistence.model_file import model_bytes

PLAIN = {name: values[0] for name, values in FACTORS.items()}
pytestmark = pytest.mark.filterwarnings("ignore::thalweg.errors.ThalwegWarning")
SETTINGS = pairwise(200)
PARTS = 20
OPSETS = tuple(IR_VERSIONS)


def test_every_pair_of_values_occurs():
    assert len(SETTINGS) >= 200
    for name in ("activation", "task", "columns", "n_bins"):
        assert {each[name] for each in SETTINGS} == set(FACTORS[name])


def unoptimised(path, made, rows):
    return run_onnx(path, made, rows, optimised=False)


def compiled(name, level):
    """C by gcc or clang, with or without optimisation."""

    def run(path, made, rows):
        names = [name, *(f"{name}-{version}" for version in range(25, 12, -1))]
        compiler = next((each for each in names if shutil.which(each)), None)
        assert compiler, f"{name} is not on the path, and this test needs it"
        flags = ("-std=c99", level, "-Wall", "-Wextra", "-Wpedantic", "-Werror")
        return run_c(path, made, rows, compiler=compiler, flags=flags)

    return ExportRuntime(f"{name} {level}", str, run)


# What runs each setting: C by both compilers, with and without optimisation.
IN_C = [compiled(name, level) for name in ("gcc", "clang") for level in ("-O0", "-O3")]
WAYS = {
    ".py": RUNTIMES[".py"],
    ".onnx": RUNTIMES[".onnx"],
    "onnx of each opset": RUNTIMES[".onnx"],
    "onnx unoptimised": ExportRuntime("ORT", str, unoptimised),
    ".js": RUNTIMES[".js"],
    ".sql": RUNTIMES[".sql"],
    "sql in DuckDB": ExportRuntime("DuckDB", str, run_duckdb),
    **{each.name: each for each in IN_C},
}
ENDINGS = {
    "onnx of each opset": ".onnx", "onnx unoptimised": ".onnx", "sql in DuckDB": ".sql",
    **dict.fromkeys([each.name for each in IN_C], ".c"),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_the_matrix(part):
    for number in range(part, len(SETTINGS), PARTS):
        setting = SETTINGS[number]
        model, frame = fitted_for(setting, number)
        rows = odd_rows(model, setting, frame, 1000)
        for way, runtime in WAYS.items():
            ending = ENDINGS.get(way, way)
            if ending == ".sql" and carried(model, "").n_weights > MOST_WEIGHTS:
                continue
            few = rows[:300] if ending == ".sql" else rows
            opset = OPSETS[number % len(OPSETS)] if way == "onnx of each opset" else None
            writer = writer_of(f"m{ending}", opset)
            found = parity(model, ending, few, runtime, writer)
            assert found.passed, (way, number, found, setting)


@pytest.mark.slow
def test_the_graph_of_the_default_model_is_about_as_large_as_its_file():
    table = load_table("wisconsin")
    model = ThalwegClassifier(random_state=0).fit(table.frame, table.target)
    data = WRITERS[".onnx"](carried(model, ""))
    assert len(data) <= 1.3 * len(model_bytes(model))
    for ending in (".onnx", ".c", ".js", ".py"):
        assert parity(model, ending, table.frame).passed


# Of each task and way to encode some, in a runtime that every machine has.
QUICK = [
    ({"task": "two", "missing": "learned", "networks": "three", "costs": True, "layers": 1}, ".py"),
    ({"task": "three", "networks": "folds", "corrected": True, "columns": "numbers"}, ".sql"),
    ({"task": "grades", "columns": "numbers", "n_bins": 2, "dtype": "float64"}, ".onnx"),
    ({"task": "quantile:levels=0.1/0.5/0.9", "columns": "dates", "networks": "three"}, ".onnx"),
    ({"task": "squared_error", "columns": "nothing", "missing": "learned"}, ".onnx"),
    ({"task": "poisson", "offset": "offset", "columns": "two levels", "layers": 2}, ".sql"),
]


@pytest.mark.parametrize(("changed", "ending"), QUICK)
def test_some_of_the_matrix(changed, ending):
    setting = {**PLAIN, **changed}
    model, frame = fitted_for(setting)
    found = parity(model, ending, odd_rows(model, setting, frame, 60))
    assert found.passed, found


# --- planted faults -------------------------------------------------------------------------------


def swapped_bins(monkeypatch):
    before = encoding_program.EncodingProgram._ramps

    def wrong(self, form, inputs, first):
        form.least[[-1, -2]] = form.least[[-2, -1]]
        form.start[[-1, -2]] = form.start[[-2, -1]]
        return before(self, form, inputs, first)

    monkeypatch.setattr(encoding_program.EncodingProgram, "_ramps", wrong)


def no_shift(monkeypatch):
    before = stages._network
    monkeypatch.setattr(
        stages, "_network", lambda network: replace(before(network), shift=np.zeros(1))
    )


def one_network_less(monkeypatch):
    before = model_program._means
    monkeypatch.setattr(model_program, "_means", lambda each, n: before(each[:-1], n))


def at_least(monkeypatch):
    before = model_program.op
    monkeypatch.setattr(
        model_program, "op", lambda name, *each: before(">=" if name == ">" else name, *each)
    )


@pytest.mark.parametrize("fault", [swapped_bins, no_shift, one_network_less])
def test_a_planted_fault_is_found(fault, monkeypatch):
    setting = {**PLAIN, "columns": "numbers", "networks": "three", "costs": True, "n_bins": 2}
    model, frame = fitted_for(setting)
    rows = odd_rows(model, setting, frame, 40)
    assert parity(model, ".py", rows).passed
    fault(monkeypatch)
    assert not parity(model, ".py", rows).passed


def test_a_probability_at_the_threshold_itself_is_called_as_the_model_calls_it(monkeypatch):
    setting = {**PLAIN, "columns": "numbers", "dtype": "float64", "layers": 1}
    model, frame = fitted_for(setting)
    model, rows = copy(model), frame[:1]
    model.threshold_ = float(model.predict_proba(rows)[0, 1])
    assert parity(model, ".py", rows).labels == 0
    at_least(monkeypatch)
    found = parity(model, ".py", rows)
    assert (found.labels, found.excused) == (1, 1)


# --- what a check says ----------------------------------------------------------------------------


def test_the_sentences_of_a_check():
    found = ExportCheck("Node", 10, 30, 3e-8, 2e-6, 2, 1)
    assert not found.passed
    assert found.sentences() == [
        "Node ran the file on 10 rows of 30: the largest difference of probabilities is 3e-08, "
        "within the tolerance of 2e-06.",
        "2 labels of 10 differ, 1 of them at the threshold itself.",
    ]
    assert ExportCheck("Node", 10, 10, 1e-3, 2e-6, None, None).passed is False
    assert largest_of(np.array([[0.0, np.nan]])) == np.inf


def test_of_many_rows_some_that_are_evenly_spread_are_compared(monkeypatch):
    setting = {**PLAIN, "columns": "numbers", "task": "squared_error"}
    model, frame = fitted_for(setting)
    monkeypatch.setattr(checked_export, "MOST_ROWS", 7)
    found = parity(model, ".sql", frame)
    assert (found.rows, found.rows_of_table, found.passed) == (7, len(frame), True)


def test_each_ending_has_a_writer_and_a_runtime():
    assert set(WRITERS) == {*RUNTIMES, *TYPES_OF}
    assert set(TYPES_OF.values()) <= set(RUNTIMES)
