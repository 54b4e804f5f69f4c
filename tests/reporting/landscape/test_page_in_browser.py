"""The page of a landscape in a real browser: what it shows, how fast, by which hands."""

import json
import os
from base64 import b64decode
from dataclasses import replace
from importlib.resources import files
from itertools import combinations

import numpy as np
import pytest

from browser import Browser
from colours import CONTRAST
from landscapes import bowl, line, seven, sheet, slope, two
from reports import wisconsin
from thalweg import load_table, race_landscape
from thalweg.landscape.numbers_in_words import written
from thalweg.landscape.planes.least_distorting_plane import Score
from thalweg.reporting.landscape.landscape_page import landscape_html
from thalweg.reporting.landscape.landscape_section import landscape_section
from thalweg.reporting.landscape.model_landscape import model_landscape
from thalweg.reporting.page.report_page import report_html
from thalweg.wording import apart

pytestmark = pytest.mark.browser

# Fresh loads of a page that Play is tried on; PLAY_LOADS=200 tries as many as were promised once.
LOADS = int(os.environ.get("PLAY_LOADS", "8"))
FRAME = 33.0  # milliseconds, 30 pictures a second
WAY = np.linspace(0, 1, 200)


def five():
    """51 × 51 points and five runs of 200."""
    runs = [
        line(4 * WAY, 2 * WAY ** (1 + k / 3), 30 - 25 * WAY + np.sin(20 * WAY), name=f"run {k}",
             look=k, off=WAY * k / 5, drawn=28 - 25 * WAY)
        for k in range(5)
    ]  # fmt: skip
    return sheet(lambda x, y: 6 + slope(x, y) + np.sin(3 * x), n=(51, 51), lines=runs)


def small():
    runs = [
        line([2, 2, 2, 2], [0, 0.5, 1, 2], [0.45, 0.35, 0.25, 0.05], name="straight"),
        line([0, 4, 1, 3], [0, 1, 1.5, 2], [4.45, 4.3, 1.1, 1.05], name="zigzag", look=1),
    ]
    return sheet(bowl, n=(21, 21), lines=runs)


def walled():
    """A run behind a wall, seen from large x."""
    run = line([1, 1], [0.5, 3.5], [1, 1], look=1)
    return sheet(lambda x, y: 100.0 if 1.9 < x < 2.1 else 1.0, y=(0, 4), n=(41, 41), lines=[run])


def level():
    """A solid line and a dashed one, along x."""
    runs = [line([0.5, 3.5], [1 + k / 2, 1 + k / 2], [5, 5], look=k, name=f"{k}") for k in (0, 1)]
    return sheet(lambda x, y: 5 + y / 100, n=(21, 21), lines=runs)


def long():
    """405 steps, so that a hundredth of all is four."""
    way = np.linspace(0, 1, 406)
    return sheet(bowl, n=(21, 21), lines=[line(2 * way, 2 * way, 4.5 - 4 * way)])


def vast():
    """Numbers beyond sense along both axes and upwards, and a run that is lost."""
    way = np.linspace(0, 1, 9)
    runs = [
        line(2.4e11 * way, 9e10 * way, 0.6 * 10 ** (17 * way), name="stays"),
        replace(
            line([0, 2.4e11], [0, -5e10], [0.6, 1e14], name="sgd:lr=300", look=1, diverged=True),
            end=2.5e14,
        ),
    ]
    return sheet(
        lambda x, y: 0.1 + abs(x / 1e4) + abs(y / 1e-3), x=(-3e10, 2.6e11), y=(-8e10, 1e11),
        n=(21, 21), lines=runs,
    )  # fmt: skip


def titled():
    """Long names on both axes."""
    axes = ("towards the end of momentum", "across: the direction of largest curvature")
    return replace(sheet(bowl, x=(-1, 3), y=(-1.5, 1.5), n=(21, 21)), axes=axes)


