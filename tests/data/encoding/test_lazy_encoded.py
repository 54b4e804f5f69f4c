"""An encoded table whose rows are encoded when they are read."""

import numpy as np
import pytest

from thalweg.data.encoding import lazy_encoded
from thalweg.data.encoding.encoder import fit_encoder
from thalweg.data.encoding.lazy_encoded import Encoded, inputs_of

X = np.random.default_rng(0).normal(size=(50, 3))
ENCODER = fit_encoder(X, np.ones(50))


@pytest.mark.parametrize(("dtype", "size"), [(np.float64, 8), (np.float32, 4)])
def test_a_table_is_kept_up_to_a_size(monkeypatch, dtype, size):
    expected = ENCODER.encode(X, dtype)
    for below, is_lazy in ((50 * 3 * size, False), (50 * 3 * size - 1, True)):
        monkeypatch.setattr(lazy_encoded, "KEPT_BELOW", below)
        inputs = inputs_of(ENCODER, X, dtype)
        assert isinstance(inputs, Encoded) == is_lazy
        assert inputs.shape == (50, 3)
        assert len(inputs) == 50
        assert inputs.nbytes == 50 * 3 * size
        for rows in (slice(None), slice(7, 20), np.array([3, 3, 49])):
            assert inputs[rows].tobytes() == expected[rows].tobytes()
            assert inputs[rows].dtype == dtype
