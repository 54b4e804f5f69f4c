"""Models as ONNX files, run by onnxruntime."""

import json
from itertools import pairwise

import numpy as np
import onnxruntime as ort
import pandas as pd
import pytest

from parity import FACTORS, HOSTILE, fitted_for, hostile_model, odd_rows, parity
from thalweg import ThalwegClassifier, ThalwegRegressor
from thalweg.errors import SettingsError
from thalweg.export.graphs import onnx_graph
from thalweg.export.graphs.onnx_graph import IR_VERSIONS, OPERATIONS, OPSET
from thalweg.export.graphs.onnx_model import NO_LABEL, missing_texts, onnx_bytes
from thalweg.export.graphs.protobuf import chunk, text, whole
from thalweg.export.running.export_runtimes import RUNTIMES, run_onnx
from thalweg.jobs.exports.rows_for_export import rows_for_export
from thalweg.jobs.exports.written_export import carried, writer_of

PLAIN = {name: values[0] for name, values in FACTORS.items()}
pytestmark = pytest.mark.filterwarnings("ignore::thalweg.errors.ThalwegWarning")


@pytest.fixture(scope="module")
def mixed():
    return fitted_for({**PLAIN, "layers": 1, "networks": "three", "missing": "learned"})


def test_nodes_that_a_runtime_merges_have_names_of_their_own():
    """onnxruntime 1.20 calls what gathers of one tensor become by the name of the first one."""
    graph = onnx_graph.OnnxGraph({})
    for n in range(2):
        table = graph.constant(np.arange(3.0) + n)
        for k in range(2):
            graph.node("Gather", [table, graph.constant(np.array([k]))], "float64", axis=0)
    written = b"".join(body for body, _ in graph._nodes.values())
    assert [text(3, f"n{n}") in written for n in range(4)] == [True] * 4


def session(model):
    return ort.InferenceSession(onnx_bytes(carried(model, "5ea1")))


@pytest.mark.parametrize(
    ("operation", "constant"),
    [("Add", 1e-50), ("Sub", -1e-60), ("Mul", 1 + 1e-9), ("Mul", 1 - 2e-8), ("Div", 1 + 1e-12)],
)
@pytest.mark.parametrize("shape", [(), (1,), (1, 1)])
def test_a_constant_that_float32_rounds_to_nothing_is_kept(operation, constant, shape):
    """onnxruntime leaves such operations out, whatever the type."""
    graph = onnx_graph.OnnxGraph({})
    x = graph.node("Neg", [graph.input("x", "float64", "")], "float64")
    found = graph.node(operation, [x, graph.constant(np.full(shape, constant))], "float64")
    graph.output("y", graph.node("Neg", [found], "float64"), 1, "")
    model = graph.model({}, ("thalweg", "0"), "", onnx_graph.OPSET)
    given = np.array([[3e-50], [0.0], [-1.0], [1e300]])
    (answers,) = ort.InferenceSession(model).run(None, {"x": given})
    words = {"Add": np.add, "Sub": np.subtract, "Mul": np.multiply, "Div": np.divide}
    np.testing.assert_array_equal(answers, -words[operation](-given, constant))


@pytest.mark.parametrize("size", [1e-100, 1.0, 1e200])
def test_targets_of_any_size_and_of_spread_1_have_all_digits(size):
    chance = np.random.default_rng(0)
    X = pd.DataFrame(chance.normal(size=(80, 2)), columns=["a", "b"])
    y = (X["a"] + chance.normal(size=80)).to_numpy()
    y = size * ((y - y.mean()) / y.std() * (1 + 1e-9) + 1e-9)  # as a scaler in float32 leaves it
    model = ThalwegRegressor(
        hidden_layer_sizes=(3,), max_iter=5, early_stopping=False, dtype="float64", random_state=0
    ).fit(X, y)
    found = parity(model, ".onnx", X)
    assert found.passed
    assert found.largest < 1e-14


def test_with_and_without_optimisations_alone_and_together(mixed, tmp_path):
    model, frame = mixed
    rows = odd_rows(model, PLAIN, frame, 60)
    found = parity(model, ".onnx", rows)
    assert (found.passed, found.labels) == (True, 0)
    made, path = carried(model, ""), tmp_path / "m.onnx"
    path.write_bytes(onnx_bytes(made))
    cells = rows_for_export(model, made, rows)
    plain = run_onnx(path, made, cells, optimised=False)
    alone = [run_onnx(path, made, [each]).values[0] for each in cells[:5]]
    expected = model.predict_proba(rows)
    np.testing.assert_allclose(plain.values, expected, rtol=0, atol=2e-6)
    np.testing.assert_allclose(alone, expected[:5], rtol=0, atol=2e-6)
    assert RUNTIMES[".onnx"].run(path, made, []).values.shape == (0, 2)


