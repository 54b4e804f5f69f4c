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
from pace import QUIET_IN_PAGE, WORK_IN_PAGE
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
# The second and third runs on a light page.
BLUE, ORANGE = "#0069a9", "#c8420a"
# A script, and a page with four runs on 81 × 81 points, have at most so many bytes.
SCRIPT, PAGE = 58_000, 168_000
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
    return sheet(lambda x, y: np.nan if x < 1 else slope(x, y), n=(21, 21))


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
    slow = min(browser.run(WORK_IN_PAGE)) / QUIET_IN_PAGE
    for view in ("look-block", "look-map"):
        click(browser, view)
        browser.run(script)
        assert min(browser.run(script)) <= FRAME * max(1.0, slow), view


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
    for dark, color in ((False, [251, 250, 247]), (True, [15, 20, 25])):
        browser.open(pages / "small.html", dark=dark)
        assert picture(browser)[3, 3, :3].tolist() == color
    # And it follows the reader's mind while it is open.
    browser.look(1280, dark=False)
    browser.settle()
    assert picture(browser)[3, 3, :3].tolist() == [251, 250, 247]


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
      !e.checked || style.boxShadow !== 'none'];
  });
})()
"""


@pytest.mark.parametrize("dark", [False, True])
def test_controls_that_are_not_chosen_do_not_look_dead(browser, pages, dark):
    browser.open(pages / "small.html", dark=dark)
    page = "rgb(15, 20, 25)" if dark else "rgb(251, 250, 247)"
    open_ones = browser.run(RIMS)
    assert len(open_ones) == 4
    for ratio, appearance, rim, dead, chosen, ground, ticked in open_ones:
        assert ratio >= 3
        assert (appearance, rim, dead) == ("none", "solid", False)
        assert chosen or ground == page
        assert ticked
    click(browser, "look-map")  # where runs lie on the ground anyway
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


@pytest.mark.parametrize("name", ["titled", "hills", "vast", "seven"])
@pytest.mark.parametrize("width", [1180, 390, 320])
def test_no_word_is_cut_and_none_lies_on_another_from_any_side(browser, pages, name, width):
    browser.open(pages / f"{name}.html", width=width)
    for view in ("look-block", "look-map"):
        click(browser, view)
        height, wide = picture(browser).shape[:2]
        titles = set()
        for azimuth in range(-180, 180, 30) if view == "look-block" else (0,):
            words_there = browser.run(WRITTEN.replace("AZIMUTH", str(azimuth)))
            titles |= {word for words, *_ in words_there for word in words.split()}
            for words, _, box in words_there:
                x, y = np.transpose(box)
                assert min(x.min(), y.min()) >= -1, (azimuth, words)
                assert x.max() <= wide + 1 or width < 1180, (azimuth, words)
                assert y.max() <= height + 1, (azimuth, words)
            for (words, _, box), (other, _, its) in combinations(words_there, 2):
                assert not overlap(box, its), (azimuth, words, other)
            if name == "vast":
                numbers_there = [w for w, *_ in words_there if w.lstrip("−")[0].isdigit()]
                assert max(map(len, numbers_there)) <= 9
        if name == "titled" and width == 1180:
            assert {"towards", "momentum", "across:", "curvature"} <= titles


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
    assert near(picture(browser), BLUE) > 100


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
    for color in (BLUE, ORANGE):
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
        (head,) = browser.run(
            "document.documentElement.seen().heads.map(h => [h.spot[0], h.spot[1]])"
        )
        x, y, _ = numbers(hover(browser, *head))
        # In 3-D a ball stands on its place.
        assert (x, y) == pytest.approx((3.0, 1.62), abs=0.02 if flat == "look-map" else 0.15)


def test_a_wall_hides_a_run(browser, pages):
    browser.open(pages / "wall.html")
    seen = []
    for azimuth in (-90, 90):  # from small x, from large x
        browser.run(f"document.documentElement.paintFrom({azimuth})")
        seen.append(near(picture(browser), BLUE))
    assert seen[0] > 3 * seen[1]


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
    color = BLUE
    before = near(picture(page), color)
    assert before > 100
    page.run("document.querySelectorAll('[data-shows]')[1].click()")
    page.settle()
    assert near(picture(page), color) == 0
    page.run("document.querySelectorAll('[data-shows]')[1].click()")
    page.settle()
    assert near(picture(page), color) == before


def test_the_slider_scrubs_all_runs_by_steps(page):
    def now():
        return page.run("[...document.querySelectorAll('[data-now]')].map(c => c.textContent)")

    assert now() == ["0.05", "1.05"] * 2
    assert page.run("document.getElementById('step-now').textContent") == "step 3 of 3"
    value(page, "const s = document.getElementById('step'); s.value = '1'; "
                "s.dispatchEvent(new Event('input'));")  # fmt: skip
    page.settle()
    assert now() == ["0.35", "4.3"] * 2
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
        assert browser.run(now) == words * 2


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
        assert alt.startswith("The model's training goes from loss")
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
    assert title.startswith("Along their own path, shrinking steps go from loss ")
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
    assert browser.run("document.querySelector('.of-block').checkVisibility()")
    click(browser, "look-map")
    assert browser.run("document.querySelector('.of-block').checkVisibility()") is False


def test_the_page_draws_the_run_of_a_profile_at_its_true_loss(browser, tmp_path):
    """The ground of a profile is computed at cuts only."""
    leap = line([0, 1, 1.5, 2, 4], [1] * 5, [5.0, 4.0, 12.0, 3.0, 1.0], look=1)
    plane = sheet(lambda x, y: 5 - x + 20 * abs(y - 1), n=(5, 5), lines=[leap])
    (tmp_path / "page.html").write_text(
        landscape_html([plane, replace(plane, kind="profile")]), "utf-8"
    )
    browser.open(tmp_path / "page.html")
    found = {}
    for number, kind in enumerate(("plane", "profile")):
        value(browser, f"const s = document.getElementById('sheet'); s.value = '{number}'; "
                       "s.dispatchEvent(new Event('change'));")  # fmt: skip
        browser.run("document.documentElement.paintFrom(-90)")  # across the path
        found[kind] = browser.run(
            "Math.max(...document.documentElement.seen().seen[0].course.h)"
            " / Math.max(...document.documentElement.seen().seen[0].course.g)"
        )
        assert browser.run("document.getElementById('laid').disabled") == (kind == "profile")
        click(browser, "look-map")
        legend = browser.run("document.querySelector('.marks').innerText")
        assert ("off the plane" in legend) == (kind == "plane")
        assert ("arc is one step" in legend) == (kind == "plane")
        click(browser, "look-block")
    assert found["profile"] > 1.2, "the leap cannot be seen"


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
    for expected in ("sheet", "look-block", "log", "laid", "home", "view", "play", "step", "0", "1",
                     "copy-link", "SUMMARY"):  # fmt: skip
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
    assert browser.run(f"['.bar', '#keys', '#said'].map(s => {shown})") == ["none"] * 3
    # The table that is folded has been filled, too.
    steps = "[...document.querySelectorAll('#steps tbody tr')]"
    assert browser.run(f"{steps}.length > 3 && {steps}.every(e => e.checkVisibility())")
    assert browser.run("getComputedStyle(document.body).backgroundColor") == "rgb(251, 250, 247)"
    # Whoever reads on paper knows the runs by their colours, too, and no number is broken.
    swatches = "[...document.querySelectorAll('i[data-look]')]"
    kept = f"{swatches}.filter(e => getComputedStyle(e).printColorAdjust === 'exact').length"
    assert 0 < browser.run(f"{swatches}.length") == browser.run(kept)
    assert browser.run(
        f"{swatches}.every(e => getComputedStyle(e).backgroundColor !== 'rgba(0, 0, 0, 0)')"
    )
    assert browser.run("document.documentElement.scrollWidth") <= 684
    cells = "[...document.querySelectorAll('.runs .rule')]"
    assert browser.run(f"{cells}.every(e => getComputedStyle(e).overflowWrap === 'normal')")


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
        assert "0.05" in browser.run("document.querySelector('.runs').innerText")
    finally:
        browser.send("Emulation.setScriptExecutionDisabled", value=False)
