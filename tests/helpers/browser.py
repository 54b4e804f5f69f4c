"""A headless Chromium for tests, spoken to over a pipe (DevTools protocol), no package needed."""

import base64
import json
import os
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-pipe",
)
# The browser reads commands from descriptor 3 and writes answers to 4; a small program in
# between puts them there.
_LAUNCH = (
    "import fcntl, os, sys; "
    "r, w = (fcntl.fcntl(int(each), fcntl.F_DUPFD, 10) for each in sys.argv[1:3]); "
    "os.dup2(r, 3); os.dup2(w, 4); os.execvp(sys.argv[3], sys.argv[3:])"
)
_PATIENCE = 60.0

# Every text of a picture lies inside it, and no two lie on each other.
LAYOUT = """
[...document.querySelectorAll('svg.chart')].flatMap(chart => {
  const frame = chart.getBoundingClientRect();
  const texts = [...chart.querySelectorAll('text')].filter(t => t.textContent.trim());
  const boxes = texts.map(t => t.getBoundingClientRect());
  const found = [];
  boxes.forEach((a, i) => {
    if (a.left < frame.left - 1 || a.right > frame.right + 1
        || a.top < frame.top - 3 || a.bottom > frame.bottom + 3)
      found.push(`cut: ${texts[i].textContent}`);
    boxes.slice(i + 1).forEach((b, j) => {
      const [w, h] = [Math.min(a.right, b.right) - Math.max(a.left, b.left),
                      Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top)];
      if (w > 1 && h > 4)
        found.push(`over each other: ${texts[i].textContent} | ${texts[i + 1 + j].textContent}`);
    });
  });
  return found;
})
"""


def find_chromium() -> str:
    for name in (os.environ.get("CHROMIUM", ""), *_NAMES):
        if name and (path := shutil.which(name)):
            return path
    raise FileNotFoundError(
        f"The browser tests need Chromium: none of {', '.join(_NAMES)} is on the path. "
        "Install it (Debian: apt-get install chromium), or set CHROMIUM to its program."
    )


