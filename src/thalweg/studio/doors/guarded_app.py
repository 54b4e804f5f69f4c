"""The one door of the studio: every request and every socket passes it before anything else."""

from collections.abc import Callable

from thalweg.studio.doors import refusals
from thalweg.studio.doors.answer_headers import with_safe_headers
from thalweg.studio.doors.asgi import App, Message, Receive, Scope, Send, all_of, only
from thalweg.studio.doors.bounded_body import TooLargeError, bounded, says_too_much
from thalweg.studio.doors.launch_key import LaunchKey
from thalweg.studio.doors.refusals import Refusal
from thalweg.studio.doors.served_address import ServedAddress, origin_of

# Methods that change nothing.
_READING = ("GET", "HEAD")
# What browsers say of who caused a request. "none" is a person: an address typed, or opened by a
# program.
_OWN_PAGES, _PERSON = b"same-origin", b"none"
# The link leads on by a page, not by a redirect: after a link of another site (a notebook, a mail),
# a redirect would be sent without the cookie, because the other site has caused it.
_ENTRANCE = (
    b"<!doctype html><meta charset=utf-8><title>thalweg studio</title>"
    b'<link rel=icon href="data:,">'
    b'<meta http-equiv=refresh content="0; url=/"><a href="/">Open the studio</a>'
)


def guarded(
    app: App, address: ServedAddress, key: LaunchKey, most_bytes: Callable[[str], int]
) -> App:
    """An application behind the door.

    A request must have exactly one ``Host``, that of the studio. A socket, or a request that may
    change something, must have exactly one ``Origin``, that of the same host. All but the link must
    have the cookie. Hosts and origins are compared by equality. (DNS rebinding: Jackson et al.
    2009, "Protecting browsers from DNS rebinding attacks", ACM Transactions on the Web 3:2. Sockets
    across sites: RFC 6455, section 10.2.)

    Parameters
    ----------
    app : callable
        An application of ASGI 3.
    address : ServedAddress
    key : LaunchKey
    most_bytes : callable
        From the path of a request to the most bytes of its body.
    """

    async def door(scope: Scope, receive: Receive, send: Send) -> None:
        kind = scope["type"]
        if kind == "lifespan":
            await app(scope, receive, send)
            return
        if kind not in ("http", "websocket"):
            raise NotImplementedError(f"ASGI has no scope {kind!r} that the studio knows")
        send = with_safe_headers(send)
        if why := _refusal(scope, address, key, most_bytes):
            await why.answer(kind, send)
        elif _is_entrance(scope, key):
            await _enter(key, send)
        elif kind == "websocket":
            await app(scope, receive, send)
        else:
            await _ask(app, scope, receive, send, most_bytes(scope["path"]))

    return door


def _refusal(
    scope: Scope, address: ServedAddress, key: LaunchKey, most_bytes: Callable[[str], int]
) -> Refusal | None:
    headers = scope["headers"]
    host = only(headers, b"host")
    if host is None or host not in address.hosts:
        return refusals.WRONG_HOST
    if not _is_own_page(scope, host):
        return refusals.WRONG_ORIGIN
    if not (key.is_in_cookie(headers) or _is_entrance(scope, key)):
        return refusals.NO_KEY
    if scope["type"] == "http" and says_too_much(headers, most_bytes(scope["path"])):
        return refusals.TOO_LARGE
    return None


def _is_own_page(scope: Scope, host: bytes) -> bool:
    """Whether a page of the studio, or a person, has caused a request."""
    headers = scope["headers"]
    origins = all_of(headers, b"origin")
    if _may_change(scope):
        return origins == [origin_of(host)]
    if origins and origins != [origin_of(host)]:
        return False
    causes = all_of(headers, b"sec-fetch-site")
    if scope["path"] == "/":  # a link of any page may lead to the studio; the key is asked for next
        return True
    return not causes or causes in ([_OWN_PAGES], [_PERSON])


def _may_change(scope: Scope) -> bool:
    return scope["type"] == "websocket" or scope["method"] not in _READING


def _is_entrance(scope: Scope, key: LaunchKey) -> bool:
    """Whether a request is the link with the key."""
    return (
        scope["type"] == "http"
        and scope["method"] == "GET"
        and scope["path"] == "/"
        and key.is_in_link(scope["query_string"])
    )


async def _enter(key: LaunchKey, send: Send) -> None:
    """Give the cookie for the key, and lead to an address without it."""
    headers = [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-length", str(len(_ENTRANCE)).encode()),
        (b"set-cookie", key.set_cookie.encode()),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": _ENTRANCE})


async def _ask(app: App, scope: Scope, receive: Receive, send: Send, most: int) -> None:
    """Hand a request on, with a bound on its body."""
    has_begun = False

    async def noted(message: Message) -> None:
        nonlocal has_begun
        has_begun = has_begun or message["type"] == "http.response.start"
        await send(message)

    try:
        await app(scope, bounded(receive, most), noted)
    except TooLargeError:
        if has_begun:
            raise
        await refusals.TOO_LARGE.answer("http", send)
