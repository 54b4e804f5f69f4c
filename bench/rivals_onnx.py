"""onnxruntime: prediction only, from a graph that is written here by hand."""

import sys

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from bench.contenders import Pass
from bench.workloads import PIECE, Array, Work, start, table


def graph(values: list[tuple[Array, Array]], n_inputs: int) -> onnx.ModelProto:
    """A dense ReLU network; its output are the logits."""
    nodes, constants, flow = [], [], "X"
    for i, (W, b) in enumerate(values):
        constants += [numpy_helper.from_array(W, f"W{i}"), numpy_helper.from_array(b, f"b{i}")]
        nodes.append(helper.make_node("Gemm", [flow, f"W{i}", f"b{i}"], [f"Z{i}"], transB=1))
        flow = f"Z{i}"
        if i < len(values) - 1:
            nodes.append(helper.make_node("Relu", [flow], [f"A{i}"]))
            flow = f"A{i}"
    inputs = [helper.make_tensor_value_info("X", TensorProto.FLOAT, [None, n_inputs])]
    outputs = [helper.make_tensor_value_info(flow, TensorProto.FLOAT, [None, 1])]
    whole = helper.make_graph(nodes, "network", inputs, outputs, constants)
    return helper.make_model(whole, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


class OnnxRuntime:
    """One call for all rows."""

    piece = sys.maxsize

    def __init__(self, threads: int) -> None:
        self.options = onnxruntime.SessionOptions()
        self.options.intra_op_num_threads = threads
        self.options.inter_op_num_threads = 1

    def versions(self) -> dict[str, str]:
        return {"onnxruntime": onnxruntime.__version__}

    def prepare(self, work: Work) -> Pass:
        X = np.ascontiguousarray(table(work).X)
        model = graph(start(work), work.sizes[0])
        session = onnxruntime.InferenceSession(
            model.SerializeToString(), self.options, providers=["CPUExecutionProvider"]
        )

        def predict() -> float:
            for _ in range(work.calls):
                (z,) = session.run(None, {"X": X})
            return float(z[0, 0])

        def predict_pieces() -> float:
            for _ in range(work.calls):
                z = np.concatenate(
                    [
                        session.run(None, {"X": X[i : i + self.piece]})[0]
                        for i in range(0, len(X), self.piece)
                    ]
                )
            return float(z[0, 0])

        return predict if work.rows <= self.piece else predict_pieces


class OnnxRuntimePieces(OnnxRuntime):
    """So many rows at a time that what lies between the layers stays in the cache."""

    piece = PIECE
