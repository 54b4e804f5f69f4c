"""The plain data of a trace is enough to draw both passes: both are computed from it alone."""

import json

import numpy as np
import pytest

import by_hand
from mixed import mixed
from thalweg import ThalwegClassifier, ThalwegRegressor
from thalweg.reporting.trace.page.traced_page_data import page_data

pytestmark = pytest.mark.filterwarnings("ignore::thalweg.errors.ThalwegWarning")

LOSSES = ["squared_error", "absolute_error", "huber:delta=0.5", "quantile:level=0.8", "poisson"]
SMALL = {"hidden_layer_sizes": (5, 4), "max_iter": 4, "random_state": 1, "early_stopping": False}


def fitted(text):
    frame, y = mixed(120)
    rng = np.random.default_rng(4)
    if text == "two":
        return ThalwegClassifier(**SMALL).fit(frame, y), frame, y
    if text == "three":
        three = np.array(["red", "green", "blue"])[rng.integers(3, size=len(y))]
        more = {"class_weight": {"red": 3.0}, "label_smoothing": 0.1, "l1": 0.01}
        return ThalwegClassifier(**SMALL, **more).fit(frame, three), frame, three
    number = rng.poisson(4.0, len(y)).astype(float)
    if text != "poisson":
        number = 1000 + 30 * number + rng.normal(size=len(y))
    model = ThalwegRegressor(loss=text, **{**SMALL, "activation": "tanh"})
    return model.fit(frame, number), frame, number


@pytest.fixture(scope="module", params=["two", "three", *LOSSES])
def traced(request):
    model, frame, y = fitted(request.param)
    rows = [3, 50, 7]
    found = model.trace(frame.iloc[rows], y[rows], rows=[4, 51, 8], optimizer="adam")
    return request.param, model, frame, y, json.loads(found.to_json())


def test_both_passes_follow_from_the_data(traced):
    _, _, _, _, data = traced
    nodes = {node["name"]: node for node in data["nodes"]}
    encoded = np.array([column["encoded"] for column in data["columns"]])
    sums = {}
    for r, one in enumerate(data["passes"]):
        assert one["row"] == data["rows"][r]["row"]
        A = np.array(one["X"])
        assert encoded[:, r].tolist() == one["X"]
        for layer, of_row in zip(data["layers"], one["layers"], strict=True):
            W, b = (np.array(nodes[layer[key]]["value"]) for key in "Wb")
            assert W.shape == (layer["units"], layer["inputs"])
            Z = W @ A + b[:, 0]
            assert of_row["Z"] == pytest.approx(Z, rel=1e-12, abs=1e-13)
            curve, slope = by_hand.CURVES[layer["activation"]]
            assert of_row["A"] == pytest.approx([curve(z) for z in Z], rel=1e-12, abs=1e-13)
            assert of_row["slope"] == pytest.approx([slope(z) for z in of_row["Z"]], rel=1e-12)
            assert of_row["kept"] is None
            dZ = np.array(of_row["dA"]) * np.array(of_row["slope"])
            assert of_row["dZ"] == pytest.approx(dZ, rel=1e-12, abs=1e-16)
            key = layer["layer"]
            sums[key] = sums.get(key, 0) + np.outer(of_row["dZ"], A)
            A = np.array(of_row["A"])
        height, slope = by_hand.of_loss(data["network"]["loss"], A.tolist(), data["rows"][r]["y"])
        assert one["loss"] == pytest.approx(height, rel=1e-11)
        assert one["part"] == pytest.approx(one["share"] * height, rel=1e-11)
        last = one["layers"][-1]["dA"]
        assert last == pytest.approx(one["share"] * np.array(slope), rel=1e-9, abs=1e-13)
        for layer, after in zip(one["layers"], one["layers"][1:], strict=False):
            W = np.array(nodes[f"W{one['layers'].index(after) + 1}"]["value"])
            assert layer["dA"] == pytest.approx(W.T @ np.array(after["dZ"]), rel=1e-12, abs=1e-15)
        if one["dYh"] is not None and one["to"] == "Z3":
            assert len(one["dYh"]) == len(one["Yh"])
    for layer in data["layers"]:
        penalty = np.array(layer["penalty_W"]) if layer["penalty_W"] else 0.0
        wanted = np.array(nodes[layer["W"]]["gradient"])
        assert sums[layer["layer"]] + penalty == pytest.approx(wanted, rel=1e-11, abs=1e-14)
    total = sum(one["part"] for one in data["passes"]) + data["network"]["penalty_height"]
    assert total == pytest.approx(data["network"]["height"], rel=1e-12)


