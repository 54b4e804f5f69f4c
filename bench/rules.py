"""The comparison of the rules of descent, run in a process of its own."""

import json
import subprocess
import sys
from typing import NamedTuple

from bench.races import say


class Compared(NamedTuple):
    """One rule, as both sides name it, and ‖Δθ‖ / ‖θ‖ between them."""

    ours: str
    theirs: str
    apart: float


def compared() -> list[Compared]:
    """All rules that both have; ends the program where two of them disagree."""
    say("rules against PyTorch's")
    done = subprocess.run(
        [sys.executable, "-m", "bench.rules_against_torch"], stdout=subprocess.PIPE, text=True
    )
    if done.returncode:
        sys.exit("bench: the rules do not agree with PyTorch's; see above")
    return [Compared(**json.loads(line)) for line in done.stdout.splitlines()]
