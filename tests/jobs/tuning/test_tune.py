"""``thalweg tune`` on a small table: one run on the command line, and what it must agree with."""

import csv
import json
import os
import re
import shlex
import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import log_loss

from thalweg import load_model, load_table
from thalweg.cli.signals import Stopped, ended_by_signals, first_asks
from thalweg.errors import SettingsError, UnfinishedError
from thalweg.interrupts import Cancellation
from thalweg.jobs.parts.table_options import Columns
from thalweg.jobs.recipes.report_recipes import recipes_of_tune
from thalweg.jobs.running.job_run import JobRun
from thalweg.jobs.running.listener import Nobody
from thalweg.jobs.tuning.searched_model import SearchAsked, SearchProgress
from thalweg.jobs.tuning.tune import TuneRequest, tune
from thalweg.persistence.model_file import model_bytes
from thalweg.tuning import search_rounds
from thalweg.tuning.search_rounds import TrialDone

SMALL = ("--target", "Diagnose", "--hidden", "4", "--epochs", "4", "--no-trees", "-q")
COLUMNS = Columns(target="Diagnose")
SETTINGS = {"hidden_layer_sizes": (4,), "max_iter": 4}


def table(path):
    random = np.random.default_rng(0)
    n = 150
    age, dose = random.integers(20, 90, n), random.gamma(2, 5, n)
    ill = age + random.normal(0, 12, n) > 55
    with path.open("w", encoding="latin-1") as file:
        file.write("Alter (J.);Größe;Diagnose\n")
        for row in zip(age, dose, ill, strict=True):
            decimal = f"{row[1]:.2f}".replace(".", ",")
            file.write(f"{row[0]};{decimal};{'ja' if row[2] else 'nein'}\n")
    return path


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    """A search with all of its files, made once."""
    from thalweg.cli.main import main

    folder = tmp_path_factory.mktemp("search")
    here = os.getcwd()
    os.chdir(folder)
    try:
        table(folder / "my.csv")
        code = main(
            ["tune", "my.csv", "--trials", "3", "--if-unclear", "tuned", "--study", "s.journal",
             "-o", "m.safetensors", "--predictions", "p.csv", "--report", "page.html", *SMALL]
        )  # fmt: skip
        assert code == 0
        yield folder
    finally:
        os.chdir(here)


@pytest.fixture
def run(room, capsys, monkeypatch):
    from thalweg.cli.main import main

    monkeypatch.chdir(room)

    def of(*words):
        code = main([str(word) for word in words])
        return code, *capsys.readouterr()

    return of


def again(run, *more):
    """The same search goes on from its study: nothing is left to do."""
    words = ["--trials", "3", "--if-unclear", "tuned", "--study", "s.journal", *SMALL, *more]
    return run("tune", "my.csv", *words)


