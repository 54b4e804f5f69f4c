"""Units: which are known, and which two spellings are one and the same unit."""

import pandas as pd
import pytest

from thalweg.data.notation.units import (
    CURRENCIES,
    SYMBOLS,
    is_unit,
    is_unit_cell,
    may_be_unit,
    unit_key,
)
from thalweg.data.schema.schema import infer_schema


@pytest.mark.parametrize(
    "spellings",
    [
        ("×10⁹/L", "x10^9/l", "10⁹/l", "10**9/L", "10*9/l", "10e9/l", "10^9 / L", "*10^9/L"),
        ("year", "years", "Years", "YEAR."),
        ("kg", "KG", "[kg]", "(kg)", "kgs"),
        ("µl", "μl", "ul", "UL"),
        ("m²", "m^2", "m2", "M2"),
        ("cm³", "cm^3", "cm3"),
        ("m⁻²", "m^-2", "m-2"),
        ("kg s⁻¹", "kg s^-1"),
        ("days/weeks", "day/week"),
        ("kg·m", "kg*m"),
        ("EUR", "€"),
        ("GBP", "£"),
        ("USD", "US$"),
        ("CHF", "Fr."),
        ("PLN", "zł"),
        ("CZK", "Kč"),
    ],
)
def test_spellings_of_one_unit(spellings):
    assert {unit_key(each) for each in spellings} == {unit_key(spellings[0])}


@pytest.mark.parametrize(
    ("milli", "mega"),
    [("mW", "MW"), ("mPa", "MPa"), ("mV", "MV"), ("mHz", "MHz"), ("mJ", "MJ"), ("mWh", "MWh")],
)
def test_milli_and_mega_differ(milli, mega):
    assert unit_key(milli) != unit_key(mega)
    assert unit_key(f"kg/{milli}") != unit_key(f"kg/{mega}")
    assert is_unit(milli)
    assert is_unit(mega)
    assert is_unit(f"kg/{mega}")


@pytest.mark.parametrize(("small", "capital"), [("mg", "MG"), ("ml", "ML"), ("mmol", "MMOL")])
def test_capitals_are_no_mega_in_a_laboratory(small, capital):
    assert unit_key(small) == unit_key(capital)


def test_different_units_stay_different():
    units = ["kg", "g", "mg", "m", "M", "m2", "m3", "m-2", "10^9/l", "10^3/l", "10^-9/l", "10^23"]
    units += ["$", "EUR", "GBP", "USD", "CHF", "¥", "%", "‰", "s", "ms", "l", "ul", "year", "week"]
    units += ["kg/m2", "kg/m", "a$"]
    assert len({unit_key(each) for each in units}) == len(units)
    # An s at the end is a plural only behind two letters.
    assert unit_key("as") == "as"
    assert unit_key("ks") == "ks"
    assert unit_key("mins") == "min"
    assert unit_key("10^9/ls") == "10^9/ls"


@pytest.mark.parametrize(
    "unit",
    [
        "kg", "mg/dl", "mg / dl", "/100ml", "100ml", "mL/min/1.73m2", "10^9/l", "x10^12/L",
        "10^3", "m2", "m³", "s-1", "m^-2", "/field", "hpf", "kg*m", "kWh", "°C", "%", "Stück",
        "$", "EUR", " EUR ", "US$", "A$", "kr.", "Rs", "Fr.",
        "$/kg", "€ per kg", "EUR/kg", "US$ per month", "€/100ml", "CHF per week", "$day",
    ],
)  # fmt: skip
def test_known_units(unit):
    assert is_unit(unit)
    assert may_be_unit(unit)


@pytest.mark.parametrize(
    "unit",
    [
        "", " ", "rooms", "kg/room", "room/kg", "/", "10", "1.73", "10^123", "per", "€/", "€ room",
        "$ rooms", "EURO", "USDkg", "usd", "st/flat", "2nd", "xm2",
    ],
)  # fmt: skip
def test_what_is_no_unit(unit):
    assert not is_unit(unit)


