"""What each release wrote is read, and answers as it did (`make golden-models` writes it)."""

import json

import numpy as np
import pytest

import golden_models
import thalweg
from golden_models import KINDS, answers
from places import MODELS
from thalweg import ModelVersionError, load_model
from thalweg.persistence.forms.file_formats import FORMAT_OF_SEVERAL
from thalweg.sealed_container import seal, unseal

RELEASES = sorted(path.parent for path in MODELS.glob("*/rows.csv"))
GOLDEN = [
    pytest.param(path, id=f"{path.parent.name}-{path.stem}")
    for release in RELEASES
    for path in sorted(release.glob("*.safetensors"))
]
# What another processor, NumPy or Numba may round otherwise, beside a prediction of 1.
ALLOWED = {"float32": 2e-6, "float64": 1e-12}


def numbers(texts):
    return np.array([float.fromhex(text) for text in texts])


def test_this_version_has_its_models():
    assert MODELS / thalweg.__version__ in RELEASES
    for release in RELEASES:
        stems = {kind: {path.stem for path in release.glob(f"*.{kind}")} for kind in
                 ("safetensors", "json")}  # fmt: skip
        assert stems["safetensors"] == stems["json"], release
    own = {path.stem for path in (MODELS / thalweg.__version__).glob("*.json")}
    assert own == set(KINDS)


@pytest.mark.parametrize("path", GOLDEN)
def test_a_model_of_a_release_answers_as_it_did(path, tmp_path):
    before = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    model, rows = load_model(path), path.with_name("rows.csv")
    now = answers(model, rows)
    assert now.keys() == before.keys()
    thetas = [name for name in before if name.startswith("theta")]
    assert len(thetas) == 5
    assert [now[name] for name in thetas] == [before[name] for name in thetas]
    told, said = numbers(before["predictions"]), numbers(now["predictions"])
    assert told.shape == said.shape
    assert len(np.unique(told)) >= 15
    apart = np.abs(said - told) / np.maximum(1.0, np.abs(told))
    assert apart.max() <= ALLOWED[str(model.theta_.dtype)]
    # Written anew, in the format of today, it is the same model.
    model.save(tmp_path / "again.safetensors")
    assert answers(load_model(tmp_path / "again.safetensors"), rows) == now


def test_what_a_release_wrote_is_not_written_again(tmp_path, monkeypatch):
    (tmp_path / "0.1.0").mkdir()
    with pytest.raises(SystemExit, match="is there already"):
        golden_models.write(tmp_path / "0.1.0")
    assert [*(tmp_path / "0.1.0").iterdir()] == []
    monkeypatch.setattr(golden_models, "KINDS", {"number": KINDS["number"]})
    golden_models.write(tmp_path / "0.2.0")
    made = {path.name for path in (tmp_path / "0.2.0").iterdir()}
    assert made == {"number.json", "number.safetensors", "rows.csv"}
    assert {path.name for path in tmp_path.iterdir()} == {"0.1.0", "0.2.0"}


def test_a_format_of_a_later_release_is_refused_by_name(tmp_path):
    header, arrays = unseal((MODELS / "0.1.0" / "number.safetensors").read_bytes())
    later = {**header, "format": FORMAT_OF_SEVERAL + 1, "thalweg": "9.1.0"}
    (tmp_path / "later").write_bytes(seal(later, arrays))
    with pytest.raises(ModelVersionError, match=r"install thalweg 9\.1\.0 or a newer version"):
        load_model(tmp_path / "later")


def test_the_rows_are_as_git_keeps_them():
    # A checkout that turns line ends would change what is read.
    for release in RELEASES:
        assert b"\r" not in (release / "rows.csv").read_bytes()
