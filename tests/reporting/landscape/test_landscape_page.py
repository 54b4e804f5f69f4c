"""The page of a landscape as a file: small, closed to the network, whole without its script."""

import html
import json
import re
from base64 import b64decode
from dataclasses import replace

import numpy as np
import pytest

from landscapes import bowl, line, seven, sheet, two
from thalweg import SettingsError, race_landscape
from thalweg.reporting.inline import page_script, source_hash
from thalweg.reporting.landscape.landscape_headline import finding
from thalweg.reporting.landscape.landscape_page import landscape_html, packed
from thalweg.reporting.landscape.landscape_sheet import above_the_cut, race_sheets


def data_of(page):
    return json.loads(re.search(r'id="landscape">(.*?)</script>', page, re.DOTALL)[1])


def unpacked(text):
    return np.frombuffer(b64decode(text), "<f4")


def test_seven_runs_and_all_of_their_profiles_fit_into_450_kb():
    page = seven().page()
    assert len(page.encode()) <= 450_000
    data = data_of(page)
    assert len(data["sheets"]) == 8
    assert [run["name"] for run in data["runs"]] == [
        "sgd", "anneal", "large", "momentum", "nesterov", "rmsprop", "adam"
    ]  # fmt: skip


def test_the_page_holds_the_numbers():
    plane, *profiles = two().sheets
    first, *others = data_of(two().page())["sheets"]
    for shown, wanted in zip([first, *others], [plane, *profiles], strict=True):
        losses = unpacked(shown["losses"]).reshape(len(wanted.y), len(wanted.x))
        assert losses == pytest.approx(wanted.losses.astype("f4"), nan_ok=True)
        assert unpacked(shown["x"]) == pytest.approx(wanted.x.astype("f4"))
        for its, run in zip(shown["lines"], wanted.lines, strict=True):
            # Steps that count from 0 are not in the page; others are.
            assert ("steps" in its) == (run.steps.tolist() != list(range(len(run.steps))))
            assert its["words"] == run.words
            assert unpacked(its["loss"])[its["best"]] == np.float32(run.true[run.best])
            assert unpacked(its["loss"])[-1] == np.float32(run.true[-1])


def test_a_page_holds_every_point_that_was_kept():
    way = np.linspace(0, 4, 5001)
    losses = np.where(np.arange(5001) == 1243, 0.01, 1.0)
    long = line(way, np.full(5001, 1.0), losses)
    its = data_of(landscape_html([sheet(bowl, lines=[long])]))["sheets"][0]["lines"][0]
    assert len(unpacked(its["x"])) == 5001
    assert unpacked(its["loss"])[its["best"]] == np.float32(0.01)
    thin = replace(long, steps=2 * long.steps)
    its = data_of(landscape_html([sheet(bowl, lines=[thin])]))["sheets"][0]["lines"][0]
    assert unpacked(its["steps"]).tolist() == list(range(0, 10002, 2))


def test_holes_are_nan_and_not_numbers():
    holed = sheet(lambda x, y: np.nan if x < 1 else 1 + x, n=(9, 5))
    losses = unpacked(data_of(landscape_html([holed]))["sheets"][0]["losses"]).reshape(5, 9)
    assert np.isnan(losses[:, :2]).all()
    assert np.isfinite(losses[:, 2:]).all()
    assert packed(np.array([np.nan, 1.0])) == packed(np.array([np.nan, 1.0]))


def test_the_policy_allows_this_script_and_this_style_alone():
    page = two().page()
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1]
    assert policy.startswith("default-src 'none'")
    script = re.search(r'<script type="module">(.*)</script>', page, re.DOTALL)[1]
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)[1]
    assert source_hash(script) in policy
    assert source_hash(style) in policy
    assert script == page_script("landscape.js")
    assert not re.search(r"https?://", page)
    assert "fetch(" not in page
    assert "XMLHttpRequest" not in page


def test_the_marks_name_a_cross_only_where_a_run_diverged():
    run = line([0, 1], [0, 1], [2, 1])
    for diverged in (False, True):
        page = landscape_html([sheet(lines=[replace(run, diverged=diverged)])])
        assert ("✕ diverged: the last point" in page) == diverged


def test_points_above_the_cut_are_counted_in_one_or_many():
    one = above_the_cut(1, 406, " of large steps", 1.35, "at the top")
    assert one == "1 of 406 points of large steps lies above 1.35: it is drawn at the top."
    many = above_the_cut(50, 1681, "", 0.709, "flat and hatched")
    assert many == "50 of 1,681 points lie above 0.709: they are drawn flat and hatched."


def test_names_from_outside_are_text():
    evil = '</script><script>alert(1)</script>"><img src=x onerror=alert(2)>'
    run = replace(line([0, 1], [0, 1], [2, 1]), name=evil, rule=evil)
    shown = replace(
        sheet(lines=[run]), finding=evil, name=evil, axes=(evil, evil), sentences=(evil,)
    )
    page = landscape_html([shown], subtitle=evil)
    assert "<script>alert" not in page
    assert "<img" not in page
    assert page.count("</script>") == 2
    assert data_of(page)["sheets"][0]["lines"][0]["name"].startswith("</script>")


