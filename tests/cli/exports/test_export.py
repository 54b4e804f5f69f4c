"""``thalweg export``: its files, its check, its exit codes and errors."""

import json
import re
import shlex

import pandas as pd
import pytest

from parity import FACTORS, fitted_for
from thalweg.cli.main import main
from thalweg.export.graphs.protobuf import chunk, whole
from thalweg.export.running import export_runtimes
from thalweg.jobs.exports import written_export

PLAIN = {name: values[0] for name, values in FACTORS.items()}
pytestmark = pytest.mark.filterwarnings("ignore::thalweg.errors.ThalwegWarning")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("export")
    model, frame = fitted_for({**PLAIN, "columns": "codes", "layers": 1})
    model.save(made / "m.safetensors")
    frame.to_csv(made / "t.csv", index=False)
    levels, rows = fitted_for(
        {**PLAIN, "columns": "numbers", "task": "quantile:levels=0.1/0.5/0.9"}
    )
    levels.save(made / "levels.safetensors")
    rows.to_csv(made / "numbers.csv", index=False)
    return made


@pytest.mark.parametrize("ending", [".py", ".onnx", ".sql"])
def test_a_file_is_written_and_checked(folder, ending, capsys):
    out = folder / f"m{ending}"
    words = ["export", str(folder / "m.safetensors"), "-o", str(out)]
    assert main([*words, "--check", str(folder / "t.csv")]) == 0
    said = capsys.readouterr()
    assert said.out.startswith("It takes:\n")
    assert "It gives:\n  the probabilities of" in said.out
    assert "Its answers are those of the model to 2e-06" in " ".join(said.out.split())
    assert (
        "ran the file on 150 rows: the largest difference of probabilities is"
        in said.out + said.err
    )
    assert "0 labels of 150 differ" in " ".join((said.out + said.err).split())
    seal = written_export.seal_of(str(folder / "m.safetensors"))
    assert seal.encode() in out.read_bytes()
    assert main(words) == 1  # it is there already
    assert "--force" in capsys.readouterr().err


def test_a_difference_ends_with_3(folder, monkeypatch, capsys):
    before = written_export.WRITERS[".py"]

    def wrong(model):
        return before(model) + b"\ndef predict(row):\n    return [0.5, 0.5]\n"

    monkeypatch.setattr(written_export, "WRITERS", {**written_export.WRITERS, ".py": wrong})
    words = ["export", str(folder / "m.safetensors"), "-o", str(folder / "wrong.py"), "--json"]
    assert main([*words, "--check", str(folder / "t.csv")]) == 3
    found = json.loads(capsys.readouterr().out)
    assert (found["status"], found["result"]["check"]["passed"]) == ("check", False)
    assert found["result"]["check"]["largest"] > 1e-3


