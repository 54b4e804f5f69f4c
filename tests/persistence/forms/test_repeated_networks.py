import json
from dataclasses import replace

import numpy as np
import pytest

from thalweg import ThalwegClassifier, load_model
from thalweg.errors import ModelFileError
from thalweg.estimators.fitted import OfTrials
from thalweg.estimators.learning import fitted_networks
from thalweg.estimators.learning.fitted_networks import outputs_of
from thalweg.persistence.forms.repeated_networks import MOST_TIMES, single
from thalweg.persistence.model_file import model_bytes, save_model
from thalweg.sealed_container import seal, unseal


@pytest.fixture(scope="module")
def rows():
    random = np.random.default_rng(0)
    X = random.normal(size=(200, 3))
    return X, (X[:, 0] + random.normal(size=200) > 0).astype(int)


@pytest.fixture(scope="module")
def model(rows):
    """Networks of three trials, as a search puts them together: 4, 2 and 4 again, and 0."""
    settings = {"hidden_layer_sizes": (3,), "max_iter": 2, "n_folds": 2, "n_jobs": 1}
    fits = [ThalwegClassifier(**settings, random_state=seed).fit(*rows) for seed in range(3)]
    found, trials = fits[1], (1, 2, 1, 0, 1)
    networks = tuple(each for k in trials for each in fits[k].members_)
    places = tuple({1: 4, 2: 2, 0: 0}[k] for k in trials for _ in range(2))
    tuned = OfTrials(9, places)
    found._adopt(
        replace(found._known, networks=networks, tuned=tuned, out_of_fold=None, conformal=None)
    )
    return found


def test_each_network_is_computed_once_and_all_places_have_its_outputs(model, rows, monkeypatch):
    X, networks = rows[0], model.members_
    expected = [outputs_of([each], X)[0] for each in networks]
    seen, choose = [], fitted_networks.choose

    class Counting:
        def predict(self, architecture, theta, data):
            seen.append(theta)
            return choose().predict(architecture, theta, data)

    monkeypatch.setattr(fitted_networks, "choose", Counting)
    found = outputs_of(networks, X)
    assert np.array_equal(found, expected)
    assert len(seen) == 6
    monkeypatch.undo()
    few = np.array([outputs_of([each], X[:2])[0] for each in networks])
    assert np.array_equal(outputs_of(networks, X[:2]), few)


def test_a_file_has_each_network_once_and_the_model_back_its_bits(model, rows, tmp_path):
    path = tmp_path / "model.safetensors"
    save_model(model, path)
    header, arrays = unseal(path.read_bytes())
    assert len(header["members"]) == 6
    assert header["tuned"] == {
        "trials": 9, "networks": [4, 4, 2, 2, 0, 0], "order": [0, 1, 2, 3, 0, 1, 4, 5, 0, 1]
    }  # fmt: skip
    assert sum(name.startswith("theta") for name in arrays) == 6
    back = load_model(path)
    assert back._known.tuned == model._known.tuned
    assert np.array_equal(back.predict_proba(rows[0]), model.predict_proba(rows[0]))
    assert len({id(each) for each in back.members_}) == 6
    assert model_bytes(back) == model_bytes(model)


@pytest.mark.parametrize(
    ("order", "says"),
    [
        ([0, 1, 2, 3, 4, 5], "repeated"),  # none is
        ([1, 0, 2, 3, 4, 5, 0], "repeated"),  # not by their first places
        ([0, 1, 2, 3, 4, 0], "repeated"),  # one is missing
        ([0, 1, 2, 3, 4, 5, 6], "repeated"),  # one too many
        ([], "repeated"),
        ([0, 1, 2, 3, 4, 5, -1], "a whole number"),
        ([0, 1, 2, 3, 4, 5, 0.0], "a whole number"),
        ([0] * 10**4, "more than its arrays can have"),
        (7, "a list"),
    ],
)
def test_an_order_that_no_search_gives_is_refused(model, tmp_path, order, says):
    path = tmp_path / "model.safetensors"
    save_model(model, path)
    header, arrays = unseal(path.read_bytes())
    header = json.loads(json.dumps(header))
    header["tuned"]["order"] = order
    path.write_bytes(seal(header, arrays))
    with pytest.raises(ModelFileError, match=says):
        load_model(path)


def test_very_many_places_are_kept_as_they_are(model):
    one = model.members_[0]
    assert single([one] * MOST_TIMES) == [one]
    assert len(single([one] * (MOST_TIMES + 1))) == MOST_TIMES + 1
