"""``--weight-column``: rows that count more, less or not at all; the column is no input."""

import json
import re
import shlex

import numpy as np
import pandas as pd
import pytest

from thalweg.jobs.sections.about_models import for_model_file
from thalweg.persistence.model_file import load_model, read_model
from thalweg.wording import effective_text

QUICK = ("--no-trees", "--epochs", "3", "--hidden", "4", "--early-stopping", "off", "--bins", "0")


@pytest.fixture
def survey(tmp_path):
    """120 rows with whole-number weights ("n"), and with others ("w")."""
    rng = np.random.default_rng(0)
    dose = rng.normal(size=120).round(3)
    frame = pd.DataFrame({"dose": dose, "age": rng.integers(20, 90, 120)})
    frame["n"] = rng.integers(0, 4, 120)
    frame["w"] = rng.lognormal(size=120).round(3)
    frame["ill"] = np.where(dose + rng.normal(size=120) > 0, "yes", "no")
    frame["score"] = (dose + rng.normal(size=120)).round(3)
    frame.to_csv(tmp_path / "survey.csv", index=False)
    return frame


def told(cli, *words):
    code, out, err = cli(*words, "--json", *QUICK)
    assert code == 0, err
    return json.loads(out)


FIT = ("fit", "survey.csv", "--target", "ill", "--drop", "score")


@pytest.mark.parametrize("target", ["ill", "score"])
def test_whole_numbers_are_so_many_rows(cli, survey, target):
    other = "score" if target == "ill" else "ill"
    rows = survey.loc[survey.index.repeat(survey["n"])].drop(columns=["n", "w", other])
    rows.to_csv("rows.csv", index=False)
    more = ("--target", target)
    found = told(cli, "fit", "survey.csv", *more, "--drop", other, "--drop", "w",
                 "--weight-column", "n")  # fmt: skip
    plain = told(cli, "fit", "rows.csv", *more)
    assert found["data"]["weights"] == {
        "name": "n", "sum": len(rows), "are_rows": True, "effective": len(rows),
        "why_no_rows": None,
    }  # fmt: skip
    judged, expected = (each["result"]["judgement"] for each in (found, plain))
    assert judged["network"] == expected["network"]
    assert judged["how"].replace("; equal rows stay together", "") in expected["how"]
    assert judged["n_test"] == expected["n_test"]
    assert plain["data"]["weights"] is None


def test_other_weights_are_said_and_kept(cli, survey):
    named = (*FIT, "--drop", "n", "--weight-column", "w")
    found = told(cli, *named, "-o", "m.safetensors", "--report", "page.html")
    judged, facts = found["result"]["judgement"], found["data"]["weights"]
    assert facts["effective"] == pytest.approx(survey["w"].sum() ** 2 / (survey["w"] ** 2).sum())
    assert not facts["are_rows"]
    assert "rows of equal weight (Kish)" in judged["how"]
    assert any('weighted by "w"' in note for note in found["data"]["notes"])
    counts = judged["network"]["confusion"].values()
    assert sum(counts) == pytest.approx(judged["n_test"])
    assert not all(float(each).is_integer() for each in counts)
    file = read_model("m.safetensors")
    assert file.judgement == for_model_file(judged)
    assert len(file.model._known.weights_hash) == 64
    assert "w" not in file.model.schema_.names
    with open("page.html", encoding="utf-8") as page:
        html = re.sub(r"<script.*?</script>|<[^>]*>", "", page.read(), flags=re.DOTALL)
    assert "rows of equal weight (Kish)" in html
    assert cli("card", "m.safetensors", "-o", "card.md", "-q")[0] == 0
    with open("card.md", encoding="utf-8") as page:
        sums_are_named_and_rounded_once(html, page.read(), judged)
    code, out, _ = cli("show", "m.safetensors")
    assert code == 0
    assert "counts are sums of weights" in out


