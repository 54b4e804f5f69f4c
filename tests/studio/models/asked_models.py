"""A workspace with tables and models, and the tasks of a worker, in this process."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from thalweg.interrupts import Cancellation, heeding
from thalweg.studio.models.beside_task import beside_task
from thalweg.studio.models.fit_task import fit_task
from thalweg.studio.models.model_tasks import model_tasks
from thalweg.studio.models.tune_task import tune_task
from thalweg.studio.models.worker_desk import WorkerDesk
from thalweg.studio.operations.model_place import _ASKED
from thalweg.studio.tasks.opened_tables import OpenedTables
from thalweg.studio.wire.model_requests import all_of_fit, all_of_tune
from thalweg.studio.wire.packets import Packet
from thalweg.studio.worker.serving_loop import TaskRun
from thalweg.studio.workspace.held_workspace import HeldWorkspace, held_workspace
from thalweg.studio.workspace.work_folder import work_folder

Plain = dict[str, Any]
QUICK = {"max_iter": "2", "hidden_layer_sizes": "4", "early_stopping": "holdout"}
# A search compares trials on folds, and sets layers and epochs itself.
QUICK_TRIALS = {"hidden_layer_sizes": "4"}


class AskedModels:
    """Asks tasks as the places of the studio do."""

    def __init__(self, root: Path, held: HeldWorkspace, file: Path | None) -> None:
        self.held, self.folder = held, work_folder(held, "asks")
        named = (None, None) if file is None else (file.name, str(file))
        worker = WorkerDesk(root, self.folder, OpenedTables(root, *named), "asks")
        more = {"fit": fit_task, "tune": tune_task, "beside": beside_task}
        self._tasks = {**model_tasks(worker), **{name: of(worker) for name, of in more.items()}}
        self.told: list[Plain] = []

    def add(self, data: bytes, name: str) -> str:
        upload = self.held.tables.upload(name, 10**9)
        upload.write(data)
        return upload.finish().id

    def fit(
        self, table: str, cancels: Callable[[Plain], bool] = lambda told: False, **asked: Any
    ) -> str:
        """The id of a model; ``cancels`` says of what is told whether the page cancels then."""
        usual = {"table": table, "settings": QUICK, "no_trees": True}
        model: str = self._done("fit", all_of_fit({**usual, **asked}), cancels)["model"]
        return model

    def tune(
        self, table: str, cancels: Callable[[Plain], bool] = lambda told: False,
        finishes: Callable[[Plain], bool] = lambda told: False, **asked: Any,
    ) -> str:  # fmt: skip
        """The id of the model of a search; ``finishes`` says whether the page ends it then."""
        usual = {"table": table, "settings": QUICK_TRIALS, "no_trees": True, "trials": 2}
        made = all_of_tune({**usual, **asked})
        model: str = self._done("tune", made, cancels, finishes)["model"]
        return model

    def beside(self, table: str, choices: Plain, models: list[str]) -> Plain:
        """What stands beside the runs of a table."""
        return self._done("beside", {"table": table, "choices": choices, "models": models})

    def ask(self, operation: str, **asked: Any) -> Plain:
        known = _ASKED[operation]
        return self._done(known.task, {"choices": None, **known.usual, **asked})

    def _done(
        self, task: str, asked: Plain, cancels: Callable[[Plain], bool] = lambda told: False,
        finishes: Callable[[Plain], bool] = lambda told: False,
    ) -> Plain:  # fmt: skip
        self.told, cancellation, finish = [], Cancellation(), Cancellation()

        def tell(packet: Packet) -> None:
            self.told.append(dict(packet.head))
            packet.to_bytes()
            if cancels(self.told[-1]):
                cancellation.ask()
            if finishes(self.told[-1]):
                finish.ask()

        with heeding(cancellation):
            answer = self._tasks[task](TaskRun(Packet(asked), cancellation, tell, finish))
        answer.to_bytes()
        return dict(answer.head)


@contextmanager
def asked_models(root: Path, file: Path | None = None) -> Iterator[AskedModels]:
    """Tasks that work in a folder of their own, as a worker does; it is left at the end.

    ``file`` is the table that the command line names.
    """
    before = os.getcwd()
    try:
        with held_workspace(root) as held:
            yield AskedModels(root, held, file)
    finally:
        os.chdir(before)
