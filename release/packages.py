"""The wheel and the sdist: built twice from what is committed, compared, and looked into."""

import hashlib
import io
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

from release.running import DIST, ROOT, WORK, Failed, run, tool

# A wheel larger than this has something in it that nobody meant to ship.
LARGEST_WHEEL = 5_000_000


def build() -> str:
    """Both packages from two copies of the commit, as unlike as two machines may be."""
    hurt = run(["git", "status", "--porcelain"]).strip()
    if hurt:
        raise Failed(f"the packages are built from the commit, but these files differ:\n{hurt}")
    seen = []
    for number, (umask, zone, seed) in enumerate((("022", "UTC", "1"), ("077", "Asia/Tokyo", "2"))):
        place = WORK / ("copy" * (number + 1))
        tree = unpacked_commit(place)
        into = DIST if number == 0 else WORK / "dist-again"
        words = f'umask {umask}; exec "$0" -m build --no-isolation --outdir "$1" "$2"'
        env = {**os.environ, "TZ": zone, "PYTHONHASHSEED": seed}
        emptied(into)
        run(["sh", "-c", words, sys.executable, into, tree], env=env)
        seen.append({path.name: sha256(path) for path in into.iterdir()})
    if seen[0] != seen[1]:
        raise Failed(f"two builds of one commit differ: {seen[0]} and {seen[1]}")
    wheel, sdist = packages()
    again = WORK / "wheel-of-sdist"
    emptied(again)
    with tarfile.open(sdist) as tar:
        tar.extractall(again, filter="data")
    (tree,) = again.iterdir()
    run([sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", again, tree])
    if sha256(again / wheel.name) != sha256(wheel):
        raise Failed("the wheel of the sdist is another than the wheel of the tree")
    compare_with_commit(wheel, sdist)
    size = wheel.stat().st_size
    if size > LARGEST_WHEEL:
        raise Failed(f"the wheel has {size} bytes, more than {LARGEST_WHEEL}")
    (WORK / "SHA256SUMS").write_text(
        "".join(f"{digest}  {name}\n" for name, digest in sorted(seen[0].items())), encoding="utf-8"
    )
    return (
        f"wheel {size:,} bytes, sdist {sdist.stat().st_size:,}; two builds and sdist → wheel equal"
    )


def check() -> str:
    """What twine and check-wheel-contents say of them."""
    wheel, sdist = packages()
    run([tool("twine"), "check", "--strict", wheel, sdist])
    run([tool("check-wheel-contents"), wheel])
    return "twine and check-wheel-contents have nothing to say"


def unpacked_commit(place: Path) -> Path:
    """What is committed, in an empty folder."""
    emptied(place)
    packed = subprocess.run(
        ["git", "archive", "HEAD"], cwd=ROOT, stdout=subprocess.PIPE, check=True
    ).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
        tar.extractall(place, filter="data")
    return place


def compare_with_commit(wheel: Path, sdist: Path) -> None:
    """All of the package is in both, and nothing that is not committed."""
    tree = WORK / "copy"
    committed = {
        path.relative_to(tree).as_posix(): path.read_bytes()
        for path in tree.rglob("*")
        if path.is_file()
    }
    with tarfile.open(sdist) as tar:
        (top,) = {member.name.split("/")[0] for member in tar}
        shipped = {
            member.name.removeprefix(f"{top}/"): file.read()
            for member in tar
            if (file := tar.extractfile(member)) is not None
        }
    shipped.pop("PKG-INFO")
    alien = [name for name, data in shipped.items() if committed.get(name) != data]
    folders = ("src/", "tests/", "docs/", "release/")
    lacking = [name for name in committed if name.startswith(folders) and name not in shipped]
    if alien or lacking:
        raise Failed(f"the sdist is not the commit: {alien} differ, {lacking} are not there")
    with zipfile.ZipFile(wheel) as archive:
        inside = {name: archive.read(name) for name in archive.namelist()}
    package = {name: data for name, data in inside.items() if ".dist-info/" not in name}
    source = {
        name.removeprefix("src/"): data
        for name, data in committed.items()
        if name.startswith("src/thalweg/")
    }
    if package != source:
        raise Failed(f"the wheel is not src/thalweg: {sorted(package.keys() ^ source.keys())}")


def packages() -> tuple[Path, Path]:
    """The wheel and the sdist that were built."""
    wheels, sdists = [*DIST.glob("*.whl")], [*DIST.glob("*.tar.gz")]
    if len(wheels) != 1 or len(sdists) != 1:
        raise Failed(f"{DIST} should hold one wheel and one sdist: run the step build")
    return wheels[0], sdists[0]


def sha256(path: Path) -> str:
    """The hash of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def emptied(place: Path) -> None:
    """The folder, there and empty."""
    import shutil

    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
