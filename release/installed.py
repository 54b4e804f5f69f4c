"""The wheel as its user has it: installed with no network, and asked in bare surroundings."""

import shutil
import subprocess
import sys
from pathlib import Path

from release.packages import emptied, packages
from release.running import (
    INSTALLED,
    LOCK,
    LOCK_DEV,
    ROOT,
    WHEELHOUSE,
    WORK,
    Failed,
    cut_off,
    plain_environment,
    python_of,
    run,
)

# What may differ between a tree and its wheel, and between this machine and another:
QUICK = {
    "data/test_datasets.py": "bundled tables are files of the wheel",
    "reporting/test_needed_code.py": "so are scripts and styles of pages",
    "cli/test_command_line.py": "the program that pip writes",
    "persistence/test_format_versions.py": "files of earlier formats",
    "persistence/test_golden_models.py": "files of earlier releases",
    "network/test_engine.py": "both engines, compiled from the installed text",
    "network/test_reference_engine.py": "the formulas against independent numbers",
    "whole/test_same.py": "every kind of fit",
    "test_files.py": "files, on the disk of whoever installs",
}
# What tests read beside themselves.
BESIDE = ("tests", "docs", "notebooks", "pyproject.toml", "README.md", "CHANGELOG.md",
          "CONTRIBUTING.md", "CITATION.cff", "LICENSE", "Makefile", "constraints.txt")  # fmt: skip
# These read the source tree, or build from it; the wheel has neither.
OF_THE_TREE = (
    "whole/test_building.py", "whole/test_mutants.py", "whole/test_release_papers.py",
    "whole/test_docs.py", "whole/test_short_way.py", "whole/test_site_pages.py",
    "whole/test_worth_in_docs.py", "reporting/test_small_texts.py",
    "studio/lessons/test_lesson_task.py::test_the_hills_that_are_played_are_those_of_python",
)  # fmt: skip
# Dask asks the system for the way to a host outside, which a cut network has not.
OF_A_NETWORK = ("cluster",)


def install() -> str:
    """An empty environment, filled from the wheelhouse by hashes, with the network cut."""
    wheel, _ = packages()
    shutil.rmtree(INSTALLED, ignore_errors=True)
    cut = cut_off()
    run([*cut, sys.executable, "-m", "venv", INSTALLED])
    _pip(cut, "--require-hashes", "-r", LOCK)
    _pip(cut, "--no-deps", wheel)
    run([python_of(INSTALLED), "-m", "pip", "check"], env=plain_environment())
    size = sum(path.stat().st_size for path in INSTALLED.rglob("*") if path.is_file())
    return f"{size / 1e6:.0f} MB installed, {_network(cut)}"


def bare() -> str:
    """`fit`, `predict` and `show` with no home, no network, and nothing to write but a scratch."""
    scratch = WORK / "scratch"
    emptied(scratch)
    program = INSTALLED / "bin" / "thalweg"
    cut = cut_off("-m")
    words: list[str | Path] = [
        sys.executable, ROOT / "release" / "bare_surroundings.py", scratch, program,
    ]  # fmt: skip
    said = run([*cut, *words, *(["--mounted"] if cut else [])], cwd=Path("/"), env={})
    return f"{said.strip()}; {_network(cut)}"


def test(every: bool) -> str:
    """The tests, copied out of the tree, against the installed wheel, with the network cut."""
    cut = cut_off()
    _pip(cut, "--require-hashes", "-r", LOCK_DEV)
    outside = WORK / "outside"
    emptied(outside)
    for name in BESIDE:
        path = WORK / "copy" / name
        (shutil.copytree if path.is_dir() else shutil.copy2)(path, outside / name)
    env = plain_environment(OMP_NUM_THREADS="1", PYTHONDONTWRITEBYTECODE="1")
    where = "import pathlib, thalweg; print(pathlib.Path(thalweg.__file__).resolve())"
    found = run([python_of(INSTALLED), "-c", where], cwd=outside, env=env).strip()
    if not Path(found).is_relative_to(INSTALLED.resolve()):
        raise Failed(f"the tests would test {found}, not the wheel")
    names = [f"tests/{name}" for name in QUICK]
    if every:
        without = (*OF_THE_TREE, *(OF_A_NETWORK if cut else ()))
        names = ["tests", *map(_left_out, without)]
    loop = [sys.executable, ROOT / "release" / "with_loopback.py"] if cut else []
    done = subprocess.run(
        [*map(str, [*cut, *loop, python_of(INSTALLED)]), "-m", "pytest", "-q", "-n", "2",
         "-p", "no:cacheprovider", "-m", "not slow and not browser", *names],
        cwd=outside, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        check=False,
    )  # fmt: skip
    (WORK / "tests.log").write_text(done.stdout, encoding="utf-8")
    last = done.stdout.strip().rpartition("\n")[2]
    if done.returncode:
        raise Failed(f"{done.stdout[-6000:]}\nall of it: {WORK / 'tests.log'}")
    return f"{last}; {_network(cut)}"


def _left_out(name: str) -> str:
    return f"--{'deselect' if '::' in name else 'ignore'}=tests/{name}"


def _pip(cut: list[str], *words: str | Path) -> None:
    pip: list[str | Path] = [python_of(INSTALLED), "-m", "pip", "install", "--quiet"]
    run([*cut, *pip, "--no-index", "--find-links", WHEELHOUSE, *words], env=plain_environment())


def _network(cut: list[str]) -> str:
    return (
        "with the network cut" if cut else "the network was NOT cut (unshare is not allowed here)"
    )
