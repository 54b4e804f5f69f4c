"""The report's page in a real browser: what it shows, what it does, what it must never do."""

import copy
import json
import re
from base64 import b64encode
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from browser import LAYOUT, Browser
from colours import CONTRAST
from reports import REPORTS, hostile, inputs_by_hand, plain_inputs, wisconsin
from thalweg.evaluation.judging.two_class_metrics import judge
from thalweg.network.architecture import Architecture
from thalweg.reporting.inline import DRAW, joined
from thalweg.reporting.network_drawing_data import drawing
from thalweg.reporting.network_svg import network_svg
from thalweg.reporting.page.report_page import report_html
from thalweg.reporting.page.still_pictures import cells_svg

pytestmark = pytest.mark.browser

LOOKS = {"light": (1280, False), "dark": (1280, True), "phone": (390, False)}


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    browser = Browser(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


def opened(browser, path, **look):
    """Show a page, its network unfolded."""
    browser.open(path, **look)
    browser.run("document.querySelector('#network details').open = true")
    browser.settle()
    assert browser.run("document.querySelector('#network-picture .net') !== null")


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    for name, make in REPORTS.items():
        (folder / f"{name}.html").write_text(report_html(make().report), encoding="utf-8")
    return folder


@pytest.fixture(params=REPORTS)
def name(request):
    return request.param


@pytest.fixture
def page(browser, pages):
    """Wisconsin's, opened anew."""
    opened(browser, pages / "wisconsin.html")
    return browser


# ---------------------------------------------------------------- what it asks for, how it looks


@pytest.mark.parametrize("look", LOOKS)
def test_no_error_no_request_nothing_wider_than_the_window(browser, pages, name, look):
    width, dark = LOOKS[look]
    path = pages / f"{name}.html"
    opened(browser, path, width=width, dark=dark)
    assert browser.errors() == []
    assert browser.requests() == [path.absolute().as_uri()]
    assert browser.run("document.documentElement.scrollWidth") <= width
    boxes = browser.run("[...document.querySelectorAll('.picture')].map(b => b.innerHTML.length)")
    assert len(boxes) == 5
    assert min(boxes) > 1000


def test_a_request_would_be_seen_and_is_forbidden(page):
    # The two tests above can fail: this is what they would see.
    page.run("new Promise(r => { const i = new Image(); i.onerror = r; "
             "i.src = 'http://127.0.0.1:9/x.png'; document.body.append(i); })")  # fmt: skip
    assert any("Content Security Policy" in error for error in page.errors())
    page.run("document.body.append(Object.assign(document.createElement('script'), "
             "{textContent: 'window.hacked = 1'}))")  # fmt: skip
    assert page.run("window.hacked") is None


@pytest.mark.parametrize("width", [1280, 760, 390, 320])
def test_no_text_is_cut_and_no_two_overlap(browser, pages, name, width):
    opened(browser, pages / f"{name}.html", width=width)
    assert browser.run(LAYOUT) == []
    if browser.run("document.getElementById('network-all') !== null"):
        browser.run("document.getElementById('network-all').click()")
        browser.settle()
        assert browser.run(LAYOUT) == []


COVERED = """
(() => {
  const label = document.querySelector(".best text").getBoundingClientRect();
  const chart = document.getElementById("training-chart");
  const over = [];
  for (const path of chart.querySelectorAll(".plot > path:not(.cursor)")) {
    const matrix = path.getScreenCTM();
    for (let at = 0; at <= path.getTotalLength(); at += 1) {
      const { x, y } = path.getPointAtLength(at).matrixTransform(matrix);
      if (x > label.left && x < label.right && y > label.top && y < label.bottom) over.push([x, y]);
    }
  }
  return [chart.querySelectorAll(".plot > path:not(.cursor)").length > 0, over.length];
})()
"""


@pytest.mark.parametrize("width", [1280, 390])
def test_the_words_about_the_best_epoch_cover_no_curve(browser, tmp_path, width):
    report = copy.deepcopy(wisconsin().report)
    training = report["training"]
    for epoch in training["history"]:  # a curve along the top of the picture
        epoch["train_loss"] = 1.0
    for best in (1, 4, len(training["history"])):
        training["best_epoch"] = best
        (tmp_path / f"{best}.html").write_text(report_html(report), encoding="utf-8")
        opened(browser, tmp_path / f"{best}.html", width=width)
        assert browser.run(COVERED) == [True, 0]


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_without_held_out_rows_no_loss_is_called_that_of_the_best_epoch(browser, tmp_path, width):
    report = copy.deepcopy(wisconsin().report)
    losses = [14.89, 20.52, 22.13, 21.22]
    report["training"] |= {
        "stopping": "none",
        "best_epoch": 4,
        "history": [
            epoch | {"train_loss": loss, "valid_loss": None}
            for epoch, loss in zip(report["training"]["history"], losses, strict=False)
        ],
    }
    (tmp_path / "page.html").write_text(report_html(report), encoding="utf-8")
    opened(browser, tmp_path / "page.html", width=width)
    said = "kept: epoch 4, by the loss after it" if width > 500 else "kept: epoch 4"
    assert browser.run("document.querySelector('.best text').textContent") == said
    assert browser.run(LAYOUT) == []
    label = browser.run("document.getElementById('training-chart').getAttribute('aria-label')")
    assert "Kept: epoch 4, training loss 21.22" in label
    shown = browser.run("document.getElementById('training').textContent")
    assert "best" not in shown
    assert "4 (kept)" in shown


@pytest.mark.parametrize("dark", [False, True])
def test_every_text_can_be_read(browser, pages, dark):
    opened(browser, pages / "wisconsin.html", dark=dark)
    seen, found = browser.run(CONTRAST)
    assert found == []
    assert seen > 300


LONG = (
    "h" * 60,
    "w_" * 30,
    "Größe über alles 数据列名 " + "很长" * 20,
    "<b>" + "W" * 60,
    "iil" * 20,
)


@pytest.mark.parametrize("width", [1180, 390, 320])
def test_no_long_name_and_no_large_number_is_cut_in_a_still_picture(browser, pages, width):
    """Long names are shortened, which is not cutting: the picture holds what it says."""
    layers = [(np.ones((4, len(LONG))), np.zeros((4, 1))), (np.ones((2, 4)), np.zeros((2, 1)))]
    drawn = network_svg(layers, ["relu", "identity"], LONG, LONG[:2])
    vast = cells_svg([[1, 0], [0, 2]], -2_387_179_096.0, 2_531_120_522.0, "predicted", "true")
    browser.open(pages / "wisconsin.html", width=width)
    pictures = json.dumps(drawn + vast.replace('class="still"', 'class="still chart"'))
    browser.run(f"document.querySelector('main').innerHTML = {pictures}")
    assert browser.run("document.querySelectorAll('main svg').length") == 2
    assert browser.run(LAYOUT.replace("svg.chart", "main svg")) == []


@pytest.mark.parametrize("width", [390, 320])
def test_a_label_of_sixty_letters_is_shortened_on_an_axis(browser, tmp_path, width):
    made = wisconsin().report
    label = "ein Etikett mit Umlauten äöü und sehr vielen Zeichen 123456"
    long = {**made, "table": {**made["table"], "positive": label},
            "verdict": {**made["verdict"], "positive": label}}  # fmt: skip
    page = tmp_path / "long.html"
    page.write_text(report_html(long), encoding="utf-8")
    opened(browser, page, width=width)
    titles = "[...document.querySelectorAll('svg.chart .quantity')].map(t => t.textContent)"
    assert any("Etikett" in each for each in browser.run(titles))
    assert browser.run(LAYOUT) == []
    assert browser.run("document.documentElement.scrollWidth") <= width


def test_legend_and_table_name_the_models_in_one_order(page):
    texts = "[...document.querySelectorAll('{}')].map(each => each.textContent)"
    legend = page.run(texts.format("#metrics-picture .legend li"))
    assert legend == page.run(texts.format("#metrics thead th"))
    assert legend[0] == "network"


@pytest.mark.parametrize("width", [1180, 1000])
def test_no_column_of_a_table_of_counts_is_cut_where_the_page_is_wide(browser, pages, width):
    opened(browser, pages / "wisconsin.html", width=width)
    browser.run("document.querySelectorAll('#decide details').forEach(d => { d.open = true; })")
    browser.settle()
    cut = browser.run(
        "[...document.querySelectorAll('#decide .scroll')].map(s => s.scrollWidth - s.clientWidth)"
    )
    assert cut == [0, 0]


def test_the_words_in_the_picture_of_a_landscape_can_be_read_on_a_phone(browser, tmp_path):
    """They are drawn for 640 pixels: there the picture scrolls, it does not shrink."""
    held = BytesIO()
    Image.new("RGB", (1280, 900), "white").save(held, "PNG")
    picture = b64encode(held.getvalue()).decode("ascii")
    part = {"finding": "found", "subtitle": "", "sentences": [], "light": picture, "dark": picture}
    page = tmp_path / "page.html"
    page.write_text(report_html({**wisconsin().report, "landscape": part}), encoding="utf-8")
    shown = "document.querySelector('#landscape img').getBoundingClientRect().width"
    wide = "document.documentElement.scrollWidth - window.innerWidth"
    opened(browser, page, width=390)
    assert browser.run(shown) == 640
    assert browser.run(wide) <= 0
    box = "document.querySelector('#landscape picture')"
    assert browser.run(f"{box}.scrollWidth > {box}.clientWidth")
    browser.look(390, media="print")
    assert browser.run(shown) <= 390
    opened(browser, page, width=1180)
    assert browser.run(shown) == 640
    assert browser.run(f"{box}.scrollWidth <= {box}.clientWidth")


def test_what_can_be_pressed_is_large_enough(page):
    small = page.run(
        "[...document.querySelectorAll('button, summary, input, .unit .target')].map(e => "
        "[e.id || e.textContent, e.getBoundingClientRect().width, "
        "e.getBoundingClientRect().height]).filter(([, w, h]) => w < 24 || h < 24)"
    )
    assert small == []


def test_the_way_of_the_keyboard_reaches_everything_and_shows_where_it_is(page):
    reached = []
    for _ in range(40):
        page.key("Tab")
        seen = page.run(
            "(() => { const e = document.activeElement, s = getComputedStyle(e), "
            "t = e.querySelector?.('.target'); return [e.id || e.tagName, "
            "s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2 "
            "|| (t && getComputedStyle(t).strokeWidth === '2.5px')]; })()"
        )
        if seen[0] == "BODY":
            break
        reached.append(seen[0])
        assert seen[1], f"{seen[0]} has no visible ring"
    for expected in ("unit-3-0", "network-all", "training-chart", "threshold", "threshold-own",
                     "roc-chart", "scores-chart", "SUMMARY"):  # fmt: skip
        assert expected in reached
    assert len(reached) == len(set(reached)) + reached.count("SUMMARY") + reached.count("DIV") - 2


def test_print_is_light_without_controls_and_with_what_is_folded(browser, pages, tmp_path):
    opened(browser, pages / "wisconsin.html", dark=True)
    assert browser.run("getComputedStyle(document.body).backgroundColor") == "rgb(15, 20, 25)"
    browser.pdf(tmp_path / "page.pdf")
    pdf = (tmp_path / "page.pdf").read_bytes()
    assert 5 <= len(re.findall(rb"/Type\s*/Page\b", pdf)) <= 9
    browser.look(684, dark=True, media="print")
    assert browser.run("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert (
        browser.run(
            "['#threshold', '#threshold-own', '#threshold-hint', '.readout'].map(s => "
            "getComputedStyle(document.querySelector(s)).display)"
        )
        == ["none"] * 4
    )
    shown = browser.run("document.querySelector('.slider').innerText")
    assert "above a probability of 0.5" in shown
    assert "0.500" not in shown  # it stands beside "as evaluated, 0.5"
    # The network and the tables are printed, folded or not. The last words never stand alone.
    for part in ("#network details svg", "#scores details td"):
        browser.run(f"document.querySelector('{part}').closest('details').open = false")
        assert browser.run(f"document.querySelector('{part}').checkVisibility()")
    style = "getComputedStyle(document.querySelector('{}')).{}"
    assert browser.run(style.format("footer", "breakBefore")) == "avoid"
    # A section may go on overleaf, so no half sheet is empty; a title stays with its picture.
    assert browser.run(style.format("#scores", "breakInside")) == "auto"
    assert browser.run(style.format("#scores .picture", "breakInside")) == "avoid"
    for part in ("h2", ".subtitle"):
        assert browser.run(style.format(part, "breakInside")) == "avoid"
        assert browser.run(style.format(part, "breakAfter")) == "avoid"
    assert browser.run("document.querySelector('.end > #made + footer') !== null")


def test_without_its_script_the_page_still_has_every_number(browser, pages):
    browser.send("Emulation.setScriptExecutionDisabled", value=True)
    try:
        browser.events.clear()
        browser.send("Page.navigate", url=(pages / "wisconsin.html").absolute().as_uri())
        browser.wait_for("Page.loadEventFired")
        assert browser.run("document.documentElement.dataset.drawn ?? 'no'") == "no"
        assert browser.run("document.querySelectorAll('table').length") == 6
        assert browser.run("document.querySelector('.notice').getClientRects().length") == 1
    finally:
        browser.send("Emulation.setScriptExecutionDisabled", value=False)


# ---------------------------------------------------------------- the threshold


COUNTS = ("true_positive", "false_negative", "false_positive", "true_negative")
SHOWN = f"""
(() => {{
  const text = s => document.querySelector(s).textContent;
  return [...{json.dumps(COUNTS)}.map(k => +text(`[data-count="${{k}}"]`).replaceAll(',', '')),
          text('#threshold-shown'), text('[data-rate="sensitivity"]'),
          text('[data-rate="specificity"]'), text('[data-rate="accuracy"]'),
          text('#confusion-finding')];
}})()
"""
ALL_SHOWN = f"""
(() => {{
  const slider = document.getElementById('threshold');
  const found = [];
  for (let k = 0; k <= 1000; k += 1) {{
    slider.value = k;
    slider.dispatchEvent(new Event('input'));
    found.push({SHOWN.strip()});
  }}
  return found;
}})()
"""


def test_the_matrix_equals_brute_force_at_every_threshold(browser, pages, name):
    opened(browser, pages / f"{name}.html")
    made = REPORTS[name]()
    shown = browser.run(ALL_SHOWN)
    assert len(shown) == 1001
    for k, (*counts, threshold, _, _, _, finding) in enumerate(shown):
        called = made.probability > k / 1000
        expected = [
            int((called & made.is_positive).sum()),
            int((~called & made.is_positive).sum()),
            int((called & ~made.is_positive).sum()),
            int((~called & ~made.is_positive).sum()),
        ]
        assert counts == expected, threshold
        assert threshold == f"{k / 1000:g}"
        assert finding.startswith(f"At {threshold}, found: {counts[0]:,} of ")
    for k in (0, 1, 37, 250, 500, 750, 999, 1000):
        judged = judge(made.is_positive, made.probability, threshold=k / 1000)
        for place, key in ((5, "sensitivity"), (6, "specificity"), (7, "accuracy")):
            e = judged.metrics[key]
            assert shown[k][place] == f"{e.value:.3f} [{e.low:.3f}, {e.high:.3f}]"


def test_the_page_opens_at_the_models_own_threshold_and_returns_to_it(page):
    judged = wisconsin().verdict.network
    own = [judged.confusion[key] for key in COUNTS]
    assert page.run(SHOWN)[:5] == [*own, "0.5"]
    page.run("document.getElementById('threshold').focus()")
    page.key("Home")
    assert page.run(SHOWN)[:5] != [*own, "0.5"]
    page.run("document.getElementById('threshold-own').click()")
    assert page.run(SHOWN)[:5] == [*own, "0.5"]


def test_an_own_threshold_between_the_steps_keeps_its_own_counts(browser, tmp_path):
    made = wisconsin()
    threshold = float(np.sort(made.probability)[-20])
    judged = judge(made.is_positive, made.probability, threshold=threshold).as_dict()
    report = {**made.report, "verdict": {**made.report["verdict"], "network": judged}}
    (tmp_path / "own.html").write_text(report_html(report), encoding="utf-8")
    opened(browser, tmp_path / "own.html")
    own = [judged["confusion"][key] for key in COUNTS]
    assert own[0] + own[2] == 19
    assert browser.run(SHOWN)[:4] == own


@pytest.mark.parametrize("handle", ["threshold", "roc-chart", "scores-chart"])
def test_arrow_keys_move_the_threshold(page, handle):
    page.run(f"document.getElementById('{handle}').focus()")
    for key, shift, expected in (
        ("ArrowRight", False, "0.51"),
        ("ArrowRight", True, "0.511"),
        ("ArrowUp", False, "0.521"),
        ("ArrowLeft", True, "0.52"),
        ("ArrowDown", False, "0.51"),
        ("PageUp", False, "0.61"),
        ("End", False, "1"),
        ("ArrowRight", False, "1"),
        ("Home", False, "0"),
        ("ArrowLeft", True, "0"),
    ):
        page.key(key, shift=shift)
        assert page.run(SHOWN)[4] == expected, key
    assert page.run(f"document.activeElement.id === '{handle}'")
    assert page.run("document.getElementById('threshold').ariaValueText") == "0"


def test_the_histogram_can_be_dragged(page):
    page.run("document.getElementById('scores-chart').scrollIntoView({block: 'center'})")
    box = page.run(
        "(() => { const b = document.querySelector('#scores-chart .zero').getBoundingClientRect(); "
        "return [b.left, b.right, b.top]; })()"
    )
    for share in (0.25, 0.8):
        x = box[0] + share * (box[1] - box[0])
        page.point(x, box[2], "mousePressed")
        page.point(x, box[2], "mouseReleased")
        assert float(page.run(SHOWN)[4]) == pytest.approx(share, abs=0.003)
    line = page.run("document.querySelector('.threshold').getBoundingClientRect().left")
    assert line == pytest.approx(x, abs=2)


def test_the_point_stands_on_the_roc_curve_where_the_counts_put_it(page):
    made = wisconsin()
    n_positive, n_negative = made.is_positive.sum(), (~made.is_positive).sum()
    ends = page.run(
        "(() => { const d = document.querySelector('#roc-chart .chance').getAttribute('d'); "
        "return d.match(/[\\d.]+/g).map(Number); })()"
    )
    for k in (10, 130, 500, 870, 999):
        page.run(
            f"(() => {{ const s = document.getElementById('threshold'); s.value = {k}; "
            "s.dispatchEvent(new Event('input')); })()"
        )
        x, y = page.run(
            "document.querySelector('#roc-chart .marker.orange').getAttribute('transform')"
            ".match(/[\\d.]+/g).map(Number)"
        )
        called = made.probability > k / 1000
        share = (called & ~made.is_positive).sum() / n_negative
        found = (called & made.is_positive).sum() / n_positive
        assert (x - ends[0]) / (ends[2] - ends[0]) == pytest.approx(share, abs=1e-6)
        assert (y - ends[1]) / (ends[3] - ends[1]) == pytest.approx(found, abs=1e-6)


def test_hatched_are_the_bars_on_the_wrong_side(page):
    page.run("document.getElementById('threshold').focus()")
    for key, left, right in (("Home", 0.0, 1.0), ("End", 1.0, 0.0)):
        page.key(key)
        widths = page.run(
            "['wrong-orange', 'wrong-blue'].map(id => "
            "+document.querySelector(`#${id} rect`).getAttribute('width'))"
        )
        whole = max(widths)
        assert [w / whole for w in widths] == pytest.approx([left, right], abs=1e-6)


# ---------------------------------------------------------------- the network and the losses


def test_the_network_is_folded_until_it_is_asked_for(browser, pages, name):
    browser.open(pages / f"{name}.html")
    assert browser.run("document.querySelectorAll('details[open]').length") == 0
    visible = "document.getElementById('network-picture').checkVisibility()"
    assert browser.run(visible) is False
    page = browser.run("document.getElementById('network-title').getBoundingClientRect().top")
    judged = browser.run("document.getElementById('scores').getBoundingClientRect().top")
    assert judged < page
    # Its columns are in the order of the table, and all have one size.
    opened(browser, pages / f"{name}.html")
    assert browser.run(visible) is True
    report = REPORTS[name]().report
    order = [each["name"] for each in report["table"]["columns"]]
    shown = browser.run(
        "[...document.querySelectorAll('[id^=unit-0-]')].map(e => e.getAttribute('aria-label'))"
    )
    columns = [each for each in shown if not each.endswith(" missing")]
    assert columns == order[: len(columns)]
    radii = browser.run("[...document.querySelectorAll('.disc')].map(e => e.getAttribute('r'))")
    assert len(set(radii)) == 1


def test_of_the_units_some_are_drawn_first_and_all_on_demand(page):
    made = wisconsin()
    n_columns = len(made.frame.columns) + 1  # of one column some cells are missing
    in_file = [len(units) for units in drawing(made.report["network"])["units"]][1]
    assert made.model.architecture_.sizes == (82, 128, 128, 1)
    lines = "document.querySelectorAll('.edges .edge').length"
    assert page.run("document.querySelectorAll('.unit').length") == n_columns + 2 * 16 + 1
    assert page.run(lines) == 16 * n_columns + 16 * 16 + 16
    page.run("document.getElementById('network-all').click()")
    assert page.run("document.querySelectorAll('.unit').length") == n_columns + 2 * in_file + 1
    assert page.run(lines) == 3000 < in_file * (n_columns + in_file + 1)
    assert page.run("document.getElementById('network-all').textContent").startswith(
        "Show fewer units"
    )


def test_the_formula_of_a_unit_has_the_models_numbers(page):
    made = wisconsin()
    (W1, b1), (W2, b2), (W3, b3) = made.model.architecture_.layers(made.model.theta_)
    names = made.model.encoder_.output_names(made.model.schema_.names)
    _, first, second, _ = drawing(made.report["network"])["units"]
    page.run("document.getElementById('network-all').click()")

    def terms(unit):
        page.run(f"document.getElementById('{unit}').focus()")
        return page.run(
            "[...document.querySelectorAll('#network-readout tr')].map(r => "
            "[...r.children].map(c => c.textContent))"
        )

    def as_shown(weight):
        digits, power = f"{float(f'{abs(weight):.6g}'):.2e}".split("e")
        plain = f"{float(f'{digits}e{power}'):.{2 - int(power)}f}"  # no exponent: 0.0000139
        return ("−" if weight < 0 else "+") + plain

    for place in (0, 17, len(first) - 1):
        unit = first[place]
        listed = terms(f"unit-1-{place}")
        # Columns in the order of the table, each followed by its bins; no weight decides.
        first_of = [names.index(name.removeprefix("· ")) for _, name in listed[:-1]]
        columns = made.model.encoder_.output_columns()
        places = [len(made.frame.columns) if columns[i] is None else columns[i] for i in first_of]
        assert places == sorted(places)
        shown = {name: weight for weight, name in listed}
        assert shown.pop("(bias)") == as_shown(b1[unit, 0])
        assert shown == {f"· {n}": as_shown(w) for n, w in zip(names, W1[unit], strict=True)}
        readout = page.run("document.getElementById('network-readout').innerText")
        assert "max(0, " in readout
        assert f"The sum of {len(names)} terms and the bias, in the order of the table." in readout
    for place in (0, 17, len(second) - 1):
        unit = second[place]
        shown = {name: weight for weight, name in terms(f"unit-2-{place}")}
        assert shown.pop("(bias)") == as_shown(b2[unit, 0])
        left_out = W2.shape[1] - len(first)
        assert shown.pop(f"{left_out} more terms, not in this file") == "…"
        assert shown == {f"· unit {i + 1} of layer 1": as_shown(W2[unit, i]) for i in first}
        readout = page.run("document.getElementById('network-readout').innerText")
        assert f"weight {as_shown(W3[0, unit])}" in readout
        told = f"The sum of {W2.shape[1]} terms and the bias, of which {len(first)} are shown, "
        assert f"{told}the largest weight first." in readout
    shown = terms("unit-3-0")
    sizes = [abs(float(weight.replace("−", "-"))) for weight, _ in shown[:-2]]
    assert sizes == sorted(sizes, reverse=True)
    assert shown[-1] == [as_shown(b3[0, 0]), "(bias)"]
    assert "p(malignant) = 1 / (1 + e" in page.run(
        "document.getElementById('network-readout').innerText"
    )


def test_the_formula_of_an_input_has_the_encoders_numbers(page):
    made = wisconsin()
    page.run("document.getElementById('unit-0-0').focus()")
    readout = page.run("document.getElementById('network-readout').innerText")
    center, scale = made.model.encoder_.scaling.center[0], made.model.encoder_.scaling.scale[0]
    assert f"u = (clump_thickness − {center:g}) · {scale:g}" in readout
    # The bins, computed from what the page says of them alone.
    factor, median = re.search(
        r"xk = ([\d.]+) · \(tk\(clump_thickness\) − tk\(([\d.]+)\)\)", readout
    ).groups()
    assert "tk(v) = (v − lk) / (hk − lk), clipped to between 0 and 1" in readout
    ends = page.run(
        "[...document.querySelectorAll('#network-readout tr')].map(r => "
        "[...r.querySelector('bdi').textContent.split(' to ')].map(Number))"
    )
    bins = made.model.encoder_.bins
    assert len(ends) == (bins.feature == 0).sum() > 2
    assert f"in {len(ends)} bins" in readout
    thickness = made.matrix[made.test][:, [0]]
    by_hand = inputs_by_hand(
        {
            "columns": [0] * len(ends),
            "encoding": {
                "center": [float(median)] * len(ends),
                "scale": [float(factor)] * len(ends),
                "low": [low for low, _ in ends],
                "high": [high for _, high in ends],
            },
        },
        thickness,
    )
    encoded = made.model.encoder_.encode(made.matrix[made.test])
    np.testing.assert_allclose(by_hand, encoded[:, 9 : 9 + len(ends)], atol=1e-4)
    page.run("document.getElementById('unit-0-9').focus()")
    assert "1 where bare_nuclei is missing" in page.run(
        "document.getElementById('network-readout').innerText"
    )


# The middle of a line, where it lies above weaker ones.
POINT = """
(back => {
  const lines = [...document.querySelectorAll('.edges .edge')], line = lines.at(-back);
  const p = line.getPointAtLength(0.6 * line.getTotalLength());
  const b = document.querySelector('.net').getBoundingClientRect();
  return [b.left + p.x, b.top + p.y];
})"""


def test_a_line_under_the_pointer_says_its_weights(page):
    made = wisconsin()
    W1, W2, _ = (W for W, _ in made.model.architecture_.layers(made.model.theta_))
    _, first, second, _ = drawing(made.report["network"])["units"]
    names = made.model.encoder_.output_names(made.model.schema_.names)
    page.run("document.querySelector('.net').scrollIntoView({block: 'center'})")
    # The strongest lines of the layers are drawn last: of the columns, whose weights are listed …
    page.point(*page.run(f"{POINT}(1)"))
    start, unit = re.match(
        r"(\w+) → unit (\d+) of layer 1$",
        page.run("document.querySelector('.readout h3').innerText"),
    ).groups()
    shown = page.run(
        "[...document.querySelectorAll('#network-readout tr')].map(r => "
        "[...r.children].map(c => c.textContent))"
    )
    mine = [i for i, each in enumerate(names) if re.match(rf"{start}( [\d.]+…|$)", each)]
    assert len(mine) > 2
    weights = W1[int(unit) - 1, mine]
    assert [name for _, name in shown] == [f"· {names[i]}" for i in mine]
    said = [float(weight.replace("−", "-")) for weight, _ in shown]
    np.testing.assert_allclose(said, weights, rtol=6e-3)
    readout = page.run("document.getElementById('network-readout').innerText")
    largest = max(weights.tolist(), key=abs)
    sign = "−" if largest < 0 else "+"
    assert f"of which the line shows the largest, {sign}{abs(largest):.3g}" in readout
    assert page.run("document.querySelectorAll('.edge.on').length") == 1
    # … and of the units that are drawn.
    shown = [
        [
            units[int(id.split("-")[2])]
            for id in page.run(f"[...document.querySelectorAll('[id^=unit-{n}-]')].map(e => e.id)")
        ]
        for n, units in ((1, first), (2, second))
    ]
    page.point(*page.run(f"{POINT}(2)"))
    readout = page.run("document.getElementById('network-readout').innerText")
    strongest = W2[np.ix_(shown[1], shown[0])]
    strongest = strongest.flat[np.abs(strongest).argmax()]
    assert re.search(rf"w = {'−' if strongest < 0 else '[+]'}{abs(strongest):.3g}", readout)
    assert page.run("document.querySelectorAll('.edge.on').length") == 1


def test_arrow_keys_walk_through_the_network(page):
    page.run("document.getElementById('unit-3-0').focus()")
    page.key("ArrowLeft")
    assert page.run("document.activeElement.id").startswith("unit-2-")
    page.key("ArrowLeft")
    assert page.run("document.activeElement.id").startswith("unit-1-")
    page.key("ArrowLeft")
    first = page.run("document.activeElement.id")
    assert first.startswith("unit-0-")
    page.key("ArrowDown")
    assert page.run("document.activeElement.id") != first
    page.key("Home")
    assert page.run("document.activeElement.id") == "unit-0-0"
    page.key("ArrowUp")
    assert page.run("document.activeElement.id") == "unit-0-0"
    assert page.run("document.activeElement.getAttribute('aria-selected')") == "true"
    assert page.run("document.querySelectorAll('.unit[tabindex=\"0\"]').length") == 1


def test_arrow_keys_read_the_epochs(page):
    history = wisconsin().model.history_
    page.run("document.getElementById('training-chart').focus()")
    page.key("End")
    page.key("ArrowLeft")
    epoch = history[-2]
    reading = page.run("document.querySelector('.reading').textContent")
    assert reading.startswith(f"Epoch {epoch['epoch']}: ")
    held_out = f"{epoch['valid_loss']:.4g}".rstrip("0")
    assert f"held out {held_out}." in reading
    page.key("Home")
    assert page.run("document.querySelector('.reading').textContent").startswith("Epoch 1: ")


@pytest.mark.parametrize(
    "settings",
    [
        {"hidden_layer_sizes": (), "early_stopping": False},
        {"hidden_layer_sizes": (12, 8, 6), "activation": "tanh", "early_stopping": True},
        {"hidden_layer_sizes": (300, 60), "max_iter": 2, "early_stopping": False},
        {"max_iter": 1, "early_stopping": False},
    ],
)
def test_other_networks_are_drawn_too(browser, tmp_path, settings):
    made = wisconsin(**settings)
    (tmp_path / "page.html").write_text(report_html(made.report), encoding="utf-8")
    for width in (1280, 390):
        opened(browser, tmp_path / "page.html", width=width)
        assert browser.errors() == []
        assert browser.run(LAYOUT) == []
    assert browser.run("document.querySelectorAll('.edges .edge').length") <= 3000


def test_a_network_beyond_the_budget_says_what_is_left_out(browser, tmp_path):
    made = wisconsin()
    arch = Architecture.dense(300, (256,), 1, "relu")
    names = [f"column number {i}" for i in range(300)]
    network = {
        **made.report["network"],
        "sizes": list(arch.sizes),
        "activations": list(arch.activations),
        "theta": np.random.default_rng(0).normal(size=arch.n_parameters).tolist(),
        **plain_inputs(300, names, 300),
    }
    (tmp_path / "page.html").write_text(report_html({**made.report, "network": network}))
    opened(browser, tmp_path / "page.html")
    assert browser.errors() == []
    assert browser.run(LAYOUT) == []
    words = browser.run("document.getElementById('network').textContent")
    assert "260 more" in words
    assert "of 77,056 lines drawn" in words
    browser.run("document.querySelector('.unit[id^=unit-1]').focus()")
    assert "230 more terms, not in this file" in browser.run(
        "document.getElementById('network-readout').textContent"
    )
    browser.run("document.getElementById('network-all').click()")
    assert browser.run("document.querySelectorAll('.edges .edge').length") == 3000


# ---------------------------------------------------------------- hostile texts, exact numbers


def test_hostile_texts_do_nothing(browser, tmp_path):
    path = tmp_path / "hostile.html"
    path.write_text(report_html(hostile()), encoding="utf-8")
    for width in (1280, 390):
        opened(browser, path, width=width)
        browser.run("document.getElementById('network-all').click()")
        for unit in range(30):
            browser.run(f"document.getElementById('unit-0-{unit}').focus()")
        browser.run(ALL_SHOWN)
        assert browser.run("window.hacked") is None
        assert browser.run("document.querySelectorAll('script').length") == 2
        assert browser.run("document.querySelectorAll('img, iframe, a, b[onclick]').length") == 0
        assert browser.errors() == []
        assert browser.requests() == [path.absolute().as_uri()]
        assert browser.run("document.documentElement.scrollWidth") <= width
    events = [event.get("method") for event in browser.events]
    assert "Page.javascriptDialogOpening" not in events
    label = browser.run("document.querySelector('#confusion-finding bdi').textContent")
    assert label == '"</script><script>window.hacked=1</script>"'


@pytest.fixture(scope="module")
def numbers(browser, tmp_path_factory):
    """The page's own arithmetic, to be called from here."""
    names = "fixed, whole, ticks, proportion, linear, logarithmic, squareRoot"
    used = f'import {{ linear }} from "./scale.js";\nwindow.tw = {{ {names} }};\n'
    script = joined(DRAW, "used.js", {"used.js": used})
    page = tmp_path_factory.mktemp("numbers") / "page.html"
    page.write_text(
        f'<!doctype html><meta charset="utf-8"><body><script type="module">{script}\n'
        "document.documentElement.dataset.drawn = 'yes';</script>"
    )
    browser.open(page)
    return browser


def test_decimals_are_pythons_to_the_digit(numbers):
    random = np.random.default_rng(0)
    values = [
        *(k / 16 for k in range(-40, 41)),
        *(k / 2000 for k in range(2001)),
        *(a / b for a in range(1, 60) for b in range(a, 60)),
        *random.random(2000),
        *random.normal(0, 100, 500),
    ]
    values = [float(value) for value in values]
    shown = numbers.run(f"{json.dumps(values)}.map(v => tw.fixed(v, 3))")
    expected = [f"{value:.3f}" for value in values]
    # Python writes the sign of a number that rounds to 0; so does the page.
    assert shown == expected
    special = numbers.run("[NaN, Infinity, -Infinity].map(v => tw.fixed(v, 3))")
    assert special == ["undefined", "inf", "-inf"]
    counts = [0, 7, 999, 1000, 12345, 1234567]
    assert numbers.run(f"{counts}.map(tw.whole)") == [f"{n:,}" for n in counts]


def test_ticks_are_round_and_inside(numbers):
    for low, high in ((0, 1), (1, 41), (-3.3, 12.7), (0, 1e-6), (1e5, 3e7), (0.07, 0.76)):
        for count in (2, 5, 9):
            ticks = numbers.run(f"tw.ticks({low}, {high}, {count})")
            assert 1 <= len(ticks) <= 2.5 * count + 2
            assert all(low - 1e-9 <= tick <= high * (1 + 1e-9) for tick in ticks)
            steps = np.diff(ticks)
            if len(steps):
                mantissa = steps[0] / 10 ** np.floor(np.log10(steps[0] * (1 + 1e-9)))
                assert round(mantissa, 6) in (1, 2, 5)
                np.testing.assert_allclose(steps, steps[0], rtol=1e-6)


@pytest.mark.parametrize("scale", ["linear", "logarithmic", "squareRoot"])
def test_scales_map_ends_to_ends_and_back(numbers, scale):
    domain = [2, 50] if scale != "squareRoot" else [0, 50]
    made = f"tw.{scale}({domain}, [300, 20])"
    assert numbers.run(f"[{domain[0]}, {domain[1]}].map({made}.at)") == pytest.approx([300, 20])
    for value in (2.5, 10, 49):
        assert numbers.run(f"{made}.back({made}.at({value}))") == pytest.approx(value)
    ticks = numbers.run(f"{made}.ticks(5)")
    assert len(ticks) >= 3
    assert ticks == sorted(ticks)
    assert domain[0] <= min(ticks)
    assert max(ticks) <= domain[1]
