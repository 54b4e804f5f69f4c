"""A signal ends the command line: exit code 128 + n, a message, and no file."""

import _thread
import itertools
import json
import os
import signal
import subprocess
import sys
import threading
import time

import pytest
import typer

from pace import slowness
from places import MODELS
from slow_cases import slow_but
from thalweg.cli import console_listener, signals
from thalweg.cli.early_end import begin_run
from thalweg.cli.signals import Stopped, ended_by_signals
from thalweg.errors import DataError

PROGRAM = (
    "import thalweg.training.progress as progress, thalweg.cli.main as cli;"
    "progress.SECONDS_BETWEEN_LINES = 0.0; cli.run()"
)
FIT = ["fit", "wisconsin", "--epochs", "1000000", "--early-stopping", "folds", "-o", "m"]


def started(folder, *arguments, ignored=(), prefix=()):
    def as_a_shell_does():
        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(each, signal.SIG_IGN if each in ignored else signal.SIG_DFL)

    return subprocess.Popen(
        [*prefix, sys.executable, "-c", PROGRAM, *arguments], cwd=folder, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=as_a_shell_does,
    )  # fmt: skip


def until(process, words):
    assert any(words in line for line in iter(process.stderr.readline, "")), words


def check_it_ends(process, number, folder):
    """The process, which works, ends by this signal with a sentence and without a file."""
    begin = time.monotonic()
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    took = time.monotonic() - begin
    assert took < 3 * slowness()  # measured afterwards: before, the fit would end by itself
    assert process.returncode == 128 + number
    error = json.loads(out)["error"]
    assert (error["code"], error["signal"]) == ("interrupted", number.name)
    assert f"Error: Interrupted by {number.name}; no file was left half-written." in err
    assert "Traceback" not in err
    assert list(folder.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_a_fit_with_a_sentence_and_without_a_file(number, tmp_path):
    process = started(tmp_path, *FIT, "--json")
    until(process, "epoch 1")
    check_it_ends(process, number, tmp_path)


# A signal to a program of its own: test_ctrl_c_ends_at_once_and_writes_nothing.
@pytest.mark.slow
def test_what_is_ignored_from_the_start_stays_so_and_another_signal_ends_the_fit(tmp_path):
    # nohup ignores SIGHUP; jobs in the background of a shell ignore SIGINT.
    # In batches of one row, because it may end before the last signal comes otherwise.
    slow = [*FIT, "--json", "--batch-size", "1"]
    process = started(tmp_path, *slow, ignored=(signal.SIGHUP, signal.SIGINT))
    until(process, "epoch 1")
    process.send_signal(signal.SIGHUP)
    process.send_signal(signal.SIGINT)
    until(process, "epoch")
    time.sleep(0.5)
    assert process.poll() is None
    check_it_ends(process, signal.SIGTERM, tmp_path)


# In this process: test_a_verb_under_the_command_line_keeps_nothing.
@pytest.mark.slow
def test_a_signal_ends_a_cross_validation_too(tmp_path):
    process = started(tmp_path, "evaluate", "wisconsin", "--epochs", "1000000")
    until(process, "sample_id")  # what was read is said; now it trains
    time.sleep(0.4)
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (143, "")
    assert "Interrupted by SIGTERM; no file was left half-written" in err
    assert "Traceback" not in err


def test_the_first_raises_and_the_second_lets_its_end_go_on(monkeypatch):
    soon = []
    monkeypatch.setattr(signals, "end_soon", soon.append)
    ours = (signal.SIGTERM, signal.SIGINT)
    before = [signal.getsignal(each) for each in ours]
    with ended_by_signals() as came:
        with pytest.raises(Stopped) as stopped:
            signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGINT)
    assert soon == [signal.SIGTERM]  # the exit code stays that of the first
    assert came == [stopped.value]
    assert (stopped.value.exit_code, stopped.value.name) == (143, "SIGTERM")
    assert [signal.getsignal(each) for each in ours] == before


