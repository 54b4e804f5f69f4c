"""The journey of a researcher in a browser, by mouse alone: clicks, answers, files, and numbers.

It is filmed: ``build/films/researcher.gif``.

What the page gives is what the commands give that it shows, run in another folder.
"""

import csv
import json
import re
import shlex
import subprocess
import sys
import time

import pytest
from PIL import Image

from axe import violations
from film import Film
from studio.messy_table import messy_table
from studio_browser import complaints, open_studio, press, text, wait

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NAME = "Kündigungen 2024.csv"
MOST_CLICKS = 12
_DONE = "document.querySelector('.card h2') && !document.querySelector('.busy:not([hidden])')"
# Whether a press has changed something of the page before its answer came.
_WATCH = """
window.seen = 0; let pressed = false;
addEventListener('click', () => { pressed = true; }, true);
new MutationObserver(() => {
  window.seen += pressed ? 1 : 0;
  pressed = false;
}).observe(document.body,
  { subtree: true, childList: true, characterData: true, attributes: true });
"""


@pytest.fixture
def link(tmp_path):
    command = [sys.executable, "-m", "thalweg", "studio", "--no-browser"]
    with subprocess.Popen(
        [*command, "--workspace", str(tmp_path / "work")], stdout=subprocess.PIPE, text=True
    ) as served:
        assert served.stdout
        yield next(word for line in served.stdout for word in line.split() if "http://" in word)
        served.terminate()


class Mouse:
    """Clicks as a person does, and counts them."""

    def __init__(self, browser):
        self.browser, self.took, self.film = browser, [], Film(browser)
        browser.send("Performance.enable", timeDomain="threadTicks")

    def _seconds(self):
        """Processor time of the page's main thread, which no other process lengthens."""
        found = self.browser.send("Performance.getMetrics")["metrics"]
        return {each["name"]: each["value"] for each in found}["TaskDuration"]

    def click(self, element):
        box = self.browser.run(
            f"(() => {{ const e = {element}; e.scrollIntoView({{ block: 'center' }});"
            " const b = e.getBoundingClientRect();"
            " return [b.x + b.width / 2, b.y + b.height / 2]; })()"
        )
        self.film.take(box)
        self.browser.settle()
        before = self._seconds()
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            self.browser.point(*box, kind)
        self.took.append(round(1000 * (self._seconds() - before)))

    def write(self, words):
        self.browser.send("Input.insertText", text=words)


def chosen(browser, path):
    """Answer the window of files that the click has opened."""
    browser.wait_for("Page.fileChooserOpened")
    opened = next(e for e in browser.events if e.get("method") == "Page.fileChooserOpened")
    browser.send(
        "DOM.setFileInputFiles", files=[str(path)], backendNodeId=opened["params"]["backendNodeId"]
    )


def kept(folder, name):
    """A file that the browser has finished to keep."""
    until = time.monotonic() + 20
    while not (folder / name).exists() and time.monotonic() < until:
        time.sleep(0.05)
    return (folder / name).read_bytes()


def printed(folder, command, *more):
    """What a command of the page prints in a folder."""
    program, *words = shlex.split(command)
    assert program == "thalweg"
    found = subprocess.run(
        [sys.executable, "-m", "thalweg", *words, *more], cwd=folder, capture_output=True,
        text=True, check=True,
    )  # fmt: skip
    return found.stdout


def commands(browser, box):
    """The commands that a part of the page offers."""
    return browser.run(
        f"[...document.querySelectorAll('{box} pre[aria-label=Command]')].map((e) => e.textContent)"
    )


