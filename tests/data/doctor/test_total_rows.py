"""Rows of totals: proven by arithmetic, and left out by the option that messages print."""

import json
import re
import shlex

import numpy as np
import pandas as pd
import pytest

from thalweg import check_table
from thalweg.data.doctor.total_rows import totals_of

QUICK = ("--no-trees", "--hidden", "2", "--epochs", "2", "--early-stopping", "off")


def cases(n=40, seed=0):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"ward": rng.choice(["north", "south"], n)})
    frame["dose"] = np.round(rng.normal(50, 10, n), 1)
    frame["visits"] = rng.integers(1, 9, n)
    frame["cost"] = np.round(rng.gamma(2, 100, n), 2)
    return frame


def below(frame, word, how, digits=2, column="ward"):
    """The table with a row of totals at its end."""
    numbers = frame.select_dtypes("number").agg(how).round(digits)
    return pd.concat([frame, pd.DataFrame([{column: word, **numbers}])], ignore_index=True)


def found(frame):
    numbers = {name: frame[name].to_numpy(float) for name in frame.select_dtypes("number")}
    return totals_of(frame, numbers)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    ("word", "how"),
    [("Summe", "sum"), ("TOTAL", "sum"), ("Gesamt:", "sum"), ("Mean", "mean"), ("Ø", "mean"),
     ("Mittelwert", "mean"), ("Grand total", "sum"), ("Σ", "sum"), ("Toplam", "sum"),
     ("Moyenne", "mean"), (" Total (n=40)", "sum")],
)  # fmt: skip
def test_a_last_row_of_sums_or_means_is_found(word, how, seed):
    [row] = found(below(cases(seed=seed), word, how))
    assert (row.row, row.column, row.word) == (40, "ward", word.strip())
    assert row.sums + row.means == ("dose", "visits", "cost")
    assert bool(row.sums) == (how == "sum")


def test_subtotals_and_the_total_of_all_rows_are_found():
    one, two = cases(20, 1), cases(30, 2)
    frame = pd.concat([below(one, "Total", "sum"), below(two, "Total", "sum")], ignore_index=True)
    every = pd.concat([one, two]).select_dtypes("number").sum().round(2)
    last = pd.DataFrame([{"ward": "Grand total", **every}])
    assert [row.row for row in found(frame)] == [20, 51]
    rows = [row.row for row in found(pd.concat([frame, last], ignore_index=True))]
    assert rows == [20, 51, 52]


@pytest.mark.parametrize("seed", range(20))
def test_a_word_alone_proves_nothing(seed):
    frame = cases(seed=seed)
    assert not found(frame.assign(ward=np.where(frame.index % 3, "total", "partial")))
    assert not found(frame.assign(ward=["north"] * 39 + ["average"]))
    zeros = frame.assign(dose=0.0, visits=0, cost=0.0)
    assert not found(below(zeros, "Total", "sum"))  # 0 is the sum of zeros
    same = frame.assign(dose=5.0, visits=5, cost=5.0)
    assert not found(below(same, "Mean", "mean"))  # and 5 the mean of fives
    assert not found(below(frame, "last", "sum"))  # the arithmetic alone is not enough
    half = below(frame, "Total", "sum")
    half.loc[40, ["dose", "visits"]] = [51.5, 3]  # one column of three
    assert not found(half)


@pytest.mark.parametrize("name", ["N-{:03d}", "Max {}", "n{}", "Count-{}", "SD_{}"])
def test_a_case_of_such_a_name_is_none_because_its_age_is_the_mean_above(name):
    ages = [30, 40, 50, 40, 61, 20]
    frame = pd.DataFrame({"person": [name.format(i) for i in range(6)], "age": ages})
    assert found(frame.assign(hours=20.5)) == []


