"""The program of a worker that makes grounds.

``python -m thalweg.studio.ground.ground_worker WORKSPACE [FILE]``: its server starts it, and speaks
with it through two pipes. What tasks work with is imported by the first one.
"""

import sys
from functools import partial
from pathlib import Path

from thalweg.studio.wire.ground_requests import GROUND_TASKS
from thalweg.studio.wire.packets import Packet
from thalweg.studio.worker.serving_loop import Task, TaskRun, serve


def tasks_of(workspace: Path, file: str | None) -> dict[str, Task]:
    """All tasks by their names."""
    made: dict[str, Task] = {}

    def all_made() -> dict[str, Task]:
        from thalweg.studio.ground.ground_tasks import GroundTasks
        from thalweg.studio.runs.open_runs import OpenRuns
        from thalweg.studio.tasks.opened_tables import OpenedTables
        from thalweg.studio.tasks.run_table import run_table
        from thalweg.studio.workspace.held_workspace import RunsOnDisk

        tables = OpenedTables(workspace, file)
        return GroundTasks(OpenRuns(RunsOnDisk(workspace), partial(run_table, tables))).by_name

    def load(run: TaskRun) -> Packet:
        if not made:
            run.tell(Packet({"what": "Loading what draws grounds"}))
            made.update(all_made())
        return Packet({})

    def task_named(name: str) -> Task:
        def task(run: TaskRun) -> Packet:
            load(run)
            return made[name](run)

        return task

    return {"load": load} | {name: task_named(name) for name in GROUND_TASKS}


def main(arguments: list[str]) -> None:
    """Do what the server asks, until it ends."""
    workspace, *file = arguments
    serve(tasks_of(Path(workspace), file[0] if file else None))


if __name__ == "__main__":
    main(sys.argv[1:])
