"""What can be copied from a page makes the same page again, to the byte."""

import json
import re
import shlex
from itertools import pairwise
from pathlib import Path

import pytest

from thalweg.cli.main import main
from thalweg.jobs.fit import FitRequest
from thalweg.jobs.parts.table_options import Columns, Reading
from thalweg.jobs.recipes.report_recipes import recipes_of_fit, recipes_of_report
from thalweg.jobs.recipes.request_in_python import request_in_python
from thalweg.jobs.report import ReportRequest
from thalweg.jobs.sections.asked_sections import AskedSections

SMALL = ["--hidden", "3", "--bins", "0", "--epochs", "2", "--early-stopping", "off", "--no-trees",
         "-q"]  # fmt: skip


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def recipes_of(path):
    block = re.search(r'id="report">(.*?)</script>', Path(path).read_text(encoding="utf-8"))[1]
    return json.loads(block)["recipes"]


def made_again(text, to):
    """The bytes that a command or lines of Python write."""
    Path(to).unlink(missing_ok=True)
    if text.startswith("thalweg "):
        assert main(shlex.split(text)[1:]) == 0
    else:
        exec(text, {})
    return Path(to).read_bytes()


def test_a_fit_with_costs_rows_and_columns_is_made_again(here):
    words = [
        *SMALL,
        *[
            "--missed",
            "5",
            "--alarm",
            "1",
            "--drop",
            "mitoses",
            "--seed",
            "3",
            "--rows",
            "--by",
            "cell_size_uniformity",
        ],
    ]
    assert main(["fit", "wisconsin", *words, "-o", "m.safetensors", "--report", "a.html"]) == 0
    first = Path("a.html").read_bytes()
    for kind, text in recipes_of("a.html").items():
        assert made_again(text, "report.html") == first, kind
    assert main(["report", "m.safetensors", "-o", "b.html", "-q"]) == 0
    found = recipes_of("b.html")
    assert found["command"] == "thalweg report m.safetensors -o report.html"
    for kind, text in found.items():
        assert made_again(text, "report.html") == Path("b.html").read_bytes(), kind


def test_standard_input_cannot_be_read_again():
    assert recipes_of_fit(FitRequest(table="-")) == {}
    assert recipes_of_report(ReportRequest(model="m", table="-", trace="1")) == {}


def test_options_are_called_as_on_the_command_line():
    request = FitRequest(
        table="a b.csv", columns=Columns(target="ill", time="day", weight="w", ids=["k"]),
        sections=AskedSections(first=0.1, last=0.2, no_trees=True), refit=True, no_what_if=True,
    )  # fmt: skip
    command = recipes_of_fit(request)["command"]
    assert shlex.split(command)[:3] == ["thalweg", "fit", "a b.csv"]
    for words in ("--time-column day", "--weight-column w", "--drop k", "--from 0.1", "--to 0.2",
                  "--no-trees", "--refit", "--no-what-if"):  # fmt: skip
        assert words in command


def test_a_column_beside_predictions_is_no_input_of_a_command_without_predictions():
    columns = Columns(target="ill", drop=["x"], group="ward", ids=["ward", "x", "key"])
    found = recipes_of_fit(FitRequest(table="t.csv", columns=columns))
    words = shlex.split(found["command"])
    assert "--id" not in words  # `fit` refuses it where no file of predictions is asked for
    assert [b for a, b in pairwise(words) if a == "--drop"] == ["x", "key"]
    assert "ids" not in found["python"]
    assert "drop=['x', 'key'], group='ward'" in found["python"]


def test_python_names_what_is_not_usual_and_no_file_that_was_written():
    request = FitRequest(
        table="t.csv", columns=Columns(drop=["it's"]), reading=Reading(), seed=7,
        output="m.safetensors", overwrite=True,
    )  # fmt: skip
    text = request_in_python(request, "fit", report="r.html")
    assert text == (
        "from thalweg.jobs.fit import FitRequest, fit\n"
        "from thalweg.jobs.parts.table_options import Columns\n\n"
        "fit(FitRequest(table='t.csv', columns=Columns(drop=[\"it's\"]), seed=7, "
        "report='r.html'))\n"
    )
    plain = request_in_python(FitRequest(table="t.csv", columns=Columns(drop=[])), "fit")
    assert plain.endswith("fit(FitRequest(table='t.csv'))\n")


@pytest.mark.parametrize(
    "words",
    [
        "trace --lesson derivative", "lesson derivative --seed 4",
        "sweep wisconsin --rates 0.1,1 --units 2 --seeds 2 --steps 20",
    ],
)  # fmt: skip
def test_pages_for_learning_are_made_again(words, here):
    assert main([*words.split(), "-q", "-o", "first.html"]) == 0
    page = Path("first.html").read_text(encoding="utf-8")
    block = re.search(r'application/json" id="(?:recipes|lesson|sweep)">(.*?)</script>', page)[1]
    found = json.loads(block)
    for kind, template in found.get("recipes", found).items():
        text = template.replace("{seed}", str(found.get("seed")))  # as the page does
        to = re.search(r"\b[a-z]+\.html", text)[0]
        assert made_again(text, to).decode() == page, kind


def test_a_gradient_check_is_made_again(here):
    words = "trace wisconsin --hidden 2 --bins 0 --epochs 1 --early-stopping off --plant sign"
    assert main([*words.split(), "-q", "-o", "first.html"]) == 3
    page = Path("first.html").read_text(encoding="utf-8")
    command, python = re.findall(r"<pre>(.*?)</pre>", page.replace("<wbr/>", ""), re.DOTALL)
    assert main(shlex.split(command)[1:]) == 3
    assert Path("check.html").read_text(encoding="utf-8") == page
    assert "plant=&#x27;sign&#x27;" in python or "plant='sign'" in python
