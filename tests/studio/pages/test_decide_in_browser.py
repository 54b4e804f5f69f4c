"""The place Decide in a browser: each kind of model, both modes, three widths; what is asked."""

import copy
import json
from urllib.parse import quote

import pytest

from axe import violations
from browser import reloaded
from studio.pages import canned
from studio.pages.fake_models import RUN
from studio.pages.made_models import COSTS, made_models
from studio.pages.test_studio_page_in_browser import SMALL, UNFOLD
from studio_browser import complaints, open_studio, press, text, wait
from thalweg.errors import DataError

pytestmark = pytest.mark.browser

DESK = "document.querySelector('.decide-desk')"
DRAWN = "document.querySelectorAll('.judged svg').length > 0"
FORGET = "localStorage.clear()"


@pytest.fixture(autouse=True)
def forgets(browser):
    yield
    browser.run(FORGET)


def opened(browser, studio, kind, *, reveal=True, **how):
    """Open the place with a model of this kind."""
    model = studio.models.keep(made_models()[kind])
    open_studio(browser, studio.server.link, hash_=f"#p=decide&m={model}", **how)
    wait(browser, DESK)
    if reveal and browser.run("Boolean(document.querySelector('#reveal'))"):
        browser.run("document.querySelector('#reveal').click()")
        wait(browser, DRAWN)
    return model


def shows_a_row(browser, studio):
    opened(browser, studio, "two classes", reveal=False)
    browser.run("document.querySelector('#explain').click()")
    wait(browser, "document.querySelector('#row-waterfall')")
    browser.run("document.querySelector('.what-if input').value = '30'")
    browser.run("document.querySelector('#ask-what-if').click()")
    wait(browser, "document.querySelector('.changed').textContent")


def trains(browser, studio):
    studio.models.fits = [{"model_run": RUN, "table": canned.ID, "what": "Waiting"}]
    open_studio(browser, studio.server.link, hash_=f"#p=decide&d={canned.ID}")
    wait(browser, "document.querySelector('.fits li')")


def cannot_be_opened(browser, studio):
    open_studio(browser, studio.server.link, hash_=f"#p=decide&m={'e' * 64}")
    wait(browser, "document.querySelector('.error')")


def takes_away(browser, studio):
    opened(browser, studio, "a number")
    for button in ("#make-report", "#predict-table"):
        browser.run(f"document.querySelector({button!r}).click()")
    wait(browser, "document.querySelectorAll('.left a[download]').length === 3")
    assert "null" not in text(browser, ".left")


STATES = {
    "training": trains,
    "no such model": cannot_be_opened,
    "locked": lambda browser, studio: opened(browser, studio, "two classes", reveal=False),
    "a row": shows_a_row,
    "three classes": lambda browser, studio: opened(browser, studio, "three classes"),
    "files of a number": takes_away,
}
LARGE_STATES = {
    "two classes": lambda browser, studio: opened(browser, studio, "two classes"),
    "decided": lambda browser, studio: opened(browser, studio, "decided"),
}


def look_at(browser, studio, prepare):
    for width, dark in ((1280, False), (1280, True), (390, False), (390, True), (360, False)):
        browser.look(width, dark=dark)
        if (width, dark) == (1280, False):
            prepare(browser, studio)
            browser.run(UNFOLD)
        browser.settle()
        assert browser.run("document.documentElement.scrollWidth - innerWidth") <= 0, width
        assert violations(browser) == [], (width, dark)
        assert browser.run(SMALL) == [], width
    own = f"http://127.0.0.1:{studio.port}/"
    asked = [each for each in browser.requests() if not each.startswith(("data:", "about:"))]
    assert all(each.startswith(own) for each in asked)


@pytest.mark.parametrize("state", STATES)
def test_a_state_is_silent_fits_and_breaks_no_rule(browser, studio, state):
    look_at(browser, studio, STATES[state])
    # The files of the last state are not there: this studio makes none.
    assert complaints(browser, network=state == "files of a number") == []


@pytest.mark.slow
@pytest.mark.parametrize("state", LARGE_STATES)
def test_a_large_state_is_silent_fits_and_breaks_no_rule(browser, studio, state):
    look_at(browser, studio, LARGE_STATES[state])
    assert complaints(browser) == []