@pytest.mark.parametrize("seed", range(3))
def test_the_rows_of_statistics_at_the_end_are_found(seed):
    frame = cases(seed=seed)
    numbers = frame.select_dtypes("number")
    words = {"n": "count", "MW": "mean", "SD": "std", "Median": "median", "Min": "min"} | {
        "Max": "max"
    }
    rows = [{"ward": word, **numbers.agg(how).round(2)} for word, how in words.items()]
    whole = pd.concat([frame, pd.DataFrame(rows)], ignore_index=True)
    assert [(each.row, each.word) for each in found(whole)] == [*enumerate(words, start=40)]
    assert '"SD" of the rows above it' in found(whole)[2].why
    for word in ("Ogółem", "Ort."):
        assert len(found(below(frame, word, "sum"))) == 1
    # A person called Max, who is the last and the oldest, is one that has no other such row.
    assert not found(frame.assign(ward=[*frame["ward"][:-1], "Max"]))
    between = pd.concat([frame, pd.DataFrame([rows[5]]), frame], ignore_index=True)
    assert not found(between)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("notes", [[], ["Source : registre"], ["", "n = 40 cases", "Stand: 2024"]])
def test_footnotes_and_counts_below_a_total_hide_nothing(seed, notes):
    first, second = cases(30, seed), cases(10, seed + 9)
    count = pd.DataFrame([{"ward": "n", "cost": 30.0}])  # one number alone, below a subtotal
    frame = pd.concat([below(first, "Sous-total", "sum"), count, second], ignore_index=True)
    every = pd.concat([first, second]).select_dtypes("number")
    rows = [{"ward": "Total", **every.sum().round(2)}, {"ward": "n", **every.count()}]
    rows += [{"ward": "SD", **every.std().round(2)}, *({"ward": note} for note in notes)]
    whole = pd.concat([frame, pd.DataFrame(rows)], ignore_index=True)
    assert [each.row for each in found(whole)] == [30, 31, *range(42, 45 + len(notes))]
    assert [each.word for each in found(whole)[2:5]] == ["Total", "n", "SD"]
    # A last case of which little is known is no footnote where there is no total.
    alone = pd.concat([cases(40), pd.DataFrame([{"ward": "north"}])], ignore_index=True)
    assert not found(alone)
    # Nor does a level that a total's word begins with hide the total.
    level = whole.assign(kind=["mean", "low"] * (len(whole) // 2) + ["low"] * (len(whole) % 2))
    assert [each.row for each in found(level.iloc[:45])] == [30, 31, 42, 43, 44]


@pytest.mark.parametrize("decimals", [0, 1])
def test_statistics_from_before_the_cells_were_rounded_hide_no_footnote(decimals):
    words = {"Mittelwert": "mean", "SD": "std", "Median": "median", "Max": "max"}
    for seed in range(60):
        raw = pd.DataFrame({"Hb": np.random.default_rng(seed).normal(13, 1.5, 121)})
        rows = [{"ward": word, "Hb": float(raw["Hb"].agg(how))} for word, how in words.items()]
        last = pd.DataFrame([*rows, {"ward": "Quelle: KIS"}]).round(3)
        frame = raw.round(decimals).assign(ward="north")
        whole = pd.concat([frame, last], ignore_index=True)
        assert [each.row for each in found(whole)] == [*range(121, 126)], seed
        total = pd.DataFrame([{"ward": "Summe", "Hb": round(float(raw["Hb"].sum()), 3)}])
        assert found(pd.concat([frame, total], ignore_index=True)), seed


def test_the_tolerance_for_rounded_cells_names_no_case():
    frame = cases(40)[["ward", "visits"]]
    total = below(frame, "Summe", "sum")
    top = int(frame["visits"].max())

    def then(word, visits):
        row = pd.DataFrame([{"ward": word, "visits": visits}])
        return [each.row for each in found(pd.concat([total, row], ignore_index=True))]

    assert then("Max", top) == [40, 41]
    assert then("Max", top - 1) == [40]  # a case of that name
    assert then("n", 39) == [40]
    assert then("SD", frame["visits"].std() + 1.5) == [40]
    # A case with as many digits as the others is none of their mean that is a little off.
    dose = cases(40)[["ward", "dose"]]
    mean = round(dose["dose"].mean(), 1)
    assert found(below(dose, "Mean", lambda _: mean))
    assert not found(below(dose, "Mean", lambda _: mean + 0.1))


@pytest.mark.parametrize("word", ["Standard deviation", "Std. Dev.", "\u00c9cart-type"])
def test_the_standard_deviation_by_its_long_name(word):
    frame = cases(40)
    spread = pd.DataFrame([{"ward": word, **frame.select_dtypes("number").std().round(2)}])
    whole = pd.concat([below(frame, "Mean", "mean"), spread], ignore_index=True)
    assert [each.row for each in found(whole)] == [40, 41]


def test_predict_names_a_total_that_a_count_and_a_footnote_follow(cli, clinic):
    assert cli("fit", "kept.csv", "--target", "ill", *QUICK, "-q", "-o", "m")[0] == 0
    frame = clinic.drop(columns="ill")
    more = pd.DataFrame([{"ward": "n", "dose": 60, "cost": 60}, {"ward": "Source: registry"}])
    pd.concat([frame, more]).to_csv("later.csv", index=False)
    said = " ".join(cli("predict", "m", "later.csv", "-q")[2].split())
    assert "'Summe' (column \"ward\", row 61)" in said
    assert "Also rows 62 and 63 (row 63: at most one cell)" in said
    assert flags_of(said) == ["--drop-row", "61-63"]


def flags_of(text):
    return shlex.split(re.search(r"--drop-row \S+", text)[0].rstrip(","))


@pytest.fixture
def clinic(cli):
    frame = cases(60)
    rng = np.random.default_rng(3)
    ill = np.where(rng.random(60) < 0.5, "yes", "no")
    frame.assign(ill=ill).to_csv("kept.csv", index=False)
    total = below(frame, "Summe", "sum").assign(ill=[*ill, "no"])
    total.to_csv("total.csv", index=False)
    return total


def test_check_and_fit_say_so_and_the_printed_option_leaves_it_out(cli, clinic):
    more = ("--target", "ill")
    code, out, _ = cli("check", "total.csv", *more, "--json", "-q")
    assert code == 3
    [told] = [e for e in json.loads(out)["result"]["findings"] if e["check"] == "total row"]
    assert told["severity"] == "severe"
    assert "row 61" in told["where"]
    code, _, err = cli("fit", "total.csv", *more, *QUICK, "-q", "-o", "t")
    assert code == 0
    said = " ".join(err.split())
    assert "A row of totals among the cases: 'Summe' (column \"ward\", row 61)." in said
    assert 'the sum of the rows above it in "dose", "visits", "cost"' in said
    flags = flags_of(told["fix"])
    assert flags == flags_of(said) == ["--drop-row", "61"]
    assert "total row" not in cli("check", "total.csv", *more, *flags)[1]
    code, out, err = cli("fit", "total.csv", *more, *QUICK, *flags, "-o", "m")
    assert code == 0
    assert "Left out as --drop-row says: row 61." in err
    assert "Left out 1 row by number" in " ".join(out.split())
    assert "totals" not in err
    assert cli("fit", "kept.csv", *more, *QUICK, "-q", "-o", "k")[0] == 0
    told = [cli("predict", model, "kept.csv", "-q")[1] for model in "mk"]
    assert told[0] == told[1]
    assert not [e for e in check_table(clinic, "ill", drop_row=[61]).findings
                if e.check == "total row"]  # fmt: skip


def test_a_word_that_makes_a_column_of_numbers_unreadable_is_named_as_a_total(cli, clinic):
    clinic.insert(0, "case", [*map(str, range(1, 61)), "Summe"])
    clinic.assign(ward="north").to_csv("t.csv", index=False)
    code, _, err = cli("fit", "t.csv", "--target", "ill", *QUICK, "-q")
    assert code == 1
    said = " ".join(err.split())
    assert "A row of totals among the cases: 'Summe' (column \"case\", row 61)" in said
    assert "Also: Text instead of a number: 'Summe'" in said
    code, _, err = cli("fit", "t.csv", "--target", "ill", *QUICK, "-q", *flags_of(said))
    assert code == 0, err


@pytest.mark.parametrize("name", ["Nr", ""])
def test_the_word_may_be_in_a_column_that_is_left_out(cli, clinic, name):
    clinic.insert(0, name, [*map(str, range(1, 61)), "Summe"])
    clinic.assign(ward="north").to_csv("t.csv", index=False)
    more = ("--target", "ill", *(["--drop", name] if name else []))
    for verb in (["fit"], ["evaluate", "--folds", "2", "--repeats", "1"]):
        code, _, err = cli(*verb, "t.csv", *more, *QUICK, "-q")
        assert code == 0, err
        assert f"'Summe' (column \"{name}\", row 61)" in " ".join(err.split())
    code, out, _ = cli("check", "t.csv", *more, "--json", "-q")
    assert code == 3
    [told] = [e for e in json.loads(out)["result"]["findings"] if e["check"] == "total row"]
    assert told["where"] == f'column "{name}", row 61'
    out = cli("check", "t.csv", *more, *flags_of(told["fix"]))[1]
    assert "Summe" not in out


def test_a_numeric_target_with_its_sum_below(cli, clinic):
    clinic.drop(columns="ill").to_csv("t.csv", index=False)
    code, _, err = cli("fit", "t.csv", "--target", "cost", *QUICK, "-q")
    assert code == 0
    assert '"cost"' in err
    assert "row 61" in err


@pytest.mark.parametrize("wrong", ["0", "62", "x", "5-3", "1-99", "-1"])
def test_rows_that_are_not_there_are_an_error(cli, clinic, wrong):
    for verb in ("fit", "check"):
        code, _, err = cli(verb, "total.csv", "--target", "ill", f"--drop-row={wrong}", "-q")
        assert code == 2
        assert "Fix:" in err


def test_rows_are_named_in_any_form_and_stay_numbered_as_in_the_file(cli, clinic):
    clinic = clinic.astype(object)
    clinic.loc[59, "dose"] = "viel"
    clinic.to_csv("t.csv", index=False)
    code, _, err = cli("fit", "t.csv", "--target", "ill", "--drop-row", "1,3-5", "--drop-row", "61")
    assert code == 1
    assert 'column "dose", row 60' in err


@pytest.mark.parametrize("bad", ["", "dose", "y"])
def test_the_target_alone_may_prove_a_row_of_totals(cli, bad):
    values = [100.25 + k * 37 % 801 for k in range(60)]
    frame = pd.DataFrame({"no": range(1, 61), "dose": [k * 7 % 90 for k in range(60)]}, dtype=str)
    frame["y"] = values
    frame.loc[60] = ["Total", "", sum(values)]
    if bad == "y":  # then a feature has to prove it
        frame = frame.assign(mass=[*values[:60], sum(values)], no=["a", *["b"] * 59, "Total"])
    if bad:
        frame[bad] = ["n.n.", *frame[bad][1:]]
    frame.to_csv("t.csv", index=False)
    code, _, err = cli("fit", "t.csv", "--target", "y", *QUICK, "-q")
    assert code == 1
    said = " ".join(err.split())
    assert "A row of totals among the cases: 'Total' (column \"no\", row 61)" in said
    assert "Fix: leave it out with --drop-row 61, or delete it" in said
    assert "--missing" not in said
    if bad == "y":
        assert "Also: Text instead of a number: 'n.n.', in the target (column \"y\", row 1)" in said
    if bad == "dose":
        assert "'n.n.' (column \"dose\", row 1)" in said
    code, _, err = cli("fit", "t.csv", "--target", "y", *QUICK, "-q", "--drop-row", "61")
    assert code == (1 if bad else 0)
    assert "Total" not in err
