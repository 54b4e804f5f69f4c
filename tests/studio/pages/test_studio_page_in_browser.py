"""The page of the studio in a browser: each state, both modes, by keyboard, by link."""

import json
import threading
import time
from urllib.parse import quote

import pytest

from axe import violations
from studio.pages import canned
from studio_browser import complaints, open_studio, press, text, wait
from thalweg.errors import DataError

pytestmark = pytest.mark.browser

TABLE = f"#d={canned.ID}"
UNFOLD = "document.querySelectorAll('details').forEach((each) => { each.open = true; })"
SMALL = """
[...document.querySelectorAll('a, button, select, input, summary')]
  .filter((each) => each.checkVisibility() && !each.closest('.unseen, .skip')
    && !each.matches('.unseen'))
  .map((each) => [each.outerHTML.slice(0, 80), each.getBoundingClientRect()])
  .filter(([, box]) => box.width < 24 || box.height < 24).map(([name]) => name)
"""


def refuse(args):
    raise DataError(
        "Row 18 has 9 cells, the head has 7", where="line 18, found “a;b;c”",
        why="So it is not known which cell belongs to which column",
        fix="name the separator, or correct line 18",
    )  # fmt: skip


def held(studio):
    """Answer nothing for as long as a test looks."""
    studio.seconds = 60.0


def few_of_many(args):
    """Of 250 columns: axe would look at 100 cards for minutes."""
    return canned.wide({**args, "count": 8}, 250)


STATES = {
    "empty": ("", lambda studio: None, ".zone"),
    "table": (TABLE, lambda studio: None, ".card .bars"),
    "no target": (
        TABLE,
        lambda studio: setattr(
            studio, "table", lambda args: canned.table(args, target=None, findings=[], notes=[])
        ),
        ".card .bars",
    ),
    "bad file": (TABLE, lambda studio: setattr(studio, "table", refuse), ".error"),
    "loading": (TABLE, held, ".skeleton"),
    "many columns": (
        TABLE, lambda studio: setattr(studio, "table", few_of_many), ".pager",
    ),
    "train without a table": ("#p=train", lambda studio: None, ".empty"),
    "inside without a run": (f"#p=inside&d={canned.ID}", lambda studio: None, ".empty"),
    "decide without a model": ("#p=decide", lambda studio: None, ".empty"),
    "ground": ("#p=ground", lambda studio: None, ".empty"),
}  # fmt: skip


@pytest.mark.parametrize("state", STATES)
def test_a_state_is_silent_fits_and_breaks_no_rule(browser, studio, state):
    hash_, prepare, sign = STATES[state]
    prepare(studio)
    for width, dark in ((1280, False), (1280, True), (390, False), (390, True), (360, False)):
        browser.look(width, dark=dark)
        if (width, dark) == (1280, False):
            open_studio(browser, studio.server.link, hash_=hash_, settled=state != "loading")
            wait(browser, f"document.querySelector({sign!r})")
            browser.run(UNFOLD)
        browser.settle()
        assert browser.run("document.documentElement.scrollWidth - innerWidth") <= 0, width
        assert violations(browser) == [], (width, dark)
        assert browser.run(SMALL) == [], width
        # Each picture has a table, and nothing is told by a picture alone.
        pictures = "document.querySelectorAll('.card figure').length"
        tables = "document.querySelectorAll('.card .numbers table').length"
        assert browser.run(pictures) == browser.run(tables)
    assert complaints(browser) == []
    own = f"http://127.0.0.1:{studio.port}/"
    asked = [each for each in browser.requests() if not each.startswith(("data:", "about:"))]
    assert asked
    assert all(each.startswith(own) for each in asked)


def test_on_a_phone_the_title_comes_first_and_the_form_is_folded(browser, studio):
    open_studio(browser, studio.server.link, width=390, hash_=TABLE)
    tops = browser.run(
        "['h1', '.subtitle', '.drawer', '.card', '.right'].map((each) =>"
        " document.querySelector(each).getBoundingClientRect().top)"
    )
    assert tops == sorted(tops)
    assert tops[3] < 420  # the first card is on the first screen
    assert not browser.run("document.querySelector('.drawer').open")


