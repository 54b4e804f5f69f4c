"""Months by their names in many languages, whatever the capitals and the dots of an i."""

import unicodedata

import pandas as pd
import pytest

from thalweg.data.dates.date_words import MONTHS
from thalweg.data.schema.schema import infer_schema

NAMES = {
    "Turkish": "Ocak Şubat Mart Nisan Mayıs Haziran Temmuz Ağustos Eylül Ekim Kasım Aralık",
    "Turkish, short": "Oca Şub Mar Nis May Haz Tem Ağu Eyl Eki Kas Ara",
    "Turkish, ASCII": "Ocak Subat Mart Nisan Mayis Haziran Temmuz Agustos Eylul Ekim Kasim Aralik",
    "Polish": "stycznia lutego marca kwietnia maja czerwca "
    "lipca sierpnia września października listopada grudnia",
    "Polish, nominative": "styczeń luty marzec kwiecień maj czerwiec "
    "lipiec sierpień wrzesień październik listopad grudzień",
    "Polish, short": "sty lut mar kwi maj cze lip sie wrz paź lis gru",
    "Swedish": "januari februari mars april maj juni "
    "juli augusti september oktober november december",
    "Danish": "januar februar marts april maj juni juli august september oktober november december",
    "Norwegian": "januar februar mars april mai juni "
    "juli august september oktober november desember",
    "Spanish": "enero febrero marzo abril mayo junio "
    "julio agosto septiembre octubre noviembre diciembre",
    "French": "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.",
    "Italian": "gennaio febbraio marzo aprile maggio giugno "
    "luglio agosto settembre ottobre novembre dicembre",
    "Dutch": "januari februari maart april mei juni "
    "juli augustus september oktober november december",
    "Portuguese": "janeiro fevereiro março abril maio junho "
    "julho agosto setembro outubro novembro dezembro",
    "German": "Jänner Feber März April Mai Juni Juli August September Oktober November Dezember",
}
TURKISH = str.maketrans("iı", "İI")
DRESSES = {
    "as it is": str,
    "capitals": str.upper,
    "Turkish capitals": lambda name: name.translate(TURKISH).upper(),
    "decomposed": lambda name: unicodedata.normalize("NFD", name),
}


@pytest.mark.quick_each(3)
@pytest.mark.parametrize("dress", DRESSES)
@pytest.mark.parametrize("language", NAMES)
def test_dates_with_the_names_of_months(language, dress):
    names = [DRESSES[dress](name) for name in NAMES[language].split()]
    truth = pd.Series([pd.Timestamp(2020 + k % 4, 1 + k % 12, 3 + k % 20) for k in range(96)])
    texts = [f"{day.day} {names[day.month - 1]} {day.year}" for day in truth]
    for cells in (texts, texts[:24]):  # many texts are read at once
        frame = pd.DataFrame({"seen": cells})
        schema = infer_schema(frame)
        assert schema.kinds == ("date",)
        days = (truth - pd.Timestamp(1970, 1, 1)).dt.days[: len(cells)]
        assert schema.matrix(frame)[:, 0].tolist() == days.tolist()


def test_no_name_is_two_months():
    from thalweg.data.dates import date_words

    names = [name for names in date_words._MONTHS for name in set(names.split())]
    assert len(names) == len(set(names)) == len(MONTHS)
    assert {*MONTHS.values()} == {*range(1, 13)}
