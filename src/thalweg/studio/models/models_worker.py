"""The program of a worker that fits and asks models.

``python -m thalweg.studio.models.models_worker WORKSPACE FOLDER KEEPER [FILE]``: its server starts
it, and speaks with it through two pipes. What tasks work with is imported by the first one.
"""

import os
import sys
from pathlib import Path

from thalweg.studio.wire.packets import Packet
from thalweg.studio.worker.serving_loop import Task, TaskRun, serve

TASKS = ("fit", "tune", "beside", "model", "decide", "explain", "predict", "report")


def tasks_of(workspace: Path, folder: Path, keeper: str, file: str | None) -> dict[str, Task]:
    """All tasks by their names."""
    made: dict[str, Task] = {}
    place = None if file is None else os.path.abspath(file)

    def all_made() -> dict[str, Task]:
        from thalweg.studio.models.beside_task import beside_task
        from thalweg.studio.models.fit_task import fit_task
        from thalweg.studio.models.model_tasks import model_tasks
        from thalweg.studio.models.tune_task import tune_task
        from thalweg.studio.models.worker_desk import WorkerDesk
        from thalweg.studio.tasks.opened_tables import OpenedTables

        tables = OpenedTables(workspace, file, place)
        desk = WorkerDesk(workspace, folder, tables, keeper)
        of_tables = {"fit": fit_task, "tune": tune_task, "beside": beside_task}
        return {**model_tasks(desk), **{name: task(desk) for name, task in of_tables.items()}}

    def task_named(name: str) -> Task:
        def task(run: TaskRun) -> Packet:
            if not made:
                run.tell(Packet({"what": "Loading what trains and asks models"}))
                made.update(all_made())
            return made[name](run)

        return task

    def load(run: TaskRun) -> Packet:
        """Only what the others need, which takes seconds: before somebody waits for one."""
        if not made:
            made.update(all_made())
        return Packet({})

    return {"load": load, **{name: task_named(name) for name in TASKS}}


def main(arguments: list[str]) -> None:
    """Do what the server asks, until it ends."""
    workspace, folder, keeper, *file = arguments
    serve(tasks_of(Path(workspace), Path(folder), keeper, file[0] if file else None))


if __name__ == "__main__":
    main(sys.argv[1:])
