"""How columns are written is in the model file, and a file that lies about it is refused."""

import numpy as np
import pandas as pd
import pytest

from thalweg import ThalwegClassifier, load_model
from thalweg.data.notation.number_notation import PLAIN, NumberNotation
from thalweg.errors import ModelFileError
from thalweg.persistence.model_file import read_model, save_model
from thalweg.sealed_container import read_sealed, seal


@pytest.fixture(scope="module")
def model():
    n = 60
    table = pd.DataFrame(
        {
            "price": [f"{i}.{100 + i},5 €" for i in range(1, n + 1)],
            "crp": ["<0.5" if i % 5 == 0 else f"{i}.5" for i in range(n)],
            "smoker": ["YES", "no", "Yes"] * (n // 3),
            "zip": ["01234", "80331", "10115"] * (n // 3),
            "note": [f"text {i}" for i in range(n)],
        }
    )
    settings = {"hidden_layer_sizes": (3,), "max_iter": 2, "early_stopping": False}
    made = ThalwegClassifier(
        **settings, random_state=0, number={"price": "1.234,5 €"}, text=["note"]
    )
    return made.fit(table, np.arange(n) % 2), table


def test_a_file_keeps_them(model, tmp_path):
    fitted, table = model
    fitted.save(tmp_path / "m")
    loaded = load_model(tmp_path / "m")
    assert loaded.schema_ == fitted.schema_
    assert loaded.schema_.notes == fitted.schema_.notes
    assert loaded.settings_ == fitted.settings_
    assert (loaded.number, loaded.text, loaded.category) == ({"price": "1.234,5 €"}, ["note"], None)
    assert list(loaded.feature_names_in_) == list(table.columns)
    assert loaded.n_features_in_ == 5
    assert loaded.schema_.names[-1] == "crp: bound"
    assert np.array_equal(loaded.predict_proba(table), fitted.predict_proba(table))
    again = loaded.fit(table, np.arange(60) % 2)
    assert np.array_equal(again.theta_, fitted.theta_)


@pytest.mark.parametrize(
    ("place", "entry"),
    [
        (0, {"notation": {"of": "number", "decimal": ";"}}),
        (0, {"notation": {"of": "number", "decimal": ",", "thousands": ","}}),
        (0, {"notation": {"of": "number", "unit": "x" * 50}}),
        (0, {"notation": {"of": "number", "unit": "x" * 5000}}),
        (0, {"notation": {"of": "number", "bounded": 1}}),
        (0, {"notation": {"of": "number", "more": ""}}),
        (0, {"notation": {"of": "number", "bounded": True}}),  # and there is no bound
        (0, {"notation": {"of": "yes/no"}}),
        (0, {"notation": {"of": ["number"]}}),
        (0, {"notation": []}),
        (2, {"notation": {"of": "number"}}),
        (2, {"notation": {"of": "yes/no", "more": ""}}),
        (1, {"notation": {"of": "number", "decimal": "."}}),
        (5, {"of": "price"}),
        (5, {"of": 7}),
        (5, {"name": "crp"}),
        (0, {"of": "crp"}),
    ],
    ids=str,
)
def test_a_file_that_lies_is_refused(model, tmp_path, place, entry):
    model[0].save(tmp_path / "m")
    header, arrays = read_sealed(tmp_path / "m")
    header["schema"]["columns"][place] |= entry
    (tmp_path / "m").write_bytes(seal(header, arrays))
    with pytest.raises(ModelFileError):
        load_model(tmp_path / "m")


@pytest.mark.parametrize("number", ["price", {"price": 1}, {"price": "x" * 99}, [1], 7])
def test_settings_that_lie_are_refused(model, tmp_path, number):
    model[0].save(tmp_path / "m")
    header, arrays = read_sealed(tmp_path / "m")
    header["training"]["settings"]["number"] = number
    (tmp_path / "m").write_bytes(seal(header, arrays))
    with pytest.raises(ModelFileError):
        load_model(tmp_path / "m")


@pytest.mark.parametrize("notation", [NumberNotation(",", ".", "kg"), PLAIN, None])
def test_a_file_keeps_how_weights_are_written(model, tmp_path, notation):
    save_model(model[0], tmp_path / "m", roles={"weight": "w"}, weight_notation=notation)
    assert read_model(tmp_path / "m").weight_notation == notation
    assert ("weight_notation" in read_sealed(tmp_path / "m")[0]) == (notation is not None)


@pytest.mark.parametrize(
    ("roles", "entry"),
    [
        ({"group": "w"}, {"of": "number"}),  # there is no column of weights
        ({"weight": "w"}, {"of": "codes"}),
        ({"weight": "w"}, {"of": "number", "decimal": ","} | {"thousands": ","}),
        ({"weight": "w"}, {"of": "number", "unit": "x" * 5000}),
        ({"weight": "w"}, {"of": "number", "more": 1}),
        ({"weight": "w"}, [1]),
    ],
)
def test_a_notation_of_weights_that_lies_is_refused(model, tmp_path, roles, entry):
    model[0].save(tmp_path / "m")
    header, arrays = read_sealed(tmp_path / "m")
    lies = header | {"roles": roles, "weight_notation": entry}
    (tmp_path / "m").write_bytes(seal(lies, arrays))
    with pytest.raises(ModelFileError):
        read_model(tmp_path / "m")