def test_the_switch_of_modes_wins_over_the_system(browser, studio):
    open_studio(browser, studio.server.link)
    page = "getComputedStyle(document.body).backgroundColor"
    assert browser.run(page) == "rgb(251, 250, 247)"
    browser.run(
        "[...document.querySelectorAll('#line button')].find(e => e.textContent === 'Dark').click()"
    )
    assert browser.run(page) == "rgb(15, 20, 25)"
    browser.run("window.old = true; location.reload()")
    wait(browser, "!window.old && document.querySelector('.zone')")
    assert browser.run(page) == "rgb(15, 20, 25)"
    browser.run("localStorage.clear()")


def test_an_error_says_what_where_why_and_the_fix_and_a_choice_fixes_it(browser, studio):
    studio.table = lambda args: (
        canned.table(args) if args["choices"].get("separator") == ";" else refuse(args)
    )
    open_studio(browser, studio.server.link, hash_=TABLE)
    said = text(browser, ".error")
    for part in ("Row 18 has 9 cells", "line 18", "which cell belongs", "To fix it: name the"):
        assert part in said
    assert "Traceback" not in said
    # The fix of an error names an option: beside the field that is the same stands its name.
    assert text(browser, "#header_row-hint") == "--header-row on the command line"
    browser.run(
        "(() => { const e = document.querySelector('#separator'); e.value = ';';"
        " e.dispatchEvent(new Event('change')); })()"
    )
    wait(browser, "document.querySelector('.card h2')")
    assert browser.run("location.hash").endswith("c=" + "%7B%22separator%22%3A%22%3B%22%7D")
    browser.run("history.back()")
    wait(browser, "document.querySelector('.error')")
    assert complaints(browser) == []


def test_a_button_says_that_the_names_are_in_another_row(browser, studio):
    def read(args):
        if args["choices"].get("header_row") == 2:
            return canned.table(args)
        raise DataError(
            "Column 2 of 3 has no name", where="t.csv, line 1",
            fix="name it; or, if the header is in row 2, say so: --header-row 2",
        )  # fmt: skip

    studio.table = read
    open_studio(browser, studio.server.link, hash_=TABLE)
    wait(browser, "document.querySelector('.error button.main')")
    assert text(browser, ".error button.main") == "The names are in row 2"
    browser.run("document.querySelector('.error button.main').click()")
    wait(browser, "document.querySelector('.card h2')")
    assert studio.asked[-1]["choices"] == {"header_row": 2}
    assert complaints(browser) == []


def test_a_choice_that_cannot_be_keeps_the_table(browser, studio):
    studio.table = lambda args: (
        refuse(args) if args["choices"].get("group") == "tenure" else canned.table(args)
    )
    open_studio(browser, studio.server.link, hash_=TABLE)
    browser.run(
        "(() => { const e = document.querySelector('#group'); e.value = 'tenure';"
        " e.dispatchEvent(new Event('change')); })()"
    )
    wait(browser, "document.querySelector('.error')")
    assert browser.run("document.querySelectorAll('.card').length") == 6
    browser.run("document.querySelector('.error button').click()")
    wait(browser, "!document.querySelector('.error')")
    assert browser.run("document.querySelector('#group').value") == ""
    assert studio.asked[-1]["choices"] == {}


def test_a_finding_is_fixed_undone_and_taken_back(browser, studio):
    open_studio(browser, studio.server.link, hash_=TABLE)
    card = (
        "[...document.querySelectorAll('.card')].find(e => e.textContent.includes('total charges'))"
    )
    browser.run(f"{card}.querySelector('.findings button').focus()")
    press(browser, "Enter")
    wait(browser, f"{card}.classList.contains('unused')")
    assert studio.asked[-1]["choices"] == {"drop": ["total charges"]}
    assert browser.run("document.activeElement.tagName") == "H1"  # its button is gone
    assert "Leave total charges out" in text(browser, ".toast")
    assert "--drop 'total charges'" in text(browser, "[aria-label=Command]")
    browser.run("document.querySelector('.toast button').click()")
    wait(browser, f"!{card}.classList.contains('unused')")
    browser.run("history.back()")
    wait(browser, f"{card}.classList.contains('unused')")
    browser.run("document.querySelector('.chosen button').click()")
    wait(browser, f"!{card}.classList.contains('unused')")
    assert studio.asked[-1]["choices"] == {}


