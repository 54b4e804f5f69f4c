"""The queue of a worker: of each slot the latest task, in order, and nothing twice."""

from typing import Any

from hypothesis.stateful import RuleBasedStateMachine, precondition, rule
from hypothesis.strategies import integers, sampled_from

from thalweg.studio.wire.packets import Packet
from thalweg.studio.worker import serving_loop
from thalweg.studio.worker.serving_loop import TaskRun
from thalweg.studio.worker.task_queue import AskedTask, TaskQueue


class Queues(RuleBasedStateMachine):
    """The queue beside a list that is searched anew each time."""

    def __init__(self) -> None:
        super().__init__()
        self.queue, self.waiting = TaskQueue(), list[AskedTask]()
        self.running: AskedTask | None = None
        self.n = 0

    @rule(slot=sampled_from(["", "a", "b"]))
    def asks(self, slot: str) -> None:
        self.n += 1
        task = AskedTask(self.n, slot, Packet({}))
        dropped = self.queue.add(task)
        useless = [each for each in self.waiting if slot and each.slot == slot]
        assert dropped == useless
        self.waiting = [each for each in self.waiting if each not in useless] + [task]
        if self.running is not None and slot and self.running.slot == slot:
            assert self.running.cancellation.asked

    @rule(number=integers(1, 12))
    def cancels(self, number: int) -> None:
        found: Any = next((each for each in self.waiting if each.number == number), None)
        assert self.queue.cancel(number) is found
        self.waiting = [each for each in self.waiting if each is not found]
        if self.running is not None and self.running.number == number:
            assert self.running.cancellation.asked

    @precondition(lambda self: self.waiting)
    @rule()
    def takes(self) -> None:
        self.running = self.queue.take()
        assert self.running is self.waiting.pop(0)
        assert not self.running.cancellation.asked


TestQueues = Queues.TestCase


def test_a_task_is_asked_to_finish_without_being_cancelled_and_no_other_one() -> None:
    queue = TaskQueue()
    first, second, third = (AskedTask(n, "", Packet({})) for n in (1, 2, 3))
    for each in (first, second, third):
        queue.add(each)
    assert queue.take() is first
    queue.finish(1)
    queue.finish(3)
    queue.finish(9)
    assert [each.finish.asked for each in (first, second, third)] == [True, False, True]
    assert not any(each.cancellation.asked for each in (first, second, third))


def test_the_end_cancels_what_runs_and_drops_what_waits() -> None:
    queue = TaskQueue()
    first, second = (AskedTask(n, "", Packet({})) for n in (1, 2))
    queue.add(first)
    queue.add(second)
    assert queue.take() is first
    queue.cancel(1)
    assert (first.cancellation.asked, first.deserted.asked) == (True, False)
    queue.end()
    assert (first.deserted.asked, second.deserted.asked) == (True, False)
    assert first.cancellation.asked
    assert queue.take() is None


def test_a_task_that_nobody_hears_any_more_is_deserted() -> None:
    asked, seen = AskedTask(1, "", Packet({"task": "tells"})), list[bool]()

    def tells(run: TaskRun) -> Packet:
        try:
            run.tell(Packet({}))
        finally:
            seen.append(run.deserted.asked)
        return Packet({})

    def answer(number: int, kind: str, packet: Packet) -> None:
        raise BrokenPipeError

    assert serving_loop._outcome({"tells": tells}, asked, answer)[0] == serving_loop.FAILED
    assert seen == [True]