def test_without_a_script_every_figure_is_there():
    page = two().page()
    body = page[: page.index('<script type="application/json"')]
    plane = two().sheets[0]
    for run in plane.lines:
        assert f"{run.true[-1]:.4g}" in body
        assert f"{run.true[0]:.4g}" in body
    for each in plane.sentences:
        assert each.replace("'", "&#x27;") in body
    assert body.count('class="badge"') == 3
    assert body.count('class="badge" data-sheet="0">') == 1  # the others are hidden


def test_the_planes_that_were_measured_are_listed():
    sheets = race_sheets(two().race)
    scores = two().race.surface.scores
    assert "Candidates for the plane" not in landscape_html(sheets, scores=scores[:1])
    from thalweg.landscape.planes.least_distorting_plane import Score

    some = [
        Score("ends", "w", 0.14, 0.0, 0.4, 0.9, 180, 1203),
        Score("centred", "w", 0.59, 0.6, 0.6, 0.83, 180, 1203),
    ]
    page = landscape_html(sheets, scores=some)
    assert "Measured on 180 of the 1,203 stored points. The sentences above are of all" in page
    whole = [replace(each, points=1203) for each in some]
    assert "Measured on" not in landscape_html(sheets, scores=whole)
    (row,) = re.findall(r'scope="row">centred</th>(.*?)</tr>', page)
    heads = ("drawn off by, mean of the runs", "at the start", "worst run", "movement contained")
    assert re.findall(r'<td data-label="(.*?)">(.*?)</td>', row) == [
        *zip(heads, ("59 %", "60 %", "60 %", "83 %"), strict=True)
    ]


def test_no_headline_is_cut():
    names = ["sgd", "sgd:lr=1e4", "adam", "adam:lr=1e6,beta_1=0.95,beta_2=0.99,clip=1"]
    lines = [
        replace(line([0, k], [0, 1], [1, 0.5 - k / 9], look=k, diverged=k % 2 == 1),
                name=name, rule=name)
        for k, name in enumerate(names)
    ]  # fmt: skip
    said = finding(lines).replace("\n", " ")
    assert said.endswith("and Adam at rate 1·10⁶ diverged")
    page = landscape_html([replace(sheet(lines=lines), finding=said)])
    assert said in html.unescape(page.split("<h1")[1].split("</h1>")[0])
    assert data_of(page)["sheets"][0]["finding"] == said
    assert said in html.unescape(page.split("<title>")[1].split("</title>")[0])


def test_lines_are_explained_for_each_view():
    hills, plain = two().page(), landscape_html([sheet(lines=[line([0, 1], [0, 1], [2, 1])])])
    arcs = "An arc is one step; its height means nothing."
    for page in (hills, plain):
        assert 'of-block"> · thin and dashed: hidden behind the ground' in page
        assert arcs in page
    off = 'class="of-map"> · thin and dashed: more than half of its distance off the plane'
    # On the hills no run is off the plane, and the ground has the true loss.
    assert (off in hills, off in plain) == (False, True)
    assert ("a curtain joins them" in hills, "a curtain joins them" in plain) == (False, True)
    assert ("dotted white: the floor of a valley (thalweg)" in hills, "dotted white" in plain) == (
        True,
        False,
    )
    assert any(each.startswith("Thalweg (the dotted white lines): the way")
               for each in two().sheets[0].sentences)  # fmt: skip


def test_script_and_page_keep_their_budgets():
    page = race_landscape("wisconsin", grid=81, profiles=()).page()
    script = re.search(r'<script type="module">(.*)</script>', page, re.DOTALL)[1]
    assert len(script.encode()) <= 58_000
    assert len(page.encode()) <= 168_000


def test_how_to_make_it_again_can_be_copied():
    page = race_landscape("hills", ["sgd", "momentum"], grid=11, profiles=(), seed=3).page()
    assert "Copy as Python" in page
    assert "Copy as command" not in page  # nobody knows one
    text = data_of(page)["recipes"]["Python"]
    found = {}
    exec(text.replace("shown.save", "print"), found)
    assert found["shown"].page() == page


def test_the_view_that_was_asked_for_is_seen_first():
    data = data_of(two().page("map"))
    assert (data["first"], data["flat"]) == (0, True)
    data = data_of(two().page("profile", run="momentum"))
    assert (data["first"], data["flat"]) == (2, False)


def test_no_sheet_is_no_page():
    with pytest.raises(SettingsError, match="something to show"):
        landscape_html([])


def test_swatches_of_runs_with_one_colour_have_other_gaps():
    """Before, the switch of the eighth run looked like that of the first one."""
    some = [line([0, k], [0, 1], [2, 1], name=f"run {k}", look=k) for k in (0, 7, 14)]
    page = landscape_html([sheet(lines=some)])
    for look, gaps in ((0, ""), (7, ' class="again-1"'), (14, ' class="again-2"')):
        assert page.count(f'<i data-look="{look}"{gaps}></i>') >= 2  # the switch and the table


def test_where_the_rates_come_from_stands_below_the_picture():
    shown = race_landscape("wisconsin", ["sgd", "momentum"], grid=11, steps=20, profiles=())
    assert f"{shown.subtitle} {shown.rates}" == " ".join(shown.race.about)
    assert shown.rates.startswith("Rates are shares of 2 / λ")
    page = shown.page()
    assert page.index(shown.subtitle[:40]) < page.index('id="strip"') < page.index("Rates are sh")
    # Given rates come from nowhere.
    given = race_landscape("wisconsin", ["sgd:lr=0.1"], grid=11, steps=20, profiles=())
    assert given.rates == ""
    assert given.subtitle == " ".join(given.race.about)
