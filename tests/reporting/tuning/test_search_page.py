"""The page of a search: its numbers, its marks, and its size."""

import dataclasses
import math
import re

import numpy as np
import pytest

from simulated_search import simulated
from thalweg.errors import OutputError, SettingsError
from thalweg.reporting.tuning.search_pictures import HEIGHT, WIDE, course
from thalweg.reporting.tuning.shown_search import SettingShare
from thalweg.reporting.tuning.trial_marks import BOTTOM, LEFT, RIGHT, TOP, axis_of_losses
from thalweg.tuning.shares import setting_shares
from thalweg.tuning.shares.setting_shares import SettingShares


def loss(values):
    far = 3 if values["learning_rate_init"] > 0.018 else 0
    return 0.1 + 0.02 * abs(math.log(values["learning_rate_init"] / 0.004)) + far


def test_a_long_sentence_is_folded_and_not_cut():
    found = plain(3)
    found.estimator.set_params(hidden_layer_sizes=(7,) * 900)
    vars(found)["_given"] = lambda: ["hidden_layer_sizes=" + ", ".join(["7"] * 400) + " the end"]
    folded = r"<details><summary>The default is trial 0[^<]*…</summary>[^<]*the end\.<"
    assert re.search(folded, found.page())


def test_of_one_trial_nothing_was_chosen_so_nothing_is_too_good():
    said = " ".join(plain(1).lines())
    assert "1 trial in 123 s; it is the default, with an out-of-fold log-loss of " in said
    assert "too good" not in said
    page = plain(1).page()
    assert "too good" not in page
    assert "fifth of the losses" not in page  # no other trial has a mark
    ticks = re.findall(r'class="mid">([^<]*)</text>', page.split("The trials in their order")[1])
    assert ticks[:2] == ["0", "0"]  # there is no trial 1, in the wide and the narrow picture
    assert "too good" in plain(2).page()
    assert "fifth of the losses" in plain(2).page()


def test_trials_without_a_loss_are_counted_and_said():
    found = plain(6, lost=(1, 4))
    said = " ".join(found.lines())
    assert "6 trials in 123 s; 2 diverged, without a loss; the best is trial " in said
    assert "without a loss" not in " ".join(plain(6).lines())
    # The default alone has a loss: no other trial is the highest, and none was chosen.
    alone = dataclasses.replace(plain(3, lost=(1, 2)), slots=(0,))
    said = " ".join(alone.lines())
    assert "The search selects the default alone, of 3 trials." in said
    assert "2 diverged, without a loss; the default alone has a loss, an out-of-fold" in said
    assert "the highest of a trial" not in said
    assert "too good" not in said


def test_a_model_of_the_size_of_the_default_takes_as_many_multiplications():
    found = dataclasses.replace(plain(3), chosen="tuned", times_default=1.0)
    vars(found)["_slots_text"] = lambda: "2 networks of trial 1"
    said = " ".join(found.lines())
    assert "A prediction takes about as many multiplications as the default's." in said
    found = dataclasses.replace(found, times_default=137.04)
    vars(found)["_slots_text"] = lambda: "2 networks of trial 1"
    assert "about 137 times the multiplications of the default's." in " ".join(found.lines())


def test_a_measure_that_is_not_defined_is_not_said():
    found = plain(3)
    assert "AUC: 0.9" in " ".join(found.lines())
    honest = dataclasses.replace(found.honest, default_second=math.nan)
    said = " ".join(dataclasses.replace(found, honest=honest).lines())
    assert "AUC" not in said
    assert "nan" not in said


def test_the_rule_for_settings_that_mattered_can_be_read_off_the_numbers():
    shares = [
        SettingShare("alpha", 0.331, 0.1, 0.655, 0.262, False),
        SettingShare("dropout", 0.489, 0.273, 0.727, 0.401, True),
    ]
    found = plain(24)
    vars(found)["shares"] = SettingShares(tuple(shares), 0.18, 0.274, 0.47, 23)
    page = found.page()
    assert "if its mean share in these is above every share of a setting with" in page
    assert "of which the largest is 27.4 %" in page
    rows = re.findall(r'<tr><th scope="row">(alpha|dropout)</th>(.*?)</tr>', page, re.DOTALL)
    cells = {name: re.findall(r"<td[^>]*>([^<]*)", rest) for name, rest in rows}
    assert cells["alpha"][-2:] == ["26.2", "no"]
    assert cells["dropout"][-2:] == ["40.1", "yes"]


