"""Several threads in a process that is interrupted, forked, or has one core."""

import os
import signal
import subprocess
import sys
import time

import pytest

BEGIN = """
import os, signal, sys, threading, time
import numpy as np
from thalweg.network.architecture import Architecture
from thalweg.network.compiled import compiled_engine
from thalweg.network.compiled.compiled_engine import CompiledEngine
from thalweg.network.compiled.team import team_threads
from thalweg.network.engine import Data, Method, Objective, Order, State
from thalweg.parallel_map import is_working
compiled_engine.worthwhile = lambda threads, *_, **__: threads
team_threads.Pace.wants_several = lambda self: True
rng = np.random.default_rng(0)
architecture = Architecture.dense(20, (256, 256), 1, "relu")
data = Data.of(rng.standard_normal((1024, 20)).astype(np.float32),
               rng.standard_normal((1024, 1)).astype(np.float32))
theta = rng.standard_normal(architecture.n_parameters).astype(np.float32) / 16
def steps(threads, n=8):
    state = State.at(theta, Method.of("adam").rule)
    CompiledEngine().steps(architecture, Objective("squared_error"), Method.of("adam"), state, data,
                           Order(np.arange(1024), 256), np.full(n, 1e-3), 0, threads)
    return state.theta.tobytes()
one = steps(1)
steps(2)
while is_working():
    time.sleep(0.01)
assert steps(2) == one
"""

INTERRUPTED = (
    BEGIN
    + """
from thalweg.errors import Status
from thalweg.training.descent.training_settings import Settings, parse_optimizer
from thalweg.training.descent_inputs import Member
from thalweg.training.many import train_many
one_by_one = sys.argv[1] == "True"
settings = Settings(parse_optimizer("adam"), 256, 10**6)
member = Member(architecture, theta, data, "squared_error", 0.0, settings)
threading.Timer(float(sys.argv[2]), lambda: os.kill(os.getpid(), signal.SIGINT)).start()
[found] = train_many([member], 3, one_by_one=one_by_one)
assert found.status is Status.INTERRUPTED
assert steps(2) == one
print("whole")
"""
)

FORKED = (
    BEGIN
    + """
beside = threading.Thread(target=lambda: [steps(2, 400) for _ in range(3)])
beside.start()
for _ in range(5):
    child = os.fork()
    if child == 0:
        steps(2)
        os._exit(0 if steps(2) == one else 1)
    assert os.waitpid(child, 0)[1] == 0
beside.join()
print("whole")
"""
)

ONE_CORE = (
    BEGIN
    + """
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
times = {1: [], 2: [], 7: [], 16: []}
expected = steps(1, 40)
for _ in range(9):
    for threads, found in times.items():
        # On one core that is the time that passes, where no other process has the core.
        begin = time.process_time()
        assert steps(threads, 40) == expected
        found.append(time.process_time() - begin)
ratios = {threads: float(np.median(np.divide(found, times[1]))) for threads, found in times.items()}
print({threads: round(ratio, 2) for threads, ratio in ratios.items()})
assert all(ratio <= 3 for ratio in ratios.values())
print("whole")
"""
)


def run(code, *arguments, seconds=120):
    """What a process of its own prints; it must end in time."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, *arguments], capture_output=True, text=True,
        timeout=seconds, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("one_by_one", [False, True])
@pytest.mark.parametrize("after", [0.21, 0.53, 0.78, 1.3])
def test_ctrl_c_in_the_middle_of_a_slice_ends_all_threads(one_by_one, after):
    begin = time.monotonic()
    assert "whole" in run(INTERRUPTED, str(one_by_one), str(after))
    assert time.monotonic() - begin < 60


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="a system that cannot fork")
def test_a_forked_process_has_threads_of_its_own():
    assert "whole" in run(FORKED)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="needs one core")
def test_one_core_gives_the_same_bits_in_at_most_three_times_the_time():
    print(told := run(ONE_CORE))
    assert "whole" in told


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="POSIX")
def test_a_killed_process_leaves_nothing():
    process = subprocess.Popen(
        [sys.executable, "-c", BEGIN + "print('go', flush=True)\nwhile True: steps(3, 500)"],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "go"
    time.sleep(0.3)
    process.kill()
    assert process.wait(10) == -signal.SIGKILL
    process.stdout.close()
