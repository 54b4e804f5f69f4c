"""States that pass or that nobody hopes for, in each place: light, dark, narrow; by axe's rules."""

import pytest

from axe import violations
from studio.pages import canned
from studio.pages.fake_models import RUN
from studio.pages.fake_runs import DIVERGED
from studio.pages.made_models import made_models
from studio_browser import open_studio, press, wait
from thalweg.errors import DataError, SettingsError

pytestmark = pytest.mark.browser

TABLE = f"#d={canned.ID}"
TRAIN, INSIDE, GROUND, DECIDE = (
    f"#p={place}&d={canned.ID}" for place in ("train", "inside", "ground", "decide")
)
CHIP, NET = "document.querySelector('.chip')", "document.querySelector('.net')"
PAINTED = "(document.querySelector('#ground-view')?.dataset.painted ?? '').startsWith('41 ')"
REFUSED = DataError("It cannot be", where="line 3", why="A test wants it", fix="do otherwise")


def opened(browser, studio, hash_, sign):
    open_studio(browser, studio.server.link, hash_=hash_, settled=False)
    wait(browser, sign)


def click(browser, selector):
    browser.run(f"document.querySelector({selector!r}).click()")


def write(browser, selector, value, event="input"):
    browser.run(
        f"(() => {{ const e = document.querySelector({selector!r}); e.value = {value!r};"
        f" e.dispatchEvent(new Event({event!r}, {{ bubbles: true }})); }})()"
    )


def ends_one(runs, state):
    runs.open(4, 40)
    runs.listed[0] |= {"state": state, "why": "the loss became NaN"}
    if state == "diverged":
        runs.listed[0] |= {"divergence": DIVERGED}


# ---------------------------------------------------------------- wherever one is


def gone(browser, studio):
    """The server has ended."""
    studio.runs.open(4, 40)
    opened(browser, studio, TRAIN, CHIP)
    studio.stop()
    wait(browser, "document.querySelector('.gone')")


def gone_in_table(browser, studio):
    opened(browser, studio, TABLE, "document.querySelector('.card .bars')")
    studio.stop()
    wait(browser, "document.querySelector('.gone')")


def another_key(browser, studio):
    opened(browser, studio, TABLE, "document.querySelector('.card .bars')")
    studio.stop()
    studio.start(same_key=False)
    wait(browser, "document.querySelector('.gone')?.textContent.includes('link that its terminal')")


def another_version(browser, studio):
    opened(browser, studio, "", "document.querySelector('.zone')")
    browser.run("sessionStorage.setItem('thalweg-reloaded-for', '0.4.0')")
    studio.stop()
    studio.pages.session = "another"
    studio.snapshot = canned.snapshot(version="0.4.0")
    studio.start()
    wait(browser, "document.querySelector('h1').textContent.includes('another version')")


def help_sheet(browser, studio):
    opened(browser, studio, TABLE, "document.querySelector('.card .bars')")
    browser.run("document.activeElement.blur()")
    press(browser, "?", shift=True)
    wait(browser, "document.querySelector('dialog').open")


def toast(browser, studio):
    """With a button; and the choice that it undoes in the list at the left."""
    opened(browser, studio, TABLE, "document.querySelector('.card .findings button')")
    click(browser, ".card .findings button")
    wait(browser, "document.querySelector('.toast button')")
    wait(browser, "document.querySelector('.chosen li')")


# ---------------------------------------------------------------- Table


def sending(browser, studio):
    opened(browser, studio, "", "document.querySelector('input[type=file]')")
    studio.seconds = 60.0
    browser.run(
        "(() => { const data = new DataTransfer(); data.items.add(new File(['a,b'], 'a.csv'));"
        " const file = document.querySelector('input[type=file]'); file.files = data.files;"
        " file.dispatchEvent(new Event('change')); })()"
    )
    wait(browser, "document.querySelector('progress')")


def dragged_over(browser, studio):
    opened(browser, studio, TABLE, "document.querySelector('.card .bars')")
    browser.run("dispatchEvent(new DragEvent('dragover', { cancelable: true }))")
    wait(browser, "document.documentElement.dataset.drop")


def choice_that_cannot_be(browser, studio):
    opened(browser, studio, TABLE, "document.querySelector('.card .bars')")

    def refuse(args):
        raise REFUSED

    studio.table = refuse
    write(browser, "#group", "tenure", "change")
    wait(browser, "document.querySelector('.error')")


def first_rows(browser, studio):
    studio.seconds = 60.0
    studio.preview = lambda args: canned.table(
        args, rows=1000, target=None, findings=None, notes=[], preview=True,
        columns=[{**each, "findings": []} for each in canned.columns()],
    )  # fmt: skip
    opened(browser, studio, TABLE, "document.querySelector('.card .bars')")


# ---------------------------------------------------------------- Train


