"""A file's name says what is in it, or it is not written."""

from pathlib import Path

import pytest

from thalweg import SettingsError
from thalweg.endings import MODEL, PAGE, check_ending
from thalweg.reporting.trace.difference_lesson import ShownLesson
from thalweg.tracing.derivative_limit import derivative_lesson


@pytest.mark.parametrize(
    ("line", "says", "mend"),
    [
        ("trace wisconsin -o x.png", "A trace is not written as .png", "write --output x.html"),
        (
            "trace --lesson derivative -o x.pdf",
            "A lesson is not written as .pdf",
            "write --output x.html",
        ),
        ("trace t.csv -o x.csv", "A trace is not written as .csv", "write --output x.html"),
        ("landscape hills -o x.jpg", "A landscape is not written as .jpg", "one of .gif, .html"),
        ("landscape hills -o x", "as a file without an ending", "one of .gif, .html"),
        ("report m -o x.png", "A report is not written as .png", "write --output x.html"),
        ("report m -o x.safetensors", "not written as .safetensors", "write --output x.html"),
        ("fit wisconsin --report x.pdf", "A report is not written as .pdf", "--report x.html"),
        (
            "fit wisconsin -o x.csv",
            "A model is not written as .csv",
            "--output x.safetensors",
        ),
        (
            "fit wisconsin -o x.html",
            "A model is not written as .html",
            "--output x.safetensors",
        ),
        (
            "predict m t.csv -o x.xlsx",
            "A file of predictions is not written as .xlsx",
            "write --output x.csv.",
        ),
        (
            "predict m t.csv -o x.csv.gz",
            "A file of predictions is not written as .gz",
            "write --output x.csv.",
        ),
    ],
)
def test_an_ending_that_is_not_what_is_written_is_refused(cli, line, says, mend):
    code, out, err = cli(*line.split())
    assert (code, out) == (2, "")
    assert says in err
    assert mend in err
    assert list(Path().iterdir()) == []


def test_endings_are_of_any_case_and_may_be_left_out():
    assert check_ending("a/X.HTML", "A page", PAGE) == ".html"
    assert check_ending("x.htm", "A page", PAGE) == ".htm"
    assert check_ending("model", "A model", MODEL) == ""
    assert check_ending("a.b.D.mts", "Types", (".mjs", ".d.mts")) == ".d.mts"
    with pytest.raises(SettingsError, match=r"Types is not written as \.mts"):
        check_ending("d.mts", "Types", (".mjs", ".d.mts"))
    with pytest.raises(SettingsError, match=r"a/b.c.html"):
        check_ending("a/b.c.png", "A page", PAGE)


def test_a_page_is_not_saved_as_a_picture(tmp_path):
    with pytest.raises(SettingsError, match=r"A page is not written as \.png"):
        ShownLesson(derivative_lesson()).save(tmp_path / "x.png")
    assert list(tmp_path.iterdir()) == []
