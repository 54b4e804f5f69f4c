"""The trace against the engines, against differences, and against plain floats."""

import itertools
import math
from dataclasses import replace

import mpmath
import numpy as np
import pytest

import by_hand
from thalweg.counter_based_random import generator
from thalweg.errors import DataError, SettingsError
from thalweg.network.architecture import Architecture
from thalweg.network.engine import Data, Method, Noise, Objective, choose
from thalweg.network.formulas.activations import ACTIVATIONS
from thalweg.network.formulas.losses import LOSSES, loss
from thalweg.network.formulas.rules import RULES
from thalweg.network.held_weights import held
from thalweg.tracing.chain_rule import chain, find_weight, steepest
from thalweg.tracing.row_trace import trace
from thalweg.tracing.update import MEMORY, term_names, update

CASES = 200


def case(number, redraw=0, **changes):
    """A random network with a loss, on one row or a few; every activation and loss in turn."""
    rng = generator(31, "gradcheck", number, redraw)
    depth = 1 + number % 6
    sizes = tuple(int(n) for n in rng.integers(1, 7, size=depth + 1))
    names = sorted(ACTIVATIONS)
    hidden = [names[(number + 3 * k) % len(names)] for k in range(depth - 1)]
    last = names[number % len(names)] if number % 5 == 4 else "identity"
    text = sorted(LOSSES)[number % len(LOSSES)]
    architecture = Architecture(sizes, (*hidden, last))
    weights = rng.uniform(0.5, 2.0, size=1 + number % 3)
    X = rng.normal(size=(len(weights), sizes[0]))
    data = Data.of(X, by_hand.targets(text, len(weights), sizes[-1], rng), weights)
    dropout = 0.4 if number % 4 == 3 else 0.0
    alpha, l1 = 0.5 * (number % 3 == 1), 0.3 * (number % 7 == 2)
    objective = replace(Objective.over(text, alpha, weights, l1, dropout), **changes)
    theta = rng.normal(size=architecture.n_parameters) * 0.8
    noise = Noise(number, redraw) if dropout else None
    traced = trace(architecture, objective, theta, data, noise)
    block = architecture.blocks[int(rng.integers(len(architecture.blocks)))]
    i, j = (int(rng.integers(n)) + 1 for n in block.shape)
    weight = f"{block.name}[{i}]" if block.kind == "biases" else f"{block.name}[{i},{j}]"
    return traced, weight


# --- the chain rule ---------------------------------------------------------------------------


def test_factors_make_the_engines_gradient_and_meet_the_difference():
    engine, redrawn, compared, largest = choose("compiled"), 0, 0, 0.0
    for number in range(CASES):
        for redraw in range(20):
            traced, weight = case(number, redraw)
            found = chain(traced, weight, engine=engine)
            if found.difference.step:
                break
            redrawn += 1
        gradient, difference = found.engine, found.difference
        assert abs(found.value - gradient) <= 1e-12 * abs(gradient), (number, weight)
        # What rounding alone may do to a difference of heights (as the gradient check has it).
        height = abs(traced.height) + np.sum(np.abs(traced.theta * traced.gradient))
        doubt = 4 * np.finfo(float).eps * height / difference.step
        off = max(abs(difference.value - gradient) - doubt, 0.0)
        assert off <= 1e-6 * abs(gradient), (number, weight)
        compared += gradient != 0
        largest = max(largest, len(traced.architecture.activations))
    assert compared >= 0.7 * CASES
    assert largest == 6
    assert redrawn <= CASES // 10


def test_nearly_all_differences_agree_without_any_doubt():
    close = 0
    for number in range(60):
        traced, weight = case(number)
        found = chain(traced, weight)
        d, g = found.difference, found.engine
        close += not (d.step and g) or abs(d.value - g) <= 1e-6 * abs(g)
    assert close >= 58