def sums_are_named_and_rounded_once(html, card, judged):
    """No sum of weights is called rows, and no number has two roundings."""
    network = judged["network"]
    n_yes, n_all = network["n_positive"], network["n_samples"]
    yes, no = f"{n_yes:,.1f}", f"{n_all - n_yes:,.1f}"
    assert f'(sums of weights: {yes} "yes", {no} "no")' in html.replace("&quot;", '"')
    assert f"a weight of {yes} of them yes" in card
    assert f"| weight {no} | weight {yes} |" in card
    assert "| missed, sum of weights |" in card
    effective = network["n_effective"]
    other = {f"{effective:.1f}", f"{effective:.3g}", f"{n_yes:.4g}", f"{n_all - n_yes:.4g}"}
    other -= {yes, no, effective_text(effective)}
    for each in other:
        found = re.compile(rf"(?<![\d.]){re.escape(each)} [^|]{{0,20}}rows")
        assert not found.search(html), each
        assert not found.search(card), each


def test_a_model_is_evaluated_with_the_weights_of_a_table(cli, survey):
    told(cli, *FIT, "--drop", "n", "--drop", "w", "-o", "m.safetensors")
    assert load_model("m.safetensors")._known.weights_hash is None
    survey = survey.assign(dose=survey["dose"] + 0.0005)  # rows that did not train it
    survey.to_csv("new.csv", index=False)
    code, out, _ = cli("evaluate", "m.safetensors", "new.csv", "--weight-column", "w", "--json")
    assert code == 0
    found = json.loads(out)
    judged = found["result"]["judgement"]
    model = load_model("m.safetensors")
    right = model.predict(survey) == survey["ill"]
    accuracy = np.average(right, weights=survey["w"])
    assert judged["network"]["metrics"]["accuracy"]["value"] == pytest.approx(accuracy)
    assert judged["network"]["n_effective"] == pytest.approx(found["data"]["weights"]["effective"])
    of_rows = json.loads(
        cli("evaluate", "m.safetensors", "new.csv", "--weight-column", "n", "--json")[1]
    )["result"]["judgement"]
    assert of_rows["n_test"] == survey["n"].sum()


def test_folds_are_weighted(cli, survey):
    named = ("evaluate", *FIT[1:], "--drop", "n", "--weight-column", "w")
    judged = told(cli, *named, "--folds", "3", "--repeats", "2")["result"]["judgement"]
    assert judged["how"].endswith(" rows of equal weight (Kish)")
    assert judged["n_test"] == 120
    assert judged["network"]["n_effective"] < 100


@pytest.mark.parametrize(
    ("cell", "says"),
    [("-1", "-1"), ("much", "'much'"), ("inf", "'inf'"), ("", "The weight is missing in 1 of")],
)
def test_a_bad_weight_is_refused_with_a_fix_that_works(cli, survey, cell, says):
    frame = survey.astype({"w": str})
    frame.loc[7, "w"] = cell
    frame.to_csv("survey.csv", index=False)
    named = (*FIT, "--drop", "n", "--weight-column", "w", *QUICK)
    code, _, err = cli(*named)
    said = " ".join(err.split())
    assert code == 1
    assert says in said
    assert 'column "w"' in said
    assert "row 8" in said
    option, value = ("--drop-missing", "w") if cell == "" else ("--drop-row", "8")
    assert f"{option} {value}" in said
    assert cli(*named, *shlex.split(f"{option} {value}"))[0] == 0


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (("--weight-column", "ill"), "The target cannot be the column of weights"),
        (("--weight-column", "wt"), 'no column of weights "wt"'),
        (("--weight-column", "w", "--drop", "w"), "A dropped column cannot be the column of"),
        (("--weight-column", "w", "--group", "w"), "The column of groups cannot be the column"),
        (("--weight-column", "w", "--time-column", "w"), "The time column cannot be the column"),
        (("--weight-column", "w", "--landscape", "--report", "r.html"), "with weights of rows"),
    ],
)
def test_a_column_has_one_role(cli, survey, more, says):
    code, _, err = cli(*FIT, "--drop", "n", *more, *QUICK)
    assert code in (1, 2)
    assert says in " ".join(err.split())