def test_each_picture_of_the_evaluation_has_a_table_and_the_words_of_the_report(browser, studio):
    opened(browser, studio, "two classes")
    assert (
        browser.run(
            "[...document.querySelectorAll('.judged section')]"
            ".filter((e) => e.querySelector('svg.chart') && !e.closest('#decide')"
            " && !e.querySelector('table')).map((e) => e.id)"
        )
        == []
    )
    assert browser.run("document.querySelectorAll('#decide table').length") >= 3
    said = made_models()["two classes"]["model"]["document"]["result"]["judgement"]
    told = {key: each for key, each in said["sections"].items() if isinstance(each, dict)}
    told = {key: each["sentence"] for key, each in told.items() if "sentence" in each}
    assert "benefit" in told
    for section in told.keys() - {"threshold"}:
        assert told[section] in text(browser, f"#{section}"), section
    assert said["sentence"] in text(browser, ".opinion")
    own = said["network"]["confusion"]
    for key, count in own.items():
        assert text(browser, f"[data-count={key}]") == str(count)


def test_bars_of_both_classes_have_their_colours(browser, studio):
    """The styles of other places do not reach the pictures."""
    opened(browser, studio, "two classes")
    found = browser.run(
        "[...new Set([...document.querySelectorAll('#scores-chart .bar rect')]"
        ".map((each) => getComputedStyle(each).fill))].sort()"
    )
    assert found == ["rgb(0, 114, 178)", "rgb(213, 94, 0)"]
    line = "getComputedStyle(document.querySelector('#roc-picture .line.ink')).stroke"
    assert browser.run(line) == "rgb(34, 34, 34)"
    # And those of the pictures do not reach other places.
    browser.run("location.hash = 'p=table'")
    wait(browser, "document.querySelector('.zone')")
    width = (
        "(() => { const e = document.createElementNS('http://www.w3.org/2000/svg', 'path');"
        " e.setAttribute('class', 'line'); e.setAttribute('stroke-width', '5');"
        " const box = document.createElementNS('http://www.w3.org/2000/svg', 'svg');"
        " box.append(e); document.body.append(box); return getComputedStyle(e).strokeWidth; })()"
    )
    assert browser.run(width) == "5px"


def words_of(pieces):
    """All texts of the pieces of a report."""
    return "".join(each if isinstance(each, str) else words_of(each[2]) for each in pieces)


def test_the_rows_are_locked_until_they_are_revealed_and_stay_so(browser, studio):
    opened(browser, studio, "two classes", reveal=False)
    assert "evaluated on" in text(browser, ".locked")
    assert browser.run("document.querySelector('#roc-picture')") is None
    assert text(browser, "h1") == "The model calls yes above a probability of 0.5"
    # The verdict beside simpler models, and what an explanation says of it, are of these rows, too.
    answers = made_models()["two classes"]
    verdict = words_of(answers["model"]["page"]["said"]["opinion"])
    assert "log-loss" in verdict
    assert "log-loss" not in text(browser, ".middle")
    browser.run("document.querySelector('#explain').click()")
    wait(browser, "document.querySelector('#row-waterfall')")
    caution = answers["explain"]["document"]["result"]["caution"]
    assert "is locked with the held-out rows" in text(browser, ".row-panel")
    assert not (caution and caution in text(browser, ".row-panel"))
    browser.run("document.querySelector('#reveal').click()")
    wait(browser, "document.querySelector('#roc-picture svg')")
    assert "log-loss" in text(browser, ".subtitle + .judged")
    assert "is locked with" not in text(browser, ".row-panel")
    assert caution in text(browser, ".row-panel")
    assert text(browser, "h1").startswith("On 24 rows it had never seen")
    assert "Revealed in this browser on" in text(browser, ".decide-desk")
    # The model with another threshold is judged on the same rows.
    opened(browser, studio, "decided", reveal=False)
    wait(browser, "document.querySelector('#roc-picture svg')")
    assert text(browser, "#threshold-shown") == "0.074"
    assert text(browser, "h1") == "The model calls yes above a probability of 0.0741"


def test_a_truth_value_is_called_as_python_calls_it(browser, studio):
    answers = copy.deepcopy(made_models()["two classes"])
    answers["model"]["document"]["result"]["model"] |= {"classes": [True, False], "positive": False}
    model = studio.models.keep(answers)
    open_studio(browser, studio.server.link, hash_=f"#p=decide&m={model}")
    wait(browser, DESK)
    assert text(browser, "h1") == "The model calls False above a probability of 0.5"
    assert text(browser, ".cost-form").startswith("Cost of a missed False")


def test_a_model_whose_table_is_gone_says_what_it_was_trained_on(browser, studio):
    answers = copy.deepcopy(made_models()["two classes"])
    answers["model"]["table"] = None  # the file of the command line was written anew
    model = studio.models.keep(answers)
    open_studio(browser, studio.server.link, hash_=f"#p=decide&d={canned.ID}&m={model}")
    wait(browser, DESK)
    wait(browser, "document.querySelector('#predict-table').textContent !== 'Predictions'")
    assert "trained on messy.csv" in text(browser, ".subtitle")
    assert text(browser, "#predict-table").startswith("Predictions of ")


