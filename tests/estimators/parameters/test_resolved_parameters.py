"""Parameters that are resolved for a table: networks that cannot fit into memory."""

import numpy as np
import pytest

from thalweg import ThalwegClassifier
from thalweg.errors import SettingsError
from thalweg.estimators.parameters.resolved_parameters import recipe_of

GIGABYTE = 10**9


@pytest.fixture(autouse=True)
def _one_gigabyte(monkeypatch):
    module = "thalweg.estimators.parameters.resolved_parameters"
    monkeypatch.setattr(f"{module}.usable_memory", lambda: (GIGABYTE, "here"))


@pytest.mark.parametrize(
    ("given", "named", "other"),
    [
        ({"n_ensemble": 10**8}, "n_ensemble", "hidden_layer_sizes"),
        ({"n_ensemble": 10**8, "hidden_layer_sizes": ()}, "n_ensemble", "hidden_layer_sizes"),
        ({"hidden_layer_sizes": (99_999_999,)}, "hidden_layer_sizes", "n_ensemble"),
        ({"hidden_layer_sizes": 99_999_999}, "hidden_layer_sizes", "n_ensemble"),
    ],
)
def test_networks_that_cannot_fit_into_memory_are_refused_at_once(given, named, other):
    X = np.random.default_rng(0).normal(size=(60, 9))
    with pytest.raises(SettingsError, match="only 1 GB here") as caught:
        ThalwegClassifier(**given).fit(X, (X[:, 0] > 0).astype(int))
    assert named in caught.value.fix
    assert other not in caught.value.fix


@pytest.mark.parametrize(
    ("early_stopping", "n_rows", "n_folds"),
    [("auto", 1000, 5), ("folds", 10**6, 5), ("auto", 10**6, 1), (False, 1000, 1)],
)
def test_the_limit_is_that_of_theta_and_two_arrays_of_each_network(early_stopping, n_rows, n_folds):
    def asked(units):
        model = ThalwegClassifier(
            (units,), n_ensemble=10, early_stopping=early_stopping, dtype="float32"
        )
        return recipe_of(model, n_rows, 9, 0)

    # Nine inputs and a bias for each unit, and one weight behind it.
    most = int((GIGABYTE / (10 * n_folds) - 4096) / (3 * 4 * (9 + 1 + 1)))
    assert asked(most - 1).hidden == (most - 1,)
    with pytest.raises(SettingsError, match="10 networks"):
        asked(most + 1)
