"""Kill -9 of a fit with a checkpoint at random times: does it end in the bytes of one that is not?

``python -m bench.fit_kills`` fits a table once without a stop. Then it starts the same fit in a
process of its own, with a checkpoint, kills it after a random time, and starts it again, with
another number of threads, until it has come to its end; and so on, until so many were killed. Each
model file that came to its end is compared with the first, byte by byte.

With ``--command-line`` each process is ``thalweg fit``, whose start takes most of its time.
"""

import argparse
import hashlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from thalweg import Checkpoint, ThalwegClassifier

SECONDS_BETWEEN_WRITES = 0.05


def table(n_rows: int) -> pd.DataFrame:
    """Numbers, a category, missing cells, and two classes that depend on them."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((n_rows, 4))
    group = rng.integers(0, 5, n_rows)
    y = X[:, 0] - X[:, 1] ** 2 + 0.5 * group + rng.standard_normal(n_rows) > 0
    X[rng.random(X.shape) < 0.05] = np.nan
    frame = pd.DataFrame(X, columns=list("abcd"))
    return frame.assign(group=[f"g{each}" for each in group], y=np.where(y, "yes", "no"))


def fit_in_python(rows: pd.DataFrame, folder: Path, threads: int, *, kept: bool) -> None:
    """The default fit, and its file."""
    checkpoint = None
    if kept:
        path = folder / "fit.ckpt"
        checkpoint = Checkpoint(path, every_seconds=SECONDS_BETWEEN_WRITES)
    model = ThalwegClassifier(random_state=0, n_jobs=threads)
    model.fit(rows.drop(columns="y"), rows["y"], checkpoint=checkpoint)
    model.save(folder / ("fit.safetensors" if kept else "whole.safetensors"), overwrite=True)


def started_in_python(rows: pd.DataFrame, folder: Path, threads: int) -> int:
    """A child process that fits; everything is imported and compiled already."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        fit_in_python(rows, folder, threads, kept=True)
        code = 0
    finally:
        os._exit(code)


def command(folder: Path, name: str) -> list[str]:
    """``thalweg fit``."""
    return [sys.executable, "-m", "thalweg", "fit", str(folder / "t.csv"), "--target", "y",
            "-o", str(folder / name), "--force", "--quiet"]  # fmt: skip


def started(rows: pd.DataFrame, folder: Path, threads: int, *, by_command: bool) -> int:
    """The process id of a fit with a checkpoint."""
    if not by_command:
        return started_in_python(rows, folder, threads)
    words = [*command(folder, "fit.safetensors"), "--checkpoint", str(folder / "fit.ckpt")]
    every = f"{SECONDS_BETWEEN_WRITES}s"
    with (folder / "log").open("ab") as log:
        child = subprocess.Popen([*words, "--checkpoint-every", every], stdout=log, stderr=log)
    return child.pid


def main() -> None:
    """Print how many were killed, where, and whether all bytes are equal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--rows", type=int, default=400)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--command-line", action="store_true")
    asked = parser.parse_args()
    draw, rows = random.Random(asked.seed), table(asked.rows)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows.to_csv(folder / "t.csv", index=False)
        began = time.monotonic()
        if asked.command_line:
            quiet = subprocess.DEVNULL
            subprocess.run(command(folder, "whole.safetensors"), check=True, stdout=quiet)
        else:
            fit_in_python(rows, folder, 2, kept=False)  # compiles
            began = time.monotonic()
            fit_in_python(rows, folder, 2, kept=False)
        seconds = time.monotonic() - began
        whole = digest(folder / "whole.safetensors")
        print(f"a fit without a stop: {seconds:.2f} s, {whole[:16]}", flush=True)
        kills = with_file = finished = equal = 0
        while kills < asked.kills or not finished:
            child = started(rows, folder, draw.choice([1, 2, 3]), by_command=asked.command_line)
            until = time.monotonic() + draw.uniform(0, 1.2 * seconds)
            if kills >= asked.kills:  # the last one comes to its end
                until = float("inf")
            status = None
            while status is None and time.monotonic() < until:
                done, status = os.waitpid(child, os.WNOHANG)
                status = status if done else None
                time.sleep(0.001)
            if status is None:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
                kills += 1
                with_file += (folder / "fit.ckpt").exists()
                continue
            if status:
                sys.exit(f"a fit failed after {kills} kills: status {status}")
            finished += 1
            equal += digest(folder / "fit.safetensors") == whole
            left = [each.name for each in folder.iterdir() if each.name.startswith("fit.ckpt")]
            if left:
                sys.exit(f"a finished fit left {left}")
        print(f"{kills} kills, {with_file} of them with a checkpoint at hand")
        print(f"{finished} fits finished after kills, {equal} of them with the same bytes")
        if equal < finished or not finished:
            sys.exit(1)


def digest(path: Path) -> str:
    """The SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    main()
