"""The journey of a researcher: a messy table, its findings, a fit, a threshold, files to download.

What the studio gives is what the commands and the Python give that it tells.
"""

import hashlib
import json
import os
import shlex
import signal
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from studio.messy_table import messy_table
from studio.served_studio import AskingPage, ServedStudio, with_studio
from thalweg import ThalwegClassifier
from thalweg.cli.main import main

NAME = "Kündigungen 2024.csv"
SETTINGS = {"max_iter": "40", "hidden_layer_sizes": "8", "early_stopping": "holdout"}


async def ended_fit(page: AskingPage, run: str) -> dict[str, Any]:
    """The event that ends a fit; what was told before is in ``told``."""
    while True:
        for each in page.told:
            if each["type"] == "model" and each["model_run"] == run:
                return each
        page.told.append(await page.heard())


async def download(studio: ServedStudio, kind: str, id_: str) -> tuple[str, bytes]:
    """The name of a file that the studio offers, and its bytes."""
    status, headers, body = await studio.asked("GET", f"/downloads/{kind}/{id_}")
    assert status == 200
    assert hashlib.sha256(body).hexdigest() == id_
    assert int(headers["content-length"]) == len(body)
    start, name = headers["content-disposition"].split('filename="')
    assert start == "attachment; "
    return name.rstrip('"'), body


def by_command(command: str, *more: str) -> None:
    """Run a command that the studio has told."""
    name, *words = shlex.split(command)
    assert name == "thalweg"
    assert main([*words, *more]) == 0