class Browser:
    """One process, one tab."""

    def __init__(self, profile: Path) -> None:
        command_read, self._commands = os.pipe()
        self._answers, answer_write = os.pipe()
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-c", _LAUNCH, str(command_read), str(answer_write)),
                *(find_chromium(), *_FLAGS, f"--user-data-dir={profile}", "about:blank"),
            ],
            pass_fds=(command_read, answer_write),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(command_read)
        os.close(answer_write)
        self._received = b""
        self._last = 0
        self._session = ""
        self.events: list[dict] = []
        target = next(
            each for each in self.send("Target.getTargets")["targetInfos"] if each["type"] == "page"
        )
        attached = self.send("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        self._session = attached["sessionId"]
        # Without a window nobody has the focus, and no focus event would come.
        self.send("Emulation.setFocusEmulationEnabled", enabled=True)
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.send(f"{domain}.enable")

    def close(self) -> None:
        self._session = ""
        self.send("Browser.close")
        os.close(self._commands)
        os.close(self._answers)
        self._process.wait(_PATIENCE)

    def send(self, method: str, **params):
        """One command and its answer; events that come meanwhile are kept."""
        self._last += 1
        message = {"id": self._last, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._commands, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._receive()
            if answer.get("id") == self._last:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def _receive(self) -> dict:
        until = time.monotonic() + _PATIENCE
        while b"\0" not in self._received:
            left = until - time.monotonic()
            if left <= 0 or not select.select([self._answers], [], [], left)[0]:
                raise TimeoutError("The browser does not answer")
            part = os.read(self._answers, 2**20)
            if not part:
                raise EOFError("The browser is gone")
            self._received += part
        message, _, self._received = self._received.partition(b"\0")
        return json.loads(message)

    def open(self, page: Path, *, width: int = 1280, height: int = 900, dark: bool = False) -> None:
        """Show a file and wait until its pictures are drawn."""
        self.events.clear()
        self.look(width, height, dark=dark)
        self.send("Page.navigate", url=page.absolute().as_uri())
        until = time.monotonic() + _PATIENCE
        while self.run("document.readyState") != "complete" or not self.run(
            "document.querySelector('script[type=module]') === null"
            " || document.documentElement.dataset.drawn === 'yes'"
        ):
            if time.monotonic() > until or self.errors():
                raise RuntimeError(f"The page was not drawn: {self.errors()}")
            time.sleep(0.02)
        self.settle()

    def wait_for(self, method: str) -> None:
        """Until the browser has told of an event."""
        while not any(event.get("method") == method for event in self.events):
            self.events.append(self._receive())

    def look(self, width: int, height: int = 900, *, dark: bool = False, media: str = "") -> None:
        """Set the size of the window and what the reader prefers."""
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 500,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.send("Emulation.setEmulatedMedia", media=media, features=[scheme])

    def settle(self) -> None:
        """Two frames: what follows a change of size has happened."""
        self.run("new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)))")

    def run(self, script: str):
        """The value of an expression in the page, promises awaited."""
        answer = self.send(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in answer:
            raise RuntimeError(json.dumps(answer["exceptionDetails"])[:2000])
        return answer["result"].get("value")

    def key(self, name: str, *, shift: bool = False) -> None:
        codes = {"ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40, "Tab": 9}
        codes |= {"Home": 36, "End": 35, "PageUp": 33, "PageDown": 34, "Enter": 13}
        for kind in ("rawKeyDown", "keyUp"):
            self.send(
                "Input.dispatchKeyEvent",
                type=kind,
                key=name,
                code=name,
                windowsVirtualKeyCode=codes[name],
                modifiers=8 if shift else 0,
            )

    def point(self, x: float, y: float, kind: str = "mouseMoved") -> None:
        button = "none" if kind == "mouseMoved" else "left"
        self.send("Input.dispatchMouseEvent", type=kind, x=x, y=y, button=button, clickCount=1)

    def errors(self) -> list[str]:
        """All that the console complained of, uncaught exceptions and broken policies."""
        self.send("Runtime.evaluate", expression="0")
        found = []
        for event in self.events:
            params = event.get("params", {})
            if event.get("method") == "Runtime.exceptionThrown":
                found.append(json.dumps(params["exceptionDetails"])[:1000])
            elif event.get("method") == "Log.entryAdded":
                found.append(params["entry"]["text"])
            elif event.get("method") == "Runtime.consoleAPICalled":
                found.append(json.dumps(params["args"])[:1000])
        return found

    def requests(self) -> list[str]:
        """Every address that was asked for."""
        self.send("Runtime.evaluate", expression="0")
        sent = [e for e in self.events if e.get("method") == "Network.requestWillBeSent"]
        return [event["params"]["request"]["url"] for event in sent]

    def screenshot(self, path: Path, *, whole: bool = True) -> None:
        shot = self.send("Page.captureScreenshot", format="png", captureBeyondViewport=whole, **(
            {"clip": {**self._content(), "scale": 1}} if whole else {}
        ))  # fmt: skip
        path.write_bytes(base64.b64decode(shot["data"]))

    def pdf(self, path: Path) -> None:
        made = self.send("Page.printToPDF", preferCSSPageSize=True, printBackground=False)
        path.write_bytes(base64.b64decode(made["data"]))

    def _content(self) -> dict:
        size = self.send("Page.getLayoutMetrics")["cssContentSize"]
        return {key: size[key] for key in ("x", "y", "width", "height")}


def reloaded(browser):
    """Load the page again; what is asked of it meanwhile is lost."""
    browser.run("window.old = true; setTimeout(() => location.reload(), 0)")
    for _ in range(200):
        try:
            if not browser.run("window.old === true"):
                break
        except RuntimeError:
            pass
        time.sleep(0.02)
    browser.settle()
