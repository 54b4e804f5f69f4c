"""The job of every verb, without a terminal: request in, outcome out, messages to a listener."""

import json
import sys
import threading
import warnings
from functools import wraps
from unittest import mock

import numpy as np
import pandas as pd
import pytest

from thalweg.errors import DataError, SettingsError, ThalwegError, ThalwegWarning, UnfinishedError
from thalweg.interrupts import Cancellation
from thalweg.jobs.check import CheckRequest, check
from thalweg.jobs.decide import DecideRequest, decide
from thalweg.jobs.evaluate import EvaluateModelRequest, EvaluateRequest, evaluate
from thalweg.jobs.fit import FitRequest, fit
from thalweg.jobs.landscape import LandscapeRequest, landscape
from thalweg.jobs.lessons.derivative_lesson import DerivativeRequest, derivative_lesson
from thalweg.jobs.parts.table_options import Columns, Reading
from thalweg.jobs.predict import PredictRequest, predict
from thalweg.jobs.report import ReportRequest, report
from thalweg.jobs.running.job_run import JobRun
from thalweg.jobs.running.listener import Nobody
from thalweg.jobs.running.outcome import Outcome
from thalweg.jobs.show import ShowRequest, show
from thalweg.jobs.trace import TraceRequest, trace
from thalweg.persistence.model_file import load_model, read_model
from thalweg.wording import parameter

QUICK = {"hidden_layer_sizes": (4,), "max_iter": 3}
NEVER_ENDING = {**QUICK, "max_iter": 10**6, "n_iter_no_change": 10**6, "batch_size": 1}
GOOD = Columns(target="y", positive="good")


class Heard(Nobody):
    """A listener that keeps everything it receives."""

    def __init__(self, on_progress=None):
        self.lines, self.warnings, self.steps, self.outcomes = [], [], [], []
        self.on_progress = on_progress

    def say(self, line):
        self.lines.append(line)

    def warn(self, warning):
        self.warnings.append(warning)

    def progress(self, step):
        self.steps.append(step)
        if self.on_progress:
            self.on_progress(step)

    def so_far(self, outcome):
        self.outcomes.append(outcome)


class NoTerminal:
    """A stream that must not be used."""

    def __getattr__(self, name):
        raise AssertionError(f"a job asks a standard stream for {name}")


def without_terminal(job):
    """The job without the standard streams."""

    @wraps(job)
    def alone(*given):
        # Not in a fixture, because pytest restores its own streams before it calls the test.
        nothing = {name: NoTerminal() for name in ("stdin", "stdout", "stderr")}
        with mock.patch.multiple(sys, **nothing):
            return job(*given)

    return alone


check, evaluate, fit, landscape = map(without_terminal, (check, evaluate, fit, landscape))
predict, report, show, trace = map(without_terminal, (predict, report, show, trace))
decide = without_terminal(decide)
derivative_lesson = without_terminal(derivative_lesson)


def table_in(folder):
    rng = np.random.default_rng(0)
    x, z = rng.normal(size=(2, 90))
    y = np.where(x + z / 2 > 0, "good", "bad")
    pd.DataFrame({"x": x, "z": z, "y": y}).to_csv(folder / "table.csv", index=False)


@pytest.fixture(autouse=True)
def folder_with_a_table(monkeypatch, tmp_path):
    table_in(tmp_path)
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def data_of_model(tmp_path_factory):
    """The bytes of an evaluated model."""
    folder = tmp_path_factory.mktemp("model")
    table_in(folder)
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(folder)
        fit(FitRequest(table="table.csv", columns=GOOD, settings=QUICK, output="m"))
    return (folder / "m").read_bytes()


@pytest.fixture
def model(tmp_path, data_of_model):
    """An evaluated model in a file."""
    (tmp_path / "m").write_bytes(data_of_model)
    return "m"


def agrees(heard, outcome, verb):
    """Rules of every job: the last outcome of the listener is the returned one, and plain data."""
    assert heard.outcomes[-1] is outcome
    assert outcome.settled
    document = outcome.plain()
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert (document["verb"], document["error"]) == (verb, None)
    assert [each["text"] for each in document["warnings"]] == [w.text for w in heard.warnings]
    return document


def test_check():
    heard = Heard()
    outcome = check(CheckRequest(table="wisconsin"), heard)
    document = agrees(heard, outcome, "check")
    assert heard.lines == document["data"]["notes"]
    assert document["status"] == "ok"
    assert outcome.diagnosis.n_rows == document["data"]["rows"] == 699
    found = check(CheckRequest(table="table.csv", target="y", test="table.csv"))
    assert not found.passed
    assert found.plain()["status"] == "check"


