"""How many frames lie between ``fit`` and the kernel: as many as the design says."""

import re
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

import thalweg
from thalweg import ThalwegClassifier, ThalwegRegressor
from thalweg.network.compiled import training_kernels

SOURCE = Path(thalweg.__file__).parent
DESIGN = (SOURCE.parents[1] / "docs" / "design.md").read_text(encoding="utf-8")
PROMISED = r"there are (\d+) frames in (\d+) files, for one network as for those of the folds"


def ours(frame):
    """(file, function) of our frames, the outermost first; a comprehension is none of its own."""
    found = []
    while frame is not None:
        code = frame.f_code
        if Path(code.co_filename).is_relative_to(SOURCE) and not code.co_name.startswith("<"):
            found.append((code.co_filename, code.co_name))
        frame = frame.f_back
    return found[::-1]


def until_spread(way):
    """How a caller waits is not the way down."""
    waits = [i for i, (file, _) in enumerate(way) if Path(file).name == "parallel_map.py"]
    return way[: waits[0] + 1] if waits else way


@pytest.mark.parametrize(("estimator", "further"), [(ThalwegClassifier, 0), (ThalwegRegressor, 1)])
@pytest.mark.parametrize("how", [{"early_stopping": False, "n_jobs": 1}, {"n_jobs": 2}])
def test_the_way_from_fit_to_the_kernel_is_as_long_as_the_design_says(
    how, estimator, further, monkeypatch
):
    kernel, ways, main = training_kernels.steps, set(), threading.main_thread()

    def steps(*arguments):
        way = ours(sys._getframe(1))
        if threading.current_thread() is not main:  # its caller waits for it in `spread`
            way = until_spread(ours(sys._current_frames()[main.ident])) + way
        if way[-1][1] == "steps":  # and not one that only asks how high it is
            ways.add(tuple(way))
        return kernel(*arguments)

    monkeypatch.setattr(training_kernels, "steps", steps)
    X = np.random.default_rng(0).standard_normal((120, 3))
    estimator(max_iter=3, random_state=0, **how).fit(X, (X[:, 0] > 0).astype(int))
    numbers = [int(each) for each in re.search(PROMISED, " ".join(DESIGN.split())).groups()]
    longest = max(ways, key=len)
    assert [len(longest), len({file for file, _ in longest}) - further] == numbers
