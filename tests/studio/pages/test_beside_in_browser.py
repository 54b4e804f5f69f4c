"""Beside the runs in a browser: locked and revealed losses, one unit, a search to its end."""

import pytest

from axe import violations
from studio.pages import canned
from studio.pages.fake_models import RUN
from studio.pages.made_models import made_models
from studio.pages.test_studio_page_in_browser import SMALL, UNFOLD
from studio_browser import complaints, open_studio, text, wait
from thalweg.reporting.page.page_tree import tree_of
from thalweg.reporting.tuning.running_search import running_course
from thalweg.studio.wire.model_requests import all_of_tune

pytestmark = pytest.mark.browser

TRAIN = f"#p=train&d={canned.ID}"
COURSE = tree_of(running_course({0: 0.5, 1: 0.45, 2: None, 3: 0.44}))


def figures(**changed):
    losses = [
        {"subject": name, "value": value, "low": value - 0.05, "high": value + 0.05}
        for name, value in (
            ("network", 0.123), ("always the commoner class", 0.66), ("logistic regression", 0.321),
            ("boosted trees", 0.222),
        )
    ]  # fmt: skip
    return {
        "measure": "log-loss", "of": "log_loss", "unit": "", "n_train": 559, "n_test": 140,
        "how": "Trained on 559 rows, evaluated on 140 held out", "losses": losses,
        "sentence": "These 140 test rows do not show which is better.",
        "fold": {"value": 0.0675, "networks": 5}, "locks": True, "data_hash": "b" * 64, "seed": 0,
        **changed,
    }  # fmt: skip


def a_model(**changed):
    return {
        "model": "c" * 64,
        "file": "churn.safetensors",
        "made": "fit",
        "figures": figures(**changed),
    }


def beside(browser):
    return text(browser, "section[aria-labelledby=beside-title]")


def reveal(browser, data_hash):
    browser.run(f"localStorage.setItem('thalweg-revealed-{data_hash[:24]}-0', 'now')")


def test_what_is_locked_is_not_in_the_page_and_what_is_open_says_its_rows(browser, studio):
    studio.runs.open(4, 60)
    studio.models.beside = {"models": [a_model()]}
    open_studio(browser, studio.server.link, hash_=TRAIN)
    wait(browser, "document.querySelector('.beside-model')")
    wait(browser, "document.querySelectorAll('.losses td').length === 4")
    told = beside(browser)
    assert "locked until it is revealed once, in Decide" in told
    assert "the first of 5 networks has a log-loss of 0.0675" in told
    assert "a little too low" in told
    for secret in ("0.123", "0.222", "0.321", "do not show which is better"):
        assert secret not in browser.run("document.body.textContent"), secret
    assert "These are other rows than those of the model" in told
    try:
        reveal(browser, "b" * 64)
        open_studio(browser, studio.server.link, hash_=TRAIN)
        wait(browser, "document.querySelectorAll('.losses').length === 2")
        told = beside(browser)
        assert "evaluated on 140 held out" in told
        assert "log-loss, nats; 95 % interval" in told
        order = ["network0.123", "boosted trees0.222", "logistic regression0.321"]
        assert [told.index(each) for each in order] == sorted(told.index(each) for each in order)
        assert "Lowest log-loss so far, nats" in told
        assert "does not show that a run is better" in told
        for width, dark in ((1280, False), (1280, True), (390, False), (360, True)):
            browser.look(width, dark=dark)
            browser.run(UNFOLD)
            browser.settle()
            assert browser.run("document.documentElement.scrollWidth - innerWidth") <= 0, width
            assert violations(browser) == [], (width, dark)
            assert browser.run(SMALL) == [], width
    finally:
        browser.run("localStorage.clear()")
    assert complaints(browser) == []


def test_runs_of_a_number_have_the_unit_of_the_model(browser, studio):
    studio.runs.open(1, 60)
    studio.models.beside = {
        "models": [a_model(measure="RMSE", of="rmse", unit="EUR", locks=False, fold=None)],
        "scale": 10.0,
    }
    open_studio(browser, studio.server.link, hash_=TRAIN)
    wait(browser, "document.querySelectorAll('.losses').length === 2")
    assert "Lowest RMSE so far, EUR" in beside(browser)
    lowest = browser.run("Number([...document.querySelectorAll('.losses')].at(-1)"
                         ".querySelector('td').firstChild.textContent)")  # fmt: skip
    drawn = text(browser, ".facts")  # the lowest held-out loss of the run stands there, too
    loss = float(drawn.split("Best measured")[1].split(" at")[0])
    assert lowest == pytest.approx(10 * (2 * loss) ** 0.5, rel=0.01)


