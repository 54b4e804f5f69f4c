"""Every formula and every way to call an engine is among the calls that compile them."""

import numpy as np
import pytest

from thalweg.network import every_kernel
from thalweg.network.architecture import Architecture
from thalweg.network.engine import Data, Objective, choose
from thalweg.network.every_kernel import TwoBins, compile_every_kernel, every_call
from thalweg.network.formulas.activations import ACTIVATIONS
from thalweg.network.formulas.losses import LOSSES
from thalweg.network.formulas.rules import RULES
from thalweg.network.made_inputs import InBins


class Recorder:
    """Notes what it is asked for, and computes nothing."""

    def __init__(self):
        self.seen = set()

    def _note(self, architecture, dtype, objective=None, noise=None):
        dtype = np.dtype(dtype).name
        self.seen |= {("activation", each, dtype) for each in architecture.activations}
        if objective is not None:
            self.seen.add(("loss", objective.loss, dtype))
            self.seen.add(("dropout", bool(noise and objective.dropout), dtype))

    def loss_and_gradient(self, architecture, objective, theta, data, rows=None, noise=None):
        assert len(theta) == architecture.n_parameters
        self._note(architecture, theta.dtype, objective, noise)

    def losses(self, architecture, objective, thetas, data, rows=None, noise=None, threads=1):
        self._note(architecture, thetas.dtype, objective, noise)

    def steps(self, architecture, objective, method, state, data, order, rates, first, threads=1):
        dtype = state.theta.dtype.name
        self._note(architecture, dtype, objective)
        self.seen |= {
            ("rule", method.rule.name, dtype), ("scales", method.scales > 0, dtype),
            ("team", threads > 1, data.in_bins, dtype),
        }  # fmt: skip

    def predict(self, architecture, theta, data, rows=None):
        self.seen.add(("predict", len(data.X), architecture.sizes[-1], theta.dtype.name))

    def predictor(self, architectures, thetas):
        return lambda X: self.seen.add(("predictor", len(X), X.dtype.name))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_every_formula_is_asked_for(dtype):
    engine, told = Recorder(), []
    compile_every_kernel(engine, lambda done, total: told.append((done, total)))
    wanted = {("activation", name, dtype) for name in ACTIVATIONS}
    wanted |= {("loss", name, dtype) for name in LOSSES}
    wanted |= {("rule", name, dtype) for name in RULES}
    wanted |= {(what, each, dtype) for what in ("dropout", "scales") for each in (True, False)}
    wanted |= {("team", team, bins, dtype) for team in (True, False) for bins in (True, False)}
    wanted |= {("predictor", rows, dtype) for rows in (1, 20)}
    assert wanted <= engine.seen
    total = len([*every_call()])
    assert told == [(done, total) for done in range(1, total + 1)]


def test_what_is_compiled_in_the_background_is_waited_for(monkeypatch):
    states = iter([True, True, False])
    waited = []
    monkeypatch.setattr(every_kernel, "engine_compiles", lambda: next(states))
    monkeypatch.setattr(every_kernel.time, "sleep", waited.append)
    monkeypatch.setattr(every_kernel, "every_call", lambda: iter([]))
    compile_every_kernel(Recorder(), lambda *_: None)
    assert waited == [0.1, 0.1]
    assert next(states, None) is None


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_two_bins_are_inputs_in_bins_and_give_the_same_as_their_rows(dtype):
    made = TwoBins.of(dtype, 5)
    assert isinstance(made, InBins)
    assert made[:].shape == made.shape == (5, 3)
    architecture = Architecture((3, 2, 1), ("tanh", "identity"))
    thetas = np.linspace(-1, 1, architecture.n_parameters, dtype=dtype)[None]
    said = [
        choose("compiled").losses(
            architecture, Objective("squared_error"), thetas, Data.of(X, np.ones((5, 1)))
        )[0]
        for X in (made, made[:])
    ]
    assert said[0] == pytest.approx(said[1], rel=1e-6)
    assert said[0] > 0
