"""Makes the golden exports of a release: `python tests/helpers/golden_exports.py`.

What is there is never made anew: later versions must give the same answers for its models, and its
files must keep giving theirs. Before a release, kinds that its folder lacks are added.
"""

import json
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


def table():
    """Numbers, a category, a date and a boolean, with missing values."""
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
    return frame


def further(frame):
    """Numbers with bounds, yes and no, and names."""
    cells = [f"<{k % 4}" if k % 7 == 0 else f"{k % 20}.5" for k in range(60)]
    return frame[["size", "town"]].assign(
        crp=np.array(cells, object), asked=["yes", "no", None] * 20,
        name=[None if k % 8 == 0 else f"row {k}" for k in range(60)],
    )  # fmt: skip


def golden_models():
    """A tiny model of each kind, and rows to ask it for."""
    frame = table()
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
        more = further(frame)
        yield "grades", ThalwegClassifier(**SMALL, **alone, loss="ordinal", activation="silu",
            n_ensemble=2, grades=["low", "mid", "high"]).fit(
            more, np.array(["low", "mid", "high"])[(rank // 20.1).astype(int)]), more  # fmt: skip
        both = ThalwegRegressor(**{**SMALL, "hidden_layer_sizes": (4, 3)}, **folds, dtype="float64",
            activation=["tanh", "relu"])  # fmt: skip
        both.fit(more, pd.DataFrame({"rank": rank, "root": np.sqrt(rank)}))
        yield "target", both.for_target("root"), more


def main() -> None:
    folder = FOLDER / thalweg.__version__
    folder.mkdir(parents=True, exist_ok=True)
    for name, model, frame in golden_models():
        if [*folder.glob(f"{name}.*")]:
            print(f"{name} is there already, and is never made anew")
            continue
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