def test_the_default_model_is_trained_from_train_and_stays_there(browser, studio):
    studio.runs.open(2, 60)
    open_studio(browser, studio.server.link, hash_=TRAIN)
    wait(browser, "document.querySelector('#fit-beside:not(:disabled)')")
    browser.run("document.querySelector('#fit-beside').click()")
    wait(browser, "document.querySelector('.fits li')")
    studio.call(_tell(studio, what="Training", done=3, total=9, unit="epoch", seconds_left=42.0))
    wait(browser, "document.querySelector('.fits').textContent.includes('42 seconds left')")
    assert "p=train" in browser.run("location.hash")
    assert browser.run("document.querySelector('#fit-beside').disabled")
    model = studio.models.keep(made_models()["two classes"])
    studio.models.beside = {"models": [{**a_model(), "model": model}]}
    studio.call(_end(studio, model))
    wait(browser, "document.querySelector('.beside-model')")
    assert "p=train" in browser.run("location.hash")
    assert "A model is trained." in text(browser, "#toasts")


def test_a_search_is_asked_shown_and_gone_on_with(browser, studio):
    studio.runs.open(2, 60)
    asked = all_of_tune({"table": canned.ID, "choices": {}, "minutes": 7})
    studio.models.beside = {"cut_off": [{"asked": asked, "trials": 12}]}
    open_studio(browser, studio.server.link, hash_=TRAIN)
    wait(browser, "document.querySelector('.cut-off button')")
    assert "cut off after 12 trials" in text(browser, ".cut-off")
    browser.run("document.querySelector('.tune').open = true")
    _write(browser, "tune-minutes", "61")
    browser.run("document.querySelector('#tune').click()")
    wait(browser, "document.querySelector('.tune .error')")
    assert "write one from 1 to 60" in text(browser, ".tune .error")
    _write(browser, "tune-minutes", "")
    browser.run("document.querySelector('#tune').click()")
    wait(browser, "document.querySelector('.tune .error').textContent.includes('no end')")
    _write(browser, "tune-trials", "20")
    browser.run("document.querySelector('#tune').click()")
    wait(browser, "document.querySelector('.fits li')")
    told = dict(studio.models.asked)["tune"]
    assert {key: told[key] for key in ("minutes", "trials", "space")} == {
        "minutes": None, "trials": 20, "space": "small"
    }  # fmt: skip
    end = "[...document.querySelectorAll('.fits button')][0]"
    assert not browser.run(f"{end}.checkVisibility()")  # there is no trial to end with
    studio.call(_draw(studio))
    wait(browser, "document.querySelector('.search.running .t-even')")
    wait(browser, f"{end}.checkVisibility()")
    for width, dark in ((1280, True), (1100, False), (390, False)):
        browser.look(width, dark=dark)
        browser.settle()
        shown = "[...document.querySelectorAll('.search svg.trials')].filter((e) => e.clientWidth)"
        assert browser.run(f"{shown}.length") == 1, width
        assert browser.run("document.documentElement.scrollWidth - innerWidth") <= 0, width
        assert violations(browser) == [], (width, dark)
    assert browser.run(f"{end}.textContent") == "End the search now"
    browser.run(f"{end}.click()")
    wait(browser, f"{end}.disabled")
    assert browser.run(f"{end}.textContent") == "It ends with the trials so far"
    assert dict(studio.models.asked)["finish"] == {"model_run": RUN}
    studio.call(_end(studio, None, {
        "code": "settings", "what": "tune needs Optuna, which is not installed", "where": "",
        "why": "", "fix": 'install it: pip install "thalweg[tune]"',
    }))  # fmt: skip
    wait(browser, "document.querySelector('section[aria-labelledby=beside-title] > div .error')")
    assert 'pip install "thalweg[tune]"' in beside(browser)
    wait(browser, "document.querySelector('.cut-off button')")
    studio.models.asked.clear()
    browser.run("document.querySelector('.cut-off button').click()")
    wait(browser, "document.querySelector('.fits li')")
    told = dict(studio.models.asked)["tune"]
    assert {key: told[key] for key in asked} == asked
    assert complaints(browser) == []


def _write(browser, id_, words):
    browser.run(
        f"(() => {{ const e = document.getElementById({id_!r}); e.value = {words!r};"
        " e.dispatchEvent(new Event('input', { bubbles: true })); })()"
    )


async def _tell(studio, **told):
    studio.models.tell(**told)


async def _draw(studio):
    assert RUN
    studio.models.draw(COURSE)


async def _end(studio, model, error=None):
    studio.models.end(model, error)


def test_a_search_that_gives_the_open_model_again_says_what_is_new_of_it(browser, studio):
    studio.runs.open(2, 60)
    model = studio.models.keep(made_models()["two classes"])
    open_studio(browser, studio.server.link, hash_=f"{TRAIN}&m={model}")
    wait(browser, "document.querySelector('#fit-beside:not(:disabled)')")
    browser.run("document.querySelector('#fit-beside').click()")
    wait(browser, "document.querySelector('.fits li')")
    before = [name for name, _ in studio.models.asked].count("model")
    studio.call(_end(studio, model))
    wait(browser, "document.querySelector('#toasts').textContent.includes('A model is trained.')")
    browser.settle()
    assert [name for name, _ in studio.models.asked].count("model") == before + 1
    assert complaints(browser) == []
