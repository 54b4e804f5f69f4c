"""``thalweg check``."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from thalweg.data.doctor.table_check import check_table


def table(path, seed=0, n_rows=120, **columns):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {"dose": rng.normal(5, 2, n_rows).round(4), "town": rng.choice(["Bern", "Rome"], n_rows)}
    ).assign(**columns)
    frame["ill"] = np.where(frame["dose"] + rng.normal(0, 2, n_rows) > 5, "yes", "no")
    frame.to_csv(path, index=False)
    return frame


def test_a_sound_table(cli):
    table("my.csv")
    code, out, err = cli("check", "my.csv", "--target", "ill")
    assert (code, err) == (0, "")
    assert out == "my.csv: 120 rows, 2 columns: nothing found.\n"
    assert cli("check", "my.csv", "--target", "ill", "-q") == (0, out, "")


def test_a_severe_finding_is_exit_code_3(cli):
    table("my.csv", row=range(120), site="A")
    code, out, _ = cli("check", "my.csv", "--target", "ill")
    said = " ".join(out.split())
    assert code == 3
    assert said.startswith("my.csv: 120 rows, 4 columns: 1 severe, 1 caution. severe identifier:")
    assert "Fix: if it numbers the rows, leave it out (--drop row on the command line)" in said
    assert "caution constant" in said
    assert cli("check", "my.csv", "--target", "ill", "--drop", "row")[0] == 0


def test_the_document_says_what_python_says(cli):
    frame = table("my.csv", row=range(120), weight=[f"{w / 2} kg" for w in range(120)])
    code, out, err = cli("check", "my.csv", "--target", "ill", "--json")
    told = json.loads(out)
    assert (code, told["status"], told["error"]) == (3, "check", None)
    assert err == '"weight" is read as numbers such as 1234.56 kg, decimal point, unit "kg".\n'
    assert told["result"] == check_table(frame, "ill").as_dict()
    assert told["result"]["counts"] == {"severe": 1, "caution": 0, "note": 0}
    assert told["data"]["target"] == "ill"
    table("my.csv")
    code, out, _ = cli("check", "my.csv", "--target", "ill", "--json")
    assert (code, json.loads(out)["status"]) == (0, "ok")


def test_a_bundled_table_knows_its_target(cli):
    code, out, err = cli("check", "wisconsin")
    assert code == 0
    assert "caution  duplicate rows: 236 rows equal an earlier one in all features" in out
    assert err == 'Left out "sample_id": an identifier.\n'


def test_without_a_target_it_says_what_is_left_out(cli):
    table("my.csv")
    code, _, err = cli("check", "my.csv")
    assert (code, err) == (0, "Without --target, the checks that need a target are left out.\n")


def test_two_tables_and_groups(cli):
    frame = table("train.csv", patient=[f"p{row // 3}" for row in range(120)])
    table("test.csv", seed=1, patient=[f"q{row // 3}" for row in range(120)])
    given = ("check", "train.csv", "--target", "ill", "--group", "patient", "--test", "test.csv")
    assert cli(*given)[0] == 0
    pd.concat([pd.read_csv("test.csv"), frame[:9]]).to_csv("test.csv", index=False)
    code, out, _ = cli(*given, "--json")
    told = [(each["check"], each["severity"]) for each in json.loads(out)["result"]["findings"]]
    assert code == 3
    assert told == [("groups on both sides", "severe"), ("rows on both sides", "severe")]
    assert json.loads(out)["data"]["test"] == "test.csv"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["my.csv", "--target", "Ill"], 'Did you mean "ill"'),
        (["my.csv", "--group", "patient"], 'no column of groups "patient"'),
        (["my.csv", "--drop", "towns"], 'Did you mean "town"'),
        (["your.csv"], 'Did you mean "my.csv"'),
        (["my.csv", "--test", "your.csv"], "There is no such file"),
        (["empty.csv"], "The file is empty"),
    ],
)
def test_a_mistake_gets_a_sentence(cli, arguments, says):
    table("my.csv")
    Path("empty.csv").touch()
    code, out, err = cli("check", *arguments)
    assert (code, out) == (1, "")
    assert says in " ".join(err.split())


def test_hostile_names_do_not_reach_the_terminal(cli):
    table("my.csv", **{"\x1b[31mrow": range(120)})
    code, out, _ = cli("check", "my.csv", "--target", "ill")
    assert code == 3
    assert "\x1b" not in out
    assert "\\x1b[31mrow" in out


def test_a_column_of_numbers_can_be_said_to_be_a_category(cli):
    rng = np.random.default_rng(0)
    place = rng.choice([8001, 3000, 1200], 120)
    frame = table("my.csv", place=place).assign(ill=np.where(place == 3000, "yes", "no"))
    frame.loc[::10, "ill"] = "no"
    frame.to_csv("my.csv", index=False)
    quick = ("--epochs", "3", "--hidden", "2", "--bins", "0", "-q", "--json")
    told = json.loads(cli("fit", "my.csv", "--target", "ill", "--category", "place", *quick)[1])
    column = told["result"]["model"]["columns"][2]
    assert column == {"name": "place", "kind": "category", "levels": ["1200", "3000", "8001"]}
    assert told["result"]["model"]["network"]["sizes"][0] == 5
    given = ("my.csv", "--target", "ill", "--category", "place", *quick, "--repeats", "1")
    assert cli("evaluate", *given)[0] == 0
    code, _, err = cli("check", "my.csv", "--target", "ill", "--category", "plaze")
    assert code == 1
    assert 'Did you mean "place"?' in err
