"""Figures show the numbers that they are given, and nothing on them hides anything else."""

import itertools

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.text import Text
from sklearn.metrics import roc_auc_score

from colours import contrast
from figures import words_of
from thalweg import DataError, SettingsError
from thalweg.evaluation.judging.threshold_curves import curves
from thalweg.evaluation.judging.two_class_metrics import judge
from thalweg.reporting.figures.plots import confusion_figure, history_figure, roc_figure

HOSTILE = [
    ("a", "b"),
    ("$x_{$", "$\\frac$"),
    ("incompressible" * 30, "benign, or malignant of unknown primary tumour " * 9),
    ("two words", "a\x00\nb"),
]


def history(train, valid):
    return [
        {"epoch": i + 1, "train_loss": t, "valid_loss": v}
        for i, (t, v) in enumerate(zip(train, valid, strict=True))
    ]


def falling(n):
    return history([2 / i for i in range(1, n + 1)], [1 / i + i / 99 for i in range(1, n + 1)])


def judged(n=200, threshold=0.5, noise=0.5):
    random = np.random.default_rng(0)
    y = random.random(n) < 0.4
    p = 1 / (1 + np.exp(-random.normal(np.where(y, 2, -2), 3 * noise)))
    return y, p, judge(y, p, threshold=threshold)


def roc(y, p, **settings):
    curve, found = curves(y, p), judge(y, p)
    auc = found.metrics["auc"]
    counts = found.confusion
    return roc_figure(
        curve.roc_false_positive,
        curve.roc_true_positive,
        (auc.value, auc.low, auc.high),
        at=(0.5, counts["false_positive"], counts["true_positive"]),
        **settings,
    )


def histories(dark=False):
    """Histories, in which no class has a name."""
    return {
        "history": history_figure(falling(40), 9, subtitle="seed 0", dark=dark),
        "one epoch": history_figure(history([0.5], [0.25]), 1, dark=dark),
        "long": history_figure(falling(7_000), 3, dark=dark),
        "flat": history_figure(history([0.5, 0.49], [None, None]), 2, dark=dark),
    }


def figures(positive, negative, dark=False):
    """One of each other kind, and what makes them crowded."""
    y, p, found = judged()
    counts = {t: judge(y, p, threshold=t).confusion for t in (0.5, 0.7, 0.9)}
    big = {key: n * 12_345 for key, n in found.confusion.items()}
    names = {"positive": positive, "negative": negative, "subtitle": "200 rows", "dark": dark}
    return {
        "one": confusion_figure({0.5: found.confusion}, **names),
        "three": confusion_figure(counts, **names),
        "thousands": confusion_figure({0.5: big, 0.75: big, 0.9: big}, **names),
        "roc": roc(y, p, **names),
        "sharp roc": roc(*judged(noise=0.1)[:2], **names),
        "useless roc": roc(y, np.full(len(y), 0.3), **names),
    }


NAMED = [*HOSTILE, (None, None)]


@pytest.mark.quick_each(4)
@pytest.mark.parametrize(
    ("positive", "negative"), NAMED, ids=["short", "$", "long", "odd", "histories"]
)
def test_no_word_leaves_the_page_or_lies_on_another(positive, negative):
    drawn = figures(positive, negative) if positive else histories()
    for kind, figure in drawn.items():
        words = words_of(figure)
        assert len(words) > 4
        page = figure.bbox
        for text, box in words:
            inside = box.x0 >= -1 and box.y0 >= -1 and box.x1 <= page.x1 + 1 and box.y1 <= page.y1
            assert inside, f"{kind}: {text!r} leaves the page: {box}"
        for (a, box_a), (b, box_b) in itertools.combinations(words, 2):
            across = min(box_a.x1, box_b.x1) - max(box_a.x0, box_b.x0)
            along = min(box_a.y1, box_b.y1) - max(box_a.y0, box_b.y0)
            # A box is taller than its letters: a touch is none.
            assert across <= 1 or along <= 3, f"{kind}: {a!r} lies on {b!r}"


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_words_are_large_enough(dark):
    for figure in (histories(dark) | figures("malignant", "benign", dark)).values():
        sizes = [t.get_fontsize() for t in figure.findobj(Text) if t.get_text().strip()]
        # 7.5 points are 10 pixels of a figure that is 640 wide.
        assert min(sizes) >= 7.5


def curve(figure, label):
    (line,) = [line for line in figure.axes[0].get_lines() if line.get_label() == label]
    return line


