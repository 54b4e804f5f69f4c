"""The tables that defaults are measured on: a folder of them, and how their rows are parted.

A folder holds INDEX.csv (``name``, ``task``, ``core``, ``rows``), schema.json (of each table its
task, its file, and its columns, ``num`` or ``cat``) and the files themselves, the target in the
column ``target``. Empty cells are missing.
"""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split


@dataclass(frozen=True)
class Table:
    """One table: ``X`` with float and text columns, ``y`` floats or texts."""

    name: str
    task: str
    X: pd.DataFrame
    y: np.ndarray

    @cached_property
    def has_classes(self) -> bool:
        return self.task != "regression"

    @cached_property
    def categories(self) -> list[str]:
        return [name for name in self.X if self.X[name].dtype == object]

    @cached_property
    def numbers(self) -> list[str]:
        return [name for name in self.X if self.X[name].dtype != object]

    def parted(self, split: int) -> tuple[np.ndarray, np.ndarray]:
        """Rows to fit, and the fifth of all rows to judge by; classes are kept even."""
        rows = np.arange(len(self.y))
        even = self.y if self.has_classes else None
        fit, judge = train_test_split(rows, test_size=0.2, random_state=split, stratify=even)
        return np.sort(fit), np.sort(judge)


def names(folder: Path) -> list[str]:
    """The core tables, the largest first."""
    index = pd.read_csv(folder / "INDEX.csv")
    core = index[index["core"] == 1].sort_values("rows", ascending=False)
    return core["name"].tolist()


def table(folder: Path, name: str) -> Table:
    """Read one table."""
    known = json.loads((folder / "schema.json").read_text(encoding="utf-8"))[name]
    kinds = known["kinds"]
    texts = dict.fromkeys([each for each, kind in kinds.items() if kind == "cat"], str)
    if known["task"] != "regression":
        texts["target"] = str
    frame = pd.read_csv(
        folder / known["file"],
        dtype=texts,
        keep_default_na=False,
        na_values={each: [""] for each in kinds},
        low_memory=False,
    )
    y = frame.pop("target").to_numpy(dtype=object if "target" in texts else float)
    X = frame[list(kinds)].copy()
    for each, kind in kinds.items():
        of_kind = X[each].astype(float) if kind == "num" else X[each].astype(object)
        X[each] = of_kind if kind == "num" else of_kind.where(X[each].notna(), None)
    return Table(name, known["task"], X, y)
