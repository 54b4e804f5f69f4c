"""``--missing`` of every verb that reads a table, and printed fixes that work as printed."""

import json
import re
import shlex

import numpy as np
import pandas as pd
import pytest

QUICK = (
    "--no-trees", "--hidden", "4", "--epochs", "3", "--early-stopping", "off", "--bins", "0", "-q"
)  # fmt: skip


@pytest.fixture
def survey(tmp_path):
    rng = np.random.default_rng(0)
    n = 120
    frame = pd.DataFrame({"age": rng.integers(18, 80, n).astype(str), "x": rng.normal(size=n)})
    frame["smoker"] = rng.choice(["ja", "nein"], n)
    frame["ill"] = rng.choice(["yes", "no"], n)
    emptied = frame.copy()
    for name, word in (("age", "k.A."), ("smoker", "-")):
        frame.loc[::17, name] = word
        emptied.loc[::17, name] = ""
    frame.to_csv(tmp_path / "t.csv", index=False)
    emptied.to_csv(tmp_path / "empty.csv", index=False)
    return frame


def flags_of(text):
    return shlex.split(re.search(r"(--missing .*?) on the command line", " ".join(text.split()))[1])


def test_the_fix_of_an_error_works_as_printed_and_is_kept_in_the_model(cli, survey):
    code, _, err = cli("fit", "t.csv", "--target", "ill", *QUICK)
    assert code == 1
    flags = flags_of(err)
    assert flags == ["--missing", "age=k.A."]
    loud = [each for each in QUICK if each != "-q"]
    code, _, err = cli("fit", "t.csv", "--target", "ill", *loud, *flags, "-o", "a")
    assert code == 0, err
    said = " ".join(err.split())
    assert 'Also read as missing: "k.A." in "age".' in said
    more = flags_of(said)  # the note about the other column
    assert more == ["--missing", "smoker=-"]
    assert cli("fit", "t.csv", "--target", "ill", *QUICK, *flags, *more, "-o", "m")[0] == 0
    assert cli("fit", "empty.csv", "--target", "ill", *QUICK, "-o", "e")[0] == 0
    told = {name: cli("predict", name, table, "-q")[1] for name, table in
            (("m", "t.csv"), ("e", "empty.csv"))}  # fmt: skip
    assert told["m"] == told["e"] == cli("predict", "m", "empty.csv", "-q")[1]
    assert cli("predict", "e", "t.csv", "-q")[0] == 1
    assert cli("predict", "e", "t.csv", "-q", *flags, *more)[1] == told["m"]
    results = [
        json.loads(cli("evaluate", model, "t.csv", "-q", "--json", *said)[1])["result"]
        for model, said in (("m", []), ("e", [*flags, *more]))
    ]
    assert results[0] == results[1]


def test_a_word_of_the_target_leaves_its_rows_out(cli, survey):
    survey.assign(age=1).to_csv("plain.csv", index=False)
    frame = pd.read_csv("plain.csv")
    frame.loc[::10, "ill"] = "k.A."
    frame.to_csv("target.csv", index=False)
    loud = [each for each in QUICK if each != "-q"]
    code, _, err = cli("fit", "target.csv", "--target", "ill", "--drop", "age", *loud)
    assert code == 0, err
    flags = shlex.split(" ".join(re.findall(r"--missing ill=\S+", err)))
    assert flags == ["--missing", "ill=k.A."]
    code, _, err = cli("fit", "target.csv", "--target", "ill", "--drop", "age", *loud, *flags,
                       "-o", "m")  # fmt: skip
    assert code == 0, err
    assert "Left out 12 rows whose target" in " ".join(err.split())
    # The model keeps the word; the fix of another one works as printed.
    assert cli("evaluate", "m", "target.csv", "-q")[0] == 0
    assert cli("trace", "m", "target.csv", "--row", "1", "-q", "-o", "t.html")[0] == 0
    frame.replace({"ill": {"k.A.": "no idea"}}).to_csv("other.csv", index=False)
    code, _, err = cli("evaluate", "m", "other.csv", "-q")
    assert code == 1
    flags = shlex.split(re.search(r"--missing '.*'", " ".join(err.split()))[0])
    assert flags == ["--missing", "ill=no idea"]
    assert cli("evaluate", "m", "other.csv", "-q", *flags)[0] == 0


def test_words_of_all_columns_and_of_one_stay_apart(cli, survey):
    code, out, err = cli("check", "t.csv", "--target", "ill", "--missing", "-", "--missing",
                         "age=K.A.", "--json")  # fmt: skip
    assert code == 0, out
    told = json.loads(out)
    assert 'Also read as missing: "-" in every column; "K.A." in "age".' in str(told)
    assert "word for missing" not in {each["check"] for each in told["result"]["findings"]}
    code, _, err = cli("check", "t.csv", "--missing", "agee=-")
    assert code == 1
    assert '"age"' in err


def test_numeric_words_of_fit_are_numbers_in_every_notation_for_predict_and_evaluate(cli, survey):
    survey["age"] = [f"{value},5" for value in survey["age"].where(survey["age"] != "k.A.", "30")]
    for name, word in (("word", "-999,00"), ("none", "")):
        survey.assign(age=survey["age"].where(survey.index % 9 > 0, word)).to_csv(
            f"{name}.csv", index=False
        )
    loud = [each for each in QUICK if each != "-q"]
    said = ("--missing", "age=-999", "--missing", "x=77")
    code, _, err = cli("fit", "word.csv", "--target", "ill", *loud, *said, "-o", "a")
    assert code == 0, err
    assert 'No cell of "x" holds "77"' in " ".join(err.split())
    assert 'No cell of "age"' not in " ".join(err.split())
    assert cli("fit", "none.csv", "--target", "ill", *QUICK, "-o", "b")[0] == 0
    word = ("--missing", "age=-999")
    told = cli("predict", "a", "none.csv", "-q")[1]
    assert told
    assert cli("predict", "a", "word.csv", "-q")[1] == told
    assert cli("predict", "b", "word.csv", "-q", *word)[1] == told
    assert cli("predict", "b", "word.csv", "-q")[1] != told
    judged = [
        json.loads(cli("evaluate", model, table, "-q", "--json", *more)[1])["result"]
        for model, table, more in (("a", "word.csv", ()), ("b", "word.csv", word))
    ]
    assert judged[0] == judged[1]


@pytest.mark.parametrize("verb", ["fit", "evaluate"])
def test_a_word_of_all_columns_that_no_cell_holds_is_said(cli, survey, verb):
    survey.loc[::9, "ill"] = "weiß nicht"
    survey.assign(ward=[f"w{row // 4}" for row in range(len(survey))]).to_csv("w.csv", index=False)
    loud = [each for each in QUICK if each != "-q"]
    said = [part for word in ("k.A.", "-", "weiß nicht", "w3", "kA", "-99") for part in
            ("--missing", word)]  # fmt: skip
    more = ["--repeats", "1"] if verb == "evaluate" else []
    code, _, err = cli(verb, "w.csv", "--target", "ill", "--group", "ward", "--drop-missing",
                       "ward", *said, *more, *loud)  # fmt: skip
    assert code == 0, err
    told = re.findall(r'No cell of any column holds "(.*?)"', " ".join(err.split()))
    assert sorted(told) == ["-99", "kA"]
