"""Parameters that are resolved for a table: networks that cannot fit into memory."""

import numpy as np
import pytest

from thalweg import ThalwegClassifier, race_landscape
from thalweg.errors import SettingsError
from thalweg.estimators.article_network import dlnet
from thalweg.estimators.parameters.resolved_parameters import recipe_of
from thalweg.network.architecture import Architecture
from thalweg.network.engine import Data
from thalweg.training.descent.training_settings import Settings, parse_optimizer
from thalweg.training.train import train

GIGABYTE = 10**9


@pytest.fixture(autouse=True)
def _one_gigabyte(monkeypatch):
    module = "thalweg.training.descent.network_memory"
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


HUGE = 10**8
X = np.random.default_rng(0).normal(size=(60, 9))
Y = (X[:, 0] > 0).astype(int)


def _partial_fit():
    ThalwegClassifier((HUGE,)).partial_fit(X, Y, classes=[0, 1])


def _partial_fit_of_many():
    ThalwegClassifier((3,), n_ensemble=HUGE).partial_fit(X, Y, classes=[0, 1])


def _landscape():
    race_landscape("wisconsin", hidden=(HUGE,))


def _train():
    architecture = Architecture((9, HUGE, 1), ("relu", "identity"))
    theta = np.broadcast_to(np.zeros(1), (architecture.n_parameters,))  # it takes no memory
    data = Data.of(X, Y[:, np.newaxis])
    settings = Settings(parse_optimizer("adam"), None, 1)
    train(architecture, theta, data, "sigmoid_cross_entropy", 0.0, settings)


def _article():
    net = dlnet(X.T, Y[np.newaxis])
    net.dims = [9, HUGE, 1]
    net.nInit()


@pytest.mark.parametrize(
    ("begin", "named"),
    [
        (_partial_fit, "hidden_layer_sizes"),
        (_partial_fit_of_many, "n_ensemble"),
        (_landscape, "hidden"),
        (_train, "sizes"),
        (_article, "dims"),
    ],
)
def test_all_that_trains_refuses_networks_that_cannot_fit(begin, named):
    with pytest.raises(SettingsError, match="only 1 GB here") as caught:
        begin()
    assert caught.value.fix.endswith(f" {named}")


@pytest.mark.parametrize("verb", ["fit", "evaluate", "trace", "landscape"])
def test_every_verb_that_trains_refuses_them_at_once(cli, verb):
    code, out, err = cli(verb, "wisconsin", "--hidden", HUGE)
    assert (code, out) == (2, "")
    assert "GB of memory or more, but there are only 1 GB here" in err
    assert "Fix: give fewer units in --hidden." in err