def test_the_numbers_are_those_of_the_files_and_of_a_fit(run, room):
    code, out, _ = again(run, "--json")
    document = json.loads(out)
    found = document["result"]["search"]
    assert (code, document["verb"], found["chosen"], len(found["trials"])) == (
        0,
        "tune",
        "tuned",
        3,
    )
    with (room / "p.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    truth = [row["truth"] == "ja" for row in rows]
    mine = log_loss(truth, [float(row["p_ja"]) for row in rows])
    assert found["unseen"]["n_rows"] == len(rows) == document["result"]["judgement"]["n_test"]
    assert found["unseen"]["tuned"] == pytest.approx(mine, rel=1e-5)
    assert document["result"]["judgement"]["network"]["metrics"]["log_loss"][
        "value"
    ] == pytest.approx(mine)
    fit = json.loads(run("fit", "my.csv", "--json", *SMALL)[1])["result"]["judgement"]
    default = fit["network"]["metrics"]["log_loss"]["value"]
    assert found["unseen"]["default"] == pytest.approx(default, rel=1e-9)
    d = found["unseen"]["difference"]
    assert d["value"] == pytest.approx(mine - default, rel=1e-4)
    assert d["low"] < d["value"] < d["high"]


def test_a_search_that_goes_on_gives_the_same_file(run, room):
    code, out, _ = again(run, "-o", "again.safetensors", "--force")
    assert code == 0
    assert (room / "again.safetensors").read_bytes() == (room / "m.safetensors").read_bytes()
    assert "Use it: thalweg predict again.safetensors new.csv" in out
    assert "times the multiplications of the default's." in " ".join(out.split())
    assert "rows that nothing has seen" in " ".join(out.split())


def test_the_file_says_that_a_search_made_it(run, room):
    out = " ".join(run("show", "m.safetensors")[1].split())
    assert "Tuning made by a search of 3 trials, of which trial 0 is the default" in out
    told = json.loads(run("show", "m.safetensors", "--json")[1])["result"]["model"]["tuned"]
    model = load_model(room / "m.safetensors")
    assert told == {"trials": 3, "networks": list(model._known.tuned.networks)}
    assert len(told["networks"]) == len(model.members_)
    run("card", "m.safetensors", "-o", "card.md")
    assert "made by a search of 3 trials" in (room / "card.md").read_text(encoding="utf-8")


def test_the_command_of_the_page_goes_on_from_its_study(run, room, monkeypatch):
    page = (room / "page.html").read_text(encoding="utf-8")
    (command,) = re.findall(r'"command":"([^"]+)"', page)
    name, *words = shlex.split(command)
    assert (name, words[words.index("--study") + 1]) == ("thalweg", "s.journal")
    assert "study='s.journal'" in page  # of the Python beside it

    def trained(*_):
        raise AssertionError("the study has all trials")

    monkeypatch.setattr(search_rounds.TrialTable, "run", trained)
    code, out, _ = run(*words, "--json", "--force")
    assert (code, len(json.loads(out)["result"]["search"]["trials"])) == (0, 3)


def test_the_page_calls_no_networks_alike_that_are_of_several_trials(run, room, monkeypatch):
    model = load_model(room / "m.safetensors")
    rows, n = load_table(room / "my.csv", target="Diagnose"), len(model.members_)

    def said():
        model.report("alike.html", rows.frame, rows.target, overwrite=True)
        return Path("alike.html").read_text(encoding="utf-8")

    assert f"; the mean of {n} such networks" in said()
    several = model._known.tuned._replace(networks=(0, *model._known.tuned.networks[1:]))
    known = replace(model._known, tuned=several)
    monkeypatch.setattr(type(model), "_known", property(lambda self: known))
    page = said()
    assert f"; the first of {n} networks, whose mean is the answer" in page
    assert "such networks" not in page


def test_the_command_after_a_time_limit_replaces_the_files_of_this_run(run, room):
    words = ("--time-limit", "0.01s", "--study", "limit.journal", "-o", "limit.safetensors")
    code, out, _ = run("tune", "my.csv", *SMALL, *words)
    assert code == 0
    (command,) = re.findall(r"To go on for as long again: thalweg (.*?)\n\n", out, re.DOTALL)
    assert run(*shlex.split(command))[0] == 0
    code, out, _ = run("tune", "my.csv", *SMALL, *words[:4])  # writes no file
    assert "To go on for as long again: thalweg tune my.csv" in out


def test_a_time_and_a_size_of_a_command_have_no_power_of_ten():
    search = SearchAsked(time_limit=1e-5, max_size=2e6)
    command = recipes_of_tune(TuneRequest(table="my.csv", columns=COLUMNS, search=search))
    assert "tune my.csv --time-limit 0.00001 --max-size 2000000 --target" in command["command"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "The search does not know when to end. Fix: give --time-limit 60 (seconds) or "
             "--trials 50."),
        (("--time-limit", "soon"), '"soon" is not a time (--time-limit). Fix: write it as 30s'),
        (("--time-limit", "0s"), "\"0s\" is not a time above 0 (--time-limit)"),
        (("--trials", "0"), "--trials 0 is not a whole number from 1 to 100,000"),
        (("--trials", "2", "--keep", "0"), "--keep 0 is not a whole number"),
        (("--trials", "2", "--max-size", "big"), "'big' is not a size of memory (--max-size)"),
        (("--trials", "2", "--study", "s.html", "--report", "s.html"),
         "--study s.html would replace another file"),
        (("--trials", "2", "--study", "my.csv"), "--study my.csv would replace another file"),
        (("--trials", "2", "--study", "s.journal", "-o", "s.journal.trials/00007.safetensors"),
         "--study s.journal would replace another file"),
        (("--trials", "2", "--study", "-"), "name a file after --study"),
        (("--trials", "2", "--early-stopping", "holdout"), "take --early-stopping folds"),
        (("--trials", "2", "--space", "huge"), "take one of small, wide, article"),
        (("--trials", "2", "--study", "s.journal", "--seed", "1"), "of another search"),
        (("--trials", "2", "--study", "s.journal", "--hidden", "5"),
         "--hidden 4 then, --hidden 5 now."),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_the_fix(run, words, said):
    code, out, err = run("tune", "my.csv", *SMALL, *words)
    assert (code, out) == (2, "")
    assert said in " ".join(err.split())


@pytest.mark.parametrize("more", [{"refit": True}, {"estimator": "logistic"}])
def test_a_request_that_a_search_does_not_take_is_refused(room, more):
    with pytest.raises(SettingsError, match="A search does not take"):
        tune(TuneRequest(table="my.csv", columns=COLUMNS, search=SearchAsked(n_trials=2), **more))


def cancelled_by(when, room, monkeypatch, **settings):
    """A search whose end is asked for by ``when``, before or after a call of `TrialTable.run`."""
    monkeypatch.chdir(room)
    cancellation, run, calls = Cancellation(), search_rounds.TrialTable.run, []

    def heard(*given):
        calls.append(1)
        when(len(calls), "before", cancellation)
        found = run(*given)
        when(len(calls), "after", cancellation)
        return found

    monkeypatch.setattr(search_rounds.TrialTable, "run", heard)
    asked = SearchAsked(n_trials=9)
    request = TuneRequest(
        table="my.csv", columns=COLUMNS, settings=SETTINGS | settings, search=asked
    )
    return tune(request, Nobody(), cancellation)


def test_a_cancelled_search_ends_with_the_trials_so_far(room, monkeypatch):
    def when(n_fits, moment, cancellation):
        if (n_fits, moment) == (2, "after"):
            cancellation.ask()
            cancellation.take()  # as a fit does that is just done

    outcome = cancelled_by(when, room, monkeypatch)
    assert (outcome.found.ended_by, len(outcome.found.trials)) == ("interrupt", 2)
    assert "of the 2 trials that were complete" in outcome.warnings[0].text
    assert model_bytes(outcome.model)


def test_a_search_that_is_cancelled_in_the_default_leaves_nothing(room, monkeypatch):
    def when(n_fits, moment, cancellation):
        cancellation.ask()

    endless = {"max_iter": 10**6, "n_iter_no_change": 10**6}
    with pytest.raises(UnfinishedError, match="before the default was finished"):
        cancelled_by(when, room, monkeypatch, **endless)


def test_the_first_ctrl_c_asks_and_the_second_one_ends(capfd):
    cancellation = Cancellation()
    with ended_by_signals(), first_asks(cancellation, "It ends."):
        os.kill(os.getpid(), signal.SIGINT)
        assert cancellation.asked
        assert capfd.readouterr().err == "\nIt ends.\n"
        with pytest.raises(Stopped):
            os.kill(os.getpid(), signal.SIGINT)
    with ended_by_signals(), pytest.raises(Stopped):  # outside of the block as ever
        os.kill(os.getpid(), signal.SIGINT)


def interrupted(run, monkeypatch, n_fits, *words):
    """A command that gets Ctrl-C after so many fits."""
    fit, calls = search_rounds.TrialTable.run, []

    def heard(*given):
        found = fit(*given)
        calls.append(1)
        if len(calls) == n_fits:
            os.kill(os.getpid(), signal.SIGINT)
        return found

    with monkeypatch.context() as patch:
        patch.setattr(search_rounds.TrialTable, "run", heard)
        return run("tune", "my.csv", *SMALL, *words)


def test_ctrl_c_keeps_what_is_done_and_prints_the_command_that_goes_on(run, room, monkeypatch):
    words = ("--trials", "4", "--study", "an end.journal", "-o", "end.safetensors")
    code, out, err = interrupted(run, monkeypatch, 2, *words)
    assert code == 130
    assert "The search was interrupted." in out
    assert "Use it: thalweg predict end.safetensors new.csv" in out
    assert "The result is of the 2 trials that were complete." in err
    assert load_model(room / "end.safetensors")
    assert "Fix: run the same command again with --force, which replaces its files: it go" in err
    (command,) = re.findall(r"^To go on: thalweg (.*)$", err, re.MULTILINE)
    assert "--study 'an end.journal'" in command
    code, out, _ = run(*shlex.split(command), "--json")
    found = json.loads(out)["result"]
    assert (code, len(found["search"]["trials"]), found["file"]) == (0, 4, "end.safetensors")


def test_ctrl_c_in_a_document_has_the_result_and_the_command(run, room, monkeypatch):
    code, out, _ = interrupted(run, monkeypatch, 1, "--trials", "4", "--study", "d.j", "--json")
    document = json.loads(out)
    assert (code, document["status"], document["error"]["signal"]) == (130, "failed", "SIGINT")
    assert document["error"]["command"].startswith("thalweg tune my.csv")
    assert document["result"]["search"]["ended_by"] == "interrupt"
    assert document["warnings"][0]["text"].endswith("Only trial 0, the default, was complete.")


def test_ctrl_c_before_the_default_is_complete_ends_with_130(run, monkeypatch):
    def asks(*given):
        os.kill(os.getpid(), signal.SIGINT)
        raise search_rounds.CutTrial(search_rounds.Status.INTERRUPTED)

    monkeypatch.setattr(search_rounds.TrialTable, "run", asks)
    code, out, err = run("tune", "my.csv", *SMALL, "--trials", "4")
    assert (code, out) == (130, "")
    assert "Interrupted before the default was finished." in err


def shown_by(asked, *heard):
    class Heard(Nobody):
        def __init__(self):
            self.steps = []

        def progress(self, step):
            self.steps.append(step)

    heard_by = Heard()
    shown = SearchProgress(JobRun("tune", heard_by, None), asked)
    for each in heard:
        shown.heard(each)
    return heard_by.steps


def test_the_progress_says_trials_the_best_and_the_default():
    one = TrialDone(0, 0.5, 0, 0.5, 1, 9, None, 0.5)
    two = TrialDone(1, 0.25, 1, 0.25, 2, 9, None, 0.5)
    first, second = shown_by(SearchAsked(n_trials=9), one, two)
    assert (first.done, first.total, first.said) == (1, 9, "best is the default, default 0.5")
    assert (second.done, second.said) == (2, "best 0.25 (trial 1), default 0.5")
    (timed,) = shown_by(SearchAsked(time_limit=60.0), two)
    assert (timed.title, timed.done, timed.total) == ("Search, s", 0, 60)
    assert timed.said == "2 trials, best 0.25 (trial 1), default 0.5"
    assert not timed.in_log
    (both,) = shown_by(SearchAsked(time_limit=60.0, n_trials=9), two)
    assert both.said.endswith("60 s left")
