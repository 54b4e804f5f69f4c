"""Streams of predictions: memory and throughput, beside a prediction in memory.

``python -m bench.streams --rows 10_000_000`` makes a Parquet file of generated rows, predicts it in
a child process, and prints the peak of its memory after a warm-up of a tenth, and at the end. It
compares the predictions of some groups of rows, bit by bit, with those in memory.
``python -m bench.streams --pairs 5`` predicts one table as a stream and in memory, alternately.
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

from thalweg import ThalwegClassifier, load_model

COLUMNS, AT_ONCE = 10, 1 << 17


def rows(n: int, first: int, columns: int) -> pd.DataFrame:
    """Generated rows: numbers, one category, and a key."""
    rng = np.random.default_rng(first)
    frame = pd.DataFrame(rng.normal(size=(n, columns)).astype(np.float32)).add_prefix("x")
    frame["site"] = np.array(["north", "south", "east"], dtype=object)[rng.integers(0, 3, n)]
    frame.insert(0, "key", np.arange(first, first + n))
    return frame


def write(path: Path, n: int, columns: int) -> None:
    """A Parquet file of so many rows, a group after the other."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    writer = None
    for first in range(0, n, AT_ONCE):
        frame = rows(min(AT_ONCE, n - first), first, columns)
        table = pa.Table.from_pandas(frame, preserve_index=False)
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
    assert writer is not None
    writer.close()


def model(path: Path, columns: int, *, small: bool = False) -> None:
    """Five default networks, or a small one, which a long stream of rows does not wait for."""
    frame = rows(4000, 10**12, columns)
    y = np.where(frame["x0"] + (frame["site"] == "east") + frame["x1"] ** 2 > 1, "yes", "no")
    size = {"hidden_layer_sizes": (8,), "early_stopping": False, "n_bins": 0} if small else {}
    fitted = ThalwegClassifier(max_iter=8, random_state=0, **size).fit(frame.drop(columns="key"), y)
    fitted.save(path, overwrite=True)


_CHILD = """
import json, resource, sys, time
from thalweg.jobs.predict import PredictRequest, predict
from thalweg.jobs.running.listener import Nobody
peaks = []
class Peaks(Nobody):
    def progress(self, step):
        peaks.append((step.done, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss))
begin = time.perf_counter()
predict(PredictRequest(model=sys.argv[1], table=sys.argv[2], output=sys.argv[3], ids=["key"],
                       overwrite=True), Peaks())
print(json.dumps([time.perf_counter() - begin, peaks]))
"""


def flat(n: int, columns: int, folder: Path) -> dict[str, float]:
    """Peaks of the memory of a child that predicts so many rows, in MB, and rows per second."""
    table, fitted, output = (folder / name for name in ("t.parquet", "m.safetensors", "p.parquet"))
    write(table, n, columns)
    model(fitted, columns, small=True)
    words = [sys.executable, "-c", _CHILD, str(fitted), str(table), str(output)]
    seconds, peaks = json.loads(subprocess.run(words, check=True, capture_output=True).stdout)
    n_equal = equal(fitted, table, output)
    early = max(peak for done, peak in peaks if done <= max(n // 10, peaks[0][0]))
    return {
        "rows": n,
        "file_mb": table.stat().st_size / 1e6,
        "seconds": seconds,
        "rows_per_second": n / seconds,
        "rows_of_groups_compared": n_equal,
        "peak_mb_after_a_tenth": early / 1e3,
        "peak_mb_at_the_end": peaks[-1][1] / 1e3,
    }


def equal(fitted: Path, table: Path, output: Path) -> int:
    """Compare some groups of rows with predictions in memory; how many rows were compared."""
    import pyarrow.parquet as pq

    loaded, given, made = load_model(fitted), pq.ParquetFile(table), pq.ParquetFile(output)
    assert made.metadata.num_rows == given.metadata.num_rows
    assert made.num_row_groups == given.num_row_groups
    last, n = given.num_row_groups - 1, 0
    for group in sorted({*range(0, last, max(1, last // 8)), last}):
        frame, found = (each.read_row_group(group).to_pandas() for each in (given, made))
        probability = loaded.predict_proba(frame)
        assert found["key"].equals(frame["key"])
        for j, name in enumerate(loaded.classes_):
            assert found[f"p_{name}"].to_numpy().tobytes() == probability[:, j].tobytes()
        n += len(frame)
    return n


def pairs(count: int, folder: Path, n: int) -> list[float]:
    """How fast a stream is in terms of a prediction in memory, which reads and writes the same."""
    from thalweg.jobs.predict import PredictRequest, predict

    table, fitted, output = (folder / name for name in ("t.parquet", "m.safetensors", "p.parquet"))
    write(table, n, COLUMNS)
    model(fitted, COLUMNS)
    loaded, ratios = load_model(fitted), []
    for k in range(count + 1):
        begin = time.perf_counter()
        frame = pd.read_parquet(table)
        probability = loaded.predict_proba(frame)
        made = pd.DataFrame(probability, columns=[f"p_{each}" for each in loaded.classes_])
        made.insert(0, "prediction", loaded.called(probability))
        made.insert(0, "key", frame["key"])
        made.to_parquet(output)
        middle = time.perf_counter()
        request = PredictRequest(
            model=str(fitted), table=str(table), output=str(output), ids=["key"], overwrite=True
        )
        predict(request)
        end = time.perf_counter()
        if k:  # the first pair compiles
            ratios.append((middle - begin) / (end - middle))
            print(f"in memory {middle - begin:.2f} s, stream {end - middle:.2f} s")
    return ratios


def main() -> None:
    """Print what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=lambda text: int(text.replace("_", "")))
    parser.add_argument("--columns", type=int, default=COLUMNS)
    parser.add_argument("--pairs", type=int)
    parser.add_argument("--pair-rows", type=int, default=1_000_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if asked.rows:
            print(json.dumps(flat(asked.rows, asked.columns, Path(folder)), indent=1))
        if asked.pairs:
            ratios = pairs(asked.pairs, Path(folder), asked.pair_rows)
            print(f"throughput, median ratio: {np.median(ratios):.2f}")


if __name__ == "__main__":
    main()
