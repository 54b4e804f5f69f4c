"""Build the site: `python docs/site/build_site.py build/site`, in the environment of `make site`.

Warnings of Sphinx are errors, and so is a reference that leads nowhere.
"""

import os
import subprocess
import sys
from pathlib import Path

from stage_pages import ROOT, SITE, stage

# The day of a tree that is no clone: that of the first release.
NO_COMMIT = "1798761600"


def date_of_commit() -> str:
    """The seconds of the last commit, so that two builds of one commit are equal."""
    asked = subprocess.run(
        ["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, encoding="utf-8"
    )
    return asked.stdout.strip() or NO_COMMIT


def build(target: Path) -> int:
    """Build into a folder; returns the exit code of Sphinx."""
    source = target.parent / f"{target.name}-source"
    stage(source)
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
    command += [source, target]
    return subprocess.run([*map(str, command)], env=environment).returncode


if __name__ == "__main__":
    sys.exit(build(Path(sys.argv[1]).resolve()))
