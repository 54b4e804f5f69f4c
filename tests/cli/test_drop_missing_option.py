"""``--drop-missing`` of every verb that reads a target, and rows numbered as in the file."""

import json
import re
import shlex
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from slow_cases import slow_but
from thalweg import check_table, load_table
from thalweg.errors import DataError, SettingsError

QUICK = ("--no-trees", "--hidden", "4", "--epochs", "3", "--early-stopping", "off", "--bins", "0")
GONE = [4, 40]  # from 0


@pytest.fixture
def clinic(tmp_path):
    """80 rows, and the same table without two of them; each column lacks these in a file."""
    rng = np.random.default_rng(0)
    n = 80
    frame = pd.DataFrame({"dose": np.round(rng.normal(50, 9, n), 1).astype(str)})
    frame["seen"] = [f"2024-{1 + row // 8:02}-{1 + row % 8 * 3:02}" for row in range(n)]
    frame["ward"] = [f"w{row // 4}" for row in range(n)]
    frame["ill"] = rng.choice(["ja", "nein"], n)
    for name in ("ill", "seen", "ward"):
        lacking = frame.copy()
        lacking.loc[GONE, name] = ""
        lacking.to_csv(tmp_path / f"{name}.csv", index=False)
    frame.drop(index=GONE).to_csv(tmp_path / "kept.csv", index=False)
    return frame


def test_words_and_empty_cells_are_reported_as_two_reasons(cli, clinic):
    clinic.loc[[1, 2, 3], "ill"] = ["k.A.", "k.A.", ""]
    clinic.drop(columns="ward").to_csv("t.csv", index=False)
    more = ("--target", "ill", "--missing", "ill=k.A.", "--drop-missing", "ill", *QUICK)
    out = " ".join(cli("fit", "t.csv", *more)[1].split())
    words = "2 rows with a word for a missing value as the target (ill)"
    assert f"Left out {words}; 1 row without a target (ill)" in out


def test_a_row_without_a_target_cannot_be_evaluated_on_either(cli, clinic):
    assert cli("fit", "kept.csv", "--target", "ill", "-o", "m", *QUICK, "-q")[0] == 0
    code, _, err = cli("evaluate", "m", "ill.csv")
    assert code == 1
    said = "A model can neither learn from a row without a target value nor be evaluated on it."
    assert said in " ".join(err.split())
    assert cli("evaluate", "m", "ill.csv", *flags_of(err))[0] == 0


def flags_of(text):
    return shlex.split(re.search(r"--drop-missing \S+", text)[0].rstrip(","))


ROLES = [
    ("ill", "target", "--drop ward"),
    ("seen", "time", "--time-column seen --drop ward"),
    ("ward", "group", "--group ward"),
]


@pytest.mark.parametrize(
    ("name", "role", "more", "verb"),
    slow_but(
        [(*ROLES[0], "fit"), (*ROLES[1], "evaluate"), (*ROLES[2], "fit")],
        [(*role, verb) for role in ROLES for verb in ("fit", "evaluate")],
    ),
)
def test_the_fix_of_a_missing_target_time_or_group_works_as_printed(
    cli, clinic, name, role, more, verb
):
    files = ("-o", "m", "--report", "r.html") if verb == "fit" else ("--repeats", "1")
    more = more.split()
    asked = (verb, f"{name}.csv", "--target", "ill", *more, *QUICK)
    code, _, err = cli(*asked)
    assert code == 1
    flags = flags_of(err)
    assert flags == ["--drop-missing", name]
    code, out, err = cli(*asked, *flags, *files)
    assert code == 0, err
    said = f'Left out 2 rows without a {role}: "{name}" is missing in rows 5 and 41.'
    assert said in " ".join(err.split())
    assert f"Left out 2 rows without a {role} ({name})" in " ".join(out.split())
    if verb == "fit":
        assert said.replace('"', "&quot;") in Path("r.html").read_text().replace("&#34;", "&quot;")
        same = ("fit", "kept.csv", "--target", "ill", *more, *QUICK, "-o", "k")
        assert cli(*same)[0] == 0
        told = [cli("predict", model, "kept.csv", "-q")[1] for model in ("m", "k")]
        assert told[0] == told[1] != ""


def test_the_left_out_rows_are_plain_data(cli, clinic):
    _, out, _ = cli("fit", "ill.csv", "--target", "ill", *QUICK, "--drop-missing", "ill", "--json")
    data = json.loads(out)["data"]
    told = {"column": "ill", "role": "target", "rows": 2, "are_words": False}
    assert data["left_out"] == [told]
    assert data["rows"] == 78
    _, out, _ = cli("fit", "kept.csv", "--target", "ill", *QUICK, "--json")
    assert json.loads(out)["data"]["left_out"] == []


@pytest.mark.parametrize("said", [["--drop-missing", "ill"], ["--missing", "ill=k.A."]])
def test_rows_are_numbered_as_in_the_file(cli, clinic, said):
    lacking = clinic.copy()
    lacking.loc[GONE, "ill"] = "" if said[0] == "--drop-missing" else "k.A."
    lacking.loc[60, "dose"] = "viel"
    lacking.to_csv("bad.csv", index=False)
    for verb in ("fit", "check", "evaluate", "trace"):
        code, out, err = cli(verb, "bad.csv", "--target", "ill", *said)
        assert code in (1, 3)
        assert 'column "dose", row 61' in " ".join((out + err).split()), verb
    lacking["dose"], lacking.loc[77, "seen"] = "5", "gestern"
    lacking.to_csv("bad.csv", index=False)
    for verb in ("fit", "check"):
        _, out, err = cli(verb, "bad.csv", "--target", "ill", "--date", "seen=ymd", *said)
        assert 'column "seen", row 78' in " ".join((out + err).split()), verb


