"""Sections of a landscape page and its figure: λ at both ends, the line between two runs."""

import re
from functools import cache

import numpy as np
import pytest

from thalweg import SettingsError, load_table, race_landscape
from thalweg.landscape.connections.run_connection import LineCurve
from thalweg.landscape.numbers_in_words import written
from thalweg.reporting.landscape_sections.connection_section import connection_svg
from thalweg.reporting.landscape_sections.curvature_section import curvature_lines
from thalweg.reporting.landscape_sections.landscape_lines import curved_runs


@cache
def shown():
    return race_landscape(
        load_table("wisconsin"), ["sgd", "large", "momentum", "adam"], grid=11, profiles=(),
        steps=60, activation="tanh", hidden=(6,), connect=("sgd", "momentum"),
    )  # fmt: skip


def test_the_page_says_lambda_of_each_run_with_its_error_and_bound():
    page = shown().page()
    section = re.search(r'<section class="badge" id="curvature">.*?</section>', page, re.DOTALL)[0]
    for runner in shown().race.runners:
        for end in runner.curvatures:
            assert f"{written(end.extremes.largest)} ± " in section
            if end.bound:
                assert f"= {written(end.bound)}</td>" in section
    assert "2 (1 + μ) / λ" in section
    assert "of the rate of Adam nothing is said" in section
    row = re.search(r"<tr>[^\n]*?Adam.*?</tr>", section)[0].split("<tr>")[-1]
    assert row.count(">none</td>") == 2


def test_the_terminal_says_the_same_as_the_page():
    text = str(shown())
    for line in curvature_lines(curved_runs(shown().race, shown().sheets[0])):
        assert line in text
    for sentence in shown().race.connection.sentences():
        assert sentence in text
        assert sentence.replace("'", "&#x27;") in shown().page()
    assert f"\n{shown().race.connection.finding}.\n" in text


def test_without_sharpness_there_is_no_section():
    assert curvature_lines([(shown().sheets[0].lines[0], ())]) == []
    assert 'id="connection"' not in race_landscape("hills", grid=11, profiles=()).page()


def test_the_curves_of_the_picture_are_the_losses():
    line = shown().race.connection
    svg = connection_svg(line, line.curves[:2])
    for kind, curve in (("plain", line.curves[0]), ("matched", line.curves[1])):
        way = re.search(rf'<path class="{kind}" d="M([^"]*)"', svg)[1]
        y = np.array([float(each.split()[1]) for each in way.split("L")])
        assert len(y) == 101
        # Up and down as the losses are: linear in them, and downwards on the page.
        slope, at = np.polyfit(curve.losses, y, 1)
        assert slope < 0
        assert y == pytest.approx(slope * curve.losses + at, abs=0.11)
    assert 'role="img"' in svg
    assert line.titles[0] in svg


def test_a_point_without_a_finite_loss_is_left_out_of_a_curve():
    line = shown().race.connection
    losses = np.linspace(1, 2, 101)
    losses[[40, 41]] = np.nan
    svg = connection_svg(line, (LineCurve("training rows", 9, False, "loss", losses),))
    way = re.search(r'<path class="plain" d="([^"]*)"', svg)[1]
    assert way.count("M") == 2
    assert "nan" not in svg.lower()


@pytest.mark.parametrize("form", [".png", ".svg"])
def test_a_still_of_the_connection(form):
    data = shown().rendered(form, "connection")
    assert data.startswith(b"\x89PNG" if form == ".png" else b"<?xml")
    if form == ".svg":
        assert shown().race.connection.finding.encode() in data


def test_what_cannot_be_shown_is_refused_with_a_fix():
    alone = race_landscape("hills", grid=11, profiles=())
    with pytest.raises(SettingsError, match="no two runs were named to be connected"):
        alone.picture("connection")
    with pytest.raises(SettingsError, match="Nothing moves on the line"):
        shown().film("connection")
    for call in (shown().picture, shown().film):
        with pytest.raises(SettingsError, match="cannot be seen in a") as caught:
            call("followed", run="sgd")
        assert "write an .html file" in str(caught.value)
    with pytest.raises(SettingsError, match="There is no run of 'rmsprop'"):
        shown().followed("rmsprop")
    with pytest.raises(SettingsError, match="A plane cannot follow a run here"):
        alone.page("followed")


def test_the_page_of_a_followed_plane_stays_small():
    plain, followed = shown().page(), shown().page("followed", run="momentum")
    assert len(followed) - len(plain) < 45_000
