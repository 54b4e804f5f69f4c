"""The order of grades in a model file is the one that its settings give."""

import json

import numpy as np
import pandas as pd
import pytest

from thalweg import ThalwegClassifier, load_model
from thalweg.errors import ModelFileError, SettingsError
from thalweg.sealed_container import read_sealed, seal

QUICK = {"loss": "ordinal", "hidden_layer_sizes": (3,), "max_iter": 3, "random_state": 0}
X = np.random.default_rng(0).normal(size=(90, 2))
NAMED = np.array(["low", "mid", "high"])[np.digitize(X[:, 0], [-0.5, 0.5])]
ORDERS = {
    "named": (NAMED, ["low", "mid", "high"]),
    "more than there are": (NAMED, ["none", "low", "mid", "high"]),
    "by the table": (pd.Categorical(NAMED, ["low", "mid", "high"], ordered=True), None),
    "by number": (np.digitize(X[:, 0], [-0.5, 0.5]), None),
    "two classes": (NAMED == "low", [True, False]),
}


@pytest.mark.parametrize("case", ORDERS)
def test_each_order_that_a_fit_can_have_comes_back(case, tmp_path):
    y, grades = ORDERS[case]
    model = ThalwegClassifier(grades=grades, **QUICK).fit(X, y)
    model.save(tmp_path / "model")
    again = load_model(tmp_path / "model")
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))
    if case != "two classes":
        assert again.grades_.tolist() == model.grades_.tolist()


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    path = tmp_path_factory.mktemp("grades") / "model"
    ThalwegClassifier(grades=["low", "mid", "high"], **QUICK).fit(X, NAMED).save(path)
    header, arrays = read_sealed(path)
    return json.dumps(header), arrays


@pytest.mark.parametrize(
    ("key", "order"),
    [
        ("settings", ["high", "mid", "low"]),
        ("settings", ["low", "high", "mid"]),
        ("settings", ["low", "low", "high"]),
        ("settings", ["low", "mid"]),
        ("settings", []),
        ("classes", ["high", "mid", "low"]),
        ("settings", [f"{k:05}" for k in range(40_000)]),
    ],
)
def test_another_order_is_refused(stored, tmp_path, key, order):
    header = json.loads(stored[0])
    (header["classes"] if key == "classes" else header["training"]["settings"])["grades"] = order
    (tmp_path / "forged").write_bytes(seal(header, stored[1]))
    with pytest.raises(ModelFileError) as refused:
        load_model(tmp_path / "forged")
    bounded = "more than its arrays can have" in refused.value.why
    assert bounded or "order of its grades" in refused.value.why
    assert bounded is (len(order) > 1000)


def test_many_more_grades_than_labels_are_refused_before_training(tmp_path):
    from thalweg.data.schema.schema import Schema
    from thalweg.persistence.storable import require_storable

    grades = ["low", "mid", "high", *map(str, range(5_000))]
    fitted = ThalwegClassifier(grades=["low", "mid", "high"], **QUICK).fit(X, NAMED)
    schema = fitted.schema_
    assert isinstance(schema, Schema)
    with pytest.raises(SettingsError, match="cannot be saved") as refused:
        require_storable(
            ThalwegClassifier(grades=grades, **QUICK), schema, "y", ["low", "mid", "high"]
        )
    assert "name only labels of the target" in refused.value.fix