def test_the_mark_of_the_first_trial_covers_no_number_of_the_axis():
    svg = course(plain(6).shown(), WIDE)
    ends = re.findall(r'<text x="(\d+)" y="[\d.]+" class="t-end">', svg)
    assert ends
    assert all(int(each) <= LEFT - 10 for each in ends)  # a ring of 9 pixels and its line


def test_the_losses_of_a_sentence_have_equal_decimals():
    found = plain(3)
    found.trials["loss"] = [0.5499, 0.55, 0.53014]
    said = " ".join(found.lines())
    assert "log-loss of 0.5301 (the default's is 0.5499)" in said
    found.trials["loss"] = [0.55, 0.61, 0.53014]
    assert "log-loss of 0.5301 (the default's is 0.5500)" in " ".join(found.lines())


def plain(n, **more):
    """Without shares, which take a second."""
    found = simulated(loss, n, **more)
    vars(found)["shares"] = None
    return found


def spots(svg, kind):
    (path,) = re.findall(rf'<path class="{kind}" d="([^"]+)"', svg) or [""]
    return [(float(x), float(y)) for x, y in re.findall(r"M([\d.]+) ([\d.]+)", path)]


def test_each_dot_of_the_course_is_a_trial_at_its_number_and_loss():
    found = plain(60, max_size=6500, lost=(5,))
    shown = found.shown()
    svg, axis = course(shown, WIDE), axis_of_losses(shown, "")
    drawn = [spot for k in range(5) for spot in spots(svg, f"fifth-{k}")]
    back = {
        round((x - LEFT) / (WIDE - LEFT - RIGHT) * 59):
        axis.low + (HEIGHT - BOTTOM - y) / (HEIGHT - TOP - BOTTOM) * (axis.high - axis.low)
        for x, y in drawn
    }  # fmt: skip
    trials = found.trials
    within = trials[(trials.bytes <= 6500) & (trials.loss <= axis.high)]
    assert sorted(back) == within.number.tolist()
    assert [back[k] for k in within.number] == pytest.approx(within.loss.tolist(), abs=5e-4)
    assert len(spots(svg, "lost")) == 1
    assert len(spots(svg, "above")) == int((trials.loss > axis.high).sum()) > 0
    assert len(spots(svg, "without")) == int(
        ((trials.bytes > 6500) & (trials.loss <= axis.high)).sum()
    )
    assert len(spots(svg, "t-ring")) == 3
    (line,) = re.findall(r'class="best" d="([^"]+)"', svg)
    lowest = trials.loss.where(trials.bytes <= 6500).cummin().dropna().unique()
    assert len(re.findall("[MV]", line)) == len(lowest)


def test_the_page_has_each_number_once_and_no_script():
    page = plain(12, difference=(-0.05, -0.01), lost=(4,)).page("my <table>")
    assert "The tuned model is better than the default" in page
    assert "my &lt;table&gt;" in page
    assert "<script" not in page
    assert "Which settings mattered is not known" in page
    assert "no loss: diverged" in page
    rows = re.findall(r'<tr><th scope="row">(\d+)(?:, the default)?</th><td>([^<]*)</td>', page)
    assert [int(number) for number, _ in rows] == list(range(12))
    expected = plain(12, lost=(4,)).trials.loss.tolist()
    found = [float(value) if value != "diverged" else np.nan for _, value in rows]
    assert found == pytest.approx(expected, rel=1e-4, nan_ok=True)


def test_a_page_of_200_trials_is_below_120_kilobytes():
    assert len(plain(200, max_size=6500, lost=(5, 9)).page().encode()) <= 120_000


def test_the_space_of_the_article_is_a_map_for_each_number_of_layers():
    found = simulated(lambda v: v["learning_rate_init"] / v["width"] * v["layers"], 30, "article")
    vars(found)["shares"] = None
    page = found.page()
    (part,) = re.findall(r'<section id="article".*?</section>', page, re.DOTALL)
    lowest = found.trials[1:].groupby("layers").loss.min()  # the default is no such network
    said = re.findall(r"<figcaption>(\d) layers?: the lowest log-loss[a-z ]* is ([\d.e-]+)", part)
    assert [int(k) for k, _ in said] == [1, 2, 3]
    assert [float(each) for _, each in said] == pytest.approx(lowest.tolist(), rel=1e-3)


