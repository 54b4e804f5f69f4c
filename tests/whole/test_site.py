"""The built site: no warning, no dead link, no request to another host; questions find pages.

The environment of `make site` builds it once for all of these tests.
"""

import fcntl
import os
import re
import shutil
import subprocess
import time
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import pytest

import thalweg
from axe import violations
from browser import Browser
from places import ROOT

pytestmark = pytest.mark.slow

PYTHON = Path(os.environ.get("DOCS_PYTHON", ROOT / ".venv-docs" / "bin" / "python"))
LOOKED_AT = {
    "the front page": "index.html",
    "a page of the API": "api/ThalwegClassifier.html",
    "a how-to": "docs/how-to/threshold.html",
    "a verb": "commands/fit.html",
    "the gallery": "gallery/index.html",
    "a page of tables": "docs/defaults.html",
    "a tutorial": "docs/tutorials/one-row.html",
    "another tutorial": "docs/tutorials/article-network.html",
    "a tutorial of landscapes": "docs/tutorials/two-runs.html",
    "the list of schemas": "reference/json-schemas.html",
    "a guide of schemas": "docs/json-schemas.html",
}
# What users ask, what they type into the search, and the page that answers.
QUESTIONS = {
    "Is the best epoch kept, or the last?": ("best epoch", "how-to/watch-training"),
    "How do I see the validation loss?": ("validation loss", "how-to/watch-training"),
    "How do I bring validation rows of my own?": ("own validation rows", "how-to/groups"),
    "How do I keep one patient on one side?": ("patient groups", "how-to/groups"),
    "How do I weight a rare class?": ("imbalanced", "how-to/rare-classes"),
    "How do I get dropout, or a loss of my own?": ("dropout own loss", "how-to/own-network"),
    "How do I silence it, or get a progress bar?": ("progress bar", "how-to/progress"),
    "Why is my loss NaN?": ("loss NaN diverges", "how-to/divergence"),
    "What does warm_start do?": ("warm start", "how-to/train-further"),
    "What happens with new missing values?": ("new rows missing", "how-to/new-rows"),
    "What happens with a category it has not seen?": ("new category", "how-to/new-rows"),
    "How do I save a model, and is the file safe?": ("save load model file", "how-to/save-load"),
    "What does it need, and does it run offline?": ("install offline", "how-to/install"),
    "Do my data leave the machine?": ("telemetry", "how-to/install"),
    "How do I get the same result again?": ("repeat seed", "how-to/repeat"),
    "Are the probabilities calibrated?": ("calibration", "how-to/calibration"),
    "Is it better than treating all or none?": ("treating all none", "how-to/threshold"),
    "Where are the error bars?": ("error bars", "how-to/compare"),
    "How do I get conformal sets for two classes?": ("conformal sets", "how-to/sets"),
    "How do I explain one row in my columns?": ("explain one answer", "how-to/explain-row"),
    "How do I mail a report without patient rows?": ("mail report", "how-to/mail-report"),
    "Can I export to ONNX or C?": ("ONNX", "export"),
    "Which extras are there?": ("install extras", "how-to/install"),
    "How do I see the chain rule on my own data?": ("see a network", "how-to/see-network"),
    "How do I draw the landscape of my model?": ("loss landscape", "how-to/landscape-of-mine"),
    "Why do widgets stay blank in my notebook?": ("notebook blank", "how-to/notebook-pictures"),
}


@cache
def built():
    """The folder of the site, and what Sphinx said."""
    if not PYTHON.exists():
        raise FileNotFoundError(f"{PYTHON} is not there: `make site` makes it, or set DOCS_PYTHON")
    target = ROOT / "build" / "tested-site"
    target.parent.mkdir(exist_ok=True)
    said = target.parent / "tested-site.txt"
    # Workers of one run share what the first of them has built.
    with (target.parent / "tested-site.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
        if not said.exists() or said.read_text("utf-8").partition("\n")[0] != run:
            environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
            ended = subprocess.run(
                [PYTHON, ROOT / "docs" / "site" / "build_site.py", target],
                env=environment, capture_output=True, encoding="utf-8",
            )  # fmt: skip
            said.write_text(f"{run}\n{ended.returncode}\n{ended.stdout}{ended.stderr}", "utf-8")
    _, code, text = said.read_text("utf-8").split("\n", 2)
    return target, int(code), text


def site():
    return built()[0]


def shown_version():
    from site_code import version_files

    return version_files.shown(thalweg.__version__)


class Page(HTMLParser):
    """The anchors, links and loaded files of a page."""

    def __init__(self, text):
        super().__init__()
        self.anchors, self.links, self.loaded = set(), [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.anchors |= {given[key] for key in ("id", "name") if given.get(key)}
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])
        if tag in {"script", "img", "iframe", "source", "video"} and given.get("src"):
            self.loaded.append(given["src"])
        if tag == "link" and given.get("rel") not in {"canonical", "author", "license"}:
            self.loaded.append(given.get("href") or "")