def holed():
    return sheet(lambda x, y: np.nan if x < 1 else slope(x, y), n=(21, 21), cap=20.0)


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    browser = Browser(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    made = {
        "five": landscape_html([five()]),
        "small": landscape_html([small(), holed()], subtitle="two runs"),
        "seven": seven().page(),
        "hills": race_landscape("hills", profiles=()).page(),
        "long": landscape_html([long()]),
        "vast": landscape_html([vast()]),
        "wall": landscape_html([walled()]),
        "flat": landscape_html([level()]),
        "titled": landscape_html([titled()]),
        "spot": landscape_html(
            [sheet(bowl, n=(21, 21), lines=[line([3, 3], [1.6, 1.62], [2, 1], look=1)])]
        ),
    }
    for name, page in made.items():
        (folder / f"{name}.html").write_text(page, encoding="utf-8")
    return folder


@pytest.fixture
def page(browser, pages):
    browser.send("Emulation.setEmulatedMedia", media="", features=[])
    browser.open(pages / "small.html")
    return browser


def value(page, script):
    return page.run(f"(() => {{ {script} }})()")


def click(page, name):
    page.run(f"document.getElementById({json.dumps(name)}).click()")
    page.settle()


def press(page, key, **more):
    """A key into the canvas."""
    made = json.dumps({"key": key, "bubbles": True, "cancelable": True, **more})
    page.run(f"document.getElementById('view').dispatchEvent(new KeyboardEvent('keydown', {made}))")
    page.settle()


def picture(page):
    """The canvas as numbers, shape (height, width, 4)."""
    found = page.run("""
      (() => {
        const { width, height } = document.getElementById('view');
        const pen = document.getElementById('view').getContext('2d');
        const bytes = pen.getImageData(0, 0, width, height).data;
        return [width, height, btoa(Array.from(bytes, v => String.fromCharCode(v)).join(''))];
      })()
    """)
    width, height, data = found
    return np.frombuffer(b64decode(data), np.uint8).reshape(height, width, 4).astype(int)


def near(image, color, far=10):
    wanted = [int(color[i : i + 2], 16) for i in (1, 3, 5)]
    return int(np.sum(np.abs(image[..., :3] - wanted).max(axis=-1) <= far))


# ---------------------------------------------------------------- what it asks for, how it looks


@pytest.mark.parametrize("name", ["five", "small", "seven", "vast"])
@pytest.mark.parametrize(("width", "dark"), [(1280, False), (1280, True), (390, False)])
def test_no_error_no_request_nothing_wider_than_the_window(browser, pages, name, width, dark):
    path = pages / f"{name}.html"
    browser.open(path, width=width, dark=dark)
    for flat in ("look-map", "look-block"):
        click(browser, flat)
    browser.run("document.getElementById('steps').open = true")
    browser.settle()
    assert browser.errors() == []
    assert browser.requests() == [path.absolute().as_uri()]
    assert browser.run("document.documentElement.scrollWidth") <= width


def test_no_column_of_the_runs_is_cut_and_no_rule_stands_there_twice(browser, tmp_path):
    rules = ("adam:lr=0.05,schedule=cosine", "sgd:momentum=0.9,schedule=cosine", "sgd:lr=1e9")
    runs = [
        replace(line([0, 1], [0, 1], [0.6123, 0.08529], name=each, look=k), rule=each,
                off=np.array([0, 0.75]), drawn=np.array([0.6, 0.2]), verdict="misleading")
        for k, each in enumerate((*rules, "large"))
    ]  # fmt: skip
    runs[2] = replace(runs[2], diverged=True, end=1e12)
    runs[3] = replace(runs[3], rule="sgd:lr=3")
    path = tmp_path / "rules.html"
    path.write_text(landscape_html([sheet(bowl, n=(21, 21), lines=runs)]), encoding="utf-8")
    browser.open(path, width=1180)
    box = "document.querySelector('.runs .scroll')"
    assert browser.run(f"{box}.scrollWidth - {box}.clientWidth") <= 0
    rows = browser.run("[...document.querySelectorAll('.runs tbody tr')].map(r => r.textContent)")
    assert [row.count(each) for row, each in zip(rows, rules, strict=False)] == [1, 1, 1]
    assert "large" in rows[3]
    assert "sgd:lr=3" in rows[3]
    # The cells of a row are as many as the columns.
    spans = "[...r.cells].reduce((n, c) => n + c.colSpan, 0)"
    cells = f"[...document.querySelectorAll('.runs tr')].map(r => {spans})"
    assert set(browser.run(cells)) == {10}


def test_a_surface_of_51_by_51_with_five_runs_is_drawn_in_a_frame(browser, pages):
    browser.open(pages / "five.html")
    # Reading a pixel back makes the browser finish what it was told to draw. The fastest of the
    # frames counts: whatever else the machine does makes one slower, and none faster.
    script = """
      (() => {
        const pen = document.getElementById('view').getContext('2d');
        return Array.from({ length: 40 }, (_, i) => {
          const from = performance.now();
          document.documentElement.paintFrom(-180 + 9 * i);
          pen.getImageData(0, 0, 1, 1);
          return performance.now() - from;
        });
      })()
    """
    browser.run(script)
    assert min(browser.run(script)) <= FRAME
    click(browser, "look-map")
    assert min(browser.run(script)) <= FRAME


@pytest.mark.parametrize("dark", [False, True])
def test_every_text_can_be_read(browser, pages, dark):
    browser.open(pages / "small.html", dark=dark)
    browser.run("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    browser.settle()
    seen, found = browser.run(CONTRAST)
    assert found == []
    assert seen > 60


def test_what_can_be_pressed_is_large_enough(page):
    small = page.run(
        "[...document.querySelectorAll('button, summary, input, select, #view')].filter(e => "
        "e.getClientRects().length).map(e => [e.id || e.textContent, "
        "e.getBoundingClientRect().width, e.getBoundingClientRect().height])"
        ".filter(([, w, h]) => w < 24 || h < 24)"
    )
    assert small == []


def test_dark_and_light_have_their_own_page_on_the_canvas(browser, pages):
    for dark, color in ((False, [255, 255, 255]), (True, [15, 20, 25])):
        browser.open(pages / "small.html", dark=dark)
        assert picture(browser)[3, 3, :3].tolist() == color
    # And it follows the reader's mind while it is open.
    browser.look(1280, dark=False)
    browser.settle()
    assert picture(browser)[3, 3, :3].tolist() == [255, 255, 255]


# What asks to be pressed looks alive: its rim can be seen on the page (WCAG 1.4.11).
RIMS = """
(() => {
  const parse = c => c.match(/[\\d.]+/g).map(Number);
  const light = c => { const [r, g, b] = parse(c).map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const page = light(getComputedStyle(document.body).backgroundColor);
  return [...document.querySelectorAll('input:not([type=range])')].map(e => {
    const style = getComputedStyle(e), rim = light(style.borderTopColor);
    return [(Math.max(rim, page) + 0.05) / (Math.min(rim, page) + 0.05), style.appearance,
      style.borderTopStyle, e.disabled, e.checked, style.backgroundColor,
      e.type === 'radio' || !e.checked || parseFloat(getComputedStyle(e, '::before').height) > 14];
  });
})()
"""


@pytest.mark.parametrize("dark", [False, True])
def test_controls_that_are_not_chosen_do_not_look_dead(browser, pages, dark):
    browser.open(pages / "small.html", dark=dark)
    page = "rgb(15, 20, 25)" if dark else "rgb(255, 255, 255)"
    open_ones = browser.run(RIMS)
    assert len(open_ones) == 5
    for ratio, appearance, rim, dead, chosen, ground, ticked in open_ones:
        assert ratio >= 3
        assert (appearance, rim, dead) == ("none", "solid", False)
        assert chosen or ground == page
        assert ticked
    click(browser, "look-map")  # where runs cannot be lifted
    dead = [each for each in browser.run(RIMS) if each[3]]
    assert [each[2] for each in dead] == ["dashed"]


# ---------------------------------------------------------------- what is drawn

# Every word that is written on a canvas while it is painted anew, with the corners of its box.
WRITTEN = """
(() => {
  const found = [], own = CanvasRenderingContext2D.prototype.fillText;
  CanvasRenderingContext2D.prototype.fillText = function (words, x, y) {
    const m = this.measureText(words), at = this.getTransform();
    const box = [[x - m.actualBoundingBoxLeft, y - m.actualBoundingBoxAscent],
      [x + m.actualBoundingBoxRight, y - m.actualBoundingBoxAscent],
      [x + m.actualBoundingBoxRight, y + m.actualBoundingBoxDescent],
      [x - m.actualBoundingBoxLeft, y + m.actualBoundingBoxDescent]];
    if (this.canvas.id === 'view') {
      found.push([words, this.font, box.map(([u, v]) => [at.a * u + at.c * v + at.e,
        at.b * u + at.d * v + at.f])]);
    }
    return own.call(this, words, x, y);
  };
  document.documentElement.paintFrom(AZIMUTH);
  CanvasRenderingContext2D.prototype.fillText = own;
  return found;
})()
"""


def overlap(one, other):
    """Whether two boxes, turned or not, lie on each other: no line parts them."""
    for box in (one, other):
        for i in range(4):
            along = np.subtract(box[(i + 1) % 4], box[i])
            across = np.array([-along[1], along[0]])
            first, second = (np.array(each) @ across for each in (one, other))
            if first.max() <= second.min() or second.max() <= first.min():
                return False
    return True


BOX_OF_RUNS = """
(() => {
  const box = document.querySelector(".runs .scroll"), hint = document.querySelector(".runs .hint");
  return [box.scrollHeight > box.clientHeight, hint !== null && hint.offsetHeight > 0];
})()
"""


@pytest.mark.parametrize(
    ("n_runs", "width", "scrolls"),
    [(12, 1280, False), (12, 390, False), (41, 1280, True), (41, 390, False)],
)
def test_all_runs_are_in_sight_or_a_hint_says_that_there_are_more(
    browser, tmp_path, n_runs, width, scrolls
):
    lines = [
        line([3, 2], [1.6, 1 + k / 99], [2, 1], name=f"run {k}", look=k % 7) for k in range(n_runs)
    ]
    (tmp_path / "many.html").write_text(landscape_html([sheet(bowl, lines=lines)]), "utf-8")
    browser.open(tmp_path / "many.html", width=width)
    assert browser.run(BOX_OF_RUNS) == [scrolls, scrolls]


@pytest.mark.parametrize("flat", [False, True])
def test_no_two_losses_beside_an_axis_are_written_alike(browser, tmp_path, flat):
    near = sheet(lambda x, y: 0.792026 * (1 + 3e-5 * (x + y)), n=(21, 21))
    assert len({written(tick) for tick in near.scale.ticks()}) == 1
    (tmp_path / "near.html").write_text(landscape_html([near], flat=flat), "utf-8")
    browser.open(tmp_path / "near.html")
    words = [words for words, *_ in browser.run(WRITTEN.replace("AZIMUTH", "-60"))]
    losses = [each for each in words if each.startswith("0.792")]
    assert len({*losses}) == len(near.scale.ticks())
    # On the map, the contours have the numbers of the bar.
    assert {*losses} == {*apart(near.scale.ticks(), written, 3)}


# In the table of the runs and that of the planes: the boxes that scroll, and cells with more words
# than room.
CUT = """
[...document.querySelectorAll('.runs .scroll, .planes .scroll, .cards tbody tr > *')]
  .filter(e => e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1)
  .map(e => e.textContent.slice(0, 60))
"""


@pytest.mark.parametrize("name", ["five", "seven"])
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [390, 320])
def test_no_number_of_the_runs_is_cut_on_a_phone(browser, pages, name, width, dark):
    browser.open(pages / f"{name}.html", width=width, dark=dark)
    browser.run("document.querySelectorAll('details').forEach(each => { each.open = true; })")
    browser.settle()
    assert browser.run(CUT) == []
    heads = browser.run("[...document.querySelectorAll('.runs thead th')].map(e => e.textContent)")
    shown = browser.run(
        "[...document.querySelectorAll('.runs tbody tr:first-child td[data-label]')]"
        ".map(e => getComputedStyle(e, '::before').content)"
    )
    # "at worst" is not there where a run diverged.
    assert {each.strip('"') for each in shown} - {"none"} <= {*heads}
    assert '"loss now"' in shown


@pytest.mark.parametrize("name", ["vast", "small", "five"])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("view", ["look-block", "look-map"])
def test_no_number_lies_on_another(browser, pages, name, width, view):
    browser.open(pages / f"{name}.html", width=width)
    click(browser, view)
    for azimuth in (-150, -60, -30, 30, 120) if view == "look-block" else (0,):
        written = browser.run(WRITTEN.replace("AZIMUTH", str(azimuth)))
        if view == "look-map":  # contours carry their small numbers where they run
            written = [each for each in written if not each[1].startswith("11px")]
        numbers = [words for words, *_ in written if words.lstrip("−")[0].isdigit()]
        assert len(numbers) >= 5
        if name == "vast":
            assert sum("·10" in words for words in numbers) >= 5
        assert max(map(len, numbers)) <= 9, "nobody reads a number with a dozen zeros"
        for (words, _, box), (other, _, its) in combinations(written, 2):
            assert not overlap(box, its), f"{words} lies on {other}"


@pytest.mark.parametrize("name", ["titled", "hills", "vast"])
@pytest.mark.parametrize("width", [1180, 390, 320])
def test_no_word_is_cut_and_none_lies_on_another_from_any_side(browser, pages, name, width):
    browser.open(pages / f"{name}.html", width=width)
    for view in ("look-block", "look-map"):
        click(browser, view)
        height, wide = picture(browser).shape[:2]
        titles = set()
        for azimuth in range(-180, 180, 15) if view == "look-block" else (0,):
            written = browser.run(WRITTEN.replace("AZIMUTH", str(azimuth)))
            if view == "look-map":
                written = [each for each in written if not each[1].startswith("11px")]
            titles |= {word for words, *_ in written for word in words.split()}
            for words, _, box in written:
                x, y = np.transpose(box)
                assert min(x.min(), y.min()) >= 0, (azimuth, words)
                assert x.max() <= wide, (azimuth, words)
                assert y.max() <= height, (azimuth, words)
            for (words, _, box), (other, _, its) in combinations(written, 2):
                assert not overlap(box, its), (azimuth, words, other)
        if name == "titled":
            assert {"towards", "momentum", "across:", "curvature"} <= titles


@pytest.mark.parametrize("width", [1280, 1180, 390])
@pytest.mark.parametrize("view", ["look-block", "look-map"])
def test_no_name_of_a_place_lies_on_another_or_on_a_number(browser, pages, width, view):
    browser.open(pages / "hills.html", width=width)
    click(browser, view)
    places = {place.kind for place in seven().race.places}
    first = browser.run("JSON.parse(document.getElementById('landscape').textContent)")
    for azimuth in (first["sheets"][0]["azimuth"], -60, 30, 120):
        written = browser.run(WRITTEN.replace("AZIMUTH", str(azimuth)))
        names = [each for each in written if each[0] in places]
        assert len(names) == len(seven().race.places)
        small = [each for each in written if each[1].startswith("11px")]
        assert small
        contours = small if view == "look-map" else []  # in 3-D small numbers are of an axis
        for one in names:
            for other in [*names, *contours]:
                assert other is one or not overlap(one[2], other[2]), (one, other)


def test_the_name_of_the_local_minimum_covers_no_run_on_a_phone(browser, pages):
    """The four balls pass on two sides of it, and contours left their numbers on the others."""
    browser.open(pages / "hills.html", width=390)
    click(browser, "look-map")
    written = browser.run(WRITTEN.replace("AZIMUTH", "0"))
    (box,) = (np.array(corners) for words, _, corners in written if words == "local minimum")
    points = np.array(browser.run(POINTS_OF_RUNS))
    assert len(points) > 50
    inside = (points > box.min(axis=0) - 2) & (points < box.max(axis=0) + 2)
    assert not inside.all(axis=1).any()


# Points along the lines of runs, in pixels of the canvas.
POINTS_OF_RUNS = """
(() => {
  const found = [], its = CanvasRenderingContext2D.prototype, own = [its.lineTo, its.stroke];
  let path = [];
  its.lineTo = function (x, y) { path.push([x, y]); return own[0].call(this, x, y); };
  its.beginPath = ((begin) => function () { path = []; return begin.call(this); })(its.beginPath);
  its.stroke = function (...all) {
    const at = this.getTransform();
    if (this.canvas.id === 'view' && this.getLineDash().length && this.lineWidth > 2) {
      path.slice(1).forEach(([x, y], i) => {
        for (let s = 0; s <= 1; s += 0.05) {
          const u = path[i][0] + s * (x - path[i][0]), v = path[i][1] + s * (y - path[i][1]);
          found.push([at.a * u + at.e, at.d * v + at.f]);
        }
      });
    }
    return own[1].call(this, ...all);
  };
  document.documentElement.paintFrom(0);
  [its.lineTo, its.stroke] = own;
  return found;
})()
"""


# The middles of the crosses of places: horizontal strokes of 10 pixels.
CROSSES = """
(() => {
  const found = [];
  const its = CanvasRenderingContext2D.prototype;
  const [move, line] = [its.moveTo, its.lineTo];
  let from = [NaN, NaN];
  its.moveTo = function (x, y) { from = [x, y]; return move.call(this, x, y); };
  its.lineTo = function (x, y) {
    if (y === from[1] && Math.abs(x - from[0] - 10) < 1e-9 && this.canvas.id === 'view') {
      const at = this.getTransform();
      const [u, v] = [(x + from[0]) / 2, y];
      found.push([at.a * u + at.c * v + at.e, at.b * u + at.d * v + at.f, at.a]);
    }
    return line.call(this, x, y);
  };
  document.documentElement.paintFrom(AZIMUTH);
  [its.moveTo, its.lineTo] = [move, line];
  return found;
})()
"""


@pytest.mark.parametrize("width", [1180, 390])
@pytest.mark.parametrize("view", ["look-block", "look-map"])
def test_no_cross_of_a_place_lies_on_the_name_of_another(browser, pages, width, view):
    browser.open(pages / "hills.html", width=width)
    click(browser, view)
    places = [place.kind for place in seven().race.places]
    first = browser.run("JSON.parse(document.getElementById('landscape').textContent)")
    for azimuth in (first["sheets"][0]["azimuth"], -60, 30, 120):
        written = browser.run(WRITTEN.replace("AZIMUTH", str(azimuth)))
        names = [each for each in written if each[0] in places]
        crosses = {tuple(each) for each in browser.run(CROSSES.replace("AZIMUTH", str(azimuth)))}
        assert len(crosses) == len(names) == len(places)
        for x, y, scale in crosses:
            arm = 5 * scale
            box = [[x + i * arm, y + j * arm] for i, j in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
            for name in names:
                assert not overlap(name[2], box), (azimuth, name, (x, y))


def test_page_and_text_write_numbers_alike(browser, pages):
    browser.open(pages / "small.html")  # any page; the module is asked beside it
    source = (files("thalweg.reporting") / "draw" / "numbers.js").read_text("utf-8")
    source = source.replace("export ", "")
    rng = np.random.default_rng(0)
    numbers = [0.0, 1.0, 999_499.0, 999_999.0, 1e6, 1e-4, 9.9e-5, 2.48e14, *rng.normal(size=40)]
    numbers += (10 ** rng.uniform(-12, 16, 100)).tolist()
    for digits in (3, 4):
        shown = browser.run(
            f"(() => {{ {source}; return {json.dumps(numbers)}.map(x => short(x, {digits})); }})()"
        )
        assert shown == [written(each, digits).replace("-", "−") for each in numbers]
    for axis in ([0.792026, 0.79202606, 0.7920261], [1.0, 2.0, 2.0], [5.0, 5.0 + 1e-14], [7.0]):
        shown = browser.run(f"(() => {{ {source}; return apart({json.dumps(axis)}); }})()")
        assert shown == apart(axis, written, 3)
        assert len({*shown}) == len({*axis})


def test_a_run_that_diverged_has_its_mark_and_its_word(browser, pages):
    browser.open(pages / "vast.html")
    row = browser.run("document.querySelector('tr[data-run=\"sgd:lr=300\"]').innerText")
    assert "✕ diverged: ends at more than 100 times the start's loss" in row
    assert near(picture(browser), "#0072b2") > 100


def at_once():
    """Two runs that diverged in their first step, among others, at the step where all are over."""
    names = ("sgd:lr=1e8", "sgd:lr=1e6", "sgd", "adam:lr=0.02")
    runs = [
        line([0.5], [0.5], [0.6819], name=names[0], look=1, diverged=True),
        line([0.5], [0.5], [0.6819], name=names[1], look=2, diverged=True),
        line([0.5, 3], [0.5, 0.5], [0.6819, 0.5438], name=names[2], drawn=[0.6819, 0.5439]),
        line([0.5, 3], [0.5, 3], [0.6819, 0.2583], name=names[3], look=3, drawn=[0.6819, 0.2584]),
    ]
    rules = ("sgd:lr=100000000", "sgd:lr=1000000", *names[2:])
    runs = [
        replace(
            run, rule=rule, verdict="misleading", end=1e14 if run.diverged else run.end,
            off=run.off + 0.001, misfit=0.001, steps=60 * run.steps,
        )
        for run, rule in zip(runs, rules, strict=True)
    ]  # fmt: skip
    return sheet(lambda x, y: 0.2 + (x + y) / 10, n=(21, 21), lines=runs)


@pytest.mark.parametrize("flat", [False, True])
def test_every_run_that_diverged_at_once_has_a_cross_to_be_seen(browser, tmp_path, flat):
    """It lay under the open circle of the next run's start, and one cross under the other."""
    (tmp_path / "once.html").write_text(landscape_html([at_once()], flat=flat), encoding="utf-8")
    browser.open(tmp_path / "once.html")
    image = picture(browser)
    for color in ("#0072b2", "#d55e00"):
        assert near(image, color) > 40, color


def test_the_table_of_runs_fits_its_box(browser, tmp_path):
    """At 1180 pixels, the column at the right edge was cut; on a phone, its numbers."""
    (tmp_path / "once.html").write_text(landscape_html([at_once()]), encoding="utf-8")
    for width in (1180, 390):
        browser.look(width)
        browser.open(tmp_path / "once.html")
        wide, room = browser.run(
            "(() => { const box = document.querySelector('.runs .scroll'); "
            "return [box.scrollWidth, box.clientWidth]; })()"
        )
        assert wide <= room, width


def hover(page, x, y):
    """What is said where the pointer is, in pixels of the canvas."""
    box = page.run("(() => { const b = document.getElementById('view').getBoundingClientRect(); "
                   "return [b.left, b.top]; })()")  # fmt: skip
    page.point(box[0] + x, box[1] + y)
    page.settle()
    return page.run("document.getElementById('said').textContent")


def numbers(said):
    words = said.replace("−", "-").replace(",", "").replace(":", "").rstrip(".").split()
    return float(words[1]), float(words[2]), float(words[4])


def test_the_pointer_reads_the_loss_and_axes_are_not_swapped(page):
    click(page, "look-map")
    image = picture(page)
    # The map's own frame: where its darkest and brightest colours are.
    width, height = image.shape[1], image.shape[0]
    seen = set()
    for u in np.linspace(0.3, 0.7, 5):
        for v in np.linspace(0.25, 0.75, 5):
            said = hover(page, u * width, v * height)
            if "loss" in said:
                x, y, loss = numbers(said)
                assert loss == pytest.approx(bowl(x, y), abs=0.02)
                seen.add((x, y))
    assert len(seen) > 15
    # To the right is x, and up is y.
    right = [numbers(hover(page, u * width, 0.5 * height)) for u in (0.45, 0.55)]
    up = [numbers(hover(page, 0.5 * width, v * height)) for v in (0.55, 0.45)]
    assert right[1][0] > right[0][0]
    assert right[1][1] == pytest.approx(right[0][1])
    assert up[1][1] > up[0][1]
    assert up[1][0] == pytest.approx(up[0][0])


def test_runs_lie_where_they_are(browser, pages):
    browser.open(pages / "spot.html")
    for flat in ("look-map", "look-block"):
        click(browser, flat)
        blue = np.abs(picture(browser)[..., :3] - [0, 0x72, 0xB2]).max(axis=-1) < 10
        v, u = (each.mean() for each in np.nonzero(blue))
        x, y, _ = numbers(hover(browser, u, v))
        # The surface is read at the nearest point of its grid, seen from aside.
        near = 0.03 if flat == "look-map" else 0.3
        assert (x, y) == pytest.approx((3.0, 1.61), abs=near)


def test_a_wall_hides_a_run(browser, pages):
    browser.open(pages / "wall.html")
    seen = []
    for azimuth in (180, 0):  # from small x, from large x
        browser.run(f"document.documentElement.paintFrom({azimuth})")
        seen.append(near(picture(browser), "#0072b2"))
    assert seen[0] > 3 * seen[1]


def test_one_line_is_solid_and_the_other_dashed(browser, pages):
    browser.open(pages / "flat.html")
    click(browser, "look-map")
    image = picture(browser)
    breaks = {}
    for color in ("#222222", "#0072b2"):
        wanted = [int(color[i : i + 2], 16) for i in (1, 3, 5)]
        own = np.abs(image[..., :3] - wanted).max(axis=-1) < 10
        row = own[np.argmax(own.sum(axis=1))]
        inside = row[np.flatnonzero(row)[0] : np.flatnonzero(row)[-1]]
        breaks[color] = int(np.sum(np.diff(inside.astype(int)) == -1))
    assert breaks["#222222"] <= 2  # its rims
    assert breaks["#0072b2"] > 10


def test_the_pointer_reads_the_surface_too(page):
    image = picture(page)
    x, y, loss = numbers(hover(page, image.shape[1] * 0.5, image.shape[0] * 0.5))
    assert loss == pytest.approx(bowl(x, y), rel=0.01)


def test_what_has_no_loss_is_said_and_hatched(page):
    value(page, "const s = document.getElementById('sheet'); s.value = '1'; "
                "s.dispatchEvent(new Event('change'));")  # fmt: skip
    click(page, "look-map")
    image = picture(page)
    said = {
        hover(page, u * image.shape[1], 0.5 * image.shape[0]).split(": ")[-1]
        for u in np.linspace(0.1, 0.9, 25)
    }
    assert "no finite loss here." in said
    assert any(each.startswith("loss") for each in said)


def test_runs_are_shown_and_taken_away(page):
    color = "#0072b2"
    before = near(picture(page), color)
    assert before > 100
    page.run("document.querySelector('[data-shows=zigzag]').click()")
    page.settle()
    assert near(picture(page), color) == 0
    page.run("document.querySelector('[data-shows=zigzag]').click()")
    page.settle()
    assert near(picture(page), color) == before


def test_the_slider_scrubs_all_runs_by_steps(page):
    def now():
        return page.run("[...document.querySelectorAll('[data-now]')].map(c => c.textContent)")

    assert now() == ["0.05", "1.05"]
    assert page.run("document.getElementById('step-now').textContent") == "step 3 of 3"
    value(page, "const s = document.getElementById('step'); s.value = '1'; "
                "s.dispatchEvent(new Event('input'));")  # fmt: skip
    page.settle()
    assert now() == ["0.35", "4.3"]
    assert page.run("document.getElementById('step-now').textContent") == "step 1 of 3"
    assert page.run("document.getElementById('step').getAttribute('aria-valuetext')") == (
        "step 1 of 3"
    )


def test_the_loss_of_a_point_never_stands_under_the_step_of_another(browser, tmp_path):
    run = line([0, 1, 2, 3], [0, 0.5, 1, 2], [0.8, 0.35, 0.25, 0.05])
    short = line([0, 1], [0, 0.5], [0.8, 0.75], name="short", look=1)
    thin = replace(run, steps=np.array([0, 3, 6, 7]))
    page = tmp_path / "thin.html"
    page.write_text(landscape_html([sheet(bowl, n=(21, 21), lines=[thin, short])]), "utf-8")
    browser.open(page)
    for step, words in (
        (0, ["0.8", "0.8"]), (2, ["0.8 (step 0)", "0.75 (step 1)"]),
        (3, ["0.35", "0.75 (step 1)"]), (7, ["0.05", "0.75 (step 1)"]),
    ):  # fmt: skip
        value(browser, f"const s = document.getElementById('step'); s.value = '{step}'; "
                       "s.dispatchEvent(new Event('input'));")  # fmt: skip
        browser.settle()
        now = "[...document.querySelectorAll('[data-now]')].map(c => c.textContent)"
        assert browser.run(now) == words


def test_turning_changes_the_picture_and_reset_brings_it_back(page):
    first = picture(page)
    press(page, "ArrowLeft")
    assert np.any(picture(page) != first)
    press(page, "0")
    assert np.array_equal(picture(page), first)
    press(page, "+")
    assert np.any(picture(page) != first)
    click(page, "home")
    assert np.array_equal(picture(page), first)


def test_true_losses_lift_the_runs_off_the_ground(browser, pages):
    browser.open(pages / "five.html")
    first = picture(browser)
    click(browser, "lifted")
    assert np.any(picture(browser) != first)


def test_the_report_shows_the_landscape_in_both_modes(browser, tmp_path):
    made = wisconsin()
    train = np.setdiff1d(np.arange(len(made.frame)), made.test)
    rows, labels = made.frame.iloc[train], load_table("wisconsin").target.iloc[train]
    part = landscape_section(model_landscape(made.model, rows, labels, grid=21, profiles=()))
    page = report_html({**made.report, "landscape": part})
    assert len(page.encode()) < 450_000
    (tmp_path / "report.html").write_text(page, encoding="utf-8")
    seen = []
    for dark in (False, True):
        browser.open(tmp_path / "report.html", dark=dark)
        assert browser.errors() == []
        seen.append(browser.run("document.querySelector('#landscape img').currentSrc"))
        assert browser.run("document.querySelector('#landscape img').naturalWidth") > 640
        alt = browser.run("document.querySelector('#landscape img').alt")
        assert alt.startswith("Adam at rate ")
        assert "(model) goes from loss" in alt
    assert seen[0] != seen[1]


# ---------------------------------------------------------------- by keyboard, with little motion


def test_the_keyboard_does_everything(page):
    page.run("document.getElementById('view').focus()")
    assert page.run("document.activeElement.id") == "view"
    label = page.run("document.getElementById('view').getAttribute('aria-label')")
    assert label.startswith("Surface. A made finding")
    press(page, "Home")
    assert page.run("document.getElementById('step-now').textContent") == "step 0 of 3"
    press(page, "]")
    assert page.run("document.getElementById('step-now').textContent") == "step 1 of 3"
    press(page, "[")
    press(page, "End")
    assert page.run("document.getElementById('step-now').textContent") == "step 3 of 3"
    press(page, "v")
    assert page.run("document.getElementById('look-map').checked")
    press(page, "ArrowRight")
    x, y, loss = numbers(page.run("document.getElementById('said').textContent"))
    assert (x, y) == pytest.approx((2 + 4 / 40, 1.0), abs=0.01)
    assert loss == pytest.approx(bowl(x, y), abs=0.02)
    press(page, "g")
    assert page.run("document.querySelectorAll('#steps-table tbody tr').length") == 8
    assert page.run("document.querySelector('#steps-table tbody tr').innerText.split('\\t')[4]")
    press(page, "?")
    assert page.run("document.getElementById('keys').open")
    press(page, "Escape")
    assert page.run("document.activeElement.id") != "view"
    # With a modifier a key belongs to the browser.
    assert not page.run(
        "document.getElementById('view').dispatchEvent(new KeyboardEvent('keydown', "
        "{key: '0', cancelable: true}))"
    )
    assert page.run(
        "document.getElementById('view').dispatchEvent(new KeyboardEvent('keydown', "
        "{key: '0', ctrlKey: true, cancelable: true}))"
    )


def test_one_step_is_one_step(browser, pages):
    browser.open(pages / "long.html")

    def now():
        return browser.run("document.getElementById('step-now').textContent")

    assert now() == "step 405 of 405"
    for key, shift, step in (
        ("[", False, 404), (",", False, 403), ("]", False, 404), (".", False, 405),
        ("[", True, 400), ("{", True, 395), ("<", True, 390), ("}", True, 395), (">", True, 400),
    ):  # fmt: skip
        press(browser, key, shiftKey=shift)
        assert now() == f"step {step} of 405", key
    # A bracket that is made with AltGr is a bracket; with Alt alone a key belongs to the browser.
    press(browser, "[", altKey=True, ctrlKey=True, modifierAltGraph=True)
    assert now() == "step 399 of 405"
    press(browser, "[", altKey=True)
    assert now() == "step 399 of 405"
    # Where Play was stopped between two steps, the next one is a whole one.
    press(browser, "Home")
    click(browser, "play")
    browser.run("new Promise(r => setTimeout(r, 700))")
    click(browser, "play")
    before = int(now().split()[1])
    press(browser, "]")
    assert now() == f"step {before + 1} of 405"


def test_the_headline_is_of_what_is_seen(browser, pages):
    browser.open(pages / "seven.html")
    first = browser.run("document.querySelector('h1').textContent")
    value(browser, "const s = document.getElementById('sheet'); s.value = '2'; "
                   "s.dispatchEvent(new Event('change'));")  # fmt: skip
    title = browser.run("document.querySelector('h1').textContent")
    assert title != first
    assert title.startswith("Along its own path, plain descent at rate 2 with a cosine schedule")
    assert browser.run("document.title") == title


def test_figures_of_the_plane_are_not_shown_beside_a_profile(browser, tmp_path):
    """A profile is exact, and a reader must not take the plane's errors for its own."""
    some = [Score(each, "w", 0.1, 0.0, 0.2, 0.9, 60, 60) for each in ("ends", "centred")]
    (tmp_path / "page.html").write_text(landscape_html(two().sheets, scores=some), "utf-8")
    browser.open(tmp_path / "page.html")
    seen = (
        "[...document.querySelectorAll('[data-of-plane]')]"
        ".filter((each) => each.checkVisibility()).length"
    )
    assert browser.run(seen) >= 2 * 3 + 3 + 1  # two runs and the heads, the list of planes
    for sheet_number, count in ((1, 0), (0, browser.run(seen))):
        value(browser, f"const s = document.getElementById('sheet'); s.value = '{sheet_number}'; "
                       "s.dispatchEvent(new Event('change'));")  # fmt: skip
        assert browser.run(seen) == count
    assert browser.run("document.querySelector('.of-map').checkVisibility()") is False
    click(browser, "look-map")
    assert browser.run("document.querySelector('.of-map').checkVisibility()")
    assert browser.run("document.querySelector('.of-block').checkVisibility()") is False


def test_the_page_draws_the_run_of_a_profile_at_its_true_loss(browser, tmp_path):
    """On a plane a run lies on the surface; the ground of a profile is computed at cuts only."""
    leap = line([0, 1, 1.5, 2, 4], [1] * 5, [5.0, 4.0, 300.0, 3.0, 1.0], look=1)
    plane = sheet(lambda x, y: 5 - x, n=(5, 5), lines=[leap])
    (tmp_path / "page.html").write_text(
        landscape_html([plane, replace(plane, kind="profile")]), "utf-8"
    )
    browser.open(tmp_path / "page.html")
    found = {}
    for number, kind in enumerate(("plane", "profile")):
        value(browser, f"const s = document.getElementById('sheet'); s.value = '{number}'; "
                       "s.dispatchEvent(new Event('change'));")  # fmt: skip
        browser.run("document.documentElement.paintFrom(-90)")  # across the path
        found[kind] = near(picture(browser), "#0072b2")
        assert browser.run("document.getElementById('lifted').disabled") == (kind == "profile")
        click(browser, "look-map")
        legend = browser.run("document.querySelector('.marks').innerText")
        assert ("off the plane" in legend) == (kind == "plane")
        click(browser, "look-block")
    assert found["profile"] > 1.2 * found["plane"], "the leap cannot be seen"


def test_the_tab_key_reaches_everything_and_shows_where_it_is(page):
    reached = []
    for _ in range(20):
        page.key("Tab")
        seen = page.run(
            "(() => { const e = document.activeElement, s = getComputedStyle(e); return [e.id || "
            "e.dataset.shows || e.tagName, s.outlineStyle !== 'none' && "
            "parseFloat(s.outlineWidth) >= 2]; })()"
        )
        if seen[0] == "BODY":
            break
        reached.append(seen[0])
        assert seen[1], f"{seen[0]} has no visible ring"
    for expected in ("sheet", "look-block", "lifted", "home", "view", "play", "step", "straight",
                     "zigzag", "SUMMARY"):  # fmt: skip
        assert expected in reached


def test_it_plays_to_the_end_and_stops(page):
    press(page, " ")
    assert page.run("document.getElementById('play').textContent") == "Pause"
    page.run("new Promise(r => setTimeout(r, 400))")
    step = page.run("document.getElementById('step-now').textContent")
    assert step != "step 3 of 3"
    click(page, "play")
    assert page.run("document.getElementById('play').textContent") == "Play"
    still = page.run("document.getElementById('step-now').textContent")
    page.run("new Promise(r => setTimeout(r, 200))")
    assert page.run("document.getElementById('step-now').textContent") == still


def test_play_survives_every_shift_of_the_clock(browser, pages):
    # A frame may be dated before the moment in which it was asked for, and after it.
    for shift in np.linspace(-50, 50, LOADS):
        late = (
            "{ const own = requestAnimationFrame.bind(window); window.requestAnimationFrame = "
            f"(act) => own((time) => act(time + {shift})); }}"
        )
        added = browser.send("Page.addScriptToEvaluateOnNewDocument", source=late)
        try:
            browser.open(pages / "long.html")
            value(
                browser,
                """
              window.seen = [];
              new MutationObserver(() => window.seen.push(
                document.getElementById('step-now').textContent))
                .observe(document.getElementById('step-now'), { childList: true });
            """,
            )
            click(browser, "play")
            browser.run("new Promise(r => setTimeout(r, 350))")
            assert browser.errors() == []
            seen = browser.run("window.seen")
            steps = [int(each.split()[1]) for each in seen]  # "NaN" is no number
            assert steps == sorted(steps), f"it runs backwards under {shift} ms"
            assert 0 < steps[-1] < 100, f"{seen} under {shift} ms"
            assert browser.run("document.getElementById('play').textContent") == "Pause"
        finally:
            browser.send("Page.removeScriptToEvaluateOnNewDocument", identifier=added["identifier"])


def test_whoever_wants_little_motion_gets_still_pictures(page):
    page.send(
        "Emulation.setEmulatedMedia",
        media="",
        features=[{"name": "prefers-reduced-motion", "value": "reduce"}],
    )
    count = """
      new Promise(done => {
        let frames = 0;
        const node = document.getElementById('step-now');
        const watch = new MutationObserver(() => { frames += 1; });
        watch.observe(node, { childList: true });
        document.getElementById('play').click();
        setTimeout(() => { watch.disconnect(); document.getElementById('play').click();
          done(frames); }, 1500);
      })
    """
    assert 1 <= page.run(count) <= 3
    page.send("Emulation.setEmulatedMedia", media="", features=[])
    assert page.run(count) > 5


def test_print_is_light_and_without_controls(browser, pages, tmp_path):
    browser.open(pages / "small.html", dark=True)
    browser.pdf(tmp_path / "page.pdf")
    browser.look(684, dark=True, media="print")
    shown = "getComputedStyle(document.querySelector(s)).display"
    assert browser.run(f"['.bar', 'details', '#said'].map(s => {shown})") == ["none"] * 3
    assert browser.run("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_without_its_script_the_page_has_its_figures_and_no_dead_controls(browser, pages):
    browser.send("Emulation.setScriptExecutionDisabled", value=True)
    try:
        browser.events.clear()
        browser.look(1280)
        browser.send("Page.navigate", url=(pages / "small.html").absolute().as_uri())
        browser.wait_for("Page.loadEventFired")
        shown = "document.querySelector({}).getClientRects().length"
        assert browser.run(shown.format("'.notice'")) == 1
        assert browser.run(shown.format("'.stage'")) == 0
        assert browser.run(shown.format("'[data-shows]'")) == 0
        assert "0.35" not in browser.run("document.querySelector('.runs').innerText")
        assert "0.05" in browser.run("document.querySelector('.runs').innerText")
    finally:
        browser.send("Emulation.setScriptExecutionDisabled", value=False)
