"""``thalweg trace``: from the command line to text, page, JSON and exit code."""

import json
import re
import shlex
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from browser import Browser
from colours import CONTRAST
from mixed import mixed
from places import MODELS
from slow_cases import slow_but
from thalweg import ThalwegClassifier, load_table
from thalweg.cli.main import main
from thalweg.reporting.inline import source_hash
from thalweg.tracing.planted_faults import FAULTS

FAST = ("--hidden", "8", "--epochs", "3", "--early-stopping", "off", "-q")


@pytest.fixture(scope="module")
def model_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "m.safetensors"
    assert main(["fit", "wisconsin", *FAST, "-o", str(path)]) == 0
    return path


def test_a_table_alone_is_learned_and_a_row_of_it_followed(cli):
    code, out, err = cli(
        "trace", "wisconsin", "--row", 17, "--weight", "W1[3,2]", *FAST, "--seed", 4
    )
    assert code == 0, err
    assert out.startswith("Row 17 of wisconsin, benign: probability of malignant")
    assert "The chain rule: dLoss_W1[3,2]" in out
    assert "finite difference" in out
    assert "penalty of squares" in out
    assert "The update of W1[3,2]: adam" in " ".join(out.split())
    table = load_table("wisconsin")
    model = ThalwegClassifier(
        (8,), max_iter=3, early_stopping=False, positive="malignant", random_state=4
    ).fit(table.frame, table.target)
    row = table.frame.iloc[[16]]
    own = model.trace(row, table.target[[16]], weight="W1[3,2]", rows=[17], subject="wisconsin")
    _, told, _ = cli(
        "trace", "wisconsin", "--row", 17, "--weight", "W1[3,2]", *FAST, "--seed", 4, "--json"
    )
    document = json.loads(told)
    assert document["verb"] == "trace"
    assert (document["status"], document["seed"]) == ("ok", 4)
    assert document["result"]["trace"] == own.data


def test_what_is_trained_is_said(cli):
    code, _, err = cli("trace", "wisconsin", *FAST[:-1])
    assert code == 0
    assert "Trained on all 699 rows of wisconsin; seed 0." in err


def test_a_model_is_shown_rows_of_a_table(cli, model_file):
    code, out, _ = cli("trace", model_file, "wisconsin", "--row", "2,24-25", "--steps", 2, "--json")
    assert code == 0
    data = json.loads(out)["result"]["trace"]
    assert [row["row"] for row in data["rows"]] == [2, 24, 25]
    assert [row["target"] for row in data["rows"]] == ["benign", "malignant", "benign"]
    # 559 of the 699 rows were trained on, and all of them by this one network.
    assert data["network"]["penalty"] == 1.0 / 559
    assert len(data["update"]["steps"]) == 2


def test_a_network_of_a_fold_is_traced_with_its_own_rows(cli):
    fast = ("--hidden", "4", "--epochs", "2", "-q")
    assert cli("fit", "wisconsin", *fast, "-o", "folds.safetensors")[0] == 0
    _, out, _ = cli("trace", "folds.safetensors", "wisconsin", "--row", "2", "--json")
    network = json.loads(out)["result"]["trace"]["network"]
    # The first fold of the 559 training rows, equal rows together, leaves 435 to train on.
    assert network["penalty"] == 1.0 / 435
    assert network["taught"] == network["taught_weight"] == 435
    _, out, _ = cli("trace", "folds.safetensors", "wisconsin", "--row", "2")
    assert "This is network 1 of 5. It was trained on 435 rows." in " ".join(out.split())


def test_a_file_that_does_not_tell_the_rows_of_its_networks_is_said_not_to(cli):
    old = MODELS / "wisconsin-format-1.safetensors"
    for asked in (("wisconsin", "--row", "2"), ("--check",)):
        code, out, err = cli("trace", old, *asked)
        assert code == 0, err
        assert "does not say how many rows this network was trained on" in " ".join(out.split())
        assert "penalty of squares" not in out


