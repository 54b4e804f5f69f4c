"""Which of several tasks a seed draws: the same in Python and in the page (`link_state.js`)."""

_WORD = 2**32


def drawn(seed: int, place: int, n: int) -> int:
    """A whole number in [0, n) for a seed and a place.

    Parameters
    ----------
    seed : int
        From 0 to 2³² - 1.
    place : int
        The step of the lesson, from 0.
    n : int

    Returns
    -------
    int
        The final mixing of MurmurHash3 (Appleby 2011), modulo n.

    Examples
    --------
    >>> [drawn(42, place, 4) for place in range(6)]
    [0, 0, 3, 1, 3, 1]
    """
    mixed = (seed + (place + 1) * 0x9E3779B9) % _WORD
    mixed = (mixed ^ mixed >> 16) * 0x85EBCA6B % _WORD
    mixed = (mixed ^ mixed >> 13) * 0xC2B2AE35 % _WORD
    return (mixed ^ mixed >> 16) % n


def variant_of(seed: int, place: int, n: int) -> int:
    """The task of a seed; seed 0 has the first one, which is the article's where it has one."""
    return 0 if seed == 0 else drawn(seed, place, n)
