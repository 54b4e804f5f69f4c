"""The page and the real studio: a messy file of one's own, from the first click to a fit."""

import json
import random
import subprocess
import sys

import pytest

from axe import violations
from studio_browser import complaints, open_studio, text, wait

pytestmark = [pytest.mark.browser, pytest.mark.slow]

_DONE = "document.querySelector('.card h2') && !document.querySelector('.busy:not([hidden])')"


@pytest.fixture
def link(tmp_path):
    command = [sys.executable, "-m", "thalweg", "studio", "--no-browser"]
    with subprocess.Popen(
        [*command, "--workspace", str(tmp_path / "work")], stdout=subprocess.PIPE, text=True
    ) as served:
        assert served.stdout
        yield next(word for line in served.stdout for word in line.split() if "http://" in word)
        served.terminate()


def messy(path):
    dice = random.Random(0)
    rows = [
        f"P{i:04d};{dice.choice([str(dice.randint(20, 90))] * 9 + ['unknown'])};"
        f"{dice.gauss(75, 12):.1f}".replace(".", ",") + f";{dice.choice('ABC')};"
        + dice.choice(["yes", "no", "no"])
        for i in range(300)
    ]  # fmt: skip
    path.write_text("\n".join(["id;age;weight kg;grade;ill <b>", *rows, ""]), encoding="utf-8")
    return path


def choose_file(browser, path):
    browser.send("DOM.enable")
    root = browser.send("DOM.getDocument")["root"]["nodeId"]
    found = browser.send("DOM.querySelector", nodeId=root, selector="input[type=file]")
    browser.send("DOM.setFileInputFiles", nodeId=found["nodeId"], files=[str(path)])


def test_an_own_table_is_opened_fixed_and_kept(browser, link, tmp_path):
    open_studio(browser, link)
    choose_file(browser, messy(tmp_path / "my table.csv"))
    wait(browser, _DONE, 60)
    assert text(browser, "h1") == "Choose the column to predict"
    assert text(browser, ".subtitle").startswith("my table.csv: 300 rows, 5 columns; ")
    browser.run("document.querySelector('#predict-4').click()")
    wait(browser, "document.querySelector('h1').textContent.startsWith('ill <b>: ')")
    wait(browser, _DONE)
    age = "[...document.querySelectorAll('.card')][1]"
    assert browser.run(f"{age}.classList.contains('unused')")
    assert "Severe" in browser.run(f"{age}.textContent")
    browser.run(f"{age}.querySelector('.findings button').click()")
    wait(browser, f"!{age}.classList.contains('unused')")
    wait(browser, _DONE)
    n_unknown = (tmp_path / "my table.csv").read_text("utf-8").count("unknown")
    assert browser.run(f"{age}.querySelector('dl dd').textContent").startswith(f"{n_unknown} (")
    command = text(browser, "[aria-label=Command]")
    assert command.startswith("thalweg fit 'my table.csv' --target 'ill <b>'")
    assert "--missing" in command
    assert violations(browser) == []
    # The address brings it back.
    browser.run("window.old = true; location.reload()")
    wait(browser, f"!window.old && {_DONE} && document.querySelector('h1').textContent[0] === 'i'")
    assert text(browser, "[aria-label=Command]") == command
    # Its copy in the workspace is removed by two presses.
    browser.run("document.querySelector('#other-table').click()")
    wait(browser, "document.querySelector('.earlier button')")
    assert text(browser, ".earlier bdi") == "my table.csv"
    remove = "document.querySelector('.earlier li > button:last-child')"
    browser.run(f"{remove}.click()")
    assert browser.run(f"{remove}.textContent") == "Remove for good"
    browser.run(f"{remove}.click()")
    wait(browser, "!document.querySelector('.earlier li')")
    assert complaints(browser) == []