def test_the_training_of_weighted_rows_is_not_repeated_without_them(cli, survey):
    named = (*FIT, "--drop", "n", "--weight-column", "w", "-o", "m.safetensors")
    told(cli, *named)
    code, _, err = cli("landscape", "m.safetensors", "survey.csv", "--grid", "11")
    assert code == 0
    assert "--weight-column was given" in " ".join(err.split())


def decided(cli, *words):
    code, out, err = cli("decide", "model", *words, "--json")
    assert code == 0, err
    return json.loads(out)


def test_a_threshold_is_chosen_by_weighted_rows(cli, survey):
    told(cli, *FIT, "--drop", "n", "--drop", "w", "-o", "model")
    others = survey.assign(dose=survey["dose"] + 0.0005)  # no rows of the fit
    others.to_csv("others.csv", index=False)
    repeated = others.loc[others.index.repeat(others["n"])]
    repeated.to_csv("repeated.csv", index=False)
    for rule in (("--missed", "3", "--alarm", "1"), ("--f1",), ("--sensitivity", "0.9")):
        found = decided(cli, "others.csv", "--weight-column", "n", *rule)
        expected = decided(cli, "repeated.csv", *rule)
        for key in ("threshold", "point", "calibration"):
            assert found["result"][key] == expected["result"][key], rule
    assert found["result"]["threshold"]["confidence"] == 0.95
    assert found["data"]["weights"]["effective"] == len(repeated)
    assert any(note.endswith(f"{len(repeated)} rows in all.") for note in found["data"]["notes"])
    # Other weights: Kish's number, and no confidence.
    found = decided(cli, "others.csv", "--weight-column", "w", "--sensitivity", "0.8")["result"]
    w = survey["w"][survey["ill"] == "yes"]
    assert found["threshold"]["n_class"] == pytest.approx(w.sum() ** 2 / np.sum(w**2), rel=1e-6)
    assert found["threshold"]["confidence"] is None
    assert "No confidence is claimed" in found["sentence"]


def test_a_threshold_needs_rows_that_count(cli, survey):
    told(cli, *FIT, "--drop", "n", "--drop", "w", "-o", "model")
    survey.assign(dose=survey["dose"] + 0.0005, n=-1).to_csv("odd.csv", index=False)
    code, _, err = cli("decide", "model", "odd.csv", "--weight-column", "n", "--f1")
    assert (code, "A weight is" in err) == (1, True)
    code, _, err = cli("decide", "model", "--weight-column", "n", "--f1")
    assert (code, "--weight-column is about a table" in err) == (2, True)


def checked(cli, *words):
    code, out, _ = cli("check", *words, "--target", "ill", "--json")
    return code, json.loads(out)


