"""The spread over a cluster whose workers are threads of this process: order, keys, errors."""

import re
import socket
import sys
import threading
import time
import warnings
from types import SimpleNamespace

import numpy as np
import pytest

import fits_for_workers as work
from places import SOURCE
from thalweg import ClusterError, ClusterWarning, SettingsError
from thalweg.cluster import cluster_watch, item_on_worker, spread_on_cluster
from thalweg.cluster.cluster_watch import ClusterWatch, said_of_processors
from thalweg.cluster.fit_many import fit_many
from thalweg.cluster.item_on_worker import WorkerFacts
from thalweg.cluster.packed_work import PackedWork, packed_item
from thalweg.cluster.spread_on_cluster import spread_on
from thalweg.jobs.fitting import cluster_client
from thalweg.parallel_map import all_cores, usable_cores, working_with

distributed = pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def client():
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=2, processes=False, dashboard_address=":0"
        ) as cluster,
        distributed.Client(cluster, set_as_default=False) as client,
    ):
        yield client


def tasks_of(client):
    """What the scheduler still knows, after it has had the time to forget."""
    until = time.monotonic() + 3
    while time.monotonic() < until:
        found = client.run_on_scheduler(lambda dask_scheduler: list(map(str, dask_scheduler.tasks)))
        if not found:
            break
        time.sleep(0.02)
    return found


def test_results_are_in_the_order_of_the_items_and_equal_items_are_done_once(client):
    done = []
    items = [7, 0, 3, 7, 1, 4, 2]
    found = spread_on(client, work.slow_square, items, 10, on_done=lambda: done.append(1))
    assert found == [10 * each * each for each in items]
    assert len(done) == 6
    assert spread_on(client, work.square, [], 1) == []
    assert tasks_of(client) == []


def test_models_have_the_bytes_of_a_fit_here(client):
    X = np.random.default_rng(0).normal(size=(60, 2))
    table = X, (X[:, 0] > 0).astype(int)
    here = fit_many(work.model_of, [1, 2, 1], table)
    assert fit_many(work.model_of, [1, 2, 1], table, client=client) == here
    assert here[0] == here[2] != here[1]


def test_a_key_is_of_the_function_the_table_the_item_and_the_version(monkeypatch):
    table = np.arange(3.0)
    settings = [("rate", 0.1), ("rate", 0.2), ("rate", 1), ("rate", True), ("rate", "1"), 1.0]
    packed = PackedWork.of(work.square, table)
    keys = {packed.key_of(packed_item(each)) for each in settings}
    assert len(keys) == len(settings)
    again = PackedWork.of(work.square, table.copy())
    assert {again.key_of(packed_item(each)) for each in settings} == keys
    others = [PackedWork.of(work.slow_square, table), PackedWork.of(work.square, table + 1e-12)]
    monkeypatch.setattr("thalweg.cluster.packed_work.version_here", lambda: "0.0.9")
    others.append(PackedWork.of(work.square, table))
    for other in others:
        assert other.key_of(packed_item(settings[0])) not in keys
        assert other.table_key != packed.table_key


def test_the_first_error_in_the_order_of_the_items_is_raised_and_no_task_is_left(client):
    with pytest.raises(SettingsError, match="item 3 fails"):
        spread_on(client, work.fails_at, [0, 1, 3, 2, 9, 8, 7, 6], 3)
    assert tasks_of(client) == []


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (work.generates, r"The result of an item cannot be sent from a worker: 41.*generator"),
        (work.raises_with_generator, r"The error of an item .*: 41 \(ValueError: <generator"),
    ],
)
def test_what_cannot_be_pickled_is_an_error_that_names_the_item(client, function, said):
    with pytest.raises(ClusterError, match=said):
        spread_on(client, function, [41], 2)


