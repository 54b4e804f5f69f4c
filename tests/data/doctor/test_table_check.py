"""The table doctor, on sound tables and on tables with planted problems."""

import ast
import re

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from thalweg.data.doctor.examined_table import look_at, target_of
from thalweg.data.doctor.findings import SEVERITIES
from thalweg.data.doctor.table_check import CHECKS, check_table
from thalweg.data.doctor.target_checks import HalvedTarget, left_by
from thalweg.data.notation.said_columns import SaidColumns
from thalweg.data.read import load_table
from thalweg.data.schema.find_columns import find_columns
from thalweg.data.schema.given_table import table_of
from thalweg.data.schema.schema import infer_schema
from thalweg.errors import DataError, SettingsError

N = 400
ROWS = np.arange(N)


def sound(seed=0, n=N):
    """A table that nothing is wrong with."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "age": rng.integers(18, 90, n),
            "dose": rng.normal(5, 2, n).round(3),
            "town": rng.choice(["Bern", "Rome", "Oslo"], n),
            "smoker": rng.random(n) < 0.3,
        }
    )
    score = frame["dose"] - 5 + (frame["town"] == "Bern") + rng.normal(size=n)
    frame["ill"] = np.where(score > 0, "yes", "no")
    return frame


def found(frame, check=None, **given):
    """(check, severity, columns) of what is found."""
    told = check_table(frame, **{"target": "ill", **given}).findings
    return [
        (each.check, each.severity, each.columns)
        for each in told
        if check is None or each.check == check
    ]


def put(column, rows, value):
    def planted(frame):
        frame = frame.astype({column: object})
        frame.loc[rows, column] = value
        return frame

    return planted


def add(name, values):
    return lambda frame: frame.assign(**{name: values(frame) if callable(values) else values})


def yes(frame):
    return (frame["ill"] == "yes").astype(int)


RNG = np.random.default_rng(7)
LETTERS = np.array(list("abcdefghijklmnopqrstuvwxyz"))
DAYS = pd.Timestamp("2020-01-01") + pd.to_timedelta(RNG.integers(0, 900, N), unit="D")
RARE = np.where(ROWS < 3, "perhaps", "")

PLANTED = {
    # identifiers
    "row numbers": (add("row", ROWS + 1), ("identifier", "severe", ("row",))),
    "shuffled row numbers": (
        add("x", RNG.permutation(N) + 10_000), ("identifier", "severe", ("x",)),
    ),
    "rising numbers": (
        add("entered", np.cumsum(RNG.integers(1, 9, N))), ("identifier", "severe", ("entered",)),
    ),
    "patient_id": (
        add("patient_id", RNG.choice(10**8, N, replace=False)),
        ("identifier", "severe", ("patient_id",)),
    ),
    "names": (
        add("name", [f"Person {row}" for row in ROWS]), ("identifier", "caution", ("name",)),
    ),
    # leaks
    "the target itself": (add("code", yes), ("leak", "severe", ("code",))),
    "the target, renamed": (
        add("verdict", lambda f: f["ill"].map({"yes": "malign", "no": "benign"})),
        ("leak", "severe", ("verdict",)),
    ),
    "the target, one in a hundred wrong": (
        add("code", lambda f: np.where(ROWS % 100 == 50, 1 - yes(f), yes(f))),
        ("leak", "caution", ("code",)),
    ),
    "a number far from the other class's": (
        add("result", lambda f: yes(f) * 10 + RNG.normal(size=N)), ("leak", "severe", ("result",)),
    ),
    "filled for the ill alone": (
        add("treated", lambda f: np.where(yes(f), RNG.normal(size=N), np.nan)),
        ("leak", "severe", ("treated",)),
    ),
    "a classes's own bins": (
        add("band", lambda f: 2 * RNG.integers(0, 20, N) + yes(f)), ("leak", "severe", ("band",)),
    ),
    # what fit would refuse
    "a typing error": (put("dose", [7], "high"), ("mixed types", "severe", ("dose",))),
    "units": (
        add("weight", [f"{w:.1f} {'g' if w > 80 else 'kg'}" for w in RNG.normal(70, 9, N)]),
        ("numbers as text", "severe", ("weight",)),
    ),
    "per cent beside none": (
        add("share", [f"{w}{' %' if w < 90 else ''}" for w in RNG.integers(0, 100, N)]),
        ("numbers as text", "severe", ("share",)),
    ),
    "thousands": (
        add("income", [f"{w:,}" for w in RNG.integers(10_000, 99_999, N)]),
        ("numbers as text", "severe", ("income",)),
    ),
    "two readings": (
        add("crp", [f"{row % 9 + 1}.{row * 37 % 1000:03}" for row in ROWS]),
        ("numbers as text", "severe", ("crp",)),
    ),
    "durations of clocks": (
        add("wait", [f"{row % 40}:{row % 60:02}:00" for row in ROWS]),
        ("duration", "severe", ("wait",)),
    ),
    "durations in words": (
        add("since", [f"{row % 9} Jahre {row % 12} Monate" for row in ROWS]),
        ("duration", "severe", ("since",)),
    ),
    "true among numbers": (put("age", [3, 4], True), ("mixed types", "severe", ("age",))),
    "lists": (add("tags", [[1, 2]] * N), ("mixed types", "severe", ("tags",))),
    "infinite": (put("dose", [5], np.inf), ("infinite", "severe", ("dose",))),
    "dates": (add("seen", DAYS), ("time order", "caution", ("seen",))),
    "dates as text": (
        add("seen", DAYS.strftime("%d.%m.%Y")), ("time order", "caution", ("seen",)),
    ),
    "dates in two ways": (
        add("seen", [f"{1 + k % 9}/{1 + k % 12}/2024" for k in range(N)]),
        ("dates", "severe", ("seen",)),
    ),
    "dates as numbers": (
        add("seen", DAYS.strftime("%Y%m%d").astype(int)), ("dates", "caution", ("seen",)),
    ),
    # not known, in disguise
    "-999": (put("dose", ROWS[::50], -999.0), ("sentinel", "caution", ("dose",))),
    "9999": (put("age", ROWS[::40], 9999), ("sentinel", "caution", ("age",))),
    "99": (
        add("score", np.where(ROWS % 30 == 0, 99, RNG.integers(0, 11, N))),
        ("sentinel", "caution", ("score",)),
    ),
    "-1": (put("age", ROWS[::40], -1), ("sentinel", "caution", ("age",))),
    "0": (
        add("pressure", np.where(ROWS % 30 == 0, 0, RNG.normal(80, 9, N).round())),
        ("sentinel", "caution", ("pressure",)),
    ),
    "two of them": (
        add("score", np.where(ROWS % 30 == 0, 98, np.where(ROWS % 31 == 0, 99, ROWS % 9 / 8))),
        None,
    ),
    "unknown": (
        put("town", ROWS[::60], "Unknown"), ("word for missing", "note", ("town",)),
    ),
    # categories
    "spelling": (put("town", ROWS[::70], "bern "), ("spelling", "caution", ("town",))),
    "many levels": (
        add("ward", LETTERS[RNG.integers(0, 26, N)] + pd.Series(LETTERS[RNG.integers(0, 3, N)])),
        ("many levels", "note", ("ward",)),
    ),
    "huge cardinality": (
        add("street", [f"street {k}" for k in RNG.integers(0, 190, N)]),
        ("many levels", "caution", ("street",)),
    ),
    # nothing to be learned from
    "constant": (add("site", "A"), ("constant", "caution", ("site",))),
    "constant number": (add("year", 2020), ("constant", "caution", ("year",))),
    "empty": (add("notes", None), ("empty", "caution", ("notes",))),
    "mostly missing": (
        add("rare", np.where(ROWS % 3, np.nan, RNG.normal(size=N))), ("missing", "note", ("rare",)),
    ),
    "twins": (
        add("dose_2", lambda f: f["dose"]), ("twin columns", "caution", ("dose", "dose_2")),
    ),
    "twins, renamed": (
        add("ort", lambda f: f["town"].map({"Bern": "z", "Rome": "a", "Oslo": "m"})),
        ("twin columns", "caution", ("town", "ort")),
    ),
    # rows
    "rows twice": (
        lambda f: pd.concat([f, f[:40]], ignore_index=True), ("duplicate rows", "caution", ()),
    ),
    "one row twice": (
        lambda f: pd.concat([f, f[:1]], ignore_index=True), ("duplicate rows", "note", ()),
    ),
    "contradictions": (
        lambda f: pd.concat(
            [f, f[:40].assign(ill=f["ill"].map({"yes": "no", "no": "yes"}))], ignore_index=True
        ),
        ("contradictions", "caution", ()),
    ),
    "few rows": (lambda f: f[:49], ("few rows", "caution", ())),
    "many columns": (
        lambda f: f.assign(**{f"x{j}": RNG.normal(size=N) for j in range(37)}),
        ("few rows", "caution", ()),
    ),
    # target
    "holes": (put("ill", [11, 12], None), ("target missing", "severe", ("ill",))),
    "one class": (add("ill", "yes"), ("one class", "severe", ("ill",))),
    "one number": (add("ill", "5,5"), ("constant target", "severe", ("ill",))),
    "a rare class": (put("ill", [11, 12, 13], "perhaps"), ("rare class", "caution", ("ill",))),
    "a class spelled twice": (
        put("ill", ROWS[::9], "y e s"), ("spelling", "severe", ("ill",)),
    ),
    "imbalance": (
        add("ill", np.where(ROWS % 25 == 3, "yes", "no")), ("imbalance", "note", ("ill",)),
    ),
}  # fmt: skip


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("dress", ["pandas", "polars", "text"])
def test_a_sound_table_has_nothing(seed, dress):
    frame = sound(seed)
    if dress == "polars":
        frame = pl.DataFrame(frame.to_dict("list"))
    elif dress == "text":
        frame = frame.astype(str)
    assert found(frame) == []
    assert found(frame, group="town", check="leak") == []


@pytest.mark.parametrize("name", PLANTED)
def test_what_is_planted_is_found_and_nothing_else(name):
    plant, expected = PLANTED[name]
    told = check_table(plant(sound()), "ill")
    if expected is None:
        assert [each.check for each in told.findings] == ["sentinel", "sentinel"]
        return
    # A column that decides everything makes twins of itself, and so on: these are no false alarms.
    allowed = {
        "twins": {"duplicate rows"},
        "contradictions": {"duplicate rows"},
        "one class": set(),
    }.get(name, set())
    assert expected in [(each.check, each.severity, each.columns) for each in told.findings]
    assert {each.check for each in told.findings} <= {expected[0], *allowed}
    assert told.is_severe == (expected[1] == "severe")
    for each in told.findings:
        for part in (each.what, each.where, each.why, each.fix):
            assert part
            assert not part.endswith(".")
        assert len(str(told)) < 2000


def test_there_are_enough_checks_and_each_finds_something():
    assert len(CHECKS) >= 12
    names = {expected[0] for _, expected in PLANTED.values() if expected}
    assert len(names) >= 16


def test_a_leak_is_judged_on_rows_that_its_rule_has_not_seen():
    # A level a row decides everything on the rows that it was made from, and nothing elsewhere.
    frame = sound().assign(code=[f"k{row // 2}" for row in range(N)])
    assert found(frame, "leak") == []


@pytest.mark.parametrize("n_classes", [2, 3, 4])
@pytest.mark.parametrize("order", ["in turns", "sorted", "shuffled"])
def test_no_order_of_the_table_hides_a_leak(n_classes, order):
    rng = np.random.default_rng(0)
    code = np.tile(np.arange(n_classes), 240 // n_classes)
    place = {"in turns": np.arange(240), "sorted": code.argsort(), "shuffled": rng.permutation(240)}
    frame = pd.DataFrame(
        {
            "age": rng.integers(18, 90, 240),
            "gives it away": 5.0 * code + rng.normal(0, 0.1, 240),
            "ill": np.array(["a", "b", "c", "d"])[code],
        }
    )
    told = found(frame.iloc[place[order]], "leak")
    assert told == [("leak", "severe", ("gives it away",))]


def test_a_leak_is_measured_alike_in_every_order_of_the_table():
    frame = sound(n=200)
    frame["nearly"] = np.where(np.arange(200) % 40 == 0, "?!", frame["ill"])
    told = [check_table(frame.iloc[order], "ill") for order in (ROWS[:200], ROWS[:200][::-1])]
    leaks = [[f.where for f in each.findings if f.check == "leak"] for each in told]
    assert len(leaks[0]) == 1
    assert leaks[0] == leaks[1]


def looked(table, place):
    found = find_columns(table, np.ones(table.n_rows), SaidColumns())
    return look_at(table.names[place], table, place, found[place])


def test_what_a_rule_of_one_column_leaves_in_closed_form():
    # Two levels; the rule says the commoner class of each: 10 of 100 rows are wrong, where always
    # saying "no" is wrong in 50.
    level = np.repeat(["a", "b"], 50)
    label = np.where(level == "a", "no", "yes")
    flip = [*range(5), *range(50, 55)]
    label[flip] = np.where(label[flip] == "no", "yes", "no")
    table = table_of(pd.DataFrame({"x": level, "y": label}))
    look, target = looked(table, 0), target_of(looked(table, 1))
    every = np.arange(100)
    assert left_by(look, HalvedTarget.of(target, every, every % 2)) == pytest.approx(10 / 50)
    # A number in two bins without noise, and a target of the bin's mean: nothing is left.
    number = pd.DataFrame({"x": np.arange(100.0), "y": np.arange(100.0) ** 3})
    table = table_of(number)
    look, target = looked(table, 0), target_of(looked(table, 1))
    assert target.numbers is not None
    assert left_by(look, HalvedTarget.of(target, every, every % 2)) == pytest.approx(0.0, abs=1e-12)


def test_a_number_as_target():
    rng = np.random.default_rng(0)
    frame = sound().assign(cost=rng.normal(100, 20, N))
    assert found(frame, target="cost") == []
    frame["cost_eur"] = frame["cost"] * 0.93
    frame["rank"] = frame["cost"].rank() + rng.normal(0, 0.1, N)
    leaks = found(frame, "leak", target="cost")
    assert leaks == [("leak", "severe", ("cost_eur",)), ("leak", "severe", ("rank",))]


# --- two tables, and groups -------------------------------------------------------------------


def test_rows_on_both_sides():
    train, test = sound(0), sound(1)
    assert found(train, test=test) == []
    mixed = pd.concat([test, train[:30]], ignore_index=True)
    assert found(train, test=mixed) == [("rows on both sides", "severe", ())]
    told = check_table(train, "ill", test=mixed).findings[0]
    assert told.what.startswith("Test rows that are in the table, too: 30 of 430")
    assert "first row 401" in told.where


def test_coarse_tables_have_equal_rows_by_chance():
    rng = np.random.default_rng(0)
    train, test = (
        pd.DataFrame({"a": rng.integers(0, 3, N), "b": rng.integers(0, 3, N)}).assign(
            ill=rng.choice(["no", "yes"], N)
        )
        for _ in range(2)
    )
    (each,) = found(train, "rows on both sides", test=test)
    assert each[1] == "caution"


def test_groups():
    frame = sound().assign(patient=[f"p{row // 4}" for row in range(N)])
    assert found(frame, group="patient") == [("groups", "caution", ("patient",))]
    once = sound().assign(patient=[f"p{row}" for row in range(N)])
    assert found(once, group="patient") == []
    test = sound(1).assign(patient=[f"q{row // 4}" for row in range(N)])
    assert found(frame, group="patient", test=test) == []
    test.loc[:7, "patient"] = "p3"
    told = check_table(frame, "ill", group="patient", test=test)
    assert [(each.check, each.severity) for each in told.findings] == [
        ("groups on both sides", "severe")
    ]
    assert '1 group is in both the table and the test table: "p3"' in str(told)


def test_tables_that_differ():
    train, test = sound(0), sound(1)
    assert found(train, test=test.drop(columns="age")) == [("different tables", "severe", ("age",))]
    test.loc[5:9, "town"] = "Riga"
    test["age"] = test["age"].astype(float)
    test.loc[3, "age"] = 140.0
    told = found(train, test=test)
    assert ("unseen levels", "caution", ("town",)) in told
    assert ("out of range", "note", ("age",)) in told


@pytest.mark.parametrize(
    ("cell", "left"), [(None, {"drop_missing": "ill"}), ("k.A.", {"missing": {"ill": "k.A."}})]
)
def test_rows_of_the_test_table_are_those_of_its_file(cell, left):
    train, test = sound(0), sound(1)
    train["age"], test["age"] = train["age"].astype(float), test["age"].astype(float)
    test.loc[:9, "ill"] = cell
    train.loc[20, "ill"] = cell  # rows of the table do not count in the test table
    test.loc[30, "town"] = "Riga"
    test.loc[[40, 41], "age"] = [train["age"].max() + 1, 400.0]  # one is barely outside
    test.iloc[12] = train.iloc[5]
    told = check_table(train, "ill", test=test, **left)
    where = {each.check: f"{each.what} ({each.where})" for each in told.findings}
    assert "first row 13 of the test table" in where["rows on both sides"]
    assert "first row 31" in where["unseen levels"]
    assert "by more than 25% of its width outside the range" in where["out of range"]
    assert f"in 1 of {N - 10} rows" in where["out of range"]
    assert "in row 42;" in where["out of range"]
    assert any(note.startswith("In the test table: Left out 10 rows") for note in told.notes)


# --- the door ---------------------------------------------------------------------------------


def test_a_diagnosis_is_plain_data_and_words():
    frame = sound().assign(row=ROWS, site="A")
    told = check_table(frame, "ill")
    plain = told.as_dict()
    assert plain["counts"] == {"severe": 1, "caution": 1, "note": 0}
    assert plain["rows"] == N
    assert plain["columns"] == 6
    assert plain["findings"][0]["check"] == "identifier"
    assert plain["findings"][0]["columns"] == ["row"]
    assert [each["severity"] for each in plain["findings"]] == ["severe", "caution"]
    assert str(told).startswith("400 rows, 6 columns: 1 severe, 1 caution.\nSEVERE  identifier: ")
    assert str(check_table(sound(), "ill")) == "400 rows, 4 columns: nothing found."


def test_without_a_target_columns_and_rows_are_checked_all_the_same():
    told = check_table(sound().assign(row=ROWS))
    assert [each.check for each in told.findings] == ["identifier"]


def test_the_table_is_left_alone():
    frame = sound()
    copy = frame.copy(deep=True)
    check_table(frame, "ill", test=frame)
    pd.testing.assert_frame_equal(frame, copy)


@pytest.mark.parametrize(
    ("table", "given", "says"),
    [
        (np.zeros((3, 3)), {}, "without column names"),
        (sound(), {"target": "Ill"}, 'Did you mean "ill"'),
        (sound(), {"group": "city"}, "the table has"),
        (sound()[:0], {}, "no rows"),
        (7, {}, "2D"),
        (sound(), {"test": np.zeros((2, 2))}, "without column names"),
    ],
    ids=str,
)
def test_what_cannot_be_checked(table, given, says):
    with pytest.raises(DataError) as caught:
        check_table(table, **given)
    assert says in str(caught.value)


@pytest.mark.parametrize("name", ["a typing error", "units", "dates as text", "infinite"])
def test_a_csv_has_the_same_findings(name):
    plant, expected = PLANTED[name]
    texts = plant(sound()).astype(str)
    assert expected in found(texts)


def test_the_bundled_table_has_its_known_traps():
    table = load_table("wisconsin")
    told = check_table(table.frame.assign(diagnosis=table.target), "diagnosis")
    assert [each.check for each in told.findings] == ["duplicate rows"]
    assert SEVERITIES[1] == told.findings[0].severity


def test_codes_for_missing_are_named_and_ordinary_numbers_are_not():
    rng = np.random.default_rng(0)
    age = rng.integers(18, 81, N).astype(float)
    assert not found(sound().assign(age=age), "sentinel")
    coded = age.copy()
    coded[::50], coded[7::60] = -9, 99
    told = [each for each in check_table(sound().assign(age=coded), "ill").findings
            if each.check == "sentinel"]  # fmt: skip
    assert sorted(each.what.partition(" ")[0] for each in told) == ["-9", "99"]
    assert "--missing age=-9 on the command line, missing={'age': ['-9']}" in told[0].fix
    said = {"age": ["-9", "99"]}
    assert not found(sound().assign(age=coded), "sentinel", missing=said)
    # Degrees, percent, money, scores: 99, -9 and 88 among values like them.
    for values in (
        rng.normal(0, 8, N).round(),
        rng.integers(0, 100, N),
        rng.lognormal(3, 1, N).round(),
        rng.poisson(60, N),
        np.where(rng.random(N) < 0.1, 99, rng.integers(60, 100, N)),
    ):
        values[:4] = values[0]
        assert not found(sound().assign(age=values), "sentinel")


def test_high_outliers_do_not_hide_a_code_below_zero():
    rng = np.random.default_rng(0)
    crp = rng.lognormal(2, 1.2, N).round(1)
    crp[5], crp[9], crp[20:23] = 4_000, 9_500, -999
    [code] = [each for each in check_table(sound().assign(crp=crp), "ill").findings
              if each.check == "sentinel"]  # fmt: skip
    assert code.what.startswith("-999 is far from the other values")
    # It is not alone below zero, or the values near zero are as far from each other.
    debts = crp.copy()
    debts[30:32] = -600, -300
    prices = 800.0 * (np.arange(N) // 4)
    prices[9], prices[20:23] = 900_000, -999
    for values in (debts, prices):
        assert not found(sound().assign(crp=values), "sentinel")


@pytest.mark.parametrize("codes", [(-9,), (99,), (-9, 99), (99, 999), (-99, -9)])
@pytest.mark.parametrize("levels", [(1, 2, 3, 4), (0, 1), (1, 2, 3, 4, 5), range(18, 80)])
def test_codes_for_not_known_are_named_beside_few_answers_and_beside_each_other(codes, levels):
    rng = np.random.default_rng(0)
    x = rng.choice([*levels], 300).astype(float)
    for place, code in enumerate(codes):
        x[place::30] = code
    frame = pd.DataFrame({"x": x, "y": rng.choice(["a", "b"], 300)})
    found = [each for each in check_table(frame, "y").findings if each.check == "sentinel"]
    assert sorted(int(each.what.split()[0]) for each in found) == sorted(codes)


@pytest.mark.parametrize("levels", [(1, 2, 8), (0, 5, 9), (10, 20, 99), (-1, 0, 1)])
def test_numbers_that_go_with_few_others_are_no_codes(levels):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"x": rng.choice(levels, 300), "y": rng.choice(["a", "b"], 300)})
    assert not [each for each in check_table(frame, "y").findings if each.check == "sentinel"]


def test_the_empty_cell_is_no_text_of_an_identifier():
    frame = sound().assign(note=[f"note {row}" for row in range(N - 2)] + ["", ""])
    [said] = [each for each in check_table(frame, "ill").findings if each.check == "identifier"]
    assert said.what.endswith(f"{N - 2:,} different in {N - 2:,} rows")


def test_a_word_among_the_numbers_of_a_target_is_found_once():
    frame = sound().assign(y=[str(row) for row in range(N - 2)] + ["k.A.", "k.A."])
    assert [each.check for each in check_table(frame, "y").findings if "k.A." in each.what] == [
        "target"
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("ja yes oui nein no non", '"ja", "yes", "oui" and "nein", "no", "non"'),
        ("Ja ja j Nein nein n", '"Ja", "ja", "j" and "Nein", "nein", "n"'),
        ("ja nein", ""),
        ("ja nein unklar", ""),
        ("d n s", ""),
        ("ja oui", ""),
        ("a b c", ""),
    ],
)
def test_classes_that_are_the_same_answers(words, said):
    target = np.resize(np.repeat(words.split(), 4), N)
    cautions = [
        each
        for each in check_table(sound().assign(y=target), "y").findings
        if "same answers" in each.what
    ]
    assert [sorted(each.what.split(": ")[1]) for each in cautions] == [sorted(said)] * bool(said)
    assert all("yes and no" in each.fix for each in cautions)


def test_a_row_that_is_odd_in_several_columns_is_named():
    units = {"age": "in years", "dose": "per day", "town": "", "smoker": "", "ill": "no"}
    frame = pd.concat([pd.DataFrame([units]), sound().astype(str)], ignore_index=True)
    said = [each for each in check_table(frame, "ill").findings if each.check == "mixed types"]
    assert len(said) == 2
    assert all("--drop-row 1 on" in each.fix for each in said)
    with pytest.raises(DataError, match="--drop-row 1 on the command line"):
        infer_schema(frame.drop(columns="ill"))
    alone = sound().astype(str)
    alone.loc[3, "age"], alone.loc[9, "dose"] = "unclear", "unclear"
    assert "--drop-row" not in str(check_table(alone, "ill"))


def test_the_task_is_that_of_fit():
    frame = sound().assign(y=[str(row) for row in range(N - 2)] + ["k.A.", "k.A."])
    assert check_table(frame, "y").is_severe
    told = check_table(frame, "y", task="classification")
    assert not [each for each in told.findings if each.check == "target"]
    assert [each for each in told.findings if each.check == "rare class"]
    few = sound().assign(y=np.resize([1, 2, 3, 3], N))
    assert not [e for e in check_table(few, "y", task="regression").findings if "class" in e.check]
    [said] = [
        e for e in check_table(sound(), "ill", task="regression").findings if e.check == "target"
    ]
    assert "not numeric" in said.what


def test_few_duplicate_rows_are_named():
    frame = pd.concat([sound(), sound().iloc[[3, 7]]], ignore_index=True)
    [said] = [each for each in check_table(frame, "ill").findings if each.check == "duplicate rows"]
    assert 'drop_row="401-402"' in said.fix
    left = check_table(frame, "ill", drop_row="401-402").findings
    assert not [each for each in left if each.check == "duplicate rows"]


@pytest.mark.parametrize("spelled_apart", [False, True])
def test_duplicate_rows_name_the_identifiers_they_do_not_compare_and_the_fix_works(spelled_apart):
    names = [f"Person {row}" for row in range(100)]
    age = [str(40 + row % 25) for row in range(100)]
    frame = pd.DataFrame({"name": names, "age": age, "ill": ["yes", "no", "no", "yes"] * 25})
    if spelled_apart:
        frame.loc[30:60, "age"] += ".0"
    told = {each.check: each for each in check_table(frame, "ill").findings}
    again = told["duplicate rows"]
    assert again.what == (
        '75 rows equal an earlier one in all features but the identifier "name" (75.0%)'
    )
    assert "X.drop_duplicates(subset=['age']) in Python" in again.fix
    assert ("once equal values are written alike" in again.fix) == spelled_apart
    if not spelled_apart:
        left = frame.drop_duplicates(subset=["age"])
        assert not found(left, "duplicate rows")
    both = told["contradictions"]
    assert both.what == (
        'Rows of different classes that are equal in all features but the identifier "name"'
    )
    assert "Any model of these features alone will be wrong in at least" in both.why


def test_rows_that_are_equal_in_identifiers_too_are_equal_in_all_features():
    frame = sound().assign(name=[f"Person {row}" for row in ROWS])
    twice = pd.concat([frame, frame[:40].assign(ill="no")], ignore_index=True)
    told = {each.check: each.what for each in check_table(twice, "ill").findings}
    assert told["duplicate rows"] == "40 rows equal an earlier one in all features (9.1%)"
    assert told["contradictions"].endswith("that are equal in all features")
    again = check_table(frame, "ill", test=frame[:20].assign(name="Somebody")).findings
    [both] = [each for each in again if each.check == "rows on both sides"]
    assert 'in the table, too (equal in all features but the identifier "name"): 20' in both.what


def test_names_may_be_numbers_as_pandas_has_them():
    names = dict(enumerate(["age", "dose", "town", "smoker", "ill"]))
    plain = sound()
    whole = plain.rename(columns={name: number for number, name in names.items()})
    for given in (
        {"target": 4},
        {"target": "4", "group": 2},
        {"target": np.int64(4), "drop": [0, 2], "drop_missing": 4},
        {"target": 4, "drop": 0, "drop_missing": [4], "category": [3], "number": [1]},
        {"target": 4, "text": [2], "missing": {0: ["99"]}},
    ):
        numbers = check_table(whole, **given)
        texts = check_table(whole.rename(columns=str), **as_texts(given))
        assert numbers.headline == texts.headline
    with pytest.raises(DataError, match='There is no column "7"'):
        check_table(whole, target=7)
    doubled = pd.concat([whole.assign(), whole])
    doubled[5] = np.tile(np.arange(N).astype(str), 2)
    said = str(check_table(doubled, target=4, text=[5]))
    (subset,) = re.findall(r"drop_duplicates\(subset=(\[.*?\])\)", said)
    assert len(doubled.drop_duplicates(subset=ast.literal_eval(subset))) < len(doubled)


def as_texts(given):
    """The arguments with texts for numbers."""
    return {
        key: [str(each) for each in value]
        if isinstance(value, list)
        else {str(name): each for name, each in value.items()}
        if isinstance(value, dict)
        else str(value)
        for key, value in given.items()
    }


@pytest.mark.parametrize("role", ["target", "group"])
@pytest.mark.parametrize("made", [pd.DataFrame, pl.DataFrame, pa.table])
def test_values_in_the_place_of_a_name_are_refused_with_a_fix(role, made):
    table = sound()
    values = table["ill"].to_numpy()
    X = made(table.drop(columns="ill").to_dict("list"))
    for given in (values, [*values], pd.Series(values)):
        with pytest.raises(DataError, match=f"{role} is of type .*not the name of a col") as told:
            check_table(X, **{role: given})
    scope = {"X": X, "values": values, "pl": pl, "pa": pa}
    code, _, argument = told.value.fix.partition("as in ")[2].partition(", and name them: ")
    exec(code, scope)
    check_table(scope["X"], **eval(f"dict({argument})"))


def test_a_form_of_dates_without_a_column_is_refused():
    with pytest.raises(SettingsError, match="does not say how dates are read"):
        check_table(sound(), target="ill", date="age")


@pytest.mark.parametrize(
    "levels",
    [
        ("Labor Süd", "Labor-Süd", "labor_süd"),
        ("Labor Süd", "LaborSüd", "Nord", "nord "),
        ("Nord", "nord", "Süd"),
        ("Hauptstraße", "HAUPTSTRASSE"),
    ],
)
def test_the_python_fix_for_spellings_joins_them(levels):
    X = sound().assign(lab=np.resize(levels, N))
    [told] = [each for each in check_table(X, "ill").findings if each.check == "spelling"]
    code = told.fix.partition("in Python ")[2].partition("; or ")[0]
    exec(code if " = " in code else f"X['lab'] = {code}", {"X": X})
    assert X["lab"].nunique() == len({level.casefold()[0] for level in levels})
