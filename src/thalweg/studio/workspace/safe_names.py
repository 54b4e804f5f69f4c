"""Names of files that are made of a table's name: few letters of ASCII, safe on every system."""

import re
import unicodedata
from pathlib import PurePosixPath

_MOST = 60
_UNNAMED = "model"
# Names that Windows keeps for its devices.
_PORTS = [f"{port}{number}" for port in ("com", "lpt") for number in range(10)]
_DEVICES = {"con", "prn", "aux", "nul", *_PORTS}
MODEL, PREDICTED, REPORTED = ".safetensors", "-predictions.csv", "-report.html"
TUNED = "-tuned.safetensors"
DECIDED, DECIDED_AGAIN = "-decided.safetensors", "-decided-again.safetensors"


def safe_name(said: str, ending: str) -> str:
    """A name for a file, from what a table or a model is called.

    Examples
    --------
    >>> safe_name("My Kündigungen 2024.csv", ".safetensors"), safe_name("../..", ".csv")
    ('my-kundigungen-2024.safetensors', 'model.csv')
    """
    stem = PurePosixPath(said.replace("\\", "/")).name.partition(".")[0]
    plain = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_MOST].strip("-")
    return f"{_UNNAMED if not name or name in _DEVICES else name}{ending}"


def safe_name_after(model: str, ending: str) -> str:
    """A name for what is made of a model with a safe name.

    Examples
    --------
    >>> safe_name_after("churn-decided.safetensors", "-decided.safetensors")
    'churn-decided.safetensors'
    """
    for each in (DECIDED_AGAIN, DECIDED, MODEL):
        model = model.removesuffix(each)
    return safe_name(model, ending)