COMPILING = """
import ctypes, os, signal
from thalweg.cli.signals import Stopped, ended_by_signals
from thalweg.network.compiled import jit_cache

# As llvmlite does: Python is called through ctypes while a kernel is compiled.
callback = ctypes.CFUNCTYPE(None)(lambda: os.kill(os.getpid(), signal.SIGTERM))
load, went_on = jit_cache._Kept.load_overload, []

def loaded(self, *given):
    if not went_on:
        callback()
        went_on.append(True)
    return load(self, *given)

jit_cache._Kept.load_overload = loaded

def one(x):
    return x + 1

with ended_by_signals():
    try:
        MAKE
    except Stopped as stopped:
        print(stopped.name, went_on)
"""


@pytest.mark.parametrize(
    "make",
    [
        "jit_cache.compiled_kernel(one)(1)",
        pytest.param("jit_cache.compiled_loop(one, 'int64(int64)')", marks=pytest.mark.slow),
    ],
)
def test_a_signal_while_a_kernel_compiles_is_raised_after_it(make):
    ran = subprocess.run(
        [sys.executable, "-c", COMPILING.replace("MAKE", make)],
        env={**os.environ, "THALWEG_CACHE": "off"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ran.stdout, "Exception ignored" in ran.stderr) == ("SIGTERM [True]\n", False)


TWICE = """
import os, sys, time
import thalweg.cli.early_end as early, thalweg.cli.main as cli
import thalweg.cli.app as verbs, thalweg.cli.console_listener as talk
from thalweg.cli.signals import Stopped

place, first, second = sys.argv[1], *map(int, sys.argv[2:4])
early.SECONDS_TO_END, early._SECONDS_TO_SAY = (0.2, 0.2) if place == "hangs" else (60, 60)

def send(number):
    os.kill(os.getpid(), number)

def show(model: str, json: bool = False):
    with talk.Talk("show", as_json=True):
        if place == "hangs":
            try:
                send(first)
                time.sleep(60)
            except Stopped:
                send(second)
                time.sleep(60)
        send(first)
        time.sleep(60)

def spied(holder, name):
    of_thalweg = getattr(holder, name)
    def also(*words, **more):
        if words and isinstance(words[0], Stopped) or place != "told":
            send(second)
        return of_thalweg(*words, **more)
    setattr(holder, name, also)

if place == "told":
    spied(talk, "_understood")
elif place == "written":
    spied(talk.json, "dumps")
elif place == "returned":
    dispatch = verbs.dispatch
    verbs.dispatch = lambda words: [dispatch(words), send(second)][0]
elif place == "early":
    spied(early, "_write")
    verbs.dispatch = lambda words: (early.end_at_once(), send(first), time.sleep(60))
verbs.app.registered_commands[:] = []
verbs.app.command()(show)
sys.argv[1:] = ["show", "m", "--json"]
cli.run()
"""


@pytest.mark.parametrize(
    "place", slow_but(("told", "early", "hangs"), ("told", "written", "returned", "early", "hangs"))
)
def test_a_second_one_loses_neither_the_document_nor_the_sentence(place):
    ours = (signal.SIGHUP, signal.SIGTERM)
    words = [sys.executable, "-c", TWICE, place, *(str(int(each)) for each in ours)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=30)
    assert done.returncode == 129
    assert json.loads(done.stdout)["error"]["signal"] == "SIGHUP"
    assert done.stderr == "Error: Interrupted by SIGHUP; no file was left half-written.\n"


def test_a_second_one_ends_a_process_whose_reader_takes_nothing():
    line = LONG.replace("if hasty: talk._PATIENCE = 0.3", "talk._PATIENCE = 60")
    line = "import thalweg.cli.early_end as early; early.SECONDS_TO_END = 0.2\n" + line
    pipe = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", line], **pipe) as process:
        assert process.stdout.read(1) == "{"
        time.sleep(0.3)  # until the pipe is full
        process.send_signal(signal.SIGINT)
        time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 130
        assert process.stderr.read().count("Interrupted") == 1


@pytest.mark.parametrize("place", ["before its first byte", "in an error's document"])
def test_one_while_a_document_is_prepared_gives_another_document(monkeypatch, capfd, place):
    start = _thread.start_new_thread

    def stops(function, arguments):
        monkeypatch.setattr(_thread, "start_new_thread", start)
        raise Stopped(signal.SIGTERM)

    monkeypatch.setattr(_thread, "start_new_thread", stops)
    begin_run()
    if place == "before its first byte":
        with pytest.raises(typer.Exit) as end, console_listener.Talk("show", as_json=True):
            pass
        code = end.value.exit_code
    else:
        code = console_listener.Talk("show", as_json=True).fail(DataError("x", fix="y"))
    out, err = capfd.readouterr()
    assert (code, json.loads(out)["error"]["signal"]) == (143, "SIGTERM")
    assert "Interrupted by SIGTERM" in err


def test_in_another_thread_no_handler_is_set():
    found = []

    def look():
        with ended_by_signals():
            found.append(signal.getsignal(signal.SIGTERM))

    worker = threading.Thread(target=look)
    worker.start()
    worker.join()
    assert found == [signal.getsignal(signal.SIGTERM)]


@pytest.mark.parametrize("as_json", [False, True])
def test_one_that_comes_outside_of_the_work_is_reported_as_well(cli, monkeypatch, as_json):
    from thalweg.cli.options import training_options

    def stopped(_):
        signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr(training_options, "given", stopped)
    code, out, err = cli("fit", "wisconsin", *(["--json"] if as_json else []))
    assert code == 143
    assert "Interrupted by SIGTERM" in err
    if as_json:
        assert json.loads(out)["error"]["signal"] == "SIGTERM"


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("fit wisconsin --epochs 100000 -o m.safetensors", signal.SIGINT),
        ("evaluate wisconsin --epochs 100000", signal.SIGTERM),
    ],
)
def test_a_verb_under_the_command_line_keeps_nothing(cli, monkeypatch, tmp_path, line, number):
    from thalweg.network.compiled.compiled_engine import CompiledEngine

    steps, calls = CompiledEngine.steps, []

    def pressed(self, *arguments):
        calls.append(1)
        if len(calls) == 60:  # all networks have epochs to keep by then
            signal.pthread_kill(threading.main_thread().ident, number)
        return steps(self, *arguments)

    monkeypatch.setattr(CompiledEngine, "steps", pressed)
    code, out, err = cli(*line.split())
    assert (code, out) == (128 + number, "")
    by = " by SIGTERM" if number == signal.SIGTERM else ""
    assert f"Interrupted{by}; no file was left half-written" in err
    assert os.listdir(tmp_path) == []


