"""A piece of work of the standard library, by which bounds of processor time are said.

A processor of today does it in a fortieth of a second. One that is slower, or that shares its
core, takes longer for it, and for what is measured beside it.
"""

import csv
import io
import json
import time

_ROWS = "".join(f"{n},{n * 0.37:.4f},level {n % 7},{n % 3 == 0}\n" for n in range(20_000))
SECONDS_OF_TODAY = 0.025


def work() -> None:
    """Read rows, convert their numbers, and write and read them as JSON."""
    rows = [[float(b), c, a] for a, b, c, _ in csv.reader(io.StringIO(_ROWS))]
    json.loads(json.dumps(rows))


def slowness() -> float:
    """How many times as long as a processor of today this one takes, now; at least 1."""
    began = time.process_time()
    work()
    return max(1.0, (time.process_time() - began) / SECONDS_OF_TODAY)