def start_refused(browser, studio):
    opened(browser, studio, TRAIN, "document.querySelector('#start-here')")
    studio.runs.refuse = REFUSED
    click(browser, "#start-here")
    wait(browser, "document.querySelector('.error')")


def change_refused(browser, studio):
    studio.runs.open(4, 40)
    opened(browser, studio, TRAIN, CHIP)
    write(browser, "#new-rate", "fast")
    click(browser, "#go-on")
    wait(browser, "document.querySelector('.trouble:not([hidden])')")


def network_of_a_fit(browser, studio):
    studio.models.fits = [{"model_run": RUN, "table": canned.ID, "what": "Waiting"}]
    opened(browser, studio, TRAIN, "document.querySelector('#preset')")
    write(browser, "#preset", "default", "change")
    wait(browser, "document.querySelector('#hidden').disabled")


def looks_back(browser, studio):
    """The cursor stands before the newest step, and the program of a run is open."""
    studio.runs.open(4, 100)
    opened(browser, studio, f"{TRAIN}&t=40", CHIP)
    browser.run("document.querySelector('#run-recipe').open = true")
    wait(browser, "document.querySelector('#run-recipe pre').textContent.includes('theta_of_run')")


# ---------------------------------------------------------------- Inside


def inside_of_one(state):
    def prepare(browser, studio):
        if state == "running":
            studio.runs.open(2, 40, state)
        else:
            ends_one(studio.runs, state)
        opened(browser, studio, f"{INSIDE}&t=20", NET)

    return prepare


def no_such_row(browser, studio):
    studio.runs.open(1, 100)
    opened(browser, studio, f"{INSIDE}&t=40&row=5", NET)
    write(browser, "#row-number", "999", "change")
    wait(browser, "document.querySelector('.error')")


# ---------------------------------------------------------------- Ground


def ground_of_one(state):
    def prepare(browser, studio):
        if state == "running":
            studio.runs.open(3, 40, state)
        else:
            ends_one(studio.runs, state)
        opened(browser, studio, f"{GROUND}&t=20", PAINTED)

    return prepare


def ground_refused(browser, studio):
    studio.runs.open(2, 40)
    studio.ground.refuse = SettingsError(
        "A ground of this network takes too long", why="A loss takes 90 ms",
        fix="start the runs with fewer hidden units",
    )  # fmt: skip
    opened(browser, studio, GROUND, "document.querySelector('.error')")


# ---------------------------------------------------------------- Decide


def question_refused(browser, studio):
    answers = {**made_models()["two classes"], "explain": REFUSED}
    model = studio.models.keep(answers)
    opened(browser, studio, f"#p=decide&m={model}", "document.querySelector('#explain')")
    click(browser, "#explain")
    wait(browser, "document.querySelector('.decide-desk .error')")


def fit_cancelled(browser, studio):
    studio.models.fits = [{"model_run": RUN, "table": canned.ID, "what": "Waiting"}]
    opened(browser, studio, DECIDE, "document.querySelector('.fits li button')")
    browser.run("[...document.querySelectorAll('.fits li button')].at(-1).click()")
    wait(browser, "!document.querySelector('.fits li')")


STATES = {
    "the studio is gone, Train": gone,
    "the studio is gone, Table": gone_in_table,
    "the studio has another key": another_key,
    "the studio has another version": another_version,
    "help": help_sheet,
    "a message with a button": toast,
    "a file is sent": sending,
    "a file is dragged over the page": dragged_over,
    "a choice that cannot be": choice_that_cannot_be,
    "the first rows": first_rows,
    "a start is refused": start_refused,
    "a change is refused": change_refused,
    "the network of a fit, beside a fit": network_of_a_fit,
    "an earlier step": looks_back,
    "inside a run that plays": inside_of_one("running"),
    "inside a run that diverged": inside_of_one("diverged"),
    "inside a run that ended": inside_of_one("ended"),
    "no such row": no_such_row,
    "the ground of runs that play": ground_of_one("running"),
    "the ground of a run that diverged": ground_of_one("diverged"),
    "the ground of a run that ended": ground_of_one("ended"),
    "the ground is refused": ground_refused,
    "a question is refused": question_refused,
    "a fit that was cancelled": fit_cancelled,
}


@pytest.mark.parametrize("state", STATES)
def test_a_state_fits_and_breaks_no_rule(browser, studio, state):
    browser.look(1280, dark=False)
    try:
        STATES[state](browser, studio)
        for width, dark in ((1280, False), (1280, True), (390, False), (390, True)):
            browser.look(width, dark=dark)
            browser.settle()
            assert browser.run("document.documentElement.scrollWidth - innerWidth") <= 0, width
            assert violations(browser) == [], (width, dark)
    finally:
        studio.seconds = 0.0
        browser.run("localStorage.clear()")