def test_fit_trains_judges_tells_and_writes():
    heard = Heard()
    request = FitRequest(
        table="table.csv", columns=GOOD, settings=QUICK, seed=7, output="m", report="m.html"
    )
    outcome = fit(request, heard)
    document = agrees(heard, outcome, "fit")
    assert document["seed"] == 7
    assert document["result"]["file"] == "m"
    assert document["result"]["report"] == "m.html"
    assert heard.lines[-2:] == [
        "Saved this model as m.",
        "Wrote the report to m.html: open it in a browser.",
    ]
    last = heard.steps[-1]
    assert (last.title, last.done, last.total, last.unit) == ("Training", 15, 15, "epoch")
    assert last.ended
    assert last.said.startswith("5 of 5 networks, mean of their best epochs: loss ")
    # First nothing is known, then the data, then the evaluation, then the files.
    assert [each.data is not None for each in heard.outcomes[:2]] == [False, True]
    judged = next(each for each in heard.outcomes if each.settled)
    assert judged.result["file"] is None
    table = pd.read_csv("table.csv")
    X = table[["x", "z"]]
    assert np.array_equal(load_model("m").predict_proba(X), outcome.model.predict_proba(X))
    with open("m.html", encoding="utf-8") as page:
        assert page.readline().startswith("<!doctype html>")


def test_evaluate_a_way_of_training():
    heard = Heard()
    request = EvaluateRequest(
        table="table.csv", columns=GOOD, settings=QUICK, folds=2, repeats=2, seed=3
    )
    document = agrees(heard, evaluate(request, heard), "evaluate")
    assert heard.lines == ["Repetition 1 of 2 is done.", "Repetition 2 of 2 is done."]
    assert heard.steps == []  # as many bars as there are folds tell nobody anything
    assert document["result"]["judgement"]["n_test"] == 90


def test_evaluate_a_saved_model(model):
    heard = Heard()
    outcome = evaluate(EvaluateModelRequest(model=model, table="table.csv"), heard)
    document = agrees(heard, outcome, "evaluate")
    assert outcome.judgement == document["result"]["judgement"]
    assert outcome.judgement["how"] == "A saved model, evaluated on 18 rows"  # of the fit's test
    assert outcome.judgement["n_test"] == 18
    assert "n_train" not in outcome.judgement


def test_predict(model):
    heard = Heard()
    outcome = predict(PredictRequest(model=model, table="table.csv"), heard)
    document = agrees(heard, outcome, "predict")
    assert document["result"]["predictions"][0]["prediction"] == outcome.rows[0][0]
    written = predict(PredictRequest(model=model, table="table.csv", output="p.csv"), heard)
    assert "predictions" not in agrees(heard, written, "predict")["result"]
    with open("p.csv", "rb") as file:
        assert file.read() == outcome.csv()
    assert heard.lines[-1] == "Wrote 90 predictions to p.csv."


def test_show(model):
    heard = Heard()
    outcome = show(ShowRequest(model=model), heard)
    document = agrees(heard, outcome, "show")
    assert document["result"]["judgement"] == read_model(model).judgement
    assert dict(outcome.lines)["Target"] == "y: bad, or good above a probability of 0.5"


def test_report(model):
    heard = Heard()
    outcome = report(
        ReportRequest(model=model, table="table.csv", trace="2", landscape="table.csv"), heard
    )
    assert agrees(heard, outcome, "report")["result"]["page"] == outcome.page.decode()
    written = report(ReportRequest(model=model, output="r.html"), heard)
    assert agrees(heard, written, "report")["result"] == {"model": model, "file": "r.html"}


def test_trace(model):
    heard = Heard()
    outcome = trace(TraceRequest(model=model, table="table.csv", row="3"), heard)
    assert agrees(heard, outcome, "trace")["result"]["kind"] == outcome.shown.kind == "trace"
    trained = trace(TraceRequest(table="table.csv", columns=GOOD, settings=QUICK), heard)
    assert agrees(heard, trained, "trace")["seed"] == 0
    assert heard.steps[-1].ended
    planted = trace(TraceRequest(model=model, plant="sign"), heard)
    assert agrees(heard, planted, "trace")["status"] == "check"
    taught = derivative_lesson(DerivativeRequest(output="lesson.html"), heard)
    assert agrees(heard, taught, "trace")["result"]["file"] == "lesson.html"


def test_decide(model):
    heard = Heard()
    outcome = decide(DecideRequest(model=model, missed=3, alarm=1, output="d"), heard)
    document = agrees(heard, outcome, "decide")
    assert document["result"]["file"] == "d"
    assert heard.lines == ["Saved the model with this threshold as d."]
    assert load_model("d").threshold_ == 0.25 == document["result"]["threshold"]["value"]
    outcome = decide(DecideRequest(model=model, table="table.csv", missed=3, alarm=1), heard)
    document = agrees(heard, outcome, "decide")
    assert 0 < document["data"]["rows_used"] < document["data"]["rows"]
    assert heard.lines[-1].startswith('Nothing is stored: output="decided.safetensors"')