@cache
def pages():
    # In _static the theme keeps templates of its own, which are no pages.
    files = sorted(path for path in site().rglob("*.html") if "_static" not in path.parts)
    assert len(files) > 100, "the site was not built"
    return {path: Page(path.read_text("utf-8")) for path in files}


def test_it_is_built_without_a_warning():
    _, code, text = built()
    assert (code, text) == (0, "")


def test_every_link_leads_to_a_file_and_an_anchor():
    broken = []
    for path, page in pages().items():
        for link in (*page.links, *page.loaded):
            where = urlsplit(link)
            if where.scheme:
                continue
            target = (path.parent / unquote(where.path)).resolve() if where.path else path
            found = target.exists()
            if found and where.fragment and target in pages():
                found = unquote(where.fragment) in pages()[target].anchors
            if not found:
                broken.append(f"{path.relative_to(site())}: {link}")
    assert broken == []


def test_no_file_of_the_theme_is_a_page():
    assert [*(site() / "_static").rglob("*.html")] == []


def test_nothing_is_loaded_from_another_host():
    loaded = {each for page in pages().values() for each in page.loaded}
    assert [each for each in loaded if urlsplit(each).scheme not in {"", "data"}] == []
    for path in site().rglob("*.css"):
        text = path.read_text("utf-8")
        assert re.findall(r"@import\s+[\"'(]?https?:|url\([\"']?https?:", text) == [], path.name


def test_every_link_of_the_list_for_programs_leads_to_a_page():
    text = (site() / "llms.txt").read_text("utf-8")
    links = re.findall(r"\]\(([^)\s]+)\)", text)
    assert len(links) > 100
    assert [each for each in links if (site() / each) not in pages()] == []
    listed, own = set(links), {"genindex.html", "search.html", "py-modindex.html"}
    there = {str(path.relative_to(site())) for path in pages()} - own
    assert {each for each in there - listed if not each.startswith("gallery/")} == set()


def test_every_page_says_its_version_and_its_day():
    for path in pages():
        text = path.read_text("utf-8")
        assert f"thalweg {shown_version()}, 20" in text, path.name
        assert f'data-version="{thalweg.__version__}"' in text, path.name


def test_every_public_name_has_a_page_with_an_example():
    for name in thalweg.__all__:
        text = (site() / "api" / f"{name}.html").read_text("utf-8")
        assert f'id="thalweg.{name}"' in text, name
        assert "highlight-python" in text or "highlight-pycon" in text or "doctest" in text, name


def test_every_picture_of_the_gallery_is_drawn():
    for script in (ROOT / "docs" / "site" / "gallery").glob("plot_*.py"):
        page = pages()[site() / "gallery" / f"{script.stem}.html"]
        assert any(f"sphx_glr_{script.stem}_001" in each for each in page.loaded), script.stem


def test_no_picture_of_the_gallery_shows_what_the_last_call_of_its_script_returned():
    said = []
    for script in (ROOT / "docs" / "site" / "gallery").glob("plot_*.py"):
        text = (site() / "gallery" / f"{script.stem}.html").read_text("utf-8")
        if "print(" not in script.read_text("utf-8") and "sphx-glr-script-out" in text:
            said.append(script.stem)
    assert said == []


