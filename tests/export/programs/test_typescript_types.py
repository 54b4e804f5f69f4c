"""The types of JavaScript modules: what they say, and what the TypeScript compiler accepts."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from parity import FACTORS, fitted_for, hostile_model
from thalweg.export.programs.javascript_module import javascript_module
from thalweg.export.programs.typescript_types import typescript_types
from thalweg.export.running.export_runtimes import found_program
from thalweg.jobs.exports.written_export import carried

PLAIN = {name: values[0] for name, values in FACTORS.items()}
OWN = Path(__file__).parents[2] / "helpers" / "typescript" / "node_modules" / "typescript"
pytestmark = pytest.mark.filterwarnings("ignore::thalweg.errors.ThalwegWarning")
STRICT = (
    "--strict", "--noUncheckedIndexedAccess", "--exactOptionalPropertyTypes", "--noEmit",
    "--module", "nodenext", "--target", "esnext", "--lib", "esnext",
)  # fmt: skip


def types_of(**changed):
    made = carried(fitted_for({**PLAIN, **changed})[0], "")
    return made, typescript_types(made)


def test_a_row_has_each_column_and_answers_are_counted():
    made, text = types_of(columns="codes", labels="signs")
    assert text == typescript_types(made)
    assert text.isascii()
    assert '    "age": number | "" | null | undefined;\n' in text
    assert '    "code": string | number | null | undefined;\n' in text
    assert "export type Answers = [number, number];" in text
    assert f"export type Label = {' | '.join(map(json.dumps, made.labels))};" in text
    _, text = types_of(columns="mixed", labels="truth")
    assert '    "smoker": boolean | number | "" | null | undefined;\n' in text
    assert "export type Label = false | true;" in text
    _, text = types_of(task="three", labels="whole")
    assert "export type Label = 1 | 2 | 10;" in text
    _, text = types_of(task="squared_error")
    assert "export type Answers = number;" in text
    assert "Label" not in text
    _, text = types_of(task="quantile:levels=0.1/0.5/0.9")
    assert 'answers: readonly ["q0.1", "q0.5", "q0.9"];' in text


def compiler():
    """The command of the TypeScript compiler: of `make test-all`, or on the path."""
    node = found_program("node")
    assert node, "node is not on the path, and this test needs it"
    if OWN.is_dir():
        return [node, str(OWN / "bin" / "tsc")]
    found = shutil.which("tsc")
    assert found, "run `npm ci` in tests/helpers/typescript, or put tsc on the path"
    return [found]


def complaints(folder, name, text):
    """The numbers and lines of what the compiler says of a program beside a module."""
    (folder / name).write_text(text, encoding="utf-8")
    ended = subprocess.run(
        [*compiler(), *STRICT, name], cwd=folder, capture_output=True, text=True, check=False
    )
    said = [line for line in ended.stdout.splitlines() if line.startswith(name)]
    assert bool(said) == bool(ended.returncode), ended.stdout
    return [(int(line.split("(")[1].split(",")[0]), line.split()[2]) for line in said]


RIGHT = """\
import { predict, label, columns, labels, answers, type Row, type Label } from "./m.mjs";
const row: Row = { age: 3, code: "A?", group: 2 };
const p = predict({ ...row, age: null, code: undefined });
const found: Label | null = label(p);
export const first: number = p[0] + p[1];
const names: readonly string[] = answers;
export const all = [columns.includes("age"), labels.indexOf("no"), names.length, found];
"""
WRONG = """\
import { predict, label } from "./m.mjs";
const p = predict({ age: 3, code: "A?", group: "2" });
predict({ age: 3, code: "A?" });
predict({ age: "3", code: "A?", group: "2" });
predict({ age: 3, code: true, group: "2" });
export const other: "nobody" | null = label(p);
export const third = p[2];
label([0.5]);
"""


@pytest.mark.slow
def test_the_compiler_accepts_what_is_right_and_nothing_else(tmp_path):
    made = carried(fitted_for({**PLAIN, "columns": "codes"})[0], "")
    for module, types, program in ((".mjs", ".d.mts", ".mts"), (".js", ".d.ts", ".ts")):
        folder = tmp_path / module
        folder.mkdir()
        (folder / "package.json").write_text('{"type": "module"}', encoding="ascii")
        right, wrong = (text.replace("./m.mjs", f"./m{module}") for text in (RIGHT, WRONG))
        (folder / f"m{module}").write_text(javascript_module(made), encoding="ascii")
        # Without them, every name of a module is unknown to a strict program.
        assert (1, "TS7016:") in complaints(folder, f"none{program}", right)
        (folder / f"m{types}").write_text(typescript_types(made), encoding="ascii")
        assert complaints(folder, f"right{program}", right) == []
        lines = [line for line, _ in complaints(folder, f"wrong{program}", wrong)]
        assert lines == [3, 4, 5, 6, 7, 8]


@pytest.mark.slow
@pytest.mark.parametrize("changed", [
    {"task": "three", "labels": "signs"}, {"task": "poisson", "offset": "exposure"},
    {"task": "quantile:levels=0.1/0.5/0.9", "columns": "dates"}, {"columns": "bounds"},
    {"columns": "many levels"}, {"columns": "mixed", "labels": "truth"}, {},
])  # fmt: skip
def test_types_of_every_kind_compile(changed, tmp_path):
    made = carried((fitted_for({**PLAIN, **changed}) if changed else hostile_model())[0], "")
    (tmp_path / "m.mjs").write_text(javascript_module(made), encoding="ascii")
    (tmp_path / "m.d.mts").write_text(typescript_types(made), encoding="ascii")
    text = 'import { predict, columns, answers, type Row } from "./m.mjs";\n'
    text += "export const given = (row: Row) => [predict(row), columns.length, answers[0]];\n"
    for each in made.inputs:
        text += f"export const of{each.place} = (row: Row) => row[{json.dumps(each.name)}];\n"
    assert complaints(tmp_path, "use.mts", text) == []
