"""The socket of a page: what it asks is checked and answered, and what happens is sent to it."""

import asyncio
import time
import traceback
from collections.abc import Awaitable, Callable
from contextlib import suppress
from itertools import count

from starlette.websockets import WebSocket, WebSocketDisconnect

from thalweg.errors import ThalwegError
from thalweg.estimators.parameters.option_spelling import as_option
from thalweg.persistence.plain_data_checks import Form, whole
from thalweg.studio.server.open_pages import OpenPages
from thalweg.studio.server.page_outlet import PageOutlet, SlowPageError
from thalweg.studio.wire.message_rate import MessageRate
from thalweg.studio.wire.packets import Packet
from thalweg.studio.wire.page_messages import MessageError, PageMessage, page_message
from thalweg.studio.wire.unknown_errors import unknown_error

# Codes of RFC 6455 (7.4.1) and of the registry of its codes.
_REFUSED, _TRY_AGAIN_LATER = 1008, 1013
# Answers that may wait for a page that goes on asking.
_MOST_WAITING = 64
_OF_SOCKET: dict[str, dict[str, Form]] = {
    "taken": {}, "resume": {"seq": whole(0)}, "drop": {"of": whole(0, 2**31)}
}  # fmt: skip


class _EndedError(Exception):
    """The socket ends, with a code and a reason."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


def page_endpoint(pages: OpenPages) -> Callable[[WebSocket], Awaitable[None]]:
    """The function that a server calls for each socket of a page."""

    async def endpoint(socket: WebSocket) -> None:
        await socket.accept()  # a socket that is refused before has no reason that a page hears
        if not pages.has_room:
            await _close(socket, _TRY_AGAIN_LATER, "too many pages of this studio are open")
            return
        outlet = PageOutlet()
        # Before any picture that is shown to all pages.
        hello = {"type": "hello", "session": pages.session, "seq": pages.log.last}
        outlet.put_picture("hello", Packet(hello))
        pages.outlets.add(outlet)
        try:
            await _both(_read(socket, pages, outlet), outlet.send_all(socket.send_bytes))
        except _EndedError as why:
            await _close(socket, why.code, why.reason)
        except SlowPageError:
            await _close(socket, _TRY_AGAIN_LATER, "the page takes nothing any more; reload it")
        except (WebSocketDisconnect, ConnectionError):
            pass
        finally:
            pages.outlets.discard(outlet)

    return endpoint


async def _both(first: Awaitable[None], second: Awaitable[None]) -> None:
    """Run two loops until one of them ends; its error is raised."""
    loops = [asyncio.ensure_future(first), asyncio.ensure_future(second)]
    try:
        done, _ = await asyncio.wait(loops, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in loops:
            each.cancel()
        await asyncio.gather(*loops, return_exceptions=True)
    for each in done:
        each.result()


async def _close(socket: WebSocket, code: int, reason: str) -> None:
    with suppress(RuntimeError, ConnectionError, WebSocketDisconnect):
        # A frame that closes a socket has at most 123 bytes of reason (RFC 6455, 5.5).
        await socket.close(code, reason.encode("ascii", "replace")[:120].decode("ascii"))


async def _read(socket: WebSocket, pages: OpenPages, outlet: PageOutlet) -> None:
    """Answer what the page asks; each answer is kept until it is sent."""
    answers = count()
    asked: dict[asyncio.Task[None], int] = {}
    try:
        await _read_all(socket, pages, outlet, answers, asked)
    finally:  # nobody waits for what the page has asked
        for each in asked:
            each.cancel()
        await asyncio.gather(*asked, return_exceptions=True)


async def _read_all(
    socket: WebSocket,
    pages: OpenPages,
    outlet: PageOutlet,
    answers: "count[int]",
    asked: dict[asyncio.Task[None], int],
) -> None:
    """Take what the page says; what it asks is answered meanwhile, as soon as it is known."""
    rate, forms = MessageRate(), {**pages.forms, **_OF_SOCKET}
    dropped: set[asyncio.Task[None]] = set()

    async def answered(message: PageMessage, place: int) -> None:
        outlet.put_answer(place, await _answer(pages, outlet, message))

    def ask(message: PageMessage, place: int) -> None:
        def ended(task: asyncio.Task[None]) -> None:
            del asked[task]
            if task in dropped and task.cancelled():  # perhaps before it had begun
                outlet.put_answer(place, Packet({"type": "dropped", "re": message.number}))
            dropped.discard(task)

        task = asyncio.create_task(answered(message, place))
        asked[task] = message.number
        task.add_done_callback(ended)

    while True:
        text = await _text(socket)
        if not rate.allows(time.monotonic()):
            raise _EndedError(_REFUSED, "too many messages")
        try:
            message = page_message(text, forms)
        except MessageError as why:
            raise _EndedError(_REFUSED, str(why)) from why
        if message.operation == "taken":
            outlet.taken()
        elif message.operation == "resume":
            _resume(pages, outlet, message)
        elif message.operation == "drop":
            for task in [each for each, of in asked.items() if of == message.args["of"]]:
                dropped.add(task)
                task.cancel()
        elif outlet.n_answers + len(asked) > _MOST_WAITING:
            raise _EndedError(_TRY_AGAIN_LATER, "the page asks for more than it takes")
        else:
            ask(message, next(answers))


async def _text(socket: WebSocket) -> str:
    message = await socket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1000))
    text = message.get("text")
    if not isinstance(text, str):
        raise _EndedError(_REFUSED, "a page sends texts only")
    return text


def _resume(pages: OpenPages, outlet: PageOutlet, message: PageMessage) -> None:
    """Send the events that a page has missed, or say that it has to begin anew."""
    missed = pages.log.after(message.args["seq"])
    if missed is None:
        outlet.follow(pages.log.last)
        outlet.put_picture(
            "anew", Packet({"type": "anew", "re": message.number, "seq": pages.log.last})
        )
        return
    outlet.follow(message.args["seq"])
    for event in missed:
        outlet.put_event(event)


async def _answer(pages: OpenPages, outlet: PageOutlet, message: PageMessage) -> Packet:
    """The answer to a message: what its operation gives, or the error."""
    try:
        found = await pages.operations[message.operation].does(message, outlet)
    except ThalwegError as why:
        return Packet({"type": "error", "re": message.number, "error": why.as_dict(as_option)})
    except Exception as why:  # the page goes on, whatever one operation meets
        traceback.print_exception(why)
        return Packet({"type": "error", "re": message.number, "error": unknown_error(why)})
    return Packet({**found.head, "re": message.number}, found.arrays)