def test_the_softmax_is_there_for_several_classes_alone(traced):
    name, _, _, _, data = traced
    for one in data["passes"]:
        found = one["softmax"]
        assert (found is not None) == (name == "three")
        assert (one["dYh"] is None) == (name == "three")
        if found is None:
            continue
        j, Yh = found["unit"] - 1, np.array(one["Yh"])
        assert found["column"] == pytest.approx([p * ((k == j) - Yh[j]) for k, p in enumerate(Yh)])
        assert [row[j] for row in found["jacobian"]] == found["column"]
        assert sum(found["products"]) == pytest.approx(found["at_once"][j], rel=1e-11)
        assert found["at_once"] == one["layers"][-1]["dA"]


def test_own_columns_have_their_cells_and_all_their_inputs(traced):
    _, model, frame, _, data = traced
    assert [column["name"] for column in data["own_columns"]] == list(frame.columns)
    inputs = [place for column in data["own_columns"] for place in column["inputs"]]
    assert sorted(inputs) == list(range(1, model.encoder_.n_outputs + 1))
    names = {column["column"]: column["name"] for column in data["columns"]}
    for column in data["own_columns"]:
        assert all(names[place].startswith(column["name"]) for place in column["inputs"])
        assert len(column["raw"]) == 3


def test_the_target_says_what_rows_and_outputs_are(traced):
    name, model, frame, y, data = traced
    target = data["target"]
    if name in ("two", "three"):
        assert target["classes"] == [str(label) for label in model.classes_]
        assert target["task"] == {"two": "binary", "three": "multiclass"}[name]
        assert [target["classes"][row["class"] - 1] for row in data["rows"]] == list(y[[3, 50, 7]])
        assert target["scale"] is None
        return
    scale = target["scale"]
    assert target["task"] == "regression"
    assert [row["value"] for row in data["rows"]] == y[[3, 50, 7]].tolist()
    # What the trace calls the answer is what the model predicts; the weights are float32.
    predicted = model.predict(frame.iloc[[3, 50, 7]])
    assert [row["answer"] for row in data["rows"]] == pytest.approx(predicted, rel=1e-5)
    for row in data["rows"]:
        assert row["y"][0] == pytest.approx((row["value"] - scale["center"]) / scale["scale"])
        own = scale["center"] + scale["scale"] * row["prediction"][0]
        assert row["unclipped"] == pytest.approx(own)
    if name == "poisson":
        assert (scale["center"], scale["scale"]) == (0.0, pytest.approx(y.mean()))
    else:
        assert (scale["center"], scale["scale"]) == pytest.approx((y.mean(), y.std()))


def test_the_update_has_its_lines_in_every_step(traced):
    data = traced[-1]
    for step in data["update"]["steps"]:
        named = {line["name"]: line["value"] for line in step["in_full"]}
        assert {"m", "v", "m̂", "v̂", "change"} <= set(named)
        assert step["moved"] == pytest.approx(step["theta"] + named["change"], rel=1e-12)


@pytest.mark.parametrize("text", ["adam", "adamw:scales=6", "sgd:scales=3,clip=0.01", "adamw"])
def test_the_printed_lines_of_an_update_add_up_to_the_weight(text):
    model, frame, y = fitted("two")
    data = model.trace(frame.iloc[[3]], y[[3]], weight="W1[2,3]", optimizer=text).data
    page = page_data(data, None, {})
    (step, *_), scaled = page["update"]["steps"], "scales" in text
    named = {line["name"]: line["value"] for line in step["in_full"] + step["to_weight"]}
    assert ("s after" in named, "decay" in named) == (scaled, "adamw" in text)
    if text == "adam":
        assert step["to_weight"] == []
        return
    letter = "V" if scaled else "W"
    after = named[f"{letter} before"] + named.get("decay", 0.0) + named["change"]
    assert after == pytest.approx(named[f"{letter} after"], rel=1e-12)
    if scaled:
        assert named["V before"] * named["s before"] == pytest.approx(step["theta"], rel=1e-12)
        assert named["V after"] * named["s after"] == pytest.approx(named["W after"], rel=1e-12)
    assert named["W after"] == step["moved"]
    assert named["change of W"] == step["moved"] - step["theta"]
    assert list(named)[-1] == "change of W"


def test_text_and_page_of_every_task_hold_the_tables(traced):
    name, model, frame, y, _ = traced
    one = model.trace(frame.iloc[[5]], y[[5]])
    text, page = str(one), one.to_html()
    assert "The formula in full" in text
    assert ("The softmax, spelled out" in text) == (name == "three")
    assert ("The target, in its own unit" in text) == (name in LOSSES)
    for part in ("The chain rule", "finite difference", "Forward and backward"):
        assert part in text
        assert part in page
    headline = " ".join(text.split()).partition(", loss ")[0]
    if name == "three":
        assert headline.startswith(f"Row 1, {y[5]}: probability of {y[5]}")
        assert "(the largest)" in headline
        assert "The outputs are the classes: 1 blue, 2 green, 3 red." in " ".join(text.split())
    elif name in LOSSES:
        assert ": predicted " in headline
