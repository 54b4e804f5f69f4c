"""Faults planted in the source, one at a time: each has to be caught by the check that is named.

A fault is a piece of a function's text that is replaced by another one. What is tested here is
not the package but its checks (``checks``): one that cannot fail would say nothing.
"""

import inspect
import textwrap
from dataclasses import fields, replace

import pytest

from checks import CHECKS
from slow_cases import slow_but
from thalweg.network import engine, reference_engine
from thalweg.network.formulas import activations, loss_bodies, rules
from thalweg.network.formulas.activations import ACTIVATIONS
from thalweg.network.formulas.losses import LOSSES, loss
from thalweg.network.formulas.rules import RULES
from thalweg.network.reference_engine import ReferenceEngine

BACKWARD = (reference_engine, "backward_kept")
GRADIENT = (reference_engine, "ReferenceEngine.loss_and_gradient")
HEIGHT = (reference_engine, "_height")
PENALTY = (reference_engine, "penalty_height")
PENALTY_SLOPE = (reference_engine, "penalty_slope")
FORWARD = (reference_engine, "forward")
MASK = (reference_engine, "mask")
MOVE = (reference_engine, "_move")
STEPS = (reference_engine, "ReferenceEngine.steps")


def activation(name):
    return activations, name


def of_loss(name):
    return loss_bodies, name


def rule(name):
    return rules, name


