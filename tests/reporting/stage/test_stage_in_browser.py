"""The stage of the page and its twin in Python: the same courses, cameras and hidden parts."""

import json
from itertools import combinations

import numpy as np
import pytest

from browser import Browser
from landscapes import line, sheet, slope, two
from thalweg import race_landscape
from thalweg.landscape.ground.teaching_function import RELIEF
from thalweg.reporting.landscape.landscape_page import landscape_html
from thalweg.reporting.stage.run_course import course_of
from thalweg.reporting.stage.sheet_ground import ground_of
from thalweg.reporting.stage.stage_scene import Scene, View

pytestmark = pytest.mark.browser

STATES = 500


@pytest.fixture(scope="module")
def grounds():
    """Three: the hills, a slice with runs above and below it, a rough one with a lost run."""
    way = np.linspace(0, 1, 120)
    runs = [
        line(
            0.2 + 3.6 * way, 1 + np.sin(9 * way) * way, 4 - 3 * way + np.sin(30 * way), name="sgd"
        ),
        line(0.2 + 3 * way**2, 1 - 0.8 * way, 4 - 2 * way, name="large", look=1, off=way),
        line(0.2 + way, 1 + way / 2, 4 + 90 * way, name="adam", look=2, diverged=True),
    ]
    rough = sheet(
        lambda x, y: np.nan if x > 3.4 and y > 1.5 else 2 + np.sin(2 * x) * np.cos(4 * y),
        n=(41, 31), lines=runs,
    )  # fmt: skip
    return {
        "hills": race_landscape("hills", grid=41, profiles=()).sheets,
        "slice": race_landscape("wisconsin", grid=21, profiles=("large",)).sheets,
        "rough": (rough,),
    }


@pytest.fixture(scope="module")
def page(tmp_path_factory, grounds):
    folder = tmp_path_factory.mktemp("stage")
    for name, sheets in grounds.items():
        (folder / f"{name}.html").write_text(landscape_html(sheets), encoding="utf-8")
    browser = Browser(folder / "profile")
    browser.folder = folder
    yield browser
    browser.close()


def opened(page, name, **size):
    page.open(page.folder / f"{name}.html", **size)
    return page


@pytest.mark.parametrize("name", ["hills", "slice", "rough"])
@pytest.mark.parametrize("laid", [False, True])
def test_both_have_the_same_courses(page, grounds, name, laid):
    opened(page, name)
    made = grounds[name][0]
    if laid and not made.relief["whole"]:
        page.run("document.getElementById('laid').click()")
        page.settle()
    for number, run in enumerate(made.lines):
        mine = course_of(ground_of(made), run, laid=laid and not made.relief["whole"], leaps=True)
        asked = f"document.documentElement.seen().seen[{number}].course"
        for key in ("time", "x", "y", "h", "g", "leap"):
            here = np.array(page.run(f"[...{asked}.{key}]"))
            # Points and losses are float32 in the page.
            assert here == pytest.approx(getattr(mine, key), abs=3e-5), key
        assert page.run(f"{asked}.feet") == mine.feet.tolist()


@pytest.mark.parametrize("name", ["hills", "slice", "rough"])
@pytest.mark.parametrize("flat", [False, True])
def test_both_see_it_from_the_same_place(page, grounds, name, flat):
    opened(page, name)
    if flat:
        page.run("document.getElementById('look-map').click()")
        page.settle()
    width, height = page.run(
        "[document.getElementById('view').width, document.getElementById('view').height]"
    )
    scene = Scene.of(grounds[name][0], width, height, view=View(flat=flat))
    here = page.run(
        "(() => { const { camera } = document.documentElement.seen(); "
        "return [[...camera.matrix], [...camera.light]]; })()"
    )
    # Half a pixel: points are float32 in the page.
    mine = scene.camera.matrix
    for x, y, h in ((0.4, 0.3, 0.1), (-0.4, -0.3, 0.0), (0.2, -0.4, 0.2)):
        matrix = np.array(here[0]).reshape(4, 4) @ [x, y, h, 1]
        assert (matrix[:2] / matrix[3]) == pytest.approx(
            (mine @ [x, y, h, 1])[:2] / (mine @ [x, y, h, 1])[3], abs=0.5
        )
    assert here[1] == pytest.approx(scene.camera.light, abs=1e-6)
    heads = page.run(
        "document.documentElement.seen().seen.map(s => s.top[s.top.length - 1].slice(0, 2))"
    )
    for head, course in zip(heads, scene.courses, strict=True):
        point = scene.project(course.x[-1:], course.y[-1:], course.h[-1:] + 0.004)[:2, 0]
        assert head == pytest.approx(point, abs=0.6)


