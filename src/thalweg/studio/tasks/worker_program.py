"""The program of a worker: ``python -m thalweg.studio.tasks.worker_program WORKSPACE [FILE]``.

Its server starts it and speaks with it through two pipes. What tasks work with is imported by the
first one.
"""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from thalweg.studio.wire.ground_requests import GROUND_TASKS
from thalweg.studio.wire.lesson_requests import LESSON_TASKS
from thalweg.studio.wire.packets import Packet
from thalweg.studio.wire.run_requests import RUN_TASKS
from thalweg.studio.worker.serving_loop import Task, TaskRun, serve

if TYPE_CHECKING:
    from thalweg.studio.runs.run_recipe import ReadInPython
    from thalweg.studio.tasks.opened_tables import OpenedTables


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

    def later(names: tuple[str, ...], words: str, make: Callable[[], dict[str, Task]]) -> None:
        """Tasks that are made by the first of them."""

        def named(name: str) -> Task:
            def task(run: TaskRun) -> Packet:
                if name not in made:
                    run.tell(Packet({"what": words}))
                    made.update(make())
                return made[name](run)

            return task

        found.update({name: named(name) for name in names})

    found: dict[str, Task] = {"load": load, "table": table}
    later(RUN_TASKS, "Loading what trains", partial(_made_run_tasks, workspace, file))
    later(GROUND_TASKS, "Loading what draws", partial(_made_ground_tasks, workspace, file))
    later(LESSON_TASKS, "Loading what prepares lessons", _made_lesson_tasks)
    return found


def _made_lesson_tasks() -> dict[str, Task]:
    from thalweg.studio.lessons.lesson_task import LessonTask

    return {"lesson": LessonTask()}


def _made_ground_tasks(workspace: Path, file: str | None) -> dict[str, Task]:
    from thalweg.studio.ground.ground_tasks import GroundTasks
    from thalweg.studio.runs.open_runs import OpenRuns
    from thalweg.studio.tasks.opened_tables import OpenedTables
    from thalweg.studio.tasks.run_table import run_table
    from thalweg.studio.workspace.held_workspace import RunsOnDisk

    tables = OpenedTables(workspace, file)
    runs = OpenRuns(RunsOnDisk(workspace), partial(run_table, tables), state_of=tables.state)
    return GroundTasks(runs, read_in_python=_in_python(tables)).by_name


def _in_python(tables: "OpenedTables") -> "ReadInPython":
    """From the id of a table, and how it is read, to the Python that reads it."""
    from thalweg.studio.tasks.run_table import read_in_python
    from thalweg.studio.wire.table_choices import all_choices

    return lambda table, said: read_in_python(tables.named(table, all_choices(said)).name, said)


def _made_run_tasks(workspace: Path, file: str | None) -> dict[str, Task]:
    from thalweg.studio.runs.open_runs import OpenRuns
    from thalweg.studio.tasks.opened_tables import OpenedTables
    from thalweg.studio.tasks.run_table import run_table
    from thalweg.studio.tasks.run_tasks import RunTasks
    from thalweg.studio.workspace.held_workspace import RunsOnDisk

    tables = OpenedTables(workspace, file)
    runs = OpenRuns(RunsOnDisk(workspace), partial(run_table, tables), state_of=tables.state)
    return RunTasks(runs, _in_python(tables)).by_name


def main(arguments: list[str]) -> None:
    """Do what the server asks, until it ends."""
    workspace, *file = arguments
    serve(tasks_of(Path(workspace), file[0] if file else None))


if __name__ == "__main__":
    main(sys.argv[1:])
