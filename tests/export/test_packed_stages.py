"""Stages as JSON: what is packed comes back, and few bytes are needed."""

import json
from base64 import b64decode

import numpy as np
import pytest

from in_page import classifier, mixed_table
from thalweg.export.packed_stages import packed, packed_stages
from thalweg.export.stages import stages_of

RANDOM = np.random.default_rng(0)
VECTORS = {
    "floats": RANDOM.normal(size=50),
    "one": np.full(300, 0.1),
    "none": np.empty(0),
    "zeros of both signs": np.array([0.0, -0.0, 0.0]),
    "steps": np.repeat(RANDOM.normal(size=4), [70, 1, 300, 30]),
    "whole": np.arange(300),
    "large": np.array([2**16, 3, 3]),
}


def unpacked(data):
    """The vector that was packed."""

    def array(text):
        return np.frombuffer(b64decode(text), data["is"])

    if "all" in data:
        return array(data["all"])
    different = array(data["different"])
    return np.repeat(different[unpacked(data["at"])], unpacked(data["runs"]))


@pytest.mark.parametrize("name", VECTORS)
def test_a_vector_comes_back(name):
    vector = VECTORS[name]
    found = unpacked(json.loads(json.dumps(packed(vector))))
    np.testing.assert_array_equal(found, vector)
    assert name != "whole" or packed(vector)["is"] == "<u2"


def test_equal_numbers_beside_each_other_take_no_room():
    assert len(str(packed(np.full(10_000, 0.3)))) < 200
    assert "all" in packed(RANDOM.normal(size=50))


@pytest.mark.filterwarnings("ignore::thalweg.errors.ThalwegWarning")
def test_five_and_a_half_bytes_a_weight():
    frame = mixed_table(300, seed=2, n_levels=60)
    model = classifier(max_iter=1).fit(frame, np.where(RANDOM.normal(size=300) > 0, "a", "b"))
    stages = stages_of(model._known)
    text = json.dumps(packed_stages(stages), separators=(",", ":"))
    assert stages.n_weights > 100_000
    assert len(text) <= 5.5 * stages.n_weights


@pytest.mark.filterwarnings("ignore::thalweg.errors.ThalwegWarning")
def test_tables_of_levels_have_the_precision_of_the_weights():
    frame = mixed_table(120, seed=2, n_levels=5)
    y = np.where(RANDOM.normal(size=120) > 0, "a", "b")
    for dtype, kind in (("float32", "<f4"), ("float64", "<f8")):
        model = classifier(max_iter=1, hidden_layer_sizes=(3,), dtype=dtype).fit(frame, y)
        forms = packed_stages(stages_of(model._known))["networks"][0]["forms"]
        (lookups,) = (form for form in forms if form["form"] == "lookups")
        assert lookups["table"]["is"] == kind
