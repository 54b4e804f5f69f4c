"""Texts that are durations, such as ``36:15:00`` or ``1 d 3 h``: they are refused, with a fix."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from thalweg.data.cells import trimmed
from thalweg.data.notation.units import unit_key
from thalweg.data.notation.yes_no import folded

# Hours and minutes, perhaps seconds; a clock time is one with less than 24 hours.
_CLOCK = re.compile(r"[-+]?(\d{1,5}):([0-5]\d)(?::([0-5]\d)(?:[.,]\d{1,9})?)?")
_DAYS = re.compile(r"[-+]?(\d{1,6}) days?,? \+?(\d{1,2}):([0-5]\d):([0-5]\d)(?:\.\d{1,9})?")
_ISO = re.compile(
    r"[-+]?p(?=[\dt])(?:\d+y)?(?:\d+m)?(?:\d+w)?(?:\d+d)?"
    r"(?:t(?=\d)(?:\d+h)?(?:\d+m)?(?:\d+(?:[.,]\d+)?s)?)?",
    re.ASCII,
)
_ISO_PART = re.compile(r"(\d+(?:[.,]\d+)?)([ywdhms])")

# The words for each unit, in the form of `unit_key`: one of each word, in many languages.
_UNITS = {
    "years": "year yr y jahr jhr an année año ano anno jaar år rok yil",
    "months": "month mo mth monat mon mte mois mes mês mese maand månad måned miesiąc mies ay",
    "weeks": "week wk w woche wo semaine semana settimana vecka uge uke tydzień hafta",
    "days": "day tag tg jour día dia giorno dag dzień gün",
    "hours": "hour hr h stunde std heure hora ora uur timme timmar tim time godzina saat",
    "minutes": "minute min minuto minut minuut minuta minutter dakika dk",
    "seconds": "second sec sekunde sek seconde segundo secondo sekund saniye sn",
}
_UNIT_OF = {unit_key(word): unit for unit, words in _UNITS.items() for word in words.split()}
# A letter is a unit of one language and another unit of another: J is a French day and a German
# year, m is a minute, a month or un mois, t is a Tag or a time. Beside hours these are sure.
_LETTERS = {"d": "days", "j": "days", "m": "minutes", "s": "seconds"}
_UNSURE = frozenset({*_LETTERS, "t", "a"})
_HOURS = {"weeks": 168.0, "days": 24.0, "hours": 1.0, "minutes": 1 / 60, "seconds": 1 / 3600}
_MONTHS = {"years": 12.0, "months": 1.0}

_AND = r"(?:,? +(?:(?:and|und|et|y|e|en|och|og|ve|i|oraz) +)?|(?=\d)|$)"
_PART = re.compile(rf"(\d+(?:[.,]\d+)?) ?([^\W\d_]+)\.?{_AND}")
_PARTS = re.compile(rf"(?:\d+(?:[.,]\d+)? ?[^\W\d_]+\.?{_AND})+")
_LONGEST = 40
_RARE_WORDS = 4  # durations for each word, at least


@dataclass(frozen=True)
class Duration:
    """What a text says of a length of time.

    Attributes
    ----------
    value : float
        0 where the text does not tell for certain, as with ``9 J. 11 M.``.
    unit : str
        "hours"; "months" of a text in years and months alone; "" where `value` is not told.
    is_clock : bool
        Whether it has the form of a clock time.
    or_minutes : bool
        Whether a clock time may as well be minutes and seconds, as ``59:56``.
    """

    value: float
    unit: str
    is_clock: bool = False
    or_minutes: bool = False

    @property
    def in_words(self) -> str:
        """The number that may be written in its place, for a sentence; "" if it is not certain."""
        if not self.unit:
            return ""
        other = ", or for minutes if it is minutes and seconds" if self.or_minutes else ""
        return f", here {self.value:.6g} for {self.unit}{other}"


def duration_of(text: str) -> Duration | None:
    """The duration that a text is, ``36.25`` hours for ``36:15:00``; None for any other text."""
    if len(text) > 2 * _LONGEST or not any(map(str.isdecimal, text)):
        return None
    word = folded(text)
    if not word or len(word) > _LONGEST:
        return None
    sign = -1.0 if word[0] == "-" else 1.0
    found = _CLOCK.fullmatch(word)
    if found := found or _DAYS.fullmatch(word):
        numbers = [float(part or 0) for part in found.groups()]
        days, hours, minutes, seconds = numbers if len(numbers) > 3 else [0.0, *numbers]
        is_clock = len(numbers) == 3
        value = sign * (24 * days + hours + minutes / 60 + seconds / 3600)
        return Duration(value, "hours", is_clock, is_clock and found[3] is None)
    if _ISO.fullmatch(word):
        date, _, clock = word.partition("t")
        names = dict(zip("ywdhs", ("years", "weeks", "days", "hours", "seconds"), strict=True))
        units = [
            (number, names.get(letter) or ("months" if part is date else "minutes"))
            for part in (date, clock)
            for number, letter in _ISO_PART.findall(part)
        ]
        return _sum_of(units, sign)
    word = word.lstrip("+-")
    if not _PARTS.fullmatch(word):
        return None
    parts = [(number, unit_key(unit)) for number, unit in _PART.findall(word)]
    if any(unit not in _UNIT_OF and unit not in _UNSURE for _, unit in parts):
        return None
    has_hours = any(_UNIT_OF.get(unit) == "hours" for _, unit in parts)
    sure = _UNIT_OF | (_LETTERS if has_hours else {})
    return _sum_of([(number, sure.get(unit, "")) for number, unit in parts], sign)


def _sum_of(parts: Sequence[tuple[str, str]], sign: float) -> Duration:
    """The sum of parts, in hours or in months: no month has a certain number of hours."""
    for name, factors in (("hours", _HOURS), ("months", _MONTHS)):
        if all(unit in factors for _, unit in parts):
            told = sum(float(number.replace(",", ".")) * factors[unit] for number, unit in parts)
            return Duration(sign * told, name)
    return Duration(0.0, "")


def duration_among(texts: Sequence[str]) -> str | None:
    """A text that shows that all of these, but a few words, are durations; None if they are not.

    Clock times of less than 24 hours are times of day, and a number with one unit of time is a
    number: one of the texts has to be more.
    """
    # A few words beside them change nothing: 38:14 is no clock time, and no date with an error.
    most = len(texts) // (_RARE_WORDS + 1)
    if all(duration_of(text) is None for text in texts[: most + 1]):
        return None
    telling: dict[str, float] = {}
    for text in texts:
        found = duration_of(text)
        if found is None:
            most -= 1
            if most < 0 or any(map(str.isdecimal, text)):
                return None
            continue
        if abs(found.value) >= 24 if found.is_clock else _has_parts(text):
            telling[text] = abs(found.value)
    return max(telling, key=telling.__getitem__) if telling else None


def _has_parts(text: str) -> bool:
    """Whether a text is a sum of several units of time, or a duration of ISO 8601."""
    word = trimmed(text).casefold()
    return bool(_DAYS.fullmatch(word) or _ISO.fullmatch(word)) or len(_PART.findall(word)) > 1
