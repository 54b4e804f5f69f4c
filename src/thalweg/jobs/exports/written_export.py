"""Write a fitted model as a file of another language: by the ending of its name."""

import os
from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import TYPE_CHECKING

from thalweg.endings import check_ending
from thalweg.export.carried_model import CarriedModel, carried_model
from thalweg.export.graphs.onnx_model import onnx_bytes
from thalweg.export.programs.c_text import c_text
from thalweg.export.programs.javascript_module import javascript_module
from thalweg.export.programs.python_text import python_text
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
    ".py": _encoded(python_text),
    ".sql": _encoded(sql_text),
}
# The bytes at the end of a model file that are the SHA-256 of the others.
_SEAL_BYTES = 32


def ending_of(path: str | os.PathLike[str]) -> str:
    """The ending of an exported file; any other is refused."""
    return check_ending(path, "An export", tuple(WRITERS), flag=parameter("output"), bare=False)


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
    model: "Model", path: str | os.PathLike[str], *, overwrite: bool = False
) -> CarriedModel:
    """Write a fitted model as a program or graph of another language.

    Parameters
    ----------
    model : ThalwegClassifier or ThalwegRegressor
        Fitted, of one target; several quantiles are allowed.
    path : str or path
        Its ending says what is written: ``.onnx`` a graph for ONNX runtimes, ``.c`` a file of C99,
        ``.js`` or ``.mjs`` a module for browsers and Node, ``.py`` a module that needs the standard
        library of Python 3.8 alone, ``.sql`` a query, of models of up to 2,000 weights.
    overwrite : bool, default False
        Whether a file of this name may be replaced.

    Returns
    -------
    CarriedModel
        What was written: inputs, labels, and the tolerance of its answers.

    Raises
    ------
    SettingsError
        If the ending is another one, if the model has several targets, or if it is too large for
        a query.
    OutputError
        If the file cannot be written.
    """
    ending = ending_of(path)
    made = carried(model, model_bytes(model)[-_SEAL_BYTES:].hex())
    write_atomic(path, WRITERS[ending](made), overwrite=overwrite)
    return made


def seal_of(path: str) -> str:
    """The seal of a model file that was read before."""
    with open(path, "rb") as file:
        file.seek(-_SEAL_BYTES, os.SEEK_END)
        return file.read().hex()
