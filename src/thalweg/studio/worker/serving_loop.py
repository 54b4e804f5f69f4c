"""The loop of a worker process: it reads what is asked, does one task after another, and answers.

A thread reads the pipe, so that a task can be cancelled while it runs. The process ends when its
server has gone. What libraries print goes to standard error; standard output has packets alone.
"""

import os
import sys
import time
from collections.abc import Callable, Mapping
from threading import Lock, Thread
from typing import IO

from thalweg.errors import ThalwegError
from thalweg.estimators.parameters.option_spelling import as_option
from thalweg.interrupts import Cancellation, heeding
from thalweg.studio.wire.packets import MOST_BYTES, MOST_HEAD, Packet, PacketError, TooLongError
from thalweg.studio.wire.unknown_errors import told_error, unknown_error
from thalweg.studio.worker.packet_pipe import read_packet, with_length
from thalweg.studio.worker.task_queue import AskedTask, TaskQueue

# What a packet from the server asks for, and what one to it says.
TASK, CANCEL, FINISH = "task", "cancel", "finish"
TOLD, DONE, FAILED, DROPPED = "told", "done", "failed", "dropped"


class TaskRun:
    """A task while it runs: what was asked, and how it tells what it has so far.

    Attributes
    ----------
    asked : Packet
        The head has the arguments of the task.
    cancellation : Cancellation
        A task that takes long looks at it.
    finish : Cancellation
        Asks for the end with the result so far.
    deserted : Cancellation
        Says that it is cancelled because the server has gone.
    """

    def __init__(
        self, asked: Packet, cancellation: Cancellation, tell: Callable[[Packet], None],
        finish: Cancellation | None = None, deserted: Cancellation | None = None,
    ) -> None:  # fmt: skip
        self.asked, self.cancellation, self.tell = asked, cancellation, tell
        self.finish, self.deserted = finish or Cancellation(), deserted or Cancellation()


Task = Callable[[TaskRun], Packet]
# Seconds that a task has for its end after the server has gone.
GRACE = 3.0


def serve(tasks: Mapping[str, Task], grace: float = GRACE) -> None:
    """Do tasks until the server closes the pipe.

    Parameters
    ----------
    tasks : dict
        The functions by name. What one returns is its answer; an error of thalweg is told with its
        parts, any other by its type and its words.
    grace : float
        Seconds that a task has for its end after the server has gone.
    """
    incoming, outgoing = _own_pipes()
    queue, lock = TaskQueue(), Lock()

    def answer(number: int, kind: str, packet: Packet) -> None:
        data = with_length(Packet({**packet.head, "re": number, "is": kind}, packet.arrays))
        with lock:
            outgoing.write(data)
            outgoing.flush()

    reader = Thread(target=_read, args=(incoming, queue, answer, grace), daemon=True)
    reader.start()
    try:
        while (asked := queue.take()) is not None:
            kind, packet = _outcome(tasks, asked, answer)
            try:
                answer(asked.number, kind, packet)
            except PacketError as why:  # nothing of it was written
                answer(asked.number, FAILED, Packet({"error": _error_of(why)}))
    except BrokenPipeError:  # the server was killed: nobody waits for an answer
        _write_to_nobody(outgoing)


def _own_pipes() -> tuple[IO[bytes], IO[bytes]]:
    """Standard input and output for packets alone; others get an empty input and stderr."""
    incoming, outgoing = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    sys.stdout.flush()
    os.dup2(2, 1)
    return incoming, outgoing


def _write_to_nobody(outgoing: IO[bytes]) -> None:
    """Let the pipe take what is still to be written when it is closed."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, outgoing.fileno())
    os.close(nothing)


def _read(
    pipe: IO[bytes],
    queue: TaskQueue,
    answer: Callable[[int, str, Packet], None],
    grace: float,
) -> None:
    """Put into the queue what the server asks, until it has gone."""
    try:
        while (packet := read_packet(pipe)) is not None:
            number = packet.head["number"]
            if packet.head["is"] == FINISH:
                queue.finish(number)
                continue
            if packet.head["is"] == CANCEL:
                left_out = [queue.cancel(number)]
            else:
                left_out = [*queue.add(AskedTask(number, packet.head["slot"], packet))]
            for each in left_out:
                if each is not None:
                    answer(each.number, DROPPED, Packet({}))
    except BrokenPipeError:  # the server was killed
        pass
    finally:
        queue.end()
        time.sleep(grace)  # the main thread ends the process, unless a task hears nothing
        os._exit(1)


def _outcome(
    tasks: Mapping[str, Task], asked: AskedTask, answer: Callable[[int, str, Packet], None]
) -> tuple[str, Packet]:
    """Do a task; its answer, or the error that ended it."""

    def tell(told: Packet) -> None:
        try:
            answer(asked.number, TOLD, told)
        except BrokenPipeError:
            asked.deserted.ask()
            raise

    run = TaskRun(asked.packet, asked.cancellation, tell, asked.finish, asked.deserted)
    try:
        with heeding(asked.cancellation):
            return DONE, tasks[asked.packet.head["task"]](run)
    except KeyboardInterrupt:
        return DROPPED, Packet({})
    except ThalwegError as why:
        return FAILED, Packet({"error": why.as_dict(as_option)})
    except Exception as why:  # a task must not end the worker, whatever a file contains
        return FAILED, Packet({"error": _error_of(why)})


def _error_of(why: Exception) -> dict[str, str]:
    """The parts of an error that is none of thalweg."""
    fix = "take fewer columns, or a smaller network"
    if isinstance(why, MemoryError):
        return told_error("The memory of this machine is not enough for this", fix=fix)
    if isinstance(why, TooLongError):
        most = f"A page gets at most {MOST_BYTES >> 20} MB, and {MOST_HEAD >> 20} MB of words"
        return told_error("The answer is too long for a page", most, fix)
    return unknown_error(why)
