"""Writes a model as an ONNX file: raw cells in, answers and labels out.

Numbers come in as float64, because float32 would round them before the encoder sees their
differences. The layers compute in the type of θ, and everything around them in float64.
"""

import json

import numpy as np

from thalweg.data.cells import MISSING
from thalweg.errors import SettingsError
from thalweg.export.carried_model import CarriedInput, CarriedModel
from thalweg.export.export_contract import head_lines
from thalweg.export.graphs.onnx_encoding import OnnxEncoding
from thalweg.export.graphs.onnx_graph import ML, OPSET, OnnxGraph, Tensor
from thalweg.export.programs.model_program import program_of
from thalweg.export.programs.program import (
    Assign,
    Declare,
    Dense,
    Encode,
    Statement,
    When,
)
from thalweg.export.programs.unrolled import Unrolling, choices, named

_F64 = "float64"
_MISSING_CODE = -1
# The label of a row whose answers are NaN, where labels are whole numbers.
NO_LABEL = np.iinfo(np.int64).min
_LARGEST_LABEL = np.iinfo(np.int64).max


def onnx_bytes(model: CarriedModel, opset: int = OPSET) -> bytes:
    """The file: inputs by the names of the columns, (N, 1) each; equal models give equal bytes.

    Outputs are ``probabilities`` and ``label`` of classes, ``quantiles`` or ``value`` of numbers.
    The opset is one of `IR_VERSIONS`.
    """
    model.require_labels_up_to(_LARGEST_LABEL, "ONNX")
    if "" in [each.name for each in model.inputs]:
        raise SettingsError(
            "ONNX cannot have a column without a name",
            why="The inputs of a graph are found by their names",
            fix="rename the column before the fit, or export the model as .c, .mjs or .py",
        )
    return _OnnxModel(model).file(opset)


