"""Pictures of landscapes: words in their places, colours that can be told apart, the film."""

from base64 import b64decode
from functools import partial
from io import BytesIO
from itertools import combinations

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.text import Text
from PIL import Image

from landscapes import bowl, line, sheet, slope, two
from slow_cases import slow_but
from thalweg import OutputError, SettingsError
from thalweg.reporting.figures.picture import WIDTH
from thalweg.reporting.landscape import landscape_display
from thalweg.reporting.landscape.film import SINGLE, clock_of, landscape_film
from thalweg.reporting.landscape.landscape_display import VIEWS
from thalweg.reporting.landscape.landscape_figures import landscape_figure
from thalweg.reporting.landscape.landscape_looks import (
    COLORS,
    COLORS_DARK,
    DASHES,
    INKS,
    RUN_COLORS,
    RUN_COLORS_DARK,
    look,
    run_look,
)
from thalweg.reporting.landscape.landscape_sheet import race_sheets

# ---------------------------------------------------------------- colours


def test_runs_keep_their_look_on_every_sheet():
    plane, *profiles = race_sheets(two().race)
    looks = {each.name: each.look for each in plane.lines}
    assert looks == {"sgd": 0, "momentum": 1}
    assert [each.lines[0].look for each in profiles] == [0, 1]
    for profile in profiles:
        middle = profile.losses[len(profile.y) // 2]
        (line,) = profile.lines
        cuts = np.searchsorted(line.x, profile.x)
        assert middle == pytest.approx(line.true[cuts], abs=1e-12)
        # The line has all points of the run, as on the plane, and so the same lowest one.
        (same,) = (each for each in plane.lines if each.name == line.name)
        np.testing.assert_array_equal(line.steps, same.steps)
        np.testing.assert_array_equal(line.true, same.true)
        assert line.best == same.best


def test_eight_runs_have_eight_colours_and_markers():
    for dark in (False, True):
        looks = [look(number, dark=dark) for number in range(8)]
        assert len({each.color for each in looks}) == 8
        assert len({each.marker for each in looks}) == 8
    assert len(DASHES) == 7


def test_dots_alone_are_no_runs_own_dash():
    # They mean that a run is hidden, or off the plane.
    for dash in DASHES[1:]:
        assert max(dash[::2]) >= 2.5


def test_of_fifty_runs_no_two_look_alike():
    looks = [look(number) for number in range(50)]
    for one, other in combinations(looks, 2):
        if one.color == other.color:
            assert one.dash != other.dash
            assert one.marker != other.marker


# What dichromats see, in linear RGB: Viénot, Brettel & Mollon 1999; for tritan eyes the same way.
EYES = {
    "normal": np.eye(3),
    "protan": np.array([[0.11238, 0.88762, 0], [0.11238, 0.88762, 0], [0.00401, -0.00401, 1]]),
    "deutan": np.array([[0.29275, 0.70725, 0], [0.29275, 0.70725, 0], [-0.02234, 0.02234, 1]]),
    "tritan": np.array(
        [[1.01277, 0.13548, -0.14826], [-0.01243, 0.86812, 0.14431], [0.07589, 0.805, 0.11911]]
    ),
}


def _lab(color, eye):
    """CIELAB (D65) of a colour as an eye sees it."""
    parts = np.array(to_rgb(color))
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    to_xyz = np.array(
        [[0.4125, 0.3576, 0.1804], [0.2127, 0.7152, 0.0722], [0.0193, 0.1192, 0.9503]]
    )
    x, y, z = np.cbrt(to_xyz @ np.clip(eye @ linear, 1e-3, 1) / [0.9505, 1, 1.0888])
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("eye", EYES.values(), ids=EYES)
@pytest.mark.parametrize(
    "colors",
    [COLORS, COLORS_DARK, RUN_COLORS, RUN_COLORS_DARK],
    ids=["light", "dark", "runs, light", "runs, dark"],
)
def test_every_eye_tells_all_colours_apart(colors, eye):
    seen = [_lab(color, eye) for color in colors]
    apart = [float(np.linalg.norm(one - other)) for one, other in combinations(seen, 2)]
    assert min(apart) >= 10  # a difference of 2.3 is just noticed


def _contrast(one, other):
    def light(color):
        parts = [
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
            for part in to_rgb(color)
        ]
        return float(np.dot(parts, (0.2126, 0.7152, 0.0722)))

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_names_of_runs_can_be_read_in_their_colours():
    assert min(_contrast(each, INKS["light"].page) for each in RUN_COLORS) > 4.5
    assert min(_contrast(each, INKS["dark"].page) for each in RUN_COLORS_DARK) > 4.5
    assert min(_contrast(each, "#ffffff") for each in COLORS) > 3
    assert min(_contrast(each, INKS["dark"].page) for each in COLORS_DARK) > 3


def test_of_fifty_runs_no_two_look_alike_on_a_landscape():
    for dark in (False, True):
        looks = [run_look(number, dark=dark) for number in range(49)]
        assert len({(each.color, each.dash) for each in looks}) == 49
        # Up to seven a colour is enough, and a line is whole.
        assert {each.dash for each in looks[:7]} == {()}


# ---------------------------------------------------------------- figures


def crowded():
    """Long names, a run off the plane, one that diverged, holes and a cap."""
    way = np.linspace(0, 1, 30)
    runs = [
        line(4 * way, 2 * way**2, 30 - 25 * way, name="plain"),
        line(4 * way, 1.5 * way, 30 - 20 * way, name="a name without any end" * 3, look=1,
             drawn=20 - 19 * way, off=way),
        line(2 * way, 2 * way, 30 + 30 * way, name="lost", look=2, diverged=True),
    ]  # fmt: skip

    def loss(x, y):
        return np.nan if x > 3 and y < 0.6 else slope(x, y)

    return sheet(loss, n=(21, 21), lines=runs)


def texts(figure):
    """Every text that is seen, with its box."""
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)
    unseen = set()
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            labels = zip(axis.get_ticklabels(), axis.get_ticklocs(), strict=True)
            shown = axes.axison
            unseen |= {label for label, at in labels if not (shown and low <= at <= high)}
        if not axes.axison:
            unseen |= {axes.xaxis.label, axes.yaxis.label}
    return [
        (text, text.get_window_extent(renderer))
        for text in figure.findobj(Text)
        if text.get_visible() and text.get_text().strip() and text not in unseen
    ], figure.bbox