def test_a_table_may_have_one_row_and_no_target(cli, model_file):
    frame = load_table("wisconsin").frame.iloc[[23]]
    frame.to_csv("one.csv", index=False)
    code, out, err = cli("trace", model_file, "one.csv", "--update", "sgd:lr=0.5,momentum=0.9")
    assert code == 0, err
    assert "predicted as" in out.splitlines()[0]
    assert "sgd:lr=0.5,momentum=0.9" in out
    frame.assign(**{"class": "malignant"}).to_csv("known.csv", index=False)
    _, out, _ = cli("trace", model_file, "known.csv")
    assert out.startswith("Row 1 of known.csv, malignant")
    frame.assign(truth="malignant").to_csv("other.csv", index=False)
    _, out, _ = cli("trace", model_file, "other.csv", "--target", "truth")
    assert out.startswith("Row 1 of other.csv, malignant")


def test_a_page_is_written_and_standard_output_is_left_alone(cli, model_file):
    code, out, err = cli("trace", model_file, "wisconsin", "--row", 2, "-o", "row.html")
    assert (code, out) == (0, "")
    assert "Wrote the page to row.html" in err
    page = Path("row.html").read_text("utf-8")
    assert "<math" in page
    assert cli("trace", model_file, "wisconsin", "-o", "row.html")[0] == 1
    assert cli("trace", model_file, "wisconsin", "-o", "row.html", "--force")[0] == 0
    assert "the largest loss in this network" in Path("row.html").read_text("utf-8")


def test_the_trace_joins_the_report_when_asked(cli, model_file):
    asked = ("--table", "wisconsin", "--trace", "2,24")
    assert cli("report", model_file, "-o", "plain.html")[0] == 0
    assert cli("report", model_file, *asked, "-o", "traced.html")[0] == 0
    plain, traced = (Path(f"{name}.html").read_text("utf-8") for name in ("plain", "traced"))
    assert "no row of the table." in plain
    assert 'class="trace"' not in plain
    assert "no row of the table except those that are traced" in traced
    assert "2 rows of wisconsin (2, 24) as one batch" in traced
    # The policy allows each style of the page by its hash.
    policy = re.search(r'content="(default-src[^"]*)"', traced)[1]
    for style in re.findall(r"<style>(.*?)</style>", traced, flags=re.DOTALL):
        assert source_hash(style) in policy
    for part in (asked[:2], asked[2:]):
        code, _, err = cli("report", model_file, *part)
        assert (code, "needs a table and rows of it" in err) == (2, True)


def test_a_mixed_table_is_traced_and_joins_the_report(cli):
    frame, y = mixed()
    frame.assign(state=y).to_csv("my.csv", index=False)
    told = ("--target", "state", "--category", "code", "--hidden", "4", "--epochs", "2")
    code, out, err = cli("trace", "my.csv", "--row", 6, *told, "--early-stopping", "off", "--json")
    assert code == 0, err
    columns = {c["name"]: c for c in json.loads(out)["result"]["trace"]["columns"]}
    assert columns["code=9100"]["raw"] == [str(frame["code"][5])]
    assert columns["town=Bern"]["raw"] == [frame["town"][5]]
    assert cli("fit", "my.csv", *told, "-o", "my.safetensors")[0] == 0
    row = int(np.flatnonzero((frame["town"] == "Bern") & (frame["ward"] == "W01"))[0]) + 1
    code, out, err = cli("trace", "my.safetensors", "my.csv", "--row", row)
    assert code == 0, err
    assert f"Row {row} of my.csv, {y[row - 1]}: " in out
    assert re.search(r"town=Bern +Bern ", out)
    traced = ("--table", "my.csv", "--trace", row)
    assert cli("report", "my.safetensors", *traced, "-o", "my.html")[0] == 0
    assert "town=Bern" in Path("my.html").read_text("utf-8")
    code, _, err = cli("trace", "my.safetensors", "my.csv", "--category", "code")
    assert (code, "A saved model has its own settings" in err) == (2, True)


@pytest.mark.parametrize("table", [(), ("wisconsin",)])
def test_a_right_gradient_ends_well(cli, model_file, table):
    code, out, _ = cli("trace", model_file, *table, "--check")
    assert code == 0
    assert out.startswith("The gradient is right")
    said = " ".join(out.split())
    assert f"the loss of 8 {'rows' if table else 'random rows'}." in said
    assert f"8 at a time, of {699 if table else 96} in all." in said


