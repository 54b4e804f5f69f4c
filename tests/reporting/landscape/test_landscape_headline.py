"""What a landscape says in its headline: which runs ended where, in words, never by their ids."""

from dataclasses import replace

import numpy as np
import pytest

from landscapes import line, seven
from thalweg.landscape.ground.path_divergence import fate
from thalweg.landscape.ground.teaching_function import PLAIN
from thalweg.landscape.numbers_in_words import written
from thalweg.landscape.runs.presets import PRESETS, title_of
from thalweg.landscape.runs.race import RacePicture, race_on_hills
from thalweg.reporting.landscape.drawn_run import beside, in_words, with_own_titles
from thalweg.reporting.landscape.landscape_display import Landscape
from thalweg.reporting.landscape.landscape_headline import finding, listed


def ending(name, end, rule="sgd:lr=0.1", **more):
    return replace(line([0, 1], [0, 0], [2.0, end], name=name, **more), rule=rule)


def test_a_run_is_called_by_words():
    titles = [each.title for each in PRESETS.values()]
    assert titles == [
        "small steps", "shrinking steps", "large steps", "momentum", "Nesterov", "RMSProp", "Adam",
        "one row a step", "32 rows a step", "all rows a step",
    ]  # fmt: skip
    assert title_of("large", "sgd:lr=3") == "large steps"
    assert title_of("sgd:lr=3", "sgd:lr=3") == "plain descent at rate 3"
    assert title_of("model", "adam") == "the model's training"
    assert title_of("run 1", "") == "run 1"


def test_two_runs_with_one_name_are_called_by_their_settings():
    texts = ["adam:lr=0.01", "adam:lr=0.01,clip=1", "sgd:lr=3"]
    lines = with_own_titles([ending(each, 1.0, each) for each in texts])
    assert [each.words for each in lines] == [*texts[:2], "plain descent at rate 3"]


def test_sentences_about_runs_call_them_by_words():
    lines = [ending("sgd", 1.0), ending("large", 1.0), ending("adam:lr=0.01", 1.0, "adam:lr=0.01")]
    for said, wanted in (
        ("most for large, at the end: 23 %.", "most for large steps, at the end: 23 %."),
        ("through the start and the ends of sgd and adam:lr=0.01.",
         "through the start and the ends of small steps and Adam at rate 0.01."),
        ("off by 84 %: large at step 1. Of the points of sgd, 15 %",
         "off by 84 %: large steps at step 1. Of the points of small steps, 15 %"),
        ("The run large diverged: it ends", "The run large steps diverged: it ends"),
        ("a large number of sgd:lr=3 points", "a large number of sgd:lr=3 points"),
    ):  # fmt: skip
        assert in_words(said, lines) == wanted


def test_the_finding_says_what_runs_are_and_names_both_ends():
    low, high = ending("large", 0.0503), ending("adam", 0.0853)
    assert finding([high, low, ending("c", 0.07, "")]) == (
        "Large steps end lowest, at loss 0.05, and Adam ends highest, at 0.085, from 2 at the start"
    )
    assert finding([low]) == "Large steps go from loss 2 to 0.05 in 1 step"
    assert finding([high]) == "Adam goes from loss 2 to 0.085 in 1 step"
    assert finding([ending("sgd", 2.0)]) == "Small steps stay at loss 2 in 1 step"
    assert "random plane" in finding([])


def test_a_headline_shows_as_many_digits_as_part_the_runs_that_it_names():
    three = [ending("a", 0.08529, ""), ending("b", 0.0843, ""), ending("c", 0.15, "")]
    assert finding(three) == (
        "B ends lowest, at loss 0.084, and c ends highest, at 0.15, from 2 at the start"
    )
    # So it is at the other side, and against the start.
    said = finding([ending(*each, "") for each in (("a", 0.05), ("b", 0.1605), ("c", 0.164))])
    assert "c ends highest, at 0.164, from 2" in said
    assert "A goes from loss 2 to 1.9996 in" in finding([ending("a", 1.9996, "")])


