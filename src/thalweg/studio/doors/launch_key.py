"""The key of a launch of the studio: in the link first, then in a cookie hidden from scripts."""

import hmac
import secrets
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from thalweg.studio.doors.asgi import Headers, all_of

PARAMETER = "key"
_BYTES = 32  # 256 bits
# A browser sends cookies of all ports of a machine; whoever sets many of our name gets no further.
_MOST_COOKIES = 16


def _drawn() -> str:
    return secrets.token_urlsafe(_BYTES)


@dataclass(frozen=True, repr=False)
class LaunchKey:
    """Two secrets of one launch: that of the link, and that of the cookie.

    The link may be seen (a history, a screen that is shared), and opens the studio as long as it
    runs. The cookie never appears in an address.

    Parameters
    ----------
    port : int
        A part of the cookie's name. Browsers have one cookie of a name for all ports of a machine,
        so two studios would otherwise log each other out.
    """

    port: int
    of_link: str = field(default_factory=_drawn)
    of_cookie: str = field(default_factory=_drawn)

    @property
    def cookie_name(self) -> str:
        """The name of the cookie."""
        return f"thalweg-studio-{self.port}"

    @property
    def set_cookie(self) -> str:
        """The header that gives a browser the cookie.

        ``SameSite=Strict``: requests that another site causes do not carry it.
        """
        return f"{self.cookie_name}={self.of_cookie}; HttpOnly; SameSite=Strict; Path=/"

    def is_in_link(self, query: bytes) -> bool:
        """Whether the query of an address has the key exactly once."""
        given = parse_qs(query.decode("latin-1"), max_num_fields=None).get(PARAMETER, [])
        return len(given) == 1 and _equal(given[0], self.of_link)

    def is_in_cookie(self, headers: Headers) -> bool:
        """Whether one of the cookies is that of this launch.

        Another program on this machine may have set a cookie of the same name. So any of the first
        ones may be ours.
        """
        start = f"{self.cookie_name}="
        cookies = [
            each.strip()
            for value in all_of(headers, b"cookie")
            for each in value.decode("latin-1").split(";")
        ]
        ours = [each.removeprefix(start) for each in cookies if each.startswith(start)]
        return any(_equal(each, self.of_cookie) for each in ours[:_MOST_COOKIES])


def _equal(given: str, secret: str) -> bool:
    """Compare in a time that does not depend on where they differ."""
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), secret.encode("ascii"))
