"""``--group``: rows that belong together stay on one side, and the column is no input."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from thalweg.data.read import load_table, load_whole
from thalweg.errors import DataError
from thalweg.jobs.parts.estimator import estimator_for
from thalweg.persistence.model_file import load_model

QUICK = ("--no-trees", "--epochs", "3", "--hidden", "4", "--bins", "0")


def visits(n_patients=60, seed=0):
    """Patients with several visits; one measurement identifies the patient."""
    rng = np.random.default_rng(seed)
    which = np.repeat(np.arange(n_patients), rng.integers(1, 6, n_patients))
    ill = rng.random(n_patients) < 0.4
    return pd.DataFrame(
        {
            "patient": [f"p{k}" for k in which],
            "height": rng.normal(size=n_patients)[which],
            "dose": rng.normal(size=len(which)),
            "grade": np.where(ill, "ill", "well")[which],
            "score": rng.normal(size=len(which)) + 2 * ill[which],
        }
    )


@pytest.fixture
def fits(monkeypatch):
    """Rows, groups and the model of every fit that a verb makes."""
    seen, make = [], estimator_for

    def watched(*arguments, **more):
        model = make(*arguments, **more)
        fit = model.fit

        def spy(X, y, **given):
            seen.append((X.index.to_numpy(), given.get("groups"), model))
            return fit(X, y, **given)

        model.fit = spy
        return model

    for module in ("fit", "fitting.evaluated_folds"):
        monkeypatch.setattr(f"thalweg.jobs.{module}.estimator_for", watched)
    return seen


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("target", ["grade", "score"])
@pytest.mark.parametrize("verb", ["fit", "evaluate"])
def test_no_group_is_parted(cli, fits, verb, target):
    table = visits()
    table.to_csv("visits.csv", index=False)
    more = ("--folds", "4", "--repeats", "1") if verb == "evaluate" else ()
    given = ("--target", target, "--group", "patient", "--json", *QUICK)
    code, out, _ = cli(verb, "visits.csv", *given, *more)
    assert code == 0
    assert len(fits) == (4 if verb == "evaluate" else 1)
    for rows, groups, model in fits:
        assert groups.tolist() == table["patient"].iloc[rows].tolist()
        others = table["patient"].drop(index=rows)
        assert len(others)
        assert not set(groups) & set(others)
        assert "patient" not in model.schema_.names
        assert set(model.schema_.names) == set(table.columns) - {"patient", target}
    told = json.loads(out)
    largest = int(table["patient"].value_counts().max())
    assert told["data"]["groups"] == {"name": "patient", "count": 60, "largest": largest}
    assert "patient" not in told["data"]["columns"]
    assert any("60 groups" in note and "count groups" in note for note in told["data"]["notes"])
    assert "groups" in told["result"]["judgement"]["how"]


def test_without_the_option_rows_are_parted_as_ever(cli, fits):
    visits().to_csv("visits.csv", index=False)
    code, out, _ = cli(
        "fit", "visits.csv", "--target", "grade", "--drop", "patient", "--json", *QUICK
    )
    assert code == 0
    [(_, groups, _)] = fits
    assert groups is None
    assert json.loads(out)["data"]["groups"] is None


def test_the_saved_model_does_not_ask_for_the_column(cli):
    table = visits()
    table.to_csv("visits.csv", index=False)
    fit = ("fit", "visits.csv", "--target", "grade", "--group", "patient", "-o", "m")
    assert cli(*fit, "--report", "page.html", *QUICK)[0] == 0
    code, out, err = cli("predict", "m", "visits.csv")
    assert code == 0
    assert '"patient"' in err  # left aside
    bare = table.drop(columns="patient")
    assert [line.split(",")[0] for line in out.splitlines()[1:]] == (
        load_model("m").predict(bare).tolist()
    )
    page = Path("page.html").read_text(encoding="utf-8")
    assert "60 groups" in page
    assert "p17" not in page  # no row, and no name of a group


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["fit", "v.csv", "--group", "pateint"], 1, 'Did you mean "patient"?'),
        (["evaluate", "v.csv", "--group", "pateint"], 1, 'no column of groups "pateint"'),
        (["fit", "v.csv", "--group", "grade"], 1, "target cannot be the column of groups"),
        (
            ["fit", "v.csv", "--group", "patient", "--drop", "patient"],
            1,
            "never uses it as an input",
        ),
        (["fit", "holes.csv", "--group", "patient"], 1, "group is missing in 2 of"),
        (["fit", "one.csv", "--group", "patient"], 1, 'rows are of one group: "p0"'),
        (["evaluate", "one.csv", "--group", "patient"], 1, "too few groups for 5 folds"),
        (["fit", "v.csv", "--group", "patient", "--report", "p", "--landscape"], 2, "by groups"),
        (["evaluate", "m", "v.csv", "--time-column", "x"], 2, "without these options"),
    ],
)
def test_mistakes_get_a_sentence(cli, arguments, code, says):
    table = visits()
    table.to_csv("v.csv", index=False)
    table.assign(patient="p0").to_csv("one.csv", index=False)
    table.assign(patient=table["patient"].where(table.index > 1)).to_csv("holes.csv", index=False)
    found, out, err = cli(*arguments, "--target", "grade", *(QUICK if "m" not in arguments else ()))
    assert (found, out) == (code, "")
    assert says in " ".join(err.split())
    assert "Traceback" not in err


def test_an_identifier_may_say_which_rows_go_together(cli):
    table = load_table("wisconsin", group="sample_id")
    assert table.groups.name == "sample_id"
    assert table.groups.nunique() == 645
    assert "sample_id" not in table.frame
    assert not any("sample_id" in note for note in table.notes)
    assert load_table("wisconsin").groups is None
    assert "sample_id" in load_whole("wisconsin", group="sample_id").frame
    assert "sample_id" not in load_whole("wisconsin").frame
    code, out, _ = cli("check", "wisconsin", "--group", "sample_id")
    assert code == 0
    verbs = "--group sample_id with thalweg fit, thalweg tune and thalweg evaluate"
    assert verbs in " ".join(out.split())


def test_groups_are_texts_without_holes():
    frame = pd.DataFrame({"x": [1.0, 2, 3], "g": [" a", "a", 7], "y": ["n", "y", "n"]})
    assert load_table(frame, target="y", group="g").groups.tolist() == ["a", "a", "7"]
    with pytest.raises(DataError, match=r'missing in 1 of 3 rows \(column "g", first in row 2\)'):
        load_table(frame.assign(g=["a", None, "b"]), target="y", group="g")


def test_groups_that_differ_by_their_spelling_are_said(cli):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"x": rng.normal(size=90), "y": rng.choice(["a", "b"], 90)})
    plain = [f"A{row % 15}" for row in range(90)]
    dress = ["{0}", "{0}", " {0} ", "\u200b{0}"]  # spaces and invisible marks never count
    frame["g"] = [dress[row % 4].format(name) for row, name in enumerate(plain)]
    frame.to_csv("t.csv", index=False)
    more = ("--target", "y", "--group", "g")
    quick = ("--hidden", "2", "--epochs", "2", "--early-stopping", "off")
    _, _, err = cli("fit", "t.csv", *more, *quick)
    assert "belong to 15 groups" in err
    assert "spelling" not in err
    assert "spelling" not in cli("check", "t.csv", *more)[1]
    frame.loc[:20, "g"] = frame.loc[:20, "g"].str.lower()
    frame.to_csv("t.csv", index=False)
    for verb in (["fit"], ["evaluate", "--repeats", "1", "--folds", "2"]):
        _, _, err = cli(*verb, "t.csv", *more, *quick)
        assert 'groups of "g" differ only by their spelling, and count as different ones' in err
        assert "thalweg check with --group g names them" in err
    found = cli("check", "t.csv", *more)[1]
    assert 'Groups that differ only by their spelling: "a0", "A0"' in " ".join(found.split())


def test_no_report_and_no_model_names_a_group(cli):
    frame = visits(30)
    frame["patient"] = "case-" + frame["patient"]
    frame.loc[:9, "patient"] = frame.loc[:9, "patient"].str.upper()
    frame.loc[len(frame)] = frame.loc[9].replace({"CASE-P2": "case-p2", "CASE-P3": "case-p3"})
    frame.to_csv("t.csv", index=False)
    more = ("--target", "grade", "--group", "patient", "-o", "m.safetensors", "--report", "r.html")
    _, _, err = cli("fit", "t.csv", *more, *QUICK)
    assert 'of "patient" differ only by their spelling' in err
    written = [Path("m.safetensors").read_bytes(), Path("r.html").read_bytes()]
    assert [b"case-p" in each.lower() for each in written] == [False, False]


def test_a_group_that_is_a_number_is_one_however_it_is_written(cli):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"x": rng.normal(size=90), "y": rng.choice(["a", "b"], 90)})
    frame["g"] = [f"{row % 15}" if row % 2 else f"{row % 15}.0" for row in range(90)]
    frame.to_csv("t.csv", index=False)
    quick = ("--hidden", "2", "--epochs", "2", "--early-stopping", "off")
    _, _, err = cli("fit", "t.csv", "--target", "y", "--group", "g", *quick)
    assert "belong to 15 groups" in err
