"""The task "beside": the held-out losses of the models of a table, to stand beside those of runs.

A run and a model hold out other rows, so what each number is of stands with it, and nothing here
compares them.
"""

from collections.abc import Mapping
from typing import Any

from thalweg.errors import ThalwegError
from thalweg.jobs.show import ShowRequest, show
from thalweg.landscape.race_on_table import NUMBERS, network_target
from thalweg.reporting.verdict_words import kind_of
from thalweg.studio.models.told_progress import ToldProgress
from thalweg.studio.models.worker_desk import WorkerDesk
from thalweg.studio.tasks.run_table import run_table
from thalweg.studio.wire.packets import Packet
from thalweg.studio.worker.serving_loop import Task, TaskRun
from thalweg.studio.workspace.kept_files import KeptFile

Plain = dict[str, Any]
# What the loss of a run is in, too: nats, or the unit of the target.
_LOG_LOSS, _RMSE = "log_loss", "rmse"


def beside_task(worker: WorkerDesk) -> Task:
    """The task, for this worker."""

    def task(run: TaskRun) -> Packet:
        asked, found = run.asked.head, list[Plain]()
        for model in asked["models"]:
            run.tell(Packet({"what": "Reading what the models were evaluated on"}))
            with worker.cleared() as desk:
                kept = desk.model(model)
                shown = show(
                    ShowRequest(model=kept.known["file"]), ToldProgress(run), run.cancellation
                )
                found.append({**_named(kept), **_figures(shown.result or {})})
        return Packet({"models": found, "scale": _scale(worker, asked)})

    return task


def made_by(kept: KeptFile) -> str:
    """The verb that made a model: "fit", "tune", "decide"; "" if that is not known."""
    words = str(kept.known["command"]).split(maxsplit=2)
    return words[1] if words[:1] == ["thalweg"] and len(words) > 1 else ""


def _named(kept: KeptFile) -> Plain:
    return {"model": kept.id, "file": kept.known["file"], "made": made_by(kept)}


def _figures(result: Mapping[str, Any]) -> Plain:
    """The numbers of an evaluation; of a model without one, or of several targets, null."""
    verdict = result.get("judgement")
    if not verdict:
        return {"figures": None}
    kind = kind_of(verdict)
    known = {each.key: each for each in kind.metrics}
    key = next((each for each in (_LOG_LOSS, _RMSE) if each in known), None)
    if key is None:
        return {"figures": None}
    training = result["model"]["training"]
    subjects = {result["model"]["subject"].removeprefix("the "): verdict["network"]}
    subjects |= verdict["baselines"]
    return {
        "figures": {
            "measure": known[key].name, "of": key, "how": verdict["how"],
            "unit": result["unit"] or "", "n_train": verdict["n_train"],
            "n_test": verdict["n_test"],
            "losses": [
                {"subject": name, **_estimate(each["metrics"][key])}
                for name, each in subjects.items() if key in each["metrics"]
            ],
            "sentence": verdict["sentence"], "fold": _of_fold(result["model"], key),
            # The keys of the lock of the held-out rows, which is of the page.
            "locks": "confusion" in verdict["network"] and "positive" in verdict,
            "data_hash": result["model"]["data_hash"], "seed": training["seed"],
        }
    }  # fmt: skip


def _estimate(said: Mapping[str, Any]) -> Plain:
    return {name: said[name] for name in ("value", "low", "high")}


def _of_fold(model: Mapping[str, Any], key: str) -> Plain | None:
    """The loss of the first network on its fold of the training rows, which no lock holds back.

    Only where that is the loss that is shown: it has chosen when the training ended.
    """
    training = model["training"]
    if key != _LOG_LOSS or training["stopping"] != "folds" or training["settings"]["scoring"]:
        return None
    for epoch in training["history"]:
        if epoch["epoch"] == training["best_epoch"] and epoch.get("valid_loss") is not None:
            return {"value": epoch["valid_loss"], "networks": model["networks"]}
    return None


def _scale(worker: WorkerDesk, asked: Mapping[str, Any]) -> float | None:
    """The standard deviation of a target of numbers, in which runs of the article's network count.

    None for classes, and where the table cannot be read for runs.
    """
    try:
        table = run_table(worker.tables, asked["table"], asked["choices"])
        target = network_target(table, asked["choices"].get("task", "auto"))
    except ThalwegError:
        return None
    return target.scale if target.loss == NUMBERS else None
