"""The colours of every page can be read: WCAG's ratios, computed from the styles themselves."""

import re
from importlib.resources import files

import pytest

from colours import contrast
from thalweg.reporting.figures.picture import DARK, LIGHT
from thalweg.reporting.landscape.landscape_looks import COLORS, COLORS_DARK
from thalweg.reporting.trace.html import page

STYLE = (files("thalweg.reporting") / "draw" / "report.css").read_text("utf-8")
MODES = ("light", "dark", "print")


def variables(style):
    """``--name: #colour`` of a block, by name."""
    return dict(re.findall(r"--([a-z]+):\s*(#[0-9a-f]{6})", style))


def report_colors(mode):
    light, dark, paper = re.findall(r":root \{(.*?)\}", STYLE, flags=re.DOTALL)
    return variables(light) | variables({"light": "", "dark": dark, "print": paper}[mode])


@pytest.mark.parametrize("mode", MODES)
def test_texts_of_the_report_and_the_landscape_can_be_read(mode):
    colors = report_colors(mode)
    assert len(colors) >= 10
    for ground in ("page", "panel"):
        for ink in ("ink", "soft"):
            assert contrast(colors[ink], colors[ground]) >= 4.5, (mode, ink, ground)
    for sign in ("line", "blue", "orange", "green", "soft"):  # lines and rims of controls
        assert contrast(colors[sign], colors["page"]) >= 3, (mode, sign)
    # The tick in a chosen box.
    assert contrast("#ffffff", colors["blue"]) >= 3, mode


NOTHING = {"name": "x²", "steps": [], "points": [], "turns": {"forward": 1, "central": 1}}


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_texts_of_a_trace_can_be_read_its_footer_too(mode):
    style = page("lesson", NOTHING)
    light, dark, paper = (variables(each) for each in re.findall(r":root\{([^}]*)\}", style))
    assert light == paper
    colors, ground = {"light": (light, "#ffffff"), "dark": (dark, "#0f1419")}[mode]
    for ink in ("ink", "soft"):
        assert contrast(colors[ink], ground) >= 4.5
        assert contrast(colors[ink], colors["panel"]) >= 4.5
    (footer,) = re.findall(r"footer\{[^}]*\}", style)
    assert re.findall(r"color:([^;}]+)", footer) == ["var(--soft)"]


@pytest.mark.parametrize(
    ("palette", "colors"), [(LIGHT, COLORS), (DARK, COLORS_DARK)], ids=["light", "dark"]
)
def test_runs_and_words_of_a_picture_stand_out(palette, colors):
    assert min(contrast(each, palette.page) for each in colors) >= 3
    assert min(contrast(each, palette.page) for each in (palette.ink, palette.soft)) >= 4.5