def test_levels_of_held_out_rows_are_reported_by_the_rows_of_the_file(cli, clinic):
    towns = [f"town {row // 20}" if row < 50 else f"hamlet {row}" for row in range(80)]
    lacking = clinic.assign(ward=towns)
    lacking.loc[GONE, "ill"] = ""
    lacking.to_csv("t.csv", index=False)
    code, out, _ = cli("fit", "t.csv", "--target", "ill", "--drop-missing", "ill", *QUICK,
                       "--category", "ward", "--json")  # fmt: skip
    assert code == 0
    [told] = [each for each in json.loads(out)["warnings"] if each["code"] == "unseen_level"]
    first = int(told["text"].split("first in row ")[1].split(")")[0])
    assert f'"{towns[first - 1]}"' in told["text"]


def test_rows_of_a_trace_are_those_of_the_file(cli, clinic):
    asked = ("trace", "ill.csv", "--target", "ill", "--drop-missing", "ill", *QUICK[1:])
    code, out, err = cli(*asked, "--row", "42,6", "--json")
    assert code == 0, err
    traced = json.loads(out)["result"]["trace"]
    assert [each["row"] for each in traced["rows"]] == [42, 6]
    assert [each["target"] for each in traced["rows"]] == clinic["ill"][[41, 5]].tolist()
    _, out, _ = cli(*asked, "--row", "42,6")
    told = next(line for line in out.splitlines() if re.match(r"X\[\d+\] +dose  ", line))
    assert told.split()[2::2] == clinic["dose"][[41, 5]].tolist()
    code, _, err = cli(*asked, "--row", "41")
    assert code == 2
    assert "Row 41 is left out" in err
    code, _, err = cli(*asked, "--row", "81")
    assert code == 2
    assert "rows 1 to 80" in err


def test_a_saved_model_is_evaluated_without_these_rows(cli, clinic):
    assert cli("fit", "kept.csv", "--target", "ill", *QUICK, "-o", "m", "-q")[0] == 0
    code, _, err = cli("evaluate", "m", "ill.csv", "-q")
    assert code == 1
    told = [
        json.loads(cli("evaluate", "m", table, *flags, "--json")[1])["result"]
        for table, flags in (("ill.csv", flags_of(err)), ("kept.csv", []))
    ]
    assert told[0] == told[1]


def test_the_landscape_of_a_model_and_its_report_leave_them_out(cli, clinic):
    fit = ("fit", "ill.csv", "--target", "ill", "--drop-missing", "ill", "--hidden", "3", "-q")
    assert cli(*fit, "--epochs", "3", "--early-stopping", "off", "-o", "m")[0] == 0
    code, _, err = cli("report", "m", "--landscape", "ill.csv", "-o", "r.html", "-q")
    assert code == 0, err
    asked = ("landscape", "m", "ill.csv", "--grid", "11", "-q")
    assert cli(*asked)[0] == 1
    code, _, err = cli(*asked, "--drop-missing", "ill")
    assert code == 0, err
    assert "fitted neither" not in err


def test_a_feature_leaves_no_row_out(cli, clinic):
    code, _, err = cli("fit", "ill.csv", "--target", "ill", "--drop-missing", "dose")
    assert code == 2
    assert "the model reads it as missing" in err
    assert "leave out --drop-missing dose" in err
    code, _, err = cli("fit", "ill.csv", "--target", "ill", "--drop-missing", "dsoe")
    assert code == 1
    assert 'Did you mean "dose"?' in err


def test_check_names_the_option_and_takes_it(cli, clinic):
    code, out, _ = cli("check", "ill.csv", "--target", "ill", "--json")
    assert code == 3
    [found] = [
        each for each in json.loads(out)["result"]["findings"] if each["check"] == "target missing"
    ]
    flags = flags_of(found["fix"])
    assert flags == ["--drop-missing", "ill"]
    code, out, _ = cli("check", "ill.csv", "--target", "ill", *flags, "--json")
    assert code == 0
    assert json.loads(out)["result"]["rows"] == 78


def test_in_python(clinic):
    lacking = clinic.copy()
    lacking.loc[GONE, "ill"] = None
    with pytest.raises(DataError, match='drop_missing="ill"'):
        load_table(lacking, target="ill")
    table = load_table(lacking, target="ill", drop_missing="ill")
    assert table.kept.tolist() == [row for row in range(80) if row not in GONE]
    assert table.frame.index.tolist() == list(range(78))
    assert [each.rows.tolist() for each in table.left_out] == [GONE]
    assert load_table(clinic, target="ill", drop_missing=["ill"]).kept is None
    with pytest.raises(SettingsError, match="neither the target"):
        load_table(lacking, target="ill", drop_missing="ward")
    with pytest.raises(DataError, match="No row is left"):
        load_table(clinic.assign(ill=None), target="ill", drop_missing="ill")
    assert not [each for each in check_table(lacking, "ill", drop_missing="ill").findings
                if each.check == "target missing"]  # fmt: skip
