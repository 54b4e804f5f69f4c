"""What a release says about itself is true: one version, valid papers, locks and workflows."""

import re
import sys
import tomllib
from pathlib import Path

import pytest

import thalweg
from places import ROOT, TESTS

sys.path.insert(0, str(ROOT))
from release import installed, lock, papers, parts
from release.running import LOCK, LOCK_DEV, Failed

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def numbers(text):
    return tuple(int(each) for each in text.split("."))


def test_the_version_is_one():
    assert set(papers.named_versions(ROOT).values()) == {thalweg.__version__}
    assert len(papers.named_versions(ROOT)) == 4


def test_the_citation_fits_its_schema_and_a_fault_in_it_is_seen():
    text = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    papers.check_citation(text)
    for old, new in (("type: software", "type: program"), ("license: Apache-2.0", "license: Mine"),
                     ("message:", "massage:")):  # fmt: skip
        assert old in text
        with pytest.raises(Failed, match=r"CITATION.cff is not valid"):
            papers.check_citation(text.replace(old, new))


def test_the_locks_agree_with_the_project_and_faults_in_them_are_seen():
    assert "packages" in lock.check()
    for path in (LOCK, LOCK_DEV):
        text = path.read_text(encoding="utf-8")
        with pytest.raises(Failed, match="an address"):
            lock.check_form("lock", f"--index-url https://example.org/simple\n{text}")
        name = text.partition("==")[0]
        with pytest.raises(Failed, match=f"no hashes of .'{name}'"):
            lock.check_form("lock", re.sub(r"^ +--hash.*\n", "", text, count=0, flags=re.M)[:99])
        for line in (
            "-i example.org/simple", "-f wheels", "-r more.txt", "-e .", "./more.whl", "--pre",
            "more", "more>=1", "more[x]==1", "more @ ./more.whl", "more == 1", "\tmore==1",
            "more==1 \\\n    --hash=sha256:", "more==1 ; '--hash=sha256:' != ''",
        ):  # fmt: skip
            for changed in (f"{line}\n{text}", f"{text}{line}\n"):
                with pytest.raises(Failed, match="more than versions with their hashes"):
                    lock.check_form("lock", changed)
        lock.check_form("lock", f"# A comment.\n\n{text}")
    assert lock.pins("numpy==2.4.6 \\\n    --hash=sha256:0\ncolorama==0.4 ; x == 'y' \\\n") == {
        "numpy": "2.4.6", "colorama": "0.4",
    }  # fmt: skip


def test_the_lower_bounds_are_those_that_are_tested():
    lowest = lock.pins(lock.LOWEST.read_text(encoding="utf-8"))
    for needed in PROJECT["dependencies"]:
        each, _, _ = needed.partition(";")
        name, bound = each.split(">=")
        assert numbers(lowest[name])[: len(numbers(bound))] == numbers(bound), each
        assert not re.search(r"[<~!]", each), f"an upper bound needs a reason: {each}"


def test_the_recipe_has_the_dependencies_of_the_project():
    assert papers.recipe().startswith(f"{len(PROJECT['dependencies']) + 1} dependencies")


def test_one_job_may_identify_itself_and_does_nothing_else():
    jobs = papers.jobs_of(ROOT / ".github" / "workflows")
    papers.check_identity(jobs)
    publish = jobs["publish.yml publish"]
    assert publish["needs"] == ["tests", "build"]
    for name, job in jobs.items():
        for step in job.get("steps", []):
            used = step.get("uses")
            assert used is None or re.search(r"@[0-9a-f]{40}$", used), f"{name}: {used}"
            assert "cache" not in str(step.get("with", {})), name
            assert "${{" not in step.get("run", ""), f"{name} runs what an event says"
    for fault in (
        {"steps": [*publish["steps"], {"run": "make"}]}, {"environment": None},
        {"permissions": {}},
    ):  # fmt: skip
        with pytest.raises(Failed):
            papers.check_identity({**jobs, "publish.yml publish": {**publish, **fault}})
    other = {**jobs["build.yml build"], "permissions": {"id-token": "write"}}
    with pytest.raises(Failed, match="alone"):
        papers.check_identity({**jobs, "build.yml build": other})


@pytest.mark.parametrize(
    ("name", "permissions", "said"),
    [
        ("more.yaml", "{id-token: write}", "alone"), ("more.yml", "{id-token: write}", "alone"),
        ("more.yml", "write-all", "more.yml more: a job should name each"),
        ("more.yml", "", "more.yml more: a job should name each"),
    ],
)  # fmt: skip
def test_a_further_workflow_may_not_identify_itself(tmp_path, name, permissions, said):
    for path in (ROOT / ".github" / "workflows").iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    job = f"runs-on: x\n    permissions: {permissions}\n    steps: []"
    (tmp_path / name).write_text(f"permissions: {{}}\njobs:\n  more:\n    {job}\n")
    with pytest.raises(Failed, match=said):
        papers.check_identity(papers.jobs_of(tmp_path))


@pytest.mark.parametrize(
    ("licence", "good"),
    [
        ("MIT", True), ("BSD License; MIT License", True), ("MIT AND BSD-3-Clause", True),
        ("GPL-3.0-only OR MIT", True), ("GPL-3.0-only", False), ("MIT; GPL-3.0-only", False),
        ("UNKNOWN", False), ("(MIT OR Apache-2.0) AND 0BSD", True), ("", False),
    ],
)  # fmt: skip
def test_licences_are_allowed_one_by_one(licence, good):
    rules = tomllib.loads((ROOT / "release" / "licences.toml").read_text(encoding="utf-8"))
    assert parts.is_allowed(licence, set(rules["allowed"])) is good


def test_the_gate_names_tests_and_files_that_are_there():
    for name in (*installed.QUICK, *installed.OF_THE_TREE, *installed.OF_A_NETWORK):
        assert (TESTS / name.partition("::")[0]).exists(), name
    for name in installed.BESIDE:
        assert (ROOT / name).exists(), name


def test_what_is_written_of_support_is_what_the_project_asks_for():
    text = (ROOT / "docs" / "versions.md").read_text(encoding="utf-8")
    for name, bound in (
        ("Python", PROJECT["requires-python"].removeprefix(">=")),
        ("NumPy", next(each for each in PROJECT["dependencies"] if "numpy" in each)[7:]),
    ):
        assert f"| {name} | {bound} |" in text


def due(text, version):
    """Removals that a text announces for this version or an earlier one."""
    told = re.findall(r"will be removed in (?:thalweg )?([0-9]+\.[0-9]+)", text)
    return [each for each in told if numbers(each) <= numbers(version)[:2]]


def test_no_removal_is_due():
    source = Path(thalweg.__file__).parent
    found = {path.name: due(path.read_text(encoding="utf-8"), thalweg.__version__)
             for path in source.rglob("*.py")}  # fmt: skip
    assert {name: each for name, each in found.items() if each} == {}
    said = "x is deprecated and will be removed in thalweg 0.3; write y"
    assert [due(said, each) for each in ("0.2.9", "0.3.0", "0.10.0", "1.0.0")] == [
        [], ["0.3"], ["0.3"], ["0.3"],
    ]  # fmt: skip


def test_a_checkout_turns_no_line_ends():
    assert "* -text" in (ROOT / ".gitattributes").read_text(encoding="utf-8").splitlines()
