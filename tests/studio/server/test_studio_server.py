"""The server of the studio over real sockets: locked, bounded, and never kept waiting."""

import asyncio
import http.client
import time
from contextlib import suppress
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from studio.served_server import (
    WAITING,
    Served,
    close_code,
    heard,
    opened,
    raw,
    say,
    with_server,
)  # fmt: skip
from thalweg.errors import SettingsError
from thalweg.studio.server import impatient_protocol, page_outlet
from thalweg.studio.server.open_pages import MOST_PAGES
from thalweg.studio.server.page_outlet import PageOutlet
from thalweg.studio.server.studio_server import HOST, MOST_BODY, listening
from thalweg.studio.wire.packets import Packet
from thalweg.studio.wire.page_messages import MOST_TEXT


def test_it_listens_on_this_machine_alone() -> None:
    first, second = listening(None), listening(None)
    try:
        assert first.getsockname()[0] == second.getsockname()[0] == "127.0.0.1"
        assert first.getsockname()[1] != second.getsockname()[1]
        with pytest.raises(SettingsError, match="is taken") as told:
            listening(first.getsockname()[1])
        assert told.value.where == f"--port {first.getsockname()[1]}"
        assert "leave out --port" in told.value.fix
        other = int(told.value.fix.rpartition("--port ")[2])
        listening(other).close()  # the fix works as it is printed
    finally:
        first.close()
        second.close()


def test_pages_ask_and_are_answered() -> None:
    async def play(served: Served) -> None:
        async with served.page() as socket_:
            page = await opened(socket_)
            await say(page, "echo", 7, said="hills <b>")
            back = await heard(page)
            assert back.head == {"type": "echo", "re": 7, "said": "hills <b>"}
            assert back.arrays["n"].tolist() == [0, 1, 2]
            await say(page, "fail", 8)
            error = (await heard(page)).head
            assert (error["type"], error["re"]) == ("error", 8)
            assert error["error"]["fix"] == "ask for something else"
            await say(page, "curve", 9, n=100)
            got = [(await heard(page)).head for _ in range(2)]
            assert [each["type"] for each in got] == ["curve", "drawn"]
            assert got[0]["n"] == 99  # of a hundred pictures the latest

    with_server(play)


def test_what_takes_long_keeps_no_page_waiting_and_ends_with_it() -> None:
    async def play(served: Served) -> None:
        WAITING.clear()
        async with served.page() as socket_:
            page = await opened(socket_)
            await say(page, "wait", 1)
            await say(page, "curve", 2, n=3)
            await say(page, "echo", 3, said="meanwhile")
            got = [(await heard(page)).head for _ in range(3)]
            assert [each["type"] for each in got] == ["curve", "drawn", "echo"]
            assert WAITING == []
        while not WAITING:
            await asyncio.sleep(0.005)
        assert WAITING == ["cancelled"]

    with_server(play)


def test_a_page_may_end_what_it_has_asked() -> None:
    async def play(served: Served) -> None:
        WAITING.clear()
        async with served.page() as one, served.page() as two:
            page, other = await opened(one), await opened(two)
            for each in (page, other):
                await say(each, "wait", 1)
                await say(each, "echo", 2, said="it has begun")
                assert (await heard(each)).head["re"] == 2
            await say(page, "drop", 5, of=2)  # it is answered already
            await say(page, "echo", 4, said="still here")
            assert (await heard(page)).head["re"] == 4
            assert WAITING == []
            for _ in range(2):
                await say(page, "drop", 5, of=1)
            assert (await heard(page)).head == {"type": "dropped", "re": 1}
            assert WAITING == ["cancelled"]  # and not that of the other page
            await say(page, "echo", 3, said="still here")
            assert (await heard(page)).head["re"] == 3
            await say(page, "wait", 8)
            await say(page, "drop", 9, of=8)  # perhaps before it has begun
            assert (await heard(page)).head == {"type": "dropped", "re": 8}

    with_server(play)


