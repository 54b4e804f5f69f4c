"""Kernels are compiled ahead of time, and it is said how many and where."""

import os
import subprocess
import sys

import pytest

from places import TESTS
from thalweg import OutputError, UnfinishedError
from thalweg.interrupts import Cancellation
from thalweg.jobs.machine import warm as job
from thalweg.jobs.machine.warm import warm
from thalweg.jobs.running.listener import Nobody
from thalweg.network.compiled import jit_cache


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """An empty cache, and a compiler that makes three files of 10 bytes."""
    monkeypatch.setattr(jit_cache, "user_cache_path", lambda *_, **__: tmp_path / "home")
    monkeypatch.delenv("THALWEG_CACHE", raising=False)
    jit_cache._home.cache_clear()

    def compile_it(engine, tell):
        for done in (1, 2, 3):
            (jit_cache.directory() / f"kernel-{done}.code").write_bytes(bytes(10))
            tell(done, 3)

    monkeypatch.setattr(job, "compile_every_kernel", compile_it)
    yield tmp_path / "home"
    jit_cache._home.cache_clear()


def test_it_says_what_was_compiled_and_what_was_there(kept):
    first = warm()
    assert (first.n_compiled, first.n_kept, first.n_bytes) == (3, 3, 30)
    assert first.directory == str(jit_cache.directory())
    assert first.directory.startswith(str(kept))
    assert first.result == {
        "seconds": first.seconds, "compiled": 3, "kept": 3, "bytes": 30,
        "directory": first.directory,
    }  # fmt: skip
    assert 0 <= first.seconds < 60
    again = warm()
    assert (again.n_compiled, again.n_kept) == (0, 3)


def test_the_progress_says_that_it_counts_steps(kept):
    class Heard(Nobody):
        def progress(self, step):
            heard.append((step.title, step.done, step.total))

    heard = []
    warm(Heard())
    assert heard == [("Steps of compiling", done, 3) for done in (1, 2, 3)]


def test_where_nothing_can_be_kept_it_is_an_error(kept, monkeypatch):
    monkeypatch.setenv("THALWEG_CACHE", "off")
    jit_cache._home.cache_clear()
    with pytest.raises(OutputError) as caught:
        warm()
    assert (caught.value.why, caught.value.fix) == ("THALWEG_CACHE is off", "unset THALWEG_CACHE")
    monkeypatch.delenv("THALWEG_CACHE")
    kept.write_text("a file in the place of the folder")
    jit_cache._home.cache_clear()
    with pytest.raises(OutputError) as caught:
        warm()
    assert "cannot be made" in caught.value.why
    assert caught.value.fix.startswith("set ")
    kept.unlink()
    kept.mkdir(mode=0o777)
    kept.chmod(0o777)
    jit_cache._home.cache_clear()
    with pytest.raises(OutputError) as caught:
        warm()
    assert caught.value.why.startswith("Others may")
    assert caught.value.fix.startswith("chmod go-w ")


def test_a_cancellation_ends_it(kept):
    cancellation = Cancellation()
    cancellation.ask()
    with pytest.raises(UnfinishedError):
        warm(cancellation=cancellation)
    assert len([*jit_cache.directory().iterdir()]) == 1  # what is compiled is kept


FITS = """
import os, sys, warnings
warnings.simplefilter("ignore")
from same.kinds import KINDS
from same.fits import predicted
from thalweg.network.compiled.jit_cache import directory
before = {*os.listdir(directory())}
for name, kind in KINDS.items():
    predicted(kind.fit(), kind.later())
print(len(before), sorted({*os.listdir(directory())} - before))
"""


@pytest.mark.slow
def test_after_it_no_kind_of_fit_compiles_anything(tmp_path):
    path = os.pathsep.join([*filter(None, sys.path), str(TESTS)])
    env = {**os.environ, "XDG_CACHE_HOME": str(tmp_path), "PYTHONPATH": path}
    os.chmod(tmp_path, 0o700)
    said = subprocess.run(
        [sys.executable, "-m", "thalweg", "warm"], env=env, capture_output=True, text=True,
        check=True,
    ).stdout  # fmt: skip
    assert said.startswith("Compiled ")
    fits = subprocess.run(
        [sys.executable, "-c", FITS], env=env, stdout=subprocess.PIPE, text=True, check=True
    ).stdout
    count, _, new = fits.strip().partition(" ")
    assert int(count) > 150
    assert new == "[]"