def test_a_row_of_several_quantiles_is_explained_for_one_of_them(browser, studio):
    answers = copy.deepcopy(made_models()["a number"])
    answers["model"]["document"]["result"]["model"]["loss"] = "quantile:levels=0.1/0.5/0.9"
    model = studio.models.keep(answers)
    open_studio(browser, studio.server.link, hash_=f"#p=decide&m={model}")
    wait(browser, DESK)
    level = "document.querySelector('#explain-level')"
    assert browser.run(f"{level}.checkVisibility() && {level}.value") == "0.5"
    browser.run(f"{level}.value = '0.9'")
    browser.run("document.querySelector('#explain').click()")
    wait(browser, "document.querySelector('#row-waterfall')")
    assert dict(studio.models.asked)["explain"]["target"] == "0.9"
    browser.run("document.querySelector('.what-if input').value = '30'")
    browser.run("document.querySelector('#ask-what-if').click()")
    wait(browser, "document.querySelector('.changed').textContent")
    assert dict(studio.models.asked)["what-if"]["target"] == "0.9"
    browser.run("document.querySelector('#make-report').click()")
    wait(browser, "document.querySelectorAll('.left a[download]').length === 2")
    assert "target" not in dict(studio.models.asked)["report"]  # it is of all
    opened(browser, studio, "two classes", reveal=False)
    assert not browser.run(f"{level}.checkVisibility()")


def test_predictions_of_another_table_keep_the_columns_that_were_chosen(browser, studio):
    model = studio.models.keep(made_models()["two classes"])
    said = quote(json.dumps({"ids": ["age"]}))
    open_studio(browser, studio.server.link, hash_=f"#p=decide&d={canned.ID}&c={said}&m={model}")
    wait(browser, DESK)
    browser.run("document.querySelector('#predict-table').click()")
    wait(browser, "document.querySelectorAll('.left a[download]').length === 2")
    asked = dict(studio.models.asked)["predict"]
    assert asked == {"model": model, "table": canned.ID, "choices": {}, "ids": ["age"]}


def write(browser, field, words):
    browser.run(
        f"(() => {{ const e = document.querySelector({field!r}); e.value = {words!r};"
        " e.dispatchEvent(new Event('input')); })()"
    )


def test_costs_give_the_threshold_and_the_model_with_it(browser, studio):
    model = opened(browser, studio, "two classes")
    assert browser.run("document.querySelector('#use-threshold').disabled")
    write(browser, "#cost-missed", "-1")
    write(browser, "#cost-alarm", "40")
    assert "numbers above 0" in text(browser, "#cost-said")
    assert (
        browser.run("document.querySelector('#cost-missed').getAttribute('aria-invalid')") == "true"
    )
    write(browser, "#cost-missed", "500")
    said = made_models()["two classes"]["decide"]["document"]["result"]["sentence"]
    wait(browser, f"document.querySelector('#cost-said').textContent === {said!r}")
    assert ("decide", {"model": model, **COSTS}) in studio.models.asked
    assert text(browser, "#threshold-shown") == "0.074"  # the slider follows
    studio.models.keep(made_models()["decided"])
    browser.run("document.querySelector('#cost-alarm').focus()")
    press(browser, "Enter")
    wait(browser, "document.querySelector('.subtitle').textContent.includes('-decided')")
    assert ("set-threshold", {"model": model, **COSTS}) in studio.models.asked
    # The model of before can be had again.
    browser.run(
        "[...document.querySelectorAll('.toast button')]"
        ".find(e => e.textContent === 'Undo').click()"
    )
    wait(browser, "!document.querySelector('.subtitle')?.textContent.includes('-decided')")
    assert f"m={model}" in browser.run("location.hash")
    assert complaints(browser) == []


def test_the_slider_says_its_threshold_as_costs(browser, studio):
    model = opened(browser, studio, "two classes")
    browser.run("document.querySelector('#threshold').focus()")
    for _ in range(3):
        browser.key("ArrowLeft")
    assert text(browser, "#threshold-shown") == "0.47"
    assert browser.run("new URLSearchParams(location.hash.slice(1)).get('thr')") == "0.47"
    assert browser.run("document.querySelector('#cost-missed').value") == "530"
    browser.run("document.querySelector('#use-threshold').click()")
    browser.settle()
    wait(browser, "true")
    asked = ("set-threshold", {"model": model, "missed": 530, "alarm": 470})
    assert asked in studio.models.asked


