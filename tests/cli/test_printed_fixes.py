"""What the verbs say about a table, and that their fixes work as printed."""

import json

import numpy as np
import pandas as pd
import pytest

from slow_cases import slow_but
from thalweg import ThalwegClassifier, check_table, load_table

QUICK = (
    "--no-trees", "--hidden", "4", "--epochs", "4", "--early-stopping", "off", "--bins", "0", "-q"
)  # fmt: skip


@pytest.fixture
def towns(tmp_path):
    """200 rows; each of the last 60 has a town that no other row has."""
    rng = np.random.default_rng(0)
    names = [f"town {row // 20}" if row < 140 else f"hamlet {row}" for row in range(200)]
    frame = pd.DataFrame({"town": names, "x": np.round(rng.normal(size=200), 3)})
    frame["y"] = np.where(frame["x"] + rng.normal(size=200) > 0, "ill", "well")
    frame.to_csv(tmp_path / "towns.csv", index=False)
    return frame


def test_levels_of_held_out_rows_are_reported_by_the_rows_of_the_table(cli, towns):
    code, out, err = cli("fit", "towns.csv", "--target", "y", *QUICK, "--json")
    assert code == 0, err
    [told] = [each for each in json.loads(out)["warnings"] if each["code"] == "unseen_level"]
    first = int(told["text"].split("first in row ")[1].split(")")[0])
    assert f'"{towns["town"][first - 1]}"' in told["text"]
    assert first > 140
    assert "correct the cells" not in told["fix"]
    assert 'unknown="ignore"' not in err  # fit has no such option


def test_predict_says_its_own_option_against_the_warning(cli, towns):
    assert cli("fit", "towns.csv", "--target", "y", *QUICK, "-o", "m")[0] == 0
    towns.assign(town="nowhere").to_csv("new.csv", index=False)
    _, _, err = cli("predict", "m", "new.csv", "-q")
    assert "--unknown ignore" in err
    assert "not fitted on" not in cli("predict", "m", "new.csv", "-q", "--unknown", "ignore")[2]

    code, _, err = cli("evaluate", "m", "new.csv", "-q")
    assert code == 0, err
    assert "fit on rows that have these levels." in err
    assert "--unknown" not in err  # evaluate has no such option


# ---- of a positive class


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("verb", ["fit", "evaluate"])
@pytest.mark.parametrize("target", ["kind", "size"])
def test_a_positive_class_of_more_than_two_is_to_be_left_out(cli, verb, target):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"x": np.arange(90.0), "kind": [*"abc"] * 30, "size": rng.normal(size=90)})
    frame.to_csv("t.csv", index=False)
    label = frame[target][0]
    drop = ("--drop", "size" if target == "kind" else "kind")
    code, _, err = cli(verb, "t.csv", "--target", target, "--positive", label, *drop, "-q")
    assert code == 1
    assert "leave out --positive" in err
    assert "keep the rows of two classes" not in err
    assert cli(verb, "t.csv", "--target", target, *drop, *QUICK)[0] == 0


# ---- of classes that are written in another way


@pytest.mark.parametrize("dress", [["0.0", "1.0"], ["FALSE", "TRUE"]])
def test_classes_that_are_the_same_number_are_the_same(cli, dress):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"x": np.round(rng.normal(size=80), 3), "y": np.arange(80) % 2})
    frame.to_csv("plain.csv", index=False)
    frame.assign(y=np.array(dress)[frame["y"]]).to_csv("other.csv", index=False)
    assert cli("fit", "plain.csv", "--target", "y", *QUICK, "-o", "m")[0] == 0
    told = [
        json.loads(cli("evaluate", "m", table, "--target", "y", "-q", "--json")[1])["result"]
        for table in ("plain.csv", "other.csv")
    ]
    assert told[0] == told[1]
    frame.assign(y=["yes", "no"] * 40).to_csv("words.csv", index=False)
    code, _, err = cli("evaluate", "m", "words.csv", "--target", "y", "-q")
    assert code == 1
    assert 'the model knows "0", "1"' in err
    assert "keep the rows" not in err  # there is none


def test_evaluate_names_the_options_that_a_saved_model_refuses(cli, towns):
    assert cli("fit", "towns.csv", "--target", "y", *QUICK, "-o", "m")[0] == 0
    call = ("evaluate", "m", "towns.csv", "--drop", "x", "--class-weight", "balanced")
    code, _, err = cli(*call)
    assert code == 2
    assert "--drop, --class-weight" in err


# ---- of rows that belong together


