"""What a release says about itself: metadata, citation, versions and workflows."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import yaml
from packaging.requirements import Requirement

from release.running import ROOT, Failed, run, tool

_SCHEMA = ROOT / "release" / "citation-1.2.0.schema.json"


def metadata() -> str:
    """pyproject.toml and CITATION.cff are valid, and all name one version."""
    run([tool("validate-pyproject"), "pyproject.toml"])
    check_citation((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    versions = named_versions(ROOT)
    if len(set(versions.values())) != 1:
        raise Failed(f"the version is not one: {versions}")
    return f"CITATION.cff and pyproject.toml valid; version {versions['CITATION.cff']} everywhere"


def check_citation(text: str) -> None:
    """A `Failed` with what is wrong if a CITATION.cff does not fit the schema of its format."""
    cited = yaml.load(text, yaml.BaseLoader)  # the schema knows dates as text
    schema = json.loads(_SCHEMA.read_text(encoding="utf-8"))
    wrong = [each.message for each in jsonschema.Draft7Validator(schema).iter_errors(cited)]
    if wrong:
        raise Failed(f"CITATION.cff is not valid: {wrong}")


def named_versions(root: Path) -> dict[str, str]:
    """The version that each file names."""
    places = {
        "src/thalweg/__init__.py": r'^__version__ = "([^"]+)"',
        "CITATION.cff": r"^version: (\S+)",
        "CHANGELOG.md": r"^## \[([^\]]+)\]",
        "release/recipe.yaml": r'^  version: "([^"]+)"',
    }
    found = {}
    for name, pattern in places.items():
        match = re.search(pattern, (root / name).read_text(encoding="utf-8"), re.MULTILINE)
        found[name] = match.group(1) if match else "none"
    return found


def workflows() -> str:
    """zizmor, with no network, finds nothing; and only one job of all may identify itself."""
    folder = ROOT / ".github" / "workflows"
    run([tool("zizmor"), "--offline", "--no-progress", "--persona", "pedantic", folder])
    jobs = jobs_of(folder)
    check_identity(jobs)
    return f"zizmor has nothing to say of {len(jobs)} jobs; one of them has id-token"


def jobs_of(folder: Path) -> dict[str, dict[str, Any]]:
    """Every job, by "file job"; a `Failed` if a workflow, or a job as a whole, has permissions."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(each for each in folder.iterdir() if each.suffix in (".yml", ".yaml")):
        workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
        if workflow.get("permissions") != {}:
            raise Failed(f"{path.name}: the workflow itself should have no permissions")
        found |= {f"{path.name} {name}": job for name, job in workflow["jobs"].items()}
    vague = [name for name, job in found.items() if not isinstance(job.get("permissions"), dict)]
    if vague:  # such as write-all, which is each of them
        raise Failed(f"{', '.join(vague)}: a job should name each of its permissions")
    return found


def check_identity(jobs: dict[str, dict[str, Any]]) -> None:
    """Only the job that publishes may ask for a token; it is protected, and runs no program."""
    named = [name for name, job in jobs.items() if "id-token" in job["permissions"]]
    if named != ["publish.yml publish"]:
        raise Failed(f"id-token should be of publish.yml publish alone, not of {named}")
    job = jobs[named[0]]
    if any("run" in step for step in job["steps"]) or job.get("environment") != "release":
        raise Failed("the job that publishes does more than that, or is not protected")


def recipe() -> str:
    """The draft for conda-forge has the dependencies of pyproject.toml."""
    text = (ROOT / "release" / "recipe.yaml").read_text(encoding="utf-8")
    run_needs = yaml.safe_load(text)["requirements"]["run"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {"matplotlib": "matplotlib-base"}
    wanted = {f"python {project['requires-python']}"}
    for each in project["dependencies"]:
        needed = Requirement(each)  # a marker says only that a browser has no such package
        wanted.add(f"{names.get(needed.name, needed.name)} {needed.specifier}")
    if set(run_needs) != wanted:
        raise Failed(f"recipe.yaml and pyproject.toml differ in {set(run_needs) ^ wanted}")
    return f"{len(wanted)} dependencies, as pyproject.toml has them"