def test_a_column_is_read_in_another_way(browser, studio):
    open_studio(browser, studio.server.link, hash_=TABLE)
    pick = "document.querySelector('#reading-0')"
    change = f"{pick}.dispatchEvent(new Event('change'))"
    for value, said in (
        ("number", {"number": {"tenure": None}}), ("category", {"category": ["tenure"]}),
        ("text", {"text": ["tenure"]}), ("drop", {"drop": ["tenure"]}), ("", {}),
    ):  # fmt: skip
        n = len(studio.asked)
        browser.run(f"{pick}.value = {value!r}; {pick}.focus(); {change}")
        wait(browser, "!document.querySelector('.busy:not([hidden])')")
        assert studio.asked[n:] == [{"table": canned.ID, "choices": said}]
        assert browser.run(f"{pick}.value") == value
        assert browser.run(f"document.activeElement === {pick}")


def test_a_later_question_takes_the_place_of_an_earlier_one(browser, studio):
    open_studio(browser, studio.server.link, hash_=TABLE)
    studio.table = lambda args: canned.table(args, name=f"as {args['choices'].get('group')}")
    browser.run(
        "for (const name of ['tenure', 'contract', 'senior']) {"
        " const e = document.querySelector('#group'); e.value = name;"
        " e.dispatchEvent(new Event('change')); }"
    )
    wait(browser, "document.querySelector('.subtitle').textContent.startsWith('as senior')")
    time.sleep(0.2)
    assert text(browser, ".subtitle").startswith("as senior")


def test_pages_of_columns(browser, studio):
    studio.table = lambda args: canned.wide(args, 250)
    open_studio(browser, studio.server.link, hash_=TABLE)
    names = "[...document.querySelectorAll('.card h2')].map((each) => each.textContent)"
    assert browser.run(names) == [f"column {i}" for i in range(100)]
    assert browser.run("document.querySelector('#columns-before').disabled")
    browser.run("document.querySelector('#columns-after').focus()")
    press(browser, "Enter")
    wait(browser, "document.querySelector('.card h2').textContent === 'column 100'")
    assert studio.asked[-1] == {"table": canned.ID, "choices": {}, "from": 100, "count": 100}
    assert browser.run("document.activeElement.id") == "columns-after"
    press(browser, "Enter")
    wait(browser, "document.querySelector('.card h2').textContent === 'column 200'")
    assert browser.run(names) == [f"column {i}" for i in range(200, 250)]
    assert browser.run("location.hash") == f"#d={canned.ID}&from=200"
    # A column that is not on this page can be named, too.
    assert browser.run("document.querySelector('#group').options.length") == 251
    studio.table = lambda args: canned.wide(args, 700)
    open_studio(browser, studio.server.link, hash_=f"{TABLE}&from=600")
    assert browser.run(names) == [f"column {i}" for i in range(600, 700)]
    assert browser.run("document.querySelector('#group').tagName") == "INPUT"


# ---------------------------------------------------------------- files


def give(browser, name, size, *, drop=False):
    """Choose a file, or drop it anywhere."""
    made = f"new File([new Uint8Array({size})], {json.dumps(name)})"
    if drop:
        browser.run(
            f"(() => {{ const data = new DataTransfer(); data.items.add({made});"
            " document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data,"
            " bubbles: true, cancelable: true })); })()"
        )
        return
    browser.run(
        f"(() => {{ const data = new DataTransfer(); data.items.add({made});"
        " const file = document.querySelector('input[type=file]'); file.files = data.files;"
        " file.dispatchEvent(new Event('change')); })()"
    )


