"""What holds for every test."""

import os

import pytest
from hypothesis import settings

# No deadline: how long an example takes says nothing on a shared machine. The quick run draws
# the same examples every time; HYPOTHESIS_PROFILE=search draws new ones, and more of them.
settings.register_profile("quick", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None, max_examples=1000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


@pytest.fixture
def cli(capsys, tmp_path, monkeypatch):
    """Run the command line in this process, in an empty folder: (exit code, stdout, stderr)."""
    from thalweg.cli.main import main

    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        code = main([str(argument) for argument in arguments])
        return code, *capsys.readouterr()

    return run