def test_words_lie_in_the_same_places_on_a_dark_page():
    light, dark = (
        texts(landscape_figure(crowded(), dark=each, unit=1))[0] for each in (False, True)
    )
    assert len(light) == len(dark)
    for (words, box), (others, other) in zip(light, dark, strict=True):
        assert (words.get_text(), box.bounds) == (others.get_text(), other.bounds)


@pytest.mark.parametrize(
    ("which", "dark", "view"),
    slow_but(
        [("crowded", True, "both"), ("profile", False, "surface")],
        [
            (*each, view)
            for each in [("crowded", True), ("plane", False), ("profile", False)]
            for view in ("both", "surface", "map")
        ],
    ),
)
def test_no_text_is_cut_and_none_lies_on_another(view, dark, which):
    shown = crowded() if which == "crowded" else two().sheet(which)
    figure = landscape_figure(shown, view=view, subtitle="a table, seed 0", dark=dark, unit=1)
    found, page = texts(figure)
    for words, box in found:
        assert box.x0 >= -1, words
        assert box.x1 <= page.x1 + 1, words
        assert box.y0 >= -1, words
        assert box.y1 <= page.y1 + 1, words
    # A box around slanting words says little.
    free = [(words.get_text(), box) for words, box in found if words.get_rotation() % 90 == 0]
    assert len(free) > 10
    for (one, a), (other, b) in combinations(free, 2):
        wide = min(a.x1, b.x1) - max(a.x0, b.x0)
        high = min(a.y1, b.y1) - max(a.y0, b.y0)
        assert wide <= 2 or high <= 3, f"{one!r} lies on {other!r}"


def test_everything_that_has_to_stand_there_stands_there():
    words = "\n".join(
        each.get_text()
        for each, _ in texts(landscape_figure(crowded(), subtitle="of what", unit=1))[0]
    )
    for wanted in (
        "A made finding", "of what", "Is this picture honest? Fair.", "A sentence on honesty.",
        "○ start", "✕ diverged", "plain", "first axis", "second axis", "loss by step", "thalweg ",
        "more than half of its distance off the plane", "an arc is one step", "curtain",
    ):  # fmt: skip
        assert wanted in words, wanted


def rendered(figure):
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].astype(int)


def near(picture, color, far=12):
    wanted = [round(255 * part) for part in to_rgb(color)]
    return int(np.sum(np.abs(picture - wanted).max(axis=-1) <= far))


def test_runs_are_drawn_in_their_colours_and_only_when_asked_for():
    shown = sheet(bowl, n=(21, 21), lines=[
        line([2, 2, 2], [0, 1, 2], [0.45, 0.25, 0.05], look=2),
        line([1, 2, 3], [0, 1, 2], [1.45, 0.25, 1.05], look=3, name="other"),
    ])  # fmt: skip
    for view in ("surface", "map"):
        with_runs = rendered(landscape_figure(shown, view=view, unit=1))
        without = rendered(landscape_figure(shown, view=view, unit=1, runs=False))
        for color in (RUN_COLORS[2], RUN_COLORS[3]):
            assert near(with_runs, color) > near(without, color) + 100


@pytest.mark.parametrize(
    ("form", "view"), [pytest.param("png", "surface", marks=pytest.mark.slow), ("svg", "map")]
)
def test_a_figure_is_the_same_bytes_every_time(form, view, tmp_path):
    path = tmp_path / f"it.{form}"
    two().save(path, view)
    first = path.read_bytes()
    assert first == two().rendered(f".{form}", view)
    assert (b"<title>" in first) == (form == "svg")


