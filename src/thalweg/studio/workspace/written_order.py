"""Which of several folders was written the longest ago, also after the clock was set back."""

import time
from collections.abc import Callable, Mapping


def oldest_first(
    written: Mapping[str, float],
    touch: Callable[[str, float], None],
    clock: Callable[[], float] = time.time,
) -> list[str]:
    """Names by when they were written.

    A time that is still to come is that of a clock which was set back since. Everything that is
    written until then would be older, and go first. So such a folder gets the time of now: it stays
    newer than what was written before, and is older than what comes.

    Parameters
    ----------
    written : mapping of str to float
        When each was written, in seconds since 1970.
    touch : callable
        Gives a folder another time.
    clock : callable
        The time of now.
    """
    names = sorted(written, key=lambda name: (written[name], name))
    for each in names:
        if written[each] > (now := clock()):
            touch(each, now)
    return names