def test_one_click_trains_with_time_left_and_opens_the_model(browser, studio):
    open_studio(browser, studio.server.link, hash_=f"#d={canned.ID}")
    wait(browser, "document.querySelector('#train-model')?.checkVisibility()")
    browser.run("document.querySelector('#train-model').click()")
    wait(browser, "document.querySelector('.fits li')")
    assert studio.models.asked[-1] == ("fit", {"table": canned.ID, "choices": {}})
    studio.models.tell(what="Training", done=3, total=10, unit="epoch", words="", seconds_left=41.2)
    wait(
        browser,
        "document.querySelector('progress').value === 0.3 * document.querySelector('progress').max",
    )
    assert text(browser, ".fits p") == "Training: epoch 3 of 10, about 42 seconds left."
    model = studio.models.keep(made_models()["three classes"])
    studio.happen("models", models=studio.models.listed)

    async def end():
        studio.models.end(model)

    studio.call(end())
    wait(browser, DESK)
    assert browser.run("new URLSearchParams(location.hash.slice(1)).get('m')") == model
    assert complaints(browser) == []


def test_a_fit_that_fails_leads_back_to_the_findings_of_the_table(browser, studio):
    open_studio(browser, studio.server.link, hash_=f"#p=decide&d={canned.ID}")
    wait(browser, "document.querySelector('#train-model:not([hidden])')")
    lead = "document.querySelector('.empty .acts > .main:not(#train-model)')"
    assert not browser.run(f"{lead}.checkVisibility()")
    browser.run("document.querySelector('#train-model').click()")
    wait(browser, "document.querySelector('.fits li')")
    studio.models.end(None, DataError("The target is missing", fix="leave them out").as_dict())
    wait(browser, "document.querySelector('.empty .error')")
    assert browser.run(f"{lead}.checkVisibility()")
    browser.run(f"{lead}.click()")
    wait(browser, "document.querySelector('#findings')")


def test_a_fit_is_cancelled_and_says_so(browser, studio):
    open_studio(browser, studio.server.link, hash_=f"#p=decide&d={canned.ID}")
    wait(browser, "!document.querySelector('#train-model').disabled")
    browser.run("document.querySelector('#train-model').click()")
    cancel = "[...document.querySelectorAll('.fits button')].find(e => e.textContent === 'Cancel')"
    wait(browser, cancel)
    browser.run(f"{cancel}.click()")
    wait(browser, "document.querySelector('.error')")
    assert "The fit was cancelled" in text(browser, ".error")
    assert "start it again" in text(browser, ".error")
    assert ("cancel", {"model_run": RUN}) in studio.models.asked
    assert browser.run("document.querySelector('#train-model').checkVisibility()")


def test_a_link_shows_the_row_again_that_was_explained(browser, studio):
    model = opened(browser, studio, "two classes", reveal=False)
    assert "explain" not in [verb for verb, _ in studio.models.asked]
    write(browser, "#explain-row", "3")
    browser.run("document.querySelector('#explain').click()")
    wait(browser, "document.querySelector('#row-waterfall')")
    link = browser.run("location.hash")
    assert "row=3" in link
    title = text(browser, "#row-title")
    studio.models.asked.clear()
    browser.run("window.isOld = true; location.reload()")
    wait(browser, "!window.isOld && document.querySelector('#row-waterfall')")
    assert text(browser, "#row-title") == title
    (args,) = (args for verb, args in studio.models.asked if verb == "explain")
    assert (args["model"], args["row"]) == (model, 3)
    # In another place the row is that of Inside.
    studio.models.asked.clear()
    browser.run(f"window.isOld = true; location.hash = {link.replace('p=decide', 'p=table')!r}")
    browser.run("location.reload()")
    wait(browser, "!window.isOld && document.querySelector('.cards')")
    browser.run("document.querySelector('a[data-place=decide]').click()")
    wait(browser, DESK)
    assert "explain" not in [verb for verb, _ in studio.models.asked]
    assert complaints(browser) == []


def test_a_row_is_explained_and_only_changed_cells_are_asked(browser, studio):
    opened(browser, studio, "two classes", reveal=False)
    write(browser, "#explain-row", "3")
    browser.run("document.querySelector('#explain').click()")
    wait(browser, "document.querySelector('#row-waterfall')")
    answer = made_models()["two classes"]["explain"]
    assert text(browser, "#row-title") == f"Row 3: {answer['picture']['sentence']}"
    bars = answer["picture"]["bars"]
    assert browser.run("document.querySelectorAll('.row-panel tbody tr').length") == len(bars) + 2
    assert browser.run("document.activeElement.id") == "row-title"
    browser.run("document.querySelector('#ask-what-if').click()")
    assert "No cell is changed yet" in text(browser, ".changed")
    cells = answer["document"]["result"]["explanation"]["rows"][0]["cells"]
    write(browser, f"#cell-{list(cells).index('Age')}", "30")
    browser.run("document.querySelector('#ask-what-if').click()")
    changed = made_models()["two classes"]["what-if"]["changed"]
    wait(browser, f"document.querySelector('.changed').textContent === {changed!r}")
    # Beside the answer stands the command that gives it, not that of the row as it is.
    command = made_models()["two classes"]["what-if"]["command"]
    assert "--set Age=30" in command
    assert text(browser, ".row-panel .elsewhere pre") == command
    # Rows that are left out of a fit have numbers, too: how many there are is not known here.
    assert not browser.run("document.querySelector('#explain-row').max")
    asked = dict(studio.models.asked)
    assert asked["what-if"]["set"] == {"Age": "30"}
    assert asked["explain"]["row"] == 3
    assert complaints(browser) == []


