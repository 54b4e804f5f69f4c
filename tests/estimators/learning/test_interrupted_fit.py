"""What is said of networks that were ended early."""

from types import SimpleNamespace

import pytest

from thalweg.errors import SettingsError, Status
from thalweg.estimators.learning.interrupted_fit import require_epochs


def test_a_network_without_an_epoch_is_named_by_its_number_from_one():
    kept = SimpleNamespace(best_epoch=3, status=Status.TIME_LIMIT)
    cut = SimpleNamespace(best_epoch=0, status=Status.TIME_LIMIT)
    with pytest.raises(SettingsError, match="before every network had an epoch") as caught:
        require_epochs([kept, cut, kept])
    assert caught.value.where == "network 2 of 3"
    require_epochs([kept, kept])
