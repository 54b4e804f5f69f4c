"""The groups of a column: values, tertiles, missing values, and small groups put together."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thalweg.errors import DataError
from thalweg.evaluation.answers import answers_of
from thalweg.evaluation.subgroups.named_groups import MISSING, OTHER, kept_rows, named_groups


def sizes(groups):
    counts = np.bincount(groups.codes, minlength=len(groups.names))
    return dict(zip(groups.names, counts.tolist(), strict=True))


def test_values_missing_ones_and_small_groups():
    values = ["B"] * 12 + ["A"] * 10 + ["C"] * 9 + [None] * 11 + ["D"] * 2
    found = named_groups("site", np.array(values, dtype=object))
    assert sizes(found) == {"A": 10, "B": 12, MISSING: 11, OTHER: 11}
    few = named_groups("site", np.array(["A"] * 12 + [""] * 3 + [" "] * 2, dtype=object))
    assert sizes(few) == {"A": 12, OTHER: 5}


def test_numbers_are_cut_at_tertiles_with_the_cuts_in_the_names():
    found = named_groups("age", np.append(np.arange(1, 91), [np.nan] * 10).astype(float))
    assert sizes(found) == {"≤ 30": 30, "> 30, ≤ 60": 30, "> 60": 30, MISSING: 10}


def test_numbers_with_few_values_have_a_group_for_each():
    assert sizes(named_groups("sex", np.repeat([1, 0], 15))) == {"0": 15, "1": 15}
    half = named_groups("x", np.repeat([0.5, 2.0], 10))
    assert sizes(half) == {"0.5": 10, "2": 10}
    assert sizes(named_groups("smoker", np.repeat([True, False], 10))) == {"False": 10, "True": 10}


def test_a_cut_with_many_equal_values():
    values = np.append(np.zeros(50), np.arange(1, 41)).astype(float)
    assert sizes(named_groups("dose", values)) == {"≤ 0": 50, "> 0, ≤ 10": 10, "> 10": 30}
    most = np.append(np.zeros(80), np.arange(1, 11)).astype(float)
    assert sizes(named_groups("dose", most)) == {"≤ 0": 80, "> 0": 10}


@given(st.lists(st.floats(-1e6, 1e6), min_size=40, max_size=90))
def test_names_of_numbers_are_true(values):
    values = np.array(values)
    found = named_groups("x", values)
    for name, value in zip(np.array(found.names)[found.codes], values, strict=True):
        for rule in name.split(", ") if name[0] in "≤>" else []:
            cut = float(rule[2:].replace(",", ""))
            assert value <= cut if rule[0] == "≤" else value > cut


def test_cuts_have_as_many_digits_as_needed():
    values = 100000 + np.arange(30) / 1e4
    assert named_groups("x", values).names[0] == "≤ 100,000.0009"


@given(st.lists(st.integers(0, 20), min_size=30, max_size=60), st.randoms())
def test_the_order_of_the_rows_does_not_matter(values, random):
    order = list(range(len(values)))
    random.shuffle(order)
    values, order = np.array(values, dtype=float), np.array(order)
    found, mixed = named_groups("x", values), named_groups("x", values[order])
    assert found.names == mixed.names
    assert found.codes[order].tolist() == mixed.codes.tolist()


def test_weights_move_the_tertiles_as_repeated_rows_do():
    values, weights = np.arange(60.0), np.repeat([1.0, 2.0], 30)
    kept = kept_rows(60, weights)
    assert kept.tolist() == np.repeat(np.arange(60), weights.astype(int)).tolist()
    assert len(answers_of(np.ones(60), np.ones(60), weights)) == len(kept)
    assert named_groups("x", values, weights).names == named_groups("x", values[kept]).names
    scaled = named_groups("x", values, weights * 0.3)
    assert scaled.names == named_groups("x", values, weights).names
    assert scaled.names != named_groups("x", values).names


def test_values_that_are_called_like_a_group_of_ours():
    found = named_groups("x", np.array([MISSING] * 12 + [None] * 10, dtype=object))
    assert sizes(found) == {'"missing"': 12, MISSING: 10}


def test_all_missing_and_dates():
    assert named_groups("x", np.full(12, np.nan)).names == (MISSING,)
    with pytest.raises(DataError, match="dates"):
        named_groups("x", np.array(["2020-01-01"] * 12, dtype="datetime64[D]"))
