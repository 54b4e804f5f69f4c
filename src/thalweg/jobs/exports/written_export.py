"""Write a fitted model as a file of another language: by the ending of its name."""

import os
from collections.abc import Callable, Mapping
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING

from thalweg.endings import check_ending
from thalweg.errors import SettingsError
from thalweg.export.carried_model import CarriedModel, carried_model
from thalweg.export.graphs.onnx_graph import IR_VERSIONS, OPSET
from thalweg.export.graphs.onnx_model import onnx_bytes
from thalweg.export.programs.c_text import c_text
from thalweg.export.programs.javascript_module import javascript_module
from thalweg.export.programs.python_text import python_text
from thalweg.export.programs.typescript_types import typescript_types
from thalweg.export.queries.sql_text import sql_text
from thalweg.files import write_atomic
from thalweg.persistence.model_file import model_bytes
from thalweg.wording import parameter

if TYPE_CHECKING:
    from thalweg.persistence.rebuilt import Model


def _encoded(writer: Callable[[CarriedModel], str]) -> Callable[[CarriedModel], bytes]:
    return lambda model: writer(model).encode("utf-8")


WRITERS: Mapping[str, Callable[[CarriedModel], bytes]] = {
    ".onnx": onnx_bytes,
    ".c": _encoded(c_text),
    ".js": _encoded(javascript_module),
    ".mjs": _encoded(javascript_module),
    ".d.ts": _encoded(typescript_types),
    ".d.mts": _encoded(typescript_types),
    ".py": _encoded(python_text),
    ".sql": _encoded(sql_text),
}
_WITH_OPSET = ".onnx"
# The bytes at the end of a model file that are the SHA-256 of the others.
_SEAL_BYTES = 32


def ending_of(path: str | os.PathLike[str]) -> str:
    """The ending of an exported file; any other is refused."""
    return check_ending(path, "An export", tuple(WRITERS), flag=parameter("output"), bare=False)


def writer_of(
    path: str | os.PathLike[str], opset: int | None = None
) -> Callable[[CarriedModel], bytes]:
    """The writer of a file, by the ending of its name.

    Parameters
    ----------
    path : str or path
    opset : int, optional
        Of an ONNX file; by default the lowest, which most runtimes read.

    Raises
    ------
    SettingsError
        If no such file is written, or none of this opset.
    """
    ending = ending_of(path)
    if opset is None:
        return WRITERS[ending]
    if ending != _WITH_OPSET:
        raise SettingsError(
            f"{parameter('opset', opset)} is one of ONNX, and this file ends in {ending}",
            where=os.fspath(path),
            fix=f"leave out {parameter('opset')}, or let the name end in {_WITH_OPSET}",
        )
    if type(opset) is not int or opset not in IR_VERSIONS:
        raise SettingsError(
            f"{parameter('opset', opset)} is none that an ONNX file is written for",
            why="The operations of a file are compared with the definitions of each opset",
            fix=f"give a whole number from {min(IR_VERSIONS)} to {max(IR_VERSIONS)}, or leave it "
            f"out for {OPSET}",
        )
    return partial(onnx_bytes, opset=opset)


def carried(model: "Model", seal: str, target: str | None = None) -> CarriedModel:
    """What is exported of a fitted estimator: of one of rates (`per_unit`) without an exposure.

    Raises
    ------
    SettingsError
        If it has several targets.
    """
    return carried_model(
        model._known,
        version=version("thalweg"),
        seal=seal,
        threshold=getattr(model, "threshold_", None) if model._known.several is None else None,
        target=target or "",
        per_unit=getattr(model, "_rates_of", None) is not None,
    )


def export_model(
    model: "Model",
    path: str | os.PathLike[str],
    *,
    overwrite: bool = False,
    opset: int | None = None,
) -> CarriedModel:
    """Write a fitted model as a program or graph of another language.

    Parameters
    ----------
    model : ThalwegClassifier or ThalwegRegressor
        Fitted, of one target; several quantiles are allowed.
    path : str or path
        Its ending says what is written: ``.onnx`` a graph for ONNX runtimes, ``.c`` a file of C99,
        ``.js`` or ``.mjs`` a module for browsers and Node, ``.d.ts`` or ``.d.mts`` its types,
        ``.py`` a module that needs the standard library of Python 3.8 alone, ``.sql`` a query, of
        models of up to 2,000 weights.
    overwrite : bool, default False
        Whether a file of this name may be replaced.
    opset : int, optional
        Of an ONNX file, from 13 to 28; by default 13, which most runtimes read.

    Returns
    -------
    CarriedModel
        What was written: inputs, labels, and the tolerance of its answers.

    Raises
    ------
    SettingsError
        If the ending is another one, if no file of this opset is written, if the model has several
        targets, or if it is too large for a query.
    OutputError
        If the file cannot be written.
    """
    writer = writer_of(path, opset)
    made = carried(model, model_bytes(model)[-_SEAL_BYTES:].hex())
    write_atomic(path, writer(made), overwrite=overwrite)
    return made


def seal_of(path: str) -> str:
    """The seal of a model file that was read before."""
    with open(path, "rb") as file:
        file.seek(-_SEAL_BYTES, os.SEEK_END)
        return file.read().hex()
