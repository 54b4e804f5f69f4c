"""Every number of a small trace, computed a second time from the article's formulas alone."""

import numpy as np
import pytest

from thalweg.network.architecture import Architecture
from thalweg.network.engine import Data, Objective
from thalweg.reporting.trace.tables.network_check_tables import SECTIONS
from thalweg.reporting.trace.tables.trace_notes import headline, notes
from thalweg.reporting.trace.trace_data import Names, trace_data
from thalweg.tracing.row_trace import trace

X, Y = np.array([0.7, -1.3]), 1.0
W1 = np.array([[0.31, -0.72], [1.05, 0.44], [-0.53, 0.27]])
B1, W2, B2 = np.array([0.1, -0.2, 0.05]), np.array([0.83, -0.61, 0.37]), -0.15
ALPHA = 0.3  # of ½ α ‖W‖²


def written(value):
    """Six significant digits, as ``%.6g``."""
    return f"{value:.6g}"


def passes(w1, b1, w2, b2, alpha):
    """The article's forward and backward pass of one row, by its names."""
    z1 = w1 @ X + b1
    a1 = np.tanh(z1)
    z2 = w2 @ a1 + b2
    yh = 1 / (1 + np.exp(-z2))
    loss = -(Y * np.log(yh) + (1 - Y) * np.log(1 - yh))
    penalty = 0.5 * alpha * ((w1**2).sum() + (w2**2).sum())
    d_yh = -Y / yh + (1 - Y) / (1 - yh)
    d_z2 = d_yh * yh * (1 - yh)
    d_a1 = w2 * d_z2
    d_z1 = d_a1 * (1 - np.tanh(z1) ** 2)
    return {
        "Z1": z1, "A1": a1, "Z2": z2, "Yh": yh, "loss": loss, "penalty": penalty,
        "dYh": d_yh, "dZ2": d_z2, "dA1": d_a1, "dZ1": d_z1,
        "dW1": np.outer(d_z1, X) + alpha * w1, "db1": d_z1,
        "dW2": d_z2 * a1 + alpha * w2, "db2": d_z2,
    }  # fmt: skip


def traced(optimizer, alpha):
    theta = np.concatenate([W1.ravel(), B1, W2, [B2]])
    architecture = Architecture((2, 3, 1), ("tanh", "identity"))
    row = Data.of(X[None], np.array([[Y]]))
    found = trace(architecture, Objective("sigmoid_cross_entropy", alpha), theta, row)
    names = Names(["p", "q"], [1], [[0.7], [-1.3]], ["yes"], output="probability of yes")
    return trace_data(found, names, weight="W1[3,2]", optimizer=optimizer, steps=4)


def tables(data):
    return {section.title: section for section in SECTIONS["trace"](data)}


@pytest.mark.parametrize("alpha", [0.0, ALPHA])
def test_forward_and_backward(alpha):
    data = traced("sgd", alpha)
    its = passes(W1, B1, W2, B2, alpha)
    whole = its["loss"] + its["penalty"]
    said = f"Row 1, yes: probability of yes {written(its['Yh'])}, loss {written(its['loss'])}"
    assert headline(data) == said + (f", loss with penalty {written(whole)}" if alpha else "")
    if alpha:
        assert f"The penalty on the weights is {written(its['penalty'])}." in notes(data)
    else:
        assert not any("penalty" in note for note in notes(data))

    def norm(values):
        return f"‖{written(np.sqrt(np.sum(np.square(values))))}‖"

    z1, a1 = ([f"{name}[{i}] = {formula}" for i in (1, 2, 3)] for name, formula in
              (("Z1", "W1 X + b1"), ("A1", "tanh(Z1)")))  # fmt: skip
    wanted = [
        ("W1, 3 × 2", norm(W1), "dLoss_W1", norm(its["dW1"])),
        ("b1, 3 × 1", norm(B1), "dLoss_b1", norm(its["db1"])),
        *((z1[i], written(its["Z1"][i]), f"dLoss_Z1[{i + 1}]", written(its["dZ1"][i]))
          for i in range(3)),
        *((a1[i], written(its["A1"][i]), f"dLoss_A1[{i + 1}]", written(its["dA1"][i]))
          for i in range(3)),
        ("W2, 1 × 3", norm(W2), "dLoss_W2", norm(its["dW2"])),
        ("b2, 1 × 1", norm(B2), "dLoss_b2", norm(its["db2"])),
        ("Z2 = W2 A1 + b2", written(its["Z2"]), "dLoss_Z2", written(its["dZ2"])),
        ("Yh = σ(Z2)", written(its["Yh"]), "dLoss_Yh", written(its["dYh"])),
    ]  # fmt: skip
    wanted += [("Loss", written(its["loss"]), "", "")]
    if alpha:
        wanted += [("Loss with penalty", written(whole), "", "")]
    assert list(tables(data)["Forward and backward"].rows) == wanted


