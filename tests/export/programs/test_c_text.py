"""Models as C: what compilers and sanitizers say, and how texts are read."""

import re
import shutil

import numpy as np
import pytest

from parity import FACTORS, fitted_for, hostile_model, odd_rows, parity
from thalweg.export.programs.c_text import c_text
from thalweg.export.programs.program_text import number_text, wrapped
from thalweg.export.running.export_runtimes import FLAGS, ExportRuntime, run_c, run_process
from thalweg.jobs.exports.rows_for_export import rows_for_export
from thalweg.jobs.exports.written_export import carried

PLAIN = {name: values[0] for name, values in FACTORS.items()}
pytestmark = pytest.mark.filterwarnings("ignore::thalweg.errors.ThalwegWarning")
COMPILERS = ("gcc", "clang")


def compiler_named(name):
    """The compiler; clang also under the name with a version, as Debian has it."""
    names = [name, *(f"{name}-{version}" for version in range(25, 12, -1))]
    found = next((each for each in names if shutil.which(each)), None)
    assert found, f"{name} is not on the path, and these tests need it"
    return found


def with_flags(*flags, compiler="cc"):
    def run(path, made, rows):
        return run_c(path, made, rows, compiler=compiler, flags=flags)

    return ExportRuntime("C", str, run)


def test_every_weight_has_its_bits_and_no_sign_leaves_ascii():
    model, _ = hostile_model()
    text = c_text(carried(model, ""))
    assert text == c_text(carried(model, ""))
    assert text.isascii()
    assert "??" not in text
    body = re.search(r"float w0_0\[\] = \{(.*?)\};", text, re.DOTALL)
    assert body
    found = [float.fromhex(each) for each in re.findall(r"[^\s,]+(?=,)", body[1])]
    W = model.members_[0].layers[0][0]
    np.testing.assert_array_equal(np.sort(found), np.sort(W.ravel().astype(float)))


def test_numbers_and_lists_as_text():
    assert number_text(-0.0, "n", "i") == "(-0.0)"
    assert [number_text(each, "n", "i") for each in (np.nan, np.inf, -np.inf)] == ["n", "i", "(-i)"]
    lines = wrapped("{", [f"{k}," for k in range(60)], "}")
    assert max(map(len, lines)) <= 100
    assert "".join(lines).replace(" ", "") == "{" + "".join(f"{k}," for k in range(60)) + "}"


@pytest.mark.slow
@pytest.mark.parametrize("name", COMPILERS)
@pytest.mark.parametrize("level", ["-O0", "-O3"])
def test_hostile_names_compile_without_a_warning(name, level):
    model, frame = hostile_model()
    flags = [each for each in FLAGS if not each.startswith("-O")]
    runtime = with_flags(*flags, level, "-trigraphs", compiler=compiler_named(name))
    assert parity(model, ".c", frame, runtime).passed


@pytest.mark.slow
def test_sanitizers_find_nothing():
    model, frame = fitted_for(
        {**PLAIN, "columns": "codes", "networks": "three", "missing": "learned"}
    )
    flags = ("-std=c99", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
    runtime = with_flags(*flags, compiler=compiler_named("gcc"))
    assert parity(model, ".c", odd_rows(model, PLAIN, frame, 300), runtime).passed


@pytest.mark.slow
def test_rows_in_sequence_shuffled_and_repeated(tmp_path):
    model, frame = fitted_for({**PLAIN, "networks": "three"})
    made = carried(model, "")
    path = tmp_path / "exported.c"
    path.write_text(c_text(made), encoding="ascii")
    rows = rows_for_export(model, made, odd_rows(model, PLAIN, frame, 200))
    order = np.random.default_rng(0).integers(0, 200, 600)
    first = run_c(path, made, rows).values
    np.testing.assert_array_equal(run_c(path, made, [rows[k] for k in order]).values, first[order])


@pytest.mark.slow
def test_texts_are_stripped_and_missing_words_are_missing(tmp_path):
    model, _ = fitted_for({**PLAIN, "columns": "codes"})
    made = carried(model, "")
    path = tmp_path / "exported.c"
    path.write_text(c_text(made), encoding="ascii")

    def answers(*texts):
        return run_c(path, made, [[40.0, text, "2"] for text in texts]).values

    same = answers("3", " 3 ", "\u00a03\t", "\ufeff3\u3000", "3.0", "3.00")
    assert (same == same[0]).all()
    missing = answers("", "NA", " n/A ", "NuLL", "?", "\u200b")
    assert (missing == missing[0]).all()
    unknown = answers("nobody", "3.1", "03.0", "-", ".0", "3.", "caf\u00e9", "n", "nul", "naN x")
    assert (unknown == unknown[0]).all()
    assert not np.array_equal(same[0], missing[0])


@pytest.mark.slow
def test_fast_math_is_refused(tmp_path):
    path = tmp_path / "exported.c"
    path.write_text(c_text(carried(hostile_model()[0], "")), encoding="ascii")
    for name in COMPILERS:
        compiler = compiler_named(name)
        with pytest.raises(Exception, match="ffast-math"):
            run_process([compiler, "-ffast-math", "-c", str(path), "-o", str(tmp_path / "o")], b"")
