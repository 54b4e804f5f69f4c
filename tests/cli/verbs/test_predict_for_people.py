"""``thalweg predict`` for people: identifiers, digits, words, another threshold, odd cells."""

import csv
import io
import json

import numpy as np
import pandas as pd
import pytest

from made_files import commands_in, copied_here
from thalweg.jobs.predictions.predicted_rows import (
    rounded_number,
    rounded_outward,
    rounded_probability,
)
from thalweg.persistence.model_file import load_model

QUICK = (
    "--no-trees", "--epochs", "3", "--hidden", "4", "-q", "--early-stopping", "off", "--bins", "0",
)  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Models of two classes, of three, and of a number; and a table of later rows."""
    folder = tmp_path_factory.mktemp("made")
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"dose": np.round(rng.normal(50, 9, 150), 1)})
    frame["town"] = np.where(np.arange(150) % 3, "Ulm", "Bern")
    u = frame["dose"] - 50 + 9 * rng.normal(size=150)
    frame.assign(ill=(u > 2).astype(int)).to_csv(folder / "two.csv", index=False)
    kinds = np.array(["low", "middle", "high"])[np.digitize(u, [-5, 6])]
    frame.assign(ill=kinds).to_csv(folder / "three.csv", index=False)
    frame.assign(ill=np.round(40 + u, 2)).to_csv(folder / "number.csv", index=False)
    with commands_in(folder) as run:
        for name in ("two", "three", "number"):
            run("fit", f"{name}.csv", "--target", "ill", "-o", name, *QUICK)
    frame[:6].assign(
        patient=["007", "=1+1", "b,c", "", "5.0", "x"],
        dose=[50.0, 500.0, 51.5, -40.0, 52.0, 53.0],
        town=["Ulm", "Ulm", "Paris", "Paris", "Bern", "Bern"],
    ).to_csv(folder / "later.csv", index=False)
    return folder


@pytest.fixture
def models(cli, made):
    """All of it, in the folder of the test."""
    copied_here(made)


def rows_of(out):
    return list(csv.DictReader(io.StringIO(out)))


def predict(cli, *arguments):
    code, out, err = cli("predict", *arguments, "-q")
    assert code == 0, err
    return rows_of(out)


def test_columns_are_carried_along_unchanged_before_the_prediction(cli, models):
    plain = predict(cli, "two", "later.csv", "--unknown", "ignore")
    found = predict(
        cli, "two", "later.csv", "--id", "patient", "--id", "dose", "--unknown", "ignore"
    )
    assert list(found[0]) == ["patient", "dose", *plain[0]]
    # A formula is protected as in labels, and the reader of thalweg removes the mark again.
    assert [row["patient"] for row in found] == ["007", "'=1+1", "b,c", "", "5.0", "x"]
    assert [row["dose"] for row in found] == ["50.0", "500.0", "51.5", "-40.0", "52.0", "53.0"]
    assert [{key: row[key] for key in plain[0]} for row in found] == plain
    code, out, _ = cli(
        "predict", "two", "later.csv", "--id", "patient", "--drop-row", "2", "--json"
    )
    assert code == 0
    rows = json.loads(out)["result"]["predictions"]
    assert [(row["row"], row["patient"]) for row in rows[:3]] == [(1, "007"), (3, "b,c"), (4, "")]
    assert "patient" not in " ".join(json.loads(out)["data"]["ignored"])


def test_identifiers_of_a_parquet_file_stay_whole_numbers_beside_missing_ones(cli, models):
    frame = pd.read_csv("later.csv").assign(patient=[7.0, None, 9.0, 10.0, 11.5, 12.0])
    frame.to_parquet("later.parquet")
    found = predict(cli, "two", "later.parquet", "--id", "patient", "--unknown", "ignore")
    assert [row["patient"] for row in found] == ["7", "", "9", "10", "11.5", "12"]


def test_the_target_may_be_carried_along(cli, models):
    found = predict(cli, "two", "two.csv", "--id", "ill")
    assert [row["ill"] for row in found] == pd.read_csv("two.csv")["ill"].astype(str).tolist()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("two", "later.csv", "--id", "patent"), 'Did you mean "patient"?'),
        (("two", "later.csv", "--id", "town", "--id", "town"), "twice"),
        (("two", "odd.csv", "--id", "prediction"), "which is a column of the predictions, too"),
        (("two", "odd.csv", "--id", "row", "--drop-row", "1"), "is a column of the predictions"),
        (("two", "odd.csv", "--id", "outside", "--outside"), "is a column of the predictions"),
    ],
)
def test_columns_that_cannot_be_carried_along_are_errors(cli, models, arguments, says):
    odd = pd.read_csv("later.csv").assign(prediction="p", row=1, outside="o")
    odd.to_csv("odd.csv", index=False)
    code, out, err = cli("predict", *arguments, "-q", "--unknown", "ignore")
    assert code in (1, 2)
    assert out == ""
    assert says in " ".join(err.split())


def test_digits_round_numbers_that_stay_numbers(cli, models):
    exact = predict(cli, "three", "later.csv", "--unknown", "ignore")
    found = predict(cli, "three", "later.csv", "--unknown", "ignore", "--digits", "2")
    for was, row in zip(exact, found, strict=True):
        assert row["prediction"] == was["prediction"]
        for key in ("p_high", "p_low", "p_middle"):
            assert float(row[key]) == pytest.approx(float(was[key]), abs=0.01)
            assert len(row[key]) <= 4
            assert 0 < float(row[key]) < 1
    exact = predict(cli, "number", "later.csv", "--unknown", "ignore")
    found = predict(cli, "number", "later.csv", "--unknown", "ignore", "--digits", "3")
    for was, row in zip(exact, found, strict=True):
        assert float(row["prediction"]) == pytest.approx(float(was["prediction"]), rel=5e-3)
        assert len(row["prediction"]) <= 5


@pytest.mark.parametrize(
    ("p", "digits", "shown"),
    [
        (0.5, 3, 0.5), (0.12345, 3, 0.123), (1e-9, 3, 0.001), (0.9999, 3, 0.999),
        (1 - 1e-16, 2, 0.99), (0.0, 3, 0.0), (1.0, 3, 1.0), (1e-300, 15, 1e-15),
    ],
)  # fmt: skip
def test_no_probability_is_rounded_to_certainty(p, digits, shown):
    assert rounded_probability(p, digits) == shown


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [
        (19294.27, 3, 19294.0), (13.12, 3, 13.1), (0.0043217, 3, 0.00432), (-99.96, 3, -100.0),
        (0.0, 3, 0.0), (-1e-9, 1, -1e-9), (7.0, 1, 7.0),
    ],
)  # fmt: skip
def test_numbers_keep_all_digits_before_the_point(value, digits, shown):
    assert rounded_number(value, digits) == shown


@pytest.mark.parametrize(
    ("ends", "digits", "shown"),
    [
        ((13.12, 13.12), 3, (13.1, 13.2)), ((-13.12, 19294.2), 3, (-13.2, 19295.0)),
        ((0.1, 0.25), 1, (0.1, 0.3)), ((-0.0012345, 9.9996), 2, (-0.0013, 10.0)),
        ((-np.inf, np.inf), 3, (-np.inf, np.inf)), ((0.0, 1e300), 2, (0.0, 1e300)),
        ((-5e-324, 5e-324), 2, (-5e-324, 5e-324)),
    ],
)  # fmt: skip
def test_ends_of_intervals_are_never_rounded_inward(ends, digits, shown):
    assert rounded_outward(*ends, digits) == shown


def test_words_stand_for_classes(cli, models):
    words = ("--label", "1=malignant, sure", "--label", "0=benign")
    plain = predict(cli, "two", "later.csv", "--unknown", "ignore")
    found = predict(cli, "two", "later.csv", "--unknown", "ignore", *words)
    assert list(found[0]) == ["prediction", "p_benign", "p_malignant, sure"]
    said = {"0": "benign", "1": "malignant, sure"}
    assert [row["prediction"] for row in found] == [said[row["prediction"]] for row in plain]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("two", "--label", "2=odd"), "which is no class of the model"),
        (("two", "--label", "1=0"), "writes two classes alike"),
        (("two", "--label", "1=a", "--label", "1=b"), "names a class twice"),
        (("two", "--label", "malignant"), "--label 1=malignant"),
        (("number", "--label", "1=a"), "is for classes, and the model predicts numbers"),
        (("two", "--digits", "0"), "whole number from 1 to 15"),
        (("two", "--digits", "16"), "whole number from 1 to 15"),
        (("two", "--threshold", "1.5"), "give a number from 0 to 1"),
        (("two", "--threshold", "-0.1"), "give a number from 0 to 1"),
        (("two", "--threshold", "nan"), "give a number from 0 to 1"),
        (("three", "--threshold", "0.3"), "for two classes, and the model predicts several"),
        (("number", "--threshold", "0.3"), "for two classes, and the model predicts numbers"),
    ],
)
def test_options_that_do_not_fit_are_refused(cli, models, arguments, says):
    model, *options = arguments
    code, out, err = cli("predict", model, "later.csv", "-q", *options)
    assert (code, out) == (2, "")
    assert says in " ".join(err.split())


def test_another_threshold_overrides_that_of_the_model(cli, models):
    model = load_model("two")
    place = int(model.classes_[1] == model.positive_)
    p = model.predict_proba(pd.read_csv("two.csv")[["dose", "town"]])[:, place]
    t = float(np.sort(p)[40])
    found = predict(cli, "two", "two.csv", "--threshold", repr(t))
    positive, other = str(model.positive_), str(model.classes_[1 - place])
    # A row exactly at the threshold is not called positive.
    assert [row["prediction"] for row in found] == [positive if each > t else other for each in p]
    for given, value in ((("--threshold", "0.25"), 0.25), ((), 0.5)):
        said = json.loads(cli("predict", "two", "two.csv", "--json", *given)[1])
        assert said["result"]["threshold"] == value
    said = json.loads(cli("predict", "number", "two.csv", "--json")[1])
    assert said["result"]["threshold"] is None


def test_cells_that_no_training_row_was_like_have_a_column(cli, models):
    found = predict(cli, "two", "later.csv", "--unknown", "ignore", "--outside")
    assert list(found[0])[-1] == "outside"
    low, high = (pd.read_csv("two.csv")["dose"].agg(end) for end in ("min", "max"))
    said = [row["outside"] for row in found]
    assert said[0] == said[4] == said[5] == ""
    assert said[1].startswith("dose 500, not ")
    assert said[2] == "town 'Paris', unknown"
    assert said[3].startswith("dose -40, not ")
    assert said[3].endswith("; town 'Paris', unknown")
    ends = said[1].removeprefix("dose 500, not ").split(" to ")
    assert low <= float(ends[0]) < float(ends[1]) <= high
    code, out, _ = cli(
        "predict",
        "two",
        "later.csv",
        "--unknown",
        "ignore",
        "--outside",
        "--drop-row",
        "1",
        "--json",
    )
    assert code == 0
    rows = json.loads(out)["result"]["predictions"]
    assert [(row["row"], row["outside"]) for row in rows] == list(enumerate(said, start=1))[1:]
