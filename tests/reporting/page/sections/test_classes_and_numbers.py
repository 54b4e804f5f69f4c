"""Report, terminal, notebook and command line for several classes and for regression."""

import io
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from reports import HOSTILE
from slow_cases import slow_but
from stored_pages import without_explained
from thalweg import ThalwegClassifier, ThalwegRegressor, __version__, load_model
from thalweg.errors import DataError
from thalweg.evaluation.judged_test_set import judge_on_holdout
from thalweg.evaluation.task_judging import OneNumber, task_of
from thalweg.reporting.figures.model_plots import plot_confusion_matrix, plot_predictions
from thalweg.reporting.html_pieces import not_what_matters
from thalweg.reporting.notebook_html import html_repr
from thalweg.reporting.page.report_page import column_facts, report_data, report_html
from thalweg.reporting.terminal_verdict import mistakes_table, print_verdict

QUICK = {"random_state": 0, "max_iter": 6, "hidden_layer_sizes": (5,), "early_stopping": False}


def table(n_rows=150, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n_rows, 3))
    return pd.DataFrame(X, columns=["a", "b", "c"]), X[:, 0] * 2 + rng.normal(size=n_rows)


def judged(kind, names=("low", "middle", "high"), n_classes=3, n_ensemble=1, loss="squared_error"):
    """A report, the verdict and the model."""
    frame, y = table()
    matrix, facts = frame.to_numpy(), {}
    if kind == "classes":
        edges = np.quantile(y, np.arange(1, n_classes) / n_classes)
        y = np.array(names, object)[np.searchsorted(edges, y)]
        model, task = ThalwegClassifier(**QUICK, n_ensemble=n_ensemble), task_of(y)
        facts["class_counts"] = {str(label): int((y == label).sum()) for label in np.unique(y)}
    else:
        model, task = ThalwegRegressor(loss, **QUICK, n_ensemble=n_ensemble), OneNumber()
        facts["target_range"] = {"low": -5.0, "median": 0.0, "high": 5.0}
    verdict = judge_on_holdout(model, frame, y, task=task, seed=0, matrix=matrix)
    about = {
        "name": "made up", "target": "size", "notes": [], **facts,
        "columns": column_facts(list(frame), ["number"] * 3, matrix),
    }  # fmt: skip
    shown = verdict.shown.as_dict() if verdict.shown else None
    report = report_data(model, about, verdict.as_dict(), shown, version=__version__)
    return report, verdict, model


def shown(verdict):
    console = Console(width=80, no_color=True, record=True, file=io.StringIO())
    print_verdict(console, verdict.as_dict())
    return console.export_text()


@pytest.mark.parametrize(
    ("confusion", "says"),
    [
        ([[9, 2, 0], [0, 9, 1], [0, 0, 9]], "most often, 2 times, high is called low<"),
        (
            [[9, 2, 0], [0, 9, 2], [1, 0, 9]],
            "most often, 2 times each, high is called low and low is called middle<",
        ),
        (
            [[9, 1, 1], [1, 9, 1], [0, 1, 9]],
            "most often, 1 time each, high is called low, high is called middle, low is called "
            "high and 2 more<",
        ),
    ],
)
def test_the_most_common_mistakes_are_all_named(confusion, says):
    report, _, _ = judged("classes")
    assert list(report["verdict"]["classes"]) == ["high", "low", "middle"]
    report["verdict"]["network"]["confusion"] = confusion
    assert says in re.sub(r"</?(?:b|i|em|bdi|span)[^>]*>", "", report_html(report))


@pytest.mark.parametrize("kind", ["classes", "numbers"])
@pytest.mark.parametrize("n_ensemble", [1, 3])
def test_the_page_is_whole(kind, n_ensemble):
    report, verdict, _ = judged(kind, n_ensemble=n_ensemble)
    page = report_html(report)
    sections = re.findall(r'<section id="(\w+)"', page)
    own = ["classes", "confusion"] if kind == "classes" else ["residuals"]
    assert sections == ["metrics", *own, "training", "table", "network", "made"]
    for name, each in verdict.network.metrics.items():
        is_share = kind == "classes" or name == "r2"
        written = f"<b>{each.value:.3f}</b>" if is_share else f"<b>{each.value:#.4g}</b>"
        assert written in page, name
    assert ("network 1 of 3 that are averaged" in page) == (n_ensemble == 3)
    data = json.loads(re.search(r'id="report">(.*?)</script>', page, re.S)[1])
    assert data["verdict"] == json.loads(json.dumps(verdict.as_dict()))
    assert "curves" not in data
    # The page's policy allows no style but its own sheet.
    assert ' style="' not in page
    assert "nan" not in page.split("<script")[0]