def visits():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"x": rng.normal(size=120), "y": rng.permutation([*"ab"] * 60)})
    return frame, [f"P{k:03}" for k in np.arange(120) // 3]


@pytest.mark.parametrize(
    "name", slow_but(("Patienten-Nr",), ("patient", "patient_id", "Patienten-Nr"))
)
def test_a_column_that_may_name_patients_is_reported_with_group(cli, name):
    frame, who = visits()
    frame.assign(**{name: who}).to_csv("v.csv", index=False)
    for verb in ("fit", "evaluate"):
        code, _, err = cli(verb, "v.csv", "--target", "y", "--epochs", "2", "--hidden", "2")
        assert code == 0
        assert f"--group {name}" in err
    assert f"--group {name}" in cli("check", "v.csv", "--target", "y")[1].replace("\n", " ")
    _, out, err = cli("check", "v.csv", "--target", "y", "--group", name)
    assert "may go together" not in out


@pytest.mark.parametrize("name", ["MRN", "Fallnummer", "patient", "subject"])
def test_unique_numbers_under_the_name_of_a_person_are_identifiers(name):
    frame, _ = visits()
    frame[name] = np.random.default_rng(1).permutation(120) * 7919 % 100_003
    found = [each for each in check_table(frame, "y").findings if name in each.columns]
    assert [each.check for each in found] == ["identifier"]


# ---- of check


def test_all_words_for_missing_are_reported():
    words = ["missing", "-", "N.A.", "UNK"]
    smoke = ["yes", "no"] * 60 + [word for word in words for _ in range(2)]
    frame = pd.DataFrame({"smoke": smoke, "y": ["a", "b"] * 64})
    [found] = [e for e in check_table(frame, "y").findings if e.check == "word for missing"]
    assert all(f'"{word}"' in found.what for word in words)


def test_the_fix_of_a_sentinel_empties_the_cells_of_a_file_that_was_read(tmp_path):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"Gewicht": np.where(np.arange(90) % 9, rng.integers(50, 90, 90), 999)})
    frame.assign(y=["a", "b", "b"] * 30).to_csv(tmp_path / "w.csv", index=False)
    X = load_table(tmp_path / "w.csv", target="y").frame.copy()
    [found] = [e for e in check_table(X).findings if e.check == "sentinel"]
    said = eval(f"dict({found.fix[found.fix.index('missing=') : found.fix.index(' in Python')]})")
    assert said == {"missing": {"Gewicht": ["999"]}}
    assert not [e for e in check_table(X, **said).findings if e.check == "sentinel"]
    model = ThalwegClassifier(max_iter=2, random_state=0, **said).fit(X, ["a", "b", "b"] * 30)
    numbers = pd.to_numeric(X["Gewicht"])
    emptied = X.assign(Gewicht=numbers.mask(numbers == 999))
    again = ThalwegClassifier(max_iter=2, random_state=0).fit(emptied, ["a", "b", "b"] * 30)
    assert np.array_equal(model.predict_proba(X), again.predict_proba(emptied))


def test_a_table_to_judge_on_that_lacks_columns_is_reported_without_a_model(cli, towns):
    towns.drop(columns="x").to_csv("less.csv", index=False)
    code, out, _ = cli("check", "towns.csv", "--target", "y", "--test", "less.csv")
    assert code == 3
    said = " ".join(out.split())
    assert 'the test table does not have: "x"' in said
    assert "--empty" not in said
    assert "model was fitted" not in said
    assert " . " not in said
    assert (
        cli("check", "towns.csv", "--target", "y", "--test", "less.csv", "--drop", "x")[1].count(
            "different tables"
        )
        == 0
    )


def test_check_refuses_the_target_as_a_group_as_fit_does(cli, towns):
    for verb in ("check", "fit"):
        code, _, err = cli(verb, "towns.csv", "--target", "y", "--group", "y")
        assert code == 1
        assert "The target cannot be the column of groups" in err


# ---- of a target with one class


