"""Names of months in seven languages, and the words that stand beside clock times."""

# English, German, French, Spanish, Italian, Portuguese, Dutch: full names and usual short forms,
# in lower case and without a full stop at their end. No name means two months in two of them.
_MONTHS = (
    "january jan januar jänner janvier janv enero ene gennaio gen janeiro januari",
    "february feb februar feber février févr fév febrero febbraio fevereiro fev februari",
    "march mar märz mär mrz mars marzo março maart mrt",
    "april apr avril avr abril abr aprile",
    "may mai mayo maggio mag maio mei",
    "june jun juni juin junio giugno giu junho",
    "july jul juli juillet juil julio luglio lug julho",
    "august aug août agosto ago augustus",
    "september sep sept septembre septiembre settembre set setembro",
    "october oct oktober okt octobre octubre ottobre ott outubro out",
    "november nov novembre noviembre novembro",
    "december dec dezember dez décembre déc diciembre dic dicembre dezembro",
)
MONTHS = {name: number for number, names in enumerate(_MONTHS, start=1) for name in names.split()}
# What turns a clock of twelve hours into one of 24.
AFTER_NOON = {"am": 0, "a.m.": 0, "pm": 12, "p.m.": 12}