def test_a_file_is_sent_and_opened(browser, studio):
    got = []
    studio.uploaded = lambda name, body: got.append((name, len(body))) or {"table": canned.ID}
    name = 'a "größe" &?#%/..\\ x.csv'
    for drop in (False, True):
        open_studio(browser, studio.server.link)
        give(browser, name, 100_000, drop=drop)
        wait(browser, "document.querySelector('.card h2')")
        assert browser.run("location.hash") == TABLE
        assert got.pop() == (name, 100_000)
    assert complaints(browser) == []


def test_an_upload_can_be_cancelled(browser, studio):
    open_studio(browser, studio.server.link)
    studio.seconds = 60.0
    give(browser, "big.csv", 2_000_000)
    wait(browser, "document.querySelector('progress')")
    assert "Opening big.csv" in text(browser, "h1")
    assert violations(browser) == []
    cancel = "[...document.querySelectorAll('main button')].find(e => e.textContent === 'Cancel')"
    browser.run(f"{cancel}.click()")
    wait(browser, "document.querySelector('.zone')")
    wait(browser, "document.querySelector('.toast')?.textContent.startsWith('Cancelled')")
    studio.seconds = 0.0


def test_files_that_are_not_taken(browser, studio):
    studio.snapshot = canned.snapshot(limits={"upload": 1_000_000})
    open_studio(browser, studio.server.link)
    give(browser, "big.csv", 1_200_000)
    wait(browser, "document.querySelector('.error')")
    assert "This file has 1.2 MB" in text(browser, ".error")
    assert "at most 1.0 MB" in text(browser, ".error")
    assert violations(browser) == []
    assert not [each for each in browser.requests() if "/tables" in each]
    browser.run("document.querySelector('.error .main').click()")
    wait(browser, "document.querySelector('.zone')")
    give(browser, "empty.csv", 0, drop=True)
    wait(browser, "document.querySelector('.error')")
    assert "empty" in text(browser, ".error")
    assert complaints(browser) == []

    # What the server refuses, in its words; by its door, in plain text.
    def no_table(name, body):
        raise DataError("This is no table", where=name, fix="save it as CSV")

    studio.snapshot, studio.uploaded = canned.snapshot(limits={"upload": 9_000_000}), no_table
    open_studio(browser, studio.server.link)
    give(browser, "x.png", 100)
    wait(browser, "document.querySelector('.error')")
    assert "This is no table" in text(browser, ".error")
    browser.run("document.querySelector('.error .main').click()")
    wait(browser, "document.querySelector('.zone')")
    give(browser, "big.csv", 4_000_000)
    wait(browser, "document.querySelector('.error')")
    said = text(browser, ".error")
    assert "too large" in said or "did not arrive" in said
    assert complaints(browser, network=True) == []


# ---------------------------------------------------------------- the link


VIEWS = [
    ("#p=ground&t=812&r=aa,bb&h=log&thr=0.31", "#p=ground&r=aa%2Cbb&t=812&h=log&thr=0.31"),
    (f"#d={canned.ID}&c=%7B%22drop%22%3A%5B%22a%22%5D%7D", None),
    ("#d=sample:wisconsin&row=100&unit=4&input=8&stop=10", "#d=sample%3Awisconsin&row=100&unit=4"
     "&input=8&stop=10"),
    ("#x=1&z=a+b&p=decide", "#p=decide&x=1&z=a+b"),
]  # fmt: skip


def test_a_link_restores_the_view_and_unknown_keys_are_kept(browser, studio):
    open_studio(browser, studio.server.link)
    for given, written in VIEWS:
        browser.run(f"location.hash = {given!r}")
        browser.settle()
        place = next((each[2:] for each in given[1:].split("&") if each.startswith("p=")), "table")
        assert browser.run("document.querySelector('[aria-current]').dataset.place") == place
        # What the page itself writes of it, when another place is chosen and this one again.
        other = "train" if place != "train" else "table"
        browser.run(f"document.querySelector('a[data-place={other}]').click()")
        browser.run(f"document.querySelector('a[data-place={place}]').click()")
        found = browser.run("location.hash")
        assert found.replace("%2C", ",").replace("%3A", ":") == (written or given).replace(
            "%2C", ","
        ).replace("%3A", ":")
    assert complaints(browser) == []


