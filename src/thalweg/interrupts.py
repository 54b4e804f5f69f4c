"""Ctrl-C: when it stops a training run early, and when it raises ``KeyboardInterrupt``.

A library sets no signal handlers. Ctrl-C arrives as a KeyboardInterrupt in the main thread.
"""

import time

SECONDS_FOR_A_SECOND_ONE = 2.0

_last_taken = -float("inf")


def take_in(sign: KeyboardInterrupt) -> None:
    """Accept Ctrl-C as a request to end only the current fit; or raise it again.

    The caller ends with the result that it has. Two kinds are raised again: a second Ctrl-C within
    two seconds of the last accepted one, so that a search around a fit can be ended; and any
    subclass, which some program uses to end everything, such as the command line.

    Parameters
    ----------
    sign : KeyboardInterrupt
    """
    global _last_taken
    now = time.monotonic()
    is_own = type(sign) is not KeyboardInterrupt
    # The second one may come while the work for the first is still going on.
    is_second = isinstance(sign.__context__, KeyboardInterrupt)
    if is_own or is_second or now - _last_taken < SECONDS_FOR_A_SECOND_ONE:
        raise sign
    _last_taken = now
