"""Build the site: `python docs/site/build_site.py build/site`, in the environment of `make site`.

Warnings of Sphinx are errors, and so is a reference that leads nowhere. A second folder, if one is
named, has built sites of earlier versions, each in a folder of its version: they become part of it.
"""

import os
import subprocess
import sys
from pathlib import Path

from stage_pages import ROOT, SITE, stage
from version_files import add_versions, older

# A tree that is no clone has no day: one that is always the same.
NO_COMMIT = "1798761600"


def date_of_commit() -> str:
    """The seconds of the last commit, so that two builds of one commit are equal."""
    asked = subprocess.run(
        ["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, encoding="utf-8"
    )
    return asked.stdout.strip() or NO_COMMIT


def build(target: Path, earlier: Path | None = None) -> int:
    """Build into a folder; returns the exit code of Sphinx."""
    older(earlier)  # before the minutes of a build
    source, beside = (target.parent / f"{target.name}-{part}" for part in ("source", "beside"))
    stage(source, beside)
    environment = {"SOURCE_DATE_EPOCH": date_of_commit(), "MPLBACKEND": "agg", **os.environ}
    command = [sys.executable, "-m", "sphinx", "--builder", "html", "--conf-dir", SITE]
    command += [
        "--nitpicky",
        "--fail-on-warning",
        "--keep-going",
        "--fresh-env",
        "--quiet",
        "--jobs",
        "2",
    ]
    command += ["--define", f"html_extra_path={beside}", source, target]
    code = subprocess.run([*map(str, command)], env=environment).returncode
    if code == 0:
        # A template of the theme, which is no page: its links lead nowhere.
        (target / "_static" / "webpack-macros.html").unlink(missing_ok=True)
        add_versions(target, earlier)
    return code


if __name__ == "__main__":
    sys.exit(build(*(Path(each).resolve() for each in sys.argv[1:])))