def test_nobody_waits_for_a_thread_that_was_left_behind(monkeypatch):
    codes = []
    monkeypatch.setattr(signals.os, "_exit", codes.append)
    go_on = threading.Event()
    thread = threading.Thread(target=go_on.wait)
    thread.start()
    try:
        with pytest.raises(SystemExit):
            signals.leave(143)
        with pytest.raises(SystemExit):
            signals.leave(1)
    finally:
        go_on.set()
        thread.join()
    assert codes == [143]


EARLY = """
import os, signal, sys
from importlib.abc import MetaPathFinder

signal.signal(signal.SIGINT, signal.default_int_handler)
wanted, number = sys.argv[1:3]

class Pressed(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name == wanted:
            sys.meta_path.remove(self)  # once
            os.kill(os.getpid(), getattr(signal, number))

sys.meta_path.insert(0, Pressed())
from thalweg.cli.main import run
sys.argv = ["thalweg", "check", "wisconsin", *sys.argv[3:]]
run()
"""


MODULES = [
    "thalweg.cli.early_end", "thalweg.document", "thalweg.cli.signals",
    "numpy", "typer", "thalweg.cli.app", "pandas", "thalweg.data.doctor.table_check",
]  # fmt: skip


@pytest.mark.parametrize("module", slow_but([MODULES[0], "typer", MODULES[-1]], MODULES))
def test_ctrl_c_while_something_is_imported_gives_a_sentence_and_130(module):
    """In the first half second: during the imports of the program, and of a verb."""
    done = early(module, "SIGINT")
    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr == "Error: Interrupted; no file was left half-written.\n"


EARLY_ENDS = [  # before a verb begins, and in it
    ("numpy", "SIGINT"), ("numpy", "SIGHUP"), ("pandas", "SIGTERM"),
    *(pytest.param(*each, marks=pytest.mark.slow)
      for each in [("numpy", "SIGTERM"), ("pandas", "SIGINT"), ("pandas", "SIGHUP")]),
]  # fmt: skip


