"""One rule for all verbs: which class is the positive one, and which class a user names."""

import json

import numpy as np
import pandas as pd
import pytest

QUICK = (
    "--no-trees", "--hidden", "3", "--epochs", "3", "--early-stopping", "off", "--bins", "0", "-q"
)  # fmt: skip


@pytest.fixture
def asked(tmp_path):
    def write(yes, no):
        rng = np.random.default_rng(0)
        frame = pd.DataFrame({"dose": np.round(rng.normal(size=90), 3)})
        frame["ill"] = np.where(frame["dose"] + rng.normal(size=90) > 0, yes, no)
        frame.to_csv(tmp_path / "t.csv", index=False)

    return write


def document(cli, *said):
    code, out, err = cli(*said, "--json")
    assert code == 0, err
    return json.loads(out)


@pytest.mark.quick_each(2)
@pytest.mark.parametrize(("yes", "no"), [("ja", "nein"), ("evet", "HAYIR"), ("b", "a")])
def test_the_positive_class_is_the_same_for_all_verbs(cli, asked, yes, no):
    asked(yes, no)
    of_table = ("t.csv", "--target", "ill")
    fitted = document(cli, "fit", *of_table, *QUICK, "-o", "m", "--report", "r.html")
    assert fitted["result"]["model"]["positive"] == fitted["data"]["positive"] == yes
    assert fitted["result"]["judgement"]["positive"] == yes
    folds = document(cli, "evaluate", *of_table, *QUICK, "--repeats", "1", "--folds", "2")
    assert folds["data"]["positive"] == folds["result"]["judgement"]["positive"] == yes
    saved = document(cli, "evaluate", "m", *of_table, "-q")
    assert saved["data"]["positive"] == saved["result"]["judgement"]["positive"] == yes
    assert f"{yes} above a probability" in cli("show", "m")[1]
    rows = pd.DataFrame(document(cli, "predict", "m", "t.csv", "-q")["result"]["predictions"])
    assert ((rows["prediction"] == yes) == (rows[f"p_{yes}"] > 0.5)).all()
    for traced in (("trace", *of_table, *QUICK[1:]), ("trace", "m", "t.csv", "-q")):
        assert f": probability of {yes} 0." in " ".join(cli(*traced)[1].split())
    hills = cli("landscape", *of_table, "--hidden", "2", "--steps", "5", "--grid", "11", "-q")[1]
    assert f"; {yes} or not." in hills


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("name", ["HAYIR", "hayir", "hayır", "Hayır", " HAYIR "])
def test_class_weight_names_a_class_as_positive_does(cli, asked, name):
    asked("EVET", "hayır")
    of_table = ("fit", "t.csv", "--target", "ill", *QUICK)
    plain = document(cli, *of_table, "--class-weight", "hayır=2", "--positive", "hayır")
    named = document(cli, *of_table, "--class-weight", f"{name}=2", "--positive", name)
    assert named["result"] == plain["result"]
    folds = ("evaluate", *of_table[1:], "--folds", "2", "--repeats", "1")
    document(cli, *folds, "--class-weight", f"{name}=2")


def test_class_weight_names_each_class_once_and_no_other(cli, asked):
    asked("EVET", "hayır")
    of_table = ("fit", "t.csv", "--target", "ill", *QUICK)
    code, _, err = cli(*of_table, "--class-weight", "HAYIR=2,hayır=3")
    assert code == 2
    assert 'names "hayır" twice' in err
    code, _, err = cli(*of_table, "--class-weight", "nein=2")
    assert code == 2
    assert "'nein', which is not a class" in err
    asked("Krank", "gesund")  # words that are not yes and no are as they are written
    code, _, err = cli(*of_table, "--class-weight", "krank=2")
    assert code == 2


MARKS = ["{}\u200e", "\u202e{}", "\u202b{}\u202c", "{}\u200b", "\ufeff{}"]


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("marked", MARKS)
def test_every_verb_reads_the_labels_as_fit_did(cli, asked, marked):
    asked(marked.format("ill"), "well")
    said = ("--target", "ill", "--positive", marked.format("ill"))
    fitted = document(cli, "fit", "t.csv", *said, *QUICK, "-o", "m")
    assert fitted["result"]["model"]["positive"] == "ill"
    for verb in (
        ("trace", "m", "t.csv", "--row", "1-90"),
        ("trace", "m", "t.csv", "--check"),
        ("report", "m", "-o", "r.html", "--table", "t.csv", "--trace", "1-90"),
        ("evaluate", "m", "t.csv"),
    ):
        code, _, err = cli(*verb, "-q")
        assert code == 0, err


def test_a_mark_inside_a_label_need_not_be_typed(cli, asked):
    asked("i\u200bll", "well")
    fitted = document(
        cli, "fit", "t.csv", "--target", "ill", "--positive", "ill", *QUICK, "-o", "m"
    )
    assert fitted["data"]["positive"] == "i\u200bll"
    err = cli("fit", "t.csv", "--target", "ill", "--positive", "il", *QUICK, "-o", "n")[2]
    assert r"i\u200bll" in err
    assert "\u200b" not in err


def test_misspelt_grades_are_named(tmp_path, cli):
    rows = "".join(f"{i},{['low', 'mid', 'high'][i % 3]}\n" for i in range(60))
    (tmp_path / "g.csv").write_text(f"a,g\n{rows}")
    words = ["fit", str(tmp_path / "g.csv"), "--target", "g", "--loss", "ordinal", "--epochs", "3"]
    code, out, err = cli(*words, "--grades", "low,midd,high")
    text = " ".join((out + err).split())
    assert code == 2
    assert 'leaves out "mid"' in text
    assert 'names "midd", which no row has' in text
    code, out, err = cli(*words, "--grades", "low,mid,high,top", "--no-trees", "--hidden", "2")
    assert 'No row has "top", which --grades names.' in " ".join((out + err).split())
