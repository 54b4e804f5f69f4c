"""`make same BASE=COMMIT`: does this tree give the very bits that an earlier commit gives?

Fits models of every kind with both, on this machine, and compares the SHA-256 of θ, of the
predictions and of the model file. ``--keep`` writes the models of this tree, and what they
predict, to `kept`, where the tests find them.
"""

import argparse
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

TESTS = Path(__file__).parents[1]
ROOT = TESTS.parent
KEPT = Path(__file__).parent / "kept"


def main() -> int:
    parser = argparse.ArgumentParser(prog="make same", description=__doc__)
    parser.add_argument("base", nargs="?", help="the commit to compare with")
    parser.add_argument("--only", nargs="+", default=[], metavar="KIND")
    parser.add_argument("--keep", action="store_true", help="write the models that tests load")
    asked = parser.parse_args()
    if asked.keep:
        keep()
        return 0
    if not asked.base:
        parser.error("name the commit to compare with: make same BASE=COMMIT")
    with tempfile.TemporaryDirectory() as scratch:
        here, there = Path(scratch, "now"), Path(scratch, "before")
        before = fitted_by(unpacked(asked.base, Path(scratch, "tree")), there, asked.only)
        now = fitted_by(ROOT, here, asked.only)
    return told(before, now)


def unpacked(commit: str, place: Path) -> Path:
    """The tree of a commit."""
    archive = subprocess.run(
        ["git", "archive", commit, "src"], cwd=ROOT, stdout=subprocess.PIPE, check=True
    ).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(place, filter="data")
    return place


def fitted_by(tree: Path, folder: Path, names: list[str]) -> dict[str, Any]:
    """The hashes of what the thalweg of a tree fits; the kinds are always those of today."""
    folder.mkdir()
    path = os.pathsep.join((str(tree / "src"), str(TESTS)))
    subprocess.run(
        [sys.executable, "-m", "same.fits", str(folder), *names],
        env={**os.environ, "PYTHONPATH": path}, cwd=folder, check=True,
    )  # fmt: skip
    found: dict[str, Any] = json.loads((folder / "hashes.json").read_text(encoding="utf-8"))
    return found


def told(before: dict[str, Any], now: dict[str, Any]) -> int:
    """Say what differs; 1 where anything does."""
    differs = {
        name: [what for what, digest in hashes.items() if digest != before.get(name, {}).get(what)]
        for name, hashes in now.items()
    }
    for name, what in differs.items():
        print(f"{name}: {'other ' + ', '.join(what) if what else 'the same'}")
    n_other = sum(map(bool, differs.values()))
    print(f"{len(now) - n_other} of {len(now)} kinds of fits give the same bits as before.")
    return int(n_other > 0)


def keep() -> None:
    """Models of all kinds, and what they predict for rows that they have not seen."""
    from same.fits import predicted
    from same.kinds import KINDS

    KEPT.mkdir(exist_ok=True)
    predictions = {}
    for name, kind in KINDS.items():
        model = kind.fit()
        model.save(KEPT / f"{name}.safetensors", overwrite=True)
        predictions[name] = predicted(model, kind.later())
    np.savez_compressed(KEPT / "predictions.npz", **predictions)


if __name__ == "__main__":
    sys.exit(main())