# One in a slope, one in the penalty, and one that does not show.
SOME_FAULTS = ("sigmoid_derivative", "missing_penalty", "slope_at_output")
# Of ReLU the slope at A is that at Z; the others are for several classes or numbers.
NOT_HERE = ("slope_at_output", "softmax_diagonal_only", "twice_the_error", "error_not_clipped",
            "swapped_sides")  # fmt: skip


@pytest.mark.quick_each(3, 1)
@pytest.mark.parametrize("fault", slow_but(SOME_FAULTS, sorted(FAULTS)))
def test_a_planted_fault_ends_with_3(cli, model_file, fault):
    code, out, err = cli("trace", model_file, "--plant", fault, "--json")
    document = json.loads(out)
    if fault in NOT_HERE:
        assert code == 2
        assert "does not show in this network" in err
        return
    assert code == 3, err
    assert document["status"] == "check"
    assert document["error"] is None
    assert not document["result"]["check"]["passes"]
    assert document["result"]["check"]["fault"] == fault


def test_the_check_as_a_page(cli, model_file):
    code, out, _ = cli("trace", model_file, "--plant", "sign", "-o", "check.html")
    assert (code, out) == (3, "")
    assert "caught the planted fault" in Path("check.html").read_text("utf-8")


def test_the_derivative_lesson(cli):
    code, out, _ = cli("trace", "--lesson", "derivative")
    assert code == 0
    assert "f(x) = x² at x = 3, where the slope is 6" in out
    assert "f(x) = x² at x = -2, where the slope is -4" in out
    assert "The forward quotient is best at h = 1e-08" in out
    for name, magic in (("l.png", b"\x89PNG"), ("l.svg", b"<?xml"), ("l.html", b"<!doctype")):
        assert cli("trace", "--lesson", "derivative", "-o", name)[0] == 0
        assert Path(name).read_bytes().startswith(magic)
    _, told, _ = cli("trace", "--lesson", "derivative", "--json")
    assert json.loads(told)["result"]["lesson"]["turns"]["forward"] == 1e-8


def test_the_example_of_the_help_has_no_factor_that_is_zero(cli):
    told = cli("trace", "--help")[1]
    line = next(each for each in told.splitlines() if '--weight "' in each)
    words = shlex.split(line)
    assert words[:3] == ["thalweg", "trace", "wisconsin"]
    code, out, err = cli(*words[1:], "--json", "-q")
    assert code == 0, err
    chain = json.loads(out)["result"]["trace"]["chain"]
    (row,) = chain["rows"]
    factors = [*row["paths"][0]["factors"], *row["local"]]
    assert chain["name"] == words[-1]
    assert all(factor["value"] for factor in factors)


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        ((), 2, "No table is named"),
        (("MODEL",), 2, "A model alone has no rows to trace"),
        (("MODEL", "wisconsin", "wisconsin"), 2, "3 files are too many"),
        (("MODEL", "wisconsin", "--hidden", "3"), 2, "A saved model has its own settings"),
        (("MODEL", "wisconsin", "--row", "700"), 2, "the table has the rows 1 to 699"),
        (("MODEL", "wisconsin", "--row", "5-3"), 2, "range 5-3 runs backwards (--row 5-3)"),
        (("MODEL", "wisconsin", "--row", "5-3,15-3,x"), 2, "Fix: --row 3-5,3-15,x."),
        (("MODEL", "wisconsin", "--row", "3,3"), 2, "Fix: --row 3."),
        (("MODEL", "wisconsin", "--row", "3,5-9,5"), 2, "Row 5 is named more than once"),
        (("MODEL", "wisconsin", "--row", "3,5-9,5"), 2, "Fix: --row 3,5-9."),
        (("MODEL", "wisconsin", "--row", "900-3"), 2, "the table has the rows 1 to 699"),
        (("MODEL", "wisconsin", "--row", "0"), 2, '"0" is not a row'),
        (("MODEL", "wisconsin", "--row", "x"), 2, "write 17, or 3,17-19"),
        (("MODEL", "wisconsin", "--row", "1-101"), 1, "101 rows are too many"),
        (("MODEL", "wisconsin", "--weight", "W1[9,1]"), 2, "count from 1 to 8"),
        (("MODEL", "wisconsin", "--update", "typo"), 2, "no optimizer 'typo'"),
        (("MODEL", "wisconsin", "--target", "typo"), 2, 'There is no column "typo"'),
        (("MODEL", "--check", "--weight", "W1[1,1]"), 2, "--weight is for a trace"),
        (("MODEL", "--check", "--row", "3"), 2, "There is no table to take rows from"),
        (("MODEL", "--plant", "typo"), 2, "no planted fault 'typo'"),
        (("--lesson", "typo"), 2, "take one of derivative"),
        (("wisconsin", "--lesson", "derivative"), 2, "The lesson needs no table"),
        (("nosuch.csv",), 1, "nosuch.csv"),
        (("MODEL", "wisconsin", "-o", "MODEL"), 2, "would replace what is read"),
    ],
)
def test_a_mistake_is_reported(cli, model_file, arguments, code, says):
    words = [str(model_file) if word == "MODEL" else word for word in arguments]
    ended, out, err = cli("trace", *words)
    assert ended == code, err
    assert says in err
    assert out == ""
    assert "defect" not in err


