"""The drawing of a network, read back: its lines are its weights, and its names are harmless."""

import xml.etree.ElementTree as ET

import numpy as np
import pytest

from thalweg.network.architecture import Architecture, initial_theta
from thalweg.reporting.network_drawing_data import path_shares
from thalweg.reporting.network_svg import DOWN, MOST_UNITS, UP, network_svg
from thalweg.wording import printable

SVG = "{http://www.w3.org/2000/svg}"


def network(*sizes, seed=0):
    architecture = Architecture.dense(sizes[0], sizes[1:-1], sizes[-1], "relu")
    theta = initial_theta(architecture, "he", np.random.default_rng(seed))
    theta[theta == 0] = np.random.default_rng(seed + 1).normal(size=(theta == 0).sum())
    return architecture.layers(theta), architecture.activations


def drawn(layers, activations, inputs=None, outputs=None):
    inputs = inputs or [f"column {i}" for i in range(layers[0][0].shape[1])]
    outputs = outputs or [f"output {i}" for i in range(len(layers[-1][0]))]
    return ET.fromstring(network_svg(layers, activations, inputs, outputs))


def circles(root):
    """The circles of each column, from the top."""
    columns = {}
    for circle in root.iter(f"{SVG}circle"):
        columns.setdefault(float(circle.get("cx")), []).append(circle)
    return [sorted(columns[x], key=lambda c: float(c.get("cy"))) for x in sorted(columns)]


def titles(column):
    return [circle.find(f"{SVG}title").text for circle in column]


def lines(root):
    """Every connection: (from x, from y, to x, to y) and the path that it belongs to."""
    for path in root.findall(f"{SVG}g/{SVG}path"):
        for piece in path.get("d").removeprefix("M").split("M"):
            start, end = piece.split("L")
            yield [float(n) for n in f"{start} {end}".split()], path


def words(root):
    return [each.text for each in root.iter(f"{SVG}text")]


def test_every_weight_is_a_line_of_its_sign_and_strength():
    layers, activations = network(5, 7, 1)
    root = drawn(layers, activations)
    inputs, hidden, outputs = circles(root)
    assert (len(inputs), len(hidden), len(outputs)) == (5, 7, 1)
    assert titles(inputs) == [f"column {i}" for i in range(5)]
    unit = {y: int(title.split()[1].rstrip(",")) - 1 for y, title in zip(
        [float(c.get("cy")) for c in hidden], titles(hidden), strict=True)}  # fmt: skip
    assert sorted(unit.values()) == list(range(7))
    place = {float(c.get("cy")): i for i, c in enumerate(inputs)}
    middle = float(hidden[0].get("cx"))
    found = {}
    for (x, start, _, end), path in lines(root):
        key = (0, unit[end], place[start]) if x < middle else (1, 0, unit[start])
        found[key] = path
    for n, (W, _) in enumerate(layers):
        W = W / np.abs(W).max()
        for (row, col), weight in np.ndenumerate(W):
            path = found.pop((n, row, col), None)
            if path is None:
                assert abs(weight) <= 1 / 14 + 1e-12, "left out though it could be seen"
                continue
            assert path.get("stroke") == (UP if weight > 0 else DOWN)
            # Visible without colour, too.
            assert (path.get("stroke-dasharray") is None) == (weight > 0)
            width = (float(path.get("stroke-width")) - 0.4) / 2.4
            assert width == pytest.approx(abs(weight), abs=1 / 14 + 0.03)
    assert found == {}


def test_stronger_lines_lie_on_weaker_ones():
    root = drawn(*network(12, 16, 3))
    for group in root.findall(f"{SVG}g"):
        opacities = [float(path.get("opacity")) for path in group]
        assert opacities == sorted(opacities)
        assert max(opacities) == 0.92


def test_inner_units_stand_in_the_order_of_their_effect():
    layers, activations = network(4, 9, 5, 1)
    W1, W2, W3 = (W for W, _ in layers)
    del W1
    columns = circles(drawn(layers, activations))
    for column, effect in zip(columns[1:3], (W3[0] @ W2, W3[0]), strict=True):
        order = [int(title.split()[1].rstrip(",")) - 1 for title in titles(column)]
        assert order == np.argsort(-effect).tolist()


def test_of_many_inputs_the_first_are_shown_and_of_many_units_those_with_most_paths():
    layers, activations = network(30, 64, 1)
    root = drawn(layers, activations)
    inputs, hidden, _ = circles(root)
    assert len(inputs) == len(hidden) == MOST_UNITS == 16
    shares = path_shares([W for W, _ in layers])
    assert titles(inputs) == [f"column {i}" for i in range(16)]
    chosen = {int(title.split()[1].rstrip(",")) - 1 for title in titles(hidden)}
    assert chosen == set(np.argsort(-shares[1])[:16].tolist())
    assert {"30 inputs", "64 relu", "1 output", "14 more", "48 more"} <= set(words(root))


