"""How many messages a page may send: a bucket of tokens that fills up at a steady rate."""

from dataclasses import dataclass


@dataclass
class MessageRate:
    """Whether one more message is within the rate.

    The leaky bucket as a meter: Turner 1986, "New directions in communications (or which way to the
    information age?)", IEEE Communications Magazine 24(10):8-15.

    Parameters
    ----------
    a_second : float
        Messages a second, in the long run.
    at_once : float
        Messages that may come in one moment after a pause.
    """

    a_second: float = 100.0
    at_once: float = 200.0

    def __post_init__(self) -> None:
        self._tokens, self._seen = self.at_once, float("-inf")

    def allows(self, now: float) -> bool:
        """Whether a message that comes now is within the rate; ``now`` in seconds."""
        passed = max(0.0, now - self._seen)
        self._tokens = min(self.at_once, self._tokens + passed * self.a_second)
        self._seen = max(self._seen, now)
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True
