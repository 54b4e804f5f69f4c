"""Ensembles that hold a network in several places: a file has it once, and answers as the model."""

import re
from copy import copy
from dataclasses import replace

import numpy as np
import pytest

from parity import FACTORS, fitted_for, odd_rows, parity
from thalweg import load_model
from thalweg.estimators.fitted import OfTrials
from thalweg.export.programs.c_text import c_text
from thalweg.export.queries import sql_text
from thalweg.jobs.exports.written_export import WRITERS, carried

PLAIN = {name: values[0] for name, values in FACTORS.items()}
pytestmark = pytest.mark.filterwarnings("ignore::thalweg.errors.ThalwegWarning")
ORDER = (1, 0, 1, 2, 1)


def repeated(**changed):
    """A model of three networks in five places, and its rows."""
    setting = {**PLAIN, "columns": "numbers", "networks": "folds", "layers": 1, **changed}
    model, frame = fitted_for(setting)
    model, networks = copy(model), [model.members_[k] for k in ORDER]
    more = {"networks": tuple(networks), "tuned": OfTrials(3, ORDER)}
    model._adopt(replace(model._known, **more, out_of_fold=None, conformal=None))
    return model, odd_rows(model, setting, frame, 60)


@pytest.mark.quick_each(3)
@pytest.mark.parametrize("ending", [".py", ".sql", ".onnx"])
@pytest.mark.parametrize("changed", [
    {"costs": True}, {"corrected": True}, {"task": "three"}, {"task": "three", "corrected": True},
    {"task": "grades"}, {"task": "squared_error", "corrected": True, "dtype": "float64"},
    {"task": "quantile:levels=0.1/0.5/0.9"},
])  # fmt: skip
def test_answers_are_those_of_all_places(changed, ending):
    model, rows = repeated(**changed)
    assert len(model.members_) == 5
    found = parity(model, ending, rows)
    assert found.passed, found


def test_every_format_has_each_network_once(tmp_path, monkeypatch):
    model, _ = repeated()
    made = carried(model, "")
    assert made.stages.places == [0, 1, 0, 2, 0]
    assert len(made.stages.networks) == 5
    text = c_text(made)
    assert re.findall(r"float (w\d_0)\[\]", text) == ["w0_0", "w1_0", "w2_0"]
    assert text.count("_type *w = w1_0 +") == 1
    networks = model.members_
    assert made.n_weights == sum(W.size + b.size for k in (0, 1, 3) for W, b in networks[k].layers)
    first = np.ascontiguousarray(networks[0].layers[-1][0]).tobytes()
    assert WRITERS[".onnx"](made).count(first) == 1
    # What a query may hold counts each once, too.
    monkeypatch.setattr(sql_text, "MOST_WEIGHTS", made.n_weights)
    assert sql_text.sql_text(made).count("CASE") > 0


def test_a_model_file_gives_the_same_bytes(tmp_path):
    model, _ = repeated()
    model.save(tmp_path / "m.safetensors")
    again = load_model(tmp_path / "m.safetensors")
    for ending, writer in WRITERS.items():
        assert writer(carried(again, "")) == writer(carried(model, "")), ending
