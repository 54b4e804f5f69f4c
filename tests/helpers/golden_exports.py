"""Makes the golden exports of a release: `python tests/helpers/golden_exports.py`.

A folder of a release is never made anew: later versions must give the same answers for its models,
and its files must keep giving theirs.
"""

import json
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

import thalweg
from thalweg import ThalwegClassifier, ThalwegRegressor
from thalweg.export.running.export_runtimes import TYPES_OF
from thalweg.jobs.exports.rows_for_export import rows_for_export
from thalweg.jobs.exports.written_export import WRITERS, carried

FOLDER = Path(__file__).parents[1] / "exports"
SMALL = {"hidden_layer_sizes": (3,), "max_iter": 5, "random_state": 0, "n_bins": 2}


def golden_models():
    """A tiny model of each kind, and rows to ask it for."""
    chance = np.random.default_rng(1)
    frame = pd.DataFrame(
        {
            "size": chance.normal(10, 3, 60).round(1),
            "town": chance.choice(["Bern", "Oslo", "Z\u00fcrich"], 60),
            "seen": pd.to_datetime("2024-01-01")
            + pd.to_timedelta(chance.integers(0, 900, 60), "D"),
            "kept": chance.random(60) < 0.5,
        }
    )
    frame.loc[::7, "size"] = np.nan
    frame.loc[3::9, "town"] = None
    rank = frame["size"].fillna(10).rank(method="first").to_numpy()
    numbers = frame[["size", "kept"]].assign(years=np.linspace(0.5, 2, 60))
    folds = {"early_stopping": "folds", "n_folds": 2}
    alone = {"early_stopping": False}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield "two", ThalwegClassifier(**SMALL, **folds, calibration="affine", class_weight={
            "no": 1, "yes": 3}).fit(frame, np.where(rank > 25, "yes", "no")), frame  # fmt: skip
        yield "three", ThalwegClassifier(**SMALL, **alone, activation="mish", dtype="float64").fit(
            frame, (rank // 20.1).astype(int)), frame  # fmt: skip
        yield "levels", ThalwegRegressor("quantile:levels=0.1/0.5/0.9", **SMALL, **alone).fit(
            frame, rank), frame  # fmt: skip
        yield "counts", ThalwegRegressor("poisson", **SMALL, **alone, activation="tanh").fit(
            numbers, rank // 10, exposure="years"), numbers  # fmt: skip


def main() -> None:
    folder = FOLDER / thalweg.__version__
    if folder.exists():
        sys.exit(f"{folder} is there already, and is never made anew")
    folder.mkdir(parents=True)
    for name, model, frame in golden_models():
        model.save(folder / f"{name}.safetensors")
        made = carried(model, "")
        for ending, writer in WRITERS.items():
            if ending not in (".mjs", *TYPES_OF):
                (folder / f"{name}{ending}").write_bytes(writer(made))
        rows = rows_for_export(model, made, frame[:20])
        is_class = made.is_classifier
        found = model.predict_proba(frame[:20]) if is_class else model.predict(frame[:20])
        data = {
            "rows": [[None if cell != cell else cell for cell in row] for row in rows],
            "answers": [
                [each.hex() for each in row] for row in np.reshape(found, (20, -1)).tolist()
            ],
            "labels": model.predict(frame[:20]).tolist() if is_class else None,
        }
        text = json.dumps(data, indent=None)
        (folder / f"{name}.json").write_text(text, encoding="ascii")


if __name__ == "__main__":
    main()