def test_costs_keep_their_digits_and_what_is_explained_has_its_unit(browser, studio):
    answers = copy.deepcopy(made_models()["decided"])
    of_model = answers["model"]["document"]["result"]["model"]
    of_model["threshold_from"] = {"by": "costs", "missed": 1_000_000, "alarm": 9.99}
    open_studio(browser, studio.server.link, hash_=f"#p=decide&m={studio.models.keep(answers)}")
    wait(browser, DESK)
    fields = "[...document.querySelectorAll('.cost-form input')].map((each) => each.value)"
    assert browser.run(fields) == ["1000000", "9.99"]
    assert "a missed one costs 1,000,000, a false alarm 9.99." in text(browser, "#cost-said")
    for kind, said in (
        ("two classes", "what each column adds to the probability of {}, in percentage points. "),
        ("a number", "what each column adds to the predicted price, in its unit. "),
    ):
        opened(browser, studio, kind)
        browser.run("document.querySelector('#explain').click()")
        wait(browser, "document.querySelector('#row-waterfall')")
        rows = made_models()[kind]["explain"]["document"]["result"]["explanation"]["rows"]
        assert said.format(rows[0]["label"]) in text(browser, ".row-panel .subtitle")
        assert said.format(rows[0]["label"])[1:-2] in text(browser, ".row-panel caption")


def test_an_answer_goes_when_the_next_question_fails(browser, studio):
    answers = dict(made_models()["two classes"])
    model = studio.models.keep(answers)
    open_studio(browser, studio.server.link, hash_=f"#p=decide&m={model}")
    wait(browser, DESK)
    browser.run("document.querySelector('#explain').click()")
    wait(browser, "document.querySelector('#row-waterfall')")
    write(browser, "#cell-0", "30")
    browser.run("document.querySelector('#ask-what-if').click()")
    wait(browser, "document.querySelector('.changed').textContent")
    answers["what-if"] = DataError("Text instead of a number", fix="take another")
    studio.models.keep(answers)
    write(browser, "#cell-0", "abc")
    browser.run("document.querySelector('#ask-what-if').click()")
    wait(browser, "document.querySelector('.row-panel .error')")
    assert text(browser, ".changed") == ""


def test_an_error_says_what_why_and_the_fix_where_it_happened(browser, studio):
    answers = dict(made_models()["two classes"])
    answers["explain"] = DataError(
        "The table has 120 rows", where="row 500", why="Rows are counted from 1", fix="take another"
    )
    model = studio.models.keep(answers)
    open_studio(browser, studio.server.link, hash_=f"#p=decide&m={model}")
    wait(browser, DESK)
    browser.run("document.querySelector('#explain').click()")
    wait(browser, "document.querySelector('.left .error')")
    for words in ("The table has 120 rows", "row 500", "Rows are counted from 1", "Take another"):
        assert words.lower() in text(browser, ".left .error").lower()
    assert not browser.run("document.querySelector('#explain').disabled")


def predicts(browser, studio, answers):
    """Press Predictions with these answers of the studio."""
    model = studio.models.keep(answers)
    open_studio(browser, studio.server.link, hash_=f"#p=decide&m={model}")
    wait(browser, DESK)
    browser.run("document.querySelector('#predict-table').click()")
    return model


