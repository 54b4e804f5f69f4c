"""Limits in seconds on a machine whose speed changes: measured against a fixed piece of work.

A virtual machine whose neighbours work runs the same instructions at half the speed, for seconds
or for minutes. A limit that left room for that everywhere would let a defect of that size pass.
"""

import gc
import json
import statistics
import time

# What `_work` takes on a quiet core of a Xeon of 2023 with CPython 3.11, in seconds.
QUIET = 0.0026

# A fixed piece of work in a page, and its milliseconds on two quiet cores of a Xeon of 2023: how
# slow the machine is.
QUIET_IN_PAGE = 32.0
WORK_IN_PAGE = """
(() => {
  const known = new Float64Array(1 << 17).map((_, i) => i);
  return Array.from({ length: 8 }, () => {
    const from = performance.now();
    window.sum = 0;
    for (let n = 0; n < 16; n += 1) for (const each of known) window.sum += Math.sqrt(each + n) % 1;
    return performance.now() - from;
  });
})()
"""

_ENTRIES = [{"name": f"c{k:06}", "of": {"kind": "date", "form": "%d.%m.%Y"}} for k in range(2_000)]


def _work():
    """Some of what reading a file costs: text to objects and back, and a look at each."""
    entries = json.loads(json.dumps(_ENTRIES))
    return sum(len(each["name"]) for each in entries if set(each["of"]) == {"kind", "form"})


def _processor_seconds(run):
    started = time.process_time()
    run()
    return time.process_time() - started


def slowness():
    """How many times as long as on a quiet machine some work takes by the clock: at least once."""
    begin = time.monotonic()
    for _ in range(100):
        _work()
    return max(1.0, (time.monotonic() - begin) / (100 * QUIET))


def seconds_when_quiet(run, times=5):
    """Processor seconds of ``run()`` on a quiet machine: the median of some runs.

    Each run is divided by how much slower the fixed work is just before and after it. The faster
    of the two counts, and a machine that is faster than a quiet one counts as a quiet one. Objects
    that other tests of the process left behind are kept from the collector, which would go through
    all of them within the run.
    """
    gc.collect()
    gc.freeze()
    try:
        found, before = [], _processor_seconds(_work)
        for _ in range(times):
            taken, after = _processor_seconds(run), _processor_seconds(_work)
            found.append(taken / max(1.0, min(before, after) / QUIET))
            before = after
        return statistics.median(found)
    finally:
        gc.unfreeze()
