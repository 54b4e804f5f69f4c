"""What the number formats of a workbook show: dates, times of day, durations; and these as text."""

import re
from datetime import datetime, timedelta

from thalweg.data.formats.excel.xml_parts import Unsound

# Excel writes up to 255 characters.
_LONGEST_FORMAT = 1 << 12
# Formats 27-36 and 50-58 are dates in East Asian editions, and not used in others; 46 is [h]:mm:ss.
BUILT_IN = {
    **dict.fromkeys([*range(14, 18), 22, *range(27, 37), *range(50, 59)], "date"),
    **dict.fromkeys([*range(18, 22), 45, 47], "time"),
    46: "duration",
}
# An open bracket that is never closed matches to the end, so that matching takes linear time.
_NO_FORMAT = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?![hms]+\])[^\]]*(?:\]|\Z)', re.I)
# Hours, minutes or seconds in brackets are all that have passed, also more than a day of them.
_PASSED = re.compile(r"\[[hms]+\]")
_LAST_DAY = 2_958_466  # 10000-01-01


def sort_of(code: str) -> str:
    """What a number format shows, by its letters: "date", "time" of day, "duration", or ""."""
    if len(code) > _LONGEST_FORMAT:
        raise Unsound(f"a number format of {len(code):,} characters")
    shown = _NO_FORMAT.sub("", code).partition(";")[0].lower()
    letters = set(shown)
    if letters & set("dy"):
        return "date"
    if _PASSED.search(shown):
        return "duration"
    if "m" in letters and not letters & set("hs"):
        return "date"
    return "time" if letters & set("hs") else ""


def time_text(days: float, kind: str, epoch: datetime) -> str | float:
    """A date or a time in ISO 8601, or a duration; the number itself if Excel would show ####."""
    if not (-_LAST_DAY if kind == "duration" else 0) <= days < _LAST_DAY:
        return days
    seconds = round(days * 86_400)
    if kind == "duration":  # 20:15:00 would be a time of day
        hours, minutes, left = abs(seconds) // 3600, abs(seconds) // 60 % 60, abs(seconds) % 60
        sign = "-" if seconds < 0 else ""
        return f"{sign}{hours} h {minutes} min" + (f" {left} s" if left else "")
    if kind == "time":
        return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    if days < 60 and epoch.year < 1900:  # Excel treats 1900 as a leap year
        days += 1
    moment = epoch + timedelta(milliseconds=round(days * 86_400_000))
    return moment.isoformat(" ").removesuffix(" 00:00:00")