# --- in a browser -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    browser = Browser(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


PAGES = {
    "row": ("MODEL", "wisconsin", "--row", "2"),
    "rows": ("MODEL", "wisconsin", "--row", "2-4", "--update", "adam:lr=0.004,beta_2=0.95,clip=1"),
    "check": ("MODEL", "wisconsin", "--check", "--row", "1-20"),
    "lesson": ("--lesson", "derivative"),
}


@pytest.fixture(scope="module")
def pages(tmp_path_factory, model_file):
    folder = tmp_path_factory.mktemp("pages")
    for name, words in PAGES.items():
        words = [str(model_file) if word == "MODEL" else word for word in words]
        assert main(["trace", *words, "-q", "-o", str(folder / f"{name}.html")]) == 0
    return folder


def opened(browser, path, **look):
    """The page, everything that is folded opened; of these, only that of a trace has a script."""
    browser.events.clear()
    browser.look(look.pop("width", 1280), **look)
    browser.send("Page.navigate", url=path.as_uri())
    browser.wait_for("Page.loadEventFired")
    browser.run("document.querySelectorAll('details').forEach(each => { each.open = true; })")
    browser.settle()
    return browser


@pytest.mark.browser
@pytest.mark.parametrize("dark", [False, True])
def test_a_page_in_a_browser(browser, pages, dark):
    page = opened(browser, pages / "row.html", dark=dark)
    paper = page.run("getComputedStyle(document.body).backgroundColor")
    ink = page.run("getComputedStyle(document.querySelector('.trace')).color")
    assert (paper, ink) == (
        ("rgb(15, 20, 25)", "rgb(233, 236, 239)")
        if dark
        else ("rgb(251, 250, 247)", "rgb(27, 31, 36)")
    )
    # Drawn as mathematics: the fractions of one line stand side by side.
    tops = page.run("[...document.querySelectorAll('mfrac')].map(e => e.getBoundingClientRect().x)")
    assert len(tops) == 6
    assert tops == sorted(tops)
    assert all(url.startswith("file:") for url in page.requests())
    assert page.errors() == []


# Words of cells that are broken in two; a range may be broken, after its dots.
SHREDS = """
(() => {
  const found = [];
  for (const cell of document.querySelectorAll('td, th')) {
    for (const node of cell.childNodes) {
      if (node.nodeType !== Node.TEXT_NODE) continue;
      for (const { 0: word, index } of node.data.matchAll(/[^\\s…]+/g)) {
        const range = document.createRange();
        range.setStart(node, index);
        range.setEnd(node, index + word.length);
        const tops = new Set([...range.getClientRects()].map(r => Math.round(r.top)));
        if (tops.size > 1) found.push(word);
      }
    }
  }
  return found;
})()
"""


