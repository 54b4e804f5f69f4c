"""Builds an ONNX graph: nodes, constants, and formulas as nodes.

The numbers of fields are those of ``onnx.proto``. The operations are those of opset 13 and, for
texts, ai.onnx.ml 2; runtimes read older opsets than their own, so low numbers are kind. A higher
opset can be asked for.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thalweg.export.graphs.protobuf import chunk, text, texts, whole, wholes
from thalweg.export.programs.program import (
    Call,
    Expression,
    Function,
    Index,
    Literal,
    Operation,
    Variable,
)
from thalweg.export.programs.unrolled import named

OPSET, ML_OPSET, ML = 13, 2, "ai.onnx.ml"
# The opsets that a file may claim, and the IR version that came with each. Up to the last one no
# definition of `OPERATIONS` has another meaning for these files: later ones take more types, and
# have attributes (`allowzero` of Reshape, `saturate` and `round_mode` of Cast) whose defaults, or
# kinds of numbers, leave them alone.
IR_VERSIONS = {
    13: 7, 14: 7, 15: 8, 16: 8, 17: 8, 18: 8, 19: 9, 20: 9, 21: 10, 22: 10, 23: 11, 24: 12, 25: 13,
    26: 13, 27: 13, 28: 14,
}  # fmt: skip
# The types of tensors, by the names that are used here.
TYPES = {"float32": 1, "int64": 7, "string": 8, "bool": 9, "float64": 11}
_INT, _TENSOR, _INTS, _STRINGS = 2, 4, 7, 8

_NODES = {
    "+": "Add", "-": "Sub", "*": "Mul", "/": "Div", "<": "Less", ">": "Greater", "==": "Equal",
    "<=": "LessOrEqual", ">=": "GreaterOrEqual", "negative": "Neg", "abs": "Abs", "exp": "Exp",
    "sqrt": "Sqrt", "sin": "Sin", "floor": "Floor", "sign": "Sign",
    "maximum": "Max", "minimum": "Min",
}  # fmt: skip
_COMPARED = frozenset(("<", ">", "<=", ">=", "=="))
# Constants with which an operation does nothing. onnxruntime (1.32) leaves it out if a single
# constant, rounded to float32, is that number: a factor of 1 + 1e-9, or a summand of 1e-50.
_DOES_NOTHING = {"Add": 0.0, "Sub": 0.0, "Mul": 1.0, "Div": 1.0}
# Every operation of a graph. Before another one is added, its definition is compared over all
# opsets of `IR_VERSIONS`.
OPERATIONS = frozenset(_NODES.values()) | {
    "Cast", "Concat", "Gather", "Gemm", "Identity", "IsNaN", "LabelEncoder", "Log", "Reshape",
    "Tanh", "Where",
}  # fmt: skip


@dataclass(frozen=True)
class Tensor:
    """The result of a node, or a constant.

    Attributes
    ----------
    name : str
    kind : str
        One of `TYPES`.
    """

    name: str
    kind: str


Attribute = int | Sequence[int] | Sequence[str]


class OnnxGraph:
    """A graph that grows; equal nodes and equal constants are one.

    Parameters
    ----------
    functions : mapping of str to Function
        The formulas of a model.
    taken : collection of str
        The names of all inputs: no other tensor has one of them.
    """

    def __init__(self, functions: Mapping[str, Function], taken: Collection[str] = ()) -> None:
        self._functions, self._taken, self._mark = functions, frozenset(taken), ""
        while any(re.fullmatch(rf"{self._mark}[nc]\d+", each) for each in taken):
            self._mark += "_"
        self._nodes: dict[bytes, tuple[bytes, str]] = {}
        self._constants: dict[bytes, tuple[bytes, str]] = {}
        self._single: dict[str, float] = {}
        self._inputs: list[bytes] = []
        self._outputs: list[bytes] = []

    # --- nodes and constants ------------------------------------------------------------------

    def node(
        self,
        operation: str,
        operands: Sequence[Tensor],
        kind: str,
        *,
        domain: str = "",
        **attributes: Attribute,
    ) -> Tensor:
        """A node with one result of this kind; the operation is one of `OPERATIONS`."""
        assert operation in OPERATIONS
        if operation in _DOES_NOTHING and kind == "float64":
            operands = self._kept(operands, _DOES_NOTHING[operation])
        named = b"".join(
            chunk(5, _attribute(name, value)) for name, value in sorted(attributes.items())
        )
        key = texts(1, (each.name for each in operands)) + text(4, operation) + named
        key += text(7, domain) if domain else b""
        if key not in self._nodes:
            name = f"{self._mark}n{len(self._nodes)}"
            inputs = texts(1, (each.name for each in operands))
            rest = key[len(inputs) :]
            # onnxruntime 1.20 merges those of one tensor, and calls the result by the first one's
            # name: two without a name would be one.
            own = text(3, name) if operation == "Gather" else b""
            self._nodes[key] = inputs + text(2, name) + own + rest, name
        return Tensor(self._nodes[key][1], kind)

    def constant(self, values: NDArray[np.generic] | Sequence[str]) -> Tensor:
        """A constant: an array of numbers, or a vector of texts."""
        if isinstance(values, np.ndarray):
            kind = str(values.dtype)
            little = np.ascontiguousarray(values, values.dtype.newbyteorder("<"))
            body = wholes(1, values.shape) + whole(2, TYPES[kind])
            rest = chunk(9, little.tobytes())
        else:
            kind, rest = "string", texts(6, values)
            body = wholes(1, [len(values)]) + whole(2, TYPES[kind])
        key = body + rest
        if key not in self._constants:
            name = f"{self._mark}c{len(self._constants)}"
            self._constants[key] = body + text(8, name) + rest, name
            if isinstance(values, np.ndarray) and kind == "float64" and values.size == 1:
                self._single[name] = float(values.item())
        return Tensor(self._constants[key][1], kind)

    def _kept(self, operands: Sequence[Tensor], nothing: float) -> list[Tensor]:
        """The operands; a constant that rounds to this one as a choice of two equal numbers.

        The choice depends on the rows, so no optimisation takes it for a constant.
        """
        kept = list(operands)
        for place, each in enumerate(operands):
            value = self._single.get(each.name, nothing)
            with np.errstate(over="ignore", under="ignore"):
                rounds = np.float32(value) == np.float32(nothing)
            if value != nothing and rounds:
                missing = self.node("IsNaN", [operands[1 - place]], "bool")
                kept[place] = self.node("Where", [missing, each, each], each.kind)
        return kept

    def scalar(self, value: float, kind: str) -> Tensor:
        """A number of this kind."""
        return self.constant(np.array(value, dtype=kind))

    def cast(self, tensor: Tensor, kind: str) -> Tensor:
        """The same numbers as another kind."""
        if tensor.kind == kind:
            return tensor
        return self.node("Cast", [tensor], kind, to=TYPES[kind])

    # --- formulas -----------------------------------------------------------------------------

    def evaluated(self, expression: Expression, known: Mapping[str, Tensor], kind: str) -> Tensor:
        """The node of an expression.

        Parameters
        ----------
        expression : Expression
            Unrolled: an element of an array is known as ``name[index]``.
        known : mapping of str to Tensor
        kind : str
            Of its constants.
        """
        if isinstance(expression, Literal):
            return self.scalar(expression.value, kind)
        if isinstance(expression, Variable):
            return known[named(expression)]
        assert not isinstance(expression, Index)
        operands = [self.evaluated(each, known, kind) for each in expression.operands]
        if isinstance(expression, Call):
            return self.called(expression.function, operands, kind)
        return self._operation(expression, operands, kind)

    def called(self, name: str, operands: Sequence[Tensor], kind: str) -> Tensor:
        """The node of a formula's result."""
        function = self._functions[name]
        known = dict(zip(function.arguments, operands, strict=True))
        for each in function.body:
            known[each.name] = self.evaluated(each.value, known, kind)
        return self.evaluated(function.result, known, kind)

    def _operation(self, expression: Operation, operands: list[Tensor], kind: str) -> Tensor:
        name = expression.name
        if name == "where":
            condition, *both = operands
            return self.node("Where", [condition, *both], kind)
        operands = [self.cast(each, kind) for each in operands]
        if name == "whole":
            return self.cast(operands[0], "int64")
        if name in ("expm1", "log1p", "cos"):
            return self._spelled_out(name, operands[0])
        return self.node(_NODES[name], operands, "bool" if name in _COMPARED else kind)

    def _spelled_out(self, name: str, x: Tensor) -> Tensor:
        """Words that ONNX has not, in forms that keep small numbers.

        Older runtimes have no cosine of float64: cos(x) = 1 - 2 sin²(x / 2).
        expm1(x) = tanh(x / 2) · (exp(x) + 1). log1p(x) = x · log(u) / (u - 1) with u = 1 + x, and x
        where u is 1 (Kahan; see D. Goldberg, "What every computer scientist should know about
        floating-point arithmetic", 1991, theorem 4).
        """
        one, kind = self.scalar(1.0, x.kind), x.kind
        half = self.node("Mul", [x, self.scalar(0.5, kind)], kind) if name != "log1p" else x
        if name == "cos":
            sine = self.node("Sin", [half], kind)
            twice = self.node("Mul", [self.scalar(2.0, kind), sine], kind)
            return self.node("Sub", [one, self.node("Mul", [twice, sine], kind)], kind)
        if name == "expm1":
            above = self.node("Add", [self.node("Exp", [x], kind), one], kind)
            return self.node("Mul", [self.node("Tanh", [half], kind), above], kind)
        u = self.node("Add", [one, x], kind)
        log = self.node("Mul", [x, self.node("Log", [u], kind)], kind)
        quotient = self.node("Div", [log, self.node("Sub", [u, one], kind)], kind)
        return self.node("Where", [self.node("Equal", [u, one], "bool"), x, quotient], kind)

    # --- the file -----------------------------------------------------------------------------

    def input(self, name: str, kind: str, told: str) -> Tensor:
        """An input, a column of N rows."""
        self._inputs.append(_value(name, kind, 1, told))
        return Tensor(name.encode("utf-8", "backslashreplace").decode(), kind)

    def output(self, name: str, tensor: Tensor, n_columns: int | None, told: str) -> None:
        """An output: N rows of so many columns, or a vector of N.

        If an input has its name, it has an underscore more.
        """
        while name in self._taken:
            name += "_"
        body = text(1, tensor.name) + text(2, name) + text(4, "Identity")
        self._nodes[body] = body, name
        self._outputs.append(_value(name, tensor.kind, n_columns, told))

    def model(
        self, told: Mapping[str, str], producer: tuple[str, str], head: str, opset: int
    ) -> bytes:
        """The bytes of the file, with its metadata."""
        graph = b"".join(chunk(1, body) for body, _ in self._nodes.values())
        graph += text(2, "thalweg")
        graph += b"".join(chunk(5, body) for body, _ in self._constants.values())
        graph += b"".join(chunk(11, each) for each in self._inputs)
        graph += b"".join(chunk(12, each) for each in self._outputs)
        found = whole(1, IR_VERSIONS[opset]) + text(2, producer[0])
        found += text(3, producer[1]) + text(6, head)
        found += chunk(7, graph) + chunk(8, whole(2, opset))
        found += chunk(8, text(1, ML) + whole(2, ML_OPSET))
        return found + b"".join(
            chunk(14, text(1, key) + text(2, value)) for key, value in told.items()
        )


def _attribute(name: str, value: Attribute) -> bytes:
    if isinstance(value, int):
        return text(1, name) + whole(3, value) + whole(20, _INT)
    if all(isinstance(each, str) for each in value):
        return text(1, name) + texts(9, map(str, value)) + whole(20, _STRINGS)
    return text(1, name) + wholes(8, map(int, value)) + whole(20, _INTS)


def _value(name: str, kind: str, n_columns: int | None, told: str) -> bytes:
    """The description of an input or output; the number of rows is a symbol."""
    dimensions = chunk(1, text(2, "N"))
    dimensions += b"" if n_columns is None else chunk(1, whole(1, n_columns))
    tensor = whole(1, TYPES[kind]) + chunk(2, dimensions)
    return text(1, name) + chunk(2, chunk(1, tensor)) + text(3, told)