def test_landscape(model):
    heard = Heard()
    request = LandscapeRequest(table="hills", network={"steps": 20}, grid=11, output="h.svg")
    document = agrees(heard, landscape(request, heard), "landscape")
    assert document["result"]["file"] == "h.svg"
    assert heard.lines[-1] == "Wrote h.svg."
    assert {step.title for step in heard.steps} >= {"Surface"}
    own = landscape(LandscapeRequest(table="table.csv", model=model, grid=11), heard)
    assert agrees(heard, own, "landscape")["data"]["rows"] == 90


def test_nobody_need_listen():
    outcome = check(CheckRequest(table="wisconsin"))
    assert outcome.plain()["data"]["name"] == "wisconsin"


# --- errors and warnings


@pytest.mark.parametrize(
    ("job", "request_of", "error"),
    [
        (fit, lambda: FitRequest(table="nowhere.csv"), DataError),
        (fit, lambda: FitRequest(table="table.csv", landscape=True), SettingsError),
        (check, lambda: CheckRequest(table="table.csv", target="nix"), DataError),
        (show, lambda: ShowRequest(model="nowhere"), ThalwegError),
        (trace, lambda: TraceRequest(), SettingsError),
        (landscape, lambda: LandscapeRequest(table="hills", view="nix"), SettingsError),
        (fit, lambda: FitRequest(table="-"), SettingsError),
    ],
)
def test_a_mistake_is_an_exception(job, request_of, error):
    with pytest.raises(error):
        job(request_of())


def test_an_error_leaves_what_was_read():
    heard = Heard()
    with pytest.raises(SettingsError, match=r"class_weight is for.* or say task="):
        fit(
            FitRequest(
                table="table.csv",
                columns=Columns(target="x"),
                settings={"class_weight": "balanced"},
            ),
            heard,
        )
    assert heard.outcomes[-1].data["target"] == "x"
    assert heard.outcomes[-1].result is None
    error = {"code": "settings", "what": "a", "where": "b", "why": "c", "fix": "d"}
    document = heard.outcomes[-1].plain("usage", error)
    assert (document["status"], document["error"]) == ("usage", error)


def test_warnings_are_reported_once_and_shown_nowhere():
    class About(ThalwegWarning):
        about = "the same"

    heard = Heard()
    with JobRun("fit", heard, None) as run:
        for _ in range(2):
            warnings.warn(About("It is odd. Fix: look at it."), stacklevel=2)
    assert [(each.text, each.fix) for each in heard.warnings] == [("It is odd.", "look at it.")]
    assert run.outcome.warnings == tuple(heard.warnings)


def test_a_listener_says_how_parameters_are_called_in_warnings():
    class Loud(Heard):
        def spell(self, name, value):
            return f"{name.upper()}<{value}>"

    for heard, said in ((Heard(), 'alpha=2 and "a"'), (Loud(), 'ALPHA<2> and "a"')):
        with JobRun("fit", heard, None):
            warnings.warn(ThalwegWarning(f'{parameter("alpha", 2)} and "a"'), stacklevel=1)
        assert [each.text for each in heard.warnings] == [said]


def test_a_table_may_be_sent():
    with open("table.csv", "rb") as sent:
        outcome = check(CheckRequest(table="-", reading=Reading(stdin=lambda: sent)))
    assert outcome.name == "standard input"


def test_numbers_that_json_lacks_are_put_otherwise(documents_without_their_form):
    result = {"nan": float("nan"), "far": [float("inf"), -float("inf")], "is": 0.5}
    told = Outcome(verb="fit", result=result).plain()["result"]
    assert told == {"nan": None, "far": ["Infinity", "-Infinity"], "is": 0.5}
    documents_without_their_form.clear()  # this is no result of a fit


# --- cancellation


def in_a_thread(work):
    """Run it in another thread, as a graphical program does; returns its outcome or the error."""
    found = []

    def run():
        try:
            found.append(work())
        except BaseException as error:
            found.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(timeout=60)
    assert not thread.is_alive()
    return found[0]


def cancelled_after(cancellation, n_steps):
    heard = Heard(lambda _: cancellation.ask() if len(heard.steps) >= n_steps else None)
    return heard


