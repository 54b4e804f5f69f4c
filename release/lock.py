"""The lock: every package that an installation needs, with its version and the hashes of its files.

`lock.txt` is of thalweg itself, `lock-dev.txt` of all that its tests need. Both hold for every
system. Neither names an index: whoever installs decides from where.
"""

import hashlib
import re
import sys
import tomllib

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from release.running import LOCK, LOCK_DEV, ROOT, WHEELHOUSE, Failed, run, tool

LOWEST = ROOT / "constraints-lowest.txt"
# The extras whose lower bounds `make test-lowest` installs, too.
BOUND_EXTRAS = ("onnx", "parquet", "tune")
_ABOUT_LOWEST = (
    "# The lower bounds of pyproject.toml, which `make test-lowest` installs; `make lock` writes "
    "them.\n"
)
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)

_HASHES = re.compile(r"^([A-Za-z0-9._-]+)==(.*(?:\n .*)*)", re.MULTILINE)
# All of a package: its version, a marker or none, and on each further line a hash.
_PACKAGE = re.compile(
    r"^[A-Za-z0-9._-]+==[^\s;\\]+( ; [ -\[\]-~]+)?( \\\n    --hash=sha256:[0-9a-f]{64})+\n",
    re.MULTILINE,
)


def make() -> None:
    """Write both locks anew, with the versions of constraints.txt, and the lowest versions."""
    for extra, path in (([], LOCK), (["--extra", "dev"], LOCK_DEV)):
        run([
            tool("uv"), "pip", "compile", "pyproject.toml", *extra, "-c", "constraints.txt",
            "--universal", "--python-version", "3.11", "--generate-hashes", "--no-annotate",
            "--no-header", "--quiet", "--upgrade", "-o", path,
        ])  # fmt: skip
    extras = [each for name in BOUND_EXTRAS for each in ("--extra", name)]
    run([
        tool("uv"), "pip", "compile", "pyproject.toml", *extras, "--resolution", "lowest-direct",
        "--python-version", "3.11", "--no-annotate", "--no-header", "--quiet", "--upgrade",
        "-o", LOWEST,
    ])  # fmt: skip
    LOWEST.write_text(_ABOUT_LOWEST + LOWEST.read_text(encoding="utf-8"), encoding="utf-8")


def pins(text: str) -> dict[str, str]:
    """Name → version of a lock or of constraints."""
    return {canonicalize_name(name): version for name, version in _PIN.findall(text)}


def check_form(name: str, text: str) -> None:
    """A `Failed` if a lock names an address, a package without hashes, or anything else."""
    if "://" in text or "--index" in text or "--find-links" in text:
        raise Failed(f"{name} names an address")
    bare = [each for each, hashes in _HASHES.findall(text) if "--hash=sha256:" not in hashes]
    if bare or len(_HASHES.findall(text)) != len(pins(text)):
        raise Failed(f"{name} has no hashes of {bare}: run make lock")
    other = [each for each in _PACKAGE.sub("", text).splitlines() if each and each[0] != "#"]
    if other:
        raise Failed(f"{name} has more than versions with their hashes: {other[0]!r}")


def check() -> str:
    """The locks agree with pyproject.toml and constraints.txt, have hashes, and name no address."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = pins((ROOT / "constraints.txt").read_text(encoding="utf-8"))
    for path, more in ((LOCK, []), (LOCK_DEV, project["optional-dependencies"]["dev"])):
        text = path.read_text(encoding="utf-8")
        check_form(path.name, text)
        found = pins(text)
        for each in [*project["dependencies"], *more]:
            asked = Requirement(each)
            version = found.get(canonicalize_name(asked.name))
            if version is None or version not in asked.specifier:
                raise Failed(f"{path.name} has {asked.name} {version}, not {each}: run make lock")
        other = {name for name, version in found.items() if wanted.get(name, version) != version}
        if other:
            raise Failed(f"{path.name} and constraints.txt differ in {other}: run make lock")
    lowest = pins(LOWEST.read_text(encoding="utf-8"))
    extras = [each for name in BOUND_EXTRAS for each in project["optional-dependencies"][name]]
    for each in [*project["dependencies"], *extras]:
        asked = Requirement(each)
        (bound,) = (one.version for one in asked.specifier)
        if Version(lowest[canonicalize_name(asked.name)]) != Version(bound):
            raise Failed(f"{LOWEST.name} has not the bound {each}: run make lock")
    return f"{len(pins(LOCK.read_text()))} packages, {len(found)} with those of the tests"


def fill_wheelhouse() -> str:
    """The wheels of the lock, for this machine; the one step of the gate that needs an index."""
    digest = hashlib.sha256(LOCK_DEV.read_bytes() + sys.version.encode()).hexdigest()
    mark = WHEELHOUSE / ".filled"
    if not (mark.exists() and mark.read_text() == digest):
        mark.unlink(missing_ok=True)
        run([
            sys.executable, "-m", "pip", "download", "--quiet", "--require-hashes", "--no-deps",
            "--only-binary", ":all:", "-r", LOCK_DEV, "-d", WHEELHOUSE,
        ])  # fmt: skip
        mark.write_text(digest)
    wheels = [*WHEELHOUSE.glob("*.whl")]
    size = sum(path.stat().st_size for path in wheels)
    return f"{len(wheels)} wheels, {size / 1e6:.0f} MB"