def test_from_an_own_table_to_predictions_in_at_most_12_clicks(browser, link, tmp_path):
    own = tmp_path / NAME
    own.write_bytes(messy_table(200))
    taken = tmp_path / "taken"
    taken.mkdir()
    browser.send("Page.setInterceptFileChooserDialog", enabled=True)
    browser.send("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(taken))
    open_studio(browser, link)
    browser.run(_WATCH)
    mouse = Mouse(browser)
    mouse.click("document.querySelector('.zone .main')")
    chosen(browser, own)
    wait(browser, _DONE, 60)
    card = (
        "[...document.querySelectorAll('.card')]"
        ".find((e) => e.querySelector('h2').textContent === 'Ill')"
    )
    mouse.click(f"{card}.querySelector('[id^=predict]')")
    wait(browser, f"document.querySelector('h1').textContent.includes('Ill') && {_DONE}")
    # What the doctor found: an identifier, and words for missing cells.
    wait(browser, "document.querySelector('#findings').closest('section').querySelector('button')")
    finding = (
        "document.querySelector('#findings').closest('section').querySelector('.findings button')"
    )
    mouse.click(finding)
    wait(browser, f"document.querySelector('.chosen li') && {_DONE}")
    mouse.click("document.querySelector('#train-model')")
    wait(browser, "document.querySelector('.fits li')")
    wait(browser, "/left/.test(document.querySelector('.fits p')?.textContent)", 120)
    wait(browser, "document.querySelector('.decide-desk')", 300)
    assert "trained on" in text(browser, ".subtitle")
    assert text(browser, ".opinion") == ""  # the held-out rows are locked
    first = commands(browser, ".left")[-1]
    mouse.click("document.querySelector('#cost-missed')")
    mouse.write("500")
    browser.key("Tab")
    mouse.write("40")
    wait(browser, "document.querySelector('#cost-said').textContent.includes('12.5 false alarms')")
    decided = text(browser, "#cost-said")
    mouse.click("document.querySelector('#use-threshold')")
    wait(browser, "document.querySelector('.subtitle').textContent.includes('-decided')", 60)
    assert browser.run("document.querySelector('.judged #decide')") is None  # locked
    mouse.click("document.querySelector('#reveal')")
    wait(browser, "document.querySelector('#roc-picture svg')")
    mouse.click("document.querySelector('#explain-row')")
    mouse.write("3")
    press(browser, "Enter")
    wait(browser, "document.querySelector('#row-waterfall')", 60)
    explained = text(browser, "#row-title")
    mouse.click("document.querySelector('#make-report')")
    wait(browser, "document.querySelector('a[href^=\"/downloads/report/\"]')", 60)
    mouse.click("document.querySelector('#predict-table')")
    wait(browser, "document.querySelector('a[href^=\"/downloads/predictions/\"]')", 60)
    mouse.film.take()
    with Image.open(mouse.film.save("researcher")) as film:
        assert film.n_frames == len(mouse.took) + 1
    assert len(mouse.took) <= MOST_CLICKS
    assert max(mouse.took) < 100, mouse.took  # milliseconds
    assert browser.run("window.seen") >= len(mouse.took) - 1  # but the click that opens a window
    assert violations(browser) == []
    assert complaints(browser) == []
    origin = re.match(r"http://[^/]+/", link)[0]
    asked = [each for each in browser.requests() if not each.startswith(("data:", "about:"))]
    assert all(each.startswith(origin) for each in asked)
    # The same on the command line, in a folder with nothing but the table.
    by_hand = tmp_path / "by hand"
    by_hand.mkdir()
    (by_hand / NAME).write_bytes(own.read_bytes())
    report, predictions = (commands(browser, ".left")[i] for i in (0, 1))
    printed(by_hand, first)
    model = by_hand / first.split()[-1]
    use = commands(browser, ".left")[-1]
    told = json.loads(printed(by_hand, use, "--json"))
    assert told["result"]["sentence"] == decided
    said = json.loads(printed(by_hand, commands(browser, ".row-panel")[0], "--json"))
    answer = 100 * said["result"]["explanation"]["rows"][0]["answer"]
    assert f"{answer:.1f}\u00a0%" in browser.run(
        "[...document.querySelectorAll('#row-waterfall text')].at(-1).textContent"
    )
    assert "Compared with a typical row" in explained
    printed(by_hand, report)
    name = browser.run("document.querySelector('a[href^=\"/downloads/report/\"]').download")
    assert kept(taken, name) == (by_hand / "report.html").read_bytes()
    printed(by_hand, predictions)
    name = predictions.split()[-1]
    rows = kept(taken, name)
    assert rows == (by_hand / name).read_bytes()
    assert len(list(csv.reader(rows.decode("utf-8").splitlines()))) == 201
    assert model.exists()
    # The matrix is what these predictions would say of the rows that judged the model.
    verdict = json.loads(printed(by_hand, f"thalweg show {use.split()[-1]}", "--json"))
    counts = verdict["result"]["judgement"]["network"]["confusion"]
    browser.run("document.querySelector('#threshold-own').click()")
    shown = {key: text(browser, f"[data-count={key}]").replace(",", "") for key in counts}
    assert shown == {key: str(round(count)) for key, count in counts.items()}