@pytest.mark.parametrize("alpha", [0.0, ALPHA])
def test_the_sums_and_the_chain_rule(alpha):
    data = traced("sgd", alpha)
    its, shown = passes(W1, B1, W2, B2, alpha), tables(data)

    def added(terms, total, section):
        """The printed terms are at most a unit of the last digit off, and add up."""
        *lines, (*_, last) = list(shown[section].rows)
        assert float(last) == pytest.approx(total, rel=1e-5)
        for row, term in zip(lines, terms, strict=True):
            assert float(row[-1]) == pytest.approx(term, abs=1.1e-6), row

    added([B1[2], *W1[2] * X], its["Z1"][2], "Z1[3] of row 1, term by term")
    added([B2, *W2 * its["A1"]], its["Z2"], "Z2 of row 1, term by term")
    slope = 1 - np.tanh(its["Z1"][2]) ** 2
    product = its["dZ1"][2] * X[1]
    factors = [its["dYh"], its["Yh"] * (1 - its["Yh"]), W2[2], slope, X[1], product]
    chain = shown["The chain rule: dLoss_W1[3,2]"]
    assert [row[-1] for row in chain.rows] == [written(each) for each in factors]
    assert [row[0] for row in chain.rows] == [
        "dLoss_Yh", "dYh_Z2", "dZ2_A1[3]", "dA1[3]_Z1[3]", "dZ1[3]_W1[3,2]",
        "dLoss[1]_W1[3,2]" if alpha else "dLoss_W1[3,2]",
    ]  # fmt: skip
    assert chain.rows[-1][1] == ("product, the part of row 1" if alpha else "product")
    derivative = product + alpha * W1[2, 1]
    if alpha:
        added([alpha * W1[2, 1], product], derivative, "Sum over rows and penalties")
    else:
        assert "Sum over rows and penalties" not in shown
    factors, engine, difference = shown["Is it right?"].rows
    assert factors[1] == engine[1] == f"{derivative:.10g}"
    assert float(difference[1]) == pytest.approx(derivative, rel=1e-9)


def descended(move, alpha, steps=4):
    """Loss, gradient and W1[3,2] before each step, with what ``move`` keeps for that weight."""
    theta = [W1.copy(), B1.copy(), W2.copy(), B2]
    memory = [{} for _ in theta]
    found = []
    for t in range(1, steps + 1):
        its = passes(*theta, alpha)
        gradients = [its["dW1"], its["db1"], its["dW2"], its["db2"]]
        before = theta[0][2, 1]
        theta = [each - move(g, held, t) for each, g, held in
                 zip(theta, gradients, memory, strict=True)]  # fmt: skip
        kept = [each[2, 1] for each in memory[0].values()]
        found.append((its["loss"] + its["penalty"], its["dW1"][2, 1], kept, before, theta[0][2, 1]))
    return found


def momentum(rate, mu):
    def move(g, held, t):
        held["v"] = mu * held.get("v", 0.0) + g
        return rate * held["v"]

    return move


def adam(rate, beta_1=0.9, beta_2=0.999, epsilon=1e-8):
    def move(g, held, t):
        held["m"] = beta_1 * held.get("m", 0.0) + (1 - beta_1) * g
        held["v"] = beta_2 * held.get("v", 0.0) + (1 - beta_2) * g**2
        m, v = held["m"] / (1 - beta_1**t), held["v"] / (1 - beta_2**t)
        return rate * m / (np.sqrt(v) + epsilon)

    return move