def test_an_address_where_nobody_answers_is_left_in_time(monkeypatch):
    monkeypatch.setattr(cluster_client, "SECONDS_WITHOUT_SCHEDULER", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        began = time.monotonic()
        silence = pytest.raises(ClusterError, match="No scheduler of Dask answers")
        with silence, cluster_client.connected(address):
            pass
        assert time.monotonic() - began < 3


def test_an_address_where_a_web_server_answers_is_said_to_be_no_scheduler():
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer():
            connection, _ = server.accept()
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
            time.sleep(0.5)
            connection.close()

        threading.Thread(target=answer, daemon=True).start()
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        no_scheduler = pytest.raises(ClusterError, match="No scheduler of Dask answers")
        with no_scheduler, cluster_client.connected(address):
            pass


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("127.0.0.1", "is no address of a scheduler"),
        ("", "is no address of a scheduler"),
        ("file:///x", "is no address of a scheduler"),
        ("tcp://127.0.0.1:70000", "is no address of a scheduler"),
        ("tls://127.0.0.1:8786", r"needs certificates.*Security"),
    ],
)
def test_what_is_no_address_is_refused_before_anything_is_asked(address, said):
    with pytest.raises(SettingsError, match=said):
        cluster_client.require_address(address)


@pytest.mark.parametrize("address", ["tcp://10.0.0.1:8786", "tcp://[::1]:8786", "host-1.x:8786"])
def test_addresses_that_dask_prints_are_taken(address):
    cluster_client.require_address(address)


def test_a_full_disk_is_tried_elsewhere_and_then_named(client):
    with pytest.raises(ClusterError, match=r"failed 3 times: \(4, 'x'\).*No space"):
        spread_on(client, work.disk_full, [(4, "x")], 0)


def test_warnings_come_back_once(client):
    with pytest.warns(UserWarning, match="low") as seen:
        spread_on(client, work.warns, range(4), "low")
    assert sorted(str(each.message) for each in seen) == ["low 0", "low 1"]


def test_a_worker_with_another_version_is_refused_with_both(client, monkeypatch):
    here = item_on_worker.version_here()
    monkeypatch.setattr(item_on_worker, "version_here", lambda: "0.0.9")
    both = rf"A worker has thalweg 0\.0\.9, and this process {here}"
    with pytest.raises(ClusterError, match=both):
        spread_on(client, work.square, [1], 1)
    # Of a worker that came later, its first item says it.
    monkeypatch.setattr(spread_on_cluster._Spreading, "check_workers", lambda self: None)
    with pytest.raises(ClusterError, match=both):
        spread_on(client, work.square, [1], 1)
    lacks = ModuleNotFoundError("No module named 'thalweg'")
    with pytest.raises(ClusterError, match="cannot import what this thalweg"):
        cluster_watch.require_same_version([lacks])


def test_ctrl_c_leaves_no_task(client):
    def press():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        spread_on(client, work.slow_square, range(40), 1, on_done=press)
    assert tasks_of(client) == []
    until = time.monotonic() + 3  # what sleeps cannot be woken
    while item_on_worker._running and time.monotonic() < until:
        time.sleep(0.01)
    assert not item_on_worker._running


def test_an_item_that_someone_cancels_is_done_again(client):
    stolen = threading.Event()

    def steal():
        if not stolen.is_set():
            stolen.set()
            keys = [each for each in list(client.futures) if str(each).startswith("fit-")]
            client.cancel([distributed.Future(each, client) for each in keys], force=True)

    found = spread_on(client, work.slow_square, range(12), 1, on_done=steal)
    assert found == [each * each for each in range(12)]
    assert stolen.is_set()


def test_nobody_there_is_an_error_in_time(monkeypatch):
    monkeypatch.setattr(cluster_watch, "SECONDS_WITHOUT_WORKER", 0.5)
    with (
        distributed.LocalCluster(n_workers=0, processes=False, dashboard_address=":0") as cluster,
        distributed.Client(cluster, set_as_default=False) as client,
        pytest.raises(ClusterError, match="has had no worker for"),
    ):
        spread_on(client, work.square, [1], 1)


def test_a_cluster_that_adapts_starts_its_first_worker(monkeypatch):
    monkeypatch.setattr(cluster_watch, "SECONDS_BETWEEN_PULSES", 0.05)
    monkeypatch.setattr(cluster_watch, "SECONDS_WITHOUT_WORKER", 5.0)
    with (
        distributed.LocalCluster(n_workers=0, processes=False, dashboard_address=":0") as cluster,
        distributed.Client(cluster, set_as_default=False) as client,
    ):
        cluster.adapt(minimum=0, maximum=1, interval="20ms")
        assert spread_on(client, work.square, [2, 3], 1) == [4, 9]
        assert tasks_of(client) == []