def test_what_an_error_of_new_rows_asks_for_is_a_press_away(browser, studio):
    answers = dict(made_models()["a number"])
    of_predictions = answers["predict"]
    answers["predict"] = DataError(
        "Column 2 has no name", fix="say so: --header-row 2 on the command line"
    )
    predicts(browser, studio, answers)
    wait(browser, "document.querySelector('.left .error .main')")
    assert text(browser, ".left .error .main") == "The names are in row 2"
    answers["predict"] = DataError(
        "Columns are not in the table",
        fix="add them as missing: --empty 'CRP mg/l' --empty 'a'\"'\"'b' on the command line, "
        "X = X.assign(**{'--empty z': None}) in pandas",
    )
    browser.run("document.querySelector('.left .error .main').click()")
    wait(browser, "document.querySelector('.left .error')?.textContent.includes('not in the')")
    assert text(browser, ".left .error .main") == "Count 2 columns as missing"
    answers["predict"] = of_predictions
    browser.run("document.querySelector('.left .error .main').click()")
    wait(browser, "document.querySelector('.left a[href^=\"/downloads/predictions/\"]')")
    said = [args.get("choices") for op, args in studio.models.asked if op == "predict"]
    assert said[0] is None
    assert said[1]["header_row"] == 2
    assert (said[2]["header_row"], said[2]["empty"]) == (2, ["CRP mg/l", "a'b"])


def test_what_predict_warns_of_stands_beside_the_predictions(browser, studio):
    answers = copy.deepcopy(made_models()["a number"])
    document = answers["predict"]["document"]
    document["warnings"] = [{"code": "unseen_level", "text": "A new level: <d>.", "fix": "see it"}]
    document["data"]["notes"] = ["Counted as missing: <x>."]
    predicts(browser, studio, answers)
    wait(browser, "document.querySelector('.left a[href^=\"/downloads/predictions/\"]')")
    assert text(browser, ".left .findings .caution > p") == "Caution: A new level: <d>."
    assert text(browser, ".left .findings .note > p") == "Note: Counted as missing: <x>."
    assert complaints(browser) == []


def test_progress_is_said_while_a_file_is_made(browser, studio):
    studio.models.seconds = 1.0
    opened(browser, studio, "three classes")
    browser.run("document.querySelector('#make-report').click()")
    assert text(browser, "#make-report") in ("Making the report", "Reading the table")
    assert browser.run("document.querySelector('#make-report').disabled")
    wait(browser, "document.querySelector('#make-report').textContent === 'Reading the table'")
    wait(browser, "document.querySelector('#make-report').textContent === 'Report'")
    assert text(browser, ".left a[href^='/downloads/report/']").startswith("Download it again")


def test_a_report_holds_what_is_ticked(browser, studio):
    id_ = opened(browser, studio, "three classes")
    table = studio.models.answers[id_]["model"]["table"]
    summary = "#in-report summary"
    assert text(browser, summary) == "In the report: what if"
    browser.run(f"document.querySelector('{summary}').click()")

    def asks():
        browser.run("document.querySelector('#make-report').click()")
        wait(browser, "document.querySelector('#make-report').textContent === 'Report'")
        verb, args = studio.models.asked[-1]
        assert verb == "report"
        return {key: value for key, value in args.items() if key != "model"}

    assert asks() == {"no_what_if": False}
    browser.run("document.querySelector('#report-whatIf').click()")
    assert text(browser, summary) == "In the report: no weights, no rows"
    assert asks() == {"no_what_if": True}
    browser.run("document.querySelector('#report-landscape').click()")
    browser.run(
        "(e => { e.value = ' 3,9 '; e.dispatchEvent(new Event('input')); })"
        "(document.querySelector('#report-rows'))"
    )
    assert text(browser, summary) == "In the report: the training run, rows 3,9"
    assert asks() == {"no_what_if": True, "table": table, "landscape": True, "trace": "3,9"}
    assert violations(browser) == []
    assert complaints(browser) == []


def test_what_takes_long_can_be_cancelled(browser, studio):
    studio.models.seconds = 60.0
    opened(browser, studio, "three classes")
    for kind, make in (("report", "#make-report"), ("predictions", "#predict-table")):
        words = text(browser, make)
        assert browser.run(f"document.querySelector('#stop-{kind}').hidden")
        browser.run(f"document.querySelector('{make}').click()")
        wait(browser, f"document.querySelector('{make}').textContent === 'Reading the table'")
        browser.run(f"document.querySelector('#stop-{kind}').click()")
        wait(browser, f"document.querySelector('{make}').textContent === '{words}'")
        assert browser.run(f"document.querySelector('#stop-{kind}').hidden")
        assert not browser.run(f"document.querySelector('{make}').disabled")
    assert browser.run("document.querySelector('.left a[href^=\"/downloads/report/\"]')") is None
    assert browser.run("document.querySelector('.left .error')") is None
    assert complaints(browser) == []