def test_the_file_says_what_it_is_and_holds_every_bit_of_theta(mixed):
    model, _ = mixed
    data = onnx_bytes(carried(model, "5ea1"))
    assert data == onnx_bytes(carried(model, "5ea1"))
    told = ort.InferenceSession(data).get_modelmeta()
    assert told.producer_name == "thalweg"
    assert told.custom_metadata_map["seal"] == "5ea1"
    assert told.custom_metadata_map["data_hash"] == model.data_hash_
    columns = json.loads(told.custom_metadata_map["columns"])
    assert [each["name"] for each in columns] == list(model.feature_names_in_)
    assert "must be stripped" in told.custom_metadata_map["contract"]
    for network in model.members_:
        for W, b in network.layers[1:]:
            assert np.ascontiguousarray(W).tobytes() in data
            assert np.ascontiguousarray(b).tobytes() in data


def test_inputs_are_double_and_text_by_the_names_of_the_columns(mixed):
    inputs = session(mixed[0]).get_inputs()
    assert [(each.name, each.type) for each in inputs][:4] == [
        ("age", "tensor(double)"), ("dose", "tensor(double)"), ("count", "tensor(double)"),
        ("smoker", "tensor(double)"),
    ]  # fmt: skip
    assert [each.type for each in inputs][4:6] == ["tensor(string)"] * 2
    assert all(each.shape == ["N", 1] for each in inputs)


@pytest.mark.parametrize(
    ("labels", "kind", "mark"),
    [
        ((False, True), np.int64, NO_LABEL), ((-3, 7), np.int64, NO_LABEL),
        (("\u00e4", "b"), object, ""),
    ],
)  # fmt: skip
def test_labels_have_their_type_and_a_row_without_an_answer_has_a_mark(labels, kind, mark):
    X = np.linspace(-1, 1, 40)[:, None]
    y = np.array(labels)[(X[:, 0] > 0).astype(int)]
    model = ThalwegClassifier((2,), max_iter=1, early_stopping=False, random_state=0).fit(X, y)
    given = {"x0": np.array([[-1.0], [np.inf], [np.nan], [1.0]])}
    probabilities, found = session(model).run(None, given)
    assert found.dtype == kind
    assert np.isnan(probabilities).tolist() == [[False] * 2, [True] * 2, [False] * 2, [False] * 2]
    np.testing.assert_equal(found.tolist()[1], mark)
    assert found[[0, 3]].tolist() == model.predict(X[[0, -1]]).tolist()


def test_every_spelling_of_a_missing_text_is_one(mixed):
    assert set(missing_texts()) >= {"", "NA", "nA", "N/a", "NaN", "null", "NuLL", "?"}
    assert len(missing_texts()) == 1 + 1 + 4 + 4 + 8 + 16
    model, frame = mixed
    made, runs = carried(model, ""), session(model)
    (row,) = rows_for_export(model, made, frame[:1])
    row[made.inputs.index(next(each for each in made.inputs if each.name == "ward"))] = ""
    expected = None
    for word in missing_texts():
        given = {
            each.name: np.array(
                [[word if each.name == "ward" else cell]], object if each.is_text else float
            )
            for each, cell in zip(made.inputs, row, strict=True)
        }
        found = runs.run(None, given)[0]
        expected = found if expected is None else expected
        np.testing.assert_array_equal(found, expected)


def test_unix_times_keep_their_digits():
    # As float32 they would be up to 64 s off.
    seconds = 1.7e9 + np.arange(60) * 60.0
    model = ThalwegRegressor(
        hidden_layer_sizes=(4,), max_iter=5, early_stopping=False, random_state=0
    )
    model.fit(pd.DataFrame({"t": seconds}), np.sin(seconds / 600))
    assert parity(model, ".onnx", pd.DataFrame({"t": seconds})).passed


def test_names_of_strangers_are_data():
    model, frame = hostile_model()
    assert parity(model, ".onnx", frame).passed
    assert [each.name for each in session(model).get_inputs()] == list(HOSTILE)


@pytest.mark.parametrize(
    "names", [["c0", "c1", "n0"], ["c5", "_c1", "__n2"], ["label", "probabilities", "label_"]]
)
def test_no_other_tensor_has_the_name_of_a_column(names):
    random = np.random.default_rng(0)
    X = pd.DataFrame(random.normal(size=(60, 3)), columns=names)
    y = np.where(X.iloc[:, 0] > 0, "a", "b")
    model = ThalwegClassifier((3,), early_stopping=False, max_iter=3, random_state=0).fit(X, y)
    own = session(model)
    assert [each.name for each in own.get_inputs()] == names
    outputs = [each.name for each in own.get_outputs()]
    assert not {*outputs} & {*names}
    assert [each.rstrip("_") for each in outputs] == ["probabilities", "label"]
    p, label = own.run(None, {name: X[[name]].to_numpy() for name in names})
    np.testing.assert_allclose(p, model.predict_proba(X), rtol=0, atol=2e-6)
    assert label.tolist() == model.predict(X).tolist()


