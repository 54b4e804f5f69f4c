"""What an engine has to stand: each check takes one and raises AssertionError where it is wrong.

``gradcheck``: its gradient against differences of its own losses. ``one_pass``: loss and gradient
against plain floats. ``descents``: twenty steps of every rule against plain floats, and the same
bits wherever they are cut. ``papers``: the rules alone, element by element, against their
papers' loops.
"""

from dataclasses import replace
from itertools import pairwise

import numpy as np

import by_hand
from thalweg.network.architecture import Architecture
from thalweg.network.engine import Data, Method, Noise, Objective, Order, State
from thalweg.network.formulas.rules import RULES
from thalweg.network.gradcheck import check_gradient

# Square layers, so that a transposed matrix fits; two activations each, every loss and every
# activation once; penalties, weights, dropout and a batch with a row twice and one without weight.
NETS = [
    ("tanh", "silu", "squared_error"),
    ("relu", "gelu", "softmax_cross_entropy"),
    ("sigmoid", "mish", "sigmoid_cross_entropy"),
    ("elu", "softplus", "absolute_error"),
    ("selu", "leaky_relu", "huber:delta=0.4"),
    ("identity", "tanh", "quantile:level=0.8"),
    ("gelu", "relu", "poisson"),
    ("softplus", "tanh", "gamma"),
    ("tanh", "sigmoid", "tweedie:power=1.3"),
]
ROWS, NOISE = np.array([4, 1, 3, 1, 0]), Noise(5, 6)
WEIGHTS = np.array([0.0, 1.0, 2.5, 0.5, 1.0, 3.0, 2.0])
TOLERANCE = 1e-6


def problem(number, dropout=0.3):
    """Architecture, objective, θ and data of one of the nets."""
    first, second, loss = NETS[number]
    rng = np.random.default_rng([8, number])
    architecture = Architecture((3, 3, 3, 3), (first, second, "identity"))
    theta = rng.normal(size=architecture.n_parameters) * 0.8
    Y = by_hand.targets(loss, len(WEIGHTS), 3, rng)
    data = Data.of(rng.normal(size=(len(WEIGHTS), 3)), Y, WEIGHTS)
    return architecture, Objective.over(loss, 0.7, WEIGHTS, 0.4, dropout), theta, data


def close(found, expected, what, tolerance=1e-12):
    found, expected = np.asarray(found), np.asarray(expected)
    off = np.linalg.norm(found - expected)
    assert off <= tolerance * np.linalg.norm(expected), f"{what}: off by {off:.2g}"


def gradcheck(engine):
    for number, net in enumerate(NETS):
        architecture, objective, theta, data = problem(number)
        check = check_gradient(architecture, objective, theta, data, ROWS, engine, noise=NOISE)
        assert check.compared >= 0.9 * theta.size
        assert check.worst <= TOLERANCE, (net, check.errors)


def one_pass(engine):
    for number, net in enumerate(NETS):
        architecture, objective, theta, data = problem(number)
        height, gradient = engine.loss_and_gradient(
            architecture, objective, theta, data, ROWS, NOISE
        )
        rows = [each[ROWS].tolist() for each in (data.X, data.Y, data.weights)]
        expected, slopes = by_hand.loss_and_gradient(
            architecture, objective, theta.tolist(), *rows, NOISE
        )
        close(height, expected, net)
        for block in architecture.blocks:
            close(block.of(gradient), block.of(np.array(slopes)), (*net, block.name))
        several = engine.losses(architecture, objective, theta[None], data, ROWS, NOISE)
        close(several, [expected], net)


# Two batches and the beginning of a third passage; the last batch is short.
BATCHES = [[4, 1, 3], [0, 2]] * 10
AROUND = {"decay": 0.3, "factors": (1.0, 2.0, 0.5, 1.0, 3.0, 0.5), "clip": 0.6}


def descents(engine):
    for number, name in enumerate(RULES):
        architecture, objective, theta, data = problem(number % len(NETS))
        for around in ({}, AROUND, {"scales": 2.0}, {**AROUND, "scales": 30.0}):
            method = replace(Method.of(name), **around)
            state = State.begin(architecture, method, theta, seed=3)
            rates = np.linspace(0.02, 0.01, len(BATCHES))
            order = Order(np.array([4, 1, 3, 0, 2]), 3)
            ran = engine.steps(architecture, objective, method, state, data, order, rates, 0)
            plain, heights, norms = by_hand.descent(
                architecture, objective, method, theta, data, BATCHES, rates.tolist(), seed=3
            )
            close(state.theta, plain, (name, around))
            close(ran.losses, heights, (name, around, "losses"))
            close(ran.gradient_norms, norms, (name, around, "norms"), 1e-11)
            again = State.begin(architecture, method, theta, seed=3)
            for start, stop in pairwise((0, 3, 4, 11, len(BATCHES))):  # wherever it is cut
                part = rates[start:stop]
                engine.steps(architecture, objective, method, again, data, order, part, start)
            assert np.array_equal(again.theta, state.theta), (name, around, "cut")
            assert np.array_equal(again.slots, state.slots), (name, around, "cut")
            assert again.step == state.step == len(BATCHES)


def papers(engine):
    del engine  # rules are the same ones in all of them
    gradients = np.random.default_rng(9).normal(size=(60, 3)) * np.array([1.0, 1e-3, 100.0])
    gradients[20:30] = 0.0
    for name, formula in RULES.items():
        theta, slots = np.array([0.5, -2.0, 3.0]), np.zeros((formula.n_slots, 3))
        plain, memory = theta.tolist(), [{}, {}, {}]
        constants = tuple(formula.constants.values())
        if name in ("sgd", "rmsprop"):  # with some momentum
            constants = (*constants[:-1], 0.5)
        for step, gradient in enumerate(gradients, 1):
            formula.update(theta, gradient, slots, step, 0.05, *constants)
            for i, g in enumerate(gradient.tolist()):
                plain[i] = by_hand.RULES[name](plain[i], g, memory[i], step, 0.05, *constants)
            close(theta, plain, (name, step))


CHECKS = {each.__name__: each for each in (gradcheck, one_pass, descents, papers)}
