"""The bounds of pyproject.toml let thalweg into a browser: beside what Pyodide has, by its lock."""

import json
import tomllib
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from places import ROOT

LOCK = json.loads((Path(__file__).parent / "pyodide_lock.json").read_text(encoding="utf-8"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
# What markers are evaluated with inside Pyodide; its implementation is CPython.
INSIDE = {
    "sys_platform": "emscripten",
    "platform_system": "Emscripten",
    "platform_python_implementation": "CPython",
    "python_version": "3.14",
}


def lacking(requirements, versions):
    """The requirements that Pyodide does not fulfil, and that no pure wheel does."""
    return [
        str(each)
        for each in map(Requirement, requirements)
        if (each.marker is None or each.marker.evaluate(INSIDE))
        and each.name not in LOCK["pure_python"]
        and not each.specifier.contains(versions.get(each.name, "0"))
    ]


def test_all_that_the_core_requires_is_in_a_browser_or_needs_no_compiler():
    assert lacking(PROJECT["dependencies"], LOCK["versions"]) == []
    assert lacking(PROJECT["optional-dependencies"]["parquet"], LOCK["versions"]) == []
    assert SpecifierSet(PROJECT["requires-python"]).contains(LOCK["python"])


def test_what_it_fetches_from_elsewhere_is_pure_python():
    for name in LOCK["pure_python"]:
        assert "Tag: py3-none-any" in (distribution(name).read_text("WHEEL") or "")


@pytest.mark.parametrize(
    "without", ["numba>=0.61", "numba>=0.61; platform_python_implementation != 'Pyodide'"]
)
def test_without_its_marker_numba_would_lock_a_browser_out(without):
    assert lacking([without], LOCK["versions"]) == [str(Requirement(without))]


def test_a_bound_above_the_lock_is_seen():
    major = int(LOCK["versions"]["numpy"].split(".")[0]) + 1
    assert lacking([f"numpy>={major}"], LOCK["versions"]) == [f"numpy>={major}"]


def served():
    """The versions of the wheels that the classroom serves itself."""
    text = (ROOT / "docs" / "classroom" / "wheels.txt").read_text(encoding="utf-8")
    pins = (line.split()[0] for line in text.splitlines() if not line.startswith("#"))
    return dict(pin.split("==") for pin in pins)


def test_the_classroom_serves_what_pyodide_lacks_and_what_that_needs():
    wheels = served()
    assert set(LOCK["pure_python"]) < set(wheels)
    for name in wheels:
        if name != "comm":  # for the kernel, not for thalweg
            assert distribution(name).version == wheels[name]
        needed = distribution(name).requires or []
        assert lacking(needed, {**LOCK["versions"], **wheels}) == [], name


def test_a_need_of_typer_that_nobody_serves_is_seen():
    needed = distribution("typer").requires
    without = {name: each for name, each in served().items() if name != "shellingham"}
    assert len(lacking(needed, {**LOCK["versions"], **without})) == 1