def test_a_history_is_drawn_as_it_is():
    epochs = falling(40)
    figure = history_figure(epochs, 10, subtitle="seed 0")
    for label, key in (("training, penalty included", "train_loss"), ("held out", "valid_loss")):
        x, y = curve(figure, label).get_data()
        assert list(x) == list(range(1, 41))
        assert list(y) == [epoch[key] for epoch in epochs]
    # The lowest of 1/i + i/99 is at √99.
    assert figure.title == "Held-out loss is lowest at epoch 10: 0.201"
    x, y = curve(figure, "kept: epoch 10").get_data()
    assert (list(x), list(y)) == ([10], [epochs[9]["valid_loss"]])
    axes = figure.axes[0]
    assert axes.get_yscale() == "log"
    assert "mean loss of a row, nats (log scale)" in [words for words, _ in words_of(figure)]
    assert axes.get_xlabel().startswith("epoch")
    shown = {line.get_linestyle() for line in axes.get_lines()}
    assert {"-", "--"} <= shown, "colour is not the only difference"


def test_a_history_says_when_another_epoch_was_kept():
    title = history_figure(falling(40), 40).title
    assert title == "Held-out loss is lowest at epoch 10: 0.201, but epoch 40 was kept"


def test_a_history_without_held_out_rows():
    figure = history_figure(history([1.0, 0.5, 0.25], [None] * 3), 3)
    assert figure.title == "Training loss fell from 1 to 0.25 in 3 epochs; no row was held out"
    assert "held out" not in [line.get_label() for line in figure.axes[0].get_lines()]
    x, y = curve(figure, "kept: epoch 3").get_data()
    assert (list(x), list(y)) == ([3], [0.25])


def test_a_history_that_left_the_finite_numbers_ends_with_a_cross():
    figure = history_figure(history([1.0, 0.5, np.inf], [0.6, 0.4, np.nan]), 2)
    crosses = [line for line in figure.axes[0].get_lines() if line.get_marker() == "x"]
    assert [line.get_data()[0] for line in crosses] == [2, 2]
    assert [line.get_data()[1] for line in crosses] == [0.5, 0.4]
    assert figure.title == "Held-out loss is lowest at epoch 2: 0.4"


def test_equal_scores_are_not_called_in_order():
    y = np.arange(8) % 2
    title = roc(y, np.full(8, 0.5), positive="ill", negative="well").title
    assert title == "The scores do not tell ill from well: each score is as common among both"


@pytest.mark.parametrize("train", [[1.0, 0.0], [0.5, -0.5]])
def test_a_loss_that_has_no_logarithm(train):
    figure = history_figure(history(train, [None, None]), 2)
    assert figure.axes[0].get_yscale() == "linear"
    assert "mean loss of a row, nats" in [words for words, _ in words_of(figure)]


def test_no_epoch_is_no_picture():
    with pytest.raises(DataError, match="no epoch"):
        history_figure([], 1)


@pytest.mark.parametrize("lowest", [1e-9, 0.02, 0.4, 0.499])
def test_a_scale_of_losses_has_marks(lowest):
    figure = history_figure(history(np.linspace(0.5, lowest, 20).tolist(), [None] * 20), 20)
    FigureCanvasAgg(figure).draw()
    axes = figure.axes[0]
    low, high = axes.get_ylim()
    labels = [t.get_text() for t, y in zip(axes.get_yticklabels(), axes.get_yticks(), strict=True)
              if low <= y <= high]  # fmt: skip
    assert len(labels) >= 3
    assert len(set(labels)) == len(labels), "two marks say the same"


def test_a_confusion_matrix_shows_its_counts():
    y, p, _ = judged()
    for threshold in (0.1, 0.5, 0.9):
        figure = confusion_figure(
            {threshold: judge(y, p, threshold=threshold).confusion}, "ill", "well"
        )
        missed, alarms = int((y & (p <= threshold)).sum()), int((~y & (p > threshold)).sum())
        assert figure.title == (
            f"Missed: {missed} of {y.sum()} ill; false alarms: {alarms} of {(~y).sum()} well"
        )
        words = [text for text, _ in words_of(figure)]
        cells = words[words.index("called well") + 1 :]
        found, cleared = y.sum() - missed, (~y).sum() - alarms
        assert cells[:12] == [
            f"{found}", "found", f"{found / y.sum():.1%}".replace("%", " %"),
            f"{missed}", "missed", f"{missed / y.sum():.1%}".replace("%", " %"),
            f"{alarms}", "false alarms", f"{alarms / (~y).sum():.1%}".replace("%", " %"),
            f"{cleared}", "cleared", f"{cleared / (~y).sum():.1%}".replace("%", " %"),
        ]  # fmt: skip


