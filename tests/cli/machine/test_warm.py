"""What ``thalweg warm`` prints."""

import json

import pytest

from thalweg.jobs.machine import warm as job
from thalweg.network.compiled import jit_cache


@pytest.fixture
def kept(tmp_path, monkeypatch):
    monkeypatch.setattr(jit_cache, "user_cache_path", lambda *_, **__: tmp_path / "home")
    monkeypatch.delenv("THALWEG_CACHE", raising=False)
    jit_cache._home.cache_clear()

    def compile_it(engine, tell):
        (jit_cache.directory() / "kernel.code").write_bytes(bytes(2 * 10**6))
        tell(1, 1)

    monkeypatch.setattr(job, "compile_every_kernel", compile_it)
    yield tmp_path / "home"
    jit_cache._home.cache_clear()


def test_it_says_how_many_how_long_and_where(cli, kept):
    code, out, err = cli("warm", "-q")
    assert code == 0
    assert out.startswith("Compiled 1 kernel in 0 s. ")
    assert str(kept) in out
    assert out.endswith(" has 1 kernel, 2.0 MB.\n")
    assert err == ""
    code, out, _ = cli("warm", "-q")
    assert code == 0
    assert out.startswith("There was nothing left to compile. ")


def test_the_end_says_how_many_were_there_already(cli, kept):
    jit_cache.directory().mkdir(parents=True, exist_ok=True, mode=0o700)
    (jit_cache.directory() / "other.code").write_bytes(b"2")
    code, out, _ = cli("warm")
    assert code == 0
    assert out.startswith("Compiled 1 kernel in 0 s; 1 was there already. ")


def test_the_document_has_the_same(cli, kept):
    code, out, _ = cli("warm", "--json")
    said = json.loads(out)
    assert (code, said["verb"], said["status"]) == (0, "warm", "ok")
    assert said["result"]["compiled"] == said["result"]["kept"] == 1
    assert said["result"]["bytes"] == 2 * 10**6


def test_where_nothing_is_kept_it_fails_with_the_fix(cli, kept, monkeypatch):
    monkeypatch.setenv("THALWEG_CACHE", "off")
    jit_cache._home.cache_clear()
    code, out, err = cli("warm")
    assert (code, out) == (1, "")
    assert err == (
        "Error: Compiled kernels cannot be kept.\nTHALWEG_CACHE is off.\n"
        "Fix: unset THALWEG_CACHE.\n"
    )
