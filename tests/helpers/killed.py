"""A descent with a checkpoint in a process of its own, for a test to kill: a helper of the tests.

Called with a folder that holds ``task.json`` and ``data.npz``. Says a line an epoch, and at its
end what it came to.
"""

import json
import os
import signal
import sys
from hashlib import sha256
from pathlib import Path

import numpy as np

from faulty import Faulty
from thalweg import files
from thalweg.network.architecture import Architecture
from thalweg.network.engine import Data
from thalweg.training import training_loop as run_module
from thalweg.training.checkpoint import Checkpoint
from thalweg.training.descent.training_settings import Settings, parse_optimizer
from thalweg.training.train import train


def outcome(descent):
    """All of a descent, as text."""
    theta = sha256(descent.theta.tobytes()).hexdigest()
    return json.dumps([theta, descent.best_epoch, descent.status, descent.history])


def descend(folder, checkpoint=None, progress=None):
    """The descent that the folder describes."""
    task, arrays = json.loads((folder / "task.json").read_text()), np.load(folder / "data.npz")
    task["settings"]["optimizer"] = parse_optimizer(task["settings"]["optimizer"])
    architecture = Architecture.dense(arrays["X"].shape[1], tuple(task["hidden"]), 1, "relu")
    return train(
        architecture, arrays["theta"], Data.of(arrays["X"], arrays["Y"], arrays["weights"]),
        "sigmoid_cross_entropy", 1.0, Settings(**task["settings"]),
        rows=arrays["rows"], held_out=arrays["held_out"] if task["held_out"] else None,
        checkpoint=checkpoint, progress=progress,
    )  # fmt: skip


class Aloud:
    """Says every epoch."""

    def epoch(self, record):
        print(record["epoch"], flush=True)


def main(folder, slice_seconds, operation):
    """Go on from the checkpoint; end by kill at that operation of the file system, if not 0."""
    run_module.SLICE_SECONDS = slice_seconds
    if operation:
        files.filesystem = Faulty(operation, lambda: os.kill(os.getpid(), signal.SIGKILL))
    checkpoint = Checkpoint(folder / "kept.thalweg", every_seconds=0)
    print(outcome(descend(folder, checkpoint, Aloud())), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]))
