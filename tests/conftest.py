"""What holds for every test."""

import gc
import json
import os
import signal
import warnings

import numpy as np
import pytest
from hypothesis import settings

from slow_cases import mark_slow_as_measured, mark_slow_but_each

# No deadline: how long an example takes says nothing on a shared machine. The quick run draws
# the same 12 examples every time where a test does not say how many, and `make test-all` the same
# 100; HYPOTHESIS_PROFILE=search draws new ones, and more of them.
settings.register_profile("quick", deadline=None, derandomize=True, max_examples=12)
settings.register_profile("full", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None, max_examples=1000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


def pytest_configure():
    """Tests that a script starts in its background would ignore Ctrl-C, which some of them send."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_sessionstart():
    """Have the engine compiled before the first test, so that none reads the line about it.

    With xdist this runs in the controller before it starts its workers, which then find all of
    it in the cache. With NUMBA_DISABLE_JIT (``make test-numpy``) there is nothing to compile; that
    the readable engine computes is then no news.
    """
    from thalweg.network.engine import cannot_compile, choose

    if cannot_compile():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            choose()
        return
    from thalweg.network.architecture import Architecture
    from thalweg.network.compiled.compiled_engine import CompiledEngine
    from thalweg.network.engine import Data, Method, Objective, Order, State

    engine, architecture = CompiledEngine(), Architecture((1, 1), ("identity",))
    objective, method = Objective("squared_error"), Method.of("sgd")
    for dtype in (np.float32, np.float64):
        theta, data = np.zeros(2, dtype), Data.of(np.ones((1, 1), dtype), np.ones((1, 1)))
        engine.predict(architecture, theta, data)
        engine.losses(architecture, objective, theta[None], data)
        engine.loss_and_gradient(architecture, objective, theta, data)
        state, order = State.at(theta, method.rule), Order(np.arange(1), 1)
        engine.steps(architecture, objective, method, state, data, order, np.full(1, 0.1), 0)


@pytest.hookimpl(tryfirst=True)  # before ``-m "not slow"`` is looked at
def pytest_collection_modifyitems(config, items):
    """Run the tests of the whole first: the longest are there, and should not be waited for."""
    mark_slow_but_each(items)
    if not config.pluginmanager.has_plugin("measure_tests"):
        mark_slow_as_measured(items)
    # Within a file the order is kept: it is that of collection, which differs between workers.
    items.sort(key=lambda item: ("/whole/" not in item.nodeid, str(item.path)))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    """Let every second worker begin with the last folder.

    In a fresh clone each test file is rewritten by pytest, and kept. So each worker rewrites a half
    of them, and finds the other half.
    """
    report = yield
    number = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    if int(number) % 2 and isinstance(collector, pytest.Dir):
        report.result.reverse()
    return report


def pytest_collection():
    """Twelve thousand tests are collected, and none of them is garbage: do not look for it."""
    gc.disable()


def pytest_collection_finish():
    """From now on, look for garbage among what the tests make, and not among the tests.

    Seldom: most of it is gone at once, and to look for the rest takes a hundredth of the time.
    """
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
    gc.enable()


@pytest.fixture(autouse=True, scope="session")
def no_waiting_for_the_disk():
    """No power fails during a test: nothing waits until the disk has what is written.

    A program that a test starts waits as always.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda handle: os.fstat(handle) and None)
        yield


@pytest.fixture(autouse=True, scope="session")
def trees_of_the_same_rows():
    """What an evaluation compares with a network does not grow anew in each test."""
    from kept_trees import kept_trees

    with kept_trees():
        yield


@pytest.hookimpl(tryfirst=True)  # no fixture: of 18,000 tests it would take seconds
def pytest_runtest_setup():
    """Each test's Ctrl-C is a first one, however soon it comes after that of the test before."""
    from thalweg import interrupts

    interrupts._last_taken = -float("inf")


@pytest.fixture
def cli(capsys, tmp_path, monkeypatch):
    """Run the command line in this process, in an empty folder: (exit code, stdout, stderr)."""
    from thalweg.cli.main import main

    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        code = main([str(argument) for argument in arguments])
        return code, *capsys.readouterr()

    return run


_faults_of_documents: list[str] = []


@pytest.fixture(autouse=True, scope="session")
def documents_without_their_form():
    """What is wrong with the JSON documents that a test makes in this process.

    Each is compared with the form of its verb, from which the published schema is made; so each
    variant of a document that some test makes is compared with the schema, too.
    """
    from thalweg.jobs.running import outcome

    faults, plainly = _faults_of_documents, outcome.Outcome.plain

    def compared(self, status=None, error=None):
        from thalweg.jobs.documents.documents import document_form
        from thalweg.persistence.plain_data_checks import require

        plain = plainly(self, status, error)
        try:
            read = json.loads(json.dumps(plain))  # NumPy's numbers are written as others
            require(read, document_form(plain["verb"]), "the document")
        except (ValueError, KeyError) as fault:
            faults.append(str(fault))
        return plain

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outcome.Outcome, "plain", compared)
        yield faults


@pytest.hookimpl(trylast=True)  # no fixture, as above
def pytest_runtest_teardown():
    """Every JSON document that a test makes has the form of its verb."""
    faults = _faults_of_documents.copy()
    _faults_of_documents.clear()
    assert faults == []
