"""What is about the model: the same numbers in JSON, file, terminal, page; no cell of a row."""

import io
import json
import re
import warnings

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

import thalweg
from thalweg.errors import SettingsError
from thalweg.estimators.importance.importance_of_model import find_importance
from thalweg.evaluation.any_estimator.row_origin import Origin
from thalweg.evaluation.splits import holdout_split
from thalweg.jobs.evaluate import EvaluateModelRequest, EvaluateRequest
from thalweg.jobs.evaluate import evaluate as evaluate_job
from thalweg.jobs.fit import FitRequest
from thalweg.jobs.fit import fit as fit_job
from thalweg.jobs.parts.table_options import Columns
from thalweg.jobs.report import ReportRequest
from thalweg.jobs.report import report as report_job
from thalweg.persistence.model_file import read_model
from thalweg.reporting.terminal_verdict import verdict_page
from thalweg.wording import amount

QUICK = {"hidden_layer_sizes": (8,), "max_iter": 40, "n_ensemble": 2}
# Cells that no number on a page is like: each row has some of its own.
MARK = "zq{}x"


def frame_of(kind, n=500):
    rng = np.random.default_rng(4)
    X = pd.DataFrame(rng.normal(size=(n, 2)), columns=["a", "b"])
    # 11 digits, of which the last ones are found in no other number.
    X["a"] = [f"{value:.4f}{7919 * k % 100003:06d}" for k, value in enumerate(X["a"])]
    X["note"] = [MARK.format(k % 90 if k % 3 else k) for k in range(n)]
    z = X["a"].astype(float) + 0.5 * rng.normal(size=n)
    if kind == "number":
        X["y"] = [f"{value:.3f}{7907 * k % 10007:05d}" for k, value in enumerate(z)]
    else:
        edges = [0.0] if kind == "two" else [-0.5, 0.5]
        X["y"] = np.array(["low", "mid", "top"])[np.digitize(z, edges)]
    X["b"] = [f"{value:.3f}{7901 * k % 10007:05d}" for k, value in enumerate(X["b"])]
    return X


