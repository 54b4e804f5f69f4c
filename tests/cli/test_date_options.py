"""Dates on the command line: what is read is said, and each printed fix works as it is printed."""

import json
import shlex

import numpy as np
import pandas as pd
import pytest

QUICK = ("--no-trees", "--hidden", "4", "--epochs", "3", "--bins", "0", "-q")
N = 120


def visits(seen, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=len(seen))
    frame = pd.DataFrame({"seen": seen, "x": x.round(3)})
    frame["y"] = np.where(x + rng.normal(size=len(seen)) > 0, "ill", "well")
    return frame


def days(form="%Y-%m-%d", n=N):
    return (pd.Timestamp("2022-01-01") + pd.to_timedelta(np.arange(n) * 7, unit="D")).strftime(form)


def printed(err, flag):
    """The options of this name that a message prints, each as a shell reads it."""
    words = shlex.split(err.replace("(", " ").replace("'\n'", ""))
    return [words[at + 1].rstrip(".") for at, word in enumerate(words) if word == flag]


AMBIGUOUS = [f"{1 + k % 9:02d}/{1 + k % 12:02d}/2024" for k in range(N)]


@pytest.mark.quick_each(3, 1)
@pytest.mark.parametrize("verb", ["fit", "evaluate", "check"])
def test_an_order_that_is_asked_about_is_said_with_the_printed_option(cli, verb):
    visits(AMBIGUOUS).rename(columns={"seen": "when seen"}).to_csv("t.csv", index=False)
    more = QUICK if verb != "check" else ("-q",)
    more += ("--folds", "2", "--repeats", "1") if verb == "evaluate" else ()
    code, out, err = cli(verb, "t.csv", "--target", "y", *more)
    text = out if verb == "check" else err
    assert code == (3 if verb == "check" else 1)
    forms = printed(text, "--date")
    assert forms == ["when seen=dmy", "when seen=mdy"], text
    for form in forms:
        code, out, err = cli(verb, "t.csv", "--target", "y", "--date", form, *more)
        assert code == 0, err


def test_the_two_forms_are_two_models(cli):
    visits(AMBIGUOUS).to_csv("t.csv", index=False)
    for form in ("dmy", "mdy"):
        assert (
            cli("fit", "t.csv", "--target", "y", "--date", f"seen={form}", *QUICK, "-o", form)[0]
            == 0
        )
    said = [cli("show", form)[1] for form in ("dmy", "mdy")]
    assert "day/month/year" in said[0]
    assert "month/day/year" in said[1]
    code, _, err = cli("predict", "dmy", "t.csv", "-q")
    assert code == 0, err
    other = visits(["12/31/2024"] * 3)
    other.to_csv("other.csv", index=False)
    code, _, err = cli("predict", "dmy", "other.csv", "-q")
    assert (code, "row 1" in err) == (1, True)
    assert cli("predict", "mdy", "other.csv", "-q")[0] == 0


@pytest.mark.quick_each(2)
@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ([*days()[:-1], "2024-02-30"], "A date that does not exist"),
        ([*days()[:-1], "unknown"], "Text instead of a date"),
        ([*days("%d/%m/%Y")[:-1], "12/31/2024"], "Dates in two orders|A date that does not exist"),
        ([*days("%Y-%m-%dT10:00Z")[:-1], "2024-01-01T10:00+01:00"], "several time zones"),
        ([*days()[:-1], "2024-01"], "A month alone"),
    ],
)
def test_what_cannot_be_read_can_be_left_out_or_emptied_as_printed(cli, cells, says):
    frame = visits(cells)
    frame.to_csv("t.csv", index=False)
    code, _, err = cli("fit", "t.csv", "--target", "y", *QUICK)
    text = " ".join(err.split())
    assert code == 1
    assert any(each in text for each in says.split("|"))
    [name] = set(printed(err, "--drop"))
    assert cli("fit", "t.csv", "--target", "y", "--drop", name, *QUICK)[0] == 0
    row = int(text.split("row ")[1].split(")")[0].replace(",", ""))
    frame.loc[row - 1, "seen"] = ""
    frame.to_csv("t.csv", index=False)
    assert cli("fit", "t.csv", "--target", "y", *QUICK)[0] == 0


def test_numbers_that_read_as_dates_are_said_to_be_dates_as_printed(cli):
    visits(days("%Y%m%d")).to_csv("t.csv", index=False)
    code, out, _ = cli("check", "t.csv", "--target", "y")
    [form] = printed(out, "--date")
    assert form == "seen=%Y%m%d"
    code, out, err = cli("fit", "t.csv", "--target", "y", "--date", form, *QUICK, "--json")
    assert code == 0, err
    [column, _] = json.loads(out)["result"]["model"]["columns"]
    assert column["kind"] == "date"