def test_wrong_values_fall_to_the_default_and_a_toast_names_them(browser, studio):
    open_studio(browser, studio.server.link, hash_="#p=cellar&t=-4&d=../../etc&thr=2&c=[1]&x=1&v=2")
    said = text(browser, ".toast")
    for key in ("p", "t", "d", "thr", "c", "v"):
        assert f" {key}," in said.replace(":", ",")
    assert "x" not in said.split("for")[1].split(":")[0]
    assert browser.run("document.querySelector('[aria-current]').dataset.place") == "table"
    assert browser.run("document.querySelector('.zone') !== null")
    assert complaints(browser) == []


def test_another_table_ends_the_reading_of_the_one_before(browser, studio):
    studio.seconds = 60.0
    slow = "c" * 64
    open_studio(browser, studio.server.link)
    browser.run(f"location.hash = 'd={slow}'")
    for _ in range(200):
        if studio.asked:
            break
        time.sleep(0.05)
    choices = quote(json.dumps({"group": "town"}))
    browser.run(f"location.hash = 'd={slow}&c={choices}'")
    for _ in range(200):
        if len(studio.asked) == 2:
            break
        time.sleep(0.05)
    assert [each["table"] for each in studio.asked] == [slow, slow]
    assert studio.cancelled == []  # other choices of the same table
    browser.run(f"location.hash = 'd={canned.ID}'")
    for _ in range(200):
        if studio.cancelled:
            break
        time.sleep(0.05)
    assert studio.cancelled == [studio.asked[1]]
    studio.seconds = 0.0
    wait(browser, "document.querySelector('.cards')?.children.length")
    assert complaints(browser) == []


def test_back_and_forward(browser, studio):
    open_studio(browser, studio.server.link)
    press(browser, "2")
    press(browser, "4")
    assert browser.run("location.hash") == "#p=ground"
    browser.run("history.back()")
    wait(browser, "location.hash === '#p=train'")
    wait(browser, "document.querySelector('h1').textContent.startsWith('Train')")
    browser.run("history.back()")
    wait(browser, "document.querySelector('.zone')")
    browser.run("history.forward()")
    wait(browser, "document.querySelector('h1').textContent.startsWith('Train')")


def test_the_table_that_the_command_line_named_is_open(browser, studio):
    studio.snapshot = canned.snapshot(open="sample:wisconsin")
    open_studio(browser, studio.server.link)
    wait(browser, "document.querySelector('.card h2')")
    assert browser.run("location.hash") == "#d=sample%3Awisconsin"
    assert studio.asked == [{"table": "sample:wisconsin", "choices": {}}]


# ---------------------------------------------------------------- the keyboard