def test_a_headline_is_not_at_odds_with_the_three_digits_below_it():
    low, high = ending("adam", 0.04793, "adam"), ending("sgd", 0.17118)
    for start, began, lowest, highest in (
        (1.1492, "1.15", "0.0479", "0.171"),  # 1.1 beside 1.15
        (1.1512, "1.2", "0.048", "0.17"),
        (1.1432, "1.1", "0.048", "0.17"),
    ):
        runs = [replace(each, true=np.array([start, each.end])) for each in (low, high)]
        assert finding(runs) == (
            f"Adam ends lowest, at loss {lowest}, and small steps end highest, at {highest}, "
            f"from {began} at the start"
        )


def test_a_tie_is_what_computation_cannot_part():
    tied = [ending("sgd", 0.05), ending("momentum", 0.05 * (1 + 1e-9))]
    assert finding(tied) == "Small steps and momentum end at loss 0.05, from 2 at the start"
    said = finding([*tied, ending("c", 0.09, "lbfgs")])
    assert said.startswith("Small steps and momentum end lowest, at loss 0.05, ")
    assert "L-BFGS ends highest, at 0.09" in said
    many = [ending(str(number), 0.05, "") for number in range(3)]
    assert finding([*many, ending("c", 0.09, "")]).startswith("3 runs end lowest, at loss 0.05")


def test_ends_that_are_close_together_have_no_rank():
    near = [ending("32-rows", 0.08085), ending("all-rows", 0.08081)]
    assert finding(near) == (
        "32 rows a step and all rows a step end at loss 0.081, from 2 at the start"
    )
    assert finding([*near, ending("adam", 0.0816)]) == (
        "All 3 runs end at losses 0.081 to 0.082, from 2 at the start"
    )
    # A small fall from a large loss has its ranks.
    said = finding([ending("32-rows", 1.9901), ending("all-rows", 1.9905)])
    assert said.startswith("32 rows a step end lowest, at loss 1.9901, and all rows a step end h")
    assert finding([*near, ending("adam", 0.15)]) == (
        "32 rows a step and all rows a step end lowest, at loss 0.081, and Adam ends highest, at "
        "0.15, from 2 at the start"
    )
    # No run falls: there is no fall to compare with.
    up = [ending("32-rows", 2.5), ending("all-rows", 2.51)]
    assert "32 rows a step end lowest, at loss 2.5, and all rows a step end highest" in finding(up)


def test_who_diverged_ends_nowhere_and_is_named():
    low = ending("adam", 0.5)
    lost = replace(ending("sgd:lr=300", 1.0, "sgd:lr=300", diverged=True), end=50.0)
    assert finding([low, lost]) == (
        "Adam goes from loss 2 to 0.5 in 1 step;\nplain descent at rate 300 diverged"
    )
    assert finding([lost]) == "Plain descent at rate 300 diverged"
    assert finding([lost] * 3) == "All 3 diverged"
    assert finding([low, *[lost] * 3]).endswith(";\n3 others diverged")
    assert beside(lost) == "diverged: ends at 25 times the start's loss"
    assert beside(replace(lost, end=np.inf)) == "diverged: became NaN or infinite"


def restless(name, **more):
    """A run that falls from 2 to 0.1, and then goes up and down by 0.4 to its end."""
    losses = [2.0, 1.0, 0.5, 0.1, 0.5, 0.1, 0.5, 0.1, 0.5, 0.1, 0.5, 0.02]
    n = len(losses)
    return replace(line(range(n), [0] * n, losses, name=name, **more), rule="sgd:lr=3")


def test_the_last_loss_of_a_run_that_wanders_stands_nowhere():
    run = restless("large")
    assert run.label(3) == "large steps 0.1"
    assert run.label(len(run.x) - 1) == "large steps wander"
    assert run.late == "wander, 0.02 to 0.5"
    assert restless("adam").label(11) == "Adam wanders"
    calm = ending("sgd", 0.2)
    assert (calm.label(len(calm.x) - 1), calm.late) == ("small steps 0.2", "")
    assert replace(run, diverged=True).late == ""