def test_a_new_file_that_comes_can_be_cancelled(browser, studio):
    studio.seconds = 60.0  # for an upload
    opened(browser, studio, "three classes")
    words = text(browser, "#predict-table")
    browser.run(
        "(() => { const data = new DataTransfer();"
        " data.items.add(new File(['a,b\\n1,2\\n'], 'new.csv'));"
        " const input = document.querySelector('input[aria-label=\"New rows\"]');"
        " input.files = data.files; input.dispatchEvent(new Event('change')); })()"
    )
    button = "document.querySelector('#predict-table')"
    wait(browser, f"{button}.textContent.startsWith('Opening new.csv')")
    browser.run("document.querySelector('#stop-predictions').click()")
    wait(browser, f"{button}.textContent === {words!r}")
    browser.settle()
    assert "predict" not in dict(studio.models.asked)
    assert browser.run("document.querySelector('.left .error')") is None
    assert complaints(browser) == []


def test_pieces_of_a_report_make_no_element_that_is_not_known(browser, studio):
    answers = copy.deepcopy(made_models()["three classes"])
    answers["model"]["page"]["said"]["evaluation"] += [
        ["script", {}, ["window.hurt = 1"]],
        ["img", {"src": "/x.png", "onerror": "window.hurt = 1"}, []],
        ["a", {"href": "javascript:window.hurt = 1"}, ["a link"]],
        ["iframe", {"srcdoc": "<script>parent.hurt = 1</script>"}, []],
        ["p", {"style": "top: 0", "onclick": "window.hurt = 1", "class": "odd"}, ["<b>words"]],
        ["input", {"type": "image", "src": "/y.png", "formaction": "/z"}, []],
    ]  # fmt: skip
    model = studio.models.keep(answers)
    open_studio(browser, studio.server.link, hash_=f"#p=decide&m={model}")
    wait(browser, DRAWN.replace("svg", ".odd"))
    assert browser.run("document.querySelector('.odd').getAttributeNames()") == ["class"]
    assert text(browser, ".odd") == "<b>words"
    found = "document.querySelector('.judged').querySelectorAll('script, img, a, iframe').length"
    assert browser.run(found) == 0
    assert browser.run("window.hurt") is None
    assert complaints(browser) == []


def test_kept_models_are_opened_and_removed_by_two_presses(browser, studio):
    model = opened(browser, studio, "three classes")
    browser.run("document.querySelector('#kept-models').open = true")
    away = "document.querySelector('#kept-models li > button:last-child')"
    browser.run(f"{away}.click()")
    assert browser.run(f"{away}.textContent").startswith("Remove for good")
    browser.run(f"{away}.click()")
    wait(browser, f"!{DESK}")
    assert studio.models.listed == []
    assert browser.run("new URLSearchParams(location.hash.slice(1)).get('m')") is None
    assert model


def tab_to(browser, id_, most=250):
    """Go to a control by Tab alone, as long as that goes round."""
    for _ in range(most):
        press(browser, "Tab")
        if browser.run("document.activeElement.id") == id_:
            return
    raise AssertionError(f"Tab never comes to #{id_}")


def type_in(browser, words):
    for letter in words:
        press(browser, letter)


def test_a_tour_by_the_keyboard_alone_threshold_reveal_row_and_report(browser, studio):
    model = opened(browser, studio, "two classes", reveal=False)
    browser.run("document.querySelector('h1').focus()")
    tab_to(browser, "cost-missed")
    type_in(browser, "500")
    tab_to(browser, "cost-alarm")
    type_in(browser, "40")
    wait(browser, "document.querySelector('#cost-said').textContent.includes('0.07407')"
         " || document.querySelector('#cost-said').textContent.includes('0.0741')")  # fmt: skip
    studio.models.keep(made_models()["decided"])
    press(browser, "Enter")
    wait(browser, "document.querySelector('.subtitle').textContent.includes('-decided')")
    assert ("set-threshold", {"model": model, **COSTS}) in studio.models.asked
    tab_to(browser, "reveal")
    press(browser, "Enter")
    wait(browser, DRAWN)
    assert browser.run("document.activeElement.closest('.middle') !== null")
    tab_to(browser, "explain-row")
    browser.run("document.activeElement.select()")
    type_in(browser, "3")
    press(browser, "Enter")
    wait(browser, "document.querySelector('#row-waterfall')")
    assert browser.run("document.activeElement.id") == "row-title"
    tab_to(browser, "make-report")
    press(browser, " ")
    wait(browser, "document.querySelector('.left a[download][href*=report]')")
    asked = [name for name, _ in studio.models.asked]
    assert asked.count("report") == 1
    assert complaints(browser) == []