def test_a_column_without_a_name_is_refused():
    """No runtime read the file: an empty name of an input stands for none."""
    X = pd.DataFrame({"": np.arange(30.0), " ": np.arange(30.0) % 7})
    model = ThalwegRegressor(
        hidden_layer_sizes=(), early_stopping=False, max_iter=2, random_state=0
    )
    model.fit(X, X[""])
    with pytest.raises(SettingsError, match="a column without a name"):
        onnx_bytes(carried(model, ""))
    renamed = model.fit(X.set_axis(["first", " "], axis=1), X[""])
    assert [each.name for each in session(renamed).get_inputs()] == ["first", " "]


def test_a_column_named_value_is_beside_the_output():
    X = pd.DataFrame({"value": np.arange(30.0)})
    layers = {"hidden_layer_sizes": (), "early_stopping": False}
    model = ThalwegRegressor(**layers, max_iter=2, random_state=0)
    own = session(model.fit(X, X["value"]))
    assert [each.name for each in own.get_outputs()] == ["value_"]


# Between them they have all operations of a graph.
OPSET_MODELS = (
    {"layers": 1, "networks": "three", "missing": "learned", "columns": "mixed"},
    {"task": "three", "activation": "mish", "layers": 2, "networks": "folds", "corrected": True},
    {"task": "quantile:levels=0.1/0.5/0.9", "columns": "dates", "dtype": "float64"},
    {"task": "poisson", "offset": "exposure", "activation": "selu", "layers": 1},
)  # fmt: skip


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("changed", OPSET_MODELS)
def test_every_opset_has_the_same_answers(changed, tmp_path):
    setting = {**PLAIN, **changed}
    model, frame = fitted_for(setting)
    rows = odd_rows(model, setting, frame, 40)
    assert parity(model, ".onnx", rows).passed
    made, path, found = carried(model, ""), tmp_path / "m.onnx", []
    cells = rows_for_export(model, made, rows)
    for opset, ir_version in IR_VERSIONS.items():
        path.write_bytes(data := writer_of(path, opset)(made))
        assert data.startswith(whole(1, ir_version))
        assert chunk(8, whole(2, opset)) + chunk(8, b"\x0a\x0aai.onnx.ml\x10\x02") in data
        found.append(run_onnx(path, made, cells, optimised=False).values)
    assert len(found) == 16
    for one, other in pairwise(found):
        np.testing.assert_array_equal(one, other)
    assert writer_of(path)(made) == writer_of(path, OPSET)(made)


def test_the_models_of_the_opsets_have_all_operations(monkeypatch):
    found, before = {"Identity"}, onnx_graph.OnnxGraph.node  # an output is one of its own

    def node(self, operation, *given, **more):
        found.add(operation)
        return before(self, operation, *given, **more)

    monkeypatch.setattr(onnx_graph.OnnxGraph, "node", node)
    for changed in OPSET_MODELS:
        onnx_bytes(carried(fitted_for({**PLAIN, **changed})[0], ""))
    assert found <= OPERATIONS
    assert OPERATIONS - found == {"Sign"}  # a word that no formula of an answer uses so far


def test_an_opset_that_is_not_written_is_refused(mixed, tmp_path):
    model, _ = mixed
    for opset in (12, 29, True, 13.0, "13"):
        with pytest.raises(SettingsError, match=r"give a whole number from 13 to 28, or leave it"):
            model.export(tmp_path / "m.onnx", opset=opset)
    with pytest.raises(SettingsError, match=r"is one of ONNX, and this file ends in \.py"):
        model.export(tmp_path / "m.py", opset=13)
    assert list(tmp_path.iterdir()) == []
    model.export(tmp_path / "m.onnx", opset=21)
    assert chunk(8, whole(2, 21)) in (tmp_path / "m.onnx").read_bytes()


def test_a_runtime_that_is_too_old_is_named(mixed, tmp_path, monkeypatch):
    model, frame = mixed
    monkeypatch.setitem(IR_VERSIONS, 99, 14)
    with pytest.raises(SettingsError, match=r"onnxruntime .* cannot read .* a lower opset or none"):
        parity(model, ".onnx", frame, writer=writer_of("m.onnx", 99))
