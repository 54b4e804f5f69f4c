"""Currencies and units around a number: which texts are known, and which are one and the same."""

import re

from thalweg.data.cells import MISSING

# Symbols and codes that stand before or behind an amount of money.
SYMBOLS = "$€£¥₹₽₩₺₪₫₴₱฿₡₲₸₼₾₦"
_CODES = """
EUR USD GBP CHF JPY CNY INR AUD CAD NZD SEK NOK DKK ISK PLN CZK HUF RON BGN TRY RUB BRL MXN ZAR KRW
SGD HKD TWD THB IDR MYR PHP ILS AED SAR EGP NGN KES ARS CLP COP PEN VND UAH
"""
CURRENCIES = frozenset(_CODES.split())
CURRENCY = (
    r"(?:(?:US|AU|CA|NZ|HK|NT|MX|R|A|C|S)?\$|[€£¥₹₽₩₺₪₫₴₱฿₡₲₸₼₾₦]|S?Fr\.|Rs\.?|R[pP]\.?|kr\.?"
    r"|zł|Kč|(?:лв|руб|грн|дин)\.?(?![^\W\d_])|TL(?![^\W\d_])|[元円원]"
    # Words that are also names of things, such as of a room, where an amount follows.
    r"|(?:RM|Ft|lei|S/|din\.)(?= ?\d[\d.,]*[.,]\d\d(?!\d))|(?:"
    + "|".join(sorted(CURRENCIES))
    + r")(?![A-Za-z]))"
)
_SAME_MONEY = {
    "€": "EUR",
    "£": "GBP",
    "US$": "USD",
    "Fr.": "CHF",
    "SFr.": "CHF",
    "zł": "PLN",
    "Kč": "CZK",
    "Rp": "IDR",
    "Rp.": "IDR",
    "RP": "IDR",
    "лв": "BGN",
    "лв.": "BGN",
    "TL": "TRY",
    "₺": "TRY",
    "руб": "RUB",
    "руб.": "RUB",
    "₽": "RUB",
    "грн": "UAH",
    "грн.": "UAH",
    "₴": "UAH",
}

# Units as people write them beside a measurement, in the form of `unit_key`.
_UNITS = """
% ‰ ° °c °f k m M bn mio mrd tsd thousand million
g kg mg ug ng pg t lb oz st km cm mm um nm mi ft in yd
l ml dl cl ul fl nl hl gal s sec ms h hr min d day week wk month mo year yr y yo
jahr monat tag woche stunde std minute hour second an ans mois jour
mol cmol cmolc mmolc mmol umol nmol pmol meq mval osm mosm iu u ku mu
mmhg pa kpa hpa mpa bar mbar psi torr cmh2o
j kj mj kcal cal w kw mw kwh mwh wh v mv kv va kva mva a ma ohm hz khz mhz ghz n kn
bpm rpm ppm ppb ppt pct percent prozent db px dpi kb mb gb tb bit byte mile
m2 m3 cm2 cm3 mm2 mm3 km2 ft2 ft3 sqft sqm qm ha acre cc pt pts hp ps mph kmh knot
piece pcs stk stück x
rm lei din дин
"""
# The singular of each word, and the forms that stand behind other numbers, where it is not an s.
_FORMS = """
tag tage tagen tg, woche wochen, monat monate monaten, jahr jahre jahren, stunde stunden
minute minuten, sekunde sekunden, mois, heure heures, semaine semaines, année années
día días, mes meses, año años, hora horas, semana semanas, dia dias, mês, ano anos
giorno giorni, settimana settimane, mese mesi, anno anni, ora ore, minuto minuti minutos
secondo secondi, segundo segundos, dag dagen dagar dage dager, week weken, maand maanden
jaar jaren, uur uren, vecka veckor, månad månader, uge uger, uke uker, måned måneder, år
time timer, dzień dni, tydzień tygodnie tygodni, miesiąc miesiące miesięcy, rok lata lat
godzina godziny godzin, gün, hafta, yıl, saat, foot feet, inch inches, stone stones, mois
"""
_SINGULAR = {
    form: forms.split()[0] for forms in re.split(r"[,\n]", _FORMS) for form in forms.split()
}
_WORDS = frozenset(_UNITS.split()) | frozenset(_SINGULAR.values())
_POWERS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_LONGEST = 24
# Mega, and no milli: MW is a thousand million mW. In mg, ml and mmol, capitals mean nothing.
_MEGA = re.compile(r"M(?=(?:WH?|PA|VA?|HZ|J)$)", re.IGNORECASE)
# e3, E+05, D-02: behind a number, an exponent.
_LIKE_EXPONENT = re.compile(r"[eE]\s*[+-]?\s*\d|[dD][+-]\d")
# A slash between letters, or an exponent behind one; and the signs that units are made of.
_QUOTIENT = re.compile(r"[^\W\d]/[^\W\d]|[^\W\d](?:\^|\*\*)-?\d|[^\W\d][⁻⁰¹²³⁴⁵⁶⁷⁸⁹]")
_OF_UNIT = re.compile(r"[\w %°./*·^+\-⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+")
# In a cell that is a unit, digits stand behind letters or a slash (cm2, /100ml), or say 10^9.
_HOLDS_VALUE = re.compile(r"(?!10(?:\^|\*\*|[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]))[^\w/]*\d|.*[^\W\d_]\s+[\d.,]*\d")