RULES = {
    "sgd:lr=0.2": (momentum(0.2, 0.0), ("v",)),
    "sgd:lr=0.2,momentum=0.9": (momentum(0.2, 0.9), ("v",)),
    "adam:lr=0.05": (adam(0.05), ("m", "v")),
}


@pytest.mark.parametrize("alpha", [0.0, ALPHA])
@pytest.mark.parametrize("text", RULES)
def test_the_updates(text, alpha):
    data = traced(text, alpha)
    move, memory = RULES[text]
    steps = descended(move, alpha)
    shown = tables(data)
    learned = shown[f"The update of W1[3,2]: {data['update']['optimizer']}"]
    loss = "loss with penalty" if alpha else "loss"
    assert learned.heads == ("step", loss, "gradient", *memory)
    assert list(learned.rows) == [
        (str(t), written(height), written(g), *map(written, kept))
        for t, (height, g, kept, *_) in enumerate(steps, 1)
    ]
    assert list(shown["So W1[3,2] moves"].rows) == [
        (str(t), written(before), written(after), written(after - before))
        for t, (*_, before, after) in enumerate(steps, 1)
    ]


def test_the_scale_of_an_input():
    """One input of two; ``sgd`` moves v and s by their slopes."""
    data = traced("sgd:lr=0.2,scales=3", 0.0)
    section = tables(data)["The scale of the input of W1[3,2]"]
    assert section.heads == (
        "step", "s before", "v before", "dL/dv", "dL/ds", "v after", "s after",
    )  # fmt: skip
    assert "3 times the learning rate" in section.words[0]
    g = passes(W1, B1, W2, B2, 0.0)["dW1"]
    slope = float(W1[:, 1] @ g[:, 1])
    v, s = W1[2, 1] - 0.2 * g[2, 1], 1 - 0.6 * slope
    wanted = (1.0, W1[2, 1], g[2, 1], slope, v, s)
    assert section.rows[0] == ("1", *map(written, wanted))
    after = tables(data)["So W1[3,2] moves"].rows[0][2]
    assert after == written(v * s)
    assert section.rows[1][1] == written(s)
    assert not any("scale" in title for title in tables(traced("sgd:lr=0.2", 0.0)))


def test_what_all_weights_share_is_named_for_what_it_is():
    same = "What is the same for every weight"
    section = tables(traced("adam:lr=0.05", 0.0))[same]
    assert section.heads == (
        "step", "β₁", "1 - β₁", "β₂", "1 - β₂", "corrected learning rate", "corrected ε",
    )  # fmt: skip
    assert "corrections for an empty memory" in section.words[0]
    for t, row in enumerate(section.rows, 1):
        root = np.sqrt(1 - 0.999**t)
        wanted = (0.9, 0.1, 0.999, 0.001, 0.05 * root / (1 - 0.9**t), 1e-8 * root)
        assert row == (str(t), *map(written, wanted))
    for text in ("sgd", "sgd:momentum=0.9", "nesterov", "adagrad", "rmsprop", "lion"):
        data = traced(text, 0.0)
        assert tables(data)[same].words == ("What the rule computes once in each step.",)
        assert "learning rate η" in tables(data)[same].heads
        about = next(s for s in SECTIONS["trace"](data) if s.title.startswith("The update")).words
        assert ("empty memory" in about[0]) == (text != "sgd")


def test_an_unused_schedule_and_the_factor_of_a_block_are_said():
    data = traced("sgd:lr=0.2,schedule=cosine,first=0.5", 0.0)
    shown = tables(data)
    about = next(s for s in shown.values() if s.title.startswith("The update")).words[0]
    assert "times the block's factor 0.5 in every step: the schedule is not used here." in about
    rates = [row[1] for row in shown["What is the same for every weight of this block"].rows]
    assert rates == ["0.1"] * 4
    about = tables(traced("sgd:lr=0.2", 0.0))["The update of W1[3,2]: sgd:lr=0.2"].words[0]
    assert "The learning rate η is 0.2 in every step." in about