@pytest.mark.parametrize(
    ("status", "seconds", "workers", "said"),
    [
        ("closed", 0, {}, "The client is closed"),
        ("running", 21, {}, "The scheduler has not answered for 21 s"),
        ("running", 0, {"a": {"status": "paused", "nthreads": 2}}, "1 worker paused"),
    ],
)
def test_the_watch_says_who_is_gone(status, seconds, workers, said):
    watch = ClusterWatch(SimpleNamespace(status=status))
    watch.workers = workers
    watch._answered -= seconds
    watch._had_worker -= 61
    with pytest.raises(ClusterError, match=said):
        watch.look(time.monotonic() - 61)


@pytest.mark.parametrize(
    ("most", "why"),
    [
        (2, r"All of its workers ended \(there were up to 2\), and no other"),
        (0, "No worker has joi"),
    ],
)
def test_a_cluster_without_workers_says_why_and_how_to_go_on(most, why):
    def scheduler_info():
        return {"workers": {key: {"status": "running", "nthreads": 1} for key in range(most)}}

    watch = ClusterWatch(SimpleNamespace(status="running", scheduler_info=scheduler_info))
    watch._ask()
    watch.workers = {}
    watch._had_worker -= 61
    fix = r"start others \(dask worker .*make the same call again; with a study"
    with pytest.raises(ClusterError, match=f"no worker for 60 s.*{why}.*{fix}"):
        watch.look(time.monotonic() - 61)


def test_threads_of_an_item_are_a_share_of_the_slots():
    watch = ClusterWatch(SimpleNamespace(status="running"))
    watch.workers = {name: {"status": "running", "nthreads": 8} for name in "abcd"}
    assert [watch.threads_for(n) for n in (1, 4, 5, 8, 9, 32, 100)] == [8, 8, 6, 4, 3, 1, 1]


def test_machines_that_differ_are_said():
    here = item_on_worker.facts_here()
    assert said_of_processors([here, here]) == ""
    other = WorkerFacts(here.thalweg, "Numba 0.61, x86_64, haswell, avx2")
    assert "haswell" in said_of_processors([here, other])
    assert ClusterWarning.code == "cluster"


def cores_here(shared, item):
    return usable_cores()


def test_a_fit_in_a_task_of_dask_uses_one_thread(client):
    # In a thread of this process nothing else says that the other cores have other tasks.
    assert client.submit(usable_cores, pure=False).result() == 1
    joblib = pytest.importorskip("joblib")
    with joblib.parallel_config("dask", client=client):
        assert joblib.Parallel()(joblib.delayed(usable_cores)() for _ in range(3)) == [1, 1, 1]
    assert usable_cores() == all_cores()
    with working_with(3):
        assert usable_cores() == 3
    # One item has the two threads of its worker.
    assert spread_on(client, cores_here, [0], 0) == [2]


def test_what_is_no_client_is_refused(client, monkeypatch):
    with pytest.raises(SettingsError, match="client is a str, not a Client"):
        spread_on("tcp://127.0.0.1:8786", work.square, [1], 1)
    with pytest.raises(SettingsError, match=r"The item .* cannot be sent to a worker"):
        spread_on(client, work.square, [threading.Lock()], 1)
    with pytest.raises(SettingsError, match="A task of Dask cannot spread its work"):
        client.submit(work.spreads_inside, client.scheduler.address, pure=False).result()
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(SettingsError, match="needs Dask, which is not installed"):
        spread_on(client, work.square, [1], 1)


def test_dask_is_imported_only_inside_functions():
    at_the_top = re.compile(r"^(?:import|from) (?:dask|distributed|cloudpickle)\b", re.MULTILINE)
    for path in SOURCE.rglob("*.py"):
        assert not at_the_top.search(path.read_text(encoding="utf-8")), path


def test_warnings_of_two_threads_do_not_mix():
    seen = {}

    def one(name):
        with item_on_worker._noted_warnings() as noted:
            for _ in range(20):
                warnings.warn(name, UserWarning, stacklevel=1)
                time.sleep(0.001)
            seen[name] = {str(message) for message, _ in noted}

    with warnings.catch_warnings():
        warnings.simplefilter("always")
        threads = [threading.Thread(target=one, args=(name,)) for name in ("a", "b")]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
    assert seen == {"a": {"a"}, "b": {"b"}}