class Desk:
    """A folder of the researcher, in which what the studio tells is run."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._folder, self._monkeypatch, self._count = folder, monkeypatch, 0

    def empty(self, **files: bytes) -> Path:
        """A new folder to work in, with these files and the table."""
        self._count += 1
        place = self._folder / f"desk{self._count}"
        place.mkdir()
        (place / NAME).write_bytes(messy_table())
        for name, data in files.items():
            (place / name).write_bytes(data)
        self._monkeypatch.chdir(place)
        return place

    def both(self, told: dict[str, Any], file: str, **files: bytes) -> tuple[bytes, bytes]:
        """What the command writes into a file, and what the Python does."""
        found = []
        for runs in (lambda: by_command(told["command"]), lambda: exec(told["python"], {})):
            place = self.empty(**files)
            runs()
            assert {each.name for each in place.iterdir()} == {NAME, file, *files}
            found.append((place / file).read_bytes())
        return found[0], found[1]


@pytest.mark.slow
def test_from_a_messy_table_to_predictions_and_a_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    answers: dict[str, Any] = {}
    files: dict[str, tuple[str, bytes]] = {}

    async def play(studio: ServedStudio) -> None:
        page = await studio.page()
        _, said = await studio.add(NAME, messy_table())
        table, choices = said["table"], {"target": "Ill"}
        seen = await page.asks("table", table=table, choices=choices)
        (finding,) = (each for each in seen["findings"] if each["check"] == "identifier")
        choices |= finding["fixes"][0]["choices"]
        asked = {"table": table, "choices": choices, "settings": SETTINGS}
        begun = await page.asks("fit", **asked)
        # Tables stay readable while a fit runs.
        assert (await page.asks("table", table=table, choices=choices))["rows"] == 120
        model = (await ended_fit(page, begun["model_run"]))["model"]
        files["model"] = await download(studio, "model", model)
        answers["model"] = await page.asks("model", model=model)
        of_model: dict[str, Any] = {"model": model, "table": table}
        costs = {"missed": 500, "alarm": 40}
        answers["decide"] = await page.asks("decide", model=model, **costs)
        answers["decided"] = await page.asks("set-threshold", model=model, **costs)
        decided = answers["decided"]["model"]
        files["decided"] = await download(studio, "model", decided)
        answers["explain"] = await page.asks("explain", **of_model, row=3)
        answers["what-if"] = await page.asks("what-if", **of_model, row=3, set={"Age": "30"})
        of_model["model"] = decided
        answers["predict"] = await page.asks("predict", **of_model)
        files["predict"] = await download(studio, "predictions", answers["predict"]["predictions"])
        answers["report"] = await page.asks("report", model=decided)
        files["report"] = await download(studio, "report", answers["report"]["report"])
        ticked = {"table": table, "trace": "3,9", "landscape": True, "no_what_if": True}
        answers["ticked"] = await page.asks("report", model=decided, **ticked)
        files["ticked"] = await download(studio, "report", answers["ticked"]["report"])
        await page.close()

    with_studio(play, tmp_path / "w")
    desk = Desk(tmp_path, monkeypatch)
    model, decided = files["model"], files["decided"]
    assert desk.both(answers["model"], model[0]) == (model[1], model[1])
    of_model, of_decided = {model[0]: model[1]}, {decided[0]: decided[1]}
    assert desk.both(answers["decided"], decided[0], **of_model) == (decided[1], decided[1])
    name, data = files["predict"]
    assert desk.both(answers["predict"], name, **of_decided) == (data, data)
    name, data = files["report"]
    assert name == "kundigungen-2024-report.html"
    assert desk.both(answers["report"], "report.html", **of_decided) == (data, data)
    _, data = files["ticked"]
    assert desk.both(answers["ticked"], "report.html", **of_decided) == (data, data)
    desk.empty(**of_model)

    def printed_by(command: str) -> dict[str, Any]:
        capfd.readouterr()
        by_command(command, "--json")
        said: dict[str, Any] = json.loads(capfd.readouterr().out)
        return said

    for verb in ("decide", "explain", "what-if"):
        assert answers[verb]["document"] == printed_by(answers[verb]["command"]), verb
        exec(answers[verb]["python"], {})
    printed = printed_by(f"thalweg show {model[0]}")
    assert answers["model"]["document"] == printed
    of_network = printed["result"]["model"]
    assert answers["model"]["page"]["data_hash"] == of_network["data_hash"]
    assert not os.listdir(tmp_path / "w" / "work" / "fits")
    assert not os.listdir(tmp_path / "w" / "work" / "asks")


@pytest.mark.slow
def test_a_model_file_opens_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "Breast Model.safetensors"
    model = ThalwegClassifier(hidden_layer_sizes=(2,), max_iter=2)
    model.fit(np.arange(60.0).reshape(30, 2), np.arange(30) > 14).save(path)
    id_ = hashlib.sha256(path.read_bytes()).hexdigest()

    async def play(studio: ServedStudio) -> None:
        page = await studio.page()
        seen = await page.asks("models")
        assert seen["open"] == id_
        assert seen["models"] == [
            {"id": id_, "name": path.name, "bytes": path.stat().st_size,
             "file": "breast-model.safetensors", "table": None}
        ]  # fmt: skip
        assert await download(studio, "model", id_) == (
            "breast-model.safetensors", path.read_bytes()
        )  # fmt: skip
        facts = await page.asks("model", model=id_)
        assert facts["document"]["result"]["model"]["network"]["sizes"][-1] == 1
        assert facts["page"] is None  # it has no evaluation
        said = (await page.asks("report", model=id_))["error"]
        assert said["what"] == "The model was saved without an evaluation, and a report shows one"
        assert (await page.asks("snapshot"))["open"] is None
        assert (await page.asks("remove-model", model=id_))["type"] == "removed"
        gone = await page.asks("explain", model=id_, table="sample:wisconsin", row=1)
        assert gone["error"]["what"] == "There is no such model in the workspace"
        await page.close()

    with_studio(play, tmp_path / "w", str(path))


def of_workers(studio: ServedStudio) -> int:
    """The process of the fits."""
    process = studio.studio.models.fits.worker._process
    assert process is not None
    return process.pid


@pytest.mark.slow
@pytest.mark.parametrize("ends", ["cancel", "kill"])
def test_a_fit_that_is_ended_leaves_nothing(ends: str, tmp_path: Path) -> None:
    root = tmp_path / "w"

    async def play(studio: ServedStudio) -> None:
        page = await studio.page()
        _, said = await studio.add(NAME, messy_table(4000))
        begun = await page.asks(
            "fit", table=said["table"], choices={"target": "Ill"},
            settings={"max_iter": "100000", "early_stopping": "off", "hidden_layer_sizes": "256"},
        )  # fmt: skip
        while True:
            head = await page.heard()
            if head["type"] == "progress" and head["what"].startswith("Training"):
                break
        assert head["seconds_left"] is None or head["seconds_left"] > 0
        # A page that opens meanwhile sees the fit.
        other = await studio.page()
        (running,) = (await other.asks("models"))["fits"]
        assert running["model_run"] == begun["model_run"]
        since = time.monotonic()
        if ends == "cancel":
            await page.asks("cancel", model_run=begun["model_run"])
        else:
            os.kill(of_workers(studio), signal.SIGKILL)
        ended = await ended_fit(page, begun["model_run"])
        assert time.monotonic() - since < 3
        assert ended["model"] is None
        code = {"cancel": "cancelled", "kill": "worker-ended"}[ends]
        assert ended["error"]["code"] == code
        assert not list((root / "work" / "fits").iterdir())
        assert not list((root / "models").iterdir())
        assert (await other.asks("models"))["fits"] == []
        await page.close()

    with_studio(play, root)