def brute_force(traced, weight, r):
    """Every path of one row to the weight's unit, as (units, product), in plain floats."""
    architecture, noise = traced.architecture, traced.noise
    layers, n_layers = architecture.layers(traced.theta), architecture.n_layers
    _, start = by_hand.of_loss(
        traced.objective.loss, traced.passed.A[-1][:, r].tolist(), traced.data.Y[r].tolist()
    )

    def slope(layer, unit):
        z = float(traced.passed.Z[layer - 1][unit, r])
        found = by_hand.CURVES[architecture.activations[layer - 1]][1](z)
        if noise and layer < n_layers:
            p, place = traced.objective.dropout, unit * traced.n_rows + r
            found *= by_hand.kept_by_hand(*noise, layer - 1, place, p) / (1 - p)
        return found

    paths = []
    behind = range(n_layers, weight.layer, -1)
    for units in itertools.product(*(range(architecture.sizes[layer]) for layer in behind)):
        product = float(traced.shares[r]) * start[units[0]] if units else math.nan
        places = [*units, weight.unit - 1]
        for layer, (k, j) in zip(behind, itertools.pairwise(places), strict=True):
            product *= slope(layer, k) * float(layers[layer - 1][0][k, j])
        paths.append((tuple(unit + 1 for unit in units), product))
    return paths


@pytest.mark.parametrize("number", [2, 3, 4, 9, 10, 15, 16, 23, 29, 33, 39, 41])
def test_paths_are_the_strongest_and_the_rest_is_all_others(number):
    traced, _ = case(number)
    for r in range(traced.n_rows):
        found = chain(traced, "W1[1,1]", n_paths=3)
        row, expected = found.rows[r], brute_force(traced, found.weight, r)
        if traced.architecture.n_layers == 1:
            continue
        expected.sort(key=lambda path: -abs(path[1]))
        assert len(row.paths) + row.n_more == len(expected)
        assert row.n_more != 1
        for path, (_, product) in zip(row.paths, expected, strict=False):
            assert path.value == pytest.approx(product, rel=1e-12, abs=1e-300)
            by_units = dict(expected)[path.units]
            assert path.value == pytest.approx(by_units, rel=1e-12, abs=1e-300)
        left = math.fsum(product for _, product in expected[len(row.paths) :])
        size = max(abs(product) for _, product in expected)
        assert row.rest == pytest.approx(left, rel=1e-10, abs=1e-13 * size)


def test_the_articles_network_has_one_product():
    rng = np.random.default_rng(3)
    architecture = Architecture.dense(9, (15,), 1, "relu")
    data = Data.of(rng.normal(size=(1, 9)), np.ones((1, 1)))
    theta = rng.normal(size=architecture.n_parameters)
    traced = trace(architecture, Objective("sigmoid_cross_entropy"), theta, data)
    found = chain(traced, "W1[3,2]")
    (row,) = found.rows
    (path,) = row.paths
    names = [factor.name for factor in (*path.factors, *row.local)]
    assert names == [
        "dLoss_Yh", "dYh_Z2", "dZ2_A1[3]", "dA1[3]_Z1[3]", "dZ1[3]_W1[3,2]",
    ]  # fmt: skip
    values = [factor.value for factor in (*path.factors, *row.local)]
    assert math.prod(values) == pytest.approx(found.engine, rel=1e-14)
    # Unit 3 and column 2 counted from 1: theta is W1 row by row.
    assert found.weight.element == 2 * 9 + 1
    assert values[-1] == data.X[0, 1]
    assert values[2] == architecture.layers(theta)[1][0][0, 2]


def test_the_slope_of_the_prediction_is_the_articles():
    # -Y / Yh + (1 - Y) / (1 - Yh), with 50 digits.
    for z, y in itertools.product((-30.0, -2.0, 0.3, 9.0, 30.0), (0.0, 1.0)):
        architecture = Architecture((1, 1), ("identity",))
        data = Data.of(np.array([[1.0]]), np.array([[y]]))
        traced = trace(architecture, Objective("sigmoid_cross_entropy"), np.array([z, 0.0]), data)
        with mpmath.workdps(50):
            p = 1 / (1 + mpmath.exp(-mpmath.mpf(z)))
            expected = float(-y / p + (1 - y) / (1 - p))
        found = traced.gradient_of_prediction
        # Yh - Y itself is known to ε / |Yh - Y|.
        doubt = 4e-16 / abs(traced.back.dZ[-1][0, 0])
        assert found[0, 0] == pytest.approx(expected, rel=1e-12 + doubt)