def test_an_operation_that_breaks_is_an_error_for_its_page(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async def play(served: Served) -> None:
        async with served.page() as socket_:
            page = await opened(socket_)
            await say(page, "break", 1)
            error = (await heard(page)).head
            assert (error["type"], error["re"]) == ("error", 1)
            assert error["error"]["what"] == "This failed: ZeroDivisionError: no\\x1b[31mthing"
            await say(page, "echo", 2, said="still here")
            assert (await heard(page)).head["said"] == "still here"

    with_server(play)
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_events_are_neither_lost_nor_doubled_by_a_page_that_comes_back() -> None:
    async def play(served: Served) -> None:
        seen: list[int] = []

        async def follow(n_packets: int) -> None:
            async with served.page() as socket_:
                page = await opened(socket_)
                happens()  # before the page has said what it has
                await say(page, "resume", seq=len(seen))
                for _ in range(n_packets + 1):
                    event = (await heard(page)).head
                    seen.append(event["seq"])
                    assert event["n"] == event["seq"]
                happens()
                seen.append((await heard(page)).head["seq"])

        happened = 0

        def happens() -> None:
            nonlocal happened
            happened += 1
            served.pages.happen("began", n=happened)

        for n_packets in (3, 5, 1, 4):
            for _ in range(n_packets):
                happens()
            await follow(n_packets)
            assert seen == list(range(1, happened + 1))
        async with served.page() as socket_:
            page = await opened(socket_)
            await say(page, "resume", seq=happened + 5)
            assert (await heard(page)).head["type"] == "anew"

    with_server(play)


def test_no_page_without_key_or_with_another_origin() -> None:
    async def play(served: Served) -> None:
        for changed in (
            {"cookie": ""}, {"cookie": served.cookie + "x"}, {"origin": None},
            {"origin": "http://evil.com"}, {"origin": f"http://localhost:{served.address.port}"},
        ):  # fmt: skip
            with pytest.raises(InvalidStatus) as refused:
                async with served.page(**changed):
                    pass
            assert refused.value.response.status_code == 403
        cookie, served.cookie = served.cookie, ""
        for path in ("/", "/health", "/sized", "/ws", "/docs", "/openapi.json"):
            assert (await served.asked("GET", path))[0] == 401
        served.cookie = cookie
        assert (await served.asked("GET", "/health"))[0] == 200
        assert (await served.asked("POST", "/sized", b"x"))[0] == 403  # no origin
        assert (await served.asked("GET", "/health", Host="evil.com"))[0] == 421

    with_server(play)


STRANGE = [
    "", "{", "[]", "null", "1", '"echo"', "{}", '{"op": "echo"}', '{"id": 1}',
    '{"op": "echo", "id": 1}', '{"op": "echo", "id": 1, "said": 3}',
    '{"op": "echo", "id": 1, "said": "x", "more": 1}', '{"op": "echo", "id": -1, "said": "x"}',
    '{"op": "echo", "id": 1.5, "said": "x"}', '{"op": "echo", "id": true, "said": "x"}',
    '{"op": "echo", "id": 1, "said": "' + "x" * 21 + '"}', '{"op": "__init__", "id": 1}',
    '{"op": "no-such", "id": 1}', '{"op": ["echo"], "id": 1}', '{"op": "curve", "id": 1, "n": NaN}',
    '{"op": "curve", "id": 1, "n": 1e999}', '{"op": "curve", "id": 1, "n": 1001}',
    '{"op": "resume", "id": 1, "seq": -1}', '{"op": "resume", "id": 1}', "[" * 60_000,
    '{"op": "echo", "id": 1, "said": "\\ud800"}', "1" * 5000,
]  # fmt: skip


def test_strange_messages_close_their_page_alone() -> None:
    async def play(served: Served) -> None:
        async with served.page() as socket_:
            other = await opened(socket_)
            for text in STRANGE:
                async with served.page() as odd:
                    await opened(odd)
                    await odd.send(text)
                    assert await close_code(odd) == 1008, text[:40]
            async with served.page() as odd:
                await opened(odd)
                await odd.send(b"bytes")
                assert await close_code(odd) == 1008
            async with served.page() as odd:
                await opened(odd)
                await odd.send("x" * (MOST_TEXT + 1))
                assert await close_code(odd) == 1009
            await say(other, "echo", said="still here")
            assert (await heard(other)).head["said"] == "still here"

    with_server(play)


def test_ten_thousand_messages_at_once_close_their_page_and_the_server_answers() -> None:
    async def play(served: Served) -> None:
        async with served.page() as socket_:
            page = await opened(socket_)
            with suppress(ConnectionClosed):
                for _ in range(10_000):
                    await say(page, "taken")
            began = time.monotonic()
            assert (await served.asked("GET", "/health"))[0] == 200
            assert time.monotonic() - began < 5
            assert await close_code(page) == 1008
        assert not served.pages.outlets

    with_server(play)


def test_a_page_that_asks_and_takes_nothing_is_ended() -> None:
    async def play(served: Served) -> None:
        async with served.page() as page:
            with suppress(ConnectionClosed):
                for n in range(150):
                    await say(page, "echo", n, said="x")
            assert await close_code(page) == 1013

    with_server(play)


def test_a_page_that_comes_back_may_ask_however_much_it_has_missed() -> None:
    n_missed = 80  # events and pictures: more than the answers that may wait

    async def play(served: Served) -> None:
        async with served.page() as socket_:
            page = await opened(socket_)
            for n in range(n_missed):
                served.pages.happen("began", n=n)
            await say(page, "resume", seq=0)
            for n in range(n_missed):
                served.pages.show(("curve", n), Packet({"type": "curve", "n": n}))
            for n in range(10):
                await say(page, "echo", n, said="x")
            got = []
            while got.count("echo") < 10:
                got.append((await heard(page)).head["type"])
            assert got.count("began") == n_missed

    with_server(play)


def test_a_page_that_takes_no_frame_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_outlet, "SECONDS_FOR_PACKET", 0.1)

    async def play(served: Served) -> None:
        async with served.page() as page:
            assert await close_code(page) == 1013

    with_server(play)