def test_the_check_examines_weights_and_not_as_a_feature(cli, survey):
    code, found = checked(cli, "survey.csv", "--weight-column", "n")
    assert "n" not in found["data"]["columns"]
    assert found["data"]["weight"] == "n"
    assert found["result"]["checks"][-1] == "weights"
    assert any(f"{survey['n'].sum()} rows in all" in note for note in found["data"]["notes"])
    assert not [each for each in found["result"]["findings"] if each["check"] == "weights"]
    n_columns = found["result"]["columns"]
    assert n_columns == checked(cli, "survey.csv")[1]["result"]["columns"] - 1
    table = survey.astype({"n": object})
    table.loc[[3, 7], "n"] = [-2, "much"]
    table.to_csv("odd.csv", index=False)
    code, found = checked(cli, "odd.csv", "--weight-column", "n")
    assert code == 3
    [wrong] = [each for each in found["result"]["findings"] if each["check"] == "weights"]
    assert (wrong["severity"], wrong["columns"]) == ("severe", ["n"])
    assert "--drop-row 4,8" in wrong["fix"]
    code, found = checked(cli, "odd.csv", "--weight-column", "n", "--drop-row", "4,8")
    assert not [each for each in found["result"]["findings"] if each["check"] == "weights"]
    table.loc[[3, 7], "n"] = ["", ""]
    table.to_csv("odd.csv", index=False)
    assert checked(cli, "odd.csv", "--weight-column", "n")[0] == 3
    _, found = checked(cli, "odd.csv", "--weight-column", "n", "--drop-missing", "n")
    assert not [each for each in found["result"]["findings"] if each["check"] == "weights"]
    code, _, err = cli("check", "survey.csv", "--weight-column", "ill", "--target", "ill")
    assert (code, "weight" in err) == (1, True)


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("verb", ["fit", "evaluate", "of a model", "decide"])
def test_a_weight_that_no_sum_can_hold_is_refused_by_its_row(cli, survey, verb):
    """Only the sixth row has it, which may be another one among the training rows."""
    told(cli, *FIT, "--drop", "n", "--drop", "w", "-o", "m.safetensors")
    survey["w"] = [1e308 if i == 5 else 1.0 for i in range(len(survey))]
    survey.to_csv("far.csv", index=False)
    words = {
        "fit": ("fit", "far.csv", "--target", "ill", "--drop", "n"),
        "evaluate": ("evaluate", "far.csv", "--target", "ill", "--drop", "n"),
        "of a model": ("evaluate", "m.safetensors", "far.csv"),
        "decide": ("decide", "m.safetensors", "far.csv", "--missed", "9", "--alarm", "1"),
    }[verb]
    code, _, err = cli(*words, "--weight-column", "w")
    err = " ".join(err.split())
    assert code == 1
    assert 'column "w", row 6' in err
    assert "give weights from 1e-100 to 1e+100, or 0" in err


def test_large_whole_numbers_are_said_to_be_no_rows(cli, survey):
    survey["n"] = [1_000_000 if i % 40 == 5 else 1 for i in range(len(survey))]
    survey.drop(columns="w").to_csv("survey.csv", index=False)
    found = told(cli, *FIT, "--weight-column", "n")["data"]
    assert not found["weights"]["are_rows"]
    assert "more than 100,000" in found["weights"]["why_no_rows"]
    assert any(
        "sum to more than 100,000 are not taken as numbers" in each for each in found["notes"]
    )


def german(n, seed=0, *, named="w"):
    """Rows whose weights are written as 1.846 and 729; `einkommen` proves what a point means."""
    rng = np.random.default_rng(seed)
    values, income = rng.integers(700, 2500, n), rng.uniform(2000, 4000, n)
    texts = [f"{each:,}".replace(",", ".") for each in values]
    money = [f"{each:,.2f}".translate(str.maketrans(",.", ".,")) for each in income]
    frame = pd.DataFrame({"alter": rng.integers(20, 90, n), "einkommen": money, named: texts})
    return frame.assign(krank=np.where(rng.random(n) < 0.4, "ja", "nein")), values.astype(float)


def kish(weights):
    return pytest.approx(weights.sum() ** 2 / (weights**2).sum())


KRANK = ("--target", "krank", "--weight-column", "w")


def test_points_between_thousands_are_read_as_in_a_feature(cli, tmp_path):
    frame, values = german(120)
    frame.to_csv("german.csv", index=False, sep=";")
    said = 'The weights "w" are read as numbers such as 1.234,56, point between thousands'
    found = told(cli, "fit", "german.csv", *KRANK, "--no-trees")["data"]
    assert found["weights"]["effective"] == kish(values)
    assert found["weights"]["sum"] == values.sum()
    assert any(said in note for note in found["notes"])
    found = told(cli, "evaluate", "german.csv", *KRANK, "--folds", "2", "--repeats", "1",
                 "--no-trees")["data"]  # fmt: skip
    assert found["weights"]["effective"] == kish(values)
    checks = json.loads(cli("check", "german.csv", *KRANK, "--json")[1])["data"]
    assert any(said in note for note in checks["notes"])
    assert found["notes"][-1].split(" (Kish)")[0] in " ".join(checks["notes"])