# Eight cameras, and what has a box on each picture.
BOXES = """
[30, 75, 120, 165, -15, -60, -105, -150].map((azimuth, k) => {
  document.documentElement.paintFrom(azimuth, [24, 40, 62][k % 3]);
  const { labels, taken, heads, seen } = document.documentElement.seen();
  return [labels.map(({ words, box }) => [words, box.x, box.y, box.wide, box.tall]),
    taken.map((box) => [box.x, box.y, box.wide, box.tall]), heads.length];
})
"""


@pytest.mark.parametrize("name", ["hills", "slice", "rough"])
@pytest.mark.parametrize("width", [1280, 390])
def test_labels_never_overlap_on_eight_cameras(page, name, width):
    opened(page, name, width=width)
    for labels, taken, n_runs in page.run(BOXES):
        assert len(labels) >= n_runs - (width < 500)
        boxes = [(words, np.array(box)) for words, *box in labels]
        for (one, a), (other, b) in combinations(boxes, 2):
            assert not _overlap(a, b), (one, other)
        for words, a in boxes:
            assert not any(_overlap(a, np.array(b)) for b in taken), words


def _overlap(one, other):
    low = np.maximum(one[:2], other[:2])
    high = np.minimum(one[:2] + one[2:], other[:2] + other[2:])
    return bool(np.all(high - low > 0.01))


# Where whole tubes are drawn: the points of wide strokes, with the depth of the ground there.
TUBES = """
(azimuth) => {
  const its = CanvasRenderingContext2D.prototype, own = [its.lineTo, its.stroke, its.beginPath];
  const found = [];
  let path = [];
  its.beginPath = function () { path = []; return own[2].call(this); };
  its.lineTo = function (x, y) { path.push([x, y]); return own[0].call(this, x, y); };
  its.stroke = function () {
    const isCore = Math.abs(this.lineWidth - 4.4) < 1e-3 && this.strokeStyle !== '#fbfaf7';
    if (this.canvas.id === 'view' && isCore) found.push(...path);
    return own[1].call(this);
  };
  document.documentElement.paintFrom(azimuth, 24);
  [its.lineTo, its.stroke, its.beginPath] = own;
  const { buffers, seen } = document.documentElement.seen();
  const points = seen.flatMap((each) => each.top);
  return found.map(([x, y]) => {
    const near = points.filter((p) => Math.abs(p[0] - x) + Math.abs(p[1] - y) < 0.51);
    // A line ends at the pixel where a hill begins: those beside it say whether it is behind.
    const ground = Math.max(...[-1, 0, 1].flatMap((i) => [-1, 0, 1].map((j) =>
      buffers.depth[Math.floor(y + i) * buffers.width + Math.floor(x + j)])));
    return near.length ? Math.max(-9, Math.min(...near.map((p) => p[2])) - ground) : null;
  }).filter((each) => each !== null);
}
"""


@pytest.mark.parametrize("name", ["hills", "rough"])
@pytest.mark.parametrize("azimuth", [-150, -40, 70, 170])
def test_a_tube_behind_a_hill_is_never_drawn_over_it(page, name, azimuth):
    opened(page, name)
    if name == "rough":  # on the slice, so that only hills hide it
        page.run("document.getElementById('laid').click()")
        page.settle()
    behind = np.array(page.run(f"({TUBES})({azimuth})"))
    assert len(behind) > 30
    # So much depth is forgiven; a hill is much farther before it.
    assert np.mean(behind > 0.02) == 0


def test_the_ground_of_the_page_has_the_loss_at_500_random_places(page):
    opened(page, "hills")
    places = np.random.default_rng(4).uniform(RELIEF.seen[0], RELIEF.seen[1], (500, 2))
    drawn = page.run(
        f"{json.dumps(places.tolist())}.map(([x, y]) => {{ "
        "const { ground } = document.documentElement.seen(); "
        "return ground.lossOf(ground.heightAt(...ground.place(x, y))); })"
    )
    true = RELIEF.hills.losses(places)
    assert np.abs(np.array(drawn) - true).max() < 0.004 * np.ptp(true)


