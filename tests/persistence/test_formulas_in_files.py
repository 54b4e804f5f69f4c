"""Formulas of losses in model files: read within limits, and refused if somebody forged them."""

import copy
import time

import numpy as np
import pytest

from forged_formulas import forged_formulas
from thalweg import ThalwegRegressor, load_model
from thalweg.errors import ModelFileError
from thalweg.persistence.rebuilt import rebuilt
from thalweg.sealed_container import seal, unseal

OWN = "formula:where(z > y, z - y, 3 * (y - z))"


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    X = np.random.default_rng(0).normal(size=(40, 2))
    model = ThalwegRegressor(OWN, hidden_layer_sizes=(2,), max_iter=1, n_folds=2, random_state=0)
    path = tmp_path_factory.mktemp("models") / "model.safetensors"
    model.fit(X, X[:, 0] + 3).save(path)
    return unseal(path.read_bytes())


def test_a_file_keeps_the_formula_and_the_units_of_each_network(stored):
    header, _ = stored
    assert header["objective"]["loss"] == header["training"]["settings"]["loss"] == OWN
    for member in header["members"]:
        assert set(member["values"]) == {"center", "scale", "low", "high", "size", "grain"}


def test_forged_formulas_are_refused_at_once(stored):
    texts, slowest = forged_formulas(), 0.0
    assert len(texts) >= 200
    for text in texts:
        header, arrays = copy.deepcopy(stored[0]), dict(stored[1])
        header["objective"]["loss"] = header["training"]["settings"]["loss"] = f"formula:{text}"
        start = time.perf_counter()
        with pytest.raises(ValueError, match=r".+"):
            rebuilt(header, arrays)
        slowest = max(slowest, time.perf_counter() - start)
    assert slowest < 0.05


@pytest.mark.parametrize(
    ("place", "value", "says"),
    [
        (("objective", "loss"), "formula:abs(z - y)", "not that of its settings"),
        (("objective", "loss"), OWN.replace(" ", ""), "standard form"),
        (("objective", "loss"), f"{OWN} @ 0 1 1 1", "the character '@'"),
        (("objective", "loss"), "formula:z + 1 / 0", "divides by 0"),
        (("training", "settings", "loss"), "squared_error", "not that of its settings"),
        (("members", 0, "values", "size"), 0.0, "size"),
        (("members", 0, "values", "size"), float("nan"), "size"),
        (("members", 1, "values", "grain"), -1.0, "grain"),
        (("members", 0, "values", "scale"), 0.0, "scale"),
        # Sums over the networks would overflow.
        (("members", 0, "values", "scale"), 1.7e308, "1e.300 in size"),
        (("members", 0, "values", "center"), -1e308, "1e.300 in size"),
        (("members", 0, "values", "low"), -1.7e308, "1e.300 in size"),
        (("members", 1, "values", "high"), 1.7e308, "1e.300 in size"),
    ],
)
def test_what_does_not_belong_together_is_refused(stored, tmp_path, place, value, says):
    header = copy.deepcopy(stored[0])
    inner = header
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    path = tmp_path / "model.safetensors"
    path.write_bytes(seal(header, stored[1]))
    with pytest.raises(ModelFileError, match=says) as caught:
        load_model(path)
    assert str(caught.value).count("Fix:") == 1


def test_units_belong_to_formulas_alone(stored, tmp_path):
    for loss, keep in (("huber:delta=1.0", True), (OWN, False)):
        header = copy.deepcopy(stored[0])
        header["objective"]["loss"] = header["training"]["settings"]["loss"] = loss
        for member in header["members"]:
            if not keep:
                del member["values"]["size"], member["values"]["grain"]
        path = tmp_path / "model.safetensors"
        path.write_bytes(seal(header, stored[1]))
        with pytest.raises(ModelFileError, match="only a formula as the loss has units"):
            load_model(path)
