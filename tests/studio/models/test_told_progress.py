"""What a page hears of a running job: not too often, and with the time that is left."""

from typing import Any

import pytest

from thalweg.interrupts import Cancellation
from thalweg.studio.models.told_progress import ToldProgress, UnwantedError
from thalweg.studio.wire.packets import Packet
from thalweg.studio.worker.serving_loop import TaskRun
from thalweg.training.progress import ProgressStep


def test_progress_has_the_time_that_is_left_and_ends_a_job_that_nobody_wants() -> None:
    told: list[Any] = []
    cancellation, now = Cancellation(), [0.0]
    run = TaskRun(Packet({}), cancellation, lambda packet: told.append(packet.head))
    listener = ToldProgress(run, lambda: now[0])
    for seconds, done in ((0.0, 1), (0.05, 2), (4.0, 5), (4.01, 6), (4.02, 10)):
        now[0] = seconds
        listener.progress(ProgressStep("Training", done, 10, "epoch", ended=done == 10))
    assert [(each["done"], each["seconds_left"]) for each in told] == [
        (1, None), (5, 5.0), (10, 0.0)
    ]  # fmt: skip
    listener.progress(ProgressStep("Folds", 1, 5))
    assert told[-1]["what"] == "Folds"
    cancellation.ask()
    with pytest.raises(UnwantedError):
        listener.progress(ProgressStep("Folds", 2, 5))