def test_every_state_comes_back_from_its_link(page):
    opened(page, "slice")
    links = page.run(
        f"""
        (() => {{
          let seed = 7;
          const next = (n) => {{
            seed = (seed * 1103515245 + 12345) % 2147483648;
            return Math.floor((seed / 2147483648) * n);
          }};
          return Array.from({{ length: {STATES} }}, () => {{
            const given = new URLSearchParams();
            const put = (key, value) => {{ if (next(3)) given.set(key, value); }};
            put('p', next(2)); put('v', ['block', 'map'][next(2)]);
            put('h', ['linear', 'log'][next(2)]); put('t', next(406));
            put('az', next(361) - 180); put('el', 8 + next(81));
            put('zoom', Number((1 + next(500) / 100).toFixed(2)));
            put('r', Array.from({{ length: 4 }}, () => next(2)).join('')); put('laid', next(2));
            put('f', next(4)); put('lesson', 'x');
            document.documentElement.follow(`#${{given}}`);
            const first = document.documentElement.linkNow();
            document.documentElement.follow(first);
            return [String(given), first, document.documentElement.linkNow()];
          }});
        }})()
        """
    )
    assert len(links) == STATES
    usual = {"p": "0", "v": "block", "h": "linear", "t": "405", "r": "1111", "laid": "0",
             "zoom": "1"}  # fmt: skip
    seen = set()
    for given, first, second in links:
        assert first == second
        said = dict(each.split("=") for each in first.lstrip("#").split("&") if each)
        for key, value in (each.split("=") for each in given.split("&") if each):
            if usual.get(key) != value and key not in ("az", "el"):
                assert said[key] == value, (given, first)
                seen.add(key)
    assert seen == {"p", "v", "h", "t", "zoom", "r", "laid", "f", "lesson"}
    assert page.errors() == []


def test_what_a_link_cannot_mean_is_said(page):
    opened(page, "slice")
    page.run("document.documentElement.follow('#t=-3&r=12&v=map&el=3')")
    page.settle()
    assert page.run("document.getElementById('said').textContent") == (
        "The link says something impossible about: t, r, el."
    )
    assert page.run("document.getElementById('look-map').checked")


def test_a_run_brought_forward_leaves_the_others_thin(tmp_path, page):
    lines = [
        line([0.5, 3.5], [0.2 + k / 5, 0.2 + k / 5], [3, 3], name=f"run {k}", look=k)
        for k in range(8)
    ]
    (tmp_path / "many.html").write_text(
        landscape_html([sheet(slope, n=(21, 21), lines=lines)]), encoding="utf-8"
    )
    page.open(tmp_path / "many.html")
    # Of more than seven runs one is in front by itself.
    assert page.run("document.getElementById('focus').value") == "0"
    context = "document.documentElement.seen().heads.map(h => h.look.context)"
    assert sorted(page.run(context)) == [False, *[True] * 7]
    page.run("(() => { const f = document.getElementById('focus'); f.value = ''; "
             "f.dispatchEvent(new Event('change')); })()")  # fmt: skip
    page.settle()
    assert not any(page.run(context))


def test_the_strip_has_the_same_cursor(page):
    opened(page, "slice")
    cursor = "document.querySelector('#strip .cursor').getAttribute('d')"
    end = float(page.run(cursor)[1:].split()[0])
    box = page.run("(() => { const b = document.querySelector('#strip svg')"
                   ".getBoundingClientRect(); return [b.left, b.top, b.width]; })()")  # fmt: skip
    assert end == pytest.approx(box[2] - 12, abs=1)
    page.run(
        "document.getElementById('strip').dispatchEvent(new PointerEvent('pointerdown', "
        f"{{ clientX: {box[0] + 46 + (box[2] - 58) / 2}, clientY: {box[1] + 30} }}))"
    )
    page.settle()
    step = page.run("document.getElementById('step-now').textContent")
    assert step in ("step 202 of 405", "step 203 of 405")
    assert float(page.run(cursor)[1:].split()[0]) == pytest.approx(46 + (box[2] - 58) / 2, abs=2)


def test_what_is_copied_is_how_to_make_it_again(tmp_path, page):
    shown = two()
    text = landscape_html(shown.sheets, recipes={"command": "thalweg landscape hills\n"})
    (tmp_path / "copied.html").write_text(text, encoding="utf-8")
    page.open(tmp_path / "copied.html")
    page.run("window.copied = []; navigator.clipboard.writeText = async (t) => copied.push(t);")
    for button in ("[data-copies=command]", "#copy-link"):
        page.run(f"document.querySelector('{button}').click()")
        page.settle()
    command, link = page.run("window.copied")
    assert command == "thalweg landscape hills\n"
    assert link.startswith("file://")
