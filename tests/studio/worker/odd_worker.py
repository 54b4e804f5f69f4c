"""A worker whose tasks are odd; the tests start it as a process."""

import os
import sys
import time

import numpy as np

from thalweg.errors import DataError
from thalweg.studio.wire.packets import Packet
from thalweg.studio.worker.serving_loop import TaskRun, serve


def double(run: TaskRun) -> Packet:
    return Packet({"n": 2 * run.asked.head["n"]}, {k: 2 * v for k, v in run.asked.arrays.items()})


def steps(run: TaskRun) -> Packet:
    """Tell 1, 2, … until it is cancelled, or to the end."""
    for n in range(1, run.asked.head["most"] + 1):
        run.tell(Packet({"n": n}, {"curve": np.arange(float(n))}))
        if run.cancellation.asked:
            return Packet({"ended_at": n})
        time.sleep(run.asked.head.get("pause", 0.0))
    return Packet({"ended_at": run.asked.head["most"]})


def vast(run: TaskRun) -> Packet:
    """An answer that is larger than a packet."""
    return Packet({"n": "x" * (1 << 21)})


def deaf(run: TaskRun) -> Packet:
    run.tell(Packet({"n": 0}))
    time.sleep(60)
    return Packet({})


def dies(run: TaskRun) -> Packet:
    os._exit(3)


def fails(run: TaskRun) -> Packet:
    raise DataError("Row 3 has no target", where="line 4", why="It cannot be learnt", fix="drop it")


def breaks(run: TaskRun) -> Packet:
    raise ZeroDivisionError("a\x1b[31mb")


def lacks_memory(run: TaskRun) -> Packet:
    raise MemoryError


def interrupted(run: TaskRun) -> Packet:
    raise KeyboardInterrupt


def prints(run: TaskRun) -> Packet:
    print("to standard output")
    os.write(1, b"by the number of the pipe\n")
    return Packet({"input": sys.stdin.read()})


def lies(run: TaskRun) -> Packet:
    """Say bytes that are no packet, as a process might that a file has taken over."""
    for name in os.listdir("/proc/self/fd"):
        target = os.readlink(f"/proc/self/fd/{name}") if name.isdigit() else ""
        if target.startswith("pipe:") and int(name) > 2:
            try:
                os.write(int(name), b"\xff" * 100)
            except OSError:
                continue
    time.sleep(60)
    return Packet({})


def threads(run: TaskRun) -> Packet:
    return Packet({"threads": os.environ["OMP_NUM_THREADS"], "pid": os.getpid()})


if __name__ == "__main__":
    ours = (
        double, steps, deaf, dies, fails, breaks, lacks_memory, interrupted, prints, lies, threads,
        vast,
    )  # fmt: skip
    serve({task.__name__: task for task in ours}, grace=0.3)