def test_the_page_counts_every_row_of_numbers():
    report, verdict, _ = judged("numbers")
    page = report_html(report)
    tips = [int(n.replace(",", "")) for n in re.findall(r"<title>([\d,]+)</title></rect>", page)]
    assert sum(tips) == 2 * verdict.n_test
    rmse = verdict.network.metrics["rmse"].value
    assert f"off by {rmse:.5g} (root mean square)" in page


def section_of(page, key):
    return re.search(rf'<section id="{key}".*?</section>', page, re.S)[0]


def test_of_numbers_the_pictures_say_what_a_reader_asks():
    """The mean and the largest error; and the numbers of rows of bars and shades."""
    report, verdict, _ = judged("numbers")
    part = section_of(report_html(report), "residuals")
    mae, shown = verdict.network.metrics["mae"].value, verdict.shown
    title = re.search(r"<h2.*?>(.*?)</h2>", part)[1]
    assert title == (
        f"Predictions are off by {mae:#.3g} on average, the worst of 30 by {shown.reach:#.3g}"
    )
    cells, bars = re.findall(r"<svg.*?</svg>", part, re.S)
    marks = re.findall(r'class="mark[^"]*">(.*?)</text>', bars)
    assert {"0", str(shown.residuals.max()), "rows"} <= set(marks)
    key = re.search(r"rows per cell</text>(.*)", cells, re.S)[1]
    counts = [int(n) for n in re.findall(r">(\d+)</text>", key)]
    assert counts == sorted(set(counts))
    assert (counts[0], counts[-1]) == (1, shown.counts.max())
    # A shade of the key is that of the cells with so many rows.
    of_cells = dict(re.findall(r'fill-opacity="([\d.]+)"><title>(\d+)</title>', cells))
    of_key = re.findall(r'fill-opacity="([\d.]+)"/><text [^>]*>(\d+)<', key)
    assert of_key
    assert all(of_cells[shade] == count for shade, count in of_key if shade in of_cells)
    assert sum(shade in of_cells for shade, _ in of_key) > 1


def test_numbers_side_by_side_have_as_many_digits():
    """22.00 beside 13.12: both have equal precision. Beside four models, ends have three digits."""
    report, _, _ = judged("numbers")
    rmse = report["verdict"]["baselines"]["ridge regression"]["metrics"]["rmse"]
    rmse.update(value=22.0, low=13.12, high=30.5)
    assert '<b>22.00</b> <span class="soft">[13.12, 30.50]</span>' in report_html(report)
    console = Console(width=100, no_color=True, record=True, file=io.StringIO())
    print_verdict(console, report["verdict"])
    shown = console.export_text()
    assert "22.00" in shown
    assert "[13.12, 30.50]" in shown
    for part in ("baselines", "differences"):
        del report["verdict"][part]["boosted trees"]
    console = Console(width=100, no_color=True, record=True, file=io.StringIO())
    print_verdict(console, report["verdict"])
    assert "22.00 [13.12, 30.50]" in console.export_text()


def test_intervals_of_numbers_are_all_by_bootstrap():
    """Wilson's intervals are for shares, which a regression does not have."""
    for kind in ("numbers", "classes"):
        report, _, _ = judged(kind)
        part = section_of(report_html(report), "metrics")
        assert ("Wilson (shares)" in part) == (kind == "classes")
        losses = "RMSE and MAE" if kind == "numbers" else "log-loss and Brier score"
        assert f"of {losses}, less is better" in part


@pytest.mark.parametrize("kind", ["numbers", "classes"])
def test_the_page_has_the_strongest_baseline_first(kind):
    report, verdict, _ = judged(kind)
    key = "rmse" if kind == "numbers" else "log_loss"
    losses = {name: each.metrics[key].value for name, each in verdict.baselines.items()}
    report["verdict"]["baselines"] = dict(sorted(report["verdict"]["baselines"].items()))
    heads = re.findall(r'<th scope="col">(.*?)</th>', section_of(report_html(report), "metrics"))
    assert heads == ["network", *sorted(losses, key=losses.get)]


