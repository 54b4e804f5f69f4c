"""axe-core over a page that a browser shows: which rules of accessibility it breaks."""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

_RUN = """
axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
  violations.map(({ id, nodes }) => `${id}: ${nodes.map((each) => each.target.join(' '))}`))
"""


@cache
def _program() -> str:
    # Its package is not imported: that would load Playwright, which these tests do not use.
    found = find_spec("axe_playwright_python")
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError(
            "The browser tests need axe-core: install the extra dev, or axe-playwright-python"
        )
    path = Path(found.submodule_search_locations[0]) / "axe.min.js"
    return path.read_text(encoding="utf-8")


def violations(browser) -> list[str]:
    """The rules that the shown page breaks, each with the places.

    The policy of a page forbids all scripts but its own; what is run through the browser's own
    tools is not asked for it.
    """
    if not browser.run("typeof axe === 'object'"):
        browser.run(f"{_program()};0")
    return browser.run(_RUN)
