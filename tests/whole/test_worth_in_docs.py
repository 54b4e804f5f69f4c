"""What docs/tuning.md says of tuning on twenty tables is in the file of the benchmark."""

import json
import re

import numpy as np

from places import ROOT

WAYS = ("eight", "tuned", "returned")


def geometric_mean(ratios):
    return float(np.exp(np.mean(np.log(ratios))))


def measured():
    path = ROOT / "bench/measured/tuning_worth.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def paragraph():
    text = (ROOT / "docs/tuning.md").read_text(encoding="utf-8")
    found = re.search(r"\*On twenty public tables\*.*?(?=\n\n)", text, re.DOTALL)
    return " ".join(found.group().split())


def test_the_page_of_tuning_says_what_was_measured():
    lines, said = measured(), paragraph()
    assert len({(each["table"], each["split"]) for each in lines}) == len(lines) == 60
    assert {each["asked"] for each in lines} == {600.0}
    tables = sorted({each["table"] for each in lines})
    assert len(tables) == 20
    of = {
        (way, name): geometric_mean(
            [each[way] / each["default"] for each in lines if each["table"] == name]
        )
        for way in WAYS
        for name in tables
    }
    eight, tuned, returned = (geometric_mean([of[way, name] for name in tables]) for way in WAYS)
    assert f"the tuned ensemble had {tuned:.3f} of the default's loss" in said
    assert f"(`n_ensemble=8`) {eight:.3f}." in said
    worst = max(each["returned"] / each["default"] for each in lines)
    assert f"What `tune` returned had {returned:.3f}, and at most {worst:.3f} on a split" in said
    kept, better, worse = (
        sum(compare(each["returned"], each["default"]) for each in lines)
        for compare in (float.__eq__, float.__lt__, float.__gt__)
    )
    assert f"kept the default in {kept}, was better in {better} and worse in {worse}." in said
    named = re.findall(r"`([a-z_]+)` \((\d\.\d{3})\)", said)
    assert len(named) == 6
    for name, ratio in named:
        assert f"{of['returned', name]:.3f}" == ratio
    ranked = sorted(tables, key=lambda name: of["returned", name])
    assert {ranked[0], ranked[1]} == {name for name, _ in named[:2]}
    assert set(ranked[-4:]) == {name for name, _ in named[2:]}
    best = geometric_mean([each["out of fold"] for each in lines])
    assert f"had {best:.3f} of the default's loss on the rows that chose it" in said