@pytest.mark.parametrize("stopping", ["auto", False, "cross-validation"])
def test_a_cancelled_fit_ends_with_the_best_so_far_and_is_kept(stopping):
    cancellation = Cancellation()
    heard = cancelled_after(cancellation, 60)
    settings = {**NEVER_ENDING, "early_stopping": stopping}
    request = FitRequest(table="table.csv", columns=GOOD, settings=settings, output="m")
    outcome = in_a_thread(lambda: fit(request, heard, cancellation))
    document = agrees(heard, outcome, "fit")
    assert document["result"]["model"]["training"]["status"] == "interrupted"
    assert [each.code for each in heard.warnings] == ["unfinished"]
    assert document["result"]["judgement"]["n_test"] == 18
    assert load_model("m").status_.name == "INTERRUPTED"


def test_one_that_is_cancelled_before_it_trains_writes_nothing(tmp_path):
    cancellation = Cancellation()
    cancellation.ask()
    before = sorted(tmp_path.iterdir())
    for job, request in (
        (fit, FitRequest(table="table.csv", columns=GOOD, output="m")),
        (check, CheckRequest(table="table.csv")),
        (evaluate, EvaluateRequest(table="table.csv", columns=GOOD)),
    ):
        with pytest.raises(UnfinishedError, match="Cancelled before there was anything to keep"):
            job(request, None, cancellation)
    assert sorted(tmp_path.iterdir()) == before


def test_half_of_a_cross_validation_is_no_judgement(monkeypatch):
    from thalweg.network.compiled.compiled_engine import CompiledEngine

    cancellation, calls = Cancellation(), []
    steps = CompiledEngine.steps

    def counted(self, *arguments):
        calls.append(1)
        if len(calls) == 30:
            cancellation.ask()
        return steps(self, *arguments)

    monkeypatch.setattr(CompiledEngine, "steps", counted)
    request = EvaluateRequest(table="table.csv", columns=GOOD, settings=NEVER_ENDING)
    heard = Heard()
    error = in_a_thread(lambda: evaluate(request, heard, cancellation))
    assert isinstance(error, UnfinishedError)
    assert heard.outcomes[-1].result is None


def test_a_cancelled_landscape_has_the_grid_that_it_has():
    cancellation = Cancellation()
    heard = Heard(lambda step: cancellation.ask() if step.title == "Surface" else None)
    request = LandscapeRequest(table="table.csv", columns=GOOD, grid=161, network={"steps": 20})
    outcome = in_a_thread(lambda: landscape(request, heard, cancellation))
    assert agrees(heard, outcome, "landscape")
    assert not outcome.landscape.race.complete


def test_a_cancellation_of_one_job_is_not_that_of_another():
    asked, other = Cancellation(), Cancellation()
    asked.ask()
    request = FitRequest(table="table.csv", columns=GOOD, settings=QUICK)
    with pytest.raises(UnfinishedError):
        fit(request, None, asked)
    assert fit(request, None, other).settled
    assert asked.take()  # once
    assert not asked.take()
    assert not other.take()


def test_a_report_that_is_cancelled_while_it_draws_is_not_written(model, monkeypatch, tmp_path):
    from thalweg.landscape.ground import terrain

    cancellation, heights = Cancellation(), terrain.heights

    def asked(*arguments, **more):
        cancellation.ask()
        return heights(*arguments, **more)

    monkeypatch.setattr("thalweg.landscape.ground.surface.heights", asked)
    request = ReportRequest(model=model, landscape="table.csv", output="r.html")
    with pytest.raises(UnfinishedError):
        report(request, None, cancellation)
    assert not (tmp_path / "r.html").exists()


def test_a_check_of_many_columns_says_so_at_its_start(monkeypatch):
    from thalweg.jobs import check as checking

    said = []

    class Listening(Nobody):
        def say(self, line):
            said.append(line)

    monkeypatch.setattr(checking, "_MANY", 5)
    checking.check(checking.CheckRequest(table="wisconsin"), Listening())
    assert said[0] == "Checking 10 columns; this may take minutes."


def test_a_code_among_the_classes_is_named_with_its_fix(tmp_path):
    score = np.resize(["1", "2", "3", "4", "5"], 60).astype(object)
    score[[5, 17]] = "99"
    path = tmp_path / "survey.csv"
    numbers = np.random.default_rng(0).normal(size=60).round(3)
    pd.DataFrame({"x": numbers, "score": score}).to_csv(path, index=False)
    for missing, is_named in ((None, True), ({"score": ["99"]}, False)):
        columns = Columns(target="score", missing=missing)
        heard = fit(FitRequest(table=str(path), columns=columns, settings=QUICK))
        notes = " ".join(heard.data["notes"])
        assert ('has "99" as a class, far from the others' in notes) == is_named
        assert ("missing={'score': ['99']}" in notes) == is_named
