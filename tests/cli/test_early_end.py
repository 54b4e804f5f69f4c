"""The end before the imports are done: a signal, or too little memory."""

import _thread
import json
import resource
import subprocess
import sys
import threading

import pytest

from thalweg import __version__
from thalweg.cli import console_listener, early_end
from thalweg.cli.app import program
from thalweg.document import document, error_parts
from thalweg.jobs.running.outcome import Outcome

MB = 1000**2


def with_memory(limit, *arguments, line="from thalweg.cli.main import run; run()"):
    """The program in a process of so many bytes of address space."""

    def limited():
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))

    return subprocess.run(
        [sys.executable, "-c", line, *arguments],
        preexec_fn=limited, capture_output=True, text=True, timeout=60,
    )  # fmt: skip


@pytest.mark.parametrize("limit", [200 * 1024**2, 256 * 1024**2, 300 * 1024**2])
def test_a_verb_without_memory_for_its_imports_is_refused_with_a_document(limit):
    done = with_memory(limit, "check", "wisconsin", "--json")
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert (told["verb"], told["status"], told["error"]["code"]) == ("check", "failed", "memory")
    assert done.stderr == (
        "Error: There is not enough memory "
        f"(the limit of this process is {limit / MB:.0f} MB (ulimit -v)).\n"
        "Fix: allow more than 800 MB (ulimit -v unlimited).\n"
    )


@pytest.mark.parametrize("verb", ["evaluate", "fit", "landscape", "predict", "trace"])
def test_a_verb_that_compiles_needs_more(monkeypatch, verb):
    ends = []
    monkeypatch.setattr(early_end, "_leave", lambda code, error: ends.append((code, error["fix"])))
    monkeypatch.setattr(early_end, "address_space_limit", lambda: 1499 * MB)
    monkeypatch.setattr(sys, "argv", ["thalweg", verb, "t"])
    early_end.require_memory([verb, "t"])
    assert ends == [(1, "allow more than 1500 MB (ulimit -v unlimited)")]
    early_end.require_memory([verb, "--help"])
    early_end.require_memory(["show", "t"])
    monkeypatch.setattr(early_end, "address_space_limit", lambda: 1500 * MB)
    early_end.require_memory([verb, "t"])
    assert len(ends) == 1


def test_without_json_stdout_stays_empty():
    done = with_memory(200 * MB, "fit", "wisconsin")
    assert (done.returncode, done.stdout) == (1, "")
    assert "There is not enough memory" in done.stderr


@pytest.mark.parametrize("words", [("--version",), ("fit", "--help")])
def test_help_and_version_need_less(words):
    assert with_memory(300 * MB, *words).returncode == 0


FAILING = """
import thalweg.cli.main as cli
def failing(arguments):
    {}
cli.main = failing
cli.run()
"""


@pytest.mark.parametrize(
    "line",
    [
        "raise MemoryError",
        'raise RuntimeError("can\'t start new thread")',
        "raise ImportError('libllvmlite.so: failed to map segment from shared object')",
    ],
)
def test_an_error_of_memory_that_nothing_else_handles_gives_a_document(line):
    words = [sys.executable, "-c", FAILING.format(line), "fit", "t", "--json"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert json.loads(done.stdout)["error"]["code"] == "memory"
    assert done.stderr.startswith("Error: There is not enough memory")
    assert "Traceback" not in done.stderr


def test_another_error_keeps_its_traceback():
    words = [sys.executable, "-c", FAILING.format("raise ValueError('x')"), "fit", "t"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60)
    assert "ValueError: x" in done.stderr


def test_a_verb_that_meets_such_an_error_says_memory_and_not_defect(cli, monkeypatch):
    from thalweg.jobs import check

    def job(*_):
        try:
            raise OSError("libllvmlite.so: failed to map segment from shared object")
        except OSError as why:
            raise RuntimeError("Could not load llvmlite") from why

    monkeypatch.setattr(check, "check", job)
    code, out, err = cli("check", "wisconsin", "--json")
    assert (code, json.loads(out)["error"]["code"]) == (1, "memory")
    assert "defect" not in err


def test_at_the_limit_every_unknown_error_is_one_of_memory(monkeypatch):
    error = SystemError("error return without exception set")
    assert not early_end.is_shortage(error)
    monkeypatch.setattr(early_end, "address_space_limit", lambda: 1000 * MB)
    monkeypatch.setattr(early_end, "_used", lambda: 980 * MB)
    assert early_end.is_shortage(error)
    assert early_end.shortage()["fix"].startswith("allow more (ulimit -v unlimited)")
    monkeypatch.setattr(early_end, "_used", lambda: 500 * MB)
    assert not early_end.is_shortage(error)
    monkeypatch.setattr(early_end, "address_space_limit", lambda: None)
    assert early_end.shortage()["where"] == ""


def no_thread(function, arguments):
    raise RuntimeError("can't start new thread")


def dead_thread(function, arguments):
    """A thread that ends before its first line, as one does that gets no memory."""
    return 1


@pytest.mark.parametrize("start", [no_thread, dead_thread])
def test_a_document_is_written_without_a_thread_too(cli, monkeypatch, start):
    monkeypatch.setattr(console_listener, "_SECONDS_TO_BEGIN", 0.01)
    monkeypatch.setattr(_thread, "start_new_thread", start)
    code, out, _ = cli("show", "nothing.safetensors", "--json")
    assert code == 1
    assert json.loads(out)["error"]["code"] == "model_file"


def test_no_output_waits_for_a_sign_of_a_new_thread(cli, monkeypatch):
    # `Thread.start` waits for it without end, also where the thread had no memory to begin.
    def start(self):
        raise AssertionError("Thread.start")

    monkeypatch.setattr(threading.Thread, "start", start)
    code, out, err = cli("show", "nothing.safetensors", "--json")
    assert (code, json.loads(out)["error"]["code"]) == (1, "model_file")
    assert "defect" not in err


def test_the_early_document_has_the_bytes_of_the_later_one():
    error = error_parts("memory", 'a "b" \\ c')
    early = early_end._json(document(__version__, "fit", "failed", error))
    assert early == json.dumps(Outcome(verb="fit").plain("failed", error), indent=2)


@pytest.mark.parametrize("module", ["main", "early_end"])
def test_nothing_but_itself_is_imported_before_a_signal_is_handled(module):
    line = (
        f"import gc, os, sys; sys.path[:] = {sys.path!r}; before = {{*sys.modules}};"
        f"import thalweg.cli.{module}; print(*sorted({{*sys.modules}} - before))"
    )
    words = [sys.executable, "-S", "-c", line]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60)
    own = ["thalweg", "thalweg.cli", f"thalweg.cli.{module}"]
    assert done.stdout.split() == own + (["thalweg.document"] if module == "early_end" else [])


def test_every_verb_is_known_before_the_imports(cli):
    assert sorted(program().commands) == list(early_end.VERBS)
    code, out, err = cli("export", "m.safetensors", "--json")
    assert code == 2
    assert json.loads(out)["verb"] == "export"
    assert "see thalweg export --help" in " ".join(err.split())