def test_a_slope_too_small_to_divide_by_is_left_out():
    architecture = Architecture((1, 1), ("identity",))
    data = Data.of(np.array([[1.0]]), np.array([[1.0]]))
    theta = np.array([-800.0, 0.0])
    traced = trace(architecture, Objective("sigmoid_cross_entropy"), theta, data)
    assert np.isnan(traced.gradient_of_prediction[0, 0])
    found = chain(traced, "W1[1,1]")
    assert [f.name for f in found.rows[0].paths[0].factors] == ["dLoss_Z1"]
    assert found.value == found.engine == -1.0


# --- the nodes --------------------------------------------------------------------------------


def test_nodes_have_the_names_of_the_derivation():
    traced, _ = case(1, penalty=0.0)
    architecture = Architecture.dense(4, (3,), 1, "relu")
    data = Data.of(np.ones((1, 4)), np.ones((1, 1)))
    theta = np.ones(architecture.n_parameters)
    traced = trace(architecture, Objective("sigmoid_cross_entropy"), theta, data)
    nodes = {node.name: node for node in traced.nodes()}
    assert list(nodes) == ["X", "W1", "b1", "Z1", "A1", "W2", "b2", "Z2", "Yh", "Loss"]
    derivatives = [node.derivative for node in traced.nodes() if node.derivative]
    assert derivatives == [
        "dLoss_W1", "dLoss_b1", "dLoss_Z1", "dLoss_A1", "dLoss_W2", "dLoss_b2", "dLoss_Z2",
        "dLoss_Yh",
    ]  # fmt: skip
    for node in nodes.values():
        assert node.gradient is None or node.gradient.shape == node.value.shape
    assert nodes["Z1"].value.tolist() == [[5.0]] * 3
    assert nodes["Loss"].value[0, 0] == pytest.approx(math.log1p(math.exp(-16)))


@pytest.mark.parametrize("number", range(0, 60, 5))
def test_height_and_gradient_are_those_of_plain_floats(number):
    traced, _ = case(number)
    rows = [each.tolist() for each in (traced.data.X, traced.data.Y, traced.data.weights)]
    height, gradient = by_hand.loss_and_gradient(
        traced.architecture, traced.objective, traced.theta.tolist(), *rows, traced.noise
    )
    assert traced.height == pytest.approx(height, rel=1e-12)
    np.testing.assert_allclose(traced.gradient, gradient, rtol=1e-10, atol=1e-14)


def test_derivatives_of_outputs_meet_differences():
    # A1 of a network is the input of what stands behind it.
    architecture = Architecture((4, 5, 3, 2), ("tanh", "gelu", "identity"))
    rng = np.random.default_rng(7)
    theta = rng.normal(size=architecture.n_parameters)
    data = Data.of(rng.normal(size=(1, 4)), by_hand.targets("softmax_cross_entropy", 1, 2, rng))
    traced = trace(architecture, Objective("softmax_cross_entropy"), theta, data)
    nodes = {node.name: node for node in traced.nodes()}
    behind = Architecture((5, 3, 2), ("gelu", "identity"))
    for unit in range(5):
        heights = []
        for h in (-1e-5, 1e-5):
            A1 = nodes["A1"].value.T.copy()
            A1[0, unit] += h
            moved = Data.of(A1, data.Y)
            heights.append(trace(behind, traced.objective, theta[25:], moved).height)
        expected = (heights[1] - heights[0]) / 2e-5
        assert nodes["A1"].gradient[unit, 0] == pytest.approx(expected, abs=1e-9)
        slope = 1 - nodes["A1"].value[unit, 0] ** 2
        assert nodes["Z1"].gradient[unit, 0] == pytest.approx(expected * slope, abs=1e-9)
    assert nodes["Yh"].derivative == ""  # softmax: all outputs share one sum
    assert nodes["Yh"].value.sum() == pytest.approx(1.0)


def of_grades(alpha=0.5):
    """A network of four grades, with three outputs, on four rows; a row a grade."""
    architecture = Architecture.dense(2, (5,), 3, "tanh")
    rng = np.random.default_rng(11)
    theta = rng.normal(size=architecture.n_parameters)
    theta[held(architecture, "ordinal")] = 0
    Y = np.array([by_hand.ends_of(grade, 3) for grade in range(4)])
    data = Data.of(rng.normal(size=(4, 2)), Y)
    return trace(architecture, Objective("ordinal", penalty=alpha), theta, data)


