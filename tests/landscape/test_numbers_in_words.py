"""Shares, numbers and descents in words."""

import numpy as np
import pytest

from thalweg.landscape.ground.jiggle import Jiggle
from thalweg.landscape.ground.run_over_ribbon import RunOverRibbon
from thalweg.landscape.numbers_in_words import percent, spoken, times, written
from thalweg.landscape.planes.distortion import off_by


def test_numbers_beyond_a_glance_have_a_power_of_ten():
    said = {
        0: "0", 0.0503123: "0.0503", 1: "1", 12345.6: "12300", 999_499: "999000",
        999_999: "1·10⁶", 1.27e9: "1.27·10⁹", 2.48e14: "2.48·10¹⁴", -3.2e-7: "-3.2·10⁻⁷",
        1e-4: "0.0001", np.inf: "inf",
    }  # fmt: skip
    for number, words in said.items():
        assert written(number) == words
    assert written(0.0503123, 4) == "0.05031"


def test_nothing_says_494735_percent():
    assert percent(4947.35) == "more than 100 times"
    assert percent(12.3) == "1230 %"
    assert [times(each) for each in (2.04, 23.3, 99.6, 100.1, np.inf)] == [
        "2 times", "23 times", "100 times", "more than 100 times", "more than 100 times"
    ]  # fmt: skip
    wild = Jiggle(0.05, 32, 1.0, 4947.35, 2023.89, 0)
    assert wild.sentence() == (
        "Jiggle every weight by 5 %: the loss rises by more than 100 times itself."
    )


def test_a_shown_gap_agrees_with_its_verdict():
    said = {
        0.05: "5 %", 0.0504: "5.04 %", 0.149: "15 %", 0.15: "15 %", 0.1502: "15.02 %",
        0.154: "15.4 %", 0.156: "16 %", 0.25: "25 %", 0.2506: "25.1 %", 0.2504: "25.04 %",
        0.25 + 1e-9: "just above 25 %", 0.0532: "5.3 %", 0.004: "less than 1 %", 0.3: "30 %",
        12.3: "1230 %", np.inf: "an infinite amount",
    }  # fmt: skip
    assert {gap: off_by(gap) for gap in said} == said
    assert percent(0.1502) == "15 %"  # of a share without limits


def test_sentences_of_a_run_and_of_a_point_have_such_gaps():
    gap = np.array([0.0, 0.2504, 0.2504])
    run = RunOverRibbon("run", np.arange(3), np.arange(3.0), np.ones(3), gap)
    assert run.verdict == "misleading"
    _, _, overall, point = run.sentences(5)
    assert "off by 25.04 % overall" in overall
    assert "off by 25.04 %: run at step 1. Of the points of run, 67 % are" in point


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("sgd:lr=3", "plain descent at rate 3"),
        ("sgd:momentum=0.9", "momentum 0.9 at rate 0.1"),
        ("sgd:lr=3,schedule=cosine", "plain descent at rate 3 with a cosine schedule"),
        ("nesterov:lr=0.1", "Nesterov's momentum at rate 0.1"),
        ("rmsprop", "RMSProp at rate 0.01"),
        ("adam:lr=0.02,beta_2=0.9", "Adam at rate 0.02"),
        ("lbfgs", "L-BFGS"),
        ("sgd:lr=1e30", "plain descent at rate 1·10³⁰"),
    ],
)
def test_a_rule_is_said_by_what_it_is(rule, words):
    assert spoken(rule) == words