def test_there_are_not_more_pages_than_there_may_be() -> None:
    async def play(served: Served) -> None:
        open_ = [await served.page() for _ in range(MOST_PAGES)]
        try:
            one_more = await served.page()
            assert await close_code(one_more) == 1013
            assert one_more.close_reason == "too many pages of this studio are open"
        finally:
            for each in open_:
                await each.close()
        while served.pages.outlets:
            await asyncio.sleep(0.01)
        await (await served.page()).close()

    with_server(play)


def test_bodies_have_a_bound_whatever_they_say() -> None:
    def parts() -> Any:
        for _ in range(1000):
            yield b"x" * 10_000

    async def play(served: Served) -> None:
        own = {"Origin": served.origin}
        status, _, body = await served.asked("POST", "/sized", b"x" * MOST_BODY, **own)
        assert (status, body) == (200, str(MOST_BODY).encode())
        assert (await served.asked("POST", "/sized", b"x" * (MOST_BODY + 1), **own))[0] == 413
        with suppress(ConnectionError):  # the server may close before all is sent
            assert (await served.asked("POST", "/sized", parts(), **own))[0] == 413
        assert (await served.asked("GET", "/health"))[0] == 200

    with_server(play)


def test_long_and_odd_headers_are_refused() -> None:
    async def play(served: Served) -> None:
        host = served.host.encode()
        for data in (
            b"GET / HTTP/1.1\r\nHost: " + host + b"\r\nX: " + b"x" * 1_000_000 + b"\r\n\r\n",
            b"GET /" + b"x" * 1_000_000 + b" HTTP/1.1\r\nHost: " + host + b"\r\n\r\n",
            b"\x00\xff\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: " + host + b"\r\nContent-Length: 1, 2\r\n\r\n",
        ):
            client = await asyncio.to_thread(raw, served, data)
            answer = await asyncio.to_thread(client.recv, 100)
            client.close()
            assert answer.split()[1:2] == [b"400"], data[:20]
        assert (await served.asked("GET", "/health"))[0] == 200

    with_server(play)


def test_a_request_that_does_not_come_loses_its_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(impatient_protocol, "SECONDS_FOR_HEADERS", 0.2)

    async def play(served: Served) -> None:
        first = b"GET /health HTTP/1.1\r\nHost: " + served.host.encode() + b"\r\n"
        whole_ = first + b"Cookie: " + served.cookie.encode() + b"\r\n\r\n"
        for start, later in ((b"", b""), (b"GET /he", b""), (first, b""), (whole_, b"GET /he")):
            client = await asyncio.to_thread(raw, served, start)
            began = time.monotonic()
            if later:
                answer = b""
                while b"ok" not in answer:
                    answer += await asyncio.to_thread(client.recv, 5000)
                client.sendall(later)
            while await asyncio.to_thread(client.recv, 1000):
                assert time.monotonic() - began < 20
            client.close()
        kept = http.client.HTTPConnection(HOST, served.address.port, timeout=20)

        def twice() -> None:
            for _ in range(2):
                kept.request("GET", "/health", headers={"Cookie": served.cookie})
                assert kept.getresponse().read() == b"ok\n"
                time.sleep(0.5)  # a browser may keep a connection between requests

        await asyncio.to_thread(twice)
        kept.close()

    with_server(play)


def test_nothing_names_the_server_and_answers_have_the_headers() -> None:
    async def play(served: Served) -> None:
        _, headers, _ = await served.asked("GET", "/health")
        assert "server" not in {name.lower() for name in headers}
        assert headers["content-security-policy"].startswith("default-src 'self'")
        assert headers["x-content-type-options"] == "nosniff"

    with_server(play)


def test_the_first_packet_is_hello_whatever_is_shown_meanwhile() -> None:
    async def play(served: Served) -> None:
        class Shown(set[PageOutlet]):
            """The pages; each is shown a picture in the moment in which it opens."""

            def add(self, outlet: PageOutlet) -> None:
                super().add(outlet)
                served.pages.show("curve", Packet({"type": "curve"}))

        served.pages.outlets = Shown()
        async with served.page() as page:
            heads = [(await heard(page)).head["type"] for _ in range(2)]
        assert heads == ["hello", "curve"]

    with_server(play)


def test_what_the_end_cuts_off_is_no_error_in_the_terminal(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """An upload that runs when Ctrl-C comes filled the terminal with a traceback."""
    half = []

    async def play(served: Served) -> None:
        head = (
            f"POST /sized HTTP/1.1\r\nHost: {served.host}\r\nOrigin: {served.origin}\r\n"
            f"Cookie: {served.cookie}\r\nContent-Length: 9999\r\n\r\nbegun"
        )
        half.append(raw(served, head.encode()))
        await asyncio.sleep(0.2)

    with_server(play)
    half[0].close()
    assert [each for each in caplog.records if each.name.startswith("uvicorn")] == []
