"""The gradient check of a model, and the faults that it has to see."""

import numpy as np
import pytest

import by_hand
from thalweg.counter_based_random import generator
from thalweg.errors import DataError, SettingsError
from thalweg.network.architecture import Architecture
from thalweg.network.engine import Data, Objective, choose
from thalweg.network.formulas.activations import ACTIVATIONS
from thalweg.network.formulas.losses import LOSSES
from thalweg.network.held_weights import held
from thalweg.tracing.network_check import BATCH, MOST_ELEMENTS, check_model, drawn_data
from thalweg.tracing.planted_faults import FAULTS, plant


def problem(sizes=(4, 5, 4, 1), hidden="tanh", text="sigmoid_cross_entropy", n_rows=30, seed=0):
    rng = np.random.default_rng([5, seed])
    architecture = Architecture(sizes, (*((hidden,) * (len(sizes) - 2)), "identity"))
    data = Data.of(
        rng.normal(size=(n_rows, sizes[0])), by_hand.targets(text, n_rows, sizes[-1], rng)
    )
    theta = rng.normal(size=architecture.n_parameters) * 0.8
    return architecture, Objective(text, penalty=0.05, l1=0.02), theta, data


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("text", sorted(LOSSES))
@pytest.mark.parametrize("hidden", ["relu", "gelu"])
def test_a_right_gradient_passes_in_every_part(hidden, text):
    architecture, objective, theta, data = problem((3, 4, 3, 2), hidden, text)
    check = check_model(architecture, objective, theta, data)
    assert check.passes, check
    assert [part.part for part in check.parts] == [
        "loss", "loss + squares", "loss + squares + sizes",
    ]  # fmt: skip
    still = held(architecture, text)  # weights that are 0 forever have no derivative
    n_moved = architecture.n_parameters - (still.stop - still.start)
    for part in check.parts:
        assert list(part.errors) == [block.name for block in architecture.blocks]
        assert part.compared + part.left_out == n_moved
        assert part.left_out <= 2


@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
def test_rows_are_drawn_where_there_are_none(activation):
    architecture, objective, theta, _ = problem((3, 6, 1), activation)
    check = check_model(architecture, objective, theta)
    assert check.drawn
    assert check.passes
    assert check == check_model(architecture, objective, theta)


@pytest.mark.parametrize("text", sorted(LOSSES))
def test_a_right_gradient_passes_on_drawn_rows(text):
    architecture, objective, theta, _ = problem((3, 4, 3), text=text)
    assert check_model(architecture, objective, theta).passes


@pytest.mark.parametrize("text", sorted(LOSSES))
def test_drawn_targets_suit_the_loss(text):
    architecture = Architecture((2, 3), ("identity",))
    Y = drawn_data(architecture, text, 50, generator(0, "gradcheck")).Y
    if text in ("sigmoid_cross_entropy", "softmax_cross_entropy"):
        assert set(np.unique(Y)) == {0.0, 1.0}
    if text == "softmax_cross_entropy":
        assert np.all(Y.sum(axis=1) == 1)
    if text == "ordinal":
        grades = [by_hand.ends_of(grade, 3) for grade in range(4)]
        assert {tuple(row) for row in Y} == {tuple(grade) for grade in grades}
    if text == "poisson":
        assert Y.min() >= 0
        assert np.all(Y % 1 == 0)
    if text == "gamma":
        assert Y.min() > 0
    if text == "tweedie":
        assert (Y == 0).any()
        assert Y.min() == 0 < Y.max()


def test_what_crosses_a_kink_is_compared_on_other_rows():
    # A row of zeros: Z is the bias, which is 0 in nine units of ten, at the kink, and in one is
    # less than two steps away from it.
    architecture, objective, theta, data = problem((5, 10, 1), "relu", n_rows=30)
    bias = architecture.blocks[1].of(theta)
    bias[:] = 0
    bias[3] = 5e-4
    first = generator(0, "gradcheck").permutation(30)[:BATCH]
    data.X[first[0]] = 0
    check = check_model(architecture, objective, theta, data)
    assert check.passes
    part = check.parts[0]
    assert (part.redrawn, part.left_out, part.compared) == (9, 0, theta.size)
    assert part.shortened >= 1
    alone = check_model(architecture, objective, theta, Data.of(data.X[first], data.Y[first]))
    assert alone.parts[0].left_out == 9
    assert alone.passes


def test_of_a_large_network_a_share_of_every_block_is_compared():
    architecture = Architecture.dense(20, (300,), 1, "tanh")
    theta = np.random.default_rng(0).normal(size=architecture.n_parameters) * 0.3
    check = check_model(architecture, Objective("squared_error"), theta)
    (part,) = check.parts
    assert MOST_ELEMENTS <= part.compared <= MOST_ELEMENTS + len(architecture.blocks)
    assert set(part.errors) == {"W1", "b1", "W2", "b2"}
    assert check.passes


def test_no_row_is_an_error():
    architecture, objective, theta, data = problem()
    with pytest.raises(DataError, match="no row to check on"):
        check_model(architecture, objective, theta, Data.of(data.X[:0], data.Y[:0]))


# --- planted faults ---------------------------------------------------------------------------