def test_a_tour_by_keyboard(browser, studio):
    open_studio(browser, studio.server.link)
    press(browser, "Tab")
    assert text(browser, ":focus") == "To the content"
    press(browser, "Enter")
    assert browser.run("document.activeElement.id") == "stage"
    assert browser.run("location.hash") == ""
    press(browser, "Tab")
    assert text(browser, ":focus") == "My table"
    press(browser, "Tab")
    assert "Wisconsin" in text(browser, ":focus")
    press(browser, "Enter")
    wait(browser, "document.querySelector('.card h2')")
    assert browser.run("document.activeElement.tagName") == "H1"
    # Every control is reached once, in the order of the page, and its focus is seen.
    seen = []
    browser.run("document.querySelector('#rail a').focus()")
    for _ in range(200):
        seen.append(
            browser.run(
                "(() => { const e = document.activeElement; const s = getComputedStyle(e);"
                " window.k = (window.k ?? 0) + 1; e.dataset.k ??= k;"
                " return [e.dataset.k, s.outlineStyle, parseFloat(s.outlineWidth)] })()"
            )
        )
        press(browser, "Tab")
        if browser.run("document.activeElement === document.body"):
            break
    assert len({each[0] for each in seen}) == len(seen)
    assert all(style == "solid" and width >= 2 for _, style, width in seen)
    left = browser.run(
        "[...document.querySelectorAll('a, button, select, input, summary')].filter((e) =>"
        " e.checkVisibility() && e.tabIndex >= 0 && !e.disabled && !e.dataset.k"
        " && !e.matches('.skip')).map((e) => e.outerHTML)"
    )
    assert left == []
    for key, name in (("2", "Train"), ("3", "Inside"), ("4", "Ground"), ("5", "Decide")):
        press(browser, key)
        assert text(browser, "h1").startswith(name)
        assert text(browser, "[aria-current]").endswith(name)
    browser.run("document.querySelector('[aria-current]').focus()")
    press(browser, "ArrowRight")
    assert text(browser, "[aria-current]").endswith("Table")
    press(browser, "ArrowLeft")
    assert text(browser, "[aria-current]").endswith("Decide")
    assert browser.run("document.activeElement.dataset.place") == "decide"
    press(browser, "1")
    press(browser, "g")
    assert browser.run("document.querySelectorAll('.card .numbers table').length") > 6
    press(browser, "?", shift=True)
    assert browser.run("document.querySelector('dialog').open")
    assert violations(browser) == []
    press(browser, "2")  # no key acts behind the sheet
    assert text(browser, "[aria-current]").endswith("Table")
    press(browser, "Escape")
    assert not browser.run("document.querySelector('dialog').open")
    assert complaints(browser) == []


def test_single_keys_act_in_no_text_field_and_can_be_switched_off(browser, studio):
    open_studio(browser, studio.server.link, hash_=TABLE)
    browser.run("document.querySelector('#reading').open = true")
    browser.run("document.querySelector('#encoding').focus()")
    press(browser, "2")
    assert browser.run("document.querySelector('#encoding').value") == "2"
    assert text(browser, "[aria-current]").endswith("Table")
    browser.run("document.activeElement.blur(); document.querySelector('#single-keys').click()")
    press(browser, "2")
    assert text(browser, "[aria-current]").endswith("Table")
    browser.run("document.querySelector('#single-keys').click()")
    press(browser, "2")
    assert text(browser, "[aria-current]").endswith("Train")


def test_nothing_moves_where_a_reader_wants_no_motion(browser, studio):
    held(studio)
    open_studio(browser, studio.server.link, hash_=TABLE, settled=False)
    wait(browser, "document.querySelector('.bone')")
    moves = "document.getAnimations().length"
    assert browser.run(moves) > 0
    browser.send(
        "Emulation.setEmulatedMedia",
        features=[{"name": "prefers-reduced-motion", "value": "reduce"}],
    )
    assert browser.run(moves) == 0


def test_letters_twice_as_large_lose_nothing(browser, studio):
    open_studio(browser, studio.server.link, hash_=TABLE)
    browser.run("document.documentElement.style.fontSize = '200%'")
    browser.settle()
    assert browser.run("document.documentElement.scrollWidth - innerWidth") <= 0


def test_progress_is_shown_while_a_table_is_read(browser, studio):
    studio.seconds = 1.0
    open_studio(browser, studio.server.link, hash_=TABLE, settled=False)
    wait(browser, "document.querySelector('.loading .soft')?.textContent === 'reading'")
    wait(browser, "document.querySelector('.card .bars')")
    assert threading.active_count() < 10


