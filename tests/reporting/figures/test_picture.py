"""Common to all figures: repeatable bytes, colours that can be told apart, no global state."""

import hashlib
import os
import subprocess
import sys
from io import BytesIO
from xml.dom import minidom

import matplotlib
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from PIL import Image

from colours import contrast
from figures import drawn, figure
from places import HELPERS
from thalweg import OutputError, SettingsError
from thalweg.reporting.figures.picture import DARK, LIGHT, WIDTH, Picture, balanced, save_figure

# What a user's own style may set: none of it may have an effect.
STYLE = {
    "figure.facecolor": "pink",
    "savefig.facecolor": "black",
    "axes.facecolor": "yellow",
    "axes.edgecolor": "red",
    "axes.labelcolor": "red",
    "axes.grid": False,
    "grid.color": "red",
    "grid.linestyle": ":",
    "text.color": "red",
    "lines.color": "red",
    "lines.linewidth": 9,
    "patch.edgecolor": "red",
    "xtick.color": "red",
    "ytick.color": "red",
    "svg.hashsalt": "the user's",
    "figure.dpi": 50,
    "savefig.dpi": 50,
}


@pytest.mark.parametrize("form", ["png", "svg"])
def test_the_same_figure_is_the_same_bytes(form):
    first = drawn(figure(), form)
    assert drawn(figure(), form) == first
    with matplotlib.rc_context(STYLE):
        assert drawn(figure(), form) == first
        assert matplotlib.rcParams["svg.hashsalt"] == "the user's"
    assert drawn(figure(dark=True), form) != first


# In this process: test_the_same_figure_is_the_same_bytes.
@pytest.mark.slow
def test_another_process_draws_the_same_bytes():
    # Another process hashes differently, and knows no figure that was drawn before.
    code = (
        "import sys; import figures as t;"
        "import hashlib; print(*(hashlib.sha256(t.drawn(t.figure(), f)).hexdigest()"
        " for f in ('png', 'svg')), 'matplotlib.pyplot' in sys.modules)"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], cwd=HELPERS, capture_output=True, text=True, check=True
    ).stdout.split()
    here = [hashlib.sha256(drawn(figure(), form)).hexdigest() for form in ("png", "svg")]
    assert said[2] == "False", "pyplot was imported"
    assert said[:2] == here


def test_an_svg_has_its_title_and_no_date():
    svg = drawn(figure(), "svg").decode()
    assert "<title>Held-out loss is lowest at epoch 10: 0.2</title>" in svg
    assert "dc:date" not in svg


def test_a_figure_is_640_wide_and_files_hold_twice_as_many_pixels():
    picture = figure()
    assert isinstance(picture, Figure)
    assert picture.get_size_inches()[0] * picture.dpi == WIDTH == 640
    image = Image.open(BytesIO(drawn(picture, "png")))
    assert image.size == (1280, round(2 * picture.get_size_inches()[1] * 100))


def test_a_notebook_shows_it_small_and_sharp():
    picture = figure()
    png, shown = picture._repr_png_()
    image = Image.open(BytesIO(png))
    assert image.size == (2 * shown["width"], 2 * shown["height"])
    assert shown["width"] == 640
    assert shown["alt"] == picture.title
    full = drawn(picture, "png")
    assert len(png) < len(full) / 2
    apart = np.abs(
        np.asarray(image.convert("RGB"), int) - np.asarray(Image.open(BytesIO(full)).convert("RGB"))
    )
    # The missing colours are not visible.
    assert np.quantile(apart, 0.999) <= 12
    assert picture._repr_png_()[0] == png


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_colours_stand_out_from_the_page(palette):
    for color in (palette.ink, palette.soft):
        assert contrast(color, palette.page) >= 4.5
    for color in (palette.blue, palette.orange):
        assert contrast(color, palette.page) >= 3


# Viénot, Brettel & Mollon 1999, "Digital video colourmaps for checking the legibility of displays
# by dichromats", Color Research & Application 24:243-252: what they see, in linear RGB.
DICHROMATS = {
    "protan": ((0.11238, 0.88762, 0), (0.11238, 0.88762, 0), (0.00401, -0.00401, 1)),
    "deutan": ((0.29275, 0.70725, 0), (0.29275, 0.70725, 0), (-0.02234, 0.02234, 1)),
}


