"""Fits that get Ctrl-C at random times, in a process of its own: a helper of the tests.

    python tests/helpers/interrupted.py TABLE COUNT [SEED [THREADS [EARLY_STOPPING]]]

One line of JSON for each: what came of it, and how long it took from the signal to the return. A
count of 1 is the first fit of a process, with all that it loads; else the process is warm.
"""

import json
import os
import pickle
import random
import signal
import sys
import threading
import time
import warnings

import numpy as np
import pandas as pd

from thalweg import (
    ThalwegClassifier,
    ThalwegRegressor,
    UnfinishedError,
    UnfinishedWarning,
    interrupts,
    load_table,
)
from thalweg.errors import Status


def table_of(name):
    """An estimator, and what it is fitted on."""
    if name == "wisconsin":
        table = load_table("wisconsin")
        return ThalwegClassifier, table.frame, table.target
    draw = np.random.default_rng(0)
    if name == "wide":
        n, m = 4000, 60
        X = draw.normal(size=(n, m))
        frame = pd.DataFrame(X, columns=[f"n{j}" for j in range(m)])
        for j in range(8):
            frame[f"c{j}"] = draw.choice(list("abcdefgh"), n)
        return ThalwegClassifier, frame, (X[:, 0] + X[:, 1] * X[:, 2] > 0).astype(int)
    if name == "regression":
        X = draw.normal(size=(6000, 12))
        return ThalwegRegressor, X, np.sin(X[:, 0]) + X[:, 1] ** 2 + draw.normal(size=6000)
    X = draw.normal(size=(90_000, 50))  # "large"
    return ThalwegClassifier, X, (X[:, 0] + X[:, 1] * X[:, 2] > 0).astype(int)


class Timer:
    """Sends SIGINT to this process after so many seconds, and notes when."""

    def __init__(self, seconds):
        self.at, self.done = None, threading.Event()
        self.thread = threading.Thread(target=self._wait, args=(seconds,))

    def _wait(self, seconds):
        if not self.done.wait(seconds):
            self.at = time.monotonic()
            os.kill(os.getpid(), signal.SIGINT)


def fitted_state(model):
    return {key: pickle.dumps(value) for key, value in vars(model).items()}


def interrupted(model, X, y, seconds):
    """One fit that is interrupted; what came of it."""
    before, timer = fitted_state(model), Timer(seconds)
    caught, error = [], None
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            timer.thread.start()
            try:
                model.fit(X, y)
            except UnfinishedError as refused:
                error = refused
            back = time.monotonic()
            timer.done.set()
            timer.thread.join()
    except KeyboardInterrupt:  # it came when fit was over, or not yet begun
        return {"outcome": "missed"}
    if timer.at is None:
        return {"outcome": "missed"}
    told = [str(each.message) for each in caught if each.category is UnfinishedWarning]
    result = {"after": round(seconds, 3), "took": round(back - timer.at, 3)}
    if error is not None:
        whole = fitted_state(model) == before
        return {**result, "outcome": "refused", "whole": whole, "said": str(error)}
    if not told:  # the signal was under way when fit returned
        return {"outcome": "missed"}
    cut = sum(each.status is Status.INTERRUPTED for each in model.members_)
    predict = getattr(model, "predict_proba", model.predict)
    whole = bool(
        np.isfinite(predict(X[:40])).all()
        and all(each.best_epoch for each in model.members_)
        and (model.status_ is Status.INTERRUPTED) == (cut > 0)
    )
    return {**result, "outcome": "kept", "whole": whole, "cut": cut, "said": told[0]}


def main(name, count, seed=0, threads=None, way="auto"):
    signal.signal(signal.SIGINT, signal.default_int_handler)
    handlers = {each: signal.getsignal(each) for each in signal.valid_signals()}
    # Here one follows the other, and each is a first one.
    interrupts.SECONDS_FOR_A_SECOND_ONE = 0.0
    draw = random.Random(seed)
    kind, X, y = table_of(name)
    how = {"random_state": 0, "n_jobs": threads, "early_stopping": way}
    whole = None
    if count > 1:  # else this is the first fit of a process, with all that it loads
        kind(**how).fit(X, y)
        begin = time.monotonic()
        kind(**how).fit(X, y)
        whole = time.monotonic() - begin
    limit = whole or float(os.environ.get("WITHIN", "2"))
    done = 0
    while done < count:
        found = interrupted(kind(**how), X, y, draw.uniform(0, limit))
        if found["outcome"] == "missed" and count > 1:
            continue
        done += 1
        print(json.dumps(found), flush=True)
    # Nothing is broken by it: another fit comes to its end.
    kind(**how, max_iter=2).fit(X, y)
    assert handlers == {each: signal.getsignal(each) for each in signal.valid_signals()}


if __name__ == "__main__":
    given = sys.argv[1:]
    seed, threads, way = (*given[2:], *("0", "0", "auto")[len(given) - 2 :])
    main(given[0], int(given[1]), int(seed), int(threads) or None, way)
