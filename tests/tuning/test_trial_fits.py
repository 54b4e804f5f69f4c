from types import SimpleNamespace

import pytest

from thalweg.tuning.trial_fits import TrialPace


def fit(sizes, n_epochs, n_networks=5):
    network = SimpleNamespace(architecture=SimpleNamespace(sizes=sizes), history=[{}] * n_epochs)
    return SimpleNamespace(networks=(network,) * n_networks)


def test_a_wider_network_takes_four_epochs_of_its_weights_at_least():
    # 50,000 for a step, 10 · 100 + 100 weights; 5 networks of 20 epochs in 2 s.
    pace = TrialPace.of(fit((10, 100, 1), 20), 2.0)
    of_weight = 2.0 / (100 * 51_100)
    assert pace.least_seconds((100,)) == pytest.approx(4 * 5 * of_weight * 51_100)
    wide = 50_000 + 10 * 512 + 2 * 512 * 512 + 512
    assert pace.least_seconds((512, 512, 512)) == pytest.approx(4 * 5 * of_weight * wide)
