"""Two tables: no alarm without drift, and a shift of one column is named."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import fisher_exact

from likenesses import KINDS, columns_of, drift_between, likeness, mixed_rows
from thalweg.errors import DataError
from thalweg.evaluation.comparing.multiple_tests import holm
from thalweg.evaluation.drift.table_drift import drift_of_columns, require_enough, settled

RNG = np.random.default_rng


def alarms(n, k, seed=0):
    rng = RNG(seed)
    pairs = ((mixed_rows(rng, n), mixed_rows(rng, n)) for _ in range(k))
    return sum(not drift_between(*pair, KINDS).passed for pair in pairs)


@pytest.mark.quick_each(3)
@pytest.mark.parametrize("n", [30, 100, 500])
def test_without_drift_there_is_no_alarm(n):
    assert alarms(n, 60) <= 6  # 6 %, and three standard deviations


@pytest.mark.slow
@pytest.mark.parametrize("n", [100, 500, 2000])
def test_without_drift_there_is_no_alarm_in_94_percent_of_1000_pairs(n):
    assert alarms(n, 1_000, seed=1) <= 60


def named(n, k, seed=0):
    """How often the shifted one of thirty columns is named, and how often no other one is."""
    rng, found, alone = RNG(seed), 0, 0
    for _ in range(k):
        then, now = rng.normal(size=(2, n, 30))
        now[:, 7] += 1.0
        drifted = drift_between(then, now).drifted
        found, alone = found + ("c7" in drifted), alone + ({*drifted} <= {"c7"})
    return found / k, alone / k


def test_a_shift_of_one_column_of_thirty_is_named():
    assert named(500, 20)[0] == 1.0


@pytest.mark.slow
@pytest.mark.parametrize("n", [100, 500, 2000])
def test_a_shift_of_one_column_of_thirty_is_named_in_99_percent(n):
    found, alone = named(n, 500, seed=1)
    assert found >= 0.99
    assert alone >= 0.94


def test_a_trifle_in_a_large_table_is_no_drift():
    rng = RNG(3)
    then, now = rng.normal(size=(2, 20_000, 2))
    now[:, 0] += 0.1
    found = drift_between(then, now)
    line = next(each for each in found.details if each.column == "c0")
    assert line.p_adjusted < 1e-10  # no chance
    assert 0 < line.stability.excess < 0.05  # and small
    assert found.passed
    assert "significant, but too small to matter" in line.how_much
    assert not drift_between(then, now, least=0.005).passed


def test_a_large_difference_of_few_rows_says_why_it_is_no_drift():
    then, now = RNG(2).normal(size=(2, 40, 12))
    found = drift_between(then, now)
    large = [each for each in found.details if each.stability.excess >= 0.05]
    assert large
    assert all("not significant: chance can make it as large" in each.how_much for each in large)


def test_beside_few_training_rows_no_share_of_unlike_rows_is_promised():
    rng = RNG(12)
    few = drift_between(rng.normal(size=(49, 12)), rng.normal(size=(900, 12)))
    assert few.rows.share < 0.03
    assert "without drift about 5 % are" not in few.text()
    assert "at most about 5 %" in few.text()
    many = drift_between(rng.normal(size=(500, 3)), rng.normal(size=(900, 3)))
    assert "without drift about 5 % are" in many.text()


def test_a_bound_is_a_part_of_its_column_and_reads_as_cells():
    rng = RNG(13)
    then = np.column_stack([rng.normal(size=200), -1.0 * (rng.random(200) < 0.3)])
    now = np.column_stack([rng.normal(size=200), -1.0 * (rng.random(200) < 0.7)])
    found = drift_between(then, now, ("number", "bound"))
    assert "1 of 1 column has drifted" in found.text()
    assert "! c0: < or >" in found.text()
    assert "cells with" in found.text()
    assert found.drifted == ("c1",)


def test_more_missing_cells_are_drift_of_their_column():
    rng = RNG(4)
    then, now = rng.normal(size=(2, 300, 3))
    then[rng.random(300) < 0.05, 1] = np.nan
    now[rng.random(300) < 0.3, 1] = np.nan
    found = drift_between(then, now)
    assert found.drifted == ("c1",)
    assert "missing" in found.details[0].how_much


@pytest.mark.parametrize(
    ("kind", "then", "now"),
    [
        ("category", [1.0] * 90 + [2.0] * 60, [1.0] * 40 + [2.0] * 110),
        ("category", [1.0] * 90 + [2.0] * 60, [1.0] * 90 + [2.0] * 30 + [0.0] * 30),
        ("category", [1.0] * 150, [1.0] * 110 + [0.0] * 40),
        ("boolean", [1.0] * 75 + [0.0] * 75, [1.0] * 140 + [0.0] * 10),
        ("boolean", [1.0] * 150, [1.0] * 110 + [0.0] * 40),
        ("number", [7.0] * 150, [7.0] * 110 + [8.0] * 40),
        ("number", [7.0] * 150, [np.nan] * 150),
        ("identifier", [0.0] * 150, [0.0] * 75 + [np.nan] * 75),
        ("date", [0.25, 0.5, 0.75] * 50, [0.9] * 150),
    ],
)
def test_every_kind_of_column_can_drift(kind, then, now):
    then, now = (np.array(each)[:, None] for each in (then, now))
    found = drift_between(then, now, (kind,))
    assert found.drifted == ("c0",)
    assert not found.passed
    assert found.details[0].how_much not in ("", "no difference")
    assert drift_between(then, then, (kind,)).passed


def test_true_and_false_have_the_p_of_fishers_test_and_no_unseen_level():
    then, now = (np.repeat([1.0, 0.0], counts)[:, None] for counts in ((90, 60), (40, 30)))
    found = drift_between(then, now, ("boolean",))
    exact = fisher_exact([[90, 60], [40, 30]]).pvalue
    assert found.details[0].values.p_value == pytest.approx(exact, rel=1e-9)


@pytest.mark.parametrize("kind", ["empty", "date"])
def test_empty_columns_and_days_are_not_tested(kind):
    then = np.full((50, 1), np.nan) if kind == "empty" else np.arange(50.0)[:, None] + 19_000
    found = drift_between(then, np.arange(50.0)[:, None] + 25_000, (kind,))
    assert found.drifted == ()
    assert math.isnan(found.details[0].values.p_value)
    assert found.details[0].beside


def test_p_values_are_those_of_holm_over_all_tests():
    rng = RNG(5)
    found = drift_between(mixed_rows(rng, 200), mixed_rows(rng, 200), KINDS)
    tests = [t for each in found.details for t in (each.values, each.missing)] + [found.rows]
    adjusted = holm(np.array([each.p_value for each in tests]))
    np.testing.assert_array_equal([each.p_adjusted for each in tests], adjusted)
    assert found.n_tests == np.count_nonzero(~np.isnan(adjusted))


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=15)
def test_the_order_of_rows_has_no_effect(seed):
    rng = RNG(seed)
    then, now = mixed_rows(rng, 60), mixed_rows(rng, 60)
    one = drift_between(then, now, KINDS)
    other = drift_between(then[rng.permutation(60)], now[rng.permutation(60)], KINDS)
    assert one.as_dict() == other.as_dict()


def test_a_table_whose_rows_stand_twice_is_that_table():
    then = mixed_rows(RNG(6), 100)
    twice = np.repeat(then, 2, axis=0)
    found = drift_between(twice, then, KINDS)
    assert found.passed
    assert found.n_then == 200


def test_rows_can_be_unlike_where_no_column_is():
    rng = RNG(7)
    x = rng.normal(size=(2, 400, 1))
    then = np.hstack([x[0], x[0] + 0.2 * rng.normal(size=(400, 1))])
    now = np.hstack([x[1], rng.permutation(x[1]) + 0.2 * rng.normal(size=(400, 1))])
    found = drift_between(then, now)
    assert found.drifted == ()
    assert not found.passed
    assert ": significantly more." in found.text()


def test_what_is_not_found_is_said_with_the_shift_that_could_have_been():
    then, now = RNG(8).normal(size=(2, 100, 4))
    found = drift_between(then, now)
    text = found.text()
    assert f"{found.shift_found:.2g} standard deviations" in text
    assert "No drift was found in 4 columns (100 rows beside 100 training rows)" in text


@pytest.mark.parametrize(("n", "m"), [(100, 29), (29, 100)])
def test_too_few_rows_are_refused(n, m):
    with pytest.raises(DataError, match="too few") as error:
        require_enough(likeness(RNG(9).normal(size=(n, 2))), m)
    assert "standard deviations" in str(error.value)
    require_enough(likeness(RNG(9).normal(size=(30, 2))), 30)


def test_columns_that_cannot_be_compared_fail_and_say_why():
    then = RNG(10).normal(size=(50, 3))
    now = then.copy()
    now[:, 1] = np.nan
    of = likeness(then)
    found = settled(
        drift_of_columns(of, columns_of(("number",) * 3), now, {"c1": "not in the table"}), 0.05
    )
    assert found.drifted == ("c1",)
    assert found.rows is None
    assert not found.passed
    assert "not in the table" in found.text()
    assert "Rows and predictions are not compared" in found.text()


def test_it_is_plain_data_and_a_frame():
    rng = RNG(11)
    found = drift_between(mixed_rows(rng, 100), mixed_rows(rng, 100) + 0.5, KINDS)
    data = found.as_dict()
    json.dumps(data, allow_nan=False)
    frame = found.to_frame()
    assert frame["column"].tolist() == [each["column"] for each in data["columns"]]
    assert frame["drifted"].tolist() == sorted(frame["drifted"], reverse=True)
    assert "<pre>" in found._repr_html_()
    assert "passed=False" in repr(found)
