"""`make golden-models`: models of every kind, their rows and their answers, one folder a release.

A folder of `tests/models` has the name of the version that wrote it. It is never written again:
every later version must read it (`tests/persistence/test_golden_models.py`). For each kind there
are the model file, rows that it has not seen as CSV, and its answers: θ of each network and the
predictions, as hexadecimal floats, which are exact.
"""

import json
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import thalweg
from places import MODELS

N_ROWS, N_LATER = 90, 20
# Three folds and five are the ways to several networks.
TINY = {"hidden_layer_sizes": (3,), "max_iter": 4, "n_bins": 4, "random_state": 0, "n_jobs": 1}
C, R = thalweg.ThalwegClassifier, thalweg.ThalwegRegressor


def table() -> pd.DataFrame:
    """Numbers, a category, a boolean, a date, and missing values in each of them."""
    rng = np.random.default_rng(0)
    n = N_ROWS + N_LATER
    days = rng.integers(0, 700, n).astype("timedelta64[D]")
    frame = pd.DataFrame(
        {
            "age": rng.integers(18, 90, n).astype(float),
            "dose": np.exp(rng.normal(0, 1.2, n)).round(3),
            "town": rng.choice(["Bern", "Oslo", "Zürich"], n),
            "smoker": rng.choice(["yes", "no"], n),
            "seen": (np.datetime64("2024-01-01") + days).astype(str),
        }
    )
    for first, name in enumerate(frame):
        frame[name] = frame[name].astype(object)
        frame.loc[first::13, name] = None
    return frame


def heights(frame: pd.DataFrame) -> np.ndarray:
    """What the targets depend on."""
    rng = np.random.default_rng(1)
    age = frame["age"].astype(float).fillna(50).to_numpy()
    bent = np.sin(age / 12) + (frame["town"] == "Bern").to_numpy()
    return bent + rng.normal(0, 0.5, len(frame))


def labels(frame: pd.DataFrame, *named: str) -> np.ndarray:
    """Classes in an order, of about as many rows each."""
    at = np.quantile(heights(frame), np.arange(1, len(named)) / len(named))
    return np.array(named)[np.digitize(heights(frame), at)]


def two_labels(frame: pd.DataFrame) -> pd.DataFrame:
    rows = labels(frame, "dry", "rain")
    return pd.DataFrame({"weather": rows, "frost": np.roll(labels(frame, "no", "yes"), 1)})


def two_numbers(frame: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"first": heights(frame), "second": 100 - 5 * heights(frame)})


def counts(frame: pd.DataFrame) -> np.ndarray:
    return np.floor(np.exp(heights(frame))).astype(float)


Made = tuple[Callable[..., Any], Callable[[pd.DataFrame], Any], dict[str, Any]]
KINDS: dict[str, Made] = {
    "two-classes": (C, lambda rows: labels(rows, "well", "ill"), {"positive": "ill"}),
    "two-classes-float64": (
        C, lambda rows: labels(rows, "well", "ill"), {"positive": "ill", "dtype": "float64"},
    ),
    "three-classes": (C, lambda rows: labels(rows, "low", "mid", "high"), {}),
    "grades": (
        C, lambda rows: labels(rows, "low", "mid", "high"),
        {"loss": "ordinal", "grades": ["low", "mid", "high"]},
    ),
    "number": (R, heights, {}),
    "quantiles": (R, heights, {"loss": "quantile:levels=0.1/0.5/0.9"}),
    "poisson": (R, counts, {"loss": "poisson"}),
    "formula": (R, heights, {"loss": "formula:where(z > y, z - y, 3 * (y - z))"}),
    "several-numbers": (R, two_numbers, {}),
    "several-labels": (C, two_labels, {"positive": {"weather": "rain", "frost": "yes"}}),
}  # fmt: skip


def fitted(name: str) -> Any:
    """A model of one kind, of the first rows of `table`."""
    estimator, target, more = KINDS[name]
    frame = table()
    y = target(frame)
    return estimator(**{**TINY, **more}).fit(frame[:N_ROWS], y[:N_ROWS])


def answers(model: Any, rows: Path) -> dict[str, list[str]]:
    """θ of each network, and what the model says of the rows of a CSV file, as hexadecimal floats.

    Several outputs of a row, and several targets, stand one after the other.
    """
    frame = thalweg.load_table(rows, need_target=False).frame
    said = model.predict_proba(frame) if isinstance(model, C) else model.predict(frame)
    each = said.values() if isinstance(said, dict) else said if isinstance(said, list) else [said]
    numbers = np.concatenate([np.asarray(one, np.float64).ravel() for one in each])
    thetas = [network.theta for network in model.members_]
    hexed = {f"theta {n}": [x.hex() for x in theta.tolist()] for n, theta in enumerate(thetas)}
    return {**hexed, "predictions": [x.hex() for x in numbers.tolist()]}


def write(folder: Path) -> None:
    """All kinds into a new folder; refused if it is there."""
    if folder.exists():
        sys.exit(
            f"{folder} is there already: what a release wrote is never written again.\n"
            "Fix: raise the version first; only before that version's release, remove the folder."
        )
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        made = Path(scratch, "made")
        made.mkdir()
        later = made / "rows.csv"
        later.write_bytes(table()[N_ROWS:].to_csv(index=False, lineterminator="\n").encode())
        for name in KINDS:
            model = fitted(name)
            model.save(made / f"{name}.safetensors")
            said = json.dumps(answers(model, later), indent=0) + "\n"
            (made / f"{name}.json").write_bytes(said.encode())
        shutil.move(made, folder)


if __name__ == "__main__":
    write(MODELS / thalweg.__version__)
