"""Each schedule against numbers that are not computed as it does it."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plans import plans
from thalweg.errors import SettingsError
from thalweg.training.descent.schedules import (
    SCHEDULES,
    STEADY,
    WARMUP,
    Plan,
    Range,
    plateau_share,
    schedule,
)

COSINE_OF_A_HALF = math.sqrt(0.5)
# Neither steps nor restarts.
SMOOTH = ("constant", "exponential", "inverse", "cosine", "one_cycle", "flat_cosine", "coslog4")


def share(plan, *course):
    return plan.formula.share(np.array(course, float), *plan.constants)


@pytest.mark.parametrize(
    ("plan", "shares"),
    [
        (STEADY, {0: 1, 0.3: 1, 1: 1}),
        # Half at each quarter.
        (Plan.of("step"), {0: 1, 0.24: 1, 0.25: 0.5, 0.49: 0.5, 0.5: 0.25, 0.75: 0.125}),
        (Plan.of("step", factor=0.1, every=0.4), {0.39: 1, 0.4: 0.1, 0.79: 0.1, 0.8: 0.01}),
        # 0.01 = 10^-2, so each half of the course takes a factor of 10.
        (Plan.of("exponential"), {0: 1, 0.25: 10**-0.5, 0.5: 0.1, 1: 0.01}),
        (Plan.of("exponential", end=math.exp(-3)), {1 / 3: math.exp(-1), 1: math.exp(-3)}),
        # end = 0.1 = 100^-½: k = 99, and 1 + k/3 = 34.
        (Plan.of("inverse"), {0: 1, 1 / 99: 2**-0.5, 1 / 3: 34**-0.5, 1: 0.1}),
        (Plan.of("inverse", power=1, end=0.2), {0: 1, 0.25: 1 / 2, 0.5: 1 / 3, 1: 1 / 5}),
        (
            Plan.of("cosine"),
            {0: 1, 0.25: (1 + COSINE_OF_A_HALF) / 2, 1 / 3: 0.75, 0.5: 0.5, 2 / 3: 0.25, 1: 0},
        ),
        (Plan.of("cosine", end=0.2), {0: 1, 0.5: 0.6, 2 / 3: 0.4, 1: 0.2}),
        # Cycles of 1/7, 2/7 and 4/7.
        (
            Plan.of("warm_restarts"),
            {
                0: 1, 0.5 / 7: 0.5, 0.999999 / 7: 0, 1 / 7: 1, 2 / 7: 0.5, 2.99999 / 7: 0,
                3 / 7: 1, 5 / 7: 0.5, (3 + 4 / 3) / 7: 0.75, 1: 0,
            },
        ),
        (
            Plan.of("warm_restarts", cycles=2, growth=1, end=0.1),
            {0: 1, 0.25: 0.55, 0.5: 1, 0.75: 0.55, 1: 0.1},
        ),
        (Plan.of("warm_restarts", cycles=1), {0: 1, 1 / 3: 0.75, 0.5: 0.5, 1: 0}),
        # Half way up from 0.04, the top, half way down to 0.0001, the end.
        (Plan.of("one_cycle"), {0: 0.04, 0.15: 0.52, 0.3: 1, 0.65: 0.50005, 1: 0.0001}),
        (
            Plan.of("one_cycle", rise=0.5, start=0.25, end=0),
            {0: 0.25, 1 / 6: 0.4375, 0.25: 0.625, 1 / 3: 0.8125, 0.5: 1, 0.75: 0.5, 1: 0},
        ),
        # As its paper writes it: ½ (1 + cos(π (max(1, 2t) - 1))).
        (Plan.of("flat_cosine"), {0: 1, 0.5: 1, 2 / 3: 0.75, 0.75: 0.5, 5 / 6: 0.25, 1: 0}),
        (Plan.of("flat_cosine", flat=0, end=0.5), {0: 1, 0.5: 0.75, 1: 0.5}),
        # 1 + 15 t = 1, 2, 4, 8, 16 are the valleys; the tops are √2 times that.
        (
            Plan.of("coslog4"),
            {
                0: 0, 1 / 15: 0, 3 / 15: 0, 7 / 15: 0, 1: 0,
                (math.sqrt(2) - 1) / 15: 1, (4 * math.sqrt(2) - 1) / 15: 1,
                (8 * 2**0.25 - 1) / 15: 0.5, (8 * math.sqrt(2) - 1) / 15: 1,
            },
        ),
        (Plan.of("plateau"), {0: 1, 0.5: 1, 1: 1}),
    ],
    ids=lambda value: "" if isinstance(value, dict) else f"{value.name}{value.constants}",
)  # fmt: skip
def test_a_share_is_what_the_formula_says(plan, shares):
    np.testing.assert_allclose(share(plan, *shares), list(shares.values()), rtol=1e-9, atol=1e-10)


def test_the_table_above_knows_every_schedule():
    (mark,) = test_a_share_is_what_the_formula_says.pytestmark
    assert {case[0].name for case in mark.args[1]} == set(SCHEDULES)


def test_what_is_usual_and_what_is_allowed():
    # name of the constant: (usual, lowest, highest, ends, whole)
    wanted = {
        "step": {"factor": (0.5, 0, 1, "(]", False), "every": (0.25, 0.001, 1, "[]", False)},
        "exponential": {"end": (0.01, 1e-9, 1, "[]", False)},
        "inverse": {"power": (0.5, 0.1, 10, "[]", False), "end": (0.1, 1e-9, 1, "[]", False)},
        "cosine": {"end": (0, 0, 1, "[]", False)},
        "warm_restarts": {
            "cycles": (3, 1, 100, "[]", True), "growth": (2, 1, 10, "[]", False),
            "end": (0, 0, 1, "[]", False),
        },
        "one_cycle": {
            "rise": (0.3, 0.001, 0.999, "[]", False), "start": (0.04, 0, 1, "[]", False),
            "end": (0.0001, 0, 1, "[]", False),
        },
        "flat_cosine": {"flat": (0.5, 0, 1, "[)", False), "end": (0, 0, 1, "[]", False)},
        "plateau": {
            "factor": (0.5, 0, 1, "(]", False), "patience": (5, 1, 1e6, "[]", True),
            "end": (0.001, 0, 1, "[]", False),
        },
        "constant": {},
        "coslog4": {},
    }  # fmt: skip
    found = {
        name: {
            key: (each.default, each.range.low, each.range.high, each.range.ends, each.range.whole)
            for key, each in formula.constants.items()
        }
        for name, formula in SCHEDULES.items()
    }
    assert found == wanted
    assert (WARMUP.default, WARMUP.range) == (0, Range(0, 1, "[)"))


@given(plans(), st.integers(1, 500), st.lists(st.floats(0, 10), max_size=20))
def test_a_share_lies_between_nothing_and_all(plan, total, losses):
    shares = plan.shares(0, total, total, losses)
    assert shares.shape == (total,)
    assert shares.dtype == np.float64
    assert np.all((shares >= 0) & (shares <= 1))
    ends = share(plan, 0, 1)
    assert np.all((ends >= 0) & (ends <= 1))


@given(plans(), st.integers(1, 300), st.data())
def test_slices_make_the_whole(plan, total, data):
    whole = plan.shares(0, total, total, [3.0, 2.0])
    cut = data.draw(st.integers(0, total))
    parts = [plan.shares(*part, total, [3.0, 2.0]) for part in ((0, cut), (cut, total - cut))]
    # The last bit of a cosine may depend on its neighbours in the array.
    np.testing.assert_allclose(np.concatenate(parts), whole, rtol=1e-12, atol=1e-16)


@given(plans(["step", "exponential", "inverse", "cosine", "flat_cosine"]), st.integers(2, 300))
def test_what_is_annealed_never_rises(plan, total):
    course = np.linspace(0, 1, total)
    assert np.all(np.diff(share(plan, *course)) <= 1e-15)


@given(plans(["exponential", "inverse", "cosine", "warm_restarts", "one_cycle", "flat_cosine"]))
def test_a_course_ends_where_its_constant_says(plan):
    end = dict(zip(plan.formula.constants, plan.constants, strict=True))["end"]
    assert share(plan, 1) == pytest.approx(end, rel=1e-9, abs=1e-15)


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("name", SMOOTH)
def test_what_promises_to_be_continuous_has_no_jump(name):
    course = np.linspace(0, 1, 2_000_001)
    gaps = np.abs(np.diff(share(Plan.of(name), *course)))
    # A jump would stay as large on a grid twice as fine.
    coarse = np.abs(np.diff(share(Plan.of(name), *course[::2])))
    assert gaps.max() <= 0.6 * coarse.max()
    assert gaps.max() < 0.01


def test_what_jumps_does_so_where_it_should():
    course = np.linspace(0, 1, 7001)
    jumps = np.diff(share(Plan.of("warm_restarts"), *course)) > 0.5
    np.testing.assert_array_equal(np.flatnonzero(jumps) + 1, [1000, 3000])
    jumps = np.diff(share(Plan.of("step", every=0.1), *np.arange(1000) / 1000)) != 0
    # 0.3, for one, is not 3 · 0.1 in binary numbers.
    np.testing.assert_array_equal(np.flatnonzero(jumps) + 1, np.arange(100, 1000, 100))


@given(st.integers(1, 6), st.integers(1, 3), st.integers(1, 50))
def test_a_restart_falls_on_its_step(cycles, growth, first):
    lengths = [first * growth**cycle for cycle in range(cycles)]
    plan = Plan.of("warm_restarts", cycles=cycles, growth=growth)
    expected = [
        (1 + math.cos(math.pi * i / length)) / 2 for length in lengths for i in range(length)
    ]
    shares = plan.shares(0, sum(lengths), sum(lengths))
    np.testing.assert_allclose(shares, expected, rtol=0, atol=1e-9)


def test_a_restart_that_binary_numbers_put_off_falls_on_its_step_too():
    # Cycles of 10/23 and 13/23: 1 / (1 + 1.3) is above 10 / 23, as computed.
    shares = Plan.of("warm_restarts", cycles=2, growth=1.3).shares(9, 3, 23)
    expected = [(1 + math.cos(math.pi * done)) / 2 for done in (9 / 10, 0, 1 / 13)]
    np.testing.assert_allclose(shares, expected, rtol=1e-9)


@given(st.integers(1, 400), st.floats(0.1, 3))
def test_inverse_scaling_in_steps_is_a_choice_of_its_end(total, power):
    plan = Plan.of("inverse", power=power, end=max(1e-9, (1 + total) ** -power))
    if (1 + total) ** -power > 1e-9:
        expected = [(1 + step) ** -power for step in range(total)]
        np.testing.assert_allclose(plan.shares(0, total, total), expected, rtol=1e-8)


def test_one_cycle_with_the_usual_numbers_of_torch():
    # OneCycleLR(max_lr=1, total_steps=n, pct_start=0.3, div_factor=25, final_div_factor=1e4) as
    # documented: its last step is at the end of the course, its top at step 0.3 n - 1.
    n = 1000
    expected = []
    for step in range(n):
        up, down = 0.3 * n - 1, 0.7 * n
        low, high, done = (
            (1 / 25, 1, step / up) if step <= up else (1, 1 / 25e4, (step - up) / down)
        )
        expected.append(high + (low - high) / 2 * (math.cos(math.pi * done) + 1))
    plan = Plan.of("one_cycle", rise=299 / 999, start=1 / 25, end=1 / 25e4)
    np.testing.assert_allclose(share(plan, *np.arange(n) / (n - 1)), expected, atol=1e-12)


# The warm-up


@given(plans(["constant"]), st.integers(1, 300))
def test_a_warm_up_rises_in_a_straight_line_and_its_first_step_moves(plan, total):
    length = plan.warmup * total
    shares = plan.shares(0, total, total)
    expected = [min(1, (step + 1) / (length + 1)) for step in range(total)]
    np.testing.assert_allclose(shares, expected, rtol=1e-12)
    assert shares[0] > 0


def test_a_warm_up_over_a_tenth_of_the_course():
    np.testing.assert_allclose(
        Plan.of("constant", warmup=0.1).shares(0, 8, 40), [0.2, 0.4, 0.6, 0.8, 1, 1, 1, 1]
    )


@given(plans(), st.integers(1, 300))
def test_a_warm_up_leaves_the_course_of_the_schedule_where_it_is(plan, total):
    ramp = Plan.of("constant", warmup=plan.warmup).shares(0, total, total)
    alone = Plan(plan.name, plan.constants).shares(0, total, total)
    np.testing.assert_allclose(plan.shares(0, total, total), ramp * alone, rtol=1e-12)


def test_without_a_warm_up_nothing_is_rounded_anew():
    shares = Plan.of("cosine").shares(0, 10, 10)
    np.testing.assert_array_equal(shares, (1 + np.cos(np.pi * (np.arange(10) / 10))) / 2)
    np.testing.assert_array_equal(STEADY.shares(5, 4, 100), [1] * 4)


# The plateau


def slow_plateau(losses, factor, patience, end):
    """In the words of its description, looking back at every epoch."""
    share, counted_from = 1.0, 0
    for epoch in range(1, len(losses) + 1):
        if not losses[:epoch] or losses[epoch - 1] < min(losses[: epoch - 1], default=math.inf):
            counted_from = epoch
        if epoch - counted_from == patience:
            share, counted_from = max(end, share * factor), epoch
    return share


@given(
    st.lists(st.integers(0, 6).map(float), max_size=40),
    st.floats(0.01, 1),
    st.integers(1, 5),
    st.floats(0, 1),
)
def test_the_plateau_is_distinguished_from_the_losses_alone(losses, factor, patience, end):
    assert plateau_share(losses, factor, patience, end) == pytest.approx(
        slow_plateau(losses, factor, patience, end), rel=1e-12
    )


@pytest.mark.parametrize(
    ("losses", "expected"),
    [
        ([], 1),
        ([5, 4, 3, 2, 1], 1),
        ([5, 5], 1),
        ([5, 5, 5], 0.1),
        ([5, 6, 4, 6, 7], 0.1),
        ([5, 6, 4, 6, 3], 1),
        ([5, 6, 7, 4, 3, 2], 0.1),
        ([5, 6, 7, 8, 9], 0.01),
        ([5, 6, 7, 8, 9, 9, 9, 9, 9], 0.005),
        ([5, math.nan, math.inf], 0.1),
        ([math.nan, math.nan, 5, 4], 0.1),
    ],
)
def test_the_share_falls_after_two_epochs_without_a_lower_loss(losses, expected):
    assert plateau_share(losses, 0.1, 2, 0.005) == pytest.approx(expected)


def test_a_plan_says_whether_it_answers_losses_and_does():
    plan = Plan.of("plateau", factor=0.1, patience=2, warmup=0.1)
    assert plan.answers
    assert not any(Plan.of(name).answers for name in SCHEDULES if name != "plateau")
    assert plan.shares(20, 3, 40, [1.0, 1.0, 1.0]).tolist() == [0.1] * 3
    assert plan.shares(20, 3, 40, [1.0, 0.9, 0.8]).tolist() == [1] * 3
    np.testing.assert_allclose(plan.shares(0, 3, 40, [1.0, 1.0, 1.0]), [0.02, 0.04, 0.06])


# The tables


def test_what_is_usual_is_allowed():
    for each in [*SCHEDULES.values()]:
        for constant in each.constants.values():
            assert constant.range.has(constant.default)
    assert WARMUP.range.has(WARMUP.default)


def test_an_unknown_schedule_is_refused_with_all_that_there_are():
    with pytest.raises(SettingsError, match=f"'up'.*take one of {', '.join(SCHEDULES)}"):
        schedule("up")


@pytest.mark.parametrize(
    ("span", "inside", "outside", "text"),
    [
        (Range(0), [0, 1e300], [-1e-300, math.inf, math.nan], "a number from 0 on"),
        (Range(0, ends="()"), [1e-300], [0, -1, math.inf], "a number above 0"),
        (Range(0, 1), [0, 0.999], [1, -0.1, math.nan], "a number from 0 to below 1"),
        (Range(0, 1, "(]"), [1, 1e-9], [0, 1.001], "a number above 0 to 1"),
        (Range(1, 9, "[]", whole=True), [1, 9], [0, 1.5, 10], "a whole number from 1 to 9"),
    ],
)
def test_a_range_says_what_it_holds(span, inside, outside, text):
    assert [span.has(value) for value in inside] == [True] * len(inside)
    assert [span.has(value) for value in outside] == [False] * len(outside)
    assert str(span) == text
    for value in inside:
        assert span.read("x", repr(value), "here") == value
    for value in (*outside, "much"):
        with pytest.raises(SettingsError, match=rf"x={value} has.*\(here\). Fix: give {text}"):
            span.read("x", str(value), "here")
