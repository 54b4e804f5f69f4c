"""One row of the last layer: against a forward pass by hand."""

import numpy as np

from thalweg.estimators.targets.target_views import architecture_of_target, theta_of_target
from thalweg.network import engine
from thalweg.network.architecture import Architecture
from thalweg.network.engine import Data


def test_an_output_is_that_of_its_own_row():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(40, 3))
    for hidden in ((), (5,), (5, 4)):
        architecture = Architecture.dense(3, hidden, 6, "relu")
        theta = rng.normal(size=architecture.n_parameters).astype(np.float32)
        A = X.T
        for number, (W, b) in enumerate(architecture.layers(theta.astype(float)), 1):
            A = W @ A + b
            A = np.maximum(A, 0) if number <= len(hidden) else A
        for t in range(6):
            own = theta_of_target(architecture, theta, t)
            assert own.dtype == theta.dtype
            found = engine.choose().predict(
                architecture_of_target(architecture), own, Data.of(X.astype(np.float32))
            )
            np.testing.assert_allclose(found[:, 0], A[t], rtol=1e-4, atol=1e-5)