class _OnnxModel:
    def __init__(self, model: CarriedModel) -> None:
        self._model, self._program = model, program_of(model)
        functions = {each.name: each for each in self._program.functions}
        self._graph = OnnxGraph(functions, [each.name for each in model.inputs])
        self._constants = {each.name: each.values for each in self._program.constants}
        self._known: dict[str, Tensor] = {}
        self._places = np.empty(0, np.intp)

    def file(self, opset: int) -> bytes:
        """The bytes of the file."""
        graph, model, n = self._graph, self._model, self._program.n_answers
        self._read()
        unrolling = Unrolling(self._program.constants)
        for each in unrolling.unrolled(self._program.answers):
            self._do(each)
        answers = [self._known[f"p[{k}]"] for k in range(n)]
        found = answers[0] if n == 1 else graph.node("Concat", answers, _F64, axis=1)
        name = {"number": "value", "levels": "quantiles"}.get(
            model.stages.answer.kind, "probabilities"
        )
        graph.output(name, found, n, ", ".join(model.answer_names)[:1000])
        if model.is_classifier:
            statements, cases, otherwise = choices(unrolling.unrolled(self._program.label))
            for each in statements:
                self._do(each)
            place = graph.evaluated(otherwise, self._known, _F64)
            place = graph.cast(place, _F64)
            for condition, value in reversed(cases):
                parts = [
                    graph.evaluated(condition, self._known, _F64),
                    graph.cast(graph.evaluated(value, self._known, _F64), _F64),
                    place,
                ]
                place = graph.node("Where", parts, _F64)
            graph.output("label", self._label(place), None, "the predicted class")
        head = "\n".join(head_lines(model))
        return graph.model(_told(model), ("thalweg", model.version), head, opset)

    # --- from the inputs to the values of a row -------------------------------------------------

    def _read(self) -> None:
        """``v[place]`` for each input, and ``v``, all of them side by side."""
        graph = self._graph
        names = [f"v[{each.place}]" for each in self._model.inputs]
        for given, name in zip(self._model.inputs, names, strict=True):
            kind = "string" if given.is_text else _F64
            found = graph.input(given.name, kind, given.kind)
            self._known[name] = self._code(given, found) if given.is_text else found
        nothing = graph.scalar(float("nan"), _F64)
        first = self._known[names[0]]
        self._at = {each.place: place for place, each in enumerate(self._model.inputs)}
        columns = [self._known[name] for name in names]
        if len(self._at) < self._model.n_values:  # columns of the schema that no table fills
            empty = graph.node("IsNaN", [first], "bool")
            columns.append(graph.node("Where", [empty, nothing, nothing], _F64))
            for place in range(self._model.n_values):
                self._at.setdefault(place, len(names))
        self._values = columns[0]
        if len(columns) > 1:
            self._values = graph.node("Concat", columns, _F64, axis=1)

    def _code(self, given: CarriedInput, found: Tensor) -> Tensor:
        """The number of the level of a text, 0 of an unknown one, NaN of a missing one."""
        codes = dict(given.codes) | dict.fromkeys(missing_texts(), _MISSING_CODE)
        keys = sorted(codes)
        number = self._graph.node(
            "LabelEncoder", [found], "int64", domain=ML, keys_strings=keys,
            values_int64s=[codes[each] for each in keys], default_int64=0,
        )  # fmt: skip
        missing = self._graph.constant(np.array(_MISSING_CODE, np.int64))
        parts = [
            self._graph.node("Equal", [number, missing], "bool"),
            self._graph.scalar(float("nan"), _F64),
            self._graph.cast(number, _F64),
        ]
        return self._graph.node("Where", parts, _F64)

    # --- the program ----------------------------------------------------------------------------

    def _do(self, statement: Statement) -> None:
        graph, known = self._graph, self._known
        if isinstance(statement, Declare):
            known[statement.name] = graph.evaluated(statement.value, known, _F64)
        elif isinstance(statement, Assign):
            known[named(statement.target)] = graph.evaluated(statement.value, known, _F64)
        elif isinstance(statement, When):
            condition = graph.evaluated(statement.condition, known, _F64)
            for each in statement.body:
                assert isinstance(each, Assign)
                name = named(each.target)
                parts = [condition, graph.evaluated(each.value, known, _F64), known[name]]
                known[name] = graph.node("Where", parts, _F64)
        elif isinstance(statement, Encode):
            stages = self._model.stages.single[statement.network]
            dtype = str(stages.layers[0].W.dtype)
            encoding = OnnxEncoding(graph, self._values, self._at, dtype)
            known["a"], self._places = encoding.encoded(stages.panel.forms)
        elif isinstance(statement, Dense):
            self._dense(statement)

    def _dense(self, layer: Dense) -> None:
        graph, known = self._graph, self._known
        W = self._constants[layer.W].reshape(layer.n_in, layer.n_out)
        if len(self._places):  # the first layer, in the order in which its inputs were made
            W, self._places = W[self._places], np.empty(0, np.intp)
        source = known[layer.source]
        operands = [
            source, graph.constant(np.ascontiguousarray(W.T)),
            graph.constant(self._constants[layer.b]),
        ]  # fmt: skip
        found = graph.node("Gemm", operands, source.kind, transB=1)
        if layer.function:
            found = graph.called(layer.function, [found], source.kind)
        known[layer.target] = found
        if layer.n_out == 1:
            known[f"{layer.target}[0]"] = graph.cast(found, _F64)
            return
        if layer.function:  # only outputs are read one by one
            return
        whole = graph.cast(found, _F64)
        for k in range(layer.n_out):
            place = graph.constant(np.array([k], np.int64))
            known[f"{layer.target}[{k}]"] = graph.node("Gather", [whole, place], _F64, axis=1)

    def _label(self, place: Tensor) -> Tensor:
        """The label at each place, and a mark where there is none; shape (N,)."""
        labels = self._model.labels
        flat = self._graph.node(
            "Reshape", [place, self._graph.constant(np.array([-1], np.int64))], _F64
        )
        chosen = self._graph.cast(flat, "int64")
        if all(isinstance(each, int) for each in labels):
            numbers = np.array([*map(int, labels), NO_LABEL], np.int64)
            table, kind = self._graph.constant(numbers), "int64"
        elif all(isinstance(each, float) for each in labels):
            table, kind = self._graph.constant(np.array([*labels, np.nan], np.float64)), _F64
        else:
            table, kind = self._graph.constant([*map(str, labels), ""]), "string"
        # The mark is the last one, at the place -1.
        return self._graph.node("Gather", [table, chosen], kind, axis=0)


def missing_texts() -> list[str]:
    """Every spelling of a missing text: all capitals and small letters."""
    found = {""}
    for word in MISSING:
        spelled = [""]
        for sign in word:
            spelled = [text + each for text in spelled for each in {sign, sign.upper()}]
        found.update(spelled)
    return sorted(found)


def _told(model: CarriedModel) -> dict[str, str]:
    """The metadata of the file."""
    columns = [
        {"name": each.name, "kind": each.kind, **({"levels": each.levels} if each.levels else {})}
        for each in model.inputs
    ]
    return {
        "thalweg": model.version,
        "seal": model.seal,
        "data_hash": model.data_hash,
        "columns": json.dumps(columns),
        "answers": json.dumps(model.answer_names),
        "contract": "\n".join(head_lines(model)),
    }