def test_each_of_several_targets_is_looked_at(browser, studio):
    answers = {op: dict(each) for op, each in made_models()["two classes"].items()}
    answers["model"] |= {"targets": ["Ill", "Later"], "target": "Ill"}
    model = studio.models.keep(answers)
    open_studio(browser, studio.server.link, hash_=f"#p=decide&m={model}")
    wait(browser, "document.querySelector('#of-target option')")
    answers["model"] |= {"target": "Later"}
    browser.run(
        "(() => { const e = document.querySelector('#of-target'); e.value = 'Later';"
        " e.dispatchEvent(new Event('change')); })()"
    )
    wait(browser, "document.querySelector('#of-target').value === 'Later'")
    browser.run("document.querySelector('#explain').click()")
    wait(browser, "document.querySelector('#row-waterfall')")
    assert ("model", {"model": model, "target": "Later"}) in studio.models.asked
    told = [args for name, args in studio.models.asked if name == "explain"]
    assert told[-1]["target"] == "Later"
    assert "y=Later" in browser.run("location.hash")
    assert complaints(browser) == []


def test_the_target_stays_with_a_new_threshold_and_in_the_link(browser, studio):
    name = "Later, or not"
    ids = []
    for kind in ("decided", "two classes"):
        answers = {op: dict(each) for op, each in made_models()[kind].items()}
        answers["model"] |= {"targets": ["Ill", name], "target": name}
        ids.insert(0, studio.models.keep(answers))
    model, decided = ids

    def asks(id_, **more):
        wait(browser, f"document.querySelector('#of-target')?.value === {name!r}")
        wait(browser, f"location.hash.includes({id_!r})")
        assert [args for op, args in studio.models.asked if op == "model"][-1] == {
            "model": id_, **more,
        }  # fmt: skip

    open_studio(browser, studio.server.link, hash_=f"#p=decide&m={model}")
    wait(browser, "document.querySelector('#of-target option')")
    browser.run(
        f"(() => {{ const e = document.querySelector('#of-target'); e.value = {name!r};"
        " e.dispatchEvent(new Event('change')); })()"
    )
    wait(browser, "new URLSearchParams(location.hash.slice(1)).get('y') === 'Later, or not'")
    wait(browser, "!document.querySelector('.busy:not([hidden])')")
    write(browser, "#cost-missed", "500")
    write(browser, "#cost-alarm", "40")
    wait(browser, "!document.querySelector('#use-threshold').disabled")
    browser.run("document.querySelector('#use-threshold').click()")
    wait(browser, "document.querySelector('.toast')")
    asks(decided, target=name)
    studio.models.asked.clear()
    reloaded(browser)
    asks(decided, target=name)
    browser.run("setTimeout(() => history.back(), 0) && 0")
    wait(browser, f"location.hash.includes({model!r})")
    browser.settle()
    asks(model, target=name)
    browser.run(f"location.hash = '#p=decide&m={model}'")
    browser.settle()
    asks(model)
    assert complaints(browser) == []


def test_a_cell_stands_in_its_field_as_it_can_be_asked_back(browser, studio):
    answers = copy.deepcopy(made_models()["two classes"])
    written = answers["explain"]["picture"]["written"]
    first = next(iter(written))
    written[first] = "2024-03-03T08:41:02+01:00"
    model = studio.models.keep(answers)
    open_studio(browser, studio.server.link, hash_=f"#p=decide&m={model}")
    wait(browser, DESK)
    browser.run("document.querySelector('#explain').click()")
    wait(browser, "document.querySelector('#row-waterfall')")
    assert browser.run("document.querySelector('#cell-0').value") == "2024-03-03T08:41:02+01:00"
    write(browser, "#cell-0", "2024-03-03T09:41:02+01:00")
    browser.run("document.querySelector('#ask-what-if').click()")
    wait(browser, "document.querySelector('.changed').textContent")
    [asked] = [args for op, args in studio.models.asked if op == "what-if"]
    assert asked["set"] == {first: "2024-03-03T09:41:02+01:00"}
    assert complaints(browser) == []


def test_a_model_file_without_its_table_says_so(browser, studio):
    answers = {op: dict(each) for op, each in made_models()["two classes"].items()}
    told = answers["model"]
    told |= {"table": None, "choices": None, "name": told["file"]}
    model = studio.models.keep(answers)
    open_studio(browser, studio.server.link, hash_=f"#p=decide&m={model}")
    wait(browser, DESK)
    assert text(browser, ".decide-desk .subtitle").startswith(f"{told['file']} (trained on ")
    assert not text(browser, ".earlier .sample small").startswith("of ")
    assert browser.run("document.querySelector('#explain').disabled")
    assert browser.run("document.querySelector('#explain-hint').checkVisibility()")
    assert "Rows are those of a table" in text(browser, "#explain-hint")
    assert violations(browser) == []
    own = opened(browser, studio, "three classes", reveal=False)
    assert ", trained on " in text(browser, ".decide-desk .subtitle")
    assert not browser.run("document.querySelector('#explain-hint').checkVisibility()")
    assert own != model
    assert complaints(browser) == []