def test_a_default_with_an_optimizer_of_its_own_stands_at_the_nearest_settings():
    drawn = 'class="default"'
    page = plain(6, space="article").page()
    for key in ("pair", "article"):
        (part,) = re.findall(rf'<section id="{key}".*?</section>', page, re.DOTALL)
        assert "The default has an optimizer of its own" in part
        assert "Its mark stands at the nearest ones." in part
        assert drawn in part
        assert ">the default<" in part
    # Of the pictures for each number of layers, the one with its layers has the mark.
    marked = re.findall(r"<figcaption>(\d) layer(?:(?!</svg>).)*class=\"default\"", part, re.DOTALL)
    assert marked == ["2"]
    # Its loss is not that of the title, and the title says so.
    titles = re.findall(
        r"<figcaption>(\d) layers?: the lowest log-loss( beside the default)?", part
    )
    assert {layers for layers, beside in titles if beside} <= {"2"}
    assert {layers for layers, beside in titles if not beside} <= {"1", "3"}
    assert titles
    # Its loss is a line in each picture that has losses upwards, and in their legend.
    (part,) = re.findall(r'<section id="pair".*?</section>', page, re.DOTALL)
    drawings = re.findall(r"<figcaption>([^<]*)</figcaption><svg.*?</svg>", part, re.DOTALL)
    lines = re.findall(r'<figcaption>([^<]*)</figcaption><svg(?:(?!</svg>).)*"t-even"', part)
    assert lines == [each for each in drawings if each.startswith("log-loss over ")]
    assert ">the loss of the default<" in part
    (course,) = re.findall(r'<section id="course".*?</section>', page, re.DOTALL)
    assert drawn in course
    (part,) = re.findall(r'<section id="pair".*?</section>', plain(6).page(), re.DOTALL)
    assert "it stands at the nearest one" in part
    assert drawn in part


def test_shares_are_on_the_page_as_they_were_found(monkeypatch):
    monkeypatch.setattr(setting_shares, "DRAWS", 3)
    monkeypatch.setattr(setting_shares, "SHUFFLES", 3)
    found = simulated(lambda v: v["dropout"], 30)
    page = found.page()
    assert "dropout (" in page
    assert " mattered</h2>" in page
    first = found.shares.settings[0]
    assert f"<td>{100 * first.share:.1f}</td><td>{100 * first.low:.1f}</td>" in page


def test_odd_values_draw_a_page():
    one = plain(1)
    assert "1 trial of the space" in one.page()
    infinite = plain(4, difference=(-np.inf, np.inf))
    assert 'class="span-line"' not in infinite.page()
    equal = simulated(lambda _: 0.25, 25)
    assert "All trials have the same loss" in equal.page()


def test_a_report_is_saved_and_shown_in_a_notebook(tmp_path):
    found = plain(6)
    found.report(tmp_path / "page.html", name="t")
    assert (tmp_path / "page.html").read_text("utf-8") == found.page("t")
    with pytest.raises(OutputError):
        found.report(tmp_path / "page.html")
    with pytest.raises(SettingsError, match="not written as"):
        found.report(tmp_path / "page.pdf")
    shown = found._repr_html_()
    assert shown.count("<iframe") == 1
    assert 'srcdoc="&lt;!doctype html&gt;' in shown
    assert repr(found) == str(found)


def test_a_default_alone_has_no_tuned_model_in_sentences_and_picture():
    found = plain(3, space="article")
    found.trials["weight"] = [1.0, 0.0, 0.0]
    vars(found)["slots"] = (0,)
    page = found.page()
    assert "The search selects the default alone, of 3 trials." in page
    assert "AUC: 0.965 of the default on rows that chose nothing" in page
    for said in ("the tuned model", "tuned minus default", 'class="span-'):
        assert said not in page
    vars(found)["slots"] = (1,)
    found.trials["weight"] = [0.0, 1.0, 0.0]
    assert "tuned minus default" in found.page()


def test_the_article_has_one_name_for_each_setting_and_whole_numbers_of_trials():
    found = plain(2, space="article")
    page = found.page()
    assert ">Losses over learning rate and units</h2>" in page
    assert "width (log)" not in page
    assert "these are the two of the article." in page
    words = re.findall(r">([^<]+)</text>", course(found.shown(), WIDE))
    assert words[:3] == ["0", "1", "0.2"]  # two trials, and then the axis of losses
    assert "learning_rate_init" not in str(found)
    assert "units " in str(found)


def test_losses_far_apart_stand_on_a_logarithmic_axis():
    found = plain(8)
    found.trials["loss"] = [0.14, 0.1, 0.11, 0.6, 0.5, 0.9, 0.7, 1.2]
    axis = axis_of_losses(found.shown(), "loss")
    assert axis.log
    assert axis.name == "loss (log)"
    middle = math.sqrt(axis.low * axis.high)
    assert axis.share(middle) == pytest.approx(0.5)
    assert [each.words for each in axis.ticks] == ["0.1", "0.2", "0.5", "1"]
