"""Where the studio is served: the hosts and the origin by which a browser may ask for it."""

from dataclasses import dataclass

LOOPBACK = ("127.0.0.1", "localhost")
_HTTP_PORT = 80


@dataclass(frozen=True)
class ServedAddress:
    """The names of this machine and the port of the studio.

    A page of another site can make a browser send requests to this machine, also by a name of its
    own that resolves to 127.0.0.1 (DNS rebinding). Such a request has the name in ``Host``. So a
    host is accepted only if it is equal to one of these, byte by byte.

    Parameters
    ----------
    port : int
    names : tuple of str
        As a browser writes them: lower case, an IPv6 address in brackets.
    """

    port: int
    names: tuple[str, ...] = LOOPBACK

    @property
    def hosts(self) -> frozenset[bytes]:
        """All accepted values of the header ``Host``."""
        return frozenset(f"{name}{self._after_name}".encode("ascii") for name in self.names)

    @property
    def link(self) -> str:
        """The address that a browser opens."""
        return f"http://{self.names[0]}{self._after_name}/"

    @property
    def _after_name(self) -> str:
        return "" if self.port == _HTTP_PORT else f":{self.port}"  # browsers leave this one out


def origin_of(host: bytes) -> bytes:
    """The origin of the pages that were served under an accepted host."""
    return b"http://" + host
