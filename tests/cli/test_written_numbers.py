"""Tables as people write them, from the file to the report; and each printed fix works."""

import json
import re
import shlex

import numpy as np
import pandas as pd
import pytest

from slow_cases import slow_but

QUICK = (
    "--no-trees", "--hidden", "4", "--epochs", "3", "--early-stopping", "off", "--bins", "0", "-q"
)  # fmt: skip


def write_messy(path, n=240, seed=0):
    """Titles, units below the header, and nearly all that people write in cells."""
    rng = np.random.default_rng(seed)
    age = rng.integers(20, 90, n)
    crp = rng.exponential(8, n).round(1)
    frame = pd.DataFrame(
        {
            "age": age,
            "crp": [f"<{0.5}" if c < 0.5 else f">{20}" if c > 20 else f"{c:.1f}" for c in crp],
            "price": [f"${p:,.2f}" for p in rng.uniform(1, 9000, n)],
            "bmi": [f"{b:.1f} kg/m2" for b in rng.normal(26, 4, n)],
            "share": [f"{s:.1f} %" for s in rng.uniform(0, 100, n)],
            "change": [f"{c:.1f}".replace("-", "\u2212") for c in rng.normal(0, 3, n)],
            "smoker": rng.choice(["YES", "Yes", "no", "No"], n),
            "zip": rng.choice(["01234", "10115", "80331"], n),
            "ill": np.where(
                (age > 55) ^ (rng.random(n) < 0.1),
                rng.choice(["YES", "Yes", "yes"], n),
                rng.choice(["NO", "no"], n),
            ),
        }
    )
    body = frame.to_csv(index=False).split("\n", 1)
    units = "years,(mg/l),,,%,,,,"
    path.write_text(f"Study of 2024,,,,,,,,\n\n{body[0]}\n{units}\n{body[1]}", encoding="utf-8")
    return frame


def test_a_messy_table_goes_from_file_to_report_without_an_edit(cli, tmp_path):
    frame = write_messy(tmp_path / "messy.csv")
    price = "$1,234.56"
    code, out, err = cli("check", "messy.csv", "--target", "ill")
    assert code == 0, out + err
    said = " ".join(err.split())
    for note in (
        "The header is in row 3; left out above it: 'Study of 2024'.",
        'The row below the header holds units ("years", "(mg/l)", "%")',
        "decimal point, a bound such as < or > is read as its number",
        f'"price" is read as numbers such as {price}, comma between thousands',
        '"bmi" is read as numbers such as 1234.56 kg/m2, decimal point',
        '"smoker" is read as yes and no',
        '"zip" is read as codes',
    ):
        assert note in said
    flags = ("--target", "ill", *QUICK, "-o", "m.safetensors", "--report", "r.html")
    code, out, err = cli("fit", "messy.csv", *flags)
    assert code == 0, err
    page = (tmp_path / "r.html").read_text()
    assert "crp: bound" in page
    assert f"is read as numbers such as {price}" in page
    shown = cli("show", "m.safetensors")[1]
    assert "1 bound: crp: bound" in shown
    assert f"such as {price}" in " ".join(shown.split())
    # Predictions are those of the same numbers in a plain table.
    plain = frame.drop(columns="ill").assign(
        price=frame["price"].str.replace(r"[$,]", "", regex=True).astype(float),
        bmi=frame["bmi"].str.removesuffix(" kg/m2").astype(float),
        share=frame["share"].str.removesuffix(" %"),
        change=frame["change"].str.replace("\u2212", "-"),
        smoker=frame["smoker"].str.lower(),
    )
    plain.to_csv(tmp_path / "plain.csv", index=False)
    german = plain.assign(**{
        name: plain[name].map(str).str.replace(".", ",", regex=False)
        for name in ("crp", "price", "bmi", "share", "change")
    })  # fmt: skip
    german.to_csv(tmp_path / "german.csv", index=False, sep=";")
    predicted = [
        cli("predict", "m.safetensors", table, "-q")
        for table in ("messy.csv", "plain.csv", "german.csv")
    ]
    assert [code for code, _, _ in predicted] == [0, 0, 0], predicted
    assert len({out for _, out, _ in predicted}) == 1
    # Labels of the model are found in any capitals, too.
    code, out, err = cli("evaluate", "m.safetensors", "messy.csv", "-q")
    assert code == 0, err
    for verb in (
        ("trace", "m.safetensors", "messy.csv"),
        ("report", "m.safetensors", "-o", "s.html"),
    ):
        assert cli(*verb, "-q")[0] == 0


