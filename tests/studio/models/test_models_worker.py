"""The program of a worker of models: nothing heavy is loaded before somebody asks it."""

import subprocess
import sys
from pathlib import Path

from thalweg.studio.models.models_worker import TASKS, tasks_of

LOADED = """
import sys
from pathlib import Path
from thalweg.studio.models.models_worker import tasks_of
import thalweg.studio.studio

tasks_of(Path("w"), Path("f"), "asks", None)
print([name for name in ("pandas", "numba", "sklearn", "scipy") if name in sys.modules])
"""


def test_a_worker_has_all_tasks_and_loads_nothing_before_the_first(tmp_path: Path) -> None:
    assert set(tasks_of(tmp_path, tmp_path, "asks", None)) == {"load", *TASKS}
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True)
    assert done.stdout == "[]\n", done.stderr
