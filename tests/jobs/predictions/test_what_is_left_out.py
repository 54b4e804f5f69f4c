"""What is left out says why; notes on predictions say what they are."""

import numpy as np
import pandas as pd
import pytest

from stored_pages import kept
from thalweg.errors import DataError
from thalweg.evaluation.answers import Answers
from thalweg.evaluation.any_estimator.evaluation import Evaluation
from thalweg.evaluation.decisions.decision_curve import decision_curve
from thalweg.jobs.decide import DecideRequest, decide
from thalweg.jobs.fit import FitRequest, fit
from thalweg.jobs.parts.table_options import Columns
from thalweg.jobs.predict import PredictRequest, predict
from thalweg.jobs.predictions.predicted_rows import rounded_number, rounded_outward
from thalweg.jobs.running.listener import Nobody
from thalweg.jobs.sections.asked_sections import AskedSections
from thalweg.persistence.model_file import load_model, read_model
from thalweg.reporting.section_lines import section_lines

SMALL = {"hidden_layer_sizes": (4,), "max_iter": 3, "n_folds": 2}


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    folder = tmp_path_factory.mktemp("left")
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.normal(size=300).round(5), "who": np.arange(300) // 2})
    frame["day"] = np.arange(300)
    frame["town"] = rng.choice(["Bern", "Chur"], 300)
    frame["y"] = np.where(frame["a"] + rng.normal(size=300) > 0.3, "ill", "well")
    frame.to_csv(folder / "t.csv", index=False)
    return folder


def fitted(here, name, *, columns, **more):
    settings = {} if more.get("estimator") else SMALL
    asked = FitRequest(
        table=str(here / "t.csv"), settings=settings, output=str(here / name), columns=columns,
        **more,
    )  # fmt: skip
    return fit(asked).result["judgement"]


PLAIN = Columns(target="y", drop=("who", "day", "town"), positive="ill")


def test_a_section_that_is_left_out_says_why(here):
    times = Columns(target="y", drop=("who", "town"), time="day")
    for name, asked, key, why in (
        ("times", {"columns": times}, "coverage", "new rows are later"),
        ("logistic", {"columns": PLAIN, "estimator": "logistic"}, "coverage", "no row was held"),
        ("costs", {"columns": PLAIN, "sections": AskedSections(missed=9, alarm=1)}, "abstention",
         "counts every wrong answer alike"),
    ):  # fmt: skip
        sections = fitted(here, name, **asked)["sections"]
        assert sections[key] is None
        assert why in sections["left_out"][key]
        line = {"coverage": "Sets", "abstention": "No answer"}[key]
        assert why in dict(section_lines(sections, ["well", "ill"]))[line]
        assert read_model(here / name).judgement["sections"] == kept(sections)


def test_a_model_without_held_out_answers_says_why_and_names_no_fix_that_fails(here):
    groups = Columns(target="y", drop=("day", "town"), group="who")
    fitted(here, "groups", columns=groups)
    with pytest.raises(DataError, match="one random row of each is kept"):
        decide(DecideRequest(model=str(here / "groups"), f1=True))
    fitted(here, "all", columns=PLAIN, estimator="logistic", refit=True)
    with pytest.raises(DataError, match="trained on all") as told:
        decide(DecideRequest(model=str(here / "all"), table=str(here / "t.csv"), f1=True))
    assert "leave out TABLE" not in str(told.value)
    fitted(here, "plain", columns=PLAIN)
    train = load_model(here / "plain")
    assert train._known.conformal.of_all_rows() is not None


class Notes(Nobody):
    def __init__(self):
        self.said = []

    def say(self, line):
        self.said.append(line)


def test_a_prediction_outside_its_own_set_is_counted(here):
    fitted(here, "plain2", columns=PLAIN)
    decide(DecideRequest(model=str(here / "plain2"), missed=30, alarm=1, output=str(here / "d")))
    heard = Notes()
    predict(
        PredictRequest(model=str(here / "d"), table=str(here / "t.csv"), sets=0.7),
        heard,
    )
    model, X = load_model(here / "d"), pd.read_csv(here / "t.csv")[["a"]]
    held, predicted = model.predict_set(X, 0.7), model.predict(X)
    inside = held[np.arange(300), np.searchsorted(model.classes_, predicted)]
    outside = int((~inside & held.any(axis=1)).sum())
    assert outside > 0
    assert any(note.startswith(f"{outside} rows have a prediction outside") for note in heard.said)


def test_no_answer_is_by_the_probabilities_of_the_model(here):
    fitted(here, "plain3", columns=PLAIN)
    heard = Notes()
    asked = PredictRequest(model=str(here / "plain3"), table=str(here / "t.csv"), abstain=0.2)
    predict(asked, heard)
    assert any("by the model's own probabilities" in note for note in heard.said)


def test_whole_numbers_are_written_without_a_point():
    assert repr(rounded_number(353.7, 3)) == "354"
    assert repr(rounded_number(3.537, 3)) == "3.54"
    assert repr(rounded_number(2e300, 3)) == "2e+300"
    assert [*map(repr, rounded_outward(353.2, 353.7, 3))] == ["353", "354"]


def test_the_costs_of_an_evaluation_are_those_of_its_thresholds():
    p = np.linspace(0.01, 0.99, 99)
    found = Evaluation.from_predictions(p > 0.4, p, costs={"missed": 9, "alarm": 1})
    point = found.at(0.5)
    assert point.cost.value == pytest.approx(9 * ((p > 0.4) & (p <= 0.5)).mean())
    assert point == found.at(0.5, missed=9, alarm=1)
    assert "where a false alarm costs 1" in found.text()
    assert Evaluation.from_predictions(p > 0.4, p).at(0.5).cost is None


def test_an_effective_number_of_rows_is_called_one():
    truth = np.repeat([True, False], [19, 60])
    weights = np.where(truth, np.where(np.arange(79) < 3, 5.5, 0.3), 1.0)
    refused = decision_curve(Answers(truth, np.full(79, 0.3), weights)).refused
    assert "effectively (by their weights)" in refused
    assert "effectively" not in decision_curve(Answers(truth[14:], np.full(65, 0.3))).refused


def test_a_ratio_that_is_said_to_be_given_is_given():
    y = np.repeat([True, False], [5, 7])
    sections = Evaluation.from_predictions(y, np.linspace(0.2, 0.8, 12)).as_dict()["sections"]
    line = dict(section_lines(sections, ["no", "yes"]))["Calibration"]
    assert line.startswith("Observed by expected 0.83 [")
    assert "only the ratio of observed to expected is given" in line