# In a browser


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    browser = Browser(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


def shown(browser, page, *, width=1280, dark=False, more=""):
    """Open a page of the site; the messages of its theme are no errors."""
    browser.events.clear()
    browser.look(width, dark=dark)
    browser.send("Page.navigate", url=page.as_uri() + more)
    browser.wait_for("Page.loadEventFired")
    browser.settle()
    # Colours of the theme change by and by.
    browser.run("Promise.all(document.getAnimations().map((each) => each.finished)).then(() => 0)")


@pytest.mark.browser
@pytest.mark.parametrize("page", LOOKED_AT.values(), ids=LOOKED_AT)
def test_a_page_breaks_no_rule_asks_no_host_and_fits_a_phone(browser, page):
    for width in (1280, 390):
        for dark in (False, True):
            shown(browser, site() / page, width=width, dark=dark)
            assert violations(browser) == [], (width, dark)
            assert [each for each in browser.requests() if each.startswith("http")] == []
            assert browser.run("document.documentElement.scrollWidth <= innerWidth")


def found_by_search(browser, words):
    """The pages that the search names, in its order."""
    shown(browser, site() / "search.html", more=f"?q={quote(words)}")
    until, script = time.monotonic() + 30, "document.querySelector('.search-summary')?.textContent"
    while "finished" not in (browser.run(script) or ""):
        assert time.monotonic() < until, browser.errors()
        time.sleep(0.05)
    return browser.run("[...document.querySelectorAll('ul.search li a')].map((a) => a.href)")


@pytest.mark.browser
def test_questions_of_users_are_answered_by_the_search_without_a_server(browser):
    lost = {}
    for question, (words, page) in QUESTIONS.items():
        found = [re.sub(r"[#?].*", "", each) for each in found_by_search(browser, words)]
        unique = list(dict.fromkeys(found))[:10]
        if (site() / "docs" / f"{page}.html").as_uri() not in unique:
            lost[question] = [each.rpartition("/tested-site/")[2] for each in unique]
    assert len(QUESTIONS) - len(lost) >= 18, lost
    assert lost == {}


@pytest.mark.browser
def test_the_search_names_guides_before_the_records_of_the_project(browser):
    records = ["decisions", "CHANGELOG", "CONTRIBUTING", "design", "foundations", "map"]
    for words in (
        "install extras",
        "onnxruntime missing",
        "decimal comma",
        "semicolon",
        "C compiler",
    ):
        found = [Path(urlsplit(each).path).stem for each in found_by_search(browser, words)]
        found = [*dict.fromkeys(found)]
        last = [each in records for each in found]
        assert last == sorted(last), (words, found)
        assert not last[0], (words, found)
    assert "docs/decisions.html" in found_by_search(browser, "decisions")[0]


def test_every_answer_is_two_clicks_from_the_front_page():
    linked = {
        (path, (path.parent / unquote(urlsplit(link).path)).resolve())
        for path in (site() / "index.html", site() / "how-to.html")
        for link in pages()[path].links
    }
    assert (site() / "index.html", site() / "how-to.html") in linked
    for _, page in QUESTIONS.values():
        assert (site() / "how-to.html", site() / "docs" / f"{page}.html") in linked, page


OLD = "0.0.9"


@pytest.fixture(scope="module")
def two_versions(tmp_path_factory):
    """The site with an older one, which has the pages of this one."""
    from site_code import version_files

    folder = tmp_path_factory.mktemp("versions")
    for target in (folder / "site", folder / "earlier" / OLD):
        shutil.copytree(site(), target)
    for path in (folder / "earlier" / OLD).rglob("*.html"):
        text = path.read_text("utf-8")
        mark = f'data-version="{thalweg.__version__}"'
        path.write_text(text.replace(mark, f'data-version="{OLD}"'), "utf-8")
    version_files.add_versions(folder / "site", folder / "earlier")
    return folder / "site"


# The list is in the head of the page, and in the menu of a small screen.
LINKS = "[...new Set([...document.querySelectorAll('.site-versions a')].map((a) => a.href))]"
BANNER = "document.querySelector('.old-version')?.textContent ?? ''"


@pytest.mark.browser
def test_one_version_is_named_and_nothing_can_be_chosen(browser):
    shown(browser, site() / "docs" / "tables.html")
    assert browser.run(LINKS) == []
    assert browser.run(BANNER) == ""
    name = "document.querySelector('.site-versions').textContent.trim()"
    assert browser.run(name) == shown_version()


@pytest.mark.browser
def test_several_versions_can_be_chosen_and_an_old_one_says_so(browser, two_versions):
    new, old = ((two_versions / each).as_uri() for each in ("index.html", f"{OLD}/index.html"))
    for page in (two_versions / "docs" / "tables.html", two_versions / "index.html"):
        shown(browser, page)
        assert browser.run(LINKS) == [new, old]
        assert browser.run(BANNER) == ""
    for page in ("docs/tutorials/one-row.html", "index.html"):
        for width in (1280, 390):
            for dark in (False, True):
                shown(browser, two_versions / OLD / page, width=width, dark=dark)
                assert browser.run(LINKS) == [new, old]
                assert OLD in browser.run(BANNER)
                assert browser.run("document.querySelector('.old-version a').href") == new
                browser.run("document.querySelector('.site-versions details').open = true")
                assert violations(browser) == [], (page, width, dark)
                assert browser.run("document.documentElement.scrollWidth <= innerWidth")
