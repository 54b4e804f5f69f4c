"""The estimators' defaults on many tables, against rivals' defaults, one thread each.

    python -m bench.suite run TABLES FILE [--splits 1 2] [--who thalweg lightgbm …] [--only NAME …]
    python -m bench.suite tell FILE … [--to NAME]

``run`` adds a line of JSON for each table, split and contender to FILE; ``tell`` compares what such
files hold, in Markdown. TABLES is a folder as `bench.tables` has it. A contender is fitted on four
fifths of the rows, as its user would call ``fit``, and judged on the others by log-loss, or for
numbers by RMSE / σ.
"""

import argparse
import json
import multiprocessing
import os
import sys
import time
import warnings
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import log_loss, roc_auc_score

from bench.defaults import CHANGES
from bench.suite_contenders import RIVALS, thalweg
from bench.suite_telling import told
from bench.tables import names, table

_LEAST = 1e-7
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


def main(arguments: list[str]) -> None:
    asked = _parser().parse_args(arguments)
    if asked.what == "tell":
        print(told(_lines(asked.files), asked.to))
        return
    wanted = asked.only or names(asked.tables)
    jobs = [
        (asked.tables, name, split, who)
        for name in wanted
        for split in asked.splits
        for who in asked.who
    ]
    # Read when a process begins: each is its contender's own, with one thread.
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(asked.workers, fresh) as workers, asked.file.open("a") as file:
        for line in workers.map(measure, jobs):
            print(json.dumps(line), file=file, flush=True)


def measure(job: tuple[Path, str, int, str]) -> dict[str, Any]:
    """Fit one contender on one table, and judge it."""
    folder, name, split, who = job
    given = table(folder, name)
    fit, judge = given.parted(split)
    if who in RIVALS:
        model, X = RIVALS[who](given, split, fit)
    else:
        model, X = thalweg(given, split, CHANGES[who])
    y = given.y
    if given.has_classes:
        labels, y = np.unique(y, return_inverse=True)
    began = time.process_time()  # of one thread, however busy the machine is
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        model.fit(X.iloc[fit], y[fit])
    seconds = time.process_time() - began
    facts = {
        "table": name, "task": given.task, "rows": len(y), "split": split, "who": who,
        "seconds": seconds, "warnings": len(warned),
    }  # fmt: skip
    if not given.has_classes:
        wrong = model.predict(X.iloc[judge]) - y[judge]
        loss = float(np.sqrt(np.mean(wrong**2)) / y[judge].std())
        return {**facts, "loss": loss}
    p = np.maximum(np.asarray(model.predict_proba(X.iloc[judge]), dtype=float), _LEAST)
    p /= p.sum(axis=1, keepdims=True)
    auc = roc_auc_score(y[judge], p[:, 1]) if len(labels) == 2 else None
    return {
        **facts,
        "loss": log_loss(y[judge], p, labels=np.arange(len(labels))),
        "error": float(np.mean(p.argmax(axis=1) != y[judge])),
        "auc": auc,
    }


def _lines(files: list[Path]) -> Iterator[dict[str, Any]]:
    for file in files:
        yield from map(json.loads, file.read_text(encoding="utf-8").splitlines())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench.suite", description=__doc__.splitlines()[0])
    parts = parser.add_subparsers(dest="what", required=True)
    run = parts.add_parser("run")
    run.add_argument("tables", type=Path)
    run.add_argument("file", type=Path)
    run.add_argument("--splits", type=int, nargs="+", default=[1, 2])
    run.add_argument("--who", nargs="+", choices=(*CHANGES, *RIVALS), default=["thalweg"])
    run.add_argument("--only", nargs="+", metavar="NAME")
    run.add_argument("--workers", type=int, default=1)
    tell = parts.add_parser("tell")
    tell.add_argument("files", type=Path, nargs="+")
    tell.add_argument("--to", default="thalweg", help="whom all are compared to")
    return parser


if __name__ == "__main__":
    main(sys.argv[1:])
