"""The classroom in Chromium: notebooks are listed, Python starts, and thalweg's wheel is found.

Pyodide has no NumPy there, because its wheels are not at hand: its installation is refused by name.
"""

import time

import pytest

from browser import Browser
from classroom_site import built, served

pytestmark = [pytest.mark.slow, pytest.mark.browser]
_OUTPUTS = (
    "[...document.querySelectorAll('.jp-OutputArea-output')].map(e => e.textContent).join('|')"
)
_FILES = "[...document.querySelectorAll('.jp-DirListing-itemText')].map(e => e.textContent)"
_CELLS = "document.querySelectorAll('.jp-Notebook .jp-Cell .cm-content').length"


@pytest.fixture(scope="module")
def classroom(tmp_path_factory):
    """The site, and a browser that looks at it."""
    with served(built("core")[0]) as address:
        browser = Browser(tmp_path_factory.mktemp("profile"))
        browser.look(1280)
        yield browser, address
        browser.close()


def value_of(browser, script, seconds=400):
    """The first value of an expression in the page that is not nothing."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            if found := browser.run(script):
                return found
        except RuntimeError:  # the page is being loaded
            pass
        time.sleep(0.5)
    raise TimeoutError(f"{script} is nothing after {seconds} seconds: {browser.errors()[-3:]}")


def hosts(browser, address):
    return {url for url in browser.requests() if not url.startswith((address, "data:", "blob:"))}


def test_the_files_are_listed(classroom):
    browser, address = classroom
    browser.send("Page.navigate", url=f"{address}lab/index.html")
    assert {"article.ipynb", "landscape.ipynb", "lessons", "teacher.md"} <= {
        *value_of(browser, f"({_FILES}).length > 3 && {_FILES}")
    }
    assert hosts(browser, address) == set()


def test_python_starts_and_adds(classroom):
    browser, address = classroom
    browser.events.clear()
    browser.send("Page.navigate", url=f"{address}repl/index.html?kernel=python&code=print(1%2B1)")
    assert value_of(browser, _OUTPUTS).strip() == "2"
    assert hosts(browser, address) == set()


def test_the_first_cell_finds_the_wheel_of_the_site_and_names_what_pyodide_lacks(classroom):
    browser, address = classroom
    browser.events.clear()
    page = f"{address}notebooks/index.html?path=lessons/derivative.ipynb"
    browser.send("Page.navigate", url=page)
    value_of(browser, _CELLS)
    value_of(browser, "!!document.querySelector('[data-status=idle]')")
    browser.run("document.querySelector('.jp-Notebook .jp-CodeCell .cm-content').focus()")
    for kind in ("rawKeyDown", "keyUp"):
        browser.send("Input.dispatchKeyEvent", type=kind, key="Enter", code="Enter",
                     windowsVirtualKeyCode=13, modifiers=8)  # fmt: skip
    said = value_of(browser, _OUTPUTS)
    # thalweg and typer came from the site, so a package is named that is Pyodide's affair.
    assert "could not be installed: PyPI fallback is disabled" in said
    assert "thalweg could not" not in said
    assert "typer could not" not in said
    assert hosts(browser, address) == set()
