"""Every number of a small trace, computed a second time from the article's formulas alone."""

from itertools import pairwise

import numpy as np
import pytest

from thalweg.network.architecture import Architecture
from thalweg.network.engine import Data, Objective
from thalweg.network.gradcheck import FORMULA
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
    assert FORMULA in shown["Is it right?"].words[0]
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


def section_of(text, start, alpha=0.0):
    """The one section of a trace whose title begins so, and its first row by the heads."""
    (section,) = (
        each for title, each in tables(traced(text, alpha)).items() if title.startswith(start)
    )
    return section, dict(zip(section.heads, section.rows[0], strict=True))


def test_the_scale_of_an_input():
    """One input of two; ``sgd`` moves V and s by their slopes."""
    text = "sgd:lr=0.2,momentum=0.9,scales=3"
    g = passes(W1, B1, W2, B2, 0.0)["dW1"]
    slope = float(W1[:, 1] @ g[:, 1])
    v, s = W1[2, 1] - 0.2 * g[2, 1], 1 - 0.6 * slope
    update, row = section_of(text, "The update")
    assert update.heads == ("step", "loss", "gradient", "dL/dV", "v")
    assert row["dL/dV"] == row["v"] == written(g[2, 1])
    assert update.words[1] == (
        "W1[3,2] is written as V · s, where s is the scale of its input. In the formula, θ is V "
        "and g is dL/dV = s · gradient. The memory in this table (v) is that of V."
    )
    weights, row = section_of(text, "W1[3,2] is written as V · s")
    wanted = ("1", *map(written, (W1[2, 1], g[2, 1], v, s, v * s)))
    assert tuple(row.items()) == tuple(
        zip(("step", "V before", "dL/dV", "V after", "s after", "W1[3,2]"), wanted, strict=True)
    )
    scales, row = section_of(text, "The scale s of the input of W1[3,2]")
    wanted = ("1", *map(written, (1.0, slope, slope, s)))
    heads = ("step", "s before", "dL/ds", "v", "s after")
    assert tuple(row.items()) == tuple(zip(heads, wanted, strict=True))
    assert (
        "3 times the learning rate of V. The memory in this table (v) is that of s."
        in (scales.words[0])
    )
    _, row = section_of(text, "So W1[3,2] moves")
    assert row["after"] == written(v * s)
    # In each step, V and s go on from where they are, and the memory follows from the page.
    rows = {each: [[float(x) for x in row] for row in each.rows] for each in (update, scales)}
    for table, slopes, memory in ((update, 3, 4), (scales, 2, 3)):
        for one, two in pairwise(rows[table]):
            assert two[memory] == pytest.approx(0.9 * one[memory] + two[slopes], rel=1e-4)
    for one, two in pairwise(weights.rows):
        assert one[3] == two[1]
    assert not any("scale" in title for title in tables(traced("sgd:lr=0.2", 0.0)))


def test_without_momentum_no_memory_is_claimed():
    for text, learned in (
        ("sgd:scales=3", "v is dL/dV."),
        ("sgd:lr=0.1", "v is the gradient."),
        ("sgd:clip=0.01", "v is the clipped gradient."),
    ):
        update, row = section_of(text, "The update")
        assert f"With μ = 0 it has no memory: {learned}" in update.words[0]
        assert row["v"] == row[update.heads[-2]]
        assert not any("The memory" in said for said in update.words)


def test_with_clipping_the_slopes_are_those_of_the_clipped_gradient():
    update, row = section_of("sgd:scales=3,clip=0.01", "The update")
    assert "g is dL/dV = s · clipped gradient." in update.words[1]
    assert row["dL/dV"] == row["clipped to"] != row["gradient"]
    scales, _ = section_of("sgd:scales=3,clip=0.01", "The scale s")
    assert "dL/ds is the sum of V · clipped gradient over all units" in scales.words[0]


def test_weight_decay_is_shown_of_the_scaled_weight():
    text = "sgd:lr=0.2,scales=3,decay=0.1"
    weights, row = section_of(text, "W1[3,2] is written as V · s")
    assert row["decayed to"] == written(0.98 * W1[2, 1])
    assert float(row["V after"]) == pytest.approx(
        float(row["decayed to"]) - 0.2 * float(row["dL/dV"]), rel=1e-4
    )
    assert "Weight decay acts on V, and not on s." in weights.words[0]
    moved, _ = section_of(text, "So W1[3,2] moves")
    assert "decayed to" not in moved.heads
    moved, _ = section_of("sgd:lr=0.2,decay=0.1", "So W1[3,2] moves")
    assert "decayed to" in moved.heads


def test_a_scale_that_would_fall_too_low_is_said_to_stay():
    scales, _ = section_of("adam:lr=0.5,scales=6", "The scale s", ALPHA)
    assert [row[0] for row in scales.rows if row[-1] == "0.05"] == ["1", "3", "4"]
    assert "s stays at least 0.05: in steps 1, 3, 4 the rule alone would" in scales.words[0]
    scales, _ = section_of("adam:lr=0.001,scales=6", "The scale s")
    assert "stays" not in scales.words[0]


def test_the_memory_of_adagrad_has_another_name_than_the_scale():
    update, _ = section_of("adagrad:scales=3", "The update")
    scales, _ = section_of("adagrad:scales=3", "The scale s")
    assert update.heads[-1] == scales.heads[3] == "s (memory)"
    assert section_of("adagrad", "The update")[0].heads[-1] == "s"


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