def test_one_level_or_all_of_several_quantiles(folder, capsys):
    words = ["export", str(folder / "levels.safetensors"), "--check", str(folder / "numbers.csv")]
    assert main([*words, "-o", str(folder / "all.py"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["result"]["answers"] == ["q0.1", "q0.5", "q0.9"]
    assert main([*words, "-o", str(folder / "one.py"), "--target", "0.9", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["result"]["answers"] == ["value"]


def test_the_opset_of_a_graph(folder, capsys):
    out = folder / "opset.onnx"
    words = ["export", str(folder / "m.safetensors"), "-o", str(out), "--opset"]
    assert main([*words, "12"]) == 2
    assert "--opset 12 is none that an ONNX file is written for" in " ".join(
        capsys.readouterr().err.split()
    )
    assert main([*words, "20", "--check", str(folder / "t.csv"), "-q"]) == 0
    assert chunk(8, whole(2, 20)) in out.read_bytes()


def test_errors_say_what_to_do(folder, monkeypatch, capsys):
    words = ["export", str(folder / "m.safetensors"), "-o"]
    assert main([*words, str(folder / "m.exe")]) == 2
    assert ".onnx, .c, .js, .mjs, .d.ts, .d.mts, .py, .sql" in " ".join(
        capsys.readouterr().err.split()
    )
    monkeypatch.setattr(export_runtimes, "found_program", lambda *names: None)
    for ending, name in ((".c", "a C compiler"), (".js", "Node")):
        out = folder / f"n{ending}"
        assert main([*words, str(out), "--check", str(folder / "t.csv")]) == 2
        said = " ".join(capsys.readouterr().err.split())
        assert f"--check needs {name}, and it is not there" in said
        assert not out.exists()
        assert main([*words, str(out), "-q"]) == 0
        capsys.readouterr()


@pytest.mark.parametrize(("ending", "module"), [(".d.ts", ".js"), (".d.mts", ".mjs")])
def test_types_are_a_file_of_their_own_that_no_check_runs(folder, ending, module, capsys):
    out = folder / f"m{ending}"
    words = ["export", str(folder / "m.safetensors"), "-o", str(out)]
    assert main([*words, "--check", str(folder / "t.csv")]) == 2
    assert f"check the module, whose name ends in {module};" in " ".join(
        capsys.readouterr().err.split()
    )
    assert not out.exists()
    assert main([*words, "-q"]) == 0
    seal = written_export.seal_of(str(folder / "m.safetensors"))
    assert f"with the seal {seal}" in out.read_text("ascii")
    assert not (folder / f"m{module}").exists()
    assert main(words) == 1  # it is there already
    assert "--force" in capsys.readouterr().err


def test_python_has_the_same_method(folder, tmp_path):
    model, _ = fitted_for({**PLAIN, "columns": "numbers"})
    for ending in written_export.WRITERS:
        made = model.export(tmp_path / f"m{ending}")
        assert made.answer_names == ("no", "yes")
        with pytest.raises(OSError, match="overwrite=True"):
            model.export(tmp_path / f"m{ending}")


def test_a_table_that_cannot_be_read_leaves_no_file(folder, capsys):
    out = folder / "unwritten.py"
    words = ["export", str(folder / "m.safetensors"), "-o", str(out)]
    assert main([*words, "--check", str(folder / "none.csv")]) == 1
    assert "none.csv" in capsys.readouterr().err
    assert not out.exists()
    assert main([*words, "--check", str(folder / "numbers.csv")]) == 1  # other columns
    assert not out.exists()


def test_the_fix_of_a_table_that_the_check_refuses_works_as_printed(folder, cli):
    model, _ = fitted_for({**PLAIN, "columns": "numbers"})
    rows = pd.read_csv(folder / "numbers.csv").astype(object)
    first = rows.columns[0]
    rows.loc[3, first] = "k.A."
    model.save("m.safetensors")
    rows.to_csv("odd.csv", index=False)
    words = ("export", "m.safetensors", "-o", "m.py", "--check", "odd.csv")
    code, _, err = cli(*words)
    assert code == 1
    fix = re.search(r"(--missing .*?) on the command line", " ".join(err.split()))
    assert fix
    assert shlex.split(fix[1]) == ["--missing", f"{first}=k.A."]
    code, out, err = cli(*words, *shlex.split(fix[1]))
    assert code == 0, err
    assert "0 labels of" in " ".join(out.split())


def test_the_numbers_of_the_table_of_a_check_can_be_named(folder, cli):
    model, _ = fitted_for({**PLAIN, "columns": "numbers"})
    rows = pd.read_csv(folder / "numbers.csv").astype(object)
    first = rows.columns[0]
    rows[first] = "1,234"  # a thousand and more, or a bit more than one
    model.save("m.safetensors")
    rows.to_csv("odd.csv", index=False)
    words = ("export", "m.safetensors", "-o", "m.py", "--check", "odd.csv")
    assert cli(*words)[0] == 1
    code, out, err = cli(*words, "--number", f"{first}=1.234,56")
    assert code == 0, err
    assert "0 labels of" in " ".join(out.split())


def test_standard_output_is_refused_without_a_word_about_an_evaluation(folder, cli):
    code, _, err = cli("export", folder / "m.safetensors", "-o", "-")
    assert code == 2
    assert "evaluation" not in err
