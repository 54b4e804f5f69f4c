"""Work in a thread of its own that goes on a part at a time, when it is told to."""

from collections.abc import Callable
from threading import Semaphore, Thread


class _LeftError(BaseException):
    """Nobody waits for the rest of this work."""


class HandOver:
    """A function that cannot be left in its middle, run part by part.

    Either the caller runs or the work, and never both. The work calls `pause` between two parts.
    """

    def __init__(self) -> None:
        self._may, self._has = Semaphore(0), Semaphore(0)
        self._thread: Thread | None = None
        self._error: BaseException | None = None
        self._left = False
        self.ended = False

    def go_on(self, work: Callable[[], None]) -> None:
        """Do the next part; the first call begins the work. Its error is raised here."""
        if self.ended:
            return
        if self._thread is None:
            self._thread = Thread(target=self._run, args=(work,), daemon=True)
            self._thread.start()
        else:
            self._may.release()
        self._has.acquire()
        if self._error is not None:
            raise self._error

    def pause(self) -> None:
        """Wait, in the work, until the caller wants the next part."""
        self._has.release()
        self._may.acquire()
        if self._left:
            raise _LeftError

    def leave(self) -> None:
        """End the work where it is."""
        if self._thread is not None and not self.ended:
            self._left = True
            self._may.release()

    def _run(self, work: Callable[[], None]) -> None:
        try:
            work()
        except _LeftError:
            pass
        except BaseException as why:
            self._error = why
        finally:
            self.ended = True
            self._has.release()
