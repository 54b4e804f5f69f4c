"""The progress of a sweep over one setting in Python: a line for each value."""

import sys
from collections.abc import Callable
from typing import Any

from thalweg.tuning.curves.setting_sweep import PointDone
from thalweg.wording import amount


def told_by(estimator: Any) -> Callable[[PointDone], None] | None:
    """What prints a line on standard error, if the estimator is verbose."""
    return _prints if getattr(estimator, "verbose", 0) else None


def _prints(done: PointDone) -> None:
    loss = "diverged" if done.loss is None else f"loss {amount(done.loss)}"
    left = f", {done.seconds_left:.0f} s left" if done.done < done.total else ""
    print(f"{done.label}: {loss}; {done.done} of {done.total} values done{left}", file=sys.stderr)
