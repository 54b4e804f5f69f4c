"""The program of a worker: ``python -m thalweg.studio.tasks.worker_program WORKSPACE [FILE]``.

Its server starts it and speaks with it through two pipes. What tasks work with is imported by the
first one.
"""

import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from thalweg.studio.wire.packets import Packet
from thalweg.studio.wire.run_requests import RUN_TASKS
from thalweg.studio.worker.serving_loop import Task, TaskRun, serve


def tasks_of(workspace: Path, file: str | None) -> dict[str, Task]:
    """All tasks by their names."""
    made: dict[str, Task] = {}

    def load(run: TaskRun) -> Packet:
        if "table" not in made:
            run.tell(Packet({"what": "Loading what reads tables"}))
            import thalweg.jobs.fit  # noqa: F401  # the recipe of a table is that of a fit
            from thalweg.studio.tasks.opened_tables import OpenedTables
            from thalweg.studio.tasks.table_task import table_task

            made["table"] = table_task(OpenedTables(workspace, file))
        return Packet({})

    def table(run: TaskRun) -> Packet:
        load(run)
        return made["table"](run)

    def of_runs(name: str) -> Task:
        def task(run: TaskRun) -> Packet:
            if "advance" not in made:
                run.tell(Packet({"what": "Loading what trains"}))
                made.update(_made_run_tasks(workspace, file))
            return made[name](run)

        return task

    return {"load": load, "table": table} | {name: of_runs(name) for name in RUN_TASKS}


def _made_run_tasks(workspace: Path, file: str | None) -> dict[str, Task]:
    from thalweg.studio.runs.open_runs import OpenRuns
    from thalweg.studio.tasks.opened_tables import OpenedTables
    from thalweg.studio.tasks.run_table import run_table, table_in_python
    from thalweg.studio.tasks.run_tasks import RunTasks
    from thalweg.studio.wire.table_choices import all_choices
    from thalweg.studio.workspace.held_workspace import RunsOnDisk

    tables = OpenedTables(workspace, file)
    runs = OpenRuns(RunsOnDisk(workspace), partial(run_table, tables))

    def in_python(table: str, said: Mapping[str, Any]) -> list[str]:
        return table_in_python(tables.named(table, all_choices(said)).name, said)

    return RunTasks(runs, in_python).by_name


def main(arguments: list[str]) -> None:
    """Do what the server asks, until it ends."""
    workspace, *file = arguments
    serve(tasks_of(Path(workspace), file[0] if file else None))


if __name__ == "__main__":
    main(sys.argv[1:])
