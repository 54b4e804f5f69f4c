"""Golden exports: files of earlier releases, and what this version writes for their models."""

import json
import warnings
from pathlib import Path

import numpy as np
import pytest

import thalweg
from thalweg.errors import SettingsError
from thalweg.export.running.export_runtimes import RUNTIMES
from thalweg.jobs.exports.written_export import WRITERS, carried, ending_of

FOLDERS = sorted(path for path in (Path(__file__).parents[2] / "exports").iterdir())
KINDS = ("two", "three", "levels", "counts", "grades", "target")
QUICK, SLOW = (".py", ".onnx", ".sql"), (".c", ".js")
CASES = [
    *((folder, kind, ending) for folder in FOLDERS for kind in KINDS for ending in QUICK),
    *(
        pytest.param(folder, kind, ending, marks=pytest.mark.slow)
        for folder in FOLDERS
        for kind in KINDS
        for ending in SLOW
    ),
]


@pytest.mark.quick_each(2)
@pytest.mark.parametrize(("folder", "kind", "ending"), CASES)
def test_golden_files_and_what_is_written_now_give_the_stored_answers(
    folder, kind, ending, tmp_path
):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = thalweg.load_model(folder / f"{kind}.safetensors")
    made = carried(model, "")
    stored = json.loads((folder / f"{kind}.json").read_text("ascii"))
    rows = [[np.nan if cell is None else cell for cell in row] for row in stored["rows"]]
    expected = np.array([[float.fromhex(each) for each in row] for row in stored["answers"]])
    unit = np.maximum(1.0, np.abs(expected).max())
    now = tmp_path / f"now{ending}"
    now.write_bytes(WRITERS[ending](made))
    old = tmp_path / f"old{ending}"
    old.write_bytes((folder / f"{kind}{ending}").read_bytes())
    for path in (old, now):
        renamed = path.rename(tmp_path / f"exported{ending}")
        found = RUNTIMES[ending].run(renamed, made, rows)
        np.testing.assert_allclose(
            found.values / unit, expected / unit, atol=made.tolerance, rtol=0
        )
        if stored["labels"] is not None:
            assert [made.labels[place] for place in found.places] == stored["labels"]


def test_every_kind_is_there_in_every_format():
    for folder in FOLDERS:
        for ending in (*QUICK, *SLOW, ".json", ".safetensors"):
            assert {path.stem for path in folder.glob(f"*{ending}")} == set(KINDS)


def test_golden_graphs_hold_every_bit_of_the_weights():
    for folder in FOLDERS:
        for kind in KINDS:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                model = thalweg.load_model(folder / f"{kind}.safetensors")
            data = (folder / f"{kind}.onnx").read_bytes()
            for network in model.members_:
                assert np.ascontiguousarray(network.layers[-1][0]).tobytes() in data


def test_other_endings_are_refused():
    assert ending_of("a/B.ONNX") == ".onnx"
    with pytest.raises(SettingsError, match="let the name end in one of"):
        ending_of("model.pt")
