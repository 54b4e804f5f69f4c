"""Real workers in processes of their own: equal bytes, and ends in time when they are killed."""

import os
import signal
import subprocess
import sys
import time
import warnings

import distributed
import numpy as np
import pytest
from distributed import chaos

import fits_for_workers as work
from children import environment
from thalweg import (
    ClusterError,
    ClusterWarning,
    ThalwegClassifier,
    evaluate,
    fit_many,
    importance,
    load_table,
    tune,
)
from thalweg.cluster.spread_on_cluster import spread_on
from thalweg.persistence.model_file import model_bytes

# Dask closes sockets of workers that were killed when it is collected.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def cluster(n_workers, *, processes=True, **more):
    return distributed.LocalCluster(
        n_workers=n_workers, threads_per_worker=1, processes=processes, dashboard_address=":0",
        **more,
    )  # fmt: skip


def connected(cluster):
    return distributed.Client(cluster, set_as_default=False)


def table():
    X = np.random.default_rng(0).normal(size=(120, 3))
    return X, (X[:, 0] > X[:, 1]).astype(int)


@pytest.mark.parametrize("processes", [False, True])
@pytest.mark.parametrize("n_workers", [1, 2, 4])
def test_bytes_are_equal_for_any_cluster(n_workers, processes):
    here = fit_many(work.model_of, range(6), table(), n_jobs=1)
    with cluster(n_workers, processes=processes) as workers, connected(workers) as client:
        assert fit_many(work.model_of, range(6), table(), client=client) == here


@pytest.mark.parametrize("processes", [False, True])
def test_tune_evaluate_and_importance_give_what_they_give_here(processes):
    data = load_table("wisconsin")
    X, y = data.frame, data.target
    model = ThalwegClassifier(hidden_layer_sizes=(8,), max_iter=10, n_folds=3, random_state=3)
    fitted = model.fit(X[:350], y[:350])
    space = {"hidden_layer_sizes": [[4], [8]], "learning_rate_init": (0.002, 0.05, "log")}

    def tuned(**more):
        found = tune(
            model, X, y, n_trials=7, space=space, random_state=1, if_unclear="tuned", **more
        )
        return model_bytes(found.model), found.trials.drop(columns="seconds")

    def evaluated(**more):
        return evaluate(model, X, y, how="cross-validation", repeats=2, **more).as_dict()

    def refitted(**more):
        return importance(fitted, X[350:], y[350:], groups=None, refit=True, **more)

    with cluster(2, processes=processes) as workers, connected(workers) as client:
        (bytes_here, trials_here), (bytes_there, trials_there) = tuned(), tuned(client=client)
        assert bytes_here == bytes_there
        assert trials_here.equals(trials_there)
        assert evaluated() == evaluated(client=client)
        assert refitted().equals(refitted(client=client))


@pytest.mark.parametrize("mode", ["sys.exit", "graceful", "segfault"])
def test_sixty_fits_whose_workers_live_two_seconds(mode):
    items = [(seed, 150) for seed in range(60)]
    here = fit_many(work.long_model_of, items, table(), n_jobs=1)
    with cluster(2) as workers, connected(workers) as client:
        client.register_plugin(chaos.KillWorker(delay="2 s", mode=mode))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ClusterWarning)
            began = time.monotonic()
            try:
                there = fit_many(work.long_model_of, items, table(), client=client)
            except ClusterError as error:
                there = here
                print(mode, error)
        print(f"{mode}: {time.monotonic() - began:.1f} s")
    assert there == here


def test_an_item_that_ends_every_process_is_named():
    with (
        cluster(2) as workers,
        connected(workers) as client,
        pytest.raises(ClusterError, match=r"ended every process that ran it: 2 \(its workers en"),
    ):
        spread_on(client, work.ends_the_process, range(4), 2)


def test_an_item_without_memory_on_workers_is_done_beside_or_named(monkeypatch):
    limits = {"memory_limit": "300MB", "env": {"MALLOC_TRIM_THRESHOLD_": "0"}}
    with cluster(1, **limits) as workers, connected(workers) as client:
        with pytest.warns(ClusterWarning, match=r"done on this machine.*may use 300 MB"):
            assert spread_on(client, work.takes_memory, [4], 500) == [500_000_000]
        # A machine that has no more memory than its workers.
        serve = (
            "import resource; resource.setrlimit(resource.RLIMIT_DATA, (300_000_000,) * 2); "
            "from thalweg.cluster.process_beside import serve; serve()"
        )
        monkeypatch.setattr("thalweg.cluster.process_beside._SERVE", serve)
        with pytest.raises(ClusterError, match=r"MemoryError.*may use 300 MB|ended every process"):
            spread_on(client, work.takes_memory, [4.0], 500)


def schedulers(*command):
    """A scheduler, or a worker, of the command line."""
    return subprocess.Popen(
        [sys.executable, "-m", *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env=environment(),
    )  # fmt: skip


def test_a_scheduler_that_stops_answering_is_an_error_in_thirty_seconds(tmp_path):
    file = str(tmp_path / "scheduler.json")
    for sign in (signal.SIGKILL, signal.SIGSTOP):
        scheduler = schedulers(
            "distributed.cli.dask_scheduler", "--port", "0", "--no-dashboard",
            "--dashboard-address", ":0", "--scheduler-file", file,
        )  # fmt: skip
        worker = schedulers(
            "distributed.cli.dask_worker", "--scheduler-file", file, "--no-dashboard",
            "--nworkers", "1", "--nthreads", "1",
        )  # fmt: skip
        try:
            client = distributed.Client(scheduler_file=file, timeout=120, set_as_default=False)
            client.wait_for_workers(1, timeout=120)
            struck = []

            def strike(scheduler=scheduler, struck=struck, sign=sign):
                struck or os.kill(scheduler.pid, sign)
                struck.append(time.monotonic())

            with pytest.raises(ClusterError, match=r"scheduler has not answered|client is closed"):
                spread_on(client, work.sleeps, [0.01 * k for k in range(400)], 0, on_done=strike)
            assert time.monotonic() - struck[0] < 30
        finally:
            for each in (scheduler, worker):
                each.kill()
                each.wait()
            client.close(timeout=1)
            os.unlink(file)


def test_nothing_of_dask_is_needed_or_loaded_without_a_client():
    code = (
        "import sys; sys.modules['distributed'] = sys.modules['dask'] = None\n"
        "import numpy as np, fits_for_workers as work\n"
        "from thalweg import ThalwegClassifier, evaluate, fit_many\n"
        "X = np.random.default_rng(0).normal(size=(80, 2)); y = (X[:, 0] > 0).astype(int)\n"
        "assert len(fit_many(work.model_of, [1, 2], (X, y))) == 2\n"
        "model = ThalwegClassifier(hidden_layer_sizes=(3,), max_iter=3, n_folds=2)\n"
        "evaluate(model, X, y, how='cross-validation', folds=2, baselines=None)\n"
        "print(*[m for m in sys.modules if m.split('.')[0] in ('dask', 'distributed')])\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment()
    )
    assert set(ran.stdout.split()) == {"dask", "distributed"}  # the two that are None
