"""Names of months in eleven languages, and the words that stand beside clock times."""

# English, German, French, Spanish, Italian, Portuguese, Dutch, Swedish, Danish (and Norwegian),
# Turkish, Polish: full names, as they stand in dates, and usual short forms, in lower case, with a
# plain i for the dotless one, and without a full stop at their end. No name means two months in two
# of them.
_MONTHS = (
    "january jan januar jänner janvier janv enero ene gennaio gen janeiro januari ocak oca "
    "styczeń stycznia styczen sty",
    "february feb februar feber février févr fév febrero febbraio fevereiro fev februari "
    "şubat subat şub sub luty lutego lut",
    "march mar märz mär mrz mars marzo março maart mrt marts mart marzec marca",
    "april apr avril avr abril abr aprile nisan nis kwiecień kwietnia kwiecien kwi",
    "may mai mayo maggio mag maio mei maj mayis maja",
    "june jun juni juin junio giugno giu junho haziran haz czerwiec czerwca cze",
    "july jul juli juillet juil julio luglio lug julho temmuz tem lipiec lipca lip",
    "august aug août agosto ago augustus augusti ağustos agustos ağu agu "
    "sierpień sierpnia sierpien sie",
    "september sep sept septembre septiembre settembre set setembro eylül eylul eyl wrzesień "
    "września wrzesien wrzesnia wrz",
    "october oct oktober okt octobre octubre ottobre ott outubro out ekim eki październik "
    "października pazdziernik pazdziernika paź paz",
    "november nov novembre noviembre novembro kasim kas listopad listopada lis",
    "december dec dezember dez décembre déc diciembre dic dicembre dezembro desember des "
    "aralik ara grudzień grudnia grudzien gru",
)
MONTHS = {name: number for number, names in enumerate(_MONTHS, start=1) for name in names.split()}
# What turns a clock of twelve hours into one of 24.
AFTER_NOON = {"am": 0, "a.m.": 0, "pm": 12, "p.m.": 12}
