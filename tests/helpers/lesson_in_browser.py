"""A lesson in a browser: opened at a link, read, and whether each of its steps fits."""

import json

from colours import CONTRAST


def at(browser, pages, name, link, **look):
    """Open a lesson of a folder anew, at a link; the folder has an ``empty.html``."""
    browser.open(pages / "empty.html")
    browser.open(pages / f"{name}.html", **look)
    browser.run(f"location.hash = {json.dumps(link)}")
    browser.settle()


def text(browser, selector):
    """The text of the first element of a selector."""
    return browser.run(f"document.querySelector({json.dumps(selector)}).textContent")


def require_steps_fit(browser, pages, name, n_steps, width, dark):
    """Each step, as it begins and as it is solved, is silent, fits, and can be read."""
    for step in range(1, n_steps + 1):
        at(browser, pages, name, f"#step={step}&done={'1' * n_steps}", width=width, dark=dark)
        for solved in (False, True):
            if solved:
                for _ in range(4):
                    browser.run("document.querySelector('#help button')?.click()")
                browser.settle()
            assert browser.errors() == []
            assert browser.requests() == [(pages / f"{name}.html").absolute().as_uri()]
            assert browser.run("document.documentElement.scrollWidth") <= width, step
            assert browser.run(CONTRAST)[1] == []
            size = "e => parseFloat(getComputedStyle(e).fontSize)"
            texts = browser.run(f"[...document.querySelectorAll('svg text')].map({size})")
            assert min(texts, default=99) >= (12 if width > 760 else 10.5)
            assert browser.run("document.querySelectorAll('[style]').length") == 0
