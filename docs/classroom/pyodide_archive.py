"""The archive of Pyodide that a teacher gives: its version, and all that thalweg needs of it."""

import hashlib
import json
import re
import shutil
import tarfile
import tempfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Any

LOCK = "pyodide-lock.json"
# What Pyodide starts with.
CORE = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip")
# What the kernel installs when it starts, and what thalweg needs that the site does not serve.
KERNEL_NEEDS = ("micropip", "ipython", "jedi")
THALWEG_NEEDS = (
    "matplotlib", "narwhals", "numpy", "pandas", "pillow", "platformdirs", "rich", "scikit-learn",
    "scipy", "threadpoolctl", "pydantic", "annotated-doc", "typing-extensions",
)  # fmt: skip


class Refused(Exception):
    """What is wrong, why, and what to do instead."""


def kernel_version() -> str:
    """The version of Pyodide that the kernel of the site was made for."""
    from jupyterlite_pyodide_kernel.constants import PYODIDE_VERSION

    version: str = PYODIDE_VERSION
    return version


def extracted(archive: Path, target: Path, *, whole: bool = True) -> None:
    """Copy what is needed of an archive, or of a folder that was one, after it has been checked.

    Parameters
    ----------
    archive : Path
        A ``.tar.bz2`` (or ``.tar.gz``, ``.tgz``), or a folder.
    target : Path
        Of the files, and of a lock file that names these alone.
    whole : bool, default True
        Whether all that thalweg needs must be in it.

    Raises
    ------
    Refused
        If there is no Pyodide, one of another version, a part of it, or a file whose hash is not
        that of its lock file.
    """
    if not archive.exists():
        raise Refused(
            f"There is no {archive}. PYODIDE names the archive of Pyodide.\n"
            f"Fix: download {_file_name()} from the releases of Pyodide, and give its path."
        )
    with tempfile.TemporaryDirectory() as scratch:
        folder = archive if archive.is_dir() else _unpacked(archive, Path(scratch))
        found = next(iter(sorted(folder.rglob(LOCK), key=lambda path: len(path.parts))), None)
        if found is None:
            raise Refused(
                f"{archive.name} has no {LOCK}, so it is no archive of Pyodide.\n"
                f"Fix: take {_file_name()} from the releases of Pyodide."
            )
        _copy(found.parent, target, archive.name, whole=whole)


def _file_name() -> str:
    return f"pyodide-{kernel_version()}.tar.bz2"


def _unpacked(archive: Path, scratch: Path) -> Path:
    try:
        with tarfile.open(archive) as opened:
            opened.extractall(scratch, filter="data")
    except (tarfile.TarError, OSError, EOFError) as error:
        raise Refused(
            f"{archive.name} cannot be unpacked ({error}).\n"
            f"Fix: download {_file_name()} again, completely."
        ) from error
    return scratch


def version_of(folder: Path) -> str:
    """The version that a folder of Pyodide says of itself; empty if it says none."""
    if (folder / "package.json").is_file():
        return str(json.loads((folder / "package.json").read_text("utf-8")).get("version", ""))
    if not (folder / "pyodide.mjs").is_file():
        return ""
    said = re.search(r'"(\d+\.\d+\.\d+)"', (folder / "pyodide.mjs").read_text("utf-8"))
    return said[1] if said else ""


def _copy(folder: Path, target: Path, name: str, *, whole: bool) -> None:
    version, wanted = version_of(folder), kernel_version()
    if version.rpartition(".")[0] != wanted.rpartition(".")[0]:
        raise Refused(
            f"{name} has Pyodide {version or 'of an unknown version'}, and the kernel of this "
            f"classroom needs {wanted}: another one has another Python, which the kernel and the "
            f"wheels were not made for.\nFix: take {_file_name()} from the releases of Pyodide."
        )
    lock = json.loads((folder / LOCK).read_text("utf-8"))
    asked = (*KERNEL_NEEDS, *THALWEG_NEEDS)
    names = needed(asked, lock["packages"])
    files = {lock["packages"][each]["file_name"]: each for each in names}
    absent = [each for each in CORE if not (folder / each).is_file()]
    lacking = sorted(each for file, each in files.items() if not (folder / file).is_file())
    if absent or (whole and lacking):
        shown = ", ".join([*absent, *lacking][:8])
        raise Refused(
            f"{name} has only a part of Pyodide: {shown} and others are not in it.\n"
            f"Fix: take the full archive, {_file_name()}, and not the one with -core in its name."
        )
    present = [file for file in files if (folder / file).is_file()]
    for file in present:
        entry = lock["packages"][files[file]]
        if hashlib.sha256((folder / file).read_bytes()).hexdigest() != entry["sha256"]:
            raise Refused(
                f"{file} in {name} is not the file that its {LOCK} names: the hashes differ.\n"
                f"Fix: download {_file_name()} again."
            )
    target.mkdir(parents=True, exist_ok=True)
    for file in (*CORE, *present):
        shutil.copyfile(folder / file, target / PurePosixPath(file).name)
    kept = {each: lock["packages"][each] for each in names if each not in lacking}
    (target / LOCK).write_text(json.dumps({**lock, "packages": kept}), encoding="utf-8")


def needed(asked: Iterable[str], packages: dict[str, Any]) -> list[str]:
    """The packages that some need, themselves included, in an order that does not vary."""
    known = {_normal(name): name for name in packages}
    found: set[str] = set()
    open_ = [known[_normal(each)] for each in asked if _normal(each) in known]
    while open_:
        each = open_.pop()
        if each not in found:
            found.add(each)
            open_ += [known[_normal(other)] for other in packages[each]["depends"]]
    return sorted(found)


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
