"""The versions of the documentation that one site has: this one, and built older ones beside it.

``switcher.json`` lists them. ``switcher.js`` says the same to a page that is opened from a disk,
where a script may not read a file. Each version has a copy, with links from its own folder, so
that no address is absolute. The newest build writes the copies of all.
"""

import json
import re
import shutil
from pathlib import Path

import thalweg

ROOT = Path(__file__).resolve().parents[2]
JSON, SCRIPT = "switcher.json", "switcher.js"
_VERSION = re.compile(r"\d+(?:\.\d+)+(?:(?:a|b|rc)\d+)?")


def released(version: str) -> bool:
    """Whether the changelog gives a version a date."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    heading = re.search(rf"^## \[{re.escape(version)}\] - (\S+)$", text, re.MULTILINE)
    return heading is not None and heading[1] != "unreleased"


def shown(version: str) -> str:
    """A version as readers see it."""
    return version if released(version) else f"{version}, unreleased"


def parts(version: str) -> tuple[int, ...]:
    """The numbers of a version, to put versions in their order."""
    return tuple(map(int, re.findall(r"\d+", version.partition("rc")[0])))


def older(folder: Path | None) -> list[str]:
    """The versions that are built in a folder, the newest first.

    Raises
    ------
    ValueError
        A folder is no built site of an earlier version.
    """
    if folder is None:
        return []
    found = [each.name for each in sorted(folder.iterdir()) if each.is_dir()]
    for name in found:
        if not _VERSION.fullmatch(name) or not (folder / name / "index.html").is_file():
            raise ValueError(f"{folder / name} is no built site of a version, such as 0.1.0")
        if parts(name) >= parts(thalweg.__version__):
            raise ValueError(f"{name} is not older than {thalweg.__version__}, the newest version")
    return sorted(found, key=parts, reverse=True)


def listed(others: list[str], here: str) -> list[dict[str, str | bool]]:
    """The versions as ``switcher.json`` has them, with links from the folder of one of them."""
    newest = thalweg.__version__
    top = "" if here == newest else "../"
    entries: list[dict[str, str | bool]] = [
        {"name": shown(newest), "version": newest, "url": f"{top}index.html", "preferred": True}
    ]
    return entries + [
        {"name": each, "version": each, "url": f"{top}{each}/index.html"} for each in others
    ]


def write(folder: Path, entries: list[dict[str, str | bool]]) -> None:
    """Both files, into the root of a version."""
    text = json.dumps(entries, indent=1)
    (folder / JSON).write_text(f"{text}\n", encoding="utf-8")
    (folder / SCRIPT).write_text(f"window.siteVersions = {text};\n", encoding="utf-8")


def add_versions(target: Path, folder: Path | None) -> None:
    """Copy built older versions into a built site, and tell every version of all others."""
    others = older(folder)
    for name in others:
        assert folder is not None
        shutil.copytree(folder / name, target / name, dirs_exist_ok=True)
        write(target / name, listed(others, name))
    write(target, listed(others, thalweg.__version__))
