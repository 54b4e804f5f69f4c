"""What a page asks of a worker has one answer, whatever becomes of the process."""

import asyncio

from studio.scripted_worker import Scripted
from thalweg.studio.operations.asked_worker import answer_of
from thalweg.studio.wire.packets import Packet
from thalweg.studio.worker.worker_process import ENDED

TOLD = Packet({"is": "told", "what": "Reading"})
DONE = Packet({"is": "done", "n": 7})


def answer(worker: Scripted, told: list[Packet] | None = None) -> Packet:
    tells = [] if told is None else told
    asked = {"task": "table"}
    return asyncio.run(answer_of(worker, asked, "s", tells.append))  # type: ignore[arg-type]


def test_what_is_said_on_the_way_is_passed_on_and_the_last_is_the_answer() -> None:
    worker, said = Scripted([TOLD, TOLD, DONE]), list[Packet]()
    assert answer(worker, said) is DONE
    assert said == [TOLD, TOLD]
    assert worker.asked == [({"task": "table"}, "s")]


def test_errors_and_dropped_tasks_are_answers_of_their_own() -> None:
    error = {"code": "data", "what": "no"}
    failed = answer(Scripted([Packet({"is": "failed", "error": error})]))
    assert failed.head == {"type": "error", "error": error}
    assert answer(Scripted([Packet({"is": "dropped"})])).head == {"type": "dropped"}


def test_a_task_that_had_not_begun_when_its_process_ended_is_asked_once_more() -> None:
    worker = Scripted([ENDED], [TOLD, DONE])
    assert answer(worker) is DONE
    assert len(worker.asked) == 2
    begun = Scripted([TOLD, ENDED])
    assert answer(begun).head["error"]["code"] == "worker-ended"
    assert len(begun.asked) == 1
    twice = Scripted([ENDED], [ENDED])
    assert answer(twice).head["error"]["code"] == "worker-ended"


def test_whoever_leaves_cancels_the_task() -> None:
    async def leave() -> list[int]:
        worker = Scripted([TOLD])
        task = asyncio.create_task(
            answer_of(worker, {"task": "table"}, "s", lambda said: None)  # type: ignore[arg-type]
        )
        while not worker.asked:
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        return worker.cancelled

    assert asyncio.run(leave()) == [1]