@pytest.mark.slow
@pytest.mark.parametrize("form", ["png", "svg"])
def test_both_views_in_one_figure_are_the_same_bytes_every_time(form):
    assert two().rendered(f".{form}", "plane") == two().rendered(f".{form}", "plane")


def test_an_unknown_view_is_refused():
    with pytest.raises(SettingsError, match="no view 'round'"):
        landscape_figure(sheet(), view="round")


# ---------------------------------------------------------------- the film


def test_the_clock_shows_the_first_steps_one_by_one():
    clock = clock_of(405, 80)
    assert len(clock) == 80
    assert clock[: SINGLE + 1] == list(range(SINGLE + 1))
    assert clock[-1] == 405
    assert clock == sorted(clock)
    # Then it takes as many frames for a doubling of the step, anywhere.
    at = [int(np.searchsorted(clock, step)) for step in (50, 100, 200, 400)]
    assert np.ptp(np.diff(at)) <= 1
    assert clock_of(0, 3) == [0, 0, 0]
    assert clock_of(5, 4) == pytest.approx([0, 5 / 3, 10 / 3, 5])


@pytest.fixture(scope="module")
def film():
    told = []
    shown = two().sheet()
    data = landscape_film(shown, subtitle="two", frames=6, watch=lambda *at: told.append(at))
    return Image.open(BytesIO(data)), told, len(data)


def test_the_film_rolls_and_says_how_far(film):
    image, told, size = film
    assert image.format == "GIF"
    assert image.size == (960, 600)
    assert told == [(number, 6) for number in range(1, 7)]
    assert 2 <= image.n_frames <= 6  # pictures that show the same may be one
    assert image.info["loop"] == 0
    assert size < 500_000
    image.seek(image.n_frames - 1)
    assert image.info["duration"] == 1500
    last = np.asarray(image.convert("RGB")).astype(int)
    image.seek(0)
    first = np.asarray(image.convert("RGB")).astype(int)
    for color in RUN_COLORS[:2]:
        assert near(last, color, 2) > near(first, color, 2) + 30


def test_a_film_from_above_and_in_the_dark():
    data = landscape_film(two().sheet(), view="map", frames=3, dark=True)
    image = Image.open(BytesIO(data)).convert("RGB")
    assert image.getpixel((2, 2)) == tuple(round(255 * part) for part in to_rgb(INKS["dark"].page))


# ---------------------------------------------------------------- as people get it


def test_a_notebook_is_never_shown_nothing():
    bundle, metadata = two()._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html", "image/png"}
    assert b64decode(bundle["image/png"]).startswith(b"\x89PNG")
    assert metadata["image/png"]["width"] == WIDTH
    html = bundle["text/html"]
    assert html.count("<iframe") == 1
    assert 'sandbox="allow-scripts"' in html
    assert "<script" not in html.replace("&lt;script", "")
    # Where frames are taken out, words are left.
    assert "Is the picture honest?" in html.split("</iframe>")[1]
    assert "Is the picture honest? Exact." in bundle["text/plain"]
    assert repr(two()) == str(two()) == bundle["text/plain"]


# A quick test of the command line writes a page.
@pytest.mark.parametrize("form", slow_but(["svg"], ["png", "svg", "gif", "html"]))
def test_it_is_saved_as_its_name_says(form, tmp_path, monkeypatch):
    # A film of few pictures.
    monkeypatch.setattr(landscape_display, "landscape_film", partial(landscape_film, frames=4))
    path = tmp_path / f"it.{form}"
    begins = {"png": b"\x89PNG", "svg": b"<?xml", "gif": b"GIF89a", "html": b"<!doctype html>"}
    two().save(path)
    assert path.read_bytes().startswith(begins[form])
    assert len(path.read_bytes()) < 1_500_000
    if form == "svg":  # the same for all forms
        with pytest.raises(OutputError):
            two().save(path)
    if form in ("png", "html"):  # others from above are in tests of their own
        two().save(path, "map", overwrite=True)


def test_what_cannot_be_saved_or_shown_is_said(tmp_path):
    with pytest.raises(SettingsError, match=r"not written as \.jpg"):
        two().save(tmp_path / "it.jpg")
    with pytest.raises(SettingsError, match="no view 'cube'"):
        two().picture("cube")
    with pytest.raises(SettingsError, match="no profile of 'adam'"):
        two().picture("profile", run="adam")
    assert VIEWS == ("plane", "surface", "map", "profile", "followed", "connection")


def test_the_profile_is_of_the_one_that_ends_lowest_unless_asked_otherwise():
    ends = {each.name: each.true[-1] for each in two().sheet().lines}
    lowest = min(ends, key=ends.get)
    assert two().sheet("profile").lines[0].name == lowest
    assert two().sheet("profile", "sgd").lines[0].name == "sgd"
