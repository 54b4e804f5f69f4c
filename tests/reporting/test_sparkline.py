"""Sparklines against counting by hand, and with numbers that are not finite."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thalweg.reporting.sparkline import history_sparklines, sparkline

BLOCKS = "▁▂▃▄▅▆▇█"
LOSSES = st.floats(-1e6, 1e6)


def test_equal_steps_of_height():
    assert sparkline(range(8)) == BLOCKS
    assert sparkline(range(7, -1, -1)) == BLOCKS[::-1]
    assert sparkline(range(8), ascii=True) == "_.-:=+*#"
    # 1/8 of the range is where the second block begins.
    assert sparkline([0, 0.9999, 1.0001, 8]) == "▁▁▂█"


def test_many_values_are_averaged_in_stretches():
    assert sparkline([0, 2, 7, 9], 2) == "▁█"
    assert len(sparkline(range(1000), 40)) == 40
    assert sparkline([5, 5, 1, 1, 3, 3], 3) == sparkline([5, 1, 3])


@given(st.lists(LOSSES, min_size=1, max_size=60), st.integers(1, 30))
def test_width_and_order(values, width):
    line = sparkline(values, width)
    assert len(line) == min(len(values), width)
    assert set(line) <= set(BLOCKS)
    if len(values) <= width:
        order = sorted(range(len(values)), key=values.__getitem__)
        heights = [BLOCKS.index(line[i]) for i in order]
        assert heights == sorted(heights)
        if max(values) > min(values):
            assert heights[0] == 0
            assert heights[-1] == 7


@pytest.mark.parametrize(("values", "line"), [
    ([], ""), ([3], "▁"), ([2, 2, 2], "▁▁▁"), ([math.nan], "×"), ([1, math.inf, 3], "▁×█"),
    ([math.nan, -math.inf], "××"),
])  # fmt: skip
def test_the_ends(values, line):
    assert sparkline(values) == line
    assert sparkline(values, 0) == ""


def test_not_finite_in_ascii_and_in_a_stretch():
    assert sparkline([1, math.nan, 3], ascii=True) == "_x#"
    assert sparkline([1, math.nan, 3, 3], 2) == "×▁"


def history(train, valid):
    return [
        {"epoch": i + 1, "train_loss": t, "valid_loss": v}
        for i, (t, v) in enumerate(zip(train, valid, strict=True))
    ]


def test_a_line_for_each_curve():
    train, valid = [1.0, 0.1, 0.01], [0.5, 0.2, 0.4]
    (one, other) = history_sparklines(history(train, valid), 2)
    # Equal ratios are equal steps: the scale is logarithmic.
    assert one == ("training loss", "█▅▁ 1 → 0.01, 0.1 in epoch 2, which was kept")
    assert other[0] == "held-out loss"
    assert other[1].endswith(" 0.5 → 0.4, 0.2 after epoch 2, which was kept")
    assert other[1][:3] == sparkline(np.log(valid))


def test_no_line_for_rows_that_there_were_not():
    lines = history_sparklines(history([1.0, 0.5], [None, None]), 2, ascii=True)
    assert lines == [("training loss", "#_ 1 -> 0.5, 0.5 in epoch 2, which was kept")]
    assert history_sparklines([], 0) == []


def test_a_loss_of_nothing_does_not_disturb():
    (line,) = history_sparklines(history([1.0, 0.0], [None, None]), 2)
    assert line[1].startswith("▁× 1 → 0,")