def test_a_later_table_need_not_prove_again_how_weights_are_written(cli, tmp_path):
    frame, _ = german(120)
    frame.to_csv("german.csv", index=False, sep=";")
    said = 'The weights "w" are read as numbers such as 1.234,56, point between thousands'
    told(cli, "fit", "german.csv", *KRANK, "--no-trees", "-o", "m.safetensors")
    later, values = german(50, seed=1)
    later.assign(einkommen=1000).to_csv("later.csv", index=False, sep=";")
    found = json.loads(cli("evaluate", "m.safetensors", "later.csv", "--json")[1])["data"]
    assert found["weights"]["sum"] == values.sum()
    assert any(said in note for note in found["notes"])
    rule = ("--missed", "4", "--alarm", "1", "--json")
    told_of = json.loads(cli("decide", "m.safetensors", "later.csv", *rule)[1])["data"]
    assert told_of["weights"]["sum"] == values.sum()
    code, _, err = cli("report", "m.safetensors", "later.csv", "-o", "page.html")
    assert (code, said in " ".join(err.split())) == (0, True)
    # The threshold that is stored keeps it, too; a page and a model say nothing of a cell.
    assert cli("decide", "m.safetensors", *rule[:4], "-o", "d.safetensors")[0] == 0
    assert read_model("d.safetensors").weight_notation.shown == "1.234,56"


def test_weights_of_two_readings_are_refused_with_fixes_that_work(cli, tmp_path):
    frame, values = german(120)
    frame = frame[frame["w"].str.contains(".", regex=False)].drop(columns="einkommen")
    values = frame["w"].str.replace(".", "").astype(float)
    frame.to_csv("points.csv", index=False, sep=";")
    frame.assign(w=frame["w"].str.replace(".", ",")).to_csv("commas.csv", index=False, sep=";")
    for table in ("points.csv", "commas.csv"):
        code, out, _ = cli("check", table, *KRANK, "--json")
        checked = json.loads(out)["result"]["findings"]
        [wrong] = [each for each in checked if each["check"] == "weights"]
        assert (code, "in the weights" in wrong["what"]) == (3, True)
        code, _, err = cli("fit", table, *KRANK, *QUICK)
        said = " ".join(err.split())
        assert code == 1
        assert "in the weights" in said
        assert "in Python" not in said  # where weights are numbers
        for value, flags in re.findall(r"for (\S+) (--number \S+) on the", said):
            ratio = float(value) / values.iloc[0]
            found = told(cli, "fit", table, *KRANK, *flags.split(), "-o", "m", "--force")["data"]
            assert found["weights"]["sum"] == pytest.approx(values.sum() * ratio)
            again = json.loads(cli("evaluate", "m", table, "--json")[1])["data"]
            assert again["weights"]["sum"] == pytest.approx(values.sum() * ratio)


def test_features_and_weights_of_two_readings_are_one_error(cli, tmp_path):
    frame, _ = german(120)
    frame = frame[frame["w"].str.contains(".", regex=False)]
    frame.assign(einkommen=frame["w"]).to_csv("both.csv", index=False, sep=";")
    code, _, err = cli("fit", "both.csv", *KRANK, *QUICK)
    assert code == 1
    [flags, *_] = re.findall(r"commas: (--.+?) on the command", " ".join(err.split()))
    assert cli("fit", "both.csv", *KRANK, *QUICK, *shlex.split(flags))[0] == 0


