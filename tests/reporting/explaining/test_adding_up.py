"""What is printed of contributions adds up, on the terminal, in the notebook and on the page."""

import itertools
import re
import warnings
from decimal import Decimal

import numpy as np
import pytest

from explained import fitted, tables
from thalweg.reporting.explaining.adding_up import decimals_of_numbers, steps_that_add_up
from thalweg.reporting.explaining.contribution_bars import Bar, Waterfall
from thalweg.reporting.explaining.contribution_words import (
    answer_text,
    gain_text,
    notes_on,
    sentence,
    waterfall_lines,
)
from thalweg.reporting.model_sections.explained_section import _rounded


def test_steps_add_up_and_are_the_nearest_that_do():
    rng = np.random.default_rng(0)
    for n in range(1, 7):
        for _ in range(100):
            base, gains = rng.uniform(0, 1), rng.normal(0, 0.1, n)
            answer = base + gains.sum()
            found = steps_that_add_up(base, gains.tolist(), answer, 1000)
            lacking = round(answer * 1000) - round(base * 1000)
            assert sum(found) == lacking
            assert np.abs(np.array(found) - 1000 * gains).max() < 1
            # By brute force: no other way to round each up or down is nearer.
            ways = itertools.product(*[(int(np.floor(g)), int(np.ceil(g))) for g in 1000 * gains])
            sizes = [
                np.abs(np.array(way) - 1000 * gains).sum() for way in ways if sum(way) == lacking
            ]
            assert np.abs(np.array(found) - 1000 * gains).sum() == pytest.approx(min(sizes))


@pytest.mark.parametrize(
    ("base", "gains", "answer", "found"),
    [
        (0.0275, [0.0165], 0.0440, [16]),  # the teacher's: 2.8 + 1.7 = 4.4
        (0.001, [0.001, 0.002], 0.004, [1, 2]),
        (0.25, [], 0.25, []),
        (0.0005, [0.001], 0.0015, [2]),  # both ends on half a step, which go to even ones
    ],
)
def test_cases(base, gains, answer, found):
    assert steps_that_add_up(base, gains, answer, 1000) == found


@pytest.mark.parametrize(
    ("base", "answer", "gains", "decimals"),
    [
        (4.7372, 3.98, [0.66], 4),
        (150.79, 182.7, [39.5, -2.6], 2),
        (1e6, 1e6 + 0.25, [0.25], 3),
        (19294, 21000, [1706], 0),
        (0.0, 0.0, [], 0),
        (0.0, 0.001, [0.001], 7),
        (1e15, 2e15, [1e15], None),
        (1e-7, 2e-7, [1e-7], None),
    ],
)
def test_decimals_of_numbers(base, answer, gains, decimals):
    assert decimals_of_numbers(base, answer, gains) == decimals


def number(text):
    """A printed number; under 0.1 % and over 99.9 % stand for the ends."""
    text = text.replace("under 0.1 %", "0.0 %").replace("over 99.9 %", "100.0 %")
    return Decimal(re.sub(r" (pt|%)$", "", text).replace(",", ""))


def printed(fall):
    base, answer = (
        answer_text(each, fall.label, fall.decimals) for each in (fall.base, fall.answer)
    )
    gains = [gain_text(bar.value, fall.label, fall.decimals) for bar in fall.printed.bars]
    return base, gains, answer


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("name", ["mixed", "thirty numbers", "three classes", "a number"])
def test_printed_numbers_add_up(name):
    X, _ = tables()[name]
    found = fitted(name, "plain").explain(X[:40])
    off = 0
    for row in range(40):
        fall = found.waterfall(row)
        base, gains, answer = printed(fall)
        assert number(base) + sum(map(number, gains)) == number(answer)
        # One by one, as before, they did not.
        alone = [gain_text(bar.value, fall.label, fall.decimals) for bar in fall.bars]
        off += number(base) + sum(map(number, alone)) != number(answer)
        lines = waterfall_lines(fall)
        assert [gain in line for gain, line in zip(gains, lines[2:], strict=False)] == [True] * len(
            gains
        )
        for bar, gain in list(zip(fall.bars, gains, strict=True))[:3]:
            size = gain.removesuffix(" pt").lstrip("+-")
            if bar.column and any(digit in size for digit in "123456789"):
                said = sentence(fall)
                assert f"adds {size}" in said or f"takes {size}" in said
        # The rounded rows of a page are steps that add up, too.
        page = _rounded(fall, found.unit)
        scale = (1 if fall.label is None else 100) * 10**page.decimals
        steps = [
            each * scale for each in (page.base, *(bar.value for bar in page.bars), page.answer)
        ]
        assert np.abs(np.array(steps) - np.round(steps)).max() < 1e-6
        assert sum(map(round, steps[:-1])) == round(steps[-1])
        base, gains, answer = printed(page)
        assert number(base) + sum(map(number, gains)) == number(answer)
    assert off


def test_a_change_is_the_difference_of_what_is_printed():
    X, _ = tables()["mixed"]
    model = fitted("mixed", "plain")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = model.what_if(X[:60], {"age": 80})
    off = 0
    for place in range(60):
        text = " ".join(found.text(place).split())
        said = re.search(r"is ([\d.]+ %) instead of ([\d.]+ %) \(([-+\d.]+ pt)", text)
        after, before, gain = map(number, said.groups())
        assert after - before == gain
        change = 100 * (found.after[place, 0] - found.before[place, 0])
        off += Decimal(f"{change:.1f}") != gain
    assert off


def test_numbers_that_need_powers_of_ten_say_that_they_need_not_add_up():
    bar = Bar("x = 1", "x", "1", 1e20, 1e20, 1e20, 1e20, 1, 0)
    fall = Waterfall(1e20, 2e20, "a typical row", 1, None, 1, (bar,), "number", None)
    assert fall.printed is fall
    assert "1e20" in waterfall_lines(fall)[1]
    X, _ = tables()["a number"]
    found = fitted("a number", "plain").explain(X[:1])
    assert not [each for each in found.notes() if "one by one" in each]
    object.__setattr__(found, "answers", found.answers * 1e20)
    assert [each for each in notes_on(found, 0, None) if "one by one" in each]


def test_zero_has_no_sign_and_the_base_is_shown():
    assert gain_text(0.0003, "ill") == gain_text(-0.0003, "ill") == "0.0 pt"
    X, _ = tables()["mixed"]
    model = fitted("mixed", "plain")
    one = model.explain(X[:1], against=X[1:2])
    first = one.waterfall().bars[0].column
    cell = model.explain(X[1:2]).texts[0][list(X.columns).index(first)]
    said = f"{first} missing" if cell == "missing" else f"{first} = {cell}"
    assert f"The other row has {said}" in " ".join(str(one).split())
    assert f"The other row has {said}" in one._repr_html_()
    assert one.as_dict()["base_cells"][first] == cell
    several = model.explain(X[:1], background=X[1:4])
    assert several.as_dict()["base_cells"] is None
    assert "mean of 3 rows has" not in str(several)
