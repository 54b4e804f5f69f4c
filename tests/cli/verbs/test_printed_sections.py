"""What `fit`, `evaluate` and `show` print of the sections: the findings that JSON has, in lines."""

import json

import numpy as np
import pandas as pd
import pytest

from thalweg import ThalwegClassifier

QUICK = ("--no-trees", "--epochs", "3", "--hidden", "4", "--target", "y", "-q")


@pytest.fixture(autouse=True)
def tables(cli):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.normal(size=300).round(6), "b": rng.normal(size=300).round(6)})
    frame["town"] = rng.choice(["Bern", "Chur"], 300)
    u = frame["a"] + rng.normal(size=300)
    frame.assign(y=np.where(u > 0.3, "ill", "well")).to_csv("two.csv", index=False)
    frame["y"] = np.array(["low", "middle", "top"])[np.digitize(u, [-0.6, 0.6])]
    frame.to_csv("three.csv", index=False)
    frame.assign(y=u.round(6)).to_csv("number.csv", index=False)


def lines_of(out):
    """The heads of the lines, and all of their words."""
    shown = out[out.index("For decisions") : out.index("Not a medical device")]
    assert max(map(len, shown.splitlines())) <= 80
    heads = [line[:11].strip() for line in shown.splitlines() if line[11:13] == "  "]
    heads = [head for head in heads if head]
    return heads, " ".join(shown.split()), len(shown.strip().splitlines())


OF_CLASSES = ["Calibration", "Threshold", "Net benefit", "No answer", "Sets"]


@pytest.mark.quick_each(3, 1)
@pytest.mark.parametrize(
    ("name", "heads"),
    [
        ("two.csv", OF_CLASSES),
        ("three.csv", ["Calibration", "No answer", "Sets"]),
        ("number.csv", ["Calibration", "Intervals"]),
    ],
)
def test_every_task_has_its_lines_and_the_numbers_are_those_of_the_json(cli, name, heads):
    call = ("fit", name, *QUICK, "-o", "m", "--force")
    code, out, err = cli(*call)
    assert code == 0, err
    found, words, n_lines = lines_of(out)
    sections = json.loads(cli(*call, "--json")[1])["result"]["judgement"]["sections"]
    assert found == [*heads, "Leans on", *(["Effects"] if sections["effects"] else [])]
    assert n_lines <= 18
    test = sections["calibration"]["found"]
    test = test.get("temperature") or test.get("weak") or test
    slope = f"{test['slope']['value']:.3g}"
    assert f"slope {slope}" in words
    assert words.split("Calibration ")[1].split(":")[0] in sections["calibration"]["sentence"]
    if "Threshold" in heads:
        assert "Threshold 0.5: a missed well row costs as much as 1 false alarm. Net" in words
        # What the lines leave out stands in the tables above them, and in JSON and page.
        point = sections["threshold"]["point"]
        of = point["true_positive"] + point["false_negative"]
        assert f"{point['true_positive']} found" in out
        assert (
            f"{point['true_positive']} of {of} well rows are found"
            in (sections["threshold"]["sentence"])
        )
    if "Sets" in heads:
        value = min(each["value"] for each in sections["coverage"]["found"]["coverage"])
        assert f"{100 * value:.3g} % [" in words
    assert lines_of(cli("show", "m")[1])[1] == words


def test_costs_and_groups_are_printed(cli):
    asked = ("--by", "town", "--missed", "9", "--alarm", "1", "--from", "0.05", "--to", "0.3")
    code, out, err = cli("fit", "two.csv", *QUICK, *asked)
    assert code == 0, err
    heads, words, _ = lines_of(out)
    # Who weighs the two mistakes differently has no price of an answer, and this is said.
    assert heads == ["Calibration", "Threshold", "Net benefit", "Sets", "Groups", "No answer",
                     "Leans on", "Effects"]  # fmt: skip
    assert "counts every wrong answer alike" in words
    assert "0.1: a missed well row costs as much as 9 false alarms." in words
    assert "Net benefit At 0.1, " in words


@pytest.mark.quick_each(3, 2)
@pytest.mark.parametrize("rows", ["trained", "folds", "folds once"])
def test_the_lines_say_which_rows_they_are_from(cli, rows):
    if rows == "trained":
        frame = pd.read_csv("two.csv")
        model = ThalwegClassifier((4,), max_iter=3, random_state=0, positive="ill")
        model.fit(frame.drop(columns="y"), frame["y"]).save("m")
        out = cli("evaluate", "m", "two.csv", "--target", "y", "--by", "town", "-q")[1]
        said = "from 300 training rows. The model was trained on these rows, so new rows may be"
    else:
        several = rows == "folds"
        out = cli("evaluate", "two.csv", *QUICK, "--folds", "2", "--repeats", f"{1 + several}")[1]
        said = "from 300 cross-validated rows."
        first = f"{said} They are those of the first repetition."
        assert (first in lines_of(out)[1]) is several  # of one repetition there is no first
    heads, words, _ = lines_of(out)
    assert said in words
    assert heads[:3] == OF_CLASSES[:3]


def test_a_small_table_says_what_is_missing(cli):
    pd.read_csv("two.csv")[:40].to_csv("few.csv", index=False)
    code, out, err = cli("fit", "few.csv", *QUICK)
    assert code == 0, err
    words = lines_of(out)[1]
    assert "A decision curve needs 10 rows of each class" in words
    assert "Fix: evaluate on more rows" in words


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("two.csv", "--missed", "9"), "give both, as in --missed 9 --alarm 1"),
        (("two.csv", "--from", "0.1"), "give both, as in --from 0.05 --to 0.3"),
        (("two.csv", "--missed", "0", "--alarm", "1"), "matters: --missed 9 --alarm 1"),
        (("three.csv", "--missed", "9", "--alarm", "1"), "leave out --missed and --alarm; --class"),
        (("number.csv", "--from", "0.1", "--to", "0.2"), "leave out --from and --to."),
        (("two.csv", "--by", "y"), "name another column with --by"),
    ],
)
@pytest.mark.parametrize("verb", ["fit", "evaluate"])
def test_a_fix_is_spelled_as_an_option(cli, verb, arguments, says):
    code, _, err = cli(verb, *arguments, *QUICK)
    assert code in (1, 2), err
    assert says in " ".join(err.split())