@pytest.mark.parametrize(
    ("loss", "words"),
    [
        ("quantile:level=0.9", "the network had a pinball loss at 0.9 of"),
        ("absolute_error", "the network had an MAE of"),
    ],
)
def test_the_headline_speaks_of_the_loss_that_was_descended_on(loss, words):
    """A quantile has a bad RMSE and R² because it is a quantile."""
    report, _, _ = judged("numbers", loss=loss)
    page = report_html(report)
    headline = re.search(r"<h1.*?>(.*?)</h1>", page, re.S)[1]
    assert words in headline
    assert "R²" not in headline
    assert "root mean square" not in headline
    title = re.search(r"<h2.*?>(.*?)</h2>", section_of(page, "residuals"))[1]
    if loss == "quantile:level=0.9":
        assert "above or below the predicted 0.9 quantile on average" in title
        assert "no error of a quantile" in title
    else:
        assert title.startswith("Predictions are off by ")


def test_the_page_shows_the_whole_confusion():
    report, verdict, _ = judged("classes")
    page = report_html(report)
    section = re.search(r'<section id="confusion".*?</section>', page, re.S)[0]
    cells = re.findall(r"<td>(.*?)</td>", section)
    found = [int(re.sub(r"<.*?>", "", cell)) for cell in cells]
    assert found == [n for row in verdict.network.confusion for n in row]
    report, verdict, _ = judged("classes", [f"class {k:02}" for k in range(15)], 15)
    assert "Most common mistakes" in report_html(report)


def test_the_title_of_the_classes_says_how_many_rows_the_lowest_recall_is_of():
    report, _, _ = judged("classes")
    network = report["verdict"]["network"]
    network["confusion"] = [[0, 1, 0], [0, 10, 0], [0, 1, 9]]
    for each, recall in zip(network["recall"], (0.0, 1.0, 0.9), strict=True):
        each["value"] = recall
    said = re.search(r"<h2.*?>(.*?)</h2>", section_of(report_html(report), "classes"))[1]
    assert said.endswith(" has the lowest recall: 0 of 1 row")
    network["n_effective"] = 20.0
    said = re.search(r"<h2.*?>(.*?)</h2>", section_of(report_html(report), "classes"))[1]
    assert said.endswith(" has the lowest recall: 0.000 of its rows by weight")


def test_sums_of_weights_are_called_no_rows():
    report, _, _ = judged("classes")
    network = report["verdict"]["network"]
    network["n_effective"] = 20.0
    network["confusion"] = [[8.5, 1.5, 0.0], [0.0, 10.0, 0.0], [0.0, 1.0, 9.0]]
    page = report_html(report)
    headline = re.search(r"<h1.*?>(.*?)</h1>", page, re.S)[1]
    assert "assigned 91.7\N{NO-BREAK SPACE}% of the weight to the right one of 3" in headline
    part = section_of(page, "confusion")
    title = re.search(r"<h2.*?>(.*?)</h2>", part)[1]
    assert title.startswith("8.33\N{NO-BREAK SPACE}% of the weight is assigned to a wrong class")
    assert "5\N{NO-BREAK SPACE}% of the weight, <bdi>high</bdi> is called <bdi>low</bdi>" in title
    assert "sums of weights, scaled to the number of rows" in part


def test_names_from_the_table_are_text():
    names = [f"{HOSTILE[k]} {k}" for k in (0, 2, 8)]
    report, _, model = judged("classes", names)
    page = report_html(report)
    body = page.split("<body>")[1].split("<script")[0]
    assert "<img src=x" not in body
    assert "window.hacked=1</script>" not in body
    assert "&lt;script&gt;" in body
    assert "<img src=x" not in html_repr(model).split('class="thalweg"')[1]


def test_what_is_absent_is_named():
    report, _, _ = judged("numbers")
    del report["curves"]["counts"]
    with pytest.raises(DataError, match="needs counts"):
        report_html(report)
    report, _, _ = judged("classes")
    del report["network"]["outputs"]
    with pytest.raises(DataError, match="needs outputs"):
        report_html(report)


def test_the_terminal_shows_classes_and_mistakes():
    _, verdict, _ = judged("classes")
    text = shown(verdict)
    assert max(map(len, text.splitlines())) <= 80
    for word in ("macro AUC", "balanced acc.", "recognised", "in truth", "middle"):
        assert word in text
    _, many, _ = judged("classes", [f"class {k:02}" for k in range(12)], 12)
    assert "the most common mistakes" in " ".join(shown(many).split())
    _, numbers, _ = judged("numbers")
    text = shown(numbers)
    assert "RMSE" in text
    assert "ridge regression" in text
    assert "recognised" not in text


