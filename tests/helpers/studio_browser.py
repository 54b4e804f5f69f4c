"""A page of the studio in a browser: opened by its link, waited for, looked at."""

import time

from browser import Browser

PATIENCE = 20.0
# What a browser itself writes when a server is gone or refuses: no page can prevent it.
_OF_NETWORK = ("Failed to load resource", "WebSocket connection to")


def open_studio(
    browser: Browser, link: str, *, width: int = 1280, height: int = 900, dark: bool = False,
    hash_: str = "", settled: bool = True,
) -> None:  # fmt: skip
    """Enter by the link with the key, and wait until the page shows something of the server."""
    browser.send("Page.navigate", url="about:blank")
    browser.events.clear()
    browser.look(width, height, dark=dark)
    browser.send("Page.navigate", url=link)
    wait(browser, "document.documentElement.dataset.drawn === 'yes'")
    if hash_:
        browser.run(f"location.hash = {hash_!r}")
    if settled:
        wait(browser, "!document.querySelector('.loading, .busy:not([hidden])')")
    browser.settle()


def wait(browser: Browser, condition: str, seconds: float = PATIENCE) -> None:
    """Until an expression is true in the page."""
    until = time.monotonic() + seconds
    while True:
        try:
            if browser.run(f"Boolean({condition})"):
                return
        except RuntimeError:  # the page has just been left for another one
            pass
        if time.monotonic() > until:
            raise AssertionError(f"It never happened: {condition}; {browser.errors()}")
        time.sleep(0.02)


def complaints(browser: Browser, *, network: bool = False) -> list[str]:
    """What the console says; without what a browser says of a server that is gone, if asked."""
    return [each for each in browser.errors() if not (network and each.startswith(_OF_NETWORK))]


def press(browser: Browser, key: str, *, shift: bool = False) -> None:
    """One key, as a person presses it."""
    named = {
        "Tab": 9, "Enter": 13, "Escape": 27, " ": 32, "ArrowLeft": 37, "ArrowUp": 38,
        "ArrowRight": 39, "ArrowDown": 40,
    }  # fmt: skip
    text = {"Enter": "\r", " ": " "}.get(key, key if len(key) == 1 else "")
    for kind in ("keyDown", "keyUp"):
        browser.send(
            "Input.dispatchKeyEvent", type=kind, key=key, text=text if kind == "keyDown" else "",
            code=key if len(key) > 1 else "", modifiers=8 if shift else 0,
            windowsVirtualKeyCode=named.get(key, ord(key[0].upper())),
        )  # fmt: skip


def text(browser: Browser, selector: str) -> str:
    """The text of the first element; "" if there is none."""
    return browser.run(f"document.querySelector({selector!r})?.textContent ?? ''")
