"""Tables of dates, written numbers, yes and no: sound model files of them, and forged entries."""

import contextlib

import numpy as np
import pandas as pd

from thalweg import ThalwegClassifier
from thalweg.data.encoding.encoder import fit_encoder
from thalweg.data.encoding.encoder_part import DATE

# What a person says of single columns of `written_table`.
SAID = {
    "number": {"price": "1.234,56 €", "count": None},
    "category": ["zip"],
    "text": ["note"],
    "date": {"paid": "excel", "born": "%d %b %y", "seen": "dmy"},
}


def written_table(n=90):
    """Features whose texts need a notation, and a target of yes and no, in several spellings."""
    place = np.arange(n)
    day = pd.Timestamp("2021-01-01") + pd.to_timedelta(place * 5, "D")
    frame = pd.DataFrame(
        {
            "seen": day.strftime("%d/%m/%Y"),
            "at": (day + pd.to_timedelta(place * 7, "min")).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "born": day.strftime("%d %b %y"),
            "month": day.strftime("%Y-%m"),
            "clock": [f"{k % 24:02}:{k % 60:02}" for k in place],
            "paid": 44_000 + place,
            "price": [f"{1 + k}.{100 + k},5 €" for k in place],
            "dose": [f"1 {k + 100} mg/dl" for k in place],
            "crp": ["<0.5" if k % 5 == 0 else f"{k}.25" for k in place],
            "smoker": np.array(["JA", "nein", "Ja", "Nein"])[place % 4],
            "member": np.array(["yes", "no"])[place // 3 % 2],
            "zip": np.array(["01234", "80331", "10115"])[place % 3],
            "note": [f"text {k}" for k in place],
            "count": [f"{k},5" for k in place],
        }
    )
    return frame, np.array(["Ja", "Nein"])[(place * 7 % 11 > 5).astype(int)]


def said_options():
    """`SAID` on the command line."""
    for name, said in SAID.items():
        for column in said:
            example = said[column] if isinstance(said, dict) else None
            yield from (f"--{name}", f"{column}={example}" if example else column)


def made_in_python():
    """A fitted model with a column on the clock of a named zone, and a table that it reads."""
    frame, y = written_table(60)
    local = pd.date_range("2021-03-01 12:00", periods=60, freq="36h", tz="Europe/Berlin")
    frame = frame[["price", "crp", "month"]].assign(local=local)
    model = ThalwegClassifier(
        (3,), max_iter=2, n_bins=3, early_stopping=False, random_state=0, number=["price", "crp"]
    )
    return model.fit(frame, y), frame


# --- forged entries -----------------------------------------------------------------------------

_FORMS = [
    "", "dmy", "mdy", "ymd", "excel", "excel-1904", "unix", "unix-ms", "%d.%m.%Y", "%Y%m%d",
    "%H:%M", "%d %b %y", "%I %p", "%Y-%m-%dT%H:%M:%S.%f%z", "%Y%Y", "%q", "%", "%%", "x" * 64,
    "%m%Y" + "%%" * 30,
    "%m%d%Y%H%M%S%f", "%B%Y", "%y%b", "(%Y+)+%m", "%Y\u202e%m", "%Y\x1b[31m%m", 
    "%M", "%z%H", "%Y" * 10**6,
    "(a+)+%m%Y" + "a?" * 20, "unix\n", "DMY", "%p%I%y%m",
]  # fmt: skip
_ZONES = [
    "", "UTC", "+02:00", "-14:59", "+15:00", "Europe/Berlin", "America/Caracas", "Asia/Kathmandu",
    "Etc/GMT+12", "europe/berlin", "../../etc/passwd", "A" * 64, "posixrules", "America", "Factory",
    "leapseconds", "Pacific/Apia", "Europe/Berlin\n", "UTC\x00", "right/UTC",
    "Z" * 10**5, "CON", "tzdata.zi",
]  # fmt: skip
_GRAINS = ["month", "day", "moment", "time", "year", "", None]
_UNITS = [
    "", "€", "$", "mg/dl", "%", "×10⁹/L", "x" * 40, "x" * 41, "x" * 10**6, "10^" + "9" * 37,
    "/" * 40,    "\x1b]0;x\x07", "\u202egm", "a\nb", "<b>", "&amp;", "US$ kg", "s" * 40, 
    "[(" * 20, "10" * 20, "\0", "</script>",
    "\ue000number\ue002", "[bold]x[/bold]",
]  # fmt: skip
_MARKS = ["", ".", ",", " ", "'", ";", "..", "1", None, "\u2009"]
_FLAGS = [True, False, 1, 0, None, "true"]
_NAMES = [
    "number",
    "dates",
    "yes/no",
    "yes/no in several spellings",
    "codes",
    "date",
    "",
    "[]",
    None,
]
_KINDS = ["number", "date", "category", "identifier", "boolean", "bound", "empty", "dates", ""]
_EXAMPLES = [
    "1.234,56", "1,234.56 €", "1,234", "<1 234,5 mg/l", "", "x", None, "9" * 64, "1e999",
    "1" * 65, 7,
    "-(1)", "\x1b[31m1.5",
]  # fmt: skip


def any_notation(draw):
    """A notation of any kind: nearly half of them make sense."""
    kind = draw.randrange(6)
    if kind < 2:
        return {
            "of": "dates",
            "form": draw.choice(_FORMS),
            "grain": draw.choice(_GRAINS[:4] if draw.random() < 0.8 else _GRAINS),
            "zone": draw.choice(_ZONES) if draw.random() < 0.5 else "",
            "two_digits": draw.choice(_FLAGS[:2] if draw.random() < 0.9 else _FLAGS),
        }
    if kind < 4:
        told = {
            "decimal": draw.choice(_MARKS[:3] if draw.random() < 0.8 else _MARKS),
            "thousands": draw.choice(_MARKS[:5] if draw.random() < 0.8 else _MARKS),
            "unit": draw.choice(_UNITS),
            "before": draw.choice(_FLAGS[:2] if draw.random() < 0.9 else _FLAGS),
            "bounded": draw.choice(_FLAGS[:2]) if draw.random() < 0.3 else False,
        }
        return {"of": "number", **{key: each for key, each in told.items() if draw.random() < 0.7}}
    if kind == 4:
        return {"of": draw.choice(_NAMES)}
    deep = []
    for _ in range(draw.choice([3, 12, 24])):
        deep = [deep]
    return draw.choice(
        [
            deep,
            {},
            {"of": deep},
            {"of": "codes", "x": 1},
            {f"k{k}": 1 for k in range(17)},
            "dates",
            None,
        ]
    )


def forge_columns(draw, header, arrays):
    """Change how a column is read, what is said of it in the settings, or its calendar parts."""
    kind = draw.randrange(10)
    columns = header["schema"]["columns"]
    column = draw.choice(columns)
    if kind < 4:
        of_kind = [each for each in columns if "notation" in each] or columns
        draw.choice(of_kind)["notation"] = any_notation(draw)
    elif kind == 4:
        column["kind"] = draw.choice(_KINDS)
        column["notation"] = any_notation(draw)
    elif kind == 5:
        settings = header["training"]["settings"]
        settings[draw.choice(["number", "date"])] = draw.choice(
            [
                {each["name"]: draw.choice(_EXAMPLES) for each in columns},
                {column["name"]: draw.choice(_FORMS)},
                {column["name"]: draw.choice(_EXAMPLES)},
                {"nowhere": draw.choice(_FORMS)},
                [each["name"] for each in columns],
                [],
                {},
            ]
        )
    elif kind == 6:
        settings = header["training"]["settings"]
        names = [each["name"] for each in columns]
        settings[draw.choice(["category", "text"])] = draw.choice(
            [names, names * 2, ["nowhere"], []]
        )
    elif kind == 7:
        notation = draw.choice([each for each in columns if "notation" in each])["notation"]
        key = draw.choice(sorted(notation))
        pool = {"form": _FORMS, "zone": _ZONES, "grain": _GRAINS, "unit": _UNITS, "of": _NAMES}
        pool |= {"decimal": _MARKS, "thousands": _MARKS}
        notation[key] = draw.choice(pool.get(key, _FLAGS))
    elif kind == 8:
        column["levels" if "levels" in column else "of"] = draw.choice(
            [column["name"], "price", ["JA", "ja"], ["ja", "nein"], ["Ja", "ja", "nein"], ["x"], []]
        )
    else:
        names = [name for name in arrays if "date_" in name]
        array = arrays[draw.choice(names)]
        bits = draw.choice([0, 1, 3, 7, 8, 127, 128, 255])
        wide = draw.choice([array.shape, (len(array) + 1,), (0,), (1, len(array))])
        arrays[draw.choice(names)] = np.full(wide, bits, draw.choice([np.uint8, np.int64]))


# --- bombs --------------------------------------------------------------------------------------


def _every_form(n):
    """So many different formats of the greatest length."""
    marks = "abcdefghijklmnopqrstuvwxyz0123456789-/"
    for k in range(n):
        tail = "".join(marks[k // len(marks) ** place % len(marks)] for place in range(4))
        yield ("%d.%m.%Y %H:%M:%S.%f%z" + "%%" * 18 + tail)[:64]


def _dates(n, forms, zones=("",)):
    return [
        {"name": f"c{k:06}", "kind": "date",
         "notation": {"of": "dates", "form": form, "grain": "moment",
                      "zone": zones[k % len(zones)], "two_digits": False}}
        for k, form in zip(range(n), forms, strict=False)
    ]  # fmt: skip


def many_columns(header, arrays, n):
    """Bombs of the entries for columns, by name: each changes a header, some also the arrays."""
    from zoneinfo import available_timezones

    zones = sorted(zone for zone in available_timezones() if len(zone) < 64)
    settings = header["training"]["settings"]
    names = [f"c{k:06}" for k in range(n)]
    few = min(n, 2_000)

    def columns(made):
        header["schema"]["columns"] = made
        # An encoder of these columns: the sizes agree, and each entry is looked at.
        for name in [name for name in arrays if name.startswith("encoder/")]:
            del arrays[name]
        days = np.arange(4.0)[:, np.newaxis] * np.ones(len(made))
        kinds = [DATE if each["kind"] == "date" else 0 for each in made]
        own = fit_encoder(days, np.ones(4), kinds).arrays()
        arrays.update({f"encoder/{name}": array for name, array in own.items()})

    def written(unit, **more):
        return [
            {"name": name, "kind": "number", "notation": {"of": "number", "unit": unit, **more}}
            for name in names[:few]
        ]

    first = header["schema"]["columns"][0]
    return {
        "forms": lambda: columns(_dates(few, _every_form(few))),
        "zones": lambda: columns(_dates(few, [""] * few, zones)),
        "no zones": lambda: columns(_dates(few, [""] * few, [f"Europe/X{k}" for k in range(few)])),
        "units": lambda: columns(written("x" * 40)),
        "bounds": lambda: columns(written("%", bounded=True)),
        "long form": lambda: columns(_dates(1, ["%Y%m" + "%%" * n])),
        "long zone": lambda: columns(_dates(1, [""], ["A/" * n])),
        "long unit": lambda: columns(written("x" * n)[:1]),
        "long of": lambda: first.update(of="x" * n),
        "keys": lambda: first.update(notation=dict.fromkeys(names[:20_000], 1)),
        "levels": lambda: first.update(
            kind="category", levels=names, notation={"of": "yes/no in several spellings"}
        ),
        "number": lambda: settings.update(number=dict.fromkeys(names, "1.234,56")),
        "examples": lambda: settings.update(
            number={name: f"{k % 999 + 1}.234,56 {name}" for k, name in enumerate(names)}
        ),
        "date": lambda: settings.update(date=dict(zip(names, _every_form(n), strict=True))),
        "category": lambda: settings.update(category=names, text=names),
        "long example": lambda: settings.update(number={"x": "1" * n}),
        "parts": lambda: arrays.update(
            {"encoder/date_parts": np.full(n, 7, np.uint8),
             "encoder/date_weekdays": np.full(n, 127, np.uint8)}
        ),
    }  # fmt: skip


def bomb_columns(draw, header, arrays, n):
    """Fill a header with very many, or very long, entries for columns."""
    whole = many_columns(header, arrays, n)
    with contextlib.suppress(LookupError, TypeError, AttributeError):
        whole[draw.choice(sorted(whole))]()
