"""Networks that cannot fit into memory: the limit to a byte, and whose number is too large."""

import numpy as np
import pytest

from descents import LOSS
from thalweg.errors import SettingsError
from thalweg.network.architecture import Architecture, initial_theta
from thalweg.network.engine import Data
from thalweg.training.descent import network_memory
from thalweg.training.descent.network_memory import require_memory_for
from thalweg.training.descent.training_settings import Settings, parse_optimizer
from thalweg.training.train import train

SIZES = (7, 20, 10, 3)
N_PARAMETERS = Architecture(SIZES, ("relu", "relu", "identity")).n_parameters


def one(dtype):
    """θ and two arrays of the optimizer, and 4 KiB for the objects."""
    return 4096 + 3 * np.empty(N_PARAMETERS, dtype).nbytes


def of_memory(monkeypatch, size):
    monkeypatch.setattr(network_memory, "usable_memory", lambda: (int(size), "here"))


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize(("n_networks", "n_folds"), [(1, 1), (1, 5), (3, 1), (3, 5)])
def test_what_fits_to_the_byte_is_allowed_and_no_byte_more(monkeypatch, dtype, n_networks, n_folds):
    how = {"n_networks": n_networks, "n_folds": n_folds}
    needed = n_networks * n_folds * one(dtype)
    of_memory(monkeypatch, needed)
    require_memory_for(SIZES, dtype, **how)
    of_memory(monkeypatch, needed - 1)
    with pytest.raises(SettingsError, match="The networks would take"):
        require_memory_for(SIZES, dtype, **how)


def test_one_network_on_one_fold_is_the_usual_case(monkeypatch):
    of_memory(monkeypatch, one("f8"))
    require_memory_for(SIZES, "f8")
    of_memory(monkeypatch, one("f8") - 1)
    with pytest.raises(SettingsError) as caught:
        require_memory_for(SIZES, "f8")
    assert "1 network, each with 403 parameters or more" in str(caught.value)
    assert 8 * 20 + 21 * 10 + 11 * 3 == N_PARAMETERS == 403


def test_what_is_too_large_is_named(monkeypatch):
    # Not even one network on each fold fits.
    of_memory(monkeypatch, 5 * one("f8") - 1)
    with pytest.raises(SettingsError) as caught:
        require_memory_for(SIZES, "f8", n_networks=3, n_folds=5, named="hidden")
    said = str(caught.value)
    assert "hidden=(20, 10): 3 networks on each of 5 folds" in said
    assert "give fewer units in hidden" in said
    # One on each does.
    of_memory(monkeypatch, 5 * one("f8"))
    with pytest.raises(SettingsError) as caught:
        require_memory_for(SIZES, "f8", n_networks=3, n_folds=5, named="hidden")
    said = str(caught.value)
    assert "n_ensemble=3: 3 networks on each of 5 folds" in said
    assert "give a smaller n_ensemble" in said
    assert "hidden" not in said


def test_training_refuses_before_it_begins(monkeypatch):
    architecture = Architecture.dense(7, (20, 10), 1, "relu")
    theta = initial_theta(architecture, "he", np.random.default_rng(0))
    data = Data.of(np.zeros((4, 7)), np.zeros((4, 1)))
    chosen = Settings(parse_optimizer("sgd"), None, 1)
    of_memory(monkeypatch, 4096)
    with pytest.raises(SettingsError, match=r"sizes=\(20, 10\): 1 network"):
        train(architecture, theta, data, LOSS, 0.0, chosen)
    of_memory(monkeypatch, 10**6)
    assert len(train(architecture, theta, data, LOSS, 0.0, chosen).history) == 1
