"""The whole journey through a studio, as a program: ``python -m studio.whole_journey WORKSPACE``.

From a table over its findings, runs, a fit and a decision to predictions and a report. If it is
root of its own namespace, as by ``unshare -rn``, it switches the loopback interface on first, and
says which interfaces there are.
"""

import fcntl
import json
import socket
import struct
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from studio.messy_table import messy_table
from studio.served_studio import AskingPage, ServedStudio, with_studio

_GET_FLAGS, _SET_FLAGS, _UP = 0x8913, 0x8914, 0x1


def loopback_on() -> None:
    """Switch lo on, where that is allowed."""
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_:
        asked = struct.pack("16sh14x", b"lo", 0)
        (flags,) = struct.unpack("16xh14x", fcntl.ioctl(any_, _GET_FLAGS, asked))
        fcntl.ioctl(any_, _SET_FLAGS, struct.pack("16sh14x", b"lo", flags | _UP))


async def heard(page: AskingPage, **what: Any) -> dict[str, Any]:
    """The first packet, also of those before, that says this."""
    while True:
        for each in page.told:
            if what.items() <= each.items():
                return each
        page.told.append(await page.heard())


async def journey(studio: ServedStudio) -> None:
    """Everything that a page can ask for."""
    page = await studio.page()
    for path in ("/", "/studio/app.js", "/draw/dom.js"):
        assert (await studio.asked("GET", path))[0] == 200
    await page.asks("snapshot")
    _, said = await studio.add("my own.csv", messy_table())
    of_table = {"table": said["table"], "choices": {"target": "Ill"}}
    seen = await page.asks("table", **of_table)
    assert seen["findings"], "the doctor finds the identifier"
    of_table["choices"] |= seen["findings"][0]["fixes"][0]["choices"]
    assert (await page.asks("table", **of_table))["type"] == "table"
    begun = await page.asks(
        "start-runs", **of_table, settings={"steps": 20, "hidden": [3]}, rules=["adam:lr=0.02"]
    )
    [run] = [each["id"] for each in begun["runs"]]
    await page.asks("play", runs=[run])
    await heard(page, type="run", run=run, state="ended")
    for op, more in (("at", {"step": 9}), ("inside", {"step": 9, "pick": "worst"}), ("path", {})):
        assert (await page.asks(op, run=run, **more))["type"] == op
    settings = {"max_iter": "5", "hidden_layer_sizes": "4", "early_stopping": "holdout"}
    fit = await page.asks("fit", **of_table, settings=settings)
    model = (await heard(page, type="model", model_run=fit["model_run"]))["model"]
    assert model, "the fit has a model"
    assert (await page.asks("model", model=model))["type"] == "model-facts"
    decided = await page.asks("set-threshold", model=model, missed=500, alarm=40)
    of_model = {"model": decided["model"], "table": of_table["table"]}
    assert (await page.asks("explain", **of_model, row=3))["type"] == "explanation"
    predicted = await page.asks("predict", **of_model)
    report = await page.asks("report", model=model)
    for kind, id_ in (
        ("model", model), ("report", report["report"]), ("predictions", predicted["predictions"]),
    ):  # fmt: skip
        assert (await studio.asked("GET", f"/downloads/{kind}/{id_}"))[0] == 200
    await page.close()


if __name__ == "__main__":
    loopback_on()
    with_studio(journey, Path(sys.argv[1]))
    print(json.dumps([name for _, name in socket.if_nameindex()]))