def test_a_deep_network_shows_its_ends():
    root = drawn(*network(3, *[4] * 200, 2))
    assert [len(column) for column in circles(root)] == [3, 4, 4, 4, 4, 2]
    assert {"196 more", "layers"} <= set(words(root))
    # No line joins the two ends.
    assert len(root.findall(f"{SVG}g")) == 4
    assert "more" not in " ".join(words(drawn(*network(3, 4, 4, 4, 4, 1))))


def test_biases_fill_the_circles():
    layers, activations = network(2, 3, 1)
    layers[0][1][:] = [[2.0], [-1.0], [0.0]]
    for circle in circles(drawn(layers, activations))[1]:
        unit, bias = circle.find(f"{SVG}title").text.split(", bias ")
        share, color = {
            "unit 1": (0.9, UP), "unit 2": (0.45, DOWN), "unit 3": (0.0, DOWN)
        }[unit]  # fmt: skip
        assert float(bias) == layers[0][1][int(unit[-1]) - 1, 0]
        assert float(circle.get("fill-opacity")) == share
        assert circle.get("fill") == color


@pytest.mark.parametrize("sizes", [(1, 1), (3, 1), (1, 1, 1), (2, 40, 3)])
def test_all_of_it_is_on_the_page(sizes):
    root = drawn(*network(*sizes))
    _, _, width, height = map(float, root.get("viewBox").split())
    for circle in root.iter(f"{SVG}circle"):
        assert 10 < float(circle.get("cx")) < width - 10
        assert 10 < float(circle.get("cy")) < height - 10
    for each in root.iter(f"{SVG}text"):
        assert 10 < float(each.get("y")) < height


def test_a_network_of_zeros_has_no_lines():
    layers = [(np.zeros((3, 2)), np.zeros((3, 1))), (np.zeros((1, 3)), np.zeros((1, 1)))]
    root = drawn(layers, ("relu", "identity"))
    assert list(lines(root)) == []
    assert [len(column) for column in circles(root)] == [2, 3, 1]


def test_the_largest_weight_is_drawn_whatever_its_size():
    for size in (1e-300, 3e-7, 0.1, 1 / 3, 7.3, 1e300):
        layers = [(np.array([[size, -size]]), np.zeros((1, 1)))]
        found = [path.get("stroke") for _, path in lines(drawn(layers, ("identity",)))]
        assert found == [UP, DOWN]


@pytest.mark.parametrize("name", [
    "</svg><script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "a&amp;b", "x" * 500,
    "null\x00, half \ud800", "<![CDATA[", "'\"`",
])  # fmt: skip
def test_names_are_text_and_nothing_else(name):
    layers, activations = network(2, 2, 1)
    root = drawn(layers, activations, [name, "b"], [name])
    assert {each.tag.removeprefix(SVG) for each in root.iter()} == {
        "svg", "title", "text", "path", "circle", "g",
    }  # fmt: skip
    clean = printable(name)
    shown = [each for each in words(root) if each[:3] == clean[:3]]
    assert len(shown) == 2
    assert all(clean.startswith(each.rstrip("…")) and len(each) <= 26 for each in shown)


def test_it_brings_no_script_and_asks_for_nothing():
    svg = network_svg(*network(4, 5, 1), ["a", "b", "c", "d"], ["e"])
    for bad in ("<script", "href", "url(", "<style", "<image", "onload", "onclick", "http://"):
        assert bad not in svg.replace('xmlns="http://www.w3.org/2000/svg"', "")


def test_columns_keep_their_order_whatever_their_weights():
    """No place and no size says that one column weighs more than another."""
    layers, activations = network(6, 7, 1)
    for heavy in range(6):
        weighed = [(layers[0][0].copy(), layers[0][1]), layers[1]]
        weighed[0][0][:, heavy] *= 1000
        inputs = circles(drawn(weighed, activations))[0]
        assert titles(inputs) == [f"column {i}" for i in range(6)]
        assert len({circle.get("r") for circle in inputs}) == 1


def test_groups_say_which_inputs_are_one_and_in_which_order():
    layers, activations = network(5, 3, 1)
    groups = [np.array([4]), np.array([0, 2, 3]), np.array([1])]
    names = ["age", "mass", "age 1", "age 2", "sex=m"]
    root = ET.fromstring(network_svg(layers, activations, names, ["y"], groups))
    assert titles(circles(root)[0]) == ["sex=m", "age", "mass"]
    assert "5 inputs, by column" in words(root)


def test_one_of_a_thing_is_no_plural():
    words = [each.text for each in drawn(*network(1, 3, 1)).iter(f"{SVG}text")]
    assert {"1 input", "3 relu", "1 output"} <= {*words}
