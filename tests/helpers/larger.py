"""Tables in shards for tests: small ones, in several small shards."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from thalweg.data.canonical_rows import Rows, canonical_rows
from thalweg.data.formats.any_format import Format
from thalweg.data.larger import row_records
from thalweg.data.larger.found_table import FoundTable, LargerColumns
from thalweg.data.larger.shard_files import ShardedRows
from thalweg.data.larger.table_cache import TableCache
from thalweg.data.larger.table_files import TableFiles

MEMORY = 100_000_000


def mixed_table(n: int = 6000, seed: int = 0, *, regression: bool = False) -> pd.DataFrame:
    """Numbers, float32, integers, few and many levels, missing cells and repeated rows."""
    rng = np.random.default_rng(seed)
    wards = np.array([f"w{k:02}" for k in range(45)])
    ward = rng.integers(0, 45, n)
    table = pd.DataFrame(
        {
            "a": rng.normal(size=n),
            "b": rng.normal(size=n).astype(np.float32),
            "few": rng.choice(["x", "y", "z"], n),
            "ward": wards[ward],
            "whole": rng.integers(0, 9, n),
        }
    )
    score = table["a"] + (ward % 7 - 3) / 2 + rng.normal(size=n) / 3
    table["target"] = score.round(2) if regression else np.where(score > 0, "yes", "no")
    table.loc[::17, "a"] = np.nan
    table.loc[::23, "few"] = None
    return pd.concat([table, table[: n // 6]], ignore_index=True)


def cached(
    path: Path,
    folder: Path,
    *,
    of_classes: bool = True,
    memory: int = MEMORY,
    heard: Callable[[tuple[str, int, int]], object] = len,
) -> tuple[FoundTable, ShardedRows]:
    """The rows of a file in a cache; ``heard`` is told how far each step is."""
    files = TableFiles(path, Format(), memory)
    asked = LargerColumns("target", of_classes=of_classes)
    cache = TableCache(folder, files, asked, memory, passed=lambda *step: heard(step))
    try:
        return cache.rows()
    finally:
        cache.release()


def in_memory(table: pd.DataFrame, found: FoundTable) -> Rows:
    """The canonical rows of the same table, as a fit in memory has them."""
    y = table["target"].to_numpy()
    if found.labels is not None:
        y = np.searchsorted(found.classes, y.astype(str))
    X = found.schema.matrix(table.drop(columns="target"))
    return canonical_rows(X, y.astype(np.float64), np.ones(len(y)))


@pytest.fixture
def small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shards of 32 KiB, so that a small table has several."""
    monkeypatch.setattr(row_records, "OF_A_SHARD", 1 << 15)