def flags_in(text, option):
    """Each use of an option that a message prints, as a shell reads it."""
    found = re.findall(rf"{option} ((?:'[^']*'|[^\s,;.]|[.,](?=\S))+)", " ".join(text.split()))
    return [(option, shlex.split(each)[0]) for each in found]


@pytest.fixture
def table(tmp_path):
    def write(cells, name="t.csv"):
        rng = np.random.default_rng(1)
        n = len(cells)
        frame = pd.DataFrame({"the x": cells, "z": rng.integers(0, 9, n), "y": [*"ab"] * (n // 2)})
        frame.to_csv(tmp_path / name, index=False)
        return name

    return write


COLUMNS = {
    "thousands or decimals": [f"{i},{(37 * i) % 900 + 100}" for i in range(1, 61)],
    "a point": [f"{i}.{(37 * i) % 900 + 100}" for i in range(1, 61)],
    "with a unit": [f"{i},{(37 * i) % 900 + 100} €" for i in range(1, 61)],
    "a unit beside none": [f"{i}" if i % 7 else f"{i} kg" for i in range(1, 61)],
    "two units": [f"{i} g" if i % 7 else f"{i} kg" for i in range(1, 61)],
    "two ways": [f"{i}.5" if i % 7 else f"{i},5" for i in range(1, 61)],
    "a word": [f"{i}" if i != 9 else "high" for i in range(1, 61)],
}


@pytest.mark.parametrize("name", slow_but(list(COLUMNS)[::2], COLUMNS))
def test_each_printed_fix_works_on_the_very_table(cli, table, name):
    path = table(COLUMNS[name])
    code, _, err = cli("fit", path, "--target", "y", *QUICK)
    assert code == 1
    assert 'column "the x", row' in err
    fixes = [
        fix for option in ("--number", "--drop", "--category") for fix in flags_in(err, option)
    ]
    assert fixes, err
    for fix in fixes:
        code, _, told = cli("fit", path, "--target", "y", *QUICK, *fix)
        assert code == 0, (fix, told)
        assert (
            cli("evaluate", path, "--target", "y", "--folds", "2", "--repeats", "1", *QUICK, *fix)[
                0
            ]
            == 0
        )
        assert cli("check", path, "--target", "y", "-q", *fix)[0] in (0, 3)


def test_both_readings_are_what_the_options_give(cli, table):
    path = table(COLUMNS["thousands or decimals"])
    _, _, err = cli("fit", path, "--target", "y", *QUICK)
    assert "1,137 may be 1137 or 1.137" in err
    ends = []
    for _, said in flags_in(err, "--number"):
        flags = ("--target", "y", "--task", "classification", *QUICK, "--number", said)
        code, out, err = cli("fit", path, *flags, "-o", "m", "--force", "--json")
        assert code == 0, err
        # The model knows it: the same column is read the same way, whatever its cells prove.
        code, out, err = cli("predict", "m", path, "--json")
        assert code == 0, err
        assert json.loads(out)["data"]["out_of_range"] == []
        short = table(COLUMNS["thousands or decimals"][:2], "short.csv")
        assert cli("predict", "m", short, "-q")[0] == 0
        ends.append(said)
    assert ends == ["the x=1,234.56", "the x=1234,56"] or len(set(ends)) == 2


def test_a_later_cell_of_two_readings_is_asked_about_and_the_fix_works(cli, table):
    plain = table([f"{i * 37.25}" for i in range(1, 61)])
    assert cli("fit", plain, "--target", "y", *QUICK, "-o", "m")[0] == 0
    new = table(["1,234", "2,345"], "new.csv")
    code, _, err = cli("predict", "m", new, "-q")
    assert code == 1
    assert "1,234 may be 1234 or 1.234" in err
    assert 'column "the x", row 1' in err
    outs = [cli("predict", "m", new, "-q", *fix)[1] for fix in flags_in(err, "--number")]
    expected = []
    for cells in (["1234", "2345"], ["1.234", "2.345"]):
        expected.append(cli("predict", "m", table(cells, "as.csv"), "-q")[1])
    assert outs == expected
    # Another unit is refused, unless it is said to be that of the column.
    grams = table(["5 kg", "6 kg"], "kg.csv")
    code, _, err = cli("predict", "m", grams, "-q")
    assert code == 1
    assert "another unit" in err
    [fix] = flags_in(err, "--number")
    assert (
        cli("predict", "m", grams, "-q", *fix)[1]
        == (cli("predict", "m", table(["5", "6"], "as.csv"), "-q")[1])
    )


def test_a_target_is_written_as_people_write_numbers(cli, tmp_path):
    rng = np.random.default_rng(0)
    x = rng.normal(size=120)
    y = 3000 + 900 * x + rng.normal(size=120)
    frame = pd.DataFrame({"x": x.round(3), "price": [f"{v:,.2f} €" for v in y]})
    frame.to_csv("prices.csv", index=False)
    code, out, err = cli("fit", "prices.csv", "--target", "price", *QUICK, "-o", "m")
    assert code == 0, err
    assert "price: a number from" in out
    assert cli("evaluate", "m", "prices.csv", "-q")[0] == 0
    frame.assign(price=[f"{v:,.0f}" for v in y]).to_csv("doubt.csv", index=False)
    code, _, err = cli("fit", "doubt.csv", "--target", "price", *QUICK)
    assert code == 1
    assert 'column "price", row 1' in err
    fixes = flags_in(err, "--number")
    assert len(fixes) == 2
    for fix in fixes:
        assert cli("fit", "doubt.csv", "--target", "price", *QUICK, *fix)[0] == 0


def test_text_is_free_text_and_a_header_may_be_named(cli, tmp_path):
    frame = write_messy(tmp_path / "messy.csv").assign(
        note=[f"visit {i} was fine" for i in range(240)]
    )
    frame.to_csv("notes.csv", index=False)
    flags = ("--target", "ill", *QUICK[:-1])
    code, _, err = cli("fit", "notes.csv", *flags)
    assert code == 0
    assert "note" in err
    assert "only whether" in err or "counts only whether" in err
    _, _, err = cli("fit", "notes.csv", *flags, "--text", "note")
    assert "Texts that nearly all differ" not in err
    (tmp_path / "titled.csv").write_text("Study, part 2, 2024\n" + frame.to_csv(index=False))
    code, _, err = cli("fit", "titled.csv", *flags)
    assert code == 1
    [fix] = flags_in(err, "--header-row")
    assert fix == ("--header-row", "2")
    assert cli("fit", "titled.csv", *flags, *fix)[0] == 0


def test_an_option_that_has_no_meaning_is_refused(cli, table):
    path = table(COLUMNS["a word"])
    for said, why in (("the x=1,234", "does not show"), ("the x=1..2", "no example")):
        code, _, err = cli("fit", path, "--target", "y", "--number", said, *QUICK)
        assert code == 2
        assert why in err
    code, _, err = cli("fit", path, "--target", "y", "--number", "nobody", *QUICK)
    assert code == 1
    assert 'There is no feature "nobody" to be a number' in err
    code, _, err = cli("fit", path, "--target", "y", "--number", "z", "--text", "z", *QUICK)
    assert code == 2
    assert "two things" in err


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("unit", ["{} €", "${}", "{} kg"])
def test_what_is_said_of_a_later_table_goes_for_the_unit_of_the_model(cli, table, unit):
    fitted = table([unit.format(f"{i * 37.25}") for i in range(1, 61)])
    assert cli("fit", fitted, "--target", "y", *QUICK, "-o", "m")[0] == 0

    def predicted(cells, *flags):
        return cli("predict", "m", table(cells, "new.csv"), "-q", *flags)

    for cells, example, plain in (
        (["1.234", "2.000"], "1,234.56", ["1.234", "2"]),
        (["1.234", "2.000"], "1.234,56", ["1234", "2000"]),
        (["1,234", "2,000"], "1,234.56", ["1234", "2000"]),
        (["914,88", "2,5"], "1.234,56", ["914.88", "2.5"]),
    ):
        written_so = [unit.format(cell) for cell in cells]
        code, out, err = predicted(written_so, "--number", f"the x={example}")
        assert code == 0, err
        assert out == predicted(plain)[1]
    # A cell that contradicts what was said is refused, and the fix works.
    wrong = [unit.format(cell) for cell in ("914,88", "1,234")]
    code, _, err = predicted(wrong, "--number", "the x=1,234.56")
    assert code == 1
    assert "not written as you say" in err
    [fix] = flags_in(err, "--number")
    assert predicted(wrong, *fix)[1] == predicted(["914.88", "1.234"])[1]
    # Each printed option is in the unit of the model, and gives the value that is said.
    both = [unit.format(cell) for cell in ("1,234", "2,345")]
    code, _, err = predicted(both)
    assert code == 1
    said = " ".join(err.split())
    assert "for 1234 --number" in said
    assert "for 1.234 --number" in said
    fixes = flags_in(err, "--number")
    assert [fix[1] for fix in fixes] == [
        f"the x={unit.format(example)}" for example in ("1,234.56", "1.234,56")
    ]
    assert [predicted(both, *fix)[1] for fix in fixes] == [
        predicted(plain)[1] for plain in (["1234", "2345"], ["1.234", "2.345"])
    ]


def test_a_fit_that_was_given_a_wrong_notation_prints_the_option_that_works(cli, table):
    path = table(["1,234", "914,88"] * 30)
    code, _, err = cli("fit", path, "--target", "y", *QUICK, "--number", "the x=1,234.56")
    assert code == 1
    assert "The model was fitted" not in " ".join(err.split())
    [fix] = flags_in(err, "--number")
    assert fix[1] == "the x=1.234,56"
    assert cli("fit", path, "--target", "y", *QUICK, *fix)[0] == 0
    mixed = table(["1,234", "914,88", "914.88"] * 20)
    code, _, err = cli("fit", mixed, "--target", "y", *QUICK, "--number", "the x=1,234.56")
    assert code == 1
    assert not flags_in(err, "--number")
    assert "in one way" in " ".join(err.split())


def write_days(path, unit="Tage", n=200):
    """A target of written numbers: 5,1 Tage."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=n).round(3)
    days = (5 + 2 * x + rng.normal(0, 0.3, n)).round(1)
    written = [f"{day} {unit}".replace(".", ",") for day in days]
    pd.DataFrame({"x": x, "stay": written}).to_csv(path, index=False)
    return days


def assert_units_of_metrics(out):
    """The row of each metric has the unit of its values and intervals; R² has none."""
    named = re.findall(r"^((?:RMSE|MAE|R²)(?= +-?[\d.]+ )|in Tage(?= +\[| *$))", out, re.MULTILINE)
    assert named == ["RMSE", "in Tage", "MAE", "in Tage", "R²"]


def test_a_target_with_units_is_a_number_in_that_unit_wherever_it_is_read(cli, tmp_path):
    days = write_days(tmp_path / "days.csv")
    said = 'The target "stay" is read as numbers such as 1234,56 Tage, decimal comma, unit "Tage"; '
    said += 'predictions are in "Tage".'
    code, _, err = cli("check", "days.csv", "--target", "stay")
    assert code == 0
    assert said in " ".join(err.split())
    flags = ("--target", "stay", *QUICK[:-1], "-o", "m.safetensors", "--report", "r.html")
    code, out, err = cli("fit", "days.csv", *flags)
    assert code == 0, err
    assert said in " ".join(err.split())
    ends = f"{days.min():g} to {days.max():g}, median {np.median(days):g}"
    assert f'a number from {ends} (in "Tage"), over all rows' in " ".join(out.split())
    assert "predictions are in" in (tmp_path / "r.html").read_text()
    assert_units_of_metrics(out)
    of_training = '(in "Tage"), the range of the rows it was trained on'
    assert of_training in " ".join(cli("show", "m.safetensors")[1].split())
    assert_units_of_metrics(cli("show", "m.safetensors")[1])
    assert_units_of_metrics(cli("evaluate", "m.safetensors", "days.csv")[1])
    page = (tmp_path / "r.html").read_text()
    for row in ("RMSE in <bdi>Tage</bdi>", "MAE in <bdi>Tage</bdi>", "R²"):
        assert f'<th scope="row">{row}</th>' in page
    assert "\u00a0<bdi>Tage</bdi> (root mean square)" in page
    assert cli("report", "m.safetensors", "-o", "again.html")[0] == 0
    assert "<bdi>Tage</bdi> (root mean square)" in (tmp_path / "again.html").read_text()
    assert json.loads(cli("show", "m.safetensors", "--json")[1])["result"]["unit"] == "Tage"
    code, out, err = cli("predict", "m.safetensors", "days.csv")
    assert code == 0
    assert 'Predictions are in "Tage", the unit of the target "stay".' in " ".join(err.split())
    found = np.array(out.split()[1:], dtype=float)
    assert days.min() <= found.min() <= found.max() <= days.max()
    code, out, err = cli("evaluate", "m.safetensors", "days.csv", "--json")
    assert code == 0, err
    assert json.loads(out)["data"]["range"]["high"] == days.max()
    assert json.loads(out)["data"]["unit"] == "Tage"


def test_a_target_in_another_unit_is_refused_at_evaluation(cli, tmp_path):
    write_days(tmp_path / "days.csv")
    write_days(tmp_path / "weeks.csv", "Wochen")
    assert cli("fit", "days.csv", "--target", "stay", *QUICK, "-o", "m.safetensors")[0] == 0
    code, _, err = cli("evaluate", "m.safetensors", "weeks.csv")
    assert code == 1
    assert "A number with another unit than the model knows" in " ".join(err.split())


def test_check_and_fit_refuse_a_target_of_two_units_with_a_fix_that_works(cli, tmp_path):
    write_days(tmp_path / "days.csv", "days")
    text = (tmp_path / "days.csv").read_text().replace(" days", "", 3)
    (tmp_path / "days.csv").write_text(text)
    code, out, _ = cli("check", "days.csv", "--target", "stay")
    assert code == 3
    assert "target: A number with a unit beside one without, in the target" in " ".join(out.split())
    code, _, err = cli("fit", "days.csv", "--target", "stay", *QUICK)
    assert code == 1
    assert "--drop" not in err
    [fix] = flags_in(err, "--number")
    assert cli("fit", "days.csv", "--target", "stay", *QUICK, *fix)[0] == 0


def test_no_report_and_no_model_file_keeps_a_cell_that_is_not_an_end(cli, tmp_path):
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(
        {
            "cost": [f"€ {n:,}.21".replace(",", "'") for n in rng.integers(1000, 9999, 60)],
            "stay": [f"{n / 10} Tage".replace(".", ",") for n in rng.permutation(60) + 111],
            "crp": [f"{'<' if n % 7 == 0 else ''}{n},253" for n in rng.permutation(60) + 4000],
        }
    )
    frame.to_csv(tmp_path / "t.csv", index=False)
    flags = ("--target", "crp", *QUICK[:-1], "-o", "m.safetensors", "--report", "r.html")
    code, _, err = cli("fit", "t.csv", *flags)
    assert code == 0, err
    assert "such as €1'234.56" in err
    for kept in (tmp_path / "r.html", tmp_path / "m.safetensors"):
        written = kept.read_bytes().decode("utf-8", "replace")
        assert "such as €" in written or kept.suffix != ".html"
        assert [cell for cell in frame.to_numpy().ravel() if cell in written] == []