def unit_key(unit: str) -> str:
    """What is the same for two spellings of a unit: ``×10⁹/L`` and ``x10^9/l``, year and years."""
    key = re.sub(r"\s+", "", unit)
    key = key.replace("μ", "u").replace("µ", "u").replace("×", "x").replace("·", "*")
    key = re.sub(r"10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)", lambda found: f"10^{found[1]}", key).translate(_POWERS)
    key = re.sub(r"^[x*]?10(?:\^|\*\*?|[eE])(-?\d+)", r"10^\1", key)
    key = re.sub(r"\^(-?[1-9])(?!\d)", r"\1", key) if not key.startswith("10^") else key
    if key in _SAME_MONEY or key in CURRENCIES or (key and key in SYMBOLS):
        return _SAME_MONEY.get(key, key)
    if key == "M":  # a million, and no metre
        return key
    return "/".join(_part_key(part) for part in key.strip(".[]()").split("/"))


def _part_key(part: str) -> str:
    """The key of a numerator or a denominator: in small letters, and the plural as the singular."""
    mega = part[:1] == "M" and _MEGA.match(part)
    key = part.casefold()
    key = _SINGULAR.get(key) or re.sub(r"(?<=[^\W\d_]{2})s$", "", key)
    return "M" + key[1:] if mega else key


def is_unit(unit: str) -> bool:
    """Whether a text is a unit or a currency that is known, alone or in a quotient."""
    key = unit_key(unit)
    if not key:
        return False
    if key in CURRENCIES or re.fullmatch(CURRENCY, unit.strip()):
        return True
    money = re.match(CURRENCY, unit.strip())
    if money and (rest := unit.strip()[money.end() :].strip()):
        return is_unit(rest.removeprefix("per ").removeprefix("/"))
    parts = [part for part in re.split(r"[/*]|\bper\b", key) if part]
    return bool(parts) and all(_is_known(part) for part in parts)


def _is_known(part: str) -> bool:
    if re.fullmatch(r"10\^-?\d{1,2}", part):
        return True
    bare = re.sub(r"^[\d.,]+", "", part)  # 1.73m2, 100ml
    bare = re.sub(r"\^?-?\d$", "", bare) if bare not in _WORDS else bare
    bare = bare.casefold() if _MEGA.match(bare) else bare
    return bare in _WORDS or part in {"field", "hpf"}


def may_be_unit(unit: str) -> bool:
    """Whether a text behind a number has the shape of a unit."""
    if _LIKE_EXPONENT.match(unit):
        return False
    return len(unit) <= _LONGEST and unit.count(" ") <= 2


def like_unit_cell(cell: str) -> bool:
    """Whether a cell has the shape of a unit, such as ``cmolc/kg`` or ``W m^-2``, known or not.

    It holds no value, and has a slash between letters, or an exponent.
    """
    inner = re.sub(r"^[(\[{](.*)[)\]}]$", r"\1", cell.strip()).strip()
    if inner.casefold() in MISSING or not may_be_unit(inner) or _HOLDS_VALUE.match(inner):
        return False
    return bool(_OF_UNIT.fullmatch(inner) and _QUOTIENT.search(inner))


def is_unit_cell(cell: str) -> bool:
    """Whether a cell holds a unit and no number: ``%``, ``(mg/dl)``, ``[kg]``, not ``5 kg``."""
    word = cell.strip()
    inner = word
    if len(word) > 2 and (word[0], word[-1]) in {("(", ")"), ("[", "]"), ("{", "}")}:
        inner = word[1:-1].strip()
    inner = re.sub(r"^in\s+", "", inner)
    # "m" and "x" alone may be levels (male, an answer); in brackets they are units.
    if inner == word and unit_key(inner) in {"m", "x", "d", "h", "u", "y", "a", "n", "s", "k", "t"}:
        return False
    return not _HOLDS_VALUE.match(inner) and is_unit(inner)
