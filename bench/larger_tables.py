"""Peak memory and time of a fit on a table that is larger than its budget.

    python -m bench.larger_tables --rows 3000000 --columns 32 --share 8

makes a Parquet file, and fits it in a child process with a budget of 1/8 of the file. The peak is
the largest resident memory (``ru_maxrss``) beyond what the process has after a fit of a tiny
folder: Python, the imports and the compiled kernels. With ``--sorted`` the rows are sorted by the
target; the loss on new rows is beside that of the shuffled table.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

_PART = 50_000

_CHILD = """
import json, resource, sys, time
from pathlib import Path
import numpy as np, pandas as pd, pyarrow.parquet
from thalweg import ThalwegClassifier

table, budget, folder, epochs, test = sys.argv[1:]
tiny = Path(folder) / "tiny"
tiny.mkdir()
pd.read_parquet(test)[:1500].to_parquet(tiny / "part.parquet")
ThalwegClassifier(random_state=0, max_iter=1).fit(tiny, target="y")
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
began = time.perf_counter()
said = []
cache = Path(folder) / "cache"
model = ThalwegClassifier(random_state=0, max_iter=int(epochs)).fit(
    table, target="y", max_memory=int(budget), cache=cache)
took = time.perf_counter() - began
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
new = pd.read_parquet(test)
p = model.predict_proba(new.drop(columns="y"))
code = np.searchsorted(model.classes_, new["y"])
loss = -np.log(p[np.arange(len(p)), code]).mean()
model.save(Path(folder) / "model.safetensors", overwrite=True)
print(json.dumps({"before": before, "peak": peak, "seconds": took, "loss": float(loss),
                  "epochs": len(model.history_),
                  "cache": sum(each.stat().st_size for each in cache.iterdir())}))
"""


def part_of_table(n: int, columns: int, seed: int, weights: np.ndarray) -> pd.DataFrame:
    """Rows of numbers, two categories, and a target of two classes."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, columns - 2))
    few, many = rng.integers(0, 5, n), rng.integers(0, 200, n)
    score = X @ weights + 0.4 * (few - 2) + np.sin(many) + X[:, 0] * X[:, 1]
    made = pd.DataFrame(X, columns=[f"x{j}" for j in range(columns - 2)])
    made["few"] = pd.Series(few).map("c{}".format)
    made["many"] = pd.Series(many).map("m{}".format)
    made["y"] = (rng.random(n) < 1 / (1 + np.exp(-2 * score))).astype(np.int8)
    return made


def write_table(path: Path, n: int, columns: int, weights: np.ndarray, *, by_target: bool) -> None:
    """A Parquet file, a group of rows after the other; perhaps first all rows of one class."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    writer = None
    for wanted in (0, 1) if by_target else (None,):
        for number, start in enumerate(range(0, n, _PART)):
            part = part_of_table(min(_PART, n - start), columns, number, weights)
            if wanted is not None:
                part = part[part["y"] == wanted]
            rows = pa.Table.from_pandas(part, preserve_index=False)
            writer = writer or pq.ParquetWriter(path, rows.schema, compression="none")
            writer.write_table(rows, row_group_size=_PART)
    assert writer is not None
    writer.close()


def measured(folder: Path, asked: argparse.Namespace, *, by_target: bool) -> dict[str, float]:
    """One fit in a child process."""
    weights = np.random.default_rng(7).normal(size=asked.columns - 2) / np.sqrt(asked.columns)
    path, test = folder / "table.parquet", folder / "new.parquet"
    write_table(path, asked.rows, asked.columns, weights, by_target=by_target)
    part_of_table(_PART, asked.columns, 10**6, weights).to_parquet(test)
    size = path.stat().st_size
    budget = max(128_000_000, size // asked.share)
    command = [sys.executable, "-W", "ignore", "-c", _CHILD]
    with tempfile.TemporaryDirectory(dir=folder) as work:
        given = [str(path), str(budget), work, str(asked.epochs), str(test)]
        ended = subprocess.run([*command, *given], capture_output=True, text=True, check=False)
    if ended.returncode:
        raise SystemExit(ended.stderr)
    found = json.loads(ended.stdout.splitlines()[-1])
    return {**found, "size": size, "budget": budget}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=3_000_000)
    parser.add_argument("--columns", type=int, default=32)
    parser.add_argument("--share", type=int, default=8)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--sorted", action="store_true")
    parser.add_argument("--folder", type=Path, default=None)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
        for by_target in (False, True) if asked.sorted else (False,):
            began = time.perf_counter()
            found = measured(Path(folder), asked, by_target=by_target)
            beyond = found["peak"] - found["before"]
            rate = asked.rows / found["seconds"]
            print(
                f"{'sorted by the target' if by_target else 'shuffled'}: {asked.rows:,} rows x "
                f"{asked.columns}, file {found['size'] / 1e6:,.0f} MB, budget "
                f"{found['budget'] / 1e6:,.0f} MB: peak {beyond / 1e6:,.0f} MB beyond "
                f"{found['before'] / 1e6:,.0f} MB ({beyond / found['budget']:.2f} of the budget); "
                f"{found['epochs']} epochs in {found['seconds']:,.0f} s ({rate:,.0f} rows/s), "
                f"cache {found['cache'] / 1e6:,.0f} MB, loss on new rows {found['loss']:.5f} "
                f"(all took {time.perf_counter() - began:,.0f} s)",
                flush=True,
            )


if __name__ == "__main__":
    main()
