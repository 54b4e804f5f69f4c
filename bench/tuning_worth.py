"""What tuning is worth on rows that no trial saw: `python -m bench.tuning_worth run|tell`.

    python -m bench.tuning_worth run TABLES FILE [--seconds 600] [--splits 1 2 3] [--only NAME …]
    python -m bench.tuning_worth tell FILE …

``run`` adds a line of JSON to FILE for each table and split: the losses, on the fifth of the rows
that was held out, of the default, of the default with eight networks for one (``n_ensemble=8``), of
the tuned ensemble, and of what `tune` returned. A line that FILE has is not measured again:
bench/measured/tuning_worth.jsonl has what was measured so far. Everything has one thread, and the
seconds are of processor time, so that it does not matter what else the machine does. TABLES is a
folder as `bench.tables` has it. ``--sampler random`` draws the trials instead.
"""

import argparse
import json
import threading  # noqa: F401  (it keeps the clock of the wall for its own waiting)
import time
import warnings
from pathlib import Path
from typing import Any

time.monotonic = time.process_time  # before thalweg reads it: the time of this process, one thread

import numpy as np  # noqa: E402
from sklearn.base import clone  # noqa: E402
from sklearn.metrics import log_loss  # noqa: E402

from bench.suite_contenders import thalweg  # noqa: E402
from bench.tables import Table, table  # noqa: E402
from thalweg import tune  # noqa: E402

# Twenty tables of the core of the suite: all kinds of targets, up to 20,000 rows.
TABLES = (
    "wdbc", "diabetes", "pima", "vehicle", "soybean", "satimage", "spambase", "churn",
    "telco_churn", "ames", "concrete", "titanic", "bikeshare", "german_credit", "magic",
    "contraceptive", "cylinder_bands", "splice", "california", "abalone",
)  # fmt: skip
_LEAST = 1e-7


def loss_of(model: Any, given: Table, rows: np.ndarray) -> float:
    """The log-loss, or for numbers RMSE / σ, on some rows."""
    X, y = given.X.iloc[rows], given.y[rows]
    if not given.has_classes:
        return float(np.sqrt(np.mean((model.predict(X) - y) ** 2)) / y.std())
    p = np.maximum(model.predict_proba(X).astype(float), _LEAST)
    return float(log_loss(y, p / p.sum(axis=1, keepdims=True), labels=model.classes_))


def measured(folder: Path, name: str, split: int, seconds: float, sampler: str) -> dict[str, Any]:
    """All losses of one table and split."""
    given = table(folder, name)
    fit, rest = given.parted(split)
    model, X = thalweg(given, split, {})
    X, y = X.iloc[fit], given.y[fit]
    began = time.process_time()
    default = loss_of(clone(model).fit(X, y), given, rest)
    of_default = time.process_time() - began
    eight = loss_of(clone(model).set_params(n_ensemble=8).fit(X, y), given, rest)
    began = time.process_time()
    found = tune(
        model, X, y, time_limit=seconds, random_state=split, n_jobs=1, sampler=sampler,
        if_unclear="tuned",
    )  # fmt: skip
    used = time.process_time() - began
    tuned = loss_of(found.model, given, rest)
    return {
        "table": name, "split": split, "asked": seconds, "sampler": sampler, "used": used,
        "default seconds": of_default, "trials": len(found.trials),
        "slots": int((found.trials["weight"] > 0).sum()),
        "default": default, "eight": eight, "tuned": tuned,
        "returned": tuned if found.honest.is_better else default,
        "out of fold": float(found.trials["loss"].min() / found.trials["loss"][0]),
    }  # fmt: skip


def run(given: argparse.Namespace) -> None:
    file: Path = given.files[0]
    known = lines(given.files) if file.exists() else []
    done = {(each["table"], each["split"], each["asked"], each["sampler"]) for each in known}
    for split in given.splits:
        for name in given.only or TABLES:
            if (name, split, given.seconds, given.sampler) in done:
                continue
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                line = measured(given.tables, name, split, given.seconds, given.sampler)
            with file.open("a") as out:
                print(json.dumps(line), file=out)
            print(json.dumps(line), flush=True)


def lines(files: list[Path]) -> list[dict[str, Any]]:
    """What files hold."""
    texts = [text for file in files for text in file.read_text(encoding="utf-8").splitlines()]
    return [json.loads(text) for text in texts]


def tell(given: argparse.Namespace) -> None:
    """Ratios of losses in geometric mean over splits, then over tables."""
    by_table: dict[str, list[dict[str, Any]]] = {}
    for line in lines(given.files):
        by_table.setdefault(line["table"], []).append(line)
    ways = ("eight", "tuned", "returned")
    all_of: dict[str, list[float]] = {way: [] for way in ways}
    for name, found in by_table.items():
        ratios = {
            way: np.exp(np.mean([np.log(each[way] / each["default"]) for each in found]))
            for way in ways
        }
        for way in ways:
            all_of[way].append(float(ratios[way]))
        trials = np.mean([each["trials"] for each in found])
        text = ", ".join(f"{way} {ratio:.3f}" for way, ratio in ratios.items())
        print(f"{name}: {text} of the default's loss; {len(found)} splits, {trials:.0f} trials")
    for way, found in all_of.items():
        mean = np.exp(np.mean(np.log(found)))
        print(f"{way}: {mean:.4f} in geometric mean, at most {max(found):.3f}, {len(found)} tables")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parts = parser.add_subparsers(dest="what", required=True)
    begins = parts.add_parser("run")
    begins.add_argument("tables", type=Path)
    begins.add_argument("files", type=Path, nargs=1)
    begins.add_argument("--seconds", type=float, default=600.0)
    begins.add_argument("--splits", type=int, nargs="+", default=[1, 2, 3])
    begins.add_argument("--only", nargs="+", metavar="NAME")
    begins.add_argument("--sampler", choices=("tpe", "random"), default="tpe")
    parts.add_parser("tell").add_argument("files", type=Path, nargs="+")
    given = parser.parse_args()
    (run if given.what == "run" else tell)(given)


if __name__ == "__main__":
    main()
