"""The recipes of docs/serving.md as they stand there, and what they are given: a helper."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from places import ROOT
from thalweg import ThalwegClassifier

PAGE = ROOT / "docs" / "serving.md"


def recipe(heading: str) -> str:
    """The code below a heading, with line numbers that are those of the page."""
    text = PAGE.read_text(encoding="utf-8")
    begin = text.index(f"\n## {heading}\n")
    found = re.compile(r"^```\n(.*?)^```$", re.MULTILINE | re.DOTALL).search(text, begin)
    assert found is not None
    return "\n" * text.count("\n", 0, found.start(1)) + found[1]


def run(heading: str, **given: Any) -> dict[str, Any]:
    """Run a recipe as a module of its own with these names; the names that it leaves."""
    names = {"__name__": heading, **given}
    exec(compile(recipe(heading), str(PAGE), "exec"), names)
    return names


def rows(n: int, seed: int = 0) -> pd.DataFrame:
    """Rows with numbers, integers, a category and a key."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.normal(size=(n, 3)), columns=list("abc"))
    frame["visits"] = rng.integers(0, 9, n)
    frame["town"] = np.array(["Bern", "Lyon", "Turin"], dtype=object)[rng.integers(0, 3, n)]
    frame.insert(0, "id", 7 * np.arange(n) + 3)
    return frame


def saved(folder: Path) -> ThalwegClassifier:
    """A small model, which is in ``model.safetensors`` of the folder."""
    frame = rows(80, 1)
    y = np.where(frame["a"] + (frame["town"] == "Bern") > 0, "yes", "no")
    small = ThalwegClassifier(hidden_layer_sizes=(4,), max_iter=3, random_state=0)
    small.fit(frame.drop(columns="id"), y).save(folder / "model.safetensors")
    return small