# name: (place, old text, new text, the check that sees it)
FAULTS = {
    # --- the chain rule
    "dW with the wrong sign": (BACKWARD, "= dZ @", "= -dZ @", "gradcheck"),
    "dW transposed": (
        BACKWARD, "dZ @ passed.A[layer].T", "passed.A[layer] @ dZ.T", "gradcheck"),
    "dW from the output instead of the input": (
        BACKWARD, "passed.A[layer].T", "passed.A[layer + 1].T", "gradcheck"),
    "dW from Z instead of A": (
        BACKWARD, "dZ @ passed.A[layer].T", "dZ @ passed.Z[layer].T", "gradcheck"),
    "db as the mean over samples": (BACKWARD, "np.sum(dZ", "np.mean(dZ", "gradcheck"),
    "db summed over units": (
        BACKWARD, "np.sum(dZ, axis=1, keepdims=True)", "np.sum(dZ, axis=0)[:3, None]",
        "gradcheck"),
    "W not transposed on the way back": (BACKWARD, "W.T @ dZ", "W @ dZ", "gradcheck"),
    "dA instead of dZ on the way back": (BACKWARD, "W.T @ dZ", "W.T @ dA", "gradcheck"),
    "slope left out": (
        BACKWARD, " * architecture.formulas[layer].slope(passed.Z[layer])", "", "gradcheck"),
    "slope of another layer's activation": (
        BACKWARD, "formulas[layer].slope", "formulas[layer - 1].slope", "gradcheck"),
    "slope at another layer's Z": (
        BACKWARD, "slope(passed.Z[layer])", "slope(passed.Z[layer - 1])", "gradcheck"),
    "slope at A instead of Z": (
        BACKWARD, "slope(passed.Z[layer])", "slope(passed.A[layer + 1])", "gradcheck"),
    "bias forgotten": (FORWARD, " + b)", ")", "gradcheck"),
    # --- dropout
    "mask left out on the way back": (BACKWARD, " * passed.kept[layer]", "", "gradcheck"),
    "mask of another layer on the way back": (
        BACKWARD, "passed.kept[layer]", "passed.kept[layer - 1]", "gradcheck"),
    "no dropout in the gradient": (
        GRADIENT, "objective.dropout, noise)", "objective.dropout, None)", "gradcheck"),
    "dropout without its scale": (MASK, " / A.dtype.type(1 - dropout)", "", "one_pass"),
    "dropout scaled by what is dropped": (MASK, "1 - dropout", "dropout", "one_pass"),
    "dropout behind the last layer": (
        FORWARD, "hidden = layer < architecture.n_layers - 1", "hidden = True", "one_pass"),
    "one mask for all layers": (MASK, "(*noise, layer)", "(*noise, 0)", "one_pass"),
    "one mask for all seeds": (MASK, "(*noise, layer)", "(0, noise.step, layer)", "one_pass"),
    "one mask for all steps": (STEPS, "Noise(state.seed, state.step)", "Noise(state.seed, 0)",
                               "descents"),
    # --- loss, weights, penalties
    "1/n left out of the gradient": (
        GRADIENT, "(w.size * objective.mean_weight)", "objective.mean_weight", "gradcheck"),
    "1/n left out of the loss": (
        HEIGHT, "(w.size * objective.mean_weight)", "objective.mean_weight", "gradcheck"),
    "weights left out of the gradient": (
        GRADIENT, "share = (w /", "share = (np.ones_like(w) /", "gradcheck"),
    "weights relative to those of the batch": (
        GRADIENT, "(w.size * objective.mean_weight)", "np.sum(w)", "gradcheck"),
    "L2 halved in the gradient": (
        PENALTY_SLOPE, "objective.penalty * W", "objective.penalty / 2 * W", "gradcheck"),
    "L2 not halved in the loss": (
        PENALTY, "objective.penalty / 2", "objective.penalty", "gradcheck"),
    "L2 left out of the gradient": (PENALTY_SLOPE, "objective.penalty * W + ", "", "gradcheck"),
    "L1 with the wrong sign": (PENALTY_SLOPE, "+ objective.l1", "- objective.l1", "gradcheck"),
    "L1 without the sign of W": (PENALTY_SLOPE, " * np.sign(W)", "", "gradcheck"),
    "L1 of W instead of |W|": (PENALTY, "np.sum(np.abs(W))", "np.sum(W)", "gradcheck"),
    "penalties on biases": (
        (reference_engine, "_weight_blocks"), 'block.kind == "weights"', "True", "one_pass"),
    # --- formulas
    "tanh's slope halved": (activation("tanh_slope"), "4.0 * e", "2.0 * e", "gradcheck"),
    "sigmoid's slope without the square": (
        activation("sigmoid_slope"), "((1.0 + e) * (1.0 + e))", "(1.0 + e)", "gradcheck"),
    "leaky slope on the wrong side": (
        activation("leaky_relu_slope"), "z > 0.0", "z < 0.0", "gradcheck"),
    "elu's slope above zero": (
        activation("elu_slope"), "exp(minimum(z, 0.0))", "exp(z)", "gradcheck"),
    "selu's slope without α": (
        activation("selu_slope"), "1.7580993408473768", "1.0507009873554805", "gradcheck"),
    "silu's slope without its second term": (
        activation("silu_slope"), "e * (1.0 + e - a)", "e * (1.0 + e)", "gradcheck"),
    "gelu's slope with the cube underived": (
        activation("gelu_slope"), "0.134145", "0.044715", "gradcheck"),
    "gelu with another cube, slope and all": (
        activation("gelu"), "0.044715", "0.045", "one_pass"),
    "mish's slope with half its second term": (
        activation("mish_slope"), "4.0 * a", "2.0 * a", "gradcheck"),
    "squared error's slope doubled": (
        of_loss("squared_error_slope"), "z - y", "2.0 * (z - y)", "gradcheck"),
    "absolute error uphill": (
        of_loss("absolute_error_slope"), "z - y", "y - z", "gradcheck"),
    "huber's slope unbounded": (
        of_loss("huber_slope"), "minimum(maximum(z - y, -delta), delta)", "z - y", "gradcheck"),
    "quantile the other way round": (
        of_loss("quantile_slope"), "0.5 - level", "level - 0.5", "gradcheck"),
    "poisson without its link": (of_loss("poisson_slope"), "exp(z) - y", "z - y", "gradcheck"),
    "gamma with the slope of poisson": (
        of_loss("gamma_slope"), "1.0 - y * exp(-z)", "exp(z) - y", "gradcheck"),
    "tweedie's slope with the power of its value": (
        of_loss("tweedie_slope"), "exp((2.0 - power) * z) - y", "exp(power * z) - y", "gradcheck"),
    "tweedie with another power": (
        of_loss("tweedie"), "exp((2.0 - power) * z) / (2.0 - power)",
        "exp((1.9 - power) * z) / (1.9 - power)", "gradcheck"),
    "sigmoid's cross-entropy uphill": (
        of_loss("sigmoid_cross_entropy_slope"), "sigmoid(z) - y", "y - sigmoid(z)",
        "gradcheck"),
    "softmax not normalised": (
        of_loss("softmax_cross_entropy_slope"), "share(z, others)", "exp(z)", "gradcheck"),
    # --- rules
    "descent uphill": (rule("sgd"), "theta - rate", "theta + rate", "papers"),
    "momentum dampened": (
        rule("sgd"), "+ gradient", "+ (1.0 - momentum) * gradient", "papers"),
    "nesterov without looking ahead": (
        rule("nesterov"), "(gradient + momentum * velocity)", "velocity", "papers"),
    "adagrad forgets": (rule("adagrad"), "a + gradient", "0.9 * a + gradient", "papers"),
    "adagrad's ε under the root": (
        rule("adagrad"), "(sqrt(total) + epsilon)", "sqrt(total + epsilon)", "papers"),
    "rmsprop adds up all of g²": (rule("rmsprop"), "rest * gradient", "gradient", "papers"),
    "rmsprop's velocity unscaled": (
        rule("rmsprop"), "gradient / (sqrt(square) + epsilon)", "gradient", "papers"),
    "adam's m not corrected": (
        rule("adam_terms"), " / (1.0 - beta_1**step)", "", "papers"),
    "adam's v not corrected": (rule("adam_terms"), "rate * root", "rate", "papers"),
    "adam's ε not corrected": (
        rule("adam_terms"), "epsilon * root", "epsilon * 1e3 * root", "papers"),
    "adam corrected a step late": (
        rule("adam_terms"), "beta_1**step", "beta_1**(step + 1)", "papers"),
    "adam's betas swapped": (
        rule("adam_terms"), "beta_1, beta_2, epsilon, _", "beta_2, beta_1, epsilon, _", "papers"),
    "adam's v from |g|": (
        rule("adam"), "rest_2 * gradient * gradient", "rest_2 * abs(gradient)", "papers"),
    "adam's v without what β₂ leaves": (
        rule("adam"), "rest_2 * gradient", "gradient", "papers"),
    "nadam with the momentum of now": (
        rule("nadam_terms"), "(step + 1) * momentum_decay", "step * momentum_decay", "papers"),
    "nadam's product forgotten": (
        rule("nadam"), "now * c + (1.0 - now)", "1.0 - now + 0.0 * c", "papers"),
    "lion remembers by the wrong β": (
        rule("lion"), "beta_2 * a + rest_2", "beta_1 * a + rest_1", "papers"),
    "lion without the sign": (rule("lion"), "sign(beta_1", "1.0 * (beta_1", "papers"),
    # --- around the rule
    "decay on biases": (
        (engine, "Method.stretches"), 'if block.kind == "weights" else 0.0', "", "descents"),
    "decay grows": (MOVE, "1 - rate", "1 + rate", "descents"),
    "decay without the rate": (MOVE, "1 - rate * factor", "1 - factor", "descents"),
    "decay without the factor": (MOVE, "1 - rate * factor", "1 - rate", "descents"),
    "decay through the gradient": (
        MOVE, "theta *= 1 - rate * factor * decay", "gradient[start:stop] += decay * theta",
        "descents"),
    "factor of a block left out": (MOVE, "state.step, rate * factor", "state.step, rate",
                                   "descents"),
    "every element clipped by itself": (
        MOVE, "gradient *= float(method.clip / norm)",
        "np.clip(gradient, -method.clip, method.clip, out=gradient)", "descents"),
    "short gradients stretched": (MOVE, "norm > method.clip", "np.isfinite(method.clip)",
                                  "descents"),
    "steps counted twice": (STEPS, "state.step += 1", "state.step += 2", "descents"),
    "the same batch again and again": (STEPS, "order.batch(first + i)", "order.batch(first)",
                                       "descents"),
}  # fmt: skip