@pytest.mark.browser
@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_a_phone_and_breaks_no_word(browser, pages, name):
    page = opened(browser, pages / f"{name}.html", width=390)
    assert page.run("document.documentElement.scrollWidth") <= 390
    assert page.run(SHREDS) == []
    assert page.run("document.querySelectorAll('td').length") > 5


@pytest.mark.browser
@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("dark", [False, True])
def test_every_text_of_a_page_can_be_read(browser, pages, name, dark):
    page = opened(browser, pages / f"{name}.html", dark=dark)
    seen, found = page.run(CONTRAST)
    assert found == []
    assert seen > 15


@pytest.mark.browser
@pytest.mark.parametrize("name", PAGES)
def test_headings_begin_with_one_of_the_first_order_and_leave_none_out(browser, pages, name):
    page = opened(browser, pages / f"{name}.html")
    levels = page.run("[...document.querySelectorAll('h1,h2,h3,h4')].map(e => +e.tagName[1])")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert page.run("document.querySelector('h1').textContent") == page.run("document.title")


@pytest.fixture(scope="module")
def german_file(tmp_path_factory):
    """A model of a table with amounts, towns and dates."""
    folder = tmp_path_factory.mktemp("german")
    rows = range(60)
    frame = pd.DataFrame({
        "Betrag": [f"{2 + i % 7}.{100 + i}.567" if i % 2 else f"1.{200 + i}" for i in rows],
        "Ort": [("Bern", "Basel", "Chur")[i % 3] for i in rows],
        "Alter": [20 + i for i in rows],
        "Aufnahme": [f"2021-{1 + i % 12:02}-{1 + i % 28:02}" for i in rows],
        "krank": ["ja" if i % 2 else "nein" for i in rows],
    })  # fmt: skip
    table, model = folder / "german.csv", folder / "german.safetensors"
    frame.to_csv(table, index=False)
    assert main(["fit", str(table), "--target", "krank", *FAST, "-o", str(model)]) == 0
    return frame, model


def test_a_cell_is_named_by_its_row_in_the_table(cli, german_file):
    frame, model = german_file
    wrong = frame.astype(object)
    wrong.loc[2, "Alter"] = "viele"
    wrong.to_csv("wrong.csv", index=False)
    for row in (3, 5):  # the whole table is read, as by predict
        code, _, err = cli("trace", model, "wrong.csv", "--row", row)
        assert code == 1
        assert 'column "Alter", row 3' in err
    strange = frame.astype(object)
    strange.loc[2, "krank"] = "unklar"
    strange.to_csv("strange.csv", index=False)
    for more in ((), ("--check",)):
        code, _, err = cli("trace", model, "strange.csv", "--row", "2,3", *more)
        assert (code, "(row 3)" in err) == (1, True), err


def test_a_level_is_named_by_its_row_and_no_option_that_trace_lacks(cli, german_file):
    frame, model = german_file
    frame.assign(Ort=["Genf", "Bern", "Genf", *frame["Ort"][3:]]).to_csv("new.csv", index=False)
    code, _, err = cli("trace", model, "new.csv", "--row", "2-4")
    assert code == 0, err
    assert '1 row ("Genf", first in row 3)' in err
    assert "--unknown" not in err
    code, _, err = cli("trace", model, "new.csv", "--row", "2")
    assert (code, "Genf" in err) == (0, False), err
    code, _, err = cli("predict", model, "new.csv")
    assert '2 rows ("Genf", first in row 1)' in err
    assert "--unknown ignore" in err


def test_a_row_is_read_with_its_table_as_predict_reads_it(cli):
    rows = range(60)
    plain = pd.DataFrame({"m": [100 + i for i in rows], "y": ["a" if i % 2 else "b" for i in rows]})
    plain.to_csv("plain.csv", index=False)
    assert cli("fit", "plain.csv", "--target", "y", *FAST, "-o", "m.safetensors")[0] == 0
    for name, last in (("two.csv", "1.234.567"), ("one.csv", "7")):
        Path(name).write_text("m;y\n1.234;a\n5;b\n6;a\n" + last + ";b\n")
        predicted, _, said = cli("predict", "m.safetensors", name, "-q")
        traced, out, err = cli("trace", "m.safetensors", name, "--row", 1, "--json", "-q")
        assert traced == predicted, err
        if predicted:
            assert err == said
        else:
            read = json.loads(out)["result"]["trace"]["columns"][0]["raw"]
            assert read == [1.234]
    # An example says how the numbers are written, and then all of them are read by it.
    how = ("--number", "m=1.234.567", "--row", 1)
    code, out, err = cli("trace", "m.safetensors", "two.csv", *how, "--json")
    assert code == 0, err
    assert json.loads(out)["result"]["trace"]["columns"][0]["raw"] == [1234.0]


