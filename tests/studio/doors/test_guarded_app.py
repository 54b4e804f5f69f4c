"""The door of the studio: hosts, origins, keys, headers and sizes, on every path and on sockets."""

import secrets
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.asgi_driver import Answer, ask, done
from thalweg.studio.doors.answer_headers import SAFE_HEADERS
from thalweg.studio.doors.bounded_body import says_too_much
from thalweg.studio.doors.guarded_app import guarded
from thalweg.studio.doors.launch_key import LaunchKey
from thalweg.studio.doors.served_address import ServedAddress

PORT = 8631
HOST = f"127.0.0.1:{PORT}"
MOST = 1000
# Not drawn: the names of tests are equal in all workers.
KEY = LaunchKey(PORT, of_link="aB3-" * 10 + "xYz", of_cookie="Qw_9" * 10 + "kLm")
PATHS = ("/", "/table", "/api/runs/1", "/static/app.js", "/health", "/no/such/path")


async def everything(scope: Any, receive: Any, send: Any) -> None:
    """An application with no door of its own: it answers all, reads all, and lets others in."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept", "headers": []})
        return
    size, more = 0, True
    while more:
        part = await receive()
        size, more = size + len(part.get("body", b"")), part.get("more_body", False)
    headers = [
        (b"access-control-allow-origin", b"*"),
        (b"Content-Security-Policy", b"default-src *"),
        (b"content-type", b"text/plain"),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"secret %d" % size})


DOOR = guarded(everything, ServedAddress(PORT), KEY, lambda path: MOST)


def asked(
    kind: str = "http",
    host: str | None = HOST,
    origin: str | None = None,
    cookie: str | None = f"{KEY.cookie_name}={KEY.of_cookie}",
    more: tuple[tuple[str, str], ...] = (),
    **request: Any,
) -> Answer:
    named = (("host", host), ("origin", origin), ("cookie", cookie))
    headers = [(name, value) for name, value in named if value is not None]
    return ask(DOOR, kind, headers=[*headers, *more], **request)


def is_refused(answer: Answer, *statuses: int) -> bool:
    if any(m["type"] == "websocket.close" for m in answer.messages):
        return not answer.is_open
    return answer.status in statuses and b"secret" not in answer.body


OTHER_HOSTS = [
    "", "evil.com", f"evil.com:{PORT}", f"localhost.evil.com:{PORT}", f"127.0.0.1.nip.io:{PORT}",
    f"127.0.0.1.evil.com:{PORT}", f"evil-127.0.0.1:{PORT}", f"2130706433:{PORT}",
    f"017700000001:{PORT}", f"0x7f000001:{PORT}", f"0x7f.0.0.1:{PORT}", f"127.1:{PORT}",
    f"127.0.1:{PORT}", f"127.000.000.001:{PORT}", f"0177.0.0.1:{PORT}", f"127.0.0.2:{PORT}",
    f"0.0.0.0:{PORT}", f"0:{PORT}", f"[::1]:{PORT}", f"[::]:{PORT}",
    f"[::ffff:127.0.0.1]:{PORT}", f"[::ffff:7f00:1]:{PORT}", f"::1:{PORT}",
    f"[0:0:0:0:0:0:0:1]:{PORT}", "127.0.0.1", "localhost", "127.0.0.1:", "localhost:",
    "127.0.0.1:80", "127.0.0.1:8632", "127.0.0.1:86310", "127.0.0.1:08631", "127.0.0.1:+8631",
    f" 127.0.0.1:{PORT}", f"127.0.0.1:{PORT} ", f"127.0.0.1 :{PORT}", f"127.0.0.1:{PORT}/",
    f"127.0.0.1:{PORT}#", f"127.0.0.1:{PORT}?", f"127.0.0.1:{PORT}@evil.com",
    f"evil.com@127.0.0.1:{PORT}", f"http://127.0.0.1:{PORT}", f"//127.0.0.1:{PORT}",
    f"127.0.0.1:{PORT},evil.com", f"evil.com,127.0.0.1:{PORT}", f"127.0.0.1:{PORT} evil.com",
    f"LOCALHOST:{PORT}", f"LocalHost:{PORT}", f"localhost.:{PORT}", f"127.0.0.1.:{PORT}",
    f".localhost:{PORT}", f"a.localhost:{PORT}", f"localhost:{PORT}.evil.com",
    f"localhost\t:{PORT}", f"localhost%00:{PORT}", f"localhost\x00:{PORT}", f"lоcalhost:{PORT}"
    .encode().decode("latin-1"), f"127.0.0.1\uff1a{PORT}".encode().decode("latin-1"),
    "null", "*", f"*:{PORT}", f"[127.0.0.1]:{PORT}", f"ip6-localhost:{PORT}",
]  # fmt: skip


@pytest.mark.parametrize("host", OTHER_HOSTS)
def test_other_hosts_are_refused_everywhere(host: str) -> None:
    for path in PATHS:
        for method in ("GET", "HEAD", "POST"):
            answer = asked(host=host, origin=f"http://{host}", path=path, method=method)
            assert is_refused(answer, 421), (path, method)
        assert is_refused(asked("websocket", host=host, origin=f"http://{host}", path=path))
    link = asked(host=host, cookie=None, query=f"key={KEY.of_link}".encode())
    assert is_refused(link, 421)
    assert "set-cookie" not in link.headers


def test_there_are_sixty_other_hosts() -> None:
    assert len(set(OTHER_HOSTS)) >= 60


@pytest.mark.parametrize("hosts", [(), (HOST, HOST), (HOST, "evil.com"), ("evil.com", HOST)])
def test_exactly_one_host_is_needed(hosts: tuple[str, ...]) -> None:
    more = tuple(("host", host) for host in hosts)
    for path in PATHS:
        assert is_refused(asked(host=None, path=path, more=more), 421)
        own = asked("websocket", host=None, origin=f"http://{HOST}", path=path, more=more)
        assert is_refused(own)


@pytest.mark.parametrize("host", [HOST, f"localhost:{PORT}"])
def test_own_hosts_are_served(host: str) -> None:
    assert asked(host=host).body == b"secret 0"
    assert asked(host=host, method="POST", origin=f"http://{host}").body == b"secret 0"
    assert asked("websocket", host=host, origin=f"http://{host}").is_open


def test_browsers_leave_the_port_of_http_out() -> None:
    address = ServedAddress(80)
    assert address.hosts == {b"127.0.0.1", b"localhost"}
    assert address.link == "http://127.0.0.1/"
    assert ServedAddress(PORT).link == f"http://{HOST}/"


_NAMES = (
    "evil.com", "127.0.0.1.evil.com", "evil127.0.0.1", "localhost", "LOCALHOST", "127.0.0.2",
    "[::1]", "2130706433", "127.1", "0.0.0.0", "a.127.0.0.1", "127.0.0.1@evil.com",
)  # fmt: skip
OTHER_ORIGINS = [
    "null", "", "*", HOST, f"//{HOST}", f"https://{HOST}", f"ws://{HOST}", f"wss://{HOST}",
    f"HTTP://{HOST}", f"Http://{HOST}", f"http://{HOST}/", f"http://{HOST}/x", f"http://{HOST}?",
    f"http://{HOST}#", f" http://{HOST}", f"http://{HOST} ", f"http:// {HOST}", f"http:/{HOST}",
    f"http:///{HOST}", f"http:{HOST}", f"http://{HOST} http://evil.com",
    f"http://evil.com http://{HOST}", f"http://{HOST},http://evil.com", f"http://{HOST}\x00",
    f"http://{HOST}0", f"http://{HOST}.evil.com", f"http://user@{HOST}", f"http://user:p@{HOST}",
    f"http://{HOST}@evil.com", "http://127.0.0.1", "http://127.0.0.1:", "http://127.0.0.1:80",
    "http://127.0.0.1:443", "http://127.0.0.1:8630", "http://127.0.0.1:8632",
    "http://127.0.0.1:08631", "http://127.0.0.1:3000", "http://127.0.0.1:8888", "file://",
    "file:///etc/passwd", "data:", "about:blank", "about:srcdoc", "chrome-extension://abcdef",
    "moz-extension://abcdef", "vscode-webview://abcdef", "app://localhost", "blob:null",
    f"blob:http://{HOST}", "undefined", "None", "none", "same-origin", "true", "http://",
    *[f"{scheme}://{name}{port}"
      for scheme in ("http", "https") for name in _NAMES for port in ("", f":{PORT}")],
]  # fmt: skip


def test_there_are_a_hundred_other_origins() -> None:
    assert len(set(OTHER_ORIGINS)) >= 100
    assert f"http://{HOST}" not in OTHER_ORIGINS


@pytest.mark.parametrize("origin", [None, *OTHER_ORIGINS])
def test_other_origins_cannot_write_nor_open_a_socket(origin: str | None) -> None:
    """The right cookie is no help; a missing origin is another one."""
    for path in PATHS:
        for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "get", ""):
            answer = asked(origin=origin, path=path, method=method)
            assert is_refused(answer, 403), (path, method)
            assert not [name for name in answer.headers if name.startswith("access-control")]
        assert is_refused(asked("websocket", origin=origin, path=path))
        if origin is not None:
            assert is_refused(asked(origin=origin, path=path), 403)


def test_two_origins_are_no_origin() -> None:
    twice = (("origin", f"http://{HOST}"),)
    assert is_refused(asked(method="POST", origin=f"http://{HOST}", more=twice), 403)
    assert is_refused(asked("websocket", origin=f"http://{HOST}", more=twice))


@pytest.mark.parametrize("cause", ["cross-site", "same-site", "", "SAME-ORIGIN", "other"])
def test_other_pages_cannot_load_parts_of_the_studio(cause: str) -> None:
    """A page of another port of this machine is of the same site, and sends the cookie."""
    more = (("sec-fetch-site", cause),)
    assert is_refused(asked(path="/api/runs/1", more=more), 403)
    assert asked(path="/", more=more).status == 200  # a link in a page of somebody


@pytest.mark.parametrize("cause", ["same-origin", "none"])
def test_own_pages_and_people_load_them(cause: str) -> None:
    assert asked(path="/api/runs/1", more=(("sec-fetch-site", cause),)).status == 200


OTHER_COOKIES = [
    None, "", "x", KEY.cookie_name, f"{KEY.cookie_name}=", f"{KEY.cookie_name}={KEY.of_link}",
    f"{KEY.cookie_name}={KEY.of_cookie[:-1]}", f"{KEY.cookie_name}={KEY.of_cookie}x",
    f"{KEY.cookie_name}x={KEY.of_cookie}", f"x{KEY.cookie_name}={KEY.of_cookie}",
    f"{KEY.cookie_name}={KEY.of_cookie.swapcase()}", f"thalweg-studio-1={KEY.of_cookie}",
    f'{KEY.cookie_name}="{KEY.of_cookie}"', f"{KEY.cookie_name}=\xff\xfe",
    f"{KEY.cookie_name.upper()}={KEY.of_cookie}", f"{KEY.cookie_name},={KEY.of_cookie}",
    "; ".join([f"{KEY.cookie_name}=x"] * 16 + [f"{KEY.cookie_name}={KEY.of_cookie}"]),
]  # fmt: skip


@pytest.mark.parametrize("cookie", OTHER_COOKIES)
def test_nothing_is_served_without_the_key(cookie: str | None) -> None:
    for path in PATHS:
        for method in ("GET", "HEAD", "POST", "DELETE"):
            answer = asked(path=path, method=method, origin=f"http://{HOST}", cookie=cookie)
            assert is_refused(answer, 401), (path, method)
        assert is_refused(asked("websocket", path=path, origin=f"http://{HOST}", cookie=cookie))


def test_a_cookie_that_another_program_has_set_does_not_lock_out() -> None:
    for cookie in (
        f"{KEY.cookie_name}=x; {KEY.cookie_name}={KEY.of_cookie}",
        f"a=b;{KEY.cookie_name}={KEY.of_cookie};{KEY.cookie_name}=y",
    ):
        assert asked(cookie=cookie).status == 200
    split = (("cookie", "a=b"), ("cookie", f"{KEY.cookie_name}={KEY.of_cookie}"))
    assert asked(cookie=None, more=split).status == 200


def test_the_entrance_has_an_icon_so_that_no_browser_asks_for_one() -> None:
    """It would be refused, and the browser would write that into the console of the page."""
    assert b'<link rel=icon href="data:,">' in asked(query=f"key={KEY.of_link}".encode()).body


def test_the_link_becomes_a_cookie_and_leaves_the_address() -> None:
    answer = asked(cookie=None, query=f"key={KEY.of_link}".encode())
    assert answer.status == 200
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{KEY.cookie_name}={KEY.of_cookie};")
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))
    assert KEY.of_link.encode() not in answer.body
    assert b"secret" not in answer.body
    assert b'content="0; url=/"' in answer.body


@pytest.mark.parametrize(
    "query",
    [
        b"", b"key", b"key=", b"key=x", f"key={KEY.of_cookie}".encode(),
        f"key={KEY.of_link}x".encode(), f"KEY={KEY.of_link}".encode(),
        f"key={KEY.of_link}&key={KEY.of_link}".encode(), f"key=x&key={KEY.of_link}".encode(),
        f"kex={KEY.of_link}".encode(), b"key=\xff", b"key=%ff%fe", b"key=%ed%a0%80",
    ],
)  # fmt: skip
def test_another_link_gives_no_cookie(query: bytes) -> None:
    answer = asked(cookie=None, query=query)
    assert is_refused(answer, 401)
    assert "set-cookie" not in answer.headers


def test_the_key_of_the_link_opens_the_first_page_alone() -> None:
    query = f"key={KEY.of_link}".encode()
    for path in PATHS[1:]:
        assert is_refused(asked(cookie=None, path=path, query=query), 401)
        own = asked("websocket", cookie=None, path=path, query=query, origin=f"http://{HOST}")
        assert is_refused(own)
    answer = asked(cookie=None, method="POST", query=query, origin=f"http://{HOST}")
    assert is_refused(answer, 401)


def test_keys_have_256_bits_and_hide_in_texts() -> None:
    keys = [LaunchKey(PORT) for _ in range(50)]
    texts = {key.of_link for key in keys} | {key.of_cookie for key in keys}
    assert len(texts) == 100
    assert all(len(text) == 43 for text in texts)  # 43 · 6 bits ≥ 256
    assert KEY.of_link not in repr(KEY)
    assert KEY.of_cookie not in repr(KEY)


def test_every_answer_has_the_headers() -> None:
    """Also those of an application that sets others, and those that refuse."""
    answers = [
        asked(), asked(host="evil.com"), asked(cookie=None), asked(method="POST"),
        asked(cookie=None, query=f"key={KEY.of_link}".encode()),
        asked("websocket", origin=f"http://{HOST}"),
    ]  # fmt: skip
    for answer in answers:
        if any(m["type"] == "websocket.close" for m in answer.messages):
            continue
        assert {name: answer.headers.get(name) for name in SAFE_HEADERS} == SAFE_HEADERS
        assert "access-control-allow-origin" not in answer.headers
        names = [n.lower() for m in answer.messages for n, _ in m.get("headers", [])]
        assert len(names) == len(set(names))
    policy = SAFE_HEADERS["content-security-policy"]
    assert "unsafe" not in policy
    assert "*" not in policy


@pytest.mark.parametrize("said", [str(MOST + 1), "9" * 30, "-1", "x", "", "1e2", "+5", "5, 5", "٣"])
def test_a_body_that_says_too_much_is_refused_unread(said: str) -> None:
    headers = [(b"content-length", said.encode())]
    assert says_too_much(headers, MOST)
    if said.isascii():
        answer = asked(
            method="POST", origin=f"http://{HOST}", more=(("content-length", said),),
            parts=[b"x"],
        )  # fmt: skip
        assert is_refused(answer, 413)


def test_two_lengths_are_refused() -> None:
    twice = (("content-length", "1"), ("content-length", "1"))
    assert is_refused(asked(method="POST", origin=f"http://{HOST}", more=twice), 413)


@given(parts=st.lists(st.integers(0, 600), min_size=1, max_size=8), says=st.booleans())
def test_a_body_is_read_up_to_its_bound(parts: list[int], says: bool) -> None:
    """Whatever it says of itself; the part that goes beyond is not handed on."""
    total = sum(parts)
    more = (("content-length", str(min(total, MOST))),) if says else ()
    answer = asked(
        method="POST", origin=f"http://{HOST}", more=more, parts=[b"x" * n for n in parts]
    )
    if total <= MOST:
        assert answer.body == b"secret %d" % total
    else:
        assert is_refused(answer, 413)


@given(
    host=st.sampled_from([HOST, f"localhost:{PORT}", "evil.com", ""]) | st.text(max_size=30),
    origin=st.none() | st.sampled_from([f"http://{HOST}", "null"]) | st.text(max_size=30),
    cookie=st.none() | st.sampled_from([f"{KEY.cookie_name}={KEY.of_cookie}"]) | st.text(),
    method=st.sampled_from(["GET", "HEAD", "POST", "DELETE", "CONNECT"]) | st.text(max_size=8),
    kind=st.sampled_from(["http", "websocket"]),
    path=st.text(max_size=20),
)
def test_only_equal_texts_open_the_door(
    host: str, origin: str | None, cookie: str | None, method: str, kind: str, path: str
) -> None:
    texts = [text for text in (host, origin, cookie) if text is not None]
    if any(not text.isascii() for text in texts):
        return  # the driver writes headers as servers do
    answer = asked(kind, host=host, origin=origin, cookie=cookie, method=method, path=path)
    is_own = host in (HOST, f"localhost:{PORT}")
    has_key = cookie is not None and f"{KEY.cookie_name}={KEY.of_cookie}" in cookie
    reads = kind == "http" and method in ("GET", "HEAD")
    may = is_own and has_key and (origin == f"http://{host}" or (reads and origin is None))
    opened = answer.is_open if kind == "websocket" else b"secret" in answer.body
    assert opened == may


def test_what_the_door_does_not_know_is_no_request() -> None:
    async def nothing() -> Any:
        raise AssertionError

    async def kept(message: Any) -> None:
        raise AssertionError(message)

    with pytest.raises(NotImplementedError, match="other"):
        done(DOOR({"type": "other"}, nothing, kept))


def test_an_answer_that_has_begun_is_not_answered_twice() -> None:
    """The server then ends the connection, and the browser knows that the answer is not whole."""

    async def early(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await receive()

    app = guarded(early, ServedAddress(PORT), KEY, lambda path: 1)
    headers = [
        ("host", HOST), ("origin", f"http://{HOST}"),
        ("cookie", f"{KEY.cookie_name}={KEY.of_cookie}"),
    ]  # fmt: skip
    with pytest.raises(Exception, match=r"^$") as caught:
        ask(app, method="POST", headers=headers, parts=[secrets.token_bytes(2)])
    assert type(caught.value).__name__ == "TooLargeError"
