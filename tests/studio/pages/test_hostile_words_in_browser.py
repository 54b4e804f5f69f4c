"""Whatever words a table, a file or an error has: nothing of them runs, the console is silent."""

import itertools
import json
import time

import pytest

from studio.pages import canned
from studio_browser import complaints, open_studio, wait
from thalweg.errors import DataError

pytestmark = [pytest.mark.browser, pytest.mark.slow]

_CALL = "window.pwned=1"
_TAGS = [
    f"<script>{_CALL}</script>",
    f"<img src=x onerror={_CALL}>",
    f"<svg onload={_CALL}>",
    f"<svg><script>{_CALL}</script></svg>",
    f"<body onload={_CALL}>",
    f"<iframe srcdoc='<script>parent.{_CALL}</script>'>",
    f"<iframe src=javascript:parent.{_CALL}>",
    f"<details open ontoggle={_CALL}>",
    f"<input autofocus onfocus={_CALL}>",
    f"<a href=javascript:{_CALL}>x</a>",
    f"<form action=javascript:{_CALL}><button>x</button></form>",
    f"<math><mi xlink:href='javascript:{_CALL}'>",
    f"<object data=javascript:{_CALL}>",
    f"<embed src=javascript:{_CALL}>",
    "<meta http-equiv=refresh content='0;url=https://example.org'>",
    "<base href=https://example.org/>",
    "<link rel=stylesheet href=https://example.org/x.css>",
    "<style>*{display:none}</style>",
    "<style>@import 'https://example.org/x.css'</style>",
    "<img src=https://example.org/x.png>",
    f"<template><script>{_CALL}</script></template>",
    f"<noscript><img src=x onerror={_CALL}></noscript>",
    f"<video><source onerror={_CALL}></video>",
    f"<audio src=x onerror={_CALL}>",
    f"<marquee onstart={_CALL}>",
    "<plaintext>",
    "<!--",
    "-->",
    "]]>",
    "<![CDATA[",
    "</script>",
    "</textarea>",
    "</title>",
    "</style>",
    "</svg>",
    "<textarea>",
    "<xmp>",
    "<title>",
]
_WRAPS = [
    "{}",
    '">{}',
    "'>{}",
    "</bdi></p>{}",
    "{{{{constructor.constructor('window.pwned=1')()}}}}{}",
]
_WORDS = [
    "javascript:window.pwned=1",
    "__proto__",
    "constructor",
    "prototype",
    "toString",
    "hasOwnProperty",
    "${window.pwned=1}",
    "{{window.pwned=1}}",
    "%3Cscript%3E",
    "&lt;script&gt;",
    "\\u003cscript\\u003e",
    "\u202egnp.exe",
    "\u2066x\u2069",
    "\u200b",
    "\ufeff",
    "\0",
    "\x1b[31m",
    "\r\n",
    "\u2028",
    "a\u0301" * 60,
    "W" * 3000,
    "\U0001f600" * 300,
    "'; alert(1); //",
    '"onmouseover="window.pwned=1',
    'x\' y="z" <b>',
    "`window.pwned=1`",
    "=cmd|' /C calc'!A0",
    "../../../etc/passwd",
    "C:\\CON",
    "#p=train",
    "?key=1",
    "var(--page)",
    "url(https://example.org)",
    "expression(1)",
    "--share:1;background:red",
]
PAYLOADS = [wrap.format(tag) for wrap, tag in itertools.product(_WRAPS, _TAGS)] + _WORDS
_SIDES = "document.documentElement.scrollWidth - innerWidth"
_OPEN = (
    "document.querySelectorAll('details').forEach((each) => { each.open = true; });"
    "document.querySelectorAll('.findings button, .sample').forEach((each) => each.focus());"
)


def hostile(args, word):
    """A table that says the word wherever a table can say something."""
    levels = {"levels": [word, word + "2"], "counts": [3, 2], "others": 1}
    cards = [
        {
            **canned.card(word, "category", read=word, enters=word, examples=[word], raw=levels),
            "kind": word, "encoded": levels, "findings": [0],
        },
        canned.card(word + " ", why_not=word, used=False,
                    raw={**canned.numbers(0, 1, [1, 2]), "ends": [word] * 3}),
    ]  # fmt: skip
    finding = {
        "severity": word, "check": word, "sentence": word, "why": word, "fix": word, "rows": [],
        "columns": [word], "fixes": [{"label": word, "choices": {"drop": [word]}}],
    }  # fmt: skip
    target = {
        **canned.TARGET, "name": word, "sentence": word, "positive": word,
        "classes": [{"label": word, "rows": 1}, {"label": "b", "rows": 2}],
    }  # fmt: skip
    return canned.table(
        args, name=word, columns=cards, n_columns=2, names=[word, word + " "], target=target,
        findings=[finding], notes=[word], command=word, python=word,
    )  # fmt: skip


