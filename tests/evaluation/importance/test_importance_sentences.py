"""The importance of columns in words: what is named, what is said of rows, and plain data."""

import json

import numpy as np

from thalweg.evaluation.importance.importance_found import Importance, Rise
from thalweg.evaluation.importance.importance_sentences import (
    idle_sentence,
    importance_section,
    notes,
    shown_above_0,
    title,
)
from thalweg.evaluation.judging.intervals import Estimate


def found(values, halves, groups=(), **changed):
    """Columns a, b, c … with these rises and half intervals."""
    names = tuple("abcdefghijklmnopqrstuvwxyz"[: len(values) - len(groups)])
    members = [*((j,) for j in range(len(names))), *groups]
    rises = tuple(
        Rise(each, Estimate(value, value - half, value + half), (value - 0.1, value + 0.1))
        for each, value, half in zip(members, values, halves, strict=True)
    )
    said = {
        "columns": names, "measure": "log-loss", "unit": "nats", "how": "test", "rows": "New rows.",
        "n_rows": 200, "n_permutations": 10, "n_networks": 5, "loss": 0.2, "constant": "always",
        "constant_loss": 0.7, "rises": rises,
    }  # fmt: skip
    return Importance(**{**said, **changed})


def test_groups_come_first_and_their_members_stand_below():
    case = found([0.1, 0.3, 0.5, 0.05, 0.6], [0.01] * 5, groups=[(0, 3)])
    assert [(case.name(rise), group and case.name(group)) for rise, group in case.ordered()] == [
        ("a, d", None), ("a", "a, d"), ("d", "a, d"), ("c", None), ("b", None)
    ]  # fmt: skip
    frame = case.frame()
    assert frame["group"].tolist() == ["", "a, d", "a, d", "", ""]
    assert frame["kind"].tolist() == ["group", "alone", "alone", "alone", "alone"]
    assert frame["members"][0] == ("a", "d")
    np.testing.assert_allclose(frame["share"], frame["value"] / 0.5)
    assert [rise.members for rise in case.alone()] == [(0,), (1,), (2,), (3,)]


def test_a_title_names_what_is_above_0_beyond_chance():
    case = found([0.1, 0.3, 0.5, 0.05, 0.6], [0.01] * 5, groups=[(0, 3)])
    assert title(case) == "What the network leans on: a, d together; c; b"
    assert title(case, "logistic regression").startswith("What logistic regression leans on")
    many = found([0.5, 0.4, 0.3, 0.2, 0.1], [0.01] * 5)
    assert title(many).endswith("a; b; c; and 2 more groups or columns")


def test_one_of_many_columns_of_noise_is_not_named():
    # z = 2.4: alone below 5 %, but not as one of 20.
    case = found([0.5, 0.12, *[0.01] * 18], [0.01, 0.1, *[0.1] * 18])
    assert [rise.members for rise in shown_above_0(case)] == [(0,)]
    assert "a" not in idle_sentence(case).split(": ")[1].split(", ")
    assert "and 13 more" in idle_sentence(case)
    (said,) = (note for note in notes(case) if "Holm" in note)
    assert "by Holm's correction for 20 columns and groups together, at 5 %" in said
    lost = "Not shown after the correction for 20 columns and groups, though an interval of its own"
    assert f'{lost} excludes 0: "b".' in said
    few = found([0.5, 0.12], [0.01, 0.1])
    (said,) = (note for note in notes(few) if "Holm" in note)
    assert "Not shown" not in said
    assert [rise.members for rise in shown_above_0(few)] == [(0,), (1,)]


def test_no_column_may_be_shown_to_matter():
    # Two copies of one column without a group: permuted alone, none is needed.
    case = found([0.01, -0.02, 0.0], [0.05, 0.05, 0.0])
    assert "No column of the network is shown to matter" in title(case)
    section = importance_section(case)
    assert not any(line["shown"] for line in section["lines"])


def test_a_section_is_plain_data():
    section = importance_section(found([0.1, 0.3], [0.01, 0.02]))
    assert json.loads(json.dumps(section)) == section
    assert "always" in section["scale"]
    assert "0.7 nats" in section["scale"]
    assert "5 networks" in section["spread"]
    assert section["notes"][0].startswith("200 rows, 10 permutations. New rows.")
    assert not importance_section(found([0.1], [0.01], n_networks=0))["spread"]


def test_what_a_file_keeps_gives_the_same_back():
    case = found([0.1, 0.3, 0.2], [0.01, 0.02, 0.3], groups=[(0, 1)])
    assert Importance.from_dict(case.as_dict()).as_dict() == case.as_dict()