# The loss for the faults that need another one than that of two classes.
OF_LOSS = {
    "softmax_diagonal_only": "softmax_cross_entropy",
    "twice_the_error": "squared_error",
    "error_not_clipped": "huber:delta=0.5",
    "swapped_sides": "quantile:level=0.8",
}
# Every fault that shows for a loss, and no other one.
OF_TWO_CLASSES = {name for name in FAULTS if name not in OF_LOSS}
OF_OTHERS = OF_TWO_CLASSES - {"sigmoid_derivative", "forgotten_link"}
SHOWN = {
    "sigmoid_cross_entropy": OF_TWO_CLASSES,
    "softmax_cross_entropy": OF_OTHERS | {"forgotten_link", "softmax_diagonal_only"},
    "squared_error": OF_OTHERS | {"twice_the_error"},
    "absolute_error": OF_OTHERS,
    "huber:delta=0.5": OF_OTHERS | {"error_not_clipped"},
    "quantile:level=0.8": OF_OTHERS | {"swapped_sides"},
    "quantile:level=0.5": OF_OTHERS,
    "poisson": OF_OTHERS | {"forgotten_link"},
    "gamma": OF_OTHERS | {"forgotten_link"},
    "tweedie:power=1.5": OF_OTHERS | {"forgotten_link"},
    "ordinal": OF_OTHERS | {"forgotten_link"},
}


def of_fault(fault):
    text = OF_LOSS.get(fault, "sigmoid_cross_entropy")
    return problem((4, 5, 4, 3 if text == "softmax_cross_entropy" else 1), text=text)


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("text", sorted(SHOWN))
def test_the_faults_of_every_task_are_caught_by_name_and_others_refused(text):
    sizes = (3, 4, 3 if text in ("softmax_cross_entropy", "ordinal") else 1)
    architecture, objective, theta, data = problem(sizes, text=text)
    assert check_model(architecture, objective, theta, data).passes
    caught = set()
    for fault in FAULTS:
        try:
            check = check_model(architecture, objective, theta, data, fault=fault)
        except SettingsError:
            continue
        assert not check.passes, fault
        assert check.worst > 1e-3, fault
        caught.add(fault)
    assert caught == SHOWN[text]


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_every_fault_is_caught(fault):
    architecture, objective, theta, data = of_fault(fault)
    assert check_model(architecture, objective, theta, data).passes
    check = check_model(architecture, objective, theta, data, fault=fault)
    assert not check.passes
    assert check.worst > 1e-3, "nobody would call it a fault"


# What each fault spoils, worked out on paper: all of θ, or these blocks alone.
SPOILS = {
    "dropped_bias": {"b1"},
    "wrong_axis": {"b1", "b2", "b3"},
    "penalty_on_biases": {"b1", "b2", "b3"},
    "missing_penalty": {"W1", "W2", "W3"},
    "input_before_activation": {"W2", "W3"},
    "updated_too_early": {"W1", "b1", "W2", "b2"},
    "slope_at_output": {"W1", "b1", "W2", "b2"},
}


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_a_fault_is_found_where_it_is(fault):
    architecture, objective, theta, data = of_fault(fault)
    check = check_model(architecture, objective, theta, data, fault=fault)
    wrong = {name for part in check.parts for name, e in part.errors.items() if e > 1e-6}
    assert wrong == SPOILS.get(fault, {block.name for block in architecture.blocks})


def test_faults_have_words_and_there_are_enough_of_them():
    assert len(FAULTS) >= 6
    for fault in FAULTS.values():
        assert fault.text.endswith(".")
        assert "\n" not in fault.text


@pytest.mark.parametrize(
    ("fault", "settings", "says"),
    [
        ("sigmoid_derivative", {"text": "squared_error"}, "a sigmoid after the last layer"),
        ("slope_at_output", {"hidden": "relu"}, "differs between Z and A"),
        ("missing_1_over_n", {"n_rows": 1}, "more than one row"),
        ("updated_too_early", {"sizes": (3, 1)}, "a hidden layer"),
    ],
)
def test_a_fault_that_cannot_show_is_refused(fault, settings, says):
    architecture, objective, theta, data = problem(**settings)
    with pytest.raises(SettingsError, match=rf"does not show.*{says}.*plant one") as refused:
        check_model(architecture, objective, theta, data, fault=fault)
    # The mend names those that can be planted here, all of them and no others.
    named = str(refused.value).partition("shows here: ")[2].rstrip(".").split(", ")
    for other in FAULTS:
        if other in named:
            check_model(architecture, objective, theta, data, fault=other)
        else:
            with pytest.raises(SettingsError, match="does not show"):
                check_model(architecture, objective, theta, data, fault=other)


def test_a_forgotten_penalty_needs_one():
    architecture, _, theta, data = problem()
    objective = Objective("sigmoid_cross_entropy")
    for fault in ("missing_penalty", "penalty_on_biases"):
        with pytest.raises(SettingsError, match="alpha above 0"):
            check_model(architecture, objective, theta, data, fault=fault)


def test_the_error_of_an_unknown_fault_says_which_there_are():
    with pytest.raises(SettingsError, match=r"no planted fault 'typo'.*sigmoid_derivative"):
        plant("typo")


def test_heights_and_descents_of_a_faulty_engine_are_right():
    architecture, objective, theta, data = problem()
    faulty, right = plant("sign"), choose()
    thetas = np.stack([theta, theta * 1.1])
    assert np.array_equal(
        faulty.losses(architecture, objective, thetas, data),
        right.losses(architecture, objective, thetas, data),
    )
    assert np.array_equal(
        faulty.predict(architecture, theta, data), right.predict(architecture, theta, data)
    )
    height, gradient = faulty.loss_and_gradient(architecture, objective, theta, data)
    expected, slopes = right.loss_and_gradient(architecture, objective, theta, data)
    assert height == pytest.approx(expected, rel=1e-13)
    assert not np.allclose(gradient, slopes)