def test_grades_have_their_cumulative_logits_and_no_slope_of_one_prediction():
    traced = of_grades()
    nodes = {node.name: node for node in traced.nodes()}
    assert list(nodes)[-5:] == ["Z2", "C", "Yh", "P", "Loss"]
    Z, C, Yh = (nodes[name].value for name in ("Z2", "C", "Yh"))
    np.testing.assert_allclose(C[0], Z[0], rtol=1e-15)
    np.testing.assert_allclose(np.diff(C, axis=0), np.log1p(np.exp(Z[1:])), rtol=1e-12)
    np.testing.assert_allclose(Yh, 1 / (1 + np.exp(-C)), rtol=1e-14)
    assert nodes["Yh"].derivative == ""
    likely = np.diff(Yh, axis=0, prepend=0.0, append=1.0)  # of each grade, in each row
    np.testing.assert_allclose(traced.losses, -np.log(np.diag(likely)), rtol=1e-12)


@pytest.mark.parametrize("name", ["W1[3,2]", "b1[4]", "W2[1,2]", "b2[1]", "b2[3]"])
def test_a_weight_of_grades_has_its_factors(name):
    found = chain(of_grades(), name)
    assert found.value == pytest.approx(found.engine, rel=1e-12)
    assert found.difference.value == pytest.approx(found.engine, rel=1e-8)
    assert found.engine != 0


def test_a_weight_that_is_held_has_a_factor_that_says_so():
    traced = of_grades()
    found = chain(traced, "W2[2,4]")
    assert found.value == found.engine == 0
    assert [row.local[-1].name for row in found.rows] == ["held W2[2,4]"] * 4
    assert found.penalties == ()
    assert found.difference.step == 0
    assert any(path.value for row in found.rows for path in row.paths)
    method = replace(Method.of("adam"), factors=(1.0,) * 4)
    steps = update(traced, find_weight(traced, "W2[2,4]"), method, 0.05, steps=3)
    assert [(step.theta, step.gradient, step.moved, step.engine) for step in steps] == [
        (0,) * 4
    ] * 3


def test_float32_is_followed_in_float64():
    architecture = Architecture.dense(3, (4,), 1, "silu")
    theta = np.linspace(-1, 1, architecture.n_parameters).astype(np.float32)
    data = Data.of(np.ones((1, 3), np.float32), np.zeros((1, 1), np.float32))
    traced = trace(architecture, Objective("squared_error"), theta, data)
    assert traced.theta.dtype == traced.passed.Z[0].dtype == np.float64
    assert chain(traced, "W1[1,1]").value == pytest.approx(
        chain(traced, "W1[1,1]").engine, rel=1e-13
    )


@pytest.mark.parametrize("shape", [(0, 3), (1, 2)])
def test_rows_that_do_not_fit_are_refused(shape):
    architecture = Architecture.dense(3, (4,), 1, "relu")
    data = Data.of(np.ones(shape), np.ones((shape[0], 1)))
    with pytest.raises(DataError, match=r"takes 3 inputs to 1 outputs.*give one row or more"):
        trace(architecture, Objective("squared_error"), np.ones(21), data)


# --- the names of weights ---------------------------------------------------------------------


@pytest.fixture
def small():
    architecture = Architecture.dense(3, (4,), 1, "relu")
    data = Data.of(np.array([[1.0, 2.0, 3.0]]), np.ones((1, 1)))
    theta = np.linspace(0.1, 1, architecture.n_parameters)
    return trace(architecture, Objective("squared_error"), theta, data)