def test_a_decimal_mark_of_the_file_holds_for_weights(cli, tmp_path):
    frame, values = german(120)
    frame.to_csv("german.csv", index=False, sep=";")
    found = told(cli, "fit", "german.csv", *KRANK, "--decimal", ",", "-o", "m.safetensors")
    assert found["data"]["weights"]["sum"] == values.sum()
    read = json.loads(cli("evaluate", "m.safetensors", "german.csv", "--json")[1])["data"]
    assert read["weights"]["sum"] == values.sum()


def test_a_later_table_in_another_notation_is_refused_or_named(cli, tmp_path):
    frame, values = german(120)
    frame.to_csv("german.csv", index=False, sep=";")
    told(cli, "fit", "german.csv", *KRANK, "-o", "m.safetensors")
    swapped = str.maketrans(",.", ".,")
    english = frame[frame["w"].str.contains(".", regex=False)]
    values = english["w"].str.replace(".", "").astype(float)
    english = english.assign(
        **{name: english[name].str.translate(swapped) for name in ("einkommen", "w")}
    )
    english.to_csv("english.csv", index=False, sep=";")
    code, _, err = cli("evaluate", "m.safetensors", "english.csv")
    said = " ".join(err.split())
    assert code == 1
    assert "in the weights" in said
    [flags, *_] = re.findall(r"for \d+ (--number w=\S+) on the", said)
    found = cli("evaluate", "m.safetensors", "english.csv", *flags.split(), "--json")[1]
    assert json.loads(found)["data"]["weights"]["sum"] == values.sum()


def test_a_model_of_plain_weights_refuses_a_table_whose_columns_say_the_reverse(cli, tmp_path):
    frame, _ = german(120)
    plain = frame.assign(w=np.linspace(0.5, 2, 120).round(3), einkommen=1500)
    plain.to_csv("plain.csv", index=False)
    told(cli, "fit", "plain.csv", *KRANK, "-o", "m.safetensors")
    assert read_model("m.safetensors").weight_notation.shown == "1234.56"
    frame.to_csv("german.csv", index=False, sep=";")
    code, _, err = cli("evaluate", "m.safetensors", "german.csv")
    assert (code, "in the weights" in err) == (1, True)
    frame = frame[frame["w"].str.contains(".", regex=False)].assign(einkommen=1000)
    frame.to_csv("open.csv", index=False, sep=";")  # which the model alone decides
    found = json.loads(cli("evaluate", "m.safetensors", "open.csv", "--json")[1])["data"]
    assert found["weights"]["sum"] == pytest.approx(frame["w"].astype(float).sum())


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("verb", ["evaluate", "decide", "report"])
@pytest.mark.parametrize("role", ["weight-column", "group"])
def test_a_column_of_a_later_table_may_be_an_input_too(cli, tmp_path, verb, role):
    """Nothing is learned there: the model needs its input, and rows count as the column says."""
    frame, _ = german(120, named="visits")
    frame = frame.assign(visits=frame["visits"].str[-1])
    frame.to_csv("seen.csv", index=False, sep=";")
    told(cli, "fit", "seen.csv", "--target", "krank", "-o", "m.safetensors")
    later, _ = german(60, seed=1, named="visits")
    later = later.assign(visits=later["visits"].str[-1])
    later.to_csv("later.csv", index=False, sep=";")
    later.assign(copy=later["visits"]).to_csv("twice.csv", index=False, sep=";")
    more = {"decide": ("--missed", "3", "--alarm", "1"), "report": (), "evaluate": ()}[verb]
    made = [
        json.loads(cli(verb, "m.safetensors", table, f"--{role}", column, *more, "--json")[1])
        for table, column in (("later.csv", "visits"), ("twice.csv", "copy"))
    ]
    found, expected = ({**each["result"], "page": None} for each in made)
    assert found == expected
    note = '"visits" also stays an input of the model, as in its fit.'
    assert note in made[0]["data"]["notes"]
    assert note not in made[1]["data"]["notes"]