@pytest.mark.quick_each(2, 1)
@pytest.mark.parametrize("verb", ["fit", "evaluate"])
def test_random_folds_are_named_as_a_risk_and_the_option_works(cli, verb):
    visits(days()).sample(frac=1, random_state=0).to_csv("t.csv", index=False)
    more = ("--folds", "4", "--repeats", "1") if verb == "evaluate" else ()
    quick = [*QUICK[:-1], *more]
    code, out, err = cli(verb, "t.csv", "--target", "y", *quick)
    assert code == 0
    [name] = printed(err.replace('"', ""), "--time-column")
    code, out, err = cli(verb, "t.csv", "--target", "y", "--time-column", name, *quick)
    assert code == 0
    assert "split at random" not in err
    assert 'ordered by "seen", from 2022-01-01 to' in " ".join(err.split())
    said = " ".join(out.split())
    if verb == "fit":
        assert "evaluated on the latest 24 (20 % of the rows), from 2023-11-04 on" in said
    else:
        assert "Evaluated on 4 windows of time" in said
        assert "the latest 96 rows (80 %), from 2022-06-18 on" in said


def test_check_names_the_option(cli):
    visits(days()).to_csv("t.csv", index=False)
    code, out, _ = cli("check", "t.csv", "--target", "y")
    assert code == 0
    assert "time order: Dates from 2022-01-01 to" in " ".join(out.split())
    assert printed(out, "--time-column") == ["seen"]


def of_patients():
    return visits(days()).assign(patient_id=[f"p{k % 30:02}" for k in range(N)])


def test_check_advises_one_of_groups_and_time_order(cli):
    of_patients().to_csv("t.csv", index=False)
    for more in ((), ("--group", "patient_id")):
        out = cli("check", "t.csv", "--target", "y", *more)[1]
        said = " ".join(out.split())
        assert "--group patient_id" in said
        assert "by groups or in time order, not both" in said
        assert "in place of the groups" in said
        assert "note time order" in said


@pytest.mark.parametrize(
    "more", [(), ("--group", "patient_id"), ("--time-column", "seen")], ids=["", "group", "time"]
)
def test_fit_never_advises_an_option_that_the_given_one_excludes(cli, more):
    of_patients().to_csv("t.csv", index=False)
    code, _, err = cli("fit", "t.csv", "--target", "y", *more, *QUICK[:-1])
    assert code == 0
    said = " ".join(err.split())
    if "--time-column" in more:
        assert "say --group patient_id in place of --time-column:" in said
    else:
        assert "--time-column seen in place of --group splits in time order" in said


BIRTHS = ["birth_date", "Geburtsdatum", "dob", "DateOfBirth", "date.of.birth", "born", "geb_datum"]


@pytest.mark.quick_each(3)
@pytest.mark.parametrize("name", BIRTHS)
def test_a_date_of_birth_is_no_time_column(cli, name):
    visits(days()).rename(columns={"seen": name}).to_csv("t.csv", index=False)
    out = cli("check", "t.csv", "--target", "y")[1]
    assert "time order" not in out
    code, _, err = cli("fit", "t.csv", "--target", "y", *QUICK[:-1])
    assert code == 0
    assert "--time-column" not in err


def test_a_time_column_can_be_no_feature(cli):
    visits(AMBIGUOUS).to_csv("t.csv", index=False)
    options = ("--target", "y", "--time-column", "seen", "--drop", "seen", "--date", "seen=dmy")
    code, out, err = cli("fit", "t.csv", *options, *QUICK, "-o", "m", "--json")
    assert code == 0, err
    columns = json.loads(out)["result"]["model"]["columns"]
    assert [column["name"] for column in columns] == ["x"]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--time-column", "sen"], 'Did you mean "seen"'),
        (["--time-column", "y"], "The target cannot say in which order"),
        (["--time-column", "seen", "--group", "x"], "by groups and in time order at once"),
        (["--date", "seen"], "does not say how a column is read"),
        (["--date", "seen=dmy", "--date", "seen=mdy"], "in two forms"),
        (["--date", "seen=dym"], "has no meaning"),
        (["--date", "sen=dmy"], 'Did you mean "seen"'),
        (["--time-column", "seen", "--landscape", "--report", "r.html"], "in time order"),
    ],
)
def test_options_without_a_meaning(cli, options, says):
    visits(days()).to_csv("t.csv", index=False)
    code, _, err = cli("fit", "t.csv", "--target", "y", *options, *QUICK)
    assert code in (1, 2)
    assert says in " ".join(err.split())


def test_a_report_shows_dates_as_dates(cli, tmp_path):
    frame = visits(days("%d.%m.%Y"))
    frame["at"] = [f"{k % 24:02d}:{k % 60:02d}" for k in range(N)]
    frame.to_csv("t.csv", index=False)
    code, _, err = cli(
        "fit", "t.csv", "--target", "y", "--time-column", "seen", "--report", "r.html", *QUICK
    )
    assert code == 0, err
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "2022-01-01" in page
    assert "is read as dates, day/month/year" in page
    assert "no network was trained on rows later than those" in page
    assert "seen: year sine" in page
    assert "at: time of day" in page