@pytest.mark.parametrize(
    ("name", "found", "element"),
    [
        ("W1[1,1]", "W1[1,1]", 0),
        ("W1[4,3]", "W1[4,3]", 11),
        (" W1[ 2 , 1 ] ", "W1[2,1]", 3),
        ("b1[2]", "b1[2]", 13),
        ("W2[1,4]", "W2[1,4]", 19),
        ("b2[1]", "b2[1]", 20),
        ("W1[2,age]", "W1[2,1]", 3),
        ("W1[2,'size, cm']", "W1[2,2]", 4),
        ("W1[2,7]", "W1[2,3]", 5),  # a column may be called 7
    ],
)
def test_weights_are_found_by_number_and_by_column(small, name, found, element):
    weight = find_weight(small, name, ["age", "size, cm", "7"])
    assert (weight.name, weight.element) == (found, element)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("W1", "write W1\\[3,2\\], or b1\\[3\\]"),
        ("V1[1,1]", "names no weight"),
        ("W0[1,1]", "names no weight"),
        ("W3[1,1]", "There is no W3.*W1 to W2"),
        ("W1[5,1]", "unit in W1 with number 5.*from 1 to 4"),
        ("W1[0,1]", "unit in W1 with number 0.*from 1 to 4"),
        ("W1[1,4]", "column in W1 with number 4.*from 1 to 3"),
        ("W1[1,weight]", "no input 'weight'.*age, size"),
        ("W2[2,1]", "number 2.*take 1, the only one"),
        ("W1[1]", "A weight has a unit and a column.*W1\\[1,1\\]"),
        ("b1[1,2]", "A bias has no column.*b1\\[1\\]"),
        ("W1[²,1]", "unit in W1"),
    ],
)
def test_the_error_of_an_unknown_name_says_what_there_is(small, name, says):
    with pytest.raises(SettingsError, match=says):
        find_weight(small, name, ["age", "size", "dose"])


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("W1[1,sex=m]", "A category of two levels has one input.*take sex=f\\.$"),
        ("W1[1,town=Riga]", "take one of town=Bern, town=Oslo\\.$"),
        ("W1[1,town]", "an input for each level.*take one of town=Bern, town=Oslo\\.$"),
        ("W1[1,=]", "take one of age, town=Bern, town=Oslo, sex=f\\.$"),
    ],
)
def test_the_error_of_an_unknown_level_names_the_inputs_of_its_column(small, name, says):
    with pytest.raises(SettingsError, match=says):
        find_weight(small, name, ["age", "town=Bern", "town=Oslo", "sex=f"])


def test_the_steepest_weight_is_found(small):
    # A penalty that would say otherwise: it pulls at the largest weight, which no row moves.
    theta = small.theta.copy()
    theta[0] = -50.0
    penalised = replace(small.objective, penalty=1e3)
    heavy = trace(small.architecture, penalised, theta, small.data)
    for traced in (small, heavy):
        gradient = traced.back.dZ[0] @ traced.data.X
        i, j = np.unravel_index(np.argmax(np.abs(gradient)), gradient.shape)
        assert steepest(traced) == f"W1[{i + 1},{j + 1}]"
    whole = np.abs(heavy.architecture.blocks[0].of(heavy.gradient))
    assert np.unravel_index(whole.argmax(), whole.shape) != (i, j)


# --- the update -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(RULES))
@pytest.mark.parametrize("around", [{}, {"decay": 0.3, "clip": 0.01}])
def test_the_update_is_the_papers_and_the_engines(name, around):
    traced, _ = case(28)
    method = Method.of(name)
    if name in ("sgd", "rmsprop"):  # with some momentum
        method = replace(method, constants=(*method.constants[:-1], 0.5))
    method = replace(method, **around, factors=(2.0, 1.0) * traced.architecture.n_layers)
    weight = find_weight(traced, "W1[1,1]")
    steps = update(traced, weight, method, 0.05, steps=5)
    assert [step.step for step in steps] == [1, 2, 3, 4, 5]
    theta, memory = float(traced.theta[weight.element]), {}
    for step in steps:
        assert step.theta == pytest.approx(theta, rel=1e-12)
        g = step.gradient * step.clipped
        theta = by_hand.RULES[name](
            theta * (1 - 0.1 * method.decay), g, memory, step.step, 0.1, *method.constants
        )
        assert step.moved == pytest.approx(theta, rel=1e-12)
        assert step.engine == pytest.approx(theta, rel=1e-12)
        for key in memory.keys() & step.after.keys():
            assert step.after[key] == pytest.approx(memory[key], rel=1e-11), key
    assert (steps[0].clipped < 1) == bool(around)
    assert steps[0].gradient == pytest.approx(chain(traced, "W1[1,1]").engine, rel=1e-14)
    for one, next_one in itertools.pairwise(steps):
        assert one.after == pytest.approx(next_one.before, rel=1e-13)


