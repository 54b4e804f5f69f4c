"""What an installation is made of: a bill of materials of the lock, and the licences in it."""

import json
import re
import tomllib
from pathlib import Path

from release import lock
from release.running import (
    INSTALLED,
    LOCK,
    ROOT,
    WORK,
    Failed,
    plain_environment,
    python_of,
    run,
    tool,
)

SBOM = WORK / "sbom.cdx.json"


def bill_of_materials() -> str:
    """CycloneDX of the lock, validated against its schema; the same lock gives the same bytes."""
    env = {**plain_environment(), "PYTHONWARNINGS": "ignore"}
    command: list[str | Path] = [
        tool("cyclonedx-py"), "requirements", LOCK, "--pyproject", ROOT / "pyproject.toml",
        "--mc-type", "library", "--output-reproducible", "--validate", "-o", SBOM,
    ]  # fmt: skip
    run(command, env=env)
    first = SBOM.read_bytes()
    run(command, env=env)
    if SBOM.read_bytes() != first:
        raise Failed("two bills of materials of one lock differ")
    parts = json.loads(first)["components"]
    named = {(part["name"].lower().replace("_", "-"), part["version"]) for part in parts}
    wanted = set(lock.pins(LOCK.read_text(encoding="utf-8")).items())
    if named != wanted:
        raise Failed(f"the bill and the lock differ in {sorted(named ^ wanted)}")
    return f"{len(parts)} components, {len(first):,} bytes"


def licences() -> str:
    """The licence of each installed package, checked against `licences.toml`."""
    rules = tomllib.loads((ROOT / "release" / "licences.toml").read_text(encoding="utf-8"))
    said = run(
        [tool("pip-licenses"), "--python", python_of(INSTALLED), "--from", "mixed", "--format",
         "json", "--ignore-packages", "pip", "setuptools"]
    )  # fmt: skip
    found = {each["Name"]: each["License"] for each in json.loads(said)}
    lines = "".join(f"{name}: {text}\n" for name, text in sorted(found.items()))
    (WORK / "licences.txt").write_text(lines, encoding="utf-8")
    allowed = set(rules["allowed"])
    other = {
        name: text
        for name, text in found.items()
        if name not in rules["read"] and not is_allowed(text, allowed)
    }
    if other:
        raise Failed(f"licences that licences.toml does not allow: {other}")
    idle = sorted(set(rules["read"]) - set(found))
    if idle:
        raise Failed(f"licences.toml speaks of packages that are not installed: {idle}")
    return f"{len(found)} packages, {len(set(found.values()))} licences, all allowed"


def is_allowed(text: str, allowed: set[str]) -> bool:
    """Whether a licence, or each of those that hold together, is in the list."""
    parts = [part.strip(" ()") if part.strip() not in allowed else part.strip()
             for part in re.split(r"; | AND ", text)]  # fmt: skip
    return all(
        part in allowed or any(each.strip(" ()") in allowed for each in part.split(" OR "))
        for part in parts
    )