def silent(browser, port, where):
    assert browser.run("window.pwned") is None, where
    assert complaints(browser) == [], where
    own = (f"http://127.0.0.1:{port}/", f"ws://127.0.0.1:{port}/", "data:,", "about:blank")
    assert [each for each in browser.requests() if not each.startswith(own)] == [], where
    tags = "script, style, iframe, object, embed, base, form[action]"
    # The page's own script alone.
    assert browser.run(f"document.querySelectorAll({tags!r}).length") == 1, where


def test_there_are_two_hundred():
    assert len(PAYLOADS) >= 200


def test_no_word_of_a_table_runs_or_speaks(browser, studio):
    word = [""]
    studio.table = lambda args: hostile(args, word[0])
    open_studio(browser, studio.server.link, width=390, hash_=f"#d={canned.ID}")
    for each in PAYLOADS:
        word[0] = each
        studio.snapshot = canned.snapshot(
            tables=[{"id": canned.ID, "name": each, "bytes": 1}],
            samples=[{"id": "sample:wisconsin", "title": each, "rows": 1, "columns": 1}],
        )
        studio.happen("tables", tables=studio.snapshot["tables"])
        # Once as no table, once as one that the word is chosen in.
        browser.run("location.hash = ''")
        wait(browser, "document.querySelector('.zone')")
        choices = json.dumps({"drop": [each], "missing": {each: [each]}, "target": each})
        browser.run(
            f"location.hash = 'd={canned.ID}&c=' + encodeURIComponent({json.dumps(choices)})"
        )
        wait(
            browser,
            "document.querySelector('.card h2') && !document.querySelector('.busy:not([hidden])')",
        )
        browser.run(_OPEN)
        browser.settle()
        assert browser.run(_SIDES) <= 0, each
        silent(browser, studio.port, each)
        shown = browser.run("document.querySelector('.card h2 bdi').textContent")
        assert shown == each


def test_no_word_of_an_error_or_a_file_runs_or_speaks(browser, studio):
    word = [""]

    def fails(args):
        raise DataError(word[0] or "x", where=word[0], why=word[0], fix=word[0])

    studio.table = fails
    open_studio(browser, studio.server.link, width=390, hash_="")
    for n, each in enumerate(PAYLOADS):
        word[0] = each
        # A browser allows 200 changes of the address in 10 s, and here are four.
        time.sleep(0.2)
        browser.run(f"location.hash = 'd={canned.ID}&from={n}'")
        wait(browser, "document.querySelector('.error')")
        browser.settle()
        assert browser.run(_SIDES) <= 0, each
        silent(browser, studio.port, each)
        browser.run("location.hash = ''")
        wait(browser, "document.querySelector('.zone')")
        # A file of that name, which is empty: the page refuses it by its name.
        browser.run(
            "(() => { const data = new DataTransfer();"
            f" data.items.add(new File([], {json.dumps(each)}));"
            " document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data,"
            " bubbles: true, cancelable: true })); })()"
        )
        wait(browser, "document.querySelector('.error')")
        assert browser.run(_SIDES) <= 0, each
        silent(browser, studio.port, each)
        browser.run("document.querySelector('.error .main').click()")
        wait(browser, "document.querySelector('.zone')")


def test_no_link_runs_or_speaks(browser, studio):
    open_studio(browser, studio.server.link)
    for each in PAYLOADS:
        # A browser allows 200 changes of the address in 10 s.
        time.sleep(0.1)
        browser.run(
            f"location.hash = ['p', 'd', 'c', 'r', 'x', 'row'].map((key) =>"
            f" key + '=' + encodeURIComponent({json.dumps(each)})).join('&')"
        )
        browser.run(f"location.hash = {json.dumps(each)}")
        browser.settle()
        silent(browser, studio.port, each)
