"""Each Python that has this folder on its path has a clock that is set back and forward.

At each second call it is two hours earlier than at the one before. Clocks that nobody sets, such as
``time.monotonic``, stay as they are.
"""

import itertools
import time

_HOUR = 3600
_jumps = itertools.cycle((_HOUR, -_HOUR))
_seconds, _nanoseconds = time.time, time.time_ns


def _jumping() -> float:
    return _seconds() + next(_jumps)


def _jumping_ns() -> int:
    return _nanoseconds() + next(_jumps) * 10**9


time.time, time.time_ns = _jumping, _jumping_ns
