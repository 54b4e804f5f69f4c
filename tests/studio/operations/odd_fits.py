"""A worker whose fits do what their seed says; the tests start it as a process."""

import os
import time

from thalweg.errors import DataError
from thalweg.studio.wire.packets import Packet
from thalweg.studio.worker.serving_loop import TaskRun, serve

DIES, DEAF, LATE, BAD = 1, 2, 3, 4


def fit(run: TaskRun) -> Packet:
    seed = run.asked.head["seed"]
    run.tell(Packet({"what": "Training", "done": 1, "total": 2, "seconds_left": 1.5, "odd": 3}))
    if seed == DIES:
        time.sleep(0.2)
        os._exit(3)
    if seed == DEAF:
        time.sleep(60)
    if seed == BAD:
        raise DataError("The target has one class", where="column y", fix="name another one")
    while seed == LATE and not run.cancellation.asked:
        time.sleep(0.01)
    if run.cancellation.asked:
        raise KeyboardInterrupt
    return Packet({"model": f"{seed:064x}"})


def tune(run: TaskRun) -> Packet:
    run.tell(Packet({"what": "Search", "done": 1, "total": 2}))
    run.tell(Packet({"course": [["svg", {}, []]], "trials": 1}))
    while not (run.cancellation.asked or run.finish.asked):
        time.sleep(0.01)
    if run.cancellation.asked:
        raise KeyboardInterrupt
    return Packet({"model": f"{7:064x}"})


if __name__ == "__main__":
    serve({"fit": fit, "tune": tune})