@pytest.mark.parametrize("seen", DICHROMATS.values(), ids=DICHROMATS)
@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_colour_blind_readers_tell_blue_from_orange(palette, seen):
    def linear(color):
        return np.power(to_rgb(color), 2.2)

    apart = seen @ linear(palette.blue) - seen @ linear(palette.orange)
    assert np.linalg.norm(apart) > 0.25


def test_save_figure_writes_wholly_or_not_at_all(tmp_path):
    for name in ("a.png", "a.svg", "A.PNG"):
        save_figure(figure(), tmp_path / name)
        form = name.lower().removeprefix("a.")
        assert (tmp_path / name).read_bytes() == drawn(figure(), form)
    with pytest.raises(OutputError):
        save_figure(figure(), tmp_path / "a.png")
    save_figure(figure(dark=True), tmp_path / "a.png", overwrite=True)
    assert (tmp_path / "a.png").read_bytes() == drawn(figure(dark=True), "png")
    assert {path.name for path in tmp_path.iterdir()} == {"a.png", "a.svg", "A.PNG"}


def test_save_figure_refuses_other_kinds(tmp_path):
    with pytest.raises(SettingsError, match=r"one of \.png, \.svg"):
        save_figure(figure(), tmp_path / "a.gif")
    assert list(tmp_path.iterdir()) == []


def test_save_figure_takes_any_figure(tmp_path):
    plain = Figure()
    plain.add_axes((0, 0, 1, 1))
    save_figure(plain, tmp_path / "plain.png")
    with Image.open(tmp_path / "plain.png") as image:
        assert image.size == (640, 480)


def test_lines_arebalanced():
    assert balanced("", 10) == []
    assert balanced("aa bb", 10) == ["aa bb"]
    assert balanced("aaaa bbbb cccc dd", 14) == ["aaaa bbbb", "cccc dd"]
    # A word that is longer than a line is broken, and no word that is not.
    assert max(map(len, balanced("x" * 50 + " y", 20))) <= 20
    assert balanced("aaaaaaaaaaaa b c", 14) == ["aaaaaaaaaaaa", "b c"]


def test_the_title_may_say_where_it_breaks():
    picture = Picture("one,\ntwo", "three", 100, dark=False)
    assert picture.title == "one, two"
    assert [words.get_text() for words in picture.texts][:3] == ["one,", "two", "three"]


# A process for each; the second kind of a wrong backend in `make test-all`.
@pytest.mark.parametrize(
    "backend", ["module://no.such.backend", pytest.param("nonsense", marks=pytest.mark.slow)]
)
def test_pictures_of_the_command_line_are_the_same_in_all_surroundings(tmp_path, cli, backend):
    trace = ("trace", "--lesson", "derivative", "-q", "-o")
    assert cli(*trace, "a.svg")[0] == 0
    (tmp_path / "matplotlibrc").write_text("text.usetex: True\nlines.linewidth: 9\n")
    done = subprocess.run(
        [sys.executable, "-m", "thalweg", *trace, "b.svg"],
        cwd=tmp_path,
        env={**os.environ, "MPLBACKEND": backend},
        capture_output=True,
        text=True,
    )
    assert done.stderr == ""
    assert done.returncode == 0
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_a_name_with_control_characters_makes_an_svg_that_a_viewer_opens():
    picture = Picture("ill\x1b[31m", "of \u202ewell\x00", 100, dark=False)
    axes = picture.axes_at(40, 40, 200, 50)
    axes.set_xlabel("share of q\x1b[31m\nand more")
    axes.plot([0, 1], [0, 1], label="run\x07")
    axes.legend()
    held = BytesIO()
    picture.savefig(held, format="svg")
    text = held.getvalue().decode()
    minidom.parseString(text)
    assert r"share of q\x1b[31m" in text
    assert "and more" in text
    assert not {"\x1b", "\x07", "\x00", "\u202e"} & set(text)
