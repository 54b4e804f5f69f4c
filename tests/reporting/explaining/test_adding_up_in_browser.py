"""The page rounds contributions as Python does: the same steps and decimals, for any numbers."""

import json

import numpy as np
import pytest

from browser import Browser
from thalweg.reporting.explaining.adding_up import decimals_of_numbers, steps_that_add_up
from thalweg.reporting.inline import DRAW, joined

pytestmark = pytest.mark.browser

_ENTRY = """\
import { decimalsOfNumbers, printedBars, stepsThatAddUp } from "./adding_up.js";

window.stepsOf = (cases) => cases.map(([base, gains, answer]) =>
  stepsThatAddUp(base, gains, answer, 1000));
window.decimalsOf = (cases) => cases.map(([base, gains, answer]) =>
  decimalsOfNumbers(base, answer, gains));
window.printed = (base, gains, answer) => {
  const bars = gains.map((value) => ({ value }));
  const made = printedBars(base, bars, answer,
    { isShare: false, text: (value) => `about ${value}`, unit: "kg" });
  return [made.told(base), ...made.bars.map(({ gain }) => gain), made.told(answer)];
};
document.documentElement.dataset.drawn = "yes";
"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    browser = Browser(tmp_path_factory.mktemp("profile"))
    page = tmp_path_factory.mktemp("page") / "page.html"
    page.write_text(
        '<!doctype html><meta charset="utf-8">'
        f'<script type="module">{joined(DRAW, "entry.js", {"entry.js": _ENTRY})}</script>',
        encoding="utf-8",
    )
    browser.open(page)
    yield browser
    browser.close()


def cases():
    rng = np.random.default_rng(0)
    for n in (1, 2, 5, 9):
        for size in (1e-5, 0.1, 1.0, 7e3, 1e8):
            base, gains = size * rng.uniform(-1, 1), size * rng.normal(0, 0.2, n)
            yield base, gains.tolist(), float(base + gains.sum())
    yield from ((0.0005, [0.001], 0.0015), (0.0, [0.0], 0.0), (0.25, [], 0.25))
    yield from ((1000.0, [999.999], 1999.999), (1e15, [1e15], 2e15), (9.9999999, [1e-7], 10.0))


def test_steps_and_decimals_are_those_of_python(browser):
    given = list(cases())
    said = json.dumps(given)
    expected = [steps_that_add_up(base, gains, answer, 1000) for base, gains, answer in given]
    assert browser.run(f"window.stepsOf({said})") == expected
    expected = [decimals_of_numbers(base, answer, gains) for base, gains, answer in given]
    assert browser.run(f"window.decimalsOf({said})") == expected


def test_numbers_have_their_unit_and_equal_decimals(browser):
    found = browser.run("window.printed(1234.56, [1000.04, -0.01, 0], 2234.59)")
    assert found == ["1,234.6 kg", "+1,000.0", "0.0", "0.0", "2,234.6 kg"]
    assert browser.run("window.printed(1e20, [1e20], 2e20)")[0].startswith("about 1")
