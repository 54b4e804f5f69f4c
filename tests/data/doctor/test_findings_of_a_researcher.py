"""Findings whose numbers and fixes a person with nothing but the command line relies on."""

import ast
import json
import re

import numpy as np
import pandas as pd
import pytest

from thalweg.data.doctor.table_check import check_table
from thalweg.data.fixes.named_rows import in_ranges, rows_named
from thalweg.data.schema.schema import infer_schema
from thalweg.errors import DataError, SettingsError

N = 120


def table(**columns):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"dose": rng.normal(5, 2, N).round(3).astype(str)})
    frame["ill"] = np.where(rng.random(N) < 0.5, "yes", "no")
    return frame.assign(**columns)


def finding(frame, check, **given):
    told = check_table(frame, **{"target": "ill", **given}).findings
    [found] = [each for each in told if each.check == check]
    return found


def checks(frame, **given):
    return [each.check for each in check_table(frame, **{"target": "ill", **given}).findings]


@pytest.mark.parametrize("missing", [["k.A."], {"dose": ["k.A."]}])
def test_missing_words_dropped_columns_and_left_out_rows_go_together(missing):
    frame = pd.DataFrame(
        {"id": [1, 2, 3, 4], "dose": ["3", "5", "k.A.", "7"], "ill": ["no", "yes", "no", "yes"]}
    )
    got = check_table(frame, "ill", missing=missing, drop=["id"], drop_row=[3])
    assert (got.n_rows, got.n_columns) == (3, 1)
    frame.loc[2, "ill"] = "k.A."
    got = check_table(frame, "ill", missing=["k.A."], drop=["id"])
    assert (got.n_rows, got.n_columns) == (3, 1)


def test_the_range_beside_a_code_has_its_zeros():
    trust = np.resize(np.arange(11), N)
    trust[:4] = 99
    found = finding(table(trust=trust), "sentinel")
    assert "the others are from 0 to 10" in found.where


def test_rows_without_a_group_are_no_group():
    who = np.array([f"g{place // 2}" for place in range(N)], dtype=object)
    who[:6] = ""
    found = finding(table(who=who), "groups", group="who")
    assert found.what == "57 groups of up to 2 rows, 114 rows in all"


