"""What ``fit`` refuses is severe in ``check``, in the same words; and all of it in one error."""

import json
import re
import shlex

import pandas as pd
import pytest

N = 60
WHICH = ["yes" if row % 2 else "no" for row in range(N)]
COUNT = [row % 7 for row in range(N)]
QUICK = ("--no-trees", "--hidden", "2", "--epochs", "2", "--early-stopping", "off")
TABLES = {
    "one row": {"x": [1], "y": ["no"]},
    "two rows": {"x": [1, 2], "y": ["no", "yes"]},
    "a class of one row": {"x": COUNT, "y": ["yes", *["no"] * (N - 1)]},
    "a class of equal rows": {"x": [1, 1, 1, 2], "y": ["no", "yes", "no", "yes"]},
    "no feature": {"y": WHICH},
    "one class": {"x": COUNT, "y": ["no"] * N},
    "one number": {"x": COUNT, "y": [5.5] * N},
    "constant features": {"x": [5] * N, "z": ["a"] * N, "y": WHICH},
    "an empty feature": {"x": [None] * N, "y": WHICH},
    "an identifier": {"x": [f"n{row}" for row in range(N)], "y": WHICH},
    "constant features of numbers": {"x": [5] * N, "y": [row * 1.5 for row in range(N)]},
    "a class for each row": {"x": COUNT, "y": [f"c{row}" for row in range(N)]},
    "no target": {"x": COUNT, "y": [None] * N},
    "a row without a target": {"x": COUNT, "y": [None, *WHICH[1:]]},
    "a row without a group": {"x": COUNT, "g": [None, *range(1, N)], "y": WHICH},
    "one group": {"x": COUNT, "g": ["a"] * N, "y": WHICH},
    "a class in one group": {"x": COUNT, "g": ["a", *"bc"] * 20, "y": ["yes", "no", "no"] * 20},
    "an unreadable target": {"x": COUNT, "y": [*(row * 1.5 for row in range(N - 1)), "q"]},
    "an unreadable feature": {"x": [*range(N - 1), "q"], "y": WHICH},
    # and those that are sound
    "four rows": {"x": [1, 2, 3, 4], "y": ["no", "yes", "no", "yes"]},
    "four numbers": {"x": [1, 2, 3, 4], "y": [1.5, 2.5, 3.5, 4.25]},
    "equal rows in two classes": {"x": [1, 1, 2, 2] * 9, "y": ["no", "yes"] * 18},
    "equal rows of many groups": {"x": [5] * N, "g": range(N), "y": WHICH},
}
SOUND = 4


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("name", TABLES)
def test_check_is_severe_where_fit_refuses_and_in_its_words(cli, name):
    pd.DataFrame(TABLES[name]).to_csv("t.csv", index=False)
    asked = ("t.csv", "--target", "y", *(["--group", "g"] if "g" in TABLES[name] else []))
    code, out, _ = cli("fit", *asked, *QUICK, "--json", "-q")
    error = json.loads(out)["error"]
    found = json.loads(cli("check", *asked, "--json", "-q")[1])["result"]["findings"]
    severe = [each for each in found if each["severity"] == "severe"]
    if name in [*TABLES][-SOUND:]:
        assert (code, severe) == (0, [])
        return
    assert code == 1
    assert {key: error[key] for key in ("what", "why", "fix")} in [
        {key: each[key] for key in ("what", "why", "fix")} for each in severe
    ]


def test_constant_features_are_to_blame_and_not_a_class(cli):
    pd.DataFrame(TABLES["constant features"]).to_csv("t.csv", index=False)
    code, _, err = cli("fit", "t.csv", "--target", "y")
    assert code == 1
    assert "All 60 rows are equal in every feature" in err
    assert 'class "' not in err
    pd.DataFrame(TABLES["a class of equal rows"]).to_csv("t.csv", index=False)
    assert "--group NAME" in cli("fit", "t.csv", "--target", "y")[2]


def flags_of(way):
    return shlex.split(re.search(r"say (?:for .*?: )?(--.*?) on the command line", way)[1])


@pytest.mark.quick_each(2)
@pytest.mark.parametrize(
    ("feature", "target"),
    [
        ([*range(N - 1), "x"], [*(row * 1.5 for row in range(N - 1)), "q"]),
        ([f"1,2{row % 10}0" for row in range(N)], [f"3,4{row % 10}1" for row in range(N)]),
        ([*range(N - 1), "x"], [*(row % 3 for row in range(40)), *[True] * 20]),
        ([f"0{row % 9 + 1}/0{row % 7 + 1}/2024" for row in range(N)],
         [*(row * 1.5 for row in range(N - 1)), "q"]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("verb", ["fit", "evaluate"])
def test_a_feature_and_the_target_that_cannot_be_read_are_one_error(cli, feature, target, verb):
    frame = pd.DataFrame({"x": feature, "z": COUNT, "y": target})
    frame.to_csv("t.csv", index=False)
    more = ("--repeats", "1", "--folds", "2") if verb == "evaluate" else ()
    asked = (verb, "t.csv", "--target", "y", *QUICK, *more)
    code, _, err = cli(*asked)
    assert code == 1
    said = " ".join(err.split())
    assert 'column "x"' in said
    assert 'in the target (column "y"' in said
    for way in said.split("Fix: ")[1].replace("; or for", "; or say for").split("; or "):
        code, _, err = cli(*asked, *flags_of(way))
        assert code == 0, (way, err)
