"""The journey of a researcher: a messy table, its findings, a fit, a threshold, files to download.

What the studio gives is what the commands and the Python give that it tells.
"""

import hashlib
import json
import random
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from studio.served_studio import AskingPage, ServedStudio, with_studio
from thalweg.cli.app import app

QUICK = {"max_iter": "3", "hidden_layer_sizes": "4", "early_stopping": "holdout"}


def messy_table(n_rows: int = 120) -> bytes:
    """A table with semicolons, decimal commas, an identifier and words for missing values."""
    draw = random.Random(7)
    lines = ["Patient No;Age;Weight (kg);Town;Ill"]
    for row in range(n_rows):
        age, town = draw.randint(18, 90), draw.choice(["Bern", "Rome", "Oslo"])
        weight = "n/a" if row % 17 == 3 else f"{draw.uniform(50, 110):.1f}".replace(".", ",")
        ill = "yes" if age + draw.gauss(0, 12) > 58 else "no"
        lines.append(f"P{row:05d};{age};{weight};{town};{ill}")
    return ("\n".join(lines) + "\n").encode()


async def ended_fit(page: AskingPage, run: str) -> dict[str, Any]:
    """The event that ends a fit; what was told before is in ``told``."""
    for each in page.told:
        if each["type"] == "model" and each.get("model_run") == run:
            return each
    while True:
        head = await page.heard()
        page.told.append(head)
        if head["type"] == "model" and head.get("model_run") == run:
            return head


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in."""
    folder = tmp_path / "desk"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def run(command: str) -> Result:
    """Run a command that the studio tells."""
    name, *words = shlex.split(command)
    assert name == "thalweg"
    done = CliRunner().invoke(app, words, catch_exceptions=False)
    return done


def test_a_messy_table_becomes_a_model_a_report_and_predictions(
    tmp_path: Path, desk: Path
) -> None:
    answers: dict[str, Any] = {}

    async def play(studio: ServedStudio) -> None:
        page = await studio.page()
        _, said = await studio.add("Kündigungen 2024.csv", messy_table())
        table = said["table"]
        fit = {"table": table, "choices": {"target": "Ill", "drop": ["Patient No"]}, "settings": QUICK}
        begun = await page.asks("fit", **fit)
        ended = await ended_fit(page, begun["model_run"])
        print(ended)
        answers["fit"] = ended
        model = ended["model"]
        answers["shown"] = await page.asks("model", model=model)
        answers["decision"] = await page.asks("decide", model=model, missed=500, alarm=40)
        answers["decided"] = await page.asks("set-threshold", model=model, missed=500, alarm=40)
        answers["explained"] = await page.asks("explain", model=model, table=table, row=3)
        answers["what-if"] = await page.asks("what-if", model=model, table=table, row=3, set={"Age": "30"})
        answers["predicted"] = await page.asks("predict", model=model, table=table)
        answers["reported"] = await page.asks("report", model=model)
        for k,v in answers.items(): print(k, json.dumps(v)[:1500]); print()
        await page.close()

    with_studio(play, tmp_path / "w")