def test_every_currency_is_a_unit_before_and_behind():
    for money in [*CURRENCIES, *SYMBOLS]:
        assert is_unit(money)
        assert is_unit(f"{money}/kg")
        assert not is_unit(f"{money} rooms")


def test_the_shape_of_a_unit():
    assert may_be_unit("x" * 24)
    assert not may_be_unit("x" * 25)
    assert may_be_unit("ml per min")
    assert not may_be_unit("ml per min now")
    for exponent in ("e3", "E+05", "e 3", "e - 3", "D-02", "d+1"):
        assert not may_be_unit(exponent)
    for unit in ("ea", "E", "d", "d3", "eV", "dl"):
        assert may_be_unit(unit)


@pytest.mark.parametrize(
    "cell",
    [
        "kg", " kg ", "(kg)", "[kg]", "{kg}", "( kg )", "in kg", "(in mm)", "in  mm", "min.", "in",
        "(m)", "[x]", "{d}", "KG", "(%)", "10^9/L", "10³/µl", "cm2", "mg/100 ml", "M", "$",
    ],
)  # fmt: skip
def test_cells_that_hold_a_unit(cell):
    assert is_unit_cell(cell)


@pytest.mark.parametrize(
    "cell",
    [
        "m", "x", "d", "h", "u", "y", "a", "n", "s", "k", "t", "()", "( )", "(m]", "[m)", "rooms",
        "(rooms)", "5 kg", "(5 kg)", "kg 5", "min 5", "€5", "100", "10 kg", "instance", " ",
    ],
)  # fmt: skip
def test_cells_that_hold_no_unit(cell):
    assert not is_unit_cell(cell)


MONEY = (
    "Rp Rp. RP kr kr. zł R$ CHF Fr. SFr. лв лв. TL ₺ Kč руб. грн дин. NT$ MX$ HK$ ₹ Rs. ¥ 元 円 원 "
    "₡ ₸ ₼ ₾ ₦ RM lei Ft S/ din."
)


@pytest.mark.parametrize("word", MONEY.split())
@pytest.mark.parametrize("before", [True, False])
def test_amounts_in_many_currencies(word, before):
    values = [1234.56, 2500.5, 980.25, 12345.6, 310.75, 7.5] * 3
    german = str.maketrans(",.", ".,")
    amounts = [f"{value:,.2f}".translate(german) for value in values]
    texts = [f"{word} {each}" if before else f"{each} {word}" for each in amounts]
    frame = pd.DataFrame({"price": texts})
    schema = infer_schema(frame)
    assert schema.kinds == ("number",)
    assert schema.matrix(frame)[:, 0].tolist() == values
    assert schema.columns[0].notation.unit == word
    bare = pd.DataFrame({"price": amounts})
    assert schema.matrix(bare)[:, 0].tolist() == values


def test_words_that_begin_like_a_currency_stay_levels():
    for word in ("RM", "lei", "Ft", "TLC", "Rpm-mode"):
        frame = pd.DataFrame({"room": [f"{word} {k % 5}" for k in range(40)]})
        assert infer_schema(frame).kinds == ("category",)


def test_one_currency_in_two_spellings_is_one_unit():
    for one, other in (("Rp", "Rp."), ("лв", "лв."), ("TL", "₺"), ("руб.", "₽"), ("SFr.", "CHF")):
        assert unit_key(one) == unit_key(other)


@pytest.mark.parametrize(
    ("one", "several"),
    [
        *(("Tag", "Tage"), ("Woche", "Wochen"), ("Monat", "Monate"), ("Jahr", "Jahre")),
        *(("day", "days"), ("mois", "mois"), ("heure", "heures"), ("mes", "meses")),
        *(("giorno", "giorni"), ("dag", "dagen"), ("m\u00e5ned", "m\u00e5neder"), ("rok", "lata")),
    ],
)
def test_one_and_several_are_one_unit_that_is_known(one, several):
    assert unit_key(one) == unit_key(several)
    assert is_unit(one)
    assert is_unit(several)
    assert unit_key(one) != unit_key("Minute")
