"""The lines of an update: those of the paper, in mpmath, and the change of the engine's step."""

from dataclasses import replace

import mpmath
import numpy as np
import pytest

from thalweg.network.architecture import Architecture
from thalweg.network.engine import Data, Method, Objective
from thalweg.network.formulas.rules import RULES
from thalweg.tracing.chain_rule import find_weight
from thalweg.tracing.row_trace import trace
from thalweg.tracing.update import update
from thalweg.tracing.update_in_full import in_full

RATE = 0.05


def traced(text="softmax_cross_entropy"):
    rng = np.random.default_rng(2)
    architecture = Architecture((3, 4, 3), ("tanh", "identity"))
    Y = np.eye(3)[[1, 2]] if text == "softmax_cross_entropy" else rng.normal(size=(2, 3))
    theta = rng.normal(size=architecture.n_parameters)
    return trace(architecture, Objective(text), theta, Data.of(rng.normal(size=(2, 3)), Y))


@pytest.mark.parametrize("text", ["softmax_cross_entropy", "squared_error"])
@pytest.mark.parametrize("around", [{}, {"decay": 0.3, "clip": 0.01}, {"scales": 6.0}])
@pytest.mark.parametrize("name", sorted(RULES))
def test_the_last_line_is_what_the_engine_changes(name, around, text):
    one, rule = traced(text), RULES[name]
    method = replace(Method.of(name), **around)
    if name in ("sgd", "rmsprop"):
        method = replace(method, constants=(*method.constants[:-1], 0.5))
    constants = dict(zip(rule.constants, method.constants, strict=True))
    steps = update(one, find_weight(one, "W1[2,3]"), method, RATE, steps=4)
    for step in steps:
        lines = in_full(name, constants, RATE, step)
        assert lines[0].name == "g"
        assert lines[-1].name == "change"
        own = step.scaled.weight if step.scaled else step.theta
        moved = own * step.decayed + lines[-1].value
        if step.scaled:
            moved *= step.scaled.next_scale
        assert moved == pytest.approx(step.moved, rel=1e-12)
        assert moved == pytest.approx(step.engine, rel=1e-12)
        named = {line.name: line.value for line in lines}
        assert (
            named.items()
            >= {key: value for key, value in step.after.items() if key in named}.items()
        )
        assert all(np.isfinite(value) for value in named.values())


def test_the_lines_of_adam_are_those_of_the_paper():
    one = traced()
    method = Method.of("adam")
    constants = dict(zip(RULES["adam"].constants, method.constants, strict=True))
    m = v = mpmath.mpf(0)
    b1, b2 = (mpmath.mpf(constants[key]) for key in ("beta_1", "beta_2"))
    for step in update(one, find_weight(one, "W2[1,2]"), method, RATE, steps=5):
        named = {line.name: line.value for line in in_full("adam", constants, RATE, step)}
        g = mpmath.mpf(step.gradient)
        m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g**2
        m_hat, v_hat = m / (1 - b1**step.step), v / (1 - b2**step.step)
        wanted = {
            "g": g, "m": m, "v": v, "m̂": m_hat, "v̂": v_hat,
            "√v̂ + ε": mpmath.sqrt(v_hat) + mpmath.mpf(constants["epsilon"]),
            "change": -RATE * m_hat / (mpmath.sqrt(v_hat) + constants["epsilon"]),
        }  # fmt: skip
        for key, value in wanted.items():
            assert named[key] == pytest.approx(float(value), rel=1e-12), key


@pytest.mark.parametrize("name", sorted(RULES))
def test_every_rule_has_lines(name):
    one, method = traced(), Method.of(name)
    constants = dict(zip(RULES[name].constants, method.constants, strict=True))
    (step,) = update(one, find_weight(one, "b2[1]"), method, RATE, steps=1)
    lines = in_full(name, constants, RATE, step)
    assert len({line.name for line in lines}) == len(lines) >= 3
