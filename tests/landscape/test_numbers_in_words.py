"""Shares, numbers and descents in words."""

import numpy as np
import pytest

from thalweg.landscape.ground.jiggle import Jiggle
from thalweg.landscape.numbers_in_words import percent, spoken, times, written


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