def test_words_for_missing_values_are_said_as_to_predict(cli, german_file):
    frame, model = german_file
    frame.astype({"Alter": object}).assign(Alter=["k.A.", *frame["Alter"][1:]]).to_csv(
        "words.csv", index=False
    )
    assert cli("trace", model, "words.csv", "-q")[0] == 1
    again = ("trace", model, "words.csv", "--missing", "Alter=k.A.")
    code, out, err = cli(*again, "--row", 1, "--json")
    assert code == 0, err
    columns = {c["name"]: c for c in json.loads(out)["result"]["trace"]["columns"]}
    assert columns["Alter"]["raw"] == [None]


def test_an_option_that_a_saved_model_has_no_use_for_is_named(cli, german_file):
    frame, model = german_file
    frame.to_csv("t.csv", index=False)
    for option in (("--date", "Aufnahme=dmy"), ("--epochs", "3"), ("--early-stopping", "off")):
        code, _, err = cli("trace", model, "t.csv", *option)
        assert (code, f"{option[0]} cannot be used here" in err) == (2, True), err


def test_an_input_of_a_date_is_missed_as_one(cli, german_file):
    frame, model = german_file
    frame.to_csv("t.csv", index=False)
    for column, why in (("Aufnahme", "A date has an input for each of its parts"),
                        ("Ort", "A category has an input for each level")):  # fmt: skip
        code, _, err = cli("trace", model, "t.csv", "--weight", f"W1[4,{column}]")
        assert (code, why in err) == (2, True), err


