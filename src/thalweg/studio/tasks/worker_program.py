"""The program of a worker: ``python -m thalweg.studio.tasks.worker_program WORKSPACE [FILE]``.

Its server starts it and speaks with it through two pipes. What tasks work with is imported by the
first one.
"""

import sys
from pathlib import Path

from thalweg.studio.wire.packets import Packet
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

    return {"load": load, "table": table}


def main(arguments: list[str]) -> None:
    """Do what the server asks, until it ends."""
    workspace, *file = arguments
    serve(tasks_of(Path(workspace), file[0] if file else None))


if __name__ == "__main__":
    main(sys.argv[1:])