@pytest.fixture(scope="module", params=["two", "several", "number"])
def made(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    frame = frame_of(request.param)
    frame.to_csv(folder / "t.csv", index=False)
    asked = FitRequest(
        table=str(folder / "t.csv"), columns=Columns(target="y"), settings=QUICK, seed=0,
        output=str(folder / "m.safetensors"), report=str(folder / "p.html"),
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        outcome = fit_job(asked)
    return request.param, folder, frame, outcome


def shown_in(page):
    """The text of a page without its data and script, and the data."""
    html = page.read_text("utf-8")
    data = json.loads(re.search(r'id="report">(.*?)</script>', html, re.DOTALL)[1])
    body = html[html.index("<body>") : html.index('<script type="application/json"')]
    return re.sub(r"<[^>]*>", " ", body).replace("\u00a0", " "), data


def test_json_file_and_later_report_have_the_same(made):
    _, folder, _, outcome = made
    sections = outcome.result["judgement"]["sections"]
    assert {"importance", "effects", "explained"} <= sections.keys()
    assert sections["importance"] is not None
    assert sections["explained"] is None
    assert "--rows, explains three rows" in sections["left_out"]["explained"]
    stored = read_model(folder / "m.safetensors").judgement["sections"]
    assert stored["explained"] is None
    assert "its cells could be computed" in stored["left_out"]["explained"]
    beside = ("explained", "left_out")
    assert [stored[key] for key in stored if key not in beside] == [
        sections[key] for key in stored if key not in beside
    ]
    report_job(
        ReportRequest(model=str(folder / "m.safetensors"), output=str(folder / "again.html"))
    )
    again, now = (shown_in(folder / name)[1]["sections"] for name in ("again.html", "p.html"))
    assert (again["importance"], again["effects"]) == (now["importance"], now["effects"])
    assert "explained" not in {**now, **again}


def test_page_terminal_and_python_have_the_same_numbers(made):
    kind, folder, frame, outcome = made
    judged = outcome.result["judgement"]
    importance = judged["sections"]["importance"]
    words, data = shown_in(folder / "p.html")
    told = io.StringIO()
    Console(file=told, width=200).print(verdict_page(judged))
    terminal = " ".join(told.getvalue().split())
    drawn = {line["name"]: line for line in data["sections"]["importance"]["lines"]}
    for line in importance["lines"]:
        assert drawn[line["name"]]["value"] == pytest.approx(100 * line["share"], rel=1e-3)
        assert amount(line["value"], 3) in words
        if line["shown"] and not line["group"]:
            assert f"{amount(100 * line['share'], 3)} %" in terminal
    curves = judged["sections"]["effects"]["curves"]
    of_page = {(e["column"], c["output"]): c for e in data["sections"]["effects"]["effects"]
               for c in e["curves"]}  # fmt: skip
    for curve in curves:
        own = of_page[curve["column"], curve["output"]]
        times = 100 if judged["sections"]["effects"]["scale"] == "probability" else 1  # points
        mean = [None if each is None else times * each for each in curve["mean"]]
        assert own["mean"] == pytest.approx(mean, rel=1e-3, abs=1e-12)
    # In Python, from the same rows.
    model = outcome.model
    places = np.unique(_test_places(kind, frame, outcome))
    X, y = frame[["a", "b", "note"]], frame["y"].to_numpy()
    y = y.astype(float) if kind == "number" else y
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # Groups are found in the whole table, and the rows that did not train the model are asked.
        train = np.setdiff1d(np.arange(len(y)), places)
        found = find_importance(model, X, y, origin=Origin(len(y), train))
        effects = thalweg.effects(model, X.iloc[places], ["a"])
    assert [line["value"] for line in importance["lines"]] == found.frame()["value"].tolist()
    (first, *_) = (each for each in curves if each["column"] == "a")
    assert first["mean"] == pytest.approx(effects["a"].mean.tolist(), rel=1e-5, abs=1e-12)


def _test_places(kind, frame, outcome):
    from thalweg.evaluation.task_judging import OneNumber, task_of

    y = frame["y"].to_numpy()
    y = y.astype(float) if kind == "number" else y
    task = OneNumber() if kind == "number" else task_of(y)
    matrix = thalweg.load_table(frame, target="y").frame
    from thalweg.data.schema.schema import infer_schema

    schema = infer_schema(matrix)
    return holdout_split(schema.matrix(matrix), task.kind.strata(y), fraction=0.2, seed=0)[1]


def cells_in(text, frame, columns):
    """The cells of these columns that stand in a text, to nine letters."""
    return {
        cell
        for name in columns
        for cell in frame[name].unique()
        if len(cell) >= 9 and cell.lstrip("-")[:9] in text
    }


def test_no_cell_of_any_row_is_on_the_page_without_rows(made):
    """Except the ends of bins with which the network encodes, as the page says."""
    kind, folder, frame, outcome = made
    columns = ["a", "b", *(["y"] if kind == "number" else [])]
    words, data = shown_in(folder / "p.html")
    data.pop("network", None)
    page = words + json.dumps(data)
    assert cells_in(page, frame, columns) == set()
    about = {key: outcome.result["judgement"]["sections"][key]
             for key in ("importance", "effects")}  # fmt: skip
    assert cells_in(json.dumps(about), frame, columns) == set()
    html = (folder / "p.html").read_text("utf-8")
    assert "zq" not in re.search(r'<section id="explained".*?</section>', html, re.DOTALL)[0]


def test_a_cell_would_be_seen(made):
    """The test above can fail: this is what it would see."""
    _, folder, frame, _ = made
    words, _ = shown_in(folder / "p.html")
    assert len(cells_in(words + str(frame["a"][17]), frame, ["a", "b"])) == 1


def test_rows_shows_cells_on_the_page_and_never_in_the_file(made):
    _, folder, frame, _ = made
    asked = FitRequest(
        table=str(folder / "t.csv"), columns=Columns(target="y"), settings=QUICK, seed=0,
        output=str(folder / "r.safetensors"), report=str(folder / "r.html"), rows=True,
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        outcome = fit_job(asked)
    rows = outcome.result["judgement"]["sections"]["explained"]["rows"]
    for row in rows:
        own = frame.iloc[row["row"] - 1]
        assert row["truth"][:6] == str(own["y"])[:6]
        for bar in row["bars"]:
            assert str(own[bar["column"]])[:6] == bar["cell"][:6]
    words, data = shown_in(folder / "r.html")
    for row, drawn in zip(rows, data["sections"]["explained"], strict=True):
        assert f"row {row['row']} of the table" in words
        assert row["sentence"] in words
        assert [bar["value"] for bar in drawn["bars"]] == [bar["value"] for bar in row["bars"]]
    assert "no row of the table except those that are explained" in words
    assert read_model(folder / "r.safetensors").judgement["sections"]["explained"] is None


PAGES = {"with the model": {}, "without": {"no_what_if": True}}


def page_parts(path):
    """What a page says in its places, and all numbers of its data."""
    html = path.read_text("utf-8")
    blocks = re.findall(r'<script type="application/json" id="([\w-]+)">(.*?)</script>', html, re.S)
    data = {name: json.loads(block) for name, block in blocks}
    body = re.sub(r"<script.*?</script>", "", html, flags=re.S)
    ids = re.findall(r'<section id="([\w-]+)".*?</section>', body, re.S)
    sections = dict(re.findall(r'<section id="([\w-]+)"(.*?)</section>', body, re.S))
    assert list(sections) == ids
    return data, sections


def holds_weights(data, sections):
    """Whether a page has a panel, a block of weights, or lines that are weights."""
    drawn = "<svg" in sections["network"] or "network-picture" in sections["network"]
    return bool(drawn or "what-if-model" in data or "network" in data["report"])


@pytest.mark.quick_each(2)
@pytest.mark.parametrize("rows", [False, True])
@pytest.mark.parametrize("kind", PAGES)
def test_rows_are_explained_if_a_person_asks_and_no_weight_is_there_without_the_model(
    made, kind, rows
):
    _, folder, _, _ = made
    page = folder / f"{kind}-{rows}.html"
    table = EvaluateModelRequest(
        model=str(folder / "m.safetensors"), table=str(folder / "t.csv"), rows=rows
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        report_job(ReportRequest(model=table.model, rows=table, output=str(page), **PAGES[kind]))
    data, sections = page_parts(page)
    assert holds_weights(data, sections) is (kind == "with the model")
    assert ("explained" in data["report"]["sections"]) is rows
    assert ("explained-0-picture" in sections["explained"]) is rows
    assert ("explains three rows, with their cells" in sections["explained"]) is not rows
    assert ("type its cells into the panel" in sections["explained"]) is (
        kind == "with the model" and not rows
    )
    if kind == "without":
        assert "it has no weights." in sections["network"]


def test_no_number_of_such_a_page_is_a_weight(made):
    kind, folder, _, outcome = made
    weights = {f"{abs(w):.6g}" for w in outcome.model.theta_.tolist() if w}
    shares = {}
    for name, more in PAGES.items():
        path = folder / f"{name}.html"
        report_job(ReportRequest(model=str(folder / "m.safetensors"), output=str(path), **more))
        html = path.read_text("utf-8")
        numbers = {f"{abs(float(n)):.6g}" for n in re.findall(r"-?\d*\.\d+(?:e-\d+)?", html)}
        shares[name] = len(weights & numbers) / len(weights)
    assert shares["without"] == 0
    if kind == "two":  # its drawing has the weights as numbers
        assert shares["with the model"] > 0.95


def test_rows_needs_a_report(tmp_path):
    frame_of("two").to_csv(tmp_path / "t.csv", index=False)
    with pytest.raises(SettingsError, match="no report is asked for"):
        fit_job(FitRequest(table=str(tmp_path / "t.csv"), columns=Columns(target="y"), rows=True))


def test_a_saved_model_is_described_by_rows_that_did_not_train_it(made):
    _, folder, _, outcome = made
    file = str(folder / "m.safetensors")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = evaluate_job(EvaluateModelRequest(model=file, table=str(folder / "t.csv")))
    own = found.judgement["sections"]
    of_fit = outcome.result["judgement"]["sections"]
    assert own["importance"]["lines"] == of_fit["importance"]["lines"]
    assert own["effects"]["curves"] == of_fit["effects"]["curves"]
    assert own["explained"] is None
    assert own["left_out"]["explained"] == of_fit["left_out"]["explained"]


def test_cross_validation_asks_the_rows_of_all_folds(made):
    _, folder, _, _ = made
    request = EvaluateRequest(
        table=str(folder / "t.csv"), columns=Columns(target="y"), settings=QUICK, folds=2,
        repeats=1,
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sections = evaluate_job(request).judgement["sections"]
    found = sections["importance"]["found"]
    assert (found["how"], found["n_rows"], found["n_networks"]) == ("cross-validated", 500, 0)
    assert sections["importance"]["lines"][0]["name"].split(",")[0] == "a"
    assert found["loss"] < found["constant_loss"]
    assert sections["effects"] is sections["explained"] is None
    assert "each fold has a model of its own" in sections["left_out"]["effects"]


def test_too_few_held_out_rows_are_a_sentence_that_says_where_to_look(tmp_path):
    frame_of("two", 150).to_csv(tmp_path / "t.csv", index=False)
    asked = FitRequest(
        table=str(tmp_path / "t.csv"), columns=Columns(target="y"), settings=QUICK,
        report=str(tmp_path / "p.html"),
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        judged = fit_job(asked).result["judgement"]
    why = judged["sections"]["left_out"]["importance"]
    assert "at least 50" in why
    assert "thalweg evaluate TABLE" in why
    words, data = shown_in(tmp_path / "p.html")
    assert "Which columns the network leans on is not shown" in words
    assert "importance" not in data["sections"]
