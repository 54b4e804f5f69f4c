"""Texts that are durations, such as ``36:15:00`` or ``1 d 3 h``: they are refused, with a fix."""

import re
from collections.abc import Sequence

from thalweg.data.cells import trimmed

# Hours and minutes, perhaps seconds; a clock time is one with less than 24 hours.
_CLOCK = re.compile(r"[-+]?(\d{1,5}):([0-5]\d)(?::([0-5]\d)(?:[.,]\d{1,9})?)?")
_DAYS = re.compile(r"[-+]?(\d{1,6}) days?,? \+?(\d{1,2}):([0-5]\d):([0-5]\d)(?:\.\d{1,9})?")
_ISO = re.compile(
    r"-?p(?=[\dt])(?:(\d+)d)?(?:t(?=\d)(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)(?:[.,]\d+)?s)?)?", re.ASCII
)
_HOURS = {
    **dict.fromkeys(("d", "day", "days", "tag", "tage", "t", "jour", "jours", "j"), 24.0),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours", "std", "stunde", "stunden"), 1.0),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes", "minuten"), 1 / 60),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds", "sek", "sekunden"), 1 / 3600),
}
_PART = re.compile(r"(\d+(?:[.,]\d+)?) ?([^\W\d_]+)\.?(?:,? +|(?=\d)|$)")
_LONGEST = 40
_RARE_WORDS = 4  # durations for each word, at least


def hours_of(text: str) -> float | None:
    """The hours of a duration, ``36.25`` for ``36:15:00``; None for any other text."""
    word = trimmed(text).casefold()
    if not word or len(word) > _LONGEST:
        return None
    sign = -1.0 if word[0] == "-" else 1.0
    if found := _CLOCK.fullmatch(word):
        hours, minutes, seconds = (float(part or 0) for part in found.groups())
        return sign * (hours + minutes / 60 + seconds / 3600)
    if found := _DAYS.fullmatch(word) or _ISO.fullmatch(word):
        days, hours, minutes, seconds = (float(part or 0) for part in found.groups())
        return sign * (24 * days + hours + minutes / 60 + seconds / 3600)
    parts = _PART.findall(word.lstrip("+-"))
    told = "".join(f"{number}{unit}" for number, unit in parts)
    plain = re.sub(r"[ ,.]", "", word.lstrip("+-"))
    if not parts or re.sub(r"[,.]", "", told) != plain:
        return None
    if any(unit not in _HOURS for _, unit in parts):
        return None
    return sign * sum(float(number.replace(",", ".")) * _HOURS[unit] for number, unit in parts)


def duration_among(texts: Sequence[str]) -> str | None:
    """A text that shows that all of these, but a few words, are durations; None if they are not.

    Clock times of less than 24 hours are times of day, and a number with one unit of time is a
    number: one of the texts has to be more.
    """
    # A few words beside them change nothing: 38:14 is no clock time, and no date with an error.
    most = len(texts) // (_RARE_WORDS + 1)
    if all(hours_of(text) is None for text in texts[: most + 1]):
        return None
    telling: dict[str, float] = {}
    for text in texts:
        hours = hours_of(text)
        if hours is None:
            most -= 1
            if most < 0 or any(map(str.isdecimal, text)):
                return None
            continue
        if _is_long(text) or _has_parts(text):
            telling[text] = abs(hours)
    return max(telling, key=telling.__getitem__) if telling else None


def _is_long(text: str) -> bool:
    """Whether a text has the form of a clock time, and more hours than a day."""
    found = _CLOCK.fullmatch(trimmed(text))
    return found is not None and int(found[1]) >= 24


def _has_parts(text: str) -> bool:
    """Whether a text is a sum of several units of time, or a duration of ISO 8601."""
    word = trimmed(text).casefold()
    if _CLOCK.fullmatch(word):
        return False
    return bool(_DAYS.fullmatch(word) or _ISO.fullmatch(word)) or len(_PART.findall(word)) > 1