def test_all_columns_that_the_test_table_lacks_are_named():
    frame = table(weight=["1,234", "2,500"] * (N // 2), town=["Bern", "Rome"] * (N // 2))
    found = finding(frame, "different tables", test=frame[["dose", "ill"]])
    assert '"weight", "town"' in found.what
    assert "--drop weight --drop town" in found.fix
    # Also where no other column can be read.
    alone = frame[["weight", "ill"]]
    assert '"weight"' in finding(alone, "different tables", test=frame[["dose", "ill"]]).what


def test_spellings_are_fixed_in_the_file():
    town = ["Bern", "Rome"] * (N // 2)
    town[2] = town[8] = town[4] = "bern"
    town[5] = "ROME"
    found = finding(table(town=town), "spelling")
    assert 'such as "Bern" in rows 3, 5, 9; "Rome" in row 6; in Python X[' in found.fix
    assert "--drop town" in found.fix
    assert found.rows == (3, 5, 6, 9)
    who = [f"g{place // 2}" for place in range(N)]
    who[1] = "G0 "
    found = finding(table(who=who), "spelling", group="who")
    assert found.fix.startswith(
        "if they are one, use one spelling in all rows of the file, such as "
    )
    assert "in row" in found.fix
    assert len(found.rows) == 1
    # Rows that are left out do not change the numbers of the others.
    kept = finding(table(town=town), "spelling", drop_row=[1])
    assert kept.rows == (3, 5, 6, 9)


def test_a_row_of_words_is_left_out_first_where_the_target_is_one_of_them():
    weight, score = ([word, *map(str, range(N - 1))] for word in ("grams", "points"))
    frame = table(weight=weight, score=score)
    found = finding(frame, "target", target="score")
    assert found.fix.startswith("say --drop-row 1 on the command line, if row 1 is no case")
    assert "; or, if they mean" in found.fix
    # Of a single odd cell nothing is said of a row.
    found = finding(table(score=score), "target", target="score")
    assert "drop-row" not in found.fix


def test_a_code_among_few_classes_may_mean_not_known():
    score = np.resize(["1", "2", "3", "4", "5"], N).astype(object)
    score[[5, 77]] = "99"
    told = check_table(table(score=score), target="score").findings
    [found] = [each for each in told if each.check == "sentinel"]
    assert found.what.startswith('"99" as a class is far from the other values')
    assert "the other classes are from 1 to 5" in found.where
    assert "missing={'score': ['99']}" in found.fix
    assert found.rows == (6, 78)
    for usual in (["1", "2", "9"], ["-1", "0", "1"], ["8", "9", "10"], ["97", "98", "99"]):
        score = np.resize(usual, N)
        assert "sentinel" not in checks(table(score=score), target="score")
    assert "sentinel" not in checks(table(score=np.resize(["1", "a", "99"], N)), target="score")


def test_a_table_with_few_different_rows_is_a_finding():
    smoker, grade = np.resize(["yes", "no"], N), np.resize(["1", "2", "3"], N)
    frame = table(smoker=smoker, grade=grade).drop(columns="dose")
    found = finding(frame, "few different rows")
    assert found.what == "Only 6 of 120 rows are different in the features"
    assert "thalweg evaluate" in found.fix
    assert "few different rows" not in checks(frame, group="grade")
    assert "few different rows" not in checks(table(smoker=smoker, grade=grade))


def test_duplicates_can_be_left_out_as_printed():
    frame = table(place=range(1, N + 1))
    again = pd.concat([frame, frame[:50]], ignore_index=True)
    found = finding(again, "duplicate rows")
    assert 'drop_row="121-170"' in found.fix
    many = pd.concat([frame[:2], frame.iloc[np.repeat(np.arange(50), 2)]], ignore_index=True)
    found = finding(many, "duplicate rows")
    assert found.fix.index("drop_row=") < found.fix.index("drop_duplicates")
    assert len(found.rows) == 52
    printed = ast.literal_eval(re.search(r"drop_row=(\[[^]]+\])", found.fix)[1])
    assert (rows_named(printed, len(many)) + 1).tolist() == list(found.rows)
    assert "duplicate rows" not in checks(many, drop_row=printed)


def test_duplicates_can_be_left_out_as_the_terminal_prints_it(cli):
    frame = table(place=range(1, N + 1))
    many = frame.iloc[np.repeat(np.arange(50), 2)]
    many.to_csv("t.csv", index=False)
    out = cli("check", "t.csv", "--target", "ill", "-q")[1]
    assert "\N{HORIZONTAL ELLIPSIS}" not in out
    fix = " ".join(out.split()).split("leave the others out with ")[1].split(", or X.")[0]
    again = cli("check", "t.csv", "--target", "ill", "-q", *fix.split())[1]
    assert "50 rows" in again
    assert "duplicate rows" not in again


def test_very_many_duplicates_have_no_option_that_cannot_be_pasted():
    frame = table(place=range(1, N + 1))
    many = frame.iloc[np.repeat(np.arange(N), 2)].reset_index(drop=True)
    found = finding(many, "duplicate rows")
    assert "\N{HORIZONTAL ELLIPSIS}" not in found.fix
    assert "drop_row=" not in found.fix
    assert 'drop_row and the "rows" of the finding "duplicate rows" that thalweg check' in found.fix
    rows = json.dumps(found.as_dict()["rows"], indent=2).strip("[]")  # as --json prints them
    assert "duplicate rows" not in checks(many, drop_row=rows)


@pytest.mark.parametrize("said", ["3,17,\N{HORIZONTAL ELLIPSIS}", "3,..."])
def test_dots_are_no_rows_and_the_fix_says_where_all_are(said):
    with pytest.raises(SettingsError, match="write every row, such as 3,17-19; thalweg check"):
        rows_named(said, N)
    with pytest.raises(SettingsError, match="write 17, or 3,17-19"):
        rows_named("3;5", N)


def test_the_rows_of_many_footnotes_can_be_left_out_as_printed():
    whole = table(place=range(N), ill=np.arange(N) % 7 + 0.25)
    last = pd.DataFrame([{"dose": "Summe", "place": N * (N - 1) / 2, "ill": whole["ill"].sum()}])
    notes = pd.DataFrame([{"dose": f"{k} as registered"} for k in range(99)])
    found = finding(pd.concat([whole, last, notes], ignore_index=True), "total row", drop=["dose"])
    assert 'drop_row="121-220"' in found.fix


def test_stretches_of_rows():
    assert in_ranges([3, 17, 18, 19, 22, 23]) == ["3", "17-19", "22-23"]
    assert in_ranges([]) == []


@pytest.mark.parametrize("words", [["Y", "N", "yes"], ["y", "no", "N"], ["J", "N", "ja"]])
def test_letters_and_words_of_one_language_are_the_same_answers(words):
    ill = np.resize(np.array(words, dtype=object), N)
    found = finding(table(ill=ill), "spelling")
    assert "look like the same answers" in found.what


def test_letters_that_are_codes_are_no_answers():
    for words in (["A", "E", "yes"], ["S", "M", "L"], ["Y", "N", "Z"], ["y", "j", "n"]):
        told = check_table(table(ill=np.resize(np.array(words, dtype=object), N)), "ill").findings
        assert "spelling" not in [each.check for each in told], words


@pytest.mark.parametrize(
    "word",
    [
        *("NC", "NSP", "s/d", "sin dato", "no sabe", "ne sait pas", "weiß nicht", "Weiss nicht"),
        *("fehlt", "refused", "don't know", "don\u2019t know", "Don't know"),
    ],
)
def test_further_words_for_missing_are_named(word):
    smoker = np.resize(np.array(["often", "seldom", "never", word], dtype=object), N)
    found = finding(table(smoker=smoker), "word for missing")
    assert f'"{word}"' in found.what
    assert "--missing" in found.fix


def test_codes_of_states_are_no_words_for_missing():
    state = np.resize(np.array(["NC", "NY", "CA"], dtype=object), N)
    told = check_table(table(state=state), "ill").findings
    assert "word for missing" not in [each.check for each in told]


def test_numbers_and_dates_in_doubt_are_decided_in_usual_pairs():
    frame = pd.DataFrame(
        {
            "cost": ["1,234", "2,500"] * 20,
            "day": ["01/02/2024", "03/04/2024"] * 20,
            "ill": ["no", "yes"] * 20,
        }
    )
    with pytest.raises(DataError) as told:
        infer_schema(frame[["cost", "day"]])
    fix = str(told.value)
    assert "--number cost=1.234,56 --date day=dmy" in fix
    assert "--number cost=1,234.56 --date day=mdy" in fix
    assert "decimal commas, day/month/year:" in fix


def with_cells(cells, **changes):
    changed = np.array(cells, dtype=object)
    for place, cell in changes.items():
        changed[int(place[1:])] = cell
    return changed


NUMBERS = np.arange(N) * 1.5
DAYS = [f"2024-01-{k % 28 + 1:02d}" for k in range(N)]
YES_NO = np.resize(np.array(["yes", "no", "no"], dtype=object), N)


@pytest.mark.parametrize(
    ("check", "columns", "rows"),
    [
        ("target missing", {"ill": with_cells(YES_NO, _3="", _7="")}, [4, 8]),
        ("sentinel", {"x": with_cells(NUMBERS, _5=-999, _6=-999, _9=-999)}, [6, 7, 10]),
        ("mixed types", {"x": with_cells(NUMBERS.astype(str), _3="none", _7="none")}, [4, 8]),
        ("mixed types", {"x": with_cells(np.arange(N), _3=True, _7=False)}, [4, 8]),
        ("mixed types", {"x": with_cells(np.arange(N) > 9, _3=17)}, [4]),
        ("mixed types", {"x": with_cells(DAYS, _3="soon", _7="2024-02-01")}, [4]),
        ("infinite", {"x": with_cells(NUMBERS, _3=np.inf, _8=-np.inf)}, [4, 9]),
        ("target", {"ill": with_cells(NUMBERS.astype(str), _3="none", _7="lost")}, [4, 8]),
        ("word for missing", {"x": with_cells(YES_NO, _5="unknown", _9="-")}, [6, 10]),
        ("word for missing", {"ill": with_cells(YES_NO, _5="unknown")}, [6]),
        ("rare class", {"ill": with_cells(YES_NO, _5="perhaps", _9="perhaps")}, [6, 10]),
        ("spelling", {"ill": with_cells(["case", "control"] * 60, _5="con-trol")}, [6]),
        ("numbers as text", {"x": [f"{k} kg" for k in range(60)] + ["5 lb"] * 60}, []),
        ("constant", {"x": 5.0}, []),
    ],
)
def test_a_finding_has_the_rows_that_its_fix_is_about(check, columns, rows):
    frame = table(**columns)
    assert list(finding(frame, check).rows) == rows
    # By the numbers of the file, also where rows are left out.
    assert list(finding(frame, check, drop_row=[1, 2]).rows) == rows


def test_contradictions_have_all_rows_of_unlike_classes():
    ill = np.where(np.arange(N) % 2, "yes", "no")
    frame = table(dose=np.arange(N), ill=ill)
    again = pd.concat([frame, frame[:2], frame[4:6].assign(ill=["yes", "no"])], ignore_index=True)
    assert finding(again, "contradictions").rows == (5, 6, 123, 124)


def test_findings_about_the_test_table_have_its_rows():
    who = np.array([f"g{place // 2}" for place in range(N)], dtype=object)
    frame = table(who=who)
    test = pd.concat([frame[100:], table(who="h")[:5].assign(dose=["-1", "-2", "-3", "-4", "-5"])])
    test = test[::-1].reset_index(drop=True)
    test.loc[0, "ill"] = ""  # is left out
    given = {"test": test, "group": "who", "drop_missing": "ill"}
    for check in ("rows on both sides", "groups on both sides"):
        assert finding(frame, check, **given).rows == tuple(range(6, 26))


def test_rows_without_a_group_and_rows_of_totals_are_in_the_finding():
    who = np.array([f"g{place // 2}" for place in range(N)], dtype=object)
    who[[3, 7]] = ""
    assert finding(table(who=who), "group missing", group="who").rows == (4, 8)
    frame = table(ward="north", dose=np.arange(N))
    last = pd.DataFrame([{"ward": "Summe", "dose": np.arange(N).sum(), "ill": ""}, {"ward": "So"}])
    whole = pd.concat([frame, last], ignore_index=True)
    assert finding(whole, "total row").rows == (121, 122)


def test_all_twin_columns_are_in_the_option_that_leaves_them_out():
    dose = np.random.default_rng(0).normal(size=N).round(3)
    frame = table(**{f"x {k}": dose for k in range(9)})
    fix = finding(frame, "twin columns").fix
    assert fix.startswith("leave them out (--drop ")
    left = re.findall("--drop '([^']+)'", fix)
    assert left == [f"x {k}" for k in range(1, 9)]
    assert "twin columns" not in checks(frame, drop=left)


def test_a_common_class_that_is_positive_by_its_name_alone_is_said_with_the_rarer_one():
    rng = np.random.default_rng(0)
    x = rng.normal(size=200).round(3)

    def found(rare, common, share=0.2):
        state = np.where(np.arange(200) < 200 * share, rare, common)
        every = check_table(pd.DataFrame({"x": x, "state": state}), "state").findings
        return [each for each in every if each.check == "positive class"]

    [said] = found("at risk", "healthy")
    assert (said.severity, said.columns) == ("note", ("state",))
    assert 'The positive class is "healthy", the last in sorted order; "at risk" is' in said.what
    assert said.what.endswith("20.0% of the rows")
    assert 'positive="at risk"' in said.fix
    assert [dict(each.said) for each in said.fixes] == [{"positive": "at risk"}]
    assert not found("at risk", "healthy", 0.4)  # not rare
    assert not found("sick", "healthy")  # positive already
    assert not found("no", "yes")  # words say which
    assert not found("0", "1")
