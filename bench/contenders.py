"""Who takes part. A contender turns a work into a pass: a call that does all of it once."""

from collections.abc import Callable, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import NamedTuple, Protocol

from bench.workloads import Work

# Does the work once, from the starting point on. What comes back says that the work was done: the
# mean loss of the last epoch, or the first prediction.
Pass = Callable[[], float]


class Contender(Protocol):
    """Made once in a process of its own."""

    def __init__(self, threads: int) -> None: ...

    def versions(self) -> dict[str, str]:
        """Name and version of the libraries behind it."""

    def prepare(self, work: Work) -> Pass:
        """All that happens once and is not measured; compilation happens in the first pass."""


class Entry(NamedTuple):
    """A contender's place in the tables.

    Attributes
    ----------
    title : str
    module, name : str
        The class, imported in the contender's own process only.
    environment : mapping of str to str
        What must be set before that process starts.
    """

    title: str
    module: str
    name: str
    environment: Mapping[str, str] = MappingProxyType({})

    def make(self, threads: int) -> Contender:
        contender: Contender = getattr(import_module(f"bench.{self.module}"), self.name)(threads)
        return contender


ENTRIES = {
    "thalweg": Entry("thalweg", "our_side", "Thalweg"),
    "thalweg-placed": Entry("thalweg, a core for each thread", "our_side", "Placed"),
    "thalweg-fit": Entry("ThalwegClassifier.fit, table and all", "our_side", "Fitted"),
    "reference": Entry("thalweg, reference engine", "our_side", "Reference"),
    "dlnet": Entry("thalweg's dlnet (float64)", "our_side", "Dlnet"),
    "article": Entry("the article's NumPy (float64)", "rivals_article", "ArticleNumpy"),
    "sklearn": Entry("scikit-learn MLP", "rivals_sklearn", "Sklearn"),
    "torch": Entry("PyTorch eager", "rivals_torch", "Eager"),
    "torch-pieces": Entry("PyTorch, 4,000 rows a call", "rivals_torch", "EagerPieces"),
    "torch-compile": Entry("PyTorch, compiled loss", "rivals_torch", "CompiledLoss"),
    "torch-step": Entry("PyTorch, compiled step", "rivals_torch", "CompiledStep"),
    "jax": Entry("JAX", "rivals_jax", "Jax"),
    "jax-columns": Entry("JAX, samples as columns", "rivals_jax", "JaxColumns"),
    "onnxruntime": Entry("onnxruntime", "rivals_onnx", "OnnxRuntime"),
    "onnxruntime-pieces": Entry(
        "onnxruntime, 4,000 rows a call", "rivals_onnx", "OnnxRuntimePieces"
    ),
    "products": Entry("matrix products alone", "rivals_blas", "Products"),
    "products-avx512": Entry(
        "matrix products alone, AVX-512", "rivals_blas", "Products",
        {"OPENBLAS_CORETYPE": "SkylakeX"},
    ),
}  # fmt: skip
