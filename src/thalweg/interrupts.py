"""Ctrl-C: when it stops a training run early, and when it raises ``KeyboardInterrupt``.

A library sets no handlers of signals. Ctrl-C comes as a KeyboardInterrupt, to the main thread.
"""

import time

SECONDS_FOR_A_SECOND_ONE = 2.0

_last_taken = -float("inf")


def take_in(sign: KeyboardInterrupt) -> None:
    """Take Ctrl-C as the wish to end what runs, and nothing around it; or raise it again.

    Who calls this ends with what there is. Raised again is a second one within two seconds of the
    last that was taken in, so that a search around a fit can be ended; and any subclass, which is
    somebody's own way to end all, such as the command line's.

    Parameters
    ----------
    sign : KeyboardInterrupt
    """
    global _last_taken
    now = time.monotonic()
    is_own = type(sign) is not KeyboardInterrupt
    # The second may come while what the first asked for is still under way.
    is_second = isinstance(sign.__context__, KeyboardInterrupt)
    if is_own or is_second or now - _last_taken < SECONDS_FOR_A_SECOND_ONE:
        raise sign
    _last_taken = now
