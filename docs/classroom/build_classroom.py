"""Build the classroom: `python docs/classroom/build_classroom.py build/classroom --wheels FOLDER`.

A static JupyterLite site with the notebooks of the project, in the environment of `make classroom`.
thalweg's wheel is made here and served by the site, beside the wheels of FOLDER, which are pure
Python. With ``--pyodide ARCHIVE`` the site holds Pyodide, too, and asks nobody else for anything;
else a browser fetches it from a public CDN. docs/classroom.md is the page for the teacher.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from pyodide_archive import Refused, extracted, kernel_version
from site_contents import NOTEBOOKS, ROOT, notebook_for_browsers, teachers_page

# A tree that is no clone has no day: one that is always the same.
NO_COMMIT = "1798761600"
KERNEL = "@jupyterlite/pyodide-kernel-extension:kernel"
CONFIG = {
    "jupyter-lite-schema-version": 0,
    "jupyter-config-data": {
        "appName": "thalweg classroom",
        # A package comes from this site or from Pyodide, and never from an index by its name alone.
        "litePluginSettings": {KERNEL: {"disablePyPIFallback": True}},
    },
}


def date_of_commit() -> str:
    """The seconds of the last commit, so that two builds of one commit have one wheel."""
    asked = subprocess.run(
        ["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, encoding="utf-8"
    )
    return asked.stdout.strip() or NO_COMMIT


def stage(source: Path, wheels: Path) -> None:
    """Write what JupyterLite builds from into an empty folder."""
    shutil.rmtree(source, ignore_errors=True)
    (source / "files").mkdir(parents=True)
    for path in NOTEBOOKS:
        copy = source / "files" / path.relative_to(ROOT / "notebooks")
        copy.parent.mkdir(exist_ok=True)
        copy.write_text(notebook_for_browsers(path), encoding="utf-8")
    (source / "files" / "teacher.md").write_text(teachers_page(), encoding="utf-8")
    (source / "jupyter-lite.json").write_text(json.dumps(CONFIG, indent=1), encoding="utf-8")
    shutil.copytree(wheels, source / "pypi")
    made = [sys.executable, "-m", "hatchling", "build", "--target", "wheel"]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": date_of_commit()}
    subprocess.run([*made, "--directory", source / "pypi"], cwd=ROOT, env=environment, check=True,
                   capture_output=True)  # fmt: skip


def build(target: Path, wheels: Path, archive: Path | None = None, *, whole: bool = True) -> None:
    """Build the site into a folder.

    Parameters
    ----------
    target : Path
    wheels : Path
        A folder of the wheels of wheels.txt.
    archive : Path, optional
        Of Pyodide: an archive or a folder that was one.
    whole : bool, default True
        Whether the archive must have all that thalweg needs. Without, a test can build a site whose
        kernel starts and has no NumPy.
    """
    source = target.parent / f"{target.name}-source"
    stage(source, wheels)
    if archive is not None:
        extracted(archive, source / "static" / "pyodide", whole=whole)
    shutil.rmtree(target, ignore_errors=True)
    command = [sys.executable, "-m", "jupyterlite_core", "build"]
    command += ["--lite-dir", source, "--output-dir", target, "--apps", "lab", "--apps", "tree"]
    command += ["--apps", "notebooks", "--apps", "repl", "--no-sourcemaps"]
    command += ["--no-unused-shared-packages"]
    command += ["--source-date-epoch", date_of_commit()]
    ended = subprocess.run([*map(str, command)], cwd=source, capture_output=True, encoding="utf-8")
    if ended.returncode:
        raise Refused(f"JupyterLite built nothing:\n{ended.stdout[-3000:]}\n{ended.stderr[-3000:]}")


def megabytes(folder: Path) -> str:
    """The size of all files of a folder."""
    return (
        f"{sum(path.stat().st_size for path in folder.rglob('*') if path.is_file()) / 1e6:.0f} MB"
    )


def main(arguments: list[str]) -> int:
    """Build, and say what was built; returns the exit code."""
    parser = argparse.ArgumentParser(description="Build the classroom.")
    parser.add_argument("target", type=Path)
    parser.add_argument("--wheels", type=Path, required=True)
    parser.add_argument("--pyodide", type=Path)
    given = parser.parse_args(arguments)
    target = given.target.resolve()
    try:
        build(target, given.wheels.resolve(), given.pyodide and given.pyodide.resolve())
    except Refused as error:
        print(error, file=sys.stderr)
        return 2
    print(f"The classroom is in {given.target}: {len(NOTEBOOKS)} notebooks, {megabytes(target)}.")
    if given.pyodide:
        print("It holds Pyodide. A browser asks no other host for anything.")
    else:
        print(
            f"It does not hold Pyodide: each browser fetches version {kernel_version()} from the "
            "public CDN\n"
            f"{cdn_of(target)}\n"
            "when a notebook starts. For a room without the internet: PYODIDE=ARCHIVE make "
            "classroom (docs/classroom.md)."
        )
    print(f"Serve it: python -m http.server --directory {given.target} --bind 127.0.0.1 8000")
    return 0


def cdn_of(target: Path) -> str:
    """Where the built site fetches Pyodide from, as its kernel has it."""
    schema = next((target / "extensions").rglob("kernel.v0.schema.json"))
    text: str = json.loads(schema.read_text("utf-8"))["properties"]["pyodideUrl"]["default"]
    return re.sub(r"[^/]*$", "", text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