def test_the_ten_commonest_mistakes_are_shown_and_no_more():
    # Class i is called class i + 1 in 20 - i rows.
    confusion = np.diag([50] * 12) + np.diag(range(20, 9, -1), 1)
    names = [f"class {k:02}" for k in range(12)]
    console = Console(width=80, no_color=True, file=io.StringIO())
    console.print(mistakes_table({"confusion": confusion.tolist()}, names))
    rows = [line.split() for line in console.file.getvalue().splitlines() if "class" in line]
    wanted = [f"class {k:02} class {k + 1:02} {20 - k}".split() for k in range(10)]
    assert rows == wanted


def test_a_notebook_shows_them():
    _, _, model = judged("classes")
    assert "logit of low" in html_repr(model)
    assert "high" in html_repr(model)
    _, _, model = judged("numbers", n_ensemble=2)
    shown = html_repr(model)
    assert "Predicts" in shown
    assert "network 1 of 2 that are averaged" in shown
    frame, y = table()
    model.set_params(early_stopping="folds").fit(frame, y)
    assert "Out-of-fold" in html_repr(model)
    model.plot_history()


@pytest.mark.parametrize("dark", [False, True])
def test_predictions_as_a_picture(dark):
    _, _, model = judged("numbers")
    frame, y = table()
    picture = plot_predictions(model, frame, y, dark=dark)
    drawn = picture.axes[0].lines[1]
    np.testing.assert_allclose(np.sort(drawn.get_ydata()), np.sort(y))
    np.testing.assert_allclose(np.sort(drawn.get_xdata()), np.sort(model.predict(frame)))
    assert sum(patch.get_height() for patch in picture.axes[1].patches) == len(y)
    assert "root mean square" in picture.title
    assert picture._repr_png_()[0][:4] == b"\x89PNG"
    assert model.plot_predictions(frame, y).title == picture.title
    with pytest.raises(DataError, match="do not match"):
        plot_predictions(model, frame, y[:9])


def test_pictures_of_two_classes_refuse_more():
    _, _, model = judged("classes")
    frame, _ = table()
    with pytest.raises(DataError, match="is for two classes, and the model has 3"):
        plot_confusion_matrix(model, frame, np.array(["low"] * 150))


# ---- the command line


@pytest.fixture
def tables(tmp_path):
    frame, y = table()
    kinds = np.array(["low", "middle", "high"])[np.digitize(y, [-1, 1])]
    frame.assign(kind=kinds).to_csv(tmp_path / "kinds.csv", index=False)
    frame.assign(size=y).to_csv(tmp_path / "sizes.csv", index=False)
    whole = (np.arange(150) * 7) % 5
    frame.assign(rank=whole).to_csv(tmp_path / "ranks.csv", index=False)


FAST = ("--no-trees", "--epochs", "3", "--hidden", "4", "-q")


def test_several_classes_from_fit_to_report(cli, tables):
    code, out, err = cli(
        "fit", "kinds.csv", "--target", "kind", "-o", "m", "--report", "r.html", *FAST,
        "--class-weight", "low=3", "--ensemble", "2", "--early-stopping", "cv",
        "--predictions", "held.csv",
    )  # fmt: skip
    assert (code, err) == (0, "")
    assert "3 logits" in out
    assert "the mean of 2 such networks" in " ".join(out.split())
    code, out, _ = cli("predict", "m", "kinds.csv", "-q")
    lines = out.splitlines()
    assert lines[0] == "prediction,p_high,p_low,p_middle"
    model, frame = load_model("m"), pd.read_csv("kinds.csv").drop(columns="kind")
    told = [line.split(",")[0] for line in lines[1:]]
    assert told == model.predict(frame).tolist()
    assert model.settings_["class_weight"] == {"low": 3.0}
    code, out, _ = cli("show", "m")
    assert "Target     kind: high, low, middle" in out
    code, out, _ = cli("evaluate", "m", "kinds.csv", "--json")
    judgement = json.loads(out)["result"]["judgement"]
    assert judgement["task"] == "multiclass"
    # The rows that did not train the model are those that fit held out.
    held = pd.read_csv("held.csv")["row"].to_numpy() - 1
    assert sum(map(sum, judgement["network"]["confusion"])) == len(held) == 30
    right = (np.array(told) == pd.read_csv("kinds.csv")["kind"].to_numpy())[held]
    assert np.mean(right) == pytest.approx(judgement["network"]["metrics"]["accuracy"]["value"])
    code, out, _ = cli("report", "m")
    assert code == 0
    assert without_explained(out) == without_explained(Path("r.html").read_bytes())