# As a spreadsheet of a German office writes it: empty rows within and at the end, and a word for
# a missing value; € is no letter of Latin-1.
UGLY = """Nr;Größe in m;Beitrag €;Beginn;Straße;krank
1;1,75;1.250,50;01.02.2024;Königsallee;ja
2;1,62;980,00;15.03.2024;"Am ""Markt""; 3";nein

3;k.A.;1.100,25;20.04.2024;Königsallee;ja
4;1,80;;02.05.2024;;nein
;;;;;
5;1,71;1.300,00;17.06.2024;Königsallee;nein
6;1,90;875,10;30.07.2024;Bahnhofstraße;ja
;;;;;
"""


def drop_file(browser, path):
    """As from another window: the browser itself opens the file."""
    data = {"items": [], "files": [str(path)], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        browser.send("Input.dispatchDragEvent", type=kind, x=600, y=500, data=data)


def shown_of(browser):
    """What the page says of the open table, all folded parts included."""
    return browser.run(
        "(() => { const words = (part, of) => [...part.querySelectorAll(of)].map((e) =>"
        " e.textContent); return { notes: words(document, '.right .notes li'),"
        " findings: words(document, '.right .findings > li'), cards:"
        " [...document.querySelectorAll('.card')].map((e) => [e.querySelector('h2').textContent,"
        " words(e, '.findings > li'), words(e, 'dl dd')]) }; })()"
    )


def require_words_of_check(shown, document):
    """Findings, notes and cards say what the command line's check says."""
    assert shown["notes"] == document["data"]["notes"]
    findings = document["result"]["findings"]
    assert len(findings) == len(shown["findings"]) > 0
    for told, found in zip(shown["findings"], findings, strict=True):
        assert told.startswith(f"{found['severity'].capitalize()}: {found['what']}")
        for part in ("why", "fix"):
            assert found[part] in told, (part, told)
    assert [name for name, _, _ in shown["cards"]] == document["data"]["columns"]
    for name, told, _ in shown["cards"]:
        own = [each["what"] for each in findings if name in each["columns"]]
        assert [what in words for what, words in zip(own, told, strict=True)] == [True] * len(own)


def test_a_dropped_file_has_cards_that_say_what_the_check_says(browser, link, cli, tmp_path):
    (tmp_path / "Beiträge März.csv").write_bytes(UGLY.replace("\n", "\r\n").encode("cp1252"))
    open_studio(browser, link)
    drop_file(browser, tmp_path / "Beiträge März.csv")
    wait(browser, _DONE, 60)
    code, out, _ = cli("check", "Beiträge März.csv", "--json")
    document = json.loads(out)
    assert code == 0
    shown = shown_of(browser)
    require_words_of_check(shown, document)
    counted = f"{document['result']['rows']} rows, 6 columns; "
    assert text(browser, ".subtitle").startswith(f"Beiträge März.csv: {counted}")
    assert text(browser, "[aria-label=Command]") == "thalweg check 'Beiträge März.csv'"
    # With a target, too: the same command line that the page prints.
    browser.run("document.querySelector('#predict-5').click()")
    wait(browser, "document.querySelector('h1').textContent.startsWith('krank: ')")
    wait(browser, _DONE)
    code, out, _ = cli("check", "Beiträge März.csv", "--target", "krank", "--json")
    assert code in (0, 3)  # 3: something severe was found
    require_words_of_check(shown_of(browser), json.loads(out))
    assert complaints(browser) == []


def test_a_forged_link_is_refused_in_words(browser, link):
    open_studio(browser, link)
    browser.run("location.hash = 'd=sample:wisconsin&c=%7B%22separator%22%3A5%7D'")
    wait(browser, "document.querySelector('.error')")
    assert "refused what this page asked" in text(browser, ".error")
    browser.run("location.hash = 'd=sample:wisconsin'")
    wait(browser, _DONE, 60)
    browser.run("location.hash = 'd=' + 'f'.repeat(64)")
    wait(browser, "document.querySelector('.error')")
    assert complaints(browser, network=True) == []