@pytest.mark.parametrize("name", sorted(RULES))
@pytest.mark.parametrize("around", [{}, {"decay": 0.3, "clip": 0.01}])
def test_the_update_of_a_weight_with_the_scale_of_its_input(name, around):
    traced, _ = case(28)
    factors = (0.5, *(1.0,) * (2 * traced.architecture.n_layers - 1))
    method = replace(Method.of(name), **around, scales=80.0, factors=factors)
    weight = find_weight(traced, "W1[2,1]")
    steps = update(traced, weight, method, 0.05, steps=6)
    first = traced.architecture.blocks[0]
    column = weight.element % first.shape[1]
    scale, memory, of_scale = 1.0, {}, {}
    for step in steps:
        scaled = step.scaled
        assert scaled.scale == pytest.approx(scale, rel=1e-11)
        assert scaled.weight == pytest.approx(step.theta / scale, rel=1e-11)
        assert scaled.gradient == pytest.approx(scale * step.gradient * step.clipped, rel=1e-11)
        v = by_hand.RULES[name](
            scaled.weight * (1 - 0.025 * method.decay), scaled.gradient, memory, step.step, 0.025,
            *method.constants,
        )  # fmt: skip
        scale = by_hand.RULES[name](scale, scaled.slope, of_scale, step.step, 2.0,
                                    *method.constants)  # fmt: skip
        assert scaled.held == (scale < 0.05)
        scale = max(scale, 0.05)
        assert set(scaled.after) == set(step.after)
        for key in of_scale.keys() & scaled.after.keys():
            assert scaled.after[key] == pytest.approx(of_scale[key], rel=1e-10), key
        assert scaled.next_scale == pytest.approx(scale, rel=1e-10)
        assert scaled.moved == pytest.approx(v, rel=1e-10)
        assert step.moved == pytest.approx(v * scale, rel=1e-10)
        assert step.engine == pytest.approx(v * scale, rel=1e-10)
    assert not any(steps[0].scaled.before.values())
    for one, two in itertools.pairwise(steps):
        assert two.scaled.before == pytest.approx(one.scaled.after, rel=1e-11)
    W, g = first.of(traced.theta)[:, column], first.of(traced.gradient)[:, column]
    assert steps[0].scaled.slope == pytest.approx(float(W @ g) * steps[0].clipped, rel=1e-11)
    bias = find_weight(traced, "b1[1]")
    assert all(step.scaled is None for step in update(traced, bias, method, 0.05))


def test_every_rule_has_names_for_its_memory_and_its_terms():
    assert set(MEMORY) == set(RULES)
    for name, rule in RULES.items():
        assert len(MEMORY[name]) == rule.n_slots
    assert term_names(RULES["sgd"]) == ["rate", "momentum"]
    assert term_names(RULES["adam"]) == [
        "beta_1", "rest_1", "beta_2", "rest_2", "rate", "epsilon",
    ]  # fmt: skip


def test_dropout_of_the_update_is_that_of_the_trace():
    traced, _ = case(3)
    assert traced.noise
    weight = find_weight(traced, steepest(traced))
    (step,) = update(traced, weight, Method.of("sgd"), 0.1, steps=1)
    assert step.loss == pytest.approx(traced.height, rel=1e-13)
    assert step.engine == pytest.approx(step.moved, rel=1e-14)


def test_a_descent_that_leaves_the_numbers_is_shown_as_far_as_it_goes(small):
    weight = find_weight(small, "W1[1,1]")
    assert len(update(small, weight, Method.of("sgd"), 1e200, steps=5)) < 5
    with pytest.raises(SettingsError, match="take 1 or more"):
        update(small, weight, Method.of("sgd"), 0.1, steps=0)


# --- the slope of the link --------------------------------------------------------------------


@pytest.mark.parametrize("text", [t for t in sorted(LOSSES) if not LOSSES[t].joint])
def test_the_slope_of_the_link_meets_differences(text):
    z, h = np.linspace(-4, 4, 41)[None], 1e-5
    formula = loss(text)
    expected = (formula.predict(z + h) - formula.predict(z - h)) / (2 * h)
    np.testing.assert_allclose(formula.predict_slope(z), expected, rtol=1e-7, atol=1e-11)
