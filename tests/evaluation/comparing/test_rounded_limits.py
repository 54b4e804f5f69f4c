"""What is said of a limit holds for the number that is printed."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thalweg.evaluation.comparing.rounded_limits import on_its_side, rounded_down, with_least
from thalweg.wording import fixed

FINITE = st.floats(-1e6, 1e6).filter(lambda each: each == 0 or abs(each) > 1e-9)
ABOVE_0 = st.floats(1e-6, 1e6)


def number(text):
    return float(text.replace(",", ""))


@given(st.lists(FINITE, min_size=3, max_size=3), st.sampled_from([0.0, 1.0, 0.05, 90.0]))
def test_every_number_is_printed_on_its_side(values, at):
    for value, text in zip(values, on_its_side(values, at, 3), strict=True):
        assert math.copysign(1, number(text) - at) == math.copysign(1, value - at) or value == at


@pytest.mark.parametrize(
    ("values", "at", "said"),
    [
        ((0.9, 0.8, 0.9996), 1, ["0.9000", "0.8000", "0.9996"]),
        ((0.9, 0.8, 0.95), 1, ["0.90", "0.80", "0.95"]),  # as it was
        ((12.0, -0.00000004, 20.0), 0, ["12.00000000", "-0.00000004", "20.00000000"]),
        ((-0.4, -0.8, 0.0), 0, ["-0.4", "-0.8", "0.0"]),  # it is 0
    ],
)
def test_more_digits_only_where_a_number_would_be_rounded_to_the_other_side(values, at, said):
    assert on_its_side(values, at, 3) == said


def test_numbers_of_another_form_and_infinite_ones():
    assert on_its_side((0.02, 0.01, 0.0543), 0.05, 2, write=fixed) == ["0.020", "0.010", "0.054"]
    assert on_its_side((0.5, -math.inf, math.inf), 0, 3) == ["0.5", "-inf", "inf"]


@given(ABOVE_0, st.integers(2, 6))
def test_a_lower_limit_is_not_above_the_number(value, digits):
    printed = number(rounded_down(value, digits))
    assert printed <= value
    assert printed >= value * (1 - 10.0 ** (1 - digits)) - 1e-15


@given(ABOVE_0, st.floats(1e-3, 1))
def test_an_estimate_and_its_lower_limit_have_the_same_decimals(value, share):
    said, least = with_least(value, value * share, 3)
    assert 0 < number(least) <= value * share
    assert len(said.partition(".")[2]) == len(least.partition(".")[2])
    assert abs(number(said) - value) <= 0.005 * value
