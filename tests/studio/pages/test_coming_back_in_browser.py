"""A page that loses its server: it says so, keeps what it shows, and misses nothing afterwards."""

import asyncio
import json
import random
import time

import pytest

from studio.pages import canned
from studio_browser import complaints, open_studio, text, wait

pytestmark = pytest.mark.browser

# A socket of the page's own kind that can be cut, and that comes back at once.
LISTEN = """
import("/studio/core/socket.js").then(({ makeSocket }) => {
  const Real = WebSocket;
  window.WebSocket = class extends Real {
    constructor(...given) { super(...given); window.line = this; }
  };
  Object.assign(window, { got: [], anew: 0, states: [] });
  window.mine = makeSocket(`ws://${location.host}/ws`, {
    event: (head) => got.push(head.n), picture: () => {}, anew: () => { window.anew += 1; },
    connection: ({ state }) => {
      states.push(state);
      if (state === "gone") setTimeout(() => mine.retry(), 20);
    },
  }, async () => false);
}).then(() => null)
"""


def test_no_event_is_lost_doubled_or_out_of_order(browser, studio):
    open_studio(browser, studio.server.link)
    browser.run(LISTEN)
    wait(browser, "states.includes('open')")
    dice, said = random.Random(0), 0
    for cut in range(30):
        for _ in range(dice.randrange(12)):
            studio.happen("note", n=said)
            said += 1
        if cut % 3:
            browser.run("line.close()")
        else:
            time.sleep(dice.random() * 0.03)
    studio.happen("note", n=said)
    wait(browser, f"got.length > {said}")
    assert browser.run("got") == list(range(said + 1))
    assert browser.run("anew") == 0
    assert complaints(browser, network=True) == []


def test_two_thousand_missed_events_do_not_break_the_socket(browser, studio):
    """The page says as often that it took one; the server allows 100 messages a second."""
    open_studio(browser, studio.server.link)
    browser.run(LISTEN)
    wait(browser, "states.includes('open')")
    browser.run("line.close()")
    studio.call(_many(studio, 400))
    wait(browser, "got.length >= 400")
    assert browser.run("got") == list(range(400))
    assert browser.run("states.filter((each) => each === 'gone').length") == 1
    assert browser.run("anew") == 0


async def _many(studio, n):
    for k in range(n):
        studio.pages.happen("note", n=k)


def test_a_server_that_has_forgotten_is_asked_for_all(browser, studio):
    open_studio(browser, studio.server.link)
    browser.run(LISTEN)
    wait(browser, "states.includes('open')")
    studio.pages.log._events = type(studio.pages.log._events)(maxlen=3)
    browser.run("line.close()")
    studio.call(_many(studio, 10))
    wait(browser, "anew === 1")
    studio.happen("note", n=10)
    wait(browser, "got.length === 1")
    assert browser.run("got") == [10]


def test_the_banner_comes_and_goes(browser, studio):
    open_studio(browser, studio.server.link, hash_=f"#d={canned.ID}")
    assert text(browser, ".gone") == ""
    title = text(browser, "h1")
    studio.stop()
    wait(browser, "document.querySelector('.gone')")
    assert "does not answer" in text(browser, ".gone [role=alert]")
    assert "thalweg studio" in text(browser, ".gone code")
    assert text(browser, "h1") == title
    assert browser.run("document.querySelector('#target').disabled")
    assert browser.run("[...document.querySelectorAll('[data-asks]')].every((e) => e.disabled)")
    assert not browser.run("document.querySelector('#rail a').disabled")
    browser.run("document.querySelectorAll('#rail a')[1].click()")  # what asks nothing goes on
    assert text(browser, "h1").startswith("Train")
    browser.run("history.back()")
    wait(browser, f"document.querySelector('h1').textContent === {json.dumps(title)}")
    studio.start()
    browser.run("[...document.querySelectorAll('.gone button')][0].click()")
    wait(browser, "!document.querySelector('.gone')")
    wait(browser, "!document.querySelector('#target').disabled")
    assert text(browser, "h1") == title
    assert complaints(browser, network=True) == []


def test_the_next_tries_come_after_1_2_4_and_8_seconds(browser, studio):
    open_studio(browser, studio.server.link)
    browser.run(
        "window.waits = []; { const real = setTimeout; window.setTimeout = (act, ms, ...more) => {"
        " if (ms >= 1000 && ms !== 9000) { waits.push(ms); return real(act, 20, ...more); }"
        " return real(act, ms, ...more); } }"
    )
    studio.stop()
    wait(browser, "waits.length >= 6")
    assert browser.run("waits.slice(0, 6)") == [1000, 2000, 4000, 8000, 8000, 8000]
    studio.start()


def test_a_server_with_another_key_is_not_taken_for_one_that_is_gone(browser, studio):
    open_studio(browser, studio.server.link)
    studio.stop()
    wait(browser, "document.querySelector('.gone')")
    studio.start(same_key=False)
    wait(browser, "document.querySelector('.gone').textContent.includes('link that its terminal')")
    assert complaints(browser, network=True) == []