def plant(monkeypatch, module, name, old, new):
    """The function with other text, wherever it is looked up."""
    *holder, name = name.split(".")
    owner = getattr(module, holder[0]) if holder else module
    original = getattr(owner, name)
    text = textwrap.dedent(inspect.getsource(original))
    assert old in text, f"{name} no longer has {old!r}: plant the fault anew"
    namespace = {}
    exec(text.replace(old, new), vars(module), namespace)
    monkeypatch.setattr(owner, name, namespace[name])
    for table in (ACTIVATIONS, LOSSES, RULES):
        for key, entry in table.items():
            held = [each.name for each in fields(entry) if getattr(entry, each.name) is original]
            if held:
                faulty = replace(entry, **dict.fromkeys(held, namespace[name]))
                monkeypatch.setitem(table, key, faulty)


@pytest.fixture
def _fresh_losses():
    # ``loss`` remembers what it has looked up.
    loss.cache_clear()
    yield
    loss.cache_clear()


@pytest.mark.parametrize("check", sorted(CHECKS))
def test_without_a_fault_every_check_passes(check):
    CHECKS[check](ReferenceEngine())


@pytest.mark.usefixtures("_fresh_losses")
# Every third has each of the checks.
@pytest.mark.parametrize("fault", slow_but(list(FAULTS)[::3], FAULTS))
def test_a_planted_fault_is_caught(fault, monkeypatch):
    (module, name), old, new, check = FAULTS[fault]
    plant(monkeypatch, module, name, old, new)
    with pytest.raises(AssertionError):
        CHECKS[check](ReferenceEngine())


def test_there_are_enough_and_the_checks_share_them():
    assert len(FAULTS) >= 30
    assert {each[-1] for each in FAULTS.values()} == set(CHECKS)