@pytest.fixture(scope="module")
def every_task(tmp_path_factory):
    """A table with three classes and a number with a unit, and a model of each."""
    folder = tmp_path_factory.mktemp("tasks")
    rng = np.random.default_rng(6)
    dose, age = rng.normal(5, 2, 90), rng.integers(20, 80, 90)
    frame = pd.DataFrame({
        "dose": dose.round(2),
        "age": age // 5,
        "kind": np.array(["low", "middle", "high"])[np.clip(dose // 3, 0, 2).astype(int)],
        "cost": (1200 + 90 * dose + 3 * age + rng.normal(size=90) * 20).round(1),
    })  # fmt: skip
    frame.loc[3, "kind"], frame.loc[3, "cost"] = "low", 9000.0  # by far the worst of all rows
    frame.loc[3, "dose"] = 9.5
    frame.to_csv(folder / "t.csv", index=False)
    for target in ("kind", "cost"):
        asked = ("--target", target, "--drop", {"kind": "cost", "cost": "kind"}[target])
        model = str(folder / f"{target}.safetensors")
        assert main(["fit", str(folder / "t.csv"), *asked, *FAST, "-o", model]) == 0
    return frame, folder


@pytest.mark.parametrize("target", ["kind", "cost"])
def test_every_task_is_traced_from_a_model_and_from_a_table(cli, every_task, target):
    frame, folder = every_task
    code, out, err = cli("trace", folder / f"{target}.safetensors", folder / "t.csv")
    assert code == 0, err
    assert out.startswith(f"Row 4 of t.csv, {'low' if target == 'kind' else '9000'}: ")
    said = " ".join(out.split())
    assert "of the 90 rows, this one has the largest loss in this network" in said
    assert ("The softmax, spelled out" in said) == (target == "kind")
    assert ("predictions are clipped" in said.lower()) == (target == "cost")
    asked = ("--target", target, "--drop", {"kind": "cost", "cost": "kind"}[target], *FAST)
    code, told, err = cli("trace", folder / "t.csv", *asked, "--row", "2,5", "--json")
    assert code == 0, err
    data = json.loads(told)["result"]["trace"]
    assert data["picked"] is None
    assert [row["row"] for row in data["rows"]] == [2, 5]
    assert [row["target"] for row in data["rows"]] == [
        str(frame[target][k]).removesuffix(".0") for k in (1, 4)
    ]
    assert data["target"]["task"] == {"kind": "multiclass", "cost": "regression"}[target]
    code, out, err = cli(
        "trace", folder / f"{target}.safetensors", folder / "t.csv", "-o", "p.html"
    )
    assert (code, out) == (0, ""), err
    assert "Row 4 of t.csv" in Path("p.html").read_text("utf-8")


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("target", ["kind", "cost"])
def test_the_gradient_of_every_task_is_checked_and_its_faults_are_caught(cli, every_task, target):
    _, folder = every_task
    model, own = folder / f"{target}.safetensors", "twice_the_error"
    other = "softmax_diagonal_only"
    if target == "kind":
        own, other = other, own
    for table in ((), (folder / "t.csv",)):
        code, out, err = cli("trace", model, *table, "--check")
        assert code == 0, err
        assert out.startswith("The gradient is right")
    code, out, _ = cli("trace", model, "--plant", own)
    assert code == 3
    assert f"Planted on purpose: {own}." in " ".join(out.split())
    code, _, err = cli("trace", model, "--plant", other)
    assert (code, "does not show in this network" in err, own in err) == (2, True, True)


def test_a_number_is_not_traced_without_its_truth(cli, every_task):
    frame, folder = every_task
    frame.drop(columns="cost").to_csv("new.csv", index=False)
    for more in ((), ("--row", 3), ("--check",)):
        code, out, err = cli("trace", folder / "cost.safetensors", "new.csv", *more)
        assert (code, out) == (1, ""), err
        assert "The true target is not known" in err
        assert "all derivatives would be 0" in err
    frame.assign(cost=[None] * 89 + [2000.0]).to_csv("one.csv", index=False)
    code, out, err = cli("trace", folder / "cost.safetensors", "one.csv")
    assert code == 0, err
    assert out.startswith("Row 90 of one.csv, 2000: ")
    frame.drop(columns="kind").to_csv("kinds.csv", index=False)
    code, out, _ = cli("trace", folder / "kind.safetensors", "kinds.csv")
    assert code == 0
    assert "is least sure" in " ".join(out.split())


def test_a_label_that_the_model_does_not_know_is_not_the_default_row(cli, every_task):
    frame, folder = every_task
    frame.assign(kind=["odd", *frame["kind"][1:]]).to_csv("odd.csv", index=False)
    code, out, err = cli("trace", folder / "kind.safetensors", "odd.csv")
    assert code == 0, err
    assert "of the 89 rows" in " ".join(out.split())
    frame.assign(kind="odd").to_csv("odd.csv", index=False)
    code, _, err = cli("trace", folder / "kind.safetensors", "odd.csv")
    assert (code, 'The label "odd" is not one of the model\'s' in err) == (1, True)


def test_a_number_in_another_unit_is_refused_and_said_as_to_evaluate(cli, every_task):
    frame, folder = every_task
    frame.assign(cost=[f"{v} kg" for v in frame["cost"]]).to_csv("kg.csv", index=False)
    code, _, err = cli("trace", folder / "cost.safetensors", "kg.csv")
    assert (code, "kg" in err) == (1, True), err


def test_task_and_loss_are_those_of_the_table(cli, every_task):
    _, folder = every_task
    asked = ("trace", folder / "t.csv", "--target", "age", "--drop", "kind", *FAST)
    code, told, err = cli(*asked, "--loss", "huber:delta=0.5", "--json")
    assert code == 0, err
    target = json.loads(told)["result"]["trace"]["target"]
    assert target["constant"] == {"name": "delta", "value": 0.5}
    code, told, err = cli(*asked, "--task", "classification", "--row", 3, "--json")
    assert code == 0, err
    assert len(json.loads(told)["result"]["trace"]["target"]["classes"]) == 12
    code, _, err = cli(*asked, "--task", "classification", "--loss", "huber")
    assert (code, "--loss is for targets that are numbers" in err) == (2, True), err
    for more in (("--task", "regression"), ("--preset", "article"), ("--preset", "quick")):
        code, _, err = cli("trace", folder / "cost.safetensors", folder / "t.csv", *more)
        assert (code, f"{more[0]} cannot be used here" in err) == (2, True), err


def test_the_preset_is_the_articles_network_without_rows_that_lack_a_cell(cli):
    asked = ("trace", "wisconsin", "--preset", "article", "--epochs", "3")
    code, told, err = cli(*asked, "--json")
    assert code == 0, err
    assert "rows with a missing cell are left out: 16 of 699 rows" in " ".join(err.split())
    data = json.loads(told)["result"]["trace"]
    assert data["network"]["sizes"] == [9, 15, 1]
    assert data["network"]["activations"] == ["relu", "identity"]
    assert (data["network"]["penalty"], data["network"]["l1"]) == (0.0, 0.0)
    assert (data["update"]["rule"], data["update"]["rate"]) == ("sgd", 0.07)
    assert data["picked"]["n_rows"] == 683
    # Rows keep their numbers of the file, and one that is left out is named.
    code, _, err = cli(*asked, "--row", 24)
    assert (code, "Row 24 is left out of the table" in err) == (2, True)
    code, told, _ = cli(*asked, "--row", 25, "--hidden", 4, "--json")
    data = json.loads(told)["result"]["trace"]
    row = load_table("wisconsin").frame.iloc[24]
    assert [column["raw"][0] for column in data["columns"]] == [float(cell) for cell in row]
    assert data["network"]["sizes"] == [9, 4, 1]


def test_the_preset_needs_a_row_without_a_missing_cell(cli):
    frame = pd.DataFrame({"x": [1.0, None] * 20, "z": [None, 2.0] * 20, "y": ["a", "b"] * 20})
    frame.to_csv("t.csv", index=False)
    code, _, err = cli("trace", "t.csv", "--target", "y", "--preset", "article")
    assert (code, "Every row has a missing cell" in err) == (1, True), err
    assert "--preset article" in err


@pytest.mark.parametrize("more", [(), ("--check",), ("--plant", "sign")])
def test_a_trace_is_no_picture(cli, model_file, more):
    code, out, err = cli("trace", model_file, "wisconsin", *more, "-o", "x.png")
    assert (code, out) == (2, "")
    assert "A trace is not written as .png" in err
    assert "Fix: write --output x.html." in err
    assert not Path("x.png").exists()


def test_equal_runs_end_with_the_same_line_of_progress(cli):
    told = ("--hidden", "4", "--epochs", "6")
    lines = set()
    for _ in range(4):
        code, _, err = cli("trace", "wisconsin", *told)
        assert code == 0, err
        (line,) = [each for each in err.splitlines() if each.startswith("Training: 30 epochs")]
        lines.add(line)
    (line,) = lines
    assert "5 of 5 networks, mean of their best epochs: loss " in line


def test_a_trace_of_a_table_alone_speaks_of_no_evaluation_that_it_does_not_do(cli):
    """It trains on all rows: no split, no judgement, and no option that the verb has not."""
    n = 80
    day = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(n), "D")
    patients = [f"p{k % 20:02}" for k in range(n)]
    table = pd.DataFrame(
        {"patient_id": patients, "seen": day.strftime("%Y-%m-%d"), "x": np.arange(n) % 7}
    ).assign(y=np.where(np.arange(n) % 3 == 0, "ill", "well"))
    pd.concat([table, table[:5]]).to_csv("t.csv", index=False)
    quick = ("--hidden", "2", "--epochs", "2", "--early-stopping", "off")
    code, _, err = cli("trace", "t.csv", "--target", "y", "--row", "3", *quick)
    assert code == 0, err
    said = " ".join(err.split())
    assert "The positive class is" in said
    for word in ("split", "judg", "evaluation", "in test", "--time-column", "--group"):
        assert word not in said, said
    _, _, err = cli("fit", "t.csv", "--target", "y", *quick)
    assert "--group patient_id" in " ".join(err.split())
