"""The headers of every answer of the studio, which tell a browser what the page may never do."""

from thalweg.studio.doors.asgi import Message, Send

# Scripts and styles only as files of the studio, never in a page. Pictures that a page makes itself
# are blob: or data:. No page may frame the studio, and no form of it goes anywhere.
CONTENT_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)
SAFE_HEADERS = {
    "content-security-policy": CONTENT_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}
_AS_BYTES = [(name.encode(), value.encode()) for name, value in SAFE_HEADERS.items()]
_ALLOWS_OTHERS = b"access-control-"


def with_safe_headers(send: Send) -> Send:
    """Send answers with these headers; what an application says of them itself is left out."""

    async def safely(message: Message) -> None:
        if message["type"] in ("http.response.start", "websocket.accept"):
            kept = [
                (name, value)
                for name, value in message.get("headers", [])
                if not name.lower().startswith(_ALLOWS_OTHERS)
                and name.lower().decode("latin-1") not in SAFE_HEADERS
            ]
            message = {**message, "headers": [*kept, *_AS_BYTES]}
        await send(message)

    return safely