def test_numbers_from_fit_to_report(cli, tables):
    code, out, err = cli(
        "fit", "sizes.csv", "--target", "size", "-o", "m", "--report", "r.html", *FAST,
        "--loss", "huber:delta=2", "--predictions", "held.csv",
    )  # fmt: skip
    assert (code, err) == (0, "")
    assert "RMSE" in out
    assert "1 value" in out
    assert load_model("m").loss == "huber:delta=2.0"
    code, out, _ = cli("predict", "m", "sizes.csv", "-q")
    lines = out.splitlines()
    assert lines[0] == "prediction"
    frame = pd.read_csv("sizes.csv")
    predicted = load_model("m").predict(frame.drop(columns="size"))
    assert [float(line) for line in lines[1:]] == predicted.tolist()
    code, out, _ = cli("evaluate", "m", "sizes.csv", "--json")
    document = json.loads(out)
    held = pd.read_csv("held.csv")["row"].to_numpy() - 1  # the others trained the model
    rmse = np.sqrt(np.mean((predicted - frame["size"])[held] ** 2))
    metrics = document["result"]["judgement"]["network"]["metrics"]
    assert metrics["rmse"]["value"] == pytest.approx(rmse)
    assert document["data"]["classes"] is None
    assert document["data"]["range"]["low"] == pytest.approx(frame["size"].min())
    code, out, _ = cli("report", "m", "--json")
    assert "residuals" in json.loads(out)["result"]["page"]
    code, out, _ = cli(
        "evaluate", "sizes.csv", "--target", "size", "--repeats", "1", "--folds", "2", *FAST
    )
    assert "Evaluated by 2-fold cross-validation, once." in out


@pytest.mark.parametrize(
    ("task", "name", "says"),
    slow_but(
        [(None, "ranks.csv", "5 logits"), ("regression", "ranks.csv", "1 value")],
        [
            (None, "ranks.csv", "5 logits"),
            ("regression", "ranks.csv", "1 value"),
            (None, "sizes.csv", "1 value"),
            (None, "kinds.csv", "3 logits"),
        ],
    ),
)
def test_the_task_follows_from_the_target_unless_it_is_said(cli, tables, task, name, says):
    target = {"ranks.csv": "rank", "sizes.csv": "size", "kinds.csv": "kind"}[name]
    how = ("--task", task) if task else ()
    code, out, _ = cli("fit", name, "--target", target, *how, *FAST)
    assert code == 0
    assert says in out


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("kinds.csv", "--target", "kind", "--task", "regression"), 1, "The target is not numeric"),
        (("kinds.csv", "--target", "kind", "--loss", "huber"), 2, "--loss is for targets"),
        (("sizes.csv", "--target", "size", "--class-weight", "balanced"), 2, "--class-weight is"),
        (("kinds.csv", "--target", "kind", "--positive", "low"), 1, "leave out --positive"),
        (("sizes.csv", "--target", "size", "--task", "sums"), 2, "not a known value"),
        (("sizes.csv", "--target", "size", "--loss", "cubed"), 2, "no loss 'cubed'"),
        (
            ("kinds.csv", "--target", "kind", "--class-weight", "low"),
            2,
            "not give weights of classes",
        ),
        (("kinds.csv", "--target", "kind", "--dropout", "1"), 2, "below 1, or auto"),
    ],
)
def test_what_does_not_fit_the_target_is_said(cli, tables, arguments, code, says):
    found, _, err = cli("fit", *arguments, *FAST)
    assert found == code
    assert says in " ".join(err.split())


def test_numbers_carry_the_unit_of_the_target():
    report, _, _ = judged("numbers")
    assert "Tage" not in report_html(report)
    report["table"]["unit"] = "Tage"
    page = report_html(report)
    unit = "\u00a0<bdi>Tage</bdi>"
    assert f"{unit} (root mean square)" in page
    assert f"{unit} on average" in page
    assert f"5{unit}, median 0{unit}" in page


def test_what_inputs_a_column_has_is_said_only_where_it_is_true():
    report, _, _ = judged("numbers")
    report["network"]["encoding"]["low"] = [None] * 3
    page = report_html(report)
    assert "many inputs" not in page
    assert "Columns share information" in page
    assert not_what_matters(bins=True, categories=False).startswith("A numeric column has many")
    assert "numeric" not in not_what_matters(bins=False, categories=True)


def test_the_label_of_the_best_epoch_has_a_halo():
    page = report_html(judged("numbers")[0])
    assert re.search(r"\.best text\{[^}]*stroke:var\(--page\)[^}]*paint-order:stroke", page)