@pytest.mark.quick_each(3, 1)
@pytest.mark.parametrize(("module", "name"), EARLY_ENDS)
def test_with_json_such_an_early_end_has_a_document_too(name, module):
    done = early(module, name, "--json")
    assert done.returncode == 128 + getattr(signal, name)
    document = json.loads(done.stdout)
    assert (document["verb"], document["status"]) == ("check", "failed")
    assert (document["error"]["code"], document["error"]["signal"]) == ("interrupted", name)


def early(*words):
    return subprocess.run(
        [sys.executable, "-c", EARLY, *words], capture_output=True, text=True, timeout=60
    )


def test_a_signal_while_typer_prepares_a_verb_is_reported(cli, monkeypatch):
    from thalweg.cli import app

    def pressed(*_, **__):
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(app, "program", pressed)
    code, out, err = cli("check", "wisconsin")
    assert (code, out) == (130, "")
    assert err == "Error: Interrupted; no file was left half-written.\n"


LONG = (
    "import sys\n"
    "import thalweg.cli.console_listener as talk, thalweg.cli.main as cli\n"
    "from thalweg.jobs.running.outcome import Outcome\n"
    "import thalweg.cli.app as verbs\n"
    "def show(model):\n"
    "    if hasty: talk._PATIENCE = 0.3\n"
    "    with talk.Talk('show', as_json=True) as told:\n"
    "        long = {'long': ['x' * 100] * 5000}\n"
    "        told.so_far(Outcome(verb='show', result=long))\n"
    "verbs.app.registered_commands[:] = []\n"
    "verbs.app.command()(show)\n"
    "hasty = sys.argv[1:]\n"
    "sys.argv[1:] = ['show', 'm']\n"
    "cli.run()\n"
)


@pytest.mark.parametrize("is_read", [True, False])
def test_a_signal_leaves_no_document_in_halves(is_read):
    pipe = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    # How many seconds it waits is not what is tried.
    hasty = [] if is_read else ["hasty"]
    with subprocess.Popen([sys.executable, "-c", LONG, *hasty], **pipe) as process:
        assert process.stdout.read(1) == "{"
        time.sleep(0.5)  # until the pipe is full
        process.send_signal(signal.SIGTERM)
        if not is_read:  # nobody takes it: some seconds, and then the end
            assert process.wait(timeout=20) == 143
        rest, err = process.stdout.read(), process.stderr.read()
    if is_read:  # the document is whole, and the exit code is the one that it has
        document = json.loads("{" + rest)
        assert len(document["result"]["long"]) == 5000
        assert (document["status"], process.returncode, err) == ("ok", 0, "")
    else:
        assert process.returncode == 143
        assert "Interrupted by SIGTERM" in err


LATE = """
import os, signal, sys
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, signal.SIG_DFL)
place, number = sys.argv[1], getattr(signal, sys.argv[2])
import atexit
import thalweg.cli.app as verbs, thalweg.cli.console_listener as talk, thalweg.cli.main as cli

def send():
    os.kill(os.getpid(), number)

class Late:  # lives to the very end of Python
    def __del__(self, send=send):
        send()

if place == "written":
    leave = talk.Talk.__exit__
    talk.Talk.__exit__ = lambda *a: (leave(*a), send())[0]
elif place == "returned":
    dispatch = verbs.dispatch
    verbs.dispatch = lambda words: (dispatch(words), send())[0]
elif place == "exit":
    atexit.register(send)
else:
    sys.late = Late()
sys.argv[1:] = ["show", sys.argv[3], "--json"]
cli.run()
"""


# The last of these places; test_a_signal_leaves_no_document_in_halves is about the first.
@pytest.mark.parametrize(
    ("place", "name"),
    slow_but(
        [("last", "SIGTERM")],
        itertools.product(["written", "returned", "exit", "last"], ["SIGTERM", "SIGHUP"]),
    ),
)
def test_one_that_comes_when_all_is_written_changes_nothing(place, name):
    done = subprocess.run(
        [sys.executable, "-c", LATE, place, name, str(MODELS / "wisconsin-format-1.safetensors")],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["status"] == "ok"
