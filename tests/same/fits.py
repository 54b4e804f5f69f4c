"""The kinds of fits by whichever thalweg is on the path: ``python -m same.fits FOLDER [NAME …]``.

Writes each model, and prints as JSON the SHA-256 of θ, of the predictions and of the file.
"""

import hashlib
import json
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from same.kinds import KINDS


def predicted(model: Any, rows: Any) -> np.ndarray:
    """Probabilities, or values."""
    ask = model.predict_proba if hasattr(model, "predict_proba") else model.predict
    return np.asarray(ask(rows), dtype=np.float64)


def thetas(model: Any) -> bytes:
    return b"".join(np.ascontiguousarray(each.theta).tobytes() for each in model.members_)


def of_the_command_line(folder: Path) -> dict[str, dict[str, str]]:
    """What the verbs write: a model with its judgement, and a table of predictions."""
    from thalweg.cli.main import main

    model, table = folder / "cli.safetensors", folder / "cli.csv"
    fit = ["fit", "wisconsin", "--seed", "0", "-o", str(model)]
    assert main([*fit, "--force"]) == 0
    assert main(["predict", str(model), "wisconsin", "-o", str(table), "--force"]) == 0
    return {"cli": {"file": digest(model.read_bytes()), "predictions": digest(table.read_bytes())}}


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def main(folder: Path, names: list[str]) -> dict[str, Any]:
    """The hashes of all kinds, or of those that are named."""
    found: dict[str, Any] = {}
    for name in names or KINDS:
        kind = KINDS[name]
        model = kind.fit()
        path = folder / f"{name}.safetensors"
        model.save(path, overwrite=True)
        found[name] = {
            "theta": digest(thetas(model)),
            "predictions": digest(predicted(model, kind.later()).tobytes()),
            "file": digest(path.read_bytes()),
        }
    return found if names else found | of_the_command_line(folder)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    hashes = main(Path(sys.argv[1]), sys.argv[2:])
    Path(sys.argv[1], "hashes.json").write_text(json.dumps(hashes), encoding="utf-8")