def test_another_version_reloads_the_page_once(browser, studio):
    open_studio(browser, studio.server.link)
    browser.run("window.old = true")
    studio.stop()
    studio.pages.session = "two"
    studio.snapshot = canned.snapshot(version="0.3.0")
    studio.start()
    wait(browser, "window.old !== true && document.querySelector('.zone')")  # it was loaded anew
    browser.run("window.old = true")
    studio.stop()
    studio.pages.session = "three"
    studio.snapshot = canned.snapshot(version="0.2.0")
    studio.start()
    wait(browser, "window.old !== true && document.querySelector('.zone')")
    # The same version once more: the page says it, and does not reload for ever.
    browser.run("sessionStorage.setItem('thalweg-reloaded-for', '0.4.0'); window.old = true")
    studio.stop()
    studio.pages.session = "four"
    studio.snapshot = canned.snapshot(version="0.4.0")
    studio.start()
    wait(browser, "document.querySelector('h1').textContent.includes('another version')")
    assert browser.run("window.old") is True
    assert "0.4.0" in text(browser, "main")


# A server that says what a test wants: events twice, events too early, answers to nobody.
ODD_SERVER = """
import("/studio/core/socket.js").then(({ makeSocket }) => {
  window.WebSocket = class {
    static OPEN = 1;
    constructor() { this.readyState = 1; window.line = this; (window.lines ??= []).push(this); }
    send(text) { (window.sent ??= []).push(JSON.parse(text)); }
    close() { this.readyState = 3; this.onclose({ code: 1000, reason: "" }); }
  };
  window.tell = (head) => {
    let bytes = new TextEncoder().encode(JSON.stringify({ ...head, arrays: [] }));
    const whole = new Uint8Array(bytes.length + (8 - (4 + bytes.length) % 8) % 8 + 4).fill(32);
    whole.set(bytes, 4);
    new DataView(whole.buffer).setUint32(0, whole.length - 4, true);
    line.onmessage({ data: whole.buffer });
  };
  Object.assign(window, { got: [], anew: 0 });
  window.mine = makeSocket("ws://x/", {
    event: (head) => got.push(head.seq), picture: () => {}, anew: () => { window.anew += 1; },
    connection: () => {},
  }, async () => false);
}).then(() => null)
"""


def test_an_odd_server_doubles_and_loses_no_event(browser, studio):
    open_studio(browser, studio.server.link)
    browser.run(ODD_SERVER)
    browser.run("tell({ type: 'hello', session: 'a', seq: 3 })")
    assert browser.run("sent") == [
        {"op": "resume", "id": 1, "seq": 3}, {"op": "taken", "id": 2},
    ]  # fmt: skip
    browser.run("for (const seq of [4, 4, 3, 5]) tell({ type: 'note', seq })")
    assert browser.run("got") == [4, 5]
    browser.run("tell({ type: 'note', seq: 7 })")  # 6 is lost: it is asked for again
    browser.run("tell({ type: 'note', seq: 8 })")
    assert browser.run("got") == [4, 5]
    wait(browser, "lines.length === 2")
    browser.run("tell({ type: 'hello', session: 'a', seq: 8 })")
    assert browser.run("sent.filter((each) => each.op === 'resume').at(-1).seq") == 5
    browser.run("for (const seq of [6, 7, 8]) tell({ type: 'note', seq })")
    assert browser.run("got") == [4, 5, 6, 7, 8]
    # An answer that nobody waits for, a packet that is none, and another session.
    browser.run("tell({ type: 'table', re: 99 })")
    browser.run("line.onmessage({ data: new ArrayBuffer(3) })")
    wait(browser, "lines.length === 3")
    browser.run("tell({ type: 'hello', session: 'b', seq: 2 })")
    assert browser.run("[anew, sent.filter((each) => each.op === 'resume').at(-1).seq]") == [1, 2]
    assert complaints(browser) == []


def test_questions_of_before_a_break_are_asked_again_or_said_to_be_lost(browser, studio):
    open_studio(browser, studio.server.link)
    browser.run(ODD_SERVER)
    browser.run(
        "window.ends = {}; for (const [op, again] of [['read', true], ['write', false]])"
        " mine.ask(op, {}, { again }).answer.then(() => { ends[op] = 'done'; },"
        " (why) => { ends[op] = why.said.code; }); null"
    )
    browser.run("tell({ type: 'hello', session: 'a', seq: 0 })")  # both wait for it
    asked = "sent.filter((each) => !['resume', 'taken'].includes(each.op)).map((each) => each.op)"
    assert browser.run(asked) == ["read", "write"]
    browser.run("line.close()")
    wait(browser, "lines.length === 2")
    browser.run("tell({ type: 'hello', session: 'a', seq: 0 })")
    wait(browser, "ends.write === 'lost'")
    assert browser.run(asked) == ["read", "write", "read"]
    browser.run("tell({ type: 'answer', re: sent.find((each) => each.op === 'read').id })")
    wait(browser, "ends.read === 'done'")


def test_runs_that_are_not_back_yet_are_not_forgotten(browser, studio):
    open_studio(browser, studio.server.link)
    known = "localStorage.getItem('thalweg-runs')"
    some = ",".join(each * 64 for each in "789")
    try:
        browser.run(f"localStorage.setItem('thalweg-runs', '{some}')")
        studio.runs.opening = asyncio.Event()
        open_studio(browser, studio.server.link, hash_=f"#p=train&d={canned.ID}")
        wait(browser, "document.querySelector('#start-here:not(:disabled)')")
        browser.settle()
        assert browser.run(known) == some  # a page that is left now brings them back another time
        studio.call(_set(studio.runs.opening))
        wait(browser, f"{known} === ''")  # they are on no disk
    finally:
        browser.run("localStorage.clear()")
    assert complaints(browser) == []


async def _set(event):
    event.set()