@pytest.mark.parametrize(
    ("options", "fix"),
    [
        (("--missing", "my T=-"), "leave out --missing 'my T=-' on the command line, "
         "missing={'my T': ['-']} in Python"),
        (("--missing", "-", "--missing", "?"), "leave out --missing - on the command line, "
         "missing=['-'] in Python"),
        (("--drop-row", ",".join(map(str, range(2, 61, 2)))), "name fewer rows in --drop-row"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("verb", ["fit", "check"])
def test_the_option_that_took_the_other_class_away_is_named(cli, verb, options, fix):
    pd.DataFrame({"x": np.arange(60) % 7, "my T": ["yes", "-"] * 30}).to_csv("t.csv", index=False)
    _, out, err = cli(verb, "t.csv", "--target", "my T", *options)
    said = " ".join((out + err).split())
    assert "The target has only one class" in said
    assert f"Fix: add rows of another class, or name another target; or {fix}." in said
    # An option that took no other class away does not help.
    pd.DataFrame({"x": np.arange(60) % 7, "my T": "yes"}).to_csv("t.csv", index=False)
    _, out, err = cli(verb, "t.csv", "--target", "my T", *options)
    assert "or name another target." in " ".join((out + err).split())


def test_words_that_are_all_cells_of_the_target_are_to_be_left_out(cli):
    pd.DataFrame({"x": range(60), "T": ["no", "-"] * 30}).to_csv("t.csv", index=False)
    words = ("--missing", "T=-", "--missing", "no")
    code, _, err = cli("fit", "t.csv", "--target", "T", *words)
    assert code == 1
    assert "or leave out --missing no --missing T=- on the command line" in " ".join(err.split())


# ---- of a wrong table


def test_the_wrong_sheet_is_named_with_the_others(cli):
    rng = np.random.default_rng(0)
    data = pd.DataFrame(rng.normal(size=(60, 3)), columns=["Age", "Size", "Dose"]).round(3)
    data["Grade"] = ["low", "high"] * 30
    with pd.ExcelWriter("t.xlsx") as book:
        pd.DataFrame({"Variable": [*"abc"], "Meaning": [*"xyz"]}).to_excel(
            book, sheet_name="Codebook", index=False
        )
        data.to_excel(book, sheet_name="Data", index=False)
    for verb in ("fit", "check"):
        code, _, err = cli(verb, "t.xlsx", "--target", "Grade")
        assert code == 1
        assert 'Read from the Excel sheet "Codebook"' in err
        assert '"Data"' in err
        assert "--sheet" in err
    # An error that is no matter of columns that are not found does not name other sheets.
    for more in (("--group", "Variable"), ("--drop", "Variable")):
        code, _, err = cli("fit", "t.xlsx", "--target", "Variable", *more)
        assert code == 1
        assert "The target cannot be" in err
        assert "--sheet" not in err
    with pd.ExcelWriter("both.xlsx") as book:
        data.to_excel(book, sheet_name="Data", index=False)
        data.to_excel(book, sheet_name="More", index=False)
    roles = ("--target", "Grade", "--group", "Age", "--time-column", "Size")
    err = cli("fit", "both.xlsx", *roles)[2]
    assert "Rows cannot be split by groups and in time order at once" in err
    assert "--sheet" not in err
    assert "--sheet" in cli("fit", "both.xlsx", *roles[:4], "--time-column", "when")[2]
    assert cli("fit", "t.xlsx", "--sheet", "Data", "--target", "Grade", *QUICK, "-o", "m")[0] == 0
    empties = [word for name in ("Age", "Size", "Dose") for word in ("--empty", name)]
    for more in ([], empties):
        code, out, err = cli("predict", "m", "t.xlsx", "-q", *more)
        assert (code, out) == (1, "")
        assert "The table has 0 of the model's 3 columns" in err
        assert 'there are also "Data"' in err
        assert "--sheet" in err
        assert "--empty Age" not in err
    assert cli("predict", "m", "t.xlsx", "-q", "--sheet", "Data")[0] == 0


def test_a_landscape_of_a_model_names_the_options_of_tables(cli, towns):
    assert cli("fit", "towns.csv", "--target", "y", *QUICK, "-o", "m")[0] == 0
    code, _, err = cli("landscape", "m", "towns.csv", "--drop", "x")
    assert code == 2
    assert "--drop cannot be used here" in err


def test_a_report_says_that_groups_are_why_no_descent_is_repeated(cli, towns):
    call = ("fit", "towns.csv", "--target", "y", "--group", "town", *QUICK, "-o", "m")
    assert cli(*call)[0] == 0
    code, _, err = cli("report", "m", "--landscape", "towns.csv", "-o", "r.html")
    assert code == 1
    assert "fitted with --group" in err


def test_a_category_has_a_weight_for_each_level(cli):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(90, 25)).round(2), columns=[f"x{k}" for k in range(25)])
    frame["Raucher"] = rng.permutation([*"yno"] * 30)
    frame.assign(y=["a", "b"] * 45).to_csv("t.csv", index=False)
    assert cli("fit", "t.csv", "--target", "y", *QUICK, "-o", "m")[0] == 0
    code, _, err = cli("trace", "m", "t.csv", "--weight", "W1[3,Raucher]")
    assert code == 2
    assert "Raucher=" in err
    name = err.split("take one of ")[1].split(",")[0].strip()
    assert cli("trace", "m", "t.csv", "--weight", f"W1[3,{name}]", "-q")[0] == 0


# ---- short messages


def test_categories_in_one_option_are_distinguished(cli, towns):
    code, _, err = cli("fit", "towns.csv", "--target", "y", "--category", "town,x")
    assert code == 1
    assert "--category town --category x" in err
    assert "Did you mean" not in err


def test_a_class_that_is_a_number_is_not_read_as_a_count(cli, towns):
    towns.assign(y=(towns["y"] == "ill").astype(int)).to_csv("codes.csv", index=False)
    code, out, _ = cli("fit", "codes.csv", "--target", "y", *QUICK)
    assert code == 0
    count = int((towns["y"] == "ill").sum())
    assert f'{count} "1"' in out


def test_a_column_that_is_dropped_may_be_named_by_other_options(cli, tmp_path):
    """A fix that prints ``--drop`` works, whatever else was said of the column."""
    rows = "".join(f"{k % 7},2024-01-{k % 28 + 1:02},{'yn'[k % 3 > 0]}\n" for k in range(60))
    (tmp_path / "t.csv").write_text(f"dose,seen,ill\n{rows}")
    small = ("fit", "t.csv", "--target", "ill", "--hidden", "2", "--epochs", "2")
    for said in (["--number", "seen"], ["--date", "seen=excel"], ["--missing", "seen=x"]):
        code, _, err = cli(*small, *said, "--drop", "seen")
        assert code == 0, err