def test_thresholds_stand_side_by_side_in_their_order():
    y, p, _ = judged()
    counts = {t: judge(y, p, threshold=t).confusion for t in (0.9, 0.5, 0.7)}
    figure = confusion_figure(counts, "ill", "well")
    missed = [int((y & (p <= t)).sum()) for t in (0.5, 0.9)]
    alarms = [int((~y & (p > t)).sum()) for t in (0.5, 0.9)]
    assert missed[0] < missed[1]
    assert figure.title == (
        f"From 0.5 to 0.9, missed ill go from {missed[0]} to {missed[1]} of {y.sum()}, "
        f"false alarms from {alarms[0]} to {alarms[1]} of {(~y).sum()}"
    )
    heads = [(box.x0, text) for text, box in words_of(figure) if text.startswith("threshold")]
    assert [text for _, text in sorted(heads)] == [f"threshold {t}" for t in (0.5, 0.7, 0.9)]


def test_means_of_counts_and_classes_without_a_row():
    names = ("true_positive", "false_negative", "false_positive", "true_negative")
    counts = dict(zip(names, (1.5, 0.5, 0, 0), strict=True))
    figure = confusion_figure({0.5: counts}, "ill", "well")
    words = [text for text, _ in words_of(figure)]
    assert figure.title == "Missed: 0.5 of 2 ill; false alarms: 0 of 0 well"
    assert words.count("no row") == 2
    assert "1.5" in words


@pytest.mark.parametrize("n", [0, 4])
def test_too_many_matrices_or_none(n):
    counts = judged()[2].confusion
    with pytest.raises(SettingsError, match="one to three"):
        confusion_figure({i / 10: counts for i in range(n)}, "ill", "well")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_words_on_a_tint_can_be_read(dark):
    figure = confusion_figure({0.5: judged(noise=0.1)[2].confusion}, "ill", "well", dark=dark)
    # The narrow boxes are the edges, which no word stands on.
    tints = [box for box in figure.artists if box.get_width() > 1]
    assert len(tints) == 4
    for box in tints:
        assert contrast(figure.palette.ink, to_hex(box.get_facecolor())) >= 4.5


def test_the_roc_curve_is_the_roc_curve():
    y, p, found = judged()
    figure = roc(y, p, positive="ill", negative="well", subtitle="200 rows")
    line = next(line for line in figure.axes[0].get_lines() if len(line.get_xdata()) > 2)
    x, height = line.get_data()
    assert (x[0], height[0], x[-1], height[-1]) == (0, 0, 1, 1)
    auc = roc_auc_score(y, p)
    assert np.trapezoid(height, x) == pytest.approx(auc, abs=1e-12)
    share = f"{100 * auc:.1f}\u00a0%"
    assert figure.title == f"In {share} of all pairs, the ill row scores higher than the well one"
    (point,) = [line for line in figure.axes[0].get_lines() if line.get_marker() == "o"]
    sensitivity, specificity = (
        found.metrics[name].value for name in ("sensitivity", "specificity")
    )
    assert point.get_data()[0] == pytest.approx([1 - specificity], abs=1e-12)
    assert point.get_data()[1] == pytest.approx([sensitivity])
    words = " ".join(text for text, _ in words_of(figure))
    assert f"{100 * sensitivity:.1f} % found" in words
    assert f"{100 * (1 - specificity):.1f} % false alarms" in words
    assert "95 % interval" in words


def test_the_corner_is_enlarged_where_the_curve_hugs_it():
    assert len(roc(*judged(noise=0.1)[:2]).axes) == 2
    y, p, _ = judged(noise=1)
    assert roc_auc_score(y, p) < 0.9
    assert len(roc(y, p).axes) == 1


def test_a_threshold_outside_the_corner_is_not_drawn_beside_it():
    y, p, _ = judged(noise=0.1)
    curve, auc = curves(y, p), judge(y, p).metrics["auc"]
    figure = roc_figure(
        curve.roc_false_positive, curve.roc_true_positive, (auc.value, auc.low, auc.high),
        at=(0.999, 0, 1),
    )  # fmt: skip
    square, corner = (
        [line for line in axes.get_lines() if line.get_marker() == "o"] for axes in figure.axes
    )
    assert len(square) == 1
    assert corner == []


@pytest.mark.parametrize("y", [np.ones(3), np.zeros(3)])
def test_rows_of_one_class_have_no_roc_curve(y):
    curve = curves(y, np.array([0.1, 0.5, 0.9]))
    with pytest.raises(DataError, match="both classes"):
        roc_figure(curve.roc_false_positive, curve.roc_true_positive, (np.nan,) * 3)