def test_a_table_that_is_opened_again_has_the_choices_of_before(browser, studio):
    chosen = "encodeURIComponent(JSON.stringify({drop: ['tenure'], target: 'churn'}))"
    open_studio(browser, studio.server.link, hash_=TABLE)
    browser.run(f"location.hash = '#d={canned.ID}&c=' + {chosen}")
    wait(browser, "document.querySelector('.chosen li')")
    browser.run("document.querySelector('#other-table').click()")
    earlier = ".earlier button.sample"
    wait(browser, f"document.querySelector('{earlier}')")
    browser.run(f"document.querySelector('{earlier}').click()")
    wait(browser, "document.querySelectorAll('.chosen li').length === 2")
    assert studio.asked[-1]["choices"] == {"drop": ["tenure"], "target": "churn"}
    assert "is set again" in text(browser, ".toast")
    browser.run("document.querySelector('.toast button').click()")
    wait(browser, "!document.querySelector('.chosen li')")
    browser.run("document.querySelector('#other-table').click()")
    wait(browser, f"document.querySelector('{earlier}')")
    browser.run(f"document.querySelector('{earlier}').click()")
    wait(browser, "document.querySelector('.card .bars')")
    assert studio.asked[-1]["choices"] == {}
    assert complaints(browser) == []


def test_the_first_rows_are_marked_and_say_nothing_of_the_target(browser, studio):
    studio.seconds = 60.0
    studio.preview = lambda args: canned.table(
        args, rows=1000, target=None, findings=None, notes=[], preview=True,
        columns=[{**each, "findings": []} for each in canned.columns()],
    )  # fmt: skip
    open_studio(browser, studio.server.link, hash_=TABLE, settled=False)
    wait(browser, "document.querySelector('.card .bars')")
    mark = "From the first 1,000 rows; the whole table is being read."
    assert text(browser, ".of-first-rows") == mark
    assert text(browser, "h1") == "Reading churn.csv"
    assert "1,000 rows" not in text(browser, ".subtitle")
    assert "5,174" not in text(browser, ".right")
    assert violations(browser) == []
    hidden = "document.querySelector('#to-train').closest('[hidden]') !== null"
    assert browser.run(hidden)
    browser.run("document.querySelector('.middle').scrollIntoView({block: 'end'})")
    seen = "document.querySelector('.of-first-rows').getBoundingClientRect()"
    assert browser.run(f"{seen}.top >= 0 && {seen}.bottom <= innerHeight")
    studio.seconds = 0.0
    wait(browser, "document.querySelector('.of-first-rows').hidden")
    assert text(browser, "h1") == canned.TARGET["sentence"]
    assert "7,043 rows" in text(browser, ".subtitle")
    assert not browser.run(hidden)
    assert complaints(browser) == []


STRIP = """
import("/studio/shell/strip_place.js").then(({ makeStripPlace }) => {
  const root = document.querySelector("#strip");
  window.moved = [];
  const moveTo = (step, ends) => {
    moved.push([step, ends]);
    window.t = step;
    window.strip.update(seen());
  };
  const transport = { node: document.createElement("span"), update() {} };
  const steps = Float64Array.from({ length: 201 }, (_, i) => i);
  const run = (name, look, loss) => ({ name, words: name, look, steps, loss: steps.map(loss),
    diverged: false });
  window.t = 40;
  window.seen = () => ({ t: window.t, runs: [run("a", 0, (i) => Math.exp(-i / 40)),
    run("b", 2, (i) => 0.5 + 0.3 * Math.sin(i))] });
  window.strip = makeStripPlace(root,
    { moveTo, transport, colors: (look) => `var(--run-${look})` });
  strip.update(seen());
}).then(() => null)
"""


def test_the_strip_draws_runs_and_moves_its_cursor(browser, studio):
    for width, dark in ((390, True), (1280, False)):
        open_studio(browser, studio.server.link, width=width, dark=dark)
        browser.run(STRIP)
        browser.settle()
        assert text(browser, "#strip output") == "step 40 of 200"
        assert browser.run("document.querySelectorAll('#strip .runs path').length") == 2
        assert browser.run("document.documentElement.scrollWidth - innerWidth") <= 0
        assert violations(browser) == []
        browser.run("document.querySelector('#step').focus()")
        press(browser, "ArrowRight")
        assert browser.run("moved") == [[41, False], [41, True]]
        assert text(browser, "#strip output") == "step 41 of 200"
        browser.run("strip.destroy()")
        assert complaints(browser) == []