def test_who_wanders_has_no_rank_and_no_end():
    calm, high = ending("sgd", 0.2), ending("adam", 0.3)
    assert finding([calm, high, restless("large")]) == (
        "Large steps go up and down to the end;\n"
        "of the others, small steps end lowest, at loss 0.2, and Adam ends highest, at 0.3, from 2 "
        "at the start"
    )
    assert finding([restless("large")]) == "Large steps go up and down to the end"
    assert finding([restless("one-row"), restless("32-rows")]) == (
        "One row a step and 32 rows a step go up and down to the end"
    )
    several = [restless(name) for name in ("large", "one-row", "32-rows")]
    assert finding([calm, *several]).startswith("3 runs go up and down to the end;\nsmall steps go")
    assert beside(restless("large")).startswith(
        "go up and down to the end, from 0.02 to 0.5 in the last quarter; "
    )
    assert beside(restless("adam")).startswith("goes up and down to the end")
    # One that diverged does not wander.
    assert finding([replace(restless("large"), diverged=True)]) == "Large steps diverged"


def test_a_cut_run_says_at_which_step_and_why():
    picture = RacePicture(grid=11)
    shown = Landscape(race_on_hills(("sgd", "sgd:lr=1e3"), picture, ground=PLAIN))
    calm, lost = shown.sheets[0].lines
    (cut,) = (each.cut for each in shown.race.runners if each.cut)
    assert calm.cut is None
    assert (lost.cut.at, lost.steps[-1]) == (cut.at, cut.after) == (1, 0)
    why = f"drawn up to step 0: at step 1 its loss is {written(cut.loss)}, more than 10 times"
    assert why in lost.fate
    assert beside(lost).startswith(f"diverged; {why}")
    assert f"✕ {lost.fate}" in shown.page()
    assert f"diverged: {fate(float(lost.true[0]), lost.end)}; {why}" in str(shown)
    # Its profile says no loss of its end, either.
    headlines = [each.finding for each in shown.sheets if "rate 1000" in each.name]
    assert all("diverges, from loss" in each and " to " not in each for each in headlines)


def test_the_headline_of_the_hills_claims_no_more_than_where_runs_ended():
    assert seven().sheets[0].finding == (
        "Shrinking steps and momentum come to the global minimum; small steps, Nesterov, RMSProp "
        "and Adam end in a local minimum; large steps wander to the end"
    )
    # At its rate it can stay nowhere here, and so it is not on its way to anything.
    picture = RacePicture(grid=11, profiles=())
    shown = Landscape(race_on_hills(("large", "sgd:lr=1e3"), picture, ground=PLAIN))
    words = str(shown)
    assert "Large steps wander to the end; plain descent at rate 1000 diverged." in words
    assert "Large steps: With its last learning rate" in words
    assert "it cannot stay here" in words


def test_no_id_of_a_run_is_in_a_headline():
    """The ids that are no words: readers would have to look them up."""
    headlines = " ".join(shown.finding for shown in seven().sheets).split()
    assert len(headlines) > 40
    assert {"sgd", "anneal", "adam", "rmsprop", "nesterov"}.isdisjoint(headlines)
    assert "large" in headlines
    for place, word in enumerate(headlines):
        if word.lower() == "large":
            assert headlines[place + 1] == "steps"


def test_a_run_on_a_slope_is_not_said_to_stay_there():
    picture = RacePicture(grid=11, profiles=())
    words = str(Landscape(race_on_hills(("sgd:lr=0.01", "adam"), picture, steps=5)))
    assert "stable up to a curvature of 200: the curvature here does not throw it out." in words
    assert words.count("no point of rest, there is a way down.") == 2
    assert "can stay" not in words


def test_names_are_listed():
    assert listed(["a", "b", "c"]) == "a, b and c"


def test_a_legend_says_how_far_a_run_is_off():
    run = line([0, 1, 2], [0] * 3, [2.0, 1.0, 0.5], off=[0, 0, 0.37], drawn=[2.0, 0.16, 0.5])
    assert beside(run) == ("ends at 0.5; 37 % off the plane; off by 1 %, at worst 84 %: faithful")
    assert run.worst == (pytest.approx(0.84), 1)
    rough = replace(run, misfit=0.1502, verdict="rough")
    assert "off by 15.02 %, at worst 84 %: rough" in beside(rough)
