"""A smaller script does what the script did."""

import json

import pytest

from browser import Browser
from thalweg.reporting.inline import DRAW, joined
from thalweg.reporting.smaller_script import smaller

pytestmark = pytest.mark.browser

# Each way in which a name can stand: as a key, a pattern, a default, in a template, beside a
# property of its name; and texts and patterns that look like code.
TRICKY = r"""
const settings = { "depth": 3, "two words": 0.5, name: "own" };
const unusedConstant = 1;
function neverCalled(first) { return first + neverCalled.length; }
async function alsoNever() { await alsoNever(); }
function shape({ depth, name: label = "none", ...others }, [one, , three = depth + 1] = [1, 2]) {
  const inner = { depth, one, three, label, twice(value) { return 2 * value; } };
  return { ...inner, others, own: inner.twice(inner.depth) };
}
const chosen = (value) => (value > 2 ? settings.depth : value);
const text = (who, { length } = who) => `${who} is ${length > 3 ? `long: ${length}` : "short"} {x}`;
function count(list) {
  let total = 0;
  for (const { weight, weight: again } of list) total += weight * again;
  for (let i = 0, stop = list.length; i < stop; i += 1) total += i;
  try { missing(); } catch (error) { total += error.message.length ? 0.25 : 0; }
  return total - -1 + +"2";
}
const strange = "a // b /* c */ ; return name".replace(/[/"'`}]+\/?/g, (found) => found.length);
const later = {};
later.places ??= { one: settings.depth, two: [settings.name, ,] .length };
const flags = { done: true, "quoted-key": 1 };
window.found = JSON.stringify([
  shape({ depth: 4, name: "n", extra: 1 }), shape(settings, []), chosen(1), chosen(3),
  text("abc"), text("abcdef"), count([{ weight: 2 }, { weight: 3 }]), strange, later, flags,
  Object.entries({ settings }).length, ((a) => (b) => a - -b)(1)(2), 1 / 2 / 4,
]);
"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    browser = Browser(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


def run(browser, script):
    return json.loads(browser.run(f"(() => {{ {script}; return window.found; }})()"))


def test_it_gives_the_same_values(browser):
    small = smaller(TRICKY)
    wanted = run(browser, TRICKY)
    assert len(wanted) == 13
    assert wanted[0]["own"] == 8
    assert run(browser, small) == wanted
    assert len(small) < 0.72 * len(TRICKY)


def test_what_nobody_calls_is_left_out():
    small = smaller(TRICKY)
    assert "Never" not in small
    assert small.count("function") == TRICKY.count("function") - 2


def test_properties_and_names_of_the_browser_stay():
    program = joined(DRAW, "landscape.js")
    small = smaller(program)
    for name in ("addEventListener", "getImageData", "devicePixelRatio", "requestAnimationFrame"):
        assert (name in small) == (name in program)
    assert smaller(program) == small


def test_a_character_that_begins_nothing_is_refused():
    with pytest.raises(ValueError, match="no token begins"):
        smaller("const a = 1 @ 2;")
