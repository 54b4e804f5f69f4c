"""Kills of a search: `python -m bench.tuning_kills [--kills 200]`.

A process tunes with a study on disk and is ended by SIGKILL at a moment that is drawn; the same
search then goes on in another process, until it is done. Its trials and the bytes of its model
must be those of a search that nobody ended. With ``--cut``, the journal of a whole search is also
truncated at every byte of its last two lines.
"""

import argparse
import os
import shutil
import signal
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from bench.tuning import SPACE, estimator, table
from thalweg import tune
from thalweg.persistence.model_file import model_bytes

N_TRIALS = 14
# A trial that is begun ten times counts as what ends the process, so no search is ended more often.
MOST_KILLS = 8
COLUMNS = ["number", "loss", "weight", *SPACE]


def searched(path: Path | None) -> Any:
    X, y = table(0, 150, 1.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a last line is incomplete now and then
        return tune(
            estimator(n_folds=3), X, y, n_trials=N_TRIALS, space=SPACE, study=path,
            random_state=1, if_unclear="tuned", keep=4,
        )  # fmt: skip


def is_same(one: Any, other: Any) -> bool:
    alike = one.trials[COLUMNS].equals(other.trials[COLUMNS])
    return bool(alike and model_bytes(one.model) == model_bytes(other.model))


def killed(path: Path, seconds: float) -> bool:
    """Search in another process, and end it after some seconds; whether it was ended by that."""
    child = os.fork()
    if not child:
        try:
            searched(path)
        except BaseException as error:  # no output of pytest or of a shell may follow
            print(f"the search failed: {error!r}", flush=True)
            os._exit(1)
        os._exit(0)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            assert status == 0, "a search that goes on has failed"
            return False
        time.sleep(0.002)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return True


def of_kills(n_kills: int, longest: float, seed: int) -> None:
    wanted = searched(None)
    random, kills, searches, wrong, torn, began = (
        np.random.default_rng(seed), 0, 0, 0, 0, time.monotonic()
    )  # fmt: skip
    while kills < n_kills:
        with tempfile.TemporaryDirectory() as room:
            path = Path(room) / "s.journal"
            here = 0
            while (
                kills < n_kills and here < MOST_KILLS
                and killed(path, random.uniform(0, longest))
            ):  # fmt: skip
                here, kills = here + 1, kills + 1
                torn += path.exists() and not path.read_bytes().endswith(b"\n")
            searches += 1
            wrong += not is_same(searched(path), wanted)
        if searches % 10 == 0:
            print(f"{kills} kills, {searches} searches, {wrong} differ", flush=True)
    print(
        f"{kills} kills in {searches} searches of {N_TRIALS} trials, {time.monotonic() - began:.0f}"
        f" s: {wrong} searches differ from the one that nobody ended; {torn} kills left a torn line"
    )


def of_cuts() -> None:
    with tempfile.TemporaryDirectory() as room:
        path = Path(room) / "s.journal"
        wanted = searched(path)
        data, beside = path.read_bytes(), path.with_name("s.journal.trials")
        last = len(data) - data[:-1].rfind(b"\n", 0, data[:-1].rfind(b"\n")) - 1
        shutil.copytree(beside, Path(room) / "kept")
        wrong = 0
        for n in range(1, last + 1):
            path.write_bytes(data[:-n])
            wrong += not is_same(searched(path), wanted)
            shutil.rmtree(beside)
            shutil.copytree(Path(room) / "kept", beside)
        print(f"truncated at each of {last} bytes of the last two lines: {wrong} searches differ")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--longest", type=float, default=0.8, help="seconds before a kill")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cut", action="store_true")
    given = parser.parse_args()
    if given.cut:
        of_cuts()
    of_kills(given.kills, given.longest, given.seed)


if __name__ == "__main__":
    main()
