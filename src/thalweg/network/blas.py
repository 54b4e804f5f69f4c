"""Holds BLAS to one thread while this package multiplies small matrices with it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from threadpoolctl import ThreadpoolController


@dataclass
class _BlasHold:
    """Holds BLAS to one thread while anybody computes; counts, since callers run in threads."""

    lock: Lock = field(default_factory=Lock)
    depth: int = 0
    controller: Any = None
    with_scipy: bool = False
    limiter: Any = None

    def enter(self) -> None:
        with self.lock:
            if self.depth == 0:
                # SciPy has a BLAS of its own, which may have been loaded since the last time.
                with_scipy = "scipy.linalg._fblas" in sys.modules
                if self.controller is None or with_scipy != self.with_scipy:
                    self.controller, self.with_scipy = ThreadpoolController(), with_scipy
                self._disown()
                self.limiter = self.controller.limit(limits=1, user_api="blas")
            self.depth += 1

    def leave(self) -> None:
        with self.lock:
            self.depth -= 1
            if self.depth == 0:
                self._disown()
                self.limiter.restore_original_limits()
                self._disown()

    def _disown(self) -> None:
        # From 3.8 on, threadpoolctl applies limits only for the thread that set one first, as long
        # as it lives, and ignores others without a word. A hold may end in another thread than the
        # one it began in, and it must not keep others from setting limits afterwards.
        for library in self.controller.lib_controllers:
            if hasattr(library, "clear_controlling_thread"):
                library.clear_controlling_thread(force=True)


_HOLD = _BlasHold()


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """BLAS with one thread: small products are faster so, and the bits do not depend on cores."""
    _HOLD.enter()
    try:
        yield
    finally:
        _HOLD.leave()
